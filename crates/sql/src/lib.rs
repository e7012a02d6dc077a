//! Read-only SQL over what is kept.
//!
//! A query runs in SQLite, on a connection that sees the tables of one account and can do nothing but read them. Its time, the number and the size of its rows, and the memory it takes are bounded; what passes a limit is
//! stopped with an error that says which.

mod bounds;
mod guard;
mod idle;
mod minutes;
mod print;
mod quality;
mod scores;
mod tables;

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

pub use print::{Format, Printer, plain};
use rollcall_model::AccountId;
use rollcall_reports::Profile;
use rollcall_store::MinuteStore;
pub use rusqlite::types::{Value, ValueRef};
use rusqlite::{Batch, Connection, ErrorCode, Statement, fallible_iterator::FallibleIterator as _};
pub use tables::{Description, Type, describe};
use tokio::{runtime::Handle, sync::Semaphore};

use crate::{
    guard::Guarded,
    idle::Idle,
    minutes::{Current, Source},
};

/// What a query may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long it may run.
    pub time: Duration,
    /// How many rows it may answer.
    pub rows: u64,
    /// How many bytes its values may have together.
    pub bytes: u64,
    /// How much memory it may take for what it sorts, groups and holds, in bytes.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(10), rows: 100_000, bytes: 16 * 1024 * 1024, memory: 256 * 1024 * 1024 }
    }
}

/// Why a query was refused or stopped.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// It is no SQL, names what is not there, or fails on a value.
    #[error("{0}")]
    Invalid(String),
    /// It would do something else than read the tables.
    #[error("only the tables of `--schema` can be read, and nothing can be changed: {0}")]
    Refused(String),
    /// There is none, or another one behind it.
    #[error("give one statement, not {0}")]
    NotOne(&'static str),
    /// It ran too long.
    #[error("stopped after {} seconds: ask for less at a time, by instance or by window of time", .0.as_secs_f32())]
    TooLong(Duration),
    /// It has too many rows.
    #[error("stopped after {0} rows: add a LIMIT, or ask for the rows after the last one that you have")]
    TooManyRows(u64),
    /// Its rows are too large.
    #[error("stopped after {0} bytes of values: name fewer columns, or add a LIMIT")]
    TooLarge(u64),
    /// It holds too much at a time.
    #[error("stopped at {} MiB of memory: sort, group or join fewer rows at a time", .0 / (1024 * 1024))]
    TooMuchMemory(u64),
    /// The database failed.
    #[error("the database failed: {0}")]
    Internal(String),
}

impl From<rusqlite::Error> for SqlError {
    fn from(error: rusqlite::Error) -> Self {
        let (code, message) = match error {
            rusqlite::Error::SqlInputError { error, msg, .. } | rusqlite::Error::SqliteFailure(error, Some(msg)) => {
                (error.code, msg)
            }
            error => return Self::Internal(error.to_string()),
        };
        match code {
            ErrorCode::AuthorizationForStatementDenied | ErrorCode::ReadOnly => Self::Refused(message),
            ErrorCode::DatabaseCorrupt
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted
            | ErrorCode::NotADatabase => Self::Internal(message),
            _ => Self::Invalid(message),
        }
    }
}

/// Takes the rows of an answer one by one, where they are read.
pub trait Rows: Send {
    /// Takes the names of the columns, before any row.
    fn columns(&mut self, names: &[&str]);

    /// Takes a row; breaking ends the query in good order.
    fn row(&mut self, values: &[ValueRef<'_>]) -> ControlFlow<()>;
}

/// Opens the minute store, where a query wants minutes; or says why that cannot be.
pub type OpenMinutes = dyn Fn() -> Result<Arc<dyn MinuteStore>, String> + Send + Sync;

/// What queries read.
#[derive(Clone)]
pub struct Queries {
    path: PathBuf,
    minutes: Arc<OpenMinutes>,
    /// By whose limits a minute is an issue.
    profile: Profile,
    /// Held by each query that runs.
    running: Arc<Semaphore>,
    /// The connections of queries that have ended in good order.
    guarded: Arc<Idle<Guarded>>,
    /// Those of the virtual tables.
    lent: Arc<Idle<Connection>>,
}

/// How many connections are kept between queries, for each query that may run: of the accounts that asked last, and of the
/// virtual tables.
const KEPT_FOR_EACH: usize = 2;

impl Queries {
    /// Queries of the database at `path` and of `minutes`, of which at most `at_a_time` run; more wait.
    #[must_use]
    pub fn new(path: &Path, minutes: Arc<OpenMinutes>, at_a_time: usize) -> Self {
        let running = Arc::new(Semaphore::new(at_a_time));
        let kept = at_a_time.saturating_mul(KEPT_FOR_EACH);
        let (guarded, lent) = (Arc::new(Idle::new(kept)), Arc::new(Idle::new(kept)));
        Self { path: path.to_owned(), minutes, profile: Profile::default(), running, guarded, lent }
    }

    /// The same by the limits of `profile`, before anything is asked.
    #[must_use]
    pub fn judged_by(self, profile: Profile) -> Self {
        Self { profile, ..self }
    }

    /// Runs `sql` over the tables of `account`, with `parameters` for its `?`, and gives `rows` back with what it took.
    /// Dropping the future stops the query.
    ///
    /// # Errors
    /// [`SqlError`], after as many rows as had been read.
    pub async fn run<R: Rows + 'static>(
        &self,
        account: AccountId,
        sql: String,
        parameters: Vec<Value>,
        limits: Limits,
        rows: R,
    ) -> Result<R, SqlError> {
        let permit = Arc::clone(&self.running).acquire_owned().await.map_err(internal)?;
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = StopOnDrop(Arc::clone(&stopped));
        let (queries, runtime) = (self.clone(), Handle::current());
        let query = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut guarded = queries.connect(account, runtime)?;
            guarded.current.begin(Arc::clone(&stopped));
            let answer = run(&mut guarded, &sql, &parameters, limits, rows, stopped);
            // What was stopped or failed is closed, with all that it held.
            if answer.is_ok() {
                queries.guarded.give_back(guarded);
            }
            answer
        });
        let answer = tokio::time::timeout(limits.time, query).await;
        drop(stop);
        match answer {
            Ok(answer) => answer.map_err(internal)?,
            Err(_) => Err(SqlError::TooLong(limits.time)),
        }
    }

    /// A connection that sees the tables of `account`: the one that did so last, where it is free.
    fn connect(&self, account: AccountId, runtime: Handle) -> Result<Guarded, SqlError> {
        while let Some(mut guarded) = self.guarded.take(|guarded| guarded.account == account) {
            if guarded.is_current()? {
                return Ok(guarded);
            }
        }
        Guarded::open(Source {
            path: self.path.clone(),
            account,
            minutes: Arc::clone(&self.minutes),
            runtime,
            profile: self.profile,
            current: Arc::new(Current::default()),
            idle: Arc::clone(&self.lent),
        })
    }
}

