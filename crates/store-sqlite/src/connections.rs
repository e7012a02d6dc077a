//! Connections to vendors, with their secrets and leases.

use rollcall_model::{
    AccountId, Connection as VendorConnection, ConnectionId, ConnectionSecrets, ConnectionSettings, Secret, Text,
    Timestamp, Vendor,
};
use rollcall_store::{MAX_CONNECTIONS, Result, StoreError};
use rusqlite::{Connection, params};

use crate::{
    accounts,
    columns::{Bound, Bytes, Columns, Read},
    sealing::SecretsKey,
    sql::{self, Driver},
};

const TABLE: &str = "connections";

macro_rules! select {
    () => {
        "SELECT id, account_id, vendor, name, client_id, vendor_account, base_url, private_addresses, plan,
             share_percent, every_minutes, follows_live, lookback_days, sealed IS NOT NULL OR secrets IS NOT NULL, created_at_ms, last_run_at_ms,
             last_error, iif(every_minutes IS NULL AND NOT follows_live, NULL, next_run_at_ms), run_asked_at_ms, lease_until_ms
         FROM connections "
    };
}

fn read(columns: &mut Columns<'_>) -> Read<VendorConnection> {
    let (id, account) = (columns.take()?, columns.take()?);
    let settings = ConnectionSettings {
        vendor: columns.take()?,
        name: columns.take()?,
        client_id: columns.take()?,
        vendor_account: columns.take()?,
        base_url: columns.take()?,
        private_addresses: columns.take()?,
        plan: columns.take()?,
        share_percent: columns.take::<u64>()?.try_into().unwrap_or(100),
        every_minutes: columns.take::<Option<u64>>()?.map(|minutes| minutes.try_into().unwrap_or(u32::MAX)),
        follows_live: columns.take()?,
        lookback_days: columns.take::<u64>()?.try_into().unwrap_or(u16::MAX),
    };
    let (has_secrets, created_at) = (columns.take()?, columns.take()?);
    let ended: Option<Timestamp> = columns.take()?;
    let error: Option<Text> = columns.take()?;
    let last_run = ended.map(|at| (at, error));
    Ok(VendorConnection {
        id,
        account,
        settings,
        has_secrets,
        created_at,
        last_run,
        next_run_at: columns.take()?,
        run_asked_at: columns.take()?,
        runs_until: columns.take()?,
    })
}

pub(crate) fn of_account(db: &Connection, account: AccountId) -> Result<Vec<VendorConnection>> {
    sql::rows(db, TABLE, concat!(select!(), "WHERE account_id = ? ORDER BY id"), [account.0], read)
}

pub(crate) fn find(db: &Connection, account: AccountId, id: ConnectionId) -> Result<Option<VendorConnection>> {
    sql::row(db, TABLE, concat!(select!(), "WHERE account_id = ? AND id = ?"), params![account.0, id.0], read)
}

pub(crate) fn due(db: &Connection, now: Timestamp) -> Result<Vec<VendorConnection>> {
    let sql = concat!(
        select!(),
        "WHERE (run_asked_at_ms IS NOT NULL
                OR ((every_minutes IS NOT NULL OR follows_live) AND coalesce(next_run_at_ms, 0) <= ?1))
             AND (sealed IS NOT NULL OR secrets IS NOT NULL)
             AND (lease_until_ms IS NULL OR lease_until_ms <= ?1)
             AND account_id IN (SELECT id FROM accounts WHERE suspended_at_ms IS NULL AND deleting_at_ms IS NULL)
         ORDER BY run_asked_at_ms IS NULL, next_run_at_ms, id"
    );
    sql::rows(db, TABLE, sql, [Bound(&now)], read)
}

