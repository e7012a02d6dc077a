use std::{io, path::PathBuf};

use rollcall_archive::ArchiveError;
use rollcall_store::StoreError;

/// The result of backup functions.
pub type Result<T, E = BackupError> = std::result::Result<T, E>;

/// How backup functions can fail. Every message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The target contains no backup.
    #[error("{target} contains no complete backup. See `rollcall backups list`")]
    NoBackup {
        /// Folder or bucket.
        target: String,
    },
    /// The specified backup does not exist.
    #[error("{target} contains no backup {name}. `rollcall backups list` shows the existing ones")]
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
    /// The backup differs from what was written.
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
    /// Not a backup's name.
    #[error("{name} is not the name of a backup; a name looks like 20261129T103000000Z-3f9ab2c4")]
    Name {
        /// The name.
        name: String,
    },
    /// The folder to restore to is not empty.
    #[error("{} is not empty. Restore to a folder that is empty or does not exist", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// Another restore is writing to the folder.
    #[error("another restore is writing to {}. Wait for it, or stop it first", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// An archive file cannot be copied.
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
        /// What was being attempted, with the path.
        doing: String,
        /// The error.
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

/// Adds what was being attempted when the disk failed.
pub(crate) trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| BackupError::failed(what(), error))
    }
}
