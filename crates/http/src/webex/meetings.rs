//! `GET /v1/meetings`: runs of meetings (Webex reference, section 5).

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use rollcall_model::{InstanceId, InstanceState, MeetingKind, Timestamp};
use rollcall_store::{InstanceCursor, InstanceQuery, InstanceSpan};
use rollcall_webex::{meeting::meeting, status::Status, wire};
use serde::{Deserialize, Serialize};

use super::{
    error::{WebexError, WebexResult},
    extract::Query,
    paging::{Paging, utf8_json},
    responses::Errors,
    runs::{Place, find_run_or_latest, instant, unknown_run},
};
use crate::{auth::Caller, state::AppState};

const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 100;
const WEEK_SECONDS: i64 = 7 * 24 * 3600;

/// The lists that the answer is made of, one after the other.
const LISTS: [(InstanceState, MeetingKind); 4] = [
    (InstanceState::Live, MeetingKind::Meeting),
    (InstanceState::Live, MeetingKind::Webinar),
    (InstanceState::Past, MeetingKind::Meeting),
    (InstanceState::Past, MeetingKind::Webinar),
];

/// Where the answer continues: in which list, after which run, within which window.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Cursor {
    list: usize,
    after: Option<(i64, i64)>,
    from: i64,
    to: i64,
}

/// Lists runs of meetings.
///
/// With `meetingType=meeting`: what goes on and what has ended, of the whole account, as Webex shows it to an
/// administrator. Runs in progress come first; the latest comes first in each. Scheduled meetings and series are not
/// kept as such, so another `meetingType`, and leaving it out, is refused.
#[utoipa::path(
    get, path = "/v1/meetings", tag = "Meetings", operation_id = "listMeetings",
    params(
        ("meetingType" = String, Query, description = "`meeting`: runs.", example = "meeting"),
        ("state" = Option<String>, Query, description = "`inProgress` or `ended`; both where it is left out.", example = "ended"),
        ("scheduledType" = Option<String>, Query, description = "`meeting` or `webinar`; both where it is left out.", example = "meeting"),
        ("from" = Option<String>, Query, description = "Began at this time or later; 7 days before `to` where it is left out.", example = "2019-03-18T09:30:00Z"),
        ("to" = Option<String>, Query, description = "Began before this time; 7 days after `from`, or now, where it is left out.", example = "2019-03-25T09:30:00Z"),
        ("max" = Option<usize>, Query, description = "Size of a page, 10 where it is left out, at most 100.", example = 100),
        ("timezone" = Option<String>, Header, description = "IANA name of the zone of times in the answer; UTC where it is left out.", example = "UTC"),
    ),
    responses((status = 200, description = "The runs. A `Link` header leads to the next page.", body = wire::Meetings), Errors)
)]
pub(super) async fn list_meetings(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    query: Query,
) -> WebexResult<Response> {
    if query.get("meetingType") != Some("meeting") {
        let sentence = "'meetingType' must be meeting: this server keeps runs of meetings, not schedules";
        return Err(WebexError::new(Status::BadRequest, sentence));
    }
    let state = word(&query, "state", &[("inProgress", InstanceState::Live), ("ended", InstanceState::Past)])?;
    let kind = word(&query, "scheduledType", &[("meeting", MeetingKind::Meeting), ("webinar", MeetingKind::Webinar)])?;
    let paging = Paging::read(&app, &caller, &uri, DEFAULT_PAGE, MAX_PAGE)?;
    let mut cursor = match paging.after::<Cursor>()? {
        Some(cursor) => cursor,
        None => {
            let (from, to) = (instant(&query, "from")?, instant(&query, "to")?);
            let before = to.or_else(|| from.map(|from| from.plus_seconds(WEEK_SECONDS)));
            // What has begun by now is in the list whatever the clock of its source.
            let before = before.unwrap_or_else(|| app.now().plus_seconds(1));
            let from = from.unwrap_or_else(|| before.minus_seconds(WEEK_SECONDS));
            if from >= before {
                return Err(WebexError::new(Status::BadRequest, "'from' must be before 'to'"));
            }
            Cursor { list: 0, after: None, from: from.as_millis(), to: before.as_millis() }
        }
    };
    let place = Place::of(&app, &caller, &headers).await?;

    let mut runs = Vec::new();
    while let Some((list_state, list_kind)) = LISTS.get(cursor.list) {
        let is_asked = state.is_none_or(|state| state == *list_state) && kind.is_none_or(|kind| kind == *list_kind);
        let wanted = paging.size + 1 - runs.len();
        if is_asked {
            let list = InstanceQuery {
                kind: *list_kind,
                state: *list_state,
                max_participants: None,
                min_participants: None,
                span: InstanceSpan::Start,
                from: Timestamp::from_millis(cursor.from),
                before: Timestamp::from_millis(cursor.to),
                groups: None,
            };
            let after = cursor
                .after
                .map(|(time, id)| InstanceCursor { time: Timestamp::from_millis(time), id: InstanceId(id) });
            let found = app.store.list_instances(caller.account, &list, after, wanted).await?;
            runs.extend(found.into_iter().map(|stored| (cursor.list, stored)));
        }
        if runs.len() > paging.size {
            break;
        }
        cursor = Cursor { list: cursor.list + 1, after: None, ..cursor };
    }
    let more = runs.len() > paging.size;
    runs.truncate(paging.size);
    let next = runs.last().filter(|_| more).map(|(list, stored)| Cursor {
        list: *list,
        after: stored.instance.start_time.map(|start| (start.as_millis(), stored.id.0)),
        ..cursor
    });
    let items = place.show(|around| runs.iter().map(|(_, stored)| meeting(&stored.instance, around)).collect());
    Ok(paging.answer(&headers, utf8_json(&wire::Meetings { items }), next))
}

/// Gets a run of a meeting.
///
/// The id of a series means its latest run.
#[utoipa::path(
    get, path = "/v1/meetings/{meetingId}", tag = "Meetings", operation_id = "getMeeting",
    params(
        ("meetingId" = String, Path, description = "The run's id.", example = "870f51ff287b41be84648412901e0402_I_167427437874906709"),
        ("timezone" = Option<String>, Header, description = "IANA name of the zone of times in the answer; UTC where it is left out.", example = "UTC"),
    ),
    responses((status = 200, description = "The run.", body = wire::Meeting), Errors)
)]
pub(super) async fn get_meeting(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> WebexResult<Response> {
    let place = Place::of(&app, &caller, &headers).await?;
    let found = find_run_or_latest(&app, &caller, &id).await?.ok_or_else(|| unknown_run(&id))?;
    Ok(utf8_json(&place.show(|around| meeting(&found.instance, around))))
}

fn word<T: Copy>(query: &Query, name: &str, words: &[(&str, T)]) -> WebexResult<Option<T>> {
    let Some(text) = query.get(name) else { return Ok(None) };
    match words.iter().find(|(word, _)| *word == text) {
        Some((_, value)) => Ok(Some(*value)),
        None => {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            Err(WebexError::new(Status::BadRequest, format!("'{name}' must be one of {}", known.join(", "))))
        }
    }
}
