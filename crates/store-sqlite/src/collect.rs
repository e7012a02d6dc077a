//! How far connections' data has been collected: lists with their cursors, and what was found.

use async_trait::async_trait;
use rollcall_model::{
    AccountId, Connection as VendorConnection, ConnectionId, ConnectionSecrets, ConnectionSettings, Secret, Text,
    Timestamp,
};
use rollcall_store::{
    CollectStore, Difference, Gap, LaneProgress, ListId, NewList, PageDone, Result, TurnRequest, UnknownValue, Unread,
    WaitingList, WaitingQuery, policy::ErasedNames,
};
use rusqlite::{Connection, params};

use crate::{
    SqliteRows, SqliteStore,
    columns::{Bound, Bytes, Columns, Read},
    connections, findings,
    sql::{self, backend},
};

const LISTS: &str = "collect_lists";
const GAPS: &str = "collect_gaps";
const DIFFERENCES: &str = "collect_differences";
const UNKNOWN: &str = "collect_unknown_values";

/// Values of `state`.
const WAITS: i64 = 0;
const DONE: i64 = 1;
const REFUSED: i64 = 2;

/// The time of data without one, and the end of data that are never dropped.
const NO_TIME: i64 = 0;
const NEVER: i64 = i64::MAX;

/// Size of a page's hash.
const HASH_BYTES: usize = 8;

fn plan(
    db: &Connection,
    account: AccountId,
    connection: ConnectionId,
    lists: &[NewList],
    now: Timestamp,
) -> Result<u64> {
    let mut waiting = 0;
    let rows = SqliteRows(db);
    let erased = ErasedNames::of(&rows, account)?;
    for list in lists {
        // The vendor may still name somebody who was erased here.
        if let Some(erased) = &erased
            && erased.is_in(&list.target)?
        {
            continue;
        }
        // One that was read is begun again if its version is new, or if its data were not final when it was read. The
        // hashes stay: an unchanged page is not written again.
        let sql = "INSERT INTO collect_lists (account_id, connection_id, target, operation, lane, step, about, at_ms,
                       expires_at_ms, final_at_ms, version, expected, estimate)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?13, ?14)
                   ON CONFLICT (connection_id, target) DO UPDATE SET
                       lane = excluded.lane, step = excluded.step, about = excluded.about, at_ms = excluded.at_ms,
                       expires_at_ms = excluded.expires_at_ms, final_at_ms = excluded.final_at_ms,
                       version = excluded.version, expected = excluded.expected, estimate = excluded.estimate,
                       state = 0, next = NULL, pages = 0, entries = 0, failures = 0, due_at_ms = 0
                   WHERE state <> 0 AND (version <> excluded.version
                       OR (final_at_ms <= ?12 AND coalesce(read_at_ms, 0) < final_at_ms))";
        let params = params![
            account.0,
            connection.0,
            Bound(&list.target),
            Bound(&list.operation),
            Bound(&list.lane),
            list.step,
            Bound(&list.about),
            list.at.map_or(NO_TIME, Timestamp::as_millis),
            list.expires_at.map_or(NEVER, Timestamp::as_millis),
            Bound(&list.final_at),
            list.version,
            Bound(&now),
            Bound(&list.expected),
            list.estimate
        ];
        waiting += sql::execute(db, sql, params)? as u64;
    }
    Ok(waiting)
}

