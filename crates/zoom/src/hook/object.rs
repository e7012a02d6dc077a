//! Events about instances, participants and registrants.

use rollcall_extras::is_blank;
use rollcall_model::{
    AudioCall, Event, EventFacts, InstanceReport, InstanceStage, InstanceUuid, Meeting, MeetingKind, Participant,
    ParticipantEvent, ParticipantReport, ParticipantUserId, Registrant, Registration, ReportTime, ReportedInstance,
    Text, Timestamp, TrackingSource, UserId,
};
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use super::{HookError, Kind};
use crate::{
    read::{Defect, Entry},
    wire::lenient,
};

/// Maximum stored size of a registrant's form, in bytes.
const MAX_ANSWERS_BYTES: usize = 16 * 1024;

/// Separates the sentence about who left from the one about the reason.
const REASON: &str = "<br>Reason:";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Payload<'a> {
    #[serde(borrow)]
    object: Option<Object<'a>>,
}

/// A meeting or webinar, and the event's participant.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Object<'a> {
    #[serde(deserialize_with = "lenient::text")]
    uuid: Option<Text>,
    /// A number or a string; one published sample contains letters.
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
    #[serde(rename = "type", deserialize_with = "lenient::int")]
    schedule_type: Option<i64>,
    #[serde(deserialize_with = "lenient::int")]
    duration: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    timezone: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    breakout_room_uuid: Option<Text>,
    #[serde(borrow)]
    occurrences: Option<&'a RawValue>,
    participant: Option<Person>,
    registrant: Option<Map<String, Value>>,
}

/// The participant of an event.
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
    /// The event's time, in events other than joins and leaves.
    #[serde(deserialize_with = "lenient::time")]
    date_time: Option<Timestamp>,
    #[serde(deserialize_with = "lenient::text")]
    new_role: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    phone_number: Option<Text>,
    sharing_details: Option<Sharing>,
    data: Vec<Equipment>,
}

/// What somebody shares.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Sharing {
    #[serde(deserialize_with = "lenient::text")]
    content: Option<Text>,
    #[serde(deserialize_with = "lenient::time")]
    date_time: Option<Timestamp>,
}

/// The participant's equipment, since the event or over the whole attendance.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Equipment {
    #[serde(deserialize_with = "lenient::text")]
    device: Option<Text>,
    /// Also under a deprecated key.
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
struct Source {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    source_name: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    tracking_url: Option<Text>,
}

/// Returns a non-blank text: in events, blank means that Zoom does not report it.
pub(super) fn told(text: Option<Text>) -> Option<Text> {
    text.filter(|text| !text.trim().is_empty())
}

fn object<'a>(payload: &Entry<'a>) -> Result<Object<'a>, HookError> {
    payload.parse::<Payload<'a>>()?.object.ok_or_else(|| HookError::missing("payload.object"))
}

/// Returns the event's instance.
pub(super) fn uuid(uuid: Option<Text>) -> Result<InstanceUuid, HookError> {
    const PATH: &str = "payload.object.uuid";
    let uuid = told(uuid).ok_or_else(|| HookError::missing(PATH))?;
    uuid.parse().map_err(|error: rollcall_model::InvalidId| HookError::new(PATH, error.to_string()))
}

/// Parses an event about an instance or one of its participants, reported at `at`.
pub(super) fn event(
    kind: MeetingKind,
    what: Kind,
    at: Option<Timestamp>,
    payload: &Entry<'_>,
) -> Result<Event, HookError> {
    let object = object(payload)?;
    let reported_at = || at.ok_or_else(|| HookError::missing("event_ts"));
    let stage = match what {
        Kind::Stage(stage) => stage,
        _ => InstanceStage::Mentioned,
    };
    let start_time = match stage {
        InstanceStage::Started if object.start_time.is_none() => Some(reported_at()?),
        _ => object.start_time,
    };
    let end_time = match stage {
        InstanceStage::Ended if object.end_time.is_none() => Some(reported_at()?),
        InstanceStage::Ended => object.end_time,
        _ => None,
    };
    let instance = InstanceReport {
        stage,
        at: if stage == InstanceStage::Mentioned { None } else { Some(reported_at()?) },
        told: ReportedInstance {
            number: object.id.and_then(|id| id.parse().ok()),
            topic: told(object.topic),
            host_id: told(object.host_id).map(UserId),
            host_email: None,
            start_time,
            end_time,
            schedule_type: object.schedule_type,
            duration_minutes: object.duration.filter(|minutes| *minutes > 0),
            timezone: told(object.timezone),
        },
    };
    let room = told(object.breakout_room_uuid);
    let participant = match (what, object.participant) {
        (Kind::Stage(_), _) => None,
        (what, None) if what.needs_participant() => return Err(HookError::missing("payload.object.participant")),
        (_, None) => None,
        (what, Some(person)) => about(what, person, room, at)?,
    };
    Ok(Event { kind, uuid: uuid(object.uuid)?, instance, participant })
}

