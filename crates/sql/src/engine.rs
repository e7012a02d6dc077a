//! Runs queries one after the other on kept connections, on the calling thread.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rollcall_archive::Footers;
use rollcall_model::AccountId;
use rollcall_quality::Profile;
use rusqlite::{
    Batch, Connection, Statement,
    fallible_iterator::FallibleIterator as _,
    types::{Value, ValueRef},
};

use crate::{
    Limits, Names, Rows, SqlError,
    groups::{Asked, Rewritten, rewrite},
    guard::Guarded,
    hints::explain,
    idle::Idle,
    source::{Current, ReadMinutes, Source},
};

/// How SQLite's memory is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heap {
    /// This process runs only one query at a time: SQLite itself enforces the limit on all allocations.
    Own,
    /// Others use SQLite in this process, too: the limit is checked at intervals.
    Shared,
}

/// A query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run<'q> {
    pub(crate) account: AccountId,
    pub(crate) names: Names,
    pub(crate) sql: &'q str,
    pub(crate) parameters: &'q [Value],
    pub(crate) limits: Limits,
}

/// The database, and the kept connections to it.
pub(crate) struct Engine {
    path: PathBuf,
    /// Limits that make a minute an issue.
    profile: Profile,
    heap: Heap,
    /// Connections of queries that ended normally.
    guarded: Idle<Guarded>,
    /// Connections of virtual tables.
    lent: Arc<Idle<Connection>>,
    /// Readers of archive files.
    footers: Footers,
}

impl Engine {
    /// Creates an engine for the database at `path` that keeps at most `kept` connections between queries.
    pub(crate) fn new(path: &Path, profile: Profile, heap: Heap, kept: usize) -> Self {
        Self {
            path: path.to_owned(),
            profile,
            heap,
            guarded: Idle::new(kept),
            lent: Arc::new(Idle::new(kept)),
            footers: Footers::default(),
        }
    }

    /// Runs a query that reads minutes from `minutes`, and returns `rows` with the results; setting `stopped` stops it.
    pub(crate) fn run<R: Rows>(
        &self,
        minutes: &Arc<dyn ReadMinutes>,
        query: Run<'_>,
        rows: R,
        stopped: Arc<AtomicBool>,
    ) -> Result<R, SqlError> {
        let mut guarded = self.connect(minutes, query.account, query.names)?;
        guarded.current.begin(Arc::clone(&stopped), query.limits.memory);
        let answer = run(&mut guarded, query, self.heap, rows, stopped);
        guarded.current.count(None);
        match (answer, guarded.current.take_failure()) {
            (Ok(rows), _) => {
                self.guarded.give_back(guarded);
                Ok(rows)
            }
            // A connection whose query was stopped or failed is closed, with all its state.
            (Err(_), Some(failure)) => Err(failure),
            (Err(SqlError::TooMuchMemory(_)), None) => Err(SqlError::TooMuchMemory(query.limits.memory)),
            (Err(SqlError::Invalid(message)), None) => Err(SqlError::Invalid(explain(&message, query.sql))),
            (Err(error), None) => Err(error),
        }
    }

    /// Returns a connection for the tables of `account`: the one that last served the account, if it is free. One that
    /// shows names never serves a caller from whom they are hidden.
    fn connect(&self, minutes: &Arc<dyn ReadMinutes>, account: AccountId, names: Names) -> Result<Guarded, SqlError> {
        // The query has not been read yet, so any failure here is not its fault.
        let broken = |error: SqlError| match error {
            SqlError::Internal(_) => error,
            error => SqlError::Internal(error.to_string()),
        };
        while let Some(mut guarded) = self.guarded.take(|guarded| guarded.account == account && guarded.names == names)
        {
            if guarded.is_current().map_err(broken)? {
                return Ok(guarded);
            }
        }
        let source = Source {
            path: self.path.clone(),
            account,
            minutes: Arc::clone(minutes),
            profile: self.profile,
            current: Arc::new(Current::default()),
            idle: Arc::clone(&self.lent),
            footers: self.footers.clone(),
        };
        Guarded::open(source, names).map_err(broken)
    }
}

fn run<R: Rows>(
    guarded: &mut Guarded,
    query: Run<'_>,
    heap: Heap,
    rows: R,
    stopped: Arc<AtomicBool>,
) -> Result<R, SqlError> {
    if guarded.is_named_in(query.sql) {
        return Err(SqlError::Refused("it uses the internal names of tables".to_owned()));
    }
    let limits = query.limits;
    if heap == Heap::Own {
        let _bounded = HeapLimit::of(limits.memory);
        return answer(guarded, query, rows);
    }
    let full = watch(&mut guarded.db, limits.memory, stopped)?;
    let answer = answer(guarded, query, rows);
    let db = &mut guarded.db;
    db.progress_handler(0, None::<fn() -> bool>)?;
    if full.load(Ordering::Relaxed) { Err(SqlError::TooMuchMemory(limits.memory)) } else { answer }
}

/// Returns the number of bytes that SQLite has allocated in this process.
#[expect(unsafe_code, reason = "rusqlite does not expose SQLite's count, which is a number behind a lock")]
fn memory_used() -> i64 {
    // SAFETY: it takes nothing, and may be called at any time from any thread.
    unsafe { rusqlite::ffi::sqlite3_memory_used() }
}

