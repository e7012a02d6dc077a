//! `/api/v1/members`: the members of an account, for administrators.

use axum::{
    Json,
    extract::{
        Path, State,
        rejection::{JsonRejection, PathRejection},
    },
    http::{HeaderMap, StatusCode},
};
use rollcall_auth::{Caller, check_email, invitation_link};
use rollcall_model::{Access, Member, MemberId, Role};
use rollcall_store::StoreError;
use serde::{Deserialize, Serialize};

use crate::{
    api::{ApiError, ErrorBody, done, operations as op},
    state::AppState,
    surface::public_url,
};

/// A member.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MemberInfo)]
struct Listed {
    #[schema(example = 1)]
    id: i64,
    /// The address to sign in with.
    #[schema(example = "ana@example.com")]
    email: String,
    #[schema(example = "Ana Souza")]
    name: String,
    /// viewer, analyst or administrator.
    #[schema(example = "analyst")]
    role: &'static str,
    /// Whether names and addresses of participants, hosts and users are hidden from the member.
    #[schema(example = false)]
    names_hidden: bool,
    /// When they became a member.
    #[schema(example = "2026-10-01T09:00:00Z")]
    created_at: String,
    /// The minute in which they were last seen.
    #[schema(example = "2026-10-02T09:30:00Z")]
    last_seen_at: Option<String>,
    /// The provider that vouches for them; null if they have a password.
    #[schema(example = json!(null))]
    provider: Option<String>,
}

impl From<Member> for Listed {
    fn from(member: Member) -> Self {
        let Member { id, email, name, access, created_at, last_seen, provider, .. } = member;
        Self {
            id: id.0,
            email: email.into(),
            name: name.into(),
            role: access.role().as_str(),
            names_hidden: access.names_hidden(),
            created_at: created_at.to_string(),
            last_seen_at: last_seen.map(|seen| seen.to_string()),
            provider: provider.map(Into::into),
        }
    }
}

/// The members of the account, oldest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::api) struct Members {
    members: Vec<Listed>,
}

/// Lists the account's members.
#[utoipa::path(
    get, path = op::LIST_MEMBERS.path, tag = "Members", operation_id = op::LIST_MEMBERS.id,
    responses(
        (status = 200, description = "All members; an account has at most 1,000.", body = Members),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope, or the member the role.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn list_members(
    State(app): State<AppState>,
    caller: Caller,
) -> Result<Json<Members>, ApiError> {
    let members = app.store.members(caller.account).await?;
    Ok(Json(Members { members: members.into_iter().map(Listed::from).collect() }))
}

/// The role of a member.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = MemberRole)]
enum RoleName {
    Viewer,
    Analyst,
    Administrator,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Viewer => Self::Viewer,
            RoleName::Analyst => Self::Analyst,
            RoleName::Administrator => Self::Administrator,
        }
    }
}

/// Somebody to invite.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInvitation)]
pub(in crate::api) struct Inviting {
    /// The address that they will sign in with.
    #[schema(example = "ana@example.com")]
    email: String,
    role: RoleName,
    /// Hide names and addresses of participants, hosts and users from a viewer.
    #[serde(default)]
    names_hidden: bool,
}

/// The link of an invitation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::api) struct InvitationLink {
    /// Give it to the person. It is shown only now, and works once.
    #[schema(example = "https://rollcall.example.com/welcome#iDgJZbSidSSxnA_Ry6ju_dQV5v3jMYSY-Y_oaoGFU6k")]
    link: String,
    #[schema(example = "2026-10-08T09:00:00Z")]
    expires_at: String,
}

