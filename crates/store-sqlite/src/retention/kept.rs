//! Rounds of retention, and deleted data that is kept for a while.

use rollcall_model::{AccountId, Instance, InstanceId, InstanceState, Timestamp};
use rollcall_store::{KeptDrop, Result, RetentionState, RowRange};
use rusqlite::{Connection, params};

use crate::{
    columns::{Bound, Columns, Read},
    sql,
};

const STATE: &str = "retention_state";
const DROPS: &str = "retention_drops";

/// Files that stay although no instance has rows in them. Those affected by an erasure are deleted anyway.
pub(crate) const IS_KEPT: &str =
    "(EXISTS (SELECT 1 FROM retention_drops AS d WHERE d.minutes_path = archive_files.path)
        OR EXISTS (SELECT 1 FROM retention_drops AS d WHERE d.participants_path = archive_files.path))
    AND NOT EXISTS (SELECT 1 FROM erasure_files AS e WHERE e.path = archive_files.path)";

pub(super) fn state(db: &Connection) -> Result<RetentionState> {
    let sql = "SELECT last_round_ms, waiting_since_ms, undone_ms FROM retention_state";
    let state = sql::row(db, STATE, sql, [], |columns| {
        Ok(RetentionState {
            last_round: columns.take()?,
            waiting_since: columns.take()?,
            undone_at: columns.take()?,
            newest_account: None,
        })
    })?;
    let newest: Option<Option<Timestamp>> = sql::value(db, "accounts", "SELECT max(created_at_ms) FROM accounts", [])?;
    Ok(RetentionState { newest_account: newest.flatten(), ..state.unwrap_or_default() })
}

pub(super) fn set_state(db: &Connection, state: &RetentionState) -> Result<()> {
    let sql = "INSERT INTO retention_state (one, last_round_ms, waiting_since_ms, undone_ms) VALUES (1, ?, ?, ?)
               ON CONFLICT (one) DO UPDATE SET last_round_ms = excluded.last_round_ms,
                   waiting_since_ms = excluded.waiting_since_ms, undone_ms = excluded.undone_ms";
    let params = params![
        state.last_round.map(Timestamp::as_millis),
        state.waiting_since.map(Timestamp::as_millis),
        state.undone_at.map(Timestamp::as_millis)
    ];
    sql::execute(db, sql, params).map(drop)
}

pub(super) fn newest_fact(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    let sql = "SELECT max(over_ms) FROM instances WHERE over_ms <= ?";
    let newest: Option<Option<Timestamp>> = sql::value(db, "instances", sql, params![Bound(&now)])?;
    Ok(newest.flatten())
}

pub(super) fn keep(
    db: &Connection,
    account: AccountId,
    instance: InstanceId,
    at: Timestamp,
    until: Timestamp,
) -> Result<bool> {
    let sql = "INSERT INTO retention_drops (account_id, uuid, kind, number, start_time_ms, end_time_ms, minutes_path,
            first_minute, minutes, participants_path, first_participant, participants, dropped_ms, keep_until_ms)
        SELECT i.account_id, i.uuid, i.kind, i.number, i.start_time_ms, i.end_time_ms, m.path, a.first_minute, a.minutes,
            p.path, a.first_participant, a.participants, ?3, ?4
        FROM archived_instances AS a JOIN instances AS i ON i.id = a.instance_id
            LEFT JOIN archive_files AS m ON m.id = a.minutes_file
            LEFT JOIN archive_files AS p ON p.id = a.participants_file
        WHERE a.instance_id = ?1 AND i.account_id = ?2 AND (m.path NOT NULL OR p.path NOT NULL)
            AND NOT EXISTS (SELECT 1 FROM retention_drops AS d
                WHERE d.account_id = i.account_id AND d.uuid = i.uuid AND d.minutes_path IS m.path
                    AND d.participants_path IS p.path)";
    Ok(sql::execute(db, sql, params![instance.0, account.0, at.as_millis(), until.as_millis()])? > 0)
}

pub(super) fn list(db: &Connection, after: i64, limit: usize) -> Result<Vec<KeptDrop>> {
    let sql =
        "SELECT id, account_id, kind, uuid, number, start_time_ms, end_time_ms, minutes_path, first_minute, minutes,
            participants_path, first_participant, participants, dropped_ms, keep_until_ms
        FROM retention_drops WHERE id > ? ORDER BY id LIMIT ?";
    sql::rows(db, DROPS, sql, params![after, sql::limit(limit)], read)
}

fn read(columns: &mut Columns<'_>) -> Read<KeptDrop> {
    let (id, account) = (columns.take()?, columns.take()?);
    let mut instance = Instance::unnumbered(columns.take()?, columns.take()?, InstanceState::Past);
    instance.number = columns.take()?;
    instance.start_time = columns.take()?;
    instance.end_time = columns.take()?;
    let (minutes, participants) = (read_place(columns)?, read_place(columns)?);
    Ok(KeptDrop {
        id,
        account,
        instance,
        minutes,
        participants,
        dropped_at: columns.take()?,
        keep_until: columns.take()?,
    })
}

fn read_place(columns: &mut Columns<'_>) -> Read<Option<(String, RowRange)>> {
    let path: Option<String> = columns.take()?;
    let range = RowRange { first: columns.take()?, rows: columns.take()? };
    Ok(path.filter(|_| range.rows > 0).map(|path| (path, range)))
}

pub(super) fn release_before(db: &Connection, before: Timestamp) -> Result<u64> {
    let sql = "DELETE FROM retention_drops WHERE keep_until_ms < ?";
    Ok(sql::execute(db, sql, params![Bound(&before)])? as u64)
}

pub(super) fn release(db: &Connection, id: i64) -> Result<()> {
    sql::execute(db, "DELETE FROM retention_drops WHERE id = ?", [id]).map(drop)
}

/// Releases all files of an account: one of them may contain rows of a person who is being erased.
pub(crate) fn release_of(db: &Connection, account: AccountId) -> Result<()> {
    sql::execute(db, "DELETE FROM retention_drops WHERE account_id = ?", [account.0]).map(drop)
}