pub(crate) fn create(
    db: &Connection,
    key: Option<&SecretsKey>,
    account: AccountId,
    settings: &ConnectionSettings,
    secrets: Option<&ConnectionSecrets>,
    now: Timestamp,
) -> Result<ConnectionId> {
    accounts::require(db, account)?;
    let count = sql::count(db, TABLE, "SELECT count(*) FROM connections WHERE account_id = ?", [account.0])?;
    if count >= MAX_CONNECTIONS as u64 {
        return Err(StoreError::LimitReached { what: format!("{MAX_CONNECTIONS} connections") });
    }
    let (sealed, plain) = stored(key, account, settings.vendor, secrets)?;
    let sql =
        "INSERT INTO connections (account_id, vendor, name, client_id, vendor_account, base_url, private_addresses,
                   plan, share_percent, every_minutes, follows_live, lookback_days, sealed, secrets, created_at_ms)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        account.0,
        Bound(&settings.vendor),
        Bound(&settings.name),
        Bound(&settings.client_id),
        Bound(&settings.vendor_account),
        Bound(&settings.base_url),
        settings.private_addresses,
        Bound(&settings.plan),
        settings.share_percent,
        settings.every_minutes,
        settings.follows_live,
        settings.lookback_days,
        sealed,
        plain,
        Bound(&now)
    ];
    let taken = || format!("a connection to {} with the name {}", settings.vendor, settings.name);
    sql::prepare(db, sql)?.insert(params).map(ConnectionId).conflict(taken)
}

pub(crate) fn change(
    db: &Connection,
    key: Option<&SecretsKey>,
    (account, id): (AccountId, ConnectionId),
    settings: &ConnectionSettings,
    secrets: Option<&ConnectionSecrets>,
    now: Timestamp,
) -> Result<bool> {
    let (sealed, plain) = stored(key, account, settings.vendor, secrets)?;
    // It is due at once if the server runs it: somebody who changes a connection waits for the result.
    let sql = "UPDATE connections SET name = ?1, client_id = ?2, vendor_account = ?3, base_url = ?4, plan = ?5,
                   share_percent = ?6, every_minutes = ?7, follows_live = ?8, lookback_days = ?9,
                   sealed = iif(?10, sealed, ?11), secrets = iif(?10, secrets, ?12),
                   run_asked_at_ms = iif(?7 IS NULL AND NOT ?8, NULL, ?13), private_addresses = ?17
               WHERE account_id = ?14 AND id = ?15 AND vendor = ?16";
    let params = params![
        Bound(&settings.name),
        Bound(&settings.client_id),
        Bound(&settings.vendor_account),
        Bound(&settings.base_url),
        Bound(&settings.plan),
        settings.share_percent,
        settings.every_minutes,
        settings.follows_live,
        settings.lookback_days,
        secrets.is_none(),
        sealed,
        plain,
        Bound(&now),
        account.0,
        id.0,
        Bound(&settings.vendor),
        settings.private_addresses
    ];
    let taken = || format!("a connection to {} with the name {}", settings.vendor, settings.name);
    Ok(sql::prepare(db, sql)?.execute(params).conflict(taken)? > 0)
}

/// Keeps the refresh token that `former` was exchanged for, if these are still the stored secrets.
pub(crate) fn keep_refresh_token(
    db: &Connection,
    key: Option<&SecretsKey>,
    (account, id): (AccountId, ConnectionId),
    former: &ConnectionSecrets,
    refresh_token: &Secret,
) -> Result<bool> {
    let Some(found) = find(db, account, id)? else { return Ok(false) };
    if secrets(db, key, account, id)?.as_ref() != Some(former) {
        return Ok(false);
    }
    let renewed =
        ConnectionSecrets { client_secret: former.client_secret.clone(), refresh_token: Some(refresh_token.clone()) };
    let (sealed, plain) = stored(key, account, found.settings.vendor, Some(&renewed))?;
    let sql = "UPDATE connections SET sealed = ?, secrets = ? WHERE account_id = ? AND id = ?";
    Ok(sql::execute(db, sql, params![sealed, plain, account.0, id.0])? > 0)
}

pub(crate) fn run_soon(db: &Connection, account: AccountId, id: ConnectionId, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE connections SET run_asked_at_ms = ? WHERE account_id = ? AND id = ?";
    Ok(sql::execute(db, sql, params![Bound(&now), account.0, id.0])? > 0)
}

pub(crate) fn delete(db: &Connection, account: AccountId, id: ConnectionId) -> Result<bool> {
    if find(db, account, id)?.is_none() {
        return Ok(false);
    }
    for table in ["collect_lists", "collect_gaps", "collect_differences", "collect_unknown_values"] {
        sql::execute(db, &format!("DELETE FROM {table} WHERE connection_id = ?"), [id.0])?;
    }
    Ok(sql::execute(db, "DELETE FROM connections WHERE id = ?", [id.0])? > 0)
}

