use async_trait::async_trait;
use rollcall_model::{
    AccountId, Event, Hook, HookId, InstanceId, Joins, Minute, ParticipantId, ParticipantUserId, Registration,
    Schedule, Secret, Timestamp, Vendor,
};

use crate::Result;

/// The secrets with which vendors sign webhooks. Checking a signature requires the secret itself, so a hash is not
/// enough: a store encrypts secrets under a key that is stored elsewhere.
#[async_trait]
pub trait HookStore {
    /// Stores a secret. [`crate::StoreError::Conflict`] if the account already has it for that vendor.
    async fn create_hook(&self, account: AccountId, vendor: Vendor, secret: &Secret, now: Timestamp) -> Result<HookId>;

    /// Replaces a secret, which stays valid until `former_until`. [`crate::StoreError::NotFound`] if the account has no
    /// such valid secret.
    async fn rotate_hook(
        &self,
        account: AccountId,
        id: HookId,
        secret: &Secret,
        now: Timestamp,
        former_until: Timestamp,
    ) -> Result<HookId>;

    /// Returns the account's secrets, oldest first. The text of a secret that cannot be decrypted is blank.
    async fn hooks(&self, account: AccountId) -> Result<Vec<Hook>>;

    /// Returns the vendor's valid secrets for the account with that public id. `None` if there is no such account.
    async fn active_hooks(&self, account_public_id: &str, vendor: Vendor, now: Timestamp) -> Result<Vec<Hook>>;

    /// Deletes a secret. Returns whether it existed.
    async fn revoke_hook(&self, account: AccountId, id: HookId) -> Result<bool>;

    /// Deletes replaced secrets of webhooks and apps that have expired. Returns their number.
    async fn delete_former_secrets(&self, now: Timestamp) -> Result<u64>;
}

/// The attendances of one `user_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The instance's row id.
    pub instance: InstanceId,
    /// The attendances' row ids, each with its join, earliest first; at most one has none, and is then the only one.
    /// Empty if the event has no participant.
    pub attendances: Vec<(ParticipantId, Option<Timestamp>)>,
}

impl Placed {
    /// Returns the attendance that a minute belongs to, by [`Joins::of_minute`].
    #[must_use]
    pub fn of_minute(&self, minute: Minute) -> Option<ParticipantId> {
        let joins: Joins = self.attendances.iter().filter_map(|(_, join)| *join).collect();
        let join = joins.of_minute(minute);
        self.attendances.iter().find(|attendance| attendance.1 == join).map(|attendance| attendance.0)
    }
}

/// Events of webhooks. What is stored of an instance and its participants is a function of the set of reports
/// (`rollcall_model::event`), independent of their order and repetition.
#[async_trait]
pub trait EventStore {
    /// Writes an event's facts about its instance and participant atomically, except minutes, and returns the
    /// participant's attendances. Creates the instance, its meeting and the participant if they are unknown.
    ///
    /// Values of other sources stay, unless the event has a newer value of the same field.
    async fn put_event(&self, account: AccountId, event: &Event) -> Result<Placed>;

    /// Returns the attendances of `user_id`, as [`Self::put_event`] does.
    async fn placed(&self, account: AccountId, instance: InstanceId, user_id: &ParticipantUserId) -> Result<Placed>;

    /// Returns those with several attendances whose minutes may not have been moved since a join became known: at most
    /// `limit`, until [`Self::finish_move`] is called for each.
    async fn unfinished_moves(&self, limit: usize) -> Result<Vec<(AccountId, InstanceId, ParticipantUserId)>>;

    /// Records that the minutes of `user_id` are where they belong.
    async fn finish_move(&self, account: AccountId, instance: InstanceId, user_id: &ParticipantUserId) -> Result<()>;

    /// Counts a registration for its tracking source, which is created if it is unknown. Counts once for each
    /// registrant and source, however often it is reported.
    async fn put_registration(&self, account: AccountId, registration: &Registration) -> Result<()>;

    /// Stores an event's values of a scheduled meeting or webinar. Of each field, the latest event counts, independent
    /// of order and repetition.
    async fn put_schedule(&self, account: AccountId, schedule: &Schedule) -> Result<()>;

    /// Stores a change of a schedule that was made here. It overrides everything that was reported until now, whatever
    /// the time of it was; later events override it.
    async fn change_schedule(&self, account: AccountId, schedule: &Schedule) -> Result<()>;
}
