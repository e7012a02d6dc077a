//! Encodes rows to a file's bytes: blocks of rows, column by column, then row groups.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    column::writer::{ColumnCloseResult, ColumnWriter, get_column_writer},
    data_type::ByteArray,
    errors::{ParquetError, Result},
    file::{
        metadata::{KeyValue, PageEncodingStats},
        properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr},
        statistics::Statistics,
        writer::SerializedFileWriter,
    },
    schema::types::ColumnDescPtr,
};

use crate::{
    column::{Column, lay_out, schema},
    decode::{self, Batch},
    page_values::Shape,
    page_writer::{Packer, PageBuffer, ZSTD_LEVEL},
    tail,
};

/// Rows collected before they are passed to the columns' encoders.
const BLOCK_ROWS: usize = 1024;

/// Rows per row group: the encoders hold that many in memory, and the footer has an entry for each group.
pub(crate) const ROW_GROUP_ROWS: usize = 128 * 1024;

/// Encoded size at which a row group ends early, so that unusually large rows take bounded memory.
const ROW_GROUP_BYTES: usize = 16 << 20;

/// The values of one column in the current block.
#[derive(Debug)]
enum Values {
    Boolean(Vec<bool>),
    Integer(Vec<i32>),
    Long(Vec<i64>),
    Text(Vec<ByteArray>),
}

/// One column of the current block: its values, and which rows have one.
#[derive(Debug)]
pub(crate) struct BlockColumn {
    values: Values,
    /// 1 for each row with a value and 0 for each without; rows after the last value are omitted.
    present: Vec<i16>,
}

impl BlockColumn {
    fn new(column: &Column) -> Self {
        use parquet::basic::Type;
        let values = match column.kind.physical() {
            Type::BOOLEAN => Values::Boolean(Vec::new()),
            Type::INT32 => Values::Integer(Vec::new()),
            Type::INT64 => Values::Long(Vec::new()),
            _ => Values::Text(Vec::new()),
        };
        Self { values, present: Vec::new() }
    }

    fn mark(&mut self, row: usize) {
        self.present.resize(row, 0);
        self.present.push(1);
    }

    /// Appends another file's column after `row` rows.
    fn append(&mut self, row: usize, other: &decode::Column) -> Result<()> {
        self.present.resize(row, 0);
        self.present.extend_from_slice(other.present());
        match (&mut self.values, other.values()) {
            (Values::Boolean(values), decode::Values::Boolean(others)) => values.extend_from_slice(others),
            (Values::Integer(values), decode::Values::Integer(others)) => values.extend_from_slice(others),
            (Values::Long(values), decode::Values::Long(others)) => values.extend_from_slice(others),
            (Values::Text(values), decode::Values::Text(others)) => values.extend_from_slice(others),
            _ => return Err(ParquetError::General("a column of another type".to_owned())),
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.present.clear();
        match &mut self.values {
            Values::Boolean(values) => values.clear(),
            Values::Integer(values) => values.clear(),
            Values::Long(values) => values.clear(),
            Values::Text(values) => values.clear(),
        }
    }
}

/// The current block of rows. A value must have its column's type; a wrong type is a bug, and an error when the block
/// is encoded, because the column then lacks a value.
#[derive(Debug)]
pub(crate) struct Block {
    columns: Vec<BlockColumn>,
    rows: usize,
}

macro_rules! put {
    ($name:ident, $variant:ident, $type:ty) => {
        /// Sets the current row's value of a column.
        #[inline]
        pub(crate) fn $name(&mut self, column: usize, value: $type) {
            let row = self.rows;
            let column = &mut self.columns[column];
            if let Values::$variant(values) = &mut column.values {
                values.push(value);
                column.mark(row);
            } else {
                debug_assert!(false, "a value of another type than its column's");
            }
        }
    };
}

impl Block {
    put!(put_bool, Boolean, bool);
    put!(put_i32, Integer, i32);
    put!(put_i64, Long, i64);
    put!(put_text, Text, ByteArray);

    /// Finishes the current row.
    pub(crate) fn end_row(&mut self) {
        self.rows += 1;
    }

