//! Consistent copies of the database file, taken while others write to it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use rollcall_store::Result;
use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};

use crate::{
    SqliteStore, connection,
    sql::{Driver, backend},
};

/// Number of pages copied between progress reports: 8 MiB.
const PAGES_PER_STEP: i32 = 1_024;

/// A snapshot of the database. While it exists, SQLite's log grows; write it soon, and drop it.
pub struct DatabaseCopy {
    /// In a read transaction, which fixes the snapshot.
    db: Connection,
}

/// What a copy of the database contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyReport {
    /// SQLite's findings about it; empty if it is intact.
    pub problems: Vec<String>,
    /// The archive files in which instances have rows, with their sizes.
    pub archive_files: BTreeMap<String, u64>,
}

impl SqliteStore {
    /// Takes a snapshot of the database: every earlier commit is in the copy, and no later one.
    ///
    /// # Errors
    /// [`rollcall_store::StoreError::Backend`] if the file cannot be read, or the database lives in memory.
    pub async fn begin_copy(&self) -> Result<DatabaseCopy> {
        let path = match &self.shared.readers {
            Some(readers) => readers.path().to_owned(),
            None => return Err(backend("a database in memory cannot be copied")),
        };
        tokio::task::spawn_blocking(move || DatabaseCopy::begin(&path)).await.map_err(backend)?
    }
}

impl DatabaseCopy {
    fn begin(path: &Path) -> Result<Self> {
        let db = connection::open_reader(path)?;
        db.execute_batch("BEGIN").driver()?;
        // The transaction sees the database as of its first read.
        let _: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).driver()?;
        Ok(Self { db })
    }

    /// Writes the copy to `path`, a self-contained file, unless `stop` is set meanwhile.
    /// `progress` receives the bytes written and their total. Blocks.
    ///
    /// # Errors
    /// [`rollcall_store::StoreError::Backend`] if the disk fails or is full, or if it was stopped.
    pub fn write_to(&self, path: &Path, stop: &AtomicBool, mut progress: impl FnMut(u64, u64)) -> Result<()> {
        let page: u64 = self.db.pragma_query_value(None, "page_size", |row| row.get(0)).driver()?;
        let mut copy = Connection::open(path).driver()?;
        // Nobody reads it before it is complete, and the publisher syncs it.
        copy.pragma_update(None, "synchronous", "OFF").driver()?;
        {
            let backup = Backup::new(&self.db, &mut copy).driver()?;
            loop {
                if stop.load(Ordering::Relaxed) {
                    return Err(backend("stopped"));
                }
                let step = backup.step(PAGES_PER_STEP).driver()?;
                let at = backup.progress();
                let (total, left) = (u64::from(at.pagecount.unsigned_abs()), u64::from(at.remaining.unsigned_abs()));
                progress(total.saturating_sub(left) * page, total * page);
                match step {
                    StepResult::Done => break,
                    StepResult::More => {}
                    _ => std::thread::sleep(std::time::Duration::from_millis(10)),
                }
            }
        }
        copy.close().map_err(|(_, error)| backend(error))?;
        std::fs::File::open(path).and_then(|file| file.sync_all()).map_err(backend)
    }
}

/// Reads a copy completely, without writing anything, not even beside it. Blocks.
///
/// # Errors
/// [`rollcall_store::StoreError::Backend`] if it cannot be read at all.
pub fn check_copy(path: &Path) -> Result<CopyReport> {
    const PROBLEMS: usize = 10;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(immutable(path), flags).driver()?;
    let problems = {
        let mut check = db.prepare(&format!("PRAGMA integrity_check({PROBLEMS})")).driver()?;
        let found = check.query_map([], |row| row.get::<_, String>(0)).driver()?;
        let found: Vec<String> = found.collect::<rusqlite::Result<_>>().driver()?;
        found.into_iter().filter(|line| line != "ok").collect()
    };
    let archive_files = {
        let sql = "SELECT path, bytes FROM archive_files WHERE unreferenced_since_ms IS NULL";
        let mut files = db.prepare(sql).driver()?;
        let found = files.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).driver()?;
        found.collect::<rusqlite::Result<_>>().driver()?
    };
    Ok(CopyReport { problems, archive_files })
}

/// Returns the URI of a file without writers: SQLite then creates no log beside it.
fn immutable(path: &Path) -> PathBuf {
    let escaped: String = path
        .to_string_lossy()
        .chars()
        .map(|c| match c {
            '%' => "%25".to_owned(),
            '?' => "%3f".to_owned(),
            '#' => "%23".to_owned(),
            c => c.to_string(),
        })
        .collect();
    format!("file:{escaped}?immutable=1").into()
}
