//! `GET /webinars/{id}/tracking_sources`: where registrants came from.

use axum::{Json, extract::State};
use rollcall_auth::Caller;
use rollcall_model::MeetingKind;
use rollcall_zoom::operations as op;
use rollcall_zoom::wire;

use super::{describe, error::ZoomResult, extract::Path, meetings::find_meeting, responses::ObjectErrors};
use crate::state::AppState;

/// Lists a webinar's tracking sources with their visits and registrations.
#[utoipa::path(
    get, path = op::LIST_TRACKING_SOURCES.path, tag = "Webinars", operation_id = op::LIST_TRACKING_SOURCES.id,
    params(("webinarId" = i64, Path, description = describe::WEBINAR_NUMBER)),
    responses((status = 200, description = "All sources; the list is not paged.", body = wire::TrackingSources), ObjectErrors)
)]
pub(super) async fn list_tracking_sources(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> ZoomResult<Json<wire::TrackingSources>> {
    let webinar = find_meeting(&app, &caller, MeetingKind::Webinar, &id).await?;
    let sources = app.store.tracking_sources(caller.account, webinar.number).await?;
    Ok(Json(wire::TrackingSources::new(&sources)))
}
