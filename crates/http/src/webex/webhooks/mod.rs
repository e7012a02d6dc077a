//! `/v1/webhooks`: subscriptions to changes (Webex reference, section 10).

mod sender;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use rollcall_auth::Caller;
use rollcall_client::target;
use rollcall_model::{Text, Webhook, draw};
use rollcall_webex::operations as op;
use rollcall_webex::{
    rules::{WebhookChange, WebhookDraft},
    status::Status,
    webhook::{self, MEETINGS},
    wire,
};
use serde_json::json;

use super::{
    directory::Ours,
    error::{WebexError, WebexResult},
    extract::{JsonBody, Query, require},
    paging::{Paging, utf8_json},
    responses::{ChangeErrors, Errors},
};
use crate::state::{App, AppState};

pub use sender::WebhookSender;

/// The setting that lets webhooks send to private addresses.
const PRIVATE_TARGETS: &str = "webex.webhooks_to_private_addresses";

const DEFAULT_PAGE: usize = 100;
const MAX_PAGE: usize = 500;

/// Lists webhooks: the organization's, and those that the caller created.
#[utoipa::path(
    get, path = op::LIST_WEBHOOKS.path, tag = "Webhooks", operation_id = op::LIST_WEBHOOKS.id,
    params(
        ("ownedBy" = Option<String>, Query, description = "`org` for the organization's only.", example = "org"),
        ("max" = Option<usize>, Query, description = "Maximum size of a page, at most 500. Default: 100.", example = 100),
    ),
    responses((status = 200, description = "The webhooks, ordered by creation. A `Link` header points to the next page.", body = wire::Webhooks), Errors)
)]
pub(super) async fn list_webhooks(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    query: Query,
) -> WebexResult<Response> {
    let of_organization = match query.get("ownedBy") {
        None => false,
        Some("org") => true,
        Some(_) => return Err(WebexError::bad_request("'ownedBy' must be org")),
    };
    let paging = Paging::read(&app, &caller, &uri, DEFAULT_PAGE, MAX_PAGE)?;
    let org_id = Ours::of(&app, caller.account).await?.id();
    let (mut after, mut page, mut has_more) = (paging.after::<Text>()?, Vec::new(), true);
    while has_more && page.len() <= paging.size {
        let found = app.store.webhooks(caller.account, after.as_ref(), paging.size + 1).await?;
        has_more = found.len() > paging.size;
        after = found.last().map(|webhook| webhook.id.clone());
        page.extend(found.into_iter().filter(|webhook| is_shown(&caller, webhook)));
        page.retain(|webhook| webhook.is_of_organization || !of_organization);
    }
    let has_more = page.len() > paging.size;
    page.truncate(paging.size);
    let next = page.last().filter(|_| has_more).map(|webhook| webhook.id.clone());
    let items = page.iter().map(|webhook| webhook::shown(webhook, &org_id)).collect();
    Ok(paging.answer(&headers, utf8_json(&wire::Webhooks { items }), next))
}

/// Returns whether a caller sees a webhook: not if another user created it for their own meetings.
fn is_shown(caller: &Caller, webhook: &Webhook) -> bool {
    webhook.is_of_organization || caller.user.is_none() || caller.user == webhook.created_by
}