fn waiting_list(columns: &mut Columns<'_>) -> Read<WaitingList> {
    let id = ListId(columns.take()?);
    let list = NewList {
        target: columns.take()?,
        operation: columns.take()?,
        lane: columns.take()?,
        step: columns.take::<u64>()?.try_into().unwrap_or(u8::MAX),
        about: columns.take()?,
        at: Some(columns.take::<i64>()?).filter(|at| *at != NO_TIME).map(Timestamp::from_millis),
        expires_at: Some(columns.take::<i64>()?).filter(|at| *at != NEVER).map(Timestamp::from_millis),
        final_at: columns.take()?,
        version: columns.take()?,
        expected: columns.take()?,
        estimate: columns.take::<u64>()?.try_into().unwrap_or(u32::MAX),
    };
    let next = columns.take()?;
    let (pages, entries): (u64, u64) = (columns.take()?, columns.take()?);
    let Bytes(hashes) = columns.take()?;
    let failures: u64 = columns.take()?;
    let hashes = hashes.as_chunks::<HASH_BYTES>().0;
    Ok(WaitingList {
        id,
        list,
        next,
        pages: pages.try_into().unwrap_or(u32::MAX),
        entries,
        hashes: hashes.iter().map(|hash| u64::from_le_bytes(*hash)).collect(),
        failures: failures.try_into().unwrap_or(u32::MAX),
    })
}

macro_rules! select_lists {
    () => {
        "SELECT id, target, operation, lane, step, about, at_ms, expires_at_ms, final_at_ms, version, expected, estimate,
             next, pages, entries, hashes, failures
         FROM collect_lists WHERE connection_id = ?1 AND lane = ?2 AND state = 0 AND due_at_ms <= ?3 AND step = ?4
             AND id NOT IN (SELECT value FROM json_each(?7)) "
    };
}

fn waiting(
    db: &Connection,
    connection: ConnectionId,
    query: WaitingQuery<'_>,
    limit: usize,
) -> Result<Vec<WaitingList>> {
    let WaitingQuery { lane, now, expiring_before, without } = query;
    let without = serde_json::to_string(&without.iter().map(|list| list.0).collect::<Vec<_>>()).map_err(backend)?;
    let sql = "SELECT step FROM collect_lists WHERE connection_id = ? AND lane = ? AND state = 0 AND due_at_ms <= ?
                   AND id NOT IN (SELECT value FROM json_each(?))
               ORDER BY step LIMIT 1";
    let Some(step) = sql::value::<i64>(db, LISTS, sql, params![connection.0, lane, Bound(&now), without])? else {
        return Ok(Vec::new());
    };
    let sql = concat!(select_lists!(), "AND expires_at_ms < ?5 ORDER BY expires_at_ms, id LIMIT ?6");
    let bound = (connection.0, lane, Bound(&now), step, Bound(&expiring_before));
    let params = params![bound.0, bound.1, bound.2, bound.3, bound.4, sql::limit(limit), without];
    let mut lists = sql::rows(db, LISTS, sql, params, waiting_list)?;
    let sql = concat!(select_lists!(), "AND expires_at_ms >= ?5 ORDER BY at_ms DESC, id LIMIT ?6");
    let params = params![bound.0, bound.1, bound.2, bound.3, bound.4, sql::limit(limit - lists.len()), without];
    lists.extend(sql::rows(db, LISTS, sql, params, waiting_list)?);
    Ok(lists)
}

fn page_done(
    db: &Connection,
    account: AccountId,
    connection: ConnectionId,
    list: ListId,
    page: &PageDone,
    now: Timestamp,
) -> Result<()> {
    let sql = "SELECT pages, hashes, target FROM collect_lists WHERE id = ? AND connection_id = ?";
    let row = sql::row(db, LISTS, sql, params![list.0, connection.0], |columns| {
        Ok((columns.take::<u64>()?, columns.take::<Bytes>()?.0, columns.take::<Text>()?))
    })?;
    let Some((pages, mut hashes, target)) = row else { return Ok(()) };
    let place = usize::try_from(pages).unwrap_or(0) * HASH_BYTES;
    hashes.resize(hashes.len().max(place + HASH_BYTES), 0);
    hashes[place..place + HASH_BYTES].copy_from_slice(&page.hash.to_le_bytes());
    if page.next.is_none() {
        hashes.truncate(place + HASH_BYTES);
    }
    let state = if page.next.is_none() { DONE } else { WAITS };
    let sql = "UPDATE collect_lists SET state = ?, next = ?, pages = pages + 1, entries = entries + ?, hashes = ?,
                   failures = 0, due_at_ms = 0, read_at_ms = ? WHERE id = ?";
    let params = params![state, Bound(&page.next), Bound(&page.entries), hashes, Bound(&now), list.0];
    sql::execute(db, sql, params)?;
    plan(db, account, connection, &page.follow, now)?;
    for (path, entries) in &page.unknown {
        let sql =
            "INSERT INTO collect_unknown_values (account_id, connection_id, operation, path, entries, first_at_ms,
                       last_at_ms)
                   SELECT ?1, ?2, operation, ?3, ?4, ?5, ?5 FROM collect_lists WHERE id = ?6
                   ON CONFLICT (connection_id, operation, path) DO UPDATE SET
                       entries = entries + excluded.entries, last_at_ms = excluded.last_at_ms";
        let params = params![account.0, connection.0, Bound(path), Bound(entries), Bound(&now), list.0];
        sql::execute(db, sql, params)?;
    }
    if page.next.is_none() {
        fill_gap(db, connection, &target)?;
    }
    Ok(())
}

