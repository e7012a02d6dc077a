//! Who was there, and how good it was.

use rollcall_model::{AccountId, InstanceId, Participant, ParticipantFacts};
use rollcall_store::MinuteRow;

use crate::{Ingest, IngestError};

/// How many participants are written at a time: what is held beside the batch is bounded by it.
const PARTICIPANTS_PER_WRITE: usize = 500;

/// How many minutes are written at a time.
const MINUTES_PER_WRITE: usize = 2_000;

impl Ingest {
    /// Writes participants, then their minutes, and answers how many minutes these were.
    pub(crate) async fn write_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        facts: &[ParticipantFacts],
    ) -> Result<usize, IngestError> {
        let mut written = 0;
        let mut rows = Vec::new();
        for facts in facts.chunks(PARTICIPANTS_PER_WRITE) {
            let participants: Vec<Participant> = facts.iter().map(|facts| facts.participant.clone()).collect();
            let ids = self.store.put_participants(account, instance, &participants).await?;
            for (facts, id) in facts.iter().zip(ids) {
                for minute in &facts.minutes {
                    rows.push(MinuteRow { participant: id, minute: minute.clone() });
                    if rows.len() == MINUTES_PER_WRITE {
                        self.minutes.put_minutes(account, instance, &rows).await?;
                        written += rows.len();
                        rows.clear();
                    }
                }
            }
        }
        if !rows.is_empty() {
            self.minutes.put_minutes(account, instance, &rows).await?;
        }
        Ok(written + rows.len())
    }
}
