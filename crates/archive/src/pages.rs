//! Pages of a column chunk, collected in memory, each with its checksum.

use std::sync::{Arc, Mutex, PoisonError};

use parquet::{
    basic::Encoding,
    column::page::{CompressedPage, Page, PageWriteSpec, PageWriter},
    errors::{ParquetError, Result},
};

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
        let mut buffer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let start = buffer.len();
        write_header(&mut buffer, &page)?;
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

/// Appends `PageHeader` in Thrift's compact protocol.
fn write_header(out: &mut Vec<u8>, page: &CompressedPage) -> Result<()> {
    let size = |size: usize| {
        i32::try_from(size).map_err(|_| ParquetError::General(format!("a page of {size} bytes is too long")))
    };
    let kind = page.page_type() as i32;
    let count = |count: u32| count.cast_signed();
    let encoding = |encoding: Encoding| encoding as i32;
    let mut header = Struct::new(out);
    header.int(1, kind);
    header.int(2, size(page.uncompressed_size())?);
    header.int(3, size(page.compressed_size())?);
    header.int(4, crc32fast::hash(page.data()).cast_signed());
    match *page.compressed_page() {
        Page::DataPage { num_values, encoding: values, def_level_encoding, rep_level_encoding, .. } => {
            let mut fields = header.begin(5);
            fields.int(1, count(num_values));
            fields.int(2, encoding(values));
            fields.int(3, encoding(def_level_encoding));
            fields.int(4, encoding(rep_level_encoding));
            fields.end();
        }
        Page::DictionaryPage { num_values, encoding: values, is_sorted, .. } => {
            let mut fields = header.begin(7);
            fields.int(1, count(num_values));
            fields.int(2, encoding(values));
            fields.bool(3, is_sorted);
            fields.end();
        }
        Page::DataPageV2 {
            num_values,
            encoding: values,
            num_nulls,
            num_rows,
            def_levels_byte_len,
            rep_levels_byte_len,
            is_compressed,
            ..
        } => {
            let mut fields = header.begin(8);
            fields.int(1, count(num_values));
            fields.int(2, count(num_nulls));
            fields.int(3, count(num_rows));
            fields.int(4, encoding(values));
            fields.int(5, count(def_levels_byte_len));
            fields.int(6, count(rep_levels_byte_len));
            fields.bool(7, is_compressed);
            fields.end();
        }
    }
    header.end();
    Ok(())
}

/// A Thrift struct being written; fields come in ascending order, at most 15 apart.
struct Struct<'a> {
    out: &'a mut Vec<u8>,
    last: u8,
}

impl<'a> Struct<'a> {
    fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, last: 0 }
    }

    fn field(&mut self, id: u8, kind: u8) {
        self.out.push((id - self.last) << 4 | kind);
        self.last = id;
    }

    fn int(&mut self, id: u8, n: i32) {
        self.field(id, 5);
        let mut zigzag = (n << 1 ^ n >> 31).cast_unsigned();
        while zigzag >= 0x80 {
            self.out.push(zigzag as u8 | 0x80);
            zigzag >>= 7;
        }
        self.out.push(zigzag as u8);
    }

    fn bool(&mut self, id: u8, value: bool) {
        self.field(id, if value { 1 } else { 2 });
    }

    fn begin(&mut self, id: u8) -> Struct<'_> {
        self.field(id, 12);
        Struct::new(self.out)
    }

    fn end(self) {
        self.out.push(0);
    }
}