/// Returns the event's facts about its participant; `None` if it does not identify the participant.
fn about(
    what: Kind,
    mut person: Person,
    room: Option<Text>,
    at: Option<Timestamp>,
) -> Result<Option<ParticipantEvent>, HookError> {
    let missing = |key: &str| HookError::missing(&format!("payload.object.participant.{key}"));
    let named = told(person.user_id.take()).or_else(|| told(person.participant_id.take())).map(ParticipantUserId);
    let (join_time, leave_time) = (person.join_time, person.leave_time);
    let happened = person.date_time.or(at);
    let happened = |or: Option<Timestamp>| or.or(happened).ok_or_else(|| HookError::missing("event_ts"));
    let leave_reason = told(person.leave_reason.take()).map(|reason| sentence(&reason));
    let new_role = told(person.new_role.take());
    let sharing = person.sharing_details.take().unwrap_or_default();
    let data = std::mem::take(&mut person.data);
    let mut told = identity(&mut person);
    told.bo_mtg_id = room;
    let user_id = match (what, named) {
        (_, Some(user_id)) => user_id,
        // A participant in the waiting room may not have a `user_id` yet.
        (Kind::Joined | Kind::Left | Kind::Waiting | Kind::Waited | Kind::JoinedBeforeHost, None) => {
            let names = [&told.participant_uuid, &told.participant_user_id, &told.id, &told.registrant_id, &told.email];
            let name = names.into_iter().chain([&told.user_name]).flatten().next();
            ParticipantUserId(name.ok_or_else(|| missing("user_id"))?.clone())
        }
        (_, None) => match &told.participant_uuid {
            Some(uuid) => ParticipantUserId::of_uuid(uuid),
            None if what.needs_participant() => return Err(missing("user_id")),
            None => return Ok(None),
        },
    };
    let waiting = || Some(Text::const_new("in_waiting_room"));
    let mut reports = Vec::new();
    let mut report = |time, told| reports.push(ParticipantReport { time, told });
    match what {
        Kind::Joined => report(ReportTime::Joined(happened(join_time)?), told),
        Kind::Left => {
            let leave = happened(leave_time)?;
            // Zoom does not document a join time here. If there is one, it identifies the join of the leave.
            if let Some(join) = join_time {
                report(ReportTime::Joined(join), Participant::default());
            }
            report(ReportTime::At(leave), Participant { leave_time: Some(leave), leave_reason, ..told });
        }
        Kind::Waiting => {
            report(ReportTime::Waiting(happened(join_time)?), Participant { status: waiting(), ..told });
        }
        Kind::PutInWaitingRoom => {
            let moved = happened(None)?;
            let leave_reason = Some(Text::const_new("Moved to the waiting room."));
            let left = Participant { leave_time: Some(moved), leave_reason, ..told.clone() };
            report(ReportTime::At(moved), left);
            report(ReportTime::Waiting(moved), Participant { status: waiting(), ..told });
        }
        Kind::Waited => {
            let until = happened(leave_time)?;
            let told = Participant { leave_time: Some(until), leave_reason, status: waiting(), ..told };
            report(ReportTime::Waited(until), told);
        }
        Kind::JoinedBeforeHost => {
            let join = happened(join_time)?;
            report(ReportTime::Joined(join), told.clone());
            let told = Participant { leave_time: Some(join), status: waiting(), ..told };
            report(ReportTime::Waited(join), told);
        }
        Kind::RoleChanged => report(ReportTime::At(happened(None)?), Participant { role: new_role, ..told }),
        Kind::Sharing => {
            let content = sharing.content.as_deref().unwrap_or_default();
            let shares = |kind: &str| content.contains(kind).then_some(true);
            told.share_application = shares("application");
            told.share_desktop = shares("desktop");
            told.share_whiteboard = shares("whiteboard");
            report(ReportTime::At(happened(sharing.date_time)?), told);
        }
        Kind::Stage(_) | Kind::Qos | Kind::About | Kind::Feedback | Kind::Registration(_) | Kind::Schedule(_) => {
            for equipment in data {
                equipment.tell(&mut told);
            }
            report(ReportTime::At(happened(None)?), told);
        }
    }
    Ok(Some(ParticipantEvent { user_id, reports, minutes: Vec::new() }))
}

