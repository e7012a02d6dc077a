//! Deleting expired data.

pub(crate) mod kept;

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, LocationGrain, ParticipantId, Timestamp};
use rollcall_store::{
    AgedRows, BlankedSoFar, Dropped, Due, InstancePart, KeptDrop, Result, RetentionState, RetentionStore,
    StoredParticipant,
    policy::{self, RetentionRows},
};
use rusqlite::{Connection, params};

use crate::{
    SqliteRows, SqliteStore,
    archive::record,
    columns::Bound,
    event_reports, members, participants,
    participants::{rows_after, rows_of},
    rollups, sql,
};

const TABLE: &str = "instances";
/// Number of days whose rollups are deleted per step: each has some thousand rows.
const ROLLUP_DAYS: usize = 5;

/// The instances that have a part, as `i`.
const fn having(part: InstancePart) -> &'static str {
    match part {
        InstancePart::Minutes => {
            "archived_instances AS a JOIN instances AS i ON i.id = a.instance_id WHERE a.minutes > 0 AND i.over_ms"
        }
        InstancePart::Identity => "instances AS i WHERE i.identity_changes IS NOT i.changes AND i.over_ms",
        InstancePart::Participants => "instances AS i WHERE i.participants > 0 AND i.over_ms",
        InstancePart::Whole => "instances AS i WHERE i.over_ms",
    }
}

/// Returns how many rows of a part an instance has.
const fn rows_of_part(part: InstancePart) -> &'static str {
    match part {
        InstancePart::Minutes => "a.minutes",
        InstancePart::Identity | InstancePart::Participants => "i.participants",
        InstancePart::Whole => "1",
    }
}

/// [`MEETING_OVER`] as a literal.
macro_rules! meeting_over {
    () => {
        "nullif(max(
    coalesce((SELECT max(over_ms) FROM instances AS run
        WHERE run.account_id = m.account_id AND run.kind = m.kind AND run.number = m.number), -1),
    coalesce(m.last_over_ms, -1),
    CASE WHEN m.type IN (3, 6, 8, 9) THEN -1 ELSE coalesce(m.start_time_ms, -1) END), -1)"
    };
}

/// When a meeting, as `m`, was over: after its latest instance, or at its planned start if it does not recur. A
/// recurring one only has the start of its first run.
const MEETING_OVER: &str = meeting_over!();

/// When a document was over, as `t`, of the instance `i` or the meeting `m`. Settings, groups and the like have no age.
const DOCUMENT_OVER: &str = concat!(
    "CASE WHEN i.id NOT NULL THEN i.over_ms WHEN m.number NOT NULL THEN ",
    meeting_over!(),
    " ELSE nullif(t.at_ms, 0) END"
);

/// Rows of a kind with their age: a table, its key, its joins, and the age.
struct Aged {
    table: &'static str,
    key: &'static str,
    joined: &'static str,
    age: &'static str,
}

