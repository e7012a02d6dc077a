//! The tables of rollups: quality by hour and by day.
//!
//! A row is a cell: an hour or a day, and a value of a dimension. Its counts are read with it. The sketch of a measure
//! is read only if a query uses one of its columns, so a trend reads only its measures.

#![expect(unsafe_code, reason = "SQLite takes a virtual table's memory for its own structs, which come first in it")]

use std::{
    borrow::Cow,
    cell::RefCell,
    ffi::{CStr, c_int},
    marker::PhantomData,
    ops::Range,
    sync::LazyLock,
};

use rollcall_model::{Direction, Media, Minute};
use rollcall_people::{Stay, union_of};
use rollcall_quality::{Cell, Dimension, Issue, Label, Measure, SketchSum, Step};
use rusqlite::{
    Connection, Error, Result, ffi,
    functions::{self, Aggregate, FunctionFlags},
    params,
    types::{Null, Value, ValueRef},
    vtab::{Context, Filters, IndexInfo, Module, VTab, VTabConfig, VTabConnection, VTabCursor},
};

use crate::{
    bounds::{self, Bound},
    failed,
    idle::Lent,
    source::{Source, declaration, rowid_of},
    tables::{Type, iso_of_millis},
};

/// Cells read at a time.
const CELLS_PER_READ: usize = 1_000;
const HOUR_MILLIS: i64 = 3_600_000;
/// Estimated cost of a full scan.
const CELLS: f64 = 1_000_000.0;

const BOUNDS: [Bound; 4] = {
    let [from, to] = bounds::window("date_time");
    [bounds::equal("dimension", 6.0), bounds::equal("value", 10.0), from, to]
};

/// A column of the tables.
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Type,
    pub(crate) meaning: String,
    holds: Holds,
}

#[derive(Clone, Copy)]
enum Holds {
    Time,
    Dimension,
    Value,
    Count(usize),
    Measured(usize, Statistic),
}

#[derive(Clone, Copy)]
enum Statistic {
    Count,
    Sum,
    Mean,
    Quantile(f64),
    Sketch,
}

/// The divisor from a measure's whole numbers to the column's unit, and its name without and with that unit.
fn names_of(measure: Measure) -> (u16, String, &'static str, String) {
    let stream = |media: Media, direction: Direction| {
        let media = match media {
            Media::Audio => "audio",
            Media::Video => "video",
            Media::As => "as",
        };
        match direction {
            Direction::Input => format!("{media}_input"),
            Direction::Output => format!("{media}_output"),
        }
    };
    match measure {
        Measure::AudioMos => (1000, "audio_mos".to_owned(), "", "mean opinion score of the sound, 1 to 4.5".to_owned()),
        Measure::Latency(media, direction) => {
            (1, format!("{}_latency", stream(media, direction)), "_ms", "round trip, in milliseconds".to_owned())
        }
        Measure::Jitter(media, direction) => {
            (1, format!("{}_jitter", stream(media, direction)), "_ms", "jitter, in milliseconds".to_owned())
        }
        Measure::Loss(media, direction) => {
            (100, format!("{}_avg_loss", stream(media, direction)), "_percent", "mean loss, in percent".to_owned())
        }
    }
}

