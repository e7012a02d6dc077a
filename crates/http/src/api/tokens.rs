//! `/api/v1/tokens`: the account's access tokens, for programs.

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::StatusCode,
};
use rollcall_auth::{Caller, TokenRequest, create_token};
use rollcall_model::{Role, Scopes, Timestamp, Token, TokenId, TokenKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::operations as op;
use super::{ApiError, ErrorBody, done, page_size};
use crate::{operations, state::AppState};

/// Maximum number of tokens per page.
const MAX_LISTED: usize = 300;
/// The longest life of a token, in days: a century, as on the command line.
const MAX_DAYS: u32 = 36_525;

/// A token without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListedToken {
    #[schema(example = 7)]
    id: i64,
    /// `access` or `refresh`.
    #[schema(example = "access")]
    kind: &'static str,
    /// `active`, `expired` or `revoked`.
    #[schema(example = "active")]
    state: &'static str,
    #[schema(example = "2026-10-01T09:00:00Z")]
    created_at: String,
    /// Null if it never expires.
    #[schema(example = "2026-12-30T09:00:00Z")]
    expires_at: Option<String>,
    /// To the minute; null if it was never used.
    #[schema(example = "2026-10-02T10:00:00Z")]
    last_used_at: Option<String>,
    /// The app that it belongs to; null if an operator created it.
    #[schema(example = json!(null))]
    client_id: Option<String>,
    /// The user that it acts for; null if it acts for the account.
    #[schema(example = json!(null))]
    user_id: Option<String>,
    /// Its scopes, or `all`.
    #[schema(example = json!(["rollcall:sql"]))]
    scopes: Vec<String>,
}

/// Tokens, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Tokens {
    tokens: Vec<ListedToken>,
    /// Value of `after` for the next page; null on the last page.
    #[schema(example = json!(null))]
    next: Option<i64>,
}

/// Parameters of the list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    /// The last token of the previous page.
    after: Option<i64>,
    /// Maximum number.
    #[param(example = 30, minimum = 1, maximum = 300)]
    limit: Option<usize>,
}

/// The token to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    /// Its scopes: at least one, and only those that the caller has.
    #[schema(example = json!(["rollcall:sql"]), min_items = 1)]
    scopes: Vec<String>,
    /// Its life in days.
    #[schema(example = 90, minimum = 1, maximum = 36_525)]
    days: u32,
}

/// The new token. Its secret is shown only here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CreatedToken {
    #[schema(example = 8)]
    id: i64,
    /// The token.
    #[schema(example = "3f8Kq0b1yq4i5xk1Yp9J6p4b0m2c7w8e9r0t1y2u3i4")]
    token: String,
    #[schema(example = "2026-12-30T09:00:00Z")]
    expires_at: String,
}

pub(super) fn scope_list(scopes: &Scopes) -> Vec<String> {
    match scopes {
        Scopes::All => vec!["all".to_owned()],
        Scopes::Listed(names) => names.iter().map(str::to_owned).collect(),
    }
}

/// Parses the scopes of a body, which must be among those of the caller: nobody can give more than they have. An
/// administrator can: programs that send data in have scopes that no member has.
pub(super) fn granted_scopes(caller: &Caller, names: &[String]) -> Result<Scopes, ApiError> {
    let scopes = operations::parse_scopes(&names.join(" "))
        .map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, format!("`scopes`: {error}.")))?;
    if caller.member.is_some_and(|(_, access)| access.role() == Role::Administrator) {
        return Ok(scopes);
    }
    let missing = match &scopes {
        Scopes::All => (caller.scopes != Scopes::All).then(|| "all".to_owned()),
        Scopes::Listed(names) => names.iter().find(|name| !caller.scopes.contains(name)).map(str::to_owned),
    };
    match missing {
        None => Ok(scopes),
        Some(name) => {
            Err(ApiError::new(StatusCode::FORBIDDEN, format!("You cannot grant the scope {name}: you do not have it.")))
        }
    }
}

