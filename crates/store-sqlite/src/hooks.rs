//! Secrets of webhooks.

use async_trait::async_trait;
use rollcall_model::{AccountId, Hook, HookId, Secret, Timestamp, Vendor};
use rollcall_store::{HookStore, Result};
use rusqlite::params;

use crate::{
    SqliteStore, accounts,
    columns::{Bound, Columns, Read},
    sql::{self, Driver},
};

const TABLE: &str = "hooks";

macro_rules! select {
    () => {
        "SELECT hooks.id, account_id, vendor, secret, hooks.created_at_ms, revoked_at_ms FROM hooks "
    };
}

fn read(columns: &mut Columns<'_>) -> Read<Hook> {
    Ok(Hook {
        id: columns.take()?,
        account: columns.take()?,
        vendor: columns.take()?,
        secret: Secret::new(columns.take()?),
        created_at: columns.take()?,
        revoked_at: columns.take()?,
    })
}

#[async_trait]
impl HookStore for SqliteStore {
    async fn create_hook(&self, account: AccountId, vendor: Vendor, secret: &Secret, now: Timestamp) -> Result<HookId> {
        let secret = secret.clone();
        self.write(move |db| {
            accounts::require(db, account)?;
            let sql = "INSERT INTO hooks (account_id, vendor, secret, created_at_ms) VALUES (?, ?, ?, ?)";
            let params = params![account.0, Bound(&vendor), secret.expose(), Bound(&now)];
            sql::prepare(db, sql)?.insert(params).map(HookId).conflict(|| "this secret".to_owned())
        })
        .await
    }

    async fn hooks(&self, account: AccountId) -> Result<Vec<Hook>> {
        self.read(move |db| {
            sql::rows(db, TABLE, concat!(select!(), "WHERE account_id = ? ORDER BY id"), [account.0], read)
        })
        .await
    }

    async fn active_hooks(&self, account_public_id: &str, vendor: Vendor) -> Result<Vec<Hook>> {
        let public_id = account_public_id.to_owned();
        self.read_here(move |db| {
            let sql = concat!(
                select!(),
                "JOIN accounts ON accounts.id = account_id
                 WHERE public_id = ? AND vendor = ? AND revoked_at_ms IS NULL ORDER BY hooks.id"
            );
            sql::rows(db, TABLE, sql, params![public_id, Bound(&vendor)], read)
        })
        .await
    }

    async fn revoke_hook(&self, account: AccountId, id: HookId, now: Timestamp) -> Result<bool> {
        self.write(move |db| {
            let sql = "UPDATE hooks SET revoked_at_ms = ? WHERE id = ? AND account_id = ? AND revoked_at_ms IS NULL";
            Ok(sql::execute(db, sql, params![Bound(&now), id.0, account.0])? > 0)
        })
        .await
    }
}