/// The columns in the order of their declaration.
pub(crate) static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(|| {
    let mut columns: Vec<Column> = Vec::new();
    let mut add = |name: String, kind, holds, meaning: String| columns.push(Column { name, kind, meaning, holds });
    add("date_time".to_owned(), Type::Time, Holds::Time, "start of the hour or day, UTC".to_owned());
    let dimensions = Dimension::ALL.map(Dimension::as_str).join(", ");
    add("dimension".to_owned(), Type::Text, Holds::Dimension, format!("what value refers to: {dimensions}"));
    add("value".to_owned(), Type::Text, Holds::Value, "value of the dimension; empty if unknown".to_owned());
    let mut counts: Vec<(String, String)> = vec![
        ("minutes".to_owned(), "participant-minutes".to_owned()),
        ("warning_minutes".to_owned(), "minutes with health Warning".to_owned()),
        ("critical_minutes".to_owned(), "minutes with health Critical".to_owned()),
    ];
    for issue in Issue::ALL.map(Issue::as_str) {
        counts.push((format!("{issue}_issue_minutes"), format!("minutes with the issue {issue}")));
    }
    for medium in ["audio", "video", "screen_share"] {
        for label in Label::ALL.map(Label::as_str) {
            counts.push((format!("{medium}_{label}_minutes"), format!("minutes whose {medium} was {label}")));
        }
    }
    for (index, (name, meaning)) in counts.into_iter().enumerate() {
        add(name, Type::Integer, Holds::Count(index), meaning);
    }
    for (index, measure) in Measure::ALL.into_iter().enumerate() {
        let (divisor, name, unit, what) = names_of(measure);
        let number = if divisor == 1 { Type::Integer } else { Type::Real };
        let of = |statistic| Holds::Measured(index, statistic);
        add(
            format!("{name}_count"),
            Type::Integer,
            of(Statistic::Count),
            "minutes in which it was measured".to_owned(),
        );
        add(format!("{name}_sum{unit}"), number, of(Statistic::Sum), format!("sum, exact; {what}"));
        add(format!("{name}_mean{unit}"), Type::Real, of(Statistic::Mean), format!("mean, exact; {what}"));
        for (suffix, quantile) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            let meaning = format!("{:.0}th percentile (±1 %); {what}", quantile * 100.0);
            add(format!("{name}_{suffix}{unit}"), number, of(Statistic::Quantile(quantile)), meaning);
        }
        let meaning = format!("for quantile(…) over several rows; {what}");
        add(format!("{name}_sketch"), Type::Sketch, of(Statistic::Sketch), meaning);
    }
    columns
});

/// What a module is created with.
#[derive(Clone)]
pub(crate) struct Rolled {
    source: Source,
    step: Step,
}

/// Registers rollups as a table `name` of `db`.
pub(crate) fn register(db: &Connection, name: &str, source: Source, step: Step) -> Result<()> {
    db.create_module(name, const { &Module::<Table>::eponymous_only_module() }, Some(Rolled { source, step }))
}

#[repr(C)]
struct Table {
    base: ffi::sqlite3_vtab,
    rolled: Rolled,
}

// SAFETY: `repr(C)`, and SQLite's struct is the first field.
unsafe impl<'t> VTab<'t> for Table {
    type Aux = Rolled;
    type Cursor = Cursor<'t>;

    fn connect(
        db: &mut VTabConnection,
        rolled: Option<&Rolled>,
        _: &[u8],
        _: &[u8],
        _: &[u8],
        _: &[&[u8]],
    ) -> Result<(Cow<'static, CStr>, Self)> {
        let rolled = rolled.ok_or_else(|| failed("rollups without a source"))?.clone();
        db.config(VTabConfig::Innocuous)?;
        let names: Vec<_> = COLUMNS.iter().map(|column| column.name.as_str()).collect();
        Ok((declaration(&names)?, Self { base: ffi::sqlite3_vtab::default(), rolled }))
    }

    fn best_index(&self, info: &mut IndexInfo) -> Result<bool> {
        let name = |column: usize| COLUMNS.get(column).map(|column| column.name.as_str());
        let plan = bounds::choose(info, name, &BOUNDS, CELLS);
        info.set_idx_num(plan);
        Ok(true)
    }

    fn open(&'t mut self) -> Result<Cursor<'t>> {
        let db = self.rolled.source.connect()?;
        Ok(Cursor {
            base: ffi::sqlite3_vtab_cursor::default(),
            rolled: self.rolled.clone(),
            db,
            dimensions: Vec::new(),
            hours: (0, 0),
            value: None,
            page: Page::default(),
            at: 0,
            table: PhantomData,
        })
    }
}

#[repr(C)]
struct Cursor<'t> {
    base: ffi::sqlite3_vtab_cursor,
    rolled: Rolled,
    db: Lent,
    /// Dimensions to read after that of the page, in reverse.
    dimensions: Vec<Dimension>,
    /// The first and the last.
    hours: (i64, i64),
    value: Option<String>,
    page: Page,
    /// The current cell of the page.
    at: usize,
    table: PhantomData<&'t Table>,
}

/// Cells of one dimension, in the order of hours and values.
#[derive(Default)]
struct Page {
    dimension: Option<Dimension>,
    rows: Vec<Row>,
    /// The rows of each cell: one for each day whose files have something of its hour.
    cells: Vec<Range<usize>>,
    /// Whether more cells follow.
    full: bool,
    /// By measure, if requested: the stored sketch of each row.
    sketches: RefCell<[Option<Vec<Vec<u8>>>; Measure::ALL.len()]>,
}

