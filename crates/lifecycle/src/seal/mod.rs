//! The life of an instance: live, settling, sealed, reopened.
//!
//! An instance whose end nobody tells counts as ended when nothing was heard of it for the silence time
//! (`lapse.rs`). One that has ended, and that nobody has written to for the settle time, is *sealed*: its participants and
//! its minutes are written to files of the archive, and its minutes leave the live store. A late fact *reopens* it: what is
//! hot is read together with what is archived, and both are sealed into one again. No state is stored; it follows from
//! what the live store holds, what the index names, and whether the instance has changed since.
//!
//! # The order of steps, and why each may be the last
//!
//! | step | what it does | where a crash after it leaves things |
//! |---|---|---|
//! | watch | the live store begins to note whether the instance is written to | nothing is changed |
//! | begin | the index learns the names of the files to come, as files without rows | names of files that are not there, or not whole: swept later |
//! | [`Sealer::write`] | the files are written durably, each under a name that no other file has or had | files that nobody refers to: swept later |
//! | [`Sealer::record`] | the index names the files and rows, and the rollups change by what they count for, in one transaction | the minutes are in the archive and still hot, with the same values: read as one, and sealed again |
//! | [`Sealer::delete`] | the live store deletes the minutes, a bounded number at a time, for as long as nobody has written to the instance since the watch began | some are left hot: as before |
//! | [`Sealer::sweep`] | files that nobody has referred to for the grace time are deleted, then forgotten | a name of a file that is not there: deleted once more |
//!
//! A merge goes the same way: begin, [`Sealer::write_merge`], [`Sealer::record_merge`]; what it replaces is swept.
//!
//! Nothing is lost, since minutes leave the live store only when a durable file has them and the index says so, and since
//! the thread that deletes them is the one that writes: whatever it wrote after the watch began stops the deletion.
//! Nothing is seen twice, since a minute has one key, and who reads merges what is hot with what is archived. Nothing
//! stays behind, since each round begins with what is hot and what is unsealed, and not with what the last one knew.
//!
//! One sealer at a time works on an archive: it is part of the process that holds the live store.

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
use rollcall_archive::{Archive, ArchiveError, TieredMinutes};
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

/// When and how much is sealed at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealSettings {
    /// How long nobody has to have written to an ended instance before it is sealed.
    pub settle: Duration,
    /// How long ago the last sign of life of an instance has to lie before it counts as ended, where no end is told.
    pub silence: Duration,
    /// How long to wait between rounds.
    pub round: Duration,
    /// How long a file stays that nobody refers to any more: whoever looked its name up may still read it.
    pub grace: Duration,
    /// Which files are merged.
    pub merge: MergePolicy,
    /// By whose limits the rollups count issues. Those that were counted by another's are built again.
    pub profile: Profile,
}

impl Default for SealSettings {
    fn default() -> Self {
        Self {
            settle: Duration::from_secs(600),
            // No vendor lets a meeting run for longer.
            silence: Duration::from_secs(30 * 3600),
            round: Duration::from_secs(15),
            grace: Duration::from_secs(300),
            merge: MergePolicy { full_rows: 2_000_000, min_files: 8 },
            profile: Profile::default(),
        }
    }
}

/// Why a step failed. Nothing is lost by it, and the next round tries again.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive failed.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A minute is of a participant that the entity store does not know.
    #[error("instance {instance} has minutes of participant {participant}, who is not stored")]
    UnknownParticipant {
        /// The instance.
        instance: InstanceId,
        /// Its participant.
        participant: ParticipantId,
    },
    /// An account's public id is not fit for a path.
    #[error("account {account} cannot be archived: {reason}")]
    Account {
        /// The account.
        account: AccountId,
        /// What is wrong with its public id.
        reason: String,
    },
    /// The sealer stopped before a task was done.
    #[error("the sealer was stopped before it was done; run the command again")]
    Stopped,
}

/// What was done since the sealer began, and how it stands; for metrics.
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

