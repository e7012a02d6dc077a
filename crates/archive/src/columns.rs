//! Columns of files for an engine that reads them in encoded form, from any source of bytes.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use parquet::errors::ParquetError;
use rollcall_model::QosMinute;

use crate::{
    ArchiveError, FilePath, Result,
    decode::{Batch, Column, GroupReader, Values, byte_ranges},
    footer::{FIRST_READ, Footer, FooterCache, GroupPart},
    metadata::corrupt_by,
    minutes::take_minutes,
    page_reader::Parts,
};

/// Reads bytes of files.
pub trait ReadBytes: Send + Sync {
    /// Returns the last `bytes` bytes of a file, or all if it has fewer, and its length.
    ///
    /// # Errors
    /// [`crate::ArchiveError::Missing`], and errors of the disk or the remote store.
    fn end(&self, file: &FilePath, bytes: u64) -> Result<(Bytes, u64)>;

    /// Returns parts of a file.
    ///
    /// # Errors
    /// Those of [`Self::end`].
    fn ranges(&self, file: &FilePath, ranges: &[Range<u64>]) -> Result<Vec<Bytes>>;
}

/// A cache of footers. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Footers(Arc<FooterCache>);

/// Some rows of one row group.
#[derive(Debug, Clone)]
pub struct Chunk(GroupPart);

/// Why reading ended early.
enum Ended<E> {
    Damaged(ParquetError),
    Stopped(E),
}

impl<E> From<ParquetError> for Ended<E> {
    fn from(error: ParquetError) -> Self {
        Self::Damaged(error)
    }
}

/// Reads columns of files.
#[derive(Clone, Copy)]
pub struct ColumnReader<'r> {
    bytes: &'r dyn ReadBytes,
    footers: &'r Footers,
}

impl<'r> ColumnReader<'r> {
    /// Creates a reader of the files that `bytes` reads.
    #[must_use]
    pub const fn new(bytes: &'r dyn ReadBytes, footers: &'r Footers) -> Self {
        Self { bytes, footers }
    }

    fn footer(&self, file: &FilePath) -> Result<Arc<Footer>> {
        if let Some(footer) = self.footers.0.get(file) {
            return Ok(footer);
        }
        let (end, bytes) = self.bytes.end(file, FIRST_READ)?;
        let range = bytes.saturating_sub(end.len() as u64)..bytes;
        let start = Footer::start(file, &end, bytes)?;
        let tail = if start >= range.start {
            end.slice(usize::try_from(start - range.start).unwrap_or(end.len()).min(end.len())..)
        } else {
            let before = self.bytes.ranges(file, std::slice::from_ref(&(start..range.start)))?;
            before.iter().chain([&end]).flat_map(|part| part.iter().copied()).collect::<Vec<_>>().into()
        };
        let footer = Arc::new(Footer::parse(file, start, tail)?);
        self.footers.0.insert(file.clone(), Arc::clone(&footer));
        Ok(footer)
    }

    /// Splits ascending ranges of a file's rows at its row groups.
    ///
    /// # Errors
    /// [`crate::ArchiveError::NoSuchRow`], [`crate::ArchiveError::Corrupt`], and those of [`ReadBytes`].
    pub fn chunks(&self, file: &FilePath, rows: &[Range<u64>]) -> Result<Vec<Chunk>> {
        Ok(self.footer(file)?.split(file, rows)?.into_iter().map(Chunk).collect())
    }

    /// Passes the rows of a chunk to `show` in batches of at most `batch` rows, in the order of the file: the first row
    /// of each, its length, and the columns at `places`, of which those without values are absent. An error of `show`
    /// stops reading.
    ///
    /// # Errors
    /// [`crate::ArchiveError::Corrupt`], those of [`ReadBytes`], and what `show` returns.
    pub fn visit<E: From<ArchiveError>>(
        &self,
        file: &FilePath,
        Chunk(part): &Chunk,
        places: &[usize],
        batch: usize,
        mut show: impl FnMut(u64, usize, &Columns<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let footer = self.footer(file)?;
        let group = &footer.groups[part.group];
        let rows = part.inside();
        let wanted = |column: usize| places.contains(&column);
        let ranges = byte_ranges(group, &rows, wanted);
        let parts = if ranges.is_empty() { Vec::new() } else { self.bytes.ranges(file, &ranges)? };
        let parts = ranges.iter().map(|range| range.start).zip(parts).collect();
        let parts = Arc::new(Parts::new(parts).map_err(corrupt_by(file))?);
        let mut reader = GroupReader::new(footer.columns, group, &parts, wanted).in_batches_of(batch);
        let read = rows.iter().try_for_each(|rows| {
            reader.read(rows, |first, count, columns| {
                show(part.first_row + first as u64, count, &Columns { file, batch: columns }).map_err(Ended::Stopped)
            })
        });
        read.map_err(|ended| match ended {
            Ended::Damaged(error) => corrupt_by(file)(error).into(),
            Ended::Stopped(error) => error,
        })
    }
}

/// The columns of some rows.
pub struct Columns<'c> {
    file: &'c FilePath,
    batch: &'c Batch<'c>,
}

impl<'c> Columns<'c> {
    /// Returns the column at `place`. `None` if no row has a value, or it was not read.
    #[must_use]
    pub fn column(&self, place: usize) -> Option<ColumnValues<'c>> {
        self.batch.column(place).map(ColumnValues)
    }

    /// Writes all `rows` rows to `minutes`, with the columns that were read.
    ///
    /// # Errors
    /// [`crate::ArchiveError::Corrupt`] if a row's values are inconsistent.
    pub fn minutes(&self, rows: usize, minutes: &mut Vec<QosMinute>) -> Result<()> {
        take_minutes(self.batch, rows, minutes).map_err(corrupt_by(self.file))
    }
}

/// One column of some rows.
#[derive(Clone, Copy)]
pub struct ColumnValues<'c>(&'c Column);

impl ColumnValues<'_> {
    /// Passes on each boolean with its row, counted from the first of the batch.
    pub fn each_bool(&self, mut show: impl FnMut(usize, bool)) {
        if let Values::Boolean(values) = self.0.values() {
            self.rows().zip(values).for_each(|(row, value)| show(row, *value));
        }
    }

    /// Passes on each integer, instant or number of hundredths with its row.
    pub fn each_number(&self, mut show: impl FnMut(usize, i64)) {
        match self.0.values() {
            Values::Integer(values) => self.rows().zip(values).for_each(|(row, value)| show(row, i64::from(*value))),
            Values::Long(values) => self.rows().zip(values).for_each(|(row, value)| show(row, *value)),
            Values::Boolean(_) | Values::Text(_) => {}
        }
    }

    /// Passes on each string with its row.
    pub fn each_text(&self, mut show: impl FnMut(usize, &[u8])) {
        if let Values::Text(values) = self.0.values() {
            self.rows().zip(values).for_each(|(row, value)| show(row, value.data()));
        }
    }

    fn rows(&self) -> impl Iterator<Item = usize> {
        self.0.present().iter().enumerate().filter(|(_, present)| **present == 1).map(|(row, _)| row)
    }
}
