use async_trait::async_trait;
use rollcall_model::{AccountId, Instance, InstanceId, LocationGrain, ParticipantId, Timestamp};

use crate::{Result, RowRange};

/// Parts of an instance that are deleted some time after it was over: after its end, or its start if no end was
/// reported. An instance that never ended counts as over two days after it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstancePart {
    /// QoS minutes. Labels and rollups computed from them stay.
    Minutes,
    /// Everything that identifies participants; see [`rollcall_model::Participant::without_identity`].
    Identity,
    /// Participants, together with their minutes.
    Participants,
    /// The instance itself, together with all of the above.
    Whole,
}

/// Rows with an age of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgedRows {
    /// Tracking sources with their counters, by the last or planned run of their webinar.
    TrackingSources,
    /// Registrations through these, by the same time.
    Registrations,
    /// Documents: of an instance or a meeting by the same time as these, others by their own.
    Documents,
    /// Scheduled meetings and webinars of which nothing else is stored, by the same time.
    Meetings,
    /// Quality rollups, by their day. They are not rebuilt.
    Rollups,
    /// Webhook reports, by the end of the instance. Their effects stay.
    WebhookReports,
    /// Access and refresh tokens, by when they expired.
    EndedTokens,
    /// Audit entries, by their time.
    Audit,
}

/// How much is older than an instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// Number of rows to delete. For identities, participants are counted; for minutes, archived ones.
    pub rows: u64,
    /// Number of instances that they belong to; `None` if they belong to none.
    pub instances: Option<u64>,
    /// The time of the oldest row that is not yet that old, which expires next.
    pub next: Option<Timestamp>,
}

/// Result of deleting a part of an instance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Number of deleted rows.
    pub rows: u64,
    /// Whether there are more of them.
    pub more: bool,
}

/// Progress of blanking an instance's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlankedSoFar {
    /// The last participant that was examined; `None` before the first.
    pub after: Option<ParticipantId>,
    /// The instance's counter after that; `None` before the first.
    pub changes: Option<u64>,
    /// Number of changed rows.
    pub rows: u64,
}

/// State of the rounds that delete expired data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetentionState {
    /// When a round last ran, by the clock of its machine.
    pub last_round: Option<Timestamp>,
    /// Since when rounds wait for a confirmation, because the clock may have jumped.
    pub waiting_since: Option<Timestamp>,
    /// When deleted data was restored: rounds then wait for a confirmation.
    pub undone_at: Option<Timestamp>,
    /// When the newest account was created. Read only.
    pub newest_account: Option<Timestamp>,
}

/// Deleted rows of the archive that can be restored for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptDrop {
    /// Its row id.
    pub id: i64,
    /// The account.
    pub account: AccountId,
    /// The instance, as it was before the deletion.
    pub instance: Instance,
    /// The file of its minutes, and its rows in it.
    pub minutes: Option<(String, RowRange)>,
    /// The file of its participants, and its rows in it.
    pub participants: Option<(String, RowRange)>,
    /// When they were deleted.
    pub dropped_at: Timestamp,
    /// Until when the files are kept.
    pub keep_until: Timestamp,
}

/// Deleting expired data.
///
/// Everything is deleted in bounded steps, and whatever an interruption leaves is still due. Rows of archive files are
/// deleted by removing their references: merging and sweeping do the rest.
#[async_trait]
pub trait RetentionStore {
    /// Returns instances of any account that were over before `before` and still have the part, ordered by row id,
    /// after `after`. Of minutes, only archived ones are seen.
    async fn due_instances(
        &self,
        part: InstancePart,
        before: Timestamp,
        after: Option<InstanceId>,
        limit: usize,
    ) -> Result<Vec<(AccountId, InstanceId)>>;

    /// Returns how much of the part was over before `before`, in all accounts.
    async fn due_part(&self, part: InstancePart, before: Timestamp) -> Result<Due>;

    /// Deletes up to `limit` rows of a part of an instance that was over before `before`; nothing if it was not. A part
    /// that contains others is deleted after them: minutes, then participants, then the whole.
    ///
    /// [`InstancePart::Minutes`] removes archived minutes from the index, in one step regardless of the limit; hot ones
    /// belong to the live store. [`InstancePart::Identity`] is for [`Self::blank_identity`], and deletes nothing here.
    async fn drop_part(
        &self,
        account: AccountId,
        instance: InstanceId,
        part: InstancePart,
        before: Timestamp,
        at: Timestamp,
        limit: usize,
    ) -> Result<Dropped>;

    /// Blanks everything that identifies participants in up to `limit` participants after those of `so_far`, of an
    /// instance that was over before `before`. After the last, blanks the instance itself, and deletes its webhook
    /// reports. Returns the progress, or `None` at the end. If something else changed the instance meanwhile, it stays
    /// due.
    async fn blank_identity(
        &self,
        account: AccountId,
        instance: InstanceId,
        grain: LocationGrain,
        before: Timestamp,
        so_far: BlankedSoFar,
        limit: usize,
    ) -> Result<(u64, Option<BlankedSoFar>)>;

    /// Returns how many rows of the kind are older than `before`, in all accounts.
    async fn due_rows(&self, kind: AgedRows, before: Timestamp) -> Result<Due>;

    /// Deletes up to about `limit` rows of the kind that are older than `before`, and returns their number.
    async fn drop_rows(&self, kind: AgedRows, before: Timestamp, limit: usize) -> Result<u64>;

    /// Returns the state of rounds.
    async fn retention_state(&self) -> Result<RetentionState>;

    /// Stores the state of rounds.
    async fn set_retention_state(&self, state: RetentionState) -> Result<()>;

    /// Returns when the latest instance was over that was over at `now` or before: the newest fact that is not ahead of
    /// the clock.
    async fn newest_fact(&self, now: Timestamp) -> Result<Option<Timestamp>>;

    /// Records that an instance's archived rows are about to be deleted, so that [`Self::kept_drops`] lists them and
    /// their files stay until `keep_until`. Returns whether it has any.
    async fn keep_drop(
        &self,
        account: AccountId,
        instance: InstanceId,
        at: Timestamp,
        keep_until: Timestamp,
    ) -> Result<bool>;

    /// Returns what was deleted and can be restored, oldest first, after the row `after`.
    async fn kept_drops(&self, after: i64, limit: usize) -> Result<Vec<KeptDrop>>;

    /// Releases files that were kept until before `before`, in all accounts. Returns how many deletions cannot be
    /// undone any more.
    async fn release_drops(&self, before: Timestamp) -> Result<u64>;

    /// Releases the files of one deletion.
    async fn release_drop(&self, id: i64) -> Result<()>;
}