struct Row {
    hour: i64,
    value: String,
    day: i64,
    counts: Vec<u8>,
}

impl Row {
    /// Which cell it is of.
    fn key(&self) -> (i64, &str) {
        (self.hour, &self.value)
    }

    fn full_key(&self) -> (i64, &str, i64) {
        (self.hour, &self.value, self.day)
    }
}

// SAFETY: `repr(C)`, and SQLite's struct is the first field.
unsafe impl VTabCursor for Cursor<'_> {
    fn filter(&mut self, plan: c_int, _: Option<&str>, arguments: &Filters<'_>) -> Result<()> {
        let [dimension, value, from, to] = bounds::arguments::<{ BOUNDS.len() }>(plan, arguments);
        self.dimensions = Dimension::ALL.into_iter().rev().collect();
        if let Some(Value::Text(name)) = dimension {
            self.dimensions.retain(|dimension| dimension.as_str() == name);
        }
        self.value = match value {
            Some(Value::Text(value)) => Some(value),
            _ => None,
        };
        let (from, to) = bounds::minutes(from.as_ref(), to.as_ref());
        let hour = |minute: Minute| i64::from(minute.0 / 60);
        self.hours = (from.map_or(0, hour), to.map_or(i64::MAX, hour));
        (self.page, self.at) = (Page::default(), 0);
        self.settle()
    }

    fn next(&mut self) -> Result<()> {
        self.at += 1;
        self.settle()
    }

    fn eof(&self) -> bool {
        self.at >= self.page.cells.len()
    }

    fn column(&self, context: &mut Context, column: c_int) -> Result<()> {
        let column = usize::try_from(column).ok().and_then(|column| COLUMNS.get(column));
        let (Some(column), Some(rows)) = (column, self.page.cells.get(self.at)) else {
            return context.set_result(Null);
        };
        let rows = rows.clone();
        let row = &self.page.rows[rows.start];
        match column.holds {
            Holds::Time => context.set_result(iso_of_millis(row.hour * HOUR_MILLIS)),
            Holds::Dimension => context.set_result(self.page.dimension.map(Dimension::as_str)),
            Holds::Value => context.set_result(&row.value),
            Holds::Count(index) => {
                let mut sum = 0_u64;
                for row in &self.page.rows[rows] {
                    let counts = Cell::counts_from(&mut row.counts.as_slice());
                    let counts = counts.map_err(|error| self.rolled.source.breaks(failed(error)))?;
                    sum = sum.saturating_add(counts[index]);
                }
                context.set_result(i64::try_from(sum).unwrap_or(i64::MAX))
            }
            Holds::Measured(measure, statistic) => self.measured(context, rows, measure, statistic),
        }
    }

    fn rowid(&self) -> Result<i64> {
        let row = self.page.cells.get(self.at).map(|rows| &self.page.rows[rows.start]);
        Ok(rowid_of((self.page.dimension.map(Dimension::as_str), row.map(Row::key))))
    }
}

