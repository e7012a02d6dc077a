use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, ParticipantId, Timestamp};

use crate::{Result, RollupChange, StoredInstance};

/// A file's row in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArchiveFileId(pub i64);

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArchiveTable {
    /// QoS minutes, one row for each minute of each participant.
    QosMinutes,
    /// Participants, one row each.
    Participants,
}

impl ArchiveTable {
    /// The table's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QosMinutes => "qos_minutes",
            Self::Participants => "participants",
        }
    }
}

/// A stretch of rows, counted from a file's first row or, where that is said, from an instance's first row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowRange {
    /// The first row.
    pub first: u64,
    /// How many rows.
    pub rows: u64,
}

/// A file that was written durably, to be made known to the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArchiveFile {
    /// Whose rows are in it.
    pub account: AccountId,
    /// What its rows are.
    pub table: ArchiveTable,
    /// Its folder and its name below the archive's root. No two files have the same.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// How many rows it has.
    pub rows: u64,
}

impl NewArchiveFile {
    /// The folder: files of the same table, account and day, which may be merged.
    #[must_use]
    pub fn partition(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// A file that the index knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveFile {
    /// Its row.
    pub id: ArchiveFileId,
    /// What was told of it when it was made known.
    pub file: NewArchiveFile,
    /// How many instances have their rows in it.
    pub instances: u64,
    /// How many of its rows are instances' rows; the others are left over from earlier sealings.
    pub referenced_rows: u64,
    /// When it was made known.
    pub written_at: Timestamp,
    /// Since when no instance has rows in it; none while one has.
    pub unreferenced_since: Option<Timestamp>,
}

/// Where an instance's rows of one table lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivePlace {
    /// The file's row.
    pub file: ArchiveFileId,
    /// The file's path.
    pub path: String,
    /// The file's size.
    pub bytes: u64,
    /// The instance's rows in the file.
    pub range: RowRange,
}

/// Where an instance's minutes lie, and which of them are whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedMinutes {
    /// All of the instance's.
    pub place: ArchivePlace,
    /// Each participant's rows in the file.
    pub participants: Vec<(ParticipantId, RowRange)>,
}

/// What the index knows of an archived instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedInstance {
    /// When it was sealed last.
    pub sealed_at: Timestamp,
    /// Its minutes; none where it had none.
    pub minutes: Option<ArchivePlace>,
    /// Its participants; none where it had none.
    pub participants: Option<ArchivePlace>,
}

/// An instance and how far its record has come.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceLife {
    /// Whose it is.
    pub account: AccountId,
    /// The instance as it is stored.
    pub stored: StoredInstance,
    /// Moves whenever something of the instance or of its participants changes.
    pub changes: u64,
    /// What `changes` was when the instance was sealed last; none where it never was.
    pub sealed_changes: Option<u64>,
    /// Whether retention has dropped minutes: what was made out of them is not to be made out of what is left.
    pub minutes_dropped: bool,
}

/// One instance's part in a sealing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedInstance {
    /// Its row.
    pub instance: InstanceId,
    /// [`InstanceLife::changes`] as it was before anything else was read.
    pub changes: u64,
    /// The row of the sealing's file of minutes at which its minutes begin.
    pub first_minute: u64,
    /// How many minutes each participant has who has any, in the order of their rows, which is that of the file.
    pub minutes: Vec<(ParticipantId, u64)>,
    /// Its rows in the sealing's file of participants.
    pub participants: RowRange,
    /// What changes in the rollups with it.
    pub rollup: RollupChange,
}

/// Files that were written, and the instances whose rows are in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealing {
    /// Whose.
    pub account: AccountId,
    /// The minutes; none where no instance has any.
    pub minutes_file: Option<NewArchiveFile>,
    /// The participants; none where no instance has any.
    pub participants_file: Option<NewArchiveFile>,
    /// The instances.
    pub instances: Vec<SealedInstance>,
    /// When.
    pub at: Timestamp,
}

/// Where a merge took an instance's rows from and brought them to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MovedRows {
    /// Whose rows.
    pub instance: InstanceId,
    /// The file that they were copied from.
    pub from: ArchiveFileId,
    /// The rows in that file.
    pub range: RowRange,
    /// The row of the new file at which they begin.
    pub to: u64,
}

/// Files' rows, copied into one new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The new file.
    pub file: NewArchiveFile,
    /// What is in it.
    pub moved: Vec<MovedRows>,
    /// When.
    pub at: Timestamp,
}

