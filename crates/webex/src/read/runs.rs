//! Runs of meetings, their series, participants and qualities.

use std::collections::BTreeMap;

use rollcall_extras::Found;
use rollcall_model::{
    DocumentFacts, Extras, Instance, InstanceFacts, InstanceRef, InstanceState, Meeting, MeetingKind, Participant,
    ParticipantId, Registrant, Text, User,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Defect, ReadError, Reading};
use crate::{
    extras::{DEVICE, MEETING, MEETING_LIVE, PARTICIPANT, QUALITY, SERIES},
    meeting::{meeting as served_meeting, meeting_facts, participant as served_participant, participant_facts},
    meeting::{plain, run_facts, series as served_series, series_facts},
    quality::{self, Left},
    rules::Object,
    wire,
};

/// What is wrong with an entry: a key, and the reason.
pub(super) type Wrong = (String, String);

/// The subject of an entry.
pub(super) enum Entry {
    Run(InstanceFacts),
    Scheduled(Meeting),
    User(Box<User>),
    Document(DocumentFacts),
    /// A registrant of the meeting with that id.
    Registrant(Text, Box<Registrant>),
}

/// Returns the instance of facts without details, as far as it is known.
fn instance_of(facts: &InstanceFacts) -> Option<Instance> {
    let InstanceRef::Uuid(uuid) = &facts.instance else { return None };
    let state = facts.state.unwrap_or(InstanceState::Past);
    let mut instance = Instance::unnumbered(facts.kind, uuid.clone(), state);
    instance.start_time = facts.start_time;
    Some(instance)
}

/// A list of media sessions.
pub(super) fn qualities(object: Object<'_>, reading: &mut Reading) -> Result<(), ReadError> {
    each(object, reading, read_session)
}

fn read_session(entry: &Value, path: &str, reading: &mut Reading) -> Result<Entry, Wrong> {
    let mut session: wire::MediaSession = parse(entry)?;
    let wrong = |error: rollcall_model::InvalidId| ("meetingInstanceId".to_owned(), error.to_string());
    let id = Text::from(session.meeting_instance_id.trim());
    let mut facts = run_facts(&id, MeetingKind::Meeting, None).map_err(wrong)?;
    let mut left = Vec::new();
    if let (Some(mut read), Some(instance)) = (quality::facts(&mut session, &mut left), instance_of(&facts)) {
        let served = quality::session(&instance, ParticipantId(0), &read.participant, &read.minutes);
        read.participant.extras = reading.extras(&QUALITY, path, entry, &served);
        facts.participants.push(read);
    }
    let left = left.into_iter().map(|Left { path: place, reason }| Defect { path: format!("{path}.{place}"), reason });
    reading.defects.extend(left);
    Ok(Entry::Run(facts))
}

/// A list of participants.
pub(super) fn participants(object: Object<'_>, reading: &mut Reading) -> Result<(), ReadError> {
    each(object, reading, read_participant)
}

fn read_participant(entry: &Value, path: &str, reading: &mut Reading) -> Result<Entry, Wrong> {
    let mut facts = participant_facts(&parse(entry)?)?;
    let Some(instance) = instance_of(&facts) else { return Ok(Entry::Run(facts)) };
    let rows: Vec<(ParticipantId, &Participant)> =
        facts.participants.iter().map(|facts| (ParticipantId(0), &facts.participant)).collect();
    let Some((first, others)) = rows.split_first() else { return Ok(Entry::Run(facts)) };
    let served = plain(|around| served_participant(&instance, *first, others, around));
    let found = reading.extras(&PARTICIPANT, path, entry, &served);
    // Values of the person are stored with each device.
    let (mut person, mut devices) = (BTreeMap::new(), BTreeMap::<usize, BTreeMap<Text, Text>>::new());
    for (place, value) in found.as_ref().and_then(|found| found.of(PARTICIPANT.name)).into_iter().flatten() {
        let device = place.strip_prefix("/devices/").and_then(|rest| rest.split_once('/'));
        match device.and_then(|(index, key)| Some((index.parse().ok()?, key))) {
            Some((index, key)) => {
                devices.entry(index).or_default().insert(format!("/{key}").into(), value.clone());
            }
            None => drop(person.insert(place.clone(), value.clone())),
        }
    }
    for (index, facts) in facts.participants.iter_mut().enumerate() {
        let mut extras = Extras::new(PARTICIPANT.name, person.clone());
        let device = devices.remove(&index).and_then(|values| Extras::new(DEVICE.name, values));
        Extras::merge(&mut extras, device.as_ref());
        facts.participant.extras = extras;
    }
    Ok(Entry::Run(facts))
}