    fn is_full(&self) -> bool {
        self.rows >= BLOCK_ROWS
    }
}

/// Encodes one column chunk.
struct ChunkEncoder {
    descriptor: ColumnDescPtr,
    properties: WriterPropertiesPtr,
    pages: PageBuffer,
    /// Created with the first value: most columns of most row groups have none.
    writer: Option<ColumnWriter<'static>>,
    rows_before: usize,
}

impl ChunkEncoder {
    fn start(&mut self) -> Result<&mut ColumnWriter<'static>> {
        if self.writer.is_none() {
            let (descriptor, properties) = (Arc::clone(&self.descriptor), Arc::clone(&self.properties));
            let mut writer = get_column_writer(descriptor, properties, Box::new(self.pages.clone()));
            if self.rows_before > 0 {
                write(&mut writer, None, &vec![0; self.rows_before])?;
            }
            self.writer = Some(writer);
        }
        self.writer.as_mut().ok_or_else(|| ParquetError::General("no encoder".to_owned()))
    }

    fn push(&mut self, block: &mut BlockColumn, rows: usize) -> Result<()> {
        if self.writer.is_none() && block.present.is_empty() {
            self.rows_before += rows;
        } else {
            block.present.resize(rows, 0);
            write(self.start()?, Some(&block.values), &block.present)?;
        }
        block.clear();
        Ok(())
    }
}

/// Returns the footer's description of a chunk whose pages were encoded and compressed by [`PageBuffer`].
///
/// Omits what no reader needs: the footer is half of a small file.
fn as_written(closed: ColumnCloseResult, pages: Vec<PageEncodingStats>) -> Result<ColumnCloseResult> {
    let levels = closed.metadata.column_descr().max_def_level() > 0;
    let encodings = pages.iter().map(|pages| pages.encoding).chain(levels.then_some(Encoding::RLE)).collect();
    // Readers of before 2018 use two additional fields.
    let statistics = closed.metadata.statistics().cloned().map(|statistics| match statistics {
        Statistics::Boolean(told) => Statistics::Boolean(told.with_backwards_compatible_min_max(false)),
        Statistics::Int32(told) => Statistics::Int32(told.with_backwards_compatible_min_max(false)),
        Statistics::Int64(told) => Statistics::Int64(told.with_backwards_compatible_min_max(false)),
        other => other,
    });
    let mut metadata = closed
        .metadata
        .into_builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_encodings(encodings)
        .set_page_encoding_stats(pages)
        .set_definition_level_histogram(None);
    if let Some(statistics) = statistics {
        metadata = metadata.set_statistics(statistics);
    }
    Ok(ColumnCloseResult { metadata: metadata.build()?, ..closed })
}

fn write(writer: &mut ColumnWriter<'_>, values: Option<&Values>, present: &[i16]) -> Result<()> {
    let levels = Some(present);
    let written = match (writer, values) {
        (ColumnWriter::BoolColumnWriter(writer), Some(Values::Boolean(values))) => {
            writer.write_batch(values, levels, None)
        }
        (ColumnWriter::Int32ColumnWriter(writer), Some(Values::Integer(values))) => {
            writer.write_batch(values, levels, None)
        }
        (ColumnWriter::Int64ColumnWriter(writer), Some(Values::Long(values))) => {
            writer.write_batch(values, levels, None)
        }
        (ColumnWriter::ByteArrayColumnWriter(writer), Some(Values::Text(values))) => {
            writer.write_batch(values, levels, None)
        }
        (ColumnWriter::BoolColumnWriter(writer), None) => writer.write_batch(&[], levels, None),
        (ColumnWriter::Int32ColumnWriter(writer), None) => writer.write_batch(&[], levels, None),
        (ColumnWriter::Int64ColumnWriter(writer), None) => writer.write_batch(&[], levels, None),
        (ColumnWriter::ByteArrayColumnWriter(writer), None) => writer.write_batch(&[], levels, None),
        _ => Err(ParquetError::General("a column of another type than its values".to_owned())),
    };
    written.map(drop)
}

/// Writes rows of one dataset as a Parquet file.
pub(crate) struct Encoder<W: Write + Send> {
    file: SerializedFileWriter<W>,
    chunks: Vec<ChunkEncoder>,
    pub(crate) block: Block,
    group_rows: usize,
    rows: u64,
}

