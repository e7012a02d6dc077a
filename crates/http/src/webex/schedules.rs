//! `GET /v1/meetings` with `meetingType=meetingSeries`, Webex's default, or `scheduledMeeting` (Webex reference, section 5).

use std::ops::Range;

use axum::{http::HeaderMap, response::Response};
use jiff::{civil, tz::TimeZone};
use rollcall_auth::Caller;
use rollcall_model::{Meeting, Text, Timestamp};
use serde_json::{Value, json};

use super::{
    error::{WebexError, WebexResult},
    extract::Query,
    meeting_filter::{boolean, flags, has_tag, number, refuse_two_names},
    meetings::{MAX_SCANNED, SCAN_CHUNK},
    paging::{Paging, utf8_json},
    planned::show,
    runs::{Place, WINDOW_SECONDS, window},
};
use crate::state::AppState;

const STATES: [&str; 8] = ["active", "scheduled", "ready", "lobby", "inProgress", "ended", "missed", "expired"];
const SCHEDULED_TYPES: [&str; 3] = ["meeting", "webinar", "personalRoomMeeting"];

/// Which of the two lists is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schedule {
    Series,
    /// The meetings of series, and single meetings.
    Scheduled,
}

impl Schedule {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Series => "meetingSeries",
            Self::Scheduled => "scheduledMeeting",
        }
    }
}

/// Returns a page of imported series or scheduled meetings.
pub(super) async fn list_schedules(
    app: &AppState,
    caller: &Caller,
    headers: &HeaderMap,
    query: &Query,
    paging: Paging<'_>,
    schedule: Schedule,
) -> WebexResult<Response> {
    let filter = Filter::read(query, schedule, app.now())?;
    let place = Place::of(app, caller, headers).await?;
    let mut after = paging.after::<Text>()?;
    let (mut items, mut scanned, mut has_more) = (Vec::new(), 0, false);
    'pages: loop {
        let found = app.store.list_series(caller.account, after.as_ref(), SCAN_CHUNK).await?;
        let is_end = found.len() < SCAN_CHUNK;
        for meeting in found {
            let shown = show(&place, &meeting);
            let is_admitted = filter.admits(&meeting, &shown);
            if (is_admitted && items.len() == paging.size) || scanned == MAX_SCANNED {
                has_more = true;
                break 'pages;
            }
            scanned += 1;
            after = meeting.series_id;
            if is_admitted {
                items.push(shown);
            }
        }
        if is_end {
            break;
        }
    }
    Ok(paging.answer(headers, utf8_json(&json!({ "items": items })), after.filter(|_| has_more)))
}

/// The filter of a request for series or scheduled meetings.
struct Filter {
    schedule: Schedule,
    /// It takes place between these instants.
    window: Option<Range<Timestamp>>,
    /// Keys that must have this value, regardless of case.
    texts: Vec<(&'static str, String)>,
    flags: Vec<(&'static str, bool)>,
    integration_tag: Option<String>,
}

impl Filter {
    fn read(query: &Query, schedule: Schedule, now: Timestamp) -> WebexResult<Self> {
        if let Some((name, _)) = flags(query)?.first() {
            let sentence = format!("'{name}' requires 'meetingType' meeting and 'state' ended");
            return Err(WebexError::bad_request(sentence));
        }
        refuse_two_names(query)?;
        let text = |key, name| query.get(name).map(|value| (key, value.to_owned()));
        let number = number(query)?.map(|number| ("meetingNumber", number.to_string()));
        let link = text("webLink", "webLink");
        let of_series = text(if schedule == Schedule::Series { "id" } else { "meetingSeriesId" }, "meetingSeriesId");
        let state = one_of(query, "state", &STATES)?;
        let scheduled_type = one_of(query, "scheduledType", &SCHEDULED_TYPES)?;
        let mut texts: Vec<_> = text("hostEmail", "hostEmail").into_iter().collect();
        let now_on = || now..now.plus_seconds(WINDOW_SECONDS);
        let mut asked = Some(window(query, "from", "to")?.unwrap_or_else(now_on));
        if of_series.is_some() {
            texts.extend(of_series.into_iter().chain(state));
        } else if number.is_some() || link.is_some() {
            // The meeting is specified: Webex then ignores time, state and site.
            asked = None;
            texts.extend(number.into_iter().chain(link));
        } else {
            texts.extend(state.into_iter().chain(scheduled_type).chain(text("siteUrl", "siteUrl")));
        }
        let flags = boolean(query, "isModified")?.map(|value| ("isModified", value)).into_iter().collect();
        texts.extend(text("roomId", "roomId"));
        let integration_tag = query.get("integrationTag").map(str::to_owned);
        Ok(Self { schedule, window: asked, texts, flags, integration_tag })
    }

    /// Returns whether the meeting, which is shown as `shown`, matches.
    fn admits(&self, meeting: &Meeting, shown: &Value) -> bool {
        let has = |key: &str, asked: &str| shown[key].as_str().is_some_and(|found| found.eq_ignore_ascii_case(asked));
        has("meetingType", self.schedule.as_str())
            && self.texts.iter().all(|(key, asked)| has(key, asked))
            && self.flags.iter().all(|(key, asked)| shown[*key].as_bool().unwrap_or(false) == *asked)
            && self.integration_tag.as_deref().is_none_or(|tag| has_tag(shown, tag))
            && self.window.as_ref().is_none_or(|window| takes_place(meeting, shown["recurrence"].as_str(), window))
    }
}

/// Returns whether a meeting takes place within the window. A recurring one may, from its first time until the `UNTIL`
/// of its rule, regardless of the rule's gaps.
fn takes_place(meeting: &Meeting, recurrence: Option<&str>, window: &Range<Timestamp>) -> bool {
    let Some(start) = meeting.start_time else { return false };
    let end = start.plus_seconds(meeting.duration_minutes.unwrap_or(0).saturating_mul(60));
    let is_over = match recurrence {
        None => start < window.start && end <= window.start,
        Some(rule) => until(rule).is_some_and(|until| until < window.start),
    };
    start < window.end && !is_over
}

/// Returns the `UNTIL` of a recurrence rule (RFC 5545, section 3.3.10).
fn until(rule: &str) -> Option<Timestamp> {
    let value = rule.split([';', ':', '\n']).find_map(|part| part.trim().strip_prefix("UNTIL="))?;
    let time = civil::DateTime::strptime("%Y%m%dT%H%M%S", value.trim_end_matches('Z'))
        .or_else(|_| Ok::<_, jiff::Error>(civil::Date::strptime("%Y%m%d", value)?.at(23, 59, 59, 0)));
    let zoned = time.ok()?.to_zoned_datetime(TimeZone::UTC).ok()?;
    Some(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
}

/// Returns the value of a parameter that must be one of `values`.
fn one_of(query: &Query, name: &'static str, values: &[&str]) -> WebexResult<Option<(&'static str, String)>> {
    match query.get(name) {
        None => Ok(None),
        Some(value) if values.contains(&value) => Ok(Some((name, value.to_owned()))),
        Some(_) => {
            let sentence = format!("'{name}' must be one of {}", values.join(", "));
            Err(WebexError::bad_request(sentence))
        }
    }
}
