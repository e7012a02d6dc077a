//! Subscriptions, and the mails that were begun for them.

use async_trait::async_trait;
use rollcall_model::{AccountId, MemberId, SecretHash, Timestamp};
use rollcall_store::{
    Begun, MAX_MAILS_PER_HOUR, MAX_MAILS_TO_MEMBER_PER_HOUR, MAX_SUBSCRIPTIONS, MAX_SUBSCRIPTIONS_OF_MEMBER, Mailed,
    NewSubscription, Pause, QuerySource, Result, SavedQueryId, Schedule, StoreError, Subscription, SubscriptionChange,
    SubscriptionId, SubscriptionStore, UNSUBSCRIBING_MAILS,
};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore, accounts,
    columns::{Bound, Columns, Read},
    sql::{self, Driver},
};

const TABLE: &str = "subscriptions";
const MAILS: &str = "subscription_mails";
const HOUR_SECONDS: i64 = 3600;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT s.id, s.account_id, s.member_id, s.name, s.saved_query_id, s.query, s.query_values, s.view, s.weekday,
                 s.hour, s.time_zone, s.created_at_ms, s.due_at_ms, s.attempts, s.unknown, s.failures, s.sent_at_ms,
                 s.problem, s.paused
             FROM subscriptions AS s ",
            $rest
        )
    };
}

/// The condition that a subscription is due at `?1`.
macro_rules! is_due {
    () => {
        "WHERE s.paused IS NULL AND s.due_at_ms <= ?1
             AND EXISTS (SELECT 1 FROM accounts AS a
                 WHERE a.id = s.account_id AND a.suspended_at_ms IS NULL AND a.deleting_at_ms IS NULL)"
    };
}

fn read(columns: &mut Columns<'_>) -> Read<Subscription> {
    Ok(Subscription {
        id: SubscriptionId(columns.take()?),
        account: columns.take()?,
        member: columns.take()?,
        name: columns.take()?,
        source: read_source(columns)?,
        view: columns.take()?,
        schedule: Schedule {
            weekday: columns.take::<Option<u64>>()?.map(|day| u8::try_from(day).unwrap_or(u8::MAX)),
            hour: u8::try_from(columns.take::<u64>()?).unwrap_or(u8::MAX),
            time_zone: columns.take()?,
        },
        created_at: columns.take()?,
        due_at: columns.take()?,
        attempts: read_count(columns)?,
        unknown: read_count(columns)?,
        failures: read_count(columns)?,
        sent_at: columns.take()?,
        problem: columns.take()?,
        paused: columns.take()?,
    })
}

fn read_count(columns: &mut Columns<'_>) -> Read<u32> {
    Ok(u32::try_from(columns.take::<u64>()?).unwrap_or(u32::MAX))
}

fn read_source(columns: &mut Columns<'_>) -> Read<QuerySource> {
    let saved: Option<i64> = columns.take()?;
    let (query, values): (Option<_>, Option<_>) = (columns.take()?, columns.take()?);
    // The table has one or the other.
    Ok(saved.map_or_else(
        || QuerySource::Own { query: query.unwrap_or_default(), values: values.unwrap_or_default() },
        |id| QuerySource::Saved(SavedQueryId(id)),
    ))
}

#[async_trait]
impl SubscriptionStore for SqliteStore {
    async fn subscriptions(&self, account: AccountId, member: Option<MemberId>) -> Result<Vec<Subscription>> {
        self.read(move |db| {
            let sql = select!("WHERE s.account_id = ?1 AND (?2 IS NULL OR s.member_id = ?2) ORDER BY s.id");
            sql::rows(db, TABLE, sql, params![account.0, member.map(|member| member.0)], read)
        })
        .await
    }

    async fn subscription(&self, account: AccountId, id: SubscriptionId) -> Result<Option<Subscription>> {
        self.read(move |db| {
            let sql = select!("WHERE s.account_id = ? AND s.id = ?");
            sql::row(db, TABLE, sql, params![account.0, id.0], read)
        })
        .await
    }

    async fn subscribe(&self, account: AccountId, subscription: &NewSubscription) -> Result<SubscriptionId> {
        let subscription = subscription.clone();
        self.write(move |db| subscribe(db, account, &subscription)).await
    }

    async fn change_subscription(
        &self,
        account: AccountId,
        id: SubscriptionId,
        change: &SubscriptionChange,
    ) -> Result<bool> {
        let change = change.clone();
        self.write(move |db| change_one(db, account, id, &change)).await
    }

    async fn delete_subscription(&self, account: AccountId, id: SubscriptionId) -> Result<bool> {
        self.write(move |db| {
            let sql = "DELETE FROM subscriptions WHERE account_id = ? AND id = ?";
            Ok(sql::execute(db, sql, params![account.0, id.0])? > 0)
        })
        .await
    }

