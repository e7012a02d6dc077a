//! The table of QoS minutes: read from the minute store while a query runs, an instance at a time.
//!
//! A query that filters by an instance, an attendance or a time range reads only these; SQLite does the other
//! filtering.

#![expect(unsafe_code, reason = "SQLite takes a virtual table's memory for its own structs, which come first in it")]

mod scan;

use std::{
    borrow::Cow,
    ffi::{CStr, c_int},
    marker::PhantomData,
    sync::LazyLock,
};

use rollcall_archive::{Column, Dataset, columns};
use rusqlite::{
    Connection, Result, ffi,
    types::{Null, Value},
    vtab::{Context, Filters, IndexInfo, Module, VTab, VTabConfig, VTabConnection, VTabCursor},
};

use self::scan::Scan;
use crate::{
    blocks::Window,
    bounds::{self, Bound},
    failed, scores,
    source::{Source, declaration},
};

/// Estimated cost of a full scan, relative to one of an instance.
const INSTANCES: f64 = 10_000.0;

/// The columns in the order of their declaration.
pub(crate) static COLUMNS: LazyLock<&'static [Column]> = LazyLock::new(|| columns(Dataset::QosMinutes));

/// Registers minutes as a table `name` of `db`.
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

// SAFETY: `repr(C)`, and SQLite's struct is the first field.
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
        // The columns that are read: passed to the cursor as text, because the number has no room for them.
        info.set_idx_str(&info.col_used().to_string());
        Ok(true)
    }

    fn open(&'t mut self) -> Result<Cursor<'t>> {
        let scan = Scan::over(&self.source)?;
        Ok(Cursor { base: ffi::sqlite3_vtab_cursor::default(), scan, ended: true, table: PhantomData })
    }
}

#[repr(C)]
struct Cursor<'t> {
    base: ffi::sqlite3_vtab_cursor,
    scan: Scan,
    ended: bool,
    table: PhantomData<&'t Table>,
}

// SAFETY: `repr(C)`, and SQLite's struct is the first field.
unsafe impl VTabCursor for Cursor<'_> {
    fn filter(&mut self, plan: c_int, columns: Option<&str>, arguments: &Filters<'_>) -> Result<()> {
        let [uuid, user_id, from, to] = bounds::arguments::<{ BOUNDS.len() }>(plan, arguments);
        let (from, to) = bounds::minutes(from.as_ref(), to.as_ref());
        let used = columns.and_then(|columns| columns.parse().ok()).unwrap_or(u64::MAX);
        self.ended = true;
        let (uuid, user_id) = match (text_of(uuid), text_of(user_id)) {
            (Ok(uuid), Ok(user_id)) => (uuid, user_id),
            // Neither is ever anything but text.
            _ => return Ok(()),
        };
        let window = Window { from, to, uuid: uuid.map(Into::into) };
        self.scan.start(window, user_id, used).map_err(|error| self.scan.source.breaks(error))?;
        self.next()
    }

    fn next(&mut self) -> Result<()> {
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
        Ok(self.scan.rowid())
    }
}

/// Returns the text that a column must be equal to, if there is one. NULL and numbers are equal to none.
fn text_of(value: Option<Value>) -> Result<Option<String>, ()> {
    match value {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text)),
        Some(_) => Err(()),
    }
}

/// Returns the names of all columns.
fn names() -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().map(|column| column.name.as_str()).chain(scores::COLUMNS.map(|(name, ..)| name))
}
