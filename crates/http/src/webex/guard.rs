//! What stands before every operation of Webex's surface: the caller and their scopes.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::error::WebexError;
use crate::{
    auth::{Operation, authorize},
    state::AppState,
};

/// Lets a request through to `operation`, or answers for it.
pub(super) async fn guard(
    State((app, operation)): State<(AppState, &'static Operation)>,
    mut request: Request,
    next: Next,
) -> Response {
    match authorize(&app, operation, request.headers()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(denied) => WebexError::from(denied).into_response(),
    }
}
