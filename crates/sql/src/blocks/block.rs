use std::{ops::Range, sync::Arc};

use rollcall_archive::{ColumnKind, Columns, MinuteValues, put_minute};
use rollcall_model::QosMinute;
use rusqlite::types::ValueRef;

use crate::{SqlError, minutes::COLUMNS};

/// The position of the column that every file has for the minute.
pub(crate) const DATE_TIME: usize = 5;
/// Stands for an absent number. No column contains it.
pub(crate) const ABSENT: i64 = i64::MIN;
/// Strings of columns of minutes, by position.
const LEVELS: [&str; 4] = ["normal", "fair", "serious", "critical"];

/// Returns the string that a column's number stands for.
pub(crate) fn level_of(number: i64) -> Option<&'static str> {
    usize::try_from(number).ok().and_then(|level| LEVELS.get(level)).copied()
}

/// An instance whose minutes are read.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) uuid: Arc<str>,
    pub(crate) kind: &'static str,
    pub(crate) number: Option<i64>,
}

/// A participant whose minutes are read.
#[derive(Debug)]
pub(crate) struct Attendance {
    pub(crate) user_id: Box<str>,
    /// In milliseconds since 1970.
    pub(crate) join_time: Option<i64>,
}

/// The participant whose minutes are read.
#[derive(Debug, Default)]
pub(crate) struct People {
    pub(crate) instances: Vec<Instance>,
    /// Empty if attendances are not distinguished.
    pub(crate) attendances: Vec<Attendance>,
}

/// The instance and attendance of some rows of a block.
#[derive(Debug, Clone, Default)]
pub(crate) struct Run {
    pub(crate) rows: Range<usize>,
    /// Index of the instance.
    pub(crate) instance: u32,
    /// Index of the attendance.
    pub(crate) attendance: u32,
}

/// Several minutes, or several attendances.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) rows: usize,
    /// The number of its first row in the file; `None` if it is not from a file.
    pub(crate) first: Option<u64>,
    /// Of each row, if requested.
    pub(crate) minutes: Vec<u32>,
    /// In the order of the rows.
    pub(crate) runs: Vec<Run>,
    /// Complete rows, if scores are requested.
    pub(crate) whole: Vec<QosMinute>,
    /// By column position; empty if it is not requested, or no row has a value.
    numbers: Vec<Vec<i64>>,
    /// The same for strings of attendances. Those of minutes are numbers, see [`level_of`].
    texts: Vec<Vec<Option<Arc<str>>>>,
}

impl Block {
    /// A row without values.
    pub(crate) fn of_run(run: Run) -> Self {
        Self { rows: run.rows.len(), runs: vec![run], ..Self::default() }
    }

    /// Adds rows of a file; `places` are read.
    pub(crate) fn take_columns(
        &mut self,
        rows: usize,
        columns: &Columns<'_>,
        places: &[usize],
        whole: bool,
    ) -> rollcall_archive::Result<()> {
        self.clear(rows);
        if whole {
            columns.minutes(rows, &mut self.whole)?;
        }
        for &place in places {
            let Some(column) = columns.column(place) else { continue };
            if place == DATE_TIME {
                self.minutes.resize(rows, 0);
                let minutes = &mut self.minutes;
                column.each_number(|row, millis| minutes[row] = u32::try_from(millis / 60_000).unwrap_or(0));
                continue;
            }
            let numbers = &mut self.numbers[place];
            numbers.resize(rows, ABSENT);
            match COLUMNS[place].kind {
                ColumnKind::Boolean => column.each_bool(|row, value| numbers[row] = value.into()),
                ColumnKind::Text | ColumnKind::Json => column.each_text(|row, value| {
                    let level = LEVELS.iter().position(|level| level.as_bytes() == value);
                    numbers[row] = level.map_or(ABSENT, |level| level as i64);
                }),
                _ => column.each_number(|row, value| numbers[row] = value),
            }
        }
        Ok(())
    }

    /// Adds minutes that were read one by one.
    pub(crate) fn take_minutes(&mut self, minutes: impl ExactSizeIterator<Item = QosMinute>, whole: bool) {
        self.clear(minutes.len());
        self.minutes.resize(self.rows, 0);
        for (row, minute) in minutes.enumerate() {
            self.minutes[row] = minute.minute.0;
            put_minute(&mut Row { numbers: &mut self.numbers, row, rows: self.rows }, &minute);
            if whole {
                self.whole.push(minute);
            }
        }
    }

