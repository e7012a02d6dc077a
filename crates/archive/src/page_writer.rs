//! Encodes, compresses and collects pages of a column chunk in memory, each with its checksum.

use std::sync::{Arc, Mutex, PoisonError};

use parquet::{
    basic::{Encoding, PageType},
    column::page::{CompressedPage, Page, PageWriteSpec, PageWriter},
    errors::{ParquetError, Result},
    file::metadata::PageEncodingStats,
};
use zstd::{
    stream::raw::{Encoder, InBuffer, Operation as _, OutBuffer},
    zstd_safe::{self, CParameter},
};

use crate::{
    page_header::PageHeader,
    page_values::{Laid, Shape},
};

/// Compression level. Slower ones save a third of a percent and take twice the time.
pub(crate) const ZSTD_LEVEL: i32 = 9;

/// Minimum length of a repetition. Noise has many shorter ones by chance, and references to them take more room than
/// they do.
const MIN_MATCH: u32 = 6;

/// Compresses pages, one after another.
pub(crate) struct Packer(Encoder<'static>);

impl Packer {
    pub(crate) fn new() -> Result<Self> {
        let mut encoder = Encoder::new(ZSTD_LEVEL)?;
        encoder.set_parameter(CParameter::MinMatch(MIN_MATCH))?;
        Ok(Self(encoder))
    }

    /// One zstd frame, in which each part of the page has its own blocks.
    fn pack(&mut self, page: &Laid) -> Result<Vec<u8>> {
        self.0.reinit()?;
        self.0.set_pledged_src_size(Some(page.bytes.len() as u64))?;
        // An incompressible part takes a few bytes for its header.
        let room = zstd_safe::compress_bound(page.bytes.len()) + 16 * page.ends.len() + 64;
        let mut packed = Vec::with_capacity(room);
        let mut out = OutBuffer::around(&mut packed);
        let check = |out: &OutBuffer<'_, Vec<u8>>| {
            if out.pos() < room { Ok(()) } else { Err(ParquetError::General("a page grew when compressed".to_owned())) }
        };
        let mut parts = page.parts().peekable();
        while let Some(part) = parts.next() {
            let mut input = InBuffer::around(part);
            while input.pos() < part.len() {
                self.0.run(&mut input, &mut out)?;
                check(&out)?;
            }
            while parts.peek().is_some() && self.0.flush(&mut out)? > 0 {
                check(&out)?;
            }
        }
        while self.0.finish(&mut out, true)? > 0 {
            check(&out)?;
        }
        Ok(packed)
    }
}

/// Collects the pages of one column chunk, which the library passes uncompressed.
///
/// The library's own writer omits the checksums that its reader verifies (`PageHeader.crc` of the Parquet format), and
/// its encodings compress less well. Chunks are collected because rows arrive across columns, while a file contains one
/// chunk after another.
#[derive(Clone)]
pub(crate) struct PageBuffer {
    shape: Shape,
    packer: Arc<Mutex<Packer>>,
    chunk: Arc<Mutex<Chunk>>,
}

/// The collected bytes.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) bytes: Vec<u8>,
    /// Encodings of its pages, for the footer.
    pub(crate) encodings: Vec<PageEncodingStats>,
}

impl PageBuffer {
    pub(crate) fn new(shape: Shape, packer: Arc<Mutex<Packer>>) -> Self {
        Self { shape, packer, chunk: Arc::default() }
    }

    /// Takes the chunk.
    pub(crate) fn take(&self) -> Chunk {
        std::mem::take(&mut self.chunk.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the number of collected bytes.
    pub(crate) fn len(&self) -> usize {
        self.chunk.lock().unwrap_or_else(PoisonError::into_inner).bytes.len()
    }
}

impl PageWriter for PageBuffer {
    fn write_page(&mut self, page: CompressedPage) -> Result<PageWriteSpec> {
        let laid = match page.compressed_page() {
            Page::DataPage { .. } => Laid::values(page.data(), page.encoding(), self.shape)?,
            Page::DictionaryPage { .. } => Laid::whole(page.data(), Encoding::PLAIN),
            Page::DataPageV2 { .. } => return Err(ParquetError::General("pages must have version 1".to_owned())),
        };
        let packed = self.packer.lock().unwrap_or_else(PoisonError::into_inner).pack(&laid)?;
        let header = PageHeader {
            is_dictionary: page.page_type() == PageType::DICTIONARY_PAGE,
            unpacked_len: laid.bytes.len(),
            packed_len: packed.len(),
            crc: crc32fast::hash(&packed),
            values: page.num_values(),
            encoding: laid.encoding,
        };
        let mut chunk = self.chunk.lock().unwrap_or_else(PoisonError::into_inner);
        let Chunk { bytes, encodings } = &mut *chunk;
        let start = bytes.len();
        header.write(bytes);
        let header_len = bytes.len() - start;
        bytes.extend_from_slice(&packed);
        let (page_type, encoding) = (page.page_type(), laid.encoding);
        match encodings.last_mut() {
            Some(last) if (last.page_type, last.encoding) == (page_type, encoding) => last.count += 1,
            _ => encodings.push(PageEncodingStats { page_type, encoding, count: 1 }),
        }
        let mut spec = PageWriteSpec::new();
        spec.page_type = page_type;
        spec.uncompressed_size = laid.bytes.len() + header_len;
        spec.compressed_size = packed.len() + header_len;
        spec.num_values = page.num_values();
        spec.offset = start as u64;
        spec.bytes_written = (bytes.len() - start) as u64;
        Ok(spec)
    }

    fn close(&mut self) -> Result<()> {
        Ok(())
    }
}
