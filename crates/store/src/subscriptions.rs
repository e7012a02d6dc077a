use async_trait::async_trait;
use rollcall_model::{AccountId, MemberId, SecretHash, Text, Timestamp};

use crate::{Result, SavedQueryId};

/// Maximum number of subscriptions of an account.
pub const MAX_SUBSCRIPTIONS: usize = 500;
/// Maximum number of subscriptions of a member.
pub const MAX_SUBSCRIPTIONS_OF_MEMBER: usize = 20;
/// Maximum number of mails of an account in an hour.
pub const MAX_MAILS_PER_HOUR: usize = 300;
/// Maximum number of mails to a member in an hour.
pub const MAX_MAILS_TO_MEMBER_PER_HOUR: usize = 20;
/// The latest mails of a subscription by which its recipient can unsubscribe.
pub const UNSUBSCRIBING_MAILS: usize = 100;

/// The row id of a subscription. It is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriptionId(pub i64);

/// A query whose result a member gets by mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its row id.
    pub id: SubscriptionId,
    /// The account.
    pub account: AccountId,
    /// Who gets the mail. The query runs with this member's rights.
    pub member: MemberId,
    /// The subject of its mails.
    pub name: Text,
    /// What is asked.
    pub source: QuerySource,
    /// The path of the dashboard, with its query, that shows the same.
    pub view: Option<Text>,
    /// When it is sent.
    pub schedule: Schedule,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the next mail, or the next attempt, is due.
    pub due_at: Timestamp,
    /// Failed attempts of the mail that is due.
    pub attempts: u32,
    /// Attempts of the mail that is due of which nobody knows whether it arrived.
    pub unknown: u32,
    /// Mails in a row that were given up.
    pub failures: u32,
    /// When the last mail was sent.
    pub sent_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub problem: Option<Text>,
    /// Why nothing is sent.
    pub paused: Option<Pause>,
}

/// What a subscription asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuerySource {
    /// A saved query, as it is when the mail is sent.
    Saved(SavedQueryId),
    /// A query of its own.
    Own {
        /// The SQL.
        query: Text,
        /// The values of its `?`, as a JSON list.
        values: Text,
    },
}

/// When a subscription is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The day of the week: 0 for Monday to 6 for Sunday. `None` for every day.
    pub weekday: Option<u8>,
    /// The hour of the day, 0 to 23.
    pub hour: u8,
    /// The name of the time zone, such as `Europe/Paris`.
    pub time_zone: Text,
}

/// Why a subscription sends nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// Somebody paused it.
    Member,
    /// The recipient followed the link of a mail.
    Unsubscribed,
    /// The recipient is no longer a member of the account.
    MemberGone,
    /// The recipient's role does not allow queries.
    NotAllowed,
    /// The saved query was deleted.
    QueryGone,
    /// Several mails in a row were given up.
    Failing,
}

impl Pause {
    /// Returns its name on the wire and in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Unsubscribed => "unsubscribed",
            Self::MemberGone => "member_gone",
            Self::NotAllowed => "not_allowed",
            Self::QueryGone => "query_gone",
            Self::Failing => "failing",
        }
    }
}

/// A subscription to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSubscription {
    /// Who gets the mail.
    pub member: MemberId,
    /// The subject of its mails.
    pub name: Text,
    /// What is asked.
    pub source: QuerySource,
    /// The path of the dashboard that shows the same.
    pub view: Option<Text>,
    /// When it is sent.
    pub schedule: Schedule,
    /// Now.
    pub created_at: Timestamp,
    /// When the first mail is due.
    pub due_at: Timestamp,
}

/// A change of a subscription. What is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubscriptionChange {
    /// The subject of its mails.
    pub name: Option<Text>,
    /// When it is sent.
    pub schedule: Option<Schedule>,
    /// Whether it is paused, and why. `Some(None)` resumes it and forgets earlier problems.
    pub paused: Option<Option<Pause>>,
    /// When the next mail is due. Attempts of the mail that was due are forgotten.
    pub due_at: Option<Timestamp>,
}

/// Whether a mail may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Yes: the attempt is recorded.
    Yes,
    /// The subscription was changed, paused or deleted, or somebody else sends it.
    Changed,
    /// The account or the member got as many mails within the last hour as they may.
    Limited,
}

/// The outcome of a mail that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mailed {
    /// It was sent.
    Sent {
        /// When the next one is due.
        due_at: Timestamp,
    },
    /// It was not sent, and is tried again.
    Retry {
        /// When.
        due_at: Timestamp,
        /// Why it failed.
        problem: Text,
        /// Whether the attempt that was begun certainly sent nothing.
        sent_nothing: bool,
    },
    /// It has to wait, for no fault of its own.
    Postponed {
        /// Until when.
        due_at: Timestamp,
    },
    /// It is given up.
    GivenUp {
        /// When the next one is due.
        due_at: Timestamp,
        /// Why it failed.
        problem: Text,
        /// Why nothing more is sent, if that is so.
        paused: Option<Pause>,
    },
}

/// Subscriptions, and the mails that were begun for them. Secrets are stored only as hashes.
#[async_trait]
pub trait SubscriptionStore {
    /// Returns the account's subscriptions, or those of one member, oldest first. There are at most
    /// [`MAX_SUBSCRIPTIONS`].
    async fn subscriptions(&self, account: AccountId, member: Option<MemberId>) -> Result<Vec<Subscription>>;

    /// Returns a subscription of the account.
    async fn subscription(&self, account: AccountId, id: SubscriptionId) -> Result<Option<Subscription>>;

    /// Stores a subscription. [`crate::StoreError::NotFound`] if the account has no such member,
    /// [`crate::StoreError::LimitReached`] if the account has [`MAX_SUBSCRIPTIONS`] or the member
    /// [`MAX_SUBSCRIPTIONS_OF_MEMBER`].
    async fn subscribe(&self, account: AccountId, subscription: &NewSubscription) -> Result<SubscriptionId>;

    /// Changes a subscription. Returns whether there is one.
    async fn change_subscription(
        &self,
        account: AccountId,
        id: SubscriptionId,
        change: &SubscriptionChange,
    ) -> Result<bool>;

    /// Deletes a subscription. Returns whether there was one.
    async fn delete_subscription(&self, account: AccountId, id: SubscriptionId) -> Result<bool>;

    /// Returns subscriptions that are due, in any account that is open, the longest due first.
    async fn due_subscriptions(&self, now: Timestamp, limit: usize) -> Result<Vec<Subscription>>;

    /// Counts subscriptions that are due.
    async fn count_due_subscriptions(&self, now: Timestamp) -> Result<u64>;

    /// Records that the mail that is due is about to be sent, with the hash of its secret: until its end is recorded,
    /// nobody knows whether it arrived.
    async fn begin_mail(&self, due: &Subscription, hash: SecretHash, now: Timestamp) -> Result<Begun>;

    /// Records the outcome of a subscription's mail.
    async fn record_mail(&self, id: SubscriptionId, mailed: &Mailed, now: Timestamp) -> Result<()>;

    /// Returns whether another mail to the member may be begun within the hour before `now`.
    async fn may_mail(&self, account: AccountId, member: MemberId, now: Timestamp) -> Result<bool>;

    /// Returns the subscription by the secret of one of its latest [`UNSUBSCRIBING_MAILS`] mails, in any account.
    async fn find_subscription(&self, hash: &SecretHash) -> Result<Option<Subscription>>;
}
