use std::any::Any;

use async_trait::async_trait;
use rollcall_model::{
    Account, AccountId, Instance, InstanceId, InstanceRef, InstanceState, InstanceUuid, Meeting, MeetingKind,
    MeetingNumber, Participant, ParticipantId, ParticipantUserId, QualityLabels, Source, Text, Timestamp, User, UserId,
    UserStatus,
};

use crate::{Result, StoreError};

/// Tenants.
#[async_trait]
pub trait Accounts {
    /// Creates an account. [`crate::StoreError::Conflict`] if the name or the public id is taken.
    async fn create_account(&self, name: &str, public_id: &str, now: Timestamp) -> Result<Account>;

    /// Returns all accounts, oldest first.
    async fn accounts(&self) -> Result<Vec<Account>>;

    /// Returns the account with that row id.
    async fn account(&self, id: AccountId) -> Result<Option<Account>>;

    /// Returns the account with the name `name` or that public id.
    async fn find_account(&self, name_or_public_id: &str) -> Result<Option<Account>>;
}

/// A filter on users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserQuery {
    /// With this status.
    pub status: UserStatus,
    /// With this role.
    pub role_id: Option<Text>,
}

/// Users: people with a login.
#[async_trait]
pub trait UserStore {
    /// Writes users by id. Absent values keep what is stored; an empty list and a blank address count as absent. An
    /// address that another user of the account has moves to the one that is written; the other's becomes blank.
    async fn put_users(&self, account: AccountId, users: &[User]) -> Result<()>;

    /// Returns the user with that id, or with that email address regardless of case.
    async fn find_user(&self, account: AccountId, id_or_email: &str) -> Result<Option<User>>;

    /// Returns matching users, ordered by id, after `after`.
    async fn list_users(
        &self,
        account: AccountId,
        query: &UserQuery,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<Vec<User>>;

    /// Returns users of any status, ordered by id, after `after`; if `name` is set, only those whose name begins with it,
    /// regardless of the case of ASCII letters. The name is the display name, or else both names.
    async fn search_users(
        &self,
        account: AccountId,
        name: Option<&str>,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<Vec<User>>;

    /// Returns whether a user's personal meeting room has this name: whether its URL ends with it, regardless of case.
    async fn has_vanity_name(&self, account: AccountId, name: &str) -> Result<bool>;

    /// Returns the number of matching users.
    async fn count_users(&self, account: AccountId, query: &UserQuery) -> Result<u64>;
}

/// A time range of the planned start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MeetingWhen {
    /// At this instant or later.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub before: Option<Timestamp>,
}

/// A filter on scheduled meetings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingQuery {
    /// Meetings or webinars.
    pub kind: MeetingKind,
    /// Hosted by this user.
    pub host_id: UserId,
    /// Planned to start in this range; a meeting without a planned start matches only an unbounded range.
    pub when: MeetingWhen,
    /// Whether it has a live instance, if set.
    pub live: bool,
}

/// A filter on the account's planned meetings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedQuery {
    /// Meetings or webinars; both if `None`.
    pub kind: Option<MeetingKind>,
    /// Planned to start at this instant or later.
    pub from: Timestamp,
    /// Planned to start before this instant.
    pub before: Timestamp,
    /// Of hosts in this group.
    pub group: Option<Text>,
}

/// Scheduled meetings and webinars.
#[async_trait]
pub trait MeetingStore {
    /// Writes meetings by kind and number. Absent values keep what is stored.
    async fn put_meetings(&self, account: AccountId, meetings: &[Meeting]) -> Result<()>;

    /// Writes a meeting with a Webex id exactly as given: absent values are cleared. A new one must not exist, which is
    /// [`crate::StoreError::Conflict`]; another one must, which is [`crate::StoreError::NotFound`]. Webhooks report it.
    async fn write_series(&self, account: AccountId, meeting: &Meeting, is_new: bool) -> Result<()>;

    /// Deletes the meeting with that Webex id: lists omit it from now on, its runs stay. Webhooks report it. Returns
    /// whether there was one.
    async fn delete_series(&self, account: AccountId, series_id: &str, now: Timestamp) -> Result<bool>;

