//! `/v1/meetings/{meetingId}/registrants` (second part of the Webex reference, section 2).

use std::{cmp::Ordering, ops::Range};

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use rollcall_auth::Caller;
use rollcall_model::{Meeting, Registrant, Text, Timestamp, draw};
use rollcall_store::{NewRegistrant, RegistrantChange, RegistrantQuery, RegistrantRef};
use rollcall_webex::operations as op;
use rollcall_webex::{
    registrant::{new_status, registrant, shown},
    rules::{registrant as parse_registrant, registrant_ids, registrants as parse_registrants, registrants_query},
    status::Status,
    wire,
};
use serde_json::{Map, Value, json};

use super::{
    error::{WebexError, WebexResult},
    extract::{JsonBody, Query},
    paging::{Paging, utf8_json},
    planned::{check_named_host, find_to_change, find_to_read},
    registration::{form_of, series},
    responses::{ChangeErrors, Errors},
    runs::{WINDOW_SECONDS, window},
};
use crate::state::{App, AppState};

const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 100;
/// Registrants read at a time, and the most that are checked for one page.
const CHUNK: usize = 500;
const MAX_SCANNED: usize = 20_000;
/// The longest window of registrations.
const MAX_WINDOW_SECONDS: i64 = 90 * 24 * 3600;

/// Returns the meeting whose registrants the caller may read.
async fn readable(app: &App, caller: &Caller, id: &str, query: &Query) -> WebexResult<Meeting> {
    let meeting = series(find_to_read(app, caller, id).await?, id)?;
    check_named_host(&meeting, query.get("hostEmail"), id)?;
    Ok(meeting)
}

/// Returns the meeting whose registrants the caller may change.
async fn changeable(app: &App, caller: &Caller, id: &str, query: &Query) -> WebexResult<Meeting> {
    let meeting = series(find_to_change(app, caller, id).await?, id)?;
    check_named_host(&meeting, query.get("hostEmail"), id)?;
    Ok(meeting)
}

/// Lists a meeting's registrants.
#[utoipa::path(
    get, path = op::LIST_REGISTRANTS.path, tag = "Meetings", operation_id = op::LIST_REGISTRANTS.id,
    params(
        ("meetingId" = String, Path, description = "The id of the series.", example = "870f51ff287b41be84648412901e0402"),
        ("email" = Option<String>, Query, description = "With this address."),
        ("registrationTimeFrom" = Option<String>, Query, description = "Registered at this time or later. Default: 7 days before `registrationTimeTo`.", example = "2030-05-01T00:00:00Z"),
        ("registrationTimeTo" = Option<String>, Query, description = "Registered before this time, at most 90 days after `registrationTimeFrom`. Default: 7 days after it, or now."),
        ("hostEmail" = Option<String>, Query, description = "Only if this person hosts the meeting; otherwise it is not found."),
        ("max" = Option<usize>, Query, description = "Maximum size of a page, at most 100. Default: 10.", example = 100),
    ),
    responses((status = 200, description = "The registrants, ordered by id. A `Link` header points to the next page.", body = wire::Registrants), Errors)
)]
pub(super) async fn list_registrants(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    query: Query,
) -> WebexResult<Response> {
    let window = registration_window(&app, &query)?;
    let email = query.get("email").map(str::to_lowercase);
    let paging = Paging::read(&app, &caller, &uri, DEFAULT_PAGE, MAX_PAGE)?;
    let meeting = readable(&app, &caller, &id, &query).await?;
    let (mut after, mut page, mut scanned) = (paging.after::<Text>()?, Vec::new(), 0);
    let has_more = 'pages: loop {
        let found = read(&app, &caller, &meeting, after.as_ref()).await?;
        let is_end = found.len() < CHUNK;
        for registrant in found {
            let is_email =
                |asked: &String| registrant.email.as_deref().is_some_and(|email| email.to_lowercase() == *asked);
            let is_admitted = counts(&registrant)
                && email.as_ref().is_none_or(is_email)
                && registrant.create_time.is_none_or(|time| window.contains(&time));
            if (is_admitted && page.len() == paging.size) || scanned == MAX_SCANNED {
                break 'pages true;
            }
            scanned += 1;
            after = Some(registrant.id.clone());
            if is_admitted {
                page.push(shown(&registrant));
            }
        }
        if is_end {
            break false;
        }
    };
    Ok(paging.answer(&headers, utf8_json(&json!({ "items": page })), after.filter(|_| has_more)))
}

