//! Reads rows of files.

use std::{ops::Range, sync::Arc};

use parquet::errors::Result as ParquetResult;
use rollcall_model::{MinuteFields, QosMinute};

use crate::{
    Archive, ArchiveError, Dataset, FilePath, Result, RowKey,
    decode::{Batch, GroupReader, GroupRows, byte_ranges},
    footer::Footer,
    metadata::corrupt_by,
    minutes::{KeyReader, take_minutes},
    page_reader::Parts,
    projection::{Projection, of_fields},
    store::blocking,
};

/// Rows of one row group, with their encoded bytes.
struct FetchedGroup {
    group: usize,
    first_row: u64,
    rows: GroupRows,
    parts: Arc<Parts>,
}

/// Rows of a file that were fetched and are still encoded.
pub(crate) struct FetchedRows {
    file: FilePath,
    footer: Arc<Footer>,
    /// Other columns are omitted.
    columns: Projection,
    groups: Vec<FetchedGroup>,
}

impl FetchedRows {
    /// Passes on the rows in batches, in the order of the file: the first row of each, its length, and its columns.
    pub(crate) fn visit_batches(self, mut show: impl FnMut(u64, usize, &Batch<'_>) -> ParquetResult<()>) -> Result<()> {
        let Self { file, footer, columns, groups } = self;
        let visit = || -> ParquetResult<()> {
            for FetchedGroup { group, first_row, rows, parts } in groups {
                let wanted = |column| columns.has(column);
                let mut reader = GroupReader::new(footer.columns, &footer.groups[group], &parts, wanted);
                for rows in rows {
                    reader.read(&rows, |first, count, batch| show(first_row + first as u64, count, batch))?;
                }
            }
            Ok(())
        };
        visit().map_err(corrupt_by(&file))
    }
}

/// Minutes that were fetched and are still encoded; decoding them takes only CPU time.
pub struct FetchedMinutes(FetchedRows);

impl FetchedMinutes {
    /// Passes on each minute with its row, in the order of the file.
    ///
    /// # Errors
    /// [`ArchiveError::Corrupt`] if a page is damaged; minutes before it were correct.
    pub fn visit(self, mut visitor: impl FnMut(u64, &QosMinute)) -> Result<()> {
        let mut minutes = Vec::new();
        self.0.visit_batches(|first, count, batch| {
            take_minutes(batch, count, &mut minutes)?;
            (first..).zip(&minutes).for_each(|(row, minute)| visitor(row, minute));
            Ok(())
        })
    }
}

impl Archive {
    /// Reads `rows` of a file of QoS minutes, in ascending ranges that do not overlap; [`FetchedMinutes::visit`] then
    /// passes them on. The encoded bytes of those rows and of others in the same pages are in memory (about 20 bytes
    /// per row): request many rows piece by piece.
    ///
    /// # Errors
    /// [`ArchiveError::Missing`], [`ArchiveError::Corrupt`], [`ArchiveError::Version`], [`ArchiveError::NoSuchRow`],
    /// and errors of the disk or the remote store.
    pub async fn fetch_minutes(&self, file: &FilePath, rows: &[Range<u64>]) -> Result<FetchedMinutes> {
        self.fetch_fields(file, rows, &MinuteFields::ALL).await
    }

    /// Does the same as [`Self::fetch_minutes`], and reads only the columns of `fields`: minutes have no other values.
    ///
    /// # Errors
    /// Those of [`Self::fetch_minutes`].
    pub async fn fetch_fields(
        &self,
        file: &FilePath,
        rows: &[Range<u64>],
        fields: &MinuteFields,
    ) -> Result<FetchedMinutes> {
        only_minutes(file)?;
        self.fetch(file, rows, of_fields(fields)).await.map(FetchedMinutes)
    }

