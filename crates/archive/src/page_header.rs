//! Headers of pages, in Thrift's compact protocol.
//!
//! They have one form only: those fields in that order. Anything else is damaged.

use parquet::{
    basic::Encoding,
    errors::{ParquetError, Result},
};
use rollcall_model::varint;

const DATA_PAGE: i32 = 0;
const DICTIONARY_PAGE: i32 = 2;

/// The header of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageHeader {
    /// Whether it is a page of values, or the dictionary of the chunk.
    pub(crate) is_dictionary: bool,
    /// Uncompressed length of the page.
    pub(crate) unpacked_len: usize,
    /// Compressed length, without this header.
    pub(crate) packed_len: usize,
    /// CRC-32 of the compressed bytes.
    pub(crate) crc: u32,
    /// Number of values, including absent ones.
    pub(crate) values: u32,
    /// Encoding of the values.
    pub(crate) encoding: Encoding,
}

impl PageHeader {
    /// Appends the header.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let int = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        let mut header = Output { out, last: 0 };
        header.int(1, if self.is_dictionary { DICTIONARY_PAGE } else { DATA_PAGE });
        header.int(2, int(self.unpacked_len));
        header.int(3, int(self.packed_len));
        header.int(4, self.crc.cast_signed());
        let mut fields = header.begin(if self.is_dictionary { 7 } else { 5 });
        fields.int(1, self.values.cast_signed());
        fields.int(2, self.encoding as i32);
        if !self.is_dictionary {
            // Levels: only those for absent values.
            fields.int(3, Encoding::RLE as i32);
            fields.int(4, Encoding::RLE as i32);
        }
        fields.end();
        header.end();
    }

    /// Parses the header at the beginning of `bytes`; also returns the rest.
    pub(crate) fn read(bytes: &[u8]) -> Result<(Self, &[u8])> {
        let len = |n: i32| usize::try_from(n).map_err(|_| wrong("a page with a negative length"));
        let mut header = Input { bytes, last: 0 };
        let is_dictionary = match header.int(1)? {
            DATA_PAGE => false,
            DICTIONARY_PAGE => true,
            _ => return Err(wrong("a page of an unknown kind")),
        };
        let unpacked_len = len(header.int(2)?)?;
        let packed_len = len(header.int(3)?)?;
        let crc = header.int(4)?.cast_unsigned();
        let mut fields = header.begin(if is_dictionary { 7 } else { 5 })?;
        let values = fields.int(1)?.cast_unsigned();
        let encoding = match fields.int(2)? {
            0 => Encoding::PLAIN,
            3 => Encoding::RLE,
            5 => Encoding::DELTA_BINARY_PACKED,
            8 => Encoding::RLE_DICTIONARY,
            9 => Encoding::BYTE_STREAM_SPLIT,
            _ => return Err(wrong("a page with an unknown encoding")),
        };
        let levels = Encoding::RLE as i32;
        if !is_dictionary && (fields.int(3)?, fields.int(4)?) != (levels, levels) {
            return Err(wrong("a page with unknown levels"));
        }
        let rest = fields.end()?;
        let rest = Input { bytes: rest, last: 0 }.end()?;
        Ok((Self { is_dictionary, unpacked_len, packed_len, crc, values, encoding }, rest))
    }
}

const INT: u8 = 5;
const STRUCT: u8 = 12;
const STOP: u8 = 0;

/// A struct being written.
struct Output<'a> {
    out: &'a mut Vec<u8>,
    last: u8,
}

impl Output<'_> {
    fn field(&mut self, id: u8, kind: u8) {
        self.out.push((id - self.last) << 4 | kind);
        self.last = id;
    }

    fn int(&mut self, id: u8, n: i32) {
        self.field(id, INT);
        let zigzag = (n << 1 ^ n >> 31).cast_unsigned();
        varint::put(zigzag.into(), |byte| self.out.push(byte));
    }

    fn begin(&mut self, id: u8) -> Output<'_> {
        self.field(id, STRUCT);
        Output { out: self.out, last: 0 }
    }

    fn end(self) {
        self.out.push(STOP);
    }
}

/// A struct being read.
struct Input<'a> {
    bytes: &'a [u8],
    last: u8,
}

impl<'a> Input<'a> {
    fn byte(&mut self) -> Result<u8> {
        let (first, rest) = self.bytes.split_first().ok_or_else(|| wrong("a page without its header"))?;
        self.bytes = rest;
        Ok(*first)
    }

    fn field(&mut self, id: u8, kind: u8) -> Result<()> {
        if self.byte()? != (id - self.last) << 4 | kind {
            return Err(wrong("a page with an unknown header"));
        }
        self.last = id;
        Ok(())
    }

    fn int(&mut self, id: u8) -> Result<i32> {
        self.field(id, INT)?;
        let zigzag = varint::take(&mut self.bytes).ok().and_then(|zigzag| u32::try_from(zigzag).ok());
        let zigzag = zigzag.ok_or_else(|| wrong("a page's header with a number beyond its range"))?;
        Ok((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }

    fn begin(&mut self, id: u8) -> Result<Input<'a>> {
        self.field(id, STRUCT)?;
        Ok(Input { bytes: self.bytes, last: 0 })
    }

    /// Returns the bytes after the struct.
    fn end(mut self) -> Result<&'a [u8]> {
        if self.byte()? == STOP { Ok(self.bytes) } else { Err(wrong("a page with an unknown header")) }
    }
}

fn wrong(reason: &str) -> ParquetError {
    ParquetError::General(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_header_reads_as_it_was_written(
            is_dictionary in any::<bool>(),
            lens in (0..i32::MAX as usize, 0..i32::MAX as usize),
            crc in any::<u32>(),
            values in any::<u32>(),
            encoding in 0_usize..5,
        ) {
            let encoding = [
                Encoding::PLAIN, Encoding::RLE, Encoding::DELTA_BINARY_PACKED, Encoding::RLE_DICTIONARY,
                Encoding::BYTE_STREAM_SPLIT,
            ][encoding];
            let (unpacked_len, packed_len) = lens;
            let header = PageHeader { is_dictionary, unpacked_len, packed_len, crc, values, encoding };
            let mut bytes = Vec::new();
            header.write(&mut bytes);
            bytes.push(7);
            prop_assert_eq!(PageHeader::read(&bytes).unwrap(), (header, &[7][..]));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = PageHeader::read(&bytes);
        }
    }
}