    async fn due_subscriptions(&self, now: Timestamp, limit: usize) -> Result<Vec<Subscription>> {
        self.read(move |db| {
            let sql = concat!(select!(""), is_due!(), " ORDER BY s.due_at_ms, s.id LIMIT ?2");
            sql::rows(db, TABLE, sql, params![Bound(&now), sql::limit(limit)], read)
        })
        .await
    }

    async fn count_due_subscriptions(&self, now: Timestamp) -> Result<u64> {
        self.read(move |db| {
            let sql = concat!("SELECT count(*) FROM subscriptions AS s ", is_due!());
            sql::count(db, TABLE, sql, params![Bound(&now)])
        })
        .await
    }

    async fn begin_mail(&self, due: &Subscription, hash: SecretHash, now: Timestamp) -> Result<Begun> {
        let due = due.clone();
        self.write(move |db| begin(db, &due, hash, now)).await
    }

    async fn record_mail(&self, id: SubscriptionId, mailed: &Mailed, now: Timestamp) -> Result<()> {
        let mailed = mailed.clone();
        self.write(move |db| record(db, id, &mailed, now)).await
    }

    async fn may_mail(&self, account: AccountId, member: MemberId, now: Timestamp) -> Result<bool> {
        self.read(move |db| may_mail(db, account, member, now)).await
    }

    async fn find_subscription(&self, hash: &SecretHash) -> Result<Option<Subscription>> {
        let hash = *hash;
        self.read(move |db| {
            let sql = select!("JOIN subscription_mails AS m ON m.subscription_id = s.id WHERE m.hash = ?");
            sql::row(db, TABLE, sql, [Bound(&hash)], read)
        })
        .await
    }
}

fn subscribe(db: &Connection, account: AccountId, subscription: &NewSubscription) -> Result<SubscriptionId> {
    accounts::require(db, account)?;
    let NewSubscription { member, name, source, view, schedule, created_at, due_at } = subscription;
    let is_member = "SELECT count(*) FROM members WHERE account_id = ? AND id = ? AND removed_at_ms IS NULL";
    if sql::count(db, "members", is_member, params![account.0, member.0])? == 0 {
        return Err(StoreError::NotFound { what: format!("member {member}") });
    }
    let all = sql::count(db, TABLE, "SELECT count(*) FROM subscriptions WHERE account_id = ?", [account.0])?;
    let own = sql::count(db, TABLE, "SELECT count(*) FROM subscriptions WHERE member_id = ?", [member.0])?;
    if own >= MAX_SUBSCRIPTIONS_OF_MEMBER as u64 {
        return Err(StoreError::LimitReached {
            what: format!("a member has at most {MAX_SUBSCRIPTIONS_OF_MEMBER} subscriptions"),
        });
    }
    if all >= MAX_SUBSCRIPTIONS as u64 {
        return Err(StoreError::LimitReached {
            what: format!("an account has at most {MAX_SUBSCRIPTIONS} subscriptions"),
        });
    }
    let (saved, query, values) = match source {
        QuerySource::Saved(SavedQueryId(id)) => (Some(*id), None, None),
        QuerySource::Own { query, values } => (None, Some(query.as_str()), Some(values.as_str())),
    };
    let mut insert = sql::prepare(
        db,
        "INSERT INTO subscriptions (account_id, member_id, name, saved_query_id, query, query_values, view, weekday, hour,
             time_zone, created_at_ms, due_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let params = params![
        account.0,
        member.0,
        name.as_str(),
        saved,
        query,
        values,
        view.as_deref(),
        schedule.weekday,
        schedule.hour,
        schedule.time_zone.as_str(),
        Bound(created_at),
        Bound(due_at),
    ];
    insert.insert(params).map(SubscriptionId).driver()
}

fn change_one(
    db: &Connection,
    account: AccountId,
    id: SubscriptionId,
    SubscriptionChange { name, schedule, paused, due_at }: &SubscriptionChange,
) -> Result<bool> {
    let sql = "SELECT count(*) FROM subscriptions WHERE account_id = ? AND id = ?";
    if sql::count(db, TABLE, sql, params![account.0, id.0])? == 0 {
        return Ok(false);
    }
    if let Some(name) = name {
        sql::execute(db, "UPDATE subscriptions SET name = ? WHERE id = ?", params![name.as_str(), id.0])?;
    }
    if let Some(Schedule { weekday, hour, time_zone }) = schedule {
        let sql = "UPDATE subscriptions SET weekday = ?, hour = ?, time_zone = ? WHERE id = ?";
        sql::execute(db, sql, params![weekday, hour, time_zone.as_str(), id.0])?;
    }
    match paused {
        Some(None) => {
            let sql = "UPDATE subscriptions SET paused = NULL, failures = 0, problem = NULL WHERE id = ?";
            sql::execute(db, sql, [id.0])?;
        }
        Some(Some(pause)) => {
            sql::execute(db, "UPDATE subscriptions SET paused = ? WHERE id = ?", params![pause.as_str(), id.0])?;
        }
        None => {}
    }
    if let Some(due_at) = due_at {
        let sql = "UPDATE subscriptions SET due_at_ms = ?, attempts = 0, unknown = 0 WHERE id = ?";
        sql::execute(db, sql, params![Bound(due_at), id.0])?;
    }
    Ok(true)
}

fn begin(db: &Connection, due: &Subscription, hash: SecretHash, now: Timestamp) -> Result<Begun> {
    let sql = "SELECT count(*) FROM subscriptions WHERE id = ? AND due_at_ms = ? AND unknown = ? AND paused IS NULL";
    if sql::count(db, TABLE, sql, params![due.id.0, Bound(&due.due_at), due.unknown])? == 0 {
        return Ok(Begun::Changed);
    }
    if !may_mail(db, due.account, due.member, now)? {
        return Ok(Begun::Limited);
    }
    let hour_ago = now.minus_seconds(HOUR_SECONDS);
    let sql = "DELETE FROM subscription_mails WHERE account_id = ?1 AND begun_at_ms <= ?2
                   AND subscription_id NOT IN (SELECT id FROM subscriptions WHERE account_id = ?1)";
    sql::execute(db, sql, params![due.account.0, Bound(&hour_ago)])?;
    let sql = "DELETE FROM subscription_mails WHERE begun_at_ms <= ? AND id IN (
                   SELECT id FROM subscription_mails WHERE subscription_id = ? ORDER BY id DESC LIMIT -1 OFFSET ?)";
    sql::execute(db, sql, params![Bound(&hour_ago), due.id.0, sql::limit(UNSUBSCRIBING_MAILS - 1)])?;
    let sql = "INSERT INTO subscription_mails (account_id, member_id, subscription_id, hash, begun_at_ms)
               VALUES (?, ?, ?, ?, ?)";
    sql::execute(db, sql, params![due.account.0, due.member.0, due.id.0, Bound(&hash), Bound(&now)])?;
    sql::execute(db, "UPDATE subscriptions SET unknown = unknown + 1 WHERE id = ?", [due.id.0])?;
    Ok(Begun::Yes)
}

