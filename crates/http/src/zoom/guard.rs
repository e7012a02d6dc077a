//! What precedes every operation of Zoom's API: the caller, their scopes, and the rate limit.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::error::{ZoomError, set_budget};
use crate::{
    auth::{self, Caller, Operation},
    rate::{Budget, Verdict},
    state::AppState,
};

/// Lets a request through to `operation`, or answers it with an error. Every response states the rate limit label.
pub(super) async fn guard(
    State((app, operation)): State<(AppState, &'static Operation)>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match admit(&app, operation, request).await {
        Ok((request, caller, budget)) => {
            let mut response = auth::run(&app, operation, &caller, request, next).await;
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
) -> Result<(Request, Caller, Option<Budget>), ZoomError> {
    let (request, caller) = auth::admit(app, operation, request).await?;
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
