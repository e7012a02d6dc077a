//! `/api/v1/subscriptions`: queries whose results members get by mail.

mod body;

use axum::{
    Json,
    extract::{
        Path, State,
        rejection::{JsonRejection, PathRejection},
    },
    http::StatusCode,
};
use rollcall_auth::Caller;
use rollcall_mail::next_time;
use rollcall_model::{AccountId, Member, MemberId, Role};
use rollcall_store::{
    Mailed, NewSubscription, Pause, QuerySource, Schedule, StoreError, Subscription, SubscriptionChange, SubscriptionId,
};

use self::body::{Changing, Listed, Subscribing, Subscriptions, WeekdayName, checked_name, schedule, source, view};
use super::operations as op;
use super::{ApiError, ErrorBody, done};
use crate::state::{App, AppState};

/// Seconds after which somebody may try again who got too many mails within the hour.
const RETRY_SECONDS: u32 = 600;

/// Whose subscriptions a caller reaches.
#[derive(Clone, Copy)]
enum Reach {
    /// Those of everybody in the account.
    Account,
    /// Their own.
    Own(MemberId),
}

impl Reach {
    fn of(caller: &Caller) -> Self {
        match caller.member {
            Some((id, access)) if access.role() < Role::Administrator => Self::Own(id),
            _ => Self::Account,
        }
    }

    const fn member(self) -> Option<MemberId> {
        match self {
            Self::Account => None,
            Self::Own(member) => Some(member),
        }
    }
}

/// Lists subscriptions.
///
/// Administrators and tokens see those of all members, other members their own.
#[utoipa::path(
    get, path = op::LIST_SUBSCRIPTIONS.path, tag = "Subscriptions", operation_id = op::LIST_SUBSCRIPTIONS.id,
    responses(
        (status = 200, description = "The subscriptions, oldest first; an account has at most 500.", body = Subscriptions),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
    )
)]
pub(super) async fn list_subscriptions(
    State(app): State<AppState>,
    caller: Caller,
) -> Result<Json<Subscriptions>, ApiError> {
    let found = app.store.subscriptions(caller.account, Reach::of(&caller).member()).await?;
    let members = app.store.members(caller.account).await?;
    let listed = found.into_iter().map(|one| {
        let member = members.iter().find(|member| member.id == one.member);
        Listed::of(one, member)
    });
    Ok(Json(Subscriptions { mail_from: app.settings.mail_from.clone(), subscriptions: listed.collect() }))
}

/// Returns a subscription.
#[utoipa::path(
    get, path = op::GET_SUBSCRIPTION.path, tag = "Subscriptions", operation_id = op::GET_SUBSCRIPTION.id,
    params(("subscriptionId" = i64, Path, description = "The subscription.", example = 1)),
    responses(
        (status = 200, description = "The subscription.", body = Listed),
        (status = 400, description = "The id is not a number.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 404, description = "The caller has no such subscription.", body = ErrorBody),
    )
)]
pub(super) async fn get_subscription(
    State(app): State<AppState>,
    caller: Caller,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Json<Listed>, ApiError> {
    let Path(id) = id?;
    let found = find(&app, &caller, id).await?;
    listed(&app, found).await
}

/// Subscribes a member to a query.
///
/// The result is mailed every day, or every week, at an hour of a time zone: the first rows as a table, everything as CSV
/// if that is at most 2 MiB, a link to the view and one to unsubscribe. The query runs with the rights that the member has
/// then: names are hidden from viewers who do not see them.
///
/// Members subscribe themselves. Administrators and tokens subscribe any member of the account, and nobody else.
#[utoipa::path(
    post, path = op::SUBSCRIBE.path, tag = "Subscriptions", operation_id = op::SUBSCRIBE.id,
    request_body(content = Subscribing),
    responses(
        (status = 201, description = "The subscription.", body = Listed),
        (status = 400, description = "A field is wrong.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope, or the member subscribes another.", body = ErrorBody),
        (status = 409, description = "The server sends no mail, or there are too many subscriptions.", body = ErrorBody),
    )
)]
pub(super) async fn subscribe(
    State(app): State<AppState>,
    caller: Caller,
    body: Result<Json<Subscribing>, JsonRejection>,
) -> Result<(StatusCode, Json<Listed>), ApiError> {
    let Json(body) = body?;
    sends_mail(&app, caller.account)?;
    let member = recipient(&app, &caller, body.email.as_deref()).await?;
    let schedule = schedule(body.every, body.weekday, body.hour, &body.time_zone)?;
    let new = NewSubscription {
        member: member.id,
        name: checked_name(&body.name)?.into(),
        source: source(body.saved_query_id, body.query.as_deref(), &body.values)?,
        view: view(body.view.as_deref())?,
        created_at: app.now(),
        due_at: next_time(&schedule, app.now()),
        schedule,
    };
    if let QuerySource::Saved(id) = new.source
        && !app.store.saved_queries(caller.account).await?.iter().any(|saved| saved.id == id)
    {
        let problem = format!("`saved_query_id`: the account has no saved query {}.", id.0);
        return Err(ApiError::new(StatusCode::BAD_REQUEST, problem));
    }
    let id = app.store.subscribe(caller.account, &new).await.map_err(|error| match error {
        StoreError::LimitReached { what } => ApiError::new(StatusCode::CONFLICT, format!("{what}.")),
        error => error.into(),
    })?;
    let found = find(&app, &caller, id.0).await?;
    Ok((StatusCode::CREATED, listed(&app, found).await?))
}

