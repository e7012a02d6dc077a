//! The table of QoS minutes: read from the minute store while a query runs, an instance at a time.
//!
//! A query that names an instance, an attendance or a window of time reads no more than that; the rest is filtered by
//! SQLite.

#![expect(unsafe_code, reason = "SQLite takes a virtual table's memory for its own structs, which stand first in it")]

use std::{
    borrow::Cow,
    collections::VecDeque,
    ffi::{CStr, CString, c_int},
    marker::PhantomData,
    path::PathBuf,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rollcall_archive::{Column, ColumnKind, Dataset, MinuteValues, columns, fields_of, put_minute};
use rollcall_model::{AccountId, InstanceId, Minute, ParticipantId, QosMinute};
use rollcall_reports::Profile;
use rollcall_store::{MinuteCursor, MinuteFields, MinuteRow};
use rusqlite::{
    Connection, ErrorCode, OptionalExtension as _, Result, ffi, params,
    types::{Null, Value},
    vtab::{Context, Filters, IndexInfo, Module, VTab, VTabConfig, VTabConnection, VTabCursor},
};

use crate::{
    SqlError,
    bounds::{self, Bound},
    failed,
    idle::{Idle, Lent},
    scores,
    tables::iso_of_millis,
};

/// How many participants' minutes are read at a time.
const PARTICIPANTS_PER_READ: usize = 100;
/// How many minutes are read at a time.
const MINUTES_PER_READ: usize = 2_048;
/// How far minutes may lie outside of the times told of their instance.
const SLACK_MINUTES: i64 = 24 * 60;
/// What a scan of everything is guessed to cost, against one of an instance.
const INSTANCES: f64 = 10_000.0;

/// The columns, in the order in which they are declared.
pub(crate) static COLUMNS: LazyLock<&'static [Column]> = LazyLock::new(|| columns(Dataset::QosMinutes));

/// Where a query finds minutes.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) account: AccountId,
    pub(crate) minutes: Arc<dyn ReadMinutes>,
    /// By whose limits a minute is an issue.
    pub(crate) profile: Profile,
    pub(crate) current: Arc<Current>,
    /// The connections that tables read by, while no table uses them.
    pub(crate) idle: Arc<Idle<Connection>>,
}

/// Minutes that a scan asks for, as [`rollcall_store::MinuteStore::read_fields`] does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'w> {
    pub(crate) account: AccountId,
    pub(crate) instance: InstanceId,
    pub(crate) participants: &'w [ParticipantId],
    pub(crate) after: Option<MinuteCursor>,
    pub(crate) limit: usize,
    pub(crate) fields: &'w MinuteFields,
}

/// Reads minutes for a query, which waits for them.
pub(crate) trait ReadMinutes: Send + Sync {
    /// Reads them; an error is that of the query.
    fn read(&self, wanted: &Wanted<'_>) -> Result<Vec<MinuteRow>, SqlError>;
}

/// The query that runs on a connection.
#[derive(Debug, Default)]
pub(crate) struct Current {
    /// Set once nobody waits for its answer any more; of each query its own, so that one that has ended stops no other.
    stopped: Mutex<Arc<AtomicBool>>,
    /// Why its tables cannot be read. SQLite passes on no more than a text, which says nothing of whose fault it is.
    failure: Mutex<Option<SqlError>>,
}

impl Current {
    /// Begins one, which `stopped` stops.
    pub(crate) fn begin(&self, stopped: Arc<AtomicBool>) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = stopped;
        self.take_failure();
    }

    /// Why a table could not be read.
    pub(crate) fn take_failure(&self) -> Option<SqlError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Source {
    /// Whether nobody waits for the answer any more.
    pub(crate) fn is_stopped(&self) -> bool {
        self.current.stopped.lock().unwrap_or_else(PoisonError::into_inner).load(Ordering::Relaxed)
    }

    /// A connection for a table's own statements.
    pub(crate) fn connect(&self) -> Result<Lent> {
        Lent::of(&self.idle, &self.path)
    }

    /// Notes that a table cannot be read, and answers what SQLite is told of it.
    pub(crate) fn fails(&self, error: SqlError) -> rusqlite::Error {
        *self.current.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        failed("the stored data cannot be read")
    }

    /// The same for a statement of the table's own, or for a stored value that no statement of ours wrote.
    pub(crate) fn breaks(&self, error: rusqlite::Error) -> rusqlite::Error {
        if self.is_stopped() || error.sqlite_error_code() == Some(ErrorCode::OutOfMemory) {
            return error;
        }
        let reason = error.to_string();
        let mut failure = self.current.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert(SqlError::Internal(reason));
        drop(failure);
        failed("the stored data cannot be read")
    }
}

/// The `CREATE TABLE` that SQLite reads a virtual table's columns from.
pub(crate) fn declaration(columns: &[&str]) -> Result<Cow<'static, CStr>> {
    Ok(Cow::Owned(CString::new(format!("CREATE TABLE x({})", columns.join(", ")))?))
}

