use async_trait::async_trait;
use rollcall_model::{
    AccountId, Event, Hook, HookId, InstanceId, Joins, Minute, ParticipantId, ParticipantUserId, Registration, Secret,
    Timestamp, Vendor,
};

use crate::Result;

/// The secrets with which vendors sign what they deliver. They are kept as they are, since a signature is checked by
/// making it again.
#[async_trait]
pub trait HookStore {
    /// Makes a secret known. [`crate::StoreError::Conflict`] where the account has it of that vendor already, and has
    /// not withdrawn it.
    async fn create_hook(&self, account: AccountId, vendor: Vendor, secret: &Secret, now: Timestamp) -> Result<HookId>;

    /// The account's secrets, oldest first, the withdrawn ones too.
    async fn hooks(&self, account: AccountId) -> Result<Vec<Hook>>;

    /// The vendor's secrets, not withdrawn, of the account of that public id; none where there is no such account.
    async fn active_hooks(&self, account_public_id: &str, vendor: Vendor) -> Result<Vec<Hook>>;

    /// Withdraws a secret; whether there was one that was not yet withdrawn.
    async fn revoke_hook(&self, account: AccountId, id: HookId, now: Timestamp) -> Result<bool>;
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
}
