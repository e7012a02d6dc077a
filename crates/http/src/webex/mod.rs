//! Webex's API: `/v1`.

mod error;
mod extract;
mod guard;
mod host_tracking_codes;
mod meeting_filter;
mod meeting_participants;
mod meetings;
mod oauth;
mod paging;
mod people;
mod qualities;
mod responses;
mod runs;
mod schedules;
mod sites;
mod tracking_codes;
mod user_tracking_codes;

use std::sync::Arc;

use axum::{
    Extension, Router,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
};
use rollcall_webex::operations as op;
use rollcall_webex::status::Status;
use utoipa_axum::routes;

use crate::{
    routes::Route,
    state::AppState,
    surface::{Failure, Surface},
};
use error::WebexError;
pub(crate) use error::print_errors;

/// The operations, each with its handler.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        (&op::CREATE_ACCESS_TOKEN, routes!(oauth::create_token)),
        (&op::LIST_TRACKING_CODES, routes!(tracking_codes::list_tracking_codes)),
        (&op::CREATE_TRACKING_CODE, routes!(tracking_codes::create_tracking_code)),
        (&op::GET_TRACKING_CODE, routes!(tracking_codes::get_tracking_code)),
        (&op::UPDATE_TRACKING_CODE, routes!(tracking_codes::update_tracking_code)),
        (&op::DELETE_TRACKING_CODE, routes!(tracking_codes::delete_tracking_code)),
        (&op::GET_USER_TRACKING_CODES, routes!(user_tracking_codes::get_user_tracking_codes)),
        (&op::UPDATE_USER_TRACKING_CODES, routes!(user_tracking_codes::update_user_tracking_codes)),
        (&op::LIST_HOST_TRACKING_CODES, routes!(host_tracking_codes::list_host_tracking_codes)),
        (&op::LIST_SITES, routes!(sites::list_sites)),
        (&op::UPDATE_DEFAULT_SITE, routes!(sites::update_default_site)),
        (&op::LIST_MEETINGS, routes!(meetings::list_meetings)),
        (&op::GET_MEETING, routes!(meetings::get_meeting)),
        (&op::LIST_MEETING_PARTICIPANTS, routes!(meeting_participants::list_meeting_participants)),
        (&op::GET_MEETING_PARTICIPANT, routes!(meeting_participants::get_meeting_participant)),
        (&op::LIST_QUALITIES, routes!(qualities::list_meeting_qualities)),
    ]
}

/// All routes of this API.
pub(crate) fn router(app: &AppState) -> Router<AppState> {
    crate::routes::router(routes(), |operation, handler| {
        handler.route_layer(from_fn_with_state((app.clone(), operation), guard::guard))
    })
    .layer(Extension(Arc::new(qualities::Asked::default())))
}

/// Webex's surface.
pub(crate) struct Webex;

impl Surface for Webex {
    fn owns(&self, path: &str) -> bool {
        path == "/v1" || path.starts_with("/v1/")
    }

    fn tracking_header(&self) -> Option<&'static str> {
        Some("trackingid")
    }

    fn failure(&self, failure: Failure) -> Response {
        self::failure(failure)
    }
}

/// The response to failures outside of operations.
fn failure(failure: Failure) -> Response {
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
