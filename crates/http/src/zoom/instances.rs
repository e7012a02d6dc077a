//! `GET /metrics/{meetings|webinars}` and `…/{id}`: instances.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use rollcall_auth::Caller;
use rollcall_model::Operation;
use rollcall_model::{MeetingKind, Text, Timestamp};
use rollcall_store::{GroupFilter, InstanceCursor, InstanceQuery, InstanceSpan, StoredInstance};
use rollcall_zoom::operations as op;
use rollcall_zoom::{extras, wire};

use super::{
    describe,
    error::{ZoomError, ZoomResult},
    extract::Path,
    paging::{Paging, cut},
    query::{Query, Window, earliest},
    resolve::{Asked, Wording, find_instance, parse_instance_ref},
    responses::{Errors, InstanceErrors},
};
use crate::{extended, state::AppState};

const DEFAULT_PAGE_SIZE: usize = 30;
const MAX_PAGE_SIZE: usize = 300;
/// Maximum number of groups in a filter.
const MAX_GROUP_IDS: usize = 7;

const MEETING: Wording = Wording { unavailable: "Meeting ID is invalid or the meeting has not ended yet." };
const WEBINAR: Wording = Wording { unavailable: "The webinar has not ended yet or the Webinar ID is not valid." };

/// Lists live or past meetings, latest first.
#[utoipa::path(
    get, path = op::DASHBOARD_MEETINGS.path, tag = "Dashboards", operation_id = op::DASHBOARD_MEETINGS.id,
    params(
        ("type" = Option<String>, Query, description = "`live` (default), `past`, or `pastOne` for ended meetings with a single attendee."),
        ("from" = String, Query, description = "First day (`yyyy-MM-dd`) or time (`yyyy-MM-dd HH:mm:ss`) in UTC. Live meetings are listed regardless of the window.", example = "2026-10-01"),
        ("to" = String, Query, description = describe::WINDOW_END, example = "2026-10-31"),
        ("query_date_type" = Option<String>, Query, description = describe::WINDOW_SPAN),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
        ("group_id" = Option<String>, Query, description = describe::GROUPS),
        ("group_include_participant" = Option<bool>, Query, description = describe::GROUP_PARTICIPANTS),
        ("include_fields" = Option<String>, Query, description = "`tracking_fields` adds them to each meeting."),
    ),
    responses((status = 200, description = "A page of meetings.", body = wire::MetricsMeetings), Errors)
)]
pub(super) async fn list_meetings(
    State(app): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    let mut query = Query::new(query.as_deref(), op::DASHBOARD_MEETINGS.id, "");
    let options = wire::ListOptions { tracking_fields: query.includes("include_fields", "tracking_fields") };
    let Listing { window, paging, rows, next_page_token, total } =
        list(&app, &caller, MeetingKind::Meeting, query, Asked::LIVE_PAST_OR_ONE).await?;
    let meetings = rows.iter().map(|row| wire::MetricsMeeting::new(&row.instance, row.participants, options)).collect();
    let paging = (&paging.keys(total, &next_page_token)).into();
    let page = wire::MetricsMeetings { from: window.from_text, to: window.to_text, paging, meetings };
    Ok(extended::page(&page, "meetings", extras::METRICS.name, rows.iter().map(|row| row.instance.extras.as_ref())))
}

/// Gets one live or past meeting.
#[utoipa::path(
    get, path = op::DASHBOARD_MEETING_DETAIL.path, tag = "Dashboards", operation_id = op::DASHBOARD_MEETING_DETAIL.id,
    params(
        ("meetingId" = String, Path, description = describe::MEETING_INSTANCE),
        ("type" = Option<String>, Query, description = describe::LIVE_PAST_OR_ONE),
    ),
    responses((status = 200, description = "The meeting.", body = wire::MetricsMeetingDetail), InstanceErrors)
)]
pub(super) async fn get_meeting(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    let operation = &op::DASHBOARD_MEETING_DETAIL;
    let choices = Asked::LIVE_PAST_OR_ONE;
    let row = get(&app, &caller, MeetingKind::Meeting, operation, choices, MEETING, &id, query.as_deref()).await?;
    let detail = wire::MetricsMeetingDetail::new(&row.instance, row.participants);
    Ok(extended::entry(&detail, extras::METRICS.name, row.instance.extras.as_ref()))
}

