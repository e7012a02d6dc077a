//! Hourly quality.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, Text, Timestamp};
use rollcall_quality::{Cell, CellKey, Dimension, Rollup, Step};
use rollcall_store::{ArchivedRows, Day, Result, RollupChange, RollupDay, RollupStore, StoreError};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore, accounts,
    archive::read_place,
    columns::{Bound, Columns, Read},
    sql::{self, Driver},
};

const PARTS: &str = "quality_parts";
const DAYS: &str = "quality_days";

/// Returns the day of a file's folder.
const DAY_OF_FILE: &str = "unixepoch(substr(file.partition, -10)) / 86400";

const SELECT_DAY: &str = "SELECT account_id, day, rules, kept, changes FROM quality_days";

fn read_day(columns: &mut Columns<'_>) -> Read<RollupDay> {
    let (account, day) = (columns.take()?, day_of(columns.take()?));
    let rules: Option<u64> = columns.take()?;
    let rules = rules.and_then(|rules| u32::try_from(rules).ok());
    Ok(RollupDay { account, day, rules, kept: columns.take()?, changes: columns.take()? })
}

fn day_of(number: i64) -> Day {
    Day(i32::try_from(number).unwrap_or_default())
}

fn unreadable(what: &CellKey) -> StoreError {
    StoreError::Corrupt { table: PARTS, reason: format!("the stored parts of {what:?} cannot be decoded") }
}

#[async_trait]
impl RollupStore for SqliteStore {
    async fn list_rollup_days(&self, after: Option<(AccountId, Day)>, limit: usize) -> Result<Vec<RollupDay>> {
        self.read(move |db| {
            let (account, Day(day)) = after.unwrap_or((AccountId(i64::MIN), Day(i32::MIN)));
            let sql = format!(
                "SELECT account_id, day, rules, coalesce(kept, 0), coalesce(changes, 0) FROM (
                     SELECT account_id, day FROM quality_days
                     UNION SELECT account_id, {DAY_OF_FILE} FROM archive_files AS file
                         WHERE kind = 'qos_minutes' AND instances > 0
                 ) LEFT JOIN quality_days USING (account_id, day)
                 WHERE day IS NOT NULL AND (account_id, day) > (?, ?) ORDER BY account_id, day LIMIT ?"
            );
            sql::rows(db, DAYS, &sql, params![account.0, day, sql::limit(limit)], read_day)
        })
        .await
    }

    async fn rollup_day(&self, account: AccountId, day: Day) -> Result<RollupDay> {
        self.read(move |db| find_day(db, account, day)).await
    }

    async fn archived_on(
        &self,
        account: AccountId,
        day: Day,
        after: Option<InstanceId>,
        limit: usize,
    ) -> Result<Vec<ArchivedRows>> {
        self.read(move |db| {
            let sql = format!(
                "SELECT instance_id, first_minute, archived.minutes, file.id, file.path, file.bytes,
                     first_participant, archived.participants, people.id, people.path, people.bytes
                 FROM archive_files AS file
                     JOIN archived_instances AS archived ON archived.minutes_file = file.id
                     LEFT JOIN archive_files AS people ON people.id = archived.participants_file
                 WHERE file.account_id = ? AND file.kind = 'qos_minutes' AND {DAY_OF_FILE} = ? AND instance_id > ?
                 ORDER BY instance_id LIMIT ?"
            );
            let after = after.map_or(i64::MIN, |id| id.0);
            let found = sql::rows(db, DAYS, &sql, params![account.0, day.0, after, sql::limit(limit)], |columns| {
                Ok((columns.take()?, read_place(columns)?, read_place(columns)?))
            })?;
            let rows = found.into_iter().filter_map(|(instance, minutes, participants)| {
                Some(ArchivedRows { instance, minutes: minutes?, participants })
            });
            Ok(rows.collect())
        })
        .await
    }

    async fn replace_rollup(&self, day: RollupDay, rules: u32, rollup: Rollup) -> Result<bool> {
        self.write(move |db| {
            let now = find_day(db, day.account, day.day)?;
            if now.kept || now.changes != day.changes {
                return Ok(false);
            }
            accounts::require(db, day.account)?;
            clear(db, day.account, day.day)?;
            for step in Step::ALL {
                let place = Place { account: day.account, day: day.day, step };
                for (key, cell) in rollup.by(step).cells() {
                    write_cell(db, place, key, &Cell::default(), cell)?;
                }
            }
            let sql = "INSERT INTO quality_days (account_id, day, rules, first_hour, last_hour) VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT DO UPDATE SET
                     rules = excluded.rules, first_hour = excluded.first_hour, last_hour = excluded.last_hour";
            let (first, last) = hours(&rollup).unzip();
            sql::execute(db, sql, params![day.account.0, day.day.0, rules, first, last])?;
            Ok(true)
        })
        .await
    }

    async fn list_cells(
        &self,
        account: AccountId,
        step: Step,
        dimension: Dimension,
        hours: Range<u32>,
        after: Option<(u32, Text)>,
        limit: usize,
    ) -> Result<Vec<(CellKey, Cell)>> {
        self.read(move |db| {
            let sql = "SELECT hour, value, day FROM quality_parts
                 WHERE account_id = ? AND dimension = ? AND part = ? AND hour >= ? AND hour < ? AND (hour, value) > (?, ?)
                 ORDER BY hour, value, day";
            let (after_hour, after_value) =
                after.map_or((-1, Text::default()), |(hour, value)| (i64::from(hour), value));
            let params = params![
                account.0,
                dimension.number(),
                stored_part(step, 0),
                hours.start,
                hours.end,
                after_hour,
                after_value.as_str()
            ];
            let mut statement = sql::prepare(db, sql)?;
            let mut rows = statement.query(params).driver()?;
            let mut found: Vec<(CellKey, Cell)> = Vec::new();
            while let Some(row) = rows.next().driver()? {
                let mut columns = Columns::new(PARTS, row);
                let mut read = || -> Read<(u64, Text, i64)> { Ok((columns.take()?, columns.take()?, columns.take()?)) };
                let (hour, value, day) = read().map_err(|error| *error)?;
                let key = CellKey { hour: u32::try_from(hour).unwrap_or_default(), dimension, value };
                let cell = read_cell(db, Place { account, day: day_of(day), step }, &key)?;
                let full = found.len() == limit;
                match found.last_mut() {
                    // Cells of several days' folders.
                    Some((last, sum)) if *last == key => sum.merge(&cell),
                    _ if full => break,
                    _ => found.push((key, cell)),
                }
            }
            Ok(found)
        })
        .await
    }
}