impl<W: Write + Send> Encoder<W> {
    pub(crate) fn new(sink: W, name: &str, columns: &[Column]) -> Result<Self> {
        let schema = schema(name, columns)?;
        let properties = WriterProperties::builder()
            .set_created_by(concat!("rollcall ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_write_batch_size(BLOCK_ROWS)
            // Pages end at a maximum size. Those of a dictionary with few values never reach it: until its page ends,
            // the library holds eight bytes for each value, which for thirty such columns would be 30 MB.
            .set_data_page_row_count_limit(ROW_GROUP_ROWS / 2)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(false);
        let properties = Arc::new(lay_out(columns, properties).build());
        let packer = Arc::new(Mutex::new(Packer::new()?));
        let chunks = schema.columns().iter().zip(columns).map(|(descriptor, column)| {
            let shape = Shape { layout: column.layout, kind: column.kind.physical(), required: column.required };
            ChunkEncoder {
                descriptor: Arc::clone(descriptor),
                properties: Arc::clone(&properties),
                pages: PageBuffer::new(shape, Arc::clone(&packer)),
                writer: None,
                rows_before: 0,
            }
        });
        Ok(Self {
            chunks: chunks.collect(),
            file: SerializedFileWriter::new(sink, schema.root_schema_ptr(), properties)?,
            block: Block { columns: columns.iter().map(BlockColumn::new).collect(), rows: 0 },
            group_rows: 0,
            rows: 0,
        })
    }

    /// Returns the number of finished rows.
    pub(crate) fn rows(&self) -> u64 {
        self.rows + self.block.rows as u64
    }

    /// Encodes the collected rows if there are enough. Call it after each row.
    #[inline]
    pub(crate) fn advance(&mut self) -> Result<()> {
        if self.block.is_full() { self.end_block() } else { Ok(()) }
    }

    /// Adds the rows of a batch of another file with the same columns.
    pub(crate) fn copy(&mut self, batch: &Batch<'_>, rows: usize) -> Result<()> {
        if self.block.rows + rows > BLOCK_ROWS {
            self.end_block()?;
        }
        for (index, column) in self.block.columns.iter_mut().enumerate() {
            if let Some(other) = batch.column(index) {
                column.append(self.block.rows, other)?;
            }
        }
        self.block.rows += rows;
        self.advance()
    }

    fn end_block(&mut self) -> Result<()> {
        let rows = self.block.rows;
        for (chunk, block) in self.chunks.iter_mut().zip(&mut self.block.columns) {
            chunk.push(block, rows)?;
        }
        self.block.rows = 0;
        self.group_rows += rows;
        self.rows += rows as u64;
        let bytes = self.chunks.iter().map(|chunk| chunk.pages.len()).sum::<usize>();
        if self.group_rows >= ROW_GROUP_ROWS || bytes >= ROW_GROUP_BYTES { self.end_row_group() } else { Ok(()) }
    }

    fn end_row_group(&mut self) -> Result<()> {
        if self.group_rows == 0 {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        for chunk in &mut self.chunks {
            chunk.start()?;
            let writer = chunk.writer.take().ok_or_else(|| ParquetError::General("no encoder".to_owned()))?;
            let closed = writer.close()?;
            let pages = chunk.pages.take();
            group.append_column(&Bytes::from(pages.bytes), as_written(closed, pages.encodings)?)?;
            chunk.rows_before = 0;
        }
        group.close()?;
        self.group_rows = 0;
        Ok(())
    }

    /// Writes the rest and the footer with `metadata`; returns the sink, and the offset of the file's tail.
    pub(crate) fn finish(mut self, metadata: Vec<KeyValue>) -> Result<(W, u64)> {
        if self.block.rows > 0 {
            self.end_block()?;
        }
        self.end_row_group()?;
        let tail = self.file.bytes_written() as u64;
        for entry in metadata.into_iter().chain([tail::entry(tail)]) {
            self.file.append_key_value_metadata(entry);
        }
        Ok((self.file.into_inner()?, tail))
    }
}
