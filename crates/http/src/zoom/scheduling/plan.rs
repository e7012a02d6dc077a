//! Reads what a body says about a schedule, in the form of Zoom's events.

use jiff::{ZonedDateTime, civil::DateTime, tz::TimeZone};
use rollcall_model::{Meeting, MeetingKind, Text, Timestamp};
use rollcall_zoom::{extras, wire};
use serde_json::{Map, Value, json};

use super::recurrence::{Recurrence, occurrences};
use crate::zoom::body::{Body, Fields};

const MAX_TOPIC: usize = 200;
const MAX_AGENDA: usize = 2_000;
const MAX_PASSWORD: usize = 10;
const MAX_MINUTES: i64 = 1_440;
const DEFAULT_MINUTES: i64 = 60;
const MAX_TRACKING_FIELDS: usize = 50;
const MAX_LABEL: usize = 64;
const MAX_VALUE: usize = 256;
/// The longest settings, in bytes. Zoom's own have about 5 KB.
const MAX_SETTINGS_BYTES: usize = 64 * 1024;

/// What is known of a schedule before a request changes it.
pub(super) struct Known<'k> {
    pub(super) kind: MeetingKind,
    /// The meeting; `None` if the request creates one.
    pub(super) meeting: Option<&'k Meeting>,
    /// The host's time zone.
    pub(super) zone: Option<&'k str>,
    pub(super) now: Timestamp,
}

impl Known<'_> {
    /// Returns whether the meeting recurs at fixed times.
    fn recurs(&self, schedule_type: i64) -> bool {
        schedule_type == if self.kind == MeetingKind::Meeting { 8 } else { 9 }
    }

    /// Returns the meeting as it is served; null if there is none.
    fn served(&self) -> Value {
        let Some(meeting) = self.meeting else { return Value::Null };
        let served = wire::Meeting::from(meeting);
        rollcall_extras::merged(meeting.extras.as_ref(), extras::MEETING.name, &served)
            .or_else(|| serde_json::to_value(&served).ok())
            .unwrap_or_default()
    }

    /// Reads the values that a body has, and those that follow from them.
    pub(super) fn read(&self, fields: &Fields<'_>) -> Map<String, Value> {
        let mut told = Map::new();
        let mut tell = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                told.insert(name.to_owned(), value);
            }
        };
        let creates = self.meeting.is_none();
        let (default_topic, types, default_type): (_, &[i64], _) = match self.kind {
            MeetingKind::Meeting => ("Zoom Meeting", &[1, 2, 3, 8], 2),
            MeetingKind::Webinar => ("Zoom Webinar", &[5, 6, 9], 5),
        };
        let topic = fields.text("topic", MAX_TOPIC).map(|topic| topic.as_str().into());
        tell("topic", topic.or_else(|| creates.then(|| default_topic.into())));
        tell("agenda", fields.text("agenda", MAX_AGENDA).map(|agenda| agenda.as_str().into()));
        tell("password", fields.text("password", MAX_PASSWORD).map(|password| password.as_str().into()));
        let given = fields.number("type", 1..=10).filter(|given| {
            let is_known = types.contains(given);
            if !is_known {
                let types: Vec<String> = types.iter().map(ToString::to_string).collect();
                fields.refuse("type", format!("Use one of: {}.", types.join(", ")));
            }
            is_known
        });
        tell("type", given.or_else(|| creates.then_some(default_type)).map(Into::into));
        let duration = fields.number("duration", 1..=MAX_MINUTES);
        tell("duration", duration.or_else(|| creates.then_some(DEFAULT_MINUTES)).map(Into::into));
        tell("settings", settings(fields, creates));
        tell("tracking_fields", tracking_fields(fields));
        let schedule_type = given.or_else(|| self.meeting?.schedule_type).unwrap_or(default_type);
        self.read_times(fields, schedule_type, &mut told);
        told
    }

    /// Reads when the meeting is, and expands how it recurs.
    fn read_times(&self, fields: &Fields<'_>, schedule_type: i64, told: &mut Map<String, Value>) {
        let creates = self.meeting.is_none();
        let zone_name = fields.text("timezone", 64);
        let stored_zone = self.meeting.and_then(|meeting| meeting.timezone.as_deref()).or(self.zone);
        let zone = match &zone_name {
            Some(name) => {
                let zone = TimeZone::get(name).ok();
                if zone.is_none() {
                    fields.refuse("timezone", "Use an IANA name such as Europe/Paris.");
                }
                zone
            }
            None => stored_zone.and_then(|name| TimeZone::get(name).ok()),
        };
        let zone = zone.unwrap_or(TimeZone::UTC);
        if let Some(name) = zone_name.as_deref().or_else(|| stored_zone.filter(|_| creates)) {
            told.insert("timezone".to_owned(), name.into());
        }
        let given = start(fields, "start_time", &zone);
        let is_fixed = !matches!(schedule_type, 3 | 6);
        let start = given.or_else(|| (creates && is_fixed).then_some(self.now));
        if let Some(start) = start.filter(|_| is_fixed) {
            told.insert("start_time".to_owned(), start.to_string().into());
        }
        if !self.recurs(schedule_type) {
            return;
        }
        let recurrence = fields.inside("recurrence");
        if creates && !fields.has("recurrence") {
            fields.missing("recurrence");
        }
        if let Some(recurrence) = &recurrence {
            told.insert("recurrence".to_owned(), Value::Object(recurrence.raw().clone()));
        }
        let begins = start.or_else(|| self.meeting?.start_time).unwrap_or(self.now);
        let begins = begins.to_jiff().to_zoned_datetime(zone);
        let changes = ["start_time", "timezone", "duration"].iter().any(|name| fields.has(name));
        let rule = match recurrence {
            Some(recurrence) => Recurrence::read(&recurrence),
            None if changes => self.stored_rule(),
            None => None,
        };
        if let Some(rule) = rule {
            let minutes = told.get("duration").and_then(Value::as_i64);
            let minutes = minutes.or_else(|| self.meeting?.duration_minutes).unwrap_or(DEFAULT_MINUTES);
            told.insert("occurrences".to_owned(), self.planned(&rule, &begins, minutes));
        }
    }

    fn stored_rule(&self) -> Option<Recurrence> {
        let body = Body::parse(self.served()["recurrence"].to_string().as_bytes()).ok()?;
        Recurrence::read(&body.fields())
    }

    /// Returns the occurrences by a rule, and former ones that are still to come as deleted.
    fn planned(&self, rule: &Recurrence, begins: &ZonedDateTime, minutes: i64) -> Value {
        let starts = rule.starts(begins);
        let mut planned = occurrences(&starts, minutes);
        let former = self.meeting.map(crate::zoom::registrants::occurrences).unwrap_or_default();
        for occurrence in former {
            // One that was moved keeps its id, and comes back to where the rule has it.
            let is_planned = |id: &Text| starts.iter().any(|start| *id == start.as_millis().to_string());
            let is_past = occurrence.start_time.is_none_or(|start| start < self.now);
            let id = occurrence.occurrence_id.as_ref().filter(|id| !is_past && !is_planned(id));
            if let (Some(id), Value::Array(planned)) = (id, &mut planned) {
                let start = occurrence.start_time.map(|start| start.to_string());
                planned.push(json!({"occurrence_id": id.as_str(), "start_time": start, "status": "deleted"}));
            }
        }
        planned
    }
}

