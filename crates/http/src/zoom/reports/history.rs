//! `GET /report/{meetings|webinars}/{id}`, `GET /report/users/{id}/meetings`, `GET /report/history_meetings` and
//! `GET /report/upcoming_events`.

use std::collections::HashMap;

use axum::{
    Json,
    extract::{RawQuery, State},
    response::Response,
};
use rollcall_auth::Caller;
use rollcall_model::{InstanceId, InstanceState, Meeting, MeetingKind, MeetingNumber, Text, Timestamp};
use rollcall_store::{
    GroupFilter, InstanceCursor, InstancePerson, InstanceQuery, InstanceSpan, PlannedQuery, StoredInstance,
};
use rollcall_zoom::operations as op;
use rollcall_zoom::{extras, wire};

use crate::{
    extended,
    state::{App, AppState},
    zoom::{
        describe,
        error::{ZoomError, ZoomResult},
        extract::Path,
        instances::invalid_token,
        paging::{Continuation, Paging, cut},
        query::{Query, Window, earliest},
        resolve::{Asked, Wording, find_instance, parse_instance_ref},
        responses::{Errors, InstanceErrors, ObjectErrors},
        users::find_user,
    },
};

const DEFAULT_PAGE_SIZE: usize = 30;
const MAX_PAGE_SIZE: usize = 300;
const BOTH: &[MeetingKind] = &[MeetingKind::Meeting, MeetingKind::Webinar];
/// Pages of instances that are read for one page of a search.
const MAX_PAGES_SEARCHED: usize = 20;

