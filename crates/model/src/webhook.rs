use crate::{AccountId, InstanceId, ParticipantId, Secret, Text, Timestamp, UserId};

/// A program's subscription to changes, which are sent to its URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id for callers.
    pub id: Text,
    /// The account.
    pub account: AccountId,
    /// A name for people.
    pub name: Text,
    /// Where changes are sent.
    pub target_url: Text,
    /// What changes: `meetings` or `meetingParticipants`.
    pub resource: Text,
    /// What happens to it, such as `created`, or `all`.
    pub event: Text,
    /// Conditions, `key=value` joined with `&`.
    pub filter: Option<Text>,
    /// The key of signatures.
    pub secret: Option<Secret>,
    /// Whether it was created for the organization, as opposed to its creator.
    pub is_of_organization: bool,
    /// Whether it sends.
    pub is_active: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// The user whose token created it.
    pub created_by: Option<UserId>,
    /// The app of that token.
    pub client: Option<Text>,
    /// When it was activated after it had been deactivated.
    pub enabled_at: Option<Timestamp>,
}

/// A change that webhooks may report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its row, which orders changes.
    pub row: i64,
    /// The account.
    pub account: AccountId,
    /// `created`, `updated`, `deleted`, `started`, `ended`, `joined` or `left`.
    pub event: Text,
    /// What changed.
    pub subject: ChangeSubject,
}

/// What a [`Change`] is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeSubject {
    /// A scheduled meeting, by its Webex id.
    Series(Text),
    /// A run.
    Instance(InstanceId),
    /// An attendance.
    Participant(InstanceId, ParticipantId),
}

/// A message to a webhook's URL that was not delivered yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its row.
    pub row: i64,
    /// The webhook.
    pub webhook: Webhook,
    /// The body: JSON.
    pub body: String,
    /// Failed attempts so far.
    pub attempts: u32,
}
