//! Scheduled meetings: how requests specify one, whose it is, and how it is shown.

use axum::http::HeaderMap;
use rollcall_auth::{Caller, Denied};
use rollcall_model::{DocumentOwner, Meeting, Text, User, UserId};
use rollcall_webex::operations as op;
use rollcall_webex::{documents::REGISTRATION, extras::SERIES, meeting::series};
use serde_json::{Value, json};

use super::{
    error::{WebexError, WebexResult},
    extract::require,
    runs::{Place, find_run, unknown_run},
};
use crate::state::App;

/// Returns the meeting with that id, which the caller may change.
pub(super) async fn find_to_change(app: &App, caller: &Caller, id: &str) -> WebexResult<Meeting> {
    let found = find(app, caller, id).await?;
    check_host(app, caller, found.host_id.as_ref(), found.host_email.as_ref(), op::ADMIN_SCHEDULES_WRITE).await?;
    Ok(found)
}

/// Returns the meeting with that id, which the caller may read.
pub(super) async fn find_to_read(app: &App, caller: &Caller, id: &str) -> WebexResult<Meeting> {
    let found = find(app, caller, id).await?;
    check_host(app, caller, found.host_id.as_ref(), found.host_email.as_ref(), op::ADMIN_SCHEDULES_READ).await?;
    Ok(found)
}

async fn find(app: &App, caller: &Caller, id: &str) -> WebexResult<Meeting> {
    if let Some(found) = app.store.find_series(caller.account, id).await? {
        return Ok(found);
    }
    if find_run(app, caller, id).await?.is_some() {
        let sentence = "'meetingId' is the id of a run; use that of a series or of a scheduled meeting";
        return Err(WebexError::bad_request(sentence));
    }
    Err(unknown_run(id))
}

/// Rejects a caller without any of the scopes in `wide` who is not the host.
pub(super) async fn check_host(
    app: &App,
    caller: &Caller,
    host_id: Option<&UserId>,
    host_email: Option<&Text>,
    wide: &'static [&'static str],
) -> WebexResult<()> {
    if wide.iter().any(|scope| caller.scopes.contains(scope)) {
        return Ok(());
    }
    if let Some(own) = &caller.user {
        let user = app.store.find_user(caller.account, own.as_str()).await?;
        let is_email = |user: User| host_email.is_some_and(|email| email.eq_ignore_ascii_case(&user.email));
        if host_id == Some(own) || user.is_some_and(is_email) {
            return Ok(());
        }
    }
    Err(Denied::NotOwn(wide).into())
}

/// Rejects a request that specifies another host than the meeting's.
pub(super) fn check_named_host(meeting: &Meeting, host_email: Option<&str>, id: &str) -> WebexResult<()> {
    let is_host =
        |asked: &str| meeting.host_email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(asked.trim()));
    match host_email {
        Some(asked) if !is_host(asked) => Err(unknown_run(id)),
        _ => Ok(()),
    }
}

/// Returns the user who hosts a new meeting: the one with that address, or the one whom the token acts for.
pub(super) async fn new_host(app: &App, caller: &Caller, host_email: Option<&str>) -> WebexResult<User> {
    match (host_email, &caller.user) {
        (Some(email), _) => {
            let found = app.store.find_user(caller.account, email).await?;
            let found = found.ok_or_else(|| WebexError::bad_request("'hostEmail' is not a user of this account"))?;
            if caller.user.as_ref() != Some(&found.user_id()) {
                require(caller, op::ADMIN_SCHEDULES_WRITE)?;
            }
            Ok(found)
        }
        (None, Some(user)) => {
            let found = app.store.find_user(caller.account, user.as_str()).await?;
            found.ok_or_else(|| WebexError::bad_request("the access token's user does not exist; send 'hostEmail'"))
        }
        (None, None) => Err(WebexError::bad_request(
            "'hostEmail' cannot be empty: the access token acts for the account, not for a user",
        )),
    }
}

/// Returns a meeting as it is shown, with what Webex reported beyond the fields.
pub(super) fn show(place: &Place, meeting: &Meeting) -> Value {
    let item = place.show(|around| series(meeting, around));
    rollcall_extras::merged(meeting.extras.as_ref(), SERIES.name, &item).unwrap_or_else(|| json!(item))
}

/// Returns a meeting as it is shown on its own: with its registration form.
pub(super) async fn show_whole(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    meeting: &Meeting,
) -> WebexResult<Value> {
    let place = Place::of(app, caller, headers).await?;
    let mut shown = show(&place, meeting);
    if let Some(form) = registration(app, caller, meeting).await? {
        shown["registration"] = form;
    }
    Ok(shown)
}

/// Returns a meeting's registration form.
pub(super) async fn registration(app: &App, caller: &Caller, meeting: &Meeting) -> WebexResult<Option<Value>> {
    let found = app.store.find_document(caller.account, REGISTRATION, &owner(meeting), "").await?;
    Ok(found.and_then(|document| serde_json::from_str(&document.json).ok()))
}

/// Returns the owner of a meeting's documents.
pub(super) fn owner(meeting: &Meeting) -> DocumentOwner {
    DocumentOwner::Record(meeting.series_id.clone().unwrap_or_default())
}