fn registration_window(app: &App, query: &Query) -> WebexResult<Range<Timestamp>> {
    let soon = app.now().plus_seconds(1);
    let window = window(query, "registrationTimeFrom", "registrationTimeTo")?;
    let window = window.unwrap_or_else(|| soon.minus_seconds(WINDOW_SECONDS)..soon);
    if window.end > window.start.plus_seconds(MAX_WINDOW_SECONDS) {
        let sentence = "'registrationTimeTo' must be within 90 days of 'registrationTimeFrom'";
        return Err(WebexError::bad_request(sentence));
    }
    Ok(window)
}

async fn read(app: &App, caller: &Caller, meeting: &Meeting, after: Option<&Text>) -> WebexResult<Vec<Registrant>> {
    let all = RegistrantQuery::all(meeting.kind, meeting.number);
    Ok(app.store.list_registrants(caller.account, &all, after, CHUNK).await?)
}

/// Returns whether a registration counts. Webex has no status for those that were cancelled.
fn counts(registrant: &Registrant) -> bool {
    registrant.status.as_deref() != Some("cancelled")
}

/// Lists registrants with some addresses.
#[utoipa::path(
    post, path = op::QUERY_REGISTRANTS.path, tag = "Meetings", operation_id = op::QUERY_REGISTRANTS.id,
    params(
        ("meetingId" = String, Path, description = "The id of the series.", example = "870f51ff287b41be84648412901e0402"),
        ("hostEmail" = Option<String>, Query, description = "Only if this person hosts the meeting; otherwise it is not found."),
    ),
    request_body = wire::RegistrantsQueryBody,
    responses((status = 200, description = "The registrants; the list is not paged.", body = wire::Registrants), ChangeErrors)
)]
pub(super) async fn query_registrants(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
    JsonBody(body): JsonBody,
) -> WebexResult<Response> {
    let asked = registrants_query(&body)?;
    let meeting = readable(&app, &caller, &id, &query).await?;
    let (mut after, mut found, mut scanned) = (None, Vec::new(), 0);
    while scanned < MAX_SCANNED {
        let chunk = read(&app, &caller, &meeting, after.as_ref()).await?;
        let is_end = chunk.len() < CHUNK;
        scanned += CHUNK;
        after = chunk.last().map(|registrant| registrant.id.clone());
        found.extend(chunk.into_iter().filter(|registrant| {
            let email = registrant.email.as_deref().unwrap_or_default().to_lowercase();
            counts(registrant)
                && asked.emails.contains(&email)
                && asked.status.is_none_or(|status| registrant.status.as_deref() == Some(status))
        }));
        if is_end {
            break;
        }
    }
    let mut items: Vec<Value> = found.iter().map(shown).collect();
    items.sort_by(|one, other| {
        let key = |item: &Value| item[asked.order_by.as_str()].as_str().unwrap_or_default().to_lowercase();
        let order = key(one).cmp(&key(other));
        if asked.is_descending { Ordering::reverse(order) } else { order }
    });
    Ok(utf8_json(&json!({ "items": items })))
}

