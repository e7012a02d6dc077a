//! Webex's surface: `/v1`.

mod error;
mod guard;
mod oauth;
pub(crate) mod operations;

use axum::{
    Router,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use error::WebexError;
use rollcall_webex::status::Status;

use crate::{auth::Operation, server::Failure, state::AppState};

/// The surface's handlers, as far as they describe themselves.
#[derive(utoipa::OpenApi)]
#[openapi(paths(oauth::create_token))]
pub(crate) struct Description;

/// All routes of the surface, each behind its guard.
pub(crate) fn router(app: &AppState) -> Router<AppState> {
    let _guarded = |operation: &'static Operation, handler: MethodRouter<AppState>| {
        handler.route_layer(from_fn_with_state((app.clone(), operation), guard::guard))
    };
    Router::new()
        .route("/v1/access_token", post(oauth::create_token))
        .layer(axum::middleware::from_fn(error::print_errors))
}

/// The answer to what no operation answers.
pub(crate) fn failure(failure: Failure) -> Response {
    let (status, description) = match failure {
        Failure::UnknownPath => (Status::NotFound, "There is no such resource.".to_owned()),
        Failure::UnknownMethod => (Status::MethodNotAllowed, "The resource does not take this method.".to_owned()),
        Failure::BodyTooLarge { max_bytes } => {
            (Status::PayloadTooLarge, format!("The body is too large. Send at most {max_bytes} bytes."))
        }
        Failure::BodyUnreadable => (Status::BadRequest, "The body ended before it was complete.".to_owned()),
        Failure::TimedOut => (Status::GatewayTimeout, "The answer took too long. Ask for a smaller max.".to_owned()),
        Failure::Internal => (Status::InternalServerError, "Internal error, try again later.".to_owned()),
    };
    WebexError::new(status, description).into_response()
}
