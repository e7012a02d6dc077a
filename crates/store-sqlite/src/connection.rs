//! Opening and configuring connections.

use std::{ffi::CString, path::Path, sync::Once, thread, time::Duration};

use rollcall_store::Result;
use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

use crate::sql::{Driver, backend};

/// The page cache of the writing connection and of a reading one, in KiB. They are small because they count as the
/// server's own memory, and the operating system also caches the file's pages.
const WRITER_CACHE_KIB: i32 = 8 * 1024;
const READER_CACHE_KIB: i32 = 1024;
/// The page size of the file. A page of participants takes a quarter as many reads as with SQLite's default, and a
/// tenth less time.
const PAGE_BYTES: i32 = 8 * 1024;
/// Number of prepared statements that a connection caches; there are about sixty.
const STATEMENTS: usize = 96;
/// How long to wait for a lock.
const LOCK_WAIT: Duration = Duration::from_secs(30);
const LOCK_POLL: Duration = Duration::from_millis(1);

/// Opens the writing connection, and creates the file if it does not exist.
pub(crate) fn open_writer(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    keep_temporary_files_beside(path);
    let mut db = Connection::open_with_flags(path, flags).driver()?;
    set_up_writer(&mut db)?;
    Ok(db)
}

/// Opens an in-memory database, which lives as long as its connection.
pub(crate) fn open_in_memory() -> Result<Connection> {
    let mut db = Connection::open_in_memory().driver()?;
    set_up_writer(&mut db)?;
    Ok(db)
}

/// Opens a reading connection.
pub(crate) fn open_reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(path, flags).driver()?;
    set_up(&mut db, READER_CACHE_KIB)?;
    Ok(db)
}

fn set_up_writer(db: &mut Connection) -> Result<()> {
    set_up(db, WRITER_CACHE_KIB)?;
    keep_temporary_data_in(TempStore::Memory, db)?;
    // It applies only to a new file.
    db.pragma_update(None, "page_size", PAGE_BYTES).driver()?;
    switch_to_wal(db)?;
    // In WAL mode, only FULL syncs at every commit, so that acknowledged data survives a power cut.
    db.pragma_update(None, "synchronous", "FULL").driver()?;
    db.pragma_update(None, "foreign_keys", true).driver()?;
    // Deleted or overwritten data leaves no bytes behind.
    db.pragma_update_and_check(None, "secure_delete", true, |_| Ok(())).driver()?;
    // Disk space of the log after a burst of writes is released.
    db.pragma_update_and_check(None, "journal_size_limit", 64 * 1024 * 1024, |_| Ok(())).driver()
}

/// Where SQLite keeps temporary data: sorts, and the pages to roll back a failed statement.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TempStore {
    /// In memory: pages with names of persons never reach a file that is not erased.
    Memory,
    /// In a file beside the database, for a full copy.
    File,
}

/// Sets where a connection keeps temporary data.
pub(crate) fn keep_temporary_data_in(store: TempStore, db: &Connection) -> Result<()> {
    let name = match store {
        TempStore::Memory => "MEMORY",
        TempStore::File => "FILE",
    };
    db.pragma_update(None, "temp_store", name).driver()
}

/// Makes SQLite put temporary files into the folder of the first database that the process opens, which only its user
/// can read. Its default is /var/tmp, which may not be writable.
#[expect(unsafe_code, reason = "SQLite takes the folder from a global variable")]
fn keep_temporary_files_beside(path: &Path) {
    static ONCE: Once = Once::new();
    let folder = path.parent().and_then(|folder| CString::new(folder.as_os_str().as_encoded_bytes()).ok());
    let Some(folder) = folder.filter(|folder| !folder.is_empty()) else { return };
    // SAFETY: nothing reads the variable yet: it is set once, before the process opens its first connection. SQLite
    // requires memory of its own allocator there, which `sqlite3_mprintf` returns, or NULL, which leaves the default.
    ONCE.call_once(|| unsafe {
        rusqlite::ffi::sqlite3_temp_directory = rusqlite::ffi::sqlite3_mprintf(c"%s".as_ptr(), folder.as_ptr());
    });
}

/// Setting the current mode again costs nothing; the file remembers it.
///
/// If another process switches a new file at the same moment, SQLite upgrades a shared lock to an exclusive one, and to
/// avoid a deadlock reports immediately that the file is busy, without calling the busy handler.
fn switch_to_wal(db: &Connection) -> Result<()> {
    let mut tries = 0;
    loop {
        let switched = db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()));
        let is_busy = switched.as_ref().is_err_and(|error| error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy));
        if !is_busy || !wait_for_lock(tries) {
            return switched.driver();
        }
        tries += 1;
    }
}

/// Rewrites the file without free pages, and empties the log.
///
/// The first step removes data in free pages, the second data in the log, which has to wait until nobody reads from
/// before.
pub(crate) fn remove_free_pages(db: &Connection) -> Result<()> {
    // The copy may be larger than memory.
    keep_temporary_data_in(TempStore::File, db)?;
    let vacuumed = db.execute_batch("VACUUM").driver();
    keep_temporary_data_in(TempStore::Memory, db)?;
    vacuumed?;
    let busy: bool = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).driver()?;
    match busy {
        false => Ok(()),
        true => Err(backend("the log could not be emptied, since somebody reads for long: it is tried again")),
    }
}

fn set_up(db: &mut Connection, cache_kib: i32) -> Result<()> {
    db.busy_handler(Some(wait_for_lock)).driver()?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    // Plans do not depend on bound values. Otherwise SQLite would prepare a statement again each time that a limit or a
    // bound of a range changes, which for a small page takes longer than running it.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).driver()?;
    // Negative means KiB, positive pages.
    db.pragma_update(None, "cache_size", -cache_kib).driver()
}

/// Waits a little before the `tries`th attempt to lock. SQLite's own handler sleeps up to 100 ms, and thus rarely hits
/// the moment between two transactions of a busy server.
fn wait_for_lock(tries: i32) -> bool {
    let waited = LOCK_POLL * tries.unsigned_abs();
    if waited >= LOCK_WAIT {
        return false;
    }
    thread::sleep(LOCK_POLL);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Acknowledged writes survive a power cut because of this setting.
    #[test]
    fn every_commit_waits_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let db = open_writer(&folder.path().join("rollcall.db")).unwrap();
        let journal_mode: String = db.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        let synchronous: i64 = db.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
        let foreign_keys: bool = db.pragma_query_value(None, "foreign_keys", |row| row.get(0)).unwrap();
        assert_eq!((journal_mode.as_str(), synchronous, foreign_keys), ("wal", 2, true));
    }

    #[test]
    fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        let _writer = open_writer(&path).unwrap();
        let reader = open_reader(&path).unwrap();
        assert!(reader.execute_batch("CREATE TABLE other (id INTEGER)").is_err());
    }
}
