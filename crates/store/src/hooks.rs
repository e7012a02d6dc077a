use async_trait::async_trait;
use rollcall_model::{
    AccountId, Event, Hook, HookId, InstanceId, Joins, Minute, ParticipantId, ParticipantUserId, Registration,
    Schedule, Secret, Timestamp, Vendor,
};

use crate::Result;

/// The secrets with which vendors sign what they deliver. A signature is checked by making it again, so a hash of the
/// secret is not enough: a store encrypts it under a key that lies elsewhere.
#[async_trait]
pub trait HookStore {
    /// Makes a secret known. [`crate::StoreError::Conflict`] if the account has it for that vendor already.
    async fn create_hook(&self, account: AccountId, vendor: Vendor, secret: &Secret, now: Timestamp) -> Result<HookId>;

    /// Makes a secret known in place of another, which holds until `former_until`. [`crate::StoreError::NotFound`] if the
    /// account has no such secret that holds.
    async fn rotate_hook(
        &self,
        account: AccountId,
        id: HookId,
        secret: &Secret,
        now: Timestamp,
        former_until: Timestamp,
    ) -> Result<HookId>;

    /// The account's secrets, oldest first. The text of one that cannot be decrypted is blank.
    async fn hooks(&self, account: AccountId) -> Result<Vec<Hook>>;

    /// The vendor's secrets that hold, of the account of that public id; none if there is no such account.
    async fn active_hooks(&self, account_public_id: &str, vendor: Vendor, now: Timestamp) -> Result<Vec<Hook>>;

    /// Deletes a secret; whether there was one.
    async fn revoke_hook(&self, account: AccountId, id: HookId) -> Result<bool>;

    /// Deletes secrets of webhooks and apps that others have taken the place of, once their time is over. Returns how many.
    async fn delete_former_secrets(&self, now: Timestamp) -> Result<u64>;
}

/// Where the attendances of one `user_id` lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The instance's row.
    pub instance: InstanceId,
    /// The attendances' rows, each with its join, earliest first; at most one has none, and is then the only one. Empty
    /// where the event was about nobody.
    pub attendances: Vec<(ParticipantId, Option<Timestamp>)>,
}

impl Placed {
    /// The attendance that a minute belongs to, by [`Joins::of_minute`].
    #[must_use]
    pub fn of_minute(&self, minute: Minute) -> Option<ParticipantId> {
        let joins: Joins = self.attendances.iter().filter_map(|(_, join)| *join).collect();
        let join = joins.of_minute(minute);
        self.attendances.iter().find(|attendance| attendance.1 == join).map(|attendance| attendance.0)
    }
}

/// What webhooks tell. What is stored of an instance and of its participants is a function of the set of reports that
/// came in (`rollcall_model::event`), whatever their order and however often each came.
#[async_trait]
pub trait EventStore {
    /// Writes what an event tells of its instance and participant, all or nothing, its minutes excepted, and answers
    /// where the participant's attendances are. Makes the instance, its meeting and the participant known where they are
    /// not.
    ///
    /// What other sources told stays, but where the event tells something new of the same field.
    async fn put_event(&self, account: AccountId, event: &Event) -> Result<Placed>;

    /// Where the attendances of `user_id` are, as [`Self::put_event`] answers it.
    async fn placed(&self, account: AccountId, instance: InstanceId, user_id: &ParticipantUserId) -> Result<Placed>;

    /// Those of several attendances whose minutes have perhaps not been brought to where they belong since a join became
    /// known: at most `limit`, until [`Self::finish_move`] is told of each.
    async fn unfinished_moves(&self, limit: usize) -> Result<Vec<(AccountId, InstanceId, ParticipantUserId)>>;

    /// Notes that the minutes of `user_id` lie where they belong.
    async fn finish_move(&self, account: AccountId, instance: InstanceId, user_id: &ParticipantUserId) -> Result<()>;

    /// Counts a registration for its tracking source, which is made known where it is not, once for each registrant and
    /// source, however often it is told.
    async fn put_registration(&self, account: AccountId, registration: &Registration) -> Result<()>;

    /// Stores what an event says about a scheduled meeting or webinar. Of each field, the latest event that names it stands,
    /// in whatever order they come and however often.
    async fn put_schedule(&self, account: AccountId, schedule: &Schedule) -> Result<()>;
}
