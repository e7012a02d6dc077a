//! The error responses that operations share, for the API description.

use rollcall_webex::wire;
use utoipa::IntoResponses;

/// Errors of every operation.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes responses, which are built from `WebexError`")]
pub(super) enum Errors {
    /// A parameter is missing or wrong; each description names the parameter.
    #[response(status = 400, example = json!({"message": "The request is malformed or breaks a rule; 'errors' lists what to fix.", "errors": [{"description": "'siteUrl' must be a host name such as example.webex.com, without a scheme or a path"}], "trackingId": "7C2D0A6B1E9F4C3D8A5B6E7F80912A3B_1790000000000"}))]
    BadRequest(#[to_schema] wire::Error),
    /// The token is missing, unknown, revoked or expired.
    #[response(status = 401)]
    Unauthorized(#[to_schema] wire::Error),
    /// The token lacks a scope; the description says which.
    #[response(status = 403)]
    Forbidden(#[to_schema] wire::Error),
    /// The requested resource does not exist.
    #[response(status = 404)]
    NotFound(#[to_schema] wire::Error),
    /// The server failed; its log has details under the tracking id.
    #[response(status = 500)]
    InternalServerError(#[to_schema] wire::Error),
}

/// Errors of operations that change something.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes responses, which are built from `WebexError`")]
pub(super) enum ChangeErrors {
    /// A field or a parameter breaks a rule; there is a description for each, up to twenty.
    #[response(status = 400, example = json!({"message": "The request is malformed or breaks a rule; 'errors' lists what to fix.", "errors": [{"description": "'siteUrl' cannot be empty"}], "trackingId": "7C2D0A6B1E9F4C3D8A5B6E7F80912A3B_1790000000000"}))]
    BadRequest(#[to_schema] wire::Error),
    /// The token is missing, unknown, revoked or expired.
    #[response(status = 401)]
    Unauthorized(#[to_schema] wire::Error),
    /// The token lacks a scope, or the site's tracking codes are mapped to user attributes and are read-only.
    #[response(status = 403)]
    Forbidden(#[to_schema] wire::Error),
    /// The requested resource does not exist.
    #[response(status = 404)]
    NotFound(#[to_schema] wire::Error),
    /// The body is too large.
    #[response(status = 413)]
    PayloadTooLarge(#[to_schema] wire::Error),
    /// The request has a body whose content type is not `application/json`.
    #[response(status = 415)]
    UnsupportedMediaType(#[to_schema] wire::Error),
    /// The server failed; its log has details under the tracking id.
    #[response(status = 500)]
    InternalServerError(#[to_schema] wire::Error),
}