/// Registers somebody for a meeting.
///
/// The form's rules decide whether the registration is approved, rejected or waits for the host. No email is sent.
#[utoipa::path(
    post, path = op::CREATE_REGISTRANT.path, tag = "Meetings", operation_id = op::CREATE_REGISTRANT.id,
    params(("meetingId" = String, Path, description = "The id of the series.", example = "870f51ff287b41be84648412901e0402")),
    request_body = wire::RegistrantBody,
    responses((status = 200, description = "The registrant.", body = wire::Registrant), ChangeErrors)
)]
pub(super) async fn create_registrant(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
    JsonBody(body): JsonBody,
) -> WebexResult<Response> {
    let meeting = changeable(&app, &caller, &id, &query).await?;
    let form = needed_form(&app, &caller, &meeting).await?;
    let body = parse_registrant(&body, &form)?;
    let created = register(&app, &caller, &meeting, &form, vec![body]).await?;
    Ok(utf8_json(&created.first().map(shown)))
}

/// Registers several people for a meeting: all of them or nobody. No email is sent.
#[utoipa::path(
    post, path = op::CREATE_REGISTRANTS.path, tag = "Meetings", operation_id = op::CREATE_REGISTRANTS.id,
    params(("meetingId" = String, Path, description = "The id of the series.", example = "870f51ff287b41be84648412901e0402")),
    request_body = wire::RegistrantsBody,
    responses((status = 200, description = "The registrants.", body = wire::Registrants), ChangeErrors)
)]
pub(super) async fn create_registrants(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
    JsonBody(body): JsonBody,
) -> WebexResult<Response> {
    let meeting = changeable(&app, &caller, &id, &query).await?;
    let form = needed_form(&app, &caller, &meeting).await?;
    let bodies = parse_registrants(&body, &form)?;
    let created = register(&app, &caller, &meeting, &form, bodies).await?;
    Ok(utf8_json(&json!({ "items": created.iter().map(shown).collect::<Vec<_>>() })))
}

async fn needed_form(app: &App, caller: &Caller, meeting: &Meeting) -> WebexResult<Value> {
    let none = || WebexError::bad_request("the meeting requires no registration: set its form first");
    form_of(app, caller, meeting).await?.ok_or_else(none)
}

async fn register(
    app: &App,
    caller: &Caller,
    meeting: &Meeting,
    form: &Value,
    bodies: Vec<Map<String, Value>>,
) -> WebexResult<Vec<Registrant>> {
    let people: Vec<NewRegistrant> = bodies
        .into_iter()
        .map(|body| {
            let status = new_status(form, &body);
            let id = rollcall_webex::registrant::id(draw(&*app.entropy));
            NewRegistrant { registrant: registrant(body, id, status, app.now()), source_id: None }
        })
        .collect();
    let change = change(app, meeting, Some(form));
    Ok(app.store.register(caller.account, change, &people).await?)
}

fn change(app: &App, meeting: &Meeting, form: Option<&Value>) -> RegistrantChange {
    let capacity = form.and_then(|form| form["maxRegisterNum"].as_u64());
    RegistrantChange { kind: meeting.kind, number: meeting.number, capacity, now: app.now() }
}

fn unknown(id: &str) -> WebexError {
    WebexError::new(Status::NotFound, format!("unknown 'registrantId': {id}"))
}

/// Gets a registrant.
#[utoipa::path(
    get, path = op::GET_REGISTRANT.path, tag = "Meetings", operation_id = op::GET_REGISTRANT.id,
    params(
        ("meetingId" = String, Path, description = "The id of the series.", example = "870f51ff287b41be84648412901e0402"),
        ("registrantId" = String, Path, description = "The registrant's id."),
        ("hostEmail" = Option<String>, Query, description = "Only if this person hosts the meeting; otherwise it is not found."),
    ),
    responses((status = 200, description = "The registrant.", body = wire::Registrant), Errors)
)]
pub(super) async fn get_registrant(
    State(app): State<AppState>,
    caller: Caller,
    Path((id, registrant)): Path<(String, String)>,
    query: Query,
) -> WebexResult<Response> {
    let meeting = readable(&app, &caller, &id, &query).await?;
    let found = app.store.find_registrant(caller.account, meeting.kind, meeting.number, &registrant).await?;
    let found = found.filter(counts).ok_or_else(|| unknown(&registrant))?;
    Ok(utf8_json(&shown(&found)))
}