/// Lists live or past webinars, latest first.
#[utoipa::path(
    get, path = op::DASHBOARD_WEBINARS.path, tag = "Dashboards", operation_id = op::DASHBOARD_WEBINARS.id,
    params(
        ("type" = Option<String>, Query, description = describe::LIVE_OR_PAST),
        ("from" = String, Query, description = "First day (`yyyy-MM-dd`) or time (`yyyy-MM-dd HH:mm:ss`) in UTC. Live webinars are listed regardless of the window.", example = "2026-10-01"),
        ("to" = String, Query, description = describe::WINDOW_END, example = "2026-10-31"),
        ("query_date_type" = Option<String>, Query, description = describe::WINDOW_SPAN),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
        ("group_id" = Option<String>, Query, description = describe::GROUPS),
        ("group_include_participant" = Option<bool>, Query, description = describe::GROUP_PARTICIPANTS),
    ),
    responses((status = 200, description = "A page of webinars.", body = wire::MetricsWebinars), Errors)
)]
pub(super) async fn list_webinars(
    State(app): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    let query = Query::new(query.as_deref(), op::DASHBOARD_WEBINARS.id, "");
    let Listing { window, paging, rows, next_page_token, total } =
        list(&app, &caller, MeetingKind::Webinar, query, Asked::LIVE_OR_PAST).await?;
    let webinars = rows.iter().map(|row| wire::MetricsWebinar::new(&row.instance, row.participants)).collect();
    let paging = (&paging.keys(total, &next_page_token)).into();
    let page = wire::MetricsWebinars { from: window.from_text, to: window.to_text, paging, webinars };
    Ok(extended::page(&page, "webinars", extras::METRICS.name, rows.iter().map(|row| row.instance.extras.as_ref())))
}

/// Gets one live or past webinar.
#[utoipa::path(
    get, path = op::DASHBOARD_WEBINAR_DETAIL.path, tag = "Dashboards", operation_id = op::DASHBOARD_WEBINAR_DETAIL.id,
    params(
        ("webinarId" = String, Path, description = describe::WEBINAR_INSTANCE),
        ("type" = Option<String>, Query, description = describe::LIVE_OR_PAST),
    ),
    responses((status = 200, description = "The webinar.", body = wire::MetricsWebinar), InstanceErrors)
)]
pub(super) async fn get_webinar(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    let operation = &op::DASHBOARD_WEBINAR_DETAIL;
    let choices = Asked::LIVE_OR_PAST;
    let row = get(&app, &caller, MeetingKind::Webinar, operation, choices, WEBINAR, &id, query.as_deref()).await?;
    let detail = wire::MetricsWebinar::new(&row.instance, row.participants);
    Ok(extended::entry(&detail, extras::METRICS.name, row.instance.extras.as_ref()))
}

/// A page of instances, independent of the vendor's format.
struct Listing<'a> {
    window: Window,
    paging: Paging<'a>,
    rows: Vec<StoredInstance>,
    next_page_token: String,
    total: u64,
}

