//! The LSM tree: entries in, merged with what is stored, and ranges out.

use std::{ops::Bound, path::Path, time::Duration};

use fjall::{AbstractTree, Database, Keyspace, PersistMode, Readable, UserKey, UserValue};
use rollcall_store::{Result, StoreError};

use crate::{
    backend, corrupt, encoding,
    key::{self, Key},
    options,
};

/// A key with its value, as they lie on disk.
pub(crate) type Entry = (UserKey, UserValue);

/// A flush is waited for by looking again: for ten seconds, then the disk is in trouble.
const FLUSH_WAIT: Duration = Duration::from_millis(2);
const FLUSH_WAITS: u32 = 5000;

/// The tree of an open folder. Clones speak of the same tree; the folder is let go with the last.
#[derive(Clone)]
pub(crate) struct Tree {
    database: Database,
    minutes: Keyspace,
}

impl Tree {
    /// Opens the tree in `dir`, made where it is not there yet.
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let database = options::database(dir).open().map_err(|error| match error {
            fjall::Error::Locked => StoreError::InUse { path: dir.display().to_string() },
            error => backend(error),
        })?;
        let minutes = database.keyspace("minutes", options::keyspace).map_err(backend)?;
        Ok(Self { database, minutes })
    }

    /// The entries of `range` in the order of their keys, as of now: a batch is seen whole or not at all.
    pub(crate) fn range(&self, range: (Bound<Key>, Bound<Key>)) -> impl Iterator<Item = Result<Entry>> + use<> {
        self.database.snapshot().range(&self.minutes, range).map(|entry| entry.into_inner().map_err(backend))
    }

    /// Writes what is in memory to tables; whether all of it is there when this returns. Nobody may write meanwhile.
    pub(crate) fn flush(&self) -> bool {
        self.minutes.rotate_memtable().is_ok() && self.wait_for_flushes(0)
    }

    /// Hands a full memtable over to be flushed, and waits where too many wait for that already: memory is bounded, and
    /// so is what has to be flushed when the store is closed.
    pub(crate) fn make_room(&self) {
        if self.minutes.tree.active_memtable().size() < options::MEMTABLE_BYTES {
            return;
        }
        if let Err(error) = self.minutes.rotate_memtable() {
            tracing::error!(%error, "minutes in memory cannot be flushed");
        } else if !self.wait_for_flushes(options::MAX_WAITING_MEMTABLES) {
            tracing::warn!("minutes in memory are flushed slowly");
        }
    }

    /// Waits until at most `len` memtables are left to be flushed; whether that came about in good time.
    fn wait_for_flushes(&self, len: usize) -> bool {
        for _ in 0..FLUSH_WAITS {
            if self.minutes.sealed_memtable_count() <= len {
                return true;
            }
            std::thread::sleep(FLUSH_WAIT);
        }
        false
    }

    /// Merges what `jobs` bring with what is stored, all or none, and answers how many entries of each were known
    /// already. When it returns, they survive a power cut.
    pub(crate) fn merge(&self, jobs: &[&[Entry]]) -> Result<Vec<usize>> {
        let mut known = vec![0; jobs.len()];
        let mut entries: Vec<(usize, &Entry)> =
            jobs.iter().enumerate().flat_map(|(job, entries)| entries.iter().map(move |entry| (job, entry))).collect();
        // Stable: reports of the same minute stay in the order in which they came.
        entries.sort_by(|(_, (a, _)), (_, (b, _))| a.cmp(b));
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        let mut entries = entries.into_iter().peekable();
        while let Some((job, (key, value))) = entries.next() {
            let mut value = value.clone();
            while let Some((job, (_, later))) = entries.next_if(|(_, (next, _))| next == key) {
                value = fill(key, later, &value)?;
                known[job] += 1;
            }
            let Some(stored) = self.minutes.get(key).map_err(backend)? else {
                batch.insert(&self.minutes, key.clone(), value);
                continue;
            };
            known[job] += 1;
            // What is stored is durable already: the batch that brought it was synced before it could be seen.
            if stored != value {
                let filled = fill(key, &value, &stored)?;
                if filled != stored {
                    batch.insert(&self.minutes, key.clone(), filled);
                }
            }
        }
        batch.commit().map_err(backend)?;
        Ok(known)
    }
}

/// The later report with its gaps filled from the earlier.
fn fill(key: &[u8], later: &[u8], earlier: &[u8]) -> Result<UserValue> {
    let minute = key::minute(key).map_err(corrupt)?;
    let mut merged = encoding::decode(minute, later).map_err(corrupt)?;
    merged.fill_from(&encoding::decode(minute, earlier).map_err(corrupt)?);
    Ok(encoding::encode(&merged).into())
}
