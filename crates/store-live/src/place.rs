//! Where the open tree stands.
//!
//! A tree that could not write its journal, or a table, takes no further writes: of what it has in memory it no longer
//! knows how much is on disk. What was acknowledged is, and what is stored can still be read. So readers keep the tree as
//! it is until the folder can be written to again; then it is closed and opened anew, which reads the journal up to where
//! it was whole.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
    time::Duration,
};

use rollcall_store::Result;

use crate::{backend, tree::Tree};

/// So much has to fit on the disk before the tree is opened anew: less is soon used up.
const PROBE_BYTES: usize = 1 << 20;
/// The file by which that is found out.
const PROBE: &str = "probe";

/// Readers hold the tree as it was for as long as a page takes; whoever opens it anew waits for them, but not for long:
/// a later write tries again.
const READERS_WAIT: Duration = Duration::from_millis(5);
const READERS_WAITS: u32 = 60;

/// A folder's tree, which is there unless it is being opened anew or could not be.
pub(crate) struct Place {
    dir: PathBuf,
    tree: RwLock<Option<Tree>>,
}

impl Place {
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        Ok(Self { dir: dir.to_owned(), tree: RwLock::new(Some(Tree::open(dir)?)) })
    }

    /// The tree. Whoever has it keeps the place from opening it anew.
    pub(crate) fn tree(&self) -> Result<Tree> {
        let tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
        tree.clone().ok_or_else(|| backend("the minutes could not be opened again after the disk had failed"))
    }

    /// Opens the tree anew where the folder can be written to. Nobody may write meanwhile.
    pub(crate) fn reopen(&self) -> Result<()> {
        self.probe().map_err(|error| {
            backend(format!("nothing can be written to {}, and what is there is kept: {error}", self.dir.display()))
        })?;
        let mut place = self.tree.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(tree) = place.take() {
            let mut waits = 0;
            while tree.is_in_use() {
                if waits == READERS_WAITS {
                    *place = Some(tree);
                    return Err(backend("the minutes are being read, and are opened again a little later"));
                }
                waits += 1;
                std::thread::sleep(READERS_WAIT);
            }
        }
        *place = Some(Tree::open(&self.dir)?);
        tracing::info!(dir = %self.dir.display(), "minutes can be written again");
        Ok(())
    }

    /// Takes the tree out, for good.
    pub(crate) fn close(&self) -> Option<Tree> {
        self.tree.write().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether there is room on the disk, found out by using it.
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