pub(crate) fn secrets(
    db: &Connection,
    key: Option<&SecretsKey>,
    account: AccountId,
    id: ConnectionId,
) -> Result<Option<ConnectionSecrets>> {
    let sql = "SELECT vendor, sealed, secrets FROM connections WHERE account_id = ? AND id = ?";
    let row = sql::row(db, TABLE, sql, params![account.0, id.0], |columns| {
        Ok((columns.take::<Vendor>()?, columns.take::<Option<Bytes>>()?, columns.take::<Option<String>>()?))
    })?;
    let lines = match row {
        None | Some((_, None, None)) => return Ok(None),
        Some((vendor, Some(Bytes(sealed)), _)) => {
            let no_key =
                || StoreError::backend("SQLite", "secrets of connections are encrypted and the secrets key is missing");
            key.ok_or_else(no_key)?.open(account, vendor, &sealed)?
        }
        Some((_, None, Some(plain))) => Secret::new(plain),
    };
    let mut lines = lines.expose().split('\n').map(|line| Secret::new(line.to_owned()));
    let client_secret = lines.next().unwrap_or_else(|| Secret::new(String::new()));
    Ok(Some(ConnectionSecrets { client_secret, refresh_token: lines.next() }))
}

/// Returns secrets as they are stored: encrypted, or plain without a key.
fn stored(
    key: Option<&SecretsKey>,
    account: AccountId,
    vendor: Vendor,
    secrets: Option<&ConnectionSecrets>,
) -> Result<(Option<Vec<u8>>, Option<String>)> {
    let Some(ConnectionSecrets { client_secret, refresh_token }) = secrets else { return Ok((None, None)) };
    let lines = match refresh_token {
        Some(refresh_token) => format!("{}\n{}", client_secret.expose(), refresh_token.expose()),
        None => client_secret.expose().to_owned(),
    };
    match key {
        Some(key) => Ok((Some(key.seal(account, vendor, &Secret::new(lines))?), None)),
        None => Ok((None, Some(lines))),
    }
}

/// Encrypts secrets that are stored in plain text, and returns their number.
pub(crate) fn seal_plain(db: &Connection, key: &SecretsKey) -> Result<usize> {
    let sql = "SELECT id, account_id, vendor, secrets FROM connections WHERE secrets IS NOT NULL";
    let plain = sql::rows(db, TABLE, sql, [], |columns| {
        let (id, account): (ConnectionId, AccountId) = (columns.take()?, columns.take()?);
        Ok((id, account, columns.take::<Vendor>()?, columns.take::<String>()?))
    })?;
    for (id, account, vendor, secrets) in &plain {
        let sealed = key.seal(*account, *vendor, &Secret::new(secrets.clone()))?;
        sql::execute(db, "UPDATE connections SET secrets = NULL, sealed = ? WHERE id = ?", params![sealed, id.0])?;
    }
    Ok(plain.len())
}

pub(crate) fn lease(
    db: &Connection,
    id: ConnectionId,
    owner: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Timestamp>> {
    let sql = "UPDATE connections SET lease_since_ms = iif(lease_owner IS ?1, lease_since_ms, ?4),
                   lease_owner = ?1, lease_until_ms = ?2,
                   run_began_at_ms = coalesce(run_began_at_ms, ?4)
               WHERE id = ?3 AND (lease_owner = ?1 OR lease_until_ms IS NULL OR lease_until_ms <= ?4)
               RETURNING run_began_at_ms";
    sql::value(db, TABLE, sql, params![owner, Bound(&until), id.0, Bound(&now)])
}

pub(crate) fn end_leases(db: &Connection) -> Result<()> {
    sql::execute(db, "UPDATE connections SET lease_owner = NULL, lease_until_ms = NULL", [])?;
    Ok(())
}

pub(crate) fn end_run(
    db: &Connection,
    id: ConnectionId,
    owner: &str,
    (ended_at, error): (Timestamp, Option<&str>),
    next_run_at: Option<Timestamp>,
) -> Result<()> {
    let sql = "UPDATE connections SET lease_owner = NULL, lease_until_ms = NULL, last_run_at_ms = ?1, last_error = ?2,
                   next_run_at_ms = ?3, run_began_at_ms = iif(?2 IS NULL, NULL, run_began_at_ms),
                   run_asked_at_ms = iif(run_asked_at_ms > lease_since_ms, run_asked_at_ms, NULL)
               WHERE id = ?4 AND lease_owner = ?5";
    sql::execute(db, sql, params![Bound(&ended_at), error, Bound(&next_run_at), id.0, owner])?;
    Ok(())
}
