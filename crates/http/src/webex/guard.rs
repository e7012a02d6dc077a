//! What stands before every operation of Webex's surface: the caller and their scopes.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use rollcall_model::Operation;

use super::error::WebexError;
use crate::{server::address_of, state::AppState};

/// How much of a client's own tracking id is logged.
const MAX_LOGGED_CHARS: usize = 80;

/// Lets a request through to `operation`, or answers for it.
pub(super) async fn guard(
    State((app, operation)): State<(AppState, &'static Operation)>,
    request: Request,
    next: Next,
) -> Response {
    if let Some(id) = request.headers().get("trackingid").and_then(|value| value.to_str().ok()) {
        // Some clients name their requests; the span that this line stands in tells the name that the server gave.
        let id: String = id.chars().take(MAX_LOGGED_CHARS).collect();
        tracing::info!(client_tracking_id = %id, operation = operation.id, "the client named its request");
    }
    let address = address_of(request.extensions());
    match app.auth.admit(operation, request, address).await {
        Ok((request, caller)) => app.auth.run(operation, &caller, address, request, next).await,
        Err(denied) => WebexError::from(denied).into_response(),
    }
}
