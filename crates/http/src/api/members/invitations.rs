//! `/api/v1/invitations`: how somebody becomes a member.
//!
//! The link that people get has the code in its fragment, which browsers never send; the page behind it sends the code
//! here.

use axum::{
    Json,
    extract::{
        Path, State,
        rejection::{JsonRejection, PathRejection},
    },
    response::Response,
};
use rollcall_auth::Acceptance;
use serde::{Deserialize, Serialize};

use super::{
    Visitor,
    session::{AccountName, Current, begun, without_values},
};
use crate::{
    api::{ApiError, ErrorBody, operations as op},
    state::AppState,
};

/// An invitation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = InvitationInfo)]
pub(in crate::api) struct Invited {
    /// The address that it is for; null if the new member may choose one.
    #[schema(example = "ana@example.com")]
    email: Option<String>,
    /// viewer, analyst or administrator.
    #[schema(example = "analyst")]
    role: &'static str,
    account: AccountName,
    #[schema(example = "2026-10-08T09:00:00Z")]
    expires_at: String,
}

/// Returns an invitation to somebody who has its code.
#[utoipa::path(
    get, path = op::GET_INVITATION.path, tag = "Members", operation_id = op::GET_INVITATION.id, security(()),
    params(("code" = String, Path, description = "The code of the link, after `#`.")),
    responses(
        (status = 200, description = "The invitation.", body = Invited),
        (status = 404, description = "It does not exist, was accepted or has expired.", body = ErrorBody),
        (status = 429, description = "Too many wrong codes; `Retry-After` says when to retry.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_invitation(
    State(app): State<AppState>,
    visitor: Visitor,
    code: Result<Path<String>, PathRejection>,
) -> Result<Json<Invited>, ApiError> {
    let Path(code) = code?;
    let invitation = app.auth.invitation(&code, visitor.address).await?;
    Ok(Json(Invited {
        email: invitation.email.map(Into::into),
        role: invitation.access.role().as_str(),
        account: AccountName::of(&app, invitation.account).await?,
        expires_at: invitation.expires_at.to_string(),
    }))
}

/// A new member.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Accepting {
    /// The address to sign in with: that of the invitation, if it has one.
    #[schema(example = "ana@example.com")]
    email: String,
    /// The name for other members.
    #[schema(example = "Ana Souza")]
    name: String,
    /// At least 12 characters.
    #[schema(example = "correct horse battery")]
    password: String,
}

/// Accepts an invitation, and signs the new member in.
///
/// The code works once.
#[utoipa::path(
    post, path = op::ACCEPT_INVITATION.path, tag = "Members", operation_id = op::ACCEPT_INVITATION.id, security(()),
    params(("code" = String, Path, description = "The code of the link, after `#`.")),
    request_body(content = Accepting),
    responses(
        (status = 201, description = "The session.", body = Current),
        (status = 400, description = "A field is wrong.", body = ErrorBody),
        (status = 403, description = "Another site's page sent the request.", body = ErrorBody),
        (status = 404, description = "It does not exist, was accepted or has expired.", body = ErrorBody),
        (status = 409, description = "The address can sign in already, or the account has too many members.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 429, description = "Too many wrong codes; `Retry-After` says when to retry.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn accept_invitation(
    State(app): State<AppState>,
    visitor: Visitor,
    code: Result<Path<String>, PathRejection>,
    accepting: Result<Json<Accepting>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Path(code) = code?;
    let Json(Accepting { email, name, password }) = accepting.map_err(without_values)?;
    let given = Acceptance { code: &code, email: &email, name: &name, password: &password };
    let started = app.auth.accept(given, visitor.browser()).await?;
    begun(&app, &started).await
}
