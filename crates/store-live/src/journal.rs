//! Keeping the next start short.
//!
//! The tree replays its whole journal when it is opened, also what is in tables by then, and begins a new one only after
//! 64 MB: up to half a second of replay for nothing. Whoever closes a store that is flushed leaves an empty journal.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::marks::Marks;

/// The file that whoever holds the folder has locked.
pub(crate) const LOCK_FILE: &str = "lock";
/// How often the lock is tried, and how long to wait in between.
const LOCK_TRIES: u32 = 3;
const LOCK_WAIT: Duration = Duration::from_millis(100);
const JOURNAL_EXTENSION: &str = "jnl";

/// Replaces the journals of a closed store by an empty one. All that they tell must be in tables.
///
/// A crash in between leaves journals of which the last is empty, as the tree itself does when it begins a new one.
/// Does nothing where somebody holds the folder.
pub(crate) fn shorten(dir: &Path) -> io::Result<()> {
    let Some(_held) = lock(dir)? else { return Ok(()) };
    // All that was acknowledged is in tables.
    Marks::remove(dir)?;
    let journals = journals(dir)?;
    let Some((last, path)) = journals.last() else { return Ok(()) };
    if path.metadata()?.len() == 0 && journals.len() == 1 {
        return Ok(());
    }
    // Numbered on rather than left out: it is from a journal that the tree learns to go on counting its writes.
    let next = dir.join((last + 1).to_string()).with_extension(JOURNAL_EXTENSION);
    File::create_new(next)?.sync_all()?;
    let folder = File::open(dir)?;
    folder.sync_all()?;
    for (_, path) in &journals {
        std::fs::remove_file(path)?;
    }
    folder.sync_all()
}

/// Takes the lock of a folder; none while somebody holds it. It is let go when the answer is dropped.
pub(crate) fn lock(dir: &Path) -> io::Result<Option<File>> {
    let lock = File::open(dir.join(LOCK_FILE))?;
    for tries in 1.. {
        match lock.try_lock() {
            Ok(()) => return Ok(Some(lock)),
            Err(TryLockError::WouldBlock) if tries == LOCK_TRIES => break,
            // Whoever holds it may just be letting go.
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_WAIT),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

/// The journals in `dir` with their numbers, oldest first.
pub(crate) fn journals(dir: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut journals = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let number = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        if let (Some(number), Some(JOURNAL_EXTENSION)) = (number, path.extension().and_then(|e| e.to_str())) {
            journals.push((number, path));
        }
    }
    journals.sort_unstable();
    Ok(journals)
}