async fn list<'a>(
    app: &'a AppState,
    caller: &'a Caller,
    kind: MeetingKind,
    mut query: Query<'_>,
    choices: &[(&str, Asked)],
) -> ZoomResult<Listing<'a>> {
    let asked = Asked::read(&mut query, choices);
    let window = query.window(earliest(app));
    let size = query.page_size(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    let span = query.choice("query_date_type", &[("start_time", InstanceSpan::Start), ("end_time", InstanceSpan::End)]);
    let groups = groups(&mut query);
    let token = query.get("next_page_token").map(str::to_owned);
    let paging = Paging::new(app, caller, query.finish()?, size);
    // An invalid window was reported together with other errors.
    let window = window.ok_or_else(ZoomError::unrecognized)?;

    let live = asked == Asked::Live;
    let instances = InstanceQuery {
        kind,
        state: asked.state(),
        min_participants: (asked == Asked::PastOne).then_some(1),
        number: None,
        max_participants: (asked == Asked::PastOne).then_some(1),
        span: if live { InstanceSpan::Start } else { span },
        // Live instances are live now, regardless of the required window.
        from: if live { Timestamp::from_millis(i64::MIN) } else { window.from },
        before: if live { Timestamp::from_millis(i64::MAX) } else { window.before },
        groups,
        unnumbered: false,
        person: None,
    };

    let continuation = paging.open::<(i64, i64)>(token.as_deref()).map_err(|_| invalid_token())?;
    let (total, after) = match continuation {
        Some(continuation) => {
            let (millis, id) = continuation.cursor;
            let cursor = InstanceCursor { time: Timestamp::from_millis(millis), id: rollcall_model::InstanceId(id) };
            (continuation.total, Some(cursor))
        }
        None => (app.store.count_instances(caller.account, &instances).await?, None),
    };
    let mut rows = app.store.list_instances(caller.account, &instances, after, size + 1).await?;
    let next = cut(&mut rows, size).map(|last| {
        let time = match instances.span {
            InstanceSpan::Start => last.instance.start_time,
            InstanceSpan::End => last.instance.end_time,
        };
        (time.map_or(0, Timestamp::as_millis), last.id.0)
    });
    let next_page_token = paging.seal(total, next);
    rows.iter_mut().for_each(fill_scored);
    Ok(Listing { window, paging, rows, next_page_token, total })
}

fn groups(query: &mut Query<'_>) -> Option<GroupFilter> {
    let include_participants = query.switch("group_include_participant");
    let list = query.get("group_id")?.to_owned();
    query.bind("group_id", &list);
    let group_ids: Vec<Text> = list.split(',').map(str::trim).filter(|id| !id.is_empty()).map(Text::from).collect();
    if group_ids.is_empty() || group_ids.len() > MAX_GROUP_IDS {
        query.refuse("group_id", format!("Specify 1 to {MAX_GROUP_IDS} groups, separated by commas."));
    }
    Some(GroupFilter { group_ids, include_participants })
}

/// The error for a page token on lists.
pub(super) fn invalid_token() -> ZoomError {
    ZoomError::code_300("The next page token is either invalid or has expired.", false)
}

#[expect(
    clippy::too_many_arguments,
    reason = "the id and the query are the request; the rest identifies the operation"
)]
async fn get(
    app: &AppState,
    caller: &Caller,
    kind: MeetingKind,
    operation: &Operation,
    choices: &[(&str, Asked)],
    wording: Wording,
    id: &str,
    raw_query: Option<&str>,
) -> ZoomResult<StoredInstance> {
    let instance_ref = parse_instance_ref(kind, id)?;
    let mut query = Query::new(raw_query, operation.id, id);
    let asked = Asked::read(&mut query, choices);
    query.finish()?;
    let mut found = find_instance(app, caller, kind, &instance_ref, asked, wording).await?;
    fill_scored(&mut found);
    Ok(found)
}

/// Uses labels computed from minutes if none were reported.
fn fill_scored(row: &mut StoredInstance) {
    let (told, scored) = (&mut row.instance, &row.scored);
    let media = [
        (&mut told.audio_quality, &scored.audio),
        (&mut told.video_quality, &scored.video),
        (&mut told.screen_share_quality, &scored.screen_share),
    ];
    for (told, scored) in media {
        if told.is_none() {
            told.clone_from(scored);
        }
    }
}
