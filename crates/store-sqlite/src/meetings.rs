//! Meetings and webinars.

use std::sync::LazyLock;

use async_trait::async_trait;
use rollcall_model::{AccountId, Meeting, MeetingKind, MeetingNumber, Text, Timestamp};
use rollcall_store::{
    MeetingQuery, MeetingStore, PlannedQuery, Result, StoreError,
    policy::{self, Database, MeetingRows},
};
use rusqlite::{Connection, named_params, params};

use crate::{
    SqliteRows, SqliteStore, accounts,
    columns::{Bound, Params, columns},
    sql::{self, Driver},
    webhooks,
};

columns! {
    Meeting in "meetings" {
        kind,
        number,
        uuid,
        host_id,
        host_email,
        topic,
        schedule_type as "type",
        status,
        start_time as "start_time_ms",
        duration_minutes,
        timezone,
        agenda,
        created_at as "created_at_ms",
        join_url,
        registration_url,
        is_simulive,
        tracking_fields,
        settings_json as "settings",
        occurrences_json as "occurrences",
        series_id,
        extras,
        deleted_at as "deleted_at_ms",
    }
}

/// Returns the stored meetings.
static SELECT: LazyLock<String> = LazyLock::new(|| format!("SELECT {} FROM meetings", sql::list(COLUMNS)));

/// Returns meetings as served: a UUID that no source reported is that of the latest run, or of the next if none has
/// begun. Never written back, because there may be a later run.
static SERVED: LazyLock<String> = LazyLock::new(|| {
    const UUID: &str = "coalesce(meetings.uuid, (
        SELECT runs.uuid FROM instances AS runs
        WHERE runs.account_id = meetings.account_id AND runs.kind = meetings.kind AND runs.number = meetings.number
        ORDER BY runs.start_time_ms DESC, runs.uuid DESC LIMIT 1), meetings.planned_uuid)";
    let columns: Vec<&str> = COLUMNS.iter().map(|column| if *column == "uuid" { UUID } else { column }).collect();
    format!("SELECT {} FROM meetings", columns.join(", "))
});

static PUT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "INSERT INTO meetings (account_id, {}) VALUES ({})
         ON CONFLICT (account_id, kind, number) DO UPDATE SET {}",
        sql::list(COLUMNS),
        sql::placeholders(COLUMNS.len() + 1),
        sql::fill(
            COLUMNS,
            &[
                ("kind", "kind"),
                ("number", "number"),
                ("extras", sql::MERGED_EXTRAS),
                // Only events set it ([`MeetingRows::set_schedule`]).
                ("deleted_at_ms", "deleted_at_ms"),
            ]
        ),
    )
});

/// As in Zoom's lists, instant meetings and those in personal rooms (types 1 and 4) are omitted, and so are deleted
/// ones. An open bound is NULL. A missing start matches only open bounds.
const MATCHES: &str = "account_id = ?1 AND kind = ?2 AND host_id = ?3 AND meetings.deleted_at_ms IS NULL
    AND (meetings.type IS NULL OR meetings.type NOT IN (1, 4))
    AND (?4 IS NULL OR start_time_ms >= ?4) AND (?5 IS NULL OR start_time_ms < ?5)
    AND (NOT ?6 OR EXISTS (
        SELECT 1 FROM instances
        WHERE instances.account_id = meetings.account_id AND instances.kind = meetings.kind
            AND instances.number = meetings.number AND instances.state = 'live'
    ))";

#[async_trait]
impl MeetingStore for SqliteStore {
    async fn put_meetings(&self, account: AccountId, meetings: &[Meeting]) -> Result<()> {
        let meetings = meetings.to_vec();
        self.write_rows(move |tx| policy::meetings::put_all(tx, account, &meetings)).await
    }

    async fn find_meeting(
        &self,
        account: AccountId,
        kind: MeetingKind,
        number: MeetingNumber,
    ) -> Result<Option<Meeting>> {
        self.read(move |db| select(db, &SERVED, account, kind, number)).await
    }

    async fn write_series(&self, account: AccountId, meeting: &Meeting, is_new: bool) -> Result<()> {
        let meeting = meeting.clone();
        self.write(move |db| write_series(db, account, &meeting, is_new)).await
    }

    async fn delete_series(&self, account: AccountId, series_id: &str, now: Timestamp) -> Result<bool> {
        let series_id = series_id.to_owned();
        self.write(move |db| {
            let sql = "UPDATE meetings SET deleted_at_ms = ? WHERE account_id = ? AND series_id = ? AND deleted_at_ms IS NULL";
            if sql::execute(db, sql, params![Bound(&now), account.0, series_id])? == 0 {
                return Ok(false);
            }
            webhooks::note_series(db, account, "deleted", &series_id)?;
            Ok(true)
        })
        .await
    }

