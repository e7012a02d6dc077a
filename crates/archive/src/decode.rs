//! Decodes rows from a file's bytes.

use std::{ops::Range, sync::Arc};

use parquet::{
    basic::Type,
    column::reader::ColumnReaderImpl,
    data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type},
    errors::{ParquetError, Result},
    schema::types::ColumnDescPtr,
};

use crate::{
    chunk::{Chunk, Group},
    page_reader::{Pages, Parts},
};

/// Rows decoded at a time.
pub(crate) const BATCH_ROWS: usize = 256;

/// Rows of one row group, counted from its first.
pub(crate) type GroupRows = Vec<Range<usize>>;

/// Returns the byte ranges with `rows` of the columns in `wanted`, in the order of the file.
pub(crate) fn byte_ranges(group: &Group, rows: &GroupRows, wanted: impl Fn(usize) -> bool) -> Vec<Range<u64>> {
    let mut ranges: Vec<Range<u64>> = Vec::new();
    let mut add = |range: Range<u64>| match ranges.last_mut() {
        Some(last) if last.end == range.start => last.end = range.end,
        _ => ranges.push(range),
    };
    for (_, chunk) in group.chunks.iter().enumerate().filter(|(column, chunk)| wanted(*column) && chunk.has_values) {
        chunk.dictionary().into_iter().for_each(&mut add);
        for (bytes, page) in chunk.pages(group.rows) {
            if rows.iter().any(|rows| rows.start < page.end as usize && rows.end > page.start as usize) {
                add(bytes);
            }
        }
    }
    ranges
}

/// The decoded values of one column over some rows.
#[derive(Debug)]
pub(crate) enum Values {
    Boolean(Vec<bool>),
    Integer(Vec<i32>),
    Long(Vec<i64>),
    Text(Vec<ByteArray>),
}

/// One column over some rows.
#[derive(Debug)]
pub(crate) struct Column {
    /// For each row, 1 if it has a value and 0 if not.
    present: Vec<i16>,
    values: Values,
}

macro_rules! each {
    ($name:ident, $variant:ident, $type:ty) => {
        /// Passes on each value with its row, counted from the first of the batch.
        pub(crate) fn $name(&self, mut show: impl FnMut(usize, $type) -> Result<()>) -> Result<()> {
            let Values::$variant(values) = &self.values else {
                return Err(ParquetError::General("a column of another type".to_owned()));
            };
            let rows = self.present.iter().enumerate().filter(|(_, present)| **present == 1).map(|(row, _)| row);
            rows.zip(values).try_for_each(|(row, value)| show(row, value.clone()))
        }
    };
}

impl Column {
    each!(each_bool, Boolean, bool);
    each!(each_i32, Integer, i32);
    each!(each_i64, Long, i64);
    each!(each_text, Text, ByteArray);

    pub(crate) fn present(&self) -> &[i16] {
        &self.present
    }

    pub(crate) const fn values(&self) -> &Values {
        &self.values
    }
}

enum ColumnReader {
    Boolean(ColumnReaderImpl<BoolType>),
    Integer(ColumnReaderImpl<Int32Type>),
    Long(ColumnReaderImpl<Int64Type>),
    Text(ColumnReaderImpl<ByteArrayType>),
}

struct OpenColumn {
    reader: ColumnReader,
    required: bool,
    column: Column,
}

impl OpenColumn {
    fn skip(&mut self, rows: usize) -> Result<()> {
        let skipped = match &mut self.reader {
            ColumnReader::Boolean(reader) => reader.skip_records(rows),
            ColumnReader::Integer(reader) => reader.skip_records(rows),
            ColumnReader::Long(reader) => reader.skip_records(rows),
            ColumnReader::Text(reader) => reader.skip_records(rows),
        }?;
        if skipped == rows { Ok(()) } else { Err(ParquetError::General("a column is truncated".to_owned())) }
    }

    fn read(&mut self, rows: usize) -> Result<()> {
        let Column { present, values } = &mut self.column;
        present.clear();
        macro_rules! read {
            ($reader:expr, $values:expr) => {{
                $values.clear();
                $reader.read_records(rows, Some(&mut *present), None, $values)
            }};
        }
        let (read, values, _) = match (&mut self.reader, values) {
            (ColumnReader::Boolean(reader), Values::Boolean(values)) => read!(reader, values),
            (ColumnReader::Integer(reader), Values::Integer(values)) => read!(reader, values),
            (ColumnReader::Long(reader), Values::Long(values)) => read!(reader, values),
            (ColumnReader::Text(reader), Values::Text(values)) => read!(reader, values),
            _ => Err(ParquetError::General("a column of another type".to_owned())),
        }?;
        if self.required {
            present.resize(values, 1);
        }
        if read == rows { Ok(()) } else { Err(ParquetError::General("a column is truncated".to_owned())) }
    }
}