fn fill_gap(db: &Connection, connection: ConnectionId, request: &str) -> Result<bool> {
    let sql = "DELETE FROM collect_gaps WHERE connection_id = ? AND request = ?";
    Ok(sql::execute(db, sql, params![connection.0, request])? > 0)
}

fn unread(db: &Connection, list: ListId, unread: &Unread, now: Timestamp) -> Result<()> {
    match unread {
        Unread::Later(until) => {
            let sql = "UPDATE collect_lists SET failures = failures + 1, due_at_ms = ? WHERE id = ?";
            sql::execute(db, sql, params![Bound(until), list.0])?;
        }
        Unread::Restart => {
            let sql =
                "UPDATE collect_lists SET next = NULL, pages = 0, entries = 0, failures = failures + 1 WHERE id = ?";
            sql::execute(db, sql, [list.0])?;
        }
        Unread::Refused => {
            let sql = "UPDATE collect_lists SET state = ?, next = NULL, pages = 0, entries = 0, read_at_ms = ?
                       WHERE id = ?";
            sql::execute(db, sql, params![REFUSED, Bound(&now), list.0])?;
        }
    }
    Ok(())
}

#[async_trait]
impl CollectStore for SqliteStore {
    async fn connections(&self, account: AccountId) -> Result<Vec<VendorConnection>> {
        self.read(move |db| connections::of_account(db, account)).await
    }

    async fn connection(&self, account: AccountId, id: ConnectionId) -> Result<Option<VendorConnection>> {
        self.read(move |db| connections::find(db, account, id)).await
    }

    async fn due_connections(&self, now: Timestamp) -> Result<Vec<VendorConnection>> {
        self.read(move |db| connections::due(db, now)).await
    }

    async fn create_connection(
        &self,
        account: AccountId,
        settings: &ConnectionSettings,
        secrets: Option<&ConnectionSecrets>,
        now: Timestamp,
    ) -> Result<ConnectionId> {
        let (settings, secrets, key) = (settings.clone(), secrets.cloned(), self.secrets_key());
        self.write(move |db| connections::create(db, key.as_ref(), account, &settings, secrets.as_ref(), now)).await
    }

    async fn change_connection(
        &self,
        account: AccountId,
        id: ConnectionId,
        settings: &ConnectionSettings,
        secrets: Option<&ConnectionSecrets>,
        now: Timestamp,
    ) -> Result<bool> {
        let (settings, secrets, key) = (settings.clone(), secrets.cloned(), self.secrets_key());
        self.write(move |db| connections::change(db, key.as_ref(), (account, id), &settings, secrets.as_ref(), now))
            .await
    }

    async fn keep_refresh_token(
        &self,
        account: AccountId,
        id: ConnectionId,
        former: &ConnectionSecrets,
        refresh_token: &Secret,
    ) -> Result<bool> {
        let (former, refresh_token, key) = (former.clone(), refresh_token.clone(), self.secrets_key());
        self.write(move |db| connections::keep_refresh_token(db, key.as_ref(), (account, id), &former, &refresh_token))
            .await
    }

