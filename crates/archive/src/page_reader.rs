//! Reads, checks and decompresses pages of a column chunk.
//!
//! The library's own reader trusts page headers, which no checksum covers, and panics on some. This one knows the
//! properties of each page from the footer, which has a checksum, and rejects a page that differs.

use std::{
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use parquet::{
    basic::{Encoding, Type},
    column::page::{Page, PageMetadata, PageReader},
    errors::{ParquetError, Result},
};
use zstd::bulk::Decompressor;

use crate::{chunk::Chunk, page_header::PageHeader};

/// Maximum uncompressed length of a page. Pages end after 1 MiB; one may be longer by a block of long strings.
const MAX_PAGE_BYTES: usize = 64 << 20;

/// Parts of a file, with their decompressor.
pub(crate) struct Parts {
    /// In the order of the file.
    parts: Vec<(u64, Bytes)>,
    unpack: Mutex<Decompressor<'static>>,
}

impl Parts {
    pub(crate) fn new(parts: Vec<(u64, Bytes)>) -> Result<Self> {
        Ok(Self { parts, unpack: Mutex::new(Decompressor::new()?) })
    }

    fn get(&self, range: &Range<u64>) -> Result<&[u8]> {
        let index = self.parts.partition_point(|(offset, _)| *offset <= range.start);
        let slice = index.checked_sub(1).and_then(|index| {
            let (offset, bytes) = &self.parts[index];
            let start = usize::try_from(range.start - offset).ok()?;
            bytes.get(start..start.checked_add(usize::try_from(range.end - range.start).ok()?)?)
        });
        slice.ok_or_else(|| wrong("a page that was not fetched"))
    }

    fn unpack(&self, packed: &[u8], len: usize) -> Result<Bytes> {
        if len > MAX_PAGE_BYTES {
            return Err(wrong("a page with an impossible length"));
        }
        if len == 0 {
            return Ok(Bytes::new());
        }
        let mut unpack = self.unpack.lock().unwrap_or_else(PoisonError::into_inner);
        let unpacked = unpack.decompress(packed, len)?;
        if unpacked.len() == len {
            Ok(unpacked.into())
        } else {
            Err(wrong("a page whose length differs from its header"))
        }
    }
}

/// Reads the pages of one column chunk.
pub(crate) struct Pages {
    parts: Arc<Parts>,
    kind: Type,
    dictionary: Option<Range<u64>>,
    /// Bytes and number of rows of each page.
    pages: Vec<(Range<u64>, u32)>,
    /// Number of leading pages with dictionary indexes; the others have the encoding `otherwise`.
    by_dictionary: usize,
    otherwise: Encoding,
    next: usize,
}

impl Pages {
    /// Returns the pages of a chunk of `kind` in a row group of `rows`.
    pub(crate) fn new(parts: Arc<Parts>, chunk: &Chunk, kind: Type, rows: u32) -> Self {
        Self {
            parts,
            kind,
            dictionary: chunk.dictionary(),
            pages: chunk.pages(rows).map(|(bytes, rows)| (bytes, rows.end - rows.start)).collect(),
            by_dictionary: chunk.by_dictionary as usize,
            otherwise: chunk.otherwise,
            next: 0,
        }
    }

    /// Returns a page's header and uncompressed bytes.
    fn read(&self, range: &Range<u64>, is_dictionary: bool) -> Result<(PageHeader, Bytes)> {
        let (header, packed) = PageHeader::read(self.parts.get(range)?)?;
        if header.is_dictionary != is_dictionary || header.packed_len != packed.len() {
            return Err(wrong("a page whose kind or length differs from its index"));
        }
        if crc32fast::hash(packed) != header.crc {
            return Err(wrong("a page's checksum does not hold"));
        }
        let unpacked = self.parts.unpack(packed, header.unpacked_len)?;
        Ok((header, unpacked))
    }

    fn read_dictionary(&self, range: &Range<u64>) -> Result<Page> {
        let (header, buf) = self.read(range, true)?;
        if header.encoding != Encoding::PLAIN || values_in(&buf, self.kind) != Some(header.values as usize) {
            return Err(wrong("a dictionary whose size differs from its header"));
        }
        Ok(Page::DictionaryPage { buf, num_values: header.values, encoding: Encoding::PLAIN, is_sorted: false })
    }

    fn read_values(&self, index: usize) -> Result<Page> {
        let (range, rows) = &self.pages[index];
        let (header, buf) = self.read(range, false)?;
        let encoding = if index < self.by_dictionary { Encoding::RLE_DICTIONARY } else { self.otherwise };
        if header.values != *rows || header.encoding != encoding {
            return Err(wrong("a page whose values differ from its index"));
        }
        Ok(Page::DataPage {
            buf,
            num_values: header.values,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        })
    }
}

/// Returns how many plain values fill `bytes`. `None` if they do not fill it.
fn values_in(bytes: &[u8], kind: Type) -> Option<usize> {
    let width = match kind {
        Type::INT32 => 4,
        Type::INT64 => 8,
        Type::BYTE_ARRAY => {
            let (mut rest, mut count) = (bytes, 0);
            while !rest.is_empty() {
                let (len, after) = rest.split_first_chunk::<4>()?;
                rest = after.get(usize::try_from(u32::from_le_bytes(*len)).ok()?..)?;
                count += 1;
            }
            return Some(count);
        }
        _ => return None,
    };
    bytes.len().is_multiple_of(width).then_some(bytes.len() / width)
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        if let Some(range) = self.dictionary.take() {
            return self.read_dictionary(&range).map(Some);
        }
        if self.next == self.pages.len() {
            return Ok(None);
        }
        self.next += 1;
        self.read_values(self.next - 1).map(Some)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        if self.dictionary.is_some() {
            return Ok(Some(PageMetadata { num_rows: None, num_levels: None, is_dict: true }));
        }
        let rows = self.pages.get(self.next).map(|(_, rows)| *rows as usize);
        Ok(rows.map(|rows| PageMetadata { num_rows: Some(rows), num_levels: None, is_dict: false }))
    }

    fn skip_next_page(&mut self) -> Result<()> {
        if self.dictionary.take().is_none() {
            self.next = (self.next + 1).min(self.pages.len());
        }
        Ok(())
    }
}

fn wrong(reason: &str) -> ParquetError {
    ParquetError::General(reason.to_owned())
}