/// Changes when a subscription is sent or what it is called, pauses or resumes it.
///
/// To change its query, delete it and subscribe again.
#[utoipa::path(
    patch, path = op::CHANGE_SUBSCRIPTION.path, tag = "Subscriptions", operation_id = op::CHANGE_SUBSCRIPTION.id,
    params(("subscriptionId" = i64, Path, description = "The subscription.", example = 1)),
    request_body(content = Changing),
    responses(
        (status = 200, description = "The subscription.", body = Listed),
        (status = 400, description = "A field is wrong.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope, or the recipient unsubscribed: only they can resume it.", body = ErrorBody),
        (status = 404, description = "The caller has no such subscription.", body = ErrorBody),
    )
)]
pub(super) async fn change_subscription(
    State(app): State<AppState>,
    caller: Caller,
    id: Result<Path<i64>, PathRejection>,
    body: Result<Json<Changing>, JsonRejection>,
) -> Result<Json<Listed>, ApiError> {
    let Path(id) = id?;
    let Json(Changing { name, every, weekday, hour, time_zone, paused }) = body?;
    let found = find(&app, &caller, id).await?;
    let is_own = caller.member.is_some_and(|(member, _)| member == found.member);
    if paused == Some(false) && found.paused == Some(Pause::Unsubscribed) && !is_own {
        let problem = "The recipient unsubscribed: only they can resume it.";
        return Err(ApiError::new(StatusCode::FORBIDDEN, problem));
    }
    let is_moved = every.is_some() || weekday.is_some() || hour.is_some() || time_zone.is_some();
    let Schedule { weekday: day, hour: old_hour, time_zone: old_zone } = &found.schedule;
    let day = weekday.or_else(|| day.map(WeekdayName::numbered));
    let every = every.unwrap_or_else(|| found.schedule.weekday.into());
    let moved = schedule(every, day, hour.unwrap_or(*old_hour), time_zone.as_deref().unwrap_or(old_zone))?;
    let is_resumed = paused == Some(false) && found.paused.is_some();
    let change = SubscriptionChange {
        name: name.as_deref().map(checked_name).transpose()?.map(Into::into),
        due_at: (is_moved || is_resumed).then(|| next_time(&moved, app.now())),
        schedule: is_moved.then_some(moved),
        paused: match paused {
            Some(true) if found.paused.is_none() => Some(Some(Pause::Member)),
            Some(false) if is_resumed => Some(None),
            _ => None,
        },
    };
    app.store.change_subscription(caller.account, found.id, &change).await?;
    let found = find(&app, &caller, id).await?;
    listed(&app, found).await
}

/// Deletes a subscription.
#[utoipa::path(
    delete, path = op::DELETE_SUBSCRIPTION.path, tag = "Subscriptions", operation_id = op::DELETE_SUBSCRIPTION.id,
    params(("subscriptionId" = i64, Path, description = "The subscription.", example = 1)),
    responses(
        (status = 204, description = "It is deleted."),
        (status = 400, description = "The id is not a number.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 404, description = "The caller has no such subscription.", body = ErrorBody),
    )
)]
pub(super) async fn delete_subscription(
    State(app): State<AppState>,
    caller: Caller,
    id: Result<Path<i64>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(id) = id?;
    let found = find(&app, &caller, id).await?;
    done(app.store.delete_subscription(caller.account, found.id).await?, || unknown(id))
}