fn listed(token: &Token, now: Timestamp) -> ListedToken {
    ListedToken {
        id: token.id.0,
        kind: match token.kind {
            TokenKind::Access => "access",
            TokenKind::Refresh => "refresh",
            TokenKind::Session => "session",
        },
        state: match (token.revoked_at, token.expires_at) {
            (Some(_), _) => "revoked",
            (None, Some(end)) if end <= now => "expired",
            (None, _) => "active",
        },
        created_at: token.created_at.to_string(),
        expires_at: token.expires_at.map(|end| end.to_string()),
        last_used_at: token.last_used.map(|used| used.to_string()),
        client_id: token.client_id.as_ref().map(ToString::to_string),
        user_id: token.user_id.as_ref().map(ToString::to_string),
        scopes: scope_list(&token.scopes),
    }
}

/// Lists the account's tokens, without their secrets.
#[utoipa::path(
    get, path = op::LIST_TOKENS.path, tag = "Access", operation_id = op::LIST_TOKENS.id,
    params(Listed),
    responses(
        (status = 200, description = "A page of tokens.", body = Tokens),
        (status = 400, description = "A parameter is wrong.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
    )
)]
pub(super) async fn list_tokens(
    State(app): State<AppState>,
    caller: Caller,
    query: Result<Query<Listed>, QueryRejection>,
) -> Result<Json<Tokens>, ApiError> {
    let Query(Listed { after, limit }) = query?;
    let limit = page_size(limit, 30, MAX_LISTED)?;
    let found = app.store.tokens(caller.account, after.map(TokenId), limit).await?;
    let next = found.last().map(|last| last.id.0).filter(|_| found.len() == limit);
    let now = app.now();
    Ok(Json(Tokens { tokens: found.iter().map(|token| listed(token, now)).collect(), next }))
}

/// Creates an access token for a program.
///
/// The response is the only place where the token can be read. It acts for the account.
#[utoipa::path(
    post, path = op::CREATE_TOKEN.path, tag = "Access", operation_id = op::CREATE_TOKEN.id,
    request_body(content = NewToken),
    responses(
        (status = 201, description = "The token.", body = CreatedToken),
        (status = 400, description = "A scope is unknown, or the life is out of range.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The caller lacks the scope, or one that it would grant.", body = ErrorBody),
    )
)]
pub(super) async fn add_token(
    State(app): State<AppState>,
    caller: Caller,
    body: Result<Json<NewToken>, JsonRejection>,
) -> Result<(StatusCode, Json<CreatedToken>), ApiError> {
    let Json(NewToken { scopes, days }) = body?;
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(ApiError::new(StatusCode::BAD_REQUEST, format!("`days` is 1 to {MAX_DAYS}.")));
    }
    let expires_at = app.now().plus_seconds(i64::from(days) * 24 * 3600);
    let request = TokenRequest {
        account: caller.account,
        client_id: None,
        user_id: None,
        kind: TokenKind::Access,
        scopes: granted_scopes(&caller, &scopes)?,
        expires_at: Some(expires_at),
    };
    let created = create_token(app.store.as_ref(), app.clock.as_ref(), app.entropy.as_ref(), request).await?;
    let token = created.secret.expose().to_owned();
    let body = CreatedToken { id: created.id.0, token, expires_at: expires_at.to_string() };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Revokes a token.
#[utoipa::path(
    delete, path = op::REVOKE_TOKEN.path, tag = "Access", operation_id = op::REVOKE_TOKEN.id,
    params(("tokenId" = i64, Path, description = "The id of the token.", example = 7)),
    responses(
        (status = 204, description = "It is revoked."),
        (status = 400, description = "The id is not a number.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 404, description = "The account has no such active token.", body = ErrorBody),
    )
)]
pub(super) async fn revoke_token(
    State(app): State<AppState>,
    caller: Caller,
    id: Result<Path<i64>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(id) = id?;
    let found = app.store.revoke_token(caller.account, TokenId(id), app.now()).await?;
    done(found, || format!("The account has no active token {id}."))
}
