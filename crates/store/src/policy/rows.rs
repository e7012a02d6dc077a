//! The statements of a backend: typed reads and writes of rows in one transaction, without decisions.

use rollcall_model::{
    AccountId, Document, Instance, InstanceId, InstanceReport, InstanceUuid, Meeting, MeetingKind, MeetingNumber,
    Participant, ParticipantId, ParticipantReport, ParticipantUserId, Registrant, ReportedInstance, Source, Text,
    Timestamp, TokenId, TrackingSource, User,
};

use crate::{Erasure, ErasureId, ErasureKey, Result, StoredInstance, StoredParticipant};

combine! {
    /// Everything that the policy reads and writes in one transaction. A failed transaction changes nothing.
    ///
    /// Methods block: a backend runs a transaction on a thread of its own. Those that take an instance alone trust that
    /// it belongs to the account.
    pub trait Rows:
        InstanceRows ReportRows ParticipantRows MeetingRows RegistrantRows UserRows PersonRows ErasureRows RetentionRows
}

/// Instances.
pub trait InstanceRows {
    /// Fails with [`crate::StoreError::NotFound`] if there is no such account.
    fn require_account(&self, account: AccountId) -> Result<()>;

    /// Returns whether the instance belongs to the account.
    fn has_instance(&self, account: AccountId, instance: InstanceId) -> Result<bool>;

    /// Returns the instance with that row id.
    fn instance(&self, account: AccountId, instance: InstanceId) -> Result<Option<StoredInstance>>;

    /// Returns the instance with that UUID.
    fn instance_by_uuid(&self, account: AccountId, uuid: &InstanceUuid) -> Result<Option<StoredInstance>>;

    /// Writes an instance by UUID. Absent values keep what is stored, and a past instance stays past. The source
    /// applies if the instance is new.
    fn write_instance(&self, account: AccountId, instance: &Instance, source: Source) -> Result<InstanceId>;

    /// Returns who reported the instance first; the operator if it does not exist.
    fn origin(&self, instance: InstanceId) -> Result<Source>;

    /// Renames a page's instance with this UUID to `prefix` and its row id.
    fn rename_of_page(&self, account: AccountId, uuid: &InstanceUuid, prefix: &str) -> Result<()>;

    /// Returns when the instance ended, if a source stated that.
    fn stated_end(&self, instance: InstanceId) -> Result<Option<Timestamp>>;

    /// Stores when the instance ended.
    fn set_stated_end(&self, instance: InstanceId, end: Timestamp) -> Result<()>;
}

/// Reports of webhooks about instances and participants.
pub trait ReportRows {
    /// Returns the reports about an instance, ordered by stage, time and content: later ones override earlier ones.
    fn instance_reports(&self, instance: InstanceId) -> Result<Vec<ReportedInstance>>;

    /// Stores a report. Returns whether it is new.
    fn add_instance_report(&self, instance: InstanceId, report: &InstanceReport) -> Result<bool>;

    /// Replaces the content of each report by what `change` returns, unless that is `None`. Reports that become equal
    /// become one. Returns the number of changed reports.
    fn change_instance_reports(
        &self,
        instance: InstanceId,
        change: &dyn Fn(&ReportedInstance) -> Result<Option<ReportedInstance>>,
    ) -> Result<usize>;

    /// Returns the reports about `user_id`, ordered by time, kind and content: later ones override earlier ones.
    fn participant_reports(&self, instance: InstanceId, user_id: &ParticipantUserId) -> Result<Vec<ParticipantReport>>;

    /// Stores a report. Returns whether it is new.
    fn add_participant_report(
        &self,
        instance: InstanceId,
        user_id: &ParticipantUserId,
        report: &ParticipantReport,
    ) -> Result<bool>;

    /// Deletes a report.
    fn delete_participant_report(
        &self,
        instance: InstanceId,
        user_id: &ParticipantUserId,
        report: &ParticipantReport,
    ) -> Result<()>;

    /// Returns the `user_id`s with one of these participant UUIDs, or with one in common with `user_id`, in order.
    fn same_participant(
        &self,
        instance: InstanceId,
        user_id: &ParticipantUserId,
        uuids: &[&Text],
    ) -> Result<Vec<ParticipantUserId>>;

    /// Records that `user_id` has this participant UUID. Returns whether that is new.
    fn add_uuid(&self, instance: InstanceId, user_id: &ParticipantUserId, uuid: &Text) -> Result<bool>;

    /// Deletes the participant UUIDs of `user_id`, of every other that has them, too, and reports about these UUIDs.
    fn delete_uuids(&self, instance: InstanceId, user_id: &ParticipantUserId) -> Result<()>;

