//! Events about instances, participants and registrants.

use rollcall_model::{
    Event, EventFacts, InstanceReport, InstanceStage, InstanceTold, InstanceUuid, MeetingKind, Participant,
    ParticipantEvent, ParticipantReport, ParticipantUserId, Registration, ReportTime, Text, Timestamp, TrackingSource,
    UserId,
};
use serde::Deserialize;

use super::{HookError, Kind};
use crate::{read::Entry, wire::lenient};

/// Between the sentence that names who left and the one that says why.
const REASON: &str = "<br>Reason:";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Payload {
    object: Option<Object>,
}

/// A meeting or webinar, and whom the event is about.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Object {
    #[serde(deserialize_with = "lenient::text")]
    uuid: Option<Text>,
    /// A number or a text; one published sample has letters in it.
    #[serde(deserialize_with = "lenient::text")]
    id: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    host_id: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    topic: Option<Text>,
    #[serde(deserialize_with = "lenient::time")]
    start_time: Option<Timestamp>,
    #[serde(deserialize_with = "lenient::time")]
    end_time: Option<Timestamp>,
    participant: Option<Person>,
    registrant: Option<Registrant>,
}

/// Whom an event is about.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Person {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) user_id: Option<Text>,
    /// The same in other events.
    #[serde(deserialize_with = "lenient::text")]
    participant_id: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    id: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    participant_user_id: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    participant_uuid: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    registrant_id: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    user_name: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    email: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    customer_key: Option<Text>,
    #[serde(deserialize_with = "lenient::time")]
    join_time: Option<Timestamp>,
    #[serde(deserialize_with = "lenient::time")]
    leave_time: Option<Timestamp>,
    #[serde(deserialize_with = "lenient::text")]
    leave_reason: Option<Text>,
    data: Vec<Equipment>,
}

