//! The reading connections.

use std::{
    path::{Path, PathBuf},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use rollcall_store::Result;
use rusqlite::Connection;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
};

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
        let permits = Arc::clone(&self.permits);
        let idle = Arc::clone(&self.idle);
        let path = self.path.clone();
        let read = move |permit: OwnedSemaphorePermit| {
            tokio::task::spawn_blocking(move || {
                // Held until the connection is returned.
                let _permit = permit;
                let db = take(&idle).map_or_else(|| connection::open_reader(&path), Ok)?;
                let answer = query(&db);
                give_back(&idle, db);
                answer
            })
        };
        if let Ok(permit) = Arc::clone(&permits).try_acquire_owned() {
            return read(permit).await.map_err(backend)?;
        }
        // A task of its own waits. A permit that is passed to a future which its owner does not poll would be lost for
        // everybody, and that owner may itself be waiting for one.
        let waiting = tokio::spawn(async move {
            let permit = permits.acquire_owned().await.map_err(backend)?;
            read(permit).await.map_err(backend)?
        });
        EndedOnDrop(waiting).await
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

/// A task that stops waiting if nobody waits for it.
struct EndedOnDrop<T>(JoinHandle<Result<T>>);

impl<T> Future for EndedOnDrop<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        Pin::new(&mut self.0).poll(context).map(|ended| ended.map_err(backend)?)
    }
}

impl<T> Drop for EndedOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn take(idle: &Mutex<Vec<Connection>>) -> Option<Connection> {
    idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

fn give_back(idle: &Mutex<Vec<Connection>>, db: Connection) {
    idle.lock().unwrap_or_else(PoisonError::into_inner).push(db);
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use super::*;

    #[tokio::test]
    async fn a_reader_whose_owner_looks_away_keeps_nobody_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        drop(Connection::open(&path).unwrap());
        let readers = Readers::new(&path, 1);
        let (go, wait) = mpsc::channel();
        let busy = readers.run(move |_| {
            wait.recv().unwrap();
            Ok(())
        });
        let mut busy = std::pin::pin!(busy);
        let mut queued = std::pin::pin!(readers.run(|_| Ok(2)));
        let soon = Duration::from_millis(20);
        assert!(tokio::time::timeout(soon, &mut busy).await.is_err(), "it has the only connection");
        assert!(tokio::time::timeout(soon, &mut queued).await.is_err(), "it waits for that");
        go.send(()).unwrap();
        busy.await.unwrap();
        let next = tokio::time::timeout(Duration::from_secs(20), readers.run(|_| Ok(3))).await;
        assert_eq!(next.expect("nobody holds the connection").unwrap(), 3);
        assert_eq!(queued.await.unwrap(), 2);
    }

    #[tokio::test]
    async fn who_stops_waiting_leaves_the_queue() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        drop(Connection::open(&path).unwrap());
        let readers = Readers::new(&path, 1);
        let held = Arc::clone(&readers.permits).acquire_owned().await.unwrap();
        let (ran, saw) = mpsc::channel();
        let given_up = readers.run(move |_| {
            ran.send(()).unwrap();
            Ok(())
        });
        assert!(tokio::time::timeout(Duration::from_millis(20), given_up).await.is_err());
        drop(held);
        assert_eq!(readers.run(|_| Ok(1)).await.unwrap(), 1);
        assert!(saw.try_recv().is_err());
    }
}