/// Applies changes, day by day. A stale day stays stale, and only records that it has changed.
///
/// Must run before the index lists the files with the added data.
pub(crate) fn change<'c>(
    db: &Connection,
    account: AccountId,
    changes: impl IntoIterator<Item = &'c RollupChange>,
) -> Result<()> {
    #[derive(Default)]
    struct OfDay {
        rules: u32,
        added: Rollup,
        removed: Rollup,
    }
    let mut days: BTreeMap<Day, OfDay> = BTreeMap::new();
    let invalid = |error: rollcall_quality::InvalidBytes| sql::backend(error);
    for RollupChange { rules, added, removed } in changes {
        for (packed, is_added) in [(added, true), (removed, false)] {
            let Some((day, packed)) = packed else { continue };
            let of_day = days.entry(*day).or_default();
            of_day.rules = *rules;
            let sum = if is_added { &mut of_day.added } else { &mut of_day.removed };
            sum.merge_packed(packed).map_err(invalid)?;
        }
    }
    for (day, OfDay { rules, added, removed }) in days {
        // The first archived data of a day starts its rollup.
        let sql = format!(
            "INSERT INTO quality_days (account_id, day, rules)
             SELECT ?1, ?2, CASE WHEN EXISTS (
                 SELECT 1 FROM archive_files AS file
                 WHERE account_id = ?1 AND kind = 'qos_minutes' AND instances > 0 AND {DAY_OF_FILE} = ?2
             ) THEN NULL ELSE ?3 END
             ON CONFLICT DO NOTHING"
        );
        sql::execute(db, &sql, params![account.0, day.0, rules])?;
        let sql = "UPDATE quality_days SET changes = changes + 1 WHERE account_id = ? AND day = ?";
        sql::execute(db, sql, params![account.0, day.0])?;
        if find_day(db, account, day)?.rules != Some(rules) {
            continue;
        }
        if !change_cells(db, account, day, &added, &removed)? {
            tracing::error!(%account, day = day.0, "a day's rollup lacks data that is to be subtracted; rebuilding it");
            let sql = "UPDATE quality_days SET rules = NULL WHERE account_id = ? AND day = ?";
            sql::execute(db, sql, params![account.0, day.0])?;
        }
    }
    Ok(())
}