/// Makes minutes known to `db` as `name`.
pub(crate) fn register(db: &Connection, name: &str, source: Source) -> Result<()> {
    db.create_module(name, const { &Module::<Table>::eponymous_only_module() }, Some(source))
}

const BOUNDS: [Bound; 4] = {
    let [from, to] = bounds::window("date_time");
    [bounds::equal("instance_uuid", INSTANCES), bounds::equal("user_id", 10.0), from, to]
};

#[repr(C)]
struct Table {
    base: ffi::sqlite3_vtab,
    source: Source,
}

// SAFETY: `repr(C)`, and SQLite's struct stands first.
unsafe impl<'t> VTab<'t> for Table {
    type Aux = Source;
    type Cursor = Cursor<'t>;

    fn connect(
        db: &mut VTabConnection,
        source: Option<&Source>,
        _: &[u8],
        _: &[u8],
        _: &[u8],
        _: &[&[u8]],
    ) -> Result<(Cow<'static, CStr>, Self)> {
        let source = source.ok_or_else(|| failed("minutes without a source"))?.clone();
        db.config(VTabConfig::Innocuous)?;
        let names: Vec<_> = names().collect();
        Ok((declaration(&names)?, Self { base: ffi::sqlite3_vtab::default(), source }))
    }

    fn best_index(&self, info: &mut IndexInfo) -> Result<bool> {
        let name = |column| names().nth(column);
        let plan = bounds::choose(info, name, &BOUNDS, INSTANCES * 1_000.0);
        info.set_idx_num(plan);
        // Which columns are read: the cursor is told in words, since the number has no room for them.
        info.set_idx_str(&info.col_used().to_string());
        Ok(true)
    }

    fn open(&'t mut self) -> Result<Cursor<'t>> {
        Ok(Cursor {
            base: ffi::sqlite3_vtab_cursor::default(),
            scan: Scan::over(&self.source)?,
            row: Vec::new(),
            number: 0,
            ended: true,
            table: PhantomData,
        })
    }
}

#[repr(C)]
struct Cursor<'t> {
    base: ffi::sqlite3_vtab_cursor,
    scan: Scan,
    /// The current row.
    row: Vec<Value>,
    number: i64,
    ended: bool,
    table: PhantomData<&'t Table>,
}

// SAFETY: `repr(C)`, and SQLite's struct stands first.
unsafe impl VTabCursor for Cursor<'_> {
    fn filter(&mut self, plan: c_int, columns: Option<&str>, arguments: &Filters<'_>) -> Result<()> {
        let [uuid, user_id, from, to] = bounds::arguments::<{ BOUNDS.len() }>(plan, arguments);
        let (from, to) = bounds::minutes(from.as_ref(), to.as_ref());
        let used = columns.and_then(|columns| columns.parse().ok()).unwrap_or(u64::MAX);
        self.scan.start(Bounds { uuid, user_id, from, to, fields: used_fields(used) });
        self.number = 0;
        self.next()
    }

    fn next(&mut self) -> Result<()> {
        self.number += 1;
        let found = self.scan.next(&mut self.row).map_err(|error| self.scan.source.breaks(error))?;
        self.ended = !found;
        Ok(())
    }

    fn eof(&self) -> bool {
        self.ended
    }

    fn column(&self, context: &mut Context, column: c_int) -> Result<()> {
        let Ok(column) = usize::try_from(column) else { return context.set_result(Null) };
        match (self.row.get(column), &self.scan.shown) {
            (Some(value), _) => context.set_result(value),
            (None, Some(minute)) => {
                context.set_result(scores::value(column - self.row.len(), minute, &self.scan.source.profile))
            }
            (None, None) => context.set_result(Null),
        }
    }

    fn rowid(&self) -> Result<i64> {
        Ok(self.number)
    }
}

/// What a scan is limited to.
#[derive(Default)]
struct Bounds {
    uuid: Option<Value>,
    user_id: Option<Value>,
    from: Option<Minute>,
    to: Option<Minute>,
    /// What of each minute is asked for.
    fields: MinuteFields,
}