const fn aged(kind: AgedRows) -> Aged {
    const WEBINAR: &str = "JOIN meetings AS m
        ON m.account_id = t.account_id AND m.kind = 'webinar' AND m.number = t.webinar_number";
    match kind {
        AgedRows::TrackingSources => {
            Aged { table: "tracking_sources", key: "t.row", joined: WEBINAR, age: MEETING_OVER }
        }
        AgedRows::Registrations => Aged {
            // The links that led to them are deleted, too.
            table: "registrants",
            key: "t.account_id, t.kind, t.number, t.registrant",
            joined: "JOIN meetings AS m ON m.account_id = t.account_id AND m.kind = t.kind AND m.number = t.number",
            age: MEETING_OVER,
        },
        AgedRows::Documents => Aged {
            table: "documents",
            key: "t.row",
            // One of a meeting or an instance is as old as that, another one as its time.
            joined: "LEFT JOIN instances AS i ON t.owner_kind = 'instance' AND i.account_id = t.account_id
                    AND i.uuid = t.owner
                LEFT JOIN meetings AS m ON t.owner_kind IN ('meeting', 'webinar') AND m.account_id = t.account_id
                    AND m.kind = t.owner_kind AND m.number = CAST(t.owner AS INTEGER)",
            age: DOCUMENT_OVER,
        },
        AgedRows::Meetings => Aged {
            table: "meetings",
            key: "t.account_id, t.kind, t.number",
            joined: "JOIN meetings AS m ON m.rowid = t.rowid
                AND NOT EXISTS (SELECT 1 FROM instances AS run
                    WHERE run.account_id = m.account_id AND run.kind = m.kind AND run.number = m.number)
                AND NOT EXISTS (SELECT 1 FROM registrants AS r
                    WHERE r.account_id = m.account_id AND r.kind = m.kind AND r.number = m.number)
                AND NOT (m.kind = 'webinar' AND EXISTS (SELECT 1 FROM tracking_sources AS s
                    WHERE s.account_id = m.account_id AND s.webinar_number = m.number))
                AND NOT EXISTS (SELECT 1 FROM documents AS d
                    WHERE d.account_id = m.account_id AND d.owner_kind = m.kind AND d.owner = m.number)",
            age: MEETING_OVER,
        },
        AgedRows::WebhookReports => Aged {
            // Those of participants are deleted with their instance's, of which there is at least one.
            table: "instance_reports",
            key: "t.instance_id",
            joined: "JOIN instances AS i ON i.id = t.instance_id",
            age: "i.over_ms",
        },
        AgedRows::Rollups => Aged {
            table: "quality_days",
            key: "t.account_id, t.day",
            joined: "",
            age: "CASE WHEN t.first_hour NOT NULL THEN t.day * 86400000 END",
        },
        AgedRows::Audit => Aged { table: "audit", key: "t.id", joined: "", age: "t.at_ms" },
        AgedRows::EndedTokens => Aged {
            table: "tokens",
            key: "t.id",
            joined: "",
            age: "min(coalesce(t.expires_at_ms, t.revoked_at_ms), coalesce(t.revoked_at_ms, t.expires_at_ms))",
        },
    }
}

#[async_trait]
impl RetentionStore for SqliteStore {
    async fn due_instances(
        &self,
        part: InstancePart,
        before: Timestamp,
        after: Option<InstanceId>,
        limit: usize,
    ) -> Result<Vec<(AccountId, InstanceId)>> {
        self.read(move |db| {
            let sql =
                format!("SELECT i.account_id, i.id FROM {} < ?1 AND i.id > ?2 ORDER BY i.id LIMIT ?3", having(part));
            let params = params![Bound(&before), after.map_or(i64::MIN, |id| id.0), sql::limit(limit)];
            sql::rows(db, TABLE, &sql, params, |columns| Ok((columns.take()?, columns.take()?)))
        })
        .await
    }

    async fn due_part(&self, part: InstancePart, before: Timestamp) -> Result<Due> {
        self.read(move |db| {
            let (having, rows) = (having(part), rows_of_part(part));
            let due = format!("SELECT coalesce(sum({rows}), 0), count(*) FROM {having} < ?1");
            let due =
                sql::row(db, TABLE, &due, params![Bound(&before)], |columns| Ok((columns.take()?, columns.take()?)))?;
            let (rows, instances) = due.unwrap_or_default();
            let next = format!("SELECT min(i.over_ms) FROM {having} >= ?1");
            let next: Option<Option<Timestamp>> = sql::value(db, TABLE, &next, params![Bound(&before)])?;
            Ok(Due { rows, instances: Some(instances), next: next.flatten() })
        })
        .await
    }

    async fn drop_part(
        &self,
        account: AccountId,
        instance: InstanceId,
        part: InstancePart,
        before: Timestamp,
        at: Timestamp,
        limit: usize,
    ) -> Result<Dropped> {
        self.write(move |db| {
            if !was_over(db, account, instance, before)? {
                return Ok(Dropped::default());
            }
            match part {
                InstancePart::Minutes => drop_minutes(db, account, instance, at),
                InstancePart::Identity => Ok(Dropped::default()),
                InstancePart::Participants => drop_participants(db, instance, at, limit),
                InstancePart::Whole => drop_whole(db, account, instance, at, limit),
            }
        })
        .await
    }

