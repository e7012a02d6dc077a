/// What a store method answers.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// How a store can fail, told by whose fault it is.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The thing to be made exists already. Nothing was changed.
    #[error("{what} exists already")]
    Conflict {
        /// Which thing, in words a caller may read.
        what: String,
    },
    /// The thing to be changed does not exist. Nothing was changed.
    #[error("{what} does not exist")]
    NotFound {
        /// Which thing, in words a caller may read.
        what: String,
    },
    /// A limit stands in the way. Nothing was changed.
    #[error("{what}")]
    LimitReached {
        /// Which limit, in words a caller may read.
        what: String,
    },
    /// A page's report names a record of a trusted source. Nothing was changed.
    #[error("{what} belongs to another source, and a page may not change it")]
    Foreign {
        /// Which record, in words a caller may read.
        what: String,
    },
    /// What was read contradicts the model: a bug, or a damaged database.
    #[error("{table} holds a row that cannot be: {reason}")]
    Corrupt {
        /// Where.
        table: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Another process holds the data folder.
    #[error("{path} is in use by another process. Wait until it has ended, or name another folder")]
    InUse {
        /// The folder.
        path: String,
    },
    /// The driver, the disk or the network failed.
    #[error("the {backend} store failed: {source}")]
    Backend {
        /// Which backend.
        backend: &'static str,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// Wraps a driver's error.
    pub fn backend(backend: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Backend { backend, source: source.into() }
    }
}
