//! Who calls, and what they may do. Every guarded route of both surfaces goes through [`authorize`]: tokens, scopes
//! and accounts are decided here and nowhere else.

pub(crate) mod credentials;
pub(crate) mod grants;
mod params;

use std::collections::BTreeSet;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
};
pub(crate) use params::Params;
use rollcall_model::{AccountId, Scopes, Secret, SecretHash, TokenKind, UserId};
use rollcall_store::StoreError;

use crate::{rate::Label, state::App};

/// One operation of a surface, as far as the guard is concerned.
#[derive(Debug)]
pub(crate) struct Operation {
    /// The name under which the vendor documents it.
    pub(crate) id: &'static str,
    /// Any one of these opens it; the first is the one to ask for. Granular names come before classic ones.
    pub(crate) scopes: &'static [&'static str],
    /// What it does to the account's data.
    pub(crate) effect: Effect,
    /// How dear it is; Zoom's surface only.
    pub(crate) label: Option<Label>,
}

/// What an operation does to an account's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Returns some of it.
    Read,
    /// Returns any amount of it, as SQL does.
    Export,
    /// Adds attendance or measurements.
    Ingest,
    /// Changes what people entered.
    Change,
    /// Removes a person.
    Erase,
}

impl Effect {
    /// Returns whether the operation leaves the data as they are.
    pub(crate) const fn is_read(self) -> bool {
        matches!(self, Self::Read | Self::Export)
    }
}

/// Returns whether a scope opens only the records of the user whom a token acts for. Zoom marks the others with `:admin`
/// or `:master`; Webex names them `admin_…` or puts them into families of their own.
pub(crate) fn is_own_scope(scope: &str) -> bool {
    let mut parts = scope.split(':');
    match (parts.next(), parts.next()) {
        (Some("user" | "meeting" | "webinar"), Some("read")) => !matches!(parts.next_back(), Some("admin" | "master")),
        (Some("meeting"), Some(name)) => name.starts_with("schedules_") || name.starts_with("preferences_"),
        _ => false,
    }
}

/// Who calls. A handler that takes one can only stand behind the guard.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The one account that the caller sees.
    pub(crate) account: AccountId,
    /// The user the caller acts for; none for an app that acts for the account.
    pub(crate) user: Option<UserId>,
    /// What the caller may do.
    pub(crate) scopes: Scopes,
}

/// Why a caller is turned away.
#[derive(Debug)]
pub(crate) enum Denied {
    /// No token, one that is not of ours, or one that was withdrawn.
    InvalidToken,
    /// The token has ended.
    ExpiredToken,
    /// The token opens none of the scopes of the operation.
    MissingScope(&'static [&'static str]),
    /// It could not be found out.
    Store(StoreError),
}

impl From<StoreError> for Denied {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Finds out who calls and whether `operation` is open to them.
pub(crate) async fn authorize(app: &App, operation: &Operation, headers: &HeaderMap) -> Result<Caller, Denied> {
    let secret = bearer(headers).ok_or(Denied::InvalidToken)?;
    authorize_hash(app, operation, &SecretHash::of(secret)).await
}

/// [`authorize`] with a token that came by another way than the header.
pub(crate) async fn authorize_secret(app: &App, operation: &Operation, token: &Secret) -> Result<Caller, Denied> {
    authorize_hash(app, operation, &token.hash()).await
}

async fn authorize_hash(app: &App, operation: &Operation, token: &SecretHash) -> Result<Caller, Denied> {
    let token = app.store.find_token(token).await?.ok_or(Denied::InvalidToken)?;
    if token.kind != TokenKind::Access || token.revoked_at.is_some() {
        return Err(Denied::InvalidToken);
    }
    if token.expires_at.is_some_and(|end| end <= app.now()) {
        return Err(Denied::ExpiredToken);
    }
    if !operation.scopes.iter().any(|scope| token.scopes.contains(scope)) {
        return Err(Denied::MissingScope(operation.scopes));
    }
    Ok(Caller { account: token.account, user: token.user_id, scopes: token.scopes })
}

/// The names of what is granted, as a token answer tells them. Clients look there for the names that they know, so a
/// grant of everything names everything that `operations` know, classic and granular.
pub(crate) fn scope_names(scopes: &Scopes, operations: &[&Operation]) -> String {
    match scopes {
        Scopes::Listed(_) => scopes.to_string(),
        Scopes::All => {
            let all: BTreeSet<&str> = operations.iter().flat_map(|operation| operation.scopes).copied().collect();
            all.into_iter().collect::<Vec<_>>().join(" ")
        }
    }
}

/// The token of an `Authorization: Bearer …` header. The scheme's letters may be of any case.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = StatusCode;

    /// Takes the caller that the guard left. A route without a guard answers 500, never with data.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
