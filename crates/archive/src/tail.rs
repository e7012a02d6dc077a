//! The checksum of a file's tail: its page index and its footer.
//!
//! Parquet has checksums for pages, but none for their index. The footer's metadata therefore contains, under [`KEY`],
//! the offset of the tail and its CRC-32, as 24 hexadecimal digits; the digits of the checksum themselves count as
//! zeros. A damaged tail is detected before anything in it is trusted.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    ops::Range,
};

use parquet::{
    errors::{ParquetError, Result},
    file::metadata::KeyValue,
};

const KEY: &str = "rollcall.tail";
const OFFSET_DIGITS: usize = 16;
const SUM_DIGITS: usize = 8;

/// After the footer: its length in four bytes, and `PAR1`.
pub(crate) const END_BYTES: u64 = 8;

/// Returns the entry of a file whose tail begins at `start`, with room for the checksum.
pub(crate) fn entry(start: u64) -> KeyValue {
    KeyValue::new(KEY.to_owned(), format!("{start:016x}{:08x}", 0))
}

/// Writes the checksum into an otherwise complete file.
pub(crate) fn seal(file: &mut File, start: u64) -> Result<()> {
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let sum = digits(&tail)?;
    let crc = crc32fast::hash(&tail);
    file.seek(SeekFrom::Start(start + sum.start as u64))?;
    file.write_all(format!("{crc:08x}").as_bytes())?;
    Ok(())
}

/// Returns the offset of a file's tail, given its last part `end`.
pub(crate) fn start(end: &[u8]) -> Result<u64> {
    let offset = digits(end)?.start - OFFSET_DIGITS;
    hex(&end[offset..offset + OFFSET_DIGITS])
}

/// Checks a complete tail against its checksum.
pub(crate) fn check(tail: &[u8]) -> Result<()> {
    let sum = digits(tail)?;
    let mut crc = crc32fast::Hasher::new();
    crc.update(&tail[..sum.start]);
    crc.update(&[b'0'; SUM_DIGITS]);
    crc.update(&tail[sum.end..]);
    if u64::from(crc.finalize()) == hex(&tail[sum])? {
        Ok(())
    } else {
        Err(wrong("its footer's checksum does not hold"))
    }
}

/// Returns the position of the checksum's digits in `bytes`: after the key, the value's header and length, and the
/// offset.
fn digits(bytes: &[u8]) -> Result<Range<usize>> {
    let key = bytes.windows(KEY.len()).rposition(|window| window == KEY.as_bytes());
    let start = key.map(|key| key + KEY.len() + 2 + OFFSET_DIGITS);
    let range = start.map(|start| start..start + SUM_DIGITS).filter(|range| range.end <= bytes.len());
    range.ok_or_else(|| wrong("its footer was not written by this program"))
}

fn hex(digits: &[u8]) -> Result<u64> {
    let parsed = std::str::from_utf8(digits).ok().and_then(|digits| u64::from_str_radix(digits, 16).ok());
    parsed.ok_or_else(|| wrong("its footer's checksum is illegible"))
}

fn wrong(reason: &str) -> ParquetError {
    ParquetError::General(reason.to_owned())
}
