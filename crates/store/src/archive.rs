use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, ParticipantId, Timestamp};

use crate::{Result, RollupChange, StoredInstance};

/// A file's row id in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArchiveFileId(pub i64);

/// Kind of a file's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArchiveTable {
    /// QoS minutes, one row for each minute of each participant.
    QosMinutes,
    /// Participants, one row each.
    Participants,
}

impl ArchiveTable {
    /// Returns the table's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QosMinutes => "qos_minutes",
            Self::Participants => "participants",
        }
    }
}

/// A range of rows, counted from a file's first row or, if stated, from an instance's first row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowRange {
    /// The first row.
    pub first: u64,
    /// Number of rows.
    pub rows: u64,
}

/// A file that was written durably, to be added to the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArchiveFile {
    /// The account.
    pub account: AccountId,
    /// Kind of its rows.
    pub table: ArchiveTable,
    /// Its folder and name below the archive's root. Unique.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Number of rows.
    pub rows: u64,
}

impl NewArchiveFile {
    /// Returns the folder: files of the same table, account and day, which may be merged.
    #[must_use]
    pub fn partition(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// A file in the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveFile {
    /// Its row id.
    pub id: ArchiveFileId,
    /// The file as it was added.
    pub file: NewArchiveFile,
    /// Number of instances with rows in it.
    pub instances: u64,
    /// Number of rows that belong to instances; the others are left over from earlier sealings.
    pub referenced_rows: u64,
    /// When it was added to the index.
    pub written_at: Timestamp,
    /// Since when no instance has rows in it; `None` while one has.
    pub unreferenced_since: Option<Timestamp>,
}

/// Where an instance's rows of one table are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivePlace {
    /// The file's row id.
    pub file: ArchiveFileId,
    /// The file's path.
    pub path: String,
    /// The file's size.
    pub bytes: u64,
    /// The instance's rows in the file.
    pub range: RowRange,
}

/// Where an instance's minutes are, and those of each participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedMinutes {
    /// All of the instance's.
    pub place: ArchivePlace,
    /// Each participant's rows in the file.
    pub participants: Vec<(ParticipantId, RowRange)>,
}

/// What the index knows about an archived instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedInstance {
    /// When it was last sealed.
    pub sealed_at: Timestamp,
    /// Its minutes; `None` if it has none.
    pub minutes: Option<ArchivePlace>,
    /// Its participants; `None` if it has none.
    pub participants: Option<ArchivePlace>,
}

/// An instance and the state of its record.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceLife {
    /// The account.
    pub account: AccountId,
    /// The instance as stored.
    pub stored: StoredInstance,
    /// A counter that changes whenever the instance or its participants change.
    pub changes: u64,
    /// The value of `changes` when the instance was last sealed; `None` if it never was.
    pub sealed_changes: Option<u64>,
    /// Whether retention has deleted minutes: then values computed from all minutes must not be recomputed from the
    /// rest.
    pub minutes_dropped: bool,
}

/// One instance's part in a sealing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedInstance {
    /// Its row id.
    pub instance: InstanceId,
    /// [`InstanceLife::changes`] before anything else was read.
    pub changes: u64,
    /// The row of the new file of minutes at which its minutes begin.
    pub first_minute: u64,
    /// Number of minutes of each participant who has any, ordered by row id, as in the file.
    pub minutes: Vec<(ParticipantId, u64)>,
    /// Its rows in the new file of participants.
    pub participants: RowRange,
    /// The resulting change of the rollups.
    pub rollup: RollupChange,
}

/// Files that were written, and the instances with rows in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealing {
    /// The account.
    pub account: AccountId,
    /// The minutes; `None` if no instance has any.
    pub minutes_file: Option<NewArchiveFile>,
    /// The participants; `None` if no instance has any.
    pub participants_file: Option<NewArchiveFile>,
    /// The instances.
    pub instances: Vec<SealedInstance>,
    /// When it was sealed.
    pub at: Timestamp,
}

/// Where a merge copied an instance's rows from and to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MovedRows {
    /// The instance.
    pub instance: InstanceId,
    /// The source file.
    pub from: ArchiveFileId,
    /// The rows in the source file.
    pub range: RowRange,
    /// The first row in the new file.
    pub to: u64,
}

/// Rows of several files, copied to one new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The new file.
    pub file: NewArchiveFile,
    /// Its content.
    pub moved: Vec<MovedRows>,
    /// When it was merged.
    pub at: Timestamp,
}

/// A folder with files that are worth merging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeablePartition {
    /// The folder.
    pub partition: String,
    /// Its files that are worth merging, those with leftover rows first, then the smallest.
    pub files: Vec<ArchiveFile>,
}

