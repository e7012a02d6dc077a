//! The measurements with sqlx through its pool.

use std::path::Path;
use std::sync::Arc;

use measures::*;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow};

fn main() -> Result<()> {
    run::<Sqlx>()
}

#[derive(Clone)]
struct Sqlx(SqlitePool);

impl Driver for Sqlx {
    /// Disables the pool's ping before each use, and lets a whole page fit into the row buffer.
    async fn open(path: &Path, synchronous: &str, connections: i64) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous.parse()?)
            .row_buffer_size(512);
        let pool = SqlitePoolOptions::new()
            .min_connections(connections as u32)
            .max_connections(connections as u32)
            .test_before_acquire(false);
        Ok(Self(pool.connect_with(options).await?))
    }

    async fn close(self) {
        self.0.close().await;
    }

    async fn script(&self, sql: &'static str) -> Result<()> {
        sqlx::raw_sql(sql).execute(&self.0).await?;
        Ok(())
    }

    async fn page(&self, instance: i64, after: i64) -> Result<Page> {
        let query = sqlx::query(PAGE.as_str()).bind(instance).bind(after);
        Ok(query.try_map(read_participant).fetch_all(&self.0).await?)
    }

    async fn token(&self, hash: [u8; 32]) -> Result<Token> {
        Ok(sqlx::query_as(TOKEN).bind(hash.as_slice()).fetch_one(&self.0).await?)
    }

    async fn upsert(&self, batch: Arc<Vec<Participant>>) -> Result<()> {
        let mut transaction = self.0.begin().await?;
        for participant in batch.iter() {
            macro_rules! bind {
                ($id:ident: $id_type:ty, $($name:ident: $type:ty,)*) => {
                    sqlx::query(UPSERT.as_str())$(.bind(&participant.$name))*
                };
            }
            participant_columns!(bind).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }
}

fn read_participant(row: SqliteRow) -> sqlx::Result<Participant> {
    let mut column = 0..;
    macro_rules! read {
        ($($name:ident: $type:ty,)*) => {
            Participant { $($name: row.try_get(column.next().expect("no end"))?,)* }
        };
    }
    Ok(participant_columns!(read))
}
