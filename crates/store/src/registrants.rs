use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, MeetingKind, MeetingNumber, Registrant, Text, Timestamp};

use crate::Result;

/// A filter on registrants of one meeting or webinar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrantQuery {
    /// Meeting or webinar.
    pub kind: MeetingKind,
    /// Its number.
    pub number: MeetingNumber,
    /// With this status.
    pub status: Option<Text>,
    /// Whose registration covers this occurrence. A registration without occurrences covers all of them.
    pub occurrence_id: Option<Text>,
    /// Whom this tracking source led to the registration.
    pub source_id: Option<Text>,
}

impl RegistrantQuery {
    /// Returns a query for all registrants of a meeting or webinar.
    #[must_use]
    pub const fn all(kind: MeetingKind, number: MeetingNumber) -> Self {
        Self { kind, number, status: None, occurrence_id: None, source_id: None }
    }
}

/// A registration to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRegistrant {
    /// The registrant, with an address. The id is only used if there is no registration with that address yet.
    pub registrant: Registrant,
    /// The tracking source that led to it.
    pub source_id: Option<Text>,
}

/// A registrant by its id, or else by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrantRef {
    /// The id; blank if only the address is known.
    pub id: Text,
    /// The address; blank if only the id is known.
    pub email: Text,
}

/// What a change of registrants is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistrantChange {
    /// Meeting or webinar.
    pub kind: MeetingKind,
    /// Its number.
    pub number: MeetingNumber,
    /// The most approved registrants that it may have; `None` if there is no limit.
    pub capacity: Option<u64>,
    /// The time of the change.
    pub now: Timestamp,
}

/// Registrants of meetings and webinars.
#[async_trait]
pub trait RegistrantStore {
    /// Writes registrants by id. Absent values keep what is stored, and so do answers to other questions of the form.
    /// Registrants who were erased are skipped. The meeting is created if it is unknown.
    ///
    /// An address as id means that the source has no ids: it is the registration with that address, which gets its id as
    /// soon as it is written with one.
    async fn put_registrants(
        &self,
        account: AccountId,
        kind: MeetingKind,
        number: MeetingNumber,
        registrants: &[Registrant],
    ) -> Result<()>;

    /// Returns the registrant with that id.
    async fn find_registrant(
        &self,
        account: AccountId,
        kind: MeetingKind,
        number: MeetingNumber,
        id: &str,
    ) -> Result<Option<Registrant>>;

    /// Returns matching registrants, ordered by id, after `after`.
    async fn list_registrants(
        &self,
        account: AccountId,
        query: &RegistrantQuery,
        after: Option<&Text>,
        limit: usize,
    ) -> Result<Vec<Registrant>>;

    /// Returns the number of matching registrants.
    async fn count_registrants(&self, account: AccountId, query: &RegistrantQuery) -> Result<u64>;

    /// Registers people, all of them or nobody, and returns the registrations in the same order.
    ///
    /// An address has one registration: if there is one, it is returned, with the new occurrences added. A cancelled one
    /// is replaced, under its id. A registration counts once for its tracking source.
    ///
    /// [`crate::StoreError::NotFound`] if the meeting is unknown; [`crate::StoreError::LimitReached`] if it would have
    /// more approved registrants than its capacity, checked in the same transaction.
    async fn register(
        &self,
        account: AccountId,
        change: RegistrantChange,
        people: &[NewRegistrant],
    ) -> Result<Vec<Registrant>>;

    /// Sets the status of registrants, of all of them or of nobody.
    ///
    /// [`crate::StoreError::NotFound`] if one of them is unknown; [`crate::StoreError::LimitReached`] if the meeting
    /// would have more approved registrants than its capacity, checked in the same transaction.
    async fn set_registrant_status(
        &self,
        account: AccountId,
        change: RegistrantChange,
        people: &[RegistrantRef],
        status: &str,
    ) -> Result<()>;

    /// Deletes a registrant, or only takes an occurrence from the registration; without any left, it is deleted. Returns
    /// whether there was such a registrant. Counts of tracking sources stay.
    async fn delete_registrant(
        &self,
        account: AccountId,
        kind: MeetingKind,
        number: MeetingNumber,
        id: &str,
        occurrence_id: Option<&str>,
    ) -> Result<bool>;

    /// Returns approved registrants of the webinar `query` without an attendance in `instance`, by registration or by
    /// address; ordered by id, after `after`. Reads the instance's attendances once.
    async fn list_absentees(
        &self,
        account: AccountId,
        query: &RegistrantQuery,
        instance: InstanceId,
        after: Option<&Text>,
        limit: usize,
    ) -> Result<Vec<Registrant>>;

    /// Returns the number of those.
    async fn count_absentees(&self, account: AccountId, query: &RegistrantQuery, instance: InstanceId) -> Result<u64>;
}
