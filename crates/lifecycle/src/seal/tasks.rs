//! Tasks of a sealer other than its rounds, such as `rollcall archive seal` with a running server.
//!
//! Only one sealer at a time works on an archive, so others send it tasks. A task runs between two rounds, in the
//! sealer's own thread.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::{Merging, Reindexed, Reindexer, SealCounters, SealError, SealReport, Sealer, Settling};

/// Maximum number of queued tasks.
const WAITING: usize = 16;
/// Files that were just replaced become old enough to be deleted.
const MOMENT: Duration = Duration::from_millis(2);

/// Sends tasks to a sealer. Clones use the same sealer.
#[derive(Debug, Clone)]
pub struct SealTasks {
    queue: mpsc::Sender<Task>,
    counters: Arc<SealCounters>,
}

/// Result of compacting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Numbers of merged and deleted files.
    pub report: SealReport,
    /// Number of folders that stay unchanged because of a damaged file.
    pub damaged_folders: u64,
}

/// Receives the result of a task. Closed if nobody waits for it any more.
type Reply<T> = oneshot::Sender<Result<T, SealError>>;

/// A task.
#[derive(Debug)]
pub(super) enum Task {
    /// Rounds until nothing is left to seal and, if `sweeps`, to delete.
    Rounds {
        reply: Reply<SealReport>,
        sweeps: bool,
    },
    Compact(Reply<Compacted>),
    Reindex(Reply<Reindexed>, watch::Sender<Reindexed>),
}

/// The tasks of one sealer.
pub(super) struct Queue {
    sender: mpsc::Sender<Task>,
    receiver: mpsc::Receiver<Task>,
    /// The task that [`Self::wait`] has received.
    next: Option<Task>,
}

impl Default for Queue {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self { sender, receiver, next: None }
    }
}

impl Queue {
    /// Waits until there is a task. Cancelling it loses none.
    pub(super) async fn wait(&mut self) {
        if self.next.is_none() {
            // The queue itself can send, so it is never closed.
            self.next = self.receiver.recv().await;
        }
    }

    /// Takes the task that [`Self::wait`] waited for.
    pub(super) fn take(&mut self) -> Option<Task> {
        self.next.take()
    }
}

impl SealTasks {
    /// Returns the sealer's counters, to show the progress of a task.
    #[must_use]
    pub fn report(&self) -> SealReport {
        self.counters.report()
    }

    /// Seals every ended instance, settled or not, and returns the counters.
    ///
    /// # Errors
    /// If a store or the archive failed. What was sealed before stays sealed.
    pub async fn seal(&self) -> Result<SealReport, SealError> {
        self.ask(|reply| Task::Rounds { reply, sweeps: false }).await
    }

    /// Makes the archive match the index: seals changed instances, merges files with leftover rows, and deletes files
    /// that have been unreferenced for the grace time.
    ///
    /// # Errors
    /// If a store or the archive failed.
    pub async fn tidy(&self) -> Result<SealReport, SealError> {
        self.ask(|reply| Task::Rounds { reply, sweeps: true }).await
    }

    /// Merges small files, regardless of the merge policy, and deletes files that have been unreferenced for the grace
    /// time.
    ///
    /// # Errors
    /// If a store or the archive failed entirely.
    pub async fn compact(&self) -> Result<Compacted, SealError> {
        self.ask(Task::Compact).await
    }

    /// Rebuilds the index from the archive's files ([`Reindexer`]). `progress` receives the progress.
    ///
    /// # Errors
    /// If a store or the archive failed entirely.
    pub async fn reindex(&self, progress: watch::Sender<Reindexed>) -> Result<Reindexed, SealError> {
        self.ask(|reply| Task::Reindex(reply, progress)).await
    }

    async fn ask<T>(&self, task: impl FnOnce(Reply<T>) -> Task) -> Result<T, SealError> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(task(reply)).await.map_err(|_| SealError::Stopped)?;
        answer.await.map_err(|_| SealError::Stopped)?
    }
}

