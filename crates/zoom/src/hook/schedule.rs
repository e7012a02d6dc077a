//! Events about scheduled meetings and webinars.

use rollcall_model::{Meeting, MeetingKind, Schedule, ScheduleChange, Text, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{HookError, object::told};
use crate::{extras::MEETING, read::Entry, wire, wire::lenient};

/// Values of an event that are stored beyond the fields. They are served in the response of `GET /meetings/{id}`, so
/// values with a field are excluded, however an event spells them: its `id` may be a string.
const BEYOND: rollcall_extras::Kind = rollcall_extras::Kind {
    ignored: &[
        "uuid",
        "id",
        "host_id",
        "host_email",
        "topic",
        "type",
        "status",
        "start_time",
        "duration",
        "timezone",
        "agenda",
        "created_at",
        "join_url",
        "registration_url",
        "is_simulive",
    ],
    ..MEETING
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Payload<'a> {
    /// `all` or `single`: whether a recurring meeting was deleted entirely, or only some occurrences.
    #[serde(deserialize_with = "lenient::text")]
    operation: Option<Text>,
    #[serde(borrow)]
    object: Option<&'a RawValue>,
}

/// Parses an event about a scheduled meeting or webinar, whose object has the format of `GET /meetings/{id}`.
pub(super) fn read(
    kind: MeetingKind,
    change: ScheduleChange,
    at: Option<Timestamp>,
    payload: &Entry<'_>,
) -> Result<Schedule, HookError> {
    let Payload { operation, object } = payload.parse()?;
    let object = object.ok_or_else(|| HookError::missing("payload.object"))?;
    let entry = Entry { path: "payload.object".to_owned(), text: object.get() };
    let object = entry.parse::<wire::Meeting>()?;
    let mut meeting = object.into_model(kind).map_err(|error| entry.defect(&error))?;
    meeting.extras = rollcall_extras::find(&BEYOND, entry.text, &wire::Meeting::from(&meeting)).extras;
    let change = match change {
        ScheduleChange::Deleted if operation.as_deref() == Some("single") && meeting.occurrences_json.is_some() => {
            ScheduleChange::OccurrencesDeleted
        }
        change => change,
    };
    let meeting = Meeting {
        topic: told(meeting.topic),
        timezone: told(meeting.timezone),
        host_email: told(meeting.host_email),
        agenda: told(meeting.agenda),
        join_url: told(meeting.join_url),
        duration_minutes: meeting.duration_minutes.filter(|minutes| *minutes > 0),
        ..meeting
    };
    Ok(Schedule { meeting: Box::new(meeting), change, at: at.unwrap_or(Timestamp::from_millis(0)) })
}
