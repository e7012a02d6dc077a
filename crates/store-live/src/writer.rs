//! The one thread that writes: it merges minutes with what is stored, and syncs once for all who wait.

use std::thread::JoinHandle;

use rollcall_store::{Result, StoreError};
use tokio::sync::{mpsc, oneshot};

use crate::{
    backend,
    tree::{Entry, Tree},
};

/// How many jobs may wait; whoever comes later waits to be let in.
const QUEUE_LEN: usize = 64;

/// No further job joins a commit of this many minutes: the first of them should not wait for ever.
const GROUP_LEN: usize = 16_384;

/// Minutes to be written, and whom to tell when they are durable.
struct Job {
    entries: Vec<Entry>,
    done: oneshot::Sender<Result<usize>>,
}

/// The way to the writing thread.
pub(crate) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(tree: Tree) -> Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE_LEN);
        let thread = std::thread::Builder::new()
            .name("live store".to_owned())
            .spawn(move || run(queue, &tree))
            .map_err(backend)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Merges `entries` into what is stored, and answers how many were known already. Where a key occurs twice, the last
    /// is the latest report.
    pub(crate) async fn write(&self, entries: Vec<Entry>) -> Result<usize> {
        let (done, result) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(Job { entries, done }).await.map_err(|_| stopped())?;
        result.await.map_err(|_| stopped())?
    }

    /// Waits for the thread to finish what it was given.
    pub(crate) fn stop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes minutes panicked");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn stopped() -> StoreError {
    backend("the thread that writes minutes has stopped")
}

fn run(mut queue: mpsc::Receiver<Job>, tree: &Tree) {
    while let Some(job) = queue.blocking_recv() {
        let mut len = job.entries.len();
        let mut group = vec![job];
        while len < GROUP_LEN
            && let Ok(job) = queue.try_recv()
        {
            len += job.entries.len();
            group.push(job);
        }
        commit(group, tree);
        tree.make_room();
    }
}

/// Commits all jobs in one batch. Should it fail, each is tried alone, so that a damaged minute in the way of one job
/// does not stop the others.
fn commit(group: Vec<Job>, tree: &Tree) {
    if group.len() > 1 {
        let jobs: Vec<&[Entry]> = group.iter().map(|job| job.entries.as_slice()).collect();
        if let Ok(known) = tree.merge(&jobs) {
            for (job, known) in group.into_iter().zip(known) {
                answer(job.done, Ok(known));
            }
            return;
        }
    }
    for job in group {
        let result = tree.merge(&[&job.entries]).map(|known| known.into_iter().sum());
        answer(job.done, result);
    }
}

fn answer(done: oneshot::Sender<Result<usize>>, result: Result<usize>) {
    // Whoever went away does not need the answer; what they gave is written all the same.
    let _ = done.send(result);
}
