use async_trait::async_trait;
use rollcall_model::{AccountId, Instance, InstanceId, LocationGrain, ParticipantId, Timestamp};

use crate::{Result, RowRange};

/// What is dropped of an instance some time after it was over: at its end, or at its start where no end was told. One
/// that never ended counts as over two days after it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstancePart {
    /// QoS minutes. Labels and rollups that were made out of them stay.
    Minutes,
    /// Whatever tells who was there; see [`rollcall_model::Participant::without_identity`].
    Identity,
    /// Participants, and with them their minutes.
    Participants,
    /// The instance itself, and with it all of the above.
    Whole,
}

/// Rows that are dropped by an age of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgedRows {
    /// Tracking sources with their counters, by when their webinar ran last or was to run.
    TrackingSources,
    /// Who registered through which of them, likewise.
    Registrations,
    /// Scheduled meetings and webinars of which nothing else is stored any more, likewise.
    Meetings,
    /// Rollups of quality, day by day, by their day. They are not built again.
    Rollups,
    /// What webhooks told, by when the instance ended. What came of it stays.
    WebhookReports,
    /// Access and refresh tokens, by when they ended.
    EndedTokens,
    /// The record of who did what, by when it was done.
    Audit,
}

/// How much is older than some instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// How many rows are to be dropped. Of an instance's identity, participants are counted; of minutes, those that are
    /// archived.
    pub rows: u64,
    /// How many instances they belong to; none where they belong to none.
    pub instances: Option<u64>,
    /// The time of the oldest that is not yet that old: what is dropped next.
    pub next: Option<Timestamp>,
}

/// What came of dropping a part of an instance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    /// How many rows went.
    pub rows: u64,
    /// Whether there are more of them.
    pub more: bool,
}

/// How far an instance's identity has been blanked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlankedSoFar {
    /// The last participant that was looked at; none before the first.
    pub after: Option<ParticipantId>,
    /// The instance's counter after that; none before the first.
    pub changes: Option<u64>,
    /// How many rows have changed.
    pub rows: u64,
}

/// What is known of the rounds that drop what is past its time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetentionState {
    /// When a round ran last, by the clock of the machine that it ran on.
    pub last_round: Option<Timestamp>,
    /// Since when rounds wait for a confirmation, since the clock may have jumped.
    pub waiting_since: Option<Timestamp>,
    /// When something dropped was brought back: rounds wait for a confirmation.
    pub undone_at: Option<Timestamp>,
    /// When the newest account was made. Read only.
    pub newest_account: Option<Timestamp>,
}

/// Rows of the archive that were dropped and can be brought back for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptDrop {
    /// Its row.
    pub id: i64,
    /// Whose.
    pub account: AccountId,
    /// The instance, as it was when the rows were dropped.
    pub instance: Instance,
    /// The file of its minutes, and its rows in it.
    pub minutes: Option<(String, RowRange)>,
    /// The file of its participants, and its rows in it.
    pub participants: Option<(String, RowRange)>,
    /// When they were dropped.
    pub dropped_at: Timestamp,
    /// Until when the files are kept.
    pub keep_until: Timestamp,
}

/// What is stored no longer than it has to be.
///
/// Everything here is dropped a bounded number of rows at a time, and whatever is broken off is still due. Rows of
/// archived files are dropped by no longer being referred to: merging and sweeping do the rest.
#[async_trait]
pub trait RetentionStore {
    /// Instances of any account that were over before `before` and have the part still, by row, after `after`. Of
    /// minutes, only archived ones are seen.
    async fn due_instances(
        &self,
        part: InstancePart,
        before: Timestamp,
        after: Option<InstanceId>,
        limit: usize,
    ) -> Result<Vec<(AccountId, InstanceId)>>;

    /// How much of the part was over before `before`, in all accounts.
    async fn due_part(&self, part: InstancePart, before: Timestamp) -> Result<Due>;

    /// Drops up to `limit` rows of a part of an instance that was over before `before`; nothing of another. A part that
    /// contains others is dropped after them: minutes, then participants, then the whole.
    ///
    /// [`InstancePart::Minutes`] lets the index forget those that are archived, in one step whatever the limit; hot ones
    /// are the live store's. [`InstancePart::Identity`] is for [`Self::blank_identity`], and drops nothing here.
    async fn drop_part(
        &self,
        account: AccountId,
        instance: InstanceId,
        part: InstancePart,
        before: Timestamp,
        at: Timestamp,
        limit: usize,
    ) -> Result<Dropped>;

    /// Blanks whatever tells who was there in up to `limit` participants after those of `so_far`, of an instance that was
    /// over before `before`; after the last, in the instance itself, and forgets what webhooks told of it. Answers how far
    /// it has come, or none where that was the end. Where something else changed the instance meanwhile, it stays due.
    async fn blank_identity(
        &self,
        account: AccountId,
        instance: InstanceId,
        grain: LocationGrain,
        before: Timestamp,
        so_far: BlankedSoFar,
        limit: usize,
    ) -> Result<(u64, Option<BlankedSoFar>)>;

    /// How many rows of the kind are older than `before`, in all accounts.
    async fn due_rows(&self, kind: AgedRows, before: Timestamp) -> Result<Due>;

    /// Drops up to about `limit` rows of the kind that are older than `before`, and answers how many.
    async fn drop_rows(&self, kind: AgedRows, before: Timestamp, limit: usize) -> Result<u64>;

    /// What is known of rounds.
    async fn retention_state(&self) -> Result<RetentionState>;

    /// Records what is known of rounds.
    async fn set_retention_state(&self, state: RetentionState) -> Result<()>;

    /// When the latest instance was over that was over at `now` or before: the newest fact that is not ahead of the clock.
    async fn newest_fact(&self, now: Timestamp) -> Result<Option<Timestamp>>;

    /// Notes that an instance's archived rows are about to be dropped, so that [`Self::kept_drops`] has them and their
    /// files stay until `keep_until`. Whether it has any.
    async fn keep_drop(
        &self,
        account: AccountId,
        instance: InstanceId,
        at: Timestamp,
        keep_until: Timestamp,
    ) -> Result<bool>;

    /// What was dropped and can be brought back, the oldest first, after the row `after`.
    async fn kept_drops(&self, after: i64, limit: usize) -> Result<Vec<KeptDrop>>;

    /// Lets files go that were kept until before `before`, in all accounts; how many drops cannot be undone any more.
    async fn release_drops(&self, before: Timestamp) -> Result<u64>;

    /// Lets the files of one drop go.
    async fn release_drop(&self, id: i64) -> Result<()>;
}