    /// Returns the account's names of reports about a participant without a `user_id`, with their instances.
    fn users_without_id(&self, account: AccountId) -> Result<Vec<(InstanceId, ParticipantUserId)>>;

    /// Deletes the reports about a name, and its UUIDs.
    fn delete_user_reports(&self, instance: InstanceId, user_id: &ParticipantUserId) -> Result<()>;

    /// Records that minutes of `user_id` may have to move.
    fn add_move(&self, account: AccountId, instance: InstanceId, user_id: &ParticipantUserId) -> Result<()>;

    /// Renames what [`Self::add_move`] recorded.
    fn rename_move(&self, instance: InstanceId, from: &ParticipantUserId, to: &ParticipantUserId) -> Result<()>;

    /// Returns up to `limit` of what [`Self::add_move`] recorded.
    fn moves(&self, limit: usize) -> Result<Vec<(AccountId, InstanceId, ParticipantUserId)>>;

    /// Deletes what [`Self::add_move`] recorded.
    fn delete_move(&self, account: AccountId, instance: InstanceId, user_id: &ParticipantUserId) -> Result<()>;
}

/// Participants. Every change increments the counter of the instance.
pub trait ParticipantRows {
    /// Returns the attendances of `user_id`, earliest join first, one without a join before them.
    fn attendances(&self, instance: InstanceId, user_id: &ParticipantUserId) -> Result<Vec<StoredParticipant>>;

    /// Returns the `user_id`s in an instance, or only those with an attendance without a leave or of this status.
    fn user_ids(&self, instance: InstanceId, all: bool, status: &str) -> Result<Vec<ParticipantUserId>>;

    /// Inserts a participant. [`crate::StoreError::LimitReached`] if the instance is full.
    fn add_participant(&self, instance: InstanceId, participant: &Participant) -> Result<ParticipantId>;

    /// Replaces a participant.
    fn replace_participant(&self, instance: InstanceId, id: ParticipantId, participant: &Participant) -> Result<()>;

    /// Removes a participant. The id is not used again.
    fn remove_participant(&self, instance: InstanceId, id: ParticipantId) -> Result<()>;

    /// Prepares the statements that write many participants. [`crate::StoreError::NotFound`] if the account has no such
    /// instance.
    fn write_participants(&self, account: AccountId, instance: InstanceId) -> Result<Box<dyn ParticipantWriter + '_>>;
}

/// Writes many participants of one instance.
pub trait ParticipantWriter {
    /// Returns the attendance of `user_id` that joined at this time, or else one without a join time. Without a join
    /// time, returns the one that joined last.
    fn find(&mut self, user_id: &Text, join: Option<Timestamp>) -> Result<Option<StoredParticipant>>;

    /// Replaces the values of a participant; its `user_id` is the same.
    fn replace(&mut self, before: &StoredParticipant, after: &Participant) -> Result<()>;

    /// Inserts a participant. [`crate::StoreError::LimitReached`] if the instance is full.
    fn insert(&mut self, participant: &Participant) -> Result<ParticipantId>;

    /// Updates the instance: the number of its participants, and its counter if anything has changed.
    fn finish(&mut self) -> Result<()>;
}

/// Scheduled meetings and webinars.
pub trait MeetingRows {
    /// Returns the meeting as stored.
    fn meeting(&self, account: AccountId, kind: MeetingKind, number: MeetingNumber) -> Result<Option<Meeting>>;

    /// Writes a meeting by kind and number. Absent values keep what is stored.
    fn write_meeting(&self, account: AccountId, meeting: &Meeting) -> Result<()>;

    /// Takes a number from the pages that use it: of its meeting, and of their instances.
    fn take_number_from_pages(&self, account: AccountId, kind: MeetingKind, number: MeetingNumber) -> Result<()>;

    /// Creates a page's meeting, or fills the topic of one. Returns whether the number is a page's.
    fn claim_number(
        &self,
        account: AccountId,
        kind: MeetingKind,
        number: MeetingNumber,
        topic: Option<&Text>,
    ) -> Result<bool>;

    /// Returns the JSON that [`Self::set_schedule`] stored.
    fn schedule_times(&self, account: AccountId, kind: MeetingKind, number: MeetingNumber) -> Result<Option<String>>;

    /// Stores `times` of the schedule's fields, and the UUID of the planned run if there is one. Sets the time of the
    /// meeting's deletion, unless `deleted` is `None`.
    fn set_schedule(
        &self,
        account: AccountId,
        meeting: (MeetingKind, MeetingNumber),
        times: &str,
        uuid: Option<&Text>,
        deleted: Option<Option<Timestamp>>,
    ) -> Result<()>;
}

