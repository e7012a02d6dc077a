//! The one thread that writes: it merges minutes with what is stored, and syncs once for all who wait.
//!
//! Whatever must not come between a write and its neighbours is done here too: watches begin between two commits, and
//! watched minutes are deleted by the thread that knows of every write.

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

/// How many jobs may wait; whoever comes later waits to be let in.
const QUEUE_LEN: usize = 64;

/// No further job joins a commit of this many minutes: the first of them should not wait for ever.
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

/// Minutes to be written, and whom to tell when they are durable.
struct Write {
    /// How each is merged with what is stored.
    how: Merge,
    reports: Reports,
    done: oneshot::Sender<Result<usize>>,
}

/// The way to the writing thread.
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

    /// Merges `reports` into what is stored, and answers how many of the minutes were known already.
    pub(crate) async fn write(&self, how: Merge, reports: Reports) -> Result<usize> {
        self.ask(|done| Job::Write(Write { how, reports, done })).await?
    }

    /// Brings the minutes of attendances to where they belong, and answers how many moved.
    pub(crate) async fn rehome(
        &self,
        account: AccountId,
        instance: InstanceId,
        attendances: Vec<(ParticipantId, Minute)>,
    ) -> Result<usize> {
        self.ask(|done| Job::Rehome { name: (account, instance), attendances, done }).await?
    }

    /// Begins to watch an instance, after what was written to it so far and before all that comes.
    pub(crate) async fn watch(&self, account: AccountId, instance: InstanceId) -> Result<Watch> {
        self.ask(|done| Job::Watch { name: (account, instance), done }).await
    }

    /// Deletes keys of the watched instance, and with the `last` of them the note of it, unless the instance was written
    /// to; whether it did.
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

/// What the thread works with.
struct Thread {
    place: Arc<Place>,
    /// A write has failed in a way that the tree takes no more of them.
    is_broken: bool,
    known: Instances,
    /// The watches that are kept.
    watches: HashMap<InstanceName, Vec<Weak<AtomicBool>>>,
    /// From so many instances on, those that nobody watches any more are forgotten.
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
                    // Minutes come to those who may have had none so late.
                    self.known.forget(name);
                    let moved = self.tree().and_then(|tree| tree.rehome(Key::instance(name.0, name.1), &attendances));
                    answer(done, self.looked_at(moved));
                    self.make_room();
                }
                Job::Watch { name, done } => {
                    // Whoever deletes looks on meanwhile, so that the tree cannot be opened anew then.
                    if let Err(error) = self.tree() {
                        tracing::debug!(%error, "minutes cannot be written yet");
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

    /// Commits all writes in one batch. Should it fail, each is tried alone, so that a damaged minute in the way of one
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

    /// Tells those who watch the instance, before anybody can see the write, so that who watches never misses one.
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
        // Also where the deletion fails: what is known of an instance is then looked up again.
        self.known.forget(name);
        let emptied = last.then(|| Key::instance(name.0, name.1));
        let deleted = self.tree().and_then(|tree| tree.delete(keys, emptied));
        self.looked_at(deleted)?;
        Ok(true)
    }

    /// The tree, opened anew where it takes no more writes.
    fn tree(&mut self) -> Result<Tree> {
        if self.is_broken {
            self.place.reopen()?;
            self.is_broken = false;
            // Deletions are not waited for: some may have been undone.
            self.known = Instances::default();
        }
        self.place.tree()
    }

    /// Takes down that the tree takes no more writes, where that is what came of one.
    fn looked_at<T>(&mut self, done: Result<T>) -> Result<T> {
        if let Err(StoreError::Backend { source, .. }) = &done
            && source.is::<fjall::Error>()
        {
            self.is_broken = true;
            tracing::error!(error = %source, "minutes cannot be written; those that are stored are served");
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
    // Whoever went away does not need the answer; what they gave is written all the same.
    let _ = done.send(result);
}
