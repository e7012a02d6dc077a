//! Merging reported participants with known attendances.

use std::{borrow::Cow, collections::BTreeSet};

use rollcall_model::{AccountId, InstanceId, Participant, ParticipantUserId};

use super::{Rows, blanking, erased::Erased, events, merge::merge_fields};
use crate::{PutParticipant, Result, StoredParticipant};

/// Does what [`crate::ParticipantStore::put_participants`] promises.
///
/// # Errors
/// Those of the backend, and of that method.
pub fn put(
    tx: &dyn Rows,
    account: AccountId,
    instance: InstanceId,
    participants: &[Participant],
) -> Result<Vec<PutParticipant>> {
    let mut writer = tx.write_participants(account, instance)?;
    let erased = Erased::of(tx, account)?;
    let mut written = Vec::with_capacity(participants.len());
    for participant in participants {
        let participant = &*match &erased {
            Some(erased) => without_erased(tx, erased, instance, participant)?,
            None => Cow::Borrowed(participant),
        };
        let known = writer.find(&participant.user_id, participant.join_time)?;
        let id = match &known {
            Some(stored @ StoredParticipant { id, participant: before }) => {
                let mut merged = before.clone();
                merged.join_time = before.join_time.or(participant.join_time);
                merge_fields(&mut merged, participant);
                // Most repeated deliveries are redundant; they write no page of the log.
                if merged != *before {
                    writer.replace(stored, &merged)?;
                }
                *id
            }
            None => writer.insert(participant)?,
        };
        written.push(PutParticipant { id, known: known.is_some() });
    }
    writer.finish()?;
    if let Some(end) = tx.stated_end(instance)? {
        let open = participants.iter().filter(|one| one.leave_time.is_none());
        let open: BTreeSet<_> = open.map(|one| ParticipantUserId(one.user_id.clone())).collect();
        events::end_users(tx, instance, open, None, Some(end))?;
    }
    Ok(written)
}

/// Returns a participant as it may be stored: blank if it is an erased person. Also blanks the stored attendance,
/// because the person may be known only now.
fn without_erased<'p>(
    tx: &dyn Rows,
    erased: &Erased<'_>,
    instance: InstanceId,
    participant: &'p Participant,
) -> Result<Cow<'p, Participant>> {
    let Some(erasure) = erased.covers_attendance(instance, participant, participant.join_time)? else {
        return Ok(match erased.scrubbed_extras(participant.extras.as_ref())? {
            Some(extras) => Cow::Owned(Participant { extras: Some(extras), ..participant.clone() }),
            None => Cow::Borrowed(participant),
        });
    };
    blanking::blank_attendances(tx, erased, erasure, instance, &ParticipantUserId(participant.user_id.clone()))?;
    Ok(Cow::Owned(erased.blank(participant)?))
}
