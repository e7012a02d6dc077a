//! From a file's bytes to rows: which bytes hold the rows asked for, and what they say.

use std::{ops::Range, sync::Arc};

use parquet::{
    basic::Type,
    column::reader::ColumnReaderImpl,
    data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type},
    errors::{ParquetError, Result},
    file::{
        metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData, page_index::RowGroupPageIndex},
        statistics::Statistics,
    },
};

use crate::page_reader::{ChunkPages, Pages, Parts};

/// How many rows are decoded at a time.
pub(crate) const BATCH_ROWS: usize = 256;

/// Rows of one row group, counted from its first.
pub(crate) type GroupRows = Vec<Range<usize>>;

/// Whether a column of a row group has any value.
fn has_values(group: &RowGroupMetaData, column: usize) -> bool {
    let chunk = group.column(column);
    let nulls = chunk.statistics().and_then(Statistics::null_count_opt);
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
    let mut ranges: Vec<Range<u64>> = Vec::new();
    let mut add = |range: Range<u64>| match ranges.last_mut() {
        Some(last) if last.end == range.start => last.end = range.end,
        _ => ranges.push(range),
    };
    for column in (0..group.num_columns()).filter(|&column| wanted(column) && has_values(group, column)) {
        let pages = pages(group, &index, column)?;
        pages.dictionary.clone().into_iter().for_each(&mut add);
        for (bytes, page) in pages.pages() {
            if rows.iter().any(|rows| (rows.start as u64) < page.end && rows.end as u64 > page.start) {
                add(bytes);
            }
        }
    }
    Ok(ranges)
}

fn pages<'a>(group: &RowGroupMetaData, index: &'a RowGroupPageIndex, column: usize) -> Result<ChunkPages<'a>> {
    let locations =
        index.page_locations(column).ok_or_else(|| ParquetError::General("no index of pages".to_owned()))?;
    ChunkPages::new(group.column(column), locations, group.num_rows().unsigned_abs())
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

impl OpenColumn {
    fn new(chunk: &ColumnChunkMetaData, pages: Pages) -> Self {
        let descriptor = chunk.column_descr_ptr();
        let required = descriptor.max_def_level() == 0;
        let pages = Box::new(pages);
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
        Self { reader, required, column: Column { present: Vec::new(), values } }
    }
}

/// Decodes a column of a row group from its first page to its last, and compares it with what the footer says.
pub(crate) fn check_chunk(metadata: &ParquetMetaData, group: usize, column: usize, parts: Arc<Parts>) -> Result<()> {
    let index = metadata.page_index_for_row_group(group);
    let group = metadata.row_group(group);
    let chunk = group.column(column);
    let rows = usize::try_from(group.num_rows())?;
    let mut open = OpenColumn::new(chunk, Pages::new(parts, chunk, &pages(group, &index, column)?)?);
    let mut nulls = 0;
    let mut read = 0;
    while read < rows {
        let count = BATCH_ROWS.min(rows - read);
        open.read(count)?;
        nulls += open.column.present.iter().filter(|present| **present == 0).count() as u64;
        read += count;
    }
    if chunk.statistics().and_then(Statistics::null_count_opt) == Some(nulls) {
        return Ok(());
    }
    Err(ParquetError::General(format!(
        "the absent values of {} are not as many as its footer says",
        chunk.column_path()
    )))
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
        let open = |column: usize| {
            if !wanted(column) || !has_values(group, column) {
                return Ok(None);
            }
            let chunk = group.column(column);
            let pages = Pages::new(Arc::clone(parts), chunk, &pages(group, &index, column)?)?;
            Ok(Some(OpenColumn::new(chunk, pages)))
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