    async fn run_soon(&self, account: AccountId, id: ConnectionId, now: Timestamp) -> Result<bool> {
        self.write(move |db| connections::run_soon(db, account, id, now)).await
    }

    async fn delete_connection(&self, account: AccountId, id: ConnectionId) -> Result<bool> {
        self.write(move |db| connections::delete(db, account, id)).await
    }

    async fn connection_secrets(&self, account: AccountId, id: ConnectionId) -> Result<Option<ConnectionSecrets>> {
        let key = self.secrets_key();
        self.read(move |db| connections::secrets(db, key.as_ref(), account, id)).await
    }

    async fn lease_connection(
        &self,
        id: ConnectionId,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let owner = owner.to_owned();
        self.write(move |db| connections::lease(db, id, &owner, now, until)).await
    }

    async fn end_leases(&self) -> Result<()> {
        self.write(connections::end_leases).await
    }

    async fn end_run(
        &self,
        id: ConnectionId,
        owner: &str,
        (ended_at, error): (Timestamp, Option<&str>),
        next_run_at: Option<Timestamp>,
    ) -> Result<()> {
        let (owner, error) = (owner.to_owned(), error.map(str::to_owned));
        self.write(move |db| connections::end_run(db, id, &owner, (ended_at, error.as_deref()), next_run_at)).await
    }

    async fn plan_lists(
        &self,
        account: AccountId,
        connection: ConnectionId,
        lists: &[NewList],
        now: Timestamp,
    ) -> Result<u64> {
        let lists = lists.to_vec();
        self.write(move |db| plan(db, account, connection, &lists, now)).await
    }

    async fn waiting_lists(
        &self,
        connection: ConnectionId,
        query: WaitingQuery<'_>,
        limit: usize,
    ) -> Result<Vec<WaitingList>> {
        let (lane, without) = (query.lane.to_owned(), query.without.to_vec());
        let (now, expiring_before) = (query.now, query.expiring_before);
        self.read(move |db| {
            waiting(db, connection, WaitingQuery { lane: &lane, now, expiring_before, without: &without }, limit)
        })
        .await
    }

    async fn page_done(
        &self,
        account: AccountId,
        connection: ConnectionId,
        list: ListId,
        page: &PageDone,
        now: Timestamp,
    ) -> Result<()> {
        let page = page.clone();
        self.write(move |db| page_done(db, account, connection, list, &page, now)).await
    }

    async fn list_unread(&self, list: ListId, how: &Unread, now: Timestamp) -> Result<()> {
        let how = how.clone();
        self.write(move |db| unread(db, list, &how, now)).await
    }

    async fn retry_refused(&self, connection: ConnectionId, read_before: Timestamp) -> Result<u64> {
        self.write(move |db| {
            let sql = "UPDATE collect_lists SET state = ?, failures = 0, due_at_ms = 0
                       WHERE connection_id = ? AND state = ? AND read_at_ms < ?";
            Ok(sql::execute(db, sql, params![WAITS, connection.0, REFUSED, Bound(&read_before)])? as u64)
        })
        .await
    }

    async fn refuse_operation(&self, connection: ConnectionId, operation: &str, now: Timestamp) -> Result<u64> {
        let operation = operation.to_owned();
        self.write(move |db| {
            let sql = "UPDATE collect_lists SET state = ?, next = NULL, pages = 0, entries = 0, read_at_ms = ?
                       WHERE connection_id = ? AND operation = ? AND state = 0";
            Ok(sql::execute(db, sql, params![REFUSED, Bound(&now), connection.0, operation])? as u64)
        })
        .await
    }

    async fn put_gap(&self, account: AccountId, connection: ConnectionId, gap: &Gap) -> Result<()> {
        let gap = gap.clone();
        self.write(move |db| findings::put_gap(db, account, connection, &gap)).await
    }

    async fn fill_gap(&self, connection: ConnectionId, request: &str) -> Result<bool> {
        let request = request.to_owned();
        self.write(move |db| fill_gap(db, connection, &request)).await
    }