/// Deletes a registrant.
#[utoipa::path(
    delete, path = op::DELETE_REGISTRANT.path, tag = "Meetings", operation_id = op::DELETE_REGISTRANT.id,
    params(
        ("meetingId" = String, Path, description = "The id of the series.", example = "870f51ff287b41be84648412901e0402"),
        ("registrantId" = String, Path, description = "The registrant's id."),
        ("hostEmail" = Option<String>, Query, description = "Only if this person hosts the meeting; otherwise it is not found."),
    ),
    responses((status = 204, description = "It was deleted."), ChangeErrors)
)]
pub(super) async fn delete_registrant(
    State(app): State<AppState>,
    caller: Caller,
    Path((id, registrant)): Path<(String, String)>,
    query: Query,
) -> WebexResult<StatusCode> {
    let meeting = changeable(&app, &caller, &id, &query).await?;
    delete(&app, &caller, &meeting, &registrant).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete(app: &App, caller: &Caller, meeting: &Meeting, id: &str) -> WebexResult<()> {
    match app.store.delete_registrant(caller.account, meeting.kind, meeting.number, id, None).await? {
        true => Ok(()),
        false => Err(unknown(id)),
    }
}

/// Defines the operations that change several registrants.
macro_rules! in_bulk {
    ($($(#[$about:meta])* $name:ident = $operation:ident, $status:expr;)+) => {
        $(
            $(#[$about])*
            #[utoipa::path(
                post, path = op::$operation.path, tag = "Meetings", operation_id = op::$operation.id,
                params(
                    ("meetingId" = String, Path, description = "The id of the series.", example = "870f51ff287b41be84648412901e0402"),
                    ("hostEmail" = Option<String>, Query, description = "Only if this person hosts the meeting; otherwise it is not found."),
                ),
                request_body = wire::RegistrantIds,
                responses((status = 204, description = "All of them were changed."), ChangeErrors)
            )]
            pub(super) async fn $name(
                State(app): State<AppState>,
                caller: Caller,
                Path(id): Path<String>,
                query: Query,
                JsonBody(body): JsonBody,
            ) -> WebexResult<StatusCode> {
                change_all(&app, &caller, &id, &query, &body, $status).await
            }
        )+
    };
}

in_bulk! {
    /// Approves registrants: all of them or nobody. No email is sent.
    approve_registrants = APPROVE_REGISTRANTS, Some("approved");
    /// Rejects registrants: all of them or nobody. No email is sent.
    reject_registrants = REJECT_REGISTRANTS, Some("denied");
    /// Cancels registrations: all of them or none. Lists omit them from now on. No email is sent.
    cancel_registrants = CANCEL_REGISTRANTS, Some("cancelled");
    /// Deletes registrants.
    delete_registrants = DELETE_REGISTRANTS, None;
}

async fn change_all(
    app: &App,
    caller: &Caller,
    id: &str,
    query: &Query,
    body: &[u8],
    status: Option<&str>,
) -> WebexResult<StatusCode> {
    let ids = registrant_ids(body)?;
    let meeting = changeable(app, caller, id, query).await?;
    for id in &ids {
        let found = app.store.find_registrant(caller.account, meeting.kind, meeting.number, id).await?;
        found.ok_or_else(|| unknown(id))?;
    }
    match status {
        Some(status) => {
            let form = form_of(app, caller, &meeting).await?;
            let people: Vec<RegistrantRef> =
                ids.into_iter().map(|id| RegistrantRef { id, email: Text::default() }).collect();
            let change = change(app, &meeting, form.as_ref());
            app.store.set_registrant_status(caller.account, change, &people, status).await?;
        }
        None => {
            for id in &ids {
                delete(app, caller, &meeting, id).await?;
            }
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
