//! The open tree, and reopening it.
//!
//! A tree that could not write its journal or a table accepts no further writes, because it no longer knows how much of
//! its memory is on disk. Acknowledged data is on disk, and stored data can still be read. So readers keep the tree
//! until the folder is writable again; then it is closed and reopened, which replays the journal up to its last
//! complete batch.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
    time::Duration,
};

use rollcall_store::Result;

use crate::{backend, tree::Tree};

/// Free disk space required to reopen the tree: less would soon run out.
const PROBE_BYTES: usize = 1 << 20;
/// The file for testing that.
const PROBE: &str = "probe";

/// Readers use the old tree for the duration of a page; reopening waits for them, but not for long: a later write
/// retries.
const READERS_WAIT: Duration = Duration::from_millis(5);
const READERS_WAITS: u32 = 60;

/// A folder's tree, which is present unless it is being reopened or reopening failed.
pub(crate) struct Place {
    dir: PathBuf,
    tree: RwLock<Option<Tree>>,
}

impl Place {
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        Ok(Self { dir: dir.to_owned(), tree: RwLock::new(Some(Tree::open(dir)?)) })
    }

    /// Returns the tree. Holding it prevents reopening.
    pub(crate) fn tree(&self) -> Result<Tree> {
        let tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
        tree.clone().ok_or_else(|| backend("the minutes could not be reopened after a disk failure"))
    }

    /// Reopens the tree if the folder is writable. Nobody may write meanwhile.
    pub(crate) fn reopen(&self) -> Result<()> {
        self.probe().map_err(|error| {
            backend(format!("{} is not writable, stored minutes are safe: {error}", self.dir.display()))
        })?;
        let mut place = self.tree.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(tree) = place.take() {
            let mut waits = 0;
            while tree.is_in_use() {
                if waits == READERS_WAITS {
                    *place = Some(tree);
                    return Err(backend("the minutes are being read; reopening them is retried"));
                }
                waits += 1;
                std::thread::sleep(READERS_WAIT);
            }
        }
        *place = Some(Tree::open(&self.dir)?);
        tracing::info!(dir = %self.dir.display(), "minutes are writable again");
        Ok(())
    }

    /// Removes the tree permanently.
    pub(crate) fn close(&self) -> Option<Tree> {
        self.tree.write().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Tests the free disk space by using it.
    fn probe(&self) -> io::Result<()> {
        let path = self.dir.join(PROBE);
        let write = || {
            let mut file = File::create(&path)?;
            file.write_all(&vec![1; PROBE_BYTES])?;
            file.sync_all()
        };
        let written = write();
        match std::fs::remove_file(&path) {
            Err(error) if written.is_ok() => Err(error),
            _ => written,
        }
    }
}
