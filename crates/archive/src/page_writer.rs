//! Pages of a column chunk, collected in memory, each with its checksum.

use std::sync::{Arc, Mutex, PoisonError};

use parquet::{
    column::page::{CompressedPage, PageWriteSpec, PageWriter},
    errors::Result,
};

use crate::page_header::PageHeader;

/// Collects the pages of one column chunk.
///
/// The library's own writer leaves out the checksums that its reader verifies (`PageHeader.crc` of the Parquet
/// format), hence this one. Chunks are collected because rows arrive across columns while a file holds one chunk after
/// another.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageBuffer(Arc<Mutex<Vec<u8>>>);

impl PageBuffer {
    /// Takes the chunk's bytes.
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many bytes are collected.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl PageWriter for PageBuffer {
    fn write_page(&mut self, page: CompressedPage) -> Result<PageWriteSpec> {
        let header = PageHeader::of(&page)?;
        let mut buffer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let start = buffer.len();
        header.write(&mut buffer);
        let header_len = buffer.len() - start;
        buffer.extend_from_slice(page.data());
        let mut spec = PageWriteSpec::new();
        spec.page_type = page.page_type();
        spec.uncompressed_size = page.uncompressed_size() + header_len;
        spec.compressed_size = page.compressed_size() + header_len;
        spec.num_values = page.num_values();
        spec.offset = start as u64;
        spec.bytes_written = (buffer.len() - start) as u64;
        Ok(spec)
    }

    fn close(&mut self) -> Result<()> {
        Ok(())
    }
}
