//! Keeps start-up fast.
//!
//! The tree replays its whole journal when it is opened, including what is already in tables, and starts a new journal
//! only after 64 MB: up to half a second of useless replay. Closing a flushed store leaves an empty journal.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::marks::Marks;

/// The lock file of the folder.
pub(crate) const LOCK_FILE: &str = "lock";
/// Number of attempts to lock, and the pause between them.
const LOCK_TRIES: u32 = 3;
const LOCK_WAIT: Duration = Duration::from_millis(100);
const JOURNAL_EXTENSION: &str = "jnl";

/// Replaces the journals of a closed store by an empty one. Tables must contain all their data.
///
/// A crash in between leaves journals of which the last is empty, as the tree itself does when it starts a new one.
/// Does nothing if somebody has locked the folder.
pub(crate) fn shorten(dir: &Path) -> io::Result<()> {
    let Some(_held) = lock(dir)? else { return Ok(()) };
    // Tables contain all acknowledged data.
    Marks::remove(dir)?;
    let journals = journals(dir)?;
    let Some((last, path)) = journals.last() else { return Ok(()) };
    if path.metadata()?.len() == 0 && journals.len() == 1 {
        return Ok(());
    }
    // Renumbered instead of removed: the tree continues its sequence numbers from a journal.
    let next = dir.join((last + 1).to_string()).with_extension(JOURNAL_EXTENSION);
    File::create_new(next)?.sync_all()?;
    let folder = File::open(dir)?;
    folder.sync_all()?;
    for (_, path) in &journals {
        std::fs::remove_file(path)?;
    }
    folder.sync_all()
}

/// Locks a folder. `None` if somebody else has locked it. Dropping the result releases the lock.
pub(crate) fn lock(dir: &Path) -> io::Result<Option<File>> {
    let lock = File::open(dir.join(LOCK_FILE))?;
    for tries in 1.. {
        match lock.try_lock() {
            Ok(()) => return Ok(Some(lock)),
            Err(TryLockError::WouldBlock) if tries == LOCK_TRIES => break,
            // The holder may just be releasing it.
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_WAIT),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

/// Returns the journals in `dir` with their numbers, oldest first.
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
