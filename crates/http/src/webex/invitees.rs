//! `/v1/meetingInvitees` (second part of the Webex reference, section 4).

use std::collections::HashSet;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use rollcall_auth::Caller;
use rollcall_model::{Document, DocumentOwner, Text, draw};
use rollcall_store::DocumentQuery;
use rollcall_webex::operations as op;
use rollcall_webex::{
    documents::INVITEES,
    rules::{self, invitee_change},
    run,
    status::Status,
    wire,
};
use serde_json::{Map, Value, json};

use super::{
    error::{WebexError, WebexResult},
    extract::{JsonBody, Query},
    paging::{Paging, utf8_json},
    planned::{check_host, find_to_change},
    responses::{ChangeErrors, Errors},
    runs::{find_run, unknown_run},
};
use crate::state::{App, AppState};

const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 100;
/// Maximum number of invitees of a meeting.
const MAX_OF_MEETING: usize = 5_000;

/// Lists a meeting's invitees.
#[utoipa::path(
    get, path = op::LIST_INVITEES.path, tag = "Meeting Invitees", operation_id = op::LIST_INVITEES.id,
    params(
        ("meetingId" = String, Query, description = "The id of a series, a scheduled meeting or a run; a run has its series' invitees.", example = "870f51ff287b41be84648412901e0402"),
        ("hostEmail" = Option<String>, Query, description = "Only if this person hosts the meeting; otherwise it is not found."),
        ("panelist" = Option<bool>, Query, description = "Only panelists, or only the others."),
        ("max" = Option<usize>, Query, description = "Maximum size of a page, at most 100. Default: 10.", example = 100),
    ),
    responses((status = 200, description = "The invitees, ordered by address. A `Link` header points to the next page.", body = wire::Invitees), Errors)
)]
pub(super) async fn list_invitees(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    query: Query,
) -> WebexResult<Response> {
    let id = query.get("meetingId").ok_or_else(|| WebexError::bad_request("'meetingId' cannot be empty"))?;
    let panelist = match query.get("panelist") {
        None | Some("null") => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return Err(WebexError::bad_request("'panelist' must be true or false")),
    };
    let paging = Paging::read(&app, &caller, &uri, DEFAULT_PAGE, MAX_PAGE)?;
    let owner = readable(&app, &caller, id, query.get("hostEmail")).await?;
    let mut all: Vec<(String, Value)> = of_meeting(&app, &caller, &owner).await?;
    all.retain(|(_, invitee)| panelist.is_none_or(|asked| invitee["panelist"].as_bool().unwrap_or(false) == asked));
    let after = paging.after::<String>()?;
    let rest = all.into_iter().filter(|(place, _)| after.as_ref().is_none_or(|after| place > after));
    let mut page: Vec<(String, Value)> = rest.take(paging.size + 1).collect();
    let has_more = page.len() > paging.size;
    page.truncate(paging.size);
    let next = page.last().filter(|_| has_more).map(|(place, _)| place.clone());
    let items: Vec<Value> = page.into_iter().map(|(_, invitee)| invitee).collect();
    Ok(paging.answer(&headers, utf8_json(&json!({ "items": items })), next))
}

/// Returns the owner of the invitees of a meeting or a run that the caller may read.
async fn readable(app: &App, caller: &Caller, id: &str, host_email: Option<&str>) -> WebexResult<DocumentOwner> {
    let (host_id, email, owner) = match app.store.find_series(caller.account, id).await? {
        Some(meeting) => (meeting.host_id, meeting.host_email, Text::from(id)),
        None => {
            let run = find_run(app, caller, id).await?.ok_or_else(|| unknown_run(id))?;
            (run.instance.host_id.clone(), run.instance.host_email.clone(), run::series_id(&run.instance))
        }
    };
    check_host(app, caller, host_id.as_ref(), email.as_ref(), op::ADMIN_SCHEDULES_READ).await?;
    let is_host = |asked: &str| email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(asked));
    if host_email.is_some_and(|asked| !is_host(asked)) {
        return Err(unknown_run(id));
    }
    Ok(DocumentOwner::Record(owner))
}

