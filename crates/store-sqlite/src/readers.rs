//! The reading connections.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rollcall_store::Result;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::{connection, sql::backend};

/// A pool of read-only connections, each for one query at a time.
pub(crate) struct Readers {
    path: PathBuf,
    permits: Arc<Semaphore>,
    /// Idle connections. They are opened as needed, up to the number of permits.
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    /// Creates a pool of at most `count` connections.
    pub(crate) fn new(path: &Path, count: usize) -> Self {
        Self { path: path.to_owned(), permits: Arc::new(Semaphore::new(count)), idle: Arc::default() }
    }

    /// Returns the file that they read.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `query` on a blocking thread.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(backend)?;
        let idle = Arc::clone(&self.idle);
        let path = self.path.clone();
        let answer = tokio::task::spawn_blocking(move || {
            // Held until the connection is returned.
            let _permit = permit;
            let db = take(&idle).map_or_else(|| connection::open_reader(&path), Ok)?;
            let answer = query(&db);
            give_back(&idle, db);
            answer
        });
        answer.await.map_err(backend)?
    }

    /// Runs `query` on the calling thread if a connection is idle, otherwise like [`Self::run`].
    ///
    /// For queries of a few rows that every request needs: they are in memory, and passing them to another thread takes
    /// several times as long as running them.
    pub(crate) async fn run_here<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let at_hand = match self.permits.try_acquire() {
            Ok(permit) => take(&self.idle).map(|db| (permit, db)),
            Err(_) => None,
        };
        match at_hand {
            Some((_permit, db)) => {
                let answer = query(&db);
                give_back(&self.idle, db);
                answer
            }
            None => self.run(query).await,
        }
    }
}

fn take(idle: &Mutex<Vec<Connection>>) -> Option<Connection> {
    idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

fn give_back(idle: &Mutex<Vec<Connection>>, db: Connection) {
    idle.lock().unwrap_or_else(PoisonError::into_inner).push(db);
}
