//! `GET /v1/meetingReports/attendees`: the attendances of ended runs (Webex reference, section 6.2).

use std::ops::Range;

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use rollcall_auth::Caller;
use rollcall_model::{DocumentOwner, MeetingNumber, Timestamp};
use rollcall_store::{DocumentQuery, StoredInstance};
use rollcall_webex::operations as op;
use rollcall_webex::{documents::ATTENDEES, report::attendee, run, wire};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    ended_runs::{self, Attendances, EndedRuns, ReportSites, report_window},
    error::{WebexError, WebexResult},
    extract::Query,
    meeting_filter::number,
    paging::{Paging, utf8_json},
    responses::Errors,
    runs::{Place, find_run, unknown_run},
};
use crate::state::{App, AppState};

const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 1_000;
/// Runs read at a time.
const CHUNK: usize = 100;
/// Maximum number of runs that are checked for one page.
const MAX_SCANNED: usize = 10_000;
/// Maximum number of imported reports of a run.
const MAX_IMPORTED: usize = 50_000;

/// Where the response continues: after this run, and in the one that follows it after this attendance.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Cursor {
    run: Option<ended_runs::Place>,
    attendance: Option<(i64, i64)>,
}

/// Which runs are requested.
enum Asked {
    Run(String),
    Series(String),
    Number(MeetingNumber),
    Title(String),
}

impl Asked {
    fn read(query: &Query) -> WebexResult<Self> {
        if let Some(id) = query.get("meetingId") {
            let is_run = id.contains("_I_");
            return Ok(if is_run { Self::Run(id.to_owned()) } else { Self::Series(id.to_owned()) });
        }
        if let Some(number) = number(query)? {
            return Ok(Self::Number(number));
        }
        let title = query.get("meetingTitle").map(|title| Self::Title(title.to_lowercase()));
        title.ok_or_else(|| {
            let sentence = "one of 'meetingId', 'meetingNumber' and 'meetingTitle' is required";
            WebexError::bad_request(sentence)
        })
    }

    /// Returns the meeting's number, if it is known.
    fn number(&self) -> Option<MeetingNumber> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Series(id) => run::meeting_of(id).map(|(_, number)| number),
            Self::Run(_) | Self::Title(_) => None,
        }
    }

    fn admits(&self, stored: &StoredInstance) -> bool {
        match self {
            Self::Run(id) => run::instance_id(&stored.instance) == id.as_str(),
            Self::Series(id) => run::series_id(&stored.instance) == id.as_str(),
            Self::Number(number) => stored.instance.number == Some(*number),
            Self::Title(title) => stored.instance.topic.as_deref().is_some_and(|topic| topic.to_lowercase() == *title),
        }
    }
}

/// Lists attendee reports.
///
/// The attendances of ended runs, computed from stored attendances unless the reports of a run were imported. At least
/// one of `meetingId`, `meetingNumber` and `meetingTitle` is required; the first of them counts.
#[utoipa::path(
    get, path = op::LIST_ATTENDEE_REPORTS.path, tag = "Meetings Summary Report", operation_id = op::LIST_ATTENDEE_REPORTS.id,
    params(
        ("siteUrl" = String, Query, description = "The site, as a bare host name.", example = "example.webex.com"),
        ("meetingId" = Option<String>, Query, description = "The id of a run or of a series.", example = "089b137c3cf34b578896941e2d49dfe8_I_146987372776523573"),
        ("meetingNumber" = Option<String>, Query, description = "The meeting's number.", example = "123456789"),
        ("meetingTitle" = Option<String>, Query, description = "The run's whole title, regardless of case.", example = "John's Meeting"),
        ("from" = Option<String>, Query, description = "Runs that began at this time or later. Default: 7 days before `to`.", example = "2023-01-18T10:26:30+08:00"),
        ("to" = Option<String>, Query, description = "Runs that began before this time, at most 30 days after `from`. Default: 7 days after `from`, or now.", example = "2023-01-25T10:26:30+08:00"),
        ("max" = Option<usize>, Query, description = "Maximum size of a page, at most 1000. Default: 10.", example = 100),
        ("timezone" = Option<String>, Header, description = "IANA name of the time zone of the response. Default: UTC.", example = "UTC"),
    ),
    responses((status = 200, description = "The reports. A `Link` header points to the next page, which may exist even if a page is not full.", body = wire::AttendeeReports), Errors)
)]
pub(super) async fn list_attendee_reports(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    query: Query,
) -> WebexResult<Response> {
    let sites = ReportSites::read(&app, &caller, &query).await?;
    let asked = Asked::read(&query)?;
    let window = report_window(&app, &query)?;
    let paging = Paging::read(&app, &caller, &uri, DEFAULT_PAGE, MAX_PAGE)?;
    let place = Place::of(&app, &caller, &headers).await?;
    let window = match &asked {
        Asked::Run(id) => {
            let run = find_run(&app, &caller, id).await?.ok_or_else(|| unknown_run(id))?;
            narrowed(&run, window)
        }
        _ => window,
    };
    let runs = EndedRuns { app: &app, caller: &caller, window, number: asked.number() };

    let mut cursor = paging.after::<Cursor>()?.unwrap_or_default();
    let (mut items, mut scanned) = (Vec::new(), 0);
    let has_more = 'pages: loop {
        let (found, more) = runs.read(cursor.run, CHUNK).await?;
        for run in found {
            if scanned == MAX_SCANNED {
                break 'pages true;
            }
            scanned += 1;
            if asked.admits(&run) && sites.of(&run).is_some() {
                let room = paging.size - items.len();
                let (reports, rest) = reports(&app, &caller, &run, &place, cursor.attendance, room).await?;
                items.extend(reports);
                if let Some(rest) = rest {
                    cursor.attendance = Some(rest);
                    break 'pages true;
                }
            }
            cursor = Cursor { run: Some(ended_runs::place(&run)), attendance: None };
        }
        if !more {
            break false;
        }
    };
    Ok(paging.answer(&headers, utf8_json(&json!({ "items": items })), has_more.then_some(cursor)))
}