    /// Starts an empty block with this many columns.
    pub(crate) fn begin(&mut self, columns: usize) {
        self.clear(0);
        self.texts.resize_with(columns, Vec::new);
        self.texts.iter_mut().for_each(Vec::clear);
        self.numbers.resize_with(columns, Vec::new);
    }

    /// Adds a row of an instance, and returns its number.
    pub(crate) fn push_row(&mut self, instance: u32) -> usize {
        let row = self.rows;
        self.rows += 1;
        match self.runs.last_mut() {
            Some(run) if run.instance == instance => run.rows.end = self.rows,
            _ => self.runs.push(Run { rows: row..self.rows, instance, attendance: 0 }),
        }
        row
    }

    /// Sets a value of the last row, which is `row`.
    pub(crate) fn put_value(&mut self, place: usize, row: usize, value: ValueRef<'_>) -> Result<(), SqlError> {
        match value {
            ValueRef::Null => {}
            ValueRef::Integer(number) => {
                let numbers = &mut self.numbers[place];
                numbers.resize(row, ABSENT);
                numbers.push(number);
            }
            ValueRef::Text(text) => {
                let texts = &mut self.texts[place];
                // Adjacent rows often have the same value.
                let same = texts.last().and_then(Option::as_ref).filter(|last| last.as_bytes() == text).map(Arc::clone);
                texts.resize(row, None);
                let owned =
                    || std::str::from_utf8(text).map_or_else(|_| String::from_utf8_lossy(text).into(), Arc::from);
                texts.push(Some(same.unwrap_or_else(owned)));
            }
            ValueRef::Real(_) | ValueRef::Blob(_) => {
                return Err(SqlError::Internal("an attendance has a value of a wrong type".to_owned()));
            }
        }
        Ok(())
    }

    /// Finishes the block: each column has as many values as there are rows, or none.
    pub(crate) fn end(&mut self) {
        let rows = self.rows;
        self.numbers.iter_mut().filter(|column| !column.is_empty()).for_each(|column| column.resize(rows, ABSENT));
    }

    fn clear(&mut self, rows: usize) {
        self.rows = rows;
        self.first = None;
        self.minutes.clear();
        self.runs.clear();
        self.whole.clear();
        self.numbers.resize_with(COLUMNS.len(), Vec::new);
        self.numbers.iter_mut().for_each(Vec::clear);
    }

    /// Returns the instance and attendance of a row.
    pub(crate) fn run(&self, row: usize) -> Option<&Run> {
        self.runs.get(self.runs.partition_point(|run| run.rows.end <= row))
    }

    /// Returns a column's numbers as stored; empty if no row has a value.
    pub(crate) fn numbers(&self, place: usize) -> &[i64] {
        self.numbers.get(place).map_or(&[], Vec::as_slice)
    }

    /// Returns a column's number as stored.
    pub(crate) fn number(&self, place: usize, row: usize) -> Option<i64> {
        self.numbers(place).get(row).copied().filter(|number| *number != ABSENT)
    }

    /// Returns a column's string.
    pub(crate) fn text(&self, place: usize, row: usize) -> Option<&Arc<str>> {
        self.texts.get(place)?.get(row)?.as_ref()
    }

    /// Returns the approximate memory use, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        let numbers: usize = self.numbers.iter().map(Vec::capacity).sum();
        (numbers * 8 + self.minutes.capacity() * 4 + self.whole.capacity() * size_of::<QosMinute>()) as u64
    }
}

/// Sets a minute's values in a row.
struct Row<'r> {
    numbers: &'r mut [Vec<i64>],
    row: usize,
    rows: usize,
}

impl Row<'_> {
    fn put(&mut self, place: usize, value: i64) {
        if place == DATE_TIME {
            return;
        }
        let numbers = &mut self.numbers[place];
        if numbers.is_empty() {
            numbers.resize(self.rows, ABSENT);
        }
        numbers[self.row] = value;
    }
}

impl MinuteValues for Row<'_> {
    fn put_bool(&mut self, column: usize, value: bool) {
        self.put(column, value.into());
    }

    fn put_i32(&mut self, column: usize, value: i32) {
        self.put(column, value.into());
    }

    fn put_i64(&mut self, column: usize, value: i64) {
        self.put(column, value);
    }

    fn put_text(&mut self, column: usize, value: &'static str) {
        let level = LEVELS.iter().position(|level| *level == value);
        self.put(column, level.map_or(ABSENT, |level| level as i64));
    }
}
