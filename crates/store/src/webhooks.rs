use async_trait::async_trait;
use rollcall_model::{AccountId, Change, Delivery, Text, Timestamp, Webhook};

use crate::Result;

/// Maximum number of webhooks of an account.
pub const MAX_WEBHOOKS: usize = 500;

/// Maximum number of deliveries of an account that wait. Further ones are dropped.
pub const MAX_DELIVERIES: usize = 10_000;

/// Failures within [`FAILURE_WINDOW_SECONDS`] that deactivate a webhook.
pub const MAX_FAILURES: u64 = 100;

/// The window of failures. Within it after a webhook was activated again, a single failure deactivates the webhook.
pub const FAILURE_WINDOW_SECONDS: i64 = 5 * 60;

/// The result of an attempt to deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// It was accepted.
    Delivered,
    /// It was not; it is tried again at this time, or never.
    Failed {
        /// The time of the next attempt.
        retry_at: Option<Timestamp>,
    },
}

/// Webhooks that send: subscriptions, the changes that they may report, and deliveries. All of it survives a restart.
#[async_trait]
pub trait WebhookStore {
    /// Creates a webhook. [`crate::StoreError::LimitReached`] if the account has [`MAX_WEBHOOKS`].
    async fn create_webhook(&self, webhook: &Webhook) -> Result<()>;

    /// Returns an account's webhooks, ordered by creation, after the one with the id `after`.
    async fn webhooks(&self, account: AccountId, after: Option<&Text>, limit: usize) -> Result<Vec<Webhook>>;

    /// Returns the webhook with that id.
    async fn find_webhook(&self, account: AccountId, id: &str) -> Result<Option<Webhook>>;

    /// Replaces name, URL, secret and state of the webhook with that id. Returns whether there is one.
    async fn change_webhook(&self, webhook: &Webhook) -> Result<bool>;

    /// Deletes a webhook with its deliveries. Returns whether there was one.
    async fn delete_webhook(&self, account: AccountId, id: &str) -> Result<bool>;

    /// Returns changes of all accounts, oldest first. Changes are recorded with the writes that cause them, in accounts
    /// with an active webhook.
    async fn changes(&self, limit: usize) -> Result<Vec<Change>>;

    /// Removes the changes up to a row, and queues deliveries: the webhook's account and id, and the body. Returns the
    /// number of deliveries that were dropped because the account has [`MAX_DELIVERIES`].
    async fn queue_deliveries(
        &self,
        up_to: i64,
        deliveries: &[(AccountId, Text, String)],
        now: Timestamp,
    ) -> Result<u64>;

    /// Returns deliveries that are due, at most `per_webhook` of each webhook, oldest first.
    async fn due_deliveries(&self, now: Timestamp, per_webhook: usize, limit: usize) -> Result<Vec<Delivery>>;

    /// Records an attempt. Returns whether it deactivated the webhook, which drops its deliveries.
    async fn record_attempt(&self, delivery: i64, attempt: Attempt, now: Timestamp) -> Result<bool>;

    /// Returns the number of changes and deliveries that wait.
    async fn pending_deliveries(&self) -> Result<u64>;
}
