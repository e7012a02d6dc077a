//! The table of QoS minutes: read from the minute store while a query runs, an instance at a time.
//!
//! A query that names an instance, an attendance or a window of time reads no more than that; the rest is filtered by
//! SQLite.

#![expect(unsafe_code, reason = "SQLite takes a virtual table's memory for its own structs, which stand first in it")]

use std::{
    borrow::Cow,
    collections::{HashSet, VecDeque},
    ffi::{CStr, CString, c_int},
    marker::PhantomData,
    ops::Range,
    path::PathBuf,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use rollcall_archive::{Column, ColumnKind, Dataset, Footers, columns};
use rollcall_model::{AccountId, InstanceId, Minute, ParticipantId};
use rollcall_reports::Profile;
use rollcall_store::{MinuteCursor, MinuteFields, MinuteRow};
use rusqlite::{
    Connection, ErrorCode, Result, ffi,
    types::{Null, Value},
    vtab::{Context, Filters, IndexInfo, Module, VTab, VTabConfig, VTabConnection, VTabCursor},
};

use crate::{
    SqlError,
    blocks::{Block, DATE_TIME, Level, People, Places, Plan, Run, StoredReader, Task, Window, level_of, time_of},
    bounds::{self, Bound},
    failed,
    groups::Asked,
    idle::{Idle, Lent},
    scores,
    tables::iso_of_millis,
};

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
    /// Of the archive's files.
    pub(crate) footers: Footers,
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

    /// The account's instances with hot minutes; none if there is no archive whose files can be read as they are. See
    /// [`rollcall_store::SealedFiles`].
    fn hot_instances(&self, account: AccountId) -> Result<Option<Vec<InstanceId>>, SqlError>;

    /// The end of a file of the archive, and its length; none if the account has no such file.
    fn file_end(&self, account: AccountId, path: &str, bytes: u64) -> Result<Option<(Bytes, u64)>, SqlError>;

    /// Parts of a file of the archive; none if the account has no such file.
    fn file_ranges(
        &self,
        account: AccountId,
        path: &str,
        ranges: &[Range<u64>],
    ) -> Result<Option<Vec<Bytes>>, SqlError>;
}

/// The query that runs on a connection.
#[derive(Debug, Default)]
pub(crate) struct Current {
    /// Set once nobody waits for its answer any more; of each query its own, so that one that has ended stops no other.
    stopped: Mutex<Arc<AtomicBool>>,
    /// The instances with hot minutes, once they were asked for.
    hot: Mutex<Option<Option<Arc<HashSet<InstanceId>>>>>,
    /// What it counts by groups, if it does.
    groups: Mutex<Option<Arc<Asked>>>,
    /// How much memory it may take, in bytes.
    memory: AtomicU64,
    /// Why its tables cannot be read. SQLite passes on no more than a text, which says nothing of whose fault it is.
    failure: Mutex<Option<SqlError>>,
}

impl Current {
    /// Begins one, which `stopped` stops.
    pub(crate) fn begin(&self, stopped: Arc<AtomicBool>, memory: u64) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = stopped;
        self.memory.store(memory, Ordering::Relaxed);
        *self.hot.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.take_failure();
    }

    /// What it counts by groups from now on. None forgets what it has counted.
    pub(crate) fn count(&self, groups: Option<Arc<Asked>>) {
        *self.groups.lock().unwrap_or_else(PoisonError::into_inner) = groups;
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

    /// Why the query has to end, if something of it holds `bytes` of memory.
    pub(crate) fn stops(&self, bytes: u64) -> Option<SqlError> {
        let memory = self.current.memory.load(Ordering::Relaxed);
        if bytes > memory {
            return Some(SqlError::TooMuchMemory(memory));
        }
        self.is_stopped().then(|| SqlError::Internal("stopped".to_owned()))
    }

    /// What the query counts by groups.
    pub(crate) fn asked(&self) -> Result<Arc<Asked>> {
        let groups = self.current.groups.lock().unwrap_or_else(PoisonError::into_inner);
        groups.clone().ok_or_else(|| failed("no groups are counted"))
    }

    /// [`ReadMinutes::hot_instances`] of the account, as they were when the query first asked for them.
    pub(crate) fn hot_instances(&self) -> Result<Option<Arc<HashSet<InstanceId>>>> {
        let mut known = self.current.hot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hot) = &*known {
            return Ok(hot.clone());
        }
        let hot = self.minutes.hot_instances(self.account).map_err(|error| self.fails(error))?;
        let hot = hot.map(|hot| Arc::new(hot.into_iter().collect()));
        Ok(known.insert(hot).clone())
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
        let scan = Scan::over(&self.source)?;
        Ok(Cursor { base: ffi::sqlite3_vtab_cursor::default(), scan, number: 0, ended: true, table: PhantomData })
    }
}