/// Creates a webhook.
///
/// Each change is sent to `targetUrl` by POST, signed with `secret`. A delivery that fails is retried with increasing
/// pauses for about two hours. After a hundred failures within five minutes, the webhook is deactivated.
#[utoipa::path(
    post, path = op::CREATE_WEBHOOK.path, tag = "Webhooks", operation_id = op::CREATE_WEBHOOK.id,
    request_body = wire::CreateWebhook,
    responses((status = 200, description = "The webhook.", body = wire::Webhook), ChangeErrors)
)]
pub(super) async fn create_webhook(
    State(app): State<AppState>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> WebexResult<Response> {
    let draft = WebhookDraft::from_slice(&body)?;
    let is_of_meetings = draft.resource == MEETINGS;
    require(&caller, if is_of_meetings { op::WEBHOOKS_OF_MEETINGS } else { op::WEBHOOKS_OF_PARTICIPANTS })?;
    check_target(&app, &draft.target_url)?;
    let webhook = Webhook {
        id: webhook::id(draw(&*app.entropy)),
        account: caller.account,
        name: draft.name,
        target_url: draft.target_url,
        resource: draft.resource,
        event: draft.event,
        filter: draft.filter,
        secret: draft.secret,
        is_of_organization: draft.is_of_organization,
        is_active: true,
        created_at: app.now(),
        created_by: caller.user.clone(),
        client: caller.client.as_ref().map(|client| client.as_str().into()),
        enabled_at: None,
    };
    app.store.create_webhook(&webhook).await?;
    answer(&app, &caller, &webhook).await
}

/// Returns a webhook with its secret, which the caller may set.
async fn answer(app: &App, caller: &Caller, webhook: &Webhook) -> WebexResult<Response> {
    let org_id = Ours::of(app, caller.account).await?.id();
    let mut shown = json!(webhook::shown(webhook, &org_id));
    if let Some(secret) = &webhook.secret {
        shown["secret"] = secret.expose().into();
    }
    Ok(utf8_json(&shown))
}

fn check_target(app: &App, target_url: &str) -> WebexResult<()> {
    target::parse(target_url, app.settings.webex_webhooks_to_private, PRIVATE_TARGETS)
        .map(drop)
        .map_err(|reason| WebexError::bad_request(format!("'targetUrl' {reason}")))
}

async fn find(app: &App, caller: &Caller, id: &str) -> WebexResult<Webhook> {
    let found = app.store.find_webhook(caller.account, id).await?;
    let found = found.filter(|webhook| is_shown(caller, webhook));
    found.ok_or_else(|| WebexError::new(Status::NotFound, format!("unknown 'webhookId': {id}")))
}

/// Gets a webhook.
#[utoipa::path(
    get, path = op::GET_WEBHOOK.path, tag = "Webhooks", operation_id = op::GET_WEBHOOK.id,
    params(("webhookId" = String, Path, description = "The webhook's id.", example = "Y2lzY29zcGFyazovL3VzL1dFQkhPT0svOTZhYmMyYWEtM2RjYy0xMWU1LWExNTItZmUzNDgxOWNkYzlh")),
    responses((status = 200, description = "The webhook.", body = wire::Webhook), Errors)
)]
pub(super) async fn get_webhook(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> WebexResult<Response> {
    let webhook = find(&app, &caller, &id).await?;
    let org_id = Ours::of(&app, caller.account).await?.id();
    Ok(utf8_json(&webhook::shown(&webhook, &org_id)))
}

/// Updates a webhook: its name, URL, secret and status.
///
/// Within five minutes after a webhook was activated again, a single failure deactivates it.
#[utoipa::path(
    put, path = op::UPDATE_WEBHOOK.path, tag = "Webhooks", operation_id = op::UPDATE_WEBHOOK.id,
    params(("webhookId" = String, Path, description = "The webhook's id.", example = "Y2lzY29zcGFyazovL3VzL1dFQkhPT0svOTZhYmMyYWEtM2RjYy0xMWU1LWExNTItZmUzNDgxOWNkYzlh")),
    request_body = wire::UpdateWebhook,
    responses((status = 200, description = "The webhook.", body = wire::Webhook), ChangeErrors)
)]
pub(super) async fn update_webhook(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    JsonBody(body): JsonBody,
) -> WebexResult<Response> {
    let change = WebhookChange::from_slice(&body)?;
    check_target(&app, &change.target_url)?;
    let mut webhook = find(&app, &caller, &id).await?;
    webhook.name = change.name;
    webhook.target_url = change.target_url;
    webhook.secret = change.secret.or(webhook.secret);
    if change.activates && !webhook.is_active {
        (webhook.is_active, webhook.enabled_at) = (true, Some(app.now()));
    }
    app.store.change_webhook(&webhook).await?;
    answer(&app, &caller, &webhook).await
}

/// Deletes a webhook. What was not delivered yet is dropped.
#[utoipa::path(
    delete, path = op::DELETE_WEBHOOK.path, tag = "Webhooks", operation_id = op::DELETE_WEBHOOK.id,
    params(("webhookId" = String, Path, description = "The webhook's id.", example = "Y2lzY29zcGFyazovL3VzL1dFQkhPT0svOTZhYmMyYWEtM2RjYy0xMWU1LWExNTItZmUzNDgxOWNkYzlh")),
    responses((status = 204, description = "It was deleted."), ChangeErrors)
)]
pub(super) async fn delete_webhook(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> WebexResult<StatusCode> {
    let webhook = find(&app, &caller, &id).await?;
    app.store.delete_webhook(caller.account, &webhook.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
