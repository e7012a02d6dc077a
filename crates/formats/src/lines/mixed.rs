//! Lines of participants and of minutes in one file.

use std::io::{self, BufRead, Read as _};

use super::{
    Chunk, Lines, ReadError, read,
    read::{BLOCK_BYTES, MAX_LINE_BYTES, MAX_SKIPPED_BYTES},
};

/// The key that distinguishes lines of minutes from those of participants.
const OF_MINUTES: &[u8] = b"\"date_time\"";

/// Reads lines of both kinds, and passes them on like [`read`].
///
/// # Errors
/// If the input cannot be read to its end.
pub fn read_mixed(mut input: impl BufRead, take: &mut dyn FnMut(Lines, Chunk) -> bool) -> Result<(), ReadError> {
    let (mut before, mut line) = (0, Vec::new());
    loop {
        // A line is in the block of its kind, and blank in the other, so that both have the same numbering.
        let (mut participants, mut minutes): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
        let mut lines = 0;
        let mut more = true;
        while more && participants.len() < BLOCK_BYTES && minutes.len() < BLOCK_BYTES {
            line.clear();
            more = read_line(&mut input, &mut line, before + lines + 1)?;
            let is_minute = contains(&line, OF_MINUTES) && Lines::of(&line) == Some(Lines::Qos);
            let (own, other) =
                if is_minute { (&mut minutes, &mut participants) } else { (&mut participants, &mut minutes) };
            own.extend_from_slice(line.trim_ascii_end());
            own.push(b'\n');
            other.push(b'\n');
            lines += 1;
        }
        for (kind, block) in [(Lines::Participants, &participants), (Lines::Qos, &minutes)] {
            let mut goes_on = true;
            if block.iter().any(|byte| *byte != b'\n') {
                read(kind, &block[..], &mut |chunk| {
                    goes_on = take(kind, chunk.shifted(before));
                    goes_on
                })?;
            }
            if !goes_on {
                return Ok(());
            }
        }
        before += lines;
        if !more {
            return Ok(());
        }
    }
}

/// Appends the next line; a line that is too long is cut to a length at which it is still rejected. Returns whether
/// there may be more.
fn read_line(input: &mut impl BufRead, block: &mut Vec<u8>, number: u64) -> io::Result<bool> {
    let begin = block.len();
    let read = input.by_ref().take(MAX_LINE_BYTES as u64 + 2).read_until(b'\n', block)?;
    if read == 0 {
        return Ok(false);
    }
    if block.last() != Some(&b'\n') && block.len() - begin > MAX_LINE_BYTES + 1 {
        let mut rest = Vec::new();
        let skipped = input.by_ref().take(MAX_SKIPPED_BYTES as u64).read_until(b'\n', &mut rest)?;
        if skipped == MAX_SKIPPED_BYTES && rest.last() != Some(&b'\n') {
            let reason = format!("line {number} is too long to find its end");
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        block.push(b'\n');
    }
    Ok(true)
}

fn contains(line: &[u8], key: &[u8]) -> bool {
    memchr::memmem::find(line, key).is_some()
}
