//! Whether people may register: what a meeting's settings, its schedule and its state say.

use axum::http::StatusCode;
use rollcall_model::{InstanceRef, InstanceState, Meeting, MeetingKind, MeetingNumber, Timestamp};
use rollcall_store::RegistrantChange;
use rollcall_zoom::wire;
use serde_json::Value;

use crate::zoom::{
    error::{ZoomError, ZoomResult},
    table::Call,
};

/// The settings that decide registration (Zoom reference 4.4).
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Rules {
    /// Whether registrations are approved at once; `None` if no registration is required.
    pub(super) approves: Option<bool>,
    /// The most approved registrants.
    pub(super) capacity: Option<u64>,
    /// Whether registration closes when the meeting begins.
    closes: bool,
}

impl Rules {
    pub(super) fn of(meeting: &Meeting) -> Self {
        let settings = meeting.settings_json.as_deref().and_then(|json| serde_json::from_str::<Value>(json).ok());
        let settings = settings.unwrap_or_default();
        let approves = match settings["approval_type"].as_i64() {
            Some(0) => Some(true),
            Some(1) => Some(false),
            Some(_) => None,
            // Only those that ask for registration have such an address.
            None => meeting.registration_url.as_ref().filter(|url| !url.is_empty()).map(|_| true),
        };
        Self {
            approves,
            capacity: settings["registrants_restrict_number"].as_u64().filter(|most| *most > 0),
            closes: settings["close_registration"].as_bool() == Some(true),
        }
    }

    pub(super) fn change(&self, call: &Call, meeting: &Meeting) -> RegistrantChange {
        RegistrantChange { kind: meeting.kind, number: meeting.number, capacity: self.capacity, now: call.now() }
    }
}

/// Returns whether people have to register for a meeting.
pub(in crate::zoom) fn requires_registration(meeting: &Meeting) -> bool {
    Rules::of(meeting).approves.is_some()
}

/// Returns the rules of a meeting that people may register for by now.
pub(super) async fn open(call: &Call, meeting: &Meeting) -> ZoomResult<Rules> {
    let (rules, number) = (Rules::of(meeting), meeting.number);
    if rules.approves.is_none() {
        return Err(not_required(meeting.kind, number));
    }
    let (begins, ends) = times(meeting);
    let now = call.now();
    if ends.is_some_and(|end| end < now) && !is_live(call, meeting).await? {
        let what = word(meeting.kind);
        let message = match meeting.kind {
            MeetingKind::Webinar => {
                format!("{what} is over, you cannot register now. If you have any questions, contact the webinar host.")
            }
            MeetingKind::Meeting => format!(
                "{what} is over, you can not register now. If you have any questions, please contact the Meeting host."
            ),
        };
        return Err(ZoomError::new(StatusCode::BAD_REQUEST, 3038, message));
    }
    if rules.closes && begins.is_some_and(|begin| begin <= now) {
        let what = word(meeting.kind);
        let message = format!("{what} {number} closed its registration when it began (settings.close_registration).");
        return Err(ZoomError::new(StatusCode::BAD_REQUEST, 3038, message));
    }
    Ok(rules)
}

/// Returns when a meeting begins first and ends last, as planned. One without a fixed time never ends.
fn times(meeting: &Meeting) -> (Option<Timestamp>, Option<Timestamp>) {
    let ends = |start: Timestamp, minutes: Option<i64>| start.plus_seconds(minutes.unwrap_or(0).saturating_mul(60));
    let planned = occurrences(meeting);
    let planned: Vec<_> = planned.iter().filter(|occurrence| is_available(occurrence)).collect();
    let first = planned.iter().filter_map(|occurrence| occurrence.start_time).min();
    let last = planned.iter().filter_map(|one| Some(ends(one.start_time?, one.duration))).max();
    if matches!(meeting.schedule_type, Some(3 | 6)) {
        return (None, None);
    }
    let own = meeting.start_time.map(|start| ends(start, meeting.duration_minutes));
    // A recurring one without known occurrences may go on.
    let own = own.filter(|_| !matches!(meeting.schedule_type, Some(8 | 9)));
    (first.or(meeting.start_time), last.or(own))
}

async fn is_live(call: &Call, meeting: &Meeting) -> ZoomResult<bool> {
    let latest = InstanceRef::Latest(meeting.number);
    let live =
        call.app.store.find_instance(call.caller.account, meeting.kind, &latest, Some(InstanceState::Live)).await?;
    Ok(live.is_some())
}

/// Returns the occurrences of a recurring meeting.
pub(in crate::zoom) fn occurrences(meeting: &Meeting) -> Vec<wire::Occurrence> {
    meeting.occurrences_json.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

pub(super) fn is_available(occurrence: &wire::Occurrence) -> bool {
    occurrence.status.as_deref() != Some("deleted")
}

/// The error if no registration is required.
fn not_required(kind: MeetingKind, number: MeetingNumber) -> ZoomError {
    let what = word(kind).to_lowercase();
    let message = format!("This {what} does not have registration as required: {number}.");
    ZoomError::new(StatusCode::BAD_REQUEST, 3000, message)
}

pub(super) const fn word(kind: MeetingKind) -> &'static str {
    match kind {
        MeetingKind::Meeting => "Meeting",
        MeetingKind::Webinar => "Webinar",
    }
}
