//! Runs of meetings, who took part in them, and how good they were.

use rollcall_model::{Batch, InstanceFacts, MeetingKind, Text};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Defect, ReadError};
use crate::{
    meeting::{meeting_facts, participant_facts, run_facts},
    quality::{self, Left},
    rules::Object,
    wire,
};

/// What one entry tells, or what is wrong with it.
type Entry = Result<Option<InstanceFacts>, (String, String)>;

/// A list of media sessions.
pub(super) fn qualities(object: Object<'_>, batch: &mut Batch, defects: &mut Vec<Defect>) -> Result<(), ReadError> {
    each(object, batch, defects, |session: wire::MediaSession, path, defects| read_session(session, path, defects))
}

fn read_session(mut session: wire::MediaSession, path: &str, defects: &mut Vec<Defect>) -> Entry {
    let wrong = |error: rollcall_model::InvalidId| ("meetingInstanceId".to_owned(), error.to_string());
    let id = Text::from(session.meeting_instance_id.trim());
    let mut facts = run_facts(&id, MeetingKind::Meeting, None).map_err(wrong)?;
    let mut left = Vec::new();
    facts.participants.extend(quality::facts(&mut session, &mut left));
    defects.extend(
        left.into_iter().map(|Left { path: place, reason }| Defect { path: format!("{path}.{place}"), reason }),
    );
    Ok(Some(facts))
}

/// A list of participants.
pub(super) fn participants(object: Object<'_>, batch: &mut Batch, defects: &mut Vec<Defect>) -> Result<(), ReadError> {
    each(object, batch, defects, |participant: wire::MeetingParticipant, _, _| {
        participant_facts(&participant).map(Some)
    })
}

/// A list of meetings, of which the runs are kept.
pub(super) fn meetings(object: Object<'_>, batch: &mut Batch, defects: &mut Vec<Defect>) -> Result<(), ReadError> {
    each(object, batch, defects, |meeting: wire::Meeting, _, _| meeting_facts(&meeting))
}

/// One participant.
pub(super) fn participant(value: &Value, batch: &mut Batch, defects: &mut Vec<Defect>) {
    one(value, batch, defects, |participant: wire::MeetingParticipant| participant_facts(&participant).map(Some));
}

/// One meeting.
pub(super) fn meeting(value: &Value, batch: &mut Batch, defects: &mut Vec<Defect>) {
    one(value, batch, defects, |meeting: wire::Meeting| meeting_facts(&meeting));
}

fn one<T: DeserializeOwned>(
    value: &Value,
    batch: &mut Batch,
    defects: &mut Vec<Defect>,
    read: impl FnOnce(T) -> Entry,
) {
    match parse(value).and_then(read) {
        Ok(facts) => batch.instances.extend(facts),
        Err((path, reason)) => defects.push(Defect { path, reason }),
    }
}

fn each<T: DeserializeOwned>(
    object: Object<'_>,
    batch: &mut Batch,
    defects: &mut Vec<Defect>,
    read: impl Fn(T, &str, &mut Vec<Defect>) -> Entry,
) -> Result<(), ReadError> {
    let Some(Value::Array(entries)) = object.get("items") else { return Err(ReadError::NoList { field: "items" }) };
    for (index, entry) in entries.iter().enumerate() {
        let path = format!("items[{index}]");
        match parse(entry).and_then(|entry| read(entry, &path, defects)) {
            Ok(Some(facts)) => add(batch, facts),
            Ok(None) => {}
            Err((field, reason)) => {
                let path = if field.is_empty() || field == "." { path } else { format!("{path}.{field}") };
                defects.push(Defect { path, reason });
            }
        }
    }
    Ok(())
}

/// Puts facts to those about the same run that stand last, as most lists are of one run.
fn add(batch: &mut Batch, facts: InstanceFacts) {
    match batch.instances.last_mut() {
        Some(last)
            if facts.details.is_none()
                && (&last.instance, last.kind, last.state, last.start_time)
                    == (&facts.instance, facts.kind, facts.state, facts.start_time) =>
        {
            last.participants.extend(facts.participants);
        }
        _ => batch.instances.push(facts),
    }
}

fn parse<T: DeserializeOwned>(value: &Value) -> Result<T, (String, String)> {
    serde_path_to_error::deserialize(value).map_err(|error| (error.path().to_string(), error.inner().to_string()))
}
