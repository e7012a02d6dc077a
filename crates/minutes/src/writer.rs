//! The writing thread: it merges minutes with stored ones, and syncs once for all callers.
//!
//! Work that must be ordered with writes is done here, too: watches begin between two commits, and watched minutes are
//! deleted by the thread that knows of every write.

use std::{
    collections::HashMap,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use rollcall_model::{AccountId, InstanceId, Minute, ParticipantId};
use rollcall_store::{Result, StoreError, Watch};
use tokio::sync::{mpsc, oneshot};

use crate::{
    backend,
    key::Key,
    known::{InstanceName, Instances},
    merge::{Merge, Reports},
    place::Place,
    tree::{MinutesKey, Tree},
};

/// Maximum number of queued jobs; later callers wait.
const QUEUE_LEN: usize = 64;

/// No further job joins a commit of this many minutes, so that the first of them does not wait forever.
const GROUP_LEN: usize = 16_384;

enum Job {
    Write(Write),
    Rehome {
        name: InstanceName,
        attendances: Vec<(ParticipantId, Minute)>,
        done: oneshot::Sender<Result<usize>>,
    },
    Watch {
        name: InstanceName,
        done: oneshot::Sender<Watch>,
    },
    Delete {
        written: Arc<AtomicBool>,
        name: InstanceName,
        keys: Vec<MinutesKey>,
        last: bool,
        done: oneshot::Sender<Result<bool>>,
    },
}

/// Minutes to write, and the caller to notify when they are durable.
struct Write {
    /// How each is merged with the stored one.
    how: Merge,
    reports: Reports,
    done: oneshot::Sender<Result<usize>>,
}

/// The sender to the writing thread.
pub(crate) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(place: Arc<Place>) -> Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE_LEN);
        let thread = std::thread::Builder::new()
            .name("live store".to_owned())
            .spawn(move || Thread::new(place).run(queue))
            .map_err(backend)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Merges `reports` into the stored minutes, and returns how many existed already.
    pub(crate) async fn write(&self, how: Merge, reports: Reports) -> Result<usize> {
        self.ask(|done| Job::Write(Write { how, reports, done })).await?
    }

    /// Moves the minutes of attendances to where they belong, and returns how many moved.
    pub(crate) async fn rehome(
        &self,
        account: AccountId,
        instance: InstanceId,
        attendances: Vec<(ParticipantId, Minute)>,
    ) -> Result<usize> {
        self.ask(|done| Job::Rehome { name: (account, instance), attendances, done }).await?
    }

    /// Starts to watch an instance, after all earlier and before all later writes.
    pub(crate) async fn watch(&self, account: AccountId, instance: InstanceId) -> Result<Watch> {
        self.ask(|done| Job::Watch { name: (account, instance), done }).await
    }

    /// Deletes keys of the watched instance, and the instance's key with the `last` of them, unless the instance was
    /// written to. Returns whether it did.
    pub(crate) async fn delete(&self, watch: &Watch, keys: Vec<MinutesKey>, last: bool) -> Result<bool> {
        let (written, name) = (Arc::clone(watch.written()), (watch.account(), watch.instance()));
        self.ask(|done| Job::Delete { written, name, keys, last, done }).await?
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<T>) -> Job) -> Result<T> {
        let (done, answer) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(job(done)).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())
    }

    /// Waits for the thread to finish its jobs.
    pub(crate) fn stop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the minute writer panicked");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn stopped() -> StoreError {
    backend("the minute writer has stopped")
}

/// State of the thread.
struct Thread {
    place: Arc<Place>,
    /// Whether a write has failed so that the tree accepts no more.
    is_broken: bool,
    known: Instances,
    /// The active watches.
    watches: HashMap<InstanceName, Vec<Weak<AtomicBool>>>,
    /// From this many instances on, dropped watches are removed.
    max_watches: usize,
}

impl Thread {
    fn new(place: Arc<Place>) -> Self {
        Self { place, is_broken: false, known: Instances::default(), watches: HashMap::new(), max_watches: 1024 }
    }

    fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        let mut next = None;
        while let Some(job) = next.take().or_else(|| queue.blocking_recv()) {
            match job {
                Job::Write(write) => {
                    let mut len = write.reports.len();
                    let mut group = vec![write];
                    while len < GROUP_LEN
                        && let Ok(job) = queue.try_recv()
                    {
                        match job {
                            Job::Write(write) => {
                                len += write.reports.len();
                                group.push(write);
                            }
                            other => {
                                next = Some(other);
                                break;
                            }
                        }
                    }
                    self.commit(group);
                    self.make_room();
                }
                Job::Rehome { name, attendances, done } => {
                    self.note_written(name);
                    // Attendances that receive minutes may have had none so late.
                    self.known.forget(name);
                    let moved = self.tree().and_then(|tree| tree.rehome(Key::instance(name.0, name.1), &attendances));
                    answer(done, self.looked_at(moved));
                    self.make_room();
                }
                Job::Watch { name, done } => {
                    // The deleter reads meanwhile, so that the tree cannot be reopened then.
                    if let Err(error) = self.tree() {
                        tracing::debug!(%error, "minutes are not writable yet");
                    }
                    answer(done, self.watch(name));
                }
                Job::Delete { written, name, keys, last, done } => {
                    answer(done, self.delete(&written, name, keys, last));
                    self.make_room();
                }
            }
        }
    }

    /// Commits all writes in one batch. If that fails, each is tried alone, so that a corrupt minute in the way of one
    /// does not stop the others.
    fn commit(&mut self, group: Vec<Write>) {
        if group.len() > 1
            && let Ok(known) = self.merge(&group)
        {
            for (write, known) in group.into_iter().zip(known) {
                answer(write.done, Ok(known));
            }
            return;
        }
        for write in group {
            let result = self.merge(std::slice::from_ref(&write)).map(|known| known.into_iter().sum());
            answer(write.done, result);
        }
    }

    fn merge(&mut self, group: &[Write]) -> Result<Vec<usize>> {
        for write in group {
            write.reports.instances().for_each(|name| self.note_written(name));
        }
        let jobs: Vec<(Merge, &Reports)> = group.iter().map(|write| (write.how, &write.reports)).collect();
        let merged = self.tree().and_then(|tree| tree.merge(&jobs, &mut self.known));
        self.looked_at(merged)
    }

    /// Notifies the watches of the instance before the write becomes visible, so that no watch misses one.
    fn note_written(&mut self, name: InstanceName) {
        for written in self.watches.remove(&name).into_iter().flatten() {
            if let Some(written) = written.upgrade() {
                written.store(true, Ordering::SeqCst);
            }
        }
    }

    fn watch(&mut self, name: InstanceName) -> Watch {
        if self.watches.len() >= self.max_watches {
            self.watches.retain(|_, watches| watches.iter().any(|written| written.strong_count() > 0));
            self.max_watches = (2 * self.watches.len()).max(1024);
        }
        let written = Arc::new(AtomicBool::new(false));
        let watches = self.watches.entry(name).or_default();
        watches.retain(|written| written.strong_count() > 0);
        watches.push(Arc::downgrade(&written));
        Watch::new(name.0, name.1, written)
    }

    fn delete(&mut self, written: &AtomicBool, name: InstanceName, keys: Vec<MinutesKey>, last: bool) -> Result<bool> {
        if written.load(Ordering::SeqCst) {
            return Ok(false);
        }
        // Also if the deletion fails: then the cache entry of an instance is looked up again.
        self.known.forget(name);
        let emptied = last.then(|| Key::instance(name.0, name.1));
        let deleted = self.tree().and_then(|tree| tree.delete(keys, emptied));
        self.looked_at(deleted)?;
        Ok(true)
    }

    /// Returns the tree, reopened if it accepts no more writes.
    fn tree(&mut self) -> Result<Tree> {
        if self.is_broken {
            self.place.reopen()?;
            self.is_broken = false;
            // Deletions are not synced: some may have been undone.
            self.known = Instances::default();
        }
        self.place.tree()
    }

    /// Records that the tree accepts no more writes, if that was the result of one.
    fn looked_at<T>(&mut self, done: Result<T>) -> Result<T> {
        if let Err(StoreError::Backend { source, .. }) = &done
            && source.is::<fjall::Error>()
        {
            self.is_broken = true;
            tracing::error!(error = %source, "minutes are not writable; stored ones are still served");
        }
        done
    }

    fn make_room(&self) {
        if !self.is_broken
            && let Ok(tree) = self.place.tree()
        {
            tree.make_room();
        }
    }
}

fn answer<T>(done: oneshot::Sender<T>, result: T) {
    // A caller that has disconnected does not need the result; its data is written anyway.
    let _ = done.send(result);
}
