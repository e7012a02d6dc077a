use crate::FilePath;

/// The result of archive functions.
pub type Result<T, E = ArchiveError> = std::result::Result<T, E>;

/// How the archive can fail. Every message contains the file or the location.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The location cannot be an archive.
    #[error("`{location}` is not a valid archive location: {reason}")]
    Location {
        /// As given.
        location: String,
        /// What is wrong, and what is valid.
        reason: String,
    },
    /// The file does not exist.
    #[error("the archive has no file {file}")]
    Missing {
        /// Its path inside the archive.
        file: String,
    },
    /// The file's bytes differ from what the archive wrote.
    #[error("the archive's file {file} is damaged: {reason}")]
    Corrupt {
        /// Its path inside the archive.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The file has an unknown version.
    #[error("the archive's file {file} has version {version}; this program reads version {known}")]
    Version {
        /// Its path inside the archive.
        file: String,
        /// The version in its metadata.
        version: String,
        /// The newest version that can be read.
        known: u32,
    },
    /// The requested rows do not exist in the file.
    #[error("the archive's file {file} has {rows} rows, and no row {row}")]
    NoSuchRow {
        /// Its path inside the archive.
        file: String,
        /// The requested row.
        row: u64,
        /// The number of rows.
        rows: u64,
    },
    /// Rows were written in an invalid order. The file was not written.
    #[error("rows of {file} are out of order: {reason}")]
    Order {
        /// Its path inside the archive.
        file: String,
        /// What followed what.
        reason: String,
    },
    /// The disk, the network or the remote store failed.
    #[error("{doing} failed: {source}")]
    Backend {
        /// What was being attempted, with the file's path.
        doing: String,
        /// The backend's error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl ArchiveError {
    pub(crate) fn backend(
        doing: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Backend { doing: doing.into(), source: source.into() }
    }

    pub(crate) fn corrupt(file: &FilePath, reason: &(impl ToString + ?Sized)) -> Self {
        Self::Corrupt { file: file.to_string(), reason: reason.to_string() }
    }

    /// Converts an object store's error about `file`.
    pub(crate) fn of_store(doing: &str, file: &FilePath, error: object_store::Error) -> Self {
        let file = file.to_string();
        match error {
            object_store::Error::NotFound { .. } => Self::Missing { file },
            other => Self::backend(format!("{doing} {file}"), other),
        }
    }
}
