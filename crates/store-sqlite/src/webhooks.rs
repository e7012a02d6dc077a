//! Webhooks that send, the changes that they report, and their deliveries.

use async_trait::async_trait;
use rollcall_model::{
    AccountId, Change, ChangeSubject, Delivery, InstanceId, ParticipantId, Secret, Text, Timestamp, Vendor, Webhook,
};
use rollcall_store::{
    Attempt, FAILURE_WINDOW_SECONDS, MAX_DELIVERIES, MAX_FAILURES, MAX_WEBHOOKS, Result, StoreError, WebhookStore,
};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore, accounts,
    columns::{Bound, Bytes, Columns, Read},
    sealing::SecretsKey,
    sql::{self, Driver},
};

const TABLE: &str = "webhooks";
const COLUMNS: &str = "w.row, w.account_id, w.id, w.name, w.target_url, w.resource, w.event, w.filter, w.sealed,
    w.secret, w.is_of_organization, w.is_active, w.created_at_ms, w.created_by, w.client, w.enabled_at_ms";

/// A stored row, with its secret as it is stored.
struct Row {
    sealed: Option<Bytes>,
    webhook: Webhook,
}

fn read(columns: &mut Columns<'_>) -> Read<Row> {
    let _row: i64 = columns.take()?;
    let account = columns.take()?;
    let (id, name, target_url) = (columns.take()?, columns.take()?, columns.take()?);
    let (resource, event, filter) = (columns.take()?, columns.take()?, columns.take()?);
    let (sealed, plain): (_, Option<String>) = (columns.take()?, columns.take()?);
    Ok(Row {
        sealed,
        webhook: Webhook {
            id,
            account,
            name,
            target_url,
            resource,
            event,
            filter,
            secret: plain.map(Secret::new),
            is_of_organization: columns.take()?,
            is_active: columns.take()?,
            created_at: columns.take()?,
            created_by: columns.take()?,
            client: columns.take()?,
            enabled_at: columns.take()?,
        },
    })
}

impl Row {
    fn open(self, key: Option<&SecretsKey>) -> Result<Webhook> {
        let Self { sealed, mut webhook } = self;
        if let Some(Bytes(sealed)) = sealed {
            let no_key =
                || StoreError::backend("SQLite", "webhook secrets are encrypted and the secrets key is missing");
            let key = key.ok_or_else(no_key)?;
            webhook.secret = Some(key.open(webhook.account, Vendor::Webex, &sealed)?);
        }
        Ok(webhook)
    }
}

/// Returns a secret as it is stored: encrypted, or plain without a key.
fn sealed(webhook: &Webhook, key: Option<&SecretsKey>) -> Result<(Option<Vec<u8>>, Option<String>)> {
    Ok(match (&webhook.secret, key) {
        (None, _) => (None, None),
        (Some(secret), Some(key)) => (Some(key.seal(webhook.account, Vendor::Webex, secret)?), None),
        (Some(secret), None) => (None, Some(secret.expose().to_owned())),
    })
}

#[async_trait]
impl WebhookStore for SqliteStore {
    async fn create_webhook(&self, webhook: &Webhook) -> Result<()> {
        let (webhook, key) = (webhook.clone(), self.secrets_key());
        self.write(move |db| create(db, &webhook, key.as_ref())).await
    }

    async fn webhooks(&self, account: AccountId, after: Option<&Text>, limit: usize) -> Result<Vec<Webhook>> {
        let (after, key) = (after.cloned().unwrap_or_default(), self.secrets_key());
        self.read(move |db| {
            let sql = format!(
                "SELECT {COLUMNS} FROM webhooks AS w WHERE account_id = ?1
                     AND row > coalesce((SELECT row FROM webhooks WHERE account_id = ?1 AND id = ?2), 0)
                 ORDER BY row LIMIT ?3"
            );
            let rows = sql::rows(db, TABLE, &sql, params![account.0, after.as_str(), sql::limit(limit)], read)?;
            rows.into_iter().map(|row| row.open(key.as_ref())).collect()
        })
        .await
    }

    async fn find_webhook(&self, account: AccountId, id: &str) -> Result<Option<Webhook>> {
        let (id, key) = (id.to_owned(), self.secrets_key());
        self.read(move |db| {
            let sql = format!("SELECT {COLUMNS} FROM webhooks AS w WHERE account_id = ? AND id = ?");
            let row = sql::row(db, TABLE, &sql, params![account.0, id], read)?;
            row.map(|row| row.open(key.as_ref())).transpose()
        })
        .await
    }

