//! Attendances and their quality of service.

use rollcall_model::{
    InstanceFacts, InstanceRef, InstanceState, MeetingKind, Participant, ParticipantFacts, ParticipantUserId,
    QosMinute, STREAM_NAMES, StreamState, Text,
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{
    Defect, Facts, ReadError,
    body::{Answer, Entry, List, reason},
};
use crate::{
    extras::{PARTICIPANT, QOS_MINUTE, QOS_PARTICIPANT, REPORT_PARTICIPANT},
    page::{QosForm, View},
    spell::SpellError,
    wire::{self, Values},
};

/// A page of an instance's participants.
pub(super) fn page(
    answer: &Answer<'_>,
    kind: MeetingKind,
    instance: &InstanceRef,
    state: Option<InstanceState>,
    facts: &mut Facts,
) -> Result<(), ReadError> {
    let mut read = about(kind, instance, state, answer.number());
    for entry in answer.list(List::Participants)? {
        let participant = entry
            .parse::<wire::Participant>()
            .and_then(|participant| Participant::try_from(participant).map_err(|error| entry.defect(&error)));
        let participant = participant.map(|mut participant| {
            participant.extras =
                facts.extras(&PARTICIPANT, &entry, &wire::Participant::new(&participant, &whole_view(kind)));
            participant
        });
        facts.keep(participant, |_, participant| {
            read.participants.push(ParticipantFacts { participant, minutes: Vec::new() });
        });
    }
    facts.batch.instances.push(read);
    Ok(())
}

/// A view that hides nothing.
fn whole_view(kind: MeetingKind) -> View {
    View { include_registrant_id: true, ..View::new(kind, None) }
}

/// A page of an instance's participants in a report, or of a past instance.
pub(super) fn report_page(
    answer: &Answer<'_>,
    kind: MeetingKind,
    instance: &InstanceRef,
    facts: &mut Facts,
) -> Result<(), ReadError> {
    let mut read = about(kind, instance, Some(InstanceState::Past), answer.number());
    for entry in answer.list(List::Participants)? {
        let participant = entry
            .parse::<wire::ReportParticipant>()
            .and_then(|participant| participant.into_model().map_err(|error| entry.defect(&error)));
        let participant = participant.map(|mut participant| {
            let served = wire::ReportParticipant::new(&participant, true);
            participant.extras = facts.extras(&REPORT_PARTICIPANT, &entry, &served);
            participant
        });
        facts.keep(participant, |_, participant| {
            read.participants.push(ParticipantFacts { participant, minutes: Vec::new() });
        });
    }
    facts.batch.instances.push(read);
    Ok(())
}

/// A page of the quality of service of an instance's participants.
pub(super) fn qos_page(
    answer: &Answer<'_>,
    kind: MeetingKind,
    instance: &InstanceRef,
    state: Option<InstanceState>,
    facts: &mut Facts,
) -> Result<(), ReadError> {
    let mut read = about(kind, instance, state, answer.number());
    for entry in answer.list(List::Participants)? {
        let participant = qos_entry(&entry, &mut facts.defects).and_then(|(head, minutes)| {
            let participant = head.try_into().map_err(|error| entry.defect(&error))?;
            Ok(ParticipantFacts { participant, minutes })
        });
        if let Ok(participant) = &participant {
            note_qos(&entry, kind, participant, facts);
        }
        facts.keep(participant, |_, participant| read.participants.push(participant));
    }
    facts.batch.instances.push(read);
    Ok(())
}

/// One participant's quality of service. If it does not contain the participant, the path does.
pub(super) fn qos_single(
    answer: &Answer<'_>,
    kind: MeetingKind,
    instance: &InstanceRef,
    user_id: &ParticipantUserId,
    state: Option<InstanceState>,
    facts: &mut Facts,
) -> Result<(), ReadError> {
    let mut read = about(kind, instance, state, answer.number());
    let entry = answer.whole();
    let (mut head, minutes) = qos_entry(&entry, &mut facts.defects).map_err(|defect| answer.refuse(defect))?;
    // If no media flow, Zoom's response is empty, without the participant.
    if head != wire::QosParticipant::default() || !minutes.is_empty() {
        head.user_id = head.user_id.filter(|id| !id.is_empty()).or_else(|| Some(user_id.0.clone()));
        let participant = head.try_into().map_err(|error| answer.refuse(entry.defect(&error)))?;
        let participant = ParticipantFacts { participant, minutes };
        note_qos(&entry, kind, &participant, facts);
        read.participants.push(participant);
    }
    facts.batch.instances.push(read);
    Ok(())
}

/// Records values of a participant and of the minutes that cannot be stored.
fn note_qos(entry: &Entry<'_>, kind: MeetingKind, read: &ParticipantFacts, facts: &mut Facts) {
    #[derive(Deserialize)]
    struct Minutes<'a> {
        #[serde(default, borrow)]
        user_qos: Vec<&'a RawValue>,
    }
    let served = wire::QosParticipant::new(&read.participant, std::iter::empty(), &whole_view(kind), QosForm::Single);
    facts.note_differences(&QOS_PARTICIPANT, entry, &served);
    let Ok(Minutes { user_qos }) = serde_json::from_str(entry.text) else { return };
    // Invalid minutes have been reported.
    if user_qos.len() == read.minutes.len() {
        let list = entry.list();
        for (text, minute) in user_qos.into_iter().zip(&read.minutes) {
            let path = if list.is_empty() { "user_qos[0]".to_owned() } else { format!("{list}.user_qos[0]") };
            let entry = Entry { path, text: text.get() };
            facts.note_differences(&QOS_MINUTE, &entry, &wire::QosMinute::from(minute));
        }
    }
}

