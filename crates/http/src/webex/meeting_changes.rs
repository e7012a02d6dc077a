//! `POST /v1/meetings`, `PUT`, `PATCH` and `DELETE /v1/meetings/{meetingId}`: scheduling (Webex reference, section 5).

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use rollcall_auth::Caller;
use rollcall_model::{DocumentOwner, Meeting, Site, Text, User, draw};
use rollcall_store::StoreError;
use rollcall_webex::operations as op;
use rollcall_webex::{
    meeting::scheduled,
    person,
    rules::{MeetingDraft, changed, meeting_codes, parse_change},
    status::Status,
    wire,
};
use serde_json::{Map, Value, json};

use super::{
    error::{WebexError, WebexResult},
    extract::{JsonBody, Query},
    invitees,
    paging::utf8_json,
    planned::{check_named_host, find_to_change, new_host, show, show_whole},
    registration,
    responses::ChangeErrors,
    runs::Place,
    sites::named_in_body,
};
use crate::state::{App, AppState};

/// Attempts to find a number that no other meeting has.
const ATTEMPTS: usize = 5;

/// Creates a meeting.
///
/// The meeting exists in Rollcall only: nobody can join it, and no email is sent. It gets a random number and, unless the
/// body has one, a random password.
#[utoipa::path(
    post, path = op::CREATE_MEETING.path, tag = "Meetings", operation_id = op::CREATE_MEETING.id,
    request_body = wire::CreateMeeting,
    responses((status = 200, description = "The meeting.", body = wire::Meeting), ChangeErrors)
)]
pub(super) async fn create_meeting(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> WebexResult<Response> {
    let mut draft = MeetingDraft::from_slice(&body, app.now())?;
    let site = match &draft.site_url {
        Some(url) => Some(named_in_body(&app, &caller, url).await?),
        None => app.store.sites(caller.account).await?.into_iter().find(|site| site.is_default),
    };
    let host = new_host(&app, &caller, draft.host_email.as_deref()).await?;
    let codes = codes(&app, &caller, site.as_ref(), &host, draft.fields.get("trackingCodes")).await?;
    if draft.scheduled_type.as_deref() != Some("personalRoomMeeting") && !codes.is_empty() {
        draft.fields.insert("trackingCodes".to_owned(), codes.into());
    }
    let timezone = draft.fields.get("timezone").and_then(Value::as_str).map(Text::from);
    for _ in 0..ATTEMPTS {
        let shown = Value::Object(new_fields(&app, &draft, site.as_ref(), &host));
        let mut meeting = scheduled(&shown, timezone.clone(), None).map_err(too_large)?;
        meeting.created_at = Some(app.now());
        put_documents(&app, &caller, &meeting, &draft).await?;
        match app.store.write_series(caller.account, &meeting, true).await {
            Ok(()) => return Ok(utf8_json(&show_whole(&app, &caller, &headers, &meeting).await?)),
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(WebexError::new(Status::Conflict, "no free meeting number was found; try again"))
}

fn too_large(reason: String) -> WebexError {
    WebexError::bad_request(reason)
}

/// Returns the fields of a new meeting as they are shown.
fn new_fields(app: &App, draft: &MeetingDraft, site: Option<&Site>, host: &User) -> Map<String, Value> {
    let random: [u8; 32] = draw(&*app.entropy);
    let id = HEXLOWER.encode(&random[..16]);
    let number = random[16..24].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let mut fields = draft.fields.clone();
    let mut set = |key: &str, value: Value| drop(fields.insert(key.to_owned(), value));
    set("meetingNumber", (1_000_000_000 + number % 9_000_000_000).to_string().into());
    set("meetingType", "meetingSeries".into());
    set("state", "active".into());
    set("hostUserId", person::id_of(&host.user_id()).as_str().into());
    set("hostEmail", host.email.as_str().into());
    if let Some(name) = host.display_name.as_deref().filter(|name| !name.is_empty()) {
        set("hostDisplayName", name.into());
    }
    set("scheduledType", draft.scheduled_type.as_deref().unwrap_or("meeting").into());
    if let Some(site) = site {
        let name = site.url.split('.').next().unwrap_or_default();
        set("siteUrl", site.url.as_str().into());
        set("webLink", format!("https://{}/{name}/j.php?MTID=m{}", site.url, HEXLOWER.encode(&random[8..24])).into());
    }
    set("id", id.into());
    let is_open = fields.get("excludePassword") == Some(&Value::Bool(true));
    if !is_open && !fields.contains_key("password") {
        fields.insert("password".to_owned(), BASE32_NOPAD.encode(&random[24..29]).to_lowercase().into());
    }
    fields
}

/// Writes the invitees and the registration form of a new meeting.
async fn put_documents(app: &App, caller: &Caller, meeting: &Meeting, draft: &MeetingDraft) -> WebexResult<()> {
    let id = meeting.series_id.clone().unwrap_or_default();
    let mut documents = Vec::new();
    for invitee in &draft.invitees {
        if let Value::Object(invitee) = invitee {
            documents.push(invitees::document(&invitees::new_invitee(app, &id, invitee.clone())));
        }
    }
    if let Some(form) = &draft.registration {
        documents.push(registration::form_document(DocumentOwner::Record(id), form));
    }
    Ok(app.store.put_documents(caller.account, &documents).await?)
}

/// Returns a meeting's values of tracking codes, those given and the defaults.
async fn codes(
    app: &App,
    caller: &Caller,
    site: Option<&Site>,
    host: &User,
    given: Option<&Value>,
) -> WebexResult<Vec<Value>> {
    let given = given.and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(site) = site else { return Ok(given) };
    let codes = app.store.tracking_codes(caller.account, &site.url).await?;
    let own = app.store.user_tracking_codes(caller.account, &site.url, &host.user_id()).await?;
    Ok(meeting_codes(&given, &codes, &own)?)
}

/// Replaces a meeting.
///
/// Optional fields that the body omits are cleared, except the title, the password, the times and the time zone.
#[utoipa::path(
    put, path = op::UPDATE_MEETING.path, tag = "Meetings", operation_id = op::UPDATE_MEETING.id,
    params(("meetingId" = String, Path, description = "The id of the series or the scheduled meeting.", example = "870f51ff287b41be84648412901e0402")),
    request_body = wire::ChangeMeeting,
    responses((status = 200, description = "The meeting.", body = wire::Meeting), ChangeErrors)
)]
pub(super) async fn update_meeting(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> WebexResult<Response> {
    change(&app, &caller, &id, &headers, &body, true).await
}

/// Changes a meeting.
///
/// Only the body's fields change. `agenda`, `recurrence` and `trackingCodes` are cleared with null.
#[utoipa::path(
    patch, path = op::PATCH_MEETING.path, tag = "Meetings", operation_id = op::PATCH_MEETING.id,
    params(("meetingId" = String, Path, description = "The id of the series or the scheduled meeting.", example = "870f51ff287b41be84648412901e0402")),
    request_body = wire::ChangeMeeting,
    responses((status = 200, description = "The meeting.", body = wire::Meeting), ChangeErrors)
)]
pub(super) async fn patch_meeting(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> WebexResult<Response> {
    change(&app, &caller, &id, &headers, &body, false).await
}

async fn change(
    app: &App,
    caller: &Caller,
    id: &str,
    headers: &HeaderMap,
    body: &[u8],
    whole: bool,
) -> WebexResult<Response> {
    let mut body = parse_change(body)?;
    let earlier = find_to_change(app, caller, id).await?;
    check_named_host(&earlier, body.get("hostEmail").and_then(Value::as_str), id)?;
    let utc = Place::utc(app, caller.account).await?;
    let Value::Object(shown) = show(&utc, &earlier) else { return Err(super::runs::unknown_run(id)) };
    // Checked first, so that the codes are a list.
    changed(&shown, &body, whole, app.now())?;
    if let Some(given) = body.get("trackingCodes").filter(|given| !given.is_null()).cloned() {
        let sites = app.store.sites(caller.account).await?;
        let site = sites.into_iter().find(|site| shown.get("siteUrl") == Some(&json!(site.url)));
        let host = earlier.host_id.as_ref().map(|id| User { id: id.0.clone(), ..User::default() }).unwrap_or_default();
        body.insert("trackingCodes".to_owned(), codes(app, caller, site.as_ref(), &host, Some(&given)).await?.into());
    }
    let next = changed(&shown, &body, whole, app.now())?;
    let timezone = body.get("timezone").and_then(Value::as_str).map(Text::from);
    let meeting = scheduled(&Value::Object(next), timezone, Some(&earlier)).map_err(too_large)?;
    app.store.write_series(caller.account, &meeting, false).await?;
    Ok(utf8_json(&show_whole(app, caller, headers, &meeting).await?))
}

/// Deletes a meeting.
///
/// Lists omit it from now on. Its runs, with attendances and quality, stay.
#[utoipa::path(
    delete, path = op::DELETE_MEETING.path, tag = "Meetings", operation_id = op::DELETE_MEETING.id,
    params(
        ("meetingId" = String, Path, description = "The id of the series or the scheduled meeting.", example = "870f51ff287b41be84648412901e0402"),
        ("hostEmail" = Option<String>, Query, description = "Only if this person hosts the meeting; otherwise it is not found."),
        ("sendEmail" = Option<bool>, Query, description = "Has no effect: Rollcall sends no email."),
    ),
    responses((status = 204, description = "It was deleted."), ChangeErrors)
)]
pub(super) async fn delete_meeting(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    query: Query,
) -> WebexResult<StatusCode> {
    let meeting = find_to_change(&app, &caller, &id).await?;
    check_named_host(&meeting, query.get("hostEmail"), &id)?;
    app.store.delete_series(caller.account, &id, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