impl OpenColumn {
    fn new(descriptor: ColumnDescPtr, chunk: &Chunk, parts: Arc<Parts>, rows: u32) -> Self {
        let required = descriptor.max_def_level() == 0;
        let kind = descriptor.physical_type();
        let pages = Box::new(Pages::new(parts, chunk, kind, rows));
        let (reader, values) = match kind {
            Type::BOOLEAN => {
                (ColumnReader::Boolean(ColumnReaderImpl::new(descriptor, pages)), Values::Boolean(Vec::new()))
            }
            Type::INT32 => {
                (ColumnReader::Integer(ColumnReaderImpl::new(descriptor, pages)), Values::Integer(Vec::new()))
            }
            Type::INT64 => (ColumnReader::Long(ColumnReaderImpl::new(descriptor, pages)), Values::Long(Vec::new())),
            _ => (ColumnReader::Text(ColumnReaderImpl::new(descriptor, pages)), Values::Text(Vec::new())),
        };
        Self { reader, required, column: Column { present: Vec::new(), values } }
    }
}

/// Decodes a column of a row group completely, and compares it with the footer.
pub(crate) fn check_chunk(descriptor: &ColumnDescPtr, group: &Group, column: usize, parts: Arc<Parts>) -> Result<()> {
    let chunk = group.chunks.get(column).ok_or_else(|| ParquetError::General("a column is missing".to_owned()))?;
    let rows = group.rows as usize;
    let mut open = OpenColumn::new(Arc::clone(descriptor), chunk, parts, group.rows);
    let mut nulls = 0;
    let mut read = 0;
    while read < rows {
        let count = BATCH_ROWS.min(rows - read);
        open.read(count)?;
        nulls += open.column.present.iter().filter(|present| **present == 0).count();
        read += count;
    }
    if chunk.nulls.is_some_and(|told| told as usize == nulls) {
        return Ok(());
    }
    let column = descriptor.path();
    Err(ParquetError::General(format!("the number of absent values of {column} differs from its footer")))
}

/// Reads rows of one row group.
pub(crate) struct GroupReader {
    /// In the order of the file; `None` for a column without values, or one that was not requested.
    columns: Vec<Option<OpenColumn>>,
    row: usize,
    batch: usize,
}

impl GroupReader {
    /// Reads those of `columns` in `wanted`.
    pub(crate) fn new(
        columns: &[ColumnDescPtr],
        group: &Group,
        parts: &Arc<Parts>,
        wanted: impl Fn(usize) -> bool,
    ) -> Self {
        let columns = columns.iter().zip(&group.chunks).enumerate().map(|(index, (descriptor, chunk))| {
            let is_read = wanted(index) && chunk.has_values;
            is_read.then(|| OpenColumn::new(Arc::clone(descriptor), chunk, Arc::clone(parts), group.rows))
        });
        Self { columns: columns.collect(), row: 0, batch: BATCH_ROWS }
    }

    /// Sets another batch size.
    pub(crate) fn in_batches_of(self, rows: usize) -> Self {
        Self { batch: rows, ..self }
    }

    /// Passes on `rows` in batches, of at most [`BATCH_ROWS`] by default: the first row of each, its length, and its
    /// columns. An error of `show` stops reading.
    pub(crate) fn read<E: From<ParquetError>>(
        &mut self,
        rows: &Range<usize>,
        mut show: impl FnMut(usize, usize, &Batch<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(ahead) = rows.start.checked_sub(self.row) else {
            return Err(ParquetError::General("rows must be read in ascending order".to_owned()).into());
        };
        for column in self.columns.iter_mut().flatten() {
            column.skip(ahead)?;
        }
        self.row = rows.start;
        while self.row < rows.end {
            let count = self.batch.min(rows.end - self.row);
            for column in self.columns.iter_mut().flatten() {
                column.read(count)?;
            }
            show(self.row, count, &Batch(&self.columns))?;
            self.row += count;
        }
        Ok(())
    }
}

/// The columns of some rows.
pub(crate) struct Batch<'a>(&'a [Option<OpenColumn>]);

impl Batch<'_> {
    /// Returns a column. `None` if no row has a value.
    pub(crate) fn column(&self, index: usize) -> Option<&Column> {
        self.0.get(index)?.as_ref().map(|open| &open.column)
    }
}
