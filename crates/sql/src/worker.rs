//! The worker's side: a process that runs one query at a time and may be killed at any moment.

use std::{
    io::{self, Read, Write},
    ops::Range,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::AtomicBool,
        mpsc::{self, Receiver},
    },
    thread,
};

use bytes::Bytes;
use rollcall_model::{AccountId, InstanceId};
use rollcall_quality::Profile;
use rollcall_store::MinuteRow;

use crate::{
    Printer, SqlError,
    answer::PIECE_BYTES,
    engine::{Engine, Heap, Run},
    frame::{self, FileParts, FromWorker, ToWorker},
    source::{ReadMinutes, Wanted},
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
    let server = Arc::new(Server {
        asking: Mutex::default(),
        messages: Mutex::new(messages),
        output: Mutex::new(Box::new(output)),
    });
    let engine = Engine::new(path, profile, Heap::Own, KEPT);
    let minutes: Arc<dyn ReadMinutes> = server.clone();
    while let Some(message) = server.receive()? {
        let ToWorker::Query(question) = message else { return Err(io::Error::other("minutes without a request")) };
        let query = Run {
            account: question.account,
            names: question.names,
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
    /// Held from a question to its answer: a query reads files on several threads.
    asking: Mutex<()>,
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

impl Server {
    /// Sends a frame and waits for what the server answers to it.
    fn ask(&self, frame: &[u8]) -> Result<ToWorker, SqlError> {
        let gone = |error: io::Error| SqlError::Internal(format!("the server does not answer: {error}"));
        let _one = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        self.send(frame).map_err(gone)?;
        self.receive().map_err(gone)?.ok_or_else(|| gone(io::ErrorKind::UnexpectedEof.into()))
    }
}

fn unexpected() -> SqlError {
    SqlError::Internal("the server answers something else than it was asked for".to_owned())
}

impl ReadMinutes for Server {
    fn read(&self, wanted: &Wanted<'_>) -> Result<Vec<MinuteRow>, SqlError> {
        match self.ask(&wanted.encode())? {
            ToWorker::Minutes(minutes) => minutes,
            _ => Err(unexpected()),
        }
    }

    fn hot_instances(&self, _: AccountId) -> Result<Option<Vec<InstanceId>>, SqlError> {
        match self.ask(&FromWorker::Hot.encode())? {
            ToWorker::Hot(hot) => hot,
            _ => Err(unexpected()),
        }
    }

    fn file_end(&self, _: AccountId, path: &str, bytes: u64) -> Result<Option<(Bytes, u64)>, SqlError> {
        match self.ask(&FromWorker::FileEnd { path: path.to_owned(), bytes }.encode())? {
            ToWorker::File(Ok(Some(FileParts { length, mut parts }))) => Ok(parts.pop().map(|part| (part, length))),
            ToWorker::File(Ok(None)) => Ok(None),
            ToWorker::File(Err(error)) => Err(error),
            _ => Err(unexpected()),
        }
    }

    fn file_ranges(&self, _: AccountId, path: &str, ranges: &[Range<u64>]) -> Result<Option<Vec<Bytes>>, SqlError> {
        match self.ask(&FromWorker::FileRanges { path: path.to_owned(), ranges: ranges.to_vec() }.encode())? {
            ToWorker::File(parts) => Ok(parts?.map(|file| file.parts)),
            _ => Err(unexpected()),
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
