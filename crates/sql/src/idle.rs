//! Connections that are kept from one query to the next.

use std::{
    ops::Deref,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OpenFlags};

/// Things that cost something to make, and are at hand for the next who needs one.
#[derive(Debug)]
pub(crate) struct Idle<T> {
    /// Those that were used last at the end.
    kept: Mutex<Vec<T>>,
    most: usize,
}

impl<T> Idle<T> {
    /// Keeps `most` at most.
    pub(crate) const fn new(most: usize) -> Self {
        Self { kept: Mutex::new(Vec::new()), most }
    }

    /// The one that was used last of those that `suits` takes.
    pub(crate) fn take(&self, suits: impl Fn(&T) -> bool) -> Option<T> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let index = kept.iter().rposition(suits)?;
        Some(kept.remove(index))
    }

    /// Keeps one; where there are too many, that which was used longest ago goes.
    pub(crate) fn give_back(&self, one: T) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(one);
        let oldest = (kept.len() > self.most).then(|| kept.remove(0));
        drop(kept);
        // Closing takes longer than anybody should wait for the lock.
        drop(oldest);
    }
}

/// A connection of a virtual table's own, on which nothing but the table's own statements run.
pub(crate) struct Lent {
    /// None once it is given back.
    db: Option<Connection>,
    idle: Arc<Idle<Connection>>,
}

impl Lent {
    /// One that is at hand, or a new one of the database at `path`.
    pub(crate) fn of(idle: &Arc<Idle<Connection>>, path: &Path) -> rusqlite::Result<Self> {
        let db = idle.take(|_| true).map_or_else(|| open_for_reading(path), Ok)?;
        Ok(Self { db: Some(db), idle: Arc::clone(idle) })
    }
}

impl Deref for Lent {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.db.as_ref().expect("it is given back when it is dropped")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(db) = self.db.take() {
            self.idle.give_back(db);
        }
    }
}

/// Opens the database at `path`, so that nothing can be written to it.
pub(crate) fn open_for_reading(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}