#[repr(C)]
struct Cursor<'t> {
    base: ffi::sqlite3_vtab_cursor,
    scan: Scan,
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
        self.number = 0;
        self.ended = true;
        let (uuid, user_id) = match (text_of(uuid), text_of(user_id)) {
            (Ok(uuid), Ok(user_id)) => (uuid, user_id),
            // Neither is ever anything else than a text.
            _ => return Ok(()),
        };
        let window = Window { from, to, uuid: uuid.map(Into::into) };
        self.scan.start(window, user_id, used).map_err(|error| self.scan.source.breaks(error))?;
        self.next()
    }

    fn next(&mut self) -> Result<()> {
        self.number += 1;
        let found = self.scan.next().map_err(|error| self.scan.source.breaks(error))?;
        self.ended = !found;
        Ok(())
    }

    fn eof(&self) -> bool {
        self.ended
    }

    fn column(&self, context: &mut Context, column: c_int) -> Result<()> {
        let Ok(column) = usize::try_from(column) else { return context.set_result(Null) };
        self.scan.show(context, column)
    }

    fn rowid(&self) -> Result<i64> {
        Ok(self.number)
    }
}

/// The text that a column has to be equal to, if there is one. NULL and numbers are equal to none.
fn text_of(value: Option<Value>) -> Result<Option<String>, ()> {
    match value {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text)),
        Some(_) => Err(()),
    }
}

/// The names of all columns.
fn names() -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().map(|column| column.name.as_str()).chain(scores::COLUMNS.map(|(name, ..)| name))
}

/// What the columns that a query reads are made of. SQLite has a bit for each of the first 63, and one for all others,
/// among which are the scores: they are made of all that there is.
fn used_places(used: u64, window: &Window, by_user: bool) -> Places {
    let has = |column: usize| used & 1 << column != 0;
    let whole = has(63);
    let by_time = window.from.is_some() || window.to.is_some();
    let columns = (DATE_TIME..63).filter(|column| has(*column) || (*column == DATE_TIME && by_time));
    Places::of(columns, whole, by_user || has(3) || has(4))
}

/// Reads minutes block by block.
struct Scan {
    db: Lent,
    source: Source,
    window: Window,
    /// Of participants with this id alone.
    user_id: Option<String>,
    places: Places,
    /// What is left to be read: parts of files, then instances.
    plan: Plan,
    tasks: VecDeque<Task>,
    stored: VecDeque<InstanceId>,
    reader: Option<StoredReader>,
    /// What was read and is to be shown.
    waiting: VecDeque<Block>,
    block: Block,
    /// The current row of the block, and the place of its run; none before the first.
    at: Option<(usize, usize)>,
    /// The one instance that `shown` holds, to be shown again: a join asks for its participants one by one.
    kept: Option<(Window, Places)>,
    shown: Vec<Block>,
    /// The last instance that was too large to be kept.
    too_large: Option<Arc<str>>,
}

/// How many rows are decoded at a time.
const ROWS_PER_BLOCK: usize = 4_096;
/// How much memory an instance's blocks may take that are kept.
const KEPT_BYTES: u64 = 16 << 20;
/// How many values of rows are decoded together, more or less: a page is unpacked for each part anew.
const VALUES_PER_TASK: usize = 1 << 18;

