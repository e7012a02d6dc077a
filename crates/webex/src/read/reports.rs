//! Summary reports.

use std::collections::BTreeMap;

use rollcall_model::{DocumentFacts, DocumentOwnerRef, Extras, InstanceRef, MeetingKind, Text, Timestamp};
use serde_json::Value;

use super::{
    ReadError, Reading,
    runs::{Entry, Wrong, each, parse},
};
use crate::{
    documents::ATTENDEES,
    extras::{MEETING, USAGE},
    meeting::plain,
    report,
    rules::Object,
    wire,
};

/// A list of usage reports of a site.
pub(super) fn usage(object: Object<'_>, site_url: Option<&Text>, reading: &mut Reading) -> Result<(), ReadError> {
    each(object, reading, |entry, path, reading| read_usage(entry, path, site_url, reading))
}

fn read_usage(entry: &Value, path: &str, site_url: Option<&Text>, reading: &mut Reading) -> Result<Entry, Wrong> {
    let mut facts = report::usage_facts(&parse(entry)?)?;
    if let Some(instance) = &mut facts.details {
        let codes = instance.tracking_fields.clone();
        let served = plain(|around| report::usage(instance, None, codes, around));
        let mut extras = reading.extras(&USAGE, path, entry, &served);
        if let Some(site_url) = site_url {
            let site =
                BTreeMap::from([(Text::const_new("/siteUrl"), Value::from(site_url.as_str()).to_string().into())]);
            Extras::merge(&mut extras, Extras::new(MEETING.name, site).as_ref());
        }
        instance.extras = extras;
    }
    Ok(Entry::Run(facts))
}

/// A list of attendee reports. They have no ids, so they are kept beside the attendances that other responses report.
pub(super) fn attendees(object: Object<'_>, reading: &mut Reading) -> Result<(), ReadError> {
    each(object, reading, |entry, _, _| read_attendee(entry))
}

fn read_attendee(entry: &Value) -> Result<Entry, Wrong> {
    let mut lenient = entry.clone();
    // The reference types it as a number.
    if let Some(number) = lenient.get("meetingNumber").filter(|number| number.is_number()).map(Value::to_string) {
        lenient["meetingNumber"] = number.into();
    }
    let read: wire::AttendeeReport = parse(&lenient)?;
    let wrong = |field: &str, reason: String| (field.to_owned(), reason);
    let id = read.meeting_id.filter(|id| id.contains("_I_"));
    let id = id.ok_or_else(|| wrong("meetingId", "not the id of a run (`…_I_…`)".to_owned()))?;
    let uuid = id.parse().map_err(|error: rollcall_model::InvalidId| wrong("meetingId", error.to_string()))?;
    let time = read.joined_time.as_deref().filter(|time| !time.is_empty()).map(str::parse::<Timestamp>).transpose();
    let time = time.map_err(|error| wrong("joinedTime", error.to_string()))?;
    let part = |text: Option<String>| text.unwrap_or_default();
    let key = format!("{}\u{1f}{}\u{1f}{}", part(read.email), part(read.display_name), part(read.joined_time));
    Ok(Entry::Document(DocumentFacts {
        owner: DocumentOwnerRef::Instance(MeetingKind::Meeting, InstanceRef::Uuid(uuid)),
        kind: Text::const_new(ATTENDEES),
        key: key.into(),
        time,
        json: entry.to_string(),
    }))
}