impl Cursor<'_> {
    /// Reads the next page if the current one is exhausted.
    fn settle(&mut self) -> Result<()> {
        while self.at >= self.page.cells.len() {
            if self.rolled.source.is_stopped() {
                return Err(failed("stopped"));
            }
            let (dimension, after) = match (self.page.dimension, self.page.rows.last()) {
                (Some(dimension), Some(last)) if self.page.full => (dimension, (last.hour, last.value.clone())),
                _ => match self.dimensions.pop() {
                    Some(dimension) => (dimension, (i64::MIN, String::new())),
                    None => {
                        self.page = Page::default();
                        return Ok(());
                    }
                },
            };
            self.page = self.read(dimension, &after).map_err(|error| self.rolled.source.breaks(error))?;
            self.at = 0;
        }
        Ok(())
    }

    /// Reads the next complete cells of a dimension.
    fn read(&self, dimension: Dimension, after: &(i64, String)) -> Result<Page> {
        let mut statement = self.db.prepare_cached(
            "SELECT hour, value, day, bytes FROM quality_parts
             WHERE account_id = ?1 AND dimension = ?2 AND part = ?3 AND hour >= max(?4, ?6) AND hour <= ?5
                 AND (hour, value) > (?6, ?7) AND (?8 IS NULL OR value = ?8)
             ORDER BY hour, value, day LIMIT ?9",
        )?;
        let part = self.part(0);
        let (from, to) = self.hours;
        let account = self.rolled.source.account.0;
        let number = dimension.number();
        let limit = CELLS_PER_READ as i64;
        let parameters = params![account, number, part, from, to, after.0, after.1, self.value, limit];
        let read = statement.query_map(parameters, |row| {
            Ok(Row { hour: row.get(0)?, value: row.get(1)?, day: row.get(2)?, counts: row.get(3)? })
        })?;
        let mut rows = read.collect::<Result<Vec<_>>>()?;
        let full = rows.len() == CELLS_PER_READ;
        if full {
            // The last cell may continue beyond the limit, so it is read again. It has a row for each of a few days.
            let whole = rows.last().map_or(0, |last| rows.partition_point(|row| row.key() < last.key()));
            if whole == 0 {
                return Err(failed("an hour has files of too many days"));
            }
            rows.truncate(whole);
        }
        let mut cells: Vec<Range<usize>> = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            match cells.last_mut() {
                Some(cell) if rows[cell.start].key() == row.key() => cell.end = index + 1,
                _ => cells.push(index..index + 1),
            }
        }
        Ok(Page { dimension: Some(dimension), rows, cells, full, ..Page::default() })
    }

    /// The number of a cell's part in the table.
    fn part(&self, part: usize) -> i64 {
        part as i64 + 32 * self.rolled.step as i64
    }

    /// Returns a column of a measure.
    fn measured(&self, context: &mut Context, rows: Range<usize>, measure: usize, statistic: Statistic) -> Result<()> {
        let mut sketches = self.page.sketches.borrow_mut();
        let of_page = match &mut sketches[measure] {
            Some(of_page) => of_page,
            none => {
                let read = self.read_sketches(measure);
                none.insert(read.map_err(|error| self.rolled.source.breaks(error))?)
            }
        };
        let stored = || of_page[rows.clone()].iter().filter(|bytes| !bytes.is_empty());
        let (divisor, ..) = names_of(Measure::ALL[measure]);
        if stored().next().is_none() {
            return match statistic {
                Statistic::Count => context.set_result(0),
                _ => context.set_result(Null),
            };
        }
        let mut sum = SketchSum::default();
        match stored().collect::<Vec<_>>().as_slice() {
            // Most cells have one row, whose sketch is returned unchanged.
            [one] if matches!(statistic, Statistic::Sketch) => {
                return context.set_result(pack(divisor, one));
            }
            several => {
                for bytes in several {
                    let added = sum.add_from(&mut bytes.as_slice());
                    added.map_err(|error| self.rolled.source.breaks(failed(error)))?;
                }
            }
        }
        let sketch = sum.sketch();
        match statistic {
            Statistic::Count => context.set_result(i64::try_from(sketch.count()).unwrap_or(i64::MAX)),
            Statistic::Sum => context.set_result(in_unit(sketch.sum(), divisor)),
            Statistic::Mean => context.set_result(sketch.mean().map(|mean| mean / f64::from(divisor))),
            Statistic::Quantile(quantile) => {
                context.set_result(sketch.quantile(quantile).map_or(Value::Null, |value| in_unit(value, divisor)))
            }
            Statistic::Sketch => {
                let mut bytes = Vec::new();
                sketch.write_to(&mut bytes);
                context.set_result(pack(divisor, &bytes))
            }
        }
    }

    /// The stored sketches of a measure, for each row of the page.
    fn read_sketches(&self, measure: usize) -> Result<Vec<Vec<u8>>> {
        let rows = &self.page.rows;
        let mut sketches = vec![Vec::new(); rows.len()];
        let (Some(first), Some(last), Some(dimension)) = (rows.first(), rows.last(), self.page.dimension) else {
            return Ok(sketches);
        };
        let mut statement = self.db.prepare_cached(
            "SELECT hour, value, day, bytes FROM quality_parts
             WHERE account_id = ?1 AND dimension = ?2 AND part = ?3 AND hour BETWEEN ?4 AND ?5
                 AND (?6 IS NULL OR value = ?6)
             ORDER BY hour, value, day",
        )?;
        let account = self.rolled.source.account.0;
        let parameters =
            params![account, dimension.number(), self.part(measure + 1), first.hour, last.hour, self.value];
        let mut found = statement.query(parameters)?;
        let mut at = 0;
        while let Some(row) = found.next()? {
            let key = (row.get(0)?, row.get_ref(1)?.as_str().map_err(failed)?, row.get(2)?);
            // Both have the same order.
            while rows.get(at).is_some_and(|row| row.full_key() < key) {
                at += 1;
            }
            if rows.get(at).is_some_and(|row| row.full_key() == key) {
                sketches[at] = row.get(3)?;
            }
        }
        Ok(sketches)
    }
}

