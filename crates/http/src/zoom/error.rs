//! Zoom's errors: its own code beside the HTTP status, and the invalid fields (Zoom reference, section 3).

use std::borrow::Cow;

use axum::{
    Json,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rollcall_auth::{CROSS_SITE, Denied, NOT_SIGNED_IN, Throttled, missing_role, wide_scopes};
use rollcall_store::StoreError;
use rollcall_zoom::wire;

use rollcall_zoom::rate::Budget;

/// The error of a Zoom operation.
#[derive(Debug)]
pub(crate) struct ZoomError {
    status: StatusCode,
    code: i64,
    message: Cow<'static, str>,
    errors: Vec<wire::FieldError>,
    /// Boxed, because every result of every handler has room for an error.
    headers: Box<HeaderMap>,
}

/// The result of handlers.
pub(crate) type ZoomResult<T> = Result<T, ZoomError>;

impl ZoomError {
    pub(crate) fn new(status: StatusCode, code: i64, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), errors: Vec::new(), headers: Box::default() }
    }

    /// Returns 400 with code 300. Zoom's older documents print 300 as the status, too; `as_300` does so.
    pub(crate) fn code_300(message: impl Into<Cow<'static, str>>, as_300: bool) -> Self {
        let status = if as_300 { StatusCode::MULTIPLE_CHOICES } else { StatusCode::BAD_REQUEST };
        Self::new(status, 300, message)
    }

    /// Returns whether this is Zoom's code.
    pub(crate) const fn is(&self, code: i64) -> bool {
        self.code == code
    }

    /// The listed fields are invalid.
    pub(crate) fn validation(errors: Vec<wire::FieldError>) -> Self {
        Self { errors, ..Self::new(StatusCode::BAD_REQUEST, 300, "Validation Failed.") }
    }

    /// Too many requests, per second or per day.
    pub(crate) fn rate_limited(daily: bool) -> Self {
        let message = if daily {
            "You have reached the maximum daily rate limit for this API. Refer to the response header for details on \
             when you can make another request."
        } else {
            "You have reached the maximum per-second rate limit for this API. Try again later."
        };
        Self::new(StatusCode::TOO_MANY_REQUESTS, 429, message)
            .with_header("x-ratelimit-type", if daily { "Daily-limit" } else { "QPS" })
    }

    /// Unknown operation.
    pub(crate) fn unrecognized() -> Self {
        Self::new(StatusCode::NOT_FOUND, 2300, "This API endpoint is not recognized.")
    }

    /// Adds the plan's daily budget, if it has one.
    pub(crate) fn with_budget(mut self, budget: Option<Budget>) -> Self {
        if let Some(budget) = budget {
            set_budget(&mut self.headers, budget);
        }
        self
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }
}

/// Adds a plan's daily budget to the headers.
pub(crate) fn set_budget(headers: &mut HeaderMap, budget: Budget) {
    headers.insert("x-ratelimit-limit", budget.limit.into());
    headers.insert("x-ratelimit-remaining", budget.remaining.into());
}

impl From<StoreError> for ZoomError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %error, "a store operation of a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, 500, "Internal error, try again later.")
    }
}

impl From<Denied> for ZoomError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::InvalidToken => Self::new(StatusCode::UNAUTHORIZED, 124, "Invalid access token."),
            Denied::ExpiredToken => Self::new(StatusCode::UNAUTHORIZED, 124, "Access token is expired."),
            Denied::Suspended => {
                Self::new(StatusCode::UNAUTHORIZED, 124, "Invalid access token: the account is suspended.")
            }
            Denied::MissingScope(scopes) => Self::new(
                StatusCode::BAD_REQUEST,
                4711,
                format!("Invalid access token, does not contain scopes:[{}].", scopes.join(", ")),
            ),
            Denied::NotOwn(scopes) => Self::new(
                StatusCode::BAD_REQUEST,
                4711,
                format!("Invalid access token, does not contain scopes:[{}].", wide_scopes(scopes).join(", ")),
            ),
            Denied::NotSignedIn => Self::new(StatusCode::UNAUTHORIZED, 124, NOT_SIGNED_IN),
            Denied::MissingRole(least) => Self::new(StatusCode::FORBIDDEN, 4711, missing_role(least)),
            Denied::CrossSite => Self::new(StatusCode::FORBIDDEN, 4711, CROSS_SITE),
            Denied::Throttled(Throttled { retry_after_seconds }) => {
                let message = format!(
                    "Too many wrong access tokens came from this address. Try again in {retry_after_seconds} seconds."
                );
                Self::new(StatusCode::TOO_MANY_REQUESTS, 429, message)
                    .with_header(header::RETRY_AFTER.as_str(), &retry_after_seconds.to_string())
            }
            Denied::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for ZoomError {
    fn into_response(self) -> Response {
        let body = wire::Error { code: self.code, message: self.message.into_owned(), errors: self.errors };
        (self.status, *self.headers, Json(body)).into_response()
    }
}