fn may_mail(db: &Connection, account: AccountId, member: MemberId, now: Timestamp) -> Result<bool> {
    let sql = "SELECT count(*) FROM subscription_mails
               WHERE account_id = ?1 AND begun_at_ms > ?2 AND (?3 IS NULL OR member_id = ?3)";
    let within_hour = |member: Option<i64>| {
        sql::count(db, MAILS, sql, params![account.0, Bound(&now.minus_seconds(HOUR_SECONDS)), member])
    };
    let (all, own) = (within_hour(None)?, within_hour(Some(member.0))?);
    Ok(all < MAX_MAILS_PER_HOUR as u64 && own < MAX_MAILS_TO_MEMBER_PER_HOUR as u64)
}

fn record(db: &Connection, id: SubscriptionId, mailed: &Mailed, now: Timestamp) -> Result<()> {
    match mailed {
        Mailed::Sent { due_at } => {
            let sql = "UPDATE subscriptions SET due_at_ms = ?, attempts = 0, unknown = 0, failures = 0, problem = NULL,
                           sent_at_ms = ? WHERE id = ?";
            sql::execute(db, sql, params![Bound(due_at), Bound(&now), id.0])?;
        }
        Mailed::Postponed { due_at } => {
            sql::execute(db, "UPDATE subscriptions SET due_at_ms = ? WHERE id = ?", params![Bound(due_at), id.0])?;
        }
        Mailed::Retry { due_at, problem, sent_nothing } => {
            let sql = "UPDATE subscriptions SET due_at_ms = ?, attempts = attempts + 1, problem = ?,
                           unknown = max(unknown - ?, 0) WHERE id = ?";
            sql::execute(db, sql, params![Bound(due_at), problem.as_str(), sent_nothing, id.0])?;
        }
        Mailed::GivenUp { due_at, problem, paused } => {
            // Somebody may have paused it meanwhile, for another reason.
            let sql = "UPDATE subscriptions SET due_at_ms = ?, attempts = 0, unknown = 0, failures = failures + 1,
                           problem = ?, paused = coalesce(paused, ?) WHERE id = ?";
            let params = params![Bound(due_at), problem.as_str(), paused.map(Pause::as_str), id.0];
            sql::execute(db, sql, params)?;
        }
    }
    Ok(())
}
