//! The entity store on SQLite.
//!
//! One file contains everything with a name. One connection writes, on its own thread, and commits waiting writes
//! together; a few more connections read. With SQLite's write-ahead log, readers and the writer do not block each
//! other, and other processes can read and write the same file.
//!
//! The tables are named with the words of ARCHITECTURE.md, and `migrations/` documents their columns. An instance has
//! at most 2²⁴ participants.

mod accounts;
mod archive;
mod audit;
mod authorizations;
mod collect;
mod columns;
mod connection;
mod connections;
mod copy;
mod deletion;
mod documents;
mod erasures;
mod event_reports;
mod fields;
mod findings;
mod health;
mod hooks;
mod instances;
mod meetings;
mod members;
mod migrations;
mod oauth;
mod participants;
mod person_rows;
mod persons;
mod presumed_ends;
mod quality;
mod readers;
mod registrants;
mod reports;
mod retention;
mod rollups;
mod saved_queries;
mod sealing;
mod sql;
mod subscriptions;
mod tracking_codes;
mod tracking_fields;
mod tracking_sources;
mod users;
mod webhooks;
mod writer;

use std::{path::Path, sync::Arc, thread};

pub use health::{check_access, check_pages};
use rollcall_store::{
    Result, StoreError,
    policy::{Database, Rows},
};
use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use self::copy::{CopyReport, DatabaseCopy, check_copy};
pub use crate::{
    fields::FieldReader, instances::INSTANCE_FIELDS, participants::PARTICIPANT_FIELDS, sealing::SecretsKey,
};
use crate::{readers::Readers, sql::Driver, writer::Writer};

/// Number of reading connections per core: while one page is passed on, the next is read.
const READERS_PER_CORE: usize = 2;
/// Maximum number of reading connections: each has a page cache.
const READERS: std::ops::RangeInclusive<usize> = 4..=16;

/// The entity store on SQLite. Clones share it; dropping the last one completes pending writes.
///
/// Its methods must be awaited on a tokio runtime.
#[derive(Clone)]
pub struct SqliteStore {
    shared: Arc<Shared>,
}

/// Fields are dropped in this order: the writer, which closes last, leaves no log behind.
struct Shared {
    /// `None` if the database is in memory: then the writing connection also reads.
    readers: Option<Readers>,
    writer: Writer,
    /// Decrypts webhook secrets. Without a key, they are stored in plain text.
    secrets_key: Option<SecretsKey>,
}

impl SqliteStore {
    /// Opens the database at `path`, creates it if it does not exist, and migrates its schema.
    ///
    /// # Errors
    /// [`rollcall_store::StoreError::Backend`] if the file cannot be read and written, is not a database, or was
    /// written by a newer program.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with_secrets(path, |_| Ok::<_, StoreError>(None))
    }

    /// Does the same as [`Self::open`], with a key for webhook secrets. `find_key` gets whether the database has
    /// encrypted secrets, so that it does not replace a lost key. Secrets in plain text are encrypted now.
    ///
    /// # Errors
    /// Those of [`Self::open`] and of `find_key`.
    pub fn open_with_secrets<E: From<StoreError>>(
        path: &Path,
        find_key: impl FnOnce(bool) -> std::result::Result<Option<SecretsKey>, E>,
    ) -> std::result::Result<Self, E> {
        let db = connection::open_writer(path)?;
        migrations::run(&db)?;
        let secrets_key = find_key(hooks::has_sealed(&db)?)?;
        if let Some(key) = &secrets_key {
            seal_plain(&db, key)?;
        }
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let readers = (cores * READERS_PER_CORE).clamp(*READERS.start(), *READERS.end());
        let readers = Readers::new(path, readers);
        Ok(Self::start(db, Some(readers), secrets_key)?)
    }

    /// Creates an in-memory database, which is gone with the last clone: for tests.
    ///
    /// # Errors
    /// [`rollcall_store::StoreError::Backend`] if a thread or memory is lacking.
    pub fn open_in_memory() -> Result<Self> {
        let db = connection::open_in_memory()?;
        migrations::run(&db)?;
        Self::start(db, None, None)
    }

    fn start(db: Connection, readers: Option<Readers>, secrets_key: Option<SecretsKey>) -> Result<Self> {
        Ok(Self { shared: Arc::new(Shared { readers, writer: Writer::start(db)?, secrets_key }) })
    }

    fn secrets_key(&self) -> Option<SecretsKey> {
        self.shared.secrets_key.clone()
    }

    /// Reads the whole file, and returns at most `limit` problems that SQLite finds.
    ///
    /// # Errors
    /// [`rollcall_store::StoreError::Backend`] if it cannot be read at all.
    pub async fn integrity_problems(&self, limit: usize) -> Result<Vec<String>> {
        self.read(move |db| {
            let mut check = db.prepare(&format!("PRAGMA integrity_check({limit})")).driver()?;
            let found = check.query_map([], |row| row.get(0)).driver()?;
            let found: Vec<String> = found.collect::<rusqlite::Result<_>>().driver()?;
            Ok(found.into_iter().filter(|line| line != "ok").collect())
        })
        .await
    }

    /// Runs a read-only query.
    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.shared.readers {
            Some(readers) => readers.run(query).await,
            None => self.shared.writer.run(query).await,
        }
    }

    /// Runs a read-only query of a few rows that are requested often.
    async fn read_here<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.shared.readers {
            Some(readers) => readers.run_here(query).await,
            None => self.shared.writer.run(query).await,
        }
    }

    /// Runs work that changes rows atomically, and returns when it is durable.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.shared.writer.run(work).await
    }
}

/// The rows of a transaction on this connection.
struct SqliteRows<'db>(&'db Connection);

impl Database for SqliteStore {
    async fn read_rows<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Rows) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.read(move |db| work(&SqliteRows(db))).await
    }

    async fn write_rows<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Rows) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.write(move |db| work(&SqliteRows(db))).await
    }

    async fn remove_free_pages(&self) -> Result<()> {
        self.shared.writer.run_alone(connection::remove_free_pages).await
    }
}

/// Encrypts secrets that an earlier version stored in plain text, and empties the log, which still contains them.
fn seal_plain(db: &Connection, key: &SecretsKey) -> Result<()> {
    let plain = "SELECT EXISTS (SELECT 1 FROM hooks WHERE secret <> '')";
    if sql::count(db, "hooks", plain, [])? == 0 {
        return Ok(());
    }
    let transaction = Transaction::new_unchecked(db, TransactionBehavior::Immediate).driver()?;
    hooks::seal_plain(&transaction, key)?;
    transaction.commit().driver()?;
    // If another process is reading, the log is emptied later.
    let busy = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0)).driver()?;
    if busy {
        tracing::warn!("the database's log may contain webhook secrets in plain text until it is next emptied");
    }
    Ok(())
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}
