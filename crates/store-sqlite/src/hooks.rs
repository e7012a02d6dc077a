//! Webhook secrets.

use async_trait::async_trait;
use rollcall_model::{AccountId, Hook, HookId, Secret, Timestamp, Vendor};
use rollcall_store::{HookStore, Result, StoreError};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore, accounts,
    columns::{Bound, Bytes, Columns, Read},
    connections,
    sealing::SecretsKey,
    sql::{self, Driver},
    webhooks,
};

const TABLE: &str = "hooks";

macro_rules! select {
    () => {
        "SELECT hooks.id, account_id, vendor, secret, sealed, hooks.created_at_ms, expires_at_ms FROM hooks "
    };
}

/// A stored row.
struct Row {
    id: HookId,
    account: AccountId,
    vendor: Vendor,
    plain: String,
    sealed: Option<Bytes>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
}

fn read(columns: &mut Columns<'_>) -> Read<Row> {
    Ok(Row {
        id: columns.take()?,
        account: columns.take()?,
        vendor: columns.take()?,
        plain: columns.take()?,
        sealed: columns.take()?,
        created_at: columns.take()?,
        expires_at: columns.take()?,
    })
}

impl Row {
    fn open(self, key: Option<&SecretsKey>) -> Result<Hook> {
        let Self { id, account, vendor, plain, sealed, created_at, expires_at } = self;
        let secret = match (sealed, key) {
            (None, _) => Secret::new(plain),
            (Some(Bytes(sealed)), Some(key)) => key.open(account, vendor, &sealed)?,
            (Some(_), None) => return Err(no_key()),
        };
        Ok(Hook { id, account, vendor, secret, created_at, expires_at })
    }
}

fn no_key() -> StoreError {
    let reason = "webhook secrets are encrypted and the secrets key is missing: restore its file, or revoke the secrets \
                  and create them again";
    StoreError::backend("SQLite", reason)
}

#[async_trait]
impl HookStore for SqliteStore {
    async fn create_hook(&self, account: AccountId, vendor: Vendor, secret: &Secret, now: Timestamp) -> Result<HookId> {
        let (secret, key) = (secret.clone(), self.secrets_key());
        self.write(move |db| {
            accounts::require(db, account)?;
            insert(db, key.as_ref(), account, vendor, &secret, now)
        })
        .await
    }

    async fn rotate_hook(
        &self,
        account: AccountId,
        id: HookId,
        secret: &Secret,
        now: Timestamp,
        former_until: Timestamp,
    ) -> Result<HookId> {
        let (secret, key) = (secret.clone(), self.secrets_key());
        self.write(move |db| {
            let sql = "UPDATE hooks SET expires_at_ms = ? WHERE id = ? AND account_id = ?
                           AND (expires_at_ms IS NULL OR expires_at_ms > ?) RETURNING vendor";
            let params = params![Bound(&former_until), id.0, account.0, Bound(&now)];
            let vendor = sql::value(db, TABLE, sql, params)?;
            let vendor = vendor.ok_or_else(|| StoreError::NotFound { what: format!("webhook secret {id}") })?;
            insert(db, key.as_ref(), account, vendor, &secret, now)
        })
        .await
    }

    async fn hooks(&self, account: AccountId) -> Result<Vec<Hook>> {
        let key = self.secrets_key();
        self.read(move |db| {
            let rows = sql::rows(db, TABLE, concat!(select!(), "WHERE account_id = ? ORDER BY id"), [account.0], read)?;
            // The list shows no secret: one that cannot be decrypted is listed, too.
            let shown = |row: Row| {
                let Row { id, account, vendor, created_at, expires_at, .. } = row;
                let secret = Secret::new(String::new());
                let blank = Hook { id, account, vendor, secret, created_at, expires_at };
                row.open(key.as_ref()).unwrap_or(blank)
            };
            Ok(rows.into_iter().map(shown).collect())
        })
        .await
    }

