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
    /// Makes an account. [`crate::StoreError::Conflict`] where the name or the public id is taken.
    async fn create_account(&self, name: &str, public_id: &str, now: Timestamp) -> Result<Account>;

    /// All accounts, oldest first.
    async fn accounts(&self) -> Result<Vec<Account>>;

    /// The account of that row.
    async fn account(&self, id: AccountId) -> Result<Option<Account>>;

    /// The account that operators call `name`, or that callers know by that public id.
    async fn find_account(&self, name_or_public_id: &str) -> Result<Option<Account>>;
}

/// Which users a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserQuery {
    /// With this status.
    pub status: UserStatus,
    /// With this role.
    pub role_id: Option<Text>,
}

/// People with a login.
#[async_trait]
pub trait UserStore {
    /// Writes users by their id. Absent values keep what is stored; a list that is empty and a blank address are absent.
    /// An address that another user of the account has goes over to the one who is written; the other's turns blank.
    async fn put_users(&self, account: AccountId, users: &[User]) -> Result<()>;

    /// The user of that id, or of that address in any case of letters.
    async fn find_user(&self, account: AccountId, id_or_email: &str) -> Result<Option<User>>;

    /// Users that match, ordered by id, after `after`.
    async fn list_users(
        &self,
        account: AccountId,
        query: &UserQuery,
        after: Option<&UserId>,
        limit: usize,
    ) -> Result<Vec<User>>;

    /// Returns whether a user's personal meeting room has this name: whether its address ends with it, in any case of
    /// letters.
    async fn has_vanity_name(&self, account: AccountId, name: &str) -> Result<bool>;

    /// How many users match.
    async fn count_users(&self, account: AccountId, query: &UserQuery) -> Result<u64>;
}

/// When the meetings of a list take place, against their planned start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MeetingWhen {
    /// At this instant or later.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub before: Option<Timestamp>,
}

/// Which scheduled meetings a list holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingQuery {
    /// Meetings or webinars.
    pub kind: MeetingKind,
    /// Hosted by this user.
    pub host_id: UserId,
    /// Planned to start within these bounds; a meeting without a planned start matches only where both are open.
    pub when: MeetingWhen,
    /// Having a live instance, where set.
    pub live: bool,
}

/// Scheduled meetings and webinars.
#[async_trait]
pub trait MeetingStore {
    /// Writes meetings by kind and number. Absent values keep what is stored.
    async fn put_meetings(&self, account: AccountId, meetings: &[Meeting]) -> Result<()>;

    /// The meeting with that id of Webex's.
    async fn find_series(&self, account: AccountId, series_id: &str) -> Result<Option<Meeting>>;

    /// Meetings with ids of Webex's, ordered by these, after `after`.
    async fn list_series(&self, account: AccountId, after: Option<&Text>, limit: usize) -> Result<Vec<Meeting>>;

    /// The meeting of that number.
    async fn find_meeting(
        &self,
        account: AccountId,
        kind: MeetingKind,
        number: MeetingNumber,
    ) -> Result<Option<Meeting>>;

    /// Meetings that match, ordered by number, after `after`.
    async fn list_meetings(
        &self,
        account: AccountId,
        query: &MeetingQuery,
        after: Option<MeetingNumber>,
        limit: usize,
    ) -> Result<Vec<Meeting>>;

    /// How many meetings match.
    async fn count_meetings(&self, account: AccountId, query: &MeetingQuery) -> Result<u64>;
}

/// An instance with its row and what is counted of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredInstance {
    /// Its row.
    pub id: InstanceId,
    /// How many participants are stored. Kept with every write, so that no page counts them.
    pub participants: u64,
    /// The labels that were made out of its minutes, see [`crate::QualityStore`].
    pub scored: QualityLabels,
    /// Who reported it first. Records of a page are in a namespace of their own.
    pub origin: Source,
    /// Whether it is past for no other reason than that nothing was heard of it for long, see [`crate::LifeStore`].
    pub lapsed: bool,
    /// Whether a source stated the end, rather than it following from who left last. It ends open attendances.
    pub end_stated: bool,
    /// The instance, as it was told; where it lapsed, past, with its last sign of life for an end.
    pub instance: Instance,
}