    /// Returns the meeting with that Webex id, unless it was deleted.
    async fn find_series(&self, account: AccountId, series_id: &str) -> Result<Option<Meeting>>;

    /// Returns the meeting with that Webex id, even if it was deleted.
    async fn find_series_ever(&self, account: AccountId, series_id: &str) -> Result<Option<Meeting>>;

    /// Returns meetings with Webex ids that were not deleted, ordered by these, after `after`.
    async fn list_series(&self, account: AccountId, after: Option<&Text>, limit: usize) -> Result<Vec<Meeting>>;

    /// Returns the meeting with that number.
    async fn find_meeting(
        &self,
        account: AccountId,
        kind: MeetingKind,
        number: MeetingNumber,
    ) -> Result<Option<Meeting>>;

    /// Returns matching meetings, ordered by number, after `after`.
    async fn list_meetings(
        &self,
        account: AccountId,
        query: &MeetingQuery,
        after: Option<MeetingNumber>,
        limit: usize,
    ) -> Result<Vec<Meeting>>;

    /// Returns planned meetings that were not deleted, ordered by planned start, kind and number, after `after`.
    async fn planned_meetings(
        &self,
        account: AccountId,
        query: &PlannedQuery,
        after: Option<(Timestamp, MeetingKind, MeetingNumber)>,
        limit: usize,
    ) -> Result<Vec<Meeting>>;

    /// Returns the number of matching meetings.
    async fn count_meetings(&self, account: AccountId, query: &MeetingQuery) -> Result<u64>;
}

/// An instance with its row id and stored counts.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredInstance {
    /// Its row id.
    pub id: InstanceId,
    /// Number of stored participants. Updated with every write, so that pages need not count.
    pub participants: u64,
    /// The labels computed from its minutes, see [`crate::QualityStore`].
    pub scored: QualityLabels,
    /// Who reported it first. Records of pages are in a namespace of their own.
    pub origin: Source,
    /// Whether it is past only because it was presumed ended, see [`crate::PresumedEndStore`].
    pub lapsed: bool,
    /// Whether a source stated the end, as opposed to the last leave. A stated end ends open attendances.
    pub end_stated: bool,
    /// The instance as reported; if it was presumed ended, past, with its last sign of life as its end.
    pub instance: Instance,
}

impl StoredInstance {
    /// Returns the instance as its sources reported it, presumed ended or not. Later facts are merged into this.
    #[must_use]
    pub fn as_told(self) -> Instance {
        if self.lapsed {
            Instance { state: InstanceState::Live, end_time: None, ..self.instance }
        } else {
            self.instance
        }
    }
}

/// Which of an instance's times a window applies to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InstanceSpan {
    /// When it began.
    #[default]
    Start,
    /// When it ended.
    End,
}

/// A filter on instances by groups of users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupFilter {
    /// The host's primary group ([`User::group_ids`], the first) is one of these.
    pub group_ids: Vec<Text>,
    /// Also matches instances with a participant of one of the groups: by [`Participant::group_id`], or if that was not
    /// reported, by the primary group of the user with the participant's id.
    pub include_participants: bool,
}

/// A filter on instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceQuery {
    /// Meetings or webinars.
    pub kind: MeetingKind,
    /// Live or past.
    pub state: InstanceState,
    /// Only those of the meeting with this number.
    pub number: Option<MeetingNumber>,
    /// Only those with at most this many participants (Zoom's `pastOne` uses one).
    pub max_participants: Option<u64>,
    /// Only those with at least this many participants.
    pub min_participants: Option<u64>,
    /// Which time `from` and `before` apply to.
    pub span: InstanceSpan,
    /// At this instant or later.
    pub from: Timestamp,
    /// Before this instant.
    pub before: Timestamp,
    /// Of these groups.
    pub groups: Option<GroupFilter>,
    /// Also those whose meeting's number is unknown.
    pub unnumbered: bool,
    /// Only those of a person.
    pub person: Option<InstancePerson>,
}