/// Reports one past meeting.
#[utoipa::path(
    get, path = op::REPORT_MEETING.path, tag = "Reports", operation_id = op::REPORT_MEETING.id,
    params(("meetingId" = String, Path, description = describe::MEETING_INSTANCE)),
    responses((status = 200, description = "The meeting.", body = wire::MeetingReport), InstanceErrors)
)]
pub(in crate::zoom) async fn report_meeting(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> ZoomResult<Response> {
    report_one(&app, &caller, MeetingKind::Meeting, &id).await
}

/// Reports one past webinar.
#[utoipa::path(
    get, path = op::REPORT_WEBINAR.path, tag = "Reports", operation_id = op::REPORT_WEBINAR.id,
    params(("webinarId" = String, Path, description = describe::WEBINAR_INSTANCE)),
    responses((status = 200, description = "The webinar.", body = wire::MeetingReport), InstanceErrors)
)]
pub(in crate::zoom) async fn report_webinar(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> ZoomResult<Response> {
    report_one(&app, &caller, MeetingKind::Webinar, &id).await
}

async fn report_one(app: &App, caller: &Caller, kind: MeetingKind, id: &str) -> ZoomResult<Response> {
    let instance = parse_instance_ref(kind, id)?;
    // The vendor's words for a webinar speak of a meeting, too.
    let wording = Wording { unavailable: "Meeting not found or has expired." };
    let found = find_instance(app, caller, kind, &instance, Asked::Past, wording).await?;
    let counted = counted(app, caller, std::slice::from_ref(&found)).await?;
    let counted = counted.first().map(|(counted, _)| *counted).ok_or_else(ZoomError::unrecognized)?;
    let report = wire::MeetingReport::of_one(&found.instance, counted);
    Ok(extended::entry(&report, extras::MEETING_REPORT.name, found.instance.extras.as_ref()))
}

/// Reports the past meetings and webinars of a user, latest first.
#[utoipa::path(
    get, path = op::REPORT_USER_MEETINGS.path, tag = "Reports", operation_id = op::REPORT_USER_MEETINGS.id,
    params(
        ("userId" = String, Path, description = describe::USER),
        ("from" = String, Query, description = "First day or time, in UTC.", example = "2026-10-01"),
        ("to" = String, Query, description = describe::WINDOW_END, example = "2026-10-31"),
        ("type" = Option<String>, Query, description = "`past` (default) for those that the user hosted, `pastOne` for those of them with one attendee, `pastJoined` for those that the user took part in."),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
    ),
    responses((status = 200, description = "A page of meetings and webinars.", body = wire::UserMeetingReports), ObjectErrors)
)]
pub(in crate::zoom) async fn report_user_meetings(
    State(app): State<AppState>,
    caller: Caller,
    Path(user_id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    #[derive(Clone, Copy, PartialEq)]
    enum Kept {
        Hosted,
        Alone,
        Joined,
    }
    let user = find_user(&app, &caller, &user_id).await?;
    let mut query = Query::new(query.as_deref(), op::REPORT_USER_MEETINGS.id, &user.id);
    let kept = query.choice("type", &[("past", Kept::Hosted), ("pastOne", Kept::Alone), ("pastJoined", Kept::Joined)]);
    let window = query.window(earliest(&app));
    let size = query.page_size(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    let token = query.get("next_page_token").map(str::to_owned);
    let paging = Paging::new(&app, &caller, query.finish()?, size);
    // An invalid window was reported together with other errors.
    let window = window.ok_or_else(ZoomError::unrecognized)?;

    let (id, email) = (user.user_id(), user.email.clone());
    let person = match kept {
        Kept::Hosted | Kept::Alone => InstancePerson::Host { id, email },
        Kept::Joined => InstancePerson::Participant { id, email },
    };
    // As at the vendor, meetings with a single attendee are in a list of their own.
    let (min, max) = match kept {
        Kept::Hosted => (Some(2), None),
        Kept::Alone => (Some(1), Some(1)),
        Kept::Joined => (None, None),
    };
    let instances = InstanceQuery {
        min_participants: min,
        max_participants: max,
        person: Some(person),
        ..past(&window, InstanceSpan::Start)
    };
    let token = paging.open::<(i64, i64)>(token.as_deref()).map_err(|_| invalid_token())?;
    let (total, after) = match token {
        Some(Continuation { total, cursor }) => (total, Some(cursor_of(cursor))),
        None => (count(&app, &caller, &instances, BOTH).await?, None),
    };
    let mut rows = list(&app, &caller, &instances, BOTH, after, size + 1).await?;
    let next_page_token = paging.seal(total, cut(&mut rows, size).map(|last| place_of(last, InstanceSpan::Start)));
    let counted = counted(&app, &caller, &rows).await?;
    let meetings = rows.iter().zip(counted);
    let page = wire::UserMeetingReports {
        from: window.from_text,
        to: window.to_text,
        paging: (&paging.keys(total, &next_page_token)).into(),
        page_number: 1,
        meetings: meetings.map(|(row, (of, _))| wire::MeetingReport::of_list(&row.instance, of)).collect(),
    };
    let kept = rows.iter().map(|row| row.instance.extras.as_ref());
    Ok(extended::page(&page, "meetings", extras::USER_MEETING_REPORT.name, kept))
}

/// Reports the account's past meetings and webinars, latest first.
#[utoipa::path(
    get, path = op::REPORT_HISTORY_MEETINGS.path, tag = "Reports", operation_id = op::REPORT_HISTORY_MEETINGS.id,
    params(
        ("from" = String, Query, description = "First day or time, in UTC.", example = "2026-10-01"),
        ("to" = String, Query, description = describe::WINDOW_END, example = "2026-10-31"),
        ("date_type" = Option<String>, Query, description = "Whether the window applies to `start_time` (default) or `end_time`."),
        ("meeting_type" = Option<String>, Query, description = "`all` (default), `meeting` or `webinar`."),
        ("report_type" = Option<String>, Query, description = "`all` (default), or only those with a `poll`, a `survey` or questions (`qa`)."),
        ("search_key" = Option<String>, Query, description = "Only those with this number, or with this text in the title."),
        ("group_id" = Option<String>, Query, description = "Only what members of this group hosted."),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
    ),
    responses((status = 200, description = "A page of meetings and webinars. A page of a search may have fewer entries than there is room for, even if it is not the last.", body = wire::HistoryMeetings), Errors)
)]
pub(in crate::zoom) async fn report_history_meetings(
    State(app): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    let mut query = Query::new(query.as_deref(), op::REPORT_HISTORY_MEETINGS.id, "");
    let window = query.window(earliest(&app));
    let span = query.choice("date_type", &[("start_time", InstanceSpan::Start), ("end_time", InstanceSpan::End)]);
    let kinds = query.choice("meeting_type", &[("all", BOTH), ("meeting", &BOTH[..1]), ("webinar", &BOTH[1..])]);
    let has = query.choice(
        "report_type",
        &[
            ("all", Has::Anything),
            ("poll", Has::Poll),
            ("survey", Has::Survey),
            ("qa", Has::Questions),
            ("resource", Has::Unknown),
            ("reaction", Has::Unknown),
        ],
    );
    let search = query.get("search_key").map(str::to_lowercase);
    query.bind("search_key", search.as_deref().unwrap_or_default());
    let group = query.get("group_id").map(Text::from);
    query.bind("group_id", group.as_deref().unwrap_or_default());
    let size = query.page_size(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    let token = query.get("next_page_token").map(str::to_owned);
    let paging = Paging::new(&app, &caller, query.finish()?, size);
    // An invalid window was reported together with other errors.
    let window = window.ok_or_else(ZoomError::unrecognized)?;

    let groups = group.map(|id| GroupFilter { group_ids: vec![id], include_participants: false });
    let instances = InstanceQuery { groups, ..past(&window, span) };
    let token = paging.open::<(i64, i64)>(token.as_deref()).map_err(|_| invalid_token())?;
    let mut after = token.map(|token| cursor_of(token.cursor));
    let mut kept = Vec::new();
    let mut next = None;
    // Entries that a search leaves out are read, too: a page reads a bounded number of them.
    for _ in 0..MAX_PAGES_SEARCHED {
        let mut rows = list(&app, &caller, &instances, kinds, after, size + 1).await?;
        next = cut(&mut rows, size).map(|last| place_of(last, span));
        for row in rows {
            if kept.len() == size {
                next = kept.last().map(|last| place_of(last, span));
                break;
            }
            if matches(&row, has, search.as_deref()) {
                kept.push(row);
            }
        }
        if kept.len() == size || next.is_none() {
            break;
        }
        after = next.map(cursor_of);
    }
    let next_page_token = paging.seal(0, next);
    let counted = counted(&app, &caller, &kept).await?;
    let entries = kept.iter().zip(counted);
    let page = wire::HistoryMeetings {
        page_size: size as u64,
        next_page_token,
        history_meetings: entries
            .map(|(row, (of, created_at))| wire::HistoryMeeting::new(&row.instance, of, created_at))
            .collect(),
    };
    let kept = kept.iter().map(|row| row.instance.extras.as_ref());
    Ok(extended::page(&page, "history_meetings", extras::HISTORY_MEETING.name, kept))
}

/// What a meeting must have had to be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Has {
    Anything,
    Poll,
    Survey,
    Questions,
    /// What Rollcall does not know of any.
    Unknown,
}

