//! The worker's side: a process that runs one query at a time and may be killed at any moment.

use std::{
    io::{self, Read, Write},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::AtomicBool,
        mpsc::{self, Receiver},
    },
    thread,
};

use rollcall_reports::Profile;
use rollcall_store::MinuteRow;

use crate::{
    Printer, SqlError,
    answer::PIECE_BYTES,
    engine::{Engine, Heap, Run},
    frame::{self, FromWorker, ToWorker},
    minutes::{ReadMinutes, Wanted},
};

/// How many connections a worker keeps: those of the accounts that asked last.
const KEPT: usize = 4;

/// Runs the queries of the database at `path` that a [`crate::Workers`] sends over `input`, and answers over `output`, until
/// `input` ends.
///
/// `abandoned` is called when `input` ends while a query runs: the server is gone, and nothing else can end a query that is
/// in the middle of one of SQLite's functions. It should end the process.
///
/// # Errors
/// If a pipe fails or the server sends what is no frame.
pub fn serve_queries(
    path: &Path,
    profile: Profile,
    input: impl Read + Send + 'static,
    output: impl Write + Send + 'static,
    abandoned: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    let (sender, messages) = mpsc::channel();
    // Reads all the time, so that the end of the server is noticed whatever SQLite is doing.
    thread::Builder::new().name("server".to_owned()).spawn(move || {
        let mut input = io::BufReader::new(input);
        while let Ok(Some(frame)) = frame::read(&mut input) {
            if sender.send(frame).is_err() {
                return;
            }
        }
        abandoned();
    })?;
    let server = Arc::new(Server { messages: Mutex::new(messages), output: Mutex::new(Box::new(output)) });
    let engine = Engine::new(path, profile, Heap::Own, KEPT);
    let minutes: Arc<dyn ReadMinutes> = server.clone();
    while let Some(message) = server.receive()? {
        let ToWorker::Query(question) = message else { return Err(io::Error::other("minutes that nobody asked for")) };
        let query = Run {
            account: question.account,
            sql: &question.sql,
            parameters: &question.values,
            limits: question.limits,
        };
        let printer = Printer::new(question.format, Pieces { server: &server, printed: Vec::new() });
        // The server stops a query by ending this process.
        let never = Arc::new(AtomicBool::new(false));
        let said = match engine.run(&minutes, query, printer, never) {
            Ok(printer) => match printer.finish() {
                Ok(_) => FromWorker::Done,
                Err(error) => FromWorker::Failed(SqlError::Internal(error.to_string())),
            },
            Err(error) => FromWorker::Failed(error),
        };
        server.send(&said.encode())?;
    }
    Ok(())
}

/// The other end of the pipes.
struct Server {
    messages: Mutex<Receiver<Vec<u8>>>,
    output: Mutex<Box<dyn Write + Send>>,
}

impl Server {
    /// The next message; `None` once the server is gone.
    fn receive(&self) -> io::Result<Option<ToWorker>> {
        let frame = self.messages.lock().unwrap_or_else(PoisonError::into_inner).recv();
        frame.ok().map(|frame| ToWorker::decode(&frame).map_err(io::Error::other)).transpose()
    }

    /// Sends a frame; waits while the server takes none.
    fn send(&self, frame: &[u8]) -> io::Result<()> {
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        output.write_all(frame)?;
        output.flush()
    }
}

impl ReadMinutes for Server {
    fn read(&self, wanted: &Wanted<'_>) -> Result<Vec<MinuteRow>, SqlError> {
        let gone = |error: io::Error| SqlError::Internal(format!("the server does not answer: {error}"));
        self.send(&wanted.encode()).map_err(gone)?;
        match self.receive().map_err(gone)? {
            Some(ToWorker::Minutes(minutes)) => minutes,
            _ => Err(gone(io::ErrorKind::UnexpectedEof.into())),
        }
    }
}

/// Sends what is printed.
struct Pieces<'s> {
    server: &'s Server,
    printed: Vec<u8>,
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A value may be larger than a piece, and than what a frame should be.
        let taken = bytes.len().min(PIECE_BYTES);
        self.printed.extend_from_slice(&bytes[..taken]);
        if self.printed.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.printed.is_empty() {
            return Ok(());
        }
        let printed = FromWorker::Printed(std::mem::take(&mut self.printed));
        self.server.send(&printed.encode())
    }
}