/// Which files are worth merging.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergePolicy {
    /// A file with at least this many rows is full.
    pub full_rows: u64,
    /// A folder with this many files that are not full is merged.
    pub min_files: u64,
}

/// The archive's index: where each instance's archived rows are.
///
/// The index is authoritative: files that are not in it, and rows of known files that belong to no instance, do not
/// exist. It changes from one state to the next in one transaction, after the files that it then lists are durable.
#[async_trait]
pub trait ArchiveIndex {
    /// Returns past instances that were never sealed, or have changed since, ordered by row id, after `after`. Changes
    /// of an instance's details and participants count here; changes of its minutes do not, because only the live store
    /// knows them.
    async fn unsealed_instances(&self, after: Option<InstanceId>, limit: usize) -> Result<Vec<InstanceLife>>;

    /// Returns the instances with these row ids, in the given order; unknown ones are omitted.
    async fn instance_lives(&self, instances: &[(AccountId, InstanceId)]) -> Result<Vec<InstanceLife>>;

    /// Returns what is archived of the instance. `None` if it was never sealed.
    async fn archived_instance(&self, account: AccountId, instance: InstanceId) -> Result<Option<ArchivedInstance>>;

    /// Returns where minutes are: the file, and the rows of each of `participants` who has any, in the given order.
    /// `None` if the instance has no archived minutes.
    async fn archived_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
    ) -> Result<Option<ArchivedMinutes>>;

    /// Returns the instance's participants with archived minutes, ordered by row id, after `after`, with their rows
    /// counted from the instance's first row.
    async fn list_archived_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<Vec<(ParticipantId, RowRange)>>;

    /// Removes a participant's archived minutes from the index, because they are now stored elsewhere, under another
    /// participant. This changes the instance. Returns whether there were any.
    async fn forget_archived_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participant: ParticipantId,
    ) -> Result<bool>;

    /// Records that a file is about to be written, so that the remains of a crash can be found: it is listed without
    /// rows until a sealing or a merge uses it.
    async fn begin_archive_file(
        &self,
        account: AccountId,
        table: ArchiveTable,
        path: &str,
        at: Timestamp,
    ) -> Result<()>;

    /// Records a sealing atomically, and returns its instances: an instance whose counter has changed since it was read
    /// is not updated, and one that was deleted meanwhile stays deleted. Otherwise, the new entries replace earlier
    /// ones, in the rollups, too.
    async fn record_sealing(&self, sealing: Sealing) -> Result<Vec<InstanceId>>;

    /// Adds the content of files that are not in the index, as [`Self::record_sealing`] does for new ones. A file may
    /// be adopted several times, each time for other instances.
    async fn adopt_archived(&self, sealing: Sealing) -> Result<Vec<InstanceId>>;

    /// Records a merge atomically. Rows that are no longer where the merge found them are not changed.
    async fn record_merge(&self, merge: Merge) -> Result<()>;

    /// Returns files ordered by row id, after `after`, of one account or of all.
    async fn list_archive_files(
        &self,
        account: Option<AccountId>,
        after: Option<ArchiveFileId>,
        limit: usize,
    ) -> Result<Vec<ArchiveFile>>;

    /// Returns files without rows of any instance since before `before`, ordered by row id, after `after`. Omits those
    /// that retention keeps for a while ([`crate::RetentionStore::keep_drop`]), unless an erasure affects them.
    async fn unreferenced_archive_files(
        &self,
        before: Timestamp,
        after: Option<ArchiveFileId>,
        limit: usize,
    ) -> Result<Vec<ArchiveFile>>;

    /// Returns the file with that path.
    async fn find_archive_file(&self, path: &str) -> Result<Option<ArchiveFile>>;

    /// Returns a folder with files worth merging, after the folder `after` in the order of names: one with at least
    /// [`MergePolicy::min_files`] files that are not full, or with a file that has leftover rows.
    async fn mergeable_partition(&self, policy: MergePolicy, after: Option<&str>)
    -> Result<Option<MergeablePartition>>;

    /// Returns the instances with rows in these files, ordered by row id, after `after`.
    async fn instances_in_files(
        &self,
        files: &[ArchiveFileId],
        after: Option<InstanceId>,
        limit: usize,
    ) -> Result<Vec<(InstanceId, ArchiveFileId, RowRange)>>;

    /// Removes a file without rows of any instance from the index. Returns whether it did.
    async fn forget_archive_file(&self, id: ArchiveFileId) -> Result<bool>;
}
