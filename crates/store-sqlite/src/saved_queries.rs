//! Saved SQL queries.

use async_trait::async_trait;
use rollcall_model::{AccountId, Timestamp};
use rollcall_store::{MAX_SAVED_QUERIES, Result, SavedQuery, SavedQueryId, SavedQueryStore, StoreError};
use rusqlite::params;

use crate::{SqliteStore, accounts, columns::Bound, sql};

const TABLE: &str = "saved_queries";

#[async_trait]
impl SavedQueryStore for SqliteStore {
    async fn saved_queries(&self, account: AccountId) -> Result<Vec<SavedQuery>> {
        self.read(move |db| {
            let sql = "SELECT id, name, query, created_at_ms FROM saved_queries WHERE account_id = ? ORDER BY name";
            sql::rows(db, TABLE, sql, [account.0], |columns| {
                Ok(SavedQuery {
                    id: SavedQueryId(columns.take()?),
                    name: columns.take()?,
                    query: columns.take()?,
                    created_at: columns.take()?,
                })
            })
        })
        .await
    }

    async fn save_query(&self, account: AccountId, name: &str, query: &str, now: Timestamp) -> Result<SavedQueryId> {
        let (name, query) = (name.to_owned(), query.to_owned());
        self.write(move |db| {
            accounts::require(db, account)?;
            let sql = "SELECT count(*) FROM saved_queries WHERE account_id = ?";
            if sql::count(db, TABLE, sql, [account.0])? >= MAX_SAVED_QUERIES as u64 {
                return Err(StoreError::LimitReached { what: format!("{MAX_SAVED_QUERIES} saved queries") });
            }
            let sql = "INSERT INTO saved_queries (account_id, name, query, created_at_ms) VALUES (?, ?, ?, ?)
                       ON CONFLICT DO NOTHING";
            if sql::execute(db, sql, params![account.0, name, query, Bound(&now)])? == 0 {
                return Err(StoreError::Conflict { what: format!("a query with the name {name}") });
            }
            Ok(SavedQueryId(db.last_insert_rowid()))
        })
        .await
    }

    async fn delete_query(&self, account: AccountId, id: SavedQueryId) -> Result<bool> {
        self.write(move |db| {
            let sql = "DELETE FROM saved_queries WHERE account_id = ? AND id = ?";
            Ok(sql::execute(db, sql, params![account.0, id.0])? > 0)
        })
        .await
    }
}