/// Returns a meeting's invitees with their places, in order: by address, then by id.
async fn of_meeting(app: &App, caller: &Caller, owner: &DocumentOwner) -> WebexResult<Vec<(String, Value)>> {
    let query = DocumentQuery::all(INVITEES, owner.clone());
    let found = app.store.list_documents(caller.account, &query, None, MAX_OF_MEETING).await?;
    let mut all: Vec<(String, Value)> = found
        .into_iter()
        .filter_map(|(_, document)| {
            let invitee: Value = serde_json::from_str(&document.json).ok()?;
            Some((format!("{}\n{}", email_of(&invitee), document.key), invitee))
        })
        .collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(all)
}

fn email_of(invitee: &Value) -> String {
    invitee["email"].as_str().unwrap_or_default().to_lowercase()
}

/// Returns a new invitee of a meeting, with an id.
pub(super) fn new_invitee(app: &App, meeting_id: &str, invitee: Map<String, Value>) -> Value {
    let digits = u64::from_be_bytes(draw(&*app.entropy)) % 1_000_000_000_000;
    completed(meeting_id, &format!("{meeting_id}_{digits}"), invitee)
}

/// Returns an invitee with all its fields.
fn completed(meeting_id: &str, id: &str, mut invitee: Map<String, Value>) -> Value {
    if !invitee.contains_key("displayName") {
        let email = invitee.get("email").cloned().unwrap_or_default();
        invitee.insert("displayName".to_owned(), email);
    }
    for key in ["coHost", "panelist"] {
        invitee.entry(key).or_insert(false.into());
    }
    invitee.insert("id".to_owned(), id.into());
    invitee.insert("meetingId".to_owned(), meeting_id.into());
    invitee.into()
}

/// Returns the document of an invitee with all its fields.
pub(super) fn document(invitee: &Value) -> Document {
    let text = |key: &str| Text::from(invitee[key].as_str().unwrap_or_default());
    Document {
        kind: Text::const_new(INVITEES),
        owner: DocumentOwner::Record(text("meetingId")),
        key: text("id"),
        time: None,
        json: invitee.to_string(),
    }
}

fn already_invited(email: &str) -> WebexError {
    WebexError::new(Status::Conflict, format!("'email' is already invited to the meeting: '{email}'"))
}

