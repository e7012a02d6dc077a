//! `/v1/meetings/{meetingId}/registration` and `/v1/meetings/{meetingId}/invitationSources` (second part of the Webex
//! reference, sections 1 and 3).

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use data_encoding::HEXLOWER;
use rollcall_auth::Caller;
use rollcall_model::{Document, DocumentOwner, Meeting, MeetingKind, Text, draw};
use rollcall_store::DocumentQuery;
use rollcall_webex::operations as op;
use rollcall_webex::{
    documents::{REGISTRATION, SOURCES},
    rules::{self, MAX_SOURCES, invitation_sources},
    status::Status,
    wire,
};
use serde_json::{Map, Value, json};

use super::{
    error::{WebexError, WebexResult},
    extract::{JsonBody, Query},
    paging::utf8_json,
    planned::{check_named_host, find_to_change, find_to_read, owner, registration, show},
    responses::{ChangeErrors, Errors},
    runs::Place,
};
use crate::state::{App, AppState};

/// Maximum number of invitation sources of a webinar.
const MAX_OF_WEBINAR: usize = 1_000;

/// Gets the registration form of a meeting.
#[utoipa::path(
    get, path = op::GET_REGISTRATION.path, tag = "Meetings", operation_id = op::GET_REGISTRATION.id,
    params(
        ("meetingId" = String, Path, description = "The id of the series.", example = "870f51ff287b41be84648412901e0402"),
        ("hostEmail" = Option<String>, Query, description = "Only if this person hosts the meeting; otherwise it is not found."),
    ),
    responses((status = 200, description = "The form.", body = wire::RegistrationForm), Errors)
)]
pub(super) async fn get_registration(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> WebexResult<Response> {
    let meeting = series(find_to_read(&app, &caller, &id).await?, &id)?;
    check_named_host(&meeting, query.get("hostEmail"), &id)?;
    let none = || WebexError::new(Status::NotFound, "the meeting requires no registration");
    Ok(utf8_json(&form_of(&app, &caller, &meeting).await?.ok_or_else(none)?))
}

/// Returns a meeting's form: the one that was set, or else the one that was imported with the meeting.
pub(super) async fn form_of(app: &App, caller: &Caller, meeting: &Meeting) -> WebexResult<Option<Value>> {
    if let Some(form) = registration(app, caller, meeting).await? {
        return Ok(Some(form));
    }
    let place = Place::utc(app, caller.account).await?;
    Ok(show(&place, meeting).get("registration").filter(|form| form.is_object()).cloned())
}

/// Returns the meeting if it is a series: its meetings have no form of their own.
pub(super) fn series(meeting: Meeting, id: &str) -> WebexResult<Meeting> {
    if id.contains('_') {
        let sentence = "'meetingId' is the id of a scheduled meeting; use that of the series";
        return Err(WebexError::bad_request(sentence));
    }
    Ok(meeting)
}

/// Returns the host's address in the header `hostEmail`.
fn host_header(headers: &HeaderMap) -> Option<&str> {
    headers.get("hostEmail")?.to_str().ok()
}

/// Sets the registration form of a meeting.
#[utoipa::path(
    put, path = op::UPDATE_REGISTRATION.path, tag = "Meetings", operation_id = op::UPDATE_REGISTRATION.id,
    params(("meetingId" = String, Path, description = "The id of the series.", example = "870f51ff287b41be84648412901e0402")),
    request_body = wire::RegistrationForm,
    responses((status = 200, description = "The form.", body = wire::RegistrationForm), ChangeErrors)
)]
pub(super) async fn update_registration(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> WebexResult<Response> {
    let form = rules::registration(&body)?;
    let meeting = series(find_to_change(&app, &caller, &id).await?, &id)?;
    let document = form_document(owner(&meeting), &form);
    app.store.put_documents(caller.account, &[document]).await?;
    Ok(utf8_json(&form))
}

/// Returns the document of a registration form.
pub(super) fn form_document(owner: DocumentOwner, form: &Map<String, Value>) -> Document {
    Document {
        kind: Text::const_new(REGISTRATION),
        owner,
        key: Text::default(),
        time: None,
        json: json!(form).to_string(),
    }
}

/// Deletes the registration form of a meeting.
#[utoipa::path(
    delete, path = op::DELETE_REGISTRATION.path, tag = "Meetings", operation_id = op::DELETE_REGISTRATION.id,
    params(
        ("meetingId" = String, Path, description = "The id of the series.", example = "870f51ff287b41be84648412901e0402"),
        ("hostEmail" = Option<String>, Header, description = "Only if this person hosts the meeting; otherwise it is not found."),
    ),
    responses((status = 204, description = "It was deleted."), ChangeErrors)
)]
pub(super) async fn delete_registration(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> WebexResult<StatusCode> {
    let meeting = series(find_to_change(&app, &caller, &id).await?, &id)?;
    check_named_host(&meeting, host_header(&headers), &id)?;
    if app.store.delete_document(caller.account, REGISTRATION, &owner(&meeting), "").await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(WebexError::new(Status::NotFound, "the meeting requires no registration"))
}

/// Lists the invitation sources of a webinar.
#[utoipa::path(
    get, path = op::LIST_INVITATION_SOURCES.path, tag = "Meetings", operation_id = op::LIST_INVITATION_SOURCES.id,
    params(
        ("meetingId" = String, Path, description = "The id of the webinar.", example = "870f51ff287b41be84648412901e0402"),
        ("hostEmail" = Option<String>, Header, description = "Only if this person hosts the webinar; otherwise it is not found."),
    ),
    responses((status = 200, description = "The sources; the list is not paged.", body = wire::InvitationSources), Errors)
)]
pub(super) async fn list_invitation_sources(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> WebexResult<Response> {
    let meeting = webinar(find_to_read(&app, &caller, &id).await?)?;
    check_named_host(&meeting, host_header(&headers), &id)?;
    Ok(utf8_json(&json!({ "items": sources(&app, &caller, &meeting).await? })))
}

fn webinar(meeting: Meeting) -> WebexResult<Meeting> {
    match meeting.kind {
        MeetingKind::Webinar => Ok(meeting),
        MeetingKind::Meeting => {
            Err(WebexError::bad_request("'meetingId' is not the id of a webinar: only webinars have sources"))
        }
    }
}

async fn sources(app: &App, caller: &Caller, meeting: &Meeting) -> WebexResult<Vec<Value>> {
    let query = DocumentQuery::all(SOURCES, owner(meeting));
    let found = app.store.list_documents(caller.account, &query, None, MAX_OF_WEBINAR).await?;
    Ok(found.into_iter().filter_map(|(_, document)| serde_json::from_str(&document.json).ok()).collect())
}

/// Creates invitation sources of a webinar: all of them or none.
#[utoipa::path(
    post, path = op::CREATE_INVITATION_SOURCES.path, tag = "Meetings", operation_id = op::CREATE_INVITATION_SOURCES.id,
    params(("meetingId" = String, Path, description = "The id of the webinar.", example = "870f51ff287b41be84648412901e0402")),
    request_body = wire::InvitationSourcesBody,
    responses((status = 200, description = "The new sources.", body = wire::InvitationSources), ChangeErrors)
)]
pub(super) async fn create_invitation_sources(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> WebexResult<Response> {
    let new = invitation_sources(&body)?;
    debug_assert!(new.len() <= MAX_SOURCES);
    let meeting = webinar(find_to_change(&app, &caller, &id).await?)?;
    let known = sources(&app, &caller, &meeting).await?;
    if known.len() + new.len() > MAX_OF_WEBINAR {
        let sentence = format!("the webinar would have more than {MAX_OF_WEBINAR} invitation sources, the maximum");
        return Err(WebexError::bad_request(sentence));
    }
    let number = |source: &Value| source["id"].as_str().and_then(|id| id.parse::<u64>().ok());
    let last = known.iter().filter_map(number).max().unwrap_or(0);
    let needs_registration = registration(&app, &caller, &meeting).await?.is_some();
    let place = Place::utc(&app, caller.account).await?;
    let shown = show(&place, &meeting);
    let (mut items, mut documents) = (Vec::with_capacity(new.len()), Vec::with_capacity(new.len()));
    for (index, mut source) in (1..).zip(new) {
        let id = (last + index).to_string();
        source.insert("id".to_owned(), id.clone().into());
        if let Some(site) = shown["siteUrl"].as_str() {
            let (key, prefix) = if needs_registration { ("registerLink", "RGID=r") } else { ("joinLink", "MTID=m") };
            let name = site.split('.').next().unwrap_or_default();
            let link = format!("https://{site}/{name}/j.php?{prefix}{}", HEXLOWER.encode(&draw::<16>(&*app.entropy)));
            source.insert(key.to_owned(), link.into());
        }
        let source = Value::Object(source);
        documents.push(Document {
            kind: Text::const_new(SOURCES),
            owner: owner(&meeting),
            key: id.into(),
            time: None,
            json: source.to_string(),
        });
        items.push(source);
    }
    app.store.put_documents(caller.account, &documents).await?;
    Ok(utf8_json(&json!({ "items": items })))
}
