//! Footers: read, checked, and kept.

use std::{ops::Range, sync::Arc};

use object_store::{GetOptions, GetRange, ObjectStore, path::Path as StorePath};
use parquet::{
    DecodeResult,
    file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataPushDecoder},
};
use quick_cache::{Weighter, sync::Cache};

use crate::{ArchiveError, FilePath, Result, metadata};

/// How much of a file's end is read at first. It holds the footer and the index of pages of most files.
const FIRST_READ: u64 = 256 << 10;

/// How much memory the footers that are kept may take.
const CACHE_BYTES: u64 = 32 << 20;

/// What is known of a file before its rows are read.
#[derive(Debug)]
pub(crate) struct Footer {
    pub(crate) metadata: ParquetMetaData,
    /// How long the file is.
    pub(crate) bytes: u64,
    /// How many rows it has.
    pub(crate) rows: u64,
}

impl Footer {
    pub(crate) async fn read(store: &dyn ObjectStore, key: &StorePath, file: &FilePath) -> Result<Self> {
        let failed = |error| ArchiveError::of_store("reading", file, error);
        let options = GetOptions::new().with_range(Some(GetRange::Suffix(FIRST_READ)));
        let got = store.get_opts(key, options).await.map_err(failed)?;
        let (bytes, range) = (got.meta.size, got.range.clone());
        let end = got.bytes().await.map_err(failed)?;
        let corrupt = metadata::corrupt_by(file);
        let mut decoder = ParquetMetaDataPushDecoder::try_new(bytes)
            .map_err(&corrupt)?
            .with_column_index_policy(PageIndexPolicy::Skip)
            .with_offset_index_policy(PageIndexPolicy::Required);
        decoder.push_range(range, end).map_err(&corrupt)?;
        loop {
            match decoder.try_decode().map_err(&corrupt)? {
                DecodeResult::Data(metadata) => return Self::new(file, metadata, bytes),
                DecodeResult::NeedsData(ranges) => {
                    within(&ranges, bytes).map_err(|reason| ArchiveError::corrupt(file, reason))?;
                    let parts = store.get_ranges(key, &ranges).await.map_err(failed)?;
                    decoder.push_ranges(ranges, parts).map_err(&corrupt)?;
                }
                DecodeResult::Finished => return Err(corrupt_end(file)),
            }
        }
    }

    fn new(file: &FilePath, metadata: ParquetMetaData, bytes: u64) -> Result<Self> {
        metadata::check(file, &metadata)?;
        let rows = metadata.file_metadata().num_rows().unsigned_abs();
        Ok(Self { metadata, bytes, rows })
    }
}

fn corrupt_end(file: &FilePath) -> ArchiveError {
    ArchiveError::corrupt(file, "its footer is incomplete")
}

/// Whether all of `ranges` lie inside a file of `bytes` bytes.
pub(crate) fn within(ranges: &[Range<u64>], bytes: u64) -> Result<(), &'static str> {
    let inside = ranges.iter().all(|range| range.start <= range.end && range.end <= bytes);
    if inside { Ok(()) } else { Err("it points outside itself") }
}

/// Footers of the files that were read last, within bounded memory.
#[derive(Debug)]
pub(crate) struct FooterCache(Cache<FilePath, Arc<Footer>, ByBytes>);

#[derive(Debug, Clone)]
struct ByBytes;

impl Weighter<FilePath, Arc<Footer>> for ByBytes {
    fn weight(&self, _: &FilePath, footer: &Arc<Footer>) -> u64 {
        footer.metadata.memory_size() as u64
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