impl StoredInstance {
    /// The instance as its sources told it, whether or not it lapsed: this is what later facts are laid over.
    #[must_use]
    pub fn as_told(self) -> Instance {
        if self.lapsed {
            Instance { state: InstanceState::Live, end_time: None, ..self.instance }
        } else {
            self.instance
        }
    }
}

/// Which of an instance's times a window is laid against.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InstanceSpan {
    /// When it began.
    #[default]
    Start,
    /// When it ended.
    End,
}

/// Keeps the instances that groups of users took part in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupFilter {
    /// The host's primary group ([`User::group_ids`], the first) is one of these.
    pub group_ids: Vec<Text>,
    /// An instance with a participant of one of the groups matches too: by [`Participant::group_id`], and where that
    /// was not told, by the primary group of the user whose id the participant carries.
    pub include_participants: bool,
}

/// Which instances a list holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceQuery {
    /// Meetings or webinars.
    pub kind: MeetingKind,
    /// Live or past.
    pub state: InstanceState,
    /// Only those of the meeting with this number.
    pub number: Option<MeetingNumber>,
    /// Only those with at most this many participants (Zoom's `pastOne` asks for one).
    pub max_participants: Option<u64>,
    /// Only those with at least this many participants.
    pub min_participants: Option<u64>,
    /// Which time `from` and `before` are laid against.
    pub span: InstanceSpan,
    /// At this instant or later.
    pub from: Timestamp,
    /// Before this instant.
    pub before: Timestamp,
    /// Of these groups.
    pub groups: Option<GroupFilter>,
    /// Also those whose meeting's number is not known.
    pub unnumbered: bool,
}

/// Where a list of instances continues: after the instance with this time and row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstanceCursor {
    /// The time that the query's [`InstanceSpan`] speaks of.
    pub time: Timestamp,
    /// The row, which parts instances of the same time.
    pub id: InstanceId,
}

/// Moves whenever something changes of what is shown of an instance, its participants among it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InstanceVersion {
    /// Moves whenever something of the instance or of its participants changes.
    pub changes: u64,
    /// When the instance was sealed last, and labels made out of its minutes; none where it never was.
    pub sealed_at: Option<Timestamp>,
}

/// Runs of meetings.
#[async_trait]
pub trait InstanceStore {
    /// Writes an instance by its UUID and answers its row. Absent values keep what is stored; an instance that is past
    /// does not become live again.
    async fn put_instance(&self, account: AccountId, instance: &Instance) -> Result<InstanceId> {
        self.put_instance_from(account, instance, Source::Operator, false).await
    }

    /// Writes an instance as [`Self::put_instance`] does, and stores its source if the instance is new.
    ///
    /// If its source `states_end` and it is past, attendances without a leave end with it, those that are written later too,
    /// each at the participant's next join if that is earlier.
    ///
    /// A page's instance makes its meeting known too. [`StoreError::Foreign`] if it names an instance or a meeting of a
    /// trusted source. A trusted source takes over a UUID or number that only pages have used: their instances keep
    /// their records under another UUID and lose the number.
    ///
    /// [`StoreError::Foreign`]: crate::StoreError::Foreign
    async fn put_instance_from(
        &self,
        account: AccountId,
        instance: &Instance,
        source: Source,
        states_end: bool,
    ) -> Result<InstanceId>;

    /// The instance in that row.
    async fn instance_by_row(&self, account: AccountId, instance: InstanceId) -> Result<Option<StoredInstance>>;

    /// The instance of that UUID, or the latest of that number: the one that began last, where an unknown start counts
    /// as the earliest. `state` narrows a number to its live or past instances, and a UUID to an instance in that
    /// state.
    async fn find_instance(
        &self,
        account: AccountId,
        kind: MeetingKind,
        instance: &InstanceRef,
        state: Option<InstanceState>,
    ) -> Result<Option<StoredInstance>>;

