use crate::FilePath;

/// What the archive answers.
pub type Result<T, E = ArchiveError> = std::result::Result<T, E>;

/// How the archive can fail. Every message names the file or the place.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The place named is not one where an archive can be.
    #[error("`{location}` cannot hold an archive: {reason}")]
    Location {
        /// As it was given.
        location: String,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// The file is not there.
    #[error("the archive has no file {file}")]
    Missing {
        /// Its path inside the archive.
        file: String,
    },
    /// The file's bytes are not what the archive wrote.
    #[error("the archive's file {file} is damaged: {reason}")]
    Corrupt {
        /// Its path inside the archive.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is of a version that this program does not know.
    #[error("the archive's file {file} is of version {version}; this program reads version {known}")]
    Version {
        /// Its path inside the archive.
        file: String,
        /// What its metadata says.
        version: String,
        /// The newest version that can be read.
        known: u32,
    },
    /// Rows were asked for that the file does not have.
    #[error("the archive's file {file} has {rows} rows, and no row {row}")]
    NoSuchRow {
        /// Its path inside the archive.
        file: String,
        /// The row asked for.
        row: u64,
        /// How many there are.
        rows: u64,
    },
    /// Rows were handed over in an order in which no file may hold them. The file was not written.
    #[error("rows of {file} are out of order: {reason}")]
    Order {
        /// Its path inside the archive.
        file: String,
        /// What came after what.
        reason: String,
    },
    /// The disk, the network or the far store failed.
    #[error("{doing} failed: {source}")]
    Backend {
        /// What was being done, with the file's path.
        doing: String,
        /// What the backend said.
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

    /// What an object store said of `file`.
    pub(crate) fn of_store(doing: &str, file: &FilePath, error: object_store::Error) -> Self {
        let file = file.to_string();
        match error {
            object_store::Error::NotFound { .. } => Self::Missing { file },
            other => Self::backend(format!("{doing} {file}"), other),
        }
    }
}