/// Sends a subscription's mail now, to its recipient.
///
/// The next one is sent by its schedule. Then `last_sent_at` or `problem` changes.
#[utoipa::path(
    post, path = op::SEND_SUBSCRIPTION.path, tag = "Subscriptions", operation_id = op::SEND_SUBSCRIPTION.id,
    params(("subscriptionId" = i64, Path, description = "The subscription.", example = 1)),
    responses(
        (status = 202, description = "It is about to be sent.", body = Listed),
        (status = 400, description = "The id is not a number.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 404, description = "The caller has no such subscription.", body = ErrorBody),
        (status = 409, description = "The server sends no mail, or the subscription is paused.", body = ErrorBody),
        (status = 429, description = "The account or the member got too many mails within the hour.", body = ErrorBody),
    )
)]
pub(super) async fn send_subscription(
    State(app): State<AppState>,
    caller: Caller,
    id: Result<Path<i64>, PathRejection>,
) -> Result<(StatusCode, Json<Listed>), ApiError> {
    let Path(id) = id?;
    let found = find(&app, &caller, id).await?;
    sends_mail(&app, caller.account)?;
    if found.paused.is_some() {
        return Err(ApiError::new(StatusCode::CONFLICT, "The subscription is paused: resume it first."));
    }
    if !app.store.may_mail(caller.account, found.member, app.now()).await? {
        return Err(ApiError::busy("Too many mails were sent within the hour.", RETRY_SECONDS));
    }
    if found.unknown == 0 {
        let change = SubscriptionChange { due_at: Some(app.now()), ..SubscriptionChange::default() };
        app.store.change_subscription(caller.account, found.id, &change).await?;
    } else {
        // The mail may be under way, or have arrived: it stays one that is repeated at most once.
        app.store.record_mail(found.id, &Mailed::Postponed { due_at: app.now() }, app.now()).await?;
    }
    app.mailing.notify_one();
    let found = find(&app, &caller, id).await?;
    Ok((StatusCode::ACCEPTED, listed(&app, found).await?))
}

/// Returns the subscription, if the caller reaches it.
async fn find(app: &App, caller: &Caller, id: i64) -> Result<Subscription, ApiError> {
    let found = app.store.subscription(caller.account, SubscriptionId(id)).await?;
    let reached = found.filter(|one| Reach::of(caller).member().is_none_or(|member| member == one.member));
    reached.ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, unknown(id)))
}

fn unknown(id: i64) -> String {
    format!("You have no subscription {id}.")
}

async fn listed(app: &App, found: Subscription) -> Result<Json<Listed>, ApiError> {
    let member = app.store.member(found.account, found.member).await?;
    Ok(Json(Listed::of(found, member.as_ref())))
}

/// Checks that mail of an account can be sent at all.
fn sends_mail(app: &App, account: AccountId) -> Result<(), ApiError> {
    let problem = if app.demo.get() == Some(&account) {
        "The demo sends no mail."
    } else if app.settings.mail_from.is_none() {
        "This server sends no mail: its operator has to set `mail.server` and `mail.from`."
    } else {
        return Ok(());
    };
    Err(ApiError::new(StatusCode::CONFLICT, problem))
}

/// Returns the member who gets the mail: the one with the address, by default the caller.
async fn recipient(app: &App, caller: &Caller, email: Option<&str>) -> Result<Member, ApiError> {
    let bad = |problem: &str| ApiError::new(StatusCode::BAD_REQUEST, problem);
    let own = match caller.member {
        Some((id, _)) => app.store.member(caller.account, id).await?,
        None => None,
    };
    let Some(email) = email.map(str::trim) else {
        return own.ok_or_else(|| bad("`email` is missing: name a member of the account."));
    };
    if let Some(own) = own.filter(|own| own.email.eq_ignore_ascii_case(email)) {
        return Ok(own);
    }
    // Asked first, so that nobody learns which addresses are members.
    if let Reach::Own(_) = Reach::of(caller) {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "Only administrators can subscribe other members."));
    }
    let found = app.store.find_member(email).await?.map(|(member, _)| member);
    let found = found.filter(|member| member.account == caller.account);
    found.ok_or_else(|| bad("`email` is not the address of a member of the account. Mail goes to members only."))
}