    /// The instance of that UUID, whatever its kind and state.
    async fn instance_by_uuid(&self, account: AccountId, uuid: &InstanceUuid) -> Result<Option<StoredInstance>>;

    /// The instance that began last of a series of Webex's, whose UUIDs are `<series>_I_<conference>`: after and before the
    /// instants of `began`, where that is set. Otherwise an unknown start counts as the earliest.
    async fn latest_of_series(
        &self,
        account: AccountId,
        series_id: &str,
        began: Option<(Timestamp, Timestamp)>,
    ) -> Result<Option<StoredInstance>>;

    /// Returns whether there is any instance, of whichever account.
    async fn has_instances(&self) -> Result<bool>;

    /// Instances that match, latest first (by the query's time, then by row, both descending), after `after`.
    async fn list_instances(
        &self,
        account: AccountId,
        query: &InstanceQuery,
        after: Option<InstanceCursor>,
        limit: usize,
    ) -> Result<Vec<StoredInstance>>;

    /// As what the instance stands now; none where there is none.
    async fn instance_version(&self, account: AccountId, instance: InstanceId) -> Result<Option<InstanceVersion>>;

    /// How many instances match.
    async fn count_instances(&self, account: AccountId, query: &InstanceQuery) -> Result<u64>;

    /// A meeting's past instances, latest first, at most `limit`.
    async fn past_instances(
        &self,
        account: AccountId,
        kind: MeetingKind,
        number: MeetingNumber,
        limit: usize,
    ) -> Result<Vec<StoredInstance>>;
}

/// A participant with its row.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredParticipant {
    /// Its row.
    pub id: ParticipantId,
    /// The attendance.
    pub participant: Participant,
}

/// Where a participant was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PutParticipant {
    /// Its row.
    pub id: ParticipantId,
    /// Whether the attendance was stored before.
    pub known: bool,
}

/// A participant as it lies in a store: its texts are the bytes that were written, UTF-8 but not checked again.
pub type LentParticipant<'r> = Participant<&'r [u8]>;

/// Takes participants one by one where they are read, on a thread that may be busy for as long as a page takes.
pub trait ParticipantVisitor: Any + Send {
    /// Takes the next participant.
    fn visit(&mut self, id: ParticipantId, participant: &LentParticipant<'_>);
}

/// Attendances.
#[async_trait]
pub trait ParticipantStore {
    /// Writes an instance's participants by [`Participant::key`], all or none, and answers their rows in the same
    /// order. Absent values keep what is stored. A report without a join time fills the attendance of the same
    /// `user_id` that joined last, where there is one; a first report with a join time claims one stored without.
    async fn put_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[Participant],
    ) -> Result<Vec<PutParticipant>>;

    /// An instance's participants in the order in which they were first seen, after `after`.
    async fn list_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<Vec<StoredParticipant>>;

    /// Shows `visitor` what [`Self::list_participants`] would answer, and gives it back. Nothing is kept or copied, so a
    /// page takes half as long. [`visit_participants`] gives a visitor back with its type.
    async fn visit_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        after: Option<ParticipantId>,
        limit: usize,
        visitor: Box<dyn ParticipantVisitor>,
    ) -> Result<Box<dyn ParticipantVisitor>>;

    /// The attendance of that name inside the instance; the one that joined last where there are several.
    async fn find_participant(
        &self,
        account: AccountId,
        instance: InstanceId,
        user_id: &ParticipantUserId,
    ) -> Result<Option<StoredParticipant>>;

    /// The attendances of that name, of more than 32 bytes, in any instance, in the order of their rows.
    async fn attendances_anywhere(
        &self,
        account: AccountId,
        user_id: &ParticipantUserId,
    ) -> Result<Vec<(InstanceId, StoredParticipant)>>;

    /// All attendances of that name inside the instance, in the order of their joins.
    async fn attendances(
        &self,
        account: AccountId,
        instance: InstanceId,
        user_id: &ParticipantUserId,
    ) -> Result<Vec<StoredParticipant>>;
}

/// [`ParticipantStore::visit_participants`], which see, with a visitor that keeps its type.
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
