//! Checks of the database file, on connections of their own: those of the store have pages in memory that the disk may
//! have lost.

use std::{path::Path, time::Duration};

use rollcall_store::Result;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::sql::Driver;

/// How long to wait for a lock: if it is held longer, the holder is working and the file is fine.
const LOCK_WAIT: Duration = Duration::from_secs(1);

/// Checks with a few reads that the database at `path` can be read and written.
///
/// # Errors
/// [`rollcall_store::StoreError::Backend`] if it cannot.
pub fn check_access(path: &Path) -> Result<()> {
    let db = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).driver()?;
    match db.execute_batch("BEGIN IMMEDIATE; ROLLBACK") {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(()),
        checked => checked.driver(),
    }
}

/// Reads every page of the database at `path`, and returns at most `limit` problems. Takes seconds per gigabyte.
///
/// # Errors
/// [`rollcall_store::StoreError::Backend`] if it cannot be read at all.
pub fn check_pages(path: &Path, limit: usize) -> Result<Vec<String>> {
    let db = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut check = db.prepare(&format!("PRAGMA quick_check({limit})")).driver()?;
    let found = check.query_map([], |row| row.get(0)).driver()?;
    let found: Vec<String> = found.collect::<rusqlite::Result<_>>().driver()?;
    Ok(found.into_iter().filter(|line| line != "ok").collect())
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).driver()?;
    db.busy_timeout(LOCK_WAIT).driver()?;
    Ok(db)
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{Seek as _, SeekFrom, Write as _},
    };

    use super::*;
    use crate::SqliteStore;

    #[test]
    fn a_sound_file_is_well_and_a_damaged_or_missing_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        assert!(check_access(&path).is_err() && !path.exists());
        drop(SqliteStore::open(&path).unwrap());
        check_access(&path).unwrap();
        assert!(check_pages(&path, 9).unwrap().is_empty());

        let length = fs::metadata(&path).unwrap().len();
        let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(length / 2)).unwrap();
        file.write_all(&vec![0xa5; usize::try_from(length / 4).unwrap()]).unwrap();
        assert!(check_pages(&path, 9).map_or(true, |problems| !problems.is_empty()));

        file.set_len(1_000).unwrap();
        assert!(check_access(&path).is_err());
    }
}
