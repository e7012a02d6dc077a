//! The encoding of a page's values.
//!
//! The library writes plain values, and dictionary indexes in as few bits as possible; here they are converted to what
//! compresses best. Each uniform part of a page (the levels for absent values, the first bytes, the second bytes) is
//! compressed as a separate block, with its own table.

use parquet::{
    basic::{Encoding, Type},
    errors::{ParquetError, Result},
};

use rollcall_model::varint;

use crate::{
    column::Layout,
    delta::{self, put_varint},
};

/// Properties of a column's pages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) layout: Layout,
    pub(crate) kind: Type,
    /// Whether every row has a value: then pages have no levels.
    pub(crate) required: bool,
}

/// A page ready for compression.
pub(crate) struct Laid {
    pub(crate) encoding: Encoding,
    pub(crate) bytes: Vec<u8>,
    /// The end of each of its parts.
    pub(crate) ends: Vec<usize>,
}

impl Laid {
    /// Returns a dictionary, or another page, unchanged.
    pub(crate) fn whole(page: &[u8], encoding: Encoding) -> Self {
        Self { encoding, bytes: page.to_vec(), ends: vec![page.len()] }
    }

    /// Returns the values of a page, whose `encoding` is the library's.
    pub(crate) fn values(page: &[u8], encoding: Encoding, shape: Shape) -> Result<Self> {
        let levels = if shape.required { 0 } else { levels_len(page)? };
        let values = page.get(levels..).ok_or_else(|| wrong("a page that is shorter than its levels"))?;
        let mut laid = Self { encoding, bytes: page[..levels].to_vec(), ends: vec![levels] };
        let width = match shape.kind {
            Type::INT32 => 4,
            Type::INT64 => 8,
            _ => 0,
        };
        match (encoding, shape.layout) {
            (Encoding::RLE_DICTIONARY, Layout::Dictionary) => put_numbers(&mut laid.bytes, values)?,
            (Encoding::PLAIN, Layout::Delta) if width > 0 => {
                laid.encoding = Encoding::DELTA_BINARY_PACKED;
                laid.bytes.extend(delta::lay(values, width));
            }
            // A dictionary that has grown too large is followed by values.
            (Encoding::PLAIN, Layout::Split | Layout::Dictionary | Layout::PackedDictionary) if width > 0 => {
                laid.encoding = Encoding::BYTE_STREAM_SPLIT;
                for place in 0..width {
                    laid.bytes.extend(values.iter().skip(place).step_by(width));
                    laid.ends.push(laid.bytes.len());
                }
            }
            _ => laid.bytes.extend_from_slice(values),
        }
        laid.ends.push(laid.bytes.len());
        laid.ends.dedup();
        Ok(laid)
    }

    pub(crate) fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end]).filter(|part| !part.is_empty())
    }
}

/// Returns the length of a page's levels, including the four bytes with the length.
fn levels_len(page: &[u8]) -> Result<usize> {
    let len = page.first_chunk().ok_or_else(|| wrong("a page without levels"))?;
    Ok(u32::from_le_bytes(*len) as usize + 4)
}

/// Converts dictionary indexes to whole bytes, without runs: the compression finds those, and later repetitions as
/// well.
fn put_numbers(out: &mut Vec<u8>, library: &[u8]) -> Result<()> {
    let (&bits, mut runs) = library.split_first().ok_or_else(|| wrong("a page without its numbers' width"))?;
    let bytes = usize::from(bits.div_ceil(8).max(1));
    let mut numbers: Vec<u32> = Vec::new();
    while !runs.is_empty() {
        let header = varint::take(&mut runs).map_err(|_| wrong("a run without its length"))?;
        let count = (header >> 1) as usize;
        if header & 1 == 0 {
            let (number, rest) =
                runs.split_at_checked(usize::from(bits.div_ceil(8))).ok_or_else(|| wrong("a run without its value"))?;
            let mut wide = [0; 4];
            wide[..number.len()].copy_from_slice(number);
            numbers.resize(numbers.len() + count, u32::from_le_bytes(wide));
            runs = rest;
        } else {
            let (packed, rest) =
                runs.split_at_checked(count * usize::from(bits)).ok_or_else(|| wrong("a truncated run"))?;
            if bits == 0 {
                numbers.resize(numbers.len() + 8 * count, 0);
            } else {
                unpack(packed, bits, &mut numbers);
            }
            runs = rest;
        }
    }
    out.push(bytes as u8 * 8);
    if numbers.is_empty() {
        return Ok(());
    }
    let groups = numbers.len().div_ceil(8);
    put_varint(out, (groups as u64) << 1 | 1);
    for number in &numbers {
        out.extend_from_slice(&number.to_le_bytes()[..bytes]);
    }
    out.resize(out.len() + (groups * 8 - numbers.len()) * bytes, 0);
    Ok(())
}

/// Reads numbers of `bits` bits, the lowest first.
fn unpack(packed: &[u8], bits: u8, numbers: &mut Vec<u32>) {
    let (mut held, mut count) = (0_u64, 0);
    for byte in packed {
        held |= u64::from(*byte) << count;
        count += 8;
        while count >= u32::from(bits) {
            numbers.push((held & ((1 << bits) - 1)) as u32);
            held >>= bits;
            count -= u32::from(bits);
        }
    }
}

fn wrong(reason: &str) -> ParquetError {
    ParquetError::General(reason.to_owned())
}
