use std::{io, path::PathBuf};

use rollcall_archive::ArchiveError;
use rollcall_store::StoreError;

/// What backing up and restoring answers.
pub type Result<T, E = BackupError> = std::result::Result<T, E>;

/// How backing up and restoring can fail. Every message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no backup in the target.
    #[error("{target} holds no complete backup. See `rollcall backups list`")]
    NoBackup {
        /// Folder or bucket.
        target: String,
    },
    /// The backup that was named is not there.
    #[error("{target} holds no backup {name}. `rollcall backups list` shows those that are there")]
    Unknown {
        /// Folder or bucket.
        target: String,
        /// The backup.
        name: String,
    },
    /// The backup was never finished.
    #[error("backup {name} is incomplete: it was interrupted before its manifest was written. Choose another backup")]
    Incomplete {
        /// The backup.
        name: String,
    },
    /// The backup is not what was written.
    #[error("backup {name} is damaged: {reason}. Choose another backup")]
    Damaged {
        /// The backup.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The backup was made by a newer program.
    #[error("backup {name} has format {format}; this program reads format {known}. Use a newer program")]
    Format {
        /// The backup.
        name: String,
        /// Its format.
        format: u32,
        /// The newest format that can be read.
        known: u32,
    },
    /// A name is no backup's.
    #[error("{name} is not the name of a backup; a name looks like 20261129T103000000Z-3f9ab2c4")]
    Name {
        /// The name.
        name: String,
    },
    /// The folder to restore to has something in it.
    #[error("{} is not empty. Restore to a folder that is empty or does not exist", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// Another restore works on the folder.
    #[error("another restore is writing to {}. Wait for it, or stop it first", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// A file of the archive cannot be copied.
    #[error(
        "the archive's file {file} cannot be backed up: {reason}. Put it back from an older backup, or add \
         --allow-missing to make a backup without it"
    )]
    Source {
        /// Its path inside the archive.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The disk, the network or the far store failed.
    #[error("{doing} failed: {source}")]
    Failed {
        /// What was being done, with the path.
        doing: String,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive failed.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

impl BackupError {
    pub(crate) fn failed(
        doing: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Failed { doing: doing.into(), source: source.into() }
    }

    pub(crate) fn damaged(name: &str, reason: impl Into<String>) -> Self {
        Self::Damaged { name: name.to_owned(), reason: reason.into() }
    }
}

/// Says what was being done when the disk failed.
pub(crate) trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| BackupError::failed(what(), error))
    }
}
