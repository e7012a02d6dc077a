//! `/v1/admin/meeting/config/trackingCodes`: a site's tracking codes (Webex reference, section 2).

use axum::{Json, extract::State, http::StatusCode};
use rollcall_auth::Caller;
use rollcall_model::{Site, SiteManager, TrackingCodeId, TrackingCodeMode};
use rollcall_store::StoreError;
use rollcall_webex::operations as op;
use rollcall_webex::{
    rules::{CodeDraft, Violation, check_writable},
    status::Status,
    wire,
};

use super::{
    error::{WebexError, WebexResult},
    extract::{CodeId, JsonBody, Query},
    responses::{ChangeErrors, Errors},
    sites::{find_site, named_in_body, no_site},
};
use crate::state::{App, AppState};

/// Lists a site's tracking codes.
///
/// All of them, ordered by id. The response is never split into pages.
#[utoipa::path(
    get, path = op::LIST_TRACKING_CODES.path, tag = "Tracking Codes", operation_id = op::LIST_TRACKING_CODES.id,
    params(
        ("siteUrl" = Option<String>, Query, description = "The site, as a bare host name. Default: the default site.", example = "example.webex.com"),
    ),
    responses((status = 200, description = "The site's tracking codes.", body = wire::TrackingCodes), Errors)
)]
pub(super) async fn list_tracking_codes(
    State(app): State<AppState>,
    caller: Caller,
    query: Query,
) -> WebexResult<Json<wire::TrackingCodes>> {
    let codes = match find_site(&app, &caller, &query).await? {
        Some(site) => app.store.tracking_codes(caller.account, &site.url).await?,
        None => Vec::new(),
    };
    Ok(Json(wire::TrackingCodes { items: codes.iter().map(Into::into).collect() }))
}

/// Creates a tracking code.
///
/// Returns 200, not 201. The response is complete: five schedule rules, `All` first. By default, a site has at most ten
/// codes. In an account without a site, the first code creates its site as the default.
#[utoipa::path(
    post, path = op::CREATE_TRACKING_CODE.path, tag = "Tracking Codes", operation_id = op::CREATE_TRACKING_CODE.id,
    request_body = wire::TrackingCodeBody,
    responses(
        (status = 200, description = "The code, with its id.", body = wire::TrackingCode),
        (status = 409, description = "The site has a code of that name.", body = wire::Error),
        ChangeErrors,
    )
)]
pub(super) async fn create_tracking_code(
    State(app): State<AppState>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> WebexResult<Json<wire::TrackingCode>> {
    let draft = CodeDraft::from_slice(&body)?;
    let site = site_to_fill(&app, &caller, draft.site_url()).await?;
    let code = draft.for_site(TrackingCodeId::from(""), &site)?;
    let max_per_site = app.settings.webex_tracking_codes_per_site;
    match app.store.create_tracking_code(caller.account, &code, max_per_site).await {
        Ok(code) => Ok(Json(wire::TrackingCode::from(&code))),
        Err(StoreError::Conflict { .. }) => Err(Violation::DuplicateName { name: code.name }.into()),
        Err(StoreError::LimitReached { .. }) => Err(Violation::SiteFull { max: max_per_site }.into()),
        Err(error) => Err(error.into()),
    }
}

/// Gets a tracking code.
#[utoipa::path(
    get, path = op::GET_TRACKING_CODE.path, tag = "Tracking Codes",
    operation_id = op::GET_TRACKING_CODE.id,
    params(
        ("trackingCodeId" = String, Path, description = "The code's id.", example = "1"),
        ("siteUrl" = Option<String>, Query, description = "The code's site, as a bare host name. Default: the default site.", example = "example.webex.com"),
    ),
    responses((status = 200, description = "The code.", body = wire::TrackingCode), Errors)
)]
pub(super) async fn get_tracking_code(
    State(app): State<AppState>,
    caller: Caller,
    CodeId(id): CodeId,
    query: Query,
) -> WebexResult<Json<wire::TrackingCode>> {
    let site = find_site(&app, &caller, &query).await?.ok_or_else(no_site)?;
    match app.store.find_tracking_code(caller.account, &site.url, &id).await? {
        Some(code) => Ok(Json(wire::TrackingCode::from(&code))),
        None => Err(unknown_id(&id)),
    }
}

