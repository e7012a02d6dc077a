//! `GET /v1/meetings/trackingCodes`: the tracking codes that a host may choose from (Webex reference, section 2.5).

use axum::{Json, extract::State};
use rollcall_auth::Caller;
use rollcall_webex::operations as op;
use rollcall_webex::{
    rules::{host_view, parse_service},
    wire,
};

use super::{
    error::WebexResult,
    extract::{Query, require},
    people::{Person, find_by_email},
    responses::Errors,
    sites::find_site,
};
use crate::state::{App, AppState};

/// Lists the tracking codes that a host may choose from.
///
/// Each code has its behaviour for one service. The host's own value is added to the options and is the default. With a
/// token that does not act for a user, and without `hostEmail`, the options are the site's.
///
/// A host's own codes require the scope `meeting:schedules_read`, `hostEmail` one of the others.
#[utoipa::path(
    get, path = op::LIST_HOST_TRACKING_CODES.path, tag = "Tracking Codes", operation_id = op::LIST_HOST_TRACKING_CODES.id,
    params(
        ("siteUrl" = Option<String>, Query, description = "The site, as a bare host name. Default: the default site.", example = "example.webex.com"),
        ("service" = wire::Service, Query, description = "The kind of event to schedule.", example = "MeetingCenter"),
        ("hostEmail" = Option<String>, Query, description = "Another host's address, for administrators.", example = "john.andersen@example.com"),
    ),
    responses((status = 200, description = "The codes.", body = wire::HostTrackingCodes), Errors)
)]
pub(super) async fn list_host_tracking_codes(
    State(app): State<AppState>,
    caller: Caller,
    query: Query,
) -> WebexResult<Json<wire::HostTrackingCodes>> {
    let host_email = query.get("hostEmail");
    require(&caller, if host_email.is_some() { op::ADMIN_READ } else { op::HOST_READ })?;
    let service = parse_service(query.get("service").unwrap_or_default())?;
    let host = match host_email {
        Some(email) => Some(find_by_email(&app, &caller, "hostEmail", email).await?),
        None => own(&app, &caller).await?,
    };
    let Some(site) = find_site(&app, &caller, &query).await? else {
        return Ok(Json(wire::HostTrackingCodes { items: Vec::new() }));
    };
    let codes = app.store.tracking_codes(caller.account, &site.url).await?;
    let values = match host {
        Some(host) => app.store.user_tracking_codes(caller.account, &site.url, &host.user_id).await?,
        None => Vec::new(),
    };
    let items = codes
        .iter()
        .map(|code| {
            let value = values.iter().find(|value| value.code_id == code.id);
            host_view(code, service, value.map(|value| value.value.as_str()))
        })
        .collect();
    Ok(Json(wire::HostTrackingCodes { items }))
}

/// Returns the user that the token acts for.
async fn own(app: &App, caller: &Caller) -> WebexResult<Option<Person>> {
    let Some(user) = &caller.user else { return Ok(None) };
    Ok(app.store.find_user(caller.account, user.as_str()).await?.map(Into::into))
}
