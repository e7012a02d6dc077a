//! Columns of files for an engine that reads them as they are packed, from wherever it gets the bytes.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use rollcall_model::QosMinute;

use crate::{
    FilePath, Result,
    decode::{Batch, Column, GroupReader, GroupRows, Values, byte_ranges},
    footer::{FIRST_READ, Footer, FooterCache},
    metadata::corrupt_by,
    minutes::take_minutes,
    page_reader::Parts,
};

/// Reads bytes of files.
pub trait ReadBytes: Send + Sync {
    /// Returns the last `bytes` bytes of a file, or all if it has fewer, and its length.
    ///
    /// # Errors
    /// [`crate::ArchiveError::Missing`], and those of the disk or the far store.
    fn end(&self, file: &FilePath, bytes: u64) -> Result<(Bytes, u64)>;

    /// Returns parts of a file.
    ///
    /// # Errors
    /// Those of [`Self::end`].
    fn ranges(&self, file: &FilePath, ranges: &[Range<u64>]) -> Result<Vec<Bytes>>;
}

/// Footers of the files that were read last. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Footers(Arc<FooterCache>);

/// Some rows of one row group.
#[derive(Debug, Clone)]
pub struct Chunk {
    group: usize,
    /// The group's first row in the file.
    first_row: u64,
    /// In the file, ascending.
    pub rows: Vec<Range<u64>>,
}

/// Reads columns of files.
#[derive(Clone, Copy)]
pub struct ColumnReader<'r> {
    bytes: &'r dyn ReadBytes,
    footers: &'r Footers,
}

impl<'r> ColumnReader<'r> {
    /// A reader of the files that `bytes` reads.
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
        let footer = self.footer(file)?;
        rows.iter().try_for_each(|rows| footer.require(file, rows.end))?;
        let mut first_row = 0;
        let mut chunks = Vec::new();
        for (index, group) in footer.groups.iter().enumerate() {
            let end = first_row + u64::from(group.rows);
            let inside = rows.iter().map(|rows| rows.start.max(first_row)..rows.end.min(end));
            let rows: Vec<_> = inside.filter(|rows| !rows.is_empty()).collect();
            if !rows.is_empty() {
                chunks.push(Chunk { group: index, first_row, rows });
            }
            first_row = end;
        }
        Ok(chunks)
    }

    /// Shows the rows of a chunk in batches of at most `batch` rows, in the order of the file: the first row of each, how
    /// many there are, and the columns at `places`, of which those without values are absent.
    ///
    /// # Errors
    /// [`crate::ArchiveError::Corrupt`], those of [`ReadBytes`], and what `show` returns.
    pub fn visit(
        &self,
        file: &FilePath,
        chunk: &Chunk,
        places: &[usize],
        batch: usize,
        mut show: impl FnMut(u64, usize, &Columns<'_>) -> Result<()>,
    ) -> Result<()> {
        let footer = self.footer(file)?;
        let group = &footer.groups[chunk.group];
        let inside = |row: u64| usize::try_from(row - chunk.first_row).unwrap_or(usize::MAX);
        let rows: GroupRows = chunk.rows.iter().map(|rows| inside(rows.start)..inside(rows.end)).collect();
        let wanted = |column: usize| places.contains(&column);
        let ranges = byte_ranges(group, &rows, wanted);
        let parts = if ranges.is_empty() { Vec::new() } else { self.bytes.ranges(file, &ranges)? };
        let parts = ranges.iter().map(|range| range.start).zip(parts).collect();
        let parts = Arc::new(Parts::new(parts).map_err(corrupt_by(file))?);
        let mut reader = GroupReader::new(footer.columns, group, &parts, wanted).in_batches_of(batch);
        let mut shown = Ok(());
        for rows in rows {
            let read = reader.read(&rows, |first, count, columns| {
                if shown.is_ok() {
                    shown = show(chunk.first_row + first as u64, count, &Columns { file, batch: columns });
                }
                Ok(())
            });
            read.map_err(corrupt_by(file))?;
            if shown.is_err() {
                break;
            }
        }
        shown
    }
}

/// The columns of some rows.
pub struct Columns<'c> {
    file: &'c FilePath,
    batch: &'c Batch<'c>,
}

impl<'c> Columns<'c> {
    /// The column at `place`; none if no row has a value, or it is not read.
    #[must_use]
    pub fn column(&self, place: usize) -> Option<ColumnValues<'c>> {
        self.batch.column(place).map(ColumnValues)
    }

    /// Puts the minutes of all `rows` rows into `minutes`, as far as their columns are read.
    ///
    /// # Errors
    /// [`crate::ArchiveError::Corrupt`] if a row's values do not fit each other.
    pub fn minutes(&self, rows: usize, minutes: &mut Vec<QosMinute>) -> Result<()> {
        take_minutes(self.batch, rows, minutes).map_err(corrupt_by(self.file))
    }
}

/// One column of some rows.
#[derive(Clone, Copy)]
pub struct ColumnValues<'c>(&'c Column);

impl ColumnValues<'_> {
    /// Shows each truth with its row, counted from the first of the batch.
    pub fn each_bool(&self, mut show: impl FnMut(usize, bool)) {
        if let Values::Boolean(values) = self.0.values() {
            self.rows().zip(values).for_each(|(row, value)| show(row, *value));
        }
    }

    /// Shows each whole number, instant or number of hundredths with its row.
    pub fn each_number(&self, mut show: impl FnMut(usize, i64)) {
        match self.0.values() {
            Values::Integer(values) => self.rows().zip(values).for_each(|(row, value)| show(row, i64::from(*value))),
            Values::Long(values) => self.rows().zip(values).for_each(|(row, value)| show(row, *value)),
            Values::Boolean(_) | Values::Text(_) => {}
        }
    }

    /// Shows each text with its row.
    pub fn each_text(&self, mut show: impl FnMut(usize, &[u8])) {
        if let Values::Text(values) = self.0.values() {
            self.rows().zip(values).for_each(|(row, value)| show(row, value.data()));
        }
    }

    fn rows(&self) -> impl Iterator<Item = usize> {
        self.0.present().iter().enumerate().filter(|(_, present)| **present == 1).map(|(row, _)| row)
    }
}
