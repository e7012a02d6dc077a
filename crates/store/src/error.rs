/// The result of a store method.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// How a store can fail, by whose fault it is.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The object to create already exists. Nothing was changed.
    #[error("{what} already exists")]
    Conflict {
        /// The object, in words for the caller.
        what: String,
    },
    /// The object to change does not exist. Nothing was changed.
    #[error("{what} does not exist")]
    NotFound {
        /// The object, in words for the caller.
        what: String,
    },
    /// A limit was reached. Nothing was changed.
    #[error("{what}")]
    LimitReached {
        /// The limit, in words for the caller.
        what: String,
    },
    /// A page's report has the id of a record of a trusted source. Nothing was changed.
    #[error("{what} belongs to another source, and a page may not change it")]
    Foreign {
        /// The record, in words for the caller.
        what: String,
    },
    /// A stored row contradicts the model: a bug, or a damaged database.
    #[error("corrupt row in {table}: {reason}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Another process uses the data folder.
    #[error("{path} is in use by another process. Wait until it has ended, or choose another folder")]
    InUse {
        /// The folder.
        path: String,
    },
    /// The driver, the disk or the network failed.
    #[error("the {backend} store failed: {source}")]
    Backend {
        /// Which backend.
        backend: &'static str,
        /// The error.
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
