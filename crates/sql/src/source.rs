//! Where the virtual tables of a query read, and what they know about the query.

use std::{
    borrow::{Borrow, Cow},
    collections::HashSet,
    ffi::{CStr, CString},
    hash::{DefaultHasher, Hash, Hasher as _},
    ops::Range,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use rollcall_archive::Footers;
use rollcall_model::{AccountId, InstanceId, MinuteFields, ParticipantId};
use rollcall_quality::Profile;
use rollcall_store::{MinuteCursor, MinuteRow};
use rusqlite::{Connection, ErrorCode, Result};

use crate::{
    SqlError, failed,
    groups::Asked,
    idle::{Idle, Lent},
};

/// Where a query finds minutes.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) account: AccountId,
    pub(crate) minutes: Arc<dyn ReadMinutes>,
    /// Limits that make a minute an issue.
    pub(crate) profile: Profile,
    pub(crate) current: Arc<Current>,
    /// The idle connections of tables.
    pub(crate) idle: Arc<Idle<Connection>>,
    /// Readers of archive files.
    pub(crate) footers: Footers,
}

/// Minutes that a scan requests, see [`rollcall_store::MinuteStore::read_fields`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'w> {
    pub(crate) account: AccountId,
    pub(crate) instance: InstanceId,
    pub(crate) participants: &'w [ParticipantId],
    pub(crate) after: Option<MinuteCursor>,
    pub(crate) limit: usize,
    pub(crate) fields: &'w MinuteFields,
}

/// Reads minutes for a query, which waits for them.
pub(crate) trait ReadMinutes: Send + Sync {
    /// Reads them; an error becomes the query's.
    fn read(&self, wanted: &Wanted<'_>) -> Result<Vec<MinuteRow>, SqlError>;

    /// Returns the account's instances with hot minutes. `None` if there is no archive whose files can be read
    /// directly. See [`rollcall_store::SealedFiles`].
    fn hot_instances(&self, account: AccountId) -> Result<Option<Vec<InstanceId>>, SqlError>;

    /// Returns the end of an archive file, and its length. `None` if the account has no such file.
    fn file_end(&self, account: AccountId, path: &str, bytes: u64) -> Result<Option<(Bytes, u64)>, SqlError>;

    /// Returns parts of an archive file. `None` if the account has no such file.
    fn file_ranges(
        &self,
        account: AccountId,
        path: &str,
        ranges: &[Range<u64>],
    ) -> Result<Option<Vec<Bytes>>, SqlError>;
}

/// The query that runs on a connection.
#[derive(Debug, Default)]
pub(crate) struct Current {
    /// Set once nobody waits for its answer any more. Each query has its own, so that one that has ended stops no
    /// other.
    stopped: Mutex<Arc<AtomicBool>>,
    /// The instances with hot minutes, once they were requested.
    hot: Mutex<Option<Option<Arc<HashSet<InstanceId>>>>>,
    /// The groups that it aggregates, if any.
    groups: Mutex<Option<Arc<Asked>>>,
    /// Memory limit, in bytes.
    memory: AtomicU64,
    /// Why its tables cannot be read. SQLite only passes on a text, which does not say whose fault it is.
    failure: Mutex<Option<SqlError>>,
}

impl Current {
    /// Starts a query, which `stopped` stops.
    pub(crate) fn begin(&self, stopped: Arc<AtomicBool>, memory: u64) {
        *self.stopped.lock().unwrap_or_else(PoisonError::into_inner) = stopped;
        self.memory.store(memory, Ordering::Relaxed);
        *self.hot.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.take_failure();
    }

    /// Sets the groups to aggregate. `None` drops earlier results.
    pub(crate) fn count(&self, groups: Option<Arc<Asked>>) {
        *self.groups.lock().unwrap_or_else(PoisonError::into_inner) = groups;
    }

    /// Forgets that a table took too much memory, if it did.
    pub(crate) fn forgive_memory(&self) -> bool {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take_if(|failure| matches!(failure, SqlError::TooMuchMemory(_))).is_some()
    }

    /// Returns why a table could not be read.
    pub(crate) fn take_failure(&self) -> Option<SqlError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Source {
    /// Returns whether nobody waits for the answer any more.
    pub(crate) fn is_stopped(&self) -> bool {
        self.current.stopped.lock().unwrap_or_else(PoisonError::into_inner).load(Ordering::Relaxed)
    }

    /// Returns why the query has to end if part of it uses `bytes` of memory.
    pub(crate) fn stops(&self, bytes: u64) -> Option<SqlError> {
        let memory = self.current.memory.load(Ordering::Relaxed);
        if bytes > memory {
            return Some(SqlError::TooMuchMemory(memory));
        }
        self.is_stopped().then(|| SqlError::Internal("stopped".to_owned()))
    }

    /// Returns the groups that the query aggregates.
    pub(crate) fn asked(&self) -> Result<Arc<Asked>> {
        let groups = self.current.groups.lock().unwrap_or_else(PoisonError::into_inner);
        groups.clone().ok_or_else(|| failed("no groups are counted"))
    }

    /// Returns [`ReadMinutes::hot_instances`] of the account, as of the query's first request.
    pub(crate) fn hot_instances(&self) -> Result<Option<Arc<HashSet<InstanceId>>>> {
        let mut known = self.current.hot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hot) = &*known {
            return Ok(hot.clone());
        }
        let hot = self.minutes.hot_instances(self.account).map_err(|error| self.fails(error))?;
        let hot = hot.map(|hot| Arc::new(hot.into_iter().collect()));
        Ok(known.insert(hot).clone())
    }

    /// Returns a connection for a table's own statements.
    pub(crate) fn connect(&self) -> Result<Lent> {
        Lent::of(&self.idle, &self.path)
    }

    /// Records that a table cannot be read, and returns the error for SQLite.
    pub(crate) fn fails(&self, error: SqlError) -> rusqlite::Error {
        *self.current.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        failed("the stored data cannot be read")
    }

    /// Does the same for a failed statement of the table, or for a stored value that none of our statements wrote.
    pub(crate) fn breaks(&self, error: rusqlite::Error) -> rusqlite::Error {
        if self.is_stopped() || error.sqlite_error_code() == Some(ErrorCode::OutOfMemory) {
            return error;
        }
        let reason = error.to_string();
        let mut failure = self.current.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert(SqlError::Internal(reason));
        drop(failure);
        failed("the stored data cannot be read")
    }
}

/// Returns the rowid of a row of a virtual table. SQLite uses it to identify rows if a query contains `OR`: it scans
/// for each side, and takes a row in both once. So a row has the same rowid in every scan.
pub(crate) fn rowid_of(identity: impl Hash) -> i64 {
    let mut hasher = DefaultHasher::new();
    identity.hash(&mut hasher);
    hasher.finish().cast_signed()
}

/// Returns the `CREATE TABLE` from which SQLite reads a virtual table's columns.
pub(crate) fn declaration(columns: &[impl Borrow<str>]) -> Result<Cow<'static, CStr>> {
    Ok(Cow::Owned(CString::new(format!("CREATE TABLE x({})", columns.join(", ")))?))
}
