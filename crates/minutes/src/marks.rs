//! Records which batches were acknowledged, so that a journal that lost its end is detected.
//!
//! The LSM tree replays a journal up to the first incomplete batch, and silently cuts off the rest. After a kill that
//! is correct: the rest was never acknowledged. But a file system that lost the end of the file, or somebody who cut
//! it, looks the same. So after each commit, and before its acknowledgement, a mark is written beside the journal: a
//! range of sequence numbers that contains the batch's, and the number of its minutes. A mark is not synced. A kill
//! keeps it; a power cut may lose it, which hides a loss but never fakes one, because the journal is synced before its
//! mark is written.

use std::{fs::File, io, os::unix::fs::FileExt as _, path::Path, sync::Mutex};

/// The file of marks in the store's folder.
const FILE: &str = "acknowledged";
/// Number of latest commits that are recorded.
const MARKS: u64 = 4_096;
const MARK_BYTES: usize = 24;

/// An acknowledged batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Its sequence number is at least this,
    pub(crate) first: u64,
    /// and less than this.
    pub(crate) end: u64,
    /// Number of minutes.
    pub(crate) minutes: u32,
}

/// Writes marks, overwriting the oldest.
pub(crate) struct Marks {
    file: File,
    next: Mutex<u64>,
}

impl Marks {
    /// Starts in `dir` with marks of batches that are still in journals.
    pub(crate) fn begin(dir: &Path, kept: &[Mark]) -> io::Result<Self> {
        let unfinished = dir.join(FILE).with_extension("new");
        let file = File::options().write(true).create(true).truncate(true).open(&unfinished)?;
        // Zeros are not marks, and preallocated space cannot run out when the disk is full.
        file.write_all_at(&vec![0; MARKS as usize * MARK_BYTES], 0)?;
        let marks = Self { file, next: Mutex::new(0) };
        kept.iter().for_each(|mark| marks.note(*mark));
        std::fs::rename(&unfinished, dir.join(FILE))?;
        Ok(marks)
    }

    /// Records that a batch was acknowledged. A failure does not affect the write: then a loss would go unnoticed.
    pub(crate) fn note(&self, mark: Mark) {
        let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let at = *next % MARKS * MARK_BYTES as u64;
        *next += 1;
        if let Err(error) = self.file.write_all_at(&encode(mark), at) {
            tracing::debug!(%error, "could not record an acknowledged batch");
        }
    }

    /// Returns the marks in `dir`; empty if there are none or they cannot be read.
    pub(crate) fn read(dir: &Path) -> Option<Vec<Mark>> {
        let bytes = std::fs::read(dir.join(FILE)).ok()?;
        Some(bytes.chunks_exact(MARK_BYTES).filter_map(decode).collect())
    }

    /// Deletes the marks in `dir`, because tables contain all of their batches.
    pub(crate) fn remove(dir: &Path) -> io::Result<()> {
        match std::fs::remove_file(dir.join(FILE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn encode(mark: Mark) -> [u8; MARK_BYTES] {
    let mut bytes = [0; MARK_BYTES];
    bytes[..8].copy_from_slice(&mark.first.to_le_bytes());
    bytes[8..16].copy_from_slice(&mark.end.to_le_bytes());
    bytes[16..20].copy_from_slice(&mark.minutes.to_le_bytes());
    let sum = crc32fast::hash(&bytes[..20]);
    bytes[20..].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// Reads a mark. `None` if the slot is empty or incomplete.
fn decode(bytes: &[u8]) -> Option<Mark> {
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    let (first, rest) = body.split_first_chunk::<8>()?;
    let (end, minutes) = rest.split_first_chunk::<8>()?;
    let mark = Mark {
        first: u64::from_le_bytes(*first),
        end: u64::from_le_bytes(*end),
        minutes: u32::from_le_bytes(minutes.try_into().ok()?),
    };
    (crc32fast::hash(body) == u32::from_le_bytes(*sum) && mark.first < mark.end).then_some(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_marks_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Marks::read(dir.path()), None);
        let marks = Marks::begin(dir.path(), &[]).unwrap();
        assert_eq!(Marks::read(dir.path()), Some(vec![]));
        let mark = |n: u64| Mark { first: n, end: n + 1, minutes: 7 };
        (0..MARKS + 3).for_each(|n| marks.note(mark(n)));
        let mut kept: Vec<u64> = Marks::read(dir.path()).unwrap().iter().map(|mark| mark.first).collect();
        kept.sort_unstable();
        assert_eq!(kept, (3..MARKS + 3).collect::<Vec<_>>());
    }

    #[test]
    fn half_a_mark_is_none() {
        let mut bytes = encode(Mark { first: 9, end: 10, minutes: 3 });
        assert!(decode(&bytes).is_some());
        bytes[3] ^= 1;
        assert_eq!(decode(&bytes), None);
        assert_eq!(decode(&[0; MARK_BYTES]), None);
    }
}