/// Invites somebody to a meeting. No email is sent.
#[utoipa::path(
    post, path = op::CREATE_INVITEE.path, tag = "Meeting Invitees", operation_id = op::CREATE_INVITEE.id,
    request_body = wire::InviteeBody,
    responses((status = 200, description = "The invitee.", body = wire::Invitee), ChangeErrors)
)]
pub(super) async fn create_invitee(
    State(app): State<AppState>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> WebexResult<Response> {
    let (id, invitee) = rules::invitee(&body)?;
    let created = create(&app, &caller, &id, vec![invitee]).await?;
    Ok(utf8_json(&created.into_iter().next().unwrap_or_default()))
}

/// Invites several people to a meeting: all of them or none. No email is sent.
#[utoipa::path(
    post, path = op::CREATE_INVITEES.path, tag = "Meeting Invitees", operation_id = op::CREATE_INVITEES.id,
    request_body = wire::InviteesBody,
    responses((status = 200, description = "The invitees.", body = wire::Invitees), ChangeErrors)
)]
pub(super) async fn create_invitees(
    State(app): State<AppState>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> WebexResult<Response> {
    let (id, invitees) = rules::invitees(&body)?;
    let created = create(&app, &caller, &id, invitees).await?;
    Ok(utf8_json(&json!({ "items": created })))
}

async fn create(app: &App, caller: &Caller, id: &str, invitees: Vec<Map<String, Value>>) -> WebexResult<Vec<Value>> {
    find_to_change(app, caller, id).await?;
    let owner = DocumentOwner::Record(id.into());
    let known: Vec<(String, Value)> = of_meeting(app, caller, &owner).await?;
    if known.len() + invitees.len() > MAX_OF_MEETING {
        let sentence = format!("the meeting would have more than {MAX_OF_MEETING} invitees, the maximum");
        return Err(WebexError::bad_request(sentence));
    }
    let known: HashSet<String> = known.iter().map(|(_, invitee)| email_of(invitee)).collect();
    for invitee in &invitees {
        let email = invitee.get("email").and_then(Value::as_str).unwrap_or_default();
        if known.contains(&email.to_lowercase()) {
            return Err(already_invited(email));
        }
    }
    let created: Vec<Value> = invitees.into_iter().map(|invitee| new_invitee(app, id, invitee)).collect();
    let documents: Vec<Document> = created.iter().map(document).collect();
    app.store.put_documents(caller.account, &documents).await?;
    Ok(created)
}

/// Gets an invitee.
#[utoipa::path(
    get, path = op::GET_INVITEE.path, tag = "Meeting Invitees", operation_id = op::GET_INVITEE.id,
    params(
        ("meetingInviteeId" = String, Path, description = "The invitee's id.", example = "870f51ff287b41be84648412901e0402_2628962"),
        ("hostEmail" = Option<String>, Query, description = "Only if this person hosts the meeting; otherwise it is not found."),
    ),
    responses((status = 200, description = "The invitee.", body = wire::Invitee), Errors)
)]
pub(super) async fn get_invitee(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> WebexResult<Response> {
    let (_, invitee) = find(&app, &caller, &id).await?;
    let meeting = invitee["meetingId"].as_str().unwrap_or_default().to_owned();
    readable(&app, &caller, &meeting, query.get("hostEmail")).await?;
    Ok(utf8_json(&invitee))
}

/// Returns an invitee with the id of the meeting that it is stored under.
async fn find(app: &App, caller: &Caller, id: &str) -> WebexResult<(String, Value)> {
    let unknown = || WebexError::new(Status::NotFound, format!("unknown 'meetingInviteeId': {id}"));
    let (meeting, _) = id.rsplit_once('_').ok_or_else(unknown)?;
    let owner = DocumentOwner::Record(meeting.into());
    let found = app.store.find_document(caller.account, INVITEES, &owner, id).await?.ok_or_else(unknown)?;
    let invitee = serde_json::from_str(&found.json).map_err(|_| unknown())?;
    Ok((meeting.to_owned(), invitee))
}

/// Replaces an invitee. No email is sent.
#[utoipa::path(
    put, path = op::UPDATE_INVITEE.path, tag = "Meeting Invitees", operation_id = op::UPDATE_INVITEE.id,
    params(("meetingInviteeId" = String, Path, description = "The invitee's id.", example = "870f51ff287b41be84648412901e0402_2628962")),
    request_body = wire::InviteeBody,
    responses((status = 200, description = "The invitee.", body = wire::Invitee), ChangeErrors)
)]
pub(super) async fn update_invitee(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> WebexResult<Response> {
    let change = invitee_change(&body)?;
    let (meeting, _) = find(&app, &caller, &id).await?;
    find_to_change(&app, &caller, &meeting).await?;
    let email = change.get("email").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let others = of_meeting(&app, &caller, &DocumentOwner::Record(meeting.as_str().into())).await?;
    if others.iter().any(|(_, other)| email_of(other) == email && other["id"] != id.as_str()) {
        return Err(already_invited(&email));
    }
    let invitee = completed(&meeting, &id, change);
    app.store.put_documents(caller.account, &[document(&invitee)]).await?;
    Ok(utf8_json(&invitee))
}

/// Deletes an invitee. No email is sent.
#[utoipa::path(
    delete, path = op::DELETE_INVITEE.path, tag = "Meeting Invitees", operation_id = op::DELETE_INVITEE.id,
    params(
        ("meetingInviteeId" = String, Path, description = "The invitee's id.", example = "870f51ff287b41be84648412901e0402_2628962"),
        ("sendEmail" = Option<bool>, Query, description = "Has no effect: Rollcall sends no email."),
    ),
    responses((status = 204, description = "It was deleted."), ChangeErrors)
)]
pub(super) async fn delete_invitee(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> WebexResult<StatusCode> {
    let (meeting, _) = find(&app, &caller, &id).await?;
    find_to_change(&app, &caller, &meeting).await?;
    let owner = DocumentOwner::Record(meeting.into());
    app.store.delete_document(caller.account, INVITEES, &owner, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