/// Returns a whole number in the column's unit.
fn in_unit(number: u64, divisor: u16) -> Value {
    match divisor {
        1 => Value::Integer(i64::try_from(number).unwrap_or(i64::MAX)),
        divisor => Value::Real(number as f64 / f64::from(divisor)),
    }
}

/// A sketch as passed to a query: the divisor to the column's unit, and the sketch.
fn pack(divisor: u16, sketch: &[u8]) -> Vec<u8> {
    [&divisor.to_be_bytes(), sketch].concat()
}

/// Registers `quantile(sketch, share)`: the quantile of all values that a group's sketches counted, within one percent.
pub(crate) fn register_functions(db: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    db.create_aggregate_function("quantile", 2, flags, Quantile)?;
    db.create_aggregate_function("union_ms", 2, flags, Union)
}

/// `union_ms(from, to)`: the length of the union of a group's stretches of time, in milliseconds. Stretches without an
/// end or a beginning do not count.
struct Union;

impl Aggregate<Vec<Stay>, i64> for Union {
    fn init(&self, _: &mut functions::Context<'_>) -> Result<Vec<Stay>> {
        Ok(Vec::new())
    }

    fn step(&self, context: &mut functions::Context<'_>, stays: &mut Vec<Stay>) -> Result<()> {
        let (from, to): (Option<i64>, Option<i64>) = (context.get(0)?, context.get(1)?);
        stays.extend(from.zip(to).map(|(from, to)| Stay { from, to }));
        Ok(())
    }

    fn finalize(&self, _: &mut functions::Context<'_>, stays: Option<Vec<Stay>>) -> Result<i64> {
        Ok(union_of(&mut stays.unwrap_or_default()))
    }
}

struct Quantile;

struct Merged {
    sum: SketchSum,
    /// `None` until the first sketch.
    divisor: Option<u16>,
    share: f64,
}

impl Aggregate<Merged, Value> for Quantile {
    fn init(&self, _: &mut functions::Context<'_>) -> Result<Merged> {
        Ok(Merged { sum: SketchSum::default(), divisor: None, share: 0.0 })
    }

    fn step(&self, context: &mut functions::Context<'_>, merged: &mut Merged) -> Result<()> {
        let wrong = |what: &str| Error::UserFunctionError(what.to_owned().into());
        merged.share = match context.get_raw(1) {
            ValueRef::Real(share) if (0.0..=1.0).contains(&share) => share,
            ValueRef::Integer(share @ 0..=1) => share as f64,
            _ => return Err(wrong("quantile(sketch, share): the share must be between 0 and 1")),
        };
        let no_sketch =
            || wrong("quantile(sketch, share): the sketch must be a column such as audio_output_latency_sketch");
        match context.get_raw(0) {
            ValueRef::Null => Ok(()),
            ValueRef::Blob(bytes) => {
                let (divisor, mut sketch) = bytes.split_first_chunk().ok_or_else(no_sketch)?;
                let divisor = u16::from_be_bytes(*divisor);
                if *merged.divisor.get_or_insert(divisor) != divisor {
                    return Err(wrong("quantile(sketch, share): all sketches of a group must have the same unit"));
                }
                merged.sum.add_from(&mut sketch).map_err(|_| no_sketch())
            }
            _ => Err(no_sketch()),
        }
    }

    fn finalize(&self, _: &mut functions::Context<'_>, merged: Option<Merged>) -> Result<Value> {
        let quantile = |Merged { sum, divisor, share }| {
            let divisor: u16 = divisor?;
            Some(in_unit(sum.sketch().quantile(share)?, divisor.max(1)))
        };
        Ok(merged.and_then(quantile).unwrap_or(Value::Null))
    }
}
