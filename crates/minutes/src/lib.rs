//! QoS minutes: the live store ([`LiveStore`]), and the store that reads live and archived minutes as one
//! ([`TieredMinutes`]).
//!
//! # The live store
//! Minutes arrive by the thousand, each from a different participant, and are read a few participants at a time. An LSM
//! tree keyed by account, instance, participant and minute stores them at the speed of its journal and keeps a
//! participant's minutes adjacent; many that arrive together are stored together ([`runs`]). One thread writes
//! ([`writer`]); readers work concurrently, on snapshots. Each instance with minutes also has a key of its own, so that
//! sealed instances cost nothing ([`hot`]).

mod export;
mod hot;
mod journal;
mod key;
mod known;
mod loss;
mod marks;
mod merge;
mod options;
mod place;
mod read;
mod rehome;
mod rows;
mod runs;
mod tiered;
mod tree;
mod writer;

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, Minute, ParticipantId};
use rollcall_store::{
    InstanceMinutes, MinuteCursor, MinuteRow, MinuteStore, MinuteVisitor, PackedInstance, Result, StoreError,
    packed::{self, DecodeError},
};

pub use self::{
    export::{Export, Exported, check_export, import_export},
    loss::{Loss, Recovery, losses, losses_path},
    tiered::TieredMinutes,
};
use self::{
    merge::{Merge, Reports},
    place::Place,
    tree::Tree,
    writer::Writer,
};

/// The minute store in a local folder, which only one process at a time can open.
///
/// Dropping it waits for pending writes, and prepares the folder so that it opens within milliseconds. After a crash,
/// opening replays the journal, which may take some tenths of a second.
///
/// If the disk fails or is full, writes fail and reads continue; once the folder is writable again, writes succeed.
pub struct LiveStore {
    writer: Writer,
    place: Arc<Place>,
}

impl LiveStore {
    /// Opens the store in `dir`, and creates it if it does not exist. Blocks.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if another store has the folder open, in this process or another; [`StoreError::Backend`]
    /// if the folder cannot be read or written.
    pub fn open(dir: &Path) -> Result<Self> {
        let place = Arc::new(Place::open(dir)?);
        let writer = Writer::start(Arc::clone(&place))?;
        Ok(Self { writer, place })
    }

    /// Returns the state of the journals when the folder was last opened.
    ///
    /// # Errors
    /// [`StoreError::Backend`] if the store is closed after a failure of the disk.
    pub fn recovery(&self) -> Result<Recovery> {
        Ok(self.place.tree()?.recovery)
    }
}

impl LiveStore {
    async fn write(&self, account: AccountId, batch: &[InstanceMinutes<'_>], how: Merge) -> Result<usize> {
        // Encoded and sorted here instead of in the writer: callers do so concurrently, and queued data has an eighth
        // of the size.
        let mut reports = Reports::with_capacity(batch.iter().map(|minutes| minutes.rows.len()).sum());
        for InstanceMinutes { instance, rows } in batch {
            for MinuteRow { participant, minute } in *rows {
                let encode = |bytes: &mut Vec<u8>| packed::encode_into(bytes, minute);
                reports.push((account, *instance), *participant, minute.minute, encode);
            }
        }
        self.write_reports(how, reports).await
    }

    async fn write_reports(&self, how: Merge, mut reports: Reports) -> Result<usize> {
        if reports.len() == 0 {
            return Ok(0);
        }
        reports.sort();
        self.writer.write(how, reports).await
    }

    /// Runs a read on a blocking thread.
    async fn read<T: Send + 'static>(&self, read: impl FnOnce(&Tree) -> Result<T> + Send + 'static) -> Result<T> {
        let place = Arc::clone(&self.place);
        tokio::task::spawn_blocking(move || read(&place.tree()?)).await.map_err(backend)?
    }
}

impl Drop for LiveStore {
    fn drop(&mut self) {
        self.writer.stop();
        let Some(tree) = self.place.close() else { return };
        let flushed = tree.flush();
        drop(tree);
        let dir = self.place.dir();
        if flushed && let Err(error) = journal::shorten(dir) {
            tracing::warn!(dir = %dir.display(), %error, "could not empty the journal; the next start replays it");
        }
    }
}

#[async_trait]
impl MinuteStore for LiveStore {
    async fn put_batch(&self, account: AccountId, batch: &[InstanceMinutes<'_>]) -> Result<usize> {
        self.write(account, batch, Merge::Later).await
    }

    async fn put_packed(&self, account: AccountId, batch: &[PackedInstance<'_>]) -> Result<usize> {
        let mut reports = Reports::with_capacity(batch.iter().map(|packed| packed.minutes.len()).sum());
        for PackedInstance { instance, participants, minutes } in batch {
            for (place, minute, value) in minutes.iter() {
                let encode = |bytes: &mut Vec<u8>| bytes.extend_from_slice(value);
                reports.push((account, *instance), participants[place], minute, encode);
            }
        }
        self.write_reports(Merge::Later, reports).await
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

/// Wraps an error of the LSM tree, or of a thread of this store.
fn backend(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::backend("live", error)
}

/// Returns the error for a corrupt minute.
fn corrupt(error: DecodeError) -> StoreError {
    StoreError::Corrupt { table: "minutes", reason: error.to_string() }
}
