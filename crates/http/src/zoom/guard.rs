//! What precedes every operation of Zoom's API: the caller, their scopes, and the rate limit.

use std::net::IpAddr;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use rollcall_auth::Caller;
use rollcall_model::Operation;
use rollcall_zoom::rate::{Budget, Verdict};

use super::error::{ZoomError, set_budget};
use crate::{client::address_of, state::AppState};

/// Lets a request through to `operation`, or answers it with an error. Every response states the rate limit label.
pub(super) async fn guard(
    State((app, operation)): State<(AppState, &'static Operation)>,
    request: Request,
    next: Next,
) -> Response {
    let address = address_of(request.extensions());
    let mut response = match admit(&app, operation, request, address).await {
        Ok((request, caller, budget)) => {
            let mut response = app.auth.run(operation, &caller, address, request, next).await;
            if let Some(budget) = budget {
                set_budget(response.headers_mut(), budget);
            }
            response
        }
        Err(error) => error.into_response(),
    };
    if let Some(label) = operation.label {
        response.headers_mut().insert("x-ratelimit-category", HeaderValue::from_static(label.as_str()));
    }
    response
}

async fn admit(
    app: &AppState,
    operation: &'static Operation,
    request: Request,
    address: Option<IpAddr>,
) -> Result<(Request, Caller, Option<Budget>), ZoomError> {
    let (request, caller) = app.auth.admit(operation, request, address).await?;
    let verdict = match operation.label {
        Some(label) => app.rate_limiter.admit(caller.account, label, app.now()),
        None => Verdict::Go(None),
    };
    let budget = match verdict {
        Verdict::Go(budget) => budget,
        Verdict::TooFast { retry_after_seconds, budget } => {
            let error = ZoomError::rate_limited(false).with_budget(budget);
            // Seconds here: the time of a daily limit would say nothing about the next second.
            return Err(error.with_header(header::RETRY_AFTER.as_str(), &retry_after_seconds.to_string()));
        }
        Verdict::UsedUp { until, budget } => {
            let error = ZoomError::rate_limited(true).with_budget(Some(budget));
            // A time, not seconds: that is Zoom's format, and clients parse it as a date.
            return Err(error.with_header(header::RETRY_AFTER.as_str(), &until.to_string()));
        }
    };
    Ok((request, caller, budget))
}