/// A list of runs, series and scheduled meetings.
pub(super) fn meetings(object: Object<'_>, reading: &mut Reading) -> Result<(), ReadError> {
    each(object, reading, read_meeting)
}

fn read_meeting(entry: &Value, path: &str, reading: &mut Reading) -> Result<Entry, Wrong> {
    let read: wire::Meeting = parse(entry)?;
    if let Some(mut facts) = meeting_facts(&read)? {
        if let Some(instance) = &mut facts.details {
            let served = plain(|around| served_meeting(instance, around));
            let kind = if instance.state == InstanceState::Live { &MEETING_LIVE } else { &MEETING };
            instance.extras = reading.extras(kind, path, entry, &served);
        }
        return Ok(Entry::Run(facts));
    }
    let mut meeting = series_facts(&read)?;
    let served = plain(|around| served_series(&meeting, around));
    meeting.extras = reading.extras(&SERIES, path, entry, &served);
    Ok(Entry::Scheduled(meeting))
}

/// One participant.
pub(super) fn participant(value: &Value, reading: &mut Reading) {
    one(value, reading, read_participant);
}

/// One run, series or scheduled meeting.
pub(super) fn meeting(value: &Value, reading: &mut Reading) {
    one(value, reading, read_meeting);
}

pub(super) fn one(
    value: &Value,
    reading: &mut Reading,
    read: impl Fn(&Value, &str, &mut Reading) -> Result<Entry, Wrong>,
) {
    match read(value, "", reading) {
        Ok(entry) => reading.add(entry),
        Err((path, reason)) => reading.defects.push(Defect { path, reason }),
    }
}

pub(super) fn each(
    object: Object<'_>,
    reading: &mut Reading,
    read: impl Fn(&Value, &str, &mut Reading) -> Result<Entry, Wrong>,
) -> Result<(), ReadError> {
    let Some(Value::Array(entries)) = object.get("items") else { return Err(ReadError::NoList { field: "items" }) };
    for (index, entry) in entries.iter().enumerate() {
        let path = format!("items[{index}]");
        match read(entry, &path, reading) {
            Ok(entry) => reading.add(entry),
            Err((field, reason)) => {
                let path = if field.is_empty() || field == "." { path } else { format!("{path}.{field}") };
                reading.defects.push(Defect { path, reason });
            }
        }
    }
    Ok(())
}

impl Reading {
    /// Returns the values of an entry to store beyond the fields; records the rest.
    pub(super) fn extras(
        &mut self,
        kind: &rollcall_extras::Kind,
        path: &str,
        entry: &Value,
        served: &impl Serialize,
    ) -> Option<Extras> {
        let served = serde_json::to_value(served).ok()?;
        let Found { extras, unkept } = rollcall_extras::find_in(kind, entry, &served);
        self.note_unkept(path, unkept);
        extras
    }

    /// Adds an entry. Its facts are added to the last ones if they concern the same run, because most lists concern one
    /// run.
    fn add(&mut self, entry: Entry) {
        let facts = match entry {
            Entry::Run(facts) => facts,
            Entry::Scheduled(meeting) => return self.batch.meetings.push(meeting),
            Entry::User(user) => return self.batch.users.push(*user),
            Entry::Document(document) => return self.batch.documents.push(document),
            Entry::Registrant(meeting_id, registrant) => {
                return self.registrants.entry(meeting_id).or_default().push(*registrant);
            }
        };
        match self.batch.instances.last_mut() {
            Some(last)
                if facts.details.is_none()
                    && (&last.instance, last.kind, last.state, last.start_time)
                        == (&facts.instance, facts.kind, facts.state, facts.start_time) =>
            {
                last.participants.extend(facts.participants);
            }
            _ => self.batch.instances.push(facts),
        }
    }
}

pub(super) fn parse<T: DeserializeOwned>(value: &Value) -> Result<T, Wrong> {
    serde_path_to_error::deserialize(value).map_err(|error| (error.path().to_string(), error.inner().to_string()))
}