/// Which values take precedence if a registrant is stored already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precedence {
    /// Those that are written.
    Written,
    /// Those that are written, and of the answers of the form those to the same questions.
    Merged,
    /// Those of the later event; at the same time, those of the later decision.
    Later,
}

/// Registrants of meetings and webinars.
pub trait RegistrantRows {
    /// Writes a registrant. Absent values keep what is stored.
    fn write_registrant(
        &self,
        account: AccountId,
        meeting: (MeetingKind, MeetingNumber),
        registrant: &Registrant,
        at: Timestamp,
        precedence: Precedence,
    ) -> Result<()>;

    /// Returns the registrant with that id.
    fn registrant(
        &self,
        account: AccountId,
        meeting: (MeetingKind, MeetingNumber),
        id: &str,
    ) -> Result<Option<Registrant>>;

    /// Returns the registrant with that address regardless of case: of several, one who is not cancelled.
    fn registrant_with_address(
        &self,
        account: AccountId,
        meeting: (MeetingKind, MeetingNumber),
        email: &str,
    ) -> Result<Option<Registrant>>;

    /// Replaces the id of a registrant, and of what [`Self::count_registration`] counted.
    fn rename_registrant(
        &self,
        account: AccountId,
        meeting: (MeetingKind, MeetingNumber),
        from: &str,
        to: &Text,
    ) -> Result<()>;

    /// Counts a registration for the source that led to it, unless it was counted before.
    fn count_registration(
        &self,
        account: AccountId,
        webinar: MeetingNumber,
        registrant: &Text,
        source: &TrackingSource,
    ) -> Result<()>;
}

/// Users.
pub trait UserRows {
    /// Writes a user by id. Absent values keep what is stored. The address moves to this user from any other.
    fn write_user(&self, account: AccountId, user: &User) -> Result<()>;

    /// Returns the user with that id, or with that address regardless of case.
    fn user(&self, account: AccountId, id_or_email: &str) -> Result<Option<User>>;
}

/// Everything else that may name a person.
pub trait PersonRows {
    /// Writes a document.
    fn write_document(&self, account: AccountId, document: &Document) -> Result<()>;

    /// Returns the person of an alias.
    fn person_of(&self, account: AccountId, alias: &Text) -> Result<Option<Text>>;

    /// Returns up to `limit` of the account's participants after `after`, ordered by row id.
    fn participants(
        &self,
        account: AccountId,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<Vec<(InstanceId, StoredParticipant)>>;

    /// Visits all of the account's other records that may name a person, except in reports. Users come last. Instances
    /// without a host and without an address in their texts may be omitted.
    fn each_record(&self, account: AccountId, visit: &mut dyn FnMut(NamedRecord) -> Result<()>) -> Result<()>;

    /// Erases a row, and returns the number of changed ones.
    fn erase_row(&self, account: AccountId, row: &PersonRow) -> Result<usize>;
}

/// A record that may name a person.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "none is stored")]
pub enum NamedRecord {
    /// An instance, and who reported it first.
    Instance(InstanceId, Source, Instance),
    /// A scheduled meeting or webinar.
    Meeting(Meeting),
    /// A registrant.
    Registrant(Registrant),
    /// A document with its row id.
    Document {
        /// Its row id.
        row: i64,
        /// Its key.
        key: Text,
        /// Its JSON text.
        json: String,
    },
    /// A delivery of a webhook that waits.
    Delivery {
        /// Its row id.
        row: i64,
        /// Its body: JSON text.
        body: String,
    },
    /// Something known of a list to collect.
    Collected {
        /// Its row.
        row: PersonRow,
        /// Its texts that may name somebody.
        texts: Vec<Text>,
    },
    /// An alias.
    Alias {
        /// The alias.
        alias: Text,
        /// The person.
        person: Text,
    },
    /// Rows with the id of a user.
    OfUser {
        /// The user's id.
        user: Text,
        /// The rows.
        row: PersonRow,
        /// Their number.
        count: usize,
    },
    /// A user.
    User(User),
}

/// Rows that an erasure deletes.
#[derive(Debug, Clone)]
pub enum PersonRow {
    /// The registrants with this id.
    Registrant(Text),
    /// The document with this row id.
    Document(i64),
    /// The delivery with this row id.
    Delivery(i64),
    /// The list to collect with this row id.
    CollectList(i64),
    /// The gap with this row id.
    CollectGap(i64),
    /// The difference with this row id.
    CollectDifference(i64),
    /// The alias.
    Alias(Text),
    /// The token.
    Token(TokenId),
    /// The values of tracking codes of this user.
    TrackingCodes(Text),
    /// The name of this user in the audit log; the act itself stays.
    Audit(Text),
    /// The user.
    User(Text),
}

/// Rows that an erasure records as the person's, because later reports of them may not identify the person.
#[derive(Debug, Clone, Copy)]
pub enum ErasedPlace<'n> {
    /// The attendances with this name in the instance.
    Attendance(InstanceId, &'n ParticipantUserId),
    /// The host of the instance.
    Host(InstanceId),
    /// The host of the meeting.
    Meeting(MeetingKind, MeetingNumber),
}

/// Erasures. A time is that of the erasure's request.
pub trait ErasureRows {
    /// Returns the key for hashing identifiers. `None` if nobody was erased in the account.
    fn erasure_key(&self, account: AccountId) -> Result<Option<Vec<u8>>>;