    async fn gap_counts(&self, account: AccountId) -> Result<Vec<(ConnectionId, u64)>> {
        self.read(move |db| {
            let sql = "SELECT connection_id, count(*) FROM collect_gaps WHERE account_id = ? GROUP BY 1 ORDER BY 1";
            sql::rows(db, GAPS, sql, [account.0], |columns| Ok((columns.take()?, columns.take()?)))
        })
        .await
    }

    async fn gaps(&self, account: AccountId, after: i64, limit: usize) -> Result<Vec<(i64, ConnectionId, Gap)>> {
        self.read(move |db| {
            let sql =
                "SELECT id, connection_id, request, reason, detail, remedy, first_at_ms, last_at_ms, times, waiting
                       FROM collect_gaps WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?";
            sql::rows(db, GAPS, sql, params![account.0, after, sql::limit(limit)], findings::gap)
        })
        .await
    }

    async fn put_comparison(
        &self,
        account: AccountId,
        connection: ConnectionId,
        comparison: &Difference,
        agree: bool,
    ) -> Result<()> {
        let comparison = comparison.clone();
        self.write(move |db| findings::put_comparison(db, account, connection, &comparison, agree)).await
    }

    async fn differences(
        &self,
        account: AccountId,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, ConnectionId, Difference)>> {
        self.read(move |db| {
            let sql = "SELECT id, connection_id, about, field, first_source, first_value, second_source, second_value,
                           seen_at_ms
                       FROM collect_differences WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?";
            sql::rows(db, DIFFERENCES, sql, params![account.0, after, sql::limit(limit)], findings::difference)
        })
        .await
    }

    async fn unknown_values(
        &self,
        account: AccountId,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, ConnectionId, UnknownValue)>> {
        self.read(move |db| {
            let sql = "SELECT id, connection_id, operation, path, entries, first_at_ms, last_at_ms
                       FROM collect_unknown_values WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?";
            sql::rows(db, UNKNOWN, sql, params![account.0, after, sql::limit(limit)], |columns| {
                let (row, connection) = (columns.take()?, columns.take()?);
                let value = UnknownValue {
                    operation: columns.take()?,
                    path: columns.take()?,
                    entries: columns.take()?,
                    first_at: columns.take()?,
                    last_at: columns.take()?,
                };
                Ok((row, connection, value))
            })
        })
        .await
    }

    async fn collect_progress(&self, connection: ConnectionId) -> Result<Vec<LaneProgress>> {
        self.read(move |db| {
            let sql = "SELECT lane, count(*) FILTER (WHERE state = 0),
                           sum(max(estimate - pages, 1)) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 1),
                           count(*) FILTER (WHERE state = 2), sum(entries)
                       FROM collect_lists WHERE connection_id = ? GROUP BY lane ORDER BY lane";
            sql::rows(db, LISTS, sql, [connection.0], |columns| {
                Ok(LaneProgress {
                    lane: columns.take()?,
                    waiting: columns.take()?,
                    waiting_calls: columns.take::<Option<u64>>()?.unwrap_or(0),
                    done: columns.take()?,
                    refused: columns.take()?,
                    entries: columns.take()?,
                })
            })
        })
        .await
    }

    async fn pool_use(&self, account: AccountId, vendor_account: &str, day: i64) -> Result<Vec<(Text, u64)>> {
        let vendor_account = vendor_account.to_owned();
        self.read(move |db| {
            let sql = "SELECT pool, used FROM collect_pools WHERE account_id = ? AND vendor_account = ? AND day = ?
                       ORDER BY pool";
            sql::rows(db, "collect_pools", sql, params![account.0, vendor_account, day], |columns| {
                Ok((columns.take()?, columns.take()?))
            })
        })
        .await
    }

    async fn reserve_turns(
        &self,
        account: AccountId,
        vendor_account: &str,
        request: &TurnRequest,
    ) -> Result<(i64, u32)> {
        let (vendor_account, request) = (vendor_account.to_owned(), request.clone());
        self.write(move |db| findings::reserve(db, account, &vendor_account, &request)).await
    }
}
