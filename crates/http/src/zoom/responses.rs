//! The error responses that operations share, for the API description.

use rollcall_zoom::wire;
use utoipa::IntoResponses;

/// Errors of every operation.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers; the answers themselves are made of `ZoomError`")]
pub(super) enum Errors {
    /// Code 300: a parameter is wrong, `errors` names it. Code 4711: the token lacks a scope, the message names it.
    #[response(status = 400, example = json!({"code": 300, "message": "Validation Failed.", "errors": [{"field": "page_size", "message": "Invalid field. Use a whole number from 1 to 300."}]}))]
    BadRequest(#[to_schema] wire::Error),
    /// Code 124: the token is missing, unknown, revoked or expired.
    #[response(status = 401, example = json!({"code": 124, "message": "Invalid access token."}))]
    Unauthorized(#[to_schema] wire::Error),
    /// Code 429: the account's limit for the operation's label is reached; `X-RateLimit-Type` and `Retry-After` say which and for how long.
    #[response(status = 429, example = json!({"code": 429, "message": "You have reached the maximum per-second rate limit for this API. Try again later."}))]
    TooManyRequests(#[to_schema] wire::Error),
}

/// Errors of operations on an instance.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers; the answers themselves are made of `ZoomError`")]
pub(super) enum InstanceErrors {
    /// Code 300: a parameter is wrong, or the page token is invalid or expired. Code 4711: the token lacks a scope.
    #[response(status = 400, example = json!({"code": 300, "message": "Validation Failed.", "errors": [{"field": "type", "message": "Invalid field. Use one of: live, past."}]}))]
    BadRequest(#[to_schema] wire::Error),
    /// Code 124: the token is missing, unknown, revoked or expired.
    #[response(status = 401, example = json!({"code": 124, "message": "Access token is expired."}))]
    Unauthorized(#[to_schema] wire::Error),
    /// Code 3001: the instance does not exist, or is not in the requested state; the message says which.
    #[response(status = 404, example = json!({"code": 3001, "message": "Meeting ID is invalid or has not ended. It is not in progress: ask with type=past."}))]
    NotFound(#[to_schema] wire::Error),
    /// Code 429: the account's limit for the operation's label is reached; `X-RateLimit-Type` and `Retry-After` say which and for how long.
    #[response(status = 429, example = json!({"code": 429, "message": "You have reached the maximum per-second rate limit for this API. Try again later."}))]
    TooManyRequests(#[to_schema] wire::Error),
}

/// Errors of operations on one user, meeting or webinar.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers; the answers themselves are made of `ZoomError`")]
pub(super) enum ObjectErrors {
    /// Code 300: the id or a parameter is wrong. Code 200: a licence is missing. Code 4711: the token lacks a scope.
    #[response(status = 400, example = json!({"code": 300, "message": "Invalid webinar ID."}))]
    BadRequest(#[to_schema] wire::Error),
    /// Code 124: the token is missing, unknown, revoked or expired.
    #[response(status = 401, example = json!({"code": 124, "message": "Invalid access token."}))]
    Unauthorized(#[to_schema] wire::Error),
    /// Code 1001: no such user. Code 3001: no such meeting or webinar.
    #[response(status = 404, example = json!({"code": 3001, "message": "Webinar does not exist: 93201235621."}))]
    NotFound(#[to_schema] wire::Error),
    /// Code 429: the account's limit for the operation's label is reached; `X-RateLimit-Type` and `Retry-After` say which and for how long.
    #[response(status = 429, example = json!({"code": 429, "message": "You have reached the maximum per-second rate limit for this API. Try again later."}))]
    TooManyRequests(#[to_schema] wire::Error),
}