/// Returns the participant's identity.
pub(super) fn identity(person: &mut Person) -> Participant {
    Participant {
        id: told(person.id.take()),
        participant_user_id: told(person.participant_user_id.take()),
        participant_uuid: told(person.participant_uuid.take()),
        registrant_id: told(person.registrant_id.take()),
        user_name: told(person.user_name.take()),
        email: told(person.email.take()),
        customer_key: told(person.customer_key.take()),
        audio_call: told(person.phone_number.take())
            .map(|number| vec![AudioCall { call_number: Some(number), call_type: None, zoom_number: None }]),
        ..Participant::default()
    }
}

impl Equipment {
    /// Adds the equipment.
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

/// Returns the reason as one sentence, as on dashboards. Events have two: who left, and why.
fn sentence(reason: &str) -> Text {
    let Some((who, why)) = reason.split_once(REASON) else { return reason.into() };
    let (who, why) = (who.trim(), why.trim());
    // Some reasons repeat the end of the first sentence: "left the meeting."
    if why.is_empty() || who.ends_with(why) {
        return who.into();
    }
    let mut letters = why.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>().into()
}

/// Parses a registration, or a decision about one, with the link that led to it.
pub(super) fn registration(
    kind: MeetingKind,
    status: &'static str,
    at: Option<Timestamp>,
    payload: &Entry<'_>,
) -> Result<(EventFacts, Vec<Defect>), HookError> {
    let object = object(payload)?;
    let number = object.id.and_then(|id| id.parse().ok()).ok_or_else(|| HookError::missing("payload.object.id"))?;
    let mut form = object.registrant.ok_or_else(|| HookError::missing("payload.object.registrant"))?;
    let mut take = |key: &str| match form.remove(key) {
        Some(Value::String(text)) => told(Some(text.into())),
        Some(Value::Number(number)) => Some(number.to_string().into()),
        _ => None,
    };
    let (id, email) = (take("id"), take("email"));
    let id = id.or_else(|| email.clone()).ok_or_else(|| HookError::missing("payload.object.registrant.id"))?;
    let (first_name, last_name, stated) = (take("first_name"), take("last_name"), take("status"));
    let (join_url, language, created) = (take("join_url"), take("language"), take("create_time"));
    let source = form.remove("tracking_source").and_then(|source| serde_json::from_value::<Source>(source).ok());
    let source = source.and_then(|source| {
        Some(TrackingSource {
            id: told(source.id)?,
            source_name: source.source_name.unwrap_or_default(),
            tracking_url: source.tracking_url.unwrap_or_default(),
            visitor_count: 0,
            registration_count: 0,
        })
    });
    form.retain(|_, answer| !is_blank(answer));
    let answers = Some(form).filter(|form| !form.is_empty()).map(|form| Value::Object(form).to_string());
    let mut defects = Vec::new();
    let answers_json = answers.filter(|answers| {
        let fits = answers.len() <= MAX_ANSWERS_BYTES;
        if !fits {
            let reason = format!("the form is longer than {MAX_ANSWERS_BYTES} bytes");
            defects.push(payload.defect_at("object.registrant".to_owned(), reason));
        }
        fits
    });
    let registrant = Registrant {
        id,
        email,
        first_name,
        last_name,
        // Only the first event may have a status other than its own, if the registrant is approved immediately.
        status: stated.filter(|_| status == "pending").or(Some(status.into())),
        occurrence_ids: object.occurrences.and_then(occurrence_ids),
        answers_json,
        join_url,
        language,
        // Only the first event is about when the registration was made.
        create_time: created.and_then(|time| time.parse().ok()).or(at.filter(|_| status == "pending")),
    };
    let is_listed = |list: &&RawValue| list.get().starts_with('[') && list.get() != "[]";
    let meeting = Meeting {
        host_id: told(object.host_id).map(UserId),
        topic: told(object.topic),
        schedule_type: object.schedule_type,
        start_time: object.start_time,
        duration_minutes: object.duration.filter(|minutes| *minutes > 0),
        timezone: told(object.timezone),
        occurrences_json: object.occurrences.filter(is_listed).map(|list| list.get().to_owned()),
        ..Meeting::new(kind, number)
    };
    let at = at.unwrap_or(Timestamp::from_millis(0));
    Ok((EventFacts::Registration(Registration { meeting: Box::new(meeting), registrant, at, source }), defects))
}

/// Returns the ids of the occurrences that a registration covers.
fn occurrence_ids(list: &RawValue) -> Option<Vec<Text>> {
    #[derive(Deserialize)]
    struct Occurrence {
        #[serde(default, deserialize_with = "lenient::text")]
        occurrence_id: Option<Text>,
    }
    let list: Vec<Occurrence> = serde_json::from_str(list.get()).ok()?;
    Some(list.into_iter().filter_map(|occurrence| told(occurrence.occurrence_id)).collect())
}
