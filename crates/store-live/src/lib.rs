//! The live store of QoS minutes, on an LSM tree.
//!
//! Minutes arrive by the thousand, each of another participant, and are read back a few participants at a time. An LSM
//! tree keyed by account, instance, participant and minute takes them at the speed of its journal and keeps a
//! participant's minutes side by side. One thread writes ([`writer`]); whoever reads does so beside it, on a snapshot.
//! Beside the minutes stands a key for each instance that has any, so that sealed ones cost nothing ([`hot`]).

mod hot;
mod journal;
mod key;
mod known;
mod options;
mod read;
mod tree;
mod writer;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, Minute, ParticipantId};
use rollcall_store::{
    InstanceMinutes, MinuteCursor, MinuteRow, MinuteStore, MinuteVisitor, PackedInstance, Result, StoreError,
    packed::{self, DecodeError},
};

use self::{
    tree::{Entry, Merge, Tree},
    writer::Writer,
};

/// The minute store on a folder of this machine, which one process at a time holds.
///
/// Dropping it waits for what was given to be written, and tidies the folder so that it opens within milliseconds.
/// After a crash, opening reads the journal again, which may take some tenths of a second.
pub struct LiveStore {
    dir: PathBuf,
    writer: Writer,
    /// There until the store is dropped.
    tree: Option<Tree>,
}

impl LiveStore {
    /// Opens the store in `dir`, made where it is not there yet. Blocks.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where another store holds the folder, in this process or another;
    /// [`StoreError::Backend`] where the folder cannot be read or written.
    pub fn open(dir: &Path) -> Result<Self> {
        let tree = Tree::open(dir)?;
        let writer = Writer::start(tree.clone())?;
        Ok(Self { dir: dir.to_owned(), writer, tree: Some(tree) })
    }
}

impl LiveStore {
    async fn write(&self, account: AccountId, batch: &[InstanceMinutes<'_>], how: Merge) -> Result<usize> {
        // Encoded and sorted here rather than by the writer: callers do so side by side, and what waits in the queue is
        // an eighth of the size.
        let mut entries = Vec::with_capacity(batch.iter().map(|minutes| minutes.rows.len()).sum());
        let mut value = Vec::new();
        for InstanceMinutes { instance, rows } in batch {
            entries.extend(rows.iter().map(|row| {
                value.clear();
                packed::encode_into(&mut value, &row.minute);
                Entry {
                    instance: (account, *instance),
                    participant: row.participant,
                    minute: row.minute.minute,
                    value: value.as_slice().into(),
                }
            }));
        }
        self.write_entries(how, entries).await
    }

    async fn write_entries(&self, how: Merge, mut entries: Vec<Entry>) -> Result<usize> {
        if entries.is_empty() {
            return Ok(0);
        }
        // Stable: of two reports of a minute the later one stays behind.
        entries.sort_by_key(Entry::order);
        self.writer.write(how, entries).await
    }

    /// Runs a read on a thread that may wait for the disk.
    async fn read<T: Send + 'static>(&self, read: impl FnOnce(&Tree) -> Result<T> + Send + 'static) -> Result<T> {
        let tree = self.tree.clone().ok_or_else(|| backend("the store is closed"))?;
        tokio::task::spawn_blocking(move || read(&tree)).await.map_err(backend)?
    }
}

impl Drop for LiveStore {
    fn drop(&mut self) {
        self.writer.stop();
        let Some(tree) = self.tree.take() else { return };
        let flushed = tree.flush();
        drop(tree);
        if flushed && let Err(error) = journal::shorten(&self.dir) {
            tracing::warn!(dir = %self.dir.display(), %error, "the journal stays, and is read again at the next start");
        }
    }
}

#[async_trait]
impl MinuteStore for LiveStore {
    async fn put_batch(&self, account: AccountId, batch: &[InstanceMinutes<'_>]) -> Result<usize> {
        self.write(account, batch, Merge::Later).await
    }

    async fn put_packed(&self, account: AccountId, batch: &[PackedInstance<'_>]) -> Result<usize> {
        let mut entries = Vec::with_capacity(batch.iter().map(|packed| packed.minutes.len()).sum());
        for PackedInstance { instance, participants, minutes } in batch {
            entries.extend(minutes.iter().map(|(place, minute, value)| Entry {
                instance: (account, *instance),
                participant: participants[place],
                minute,
                value: value.into(),
            }));
        }
        self.write_entries(Merge::Later, entries).await
    }

    async fn join_batch(&self, account: AccountId, batch: &[InstanceMinutes<'_>]) -> Result<usize> {
        self.write(account, batch, Merge::Join).await
    }

    async fn rehome_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        attendances: &[(ParticipantId, Minute)],
    ) -> Result<usize> {
        self.writer.rehome(account, instance, attendances.to_vec()).await
    }

    async fn read_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>> {
        let page = read::Page::new(account, instance, participants, after, limit);
        self.read(move |tree| page.rows(&tree.view())).await
    }

    async fn visit_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
        mut visitor: Box<dyn MinuteVisitor>,
    ) -> Result<Box<dyn MinuteVisitor>> {
        let page = read::Page::new(account, instance, participants, after, limit);
        self.read(move |tree| {
            page.read(&tree.view(), |participant, minute| visitor.visit(participant, minute))?;
            Ok(visitor)
        })
        .await
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