/// SQLite's own limit on allocations, until it is dropped.
struct HeapLimit;

impl HeapLimit {
    /// Lets SQLite allocate `memory` more bytes than now.
    fn of(memory: u64) -> Self {
        Self::set(memory_used().saturating_add(i64::try_from(memory).unwrap_or(i64::MAX)));
        Self
    }

    #[expect(unsafe_code, reason = "rusqlite does not expose SQLite's limits, which are numbers behind a lock")]
    fn set(bytes: i64) {
        // SAFETY: both take a number, and may be called at any time from any thread.
        unsafe {
            rusqlite::ffi::sqlite3_hard_heap_limit64(bytes);
            // The hard limit lowers the soft one, and does not raise it again.
            rusqlite::ffi::sqlite3_soft_heap_limit64(bytes);
        }
    }
}

impl Drop for HeapLimit {
    fn drop(&mut self) {
        Self::set(0);
    }
}

/// Steps of SQLite's virtual machine between two memory checks: a few microseconds.
const STEPS_BETWEEN_LOOKS: i32 = 1_000;

/// Stops a query that takes more than `memory`, with an error that says so, and one without a caller. SQLite counts for
/// the whole process, including allocations by other connections.
fn watch(db: &mut Connection, memory: u64, stopped: Arc<AtomicBool>) -> Result<Arc<AtomicBool>, SqlError> {
    let most = memory_used().saturating_add(i64::try_from(memory).unwrap_or(i64::MAX));
    let full = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&full);
    db.progress_handler(
        STEPS_BETWEEN_LOOKS,
        Some(move || {
            let is_full = memory_used() > most;
            noted.fetch_or(is_full, Ordering::Relaxed);
            is_full || stopped.load(Ordering::Relaxed)
        }),
    )?;
    Ok(full)
}

fn answer<R: Rows>(guarded: &Guarded, query: Run<'_>, mut rows: R) -> Result<R, SqlError> {
    let mut statement = prepare(&guarded.db, query.sql)?;
    let wanted = statement.parameter_count();
    let given = query.parameters.len();
    if given != wanted {
        return Err(SqlError::Invalid(format!("the query has {wanted} `?`, but {given} values were given")));
    }
    let names: Vec<_> = statement.column_names().map(str::to_owned).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    // The error of the first attempt describes the query's problem in its own words.
    if let Some(mut counted) = guarded.counted(query) {
        let mut printed = Printed::default();
        let answered = print(&mut counted, query, &names, &mut printed, &mut rows);
        // Groups for most rows may take more memory than SQLite needs to read the rows one by one.
        let is_too_large = answered.is_err() && !printed.begun && guarded.current.forgive_memory();
        guarded.current.count(None);
        if !is_too_large {
            return answered.map(|()| rows);
        }
    }
    print(&mut statement, query, &names, &mut Printed::default(), &mut rows)?;
    Ok(rows)
}

/// Progress of an answer.
#[derive(Debug, Default)]
struct Printed {
    /// Whether `Rows` has received anything.
    begun: bool,
    rows: u64,
    bytes: u64,
}

/// Binds the values, and passes a statement's results to `rows`.
fn print<R: Rows>(
    statement: &mut Statement<'_>,
    query: Run<'_>,
    names: &[&str],
    printed: &mut Printed,
    rows: &mut R,
) -> Result<(), SqlError> {
    let limits = query.limits;
    for (index, parameter) in (1..=statement.parameter_count()).zip(query.parameters) {
        statement.raw_bind_parameter(index, parameter)?;
    }
    let mut found = statement.raw_query();
    let mut next = found.next()?;
    // A query that fails before its first row prints nothing.
    printed.begun = true;
    rows.columns(names);
    while let Some(row) = next {
        printed.rows += 1;
        if printed.rows > limits.rows {
            return Err(SqlError::TooManyRows(limits.rows));
        }
        let values = (0..names.len()).map(|index| row.get_ref(index)).collect::<Result<Vec<_>, _>>()?;
        printed.bytes += values.iter().map(size).sum::<u64>();
        if printed.bytes > limits.bytes {
            return Err(SqlError::TooLarge(limits.bytes));
        }
        if rows.row(&values).is_break() {
            break;
        }
        next = found.next()?;
    }
    Ok(())
}

impl Guarded {
    /// Returns the statement that answers a query from groups that are computed without SQLite. `None` if that is not
    /// possible.
    fn counted(&self, query: Run<'_>) -> Option<Statement<'_>> {
        let Rewritten { sql, spec } = rewrite(query.sql, query.parameters, self.names, &self.groups_table())?;
        self.current.count(Some(Arc::new(Asked::new(spec))));
        match prepare(&self.db, &sql) {
            Ok(statement) => Some(statement),
            Err(error) => {
                tracing::debug!(%error, "a query is not rewritten");
                None
            }
        }
    }
}

/// Prepares the single statement in `sql`.
fn prepare<'db>(db: &'db Connection, sql: &str) -> Result<Statement<'db>, SqlError> {
    let mut statements = Batch::new(db, sql);
    let statement = statements.next()?.ok_or(SqlError::None)?;
    match statements.next() {
        Ok(None) => Ok(statement),
        _ => Err(SqlError::Several),
    }
}

/// Returns the size of a value for the limit.
fn size(value: &ValueRef<'_>) -> u64 {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len() as u64 + 8,
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => 8,
    }
}
