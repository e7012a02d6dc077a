//! What precedes every operation of Webex's API: the caller and their scopes.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use rollcall_model::Operation;

use super::error::WebexError;
use crate::{client::address_of, state::AppState};

/// Maximum length of a client's own tracking id in the log.
const MAX_LOGGED_CHARS: usize = 80;

/// Lets a request through to `operation`, or answers it with an error.
pub(super) async fn guard(
    State((app, operation)): State<(AppState, &'static Operation)>,
    request: Request,
    next: Next,
) -> Response {
    if let Some(id) = request.headers().get("trackingid").and_then(|value| value.to_str().ok()) {
        // Some clients send their own tracking id; the span of this line has the server's.
        let id: String = id.chars().take(MAX_LOGGED_CHARS).collect();
        tracing::info!(client_tracking_id = %id, operation = operation.id, "client sent a tracking id");
    }
    let address = address_of(request.extensions());
    match app.auth.admit(operation, request, address).await {
        Ok((request, caller)) => app.auth.run(operation, &caller, address, request, next).await,
        Err(denied) => WebexError::from(denied).into_response(),
    }
}
