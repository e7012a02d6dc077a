//! `GET /v1/meetings` with `meetingType=meetingSeries`, Webex's default, or `scheduledMeeting` (Webex reference, section 5).

use axum::{http::HeaderMap, response::Response};
use jiff::{civil, tz::TimeZone};
use rollcall_model::{Meeting, Text, Timestamp};
use rollcall_webex::{extras::SERIES, meeting::series, status::Status};
use serde_json::{Value, json};

use super::{
    error::{WebexError, WebexResult},
    extract::Query,
    meeting_filter::{boolean, flags, number},
    paging::{Paging, utf8_json},
    runs::{Place, instant},
};
use crate::{auth::Caller, state::AppState};

/// How many schedules are looked at for one page; the link to the next page continues behind them.
const MAX_SCANNED: usize = 2_000;
/// How many are read at a time.
const CHUNK: usize = 200;
const WEEK_SECONDS: i64 = 7 * 24 * 3600;
const STATES: [&str; 8] = ["active", "scheduled", "ready", "lobby", "inProgress", "ended", "missed", "expired"];
const SCHEDULED_TYPES: [&str; 3] = ["meeting", "webinar", "personalRoomMeeting"];

/// Which of the two lists is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schedule {
    Series,
    /// Meetings of series, and those that happen once.
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

/// A page of series or scheduled meetings, as far as they were imported.
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
    let (mut items, mut last, mut scanned) = (Vec::new(), None, 0);
    loop {
        let found = app.store.list_series(caller.account, after.as_ref(), CHUNK).await?;
        let is_end = found.len() < CHUNK;
        for meeting in found {
            if items.len() > paging.size || scanned == MAX_SCANNED {
                break;
            }
            scanned += 1;
            after.clone_from(&meeting.series_id);
            let item = place.show(|around| series(&meeting, around));
            let shown =
                rollcall_extras::merged(meeting.extras.as_ref(), SERIES.name, &item).unwrap_or_else(|| json!(item));
            if !filter.admits(&meeting, &shown) {
                continue;
            }
            if items.len() < paging.size {
                last.clone_from(&meeting.series_id);
            }
            items.push(shown);
        }
        if items.len() > paging.size || is_end || scanned == MAX_SCANNED {
            break;
        }
    }
    let next = if items.len() > paging.size {
        items.truncate(paging.size);
        last
    } else {
        after.filter(|_| scanned == MAX_SCANNED)
    };
    Ok(paging.answer(headers, utf8_json(&json!({ "items": items })), next))
}

/// What a request asks of series or scheduled meetings.
struct Filter {
    schedule: Schedule,
    /// Something takes place from the first instant on and before the second.
    window: Option<(Timestamp, Timestamp)>,
    /// Keys that have this value, letters of either case.
    texts: Vec<(&'static str, String)>,
    flags: Vec<(&'static str, bool)>,
}

impl Filter {
    fn read(query: &Query, schedule: Schedule, now: Timestamp) -> WebexResult<Self> {
        if let Some((name, _)) = flags(query)?.first() {
            let sentence = format!("'{name}' needs 'meetingType' to be meeting and 'state' to be ended");
            return Err(WebexError::new(Status::BadRequest, sentence));
        }
        let text = |key, name| query.get(name).map(|value| (key, value.to_owned()));
        let number = number(query)?.map(|number| ("meetingNumber", number.to_string()));
        let link = text("webLink", "webLink");
        let of_series = text(if schedule == Schedule::Series { "id" } else { "meetingSeriesId" }, "meetingSeriesId");
        if number.is_some() && link.is_some() && of_series.is_none() {
            let sentence = "'meetingNumber' and 'webLink' exclude each other: give one of them";
            return Err(WebexError::new(Status::BadRequest, sentence));
        }
        let state = one_of(query, "state", &STATES)?;
        let scheduled_type = one_of(query, "scheduledType", &SCHEDULED_TYPES)?;
        let mut texts: Vec<_> = text("hostEmail", "hostEmail").into_iter().collect();
        let mut window = Some(window(query, now)?);
        if of_series.is_some() {
            texts.extend(of_series.into_iter().chain(state));
        } else if number.is_some() || link.is_some() {
            // The meeting is named: Webex passes over when, what state, and where then.
            window = None;
            texts.extend(number.into_iter().chain(link));
        } else {
            texts.extend(state.into_iter().chain(scheduled_type).chain(text("siteUrl", "siteUrl")));
        }
        let flags = boolean(query, "isModified")?.map(|value| ("isModified", value)).into_iter().collect();
        Ok(Self { schedule, window, texts, flags })
    }

    /// Returns whether the meeting, which is shown as `shown`, is one of those asked for.
    fn admits(&self, meeting: &Meeting, shown: &Value) -> bool {
        let has = |key: &str, asked: &str| shown[key].as_str().is_some_and(|found| found.eq_ignore_ascii_case(asked));
        has("meetingType", self.schedule.as_str())
            && self.texts.iter().all(|(key, asked)| has(key, asked))
            && self.flags.iter().all(|(key, asked)| shown[*key].as_bool().unwrap_or(false) == *asked)
            && self.window.is_none_or(|window| takes_place(meeting, shown["recurrence"].as_str(), window))
    }
}

/// From now on for seven days; from or to the time that is given, if one is.
fn window(query: &Query, now: Timestamp) -> WebexResult<(Timestamp, Timestamp)> {
    let (from, before) = match (instant(query, "from")?, instant(query, "to")?) {
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from, from.plus_seconds(WEEK_SECONDS)),
        (None, Some(to)) => (to.minus_seconds(WEEK_SECONDS), to),
        (None, None) => (now, now.plus_seconds(WEEK_SECONDS)),
    };
    if from >= before {
        return Err(WebexError::new(Status::BadRequest, "'from' must be before 'to'"));
    }
    Ok((from, before))
}

/// Whether a meeting takes place within the window. A recurring one may, from its first time up to the `UNTIL` of its rule:
/// the rule's gaps are not looked at.
fn takes_place(meeting: &Meeting, recurrence: Option<&str>, (from, before): (Timestamp, Timestamp)) -> bool {
    let Some(start) = meeting.start_time else { return false };
    let end = start.plus_seconds(meeting.duration_minutes.unwrap_or(0).saturating_mul(60));
    let is_over = match recurrence {
        None => start < from && end <= from,
        Some(rule) => until(rule).is_some_and(|until| until < from),
    };
    start < before && !is_over
}

/// The `UNTIL` of a recurrence rule (RFC 5545, section 3.3.10).
fn until(rule: &str) -> Option<Timestamp> {
    let value = rule.split([';', ':', '\n']).find_map(|part| part.trim().strip_prefix("UNTIL="))?;
    let time = civil::DateTime::strptime("%Y%m%dT%H%M%S", value.trim_end_matches('Z'))
        .or_else(|_| Ok::<_, jiff::Error>(civil::Date::strptime("%Y%m%d", value)?.at(23, 59, 59, 0)));
    let zoned = time.ok()?.to_zoned_datetime(TimeZone::UTC).ok()?;
    Some(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
}

/// The value of a parameter that has to be one of `values`.
fn one_of(query: &Query, name: &'static str, values: &[&str]) -> WebexResult<Option<(&'static str, String)>> {
    match query.get(name) {
        None => Ok(None),
        Some(value) if values.contains(&value) => Ok(Some((name, value.to_owned()))),
        Some(_) => {
            let sentence = format!("'{name}' must be one of {}", values.join(", "));
            Err(WebexError::new(Status::BadRequest, sentence))
        }
    }
}
