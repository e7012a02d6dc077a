//! Webex's errors: a sentence for the status, the details, and the request's tracking id (Webex reference, section 11).

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use rollcall_auth::{CROSS_SITE, Denied, NOT_SIGNED_IN, Throttled, missing_role, wide_scopes};
use rollcall_store::StoreError;
use rollcall_webex::{
    rules::{Violation, Violations},
    status::{Status, TrackingId},
    wire,
};

/// The error of a Webex operation.
///
/// The body has the request's tracking id, which handlers do not know: the error travels as an extension of the
/// response, and [`print_errors`] writes its body.
#[derive(Debug, Clone)]
pub(crate) struct WebexError {
    status: Status,
    /// The first sentence of the body: that of the status, with one exception ([`Violation::sentence`]).
    sentence: &'static str,
    descriptions: Vec<String>,
    retry_after_seconds: Option<u32>,
}

/// The result of handlers.
pub(crate) type WebexResult<T> = Result<T, WebexError>;

impl WebexError {
    pub(crate) fn new(status: Status, description: impl Into<String>) -> Self {
        Self { status, sentence: status.message(), descriptions: vec![description.into()], retry_after_seconds: None }
    }

    /// Rejects a request because of what the sentence says.
    pub(crate) fn bad_request(description: impl Into<String>) -> Self {
        Self::new(Status::BadRequest, description)
    }

    /// Sets when to retry.
    pub(crate) fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    fn body(&self, tracking_id: &TrackingId) -> wire::Error {
        wire::Error::with_sentence(self.sentence, self.descriptions.clone(), tracking_id)
    }
}

impl From<Violations> for WebexError {
    fn from(violations: Violations) -> Self {
        Self {
            status: violations.status(),
            sentence: violations.sentence(),
            descriptions: violations.descriptions().collect(),
            retry_after_seconds: None,
        }
    }
}

impl From<Violation> for WebexError {
    fn from(violation: Violation) -> Self {
        Violations::from(violation).into()
    }
}

impl From<StoreError> for WebexError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } => Self::new(Status::Conflict, error.to_string()),
            StoreError::LimitReached { what } => Self::new(Status::BadRequest, what),
            StoreError::NotFound { .. } => Self::new(Status::NotFound, error.to_string()),
            StoreError::Foreign { .. }
            | StoreError::Corrupt { .. }
            | StoreError::InUse { .. }
            | StoreError::Backend { .. } => {
                tracing::error!(error = %error, "a store operation of a request failed");
                Self::new(Status::InternalServerError, "Internal error, try again later.")
            }
        }
    }
}

impl From<Denied> for WebexError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::InvalidToken | Denied::ExpiredToken => {
                Self::new(Status::Unauthorized, "The access token is missing, invalid or has expired.")
            }
            Denied::Suspended => Self::new(Status::Unauthorized, "The account is suspended."),
            Denied::MissingScope(scopes) => Self::new(
                Status::Forbidden,
                format!("The access token lacks the scope: one of {} is needed.", scopes.join(", ")),
            ),
            Denied::NotOwn(scopes) => Self::new(
                Status::Forbidden,
                format!("The access token lacks the scope: one of {} is needed.", wide_scopes(scopes).join(", ")),
            ),
            Denied::NotSignedIn => Self::new(Status::Unauthorized, NOT_SIGNED_IN),
            Denied::MissingRole(least) => Self::new(Status::Forbidden, missing_role(least)),
            Denied::CrossSite => Self::new(Status::Forbidden, CROSS_SITE),
            Denied::Throttled(Throttled { retry_after_seconds }) => {
                Self::new(Status::TooManyRequests, "too many wrong access tokens came from this address")
                    .retry_after(retry_after_seconds)
            }
            Denied::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for WebexError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status.code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the bodies of errors that were left as extensions. It wraps the whole server, because errors also come from
/// outside the API's routes: an unknown path, a body that is too large, a handler that panicked.
pub(crate) async fn print_errors(request: Request, next: Next) -> Response {
    let tracking_id = request.extensions().get::<TrackingId>().cloned();
    let mut response = next.run(request).await;
    if let (Some(error), Some(tracking_id)) = (response.extensions_mut().remove::<WebexError>(), tracking_id) {
        let (mut parts, _) = response.into_parts();
        parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
        let (_, body) = Json(error.body(&tracking_id)).into_response().into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        response = Response::from_parts(parts, body);
    }
    response
}