impl Sealer {
    /// Sends a task to this sealer.
    #[must_use]
    pub fn tasks(&self) -> SealTasks {
        SealTasks { queue: self.queue.sender.clone(), counters: self.counters() }
    }

    /// Only executes tasks, until `stop` is cancelled.
    pub async fn run_tasks(mut self, stop: CancellationToken) {
        let work = async {
            loop {
                self.queue.wait().await;
                if let Some(task) = self.queue.take() {
                    self.perform(task).await;
                }
            }
        };
        let _: Option<()> = stop.run_until_cancelled(work).await;
    }

    pub(super) async fn perform(&mut self, task: Task) {
        // The caller may have stopped waiting.
        match task {
            Task::Rounds { reply, sweeps } => {
                let done = self.seal_all(|| !reply.is_closed(), sweeps).await;
                let _ = reply.send(done);
            }
            Task::Compact(reply) => {
                let done = self.compact_all(|| !reply.is_closed()).await;
                let _ = reply.send(done);
            }
            Task::Reindex(reply, progress) => {
                let shelf = &self.shelf;
                let reindexer =
                    Reindexer::new(Arc::clone(&shelf.store), shelf.archive.clone(), Arc::clone(&shelf.clock));
                let done = reindexer.run(|found| drop(progress.send(found.clone()))).await;
                let _ = reply.send(done);
            }
        }
    }

    /// Does the same as [`SealTasks::tidy`] for the owner of the sealer.
    ///
    /// # Errors
    /// If a store or the archive failed.
    pub async fn tidy(&mut self) -> Result<SealReport, SealError> {
        self.seal_all(|| true, true).await
    }

    /// Runs rounds without waiting for instances to settle, until nothing is left to seal and, if `sweeps`, to delete,
    /// or nobody waits for the result any more.
    async fn seal_all(&mut self, is_wanted: impl Fn() -> bool, sweeps: bool) -> Result<SealReport, SealError> {
        let before = self.counters.report();
        // Earlier failures are retried without the pause.
        self.settling = Settling::default();
        let settle = std::mem::replace(&mut self.settings.settle, Duration::ZERO);
        let done = self.rounds(is_wanted, sweeps).await;
        self.settings.settle = settle;
        done.map(|()| self.counters.report().since(&before))
    }

    async fn rounds(&mut self, is_wanted: impl Fn() -> bool, sweeps: bool) -> Result<(), SealError> {
        while is_wanted() {
            if sweeps {
                tokio::time::sleep(MOMENT).await;
            }
            let round = self.round().await?;
            if round.sealed == 0 && !round.more && (round.deleted == 0 || !sweeps) {
                break;
            }
        }
        Ok(())
    }

    async fn compact_all(&mut self, is_wanted: impl Fn() -> bool) -> Result<Compacted, SealError> {
        let before = self.counters.report();
        let min_files = std::mem::replace(&mut self.settings.merge.min_files, 2);
        let merged = self.merge_all(is_wanted).await;
        self.settings.merge.min_files = min_files;
        let damaged_folders = merged?;
        tokio::time::sleep(MOMENT).await;
        while self.sweep().await? > 0 {}
        Ok(Compacted { report: self.counters.report().since(&before), damaged_folders })
    }

    /// Merges until nothing is left to merge, and returns the number of folders with a damaged file.
    async fn merge_all(&mut self, is_wanted: impl Fn() -> bool) -> Result<u64, SealError> {
        let mut damaged = BTreeSet::new();
        // The folder that was found damaged since the last successful merge: folders are checked in turn, so when it
        // comes up again, all others were checked.
        let mut since: Option<String> = None;
        while is_wanted() {
            match self.merge().await? {
                Merging::Nothing => break,
                Merging::Merged(_) => since = None,
                Merging::Damaged(folder) if since.as_ref() == Some(&folder) => break,
                Merging::Damaged(folder) => {
                    since.get_or_insert_with(|| folder.clone());
                    damaged.insert(folder);
                }
            }
        }
        Ok(damaged.len() as u64)
    }
}