/// Returns the part of a window in which no other run begins, unless at the same time.
fn narrowed(run: &StoredInstance, window: Range<Timestamp>) -> Range<Timestamp> {
    match run.instance.start_time.filter(|start| window.contains(start)) {
        Some(start) => start..Timestamp::from_millis(start.as_millis().saturating_add(1)),
        None => window.start..window.start,
    }
}

/// Returns up to `room` reports of a run after an attendance, the last join first. If there are more, it also returns
/// the place of the last of them, or `after` if there is no room at all.
async fn reports(
    app: &App,
    caller: &Caller,
    run: &StoredInstance,
    place: &Place,
    after: Option<(i64, i64)>,
    room: usize,
) -> WebexResult<(Vec<Value>, Option<(i64, i64)>)> {
    let mut all = all_reports(app, caller, run, place).await?;
    if let Some(after) = after {
        all.retain(|(at, _)| *at < after);
    }
    if all.len() <= room {
        return Ok((all.into_iter().map(|(_, item)| item).collect(), None));
    }
    all.truncate(room);
    let rest = all.last().map(|(at, _)| *at).or(after).unwrap_or((i64::MAX, i64::MAX));
    Ok((all.into_iter().map(|(_, item)| item).collect(), Some(rest)))
}

/// Returns all reports of a run, the last join first.
pub(super) async fn attendances_of(
    app: &App,
    caller: &Caller,
    run: &StoredInstance,
    place: &Place,
) -> WebexResult<Vec<Value>> {
    Ok(all_reports(app, caller, run, place).await?.into_iter().map(|(_, item)| item).collect())
}

/// Returns all reports of a run, each with its place, the last join first.
async fn all_reports(
    app: &App,
    caller: &Caller,
    run: &StoredInstance,
    place: &Place,
) -> WebexResult<Vec<((i64, i64), Value)>> {
    let mut all = imported(app, caller, run, place).await?;
    if all.is_empty() {
        for (row, attendance) in Attendances::of(app, caller, run).await?.0 {
            let at = (attendance.join.map_or(0, Timestamp::as_millis), row);
            let item = place.show(|around| attendee(&run.instance, &attendance, around));
            all.push((at, json!(item)));
        }
    }
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Ok(all)
}

/// Returns the imported reports of a run, each with its place, in the requested time zone.
async fn imported(
    app: &App,
    caller: &Caller,
    run: &StoredInstance,
    place: &Place,
) -> WebexResult<Vec<((i64, i64), Value)>> {
    let query = DocumentQuery::all(ATTENDEES, DocumentOwner::Instance(run.instance.uuid.clone()));
    let found = app.store.list_documents(caller.account, &query, None, MAX_IMPORTED).await?;
    let read = found.into_iter().filter_map(|(cursor, document)| {
        let mut report: Value = serde_json::from_str(&document.json).ok()?;
        for key in ["joinedTime", "leftTime"] {
            let time = report.get(key).and_then(Value::as_str).and_then(|text| text.parse::<Timestamp>().ok());
            if let Some(time) = time {
                report[key] = place.show(|around| (around.time)(time).to_string()).into();
            }
        }
        Some(((cursor.at_ms, cursor.row), report))
    });
    Ok(read.collect())
}