/// Stops a query that nobody waits for.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Why a virtual table cannot go on.
fn failed(error: impl std::fmt::Display) -> rusqlite::Error {
    rusqlite::Error::ModuleError(error.to_string())
}

fn internal(error: impl std::fmt::Display) -> SqlError {
    SqlError::Internal(error.to_string())
}

fn run<R: Rows>(
    guarded: &mut Guarded,
    sql: &str,
    parameters: &[Value],
    limits: Limits,
    rows: R,
    stopped: Arc<AtomicBool>,
) -> Result<R, SqlError> {
    if guarded.is_named_in(sql) {
        return Err(SqlError::Refused("it names what is inside of them".to_owned()));
    }
    let db = &mut guarded.db;
    let full = limit(db, limits.memory, stopped)?;
    let answer = answer(db, sql, parameters, limits, rows);
    db.progress_handler(0, None::<fn() -> bool>)?;
    if full.load(Ordering::Relaxed) { Err(SqlError::TooMuchMemory(limits.memory)) } else { answer }
}

/// How many steps of SQLite's machine lie between two looks at the memory: a few microseconds.
const STEPS_BETWEEN_LOOKS: i32 = 1_000;

/// Stops what takes more than `memory`, and says so, and what nobody waits for. SQLite counts for the whole process: what the
/// server's other connections take meanwhile, a few megabytes, counts too.
#[expect(unsafe_code, reason = "rusqlite does not show SQLite's count, which is a number behind a lock")]
fn limit(db: &mut Connection, memory: u64, stopped: Arc<AtomicBool>) -> Result<Arc<AtomicBool>, SqlError> {
    // SAFETY: it takes nothing, and may be called at any time from any thread.
    let used = || unsafe { rusqlite::ffi::sqlite3_memory_used() };
    let most = used().saturating_add(i64::try_from(memory).unwrap_or(i64::MAX));
    let full = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&full);
    db.progress_handler(
        STEPS_BETWEEN_LOOKS,
        Some(move || {
            let is_full = used() > most;
            noted.fetch_or(is_full, Ordering::Relaxed);
            is_full || stopped.load(Ordering::Relaxed)
        }),
    )?;
    Ok(full)
}

fn answer<R: Rows>(
    db: &Connection,
    sql: &str,
    parameters: &[Value],
    limits: Limits,
    mut rows: R,
) -> Result<R, SqlError> {
    let mut statement = prepare(db, sql)?;
    let names: Vec<_> = statement.column_names().into_iter().map(str::to_owned).collect();
    rows.columns(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let wanted = statement.parameter_count();
    if parameters.len() != wanted {
        return Err(SqlError::Invalid(format!("{wanted} values for `?` are wanted, and {} given", parameters.len())));
    }
    let mut found = statement.query(rusqlite::params_from_iter(parameters))?;
    let (mut count, mut bytes) = (0, 0);
    while let Some(row) = found.next()? {
        count += 1;
        if count > limits.rows {
            return Err(SqlError::TooManyRows(limits.rows));
        }
        let values = (0..names.len()).map(|index| row.get_ref(index)).collect::<Result<Vec<_>, _>>()?;
        bytes += values.iter().map(size).sum::<u64>();
        if bytes > limits.bytes {
            return Err(SqlError::TooLarge(limits.bytes));
        }
        if rows.row(&values).is_break() {
            break;
        }
    }
    drop(found);
    Ok(rows)
}

/// Prepares the one statement that `sql` is.
fn prepare<'db>(db: &'db Connection, sql: &str) -> Result<Statement<'db>, SqlError> {
    let mut statements = Batch::new(db, sql);
    let statement = statements.next()?.ok_or(SqlError::NotOne("none"))?;
    match statements.next() {
        Ok(None) => Ok(statement),
        _ => Err(SqlError::NotOne("several")),
    }
}

/// What a value counts for.
fn size(value: &ValueRef<'_>) -> u64 {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len() as u64 + 8,
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => 8,
    }
}