/// Adds to a day's cells and subtracts from them. Returns whether they contained what was to be subtracted.
fn change_cells(db: &Connection, account: AccountId, day: Day, added: &Rollup, removed: &Rollup) -> Result<bool> {
    for step in Step::ALL {
        let (added, removed, place) = (added.by(step), removed.by(step), Place { account, day, step });
        let keys: BTreeSet<&CellKey> = added.cells().chain(removed.cells()).map(|(key, _)| key).collect();
        for key in keys {
            let (more, less) = (added.cell(key), removed.cell(key));
            if more == less {
                continue;
            }
            let before = read_cell(db, place, key)?;
            let mut after = before.clone();
            if let Some(more) = more {
                after.merge(more);
            }
            if less.is_some_and(|less| after.subtract(less).is_err()) {
                return Ok(false);
            }
            write_cell(db, place, key, &before, &after)?;
        }
    }
    if let Some((first, last)) = hours(added) {
        let sql = "UPDATE quality_days SET first_hour = min(coalesce(first_hour, ?1), ?1),
                 last_hour = max(coalesce(last_hour, ?2), ?2)
             WHERE account_id = ?3 AND day = ?4";
        sql::execute(db, sql, params![first, last, account.0, day.0])?;
    }
    Ok(true)
}

/// Returns the first and the last hour with a cell.
fn hours(rollup: &Rollup) -> Option<(u32, u32)> {
    let mut hours = rollup.cells().map(|(key, _)| key.hour);
    let first = hours.next()?;
    Some((first, hours.last().unwrap_or(first)))
}

fn find_day(db: &Connection, account: AccountId, day: Day) -> Result<RollupDay> {
    let sql = format!("{SELECT_DAY} WHERE account_id = ? AND day = ?");
    let found = sql::row(db, DAYS, &sql, params![account.0, day.0], read_day)?;
    Ok(found.unwrap_or(RollupDay { account, day, rules: None, kept: false, changes: 0 }))
}

/// Keeps the day's counts, whatever leaves the archive.
fn keep(db: &Connection, account: AccountId, day: Day) -> Result<()> {
    accounts::require(db, account)?;
    let sql = "INSERT INTO quality_days (account_id, day, kept) VALUES (?, ?, 1)
         ON CONFLICT DO UPDATE SET kept = 1";
    sql::execute(db, sql, params![account.0, day.0]).map(drop)
}

/// Keeps the counts of the day whose folder has the instance's minutes, because they are about to leave the archive.
pub(crate) fn keep_of(db: &Connection, account: AccountId, instance: InstanceId) -> Result<()> {
    let sql = format!(
        "SELECT {DAY_OF_FILE} FROM archived_instances AS archived
             JOIN archive_files AS file ON file.id = archived.minutes_file WHERE instance_id = ?"
    );
    let day: Option<Option<i64>> = sql::value(db, DAYS, &sql, [instance.0])?;
    day.flatten().map_or(Ok(()), |day| keep(db, account, day_of(day)))
}

/// Permanently deletes the counts of some days before `before`, and returns their number.
pub(crate) fn forget_before(db: &Connection, before: Timestamp, limit: usize) -> Result<u64> {
    let sql = "SELECT account_id, day FROM quality_days WHERE first_hour NOT NULL AND day * 86400000 < ? LIMIT ?";
    let days = sql::rows(db, DAYS, sql, params![Bound(&before), sql::limit(limit)], |columns| {
        Ok((columns.take()?, day_of(columns.take()?)))
    })?;
    for (account, day) in &days {
        forget(db, *account, *day)?;
    }
    Ok(days.len() as u64)
}

