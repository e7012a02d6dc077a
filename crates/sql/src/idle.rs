//! Connections that are kept between queries.

use std::{
    ops::Deref,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OpenFlags};

/// A pool of things that are expensive to create.
#[derive(Debug)]
pub(crate) struct Idle<T> {
    /// The most recently used are last.
    kept: Mutex<Vec<T>>,
    most: usize,
}

impl<T> Idle<T> {
    /// Creates a pool that keeps at most `most`.
    pub(crate) const fn new(most: usize) -> Self {
        Self { kept: Mutex::new(Vec::new()), most }
    }

    /// Returns the most recently used one that `suits` accepts.
    pub(crate) fn take(&self, suits: impl Fn(&T) -> bool) -> Option<T> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let index = kept.iter().rposition(suits)?;
        Some(kept.remove(index))
    }

    /// Keeps one. If there are too many, the least recently used is dropped.
    pub(crate) fn give_back(&self, one: T) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(one);
        let oldest = (kept.len() > self.most).then(|| kept.remove(0));
        drop(kept);
        // Closing takes too long to hold the lock meanwhile.
        drop(oldest);
    }
}

/// A connection of a virtual table, on which only the table's own statements run.
pub(crate) struct Lent {
    /// `None` once it is returned.
    db: Option<Connection>,
    idle: Arc<Idle<Connection>>,
}

impl Lent {
    /// Returns a pooled connection, or a new one to the database at `path`.
    pub(crate) fn of(idle: &Arc<Idle<Connection>>, path: &Path) -> rusqlite::Result<Self> {
        let db = idle.take(|_| true).map_or_else(|| open_for_reading(path), Ok)?;
        Ok(Self { db: Some(db), idle: Arc::clone(idle) })
    }
}

impl Deref for Lent {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.db.as_ref().expect("it is returned to the pool when it is dropped")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(db) = self.db.take() {
            self.idle.give_back(db);
        }
    }
}

/// Opens the database at `path` read-only.
pub(crate) fn open_for_reading(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}
