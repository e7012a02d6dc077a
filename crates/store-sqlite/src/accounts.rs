//! Accounts.

use async_trait::async_trait;
use rollcall_model::{Account, AccountId, AccountState, Timestamp};
use rollcall_store::{Accounts, Result, StoreError};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    columns::{Bound, Columns, Read},
    sql::{self, Driver},
};

const TABLE: &str = "accounts";

fn read(columns: &mut Columns<'_>) -> Read<Account> {
    let (id, public_id, name, created_at) = (columns.take()?, columns.take()?, columns.take()?, columns.take()?);
    let state = match (columns.take()?, columns.take()?) {
        (_, Some(since)) => AccountState::Deleting(since),
        (Some(since), None) => AccountState::Suspended(since),
        (None, None) => AccountState::Open,
    };
    Ok(Account { id, public_id, name, created_at, state })
}

#[async_trait]
impl Accounts for SqliteStore {
    async fn create_account(&self, name: &str, public_id: &str, now: Timestamp) -> Result<Account> {
        let (name, public_id) = (name.to_owned(), public_id.to_owned());
        self.write(move |db| create(db, &name, &public_id, now)).await
    }

    async fn accounts(&self) -> Result<Vec<Account>> {
        self.read(|db| {
            sql::rows(
                db,
                TABLE,
                "SELECT id, public_id, name, created_at_ms, suspended_at_ms, deleting_at_ms FROM accounts ORDER BY id",
                [],
                read,
            )
        })
        .await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>> {
        self.read(move |db| find(db, id)).await
    }

    async fn find_account(&self, name_or_public_id: &str) -> Result<Option<Account>> {
        let text = name_or_public_id.to_owned();
        self.read(move |db| {
            // One account's name may be another's public id; the name takes precedence, because people type it.
            let sql = "SELECT id, public_id, name, created_at_ms, suspended_at_ms, deleting_at_ms FROM accounts WHERE name = ?1 OR public_id = ?1
                       ORDER BY name = ?1 DESC LIMIT 1";
            sql::row(db, TABLE, sql, [text], read)
        })
        .await
    }
}

fn create(db: &Connection, name: &str, public_id: &str, now: Timestamp) -> Result<Account> {
    let mut insert = sql::prepare(db, "INSERT INTO accounts (public_id, name, created_at_ms) VALUES (?, ?, ?)")?;
    let id = insert
        .insert(params![public_id, name, Bound(&now)])
        .conflict(|| format!("an account named `{name}` or known as `{public_id}`"))?;
    Ok(Account {
        id: AccountId(id),
        public_id: public_id.into(),
        name: name.into(),
        created_at: now,
        state: AccountState::Open,
    })
}

fn find(db: &Connection, id: AccountId) -> Result<Option<Account>> {
    sql::row(
        db,
        TABLE,
        "SELECT id, public_id, name, created_at_ms, suspended_at_ms, deleting_at_ms FROM accounts WHERE id = ?",
        [id.0],
        read,
    )
}

/// Fails if there is no such account, because every row belongs to one.
pub(crate) fn require(db: &Connection, id: AccountId) -> Result<()> {
    match find(db, id)? {
        Some(_) => Ok(()),
        None => Err(StoreError::NotFound { what: format!("account {id}") }),
    }
}