fn forget(db: &Connection, account: AccountId, day: Day) -> Result<()> {
    keep(db, account, day)?;
    clear(db, account, day)?;
    let sql = "UPDATE quality_days SET first_hour = NULL, last_hour = NULL WHERE account_id = ? AND day = ?";
    sql::execute(db, sql, params![account.0, day.0]).map(drop)
}

/// Deletes a day's cells.
fn clear(db: &Connection, account: AccountId, day: Day) -> Result<()> {
    let sql = "SELECT first_hour, last_hour FROM quality_days WHERE account_id = ? AND day = ? AND first_hour NOT NULL";
    let hours: Option<(i64, i64)> =
        sql::row(db, DAYS, sql, params![account.0, day.0], |columns| Ok((columns.take()?, columns.take()?)))?;
    let Some((first, last)) = hours else { return Ok(()) };
    let sql = "DELETE FROM quality_parts
         WHERE account_id = ? AND dimension = ? AND part = ? AND hour BETWEEN ? AND ? AND day = ?";
    let mut delete = sql::prepare(db, sql)?;
    let first_of_day = first - first.rem_euclid(24);
    for dimension in Dimension::ALL {
        for (step, first) in Step::ALL.into_iter().zip([first, first_of_day]) {
            for part in 0..Cell::PARTS {
                let part = stored_part(step, part);
                delete.execute(params![account.0, dimension.number(), part, first, last, day.0]).driver()?;
            }
        }
    }
    Ok(())
}

/// The account, the day of the files, and the step.
#[derive(Debug, Clone, Copy)]
struct Place {
    account: AccountId,
    day: Day,
    step: Step,
}

/// Returns the number of a cell's part in the table.
const fn stored_part(step: Step, part: usize) -> i64 {
    const { assert!(Cell::PARTS <= 32, "parts of days would lie among those of hours") };
    part as i64 + 32 * step as i64
}

fn read_cell(db: &Connection, Place { account, day, step }: Place, key: &CellKey) -> Result<Cell> {
    let sql = "SELECT bytes FROM quality_parts
         WHERE account_id = ? AND dimension = ? AND part = ? AND hour = ? AND value = ? AND day = ?";
    let mut statement = sql::prepare(db, sql)?;
    let mut cell = Cell::default();
    for part in 0..Cell::PARTS {
        let (number, value) = (stored_part(step, part), key.value.as_str());
        let params = params![account.0, key.dimension.number(), number, key.hour, value, day.0];
        let mut rows = statement.query(params).driver()?;
        match rows.next().driver()? {
            Some(row) => {
                let bytes = row.get_ref(0).driver()?.as_blob().map_err(|_| unreadable(key))?;
                cell.read_part(part, bytes).map_err(|_| unreadable(key))?;
            }
            // Without counts there are no measurements.
            None if part == 0 => break,
            None => {}
        }
    }
    Ok(cell)
}

/// Writes the changed parts of a cell.
fn write_cell(db: &Connection, place: Place, key: &CellKey, before: &Cell, after: &Cell) -> Result<()> {
    let Place { account, day, step } = place;
    let CellKey { hour, dimension, value } = key;
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for part in 0..Cell::PARTS {
        old.clear();
        new.clear();
        before.write_part(part, &mut old);
        after.write_part(part, &mut new);
        if old == new {
            continue;
        }
        let part = stored_part(step, part);
        if new.is_empty() {
            let sql = "DELETE FROM quality_parts
                 WHERE account_id = ? AND dimension = ? AND part = ? AND hour = ? AND value = ? AND day = ?";
            sql::execute(db, sql, params![account.0, dimension.number(), part, hour, value.as_str(), day.0])?;
        } else {
            let sql = "INSERT OR REPLACE INTO quality_parts (account_id, dimension, part, hour, value, day, bytes)
                 VALUES (?, ?, ?, ?, ?, ?, ?)";
            sql::execute(db, sql, params![account.0, dimension.number(), part, hour, value.as_str(), day.0, new])?;
        }
    }
    Ok(())
}
