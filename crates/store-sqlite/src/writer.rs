//! The writing connection.
//!
//! A commit waits for the disk once, for one write or a hundred. So a thread takes all waiting writes, runs each in a
//! savepoint of one transaction, commits, and only then answers them.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    thread::JoinHandle,
};

use rollcall_store::{Result, StoreError};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::sql::backend;

/// Maximum number of waiting writes before callers block.
const WAITING: usize = 1024;
/// Maximum number of writes per transaction, so that readers and other processes wait only briefly.
const PER_TRANSACTION: usize = 256;

/// Sends writes to the writing thread. Dropping it completes waiting writes, and blocks until then.
pub(crate) struct Writer {
    jobs: Option<mpsc::Sender<Task>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(connection: Connection) -> Result<Self> {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || write_all(&connection, waiting))
            .map_err(backend)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs `work` in a transaction, possibly together with others' work. When this returns a value, it is durable;
    /// when `work` fails, it has changed nothing. Dropping the future does not stop the work.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Write { work: Some(work), value: None, reply: Some(reply) });
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(Task::Shared(job)).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// Runs `work` outside of any transaction, while nobody else writes.
    pub(crate) async fn run_alone(&self, work: impl FnOnce(&Connection) -> Result<()> + Send + 'static) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        // The caller may have stopped waiting.
        let work = move |db: &Connection| drop(reply.send(work(db)));
        jobs.send(Task::Alone(Box::new(work))).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // The thread catches the panics of its jobs; there is nobody to report its own panic to.
            let _ = thread.join();
        }
    }
}

fn stopped() -> StoreError {
    backend("the writing thread has stopped")
}

/// A job of the thread.
enum Task {
    /// A write that shares a transaction with others.
    Shared(Box<dyn Job>),
    /// Work that must run outside of a transaction. It answers its caller itself.
    Alone(Box<dyn FnOnce(&Connection) + Send>),
}

/// A write, without the type of its value.
trait Job: Send {
    /// Does the work. Returns whether to keep it.
    fn run(&mut self, db: &Connection) -> bool;

    /// Reports to the caller that the value is durable.
    fn committed(&mut self);

    /// Reports to the caller that nothing was changed.
    fn failed(&mut self, error: StoreError);
}

struct Write<F, T> {
    work: Option<F>,
    value: Option<T>,
    reply: Option<oneshot::Sender<Result<T>>>,
}

impl<F, T> Write<F, T> {
    fn answer(&mut self, answer: Result<T>) {
        if let Some(reply) = self.reply.take() {
            // The caller may have stopped waiting.
            let _ = reply.send(answer);
        }
    }
}

impl<T: Send, F: FnOnce(&Connection) -> Result<T> + Send> Job for Write<F, T> {
    fn run(&mut self, db: &Connection) -> bool {
        let Some(work) = self.work.take() else { return false };
        let outcome = catch_unwind(AssertUnwindSafe(|| work(db)))
            .unwrap_or_else(|panic| Err(backend(format!("a write panicked: {}", message_of(panic.as_ref())))));
        match outcome {
            Ok(value) => {
                self.value = Some(value);
                true
            }
            Err(error) => {
                self.answer(Err(error));
                false
            }
        }
    }

    fn committed(&mut self) {
        if let Some(value) = self.value.take() {
            self.answer(Ok(value));
        }
    }

    fn failed(&mut self, error: StoreError) {
        self.answer(Err(error));
    }
}

fn message_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Takes jobs until there are no more callers.
fn write_all(db: &Connection, mut waiting: mpsc::Receiver<Task>) {
    let mut next = None;
    while let Some(task) = next.take().or_else(|| waiting.blocking_recv()) {
        match task {
            Task::Shared(first) => next = write_waiting(db, first, &mut waiting),
            Task::Alone(work) => work(db),
        }
    }
}

/// Writes one transaction: `first`, and all other waiting writes. Returns the next job that is not a write.
fn write_waiting(db: &Connection, first: Box<dyn Job>, waiting: &mut mpsc::Receiver<Task>) -> Option<Task> {
    let mut alone = None;
    let mut kept: Vec<Box<dyn Job>> = Vec::new();
    let mut next = Some(first);
    let outcome = (|| {
        db.execute_batch("BEGIN IMMEDIATE")?;
        let mut taken = 0;
        while let Some(job) = next.as_mut() {
            db.prepare_cached("SAVEPOINT job")?.execute([])?;
            let keep = job.run(db);
            if !keep {
                // Fails if SQLite has rolled back the whole transaction (full disk), including earlier jobs.
                db.prepare_cached("ROLLBACK TO job")?.execute([])?;
            }
            db.prepare_cached("RELEASE job")?.execute([])?;
            if let Some(job) = next.take().filter(|_| keep) {
                kept.push(job);
            }
            taken += 1;
            let task = if taken < PER_TRANSACTION { waiting.try_recv().ok() } else { None };
            next = match task {
                Some(Task::Shared(job)) => Some(job),
                other => {
                    alone = other;
                    None
                }
            };
        }
        db.execute_batch("COMMIT")
    })();
    match outcome {
        Ok(()) => kept.iter_mut().for_each(|job| job.committed()),
        Err(error) => {
            if !db.is_autocommit()
                && let Err(error) = db.execute_batch("ROLLBACK")
            {
                tracing::error!(%error, "could not roll back a transaction");
            }
            // The callers share the cause, which cannot be cloned.
            let cause = error.to_string();
            for mut job in kept.into_iter().chain(next) {
                job.failed(backend(cause.clone()));
            }
        }
    }
    alone
}
