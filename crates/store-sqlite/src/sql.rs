//! Helpers for statements.

use rollcall_store::{Result, StoreError};
use rusqlite::{Connection, Params, ffi};

use crate::columns::{Column, Columns, Read};

/// Converts the driver's errors.
pub(crate) trait Driver<T> {
    /// Returns the result with a store error.
    fn driver(self) -> Result<T>;

    /// Does the same, but a violated unique constraint is a conflict over `what`.
    fn conflict(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Driver<T> for rusqlite::Result<T> {
    fn driver(self) -> Result<T> {
        self.map_err(backend)
    }

    fn conflict(self, what: impl FnOnce() -> String) -> Result<T> {
        match self {
            Err(rusqlite::Error::SqliteFailure(error, _))
                if matches!(error.extended_code, ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) =>
            {
                Err(StoreError::Conflict { what: what() })
            }
            result => result.driver(),
        }
    }
}

/// Wraps an error of the driver, or of the machine.
pub(crate) fn backend(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::backend("SQLite", error)
}

/// Prepares a statement, or takes it from the connection's cache.
pub(crate) fn prepare<'db>(db: &'db Connection, sql: &str) -> Result<rusqlite::CachedStatement<'db>> {
    db.prepare_cached(sql).driver()
}

/// Runs a statement that changes rows, and returns their number.
pub(crate) fn execute(db: &Connection, sql: &str, params: impl Params) -> Result<usize> {
    prepare(db, sql)?.execute(params).driver()
}

/// Returns every row that the statement finds.
pub(crate) fn rows<T>(
    db: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&mut Columns<'_>) -> Read<T>,
) -> Result<Vec<T>> {
    let mut found = Vec::new();
    each(db, table, sql, params, read, |row| {
        found.push(row);
        Ok(())
    })?;
    Ok(found)
}

/// Passes on each row that the statement finds.
pub(crate) fn each<T>(
    db: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&mut Columns<'_>) -> Read<T>,
    mut visit: impl FnMut(T) -> Result<()>,
) -> Result<()> {
    let mut statement = prepare(db, sql)?;
    let mut rows = statement.query(params).driver()?;
    while let Some(row) = rows.next().driver()? {
        visit(read(&mut Columns::new(table, row)).map_err(|error| *error)?)?;
    }
    Ok(())
}

/// Returns the first row that the statement finds.
pub(crate) fn row<T>(
    db: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&mut Columns<'_>) -> Read<T>,
) -> Result<Option<T>> {
    let mut statement = prepare(db, sql)?;
    let mut rows = statement.query(params).driver()?;
    match rows.next().driver()? {
        Some(row) => read(&mut Columns::new(table, row)).map(Some).map_err(|error| *error),
        None => Ok(None),
    }
}

/// Returns the first column of the first row that the statement finds.
pub(crate) fn value<T: Column>(
    db: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
) -> Result<Option<T>> {
    row(db, table, sql, params, |columns| columns.take())
}

/// Returns the result of a counting statement.
pub(crate) fn count(db: &Connection, table: &'static str, sql: &str, params: impl Params) -> Result<u64> {
    value(db, table, sql, params).map(|count| count.unwrap_or(0))
}

/// Converts `limit` to a parameter.
pub(crate) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Returns the columns, separated by commas.
pub(crate) fn list(columns: &[&str]) -> String {
    columns.join(", ")
}

/// Returns a parameter for each of `count` columns, separated by commas.
pub(crate) fn placeholders(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// The rule by which [`fill`] merges what vendors reported beyond the other columns. An empty report blanks the stored
/// ones.
pub(crate) const MERGED_EXTRAS: &str = "CASE WHEN excluded.extras = '{}' THEN '{}'
    WHEN excluded.extras IS NULL OR extras IS NULL THEN coalesce(excluded.extras, extras)
    ELSE json_patch(extras, excluded.extras) END";

/// Returns assignments by which reported values override stored ones, and stored ones stay if nothing was reported. A
/// column of `own` has its own rule there.
pub(crate) fn fill(columns: &[&str], own: &[(&str, &str)]) -> String {
    let assign = |column: &&str| match own.iter().find(|(name, _)| name == column) {
        Some((_, rule)) => format!("{column} = {rule}"),
        None => format!("{column} = coalesce(excluded.{column}, {column})"),
    };
    columns.iter().map(assign).collect::<Vec<_>>().join(", ")
}
