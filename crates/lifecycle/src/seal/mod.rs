//! The life of an instance: live, settling, sealed, reopened.
//!
//! An instance without an end event is presumed ended after the silence time (`lapse.rs`). An ended instance
//! without writes during the settle time is *sealed*: its participants and minutes are written to archive files, and its
//! minutes are deleted from the live store. A late fact *reopens* it: hot and archived minutes are read
//! together, and sealed into one again. No state is stored; it follows from the content of the live store, the index,
//! and whether the instance has changed since.
//!
//! # Steps, and what a crash after each leaves
//!
//! | step | what it does | if the process dies after it |
//! |---|---|---|
//! | watch | the live store tracks writes to the instance | nothing has changed |
//! | begin | the index gets the names of the new files, without rows | names of missing or incomplete files: swept later |
//! | [`Sealer::write`] | the files are written durably, each under a unique name | unreferenced files: swept later |
//! | [`Sealer::record`] | in one transaction, the index gets the rows, and the rollups are updated | the minutes are archived and still hot, with the same values: read as one, and sealed again |
//! | [`Sealer::delete`] | the live store deletes the minutes, a bounded number at a time, unless the instance was written to since the watch began | some are left hot: as before |
//! | [`Sealer::sweep`] | files that have been unreferenced for the grace time are deleted, then removed from the index | the name of a missing file: deleted again |
//!
//! A merge has the same steps: begin, [`Sealer::write_merge`], [`Sealer::record_merge`]; the replaced files are swept.
//!
//! Nothing is lost, because minutes leave the live store only when a durable file has them and the index says so, and
//! because the thread that deletes them is the one that writes: any write after the watch began stops the deletion.
//! Nothing is read twice, because a minute has one key, and readers merge hot and archived minutes. Nothing is
//! forgotten, because each round starts from what is hot and unsealed, not from the state of the last one.
//!
//! Only one sealer at a time works on an archive: it is part of the process that has the live store open.

mod files;
mod lapse;
mod merge;
mod reindex;
mod rollup;
mod settle;
mod tasks;
mod write;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use async_trait::async_trait;
use rollcall_archive::{Archive, ArchiveError};
use rollcall_minutes::TieredMinutes;
use rollcall_model::{AccountId, Clock, InstanceId, ParticipantId};
use rollcall_quality::Profile;
use rollcall_store::{Day, LiveMinutes, MergePolicy, RollupDay, Store, StoreError};
use tokio::sync::{OwnedRwLockReadGuard, RwLock, RwLockWriteGuard, TryLockError};

use self::{files::Shelf, settle::Settling, tasks::Queue};
pub use self::{
    merge::{MergePlan, Merging, WrittenMerge},
    reindex::{Reindexed, Reindexer},
    rollup::{Rebuilt, Rollups, date_of},
    settle::Group,
    tasks::{Compacted, SealTasks},
    write::{Recorded, Written},
};
use crate::{Job, JobError, Next};

/// When and how much to seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealSettings {
    /// Time without writes before an ended instance is sealed.
    pub settle: Duration,
    /// Time since the last sign of life before an instance without an end event is presumed ended.
    pub silence: Duration,
    /// Pause between rounds.
    pub round: Duration,
    /// How long an unreferenced file is kept: a reader that looked up its name may still read it.
    pub grace: Duration,
    /// Which files to merge.
    pub merge: MergePolicy,
    /// Limits that make a minute an issue in the rollups. Rollups with other limits are rebuilt.
    pub profile: Profile,
}

impl Default for SealSettings {
    fn default() -> Self {
        Self {
            settle: Duration::from_secs(600),
            // No vendor lets a meeting run longer.
            silence: Duration::from_secs(30 * 3600),
            round: Duration::from_secs(15),
            grace: Duration::from_secs(300),
            merge: MergePolicy { full_rows: 2_000_000, min_files: 8 },
            profile: Profile::default(),
        }
    }
}