    async fn blank_identity(
        &self,
        account: AccountId,
        instance: InstanceId,
        grain: LocationGrain,
        before: Timestamp,
        so_far: BlankedSoFar,
        limit: usize,
    ) -> Result<(u64, Option<BlankedSoFar>)> {
        self.write(move |db| {
            if !was_over(db, account, instance, before)? {
                return Ok((so_far.rows, None));
            }
            policy::retention::blank_identity(&SqliteRows(db), account, instance, grain, so_far, limit)
        })
        .await
    }

    async fn due_rows(&self, kind: AgedRows, before: Timestamp) -> Result<Due> {
        self.read(move |db| {
            let Aged { table, joined, age, .. } = aged(kind);
            let sql = format!(
                "SELECT count(*) FILTER (WHERE age < ?1), min(age) FILTER (WHERE age >= ?1)
                 FROM (SELECT {age} AS age FROM {table} AS t {joined})"
            );
            let due = sql::row(db, table, &sql, params![Bound(&before)], |columns| {
                Ok(Due { rows: columns.take()?, instances: None, next: columns.take()? })
            })?;
            Ok(due.unwrap_or_default())
        })
        .await
    }

    async fn drop_rows(&self, kind: AgedRows, before: Timestamp, limit: usize) -> Result<u64> {
        self.write(move |db| {
            match kind {
                AgedRows::WebhookReports => return event_reports::forget(db, before),
                AgedRows::Rollups => return rollups::forget_before(db, before, limit.min(ROLLUP_DAYS)),
                _ => {}
            }
            let Aged { table, key, joined, age } = aged(kind);
            let names = key.replace("t.", "");
            let sql = format!(
                "DELETE FROM {table} WHERE ({names}) IN (SELECT {key} FROM {table} AS t {joined} WHERE {age} < ?1 LIMIT ?2)"
            );
            let dropped = sql::execute(db, &sql, params![Bound(&before), sql::limit(limit)])? as u64;
            if kind == AgedRows::Audit {
                members::forget_removed(db)?;
            }
            Ok(dropped)
        })
        .await
    }

    async fn retention_state(&self) -> Result<RetentionState> {
        self.read(kept::state).await
    }

    async fn set_retention_state(&self, state: RetentionState) -> Result<()> {
        self.write(move |db| kept::set_state(db, &state)).await
    }

    async fn newest_fact(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        self.read(move |db| kept::newest_fact(db, now)).await
    }

    async fn keep_drop(
        &self,
        account: AccountId,
        instance: InstanceId,
        at: Timestamp,
        keep_until: Timestamp,
    ) -> Result<bool> {
        self.write(move |db| kept::keep(db, account, instance, at, keep_until)).await
    }

    async fn kept_drops(&self, after: i64, limit: usize) -> Result<Vec<KeptDrop>> {
        self.read(move |db| kept::list(db, after, limit)).await
    }

    async fn release_drops(&self, before: Timestamp) -> Result<u64> {
        self.write(move |db| kept::release_before(db, before)).await
    }

    async fn release_drop(&self, id: i64) -> Result<()> {
        self.write(move |db| kept::release(db, id)).await
    }
}

/// Returns whether the instance is the account's, and was over before `before`.
fn was_over(db: &Connection, account: AccountId, instance: InstanceId, before: Timestamp) -> Result<bool> {
    let sql = "SELECT count(*) FROM instances WHERE id = ? AND account_id = ? AND over_ms < ?";
    Ok(sql::count(db, TABLE, sql, params![instance.0, account.0, Bound(&before)])? > 0)
}

fn drop_minutes(db: &Connection, account: AccountId, instance: InstanceId, at: Timestamp) -> Result<Dropped> {
    rollups::keep_of(db, account, instance)?;
    let sql = "UPDATE instances SET minutes_dropped_ms = ? WHERE id = ?";
    sql::execute(db, sql, params![Bound(&at), instance.0])?;
    let sql = "SELECT minutes FROM archived_instances WHERE instance_id = ?";
    let rows: u64 = sql::value(db, "archived_instances", sql, [instance.0])?.unwrap_or(0);
    let files = record::files_of(db, instance)?.into_iter().collect();
    let sql = "UPDATE archived_instances SET minutes_file = NULL, first_minute = 0, minutes = 0 WHERE instance_id = ?";
    sql::execute(db, sql, [instance.0])?;
    let (first, last) = rows_of(instance);
    sql::execute(db, "DELETE FROM archived_participants WHERE participant_id BETWEEN ? AND ?", [first, last])?;
    record::recount(db, &files, at)?;
    Ok(Dropped { rows, more: false })
}

