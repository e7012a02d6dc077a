//! `/api/v1/sessions`: where members are signed in.

use std::collections::HashMap;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use rollcall_auth::Auth;
use rollcall_model::{MemberId, Session, TokenId, idle_until};
use serde::Serialize;

use super::{Named, SignedIn};
use crate::{
    api::{ApiError, ErrorBody, operations as op},
    state::AppState,
};

/// A browser in which a member is signed in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MemberSession)]
struct Listed {
    #[schema(example = 12)]
    id: i64,
    member: Named,
    /// When they signed in.
    #[schema(example = "2026-10-01T09:00:00Z")]
    created_at: String,
    /// The minute in which it was last used.
    #[schema(example = "2026-10-01T09:30:00Z")]
    last_used_at: Option<String>,
    /// When it ends unless it is used.
    #[schema(example = "2026-10-01T21:30:00Z")]
    expires_at: String,
    /// The address from which they signed in.
    #[schema(example = "192.0.2.1")]
    address: Option<String>,
    /// What the browser says that it is.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")]
    agent: Option<String>,
    /// Whether it is the one that asks.
    #[schema(example = true)]
    current: bool,
}

/// Where members are signed in, newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::api) struct Sessions {
    sessions: Vec<Listed>,
}

impl SignedIn {
    /// Returns whose sessions the caller may see and end; `None` if those of the whole account.
    fn reach(&self, scope: &str) -> Result<Option<MemberId>, ApiError> {
        match self.caller.member {
            _ if self.caller.scopes.contains(scope) => Ok(None),
            Some((member, _)) => Ok(Some(member)),
            None => Err(ApiError::new(StatusCode::FORBIDDEN, format!("The access token lacks the scope {scope}."))),
        }
    }
}

/// Lists the caller's sessions; for administrators those of all members.
#[utoipa::path(
    get, path = op::LIST_SESSIONS.path, tag = "Members", operation_id = op::LIST_SESSIONS.id,
    security(("session" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The sessions, newest first.", body = Sessions),
        (status = 401, description = "The request has no valid session or token.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope `members:read`.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn list_sessions(
    State(app): State<AppState>,
    signed_in: SignedIn,
) -> Result<Json<Sessions>, ApiError> {
    let caller = &signed_in.caller;
    let sessions = app.store.sessions(caller.account, signed_in.reach(op::READ_MEMBERS)?, app.now()).await?;
    let members: HashMap<_, _> =
        app.store.members(caller.account).await?.into_iter().map(|member| (member.id, member)).collect();
    let listed = sessions.into_iter().filter_map(|session| {
        let Session { id, member, created_at, last_used, expires_at, address, agent } = session;
        Some(Listed {
            id: id.0,
            member: Named::from(members.get(&member)?),
            created_at: created_at.to_string(),
            last_used_at: last_used.map(|used| used.to_string()),
            expires_at: idle_until(created_at, last_used, expires_at).to_string(),
            address: address.map(Into::into),
            agent: agent.map(Into::into),
            current: caller.member.is_some() && caller.token == id,
        })
    });
    let listed = Sessions { sessions: listed.collect() };
    signed_in.note(&app, &op::LIST_SESSIONS, StatusCode::OK).await;
    Ok(Json(listed))
}

/// Ends one of the caller's sessions; administrators can end any.
#[utoipa::path(
    delete, path = op::END_SESSION.path, tag = "Members", operation_id = op::END_SESSION.id,
    security(("session" = []), ("bearer" = [])),
    params(("sessionId" = i64, Path, description = "The session.", example = 12)),
    responses(
        (status = 204, description = "It has ended."),
        (status = 400, description = "The id is not a number.", body = ErrorBody),
        (status = 401, description = "The request has no valid session or token.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope `members:write`, or the session is the demo's.", body = ErrorBody),
        (status = 404, description = "There is no such session.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn end_session(
    State(app): State<AppState>,
    signed_in: SignedIn,
    id: Result<Path<i64>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(id) = id?;
    let reach = signed_in.reach(op::WRITE_MEMBERS)?;
    if reach.is_some() && Auth::is_demo_viewer(&signed_in.member(&app).await?) {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "All visitors of the demo share its session."));
    }
    if !app.store.end_session(signed_in.caller.account, reach, TokenId(id)).await? {
        return Err(ApiError::new(StatusCode::NOT_FOUND, format!("There is no session {id}.")));
    }
    signed_in.note(&app, &op::END_SESSION, StatusCode::NO_CONTENT).await;
    Ok(StatusCode::NO_CONTENT)
}