/// A person of instances, by id and by address; a blank one matches nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstancePerson {
    /// Who hosted it.
    Host {
        /// The user's id.
        id: UserId,
        /// The address, regardless of case.
        email: Text,
    },
    /// Who took part in it.
    Participant {
        /// The user's id.
        id: UserId,
        /// The address, regardless of case.
        email: Text,
    },
}

/// Where a list of instances continues: after the instance with this time and row id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstanceCursor {
    /// The time of the query's [`InstanceSpan`].
    pub time: Timestamp,
    /// The row id, which orders instances of the same time.
    pub id: InstanceId,
}

/// Counters that change whenever the displayed data of an instance changes, including its participants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InstanceVersion {
    /// Changes whenever the instance or its participants change.
    pub changes: u64,
    /// When the instance was last sealed, and labels were computed from its minutes; `None` if it never was.
    pub sealed_at: Option<Timestamp>,
}

/// A past instance with more participants than this is large: a list needs several pages for it.
pub const LARGE_INSTANCE: u64 = 300;

/// A past instance with more than [`LARGE_INSTANCE`] participants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LargeInstance {
    /// The account.
    pub account: AccountId,
    /// The row id.
    pub id: InstanceId,
    /// Meeting or webinar.
    pub kind: MeetingKind,
    /// The end; `None` if it is unknown.
    pub end_time: Option<Timestamp>,
    /// The number of stored participants.
    pub participants: u64,
    /// The current version.
    pub version: InstanceVersion,
}

/// Runs of meetings.
#[async_trait]
pub trait InstanceStore {
    /// Writes an instance by UUID and returns its row id. Absent values keep what is stored; a past instance does not
    /// become live again.
    async fn put_instance(&self, account: AccountId, instance: &Instance) -> Result<InstanceId> {
        self.put_instance_from(account, instance, Source::Operator, false).await
    }

    /// Writes an instance like [`Self::put_instance`], and stores its source if the instance is new.
    ///
    /// If its source `states_end` and it is past, the end applies to attendances without a leave, including those
    /// written later, each at the participant's next join if that is earlier.
    ///
    /// A page's instance also creates its meeting. [`StoreError::Foreign`] if it has the id of an instance or a meeting
    /// of a trusted source. A trusted source takes over a UUID or number that only pages have used: their instances
    /// keep their records under another UUID and lose the number.
    ///
    /// [`StoreError::Foreign`]: crate::StoreError::Foreign
    async fn put_instance_from(
        &self,
        account: AccountId,
        instance: &Instance,
        source: Source,
        states_end: bool,
    ) -> Result<InstanceId>;

    /// Returns the instance with that row id.
    async fn instance_by_row(&self, account: AccountId, instance: InstanceId) -> Result<Option<StoredInstance>>;

    /// Returns the instance with that UUID, or the latest with that number: the one that began last, where an unknown
    /// start counts as the earliest. `state` restricts a number to live or past instances, and a UUID to an instance in
    /// that state.
    async fn find_instance(
        &self,
        account: AccountId,
        kind: MeetingKind,
        instance: &InstanceRef,
        state: Option<InstanceState>,
    ) -> Result<Option<StoredInstance>>;

    /// Returns the instance with that UUID, of any kind and state.
    async fn instance_by_uuid(&self, account: AccountId, uuid: &InstanceUuid) -> Result<Option<StoredInstance>>;

    /// Returns the latest instance of a Webex series, whose UUIDs are `<series>_I_<conference>`. If `began` is set, it
    /// began after the first instant and before the second; otherwise an unknown start counts as the earliest.
    async fn latest_of_series(
        &self,
        account: AccountId,
        series_id: &str,
        began: Option<(Timestamp, Timestamp)>,
    ) -> Result<Option<StoredInstance>>;

    /// Returns whether any account has an instance.
    async fn has_instances(&self) -> Result<bool>;

    /// Returns matching instances, latest first (by the query's time, then by row id, both descending), after `after`.
    async fn list_instances(
        &self,
        account: AccountId,
        query: &InstanceQuery,
        after: Option<InstanceCursor>,
        limit: usize,
    ) -> Result<Vec<StoredInstance>>;

