//! `GET` and `PUT /v1/meetingPreferences/sites` (Webex reference, section 7), and how requests specify a site.
//!
//! An account has one default site, which all its users share.

use axum::{Json, extract::State};
use rollcall_auth::Caller;
use rollcall_model::Site;
use rollcall_webex::operations as op;
use rollcall_webex::{
    rules::{Violation, parse_default_site, parse_site_url},
    status::Status,
    wire,
};

use super::{
    error::{WebexError, WebexResult},
    extract::{JsonBody, Query, require},
    people,
    responses::{ChangeErrors, Errors},
};
use crate::state::{App, AppState};

/// Lists sites.
///
/// The account's sites, in the order in which they became known. One of them is the default site, which is used if a
/// request specifies none. Other people's sites require the scope `meeting:admin_preferences_read`.
#[utoipa::path(
    get, path = op::LIST_SITES.path, tag = "Sites", operation_id = op::LIST_SITES.id,
    params(
        ("userEmail" = Option<String>, Query, description = "Another user's address: that user's sites, for administrators.", example = "john.andersen@example.com"),
        ("siteUrl" = Option<String>, Query, description = "The site on which to look up the user. Default: the default site.", example = "example.webex.com"),
    ),
    responses((status = 200, description = "The sites.", body = wire::Sites), Errors)
)]
pub(super) async fn list_sites(
    State(app): State<AppState>,
    caller: Caller,
    query: Query,
) -> WebexResult<Json<wire::Sites>> {
    check_user(&app, &caller, &query, op::PREFERENCES_READ, op::ADMIN_PREFERENCES_READ).await?;
    find_site(&app, &caller, &query).await?;
    let sites = app.store.sites(caller.account).await?;
    Ok(Json(wire::Sites { sites: sites.iter().map(Into::into).collect() }))
}

/// Sets the default site.
///
/// The default site belongs to the account: it is the same for all its users, no matter who sets it. Setting it for
/// another user requires the scope `meeting:admin_preferences_write`.
#[utoipa::path(
    put, path = op::UPDATE_DEFAULT_SITE.path, tag = "Sites", operation_id = op::UPDATE_DEFAULT_SITE.id,
    params(
        ("defaultSite" = bool, Query, description = "Must be `true`.", example = true),
        ("userEmail" = Option<String>, Query, description = "Another user's address, for administrators.", example = "john.andersen@example.com"),
    ),
    request_body = wire::DefaultSite,
    responses((status = 200, description = "The site, now the default.", body = wire::Site), ChangeErrors)
)]
pub(super) async fn update_default_site(
    State(app): State<AppState>,
    caller: Caller,
    query: Query,
    JsonBody(body): JsonBody,
) -> WebexResult<Json<wire::Site>> {
    if query.get("defaultSite") != Some("true") {
        return Err(WebexError::bad_request("'defaultSite' must be true"));
    }
    let site_url = parse_default_site(&body)?;
    check_user(&app, &caller, &query, op::PREFERENCES_WRITE, op::ADMIN_PREFERENCES_WRITE).await?;
    let site = Site { is_default: true, ..named_in_body(&app, &caller, &site_url).await? };
    app.store.put_site(caller.account, &site).await?;
    Ok(Json(wire::Site::from(&site)))
}

/// Checks that the caller may act for the user in the query, and that the user exists: `own` are the scopes for one's
/// own preferences, `others` those for `userEmail`.
async fn check_user(
    app: &App,
    caller: &Caller,
    query: &Query,
    own: &'static [&'static str],
    others: &'static [&'static str],
) -> WebexResult<()> {
    let Some(email) = query.get("userEmail") else { return require(caller, own) };
    require(caller, others)?;
    people::find_by_email(app, caller, "userEmail", email).await.map(drop)
}

/// Returns the site in the query's `siteUrl`, or else the default site. `None` if the account has no site and the query
/// specifies none.
pub(super) async fn find_site(app: &App, caller: &Caller, query: &Query) -> WebexResult<Option<Site>> {
    let sites = app.store.sites(caller.account).await?;
    let Some(text) = query.get("siteUrl") else {
        return Ok(sites.into_iter().find(|site| site.is_default));
    };
    let url = parse_site_url(text)?;
    match sites.into_iter().find(|site| site.url == url) {
        Some(site) => Ok(Some(site)),
        None => Err(WebexError::new(Status::NotFound, Violation::unknown_site("siteUrl", text).to_string())),
    }
}

/// Returns the site in a body. If it does not exist, the body is invalid.
pub(super) async fn named_in_body(app: &App, caller: &Caller, site_url: &str) -> WebexResult<Site> {
    let sites = app.store.sites(caller.account).await?;
    let site = sites.into_iter().find(|site| site.url == site_url);
    site.ok_or_else(|| Violation::unknown_site("siteUrl", site_url).into())
}

/// The error for a request that needs a site, in an account that has none.
pub(super) fn no_site() -> WebexError {
    WebexError::new(Status::NotFound, "'siteUrl' is missing, and the account has no default site")
}