/// [`SealCounters`] at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SealReport {
    /// Instances that count as ended since nothing was heard of them; one that lapsed twice counts twice.
    pub lapsed_instances: u64,
    /// Instances that were sealed; one that was sealed twice counts twice.
    pub sealed_instances: u64,
    /// Their minutes.
    pub sealed_minutes: u64,
    /// Files whose rows were copied into larger ones.
    pub merged_files: u64,
    /// Files that nobody referred to any more.
    pub deleted_files: u64,
    /// Rounds that broke off.
    pub failed_rounds: u64,
    /// Instances that could not be sealed, each time.
    pub failed_instances: u64,
    /// Merges that a damaged file was in the way of, each time.
    pub failed_merges: u64,
    /// Ended instances that wait to be sealed now.
    pub settling_instances: u64,
}

impl SealReport {
    /// What was done after `before`.
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
    /// The counters as they are now.
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

/// What came of a round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// How many instances were sealed.
    pub sealed: u64,
    /// How many files were merged.
    pub merged: u64,
    /// How many files were deleted.
    pub deleted: u64,
    /// Whether there is more to do at once.
    pub more: bool,
}

/// Moves ended instances from the live store to the archive, and keeps the archive tidy.
pub struct Sealer {
    shelf: Shelf,
    live: Arc<dyn LiveMinutes>,
    tiered: TieredMinutes,
    settings: SealSettings,
    settling: Settling,
    /// The folder after which the next merge looks for work.
    merged_until: Option<String>,
    rollups: Rollups,
    /// Which days' rollups are to be looked at; none once all were.
    stale_after: Option<Option<(AccountId, Day)>>,
    counters: Arc<SealCounters>,
    holds: SweepHolds,
    /// What it is asked for beside its rounds.
    queue: Queue,
}

/// Keeps a sealer from deleting files of the archive while somebody copies them. Clones speak of the same sealer.
#[derive(Debug, Clone, Default)]
pub struct SweepHolds(Arc<RwLock<()>>);

/// No file is deleted until this is dropped.
#[derive(Debug)]
pub struct SweepHold {
    _held: OwnedRwLockReadGuard<()>,
}

impl SweepHolds {
    /// Holds off deletions, and waits for those under way.
    pub async fn hold(&self) -> SweepHold {
        SweepHold { _held: Arc::clone(&self.0).read_owned().await }
    }

    fn try_sweep(&self) -> Result<RwLockWriteGuard<'_, ()>, TryLockError> {
        self.0.try_write()
    }
}

impl Sealer {
    /// A sealer of these stores.
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

    /// What holds off the deletion of files.
    #[must_use]
    pub fn holds(&self) -> SweepHolds {
        self.holds.clone()
    }

    /// What the sealer counts.
    #[must_use]
    pub fn counters(&self) -> Arc<SealCounters> {
        Arc::clone(&self.counters)
    }

    /// Seals what has settled, merges what is worth it, and deletes what nobody refers to: a bounded amount of each.
    ///
    /// # Errors
    /// Where a store or the archive failed. What was done before stays done.
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

    /// Builds the rollup of the next day that was archived by an earlier version, or counted by other rules; whether there
    /// are more days to look at.
    async fn build_stale_rollup(&mut self) -> Result<bool, SealError> {
        let Some(after) = self.stale_after else { return Ok(false) };
        let days = self.rollups.days(after).await?;
        let stale = days.iter().find(|day| day.is_stale(self.rollups.rules()));
        let last = stale.or(days.last()).map(|day| (day.account, day.day));
        self.stale_after = last.map(Some);
        if let Some(RollupDay { account, day, .. }) = stale.copied() {
            match self.rollups.rebuild(account, day).await {
                Ok(_) => {}
                // A damaged file is in the way of its own day, and of nothing else.
                Err(SealError::Archive(error)) => {
                    tracing::error!(%account, day = %date_of(day), %error, "a day's rollup was not built");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(self.stale_after.is_some())
    }
}

/// Seals round after round. A task that the sealer is asked for goes before the next round.
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
