//! Participants and their minutes.

use rollcall_model::{AccountId, InstanceId, Participant, ParticipantFacts, ParticipantId, ParticipantKey};
use rollcall_store::{InstanceMinutes, MinuteRow};

use crate::{Ingest, IngestError};

/// Participants written at a time, which bounds the memory beyond the batch.
const PARTICIPANTS_PER_WRITE: usize = 500;

/// Minutes written at a time.
const MINUTES_PER_WRITE: usize = 4_096;

/// Result for one instance's participants.
pub(crate) struct WrittenParticipants {
    pub(crate) instance: InstanceId,
    /// How many of them existed before.
    pub(crate) known: usize,
    /// Their minutes, to be written next.
    pub(crate) rows: Vec<MinuteRow>,
}

impl Ingest {
    /// Writes participants with new facts. The caller writes their minutes.
    pub(crate) async fn write_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        facts: &[ParticipantFacts],
    ) -> Result<WrittenParticipants, IngestError> {
        let mut written = WrittenParticipants { instance, known: 0, rows: Vec::new() };
        written.rows.reserve_exact(facts.iter().map(|facts| facts.minutes.len()).sum());
        for facts in facts.chunks(PARTICIPANTS_PER_WRITE) {
            let remembered = self.roster.unchanged(instance, facts.iter().map(|facts| &facts.participant));
            let changed = facts.iter().zip(&remembered).filter(|(_, row)| row.is_none());
            let changed = changed.map(|(facts, _)| facts.participant.clone()).collect();
            let ids = self.participants_rows(account, instance, remembered, changed, &mut written.known).await?;
            for (facts, participant) in facts.iter().zip(ids) {
                let rows = facts.minutes.iter().map(|minute| MinuteRow { participant, minute: minute.clone() });
                written.rows.extend(rows);
            }
        }
        Ok(written)
    }

    /// Creates the participants of minutes. Returns their row ids in order, and how many existed before.
    pub(crate) async fn write_attendances(
        &self,
        account: AccountId,
        instance: InstanceId,
        attendances: &[ParticipantKey],
    ) -> Result<(Vec<ParticipantId>, usize), IngestError> {
        let (mut rows, mut known) = (Vec::with_capacity(attendances.len()), 0);
        for keys in attendances.chunks(PARTICIPANTS_PER_WRITE) {
            let remembered = self.roster.known(instance, keys);
            let new = keys.iter().zip(&remembered).filter(|(_, row)| row.is_none());
            let new = new.map(|(key, _)| Participant {
                user_id: key.user_id.0.clone(),
                join_time: key.join_time,
                ..Participant::default()
            });
            let new = new.collect();
            rows.extend(self.participants_rows(account, instance, remembered, new, &mut known).await?);
        }
        Ok((rows, known))
    }

    /// Returns the participants' row ids in order: the cached ones, and for the others those of `changed`, which are
    /// written.
    async fn participants_rows(
        &self,
        account: AccountId,
        instance: InstanceId,
        remembered: Vec<Option<ParticipantId>>,
        changed: Vec<Participant>,
        known: &mut usize,
    ) -> Result<Vec<ParticipantId>, IngestError> {
        *known += remembered.len() - changed.len();
        if changed.is_empty() {
            return Ok(remembered.into_iter().flatten().collect());
        }
        let write = self.roster.begin(instance, &changed);
        let written = self.store.put_participants(account, instance, &changed).await?;
        write.end(&written);
        *known += written.iter().filter(|put| put.known).count();
        let mut written = written.into_iter().map(|put| put.id);
        Ok(remembered.into_iter().filter_map(|row| row.or_else(|| written.next())).collect())
    }

    /// Writes the minutes of stored participants, and returns how many existed already.
    pub(crate) async fn write_minutes(
        &self,
        account: AccountId,
        written: &[WrittenParticipants],
    ) -> Result<usize, IngestError> {
        let (mut batch, mut len, mut known) = (Vec::new(), 0, 0);
        for WrittenParticipants { instance, rows, .. } in written {
            for rows in rows.chunks(MINUTES_PER_WRITE) {
                if len + rows.len() > MINUTES_PER_WRITE {
                    known += self.minutes.put_batch(account, &batch).await?;
                    (batch, len) = (Vec::new(), 0);
                }
                batch.push(InstanceMinutes { instance: *instance, rows });
                len += rows.len();
            }
        }
        if len > 0 {
            known += self.minutes.put_batch(account, &batch).await?;
        }
        Ok(known)
    }
}
