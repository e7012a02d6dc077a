//! `/v1/admin/meeting/userconfig/trackingCodes`: users' values of tracking codes (Webex reference, section 2.4).

use axum::{Json, extract::State, http::HeaderMap};
use rollcall_auth::Caller;
use rollcall_model::{Site, TrackingCodeValue};
use rollcall_store::StoreError;
use rollcall_webex::operations as op;
use rollcall_webex::{
    rules::{UserValuesDraft, Violation},
    wire,
};

use super::{
    error::{WebexError, WebexResult},
    extract::{JsonBody, Query},
    people::{self, Person, find_by_email, find_by_id},
    responses::{ChangeErrors, Errors},
    sites::{find_site, named_in_body, no_site},
};
use crate::state::{App, AppState};

/// Gets a user's tracking codes.
///
/// Either `personId` or `email` is required; `personId` takes precedence. `email` is a request header, not a parameter.
#[utoipa::path(
    get, path = op::GET_USER_TRACKING_CODES.path, tag = "Tracking Codes",
    operation_id = op::GET_USER_TRACKING_CODES.id,
    params(
        ("siteUrl" = Option<String>, Query, description = "The site, as a bare host name. Default: the caller's default site.", example = "example.webex.com"),
        ("personId" = Option<String>, Query, description = "The user's id.", example = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8xOGJiOWNjMC0zMWM2LTQ3MzYtYmE4OC0wMDk5ZmQzNDNmODE"),
        ("email" = Option<String>, Header, description = "The user's address.", example = "john.andersen@example.com"),
    ),
    responses((status = 200, description = "The user's values.", body = wire::UserTrackingCodes), Errors)
)]
pub(super) async fn get_user_tracking_codes(
    State(app): State<AppState>,
    caller: Caller,
    query: Query,
    headers: HeaderMap,
) -> WebexResult<Json<wire::UserTrackingCodes>> {
    let email = headers.get("email").and_then(|value| value.to_str().ok()).map(str::trim);
    let person = match (query.get("personId"), email.filter(|email| !email.is_empty())) {
        (Some(id), _) => find_by_id(&app, &caller, id).await?,
        (None, Some(email)) => find_by_email(&app, &caller, "email", email).await?,
        (None, None) => return Err(Violation::NobodyNamed.into()),
    };
    let site = find_site(&app, &caller, &query).await?.ok_or_else(no_site)?;
    answer(&app, &caller, &site, person).await
}

/// Sets a user's tracking codes.
///
/// Values are set by code name. Values of codes that are not in the body stay unchanged.
#[utoipa::path(
    put, path = op::UPDATE_USER_TRACKING_CODES.path, tag = "Tracking Codes",
    operation_id = op::UPDATE_USER_TRACKING_CODES.id,
    request_body = wire::UserTrackingCodesBody,
    responses((status = 200, description = "All of the user's values.", body = wire::UserTrackingCodes), ChangeErrors)
)]
pub(super) async fn update_user_tracking_codes(
    State(app): State<AppState>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> WebexResult<Json<wire::UserTrackingCodes>> {
    let draft = UserValuesDraft::from_slice(&body)?;
    let site = named_in_body(&app, &caller, &draft.site_url).await?;
    let person = match (&draft.person_id, &draft.email) {
        (Some(id), _) => find_by_id(&app, &caller, id).await?,
        (None, Some(email)) => find_by_email(&app, &caller, "email", email).await?,
        (None, None) => return Err(Violation::NobodyNamed.into()),
    };
    let codes = app.store.tracking_codes(caller.account, &site.url).await?;
    let values = draft.for_site(&site, &codes)?;
    if !person.is_user && stored(&app, &caller, &site, &person).await?.is_empty() {
        return Err(people::unknown_id());
    }
    match app.store.put_user_tracking_codes(caller.account, &site.url, &person.user_id, &values).await {
        Ok(()) => answer(&app, &caller, &site, person).await,
        // A code was deleted after the values were checked against the site's codes.
        Err(StoreError::NotFound { what }) => Err(WebexError::bad_request(format!("{what} does not exist"))),
        Err(error) => Err(error.into()),
    }
}

async fn stored(app: &App, caller: &Caller, site: &Site, person: &Person) -> WebexResult<Vec<TrackingCodeValue>> {
    Ok(app.store.user_tracking_codes(caller.account, &site.url, &person.user_id).await?)
}

/// A person's values. A person who is not a user of the account exists only through their values.
async fn answer(app: &App, caller: &Caller, site: &Site, person: Person) -> WebexResult<Json<wire::UserTrackingCodes>> {
    let values = stored(app, caller, site, &person).await?;
    if !person.is_user && values.is_empty() {
        return Err(people::unknown_id());
    }
    Ok(Json(wire::UserTrackingCodes {
        person_id: Some(person.id),
        email: person.email,
        site_url: site.url.clone(),
        tracking_codes: values.iter().map(Into::into).collect(),
    }))
}
