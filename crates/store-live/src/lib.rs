//! The live store of QoS minutes, on an LSM tree.
//!
//! Minutes arrive by the thousand, each of another participant, and are read back a few participants at a time. An LSM
//! tree keyed by account, instance, participant and minute takes them at the speed of its journal and keeps a
//! participant's minutes side by side; many that come together are stored together ([`runs`]). One thread writes ([`writer`]); whoever reads does so beside it, on a snapshot.
//! Beside the minutes stands a key for each instance that has any, so that sealed ones cost nothing ([`hot`]).

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
};
use self::{
    merge::{Merge, Reports},
    place::Place,
    tree::Tree,
    writer::Writer,
};

/// The minute store on a folder of this machine, which one process at a time holds.
///
/// Dropping it waits for what was given to be written, and tidies the folder so that it opens within milliseconds.
/// After a crash, opening reads the journal again, which may take some tenths of a second.
///
/// Where the disk fails, or is full, writes fail and reads go on; once the folder can be written to, so do writes.
pub struct LiveStore {
    writer: Writer,
    place: Arc<Place>,
}

impl LiveStore {
    /// Opens the store in `dir`, made where it is not there yet. Blocks.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where another store holds the folder, in this process or another;
    /// [`StoreError::Backend`] where the folder cannot be read or written.
    pub fn open(dir: &Path) -> Result<Self> {
        let place = Arc::new(Place::open(dir)?);
        let writer = Writer::start(Arc::clone(&place))?;
        Ok(Self { writer, place })
    }

    /// What the journals were like when the folder was opened last.
    ///
    /// # Errors
    /// [`StoreError::Backend`] if the store is closed after a failure of the disk.
    pub fn recovery(&self) -> Result<Recovery> {
        Ok(self.place.tree()?.recovery)
    }
}

impl LiveStore {
    async fn write(&self, account: AccountId, batch: &[InstanceMinutes<'_>], how: Merge) -> Result<usize> {
        // Encoded and sorted here rather than by the writer: callers do so side by side, and what waits in the queue is
        // an eighth of the size.
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

    /// Runs a read on a thread that may wait for the disk.
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
            tracing::warn!(dir = %dir.display(), %error, "the journal stays, and is read again at the next start");
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

/// Wraps what the LSM tree, or a thread of this store, failed with.
fn backend(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::backend("live", error)
}

/// Says that a stored minute cannot be read.
fn corrupt(error: DecodeError) -> StoreError {
    StoreError::Corrupt { table: "minutes", reason: error.to_string() }
}