    async fn find_series(&self, account: AccountId, series_id: &str) -> Result<Option<Meeting>> {
        let series_id = series_id.to_owned();
        self.read(move |db| {
            let sql = format!("{} WHERE account_id = ? AND series_id = ? AND deleted_at_ms IS NULL", *SERVED);
            sql::row(db, TABLE, &sql, params![account.0, series_id], read)
        })
        .await
    }

    async fn find_series_ever(&self, account: AccountId, series_id: &str) -> Result<Option<Meeting>> {
        let series_id = series_id.to_owned();
        self.read(move |db| {
            let sql = format!("{} WHERE account_id = ? AND series_id = ?", *SERVED);
            sql::row(db, TABLE, &sql, params![account.0, series_id], read)
        })
        .await
    }

    async fn list_series(&self, account: AccountId, after: Option<&Text>, limit: usize) -> Result<Vec<Meeting>> {
        let after = after.map_or_else(String::new, ToString::to_string);
        self.read(move |db| {
            let sql = format!(
                "{} WHERE account_id = ? AND series_id > ? AND deleted_at_ms IS NULL ORDER BY series_id LIMIT ?",
                *SERVED
            );
            sql::rows(db, TABLE, &sql, params![account.0, after, sql::limit(limit)], read)
        })
        .await
    }

    async fn list_meetings(
        &self,
        account: AccountId,
        query: &MeetingQuery,
        after: Option<MeetingNumber>,
        limit: usize,
    ) -> Result<Vec<Meeting>> {
        let query = query.clone();
        self.read(move |db| {
            let after = after.map_or(i64::MIN, |number| number.0);
            let sql = format!("{} WHERE {MATCHES} AND number > ?7 ORDER BY number LIMIT ?8", *SERVED);
            let params = params![
                account.0,
                Bound(&query.kind),
                Bound(&query.host_id),
                Bound(&query.when.from),
                Bound(&query.when.before),
                query.live,
                after,
                sql::limit(limit)
            ];
            sql::rows(db, TABLE, &sql, params, read)
        })
        .await
    }

    async fn planned_meetings(
        &self,
        account: AccountId,
        query: &PlannedQuery,
        after: Option<(Timestamp, MeetingKind, MeetingNumber)>,
        limit: usize,
    ) -> Result<Vec<Meeting>> {
        let query = query.clone();
        self.read(move |db| {
            let sql = format!(
                "{} WHERE account_id = :account AND (:kind IS NULL OR kind = :kind) AND deleted_at_ms IS NULL
                     AND start_time_ms >= :from AND start_time_ms < :before
                     AND (:after IS NULL OR (start_time_ms, kind, number) > (:after, :after_kind, :after_number))
                     AND (:group IS NULL OR EXISTS (
                         SELECT 1 FROM users AS u, json_each(u.group_ids) AS g
                         WHERE u.account_id = :account AND u.id = meetings.host_id AND g.value = :group))
                 ORDER BY start_time_ms, kind, number LIMIT :limit",
                *SERVED
            );
            let params = named_params! {
                ":account": account.0, ":kind": Bound(&query.kind), ":from": Bound(&query.from),
                ":before": Bound(&query.before), ":group": Bound(&query.group),
                ":after": Bound(&after.map(|(start, ..)| start)),
                ":after_kind": Bound(&after.map(|(_, kind, _)| kind)),
                ":after_number": after.map(|(.., number)| number.0), ":limit": sql::limit(limit),
            };
            sql::rows(db, TABLE, &sql, params, read)
        })
        .await
    }

    async fn count_meetings(&self, account: AccountId, query: &MeetingQuery) -> Result<u64> {
        let query = query.clone();
        self.read(move |db| {
            let params = params![
                account.0,
                Bound(&query.kind),
                Bound(&query.host_id),
                Bound(&query.when.from),
                Bound(&query.when.before),
                query.live
            ];
            sql::count(db, TABLE, &format!("SELECT count(*) FROM meetings WHERE {MATCHES}"), params)
        })
        .await
    }
}