/// Returns facts about the instance in the path.
fn about(
    kind: MeetingKind,
    instance: &InstanceRef,
    state: Option<InstanceState>,
    number: Option<Text>,
) -> InstanceFacts {
    InstanceFacts {
        state,
        // A recording may contain the participants before the meeting, as webhooks do.
        may_be_unnumbered: true,
        number: number.and_then(|number| number.parse().ok()),
        ..InstanceFacts::new(kind, instance.clone())
    }
}

/// Returns a participant without its minutes, and its minutes.
fn qos_entry(entry: &Entry<'_>, defects: &mut Vec<Defect>) -> Result<(wire::QosParticipant, Vec<QosMinute>), Defect> {
    let (head, minutes) = match serde_json::from_str::<wire::QosParticipant>(entry.text) {
        Ok(mut participant) => {
            let minutes = std::mem::take(&mut participant.user_qos);
            (participant, minutes.into_iter().enumerate().collect())
        }
        Err(_) => qos_entry_in_parts(entry, defects)?,
    };
    let minutes =
        minutes.into_iter().filter_map(|(index, minute)| one_minute(entry, index, &minute, defects)).collect();
    Ok((head, minutes))
}

/// Returns a participant with an invalid part: each minute is parsed on its own, so that the others are read.
fn qos_entry_in_parts(
    entry: &Entry<'_>,
    defects: &mut Vec<Defect>,
) -> Result<(wire::QosParticipant, Vec<(usize, wire::QosMinute)>), Defect> {
    let mut object = match serde_json::from_str(entry.text) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err(entry.defect_at(String::new(), "not an object".to_owned())),
        Err(error) => return Err(entry.defect_at(String::new(), reason(&error))),
    };
    let minutes = match object.remove("user_qos") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(minutes)) => minutes,
        Some(minute @ Value::Object(_)) => vec![minute],
        Some(_) => {
            defects.push(entry.defect_at("user_qos".to_owned(), "not a list".to_owned()));
            Vec::new()
        }
    };
    let head = serde_path_to_error::deserialize(Value::Object(object))
        .map_err(|error| entry.defect_at(error.path().to_string(), reason(error.inner())))?;
    let mut read = Vec::with_capacity(minutes.len());
    for (index, minute) in minutes.into_iter().enumerate() {
        let mut track = serde_path_to_error::Track::new();
        match wire::QosMinute::deserialize(serde_path_to_error::Deserializer::new(minute, &mut track)) {
            Ok(minute) => read.push((index, minute)),
            Err(error) => {
                let place = match track.path().to_string().as_str() {
                    "." => format!("user_qos[{index}]"),
                    place => format!("user_qos[{index}].{place}"),
                };
                defects.push(entry.defect_at(place, reason(&error)));
            }
        }
    }
    Ok((head, read))
}

/// Returns one minute. `None` if it does not contain its time.
fn one_minute(entry: &Entry<'_>, index: usize, read: &wire::QosMinute, defects: &mut Vec<Defect>) -> Option<QosMinute> {
    let place = |rest: &str| format!("user_qos[{index}].{rest}");
    let time = match read.date_time {
        Some(time) if time.as_millis() >= 0 => time,
        Some(_) => {
            defects.push(entry.defect_at(place("date_time"), "before 1970".to_owned()));
            return None;
        }
        None => {
            defects.push(entry.defect_at(place("date_time"), "missing or blank".to_owned()));
            return None;
        }
    };
    let mut minute = QosMinute::new(time.minute());
    let mut note = |section: &str, error: &SpellError| {
        defects.push(entry.defect_at(place(&format!("{section}.{}", error.field)), error.to_string()));
    };
    for ((state, key), section) in minute.streams.iter_mut().zip(STREAM_NAMES).zip(read.sections()) {
        *state = section.map_or(StreamState::NotReported, |section| {
            section.read(&mut Values { defect: &mut |error| note(key, &error) })
        });
    }
    minute.cpu_usage =
        read.cpu_usage.as_ref().map(|usage| usage.read(&mut Values { defect: &mut |error| note("cpu_usage", &error) }));
    minute.cpu_pressure = read
        .cpu_pressure_level
        .as_ref()
        .map(|pressure| pressure.read(&mut Values { defect: &mut |error| note("cpu_pressure_level", &error) }));
    minute.wifi_rssi = read.wifi_rssi.as_ref().map(wire::WifiRssi::read);
    Some(minute)
}
