//! Webhooks from Zoom (Zoom reference, section 8): checking and parsing.
//!
//! A delivery is checked with [`is_signed`] over its raw bytes before it is parsed with [`read`].

mod object;
mod qos;
mod schedule;
mod signature;

use rollcall_model::{EventFacts, InstanceStage, MeetingKind, Schedule, ScheduleChange, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

pub use signature::{encrypt_token, is_signed, sign};

use crate::{
    read::{Defect, Entry},
    wire::lenient,
};

/// Content of a delivery.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly all tell facts, and each lives for one delivery")]
pub enum Delivery {
    /// A challenge: Zoom checks that the receiver knows the secret ([`encrypt_token`]).
    Challenge {
        /// The token to encrypt and return.
        plain_token: String,
    },
    /// An event.
    Event {
        /// Its facts.
        facts: EventFacts,
        /// Skipped values.
        defects: Vec<Defect>,
    },
}

/// Why a delivery cannot be parsed: a key is missing or invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}`: {reason}")]
pub struct HookError {
    /// The key, from the top of the body; `.` for the whole body.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

impl From<Defect> for HookError {
    fn from(Defect { path, reason }: Defect) -> Self {
        Self { path: if path.is_empty() { ".".to_owned() } else { path }, reason }
    }
}

impl HookError {
    fn new(path: &str, reason: impl Into<String>) -> Self {
        Self { path: path.to_owned(), reason: reason.into() }
    }

    fn missing(path: &str) -> Self {
        Self::new(path, "missing or blank")
    }
}

/// What every body contains.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default, deserialize_with = "lenient::text")]
    event: Option<rollcall_model::Text>,
    #[serde(default, deserialize_with = "lenient::int")]
    event_ts: Option<i64>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

/// An event's name, without its first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Stage(InstanceStage),
    Joined,
    Left,
    Qos,
    /// Contains the participant's identity, and possibly the equipment.
    About,
    RoleChanged,
    /// Started to wait for admission.
    Waiting,
    /// The host moved a participant from the meeting to the waiting room.
    PutInWaitingRoom,
    /// Stopped waiting.
    Waited,
    /// Joined before the host, possibly after waiting.
    JoinedBeforeHost,
    Sharing,
    Feedback,
    /// A registration with its status.
    Registration(&'static str),
    Schedule(ScheduleChange),
}

impl Kind {
    /// Returns whether the vendor always includes the participant. Other events may lack it; then only the instance is
    /// recorded.
    const fn needs_participant(self) -> bool {
        matches!(self, Self::Joined | Self::Left | Self::About)
    }
}

/// Parses a delivery's body.
///
/// # Errors
/// [`HookError`] if a required key is missing, or a value has the wrong shape.
pub fn read(body: &[u8]) -> Result<Delivery, HookError> {
    let text = std::str::from_utf8(body).map_err(|_| HookError::new(".", "not UTF-8"))?;
    let envelope: Envelope<'_> = Entry { path: String::new(), text }.parse()?;
    let event = envelope.event.filter(|event| !event.is_empty()).ok_or_else(|| HookError::missing("event"))?;
    let payload = envelope.payload.ok_or_else(|| HookError::missing("payload"))?;
    let payload = Entry { path: "payload".to_owned(), text: payload.get() };
    if event == "endpoint.url_validation" {
        return challenge(&payload);
    }
    let at = envelope.event_ts.map(Timestamp::from_millis);
    let (facts, defects) = match known(&event) {
        None => (EventFacts::Nothing, Vec::new()),
        Some((kind, Kind::Qos)) => {
            let (event, defects) = qos::read(kind, &payload)?;
            (EventFacts::Instance(event), defects)
        }
        Some((kind, Kind::Registration(status))) => object::registration(kind, status, at, &payload)?,
        Some((kind, Kind::Schedule(change))) => {
            (EventFacts::Schedule(schedule::read(kind, change, at, &payload)?), Vec::new())
        }
        Some((kind, what)) => (EventFacts::Instance(object::event(kind, what, at, &payload)?), Vec::new()),
    };
    Ok(Delivery::Event { facts, defects })
}

/// Parses the payload of an event about a schedule that happened at `at`: an object with `operation` (`all` or `single`)
/// and `object`.
///
/// # Errors
/// [`HookError`] if a required key is missing, or a value has the wrong shape.
pub fn schedule(
    kind: MeetingKind,
    change: ScheduleChange,
    at: Timestamp,
    payload: &str,
) -> Result<Schedule, HookError> {
    schedule::read(kind, change, Some(at), &Entry { path: String::new(), text: payload })
}

/// The events that are stored.
fn known(event: &str) -> Option<(MeetingKind, Kind)> {
    let (kind, what) = event.split_once('.')?;
    let kind = match kind {
        "meeting" => MeetingKind::Meeting,
        "webinar" => MeetingKind::Webinar,
        _ => return None,
    };
    let what = match what {
        "started" => Kind::Stage(InstanceStage::Started),
        "ended" => Kind::Stage(InstanceStage::Ended),
        "alert" => Kind::Stage(InstanceStage::Mentioned),
        "participant_joined" | "participant_joined_breakout_room" => Kind::Joined,
        "participant_left" | "participant_left_breakout_room" => Kind::Left,
        "participant_qos" => Kind::Qos,
        "participant_qos_summary" | "participant_data" | "participant_data_summary" => Kind::About,
        "participant_role_changed" => Kind::RoleChanged,
        "participant_bind" | "participant_feedback" => Kind::Feedback,
        "participant_joined_waiting_room" | "participant_jbh_waiting" => Kind::Waiting,
        "participant_put_in_waiting_room" => Kind::PutInWaitingRoom,
        "participant_left_waiting_room" | "participant_admitted" | "participant_jbh_waiting_left" => Kind::Waited,
        "participant_jbh_joined" => Kind::JoinedBeforeHost,
        "sharing_started" | "sharing_ended" => Kind::Sharing,
        "created" | "recovered" => Kind::Schedule(ScheduleChange::Created),
        "updated" => Kind::Schedule(ScheduleChange::Updated),
        "deleted" | "permanently_deleted" => Kind::Schedule(ScheduleChange::Deleted),
        "registration_created" => Kind::Registration("pending"),
        "registration_approved" => Kind::Registration("approved"),
        "registration_denied" => Kind::Registration("denied"),
        "registration_cancelled" => Kind::Registration("cancelled"),
        _ => return None,
    };
    Some((kind, what))
}

fn challenge(payload: &Entry<'_>) -> Result<Delivery, HookError> {
    #[derive(Deserialize)]
    struct Challenge {
        #[serde(rename = "plainToken")]
        plain_token: Option<String>,
    }
    let Challenge { plain_token } = payload.parse()?;
    let plain_token = plain_token.filter(|token| !token.is_empty());
    plain_token
        .map(|plain_token| Delivery::Challenge { plain_token })
        .ok_or_else(|| HookError::missing("payload.plainToken"))
}

#[cfg(test)]
mod tests;