    /// Returns the instance's current version. `None` if it does not exist.
    async fn instance_version(&self, account: AccountId, instance: InstanceId) -> Result<Option<InstanceVersion>>;

    /// Returns large past instances of all accounts with row ids below `before`, the latest row first.
    async fn large_instances(&self, before: Option<InstanceId>, limit: usize) -> Result<Vec<LargeInstance>>;

    /// How many instances match.
    async fn count_instances(&self, account: AccountId, query: &InstanceQuery) -> Result<u64>;

    /// Returns a meeting's past instances, latest first, at most `limit`.
    async fn past_instances(
        &self,
        account: AccountId,
        kind: MeetingKind,
        number: MeetingNumber,
        limit: usize,
    ) -> Result<Vec<StoredInstance>>;
}

/// A participant with its row id.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredParticipant {
    /// Its row id.
    pub id: ParticipantId,
    /// The attendance.
    pub participant: Participant,
}

/// The result of writing a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PutParticipant {
    /// Its row id.
    pub id: ParticipantId,
    /// Whether the attendance existed before.
    pub known: bool,
}

/// A participant as stored: its strings are the bytes that were written, UTF-8 but not validated again.
pub type LentParticipant<'r> = Participant<&'r [u8]>;

/// Receives participants one by one as they are read, on a thread that may block for the duration of a page.
pub trait ParticipantVisitor: Any + Send {
    /// Receives the next participant.
    fn visit(&mut self, id: ParticipantId, participant: &LentParticipant<'_>);
}

/// Participants: attendances.
#[async_trait]
pub trait ParticipantStore {
    /// Writes an instance's participants by [`Participant::key`] atomically, and returns their row ids in the same
    /// order. Absent values keep what is stored. A report without a join time fills the attendance of the same
    /// `user_id` that joined last, if there is one; the first report with a join time claims one stored without.
    async fn put_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[Participant],
    ) -> Result<Vec<PutParticipant>>;

    /// Returns an instance's participants in the order in which they were first seen, after `after`.
    async fn list_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<Vec<StoredParticipant>>;

    /// Returns the participant that has `before` others before it in [`Self::list_participants`]. `None` if there are not
    /// as many.
    async fn nth_participant(
        &self,
        account: AccountId,
        instance: InstanceId,
        before: usize,
    ) -> Result<Option<ParticipantId>>;

    /// Passes to `visitor` what [`Self::list_participants`] would return, and returns the visitor. Nothing is stored or
    /// copied, so a page takes half the time. [`visit_participants`] returns a visitor of the same type.
    async fn visit_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        after: Option<ParticipantId>,
        limit: usize,
        visitor: Box<dyn ParticipantVisitor>,
    ) -> Result<Box<dyn ParticipantVisitor>>;

    /// Returns attendances with that `user_id` of more than 32 bytes, in any instance, ordered by row id.
    async fn attendances_anywhere(
        &self,
        account: AccountId,
        user_id: &ParticipantUserId,
    ) -> Result<Vec<(InstanceId, StoredParticipant)>>;

    /// Returns all attendances with that `user_id` in the instance, ordered by join time; one without a join is first.
    async fn attendances(
        &self,
        account: AccountId,
        instance: InstanceId,
        user_id: &ParticipantUserId,
    ) -> Result<Vec<StoredParticipant>>;
}

/// Does the same as [`ParticipantStore::visit_participants`], with a visitor that keeps its type.
///
/// # Errors
/// Those of the store.
pub async fn visit_participants<V: ParticipantVisitor>(
    store: &(impl ParticipantStore + Sync + ?Sized),
    account: AccountId,
    instance: InstanceId,
    after: Option<ParticipantId>,
    limit: usize,
    visitor: V,
) -> Result<V> {
    let visitor: Box<dyn Any> = store.visit_participants(account, instance, after, limit, Box::new(visitor)).await?;
    visitor.downcast().map(|visitor| *visitor).map_err(|_| StoreError::backend("store", "another visitor came back"))
}