    /// Reads `rows` of a file of QoS minutes like [`Self::fetch_minutes`], and passes them to `visit` with `state`, on
    /// a thread that may block meanwhile; returns the state.
    ///
    /// # Errors
    /// Those of [`Self::fetch_minutes`] and [`FetchedMinutes::visit`].
    pub async fn read_minutes<S: Send + 'static>(
        &self,
        file: &FilePath,
        rows: &[Range<u64>],
        mut state: S,
        mut visit: impl FnMut(&mut S, u64, &QosMinute) + Send + 'static,
    ) -> Result<S> {
        let fetched = self.fetch_minutes(file, rows).await?;
        blocking("reading minutes", move || {
            fetched.visit(|row, minute| visit(&mut state, row, minute))?;
            Ok(state)
        })
        .await
    }

    /// Reads `rows` of a file of QoS minutes, in ascending ranges that do not overlap, one row group in memory at a
    /// time. Passes each minute with its row, and with its key if that differs from the previous row's, to `visit` with
    /// `state`; returns the state. An error of `visit` stops reading.
    ///
    /// # Errors
    /// Those of [`Self::read_minutes`], and that of `visit`.
    pub async fn read_keyed_minutes<S: Send + 'static>(
        &self,
        file: &FilePath,
        rows: &[Range<u64>],
        mut state: S,
        visit: impl FnMut(&mut S, u64, Option<&RowKey>, &QosMinute) -> Result<()> + Clone + Send + 'static,
    ) -> Result<S> {
        only_minutes(file)?;
        let mut keys = KeyReader::default();
        for part in self.group_ranges(file, rows).await? {
            let fetched = self.fetch(file, &part, Projection::ALL).await?;
            let mut visit = visit.clone();
            (state, keys) = blocking("reading minutes", move || {
                let mut visited = Ok(());
                let (mut minutes, mut begun) = (Vec::new(), Vec::new());
                fetched.visit_batches(|first, count, batch| {
                    take_minutes(batch, count, &mut minutes)?;
                    keys.take_keys(batch, count, &mut begun)?;
                    let mut begun = begun.iter().peekable();
                    for (index, minute) in minutes.iter().enumerate() {
                        let key = begun.next_if(|(begins, _)| *begins == index).map(|(_, key)| key);
                        if visited.is_ok() {
                            visited = visit(&mut state, first + index as u64, key, minute);
                        }
                    }
                    Ok(())
                })?;
                visited.map(|()| (state, keys))
            })
            .await?;
        }
        Ok(state)
    }

    /// Splits ranges of a file's rows at its row groups.
    pub(crate) async fn group_ranges(&self, file: &FilePath, rows: &[Range<u64>]) -> Result<Vec<Vec<Range<u64>>>> {
        let parts = self.footer(file).await?.split(file, rows)?;
        Ok(parts.into_iter().map(|part| part.rows).collect())
    }

    pub(crate) async fn fetch(&self, file: &FilePath, rows: &[Range<u64>], columns: Projection) -> Result<FetchedRows> {
        let footer = self.footer(file).await?;
        let groups = footer.split(file, rows)?.into_iter().map(|part| {
            let rows = part.inside();
            let ranges = byte_ranges(&footer.groups[part.group], &rows, |column| columns.has(column));
            (part.group, part.first_row, rows, ranges)
        });
        let groups: Vec<_> = groups.collect();
        let ranges: Vec<Range<u64>> = groups.iter().flat_map(|(.., ranges)| ranges.iter().cloned()).collect();
        let mut parts = self.ranges(file, &ranges).await?.into_iter();
        let groups = groups.into_iter().map(|(group, first_row, rows, ranges)| {
            let parts = ranges.iter().map(|range| range.start).zip(parts.by_ref()).collect();
            let parts = Parts::new(parts).map_err(corrupt_by(file))?;
            Ok(FetchedGroup { group, first_row, rows, parts: Arc::new(parts) })
        });
        let groups = groups.collect::<Result<_>>()?;
        Ok(FetchedRows { file: file.clone(), footer, columns, groups })
    }
}

fn only_minutes(file: &FilePath) -> Result<()> {
    if file.dataset() == Dataset::QosMinutes {
        Ok(())
    } else {
        Err(ArchiveError::Order { file: file.to_string(), reason: "it contains no QoS minutes".to_owned() })
    }
}
