//! Rows of files, read again.

use std::{ops::Range, sync::Arc};

use rollcall_model::QosMinute;

use crate::{
    Archive, ArchiveError, FilePath, Result, RowKey,
    decode::{GroupReader, GroupRows, Parts, byte_ranges},
    footer::{Footer, within},
    metadata::corrupt_by,
    minutes::{DATE_TIME, KeyReader, take_minutes},
    store::blocking,
};

/// What of a row is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// The minute alone: whoever asks knows from an index whose rows they are.
    Minutes,
    /// The minute, and whose it is.
    KeyedMinutes,
}

impl Wanted {
    const fn column(self, column: usize) -> bool {
        match self {
            Self::Minutes => column >= DATE_TIME,
            Self::KeyedMinutes => true,
        }
    }
}

/// Rows of one row group, with the bytes that hold them.
struct FetchedGroup {
    group: usize,
    first_row: u64,
    rows: GroupRows,
    parts: Arc<Parts>,
}

/// Rows of a file that were fetched and are still packed; unpacking them takes processor time and nothing else.
pub struct FetchedMinutes {
    file: FilePath,
    footer: Arc<Footer>,
    wanted: Wanted,
    groups: Vec<FetchedGroup>,
}

impl FetchedMinutes {
    /// Shows each minute with its row, in the order of the file.
    ///
    /// # Errors
    /// [`ArchiveError::Corrupt`] where a page is damaged; what was shown before it is right.
    pub fn visit(self, mut visitor: impl FnMut(u64, &QosMinute)) -> Result<()> {
        self.visit_with_keys(|row, _, minute| {
            visitor(row, minute);
            Ok(())
        })
    }

    /// [`Self::visit`], which see, with each row's key where it is another than that of the row before.
    fn visit_with_keys(self, mut visitor: impl FnMut(u64, Option<&RowKey>, &QosMinute) -> Result<()>) -> Result<()> {
        let Self { file, footer, wanted, groups } = self;
        let corrupt = corrupt_by(&file);
        let mut minutes = Vec::new();
        let mut keys = KeyReader::default();
        for FetchedGroup { group, first_row, rows, parts } in groups {
            let mut reader =
                GroupReader::new(&footer.metadata, group, &parts, |column| wanted.column(column)).map_err(&corrupt)?;
            for rows in rows {
                let mut refused = Ok(());
                let read = reader.read(&rows, |first, count, batch| {
                    if refused.is_err() {
                        return Ok(());
                    }
                    take_minutes(batch, count, &mut minutes)?;
                    let mut begun = Vec::new();
                    if wanted == Wanted::KeyedMinutes {
                        keys.take_keys(batch, count, |row, key| {
                            begun.push((row, key));
                            Ok(())
                        })?;
                    }
                    let mut begun = begun.iter().peekable();
                    for (row, minute) in minutes.iter().enumerate() {
                        let key = begun.next_if(|(begins, _)| *begins == row).map(|(_, key)| key);
                        if refused.is_ok() {
                            refused = visitor(first_row + (first + row) as u64, key, minute);
                        }
                    }
                    Ok(())
                });
                read.map_err(&corrupt)?;
                refused?;
            }
        }
        Ok(())
    }
}

impl Archive {
    /// Reads `rows` of a file of QoS minutes, in ascending ranges that do not overlap; [`FetchedMinutes::visit`] then
    /// shows them. It holds the packed bytes of those rows and of those that share a page with them (about 20 bytes a
    /// row): ask for many rows piece by piece.
    ///
    /// # Errors
    /// [`ArchiveError::Missing`], [`ArchiveError::Corrupt`], [`ArchiveError::Version`], [`ArchiveError::NoSuchRow`],
    /// and what the disk or the far store said.
    pub async fn fetch_minutes(&self, file: &FilePath, rows: &[Range<u64>]) -> Result<FetchedMinutes> {
        self.fetch(file, rows, Wanted::Minutes).await
    }

    /// Reads `rows` of a file of QoS minutes as [`Self::fetch_minutes`] does, and shows them to `visitor` on a thread
    /// that may be busy for that long; gives the visitor back.
    ///
    /// # Errors
    /// Those of [`Self::fetch_minutes`] and [`FetchedMinutes::visit`].
    pub async fn read_minutes<V: FnMut(u64, &QosMinute) + Send + 'static>(
        &self,
        file: &FilePath,
        rows: &[Range<u64>],
        mut visitor: V,
    ) -> Result<V> {
        let fetched = self.fetch_minutes(file, rows).await?;
        blocking("reading minutes", move || fetched.visit(&mut visitor).map(|()| visitor)).await
    }

    /// Reads a whole file, one row group in memory at a time, and shows each minute with its row, and with its key where
    /// that is another than the key of the row before.
    ///
    /// # Errors
    /// Those of [`Self::read_minutes`], and what `visitor` answered.
    pub async fn read_file<V>(&self, file: &FilePath, rows: Range<u64>, mut visitor: V) -> Result<V>
    where
        V: FnMut(u64, Option<&RowKey>, &QosMinute) -> Result<()> + Send + 'static,
    {
        let footer = self.footer(file).await?;
        let mut first = 0;
        for group in footer.metadata.row_groups() {
            let end = first + group.num_rows().unsigned_abs();
            let part = first.max(rows.start)..end.min(rows.end);
            first = end;
            if part.is_empty() {
                continue;
            }
            let fetched = self.fetch(file, &[part], Wanted::KeyedMinutes).await?;
            visitor =
                blocking("reading minutes", move || fetched.visit_with_keys(&mut visitor).map(|()| visitor)).await?;
        }
        Ok(visitor)
    }

    async fn fetch(&self, file: &FilePath, rows: &[Range<u64>], wanted: Wanted) -> Result<FetchedMinutes> {
        let footer = self.footer(file).await?;
        let corrupt = corrupt_by(file);
        if let Some(beyond) = rows.iter().find(|range| range.end > footer.rows) {
            let (file, row) = (file.to_string(), beyond.end - 1);
            return Err(ArchiveError::NoSuchRow { file, row, rows: footer.rows });
        }
        let mut groups = Vec::new();
        let mut first_row = 0;
        for (group, metadata) in footer.metadata.row_groups().iter().enumerate() {
            let end = first_row + metadata.num_rows().unsigned_abs();
            let inside = |row: u64| (row.clamp(first_row, end) - first_row) as usize;
            let rows: GroupRows =
                rows.iter().map(|rows| inside(rows.start)..inside(rows.end)).filter(|rows| !rows.is_empty()).collect();
            if !rows.is_empty() {
                let ranges = byte_ranges(&footer.metadata, group, &rows, |column| wanted.column(column));
                let ranges = ranges.map_err(&corrupt)?;
                within(&ranges, footer.bytes).map_err(|reason| ArchiveError::corrupt(file, reason))?;
                groups.push((group, first_row, rows, ranges));
            }
            first_row = end;
        }
        let ranges: Vec<Range<u64>> = groups.iter().flat_map(|(.., ranges)| ranges.iter().cloned()).collect();
        let mut parts = self.ranges(file, &ranges).await?.into_iter();
        let groups = groups.into_iter().map(|(group, first_row, rows, ranges)| {
            let parts = ranges.iter().map(|range| range.start).zip(parts.by_ref()).collect();
            FetchedGroup { group, first_row, rows, parts: Arc::new(Parts::new(footer.bytes, parts)) }
        });
        let groups = groups.collect();
        Ok(FetchedMinutes { file: file.clone(), footer, wanted, groups })
    }
}
