//! Footers: reading, checking and caching.

use std::{ops::Range, sync::Arc};

use bytes::{Bytes, BytesMut};
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, path::Path as StorePath};
use parquet::{
    DecodeResult,
    file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataPushDecoder},
    schema::types::ColumnDescPtr,
};
use quick_cache::{Weighter, sync::Cache};

use crate::{
    ArchiveError, FilePath, Result,
    chunk::Group,
    decode::GroupRows,
    metadata::{self, corrupt_by},
    store::blocking,
    tail,
};

/// Size of the first read at a file's end. It contains the tail of most files.
pub(crate) const FIRST_READ: u64 = 256 << 10;

/// Maximum length of a tail, which is read completely. That of a file of a hundred million rows is shorter.
const MAX_TAIL: u64 = 256 << 20;

/// Maximum memory of cached footers.
const CACHE_BYTES: u64 = 32 << 20;

/// Some rows of one row group.
#[derive(Debug, Clone)]
pub(crate) struct GroupPart {
    pub(crate) group: usize,
    /// The group's first row in the file.
    pub(crate) first_row: u64,
    /// In the file, ascending.
    pub(crate) rows: Vec<Range<u64>>,
}

impl GroupPart {
    /// The rows, counted from the group's first.
    pub(crate) fn inside(&self) -> GroupRows {
        let inside = |row: u64| usize::try_from(row - self.first_row).unwrap_or(usize::MAX);
        self.rows.iter().map(|rows| inside(rows.start)..inside(rows.end)).collect()
    }
}

/// Facts about a file that are needed to read its rows.
#[derive(Debug)]
pub(crate) struct Footer {
    /// Its columns, for its version.
    pub(crate) columns: &'static [ColumnDescPtr],
    pub(crate) groups: Vec<Group>,
    /// Its length.
    pub(crate) bytes: u64,
    /// Its number of rows.
    pub(crate) rows: u64,
}

impl Footer {
    pub(crate) async fn read(store: &dyn ObjectStore, key: &StorePath, file: &FilePath) -> Result<Self> {
        let failed = |error| ArchiveError::of_store("reading", file, error);
        let options = GetOptions::new().with_range(Some(GetRange::Suffix(FIRST_READ)));
        let got = store.get_opts(key, options).await.map_err(failed)?;
        let (bytes, range) = (got.meta.size, got.range.clone());
        let end = got.bytes().await.map_err(failed)?;
        let start = Self::start(file, &end, bytes)?;
        let tail = match start.checked_sub(range.start) {
            Some(skip) => end.slice(usize::try_from(skip).unwrap_or(end.len()).min(end.len())..),
            None => {
                let before = store.get_range(key, start..range.start).await.map_err(failed)?;
                let mut tail = BytesMut::from(before);
                tail.extend_from_slice(&end);
                tail.freeze()
            }
        };
        let file = file.clone();
        blocking("reading a footer", move || Self::parse(&file, start, tail)).await
    }

    /// Returns the offset of the tail of a file of `bytes` bytes that ends with `end`.
    pub(crate) fn start(file: &FilePath, end: &Bytes, bytes: u64) -> Result<u64> {
        let start = tail::start(end).map_err(corrupt_by(file))?;
        if start.saturating_add(tail::END_BYTES) > bytes || bytes - start > MAX_TAIL {
            return Err(ArchiveError::corrupt(file, "an offset in its footer is outside of the file"));
        }
        Ok(start)
    }

    pub(crate) fn parse(file: &FilePath, start: u64, tail: Bytes) -> Result<Self> {
        tail::check(&tail).map_err(corrupt_by(file))?;
        let bytes = start + tail.len() as u64;
        let mut decoder = ParquetMetaDataPushDecoder::try_new(bytes)
            .map_err(corrupt_by(file))?
            .with_column_index_policy(PageIndexPolicy::Skip)
            .with_offset_index_policy(PageIndexPolicy::Required)
            .with_metadata_options(Some(Arc::new(ParquetMetaDataOptions::new().with_encoding_stats_as_mask(false))));
        decoder.push_range(start..bytes, tail).map_err(corrupt_by(file))?;
        let DecodeResult::Data(metadata) = decoder.try_decode().map_err(corrupt_by(file))? else {
            return Err(ArchiveError::corrupt(file, "its footer is incomplete"));
        };
        Self::new(file, &metadata, bytes)
    }

    fn new(file: &FilePath, metadata: &ParquetMetaData, bytes: u64) -> Result<Self> {
        let columns = metadata::check(file, metadata)?.columns();
        let groups = Group::all(metadata, bytes).map_err(corrupt_by(file))?;
        let rows = groups.iter().map(|group| u64::from(group.rows)).sum();
        Ok(Self { columns, groups, bytes, rows })
    }

    /// Splits ascending ranges of the file's rows at its row groups. Groups without any of the rows are omitted.
    pub(crate) fn split(&self, file: &FilePath, rows: &[Range<u64>]) -> Result<Vec<GroupPart>> {
        rows.iter().try_for_each(|rows| self.require(file, rows.end))?;
        let mut first_row = 0;
        let mut parts = Vec::new();
        for (index, group) in self.groups.iter().enumerate() {
            let end = first_row + u64::from(group.rows);
            let inside = rows.iter().map(|rows| rows.start.max(first_row)..rows.end.min(end));
            let rows: Vec<_> = inside.filter(|rows| !rows.is_empty()).collect();
            if !rows.is_empty() {
                parts.push(GroupPart { group: index, first_row, rows });
            }
            first_row = end;
        }
        Ok(parts)
    }

    /// Checks that the file has the rows before `end`.
    pub(crate) fn require(&self, file: &FilePath, end: u64) -> Result<()> {
        if end <= self.rows {
            return Ok(());
        }
        Err(ArchiveError::NoSuchRow { file: file.to_string(), row: end - 1, rows: self.rows })
    }
}

/// A cache of footers, in bounded memory.
#[derive(Debug)]
pub(crate) struct FooterCache(Cache<FilePath, Arc<Footer>, ByBytes>);

#[derive(Debug, Clone)]
struct ByBytes;

impl Weighter<FilePath, Arc<Footer>> for ByBytes {
    fn weight(&self, _: &FilePath, footer: &Arc<Footer>) -> u64 {
        (size_of::<Footer>() + footer.groups.iter().map(Group::memory_size).sum::<usize>()) as u64
    }
}

impl Default for FooterCache {
    fn default() -> Self {
        Self(Cache::with_weighter(256, CACHE_BYTES, ByBytes))
    }
}

impl FooterCache {
    pub(crate) fn get(&self, file: &FilePath) -> Option<Arc<Footer>> {
        self.0.get(file)
    }

    pub(crate) fn insert(&self, file: FilePath, footer: Arc<Footer>) {
        self.0.insert(file, footer);
    }

    pub(crate) fn remove(&self, file: &FilePath) {
        self.0.remove(file);
    }
}