/// The names of all columns.
fn names() -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().map(|column| column.name.as_str()).chain(scores::COLUMNS.map(|(name, ..)| name))
}

/// What of a minute the columns hold that a query reads. SQLite has a bit for each of the first 63, and one for all others,
/// among which are the scores: they are made of all that there is.
fn used_fields(used: u64) -> MinuteFields {
    if used & 1 << 63 != 0 { MinuteFields::ALL } else { fields_of((0..63).filter(|column| used & 1 << column != 0)) }
}

/// An instance that is being read.
struct OpenInstance {
    id: InstanceId,
    uuid: String,
    kind: String,
    number: Option<i64>,
    /// The last participant that was asked for.
    last: i64,
    /// Those whose minutes are shown now.
    participants: Vec<(ParticipantId, String, Option<i64>)>,
    /// Where their minutes go on; none where none was read yet.
    after: Option<MinuteCursor>,
    /// Their minutes are all read.
    read: bool,
}

impl OpenInstance {
    fn of(row: &rusqlite::Row<'_>) -> Result<Self> {
        Ok(Self {
            id: InstanceId(row.get(0)?),
            uuid: row.get(1)?,
            kind: row.get(2)?,
            number: row.get(3)?,
            last: 0,
            participants: Vec::new(),
            after: None,
            read: true,
        })
    }
}

/// Reads instance after instance, some participants at a time, some minutes at a time.
struct Scan {
    db: Lent,
    source: Source,
    bounds: Bounds,
    last_instance: i64,
    instance: Option<OpenInstance>,
    /// The current row's minute.
    shown: Option<QosMinute>,
    /// What was read and is to be shown.
    waiting: VecDeque<(usize, QosMinute)>,
}

impl Scan {
    fn over(source: &Source) -> Result<Self> {
        let db = source.connect()?;
        let (source, bounds, waiting) = (source.clone(), Bounds::default(), VecDeque::new());
        Ok(Self { db, source, bounds, last_instance: 0, instance: None, shown: None, waiting })
    }

    fn start(&mut self, bounds: Bounds) {
        self.bounds = bounds;
        self.last_instance = 0;
        self.instance = None;
        self.waiting.clear();
    }

    /// Fills `row` with the next minute; whether there was one.
    fn next(&mut self, row: &mut Vec<Value>) -> Result<bool> {
        loop {
            if let (Some((participant, minute)), Some(instance)) = (self.waiting.pop_front(), &self.instance) {
                fill(row, instance, participant, &minute);
                self.shown = Some(minute);
                return Ok(true);
            }
            if self.instance.is_none() && !self.open_next_instance()? {
                return Ok(false);
            }
            self.read_on()?;
        }
    }

    fn open_next_instance(&mut self) -> Result<bool> {
        let instance = match &self.bounds.uuid {
            Some(uuid) => self.instance_of(uuid)?,
            None => self.next_instance()?,
        };
        let Some(instance) = instance else { return Ok(false) };
        self.last_instance = instance.id.0;
        self.instance = Some(instance);
        Ok(true)
    }

    /// The instance of a UUID, unless it was read.
    fn instance_of(&self, uuid: &Value) -> Result<Option<OpenInstance>> {
        let mut statement = self.db.prepare_cached(
            "SELECT id, uuid, kind, number FROM instances WHERE account_id = ?1 AND uuid = ?2 AND id > ?3",
        )?;
        statement.query_row(params![self.source.account.0, uuid, self.last_instance], OpenInstance::of).optional()
    }

    /// The instance after the last, of those that may have minutes in the window: one that ended long before it, or began
    /// long after it, has none. What is not told may.
    fn next_instance(&self) -> Result<Option<OpenInstance>> {
        let millis = |minute: Option<Minute>, slack| minute.map(|Minute(minute)| (i64::from(minute) + slack) * 60_000);
        let mut statement = self.db.prepare_cached(
            "SELECT id, uuid, kind, number FROM instances
             WHERE account_id = ?1 AND id > ?2
             AND (?3 IS NULL OR state = 'live' OR end_time_ms IS NULL OR end_time_ms >= ?3)
             AND (?4 IS NULL OR start_time_ms IS NULL OR start_time_ms < ?4)
             ORDER BY id LIMIT 1",
        )?;
        let parameters = params![
            self.source.account.0,
            self.last_instance,
            millis(self.bounds.from, -SLACK_MINUTES),
            millis(self.bounds.to, SLACK_MINUTES),
        ];
        statement.query_row(parameters, OpenInstance::of).optional()
    }