/// Why a step failed. No data is lost, and the next round retries.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive failed.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A minute belongs to a participant that the entity store does not have.
    #[error("instance {instance} has minutes of participant {participant}, who is not stored")]
    UnknownParticipant {
        /// The instance.
        instance: InstanceId,
        /// Its participant.
        participant: ParticipantId,
    },
    /// An account's public id is not valid in a path.
    #[error("account {account} cannot be archived: {reason}")]
    Account {
        /// The account.
        account: AccountId,
        /// What is wrong with its public id.
        reason: String,
    },
    /// The sealer stopped before a task was complete.
    #[error("the sealer stopped before the task was complete; run the command again")]
    Stopped,
}

/// Counters since the sealer started, and its state; for metrics.
#[derive(Debug, Default)]
pub struct SealCounters {
    lapsed_instances: AtomicU64,
    sealed_instances: AtomicU64,
    sealed_minutes: AtomicU64,
    merged_files: AtomicU64,
    deleted_files: AtomicU64,
    failed_rounds: AtomicU64,
    failed_instances: AtomicU64,
    failed_merges: AtomicU64,
    settling_instances: AtomicU64,
}

/// A snapshot of [`SealCounters`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SealReport {
    /// Instances that were presumed ended; one that lapsed twice counts twice.
    pub lapsed_instances: u64,
    /// Instances that were sealed; one that was sealed twice counts twice.
    pub sealed_instances: u64,
    /// Their minutes.
    pub sealed_minutes: u64,
    /// Files that were merged into larger ones.
    pub merged_files: u64,
    /// Unreferenced files that were deleted.
    pub deleted_files: u64,
    /// Failed rounds.
    pub failed_rounds: u64,
    /// Failed attempts to seal an instance.
    pub failed_instances: u64,
    /// Failed merges, because of a damaged file.
    pub failed_merges: u64,
    /// Ended instances currently waiting to be sealed.
    pub settling_instances: u64,
}

impl SealReport {
    /// Returns the differences since `before`.
    #[must_use]
    pub const fn since(self, before: &Self) -> Self {
        Self {
            lapsed_instances: self.lapsed_instances - before.lapsed_instances,
            sealed_instances: self.sealed_instances - before.sealed_instances,
            sealed_minutes: self.sealed_minutes - before.sealed_minutes,
            merged_files: self.merged_files - before.merged_files,
            deleted_files: self.deleted_files - before.deleted_files,
            failed_rounds: self.failed_rounds - before.failed_rounds,
            failed_instances: self.failed_instances - before.failed_instances,
            failed_merges: self.failed_merges - before.failed_merges,
            settling_instances: self.settling_instances,
        }
    }
}

impl SealCounters {
    /// Returns a snapshot of the counters.
    #[must_use]
    pub fn report(&self) -> SealReport {
        SealReport {
            lapsed_instances: self.lapsed_instances.load(Relaxed),
            sealed_instances: self.sealed_instances.load(Relaxed),
            sealed_minutes: self.sealed_minutes.load(Relaxed),
            merged_files: self.merged_files.load(Relaxed),
            deleted_files: self.deleted_files.load(Relaxed),
            failed_rounds: self.failed_rounds.load(Relaxed),
            failed_instances: self.failed_instances.load(Relaxed),
            failed_merges: self.failed_merges.load(Relaxed),
            settling_instances: self.settling_instances.load(Relaxed),
        }
    }
}

/// Result of a round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Number of sealed instances.
    pub sealed: u64,
    /// Number of merged files.
    pub merged: u64,
    /// Number of deleted files.
    pub deleted: u64,
    /// Whether there is more to do immediately.
    pub more: bool,
}

/// Moves ended instances from the live store to the archive, and compacts the archive.
pub struct Sealer {
    shelf: Shelf,
    live: Arc<dyn LiveMinutes>,
    tiered: TieredMinutes,
    settings: SealSettings,
    settling: Settling,
    /// The folder after which the next search for a merge starts.
    merged_until: Option<String>,
    rollups: Rollups,
    /// The days whose rollups remain to be checked; `None` once all were.
    stale_after: Option<Option<(AccountId, Day)>>,
    counters: Arc<SealCounters>,
    holds: SweepHolds,
    /// Tasks requested beside its rounds.
    queue: Queue,
}

/// Prevents a sealer from deleting archive files while somebody copies them. Clones refer to the same sealer.
#[derive(Debug, Clone, Default)]
pub struct SweepHolds(Arc<RwLock<()>>);