    /// Stores the key unless there is one, and returns the stored one.
    fn create_erasure_key(&self, key: &ErasureKey) -> Result<Vec<u8>>;

    /// Returns the erasure of the identifier with this hash.
    fn erased_identifier(&self, account: AccountId, hash: &[u8]) -> Result<Option<(Timestamp, ErasureId)>>;

    /// Records the hash of an identifier, unless it is recorded for the same or a later erasure. Returns whether that
    /// is new.
    fn add_erased_identifier(&self, account: AccountId, hash: &[u8], erasure: ErasureId) -> Result<bool>;

    /// Deletes the hash of an identifier. Returns whether it was recorded.
    fn delete_erased_identifier(&self, account: AccountId, hash: &[u8]) -> Result<bool>;

    /// Returns the erasure that these rows are recorded for.
    fn erased_place(&self, account: AccountId, place: ErasedPlace<'_>) -> Result<Option<(Timestamp, ErasureId)>>;

    /// Records rows, unless they are recorded for a later erasure.
    fn add_erased_place(&self, account: AccountId, place: ErasedPlace<'_>, erasure: ErasureId) -> Result<()>;

    /// Returns the account of an erasure, and when it was requested.
    fn erasure(&self, erasure: ErasureId) -> Result<Option<(AccountId, Timestamp)>>;

    /// Records that the archive files of the instance contain rows of the person.
    fn add_erasure_files(&self, erasure: ErasureId, instance: InstanceId) -> Result<()>;

    /// Records that archive files that are being written may contain rows of the person.
    fn add_unfinished_files(&self, erasure: ErasureId, account: AccountId) -> Result<()>;

    /// Records an erasure.
    fn add_erasure(&self, account: AccountId, at: Timestamp) -> Result<ErasureId>;

    /// Returns the number of the account's unfinished erasures.
    fn pending_erasures(&self, account: AccountId) -> Result<u64>;

    /// Adds to the number of erased rows of a kind.
    fn add_erased_rows(&self, erasure: ErasureId, kind: &str, rows: u64) -> Result<()>;

    /// Records that an erasure was finished then, unless it was before.
    fn finish_erasure(&self, erasure: ErasureId, at: Timestamp) -> Result<()>;

    /// Returns erasures, oldest first.
    fn erasures(&self, query: ErasureQuery) -> Result<Vec<Erasure>>;

    /// Deletes what is kept for a while and may name anybody: deletions of retention that could be undone, and requests
    /// of apps for the access of a user.
    fn delete_short_lived(&self, account: AccountId) -> Result<()>;
}

/// A filter on erasures.
#[derive(Debug, Clone, Copy)]
pub enum ErasureQuery {
    /// Of one account or of all.
    After {
        /// The account.
        account: Option<AccountId>,
        /// Those after this one.
        after: ErasureId,
        /// At most this many.
        limit: usize,
    },
    /// One of the account's.
    One(AccountId, ErasureId),
    /// Unfinished ones.
    Pending,
}

/// What retention needs to blank an instance.
pub trait RetentionRows {
    /// Returns the instance's counter, which every change of it or of its participants increments.
    fn changes(&self, instance: InstanceId) -> Result<u64>;

    /// Returns up to `limit` of the instance's participants after `after`, ordered by row id.
    fn participants_of(
        &self,
        instance: InstanceId,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<Vec<StoredParticipant>>;

    /// Deletes the instance's webhook reports and documents.
    fn delete_reports(&self, instance: InstanceId) -> Result<()>;

    /// Records that the instance identifies nobody, until it changes again.
    fn set_blank(&self, instance: InstanceId) -> Result<()>;
}