/// Replaces a tracking code.
///
/// Replaces all of it: values missing from the body are removed. Users' values stay. An unknown id gets 400, as in
/// Webex, although the other operations return 404.
#[utoipa::path(
    put, path = op::UPDATE_TRACKING_CODE.path, tag = "Tracking Codes",
    operation_id = op::UPDATE_TRACKING_CODE.id,
    params(("trackingCodeId" = String, Path, description = "The code's id.", example = "1")),
    request_body = wire::TrackingCodeBody,
    responses(
        (status = 200, description = "The code as it is now.", body = wire::TrackingCode),
        (status = 409, description = "Another code of the site has that name.", body = wire::Error),
        ChangeErrors,
    )
)]
pub(super) async fn update_tracking_code(
    State(app): State<AppState>,
    caller: Caller,
    CodeId(id): CodeId,
    JsonBody(body): JsonBody,
) -> WebexResult<Json<wire::TrackingCode>> {
    let draft = CodeDraft::from_slice(&body)?;
    let site = named_in_body(&app, &caller, draft.site_url()).await?;
    let code = draft.for_site(id, &site)?;
    match app.store.replace_tracking_code(caller.account, &code).await {
        Ok(()) => Ok(Json(wire::TrackingCode::from(&code))),
        Err(StoreError::NotFound { .. }) => Err(Violation::unknown_code_id(&code.id).into()),
        Err(StoreError::Conflict { .. }) => Err(Violation::DuplicateName { name: code.name }.into()),
        Err(error) => Err(error.into()),
    }
}

/// Deletes a tracking code.
///
/// Also deletes users' values of it.
#[utoipa::path(
    delete, path = op::DELETE_TRACKING_CODE.path, tag = "Tracking Codes",
    operation_id = op::DELETE_TRACKING_CODE.id,
    params(
        ("trackingCodeId" = String, Path, description = "The code's id.", example = "1"),
        ("siteUrl" = String, Query, description = "The code's site, as a bare host name.", example = "example.webex.com"),
    ),
    responses((status = 204, description = "The code is deleted."), ChangeErrors)
)]
pub(super) async fn delete_tracking_code(
    State(app): State<AppState>,
    caller: Caller,
    CodeId(id): CodeId,
    query: Query,
) -> WebexResult<StatusCode> {
    if query.get("siteUrl").is_none() {
        return Err(Violation::Empty { field: "siteUrl".into() }.into());
    }
    let site = find_site(&app, &caller, &query).await?.ok_or_else(no_site)?;
    check_writable(&site)?;
    if app.store.delete_tracking_code(caller.account, &site.url, &id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(unknown_id(&id))
    }
}

/// Returns the site of a new code. An account without a site accepts any site in the first code, so that a new
/// installation can be set up through the API alone. Later sites must be known, so that a typo creates none.
async fn site_to_fill(app: &App, caller: &Caller, site_url: &str) -> WebexResult<Site> {
    if !app.store.sites(caller.account).await?.is_empty() {
        return named_in_body(app, caller, site_url).await;
    }
    let site = Site {
        url: site_url.into(),
        is_default: true,
        managed_by: SiteManager::default(),
        tracking_code_mode: TrackingCodeMode::default(),
    };
    app.store.put_site(caller.account, &site).await?;
    Ok(site)
}

/// The error for an id that the site does not have.
fn unknown_id(id: &TrackingCodeId) -> WebexError {
    WebexError::new(Status::NotFound, Violation::unknown_code_id(id).to_string())
}
