//! How connections are opened and set.

use std::{ffi::CString, path::Path, sync::Once, thread, time::Duration};

use rollcall_store::Result;
use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

use crate::sql::Driver;

/// The page cache of the writing connection and of a reading one, in KiB. The operating system holds the file's pages
/// besides, so that these stay small: they count as the server's own memory.
const WRITER_CACHE_KIB: i32 = 8 * 1024;
const READER_CACHE_KIB: i32 = 1024;
/// The size of the file's pages. A page of participants takes a quarter as many reads as with SQLite's default, and a
/// tenth less time.
const PAGE_BYTES: i32 = 8 * 1024;
/// Statements that a connection keeps prepared; there are about sixty.
const STATEMENTS: usize = 96;
/// How long a lock is waited for.
const LOCK_WAIT: Duration = Duration::from_secs(30);
const LOCK_POLL: Duration = Duration::from_millis(1);

/// Opens the connection that writes, and makes the file where there is none.
pub(crate) fn open_writer(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    keep_temporary_files_beside(path);
    let mut db = Connection::open_with_flags(path, flags).driver()?;
    set_up_writer(&mut db)?;
    Ok(db)
}

/// Opens a database that lives as long as its connection.
pub(crate) fn open_in_memory() -> Result<Connection> {
    let mut db = Connection::open_in_memory().driver()?;
    set_up_writer(&mut db)?;
    Ok(db)
}

/// Opens a connection that reads.
pub(crate) fn open_reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(path, flags).driver()?;
    set_up(&mut db, READER_CACHE_KIB)?;
    Ok(db)
}

fn set_up_writer(db: &mut Connection) -> Result<()> {
    set_up(db, WRITER_CACHE_KIB)?;
    keep_temporary_data_in(TempStore::Memory, db)?;
    // Only a new file takes it.
    db.pragma_update(None, "page_size", PAGE_BYTES).driver()?;
    switch_to_wal(db)?;
    // In WAL mode only FULL waits for the disk at every commit: what is acknowledged survives a power cut.
    db.pragma_update(None, "synchronous", "FULL").driver()?;
    db.pragma_update(None, "foreign_keys", true).driver()?;
    // What is deleted or written over leaves no bytes behind.
    db.pragma_update_and_check(None, "secure_delete", true, |_| Ok(())).driver()?;
    // What a burst of writes made of the log is given back to the disk.
    db.pragma_update_and_check(None, "journal_size_limit", 64 * 1024 * 1024, |_| Ok(())).driver()
}

/// Where SQLite keeps temporary data: sorts, and the pages that a failing statement would need back.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TempStore {
    /// In memory: pages with names of persons never reach a file that nobody erases.
    Memory,
    /// In a file beside the database, for a copy of all of it.
    File,
}

/// Has a connection keep its temporary data there.
pub(crate) fn keep_temporary_data_in(store: TempStore, db: &Connection) -> Result<()> {
    let name = match store {
        TempStore::Memory => "MEMORY",
        TempStore::File => "FILE",
    };
    db.pragma_update(None, "temp_store", name).driver()
}

/// Has SQLite put temporary files into the folder of the first database that the process opens, which only its user can
/// read. Its own choice is /var/tmp, and a machine may have none that can be written to.
#[expect(unsafe_code, reason = "SQLite takes the folder from a global variable")]
fn keep_temporary_files_beside(path: &Path) {
    static ONCE: Once = Once::new();
    let folder = path.parent().and_then(|folder| CString::new(folder.as_os_str().as_encoded_bytes()).ok());
    let Some(folder) = folder.filter(|folder| !folder.is_empty()) else { return };
    // SAFETY: nothing reads the variable yet: it is set once, before the process opens its first connection. SQLite
    // wants memory of its own allocator there, which `sqlite3_mprintf` gives, or NULL, which leaves the default.
    ONCE.call_once(|| unsafe {
        rusqlite::ffi::sqlite3_temp_directory = rusqlite::ffi::sqlite3_mprintf(c"%s".as_ptr(), folder.as_ptr());
    });
}

/// A mode that is set already costs nothing; the file remembers it.
///
/// Where another process switches a new file at the same moment, SQLite turns a shared lock into an exclusive one, and
/// rather than risk a deadlock says at once that the file is busy, without asking the busy handler.
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

fn set_up(db: &mut Connection, cache_kib: i32) -> Result<()> {
    db.busy_handler(Some(wait_for_lock)).driver()?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    // Plans do not depend on bound values. SQLite would otherwise prepare a statement anew each time that a limit or a
    // bound of a range is another, which for a small page takes longer than to run it.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).driver()?;
    // Negative means KiB, positive pages.
    db.pragma_update(None, "cache_size", -cache_kib).driver()
}

/// Waits a little before the lock is tried for the `tries`th time. SQLite's own handler sleeps longer and longer, up to
/// 100 ms, and so rarely meets the moment between two transactions of a busy server.
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

    /// What the promise rests on that an acknowledged write survives a power cut.
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