/// Invites somebody to the account.
///
/// Rollcall does not mail the link: give it to the person. It works once, within seven days, and replaces a former one for
/// the same address.
#[utoipa::path(
    post, path = op::INVITE_MEMBER.path, tag = "Members", operation_id = op::INVITE_MEMBER.id,
    request_body(content = Inviting),
    responses(
        (status = 201, description = "The link.", body = InvitationLink),
        (status = 400, description = "A field is wrong.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope, or the member the role.", body = ErrorBody),
        (status = 409, description = "The address is a member already, or too many invitations are waiting.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn invite_member(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    inviting: Result<Json<Inviting>, JsonRejection>,
) -> Result<(StatusCode, Json<InvitationLink>), ApiError> {
    let Json(Inviting { email, role, names_hidden }) = inviting?;
    let email =
        check_email(&email).map_err(|reason| ApiError::new(StatusCode::BAD_REQUEST, format!("`email`: {reason}")))?;
    let access = access(role.into(), names_hidden)?;
    let (code, expires_at) =
        app.auth.invite(caller.account, Some(email), access).await.map_err(|error| match error {
            StoreError::LimitReached { what } => ApiError::new(StatusCode::CONFLICT, format!("{what}.")),
            error => ApiError::taken(error),
        })?;
    let link = invitation_link(&public_url(&app.settings, &headers), &code);
    Ok((StatusCode::CREATED, Json(InvitationLink { link, expires_at: expires_at.to_string() })))
}

/// What to change of a member.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct MemberChange {
    /// The new role.
    role: Option<RoleName>,
    /// Whether names and addresses are hidden from a viewer.
    #[schema(example = true)]
    names_hidden: Option<bool>,
}

/// Changes what a member may do. Their sessions end.
#[utoipa::path(
    patch, path = op::CHANGE_MEMBER.path, tag = "Members", operation_id = op::CHANGE_MEMBER.id,
    params(("memberId" = i64, Path, description = "The member.", example = 1)),
    request_body(content = MemberChange),
    responses(
        (status = 204, description = "It is changed."),
        (status = 400, description = "A field is wrong.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope, or the member the role.", body = ErrorBody),
        (status = 404, description = "The account has no such member.", body = ErrorBody),
        (status = 409, description = "The member is the last administrator.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn change_member(
    State(app): State<AppState>,
    caller: Caller,
    id: Result<Path<i64>, PathRejection>,
    change: Result<Json<MemberChange>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(id) = id?;
    let Json(MemberChange { role, names_hidden }) = change?;
    let member = app
        .store
        .member(caller.account, MemberId(id))
        .await?
        .ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, no_member(id)))?;
    let role = role.map_or(member.access.role(), Role::from);
    let names_hidden = names_hidden.unwrap_or(role == Role::Viewer && member.access.names_hidden());
    let access = access(role, names_hidden)?;
    done(app.store.set_access(caller.account, member.id, access).await.map_err(kept)?, || no_member(id))
}

/// Removes a member. Their sessions end.
///
/// The audit log still names them until its entries are deleted.
#[utoipa::path(
    delete, path = op::REMOVE_MEMBER.path, tag = "Members", operation_id = op::REMOVE_MEMBER.id,
    params(("memberId" = i64, Path, description = "The member.", example = 1)),
    responses(
        (status = 204, description = "They are removed."),
        (status = 400, description = "The id is not a number.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope, or the member the role.", body = ErrorBody),
        (status = 404, description = "The account has no such member.", body = ErrorBody),
        (status = 409, description = "The member is the last administrator.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn remove_member(
    State(app): State<AppState>,
    caller: Caller,
    id: Result<Path<i64>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(id) = id?;
    done(app.store.remove_member(caller.account, MemberId(id), app.now()).await.map_err(kept)?, || no_member(id))
}

fn access(role: Role, names_hidden: bool) -> Result<Access, ApiError> {
    let reason = "`names_hidden`: names can be hidden from viewers only.";
    Access::new(role, names_hidden).ok_or_else(|| ApiError::new(StatusCode::BAD_REQUEST, reason))
}

fn no_member(id: i64) -> String {
    format!("The account has no member {id}.")
}

/// The account keeps its last administrator.
fn kept(error: StoreError) -> ApiError {
    match error {
        StoreError::Conflict { .. } => ApiError::new(
            StatusCode::CONFLICT,
            "This is the account's last administrator. Make another member one first.",
        ),
        error => error.into(),
    }
}