impl Scan {
    fn over(source: &Source) -> Result<Self> {
        Ok(Self {
            db: source.connect()?,
            source: source.clone(),
            window: Window::default(),
            user_id: None,
            places: Places::default(),
            plan: Plan::default(),
            tasks: VecDeque::new(),
            stored: VecDeque::new(),
            reader: None,
            waiting: VecDeque::new(),
            block: Block::default(),
            at: None,
            kept: None,
            shown: Vec::new(),
            too_large: None,
        })
    }

    fn start(&mut self, window: Window, user_id: Option<String>, used: u64) -> Result<()> {
        let places = used_places(used, &window, user_id.is_some());
        self.user_id = user_id;
        self.at = None;
        if self.kept.as_ref().is_some_and(|(kept, with)| kept.uuid == window.uuid && *with == places) {
            // What is wanted of it may differ in time.
            let mut shown = std::mem::take(&mut self.shown);
            if self.block.rows > 0 {
                shown.push(std::mem::take(&mut self.block));
            }
            shown.extend(std::mem::take(&mut self.waiting));
            self.waiting = shown.into();
            self.window = window;
            return Ok(());
        }
        (self.reader, self.window, self.places) = (None, window, places);
        // An instance is read whole, for the next of its participants to be found in it, unless it is too large.
        if self.window.uuid.is_some() && self.too_large != self.window.uuid {
            if self.keep_instance()? {
                return Ok(());
            }
            self.too_large.clone_from(&self.window.uuid);
        }
        self.forget();
        let (window, places) = (&self.window, &self.places);
        self.plan = Plan::look(&self.source, &self.db, window, places, &|people, run, level| {
            self.is_of_user(people, run, level)
        })?;
        self.plan_reading();
        Ok(())
    }

    /// Forgets what was read.
    fn forget(&mut self) {
        (self.kept, self.reader) = (None, None);
        (self.shown, self.waiting, self.block) = (Vec::new(), VecDeque::new(), Block::default());
    }

    fn plan_reading(&mut self) {
        let rows = VALUES_PER_TASK / self.places.columns.len().max(1);
        self.tasks = self.plan.tasks(rows.max(ROWS_PER_BLOCK) as u64).into();
        self.stored = std::mem::take(&mut self.plan.stored).into();
    }

    /// Whether an attendance is of the user who is asked for.
    fn is_of_user(&self, people: &People, run: &Run, level: Level) -> bool {
        let Some(user_id) = &self.user_id else { return true };
        level == Level::Instance
            || people.attendances.get(run.attendance as usize).is_some_and(|one| *one.user_id == **user_id)
    }

    /// Reads the one instance that is asked for whole; whether it is not too large.
    fn keep_instance(&mut self) -> Result<bool> {
        self.forget();
        let window = Window { from: None, to: None, uuid: self.window.uuid.clone() };
        self.plan = Plan::look(&self.source, &self.db, &window, &self.places, &|_, _, _| true)?;
        self.plan_reading();
        let mut bytes = 0;
        while self.read_file()? {
            bytes = self.waiting.iter().map(Block::bytes).sum();
            if bytes > KEPT_BYTES {
                return Ok(false);
            }
        }
        if let Some(id) = self.stored.pop_front() {
            let mut reader = StoredReader::of(&self.db, id, None, &|_, _, _| true)?;
            loop {
                let mut block = Block::default();
                let read = reader.read(&self.source, &self.places, &mut block);
                if !read.map_err(|error| self.source.fails(error))? {
                    break;
                }
                bytes += block.bytes();
                if bytes > KEPT_BYTES || self.source.is_stopped() {
                    return Ok(false);
                }
                self.waiting.push_back(block);
            }
            self.plan.people = reader.people;
        }
        self.kept = Some((self.window.clone(), self.places.clone()));
        Ok(true)
    }

