//! The page index of a file, from its footer: checked once, and small enough to be cached for many files.

use std::ops::Range;

use parquet::{
    basic::{Compression, Encoding, PageType},
    errors::{ParquetError, Result},
    file::{
        metadata::{ColumnChunkMetaData, PageEncodingStats, ParquetMetaData},
        page_index::offset_index::PageLocation,
        statistics::Statistics,
    },
};

/// A row group.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) rows: u32,
    /// In the order of the columns.
    pub(crate) chunks: Box<[Chunk]>,
}

/// A column of a row group. Its pages are contiguous, after its dictionary if it has one.
#[derive(Debug)]
pub(crate) struct Chunk {
    start: u64,
    dictionary_len: u32,
    pages: Box<[PageSpan]>,
    /// Number of rows without a value, if reported.
    pub(crate) nulls: Option<u32>,
    /// Whether any row may have a value.
    pub(crate) has_values: bool,
    /// Number of leading pages with dictionary indexes; the others have the encoding `otherwise`.
    pub(crate) by_dictionary: u32,
    pub(crate) otherwise: Encoding,
}

/// A page: its first row in the row group, and its length including its header.
#[derive(Debug, Clone, Copy)]
struct PageSpan {
    first_row: u32,
    len: u32,
}

impl Group {
    /// Returns the row groups of a file of `bytes` bytes.
    pub(crate) fn all(metadata: &ParquetMetaData, bytes: u64) -> Result<Vec<Self>> {
        let groups = metadata.row_groups().iter().enumerate().map(|(index, group)| {
            let rows = u32::try_from(group.num_rows()).map_err(|_| wrong("a row group with too many rows"))?;
            let pages = metadata.page_index_for_row_group(index);
            let chunks = group.columns().iter().enumerate().map(|(column, chunk)| {
                let locations = pages.page_locations(column).ok_or_else(|| wrong("no page index"))?;
                Chunk::new(chunk, locations, rows, bytes)
            });
            Ok(Self { rows, chunks: chunks.collect::<Result<_>>()? })
        });
        groups.collect()
    }

    /// Returns its memory use.
    pub(crate) fn memory_size(&self) -> usize {
        let pages = self.chunks.iter().map(|chunk| size_of_val(&*chunk.pages)).sum::<usize>();
        size_of::<Self>() + size_of_val(&*self.chunks) + pages
    }
}

impl Chunk {
    /// Checks that the chunk is inside the file, and that its pages fill it and contain its rows, contiguously.
    fn new(chunk: &ColumnChunkMetaData, locations: &[PageLocation], rows: u32, file_bytes: u64) -> Result<Self> {
        if !matches!(chunk.compression(), Compression::ZSTD(_)) {
            return Err(wrong("a column that is not compressed with zstd"));
        }
        let (start, len) = chunk.byte_range();
        let end = start.checked_add(len).filter(|end| *end <= file_bytes);
        let end = end.ok_or_else(|| wrong("an offset outside of the file"))?;
        let first = locations.first().map_or(end, |page| page.offset.unsigned_abs());
        let mut at = first;
        let mut pages: Vec<PageSpan> = Vec::with_capacity(locations.len());
        for page in locations {
            let ascends = pages.last().map_or(page.first_row_index == 0, |last| {
                page.first_row_index > i64::from(last.first_row) && page.first_row_index < i64::from(rows)
            });
            if page.offset.unsigned_abs() != at || !ascends {
                return Err(wrong("pages that are not contiguous"));
            }
            let len =
                u32::try_from(page.compressed_page_size).map_err(|_| wrong("a page with an impossible length"))?;
            at = at.saturating_add(len.into());
            pages.push(PageSpan { first_row: u32::try_from(page.first_row_index)?, len });
        }
        if at != end || first < start || (pages.is_empty() && rows > 0) {
            return Err(wrong("pages that do not fill their column"));
        }
        let dictionary_len =
            u32::try_from(first - start).map_err(|_| wrong("a dictionary with an impossible length"))?;
        let (mut by_dictionary, mut otherwise) = (0, Encoding::PLAIN);
        let stats = chunk.page_encoding_stats().ok_or_else(|| wrong("a column without its encodings"))?;
        for PageEncodingStats { page_type, encoding, count } in stats {
            match (*page_type, *encoding) {
                (PageType::DATA_PAGE, Encoding::RLE_DICTIONARY) => by_dictionary = u32::try_from(*count)?,
                (PageType::DATA_PAGE, encoding) => otherwise = encoding,
                _ => {}
            }
        }
        let nulls = chunk.statistics().and_then(Statistics::null_count_opt);
        let has_values = nulls.is_none_or(|nulls| nulls != chunk.num_values().unsigned_abs());
        let nulls = nulls.map(u32::try_from).transpose()?;
        Ok(Self { start, dictionary_len, pages: pages.into(), nulls, has_values, by_dictionary, otherwise })
    }

    /// Returns the range of the whole chunk.
    pub(crate) fn bytes(&self) -> Range<u64> {
        let end = self.pages_start() + self.pages.iter().map(|page| u64::from(page.len)).sum::<u64>();
        self.start..end
    }

    /// Returns the dictionary, if there is one.
    pub(crate) fn dictionary(&self) -> Option<Range<u64>> {
        (self.dictionary_len > 0).then(|| self.start..self.pages_start())
    }

    fn pages_start(&self) -> u64 {
        self.start + u64::from(self.dictionary_len)
    }

    /// Returns each page's bytes, and its rows in the group of `rows`.
    pub(crate) fn pages(&self, rows: u32) -> impl Iterator<Item = (Range<u64>, Range<u32>)> {
        let ends = self.pages.iter().skip(1).map(|page| page.first_row).chain([rows]);
        self.pages.iter().zip(ends).scan(self.pages_start(), |start, (page, end)| {
            let bytes = *start..*start + u64::from(page.len);
            *start = bytes.end;
            Some((bytes, page.first_row..end))
        })
    }
}

fn wrong(reason: &str) -> ParquetError {
    ParquetError::General(reason.to_owned())
}
