//! The server's side: worker processes, turns and deadlines.

use std::{
    ffi::OsString,
    io,
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use rollcall_model::AccountId;
use rollcall_store::MinuteStore;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    Answer, Ask, Question, SqlError,
    answer::{PIECE_BYTES, Piece},
    frame::{self, FileParts, FromWorker, ToWorker, WantedMinutes},
    internal,
    turns::{Bounds, Turn, Turns},
};

/// Maximum number of waiting queries of one account, and of all accounts.
const WAITING_EACH: usize = 16;
const WAITING: usize = 256;
/// How long a query waits for its turn. Together with its run time, this is less than clients wait for a response.
const WAIT: Duration = Duration::from_secs(15);
/// How long a caller may take to read an answer, beyond the query's run time. In total, a query reads the database for
/// a shorter time than an erasure waits for readers.
const READING: Duration = Duration::from_secs(15);
/// How long the system may take to end a killed process before it is replaced.
const ENDING: Duration = Duration::from_secs(1);

/// The worker processes.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// The program that calls [`crate::serve_queries`].
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Number of concurrent queries.
    pub count: usize,
}

/// Runs queries in processes that are killed if a query exceeds its time or fails.
///
/// Accounts take turns, and no account has all workers unless there is only one. A worker serves queries of any account
/// one after the other; nothing of a query is left for the next.
#[derive(Clone)]
pub struct Workers(Arc<Inner>);

struct Inner {
    settings: WorkerSettings,
    minutes: Arc<dyn MinuteStore>,
    turns: Arc<Turns<AccountId>>,
    /// Idle workers; the most recently used is last.
    idle: Mutex<Vec<Worker>>,
}

impl Workers {
    /// Creates workers whose queries read `minutes`.
    #[must_use]
    pub fn new(settings: WorkerSettings, minutes: Arc<dyn MinuteStore>) -> Self {
        let running = settings.count.max(1);
        let running_each = running.saturating_sub(1).max(1);
        let turns =
            Turns::new(Bounds { running, running_each, waiting: WAITING, waiting_each: WAITING_EACH, wait: WAIT });
        Self(Arc::new(Inner { settings, minutes, turns, idle: Mutex::default() }))
    }

    /// Starts a worker, so that the first query need not wait for it.
    ///
    /// # Errors
    /// If the program cannot be started.
    pub fn warm_up(&self) -> io::Result<()> {
        let worker = Worker::start(&self.0.settings)?;
        self.0.idle().push(worker);
        Ok(())
    }
}

#[async_trait]
impl Ask for Workers {
    async fn ask(&self, question: Question) -> Result<Answer, SqlError> {
        let turn = self.0.turns.take(question.account).await?;
        let worker = self.0.worker(question.account).map_err(internal)?;
        let (pieces, answer) = Answer::channel();
        tokio::spawn(Arc::clone(&self.0).serve(turn, worker, question, pieces));
        Ok(answer)
    }
}

impl Inner {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Worker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a worker for a query of `account`, preferably one that has declared its tables.
    fn worker(&self, account: AccountId) -> io::Result<Worker> {
        loop {
            let idle = {
                let mut idle = self.idle();
                let index = idle.iter().rposition(|worker| worker.last == Some(account));
                match index {
                    Some(index) => Some(idle.remove(index)),
                    None if idle.is_empty() => None,
                    None => Some(idle.remove(0)),
                }
            };
            match idle {
                None => return Worker::start(&self.settings),
                Some(mut worker) => {
                    if worker.is_alive() {
                        return Ok(worker);
                    }
                }
            }
        }
    }

    /// Lets a worker answer a query, and keeps it if all went well.
    async fn serve(
        self: Arc<Self>,
        turn: Turn<AccountId>,
        mut worker: Worker,
        question: Question,
        pieces: mpsc::Sender<Piece>,
    ) {
        worker.last = Some(question.account);
        let ended = tokio::select! {
            ended = self.converse(&mut worker, question, &pieces) => ended,
            () = pieces.closed() => End::Kill(None),
        };
        let (last, kept) = match ended {
            End::Keep(last) => (Some(last), true),
            End::Kill(error) => (error.map(Piece::Failed), false),
        };
        if kept {
            self.idle().push(worker);
            drop(turn);
            if let Some(last) = last {
                let _ = pieces.send(last).await;
            }
            return;
        }
        worker.kill();
        // The caller does not wait for the process to end, but the next query does.
        let told = async {
            if let Some(last) = last {
                let _ = timeout(READING, pieces.send(last)).await;
            }
            drop(pieces);
        };
        let replaced = async {
            worker.end().await;
            match Worker::start(&self.settings) {
                Ok(worker) => self.idle().push(worker),
                Err(error) => tracing::error!(%error, "could not start a worker process"),
            }
            drop(turn);
        };
        tokio::join!(told, replaced);
    }

