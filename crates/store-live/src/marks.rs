//! Which batches were acknowledged: so that a journal that lost its end is found out.
//!
//! The LSM tree replays a journal up to the first batch that is not whole, and cuts off the rest without a word. After a
//! kill that is right: the rest was never acknowledged. But a file system that lost the end of the file, or somebody who
//! cut it, looks just the same. So after each commit, and before its acknowledgement, a mark is written beside the journal:
//! the range of numbers in which the batch's own lies, and how many minutes it had. A mark is not synced. A kill keeps it;
//! a power cut may lose it, which hides a loss and never makes one up, since the journal is synced before its mark is
//! written.

use std::{fs::File, io, os::unix::fs::FileExt as _, path::Path, sync::Mutex};

/// The marks' file in the store's folder.
const FILE: &str = "acknowledged";
/// So many of the latest commits are remembered.
const MARKS: u64 = 4_096;
const MARK_BYTES: usize = 24;

/// A batch that was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Its number is at least this,
    pub(crate) first: u64,
    /// and less than this.
    pub(crate) end: u64,
    /// How many minutes it had.
    pub(crate) minutes: u32,
}

/// Writes marks, the newest in place of the oldest.
pub(crate) struct Marks {
    file: File,
    next: Mutex<u64>,
}

impl Marks {
    /// Begins in `dir` with marks of batches that are still in journals.
    pub(crate) fn begin(dir: &Path, kept: &[Mark]) -> io::Result<Self> {
        let unfinished = dir.join(FILE).with_extension("new");
        let file = File::options().write(true).create(true).truncate(true).open(&unfinished)?;
        // Zeros are no marks, and room that is taken now is not lacking when the disk is full.
        file.write_all_at(&vec![0; MARKS as usize * MARK_BYTES], 0)?;
        let marks = Self { file, next: Mutex::new(0) };
        kept.iter().for_each(|mark| marks.note(*mark));
        std::fs::rename(&unfinished, dir.join(FILE))?;
        Ok(marks)
    }

    /// Notes that a batch was acknowledged. A failure is none of the writer's: then a loss would go unnoticed.
    pub(crate) fn note(&self, mark: Mark) {
        let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let at = *next % MARKS * MARK_BYTES as u64;
        *next += 1;
        if let Err(error) = self.file.write_all_at(&encode(mark), at) {
            tracing::debug!(%error, "an acknowledged batch was not marked");
        }
    }

    /// The marks in `dir`; none if there are none to be read.
    pub(crate) fn read(dir: &Path) -> Option<Vec<Mark>> {
        let bytes = std::fs::read(dir.join(FILE)).ok()?;
        Some(bytes.chunks_exact(MARK_BYTES).filter_map(decode).collect())
    }

    /// Forgets the marks in `dir`: everything that they are about is in tables.
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

/// A mark; none if the slot is empty or was not written to its end.
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
