//! The live store of QoS minutes, on an LSM tree.
//!
//! Minutes arrive by the thousand, each of another participant, and are read back a few participants at a time. An LSM
//! tree keyed by account, instance, participant and minute takes them at the speed of its journal and keeps a
//! participant's minutes side by side. One thread writes ([`writer`]); whoever reads does so beside it, on a snapshot.

mod encoding;
mod key;
mod options;
mod read;
mod writer;

use std::path::Path;

use async_trait::async_trait;
use fjall::{Database, Keyspace};
use rollcall_model::{AccountId, InstanceId, ParticipantId};
use rollcall_store::{MinuteCursor, MinuteRow, MinuteStore, Result, StoreError};

use self::{encoding::DecodeError, key::Key, writer::Writer};

/// The minute store on a folder of this machine, which one process at a time holds.
pub struct LiveStore {
    // Stands first, so that the thread has ended before the folder is let go.
    writer: Writer,
    database: Database,
    minutes: Keyspace,
}

impl LiveStore {
    /// Opens the store in `dir`, made where it is not there yet. Blocks for some milliseconds.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where another store holds the folder, in this process or another;
    /// [`StoreError::Backend`] where the folder cannot be read or written.
    pub fn open(dir: &Path) -> Result<Self> {
        let backend_or_in_use = |error| match error {
            fjall::Error::Locked => StoreError::InUse { path: dir.display().to_string() },
            error => backend(error),
        };
        let database = options::database(dir).open().map_err(backend_or_in_use)?;
        let minutes = database.keyspace("minutes", options::keyspace).map_err(backend)?;
        let writer = Writer::start(database.clone(), minutes.clone())?;
        Ok(Self { writer, database, minutes })
    }
}

#[async_trait]
impl MinuteStore for LiveStore {
    async fn put_minutes(&self, account: AccountId, instance: InstanceId, rows: &[MinuteRow]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let prefix = Key::instance(account, instance);
        // Encoded here rather than by the writer: callers encode side by side, and what waits in the queue is an eighth
        // of the size.
        let entries = rows
            .iter()
            .map(|row| {
                let key = prefix.participant(row.participant).minute(row.minute.minute);
                (key.as_bytes().into(), encoding::encode(&row.minute).into())
            })
            .collect();
        self.writer.write(entries).await
    }

    async fn read_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>> {
        let page =
            read::Page { prefix: Key::instance(account, instance), participants: participants.to_vec(), after, limit };
        let (database, minutes) = (self.database.clone(), self.minutes.clone());
        tokio::task::spawn_blocking(move || page.read(&database, &minutes)).await.map_err(backend)?
    }
}

/// Wraps what the LSM tree, or a thread of this store, failed with.
fn backend(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::backend("live", error)
}

/// Says that a stored minute cannot be read.
fn corrupt(error: DecodeError) -> StoreError {
    StoreError::Corrupt { table: "minutes", reason: error.to_string() }
}
