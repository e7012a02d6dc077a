//! Webex's API: `/v1`.

mod error;
mod extract;
mod guard;
mod host_tracking_codes;
mod meeting_filter;
mod meeting_participants;
mod meetings;
mod oauth;
pub(crate) mod operations;
mod paging;
mod people;
mod qualities;
mod responses;
mod runs;
mod schedules;
mod sites;
mod tracking_codes;
mod user_tracking_codes;

use axum::{
    Router,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, post, put},
};
use error::WebexError;
pub(crate) use error::print_errors;
pub(crate) use qualities::Asked;
use rollcall_webex::status::Status;

use crate::{auth::Operation, server::Failure, state::AppState};

/// The handlers of this API that describe themselves.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    oauth::create_token,
    tracking_codes::list_tracking_codes,
    tracking_codes::create_tracking_code,
    tracking_codes::get_tracking_code,
    tracking_codes::update_tracking_code,
    tracking_codes::delete_tracking_code,
    user_tracking_codes::get_user_tracking_codes,
    user_tracking_codes::update_user_tracking_codes,
    host_tracking_codes::list_host_tracking_codes,
    sites::list_sites,
    sites::update_default_site,
    meetings::list_meetings,
    meetings::get_meeting,
    meeting_participants::list_meeting_participants,
    meeting_participants::get_meeting_participant,
    qualities::list_meeting_qualities,
))]
pub(crate) struct Description;

/// All routes of this API, each behind its guard.
pub(crate) fn router(app: &AppState) -> Router<AppState> {
    use operations as op;
    let guarded = |operation: &'static Operation, handler: MethodRouter<AppState>| {
        handler.route_layer(from_fn_with_state((app.clone(), operation), guard::guard))
    };
    Router::new()
        .route("/v1/access_token", post(oauth::create_token))
        .route(
            "/v1/admin/meeting/config/trackingCodes",
            guarded(&op::LIST_TRACKING_CODES, get(tracking_codes::list_tracking_codes))
                .merge(guarded(&op::CREATE_TRACKING_CODE, post(tracking_codes::create_tracking_code))),
        )
        .route(
            "/v1/admin/meeting/config/trackingCodes/{tracking_code_id}",
            guarded(&op::GET_TRACKING_CODE, get(tracking_codes::get_tracking_code))
                .merge(guarded(&op::UPDATE_TRACKING_CODE, put(tracking_codes::update_tracking_code)))
                .merge(guarded(&op::DELETE_TRACKING_CODE, delete(tracking_codes::delete_tracking_code))),
        )
        .route(
            "/v1/admin/meeting/userconfig/trackingCodes",
            guarded(&op::GET_USER_TRACKING_CODES, get(user_tracking_codes::get_user_tracking_codes))
                .merge(guarded(&op::UPDATE_USER_TRACKING_CODES, put(user_tracking_codes::update_user_tracking_codes))),
        )
        .route(
            "/v1/meetings/trackingCodes",
            guarded(&op::LIST_HOST_TRACKING_CODES, get(host_tracking_codes::list_host_tracking_codes)),
        )
        .route(
            "/v1/meetingPreferences/sites",
            guarded(&op::LIST_SITES, get(sites::list_sites))
                .merge(guarded(&op::UPDATE_DEFAULT_SITE, put(sites::update_default_site))),
        )
        .route("/v1/meetings", guarded(&op::LIST_MEETINGS, get(meetings::list_meetings)))
        .route("/v1/meetings/{meeting_id}", guarded(&op::GET_MEETING, get(meetings::get_meeting)))
        .route(
            "/v1/meetingParticipants",
            guarded(&op::LIST_MEETING_PARTICIPANTS, get(meeting_participants::list_meeting_participants)),
        )
        .route(
            "/v1/meetingParticipants/{participant_id}",
            guarded(&op::GET_MEETING_PARTICIPANT, get(meeting_participants::get_meeting_participant)),
        )
        .route("/v1/meeting/qualities", guarded(&op::LIST_QUALITIES, get(qualities::list_meeting_qualities)))
}

/// The response to failures outside of operations.
pub(crate) fn failure(failure: Failure) -> Response {
    let (status, description) = match failure {
        Failure::UnknownPath => (Status::NotFound, "Unknown resource.".to_owned()),
        Failure::UnknownMethod => (Status::MethodNotAllowed, "The resource does not support this method.".to_owned()),
        Failure::BodyTooLarge { max_bytes } => {
            (Status::PayloadTooLarge, format!("The body is too large. Send at most {max_bytes} bytes."))
        }
        Failure::BodyUnreadable => (Status::BadRequest, "The body ended before it was complete.".to_owned()),
        Failure::NoHost => (Status::BadRequest, "Send a Host header.".to_owned()),
        Failure::TooManyRequests => (
            Status::TooManyRequests,
            "You have too many requests or unread responses. Read the responses, then retry.".to_owned(),
        ),
        Failure::TimedOut => (Status::GatewayTimeout, "The response took too long. Use a smaller max.".to_owned()),
        Failure::Internal => (Status::InternalServerError, "Internal error, try again later.".to_owned()),
    };
    WebexError::new(status, description).into_response()
}
