//! What collecting found: gaps and differences; and the turns of its calls.

use rollcall_model::{AccountId, ConnectionId};
use rollcall_store::{Difference, Gap, Result, TurnRequest, policy::ErasedNames};
use rusqlite::{Connection, params};

use crate::{
    SqliteRows,
    columns::{Bound, Columns, Read},
    sql::{self, Driver},
};

const TURNS: &str = "collect_turns";

pub(crate) fn gap(columns: &mut Columns<'_>) -> Read<(i64, ConnectionId, Gap)> {
    let (row, connection) = (columns.take()?, columns.take()?);
    let gap = Gap {
        request: columns.take()?,
        reason: columns.take()?,
        detail: columns.take()?,
        remedy: columns.take()?,
        first_at: columns.take()?,
        last_at: columns.take()?,
        times: columns.take()?,
        waiting: columns.take()?,
    };
    Ok((row, connection, gap))
}

pub(crate) fn put_gap(db: &Connection, account: AccountId, connection: ConnectionId, gap: &Gap) -> Result<()> {
    let rows = SqliteRows(db);
    if let Some(erased) = ErasedNames::of(&rows, account)?
        && (erased.is_in(&gap.request)? || erased.is_in(&gap.detail)?)
    {
        return Ok(());
    }
    let sql = "INSERT INTO collect_gaps (account_id, connection_id, request, reason, detail, remedy, first_at_ms,
                   last_at_ms, times, waiting)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT (connection_id, request) DO UPDATE SET reason = excluded.reason, detail = excluded.detail,
                   remedy = excluded.remedy, last_at_ms = excluded.last_at_ms, times = times + 1,
                   waiting = max(waiting, excluded.waiting)";
    let params = params![
        account.0,
        connection.0,
        Bound(&gap.request),
        Bound(&gap.reason),
        Bound(&gap.detail),
        Bound(&gap.remedy),
        Bound(&gap.first_at),
        Bound(&gap.last_at),
        Bound(&gap.times),
        Bound(&gap.waiting)
    ];
    sql::execute(db, sql, params)?;
    Ok(())
}

pub(crate) fn put_comparison(
    db: &Connection,
    account: AccountId,
    connection: ConnectionId,
    comparison: &Difference,
    agree: bool,
) -> Result<()> {
    let Difference { about, field, sources: [first, second], seen_at } = comparison;
    if agree {
        let sql = "DELETE FROM collect_differences WHERE connection_id = ? AND about = ? AND field = ?
                       AND first_source = ? AND second_source = ?";
        let params = params![connection.0, Bound(about), Bound(field), Bound(&first.0), Bound(&second.0)];
        sql::execute(db, sql, params)?;
        return Ok(());
    }
    let rows = SqliteRows(db);
    if let Some(erased) = ErasedNames::of(&rows, account)?
        && (erased.is_in(&first.1)? || erased.is_in(&second.1)?)
    {
        return Ok(());
    }
    let sql = "INSERT INTO collect_differences (account_id, connection_id, about, field, first_source, first_value,
                   second_source, second_value, seen_at_ms)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT (connection_id, about, field, first_source, second_source) DO UPDATE SET
                   first_value = excluded.first_value, second_value = excluded.second_value,
                   seen_at_ms = excluded.seen_at_ms";
    let params = params![
        account.0,
        connection.0,
        Bound(about),
        Bound(field),
        Bound(&first.0),
        Bound(&first.1),
        Bound(&second.0),
        Bound(&second.1),
        Bound(seen_at)
    ];
    sql::execute(db, sql, params)?;
    Ok(())
}

pub(crate) fn difference(columns: &mut Columns<'_>) -> Read<(i64, ConnectionId, Difference)> {
    let (row, connection, about, field) = (columns.take()?, columns.take()?, columns.take()?, columns.take()?);
    let sources = [(columns.take()?, columns.take()?), (columns.take()?, columns.take()?)];
    Ok((row, connection, Difference { about, field, sources, seen_at: columns.take()? }))
}

pub(crate) fn reserve(
    db: &Connection,
    account: AccountId,
    vendor_account: &str,
    request: &TurnRequest,
) -> Result<(i64, u32)> {
    let mut count = request.want;
    if let Some((pool, limit, day)) = &request.pool {
        let sql = "SELECT used FROM collect_pools WHERE account_id = ? AND vendor_account = ? AND pool = ? AND day = ?";
        let used = sql::count(db, "collect_pools", sql, params![account.0, vendor_account, Bound(pool), day])?;
        count = count.min(limit.saturating_sub(used.try_into().unwrap_or(u32::MAX)));
        let sql = "INSERT INTO collect_pools (account_id, vendor_account, pool, day, used) VALUES (?, ?, ?, ?, ?)
                   ON CONFLICT (account_id, vendor_account, pool) DO UPDATE SET
                       used = iif(day = excluded.day, used, 0) + excluded.used, day = excluded.day";
        sql::execute(db, sql, params![account.0, vendor_account, Bound(pool), day, count])?;
    }
    let sql = "SELECT next_micros FROM collect_turns WHERE account_id = ? AND vendor_account = ? AND lane = ?";
    let lane = Bound(&request.lane);
    let next = sql::value::<i64>(db, TURNS, sql, params![account.0, vendor_account, &lane])?;
    // A clock that was set back does not stop everything.
    let latest = request.now_micros + 3_600_000_000;
    let first = next.filter(|next| *next < latest).unwrap_or(0).max(request.now_micros);
    let sql = "INSERT INTO collect_turns (account_id, vendor_account, lane, next_micros) VALUES (?, ?, ?, ?)
               ON CONFLICT (account_id, vendor_account, lane) DO UPDATE SET next_micros = excluded.next_micros";
    let next = first + i64::from(count) * request.spacing_micros;
    sql::prepare(db, sql)?.execute(params![account.0, vendor_account, &lane, next]).driver()?;
    Ok((first, count))
}