    /// Goes to the next minute; whether there is one.
    fn next(&mut self) -> Result<bool> {
        loop {
            let people = self.reader.as_ref().map_or(&self.plan.people, |reader| &reader.people);
            let (mut row, mut run) = self.at.map_or((0, 0), |(row, run)| (row + 1, run));
            while let Some(of) = self.block.runs.get(run) {
                if row >= of.rows.end || !self.is_of_user(people, of, Level::Attendance) {
                    run += 1;
                    continue;
                }
                row = row.max(of.rows.start);
                let minute = self.block.minutes.get(row).map(|minute| Minute(*minute));
                let Window { from, to, .. } = self.window;
                let is_in = |minute| from.is_none_or(|from| minute >= from) && to.is_none_or(|to| minute <= to);
                if minute.is_none_or(is_in) {
                    self.at = Some((row, run));
                    return Ok(true);
                }
                row += 1;
            }
            self.at = None;
            let last = std::mem::take(&mut self.block);
            if self.kept.is_some() {
                if last.rows > 0 {
                    self.shown.push(last);
                }
            } else if self.waiting.is_empty() {
                self.block = last;
            }
            match self.waiting.pop_front() {
                Some(block) => self.block = block,
                None if self.kept.is_some() || !self.read_on()? => {
                    self.block = Block::default();
                    return Ok(false);
                }
                None => {}
            }
        }
    }

    /// Reads more minutes; whether there was something to be read.
    fn read_on(&mut self) -> Result<bool> {
        if self.source.is_stopped() {
            return Err(failed("stopped"));
        }
        let mut block = std::mem::take(&mut self.block);
        if let Some(reader) = &mut self.reader {
            let read = reader.read(&self.source, &self.places, &mut block).map_err(|error| self.source.fails(error))?;
            if read {
                self.block = block;
                return Ok(true);
            }
            self.reader = None;
        }
        if self.read_file()? {
            return Ok(true);
        }
        let Some(id) = self.stored.pop_front() else { return Ok(false) };
        self.reader = Some(StoredReader::of(&self.db, id, self.user_id.as_deref(), &|_, _, _| true)?);
        Ok(true)
    }

    /// Reads the next part of a file; whether there was one.
    fn read_file(&mut self) -> Result<bool> {
        let Some(task) = self.tasks.pop_front() else { return Ok(false) };
        let mut block = Block::default();
        let waiting = &mut self.waiting;
        let gone = self.plan.read(&self.source, &task, &self.places, ROWS_PER_BLOCK, &mut block, |block| {
            waiting.push_back(std::mem::take(block));
            Ok(())
        });
        self.stored.extend(gone.map_err(|error| self.source.fails(error))?);
        Ok(true)
    }

    /// Answers a column of the current row.
    fn show(&self, context: &mut Context, column: usize) -> Result<()> {
        let Some((row, run)) = self.at else { return context.set_result(Null) };
        let people = self.reader.as_ref().map_or(&self.plan.people, |reader| &reader.people);
        let run = &self.block.runs[run];
        let instance = &people.instances[run.instance as usize];
        let attendance = people.attendances.get(run.attendance as usize);
        match column {
            0 => context.set_result(&*instance.uuid),
            1 => context.set_result(instance.kind),
            2 => context.set_result(instance.number),
            3 => context.set_result(attendance.map(|one| &*one.user_id)),
            4 => context.set_result(attendance.and_then(|one| one.join_time).map(iso_of_millis)),
            DATE_TIME => match self.block.minutes.get(row) {
                Some(minute) => context.set_result(time_of(Minute(*minute))),
                None => context.set_result(Null),
            },
            _ if column >= COLUMNS.len() => match self.block.whole.get(row) {
                Some(minute) => context.set_result(scores::value(column - COLUMNS.len(), minute, &self.source.profile)),
                None => context.set_result(Null),
            },
            _ => match self.block.number(column, row) {
                None => context.set_result(Null),
                Some(number) => match COLUMNS[column].kind {
                    ColumnKind::Hundredths => context.set_result(number as f64 / 100.0),
                    ColumnKind::Text | ColumnKind::Json => context.set_result(level_of(number)),
                    _ => context.set_result(number),
                },
            },
        }
    }
}
