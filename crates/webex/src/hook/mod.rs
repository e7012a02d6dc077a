//! Webhooks from Webex (Webex reference, section 10): checking and parsing.
//!
//! A delivery is checked with [`is_signed`] over its raw bytes before it is parsed with [`read`]. A participant's `id`
//! is its `user_id` here: it stays the same when the participant rejoins, also with another device.

mod signature;

use rollcall_model::{
    Event, EventFacts, InstanceReport, InstanceStage, InstanceUuid, MeetingKind, Participant, ParticipantEvent,
    ParticipantReport, ParticipantUserId, ReportTime, ReportedInstance, Text, Timestamp, UserId,
};
use serde::Deserialize;

pub use signature::{Signatures, is_signed, sign_sha1, sign_sha256, sign_sha512};

/// Why a delivery cannot be parsed: a key is missing or invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}`: {reason}")]
pub struct HookError {
    /// The key, from the top of the body; `.` for the whole body.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

impl HookError {
    fn missing(path: &str) -> Self {
        Self { path: path.to_owned(), reason: "missing or blank".to_owned() }
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Delivery {
    resource: Option<Text>,
    event: Option<Text>,
    data: Option<Data>,
}

/// A meeting or a participant in one struct, because their keys do not conflict.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Data {
    id: Option<Text>,
    meeting_id: Option<Text>,
    scheduled_type: Option<Text>,
    meeting_number: Option<Text>,
    title: Option<Text>,
    start: Option<Text>,
    end: Option<Text>,
    host_user_id: Option<Text>,
    host_email: Option<Text>,
    meeting_start_time: Option<Text>,
    display_name: Option<Text>,
    email: Option<Text>,
    host: Option<bool>,
    co_host: Option<bool>,
    state: Option<Text>,
    joined_time: Option<Text>,
    left_time: Option<Text>,
    devices: Option<Vec<Device>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Device {
    device_type: Option<Text>,
    joined_time: Option<Text>,
    left_time: Option<Text>,
}

/// Parses a delivery's body.
///
/// # Errors
/// [`HookError`] if a required key is missing, or a value has the wrong shape.
pub fn read(body: &[u8]) -> Result<EventFacts, HookError> {
    let Delivery { resource, event, data } =
        serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(body))
            .map_err(|error| HookError { path: error.path().to_string(), reason: error.inner().to_string() })?;
    let resource = told(resource).ok_or_else(|| HookError::missing("resource"))?;
    let event = told(event).ok_or_else(|| HookError::missing("event"))?;
    let data = || data.ok_or_else(|| HookError::missing("data"));
    let event = match (resource.as_str(), event.as_str()) {
        ("meetings", "started") => meeting(data()?, InstanceStage::Started)?,
        ("meetings", "ended") => meeting(data()?, InstanceStage::Ended)?,
        ("meetingParticipants", "joined" | "left") => participant(data()?, event == "left")?,
        _ => return Ok(EventFacts::Nothing),
    };
    Ok(EventFacts::Instance(event))
}

/// Returns a non-blank text.
fn told(text: Option<Text>) -> Option<Text> {
    text.filter(|text| !text.trim().is_empty())
}

/// Returns a time; Webex sends `0001-01-01T00:00:00Z` and similar if it is unknown.
fn time(path: &str, text: Option<Text>) -> Result<Option<Timestamp>, HookError> {
    let Some(text) = told(text) else { return Ok(None) };
    let time: Timestamp = text
        .parse()
        .map_err(|error: rollcall_model::InvalidTime| HookError { path: path.to_owned(), reason: error.to_string() })?;
    Ok(Some(time).filter(|time| time.as_millis() > 0))
}

fn uuid(path: &str, id: Option<Text>) -> Result<InstanceUuid, HookError> {
    let id = told(id).ok_or_else(|| HookError::missing(path))?;
    id.parse()
        .map_err(|error: rollcall_model::InvalidId| HookError { path: path.to_owned(), reason: error.to_string() })
}

fn kind(scheduled_type: Option<&str>) -> MeetingKind {
    match scheduled_type {
        Some("webinar") => MeetingKind::Webinar,
        _ => MeetingKind::Meeting,
    }
}

/// A meeting that began or ended. Only runs do; their id identifies the run.
fn meeting(data: Data, stage: InstanceStage) -> Result<Event, HookError> {
    let start_time = time("data.start", data.start)?;
    let end_time = time("data.end", data.end)?.filter(|_| stage == InstanceStage::Ended);
    // The envelope does not contain the time of sending.
    let at = if stage == InstanceStage::Ended { end_time.or(start_time) } else { start_time };
    let told = ReportedInstance {
        number: told(data.meeting_number).and_then(|number| number.parse().ok()),
        topic: told(data.title),
        host_id: told(data.host_user_id).map(UserId),
        host_email: told(data.host_email),
        start_time,
        end_time,
        ..ReportedInstance::default()
    };
    Ok(Event {
        kind: kind(data.scheduled_type.as_deref()),
        uuid: uuid("data.id", data.id)?,
        instance: InstanceReport { stage, at, told },
        participant: None,
    })
}

/// A participant who joined or left, with each of the devices.
fn participant(data: Data, left: bool) -> Result<Event, HookError> {
    let uuid = uuid("data.meetingId", data.meeting_id)?;
    let user_id = told(data.id).ok_or_else(|| HookError::missing("data.id"))?;
    let identity = Participant {
        user_name: told(data.display_name),
        email: told(data.email),
        role: role(data.host, data.co_host),
        status: status(data.state.as_deref()),
        ..Participant::default()
    };
    let whole = Device { device_type: None, joined_time: data.joined_time, left_time: data.left_time };
    let mut reports = Vec::new();
    let devices = data.devices.unwrap_or_default();
    let devices: Vec<(String, Device)> = if devices.is_empty() {
        vec![("data".to_owned(), whole)]
    } else {
        devices.into_iter().enumerate().map(|(at, device)| (format!("data.devices[{at}]"), device)).collect()
    };
    for (path, device) in devices {
        let join = time(&format!("{path}.joinedTime"), device.joined_time)?;
        let leave = time(&format!("{path}.leftTime"), device.left_time)?;
        let told = Participant { device: told(device.device_type), ..identity.clone() };
        if let Some(join) = join {
            reports.push(ParticipantReport { time: ReportTime::Joined(join), told: told.clone() });
        }
        if let Some(leave) = leave {
            let told = Participant { leave_time: Some(leave), ..told };
            reports.push(ParticipantReport { time: ReportTime::At(leave), told });
        }
    }
    if reports.is_empty() {
        let key = if left { "leftTime" } else { "joinedTime" };
        return Err(HookError::missing(&format!("data.{key}")));
    }
    let mut instance = InstanceReport::default();
    instance.told.start_time = time("data.meetingStartTime", data.meeting_start_time)?;
    instance.told.host_email = told(data.host_email);
    let participant = ParticipantEvent { user_id: ParticipantUserId(user_id), reports, minutes: Vec::new() };
    Ok(Event { kind: kind(data.scheduled_type.as_deref()), uuid, instance, participant: Some(participant) })
}

/// Returns Zoom's word for it.
pub(crate) fn role(host: Option<bool>, co_host: Option<bool>) -> Option<Text> {
    match (host, co_host) {
        (Some(true), _) => Some(Text::const_new("host")),
        (_, Some(true)) => Some(Text::const_new("co-host")),
        (Some(false), _) | (_, Some(false)) => Some(Text::const_new("attendee")),
        (None, None) => None,
    }
}

/// Returns Zoom's word for it, if the participant is present.
fn status(state: Option<&str>) -> Option<Text> {
    match state {
        Some("lobby") => Some(Text::const_new("in_waiting_room")),
        Some("joined" | "breakoutSession") => Some(Text::const_new("in_meeting")),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