/// Writes a meeting exactly as given.
fn write_series(db: &Connection, account: AccountId, meeting: &Meeting, is_new: bool) -> Result<()> {
    static REPLACE: LazyLock<String> = LazyLock::new(|| {
        format!(
            "UPDATE meetings SET ({}) = ({}) WHERE account_id = ? AND series_id = ? AND deleted_at_ms IS NULL",
            sql::list(COLUMNS),
            sql::placeholders(COLUMNS.len())
        )
    });
    accounts::require(db, account)?;
    let series_id = meeting.series_id.clone().unwrap_or_default();
    let rows = SqliteRows(db);
    let meeting = &*policy::meetings::storable(&rows, account, meeting)?;
    if is_new {
        let sql = "SELECT EXISTS (SELECT 1 FROM meetings
                   WHERE account_id = ?1 AND (kind = ?2 AND number = ?3 OR series_id = ?4))";
        let params = params![account.0, Bound(&meeting.kind), meeting.number.0, series_id.as_str()];
        if sql::count(db, TABLE, sql, params)? > 0 {
            return Err(StoreError::Conflict { what: format!("meeting {}", meeting.number) });
        }
        rows.write_meeting(account, meeting)?;
    } else {
        let mut replace = sql::prepare(db, &REPLACE)?;
        let mut params = Params::new(&mut replace);
        bind(meeting, &mut params)?;
        params.push(&account)?;
        params.push(&series_id)?;
        if replace.raw_execute().driver()? == 0 {
            return Err(StoreError::NotFound { what: format!("meeting {series_id}") });
        }
    }
    webhooks::note_series(db, account, if is_new { "created" } else { "updated" }, &series_id)
}

/// Returns the meeting as stored.
pub(crate) fn find(
    db: &Connection,
    account: AccountId,
    kind: MeetingKind,
    number: MeetingNumber,
) -> Result<Option<Meeting>> {
    select(db, &SELECT, account, kind, number)
}

fn select(
    db: &Connection,
    columns: &str,
    account: AccountId,
    kind: MeetingKind,
    number: MeetingNumber,
) -> Result<Option<Meeting>> {
    let sql = format!("{columns} WHERE account_id = ? AND kind = ? AND number = ?");
    sql::row(db, TABLE, &sql, params![account.0, Bound(&kind), number.0], read)
}

impl MeetingRows for SqliteRows<'_> {
    fn meeting(&self, account: AccountId, kind: MeetingKind, number: MeetingNumber) -> Result<Option<Meeting>> {
        find(self.0, account, kind, number)
    }

    fn write_meeting(&self, account: AccountId, meeting: &Meeting) -> Result<()> {
        let mut put = sql::prepare(self.0, &PUT)?;
        let mut params = Params::new(&mut put);
        params.push(&account)?;
        bind(meeting, &mut params)?;
        put.raw_execute().driver().map(drop)
    }

    fn take_number_from_pages(&self, account: AccountId, kind: MeetingKind, number: MeetingNumber) -> Result<()> {
        for update in [
            "UPDATE meetings SET origin = NULL, topic = NULL",
            "UPDATE instances SET number = NULL, changes = changes + 1",
        ] {
            let sql = format!("{update} WHERE account_id = ? AND kind = ? AND number = ? AND origin = 'page'");
            sql::execute(self.0, &sql, params![account.0, Bound(&kind), number.0])?;
        }
        Ok(())
    }

    fn claim_number(
        &self,
        account: AccountId,
        kind: MeetingKind,
        number: MeetingNumber,
        topic: Option<&Text>,
    ) -> Result<bool> {
        let sql = "INSERT INTO meetings (account_id, kind, number, topic, origin) VALUES (?1, ?2, ?3, ?4, 'page')
                   ON CONFLICT (account_id, kind, number) DO UPDATE SET topic = coalesce(topic, excluded.topic)
                   WHERE origin = 'page' RETURNING 1";
        let params = params![account.0, Bound(&kind), number.0, topic.map(Text::as_str)];
        Ok(sql::value::<i64>(self.0, TABLE, sql, params)?.is_some())
    }

    fn schedule_times(&self, account: AccountId, kind: MeetingKind, number: MeetingNumber) -> Result<Option<String>> {
        let sql = "SELECT told_at FROM meetings WHERE account_id = ? AND kind = ? AND number = ?";
        let params = params![account.0, Bound(&kind), number.0];
        sql::value(self.0, TABLE, sql, params).map(Option::flatten)
    }

    fn set_schedule(
        &self,
        account: AccountId,
        (kind, number): (MeetingKind, MeetingNumber),
        times: &str,
        uuid: Option<&Text>,
        deleted: Option<Option<Timestamp>>,
    ) -> Result<()> {
        let sql = "UPDATE meetings SET told_at = ?4, planned_uuid = coalesce(?5, planned_uuid),
                       deleted_at_ms = iif(?6, ?7, deleted_at_ms)
                   WHERE account_id = ?1 AND kind = ?2 AND number = ?3";
        let (uuid, deleted_at) = (uuid.map(Text::as_str), deleted.flatten());
        let params = params![account.0, Bound(&kind), number.0, times, uuid, deleted.is_some(), Bound(&deleted_at)];
        sql::execute(self.0, sql, params).map(drop)
    }
}