/// No file is deleted until this is dropped.
#[derive(Debug)]
pub struct SweepHold {
    _held: OwnedRwLockReadGuard<()>,
}

impl SweepHolds {
    /// Blocks deletions, and waits for current ones.
    pub async fn hold(&self) -> SweepHold {
        SweepHold { _held: Arc::clone(&self.0).read_owned().await }
    }

    fn try_sweep(&self) -> Result<RwLockWriteGuard<'_, ()>, TryLockError> {
        self.0.try_write()
    }
}

impl Sealer {
    /// Creates a sealer of these stores.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        live: Arc<dyn LiveMinutes>,
        archive: Archive,
        tiered: TieredMinutes,
        clock: Arc<dyn Clock>,
        settings: SealSettings,
    ) -> Self {
        Self {
            rollups: Rollups::new(Arc::clone(&store), archive.clone(), settings.profile),
            stale_after: Some(None),
            shelf: Shelf { store, archive, clock },
            live,
            tiered,
            settings,
            settling: Settling::default(),
            merged_until: None,
            counters: Arc::default(),
            holds: SweepHolds::default(),
            queue: Queue::default(),
        }
    }

    /// Returns what blocks the deletion of files.
    #[must_use]
    pub fn holds(&self) -> SweepHolds {
        self.holds.clone()
    }

    /// Returns the sealer's counters.
    #[must_use]
    pub fn counters(&self) -> Arc<SealCounters> {
        Arc::clone(&self.counters)
    }

    /// Seals settled instances, makes worthwhile merges, and deletes unreferenced files: a bounded amount of each.
    ///
    /// # Errors
    /// If a store or the archive failed. What was done before stays done.
    pub async fn round(&mut self) -> Result<Round, SealError> {
        let mut round = Round { more: self.look().await?, ..Round::default() };
        while let Some(group) = self.due() {
            if let Some(written) = self.write(&group).await? {
                let recorded = self.record(written).await?;
                round.sealed += recorded.len() as u64;
                self.delete(recorded).await?;
            }
        }
        self.counters.settling_instances.store(self.settling.len() as u64, Relaxed);
        if let Merging::Merged(files) = self.merge().await? {
            round.merged = files;
            round.more = true;
        }
        round.deleted = self.sweep().await?;
        round.more |= self.build_stale_rollup().await?;
        Ok(round)
    }

    /// Builds the rollup of the next day that was archived by an earlier version, or counted by other rules. Returns
    /// whether there are more days to check.
    async fn build_stale_rollup(&mut self) -> Result<bool, SealError> {
        let Some(after) = self.stale_after else { return Ok(false) };
        let days = self.rollups.days(after).await?;
        let stale = days.iter().find(|day| day.is_stale(self.rollups.rules()));
        let last = stale.or(days.last()).map(|day| (day.account, day.day));
        self.stale_after = last.map(Some);
        if let Some(RollupDay { account, day, .. }) = stale.copied() {
            match self.rollups.rebuild(account, day).await {
                Ok(_) => {}
                // A damaged file affects only its own day.
                Err(SealError::Archive(error)) => {
                    tracing::error!(%account, day = %date_of(day), %error, "could not build a day's rollup");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(self.stale_after.is_some())
    }
}

/// Seals round after round. A requested task has precedence over the next round.
#[async_trait]
impl Job for Sealer {
    fn name(&self) -> &'static str {
        "seal"
    }

    fn interval(&self) -> Duration {
        self.settings.round
    }

    async fn round(&mut self) -> Result<Next, JobError> {
        if let Some(task) = self.queue.take() {
            self.perform(task).await;
            return Ok(Next::Now);
        }
        let counters = self.counters();
        let round = Sealer::round(self).await.inspect_err(|_| {
            counters.failed_rounds.fetch_add(1, Relaxed);
        })?;
        Ok(if round.more { Next::Now } else { Next::Later })
    }

    /// Counts ended instances that are not sealed yet.
    async fn pending(&mut self) -> Result<u64, JobError> {
        Ok(self.settling.len() as u64)
    }

    async fn woken(&mut self) {
        self.queue.wait().await;
    }
}