/// With what somebody takes part, since the event or over the whole attendance.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Equipment {
    #[serde(deserialize_with = "lenient::text")]
    device: Option<Text>,
    /// Under a deprecated key too.
    #[serde(alias = "Location", deserialize_with = "lenient::text")]
    location: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    network_type: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    microphone: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    speaker: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    camera: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    data_center: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    connection_type: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    pc_name: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    domain: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    mac_addr: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    harddisk_id: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    version: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    client: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    signaling_ip_address: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    signaling_internal_ip_address: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    audio_internal_ip_address: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    video_internal_ip_address: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    as_internal_ip_address: Option<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Registrant {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    email: Option<Text>,
    tracking_source: Option<Source>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Source {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    source_name: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    tracking_url: Option<Text>,
}

/// A text that says something: in events, blank is what Zoom has where it does not tell.
pub(super) fn told(text: Option<Text>) -> Option<Text> {
    text.filter(|text| !text.trim().is_empty())
}

fn object(payload: &Entry<'_>) -> Result<Object, HookError> {
    payload.parse::<Payload>()?.object.ok_or_else(|| HookError::missing("payload.object"))
}

/// The instance that an event names.
pub(super) fn uuid(uuid: Option<Text>) -> Result<InstanceUuid, HookError> {
    const PATH: &str = "payload.object.uuid";
    let uuid = told(uuid).ok_or_else(|| HookError::missing(PATH))?;
    uuid.parse().map_err(|error: rollcall_model::InvalidId| HookError::new(PATH, error.to_string()))
}

/// An event about an instance or one of its participants, told at `at`.
pub(super) fn event(
    kind: MeetingKind,
    what: Kind,
    at: Option<Timestamp>,
    payload: &Entry<'_>,
) -> Result<Event, HookError> {
    let object = object(payload)?;
    let told_at = || at.ok_or_else(|| HookError::missing("event_ts"));
    let stage = match what {
        Kind::Stage(stage) => stage,
        _ => InstanceStage::Mentioned,
    };
    let start_time = match stage {
        InstanceStage::Started if object.start_time.is_none() => Some(told_at()?),
        _ => object.start_time,
    };
    let end_time = match stage {
        InstanceStage::Ended if object.end_time.is_none() => Some(told_at()?),
        InstanceStage::Ended => object.end_time,
        _ => None,
    };
    let instance = InstanceReport {
        stage,
        at: if stage == InstanceStage::Mentioned { None } else { Some(told_at()?) },
        told: InstanceTold {
            number: object.id.and_then(|id| id.parse().ok()),
            topic: told(object.topic),
            host_id: told(object.host_id).map(UserId),
            host_email: None,
            start_time,
            end_time,
        },
    };
    let participant = match (what, object.participant) {
        (Kind::Stage(_), _) => None,
        (_, None) => return Err(HookError::missing("payload.object.participant")),
        (what, Some(person)) => Some(about(what, person, at)?),
    };
    Ok(Event { kind, uuid: uuid(object.uuid)?, instance, participant })
}

/// What an event tells of the person it is about.
fn about(what: Kind, mut person: Person, at: Option<Timestamp>) -> Result<ParticipantEvent, HookError> {
    let missing = |key: &str| HookError::missing(&format!("payload.object.participant.{key}"));
    let user_id = told(person.user_id.take()).or_else(|| told(person.participant_id.take()));
    let user_id = user_id.ok_or_else(|| missing("user_id"))?;
    let (join_time, leave_time) = (person.join_time, person.leave_time);
    let leave_reason = told(person.leave_reason.take()).map(|reason| sentence(&reason));
    let mut told = identity(&mut person);
    let mut reports = Vec::new();
    match what {
        Kind::Joined => {
            let join = join_time.or(at).ok_or_else(|| missing("join_time"))?;
            reports.push(ParticipantReport { time: ReportTime::Joined(join), told });
        }
        Kind::Left => {
            let leave = leave_time.or(at).ok_or_else(|| missing("leave_time"))?;
            // Not documented here, but where it is told there is no doubt to which join the leave belongs.
            if let Some(join) = join_time {
                reports.push(ParticipantReport { time: ReportTime::Joined(join), told: Participant::default() });
            }
            told.leave_time = Some(leave);
            told.leave_reason = leave_reason;
            reports.push(ParticipantReport { time: ReportTime::At(leave), told });
        }
        _ => {
            let at = at.ok_or_else(|| HookError::missing("event_ts"))?;
            for equipment in person.data {
                equipment.tell(&mut told);
            }
            reports.push(ParticipantReport { time: ReportTime::At(at), told });
        }
    }
    Ok(ParticipantEvent { user_id: ParticipantUserId(user_id), reports, minutes: Vec::new() })
}

/// Who the person is.
pub(super) fn identity(person: &mut Person) -> Participant {
    Participant {
        id: told(person.id.take()),
        participant_user_id: told(person.participant_user_id.take()),
        participant_uuid: told(person.participant_uuid.take()),
        registrant_id: told(person.registrant_id.take()),
        user_name: told(person.user_name.take()),
        email: told(person.email.take()),
        customer_key: told(person.customer_key.take()),
        ..Participant::default()
    }
}

impl Equipment {
    /// Adds what is told of the equipment.
    fn tell(self, participant: &mut Participant) {
        let internal = [
            self.signaling_internal_ip_address,
            self.audio_internal_ip_address,
            self.video_internal_ip_address,
            self.as_internal_ip_address,
        ];
        let mut addresses = participant.internal_ip_addresses.take().unwrap_or_default();
        for address in internal.into_iter().filter_map(told) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        participant.internal_ip_addresses = Some(addresses).filter(|addresses| !addresses.is_empty());
        for (field, value) in [
            (&mut participant.device, self.device),
            (&mut participant.location, self.location),
            (&mut participant.network_type, self.network_type),
            (&mut participant.microphone, self.microphone),
            (&mut participant.speaker, self.speaker),
            (&mut participant.camera, self.camera),
            (&mut participant.data_center, self.data_center),
            (&mut participant.connection_type, self.connection_type),
            (&mut participant.pc_name, self.pc_name),
            (&mut participant.domain, self.domain),
            (&mut participant.mac_addr, self.mac_addr),
            (&mut participant.harddisk_id, self.harddisk_id),
            (&mut participant.version, self.version),
            (&mut participant.client, self.client),
            (&mut participant.ip_address, self.signaling_ip_address),
        ] {
            if let Some(value) = told(value) {
                *field = Some(value);
            }
        }
    }
}

/// The reason as one sentence, as the dashboards tell it: events join the one that names who left to one that says why.
fn sentence(reason: &str) -> Text {
    let Some((who, why)) = reason.split_once(REASON) else { return reason.into() };
    let why = why.trim();
    // Where nobody but the one who left is to blame, the reason lacks its subject.
    if why.starts_with(char::is_uppercase) { why.into() } else { who.trim().into() }
}

/// A registration for a webinar, with the link that brought it.
pub(super) fn registration(payload: &Entry<'_>) -> Result<EventFacts, HookError> {
    let object = object(payload)?;
    let number = object.id.and_then(|id| id.parse().ok()).ok_or_else(|| HookError::missing("payload.object.id"))?;
    let registrant = object.registrant.ok_or_else(|| HookError::missing("payload.object.registrant"))?;
    let id = told(registrant.id).or_else(|| told(registrant.email));
    let id = id.ok_or_else(|| HookError::missing("payload.object.registrant.id"))?;
    let source = registrant.tracking_source.and_then(|source| {
        Some(TrackingSource {
            id: told(source.id)?,
            source_name: source.source_name.unwrap_or_default(),
            tracking_url: source.tracking_url.unwrap_or_default(),
            visitor_count: 0,
            registration_count: 0,
        })
    });
    Ok(EventFacts::Registration(Registration { number, registrant: id, source }))
}
