//! The entity store on SQLite.
//!
//! One file holds everything that has a name. One connection writes, on a thread of its own, and commits together what
//! is waiting together; a few more connections read. SQLite's write-ahead log keeps the two out of each other's way,
//! and lets other processes read and write the same file.
//!
//! The tables are named with the words of the design, and `migrations/` says what their columns mean. An instance holds
//! at most 2²⁴ participants.

mod accounts;
mod archive;
mod audit;
mod columns;
mod connection;
mod copy;
mod deletion;
mod erased;
mod erasures;
mod events;
mod fields;
mod health;
mod hooks;
mod instances;
mod lives;
mod meetings;
mod migrations;
mod oauth;
mod origin;
mod participants;
mod quality;
mod readers;
mod registrants;
mod retention;
mod rollups;
mod schedules;
mod sealing;
mod sql;
mod tracking_codes;
mod tracking_sources;
mod users;
mod writer;

use std::{path::Path, sync::Arc, thread};

pub use health::{check_access, check_pages};
use rollcall_store::{Result, StoreError};
use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use self::copy::{CopyReport, DatabaseCopy, check_copy};
pub use crate::{
    fields::FieldReader, instances::INSTANCE_FIELDS, participants::PARTICIPANT_FIELDS, sealing::SecretsKey,
};
use crate::{readers::Readers, sql::Driver, writer::Writer};

/// How many connections read at a time for each core: while one page is handed over, the next is read.
const READERS_PER_CORE: usize = 2;
/// How many read at a time whatever the machine: each has a page cache.
const READERS: std::ops::RangeInclusive<usize> = 4..=16;

/// The entity store on SQLite. Clones share it; when the last one is dropped, what is being written is finished.
///
/// Its methods must be awaited on a tokio runtime.
#[derive(Clone)]
pub struct SqliteStore {
    shared: Arc<Shared>,
}

/// Fields are dropped in this order: the writer, closing last, leaves no log behind.
struct Shared {
    /// None where the database lives in the memory of the writing connection: that one reads too.
    readers: Option<Readers>,
    writer: Writer,
    /// Opens secrets of webhooks. Without one they are stored as they are.
    secrets_key: Option<SecretsKey>,
}

impl SqliteStore {
    /// Opens the database at `path`, makes it where there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// [`rollcall_store::StoreError::Backend`] where the file cannot be read and written, is no database, or was
    /// written by a newer program.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with_secrets(path, |_| Ok::<_, StoreError>(None))
    }

    /// [`Self::open`] with a key for the secrets of webhooks. `find_key` is told whether the database holds secrets that
    /// were encrypted, so that it draws no new key in place of a lost one. Secrets from before are encrypted now.
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

    /// Makes a database that is gone with the last clone: for tests.
    ///
    /// # Errors
    /// [`rollcall_store::StoreError::Backend`] where a thread or memory is lacking.
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

    /// What SQLite finds wrong with the file when it reads all of it, at most `limit` things.
    ///
    /// # Errors
    /// [`rollcall_store::StoreError::Backend`] where it cannot be read at all.
    pub async fn integrity_problems(&self, limit: usize) -> Result<Vec<String>> {
        self.read(move |db| {
            let mut check = db.prepare(&format!("PRAGMA integrity_check({limit})")).driver()?;
            let found = check.query_map([], |row| row.get(0)).driver()?;
            let found: Vec<String> = found.collect::<rusqlite::Result<_>>().driver()?;
            Ok(found.into_iter().filter(|line| line != "ok").collect())
        })
        .await
    }

    /// Runs a query that changes nothing.
    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.shared.readers {
            Some(readers) => readers.run(query).await,
            None => self.shared.writer.run(query).await,
        }
    }

    /// Runs a query that changes nothing and reads a few rows that are asked for again and again.
    async fn read_here<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.shared.readers {
            Some(readers) => readers.run_here(query).await,
            None => self.shared.writer.run(query).await,
        }
    }

    /// Runs work that changes rows, all or nothing, and returns when it is durable.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.shared.writer.run(work).await
    }
}

/// Encrypts secrets that an earlier version stored as they are, and empties the log, where they still lie.
fn seal_plain(db: &Connection, key: &SecretsKey) -> Result<()> {
    let plain = "SELECT EXISTS (SELECT 1 FROM hooks WHERE secret <> '')";
    if sql::count(db, "hooks", plain, [])? == 0 {
        return Ok(());
    }
    let transaction = Transaction::new_unchecked(db, TransactionBehavior::Immediate).driver()?;
    hooks::seal_plain(&transaction, key)?;
    transaction.commit().driver()?;
    // Another process may be reading; the log is emptied later then.
    let busy = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0)).driver()?;
    if busy {
        tracing::warn!("the database's log may still hold webhook secrets in plain text until it is next emptied");
    }
    Ok(())
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}
