//! `/v1/admin/meetings`: meetings without what only their hosts may know (second part of the Webex reference, section
//! 7); and `/v1/meetingPreferences`.

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use rollcall_auth::Caller;
use rollcall_model::{DocumentOwner, Meeting, MeetingKind};
use rollcall_webex::operations as op;
use rollcall_webex::{documents::PREFERENCES, status::Status, wire};
use serde_json::{Value, json};

use super::{
    error::{WebexError, WebexResult},
    extract::{Query, require},
    meeting_filter::{boolean, number, refuse_two_names},
    meetings::{SCAN_CHUNK, shown_by_id},
    paging::utf8_json,
    planned::show,
    responses::Errors,
    runs::{Place, unknown_run},
};
use crate::state::{App, AppState};

/// Maximum number of meetings that are checked for a link.
const MAX_SCANNED: usize = 20_000;

/// Keys that administrators do not see.
const HELD_BACK: [&str; 10] = [
    "agenda",
    "hostKey",
    "password",
    "phoneAndVideoSystemPassword",
    "panelistPassword",
    "phoneAndVideoSystemPanelistPassword",
    "webLink",
    "sipAddress",
    "dialInIpAddress",
    "registration",
];

/// Removes what administrators do not see.
fn held_back(mut shown: Value) -> Value {
    if let Some(object) = shown.as_object_mut() {
        object.retain(|key, _| !HELD_BACK.contains(&key.as_str()));
    }
    if let Some(telephony) = shown.get_mut("telephony").and_then(Value::as_object_mut) {
        telephony.remove("accessCode");
    }
    shown
}

/// Lists meetings by number or link.
///
/// Agenda, passwords, host key, links, addresses to dial, registration form and access code are omitted.
#[utoipa::path(
    get, path = op::LIST_MEETINGS_AS_ADMIN.path, tag = "Meetings", operation_id = op::LIST_MEETINGS_AS_ADMIN.id,
    params(
        ("meetingNumber" = Option<String>, Query, description = "The number. This or `webLink` is required, not both.", example = "123456789"),
        ("webLink" = Option<String>, Query, description = "The link."),
        ("current" = Option<bool>, Query, description = "Has no effect: the series is returned."),
        ("timezone" = Option<String>, Header, description = "IANA name of the time zone of the response. Default: UTC.", example = "UTC"),
    ),
    responses((status = 200, description = "The meetings.", body = wire::Meetings), Errors)
)]
pub(super) async fn list_meetings_as_admin(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    query: Query,
) -> WebexResult<Response> {
    boolean(&query, "current")?;
    refuse_two_names(&query)?;
    let place = Place::of(&app, &caller, &headers).await?;
    let found = match (number(&query)?, query.get("webLink")) {
        (Some(number), _) => {
            let mut found = Vec::new();
            for kind in [MeetingKind::Meeting, MeetingKind::Webinar] {
                found.extend(app.store.find_meeting(caller.account, kind, number).await?);
            }
            found.retain(|meeting| meeting.deleted_at.is_none());
            found.iter().map(|meeting| show(&place, meeting)).collect()
        }
        (None, Some(link)) => by_link(&app, &caller, &place, link).await?,
        (None, None) => {
            return Err(WebexError::bad_request("one of 'meetingNumber' and 'webLink' is required"));
        }
    };
    let items: Vec<Value> = found.into_iter().map(held_back).collect();
    Ok(utf8_json(&json!({ "items": items })))
}

async fn by_link(app: &App, caller: &Caller, place: &Place, link: &str) -> WebexResult<Vec<Value>> {
    let (mut after, mut scanned, mut found) = (None, 0, Vec::new());
    while scanned < MAX_SCANNED {
        let meetings: Vec<Meeting> = app.store.list_series(caller.account, after.as_ref(), SCAN_CHUNK).await?;
        let is_end = meetings.len() < SCAN_CHUNK;
        scanned += meetings.len();
        after = meetings.last().and_then(|meeting| meeting.series_id.clone());
        found.extend(meetings.iter().map(|meeting| show(place, meeting)).filter(|shown| shown["webLink"] == link));
        if is_end {
            break;
        }
    }
    Ok(found)
}

/// Gets a meeting or a run.
///
/// Agenda, passwords, host key, links, addresses to dial, registration form and access code are omitted.
#[utoipa::path(
    get, path = op::GET_MEETING_AS_ADMIN.path, tag = "Meetings", operation_id = op::GET_MEETING_AS_ADMIN.id,
    params(
        ("meetingId" = String, Path, description = "The id of a series, a scheduled meeting or a run.", example = "870f51ff287b41be84648412901e0402"),
        ("current" = Option<bool>, Query, description = "Has no effect: the series is returned."),
        ("timezone" = Option<String>, Header, description = "IANA name of the time zone of the response. Default: UTC.", example = "UTC"),
    ),
    responses((status = 200, description = "The meeting.", body = wire::Meeting), Errors)
)]
pub(super) async fn get_meeting_as_admin(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    query: Query,
) -> WebexResult<Response> {
    boolean(&query, "current")?;
    let shown = shown_by_id(&app, &caller, &headers, &id).await?.ok_or_else(|| unknown_run(&id))?;
    Ok(utf8_json(&held_back(shown)))
}

/// Gets meeting preferences.
///
/// They are those that were imported: of the user with `userEmail`, or else of the user whom the token acts for.
#[utoipa::path(
    get, path = op::GET_PREFERENCES.path, tag = "Meeting Preferences", operation_id = op::GET_PREFERENCES.id,
    params(
        ("userEmail" = Option<String>, Query, description = "Another user's address, for administrators.", example = "john.andersen@example.com"),
        ("siteUrl" = Option<String>, Query, description = "Has no effect: imported preferences do not say their site.", example = "example.webex.com"),
    ),
    responses((status = 200, description = "The preferences as Webex sent them.", body = wire::Preferences), Errors)
)]
pub(super) async fn get_preferences(
    State(app): State<AppState>,
    caller: Caller,
    query: Query,
) -> WebexResult<Response> {
    let email = query.get("userEmail");
    require(&caller, if email.is_some() { op::ADMIN_PREFERENCES_READ } else { op::PREFERENCES_READ })?;
    let mut owners = Vec::new();
    match (email, &caller.user) {
        (Some(email), _) => owners.push(DocumentOwner::Record(email.to_lowercase().into())),
        (None, None) => owners.push(DocumentOwner::Account),
        (None, Some(user)) => {
            let user = app.store.find_user(caller.account, user.as_str()).await?;
            owners.extend(user.map(|user| DocumentOwner::Record(user.email.to_lowercase())));
        }
    }
    for owner in owners {
        if let Some(found) = app.store.find_document(caller.account, PREFERENCES, &owner, "").await? {
            return Ok(utf8_json(&serde_json::from_str::<Value>(&found.json).unwrap_or_default()));
        }
    }
    let sentence = "no preferences of this user are known: import a response of this operation";
    Err(WebexError::new(Status::NotFound, sentence))
}