    async fn change_webhook(&self, webhook: &Webhook) -> Result<bool> {
        let (webhook, key) = (webhook.clone(), self.secrets_key());
        self.write(move |db| {
            let (sealed, plain) = sealed(&webhook, key.as_ref())?;
            let sql = "UPDATE webhooks SET name = ?, target_url = ?, sealed = ?, secret = ?, is_active = ?,
                           enabled_at_ms = ? WHERE account_id = ? AND id = ?";
            let Webhook { account, id, name, target_url, is_active, enabled_at, .. } = &webhook;
            let (name, target_url, id) = (name.as_str(), target_url.as_str(), id.as_str());
            let params = params![name, target_url, sealed, plain, is_active, Bound(enabled_at), account.0, id];
            Ok(sql::execute(db, sql, params)? > 0)
        })
        .await
    }

    async fn delete_webhook(&self, account: AccountId, id: &str) -> Result<bool> {
        let id = id.to_owned();
        self.write(move |db| {
            let sql = "DELETE FROM webhooks WHERE account_id = ? AND id = ? RETURNING row";
            let Some(row) = sql::value::<i64>(db, TABLE, sql, params![account.0, id])? else { return Ok(false) };
            for table in ["deliveries", "delivery_failures"] {
                sql::execute(db, &format!("DELETE FROM {table} WHERE webhook = ?"), [row])?;
            }
            Ok(true)
        })
        .await
    }

    async fn changes(&self, limit: usize) -> Result<Vec<Change>> {
        self.read(move |db| {
            let sql = "SELECT row, account_id, event, series_id, instance_id, participant FROM changes
                       ORDER BY row LIMIT ?";
            let found = sql::rows(db, "changes", sql, [sql::limit(limit)], read_change)?;
            Ok(found)
        })
        .await
    }

    async fn queue_deliveries(
        &self,
        up_to: i64,
        deliveries: &[(AccountId, Text, String)],
        now: Timestamp,
    ) -> Result<u64> {
        let deliveries = deliveries.to_vec();
        self.write(move |db| queue(db, up_to, &deliveries, now)).await
    }

    async fn due_deliveries(&self, now: Timestamp, per_webhook: usize, limit: usize) -> Result<Vec<Delivery>> {
        let key = self.secrets_key();
        self.read(move |db| {
            let sql = format!(
                "SELECT d.row, d.body, d.attempts, {COLUMNS}
                 FROM (SELECT *, row_number() OVER (PARTITION BY webhook ORDER BY row) AS place
                       FROM deliveries WHERE due_at_ms <= ?1) AS d
                 JOIN webhooks AS w ON w.row = d.webhook AND w.is_active = 1
                 JOIN accounts AS a ON a.id = w.account_id AND a.suspended_at_ms IS NULL AND a.deleting_at_ms IS NULL
                 WHERE place <= ?2 ORDER BY d.row LIMIT ?3"
            );
            let params = params![Bound(&now), sql::limit(per_webhook), sql::limit(limit)];
            let found = sql::rows(db, "deliveries", &sql, params, |columns| {
                let (row, body, attempts): (i64, String, u64) = (columns.take()?, columns.take()?, columns.take()?);
                Ok((row, body, attempts, read(columns)?))
            })?;
            let open = |(row, body, attempts, webhook): (i64, String, u64, Row)| {
                let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
                Ok(Delivery { row, body, attempts, webhook: webhook.open(key.as_ref())? })
            };
            found.into_iter().map(open).collect()
        })
        .await
    }

    async fn record_attempt(&self, delivery: i64, attempt: Attempt, now: Timestamp) -> Result<bool> {
        self.write(move |db| record(db, delivery, attempt, now)).await
    }

    async fn pending_deliveries(&self) -> Result<u64> {
        self.read(|db| {
            let sql = "SELECT (SELECT count(*) FROM changes) + (SELECT count(*) FROM deliveries)";
            sql::count(db, TABLE, sql, [])
        })
        .await
    }
}

fn read_change(columns: &mut Columns<'_>) -> Read<Change> {
    let (row, account, event) = (columns.take()?, columns.take()?, columns.take()?);
    let (series, instance, participant): (Option<Text>, Option<i64>, Option<i64>) =
        (columns.take()?, columns.take()?, columns.take()?);
    let subject = match (series, instance.map(InstanceId), participant.map(ParticipantId)) {
        (_, Some(instance), Some(participant)) => ChangeSubject::Participant(instance, participant),
        (_, Some(instance), None) => ChangeSubject::Instance(instance),
        (series, ..) => ChangeSubject::Series(series.unwrap_or_default()),
    };
    Ok(Change { row, account, event, subject })
}

