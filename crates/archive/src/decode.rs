//! From a file's bytes to rows: which bytes hold the rows asked for, and what they say.

use std::{ops::Range, sync::Arc};

use bytes::{Buf as _, Bytes, buf::Reader};
use parquet::{
    basic::Type,
    column::reader::ColumnReaderImpl,
    data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type},
    errors::{ParquetError, Result},
    file::{
        metadata::{ParquetMetaData, RowGroupMetaData},
        reader::{ChunkReader, Length, SerializedPageReader},
    },
};

/// How many rows are decoded at a time.
pub(crate) const BATCH_ROWS: usize = 256;

/// Rows of one row group, counted from its first.
pub(crate) type GroupRows = Vec<Range<usize>>;

/// Parts of a file.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// In the order of the file, none touching another.
    parts: Vec<(u64, Bytes)>,
    file_len: u64,
}

impl Parts {
    pub(crate) fn new(file_len: u64, parts: Vec<(u64, Bytes)>) -> Self {
        Self { parts, file_len }
    }
}

impl Length for Parts {
    fn len(&self) -> u64 {
        self.file_len
    }
}

impl ChunkReader for Parts {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let index = self.parts.partition_point(|(offset, _)| *offset <= start);
        let (offset, bytes) = index
            .checked_sub(1)
            .and_then(|index| self.parts.get(index))
            .ok_or_else(|| ParquetError::General(format!("a page begins at byte {start}, outside its column")))?;
        let skip = usize::try_from(start - offset).unwrap_or(usize::MAX).min(bytes.len());
        Ok(bytes.slice(skip..).reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let bytes = self.get_read(start)?.into_inner();
        if bytes.len() < length {
            return Err(ParquetError::General(format!("the page at byte {start} is cut short")));
        }
        Ok(bytes.slice(..length))
    }
}

/// Whether a column of a row group has any value.
fn has_values(group: &RowGroupMetaData, column: usize) -> bool {
    let chunk = group.column(column);
    let nulls = chunk.statistics().and_then(|statistics| statistics.null_count_opt());
    nulls.is_none_or(|nulls| nulls != chunk.num_values().unsigned_abs())
}

/// The bytes that hold `rows` of the columns that `wanted` names, in the order of the file.
pub(crate) fn byte_ranges(
    metadata: &ParquetMetaData,
    group: usize,
    rows: &GroupRows,
    wanted: impl Fn(usize) -> bool,
) -> Result<Vec<Range<u64>>> {
    let index = metadata.page_index_for_row_group(group);
    let group = metadata.row_group(group);
    let group_rows = group.num_rows().unsigned_abs();
    let mut ranges: Vec<Range<u64>> = Vec::new();
    for column in (0..group.num_columns()).filter(|&column| wanted(column) && has_values(group, column)) {
        let pages =
            index.page_locations(column).ok_or_else(|| ParquetError::General("no index of pages".to_owned()))?;
        let (start, len) = group.column(column).byte_range();
        let end = start.saturating_add(len);
        let mut add = |range: Range<u64>| {
            if range.start < start || range.end > end || range.is_empty() {
                return Err(ParquetError::General("a page outside its column".to_owned()));
            }
            match ranges.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ => ranges.push(range),
            }
            Ok(())
        };
        if let Some(first) = pages.first()
            && first.offset.unsigned_abs() > start
        {
            add(start..first.offset.unsigned_abs())?;
        }
        for (number, page) in pages.iter().enumerate() {
            let begins = page.first_row_index.unsigned_abs();
            let ends = pages.get(number + 1).map_or(group_rows, |next| next.first_row_index.unsigned_abs());
            if rows.iter().any(|rows| (rows.start as u64) < ends && rows.end as u64 > begins) {
                let offset = page.offset.unsigned_abs();
                add(offset..offset.saturating_add(page.compressed_page_size.unsigned_abs().into()))?;
            }
        }
    }
    Ok(ranges)
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
    /// For each row, 1 where it has a value and 0 where not.
    present: Vec<i16>,
    values: Values,
}

macro_rules! each {
    ($name:ident, $variant:ident, $type:ty) => {
        /// Shows each value with its row, counted from the first of the batch.
        pub(crate) fn $name(&self, mut show: impl FnMut(usize, $type) -> Result<()>) -> Result<()> {
            let Values::$variant(values) = &self.values else {
                return Err(ParquetError::General("a column of another kind".to_owned()));
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
        if skipped == rows { Ok(()) } else { Err(ParquetError::General("a column ends early".to_owned())) }
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
            _ => Err(ParquetError::General("a column of another kind".to_owned())),
        }?;
        if self.required {
            present.resize(values, 1);
        }
        if read == rows { Ok(()) } else { Err(ParquetError::General("a column ends early".to_owned())) }
    }
}

/// Reads rows of one row group.
pub(crate) struct GroupReader {
    /// In the order of the file; none for a column without values, or one that was not asked for.
    columns: Vec<Option<OpenColumn>>,
    row: usize,
}

impl GroupReader {
    pub(crate) fn new(
        metadata: &ParquetMetaData,
        group: usize,
        parts: &Arc<Parts>,
        wanted: impl Fn(usize) -> bool,
    ) -> Result<Self> {
        let index = metadata.page_index_for_row_group(group);
        let group = metadata.row_group(group);
        let rows = usize::try_from(group.num_rows())?;
        let open = |column: usize| {
            if !wanted(column) || !has_values(group, column) {
                return Ok(None);
            }
            let chunk = group.column(column);
            let pages = index.page_locations(column).cloned();
            let pages = Box::new(SerializedPageReader::new(Arc::clone(parts), chunk, rows, pages)?);
            let descriptor = chunk.column_descr_ptr();
            let required = descriptor.max_def_level() == 0;
            let (reader, values) = match chunk.column_type() {
                Type::BOOLEAN => {
                    (ColumnReader::Boolean(ColumnReaderImpl::new(descriptor, pages)), Values::Boolean(Vec::new()))
                }
                Type::INT32 => {
                    (ColumnReader::Integer(ColumnReaderImpl::new(descriptor, pages)), Values::Integer(Vec::new()))
                }
                Type::INT64 => (ColumnReader::Long(ColumnReaderImpl::new(descriptor, pages)), Values::Long(Vec::new())),
                _ => (ColumnReader::Text(ColumnReaderImpl::new(descriptor, pages)), Values::Text(Vec::new())),
            };
            Ok(Some(OpenColumn { reader, required, column: Column { present: Vec::new(), values } }))
        };
        Ok(Self { columns: (0..group.num_columns()).map(open).collect::<Result<_>>()?, row: 0 })
    }

    /// Shows `rows` in batches of at most [`BATCH_ROWS`]: the first row of each, how many there are, and its columns.
    pub(crate) fn read(
        &mut self,
        rows: &Range<usize>,
        mut show: impl FnMut(usize, usize, &Batch<'_>) -> Result<()>,
    ) -> Result<()> {
        let Some(ahead) = rows.start.checked_sub(self.row) else {
            return Err(ParquetError::General("rows are read in ascending order".to_owned()));
        };
        for column in self.columns.iter_mut().flatten() {
            column.skip(ahead)?;
        }
        self.row = rows.start;
        while self.row < rows.end {
            let count = BATCH_ROWS.min(rows.end - self.row);
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
    /// A column; none where no row has a value.
    pub(crate) fn column(&self, index: usize) -> Option<&Column> {
        self.0.get(index)?.as_ref().map(|open| &open.column)
    }
}
