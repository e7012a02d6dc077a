//! Attendances from the database, column by column.
//!
//! The database stores most fields of an attendance in one value. SQLite sorts and groups by whole columns, and would
//! carry that value along for each row, or unpack it again for each field. From this table it gets only the fields that
//! a query uses, which are unpacked together.

#![expect(unsafe_code, reason = "SQLite takes a virtual table's memory for its own structs, which come first in it")]

use std::{
    borrow::Cow,
    ffi::{CStr, c_int},
    marker::PhantomData,
};

use rollcall_store_sqlite::{FieldReader, PARTICIPANT_FIELDS};
use rusqlite::{
    Connection, Result, ffi, params,
    types::{Null, Value, ValueRef},
    vtab::{Context, Filters, IndexConstraintOp, IndexInfo, Module, VTab, VTabConfig, VTabConnection, VTabCursor},
};

use crate::{
    failed,
    idle::Lent,
    source::{Source, declaration},
};

/// Number of columns of the view before those of the fields.
const ROW_COLUMNS: usize = 4;
/// Attendances read at a time.
const ROWS_PER_READ: i64 = 1_024;
/// Estimated costs of a scan of an instance's attendances, and of those of one user in it.
const OF_INSTANCE: c_int = 1;
const OF_USER: c_int = 2;

/// Registers attendances as a table `name` of `db`, with the columns of the database's view of participants.
pub(crate) fn register(db: &Connection, name: &str, source: Source) -> Result<()> {
    let mut columns = db.prepare("SELECT name, type FROM pragma_table_info('participants', 'main') ORDER BY cid")?;
    let columns: Vec<(String, String)> =
        columns.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_>>()?;
    let mut fields = columns.iter().skip(ROW_COLUMNS).zip(PARTICIPANT_FIELDS);
    if !fields.all(|((name, _), field)| name == field) {
        return Err(failed("the view of participants has different columns than this version of the program"));
    }
    let module = const { &Module::<Table>::eponymous_only_module() };
    db.create_module(name, module, Some(Kept { source, columns }))
}

/// Where attendances are, and the names of their fields.
#[derive(Clone)]
struct Kept {
    source: Source,
    /// With the types that SQLite uses for comparisons.
    columns: Vec<(String, String)>,
}

#[repr(C)]
struct Table {
    base: ffi::sqlite3_vtab,
    kept: Kept,
}

// SAFETY: `repr(C)`, and SQLite's struct is the first field.
unsafe impl<'t> VTab<'t> for Table {
    type Aux = Kept;
    type Cursor = Cursor<'t>;

    fn connect(
        db: &mut VTabConnection,
        kept: Option<&Kept>,
        _: &[u8],
        _: &[u8],
        _: &[u8],
        _: &[&[u8]],
    ) -> Result<(Cow<'static, CStr>, Self)> {
        let kept = kept.ok_or_else(|| failed("attendances without a source"))?.clone();
        db.config(VTabConfig::Innocuous)?;
        let columns: Vec<_> = kept.columns.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
        let columns: Vec<_> = columns.iter().map(String::as_str).collect();
        Ok((declaration(&columns)?, Self { base: ffi::sqlite3_vtab::default(), kept }))
    }

    fn best_index(&self, info: &mut IndexInfo) -> Result<bool> {
        let (mut instance, mut user) = (None, None);
        for (index, constraint) in info.constraints().enumerate() {
            let is_equal = constraint.operator() == IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ;
            if !is_equal || !constraint.is_usable() || info.collation(index)? != "BINARY" {
                continue;
            }
            let column = usize::try_from(constraint.column()).ok().and_then(|column| self.kept.columns.get(column));
            match column.map(|(name, _)| name.as_str()) {
                Some("instance_id") => instance = Some(index),
                Some("user_id") => user = Some(index),
                _ => {}
            }
        }
        // SQLite does not know how many instances an account has, and guesses ten: reading all attendances must never
        // look cheap enough to be repeated.
        let (plan, cost, rows) = match (instance, user) {
            (Some(instance), Some(user)) => {
                info.constraint_usage(instance).set_argv_index(1);
                info.constraint_usage(user).set_argv_index(2);
                (OF_USER, 30.0, 1)
            }
            (Some(instance), None) => {
                info.constraint_usage(instance).set_argv_index(1);
                (OF_INSTANCE, 4_000.0, 100)
            }
            (None, _) => (0, 1e9, 10_000_000),
        };
        info.set_idx_num(plan);
        info.set_idx_str(&info.col_used().to_string());
        info.set_estimated_cost(cost);
        info.set_estimated_rows(rows);
        Ok(true)
    }

    fn open(&'t mut self) -> Result<Cursor<'t>> {
        Ok(Cursor {
            base: ffi::sqlite3_vtab_cursor::default(),
            db: self.kept.source.connect()?,
            kept: self.kept.clone(),
            plan: 0,
            used: 0,
            sql: String::new(),
            columns: Vec::new(),
            fields: Vec::new(),
            width: 1,
            from: 0,
            end: 0,
            user_id: Value::Null,
            values: Vec::new(),
            at: 0,
            is_last: true,
            table: PhantomData,
        })
    }
}

#[repr(C)]
struct Cursor<'t> {
    base: ffi::sqlite3_vtab_cursor,
    db: Lent,
    kept: Kept,
    plan: c_int,
    /// The columns that a query reads, as a bit set.
    used: u64,
    sql: String,
    /// The columns of rows that are read, and the fields.
    columns: Vec<usize>,
    fields: Vec<usize>,
    /// Number of values per row: the row's number, then the columns that are read.
    width: usize,
    /// The rest of the rows has numbers between these.
    from: i64,
    end: i64,
    user_id: Value,
    /// Values of the rows that were read.
    values: Vec<Value>,
    /// The current row's first value.
    at: usize,
    /// Whether everything was read.
    is_last: bool,
    table: PhantomData<&'t Table>,
}

