//! Recognizes attendances that two responses name differently.

use std::collections::{BTreeMap, HashSet};

use rollcall_model::{AccountId, InstanceFacts, InstanceRef, Participant, Text, Timestamp};

use crate::{Ingest, IngestError};

/// Attendances read per page.
const PER_READ: usize = 1_000;
/// How far apart the joins of one attendance may be in two responses.
const SAME_JOIN_MS: i64 = 60_000;

/// A stored attendance.
struct Known {
    user_id: Text,
    join_time: Timestamp,
    is_taken: bool,
}

impl Ingest {
    /// Gives participants the ids of stored attendances that are the same: of the same person, with a join at about the
    /// same time.
    ///
    /// Webex's participants and media sessions have different ids, and are joined by address and time of joining (Webex
    /// reference, section 1).
    ///
    /// # Errors
    /// If the store fails.
    pub async fn name_known_attendances(
        &self,
        account: AccountId,
        facts: &mut InstanceFacts,
    ) -> Result<(), IngestError> {
        let InstanceRef::Uuid(uuid) = &facts.instance else { return Ok(()) };
        if facts.participants.is_empty() {
            return Ok(());
        }
        let Some(instance) = self.store.instance_by_uuid(account, uuid).await? else { return Ok(()) };
        let reported: HashSet<(Text, Option<Timestamp>)> =
            facts.participants.iter().map(|facts| key(&facts.participant)).collect();
        let (mut known, mut exact) = (BTreeMap::<Text, Vec<Known>>::new(), HashSet::new());
        let mut after = None;
        loop {
            let page = self.store.list_participants(account, instance.id, after, PER_READ).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for participant in page.iter().map(|stored| &stored.participant) {
                if reported.contains(&key(participant)) {
                    exact.insert(key(participant));
                } else if let (Some(identity), Some(join_time)) = (identity(participant), participant.join_time) {
                    let same_person = known.entry(identity).or_default();
                    same_person.push(Known { user_id: participant.user_id.clone(), join_time, is_taken: false });
                }
            }
        }
        for participant in facts.participants.iter_mut().map(|facts| &mut facts.participant) {
            if exact.contains(&key(participant)) {
                continue;
            }
            let (Some(identity), Some(join_time)) = (identity(participant), participant.join_time) else { continue };
            let apart = |known: &Known| known.join_time.millis_since(join_time).abs();
            let same_person = known.get_mut(&identity).into_iter().flatten();
            let nearest = same_person
                .filter(|known| !known.is_taken && apart(known) <= SAME_JOIN_MS)
                .min_by_key(|known| apart(known));
            if let Some(known) = nearest {
                known.is_taken = true;
                participant.user_id = known.user_id.clone();
                participant.join_time = Some(known.join_time);
            }
        }
        Ok(())
    }
}

fn key(participant: &Participant) -> (Text, Option<Timestamp>) {
    (participant.user_id.clone(), participant.join_time)
}

/// Returns what names the person: the address in any case, or else the name.
fn identity(participant: &Participant) -> Option<Text> {
    let told = |text: &Option<Text>| text.as_deref().filter(|text| !text.trim().is_empty()).map(str::to_lowercase);
    let identity = told(&participant.email).or_else(|| told(&participant.user_name))?;
    Some(identity.as_str().into())
}
