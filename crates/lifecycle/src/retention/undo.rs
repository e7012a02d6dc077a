//! Restores what retention deleted recently.
//!
//! Archive files of deleted rows are kept for a while. Their content is written again as if a source had sent it:
//! participants to the database, minutes to the live store, from where the sealer archives them again.

use std::collections::HashMap;

use rollcall_archive::{Archive, ArchiveError, FilePath};
use rollcall_model::{AccountId, InstanceId, InvalidId, ParticipantId, ParticipantKey, QosMinute};
use rollcall_store::{InstanceMinutes, KeptDrop, MinuteRow, MinuteStore, RetentionState, RowRange, StoreError};

use super::Retention;
use crate::seal::SealError;

/// Deletions read at a time, and participants and minutes written at a time.
const DROPS_AT_A_TIME: usize = 100;
const PARTICIPANTS_AT_A_TIME: u64 = 500;
const MINUTES_AT_A_TIME: u64 = 4_096;

/// Result of a restore.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undone {
    /// Instances, or parts of them.
    pub instances: u64,
    /// Their participants.
    pub participants: u64,
    /// Their minutes.
    pub minutes: u64,
    /// What could not be read, with the reason. It stays kept.
    pub problems: Vec<String>,
}

impl Retention {
    /// Restores what is still kept of deleted data. From then on, nothing is deleted until an operator confirms
    /// ([`super::confirm`]), because all of it has expired. The next call completes an interrupted one.
    ///
    /// # Errors
    /// If a store or the archive failed entirely.
    pub async fn undo(&self, archive: &Archive, minutes: &dyn MinuteStore) -> Result<Undone, SealError> {
        let _turn = self.turn.lock().await;
        let state = self.store.retention_state().await?;
        let undone_at = Some(self.clock.now());
        self.store.set_retention_state(RetentionState { undone_at, ..state }).await?;
        let mut undone = Undone::default();
        let mut after = 0;
        loop {
            let drops = self.store.kept_drops(after, DROPS_AT_A_TIME).await?;
            let Some(last) = drops.last() else { break };
            after = last.id;
            for kept in drops {
                match self.bring_back(archive, minutes, &kept, &mut undone).await {
                    Ok(()) => self.store.release_drop(kept.id).await?,
                    Err(SealError::Archive(
                        error @ (ArchiveError::Corrupt { .. }
                        | ArchiveError::Missing { .. }
                        | ArchiveError::Version { .. }
                        | ArchiveError::NoSuchRow { .. }),
                    )) => undone.problems.push(format!("instance {}: {error}", kept.instance.uuid)),
                    Err(error) => return Err(error),
                }
            }
        }
        // Its cache entries are outdated.
        self.ingest.clear_cache();
        Ok(undone)
    }

    async fn bring_back(
        &self,
        archive: &Archive,
        minutes: &dyn MinuteStore,
        kept: &KeptDrop,
        undone: &mut Undone,
    ) -> Result<(), SealError> {
        let (account, instance) = (kept.account, self.store.put_instance(kept.account, &kept.instance).await?);
        let mut ids = self.participants_of(account, instance).await?;
        if let Some((path, RowRange { first, rows })) = &kept.participants {
            let file = parse(path)?;
            let mut row = *first;
            while row < first + rows {
                let end = (first + rows).min(row + PARTICIPANTS_AT_A_TIME);
                let people = archive.read_participants(&file, row..end).await?;
                let people: Vec<_> = people.into_iter().map(|(_, participant)| participant).collect();
                // Existing participants are correct.
                let missing: Vec<_> = people.into_iter().filter(|one| !ids.contains_key(&one.key())).collect();
                let put = self.store.put_participants(account, instance, &missing).await?;
                undone.participants += put.len() as u64;
                ids.extend(missing.iter().zip(put).map(|(participant, put)| (participant.key(), put.id)));
                row = end;
            }
        }
        if let Some((path, RowRange { first, rows })) = &kept.minutes {
            let file = parse(path)?;
            let mut row = *first;
            let mut of: Option<ParticipantKey> = None;
            while row < first + rows {
                let end = (first + rows).min(row + MINUTES_AT_A_TIME);
                let read = read_minutes(archive, &file, row..end).await?;
                let mut found = Vec::with_capacity(read.len());
                for (key, minute) in read {
                    of = key.or(of);
                    let id = of.as_ref().and_then(|key| ids.get(key));
                    found.extend(id.map(|participant| MinuteRow { participant: *participant, minute }));
                }
                undone.minutes += found.len() as u64;
                minutes.put_batch(account, &[InstanceMinutes { instance, rows: &found }]).await?;
                row = end;
            }
        }
        undone.instances += 1;
        Ok(())
    }

    /// Returns the participants of an instance, by key.
    async fn participants_of(
        &self,
        account: AccountId,
        instance: InstanceId,
    ) -> Result<HashMap<ParticipantKey, ParticipantId>, StoreError> {
        let mut ids = HashMap::new();
        let mut after = None;
        loop {
            let limit = PARTICIPANTS_AT_A_TIME as usize;
            let page = self.store.list_participants(account, instance, after, limit).await?;
            let is_last = page.len() < limit;
            after = page.last().map(|stored| stored.id);
            ids.extend(page.iter().map(|stored| (stored.participant.key(), stored.id)));
            if is_last {
                return Ok(ids);
            }
        }
    }
}

/// Minutes of a file, each with its attendance if that differs from the previous row's.
async fn read_minutes(
    archive: &Archive,
    file: &FilePath,
    rows: std::ops::Range<u64>,
) -> Result<Vec<(Option<ParticipantKey>, QosMinute)>, ArchiveError> {
    archive
        .read_keyed_minutes(file, std::slice::from_ref(&rows), Vec::new(), |found, _, key, minute| {
            found.push((key.map(|key| key.participant.clone()), minute.clone()));
            Ok(())
        })
        .await
}

fn parse(path: &str) -> Result<FilePath, StoreError> {
    path.parse().map_err(|error: InvalidId| StoreError::Corrupt { table: "retention_drops", reason: error.to_string() })
}
