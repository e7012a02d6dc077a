//! The one thread that writes: it merges minutes with what is stored, and syncs once for all who wait.

use std::thread::JoinHandle;

use fjall::{Database, Keyspace, PersistMode, UserKey, UserValue};
use rollcall_store::{Result, StoreError};
use tokio::sync::{mpsc, oneshot};

use crate::{backend, corrupt, encoding, key};

/// How many jobs may wait; whoever comes later waits to be let in.
const QUEUE_LEN: usize = 64;

/// No further job joins a commit of this many minutes: the first of them should not wait for ever.
const GROUP_LEN: usize = 16_384;

type Entry = (UserKey, UserValue);

/// Minutes to be written, and whom to tell when they are durable.
struct Job {
    entries: Vec<Entry>,
    done: oneshot::Sender<Result<()>>,
}

/// The way to the writing thread. Dropping it waits for the thread to finish what it was given.
pub(crate) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(database: Database, minutes: Keyspace) -> Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE_LEN);
        let thread = std::thread::Builder::new()
            .name("live store".to_owned())
            .spawn(move || run(queue, &Tree { database, minutes }))
            .map_err(backend)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Merges `entries` into what is stored. Where a key occurs twice, the last is the latest report.
    pub(crate) async fn write(&self, entries: Vec<Entry>) -> Result<()> {
        let (done, result) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(Job { entries, done }).await.map_err(|_| stopped())?;
        result.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes minutes panicked");
        }
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
    }
}

/// Commits all jobs in one batch. Should it fail, each is tried alone, so that a damaged minute in the way of one job
/// does not stop the others.
fn commit(group: Vec<Job>, tree: &Tree) {
    if group.len() > 1 {
        let entries = group.iter().flat_map(|job| job.entries.iter().cloned()).collect();
        if tree.merge(entries).is_ok() {
            for job in group {
                answer(job.done, Ok(()));
            }
            return;
        }
    }
    for job in group {
        let result = tree.merge(job.entries);
        answer(job.done, result);
    }
}

fn answer(done: oneshot::Sender<Result<()>>, result: Result<()>) {
    // Whoever went away does not need the answer; what they gave is written all the same.
    let _ = done.send(result);
}

struct Tree {
    database: Database,
    minutes: Keyspace,
}

impl Tree {
    /// Merges entries with what is stored, all or none. When it returns, they survive a power cut.
    fn merge(&self, mut entries: Vec<Entry>) -> Result<()> {
        // Stable: reports of the same minute stay in the order in which they came.
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        let mut entries = entries.into_iter().peekable();
        while let Some((key, mut value)) = entries.next() {
            while let Some((_, later)) = entries.next_if(|(next, _)| *next == key) {
                value = fill(&key, &later, &value)?;
            }
            let Some(stored) = self.minutes.get(&key).map_err(backend)? else {
                batch.insert(&self.minutes, key, value);
                continue;
            };
            // What is stored is durable already: the batch that brought it was synced before it could be seen.
            if stored != value {
                let filled = fill(&key, &value, &stored)?;
                if filled != stored {
                    batch.insert(&self.minutes, key, filled);
                }
            }
        }
        batch.commit().map_err(backend)
    }
}

/// The later report with its gaps filled from the earlier.
fn fill(key: &[u8], later: &[u8], earlier: &[u8]) -> Result<UserValue> {
    let minute = key::minute(key).map_err(corrupt)?;
    let mut merged = encoding::decode(minute, later).map_err(corrupt)?;
    merged.fill_from(&encoding::decode(minute, earlier).map_err(corrupt)?);
    Ok(encoding::encode(&merged).into())
}
