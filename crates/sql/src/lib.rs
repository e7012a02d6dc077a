//! Read-only SQL over the stored data.
//!
//! A query runs in SQLite, on a connection that can only read the tables of one account. Its time, the number and the
//! size of its rows, and its memory are limited; a query that exceeds a limit is stopped with an error that says which.
//!
//! A server runs queries in [`Workers`]: processes that can be killed, which is the only way to stop SQLite in the middle of
//! a function. [`Queries`] runs them in this process, for commands that end with their query, and for tests.

mod answer;
mod attendances;
mod blocks;
mod bounds;
mod engine;
mod frame;
mod groups;
mod guard;
mod hints;
mod idle;
mod live;
mod local;
mod minutes;
mod pool;
mod print;
mod quality;
mod scores;
mod sealed;
mod source;
mod tables;
mod turns;
mod worker;

use std::{ops::ControlFlow, sync::Arc, time::Duration};

pub use answer::{Answer, Ask, Names, Question};
pub use live::{LIVE_INSTANCES, LIVE_MINUTES, LIVE_TROUBLE, MAX_LIVE_INSTANCES};
pub use local::Queries;
pub use pool::{WorkerSettings, Workers};
pub use print::{Format, Printer, formula_guard, plain};
use rollcall_store::MinuteStore;
use rusqlite::ErrorCode;
pub use rusqlite::types::{Value, ValueRef};
pub use tables::{Description, NoSuchTable, Type, describe, describe_table};
pub use worker::serve_queries;

/// Limits of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum run time.
    pub time: Duration,
    /// Maximum number of rows.
    pub rows: u64,
    /// Maximum total size of its values, in bytes.
    pub bytes: u64,
    /// Maximum memory for sorting, grouping and intermediate results, in bytes.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(10), rows: 100_000, bytes: 16 * 1024 * 1024, memory: 256 * 1024 * 1024 }
    }
}

/// Why a query was rejected or stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// It is not valid SQL, uses an unknown name, or fails on a value.
    #[error("{0}")]
    Invalid(String),
    /// It would do something other than read the tables.
    #[error("only the tables of `--schema` can be read, and nothing can be changed: {0}")]
    Refused(String),
    /// The text holds no statement.
    #[error("the query is empty: send one statement")]
    None,
    /// The text holds more than one statement.
    #[error("the query has several statements: send one")]
    Several,
    /// It ran too long.
    #[error("stopped after {} seconds: query less at a time, by instance or by time range", .0.as_secs_f32())]
    TooLong(Duration),
    /// It has too many rows.
    #[error("stopped after {0} rows: add a LIMIT, or query the rows after the last one that you have")]
    TooManyRows(u64),
    /// Its rows are too large.
    #[error("stopped after {0} bytes of values: select fewer columns, or add a LIMIT")]
    TooLarge(u64),
    /// It uses too much memory.
    #[error("stopped at {} MiB of memory: sort, group or join fewer rows at a time", .0 / (1024 * 1024))]
    TooMuchMemory(u64),
    /// The caller did not take the answer fast enough.
    #[error("stopped: the answer was not read for {} seconds", .0.as_secs())]
    NotRead(Duration),
    /// The account has too many queries waiting.
    #[error("this account already has {0} queries waiting: send the next one when one of them has been answered")]
    AccountBusy(usize),
    /// Too many queries of all accounts are waiting, or this one waited too long.
    #[error("too many queries are waiting: try again in a few seconds")]
    Busy,
    /// Something that the query needs is temporarily unavailable; the reason is for the caller.
    #[error("{0}")]
    Unavailable(String),
    /// The database or the archive failed; the reason is for the operator.
    #[error("the database failed: {0}")]
    Internal(String),
}

impl From<rusqlite::Error> for SqlError {
    fn from(error: rusqlite::Error) -> Self {
        let (code, message) = match error {
            rusqlite::Error::SqlInputError { error, msg, .. } | rusqlite::Error::SqliteFailure(error, Some(msg)) => {
                (error.code, msg)
            }
            rusqlite::Error::SqliteFailure(error, None) if error.code == ErrorCode::OutOfMemory => {
                (error.code, String::new())
            }
            error => return Self::Internal(error.to_string()),
        };
        match code {
            ErrorCode::AuthorizationForStatementDenied | ErrorCode::ReadOnly => Self::Refused(message),
            // The engine, which knows the limit, fills it in.
            ErrorCode::OutOfMemory => Self::TooMuchMemory(0),
            ErrorCode::InternalMalfunction
            | ErrorCode::PermissionDenied
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OperationInterrupted
            | ErrorCode::NotADatabase => Self::Internal(message),
            _ => Self::Invalid(message),
        }
    }
}

/// Receives the rows of an answer one by one.
pub trait Rows: Send {
    /// Receives the names of the columns, before any row.
    fn columns(&mut self, names: &[&str]);

    /// Receives a row; `Break` ends the query normally.
    fn row(&mut self, values: &[ValueRef<'_>]) -> ControlFlow<()>;
}

/// Opens the minute store, or returns why it cannot be opened.
pub type OpenMinutes = dyn Fn() -> Result<Arc<dyn MinuteStore>, String> + Send + Sync;

/// Why a virtual table cannot continue.
fn failed(error: impl std::fmt::Display) -> rusqlite::Error {
    rusqlite::Error::ModuleError(error.to_string())
}

fn internal(error: impl std::fmt::Display) -> SqlError {
    SqlError::Internal(error.to_string())
}
