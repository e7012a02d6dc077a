//! `GET /v1/meeting/qualities`: how good a run was (Webex reference, section 3).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use rollcall_auth::Caller;
use rollcall_model::{AccountId, InstanceId, InstanceState, ParticipantId, QosMinute, Timestamp};
use rollcall_store::{MinuteCursor, StoredInstance};
use rollcall_webex::operations as op;
use rollcall_webex::{extras, quality::session, status::Status, wire};

use super::{
    error::{WebexError, WebexResult},
    extract::Query,
    paging::Paging,
    responses::Errors,
    runs::{find_run, unknown_run},
};
use crate::{
    extended,
    state::{App, AppState},
};

const DEFAULT_PAGE: usize = 100;
/// Fewer than Webex returns: a page is a hundred attendances with all their minutes.
const MAX_PAGE: usize = 100;
/// Maximum numeric position; the links lead further.
const MAX_OFFSET: usize = 100_000;
const ROWS_PER_READ: usize = 1_000;
const MINUTES_PER_READ: usize = 2_000;

/// When a run's qualities are available: from this time after its start, until this time after its end.
const FROM_SECONDS: i64 = 10 * 60;
const UP_TO_SECONDS: i64 = 7 * 24 * 3600;
/// Minimum interval between requests for one run's qualities.
const INTERVAL_SECONDS: i64 = 5 * 60;
/// Maximum number of runs whose requests are remembered.
const REMEMBERED: usize = 10_000;

/// When the qualities of each run were last requested, if that is limited.
#[derive(Debug, Default)]
pub(super) struct Asked(Mutex<HashMap<(AccountId, InstanceId), Timestamp>>);

impl Asked {
    /// Records a request for a run, or returns the seconds until the next one is allowed.
    fn ask(&self, account: AccountId, run: InstanceId, now: Timestamp) -> Result<(), i64> {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = |last: &Timestamp| last.plus_seconds(INTERVAL_SECONDS);
        if let Some(last) = asked.get(&(account, run)).filter(|last| until(last) > now) {
            return Err((until(last).millis_since(now) + 999) / 1000);
        }
        if asked.len() >= REMEMBERED {
            asked.retain(|_, last| until(last) > now);
        }
        if asked.len() < REMEMBERED {
            asked.insert((account, run), now);
        }
        Ok(())
    }
}

/// Lists a meeting's qualities.
///
/// A session for each join, with the values of each minute as parallel lists. `videoIn` and the other `In` keys are
/// what the participant received. Webex's limits (from ten minutes after the start, until seven days after the end, one
/// call every five minutes) apply only if the server is configured to enforce them; they never apply to pages after the
/// first.
#[utoipa::path(
    get, path = op::LIST_QUALITIES.path, tag = "Meeting Qualities", operation_id = op::LIST_QUALITIES.id,
    params(
        ("meetingId" = String, Query, description = "The id of the run (instance), not of a series.", example = "e5dba9613a9d455aa49f6ffdafb6e7db_I_191395283063545470"),
        ("max" = Option<usize>, Query, description = "Maximum size of a page, at most 100. Default: 100.", example = 100),
        ("offset" = Option<usize>, Query, description = "Number of sessions to skip.", example = 0),
    ),
    responses((status = 200, description = "The sessions. A `Link` header points to the next page.", body = wire::MeetingQualities), Errors)
)]
pub(super) async fn list_meeting_qualities(
    State(app): State<AppState>,
    Extension(asked): Extension<Arc<Asked>>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    query: Query,
) -> WebexResult<Response> {
    let id = query.get("meetingId").ok_or_else(|| WebexError::bad_request("'meetingId' cannot be empty"))?;
    let offset = match query.get("offset").map(str::parse::<usize>) {
        None => 0,
        Some(Ok(offset)) if offset <= MAX_OFFSET => offset,
        Some(_) => {
            let sentence =
                format!("'offset' must be a whole number from 0 to {MAX_OFFSET}; follow the Link header to go further");
            return Err(WebexError::bad_request(sentence));
        }
    };
    let paging = Paging::read(&app, &caller, &uri, DEFAULT_PAGE, MAX_PAGE)?;
    let run = find_run(&app, &caller, id).await?.ok_or_else(|| unknown_run(id))?;
    let after = paging.after::<i64>()?.map(ParticipantId);
    if app.settings.webex_quality_limits {
        if !is_within_window(&run, app.now()) {
            return Ok(Json(wire::MeetingQualities::default()).into_response());
        }
        if after.is_none()
            && let Err(seconds) = asked.ask(caller.account, run.id, app.now())
        {
            let sentence = "This meeting's qualities were requested within the last 5 minutes.";
            let mut response = WebexError::new(Status::TooManyRequests, sentence).into_response();
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            return Ok(response);
        }
    }
    let after = match after {
        None if offset > 0 => match row_at(&app, &caller, run.id, offset).await? {
            Some(row) => Some(row),
            None => return Ok(Json(wire::MeetingQualities::default()).into_response()),
        },
        after => after,
    };
    let mut rows = app.store.list_participants(caller.account, run.id, after, paging.size + 1).await?;
    let more = rows.len() > paging.size;
    rows.truncate(paging.size);
    let mut page = wire::MeetingQualities::default();
    for row in &rows {
        let minutes = minutes(&app, &caller, run.id, row.id).await?;
        page.items.push(session(&run.instance, row.id, &row.participant, &minutes));
    }
    let next = rows.last().filter(|_| more).map(|row| row.id.0);
    let kept = rows.iter().map(|row| row.participant.extras.as_ref());
    let body = extended::page(&page, "items", extras::QUALITY.name, kept);
    Ok(paging.answer(&headers, body, next))
}

fn is_within_window(run: &StoredInstance, now: Timestamp) -> bool {
    let begun = run.instance.start_time.is_none_or(|start| start.plus_seconds(FROM_SECONDS) <= now);
    let ended = run.instance.end_time.filter(|_| run.instance.state == InstanceState::Past);
    begun && ended.is_none_or(|end| now <= end.plus_seconds(UP_TO_SECONDS))
}

/// Returns the row of the `nth` participant, from 1. `None` if there are fewer.
async fn row_at(app: &App, caller: &Caller, run: InstanceId, nth: usize) -> WebexResult<Option<ParticipantId>> {
    let (mut after, mut left) = (None, nth);
    while left > 0 {
        let wanted = left.min(ROWS_PER_READ);
        let rows = app.store.list_participants(caller.account, run, after, wanted).await?;
        if rows.len() < wanted {
            return Ok(None);
        }
        left -= wanted;
        after = rows.last().map(|row| row.id);
    }
    Ok(after)
}

/// Returns all minutes of an attendance.
async fn minutes(app: &App, caller: &Caller, run: InstanceId, row: ParticipantId) -> WebexResult<Vec<QosMinute>> {
    let mut minutes: Vec<QosMinute> = Vec::new();
    loop {
        let after = minutes.last().map(|minute| MinuteCursor { participant: row, minute: minute.minute });
        let read = app.minutes.read_minutes(caller.account, run, &[row], after, MINUTES_PER_READ).await?;
        let more = read.len() == MINUTES_PER_READ;
        minutes.extend(read.into_iter().map(|read| read.minute));
        if !more {
            return Ok(minutes);
        }
    }
}
