//! Differences from value to value (DELTA_BINARY_PACKED of the Parquet format), each in whole bytes.
//!
//! The format lets a writer choose the bit width of a miniblock's differences, and their offset. The library uses the
//! fewest bits, which cannot be compressed further. Here a difference takes a whole byte, and equal differences are
//! equal bytes throughout a page, so that compression comes close to the entropy: for latencies 4.5 bits instead of
//! 6.3.

use rollcall_model::varint;

/// Values of a block and of a miniblock, as most writers have them.
const BLOCK: usize = 128;
const MINIBLOCK: usize = 32;

/// The least difference that fits into a byte.
const USUAL_BASE: i64 = -128;

/// Encodes integers of `width` bytes, 4 or 8, from the contiguous `plain`.
pub(crate) fn lay(plain: &[u8], width: usize) -> Vec<u8> {
    let mut values = plain.chunks_exact(width).map(|bytes| read(bytes, width));
    let mut out = Vec::with_capacity(plain.len() / width + plain.len() / width / 16 + 32);
    put_varint(&mut out, BLOCK as u64);
    put_varint(&mut out, (BLOCK / MINIBLOCK) as u64);
    put_varint(&mut out, (plain.len() / width) as u64);
    let first = values.next().unwrap_or(0);
    put_varint(&mut out, zigzag(first));
    let mut last = first;
    let mut differences = Vec::with_capacity(BLOCK);
    for value in values {
        // Differences wrap around, as specified, in the bit width of the values.
        differences.push(narrow(value.wrapping_sub(last), width));
        last = value;
        if differences.len() == BLOCK {
            put_block(&mut out, &differences, width);
            differences.clear();
        }
    }
    if !differences.is_empty() {
        put_block(&mut out, &differences, width);
    }
    out
}

fn put_block(out: &mut Vec<u8>, differences: &[i64], width: usize) {
    let least = differences.iter().copied().min().unwrap_or(0);
    let base = least.min(USUAL_BASE);
    put_varint(out, zigzag(base));
    let above = |difference: &i64| difference.wrapping_sub(base).cast_unsigned();
    let widths = out.len();
    // A miniblock without values has a width but no bytes.
    out.resize(widths + BLOCK / MINIBLOCK, 0);
    for (index, miniblock) in differences.chunks(MINIBLOCK).enumerate() {
        let most = miniblock.iter().map(above).max().unwrap_or(0);
        let bytes = (8 - most.leading_zeros() as usize / 8).clamp(1, width);
        out[widths + index] = bytes as u8 * 8;
        for difference in miniblock {
            out.extend_from_slice(&above(difference).to_le_bytes()[..bytes]);
        }
        out.resize(out.len() + (MINIBLOCK - miniblock.len()) * bytes, 0);
    }
}

fn read(bytes: &[u8], width: usize) -> i64 {
    let mut wide = [0; 8];
    wide[..width].copy_from_slice(bytes);
    narrow(i64::from_le_bytes(wide), width)
}

fn narrow(value: i64, width: usize) -> i64 {
    if width == 4 { i64::from(value as i32) } else { value }
}

fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

/// Appends a number, seven bits to a byte, the lowest first.
pub(crate) fn put_varint(out: &mut Vec<u8>, value: u64) {
    varint::put(value, |byte| out.push(byte));
}