    /// Reads more minutes of the open instance, or closes it where there are none left.
    fn read_on(&mut self) -> Result<()> {
        if self.source.is_stopped() {
            return Err(failed("stopped"));
        }
        let Some(instance) = &mut self.instance else { return Ok(()) };
        if instance.read {
            instance.participants = participants(&self.db, instance, self.bounds.user_id.as_ref())?;
            instance.after = None;
            let Some((last, ..)) = instance.participants.last() else {
                self.instance = None;
                return Ok(());
            };
            instance.last = last.0;
        }
        let ids: Vec<_> = instance.participants.iter().map(|(id, ..)| *id).collect();
        let wanted = Wanted {
            account: self.source.account,
            instance: instance.id,
            participants: &ids,
            after: instance.after,
            limit: MINUTES_PER_READ,
            fields: &self.bounds.fields,
        };
        let read = self.source.minutes.read(&wanted).map_err(|error| self.source.fails(error))?;
        instance.read = read.len() < MINUTES_PER_READ;
        instance.after =
            read.last().map(|row| MinuteCursor { participant: row.participant, minute: row.minute.minute });
        let Bounds { from, to, .. } = self.bounds;
        let wanted = |minute: Minute| from.is_none_or(|from| minute >= from) && to.is_none_or(|to| minute <= to);
        let mut at = 0;
        for row in read {
            // Rows come in the order of `ids`.
            while ids.get(at).is_some_and(|id| *id != row.participant) {
                at += 1;
            }
            if wanted(row.minute.minute) {
                self.waiting.push_back((at, row.minute));
            }
        }
        Ok(())
    }
}

/// The next participants of the instance.
fn participants(
    db: &Connection,
    instance: &OpenInstance,
    user_id: Option<&Value>,
) -> Result<Vec<(ParticipantId, String, Option<i64>)>> {
    // An instance's participants lie side by side: their ids say whose they are.
    let (from, end) = (instance.last.max(instance.id.0 << 24), (instance.id.0 + 1) << 24);
    let limit = PARTICIPANTS_PER_READ as i64;
    let one = |row: &rusqlite::Row<'_>| Ok((ParticipantId(row.get(0)?), row.get(1)?, row.get(2)?));
    match user_id {
        Some(user_id) => {
            let mut statement = db.prepare_cached(
                "SELECT participant_id, user_id, join_time_ms FROM participant_rows
                 WHERE instance_id = ?1 AND participant_id > ?2 AND user_id = ?3 ORDER BY participant_id LIMIT ?4",
            )?;
            statement.query_map(params![instance.id.0, from, user_id, limit], one)?.collect()
        }
        None => {
            let mut statement = db.prepare_cached(
                "SELECT participant_id, user_id, join_time_ms FROM participant_rows
                 WHERE participant_id > ?1 AND participant_id < ?2 ORDER BY participant_id LIMIT ?3",
            )?;
            statement.query_map(params![from, end, limit], one)?.collect()
        }
    }
}

/// Fills `row` with the columns' values.
fn fill(row: &mut Vec<Value>, instance: &OpenInstance, participant: usize, minute: &QosMinute) {
    row.clear();
    row.resize(COLUMNS.len(), Value::Null);
    let (_, user_id, join_time) = &instance.participants[participant];
    row[0] = Value::Text(instance.uuid.clone());
    row[1] = Value::Text(instance.kind.clone());
    row[2] = instance.number.map_or(Value::Null, Value::Integer);
    row[3] = Value::Text(user_id.clone());
    row[4] = join_time.map_or(Value::Null, |millis| Value::Text(iso_of_millis(millis)));
    put_minute(&mut Row(row), minute);
}

/// A row that takes a minute's values.
struct Row<'r>(&'r mut Vec<Value>);

impl MinuteValues for Row<'_> {
    fn put_bool(&mut self, column: usize, value: bool) {
        self.0[column] = Value::Integer(value.into());
    }

    fn put_i32(&mut self, column: usize, value: i32) {
        self.0[column] = match COLUMNS[column].kind {
            ColumnKind::Hundredths => Value::Real(f64::from(value) / 100.0),
            _ => Value::Integer(value.into()),
        };
    }

    fn put_i64(&mut self, column: usize, value: i64) {
        self.0[column] = match COLUMNS[column].kind {
            ColumnKind::Timestamp => Value::Text(iso_of_millis(value)),
            _ => Value::Integer(value),
        };
    }

    fn put_text(&mut self, column: usize, value: &'static str) {
        self.0[column] = Value::Text(value.to_owned());
    }
}