/// A folder whose files are worth merging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeablePartition {
    /// The folder.
    pub partition: String,
    /// Its files that are worth merging, the smallest first.
    pub files: Vec<ArchiveFile>,
}

/// Which files are worth merging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergePolicy {
    /// A file with at least so many rows is large enough.
    pub full_rows: u64,
    /// So many files of one folder that are not are merged.
    pub min_files: u64,
}

/// What of an instance is where in the archive.
///
/// The index says what counts: a file that it does not know, and rows of a known file that no instance has, do not
/// exist. It is moved from one state to the next in one transaction, after the files that it then names are durable.
#[async_trait]
pub trait ArchiveIndex {
    /// Past instances that were never sealed, or have changed since, by row, after `after`: an instance's details and
    /// participants count here, not its minutes, of which only the live store knows.
    async fn unsealed_instances(&self, after: Option<InstanceId>, limit: usize) -> Result<Vec<InstanceLife>>;

    /// The instances of these rows, in the order asked for; those that are not there are left out.
    async fn instance_lives(&self, instances: &[(AccountId, InstanceId)]) -> Result<Vec<InstanceLife>>;

    /// What is archived of the instance; none where it never was.
    async fn archived_instance(&self, account: AccountId, instance: InstanceId) -> Result<Option<ArchivedInstance>>;

    /// Where minutes lie: the file, and the rows of each of `participants` who has any there, in the order asked for. None where the instance has no archived minutes.
    async fn archived_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
    ) -> Result<Option<ArchivedMinutes>>;

    /// The instance's participants who have archived minutes, in the order of their rows, after `after`, with their
    /// rows counted from the instance's first row.
    async fn list_archived_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<Vec<(ParticipantId, RowRange)>>;

    /// Forgets a participant's archived minutes, which have come to be stored elsewhere: they are another's now. The
    /// instance has changed by it. Whether there were any.
    async fn forget_archived_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participant: ParticipantId,
    ) -> Result<bool>;

    /// Says that a file is about to be written, so that what a crash leaves of it is found: from now on it is a file of no
    /// rows that no instance has any in, until a sealing or a merge names it.
    async fn begin_archive_file(
        &self,
        account: AccountId,
        table: ArchiveTable,
        path: &str,
        at: Timestamp,
    ) -> Result<()>;

    /// Makes a sealing known, all or nothing, and answers of which instances: one whose counter has moved since it was
    /// read stays as it was known, and one that was dropped in the meantime stays dropped. What was known of the others
    /// gives way to it, in the rollups too.
    async fn record_sealing(&self, sealing: Sealing) -> Result<Vec<InstanceId>>;

    /// Makes known what stands in files that no index knows any more, as [`Self::record_sealing`] does for new ones. A file
    /// may be adopted several times, each time for other instances.
    async fn adopt_archived(&self, sealing: Sealing) -> Result<Vec<InstanceId>>;

    /// Makes a merge known, all or nothing. Rows that are no longer where the merge found them stay where they are.
    async fn record_merge(&self, merge: Merge) -> Result<()>;

    /// Files by row, after `after`, of one account or of all.
    async fn list_archive_files(
        &self,
        account: Option<AccountId>,
        after: Option<ArchiveFileId>,
        limit: usize,
    ) -> Result<Vec<ArchiveFile>>;

    /// Files that no instance has had rows in since before `before`, by row, after `after`, without those that retention
    /// keeps for a while ([`crate::RetentionStore::keep_drop`]); those that an erasure is about are among them.
    async fn unreferenced_archive_files(
        &self,
        before: Timestamp,
        after: Option<ArchiveFileId>,
        limit: usize,
    ) -> Result<Vec<ArchiveFile>>;

    /// The file of that path.
    async fn find_archive_file(&self, path: &str) -> Result<Option<ArchiveFile>>;

    /// A folder with files worth merging, after the folder `after` in the order of their names: with at least
    /// [`MergePolicy::min_files`] that are not full, or with one that holds rows which are no instance's.
    async fn mergeable_partition(&self, policy: MergePolicy, after: Option<&str>)
    -> Result<Option<MergeablePartition>>;

    /// The instances with rows in these files, by row, after `after`.
    async fn instances_in_files(
        &self,
        files: &[ArchiveFileId],
        after: Option<InstanceId>,
        limit: usize,
    ) -> Result<Vec<(InstanceId, ArchiveFileId, RowRange)>>;

    /// Forgets a file that no instance has rows in; whether it did.
    async fn forget_archive_file(&self, id: ArchiveFileId) -> Result<bool>;
}
