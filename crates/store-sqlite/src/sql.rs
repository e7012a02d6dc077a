//! What every aggregate does with statements.

use rollcall_store::{Result, StoreError};
use rusqlite::{Connection, Params, ffi};

use crate::columns::{Column, Columns, Read};

/// Wraps the driver's errors.
pub(crate) trait Driver<T> {
    /// The result in the store's terms.
    fn driver(self) -> Result<T>;

    /// The same, but for a row that cannot be because another has its unique value: that is a conflict over `what`.
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

/// Wraps what the driver, or the machine under it, said.
pub(crate) fn backend(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::backend("SQLite", error)
}

/// Prepares a statement, or takes it from the connection's cache.
pub(crate) fn prepare<'db>(db: &'db Connection, sql: &str) -> Result<rusqlite::CachedStatement<'db>> {
    db.prepare_cached(sql).driver()
}

/// Runs a statement that changes rows, and answers how many.
pub(crate) fn execute(db: &Connection, sql: &str, params: impl Params) -> Result<usize> {
    prepare(db, sql)?.execute(params).driver()
}

/// Every row that the statement finds.
pub(crate) fn rows<T>(
    db: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&mut Columns<'_>) -> Read<T>,
) -> Result<Vec<T>> {
    let mut statement = prepare(db, sql)?;
    let mut rows = statement.query(params).driver()?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().driver()? {
        found.push(read(&mut Columns::new(table, row)).map_err(|error| *error)?);
    }
    Ok(found)
}

/// The first row that the statement finds.
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

/// The value in the first column of the first row that the statement finds.
pub(crate) fn value<T: Column>(
    db: &Connection,
    table: &'static str,
    sql: &str,
    params: impl Params,
) -> Result<Option<T>> {
    row(db, table, sql, params, |columns| columns.take())
}

/// What a statement that counts has counted.
pub(crate) fn count(db: &Connection, table: &'static str, sql: &str, params: impl Params) -> Result<u64> {
    value(db, table, sql, params).map(|count| count.unwrap_or(0))
}

/// `limit` as a statement takes it.
pub(crate) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The columns, parted by commas.
pub(crate) fn list(columns: &[&str]) -> String {
    columns.join(", ")
}

/// A parameter for each of `count` columns, parted by commas.
pub(crate) fn placeholders(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// The rule by which [`fill`] merges what vendors reported beyond the other columns.
/// None at all blank those that are stored.
pub(crate) const MERGED_EXTRAS: &str = "CASE WHEN excluded.extras = '{}' THEN '{}'
    WHEN excluded.extras IS NULL OR extras IS NULL THEN coalesce(excluded.extras, extras)
    ELSE json_patch(extras, excluded.extras) END";

/// Assignments that let a told value win over the stored one, and keep what is stored where nothing was told. A column
/// of `own` has a rule of its own, which stands there.
pub(crate) fn fill(columns: &[&str], own: &[(&str, &str)]) -> String {
    let assign = |column: &&str| match own.iter().find(|(name, _)| name == column) {
        Some((_, rule)) => format!("{column} = {rule}"),
        None => format!("{column} = coalesce(excluded.{column}, {column})"),
    };
    columns.iter().map(assign).collect::<Vec<_>>().join(", ")
}
