//! User-level scopes: scopes without `:admin` or `:master` cover only the records of the user that the token acts for.
//! Looks up the id in an operation's path before its handler runs.

use axum::{
    extract::{FromRequestParts as _, RawPathParams},
    http::request::Parts,
};
use rollcall_model::{InstanceRef, Meeting, MeetingKind, MeetingNumber, Scopes, Subject, User, UserId};
use rollcall_store::{Result, Store, StoredInstance};

use super::Caller;

/// Returns whether a scope covers only the records of the user that a token acts for. Zoom marks the others with
/// `:admin` or `:master`; Webex calls them `admin_…` or puts them into separate families.
#[must_use]
pub fn is_own_scope(scope: &str) -> bool {
    let mut parts = scope.split(':');
    match (parts.next(), parts.next()) {
        (Some("user" | "meeting" | "webinar"), Some("read" | "write" | "update" | "delete")) => {
            !matches!(parts.next_back(), Some("admin" | "master"))
        }
        (Some("meeting"), Some(name)) => name.starts_with("schedules_") || name.starts_with("preferences_"),
        _ => false,
    }
}

/// Returns whether tokens with these scopes open nothing without a user: all cover only the records of one.
#[must_use]
pub fn needs_user(scopes: &Scopes) -> bool {
    match scopes {
        Scopes::All => false,
        Scopes::Listed(names) => names.iter().all(is_own_scope),
    }
}

/// Returns whether the record in the path is the caller's own. Also false if it does not exist, so that the response
/// does not reveal which records others have.
pub(crate) async fn is_own(store: &dyn Store, caller: &Caller, subject: Subject, parts: &mut Parts) -> Result<bool> {
    if subject == Subject::Query {
        return Ok(true);
    }
    let Some(user_id) = &caller.user else { return Ok(false) };
    let Ok(params) = RawPathParams::from_request_parts(parts, &()).await else { return Ok(false) };
    let Some(id) = params.iter().next().map(|(_, id)| id.to_owned()) else { return Ok(false) };
    match subject {
        Subject::Account | Subject::Query => Ok(false),
        Subject::User if id == "me" || id == user_id.as_str() => Ok(true),
        Subject::User => {
            let named = store.find_user(caller.account, &id).await?;
            Ok(named.is_some_and(|named| named.id == user_id.as_str()))
        }
        Subject::Meeting(kind) => {
            let Ok(number) = rollcall_zoom::path::decode_id(&id).parse::<MeetingNumber>() else { return Ok(false) };
            let user = store.find_user(caller.account, user_id.as_str()).await?;
            hosts_meeting(store, caller, kind, number, user_id, user.as_ref()).await
        }
        Subject::Instance(kind) => {
            let Ok(instance) = rollcall_zoom::path::decode_id(&id).parse::<InstanceRef>() else { return Ok(false) };
            let user = store.find_user(caller.account, user_id.as_str()).await?;
            match store.find_instance(caller.account, kind, &instance, None).await? {
                Some(stored) => hosts_instance(store, caller, &stored, user_id, user.as_ref()).await,
                None => Ok(false),
            }
        }
    }
}

async fn hosts_meeting(
    store: &dyn Store,
    caller: &Caller,
    kind: MeetingKind,
    number: MeetingNumber,
    user_id: &UserId,
    user: Option<&User>,
) -> Result<bool> {
    let meeting = store.find_meeting(caller.account, kind, number).await?;
    let Some(Meeting { host_id, host_email, .. }) = meeting else { return Ok(false) };
    if let Some(is_host) = is_host(host_id.as_ref(), host_email.as_deref(), user_id, user) {
        return Ok(is_host);
    }
    let latest = store.find_instance(caller.account, kind, &InstanceRef::Latest(number), None).await?;
    let instance = latest.map(|stored| stored.instance);
    Ok(instance
        .and_then(|instance| is_host(instance.host_id.as_ref(), instance.host_email.as_deref(), user_id, user))
        .unwrap_or(false))
}

async fn hosts_instance(
    store: &dyn Store,
    caller: &Caller,
    StoredInstance { instance, .. }: &StoredInstance,
    user_id: &UserId,
    user: Option<&User>,
) -> Result<bool> {
    if let Some(is_host) = is_host(instance.host_id.as_ref(), instance.host_email.as_deref(), user_id, user) {
        return Ok(is_host);
    }
    let Some(number) = instance.number else { return Ok(false) };
    let meeting = store.find_meeting(caller.account, instance.kind, number).await?;
    Ok(meeting
        .and_then(|meeting| is_host(meeting.host_id.as_ref(), meeting.host_email.as_deref(), user_id, user))
        .unwrap_or(false))
}

/// Returns whether the user is the host; `None` if no source reported a host. The id decides, if it was reported.
fn is_host(host_id: Option<&UserId>, host_email: Option<&str>, user_id: &UserId, user: Option<&User>) -> Option<bool> {
    let told = |text: &&str| !text.is_empty();
    match (host_id.map(UserId::as_str).filter(told), host_email.filter(told)) {
        (Some(id), _) => Some(id == user_id.as_str()),
        (None, Some(email)) => {
            Some(user.is_some_and(|user| !user.email.is_empty() && email.to_lowercase() == user.email.to_lowercase()))
        }
        (None, None) => None,
    }
}