impl Cursor<'_> {
    /// Builds the statement that reads the columns of `used` by `plan`.
    fn prepare(&mut self, plan: c_int, used: u64) {
        if self.plan == plan && self.used == used && !self.sql.is_empty() {
            return;
        }
        (self.plan, self.used) = (plan, used);
        let read = (0..self.kept.columns.len()).filter(|column| has(used, *column));
        (self.columns, self.fields) = read.partition(|column| *column < ROW_COLUMNS);
        self.width = 1 + self.columns.len() + self.fields.len();
        let mut names: String =
            self.columns.iter().map(|column| format!(", {}", self.kept.columns[*column].0)).collect();
        if !self.fields.is_empty() {
            names.push_str(", fields");
        }
        let rows = if plan == OF_USER {
            "instance_id = ?1 AND user_id = ?2".to_owned()
        } else {
            // A literal, not a parameter: SQLite prepares a statement again each time that the value of its LIMIT is
            // bound.
            format!("participant_id > ?1 AND participant_id < ?2 ORDER BY participant_id LIMIT {ROWS_PER_READ}")
        };
        self.sql = format!("SELECT participant_id{names} FROM participant_rows WHERE {rows}");
    }

    /// Reads the next rows.
    fn read(&mut self) -> Result<()> {
        (self.at, self.is_last) = (0, true);
        self.values.clear();
        if self.kept.source.is_stopped() {
            return Err(failed("stopped"));
        }
        let mut statement = self.db.prepare_cached(&self.sql)?;
        let mut rows = match self.plan {
            OF_USER => statement.query(params![self.from, self.user_id])?,
            _ => statement.query(params![self.from, self.end])?,
        };
        while let Some(row) = rows.next()? {
            for index in 0..=self.columns.len() {
                self.values.push(row.get(index)?);
            }
            if self.fields.is_empty() {
                continue;
            }
            let array = row.get_ref(1 + self.columns.len())?.as_blob().map_err(failed)?;
            let mut reader = FieldReader::new(array).map_err(failed)?;
            let mut next = ROW_COLUMNS;
            for &column in &self.fields {
                let value = reader.nth(column - next).map_err(failed)?;
                self.values.push(Value::try_from(value)?);
                next = column + 1;
            }
        }
        let read = self.values.len() / self.width;
        if self.plan != OF_USER && read as i64 == ROWS_PER_READ {
            self.is_last = false;
            if let Some(Value::Integer(last)) = self.values.get(self.values.len() - self.width) {
                self.from = *last;
            }
        }
        Ok(())
    }
}

/// Returns whether a column is read. SQLite has a bit for each of the first 63, and one for all others.
const fn has(used: u64, column: usize) -> bool {
    used & 1 << (if column < 63 { column } else { 63 }) != 0
}

// SAFETY: `repr(C)`, and SQLite's struct is the first field.
unsafe impl VTabCursor for Cursor<'_> {
    fn filter(&mut self, plan: c_int, used: Option<&str>, arguments: &Filters<'_>) -> Result<()> {
        self.prepare(plan, used.and_then(|used| used.parse().ok()).unwrap_or(u64::MAX));
        let mut arguments = arguments.iter();
        (self.at, self.is_last) = (0, true);
        self.values.clear();
        let instance = match (plan, arguments.next()) {
            (0, _) => None,
            (_, Some(ValueRef::Integer(instance))) => Some(instance),
            // No instance has a different number.
            _ => return Ok(()),
        };
        self.user_id = arguments.next().map(Value::try_from).transpose()?.unwrap_or(Value::Null);
        (self.from, self.end) = match instance {
            // An instance's attendances are adjacent: their numbers include the instance.
            Some(instance) if plan == OF_INSTANCE => (instance << 24, (instance + 1) << 24),
            Some(instance) => (instance, 0),
            None => (i64::MIN, i64::MAX),
        };
        self.read().map_err(|error| self.kept.source.breaks(error))
    }

    fn next(&mut self) -> Result<()> {
        self.at += self.width;
        if self.at >= self.values.len() && !self.is_last {
            self.read().map_err(|error| self.kept.source.breaks(error))?;
        }
        Ok(())
    }

    fn eof(&self) -> bool {
        self.at >= self.values.len()
    }

    fn column(&self, context: &mut Context, column: c_int) -> Result<()> {
        let Ok(column) = usize::try_from(column) else { return context.set_result(Null) };
        // The columns that are read keep their order.
        let before = if column < 64 { (self.used & ((1 << column) - 1)).count_ones() as usize } else { 63 };
        match self.values.get(self.at + 1 + before).filter(|_| has(self.used, column)) {
            Some(value) => context.set_result(value),
            None => context.set_result(Null),
        }
    }

    fn rowid(&self) -> Result<i64> {
        match self.values.get(self.at) {
            Some(Value::Integer(row)) => Ok(*row),
            _ => Ok(0),
        }
    }
}