fn drop_participants(db: &Connection, instance: InstanceId, at: Timestamp, limit: usize) -> Result<Dropped> {
    let (first, last) = rows_of(instance);
    let sql = "DELETE FROM participant_rows WHERE participant_id IN (
        SELECT participant_id FROM participant_rows WHERE participant_id BETWEEN ? AND ? LIMIT ?)";
    let rows = sql::execute(db, sql, params![first, last, sql::limit(limit)])? as u64;
    if rows > 0 {
        // The number of participants stays known.
        let sql = "UPDATE instances SET stated_participants = max(coalesce(stated_participants, 0), participants),
                       participants = participants - ?1, changes = changes + 1 WHERE id = ?2";
        sql::execute(db, sql, params![Bound(&rows), instance.0])?;
    }
    let more = rows == limit as u64;
    if !more {
        let files = record::files_of(db, instance)?.into_iter().collect();
        let sql = "UPDATE archived_instances SET participants_file = NULL, first_participant = 0, participants = 0
                   WHERE instance_id = ?";
        sql::execute(db, sql, [instance.0])?;
        record::recount(db, &files, at)?;
        for table in ["participant_uuids", "participant_reports"] {
            sql::execute(db, &format!("DELETE FROM {table} WHERE instance_id = ?"), [instance.0])?;
        }
        drop_documents(db, instance)?;
    }
    Ok(Dropped { rows, more })
}

/// Deletes an instance's documents: answers and questions name participants.
fn drop_documents(db: &Connection, instance: InstanceId) -> Result<()> {
    let sql = "DELETE FROM documents WHERE owner_kind = 'instance'
               AND (account_id, owner) = (SELECT account_id, uuid FROM instances WHERE id = ?)";
    sql::execute(db, sql, [instance.0]).map(drop)
}

pub(crate) fn drop_whole(
    db: &Connection,
    account: AccountId,
    instance: InstanceId,
    at: Timestamp,
    limit: usize,
) -> Result<Dropped> {
    drop_minutes(db, account, instance, at)?;
    let people = drop_participants(db, instance, at, limit)?;
    if people.more {
        return Ok(Dropped { rows: 0, more: true });
    }
    for table in ["instance_reports", "instance_quality", "archived_instances"] {
        sql::execute(db, &format!("DELETE FROM {table} WHERE instance_id = ?"), [instance.0])?;
    }
    let sql = "UPDATE meetings AS m SET last_over_ms = max(coalesce(m.last_over_ms, -1), coalesce(i.over_ms, -1))
               FROM instances AS i
               WHERE i.id = ? AND m.account_id = i.account_id AND m.kind = i.kind AND m.number = i.number";
    sql::execute(db, sql, [instance.0])?;
    let rows = sql::execute(db, "DELETE FROM instances WHERE id = ?", [instance.0])? as u64;
    Ok(Dropped { rows, more: false })
}

impl RetentionRows for SqliteRows<'_> {
    fn changes(&self, instance: InstanceId) -> Result<u64> {
        sql::count(self.0, TABLE, "SELECT changes FROM instances WHERE id = ?", [instance.0])
    }

    fn participants_of(
        &self,
        instance: InstanceId,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<Vec<StoredParticipant>> {
        let (after, last) = rows_after(instance, after);
        let sql = "SELECT participant_id, user_id, join_time_ms, fields FROM participant_rows
                   WHERE participant_id > ? AND participant_id <= ? ORDER BY participant_id LIMIT ?";
        participants::select(self.0, sql, params![after, last, sql::limit(limit)])
    }

    fn delete_reports(&self, instance: InstanceId) -> Result<()> {
        for table in ["participant_uuids", "participant_reports", "instance_reports"] {
            sql::execute(self.0, &format!("DELETE FROM {table} WHERE instance_id = ?"), [instance.0])?;
        }
        drop_documents(self.0, instance)
    }

    fn set_blank(&self, instance: InstanceId) -> Result<()> {
        let sql = "UPDATE instances SET identity_changes = changes WHERE id = ?";
        sql::execute(self.0, sql, [instance.0]).map(drop)
    }
}