/// Reads a time: in UTC with `Z` or an offset, else in the time zone.
pub(super) fn start(fields: &Fields<'_>, name: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = fields.text(name, 40)?;
    let local = || super::recurrence::instant(text.parse::<DateTime>().ok()?, zone);
    let start = text.parse::<Timestamp>().ok().or_else(local);
    if start.is_none() {
        fields.refuse(name, "Use a time such as 2026-03-01T10:15:00Z, or without Z in `timezone`.");
    }
    start
}

fn settings(fields: &Fields<'_>, creates: bool) -> Option<Value> {
    let given = fields.inside("settings");
    if let Some(given) = &given {
        given.number("approval_type", 0..=2);
        given.number("registration_type", 1..=3);
        given.number("registrants_restrict_number", 0..=20_000);
        given.flag("close_registration");
    }
    let mut settings = given.map(|given| given.raw().clone()).unwrap_or_default();
    if creates {
        settings.entry("approval_type").or_insert_with(|| 2.into());
    }
    if settings.is_empty() {
        return None;
    }
    let settings = Value::Object(settings);
    if settings.to_string().len() > MAX_SETTINGS_BYTES {
        fields.refuse("settings", format!("Send at most {MAX_SETTINGS_BYTES} bytes."));
    }
    Some(settings)
}

fn tracking_fields(fields: &Fields<'_>) -> Option<Value> {
    let mut told: Vec<Value> = Vec::new();
    for item in fields.items("tracking_fields", MAX_TRACKING_FIELDS) {
        let label = item.required_text("field", MAX_LABEL);
        let value = item.text("value", MAX_VALUE).unwrap_or_default();
        if !label.is_empty() && told.iter().any(|other| other["field"] == *label) {
            item.refuse("field", "Another entry has this label.");
        }
        let mut entry = json!({"field": label.as_str(), "value": value.as_str()});
        if let Some(visible) = item.flag("visible") {
            entry["visible"] = visible.into();
        }
        told.push(entry);
    }
    (!told.is_empty()).then(|| told.into())
}