    /// Sends a query to a worker and passes on its answer.
    async fn converse(&self, worker: &mut Worker, question: Question, pieces: &mpsc::Sender<Piece>) -> End {
        let (account, limits) = (question.account, question.limits);
        let begun = Instant::now();
        // The query's time does not run while its reader is slow.
        let mut deadline = begun + limits.time;
        let read_by = deadline + READING;
        let asked = ToWorker::Query(question).encode();
        let too_long = || End::Kill(Some(SqlError::TooLong(limits.time)));
        match timeout_at(deadline, worker.send(&asked)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return End::died(worker, &error),
            Err(_) => return too_long(),
        }
        loop {
            let said = match timeout_at(deadline, worker.receive()).await {
                Ok(Ok(said)) => said,
                Ok(Err(error)) => return End::died(worker, &error),
                Err(_) => return too_long(),
            };
            match said {
                FromWorker::Printed(bytes) => {
                    let waiting = Instant::now();
                    match timeout_at(read_by, pieces.send(Piece::Printed(Bytes::from(bytes)))).await {
                        Ok(Ok(())) => deadline = (deadline + waiting.elapsed()).min(read_by),
                        Ok(Err(_)) => return End::Kill(None),
                        Err(_) => return End::Kill(Some(SqlError::NotRead(READING))),
                    }
                }
                FromWorker::Done => return End::Keep(Piece::End),
                FromWorker::Failed(error) => return End::of(error),
                wanted => {
                    let answer = match timeout_at(deadline, self.answer(account, wanted)).await {
                        Ok(answer) => answer.encode(),
                        Err(_) => return too_long(),
                    };
                    match timeout_at(deadline, worker.send(&answer)).await {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => return End::died(worker, &error),
                        Err(_) => return too_long(),
                    }
                }
            }
        }
    }

    /// What a worker needs for a query of `account`.
    async fn answer(&self, account: AccountId, wanted: FromWorker) -> ToWorker {
        let files = self.minutes.sealed_files();
        match (wanted, files) {
            (FromWorker::Read(wanted), _) => {
                let WantedMinutes { instance, participants, after, limit, fields } = wanted;
                let read = self.minutes.read_fields(account, instance, &participants, after, limit, &fields).await;
                ToWorker::Minutes(read.map_err(internal))
            }
            (FromWorker::Hot, Some(files)) => {
                ToWorker::Hot(files.hot_instances(account).await.map(Some).map_err(internal))
            }
            (FromWorker::FileEnd { path, bytes }, Some(files)) => {
                let end = files.file_end(account, &path, bytes).await.map_err(internal);
                ToWorker::File(end.map(|end| end.map(|(end, length)| FileParts { length, parts: vec![end] })))
            }
            (FromWorker::FileRanges { path, ranges }, Some(files)) => {
                let parts = files.file_ranges(account, &path, &ranges).await.map_err(internal);
                ToWorker::File(parts.map(|parts| parts.map(|parts| FileParts { length: 0, parts })))
            }
            (FromWorker::Hot, None) => ToWorker::Hot(Ok(None)),
            _ => ToWorker::File(Ok(None)),
        }
    }
}

/// How a query ended.
enum End {
    /// Normally: the worker serves the next query.
    Keep(Piece),
    /// The worker cannot be used any more. The error is `None` if nobody waits for one.
    Kill(Option<SqlError>),
}

impl End {
    /// A query that its worker ended with an error.
    fn of(error: SqlError) -> Self {
        match error {
            // After an access that SQLite rejected or could not read, the worker is replaced.
            SqlError::TooMuchMemory(_) | SqlError::Internal(_) => Self::Kill(Some(error)),
            error => Self::Keep(Piece::Failed(error)),
        }
    }

    /// A worker with an invalid response.
    fn died(worker: &mut Worker, error: &io::Error) -> Self {
        let status = worker.child.try_wait().ok().flatten();
        let status = status.map_or_else(|| "still running".to_owned(), |status| status.to_string());
        Self::Kill(Some(SqlError::Internal(format!("the worker process failed: {error} ({status})"))))
    }
}

/// A worker process.
struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// The account whose tables it declared last.
    last: Option<AccountId>,
}

impl Worker {
    fn start(settings: &WorkerSettings) -> io::Result<Self> {
        let mut command = Command::new(&settings.program);
        // It needs no environment, which may contain the archive's credentials. Its standard input is the pipe whose
        // end tells it that the server has ended. (The kernel's signal for that is sent when the thread that started it
        // ends.)
        command.args(&settings.arguments).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        // Ctrl-C in the terminal is for the server, which lets queries finish.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let pipe = || io::Error::other("a process without pipes");
        let input = child.stdin.take().ok_or_else(pipe)?;
        let output = BufReader::with_capacity(PIECE_BYTES, child.stdout.take().ok_or_else(pipe)?);
        Ok(Self { child, input, output, last: None })
    }

    fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    async fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        self.input.write_all(frame).await?;
        self.input.flush().await
    }

    async fn receive(&mut self) -> io::Result<FromWorker> {
        let mut header = [0; 4];
        self.output.read_exact(&mut header).await?;
        let mut frame = vec![0; frame::length(header).map_err(io::Error::other)?];
        self.output.read_exact(&mut frame).await?;
        FromWorker::decode(frame).map_err(io::Error::other)
    }

    fn kill(&mut self) {
        // It fails if the process has ended already.
        let _ = self.child.start_kill();
    }

    /// Waits until the system has ended it, so that its memory is free.
    async fn end(mut self) {
        if timeout(ENDING, self.child.wait()).await.is_err() {
            tracing::error!("a killed worker process does not end");
        }
    }
}