fn create(db: &Connection, webhook: &Webhook, key: Option<&SecretsKey>) -> Result<()> {
    let Webhook { id, account, name, target_url, resource, event, filter, .. } = webhook;
    accounts::require(db, *account)?;
    if sql::count(db, TABLE, "SELECT count(*) FROM webhooks WHERE account_id = ?", [account.0])? >= MAX_WEBHOOKS as u64
    {
        let what = format!("the account already has {MAX_WEBHOOKS} webhooks, the maximum; delete one first");
        return Err(StoreError::LimitReached { what });
    }
    let (sealed, plain) = sealed(webhook, key)?;
    let sql = "INSERT INTO webhooks (account_id, id, name, target_url, resource, event, filter, sealed, secret,
                   is_of_organization, is_active, created_at_ms, created_by, client, enabled_at_ms)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let params = params![
        account.0,
        id.as_str(),
        name.as_str(),
        target_url.as_str(),
        resource.as_str(),
        event.as_str(),
        Bound(filter),
        sealed,
        plain,
        webhook.is_of_organization,
        webhook.is_active,
        Bound(&webhook.created_at),
        Bound(&webhook.created_by),
        Bound(&webhook.client),
        Bound(&webhook.enabled_at)
    ];
    sql::prepare(db, sql)?.execute(params).map(drop).conflict(|| format!("webhook {id}"))
}

/// Notes a change of a scheduled meeting, if the account has an active webhook.
pub(crate) fn note_series(db: &Connection, account: AccountId, event: &str, series_id: &str) -> Result<()> {
    let sql = "INSERT INTO changes (account_id, event, series_id)
               SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM webhooks WHERE account_id = ?1 AND is_active = 1)";
    sql::execute(db, sql, params![account.0, event, series_id]).map(drop)
}

fn queue(db: &Connection, up_to: i64, deliveries: &[(AccountId, Text, String)], now: Timestamp) -> Result<u64> {
    let sql = "INSERT INTO deliveries (account_id, webhook, body, due_at_ms)
               SELECT ?1, row, ?3, ?4 FROM webhooks
               WHERE account_id = ?1 AND id = ?2
                   AND (SELECT count(*) FROM deliveries WHERE account_id = ?1) < ?5";
    let mut dropped = 0;
    for (account, id, body) in deliveries {
        let params = params![account.0, id.as_str(), body, Bound(&now), sql::limit(MAX_DELIVERIES)];
        dropped += u64::from(sql::execute(db, sql, params)? == 0);
    }
    sql::execute(db, "DELETE FROM changes WHERE row <= ?", [up_to])?;
    Ok(dropped)
}

fn record(db: &Connection, delivery: i64, attempt: Attempt, now: Timestamp) -> Result<bool> {
    let retry_at = match attempt {
        Attempt::Delivered => {
            sql::execute(db, "DELETE FROM deliveries WHERE row = ?", [delivery])?;
            return Ok(false);
        }
        Attempt::Failed { retry_at } => retry_at,
    };
    let of = "SELECT webhook FROM deliveries WHERE row = ?";
    let Some(webhook) = sql::value::<i64>(db, "deliveries", of, [delivery])? else { return Ok(false) };
    match retry_at {
        Some(retry_at) => {
            let sql = "UPDATE deliveries SET attempts = attempts + 1, due_at_ms = ? WHERE row = ?";
            sql::execute(db, sql, params![Bound(&retry_at), delivery])?;
        }
        None => drop(sql::execute(db, "DELETE FROM deliveries WHERE row = ?", [delivery])?),
    }
    let since = now.minus_seconds(FAILURE_WINDOW_SECONDS);
    sql::execute(
        db,
        "DELETE FROM delivery_failures WHERE webhook = ? AND at_ms <= ?",
        params![webhook, Bound(&since)],
    )?;
    let sql = "INSERT INTO delivery_failures (account_id, webhook, at_ms)
               SELECT account_id, row, ?2 FROM webhooks WHERE row = ?1";
    sql::execute(db, sql, params![webhook, Bound(&now)])?;
    let sql = "UPDATE webhooks SET is_active = 0 WHERE row = ?1 AND is_active = 1
                   AND (enabled_at_ms > ?2 OR (SELECT count(*) FROM delivery_failures WHERE webhook = ?1) >= ?3)";
    if sql::execute(db, sql, params![webhook, Bound(&since), sql::limit(MAX_FAILURES as usize)])? == 0 {
        return Ok(false);
    }
    for table in ["deliveries", "delivery_failures"] {
        sql::execute(db, &format!("DELETE FROM {table} WHERE webhook = ?"), [webhook])?;
    }
    Ok(true)
}

/// Encrypts secrets that are stored in plain text, and returns their number.
pub(crate) fn seal_plain(db: &Connection, key: &SecretsKey) -> Result<usize> {
    let sql = format!("SELECT {COLUMNS} FROM webhooks AS w WHERE secret IS NOT NULL");
    let plain = sql::rows(db, TABLE, &sql, [], read)?;
    for Row { webhook, .. } in &plain {
        let (sealed, _) = sealed(webhook, Some(key))?;
        let sql = "UPDATE webhooks SET secret = NULL, sealed = ? WHERE account_id = ? AND id = ?";
        sql::execute(db, sql, params![sealed, webhook.account.0, webhook.id.as_str()])?;
    }
    Ok(plain.len())
}
