//! Writes the two files of a sealing.

use std::sync::Arc;

use jiff::civil::Date;
use rollcall_archive::{
    Archive, ArchiveError, FileInfo, FilePath, InstanceKey, MinuteWriter, ParticipantWriter, Partition,
};
use rollcall_model::{AccountId, Clock, ParticipantKey, QosMinute};
use rollcall_store::{ArchiveTable, InstanceLife, RowRange, Store};
use tokio::task::{JoinError, spawn_blocking};

use super::SealError;

/// Participants read and written at a time.
const PARTICIPANTS_AT_A_TIME: usize = 500;

/// Creates new files.
#[derive(Clone)]
pub(super) struct Shelf {
    pub(super) store: Arc<dyn Store>,
    pub(super) archive: Archive,
    pub(super) clock: Arc<dyn Clock>,
}

/// Files of one account and day, each created with its first row.
pub(super) struct Files {
    shelf: Shelf,
    account: AccountId,
    partition: Partition,
    minutes: Option<MinuteWriter>,
    participants: Option<ParticipantWriter>,
}

/// The participant whose minutes begin, if any, and a minute.
pub(super) type MinuteOf = (Option<ParticipantKey>, QosMinute);

impl Files {
    pub(super) const fn new(shelf: Shelf, account: AccountId, partition: Partition) -> Self {
        Self { shelf, account, partition, minutes: None, participants: None }
    }

    /// Returns the day of the files' folder.
    pub(super) const fn day(&self) -> Date {
        self.partition.day
    }

    /// Returns the number of written minutes.
    pub(super) fn minutes_written(&self) -> u64 {
        self.minutes.as_ref().map_or(0, MinuteWriter::rows)
    }

    /// Writes the instance's next minutes; `begins` says that they are its first.
    pub(super) async fn write_minutes(
        &mut self,
        instance: &InstanceKey,
        begins: bool,
        rows: Vec<MinuteOf>,
    ) -> Result<(), SealError> {
        let mut writer = match self.minutes.take() {
            Some(writer) => writer,
            None => self.shelf.begin_minutes(self.account, &self.partition).await?,
        };
        if begins {
            writer.begin_instance(instance);
        }
        // Encoding takes milliseconds, and the disk may take longer.
        let written = spawn_blocking(move || {
            for (participant, minute) in rows {
                if let Some(participant) = participant {
                    writer.begin_participant(&participant);
                }
                writer.write(&minute)?;
            }
            Ok::<_, ArchiveError>(writer)
        });
        self.minutes = Some(written.await.map_err(broke_off)??);
        Ok(())
    }

    /// Writes the instance's participants, and returns their rows in the file.
    pub(super) async fn write_participants(
        &mut self,
        life: &InstanceLife,
        instance: &InstanceKey,
    ) -> Result<RowRange, SealError> {
        let mut range = RowRange { first: self.participants.as_ref().map_or(0, ParticipantWriter::rows), rows: 0 };
        let mut after = None;
        loop {
            let store = &self.shelf.store;
            let page = store.list_participants(life.account, life.stored.id, after, PARTICIPANTS_AT_A_TIME).await?;
            let last = page.len() < PARTICIPANTS_AT_A_TIME;
            if !page.is_empty() {
                let mut writer = match self.participants.take() {
                    Some(writer) => writer,
                    None => self.shelf.begin_participants(self.account, &self.partition).await?,
                };
                if after.is_none() {
                    writer.begin_instance(instance);
                }
                after = page.last().map(|stored| stored.id);
                range.rows += page.len() as u64;
                let written = spawn_blocking(move || {
                    page.iter().try_for_each(|stored| writer.write(&stored.participant))?;
                    Ok::<_, ArchiveError>(writer)
                });
                self.participants = Some(written.await.map_err(broke_off)??);
            }
            if last {
                return Ok(range);
            }
        }
    }

    /// Finishes the created files: of minutes, of participants.
    pub(super) async fn finish(self) -> Result<(Option<FileInfo>, Option<FileInfo>), SealError> {
        let minutes = match self.minutes {
            Some(writer) => Some(writer.finish().await?),
            None => None,
        };
        let participants = match self.participants {
            Some(writer) => Some(writer.finish().await?),
            None => None,
        };
        Ok((minutes, participants))
    }
}

impl Shelf {
    /// Creates a file of minutes, which is recorded in the index first.
    pub(super) async fn begin_minutes(
        &self,
        account: AccountId,
        partition: &Partition,
    ) -> Result<MinuteWriter, SealError> {
        let writer = self.archive.minute_writer(partition).await?;
        self.begin(account, ArchiveTable::QosMinutes, writer.path()).await?;
        Ok(writer)
    }

    /// Creates a file of participants, which is recorded in the index first.
    pub(super) async fn begin_participants(
        &self,
        account: AccountId,
        partition: &Partition,
    ) -> Result<ParticipantWriter, SealError> {
        let writer = self.archive.participant_writer(partition).await?;
        self.begin(account, ArchiveTable::Participants, writer.path()).await?;
        Ok(writer)
    }

    async fn begin(&self, account: AccountId, table: ArchiveTable, path: &FilePath) -> Result<(), SealError> {
        Ok(self.store.begin_archive_file(account, table, &path.to_string(), self.clock.now()).await?)
    }
}

/// Returns the error for a writing thread that panicked.
fn broke_off(error: JoinError) -> SealError {
    rollcall_store::StoreError::backend("archive", error).into()
}
