//! Scheduled meetings and webinars: `GET /users/{id}/{meetings|webinars}` and `GET /{meetings|webinars}/{id}`.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use rollcall_auth::Caller;
use rollcall_model::Operation;
use rollcall_model::{Meeting, MeetingKind, MeetingNumber, UserId};
use rollcall_store::{MeetingQuery, MeetingWhen};
use rollcall_zoom::operations as op;
use rollcall_zoom::{extras, wire};

use super::{
    describe,
    error::{ZoomError, ZoomResult},
    extract::Path,
    instances::invalid_token,
    paging::{Continuation, Paging, cut},
    query::Query,
    responses::ObjectErrors,
    users::find_user,
};
use crate::{
    extended,
    state::{App, AppState},
};

const DEFAULT_PAGE_SIZE: usize = 30;
const MAX_PAGE_SIZE: usize = 300;

/// Which of a user's meetings to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Scheduled,
    Live,
    Upcoming,
    Previous,
}

/// Lists the meetings that a user hosts, ordered by number.
#[utoipa::path(
    get, path = op::USER_MEETINGS.path, tag = "Meetings", operation_id = op::USER_MEETINGS.id,
    params(
        ("userId" = String, Path, description = describe::USER),
        ("type" = Option<String>, Query, description = "`scheduled` (default) for all, `live`, `upcoming`, `upcoming_meetings`, or `previous_meetings`."),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
        ("page_number" = Option<u32>, Query, description = describe::PAGE_NUMBER, minimum = 1),
    ),
    responses((status = 200, description = "A page of meetings.", body = wire::UserMeetings), ObjectErrors)
)]
pub(super) async fn list_user_meetings(
    State(app): State<AppState>,
    caller: Caller,
    Path(user_id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    list(&app, &caller, MeetingKind::Meeting, &op::USER_MEETINGS, &user_id, query.as_deref()).await
}

/// Lists the webinars that a user hosts, ordered by number.
#[utoipa::path(
    get, path = op::USER_WEBINARS.path, tag = "Webinars", operation_id = op::USER_WEBINARS.id,
    params(
        ("userId" = String, Path, description = describe::USER),
        ("type" = Option<String>, Query, description = "`scheduled` (default) for all, or `upcoming`."),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
        ("page_number" = Option<u32>, Query, description = describe::PAGE_NUMBER, minimum = 1),
    ),
    responses((status = 200, description = "A page of webinars.", body = wire::UserWebinars), ObjectErrors)
)]
pub(super) async fn list_user_webinars(
    State(app): State<AppState>,
    caller: Caller,
    Path(user_id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    list(&app, &caller, MeetingKind::Webinar, &op::USER_WEBINARS, &user_id, query.as_deref()).await
}

async fn list(
    app: &AppState,
    caller: &Caller,
    kind: MeetingKind,
    operation: &Operation,
    user_id: &str,
    raw_query: Option<&str>,
) -> ZoomResult<Response> {
    let (user_id, has_license) = match find_user(app, caller, user_id).await {
        Ok(user) => (user.user_id(), user.has_webinar_license),
        // Meetings may have a host whose login is unknown.
        Err(error) if hosts_any(app, caller, kind, user_id).await? => {
            drop(error);
            (UserId::from(user_id), None)
        }
        Err(error) => return Err(error),
    };
    if kind == MeetingKind::Webinar && has_license == Some(false) {
        let message = "Webinar plan is missing. You must subscribe to the webinar plan and enable webinars for this \
                       user in order to perform this action.";
        return Err(ZoomError::new(StatusCode::BAD_REQUEST, 200, message));
    }
    let mut query = Query::new(raw_query, operation.id, user_id.as_str());
    let kept = query.choice(
        "type",
        &[
            ("scheduled", Kept::Scheduled),
            ("live", Kept::Live),
            ("upcoming", Kept::Upcoming),
            ("upcoming_meetings", Kept::Upcoming),
            ("previous_meetings", Kept::Previous),
        ],
    );
    let size = query.page_size(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    let page_number = query.page_number();
    let token = query.get("next_page_token").map(str::to_owned);
    let paging = Paging::new(app, caller, query.finish()?, size);

    // The instant that separates upcoming from previous is part of the token, so that no page shifts during a walk.
    let continuation = paging.open::<(i64, MeetingNumber)>(token.as_deref()).map_err(|_| invalid_token())?;
    let now = continuation.as_ref().map_or(app.now(), |walk| rollcall_model::Timestamp::from_millis(walk.cursor.0));
    let when = match kept {
        Kept::Scheduled | Kept::Live => MeetingWhen::default(),
        Kept::Upcoming => MeetingWhen { from: Some(now), before: None },
        Kept::Previous => MeetingWhen { from: None, before: Some(now) },
    };
    let meetings = MeetingQuery { kind, host_id: user_id, when, live: kept == Kept::Live };
    let (total, after) = match continuation {
        Some(Continuation { total, cursor: (_, number) }) => (total, Some(number)),
        None => {
            let total = app.store.count_meetings(caller.account, &meetings).await?;
            (total, skip_pages(app, caller, &meetings, size, page_number).await?)
        }
    };
    let mut rows = match (after, page_number) {
        (None, 2..) => Vec::new(),
        (after, _) => app.store.list_meetings(caller.account, &meetings, after, size + 1).await?,
    };
    let next = cut(&mut rows, size).map(|last| (now.as_millis(), last.number));
    let next_page_token = paging.seal(total, next);
    let paging = (&paging.keys(total, &next_page_token)).into();
    let page_number = page_number as u64;
    let items = rows.iter().map(wire::MeetingItem::from).collect();
    let (item, kept) = (extras::MEETING_ITEM.name, rows.iter().map(|meeting| meeting.extras.as_ref()));
    Ok(match kind {
        MeetingKind::Meeting => {
            let page = wire::UserMeetings { paging, page_number, meetings: items };
            extended::page(&page, "meetings", item, kept)
        }
        MeetingKind::Webinar => {
            let page = wire::UserWebinars { paging, page_number, webinars: items };
            extended::page(&page, "webinars", item, kept)
        }
    })
}

/// Returns whether this user id hosts any known meetings.
async fn hosts_any(app: &App, caller: &Caller, kind: MeetingKind, user_id: &str) -> ZoomResult<bool> {
    let host_id = UserId::from(user_id);
    let query = MeetingQuery { kind, host_id, when: MeetingWhen::default(), live: false };
    Ok(app.store.count_meetings(caller.account, &query).await? > 0)
}

/// Returns the last meeting before page `page_number`. `None` for the first page, or if the list ends before.
async fn skip_pages(
    app: &App,
    caller: &Caller,
    query: &MeetingQuery,
    size: usize,
    page_number: usize,
) -> ZoomResult<Option<MeetingNumber>> {
    let mut after = None;
    for _ in 1..page_number {
        let page = app.store.list_meetings(caller.account, query, after, size).await?;
        if page.len() < size {
            return Ok(None);
        }
        after = page.last().map(|meeting| meeting.number);
    }
    Ok(after)
}

/// Gets a scheduled meeting.
#[utoipa::path(
    get, path = op::MEETING.path, tag = "Meetings", operation_id = op::MEETING.id,
    params(("meetingId" = i64, Path, description = describe::MEETING_NUMBER)),
    responses((status = 200, description = "The meeting.", body = wire::Meeting), ObjectErrors)
)]
pub(super) async fn get_meeting(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> ZoomResult<Response> {
    let meeting = find_scheduled(&app, &caller, MeetingKind::Meeting, &id).await?;
    Ok(extended::entry(&wire::Meeting::from(&meeting), extras::MEETING.name, meeting.extras.as_ref()))
}

/// Gets a scheduled webinar.
#[utoipa::path(
    get, path = op::WEBINAR.path, tag = "Webinars", operation_id = op::WEBINAR.id,
    params(("webinarId" = i64, Path, description = describe::WEBINAR_NUMBER)),
    responses((status = 200, description = "The webinar.", body = wire::Meeting), ObjectErrors)
)]
pub(super) async fn get_webinar(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> ZoomResult<Response> {
    let webinar = find_scheduled(&app, &caller, MeetingKind::Webinar, &id).await?;
    Ok(extended::entry(&wire::Meeting::from(&webinar), extras::MEETING.name, webinar.extras.as_ref()))
}

/// Returns the meeting or webinar with the number in a path, if it is still scheduled.
async fn find_scheduled(app: &App, caller: &Caller, kind: MeetingKind, id: &str) -> ZoomResult<Meeting> {
    let meeting = find_meeting(app, caller, kind, id).await?;
    if meeting.deleted_at.is_some() { Err(unknown(kind, meeting.number)) } else { Ok(meeting) }
}

/// Returns the meeting or webinar with the number in a path. A deleted one still has its past.
pub(super) async fn find_meeting(app: &App, caller: &Caller, kind: MeetingKind, id: &str) -> ZoomResult<Meeting> {
    let invalid = match kind {
        MeetingKind::Meeting => "Invalid meeting id.",
        MeetingKind::Webinar => "Invalid webinar ID.",
    };
    let number: MeetingNumber = id.parse().map_err(|_| ZoomError::new(StatusCode::BAD_REQUEST, 300, invalid))?;
    let found = app.store.find_meeting(caller.account, kind, number).await?;
    found.ok_or_else(|| unknown(kind, number))
}

fn unknown(kind: MeetingKind, number: MeetingNumber) -> ZoomError {
    let unknown = match kind {
        MeetingKind::Meeting => "Meeting does not exist",
        MeetingKind::Webinar => "Webinar does not exist",
    };
    ZoomError::new(StatusCode::NOT_FOUND, 3001, format!("{unknown}: {number}."))
}
