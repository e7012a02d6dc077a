//! The measurements with rusqlite on tokio's blocking threads.

use std::path::Path;
use std::sync::{Arc, Mutex};

use measures::*;
use rusqlite::{Connection, Row, params};
use tokio::runtime::Runtime;
use tokio::task::spawn_blocking;

fn main() -> Result<()> {
    run::<Rusqlite>()
}

/// Free connections; there are never more tasks than connections.
#[derive(Clone)]
struct Rusqlite(Arc<Mutex<Vec<Connection>>>);

impl Rusqlite {
    /// Lends a connection to the work, on this thread.
    fn lend<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T> {
        let free = self.0.lock().expect("no holder panics").pop();
        let mut connection = free.ok_or("more tasks than connections")?;
        let done = work(&mut connection);
        self.0.lock().expect("no holder panics").push(connection);
        Ok(done?)
    }

    /// Lends a connection to the work, on a blocking thread.
    async fn spawn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let driver = self.clone();
        spawn_blocking(move || driver.lend(work)).await?
    }
}

impl Driver for Rusqlite {
    async fn open(path: &Path, synchronous: &str, connections: i64) -> Result<Self> {
        let path = path.to_owned();
        let pragmas = format!(
            "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;
             PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous};"
        );
        let open = move |_| {
            let connection = Connection::open(&path)?;
            connection.execute_batch(&pragmas)?;
            Ok(connection)
        };
        let opened = spawn_blocking(move || (0..connections).map(open).collect::<Result<_>>());
        Ok(Self(Arc::new(Mutex::new(opened.await??))))
    }

    async fn close(self) {}

    async fn script(&self, sql: &'static str) -> Result<()> {
        self.spawn(|connection| connection.execute_batch(sql)).await
    }

    async fn page(&self, instance: i64, after: i64) -> Result<Page> {
        self.spawn(move |connection| read_page(connection, instance, after)).await
    }

    fn page_blocking(&self, _: &Runtime, instance: i64, after: i64) -> Result<Page> {
        self.lend(|connection| read_page(connection, instance, after))
    }

    async fn token(&self, hash: [u8; 32]) -> Result<Token> {
        let read = move |connection: &mut Connection| {
            connection.prepare_cached(TOKEN)?.query_row([hash], |row| row.try_into())
        };
        self.spawn(read).await
    }

    async fn upsert(&self, batch: Arc<Vec<Participant>>) -> Result<()> {
        let write = move |connection: &mut Connection| {
            let transaction = connection.transaction()?;
            for participant in batch.iter() {
                macro_rules! values {
                    ($id:ident: $id_type:ty, $($name:ident: $type:ty,)*) => {
                        params![$(participant.$name),*]
                    };
                }
                transaction.prepare_cached(&UPSERT)?.execute(participant_columns!(values))?;
            }
            transaction.commit()
        };
        self.spawn(write).await
    }
}

fn read_page(connection: &Connection, instance: i64, after: i64) -> rusqlite::Result<Page> {
    connection.prepare_cached(&PAGE)?.query_map([instance, after], read_participant)?.collect()
}

fn read_participant(row: &Row) -> rusqlite::Result<Participant> {
    let mut column = 0..;
    macro_rules! read {
        ($($name:ident: $type:ty,)*) => {
            Participant { $($name: row.get(column.next().expect("no end"))?,)* }
        };
    }
    Ok(participant_columns!(read))
}