fn matches(row: &StoredInstance, has: Has, search: Option<&str>) -> bool {
    let instance = &row.instance;
    let had = match has {
        Has::Anything => true,
        Has::Poll => instance.has_poll == Some(true),
        Has::Survey => instance.has_survey == Some(true),
        Has::Questions => instance.has_qa == Some(true),
        Has::Unknown => false,
    };
    had && search.is_none_or(|search| {
        let number = instance.number.map(|number| number.to_string());
        number.as_deref() == Some(search.replace(' ', "").as_str())
            || instance.topic.as_deref().is_some_and(|topic| topic.to_lowercase().contains(search))
    })
}

/// Returns a query for past instances in a window.
const fn past(window: &Window, span: InstanceSpan) -> InstanceQuery {
    InstanceQuery {
        kind: MeetingKind::Meeting,
        state: InstanceState::Past,
        number: None,
        max_participants: None,
        min_participants: None,
        span,
        from: window.from,
        before: window.before,
        groups: None,
        unnumbered: false,
        person: None,
    }
}

/// Returns instances of several kinds, latest first.
async fn list(
    app: &App,
    caller: &Caller,
    query: &InstanceQuery,
    kinds: &[MeetingKind],
    after: Option<InstanceCursor>,
    limit: usize,
) -> ZoomResult<Vec<StoredInstance>> {
    let mut rows = Vec::new();
    for kind in kinds {
        let query = InstanceQuery { kind: *kind, ..query.clone() };
        rows.extend(app.store.list_instances(caller.account, &query, after, limit).await?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(place_of(row, query.span)));
    rows.truncate(limit);
    Ok(rows)
}

async fn count(app: &App, caller: &Caller, query: &InstanceQuery, kinds: &[MeetingKind]) -> ZoomResult<u64> {
    let mut total = 0;
    for kind in kinds {
        let query = InstanceQuery { kind: *kind, ..query.clone() };
        total += app.store.count_instances(caller.account, &query).await?;
    }
    Ok(total)
}

/// Returns where a list continues after an instance.
fn place_of(row: &StoredInstance, span: InstanceSpan) -> (i64, i64) {
    let time = match span {
        InstanceSpan::Start => row.instance.start_time,
        InstanceSpan::End => row.instance.end_time,
    };
    (time.map_or(0, Timestamp::as_millis), row.id.0)
}

fn cursor_of((millis, id): (i64, i64)) -> InstanceCursor {
    InstanceCursor { time: Timestamp::from_millis(millis), id: InstanceId(id) }
}

/// Returns what a page says of its instances beyond these, and when their meetings were scheduled.
async fn counted(
    app: &App,
    caller: &Caller,
    rows: &[StoredInstance],
) -> ZoomResult<Vec<(wire::Counted, Option<Timestamp>)>> {
    let ids: Vec<InstanceId> = rows.iter().map(|row| row.id).collect();
    let minutes = app.store.attended_minutes(caller.account, &ids).await?;
    let mut meetings: HashMap<(MeetingKind, MeetingNumber), Option<Meeting>> = HashMap::new();
    for row in rows {
        if let Some(number) = row.instance.number {
            let key = (row.instance.kind, number);
            if let std::collections::hash_map::Entry::Vacant(entry) = meetings.entry(key) {
                entry.insert(app.store.find_meeting(caller.account, row.instance.kind, number).await?);
            }
        }
    }
    let counted = rows.iter().zip(minutes).map(|(row, minutes)| {
        let number = row.instance.number;
        let meeting = number.and_then(|number| meetings.get(&(row.instance.kind, number))?.as_ref());
        let schedule_type = meeting.and_then(|meeting| meeting.schedule_type);
        let counted = wire::Counted { participants: row.participants, minutes, schedule_type };
        (counted, meeting.and_then(|meeting| meeting.created_at))
    });
    Ok(counted.collect())
}

/// Reports planned meetings and webinars, earliest first.
#[utoipa::path(
    get, path = op::REPORT_UPCOMING_EVENTS.path, tag = "Reports", operation_id = op::REPORT_UPCOMING_EVENTS.id,
    params(
        ("from" = String, Query, description = "First day or time, in UTC.", example = "2026-10-01"),
        ("to" = String, Query, description = describe::WINDOW_END, example = "2026-10-31"),
        ("type" = Option<String>, Query, description = "`all` (default), `meeting` or `webinar`."),
        ("group_id" = Option<String>, Query, description = "Only what members of this group host."),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
    ),
    responses((status = 200, description = "A page of planned meetings and webinars.", body = wire::UpcomingEvents), Errors)
)]
pub(in crate::zoom) async fn report_upcoming_events(
    State(app): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> ZoomResult<Json<wire::UpcomingEvents>> {
    let mut query = Query::new(query.as_deref(), op::REPORT_UPCOMING_EVENTS.id, "");
    let window = query.window(None);
    let kind = query.choice(
        "type",
        &[("all", None), ("meeting", Some(MeetingKind::Meeting)), ("webinar", Some(MeetingKind::Webinar))],
    );
    let group = query.get("group_id").map(Text::from);
    query.bind("group_id", group.as_deref().unwrap_or_default());
    let size = query.page_size(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    let token = query.get("next_page_token").map(str::to_owned);
    let paging = Paging::new(&app, &caller, query.finish()?, size);
    // An invalid window was reported together with other errors.
    let window = window.ok_or_else(ZoomError::unrecognized)?;

    let planned = PlannedQuery { kind, from: window.from, before: window.before, group };
    let token = paging.open::<(i64, MeetingKind, MeetingNumber)>(token.as_deref()).map_err(|_| invalid_token())?;
    let after = token.map(|token| (Timestamp::from_millis(token.cursor.0), token.cursor.1, token.cursor.2));
    let mut rows = app.store.planned_meetings(caller.account, &planned, after, size + 1).await?;
    let place = |meeting: &Meeting| (meeting.start_time.map_or(0, Timestamp::as_millis), meeting.kind, meeting.number);
    let next_page_token = paging.seal(0, cut(&mut rows, size).map(place));
    let mut hosts = HashMap::new();
    for host in rows.iter().filter_map(|meeting| meeting.host_id.as_ref()) {
        if !hosts.contains_key(host) {
            hosts.insert(host.clone(), app.store.find_user(caller.account, host.as_str()).await?);
        }
    }
    let events = rows.iter().map(|meeting| {
        let host = meeting.host_id.as_ref().and_then(|host| hosts.get(host)?.as_ref());
        wire::UpcomingEvent::new(meeting, host)
    });
    Ok(Json(wire::UpcomingEvents {
        from: window.from_text,
        to: window.to_text,
        page_size: size as u64,
        next_page_token,
        upcoming_events: events.collect(),
    }))
}
