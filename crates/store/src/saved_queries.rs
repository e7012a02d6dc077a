use async_trait::async_trait;
use rollcall_model::{AccountId, Text, Timestamp};

use crate::Result;

/// Maximum number of saved queries of an account.
pub const MAX_SAVED_QUERIES: usize = 500;

/// The row id of a saved query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SavedQueryId(pub i64);

/// An SQL query that somebody keeps and shares within the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedQuery {
    /// Its row id.
    pub id: SavedQueryId,
    /// Its name; unique in the account.
    pub name: Text,
    /// The SQL.
    pub query: Text,
    /// When it was saved.
    pub created_at: Timestamp,
}

/// Saved SQL queries.
#[async_trait]
pub trait SavedQueryStore {
    /// Returns the account's saved queries, by name. There are at most [`MAX_SAVED_QUERIES`].
    async fn saved_queries(&self, account: AccountId) -> Result<Vec<SavedQuery>>;

    /// Saves a query. [`crate::StoreError::Conflict`] if the name is taken, [`crate::StoreError::LimitReached`] if the
    /// account has [`MAX_SAVED_QUERIES`].
    async fn save_query(&self, account: AccountId, name: &str, query: &str, now: Timestamp) -> Result<SavedQueryId>;

    /// Deletes a saved query. Returns whether there was one.
    async fn delete_query(&self, account: AccountId, id: SavedQueryId) -> Result<bool>;
}