    async fn active_hooks(&self, account_public_id: &str, vendor: Vendor, now: Timestamp) -> Result<Vec<Hook>> {
        let (public_id, key) = (account_public_id.to_owned(), self.secrets_key());
        self.read_here(move |db| {
            let sql = concat!(
                select!(),
                "JOIN accounts ON accounts.id = account_id
                 WHERE public_id = ? AND vendor = ? AND (expires_at_ms IS NULL OR expires_at_ms > ?)
                     AND suspended_at_ms IS NULL AND deleting_at_ms IS NULL
                 ORDER BY hooks.id"
            );
            let rows = sql::rows(db, TABLE, sql, params![public_id, Bound(&vendor), Bound(&now)], read)?;
            rows.into_iter().map(|row| row.open(key.as_ref())).collect()
        })
        .await
    }

    async fn revoke_hook(&self, account: AccountId, id: HookId) -> Result<bool> {
        self.write(move |db| {
            Ok(sql::execute(db, "DELETE FROM hooks WHERE id = ? AND account_id = ?", params![id.0, account.0])? > 0)
        })
        .await
    }

    async fn delete_former_secrets(&self, now: Timestamp) -> Result<u64> {
        self.write(move |db| {
            let hooks = sql::execute(db, "DELETE FROM hooks WHERE expires_at_ms <= ?", [Bound(&now)])?;
            let sql = "UPDATE apps SET former_secret_hash = NULL, former_until_ms = NULL WHERE former_until_ms <= ?";
            Ok((hooks + sql::execute(db, sql, [Bound(&now)])?) as u64)
        })
        .await
    }
}

fn insert(
    db: &Connection,
    key: Option<&SecretsKey>,
    account: AccountId,
    vendor: Vendor,
    secret: &Secret,
    now: Timestamp,
) -> Result<HookId> {
    let (plain, sealed, fingerprint) = match key {
        None => (secret.expose(), None, None),
        Some(key) => {
            let sealed = key.seal(account, vendor, secret)?;
            ("", Some(sealed), Some(key.fingerprint(account, vendor, secret)))
        }
    };
    let sql =
        "INSERT INTO hooks (account_id, vendor, secret, sealed, fingerprint, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)";
    let params = params![account.0, Bound(&vendor), plain, sealed, fingerprint, Bound(&now)];
    sql::prepare(db, sql)?.insert(params).map(HookId).conflict(|| "this secret".to_owned())
}

/// Returns whether the database has encrypted secrets.
pub(crate) fn has_sealed(db: &Connection) -> Result<bool> {
    Ok(sql::count(
        db,
        TABLE,
        "SELECT EXISTS (SELECT 1 FROM hooks WHERE sealed IS NOT NULL)
        OR EXISTS (SELECT 1 FROM webhooks WHERE sealed IS NOT NULL)
        OR EXISTS (SELECT 1 FROM connections WHERE sealed IS NOT NULL)",
        [],
    )? > 0)
}

/// Encrypts secrets that are stored in plain text, and returns their number.
pub(crate) fn seal_plain(db: &Connection, key: &SecretsKey) -> Result<usize> {
    let plain = sql::rows(db, TABLE, concat!(select!(), "WHERE secret <> ''"), [], read)?;
    for row in &plain {
        let secret = Secret::new(row.plain.clone());
        let sealed = key.seal(row.account, row.vendor, &secret)?;
        let fingerprint = key.fingerprint(row.account, row.vendor, &secret);
        // The same secret may have been created again, encrypted.
        let sql = "UPDATE OR REPLACE hooks SET secret = '', sealed = ?, fingerprint = ? WHERE id = ?";
        sql::execute(db, sql, params![sealed, fingerprint, row.id.0])?;
    }
    Ok(plain.len() + webhooks::seal_plain(db, key)? + connections::seal_plain(db, key)?)
}
