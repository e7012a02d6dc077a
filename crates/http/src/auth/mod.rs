//! Authentication and authorisation. Every guarded route of all APIs goes through [`authorize`]: only this module
//! decides about tokens, scopes and accounts.

pub(crate) mod credentials;
pub(crate) mod grants;
mod own;
mod params;
mod throttle;

use std::{collections::BTreeSet, net::IpAddr};

use axum::{
    extract::{FromRequestParts, Request},
    http::{Extensions, HeaderMap, StatusCode, header, request::Parts},
    middleware::Next,
    response::Response,
};
pub(crate) use own::{Subject, is_own_scope};
pub(crate) use params::{Params, SecretIn};
use rollcall_model::{AccountId, ClientId, Scopes, Secret, SecretHash, Token, TokenId, TokenKind, UserId};
use rollcall_store::StoreError;
pub(crate) use throttle::{Attempt, Knock, Throttle, Throttled};

use crate::{rate::Label, server::ClientAddress, state::App};

/// One operation of an API, as the guard sees it.
#[derive(Debug)]
pub(crate) struct Operation {
    /// Its id in the vendor's documents.
    pub(crate) id: &'static str,
    /// Scopes, any of which is sufficient; errors name the first. Granular names come before classic ones.
    pub(crate) scopes: &'static [&'static str],
    /// Its effect on the account's data.
    pub(crate) effect: Effect,
    /// What its path identifies, which user-level scopes are checked against.
    pub(crate) subject: Subject,
    /// Its rate limit label; Zoom only.
    pub(crate) label: Option<Label>,
}

/// The effect of an operation on an account's data.
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

impl Operation {
    /// The kind of record, for the audit.
    pub(crate) const fn target(&self) -> &'static str {
        match self.subject {
            Subject::Account | Subject::Asked => match self.effect {
                Effect::Erase => "person",
                _ => "account",
            },
            Subject::User => "user",
            Subject::Meeting(_) => "meeting",
            Subject::Instance(_) => "instance",
        }
    }
}

impl Effect {
    /// Its name in the audit.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Export => "export",
            Self::Ingest => "ingest",
            Self::Change => "change",
            Self::Erase => "erase",
        }
    }

    /// Returns whether the operation does not change data.
    pub(crate) const fn is_read(self) -> bool {
        matches!(self, Self::Read | Self::Export)
    }
}

/// The caller. Only the guard creates one, so a handler that takes one is guarded.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The token of the request.
    pub(crate) token: TokenId,
    /// The app of the token.
    pub(crate) client: Option<ClientId>,
    /// The one account that the caller can access.
    pub(crate) account: AccountId,
    /// The user that the caller acts for; `None` for an app that acts for the account.
    pub(crate) user: Option<UserId>,
    /// The granted scopes.
    pub(crate) scopes: Scopes,
}

/// Why a caller is rejected.
#[derive(Debug)]
pub(crate) enum Denied {
    /// No token, an unknown one, or a revoked one.
    InvalidToken,
    /// The token has expired.
    ExpiredToken,
    /// The token's account is suspended, or is being deleted.
    Suspended,
    /// The token has none of the operation's scopes.
    MissingScope(&'static [&'static str]),
    /// The token only allows its user's own records, and this is none of them. The operation has these scopes.
    NotOwn(&'static [&'static str]),
    /// Too many wrong tokens came from the same address.
    Throttled(Throttled),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Denied {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Throttled> for Denied {
    fn from(throttled: Throttled) -> Self {
        Self::Throttled(throttled)
    }
}

/// Lets a request through to `operation`, with its caller in its extensions, or returns why not. Every guard calls
/// this.
pub(crate) async fn admit(app: &App, operation: &Operation, request: Request) -> Result<(Request, Caller), Denied> {
    let (mut parts, body) = request.into_parts();
    let caller = authorize(app, operation, &parts.headers, &parts.extensions).await?;
    let opens = |scope: &&str| caller.scopes.contains(scope);
    let is_wide = operation.scopes.iter().copied().filter(opens).any(|scope| !is_own_scope(scope));
    if !is_wide && !own::is_own(app, &caller, operation.subject, &mut parts).await? {
        app.audit(operation, &caller, address_of(&parts.extensions), StatusCode::FORBIDDEN.as_u16()).await;
        return Err(Denied::NotOwn(operation.scopes));
    }
    parts.extensions.insert(caller.clone());
    Ok((Request::from_parts(parts, body), caller))
}

/// Runs an operation that [`admit`] let through, and records the result.
pub(crate) async fn run(app: &App, operation: &Operation, caller: &Caller, request: Request, next: Next) -> Response {
    let address = address_of(request.extensions());
    let response = next.run(request).await;
    app.audit(operation, caller, address, response.status().as_u16()).await;
    response
}

/// Returns the request's address; `None` if it did not come over a connection, as in tests.
pub(crate) fn address_of(extensions: &Extensions) -> Option<IpAddr> {
    ClientAddress::of(extensions).map(|client| client.ip)
}

/// Finds the caller, and checks that they have a scope of `operation`.
pub(crate) async fn authorize(
    app: &App,
    operation: &Operation,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<Caller, Denied> {
    let secret = bearer(headers).ok_or(Denied::InvalidToken)?;
    authorize_hash(app, operation, SecretHash::of(secret), address_of(extensions)).await
}

/// Does the same as [`authorize`] with a token that was not in the header.
pub(crate) async fn authorize_secret(
    app: &App,
    operation: &Operation,
    token: &Secret,
    extensions: &Extensions,
) -> Result<Caller, Denied> {
    authorize_hash(app, operation, token.hash(), address_of(extensions)).await
}

/// Returns an operation's scopes that cover more than one's own records: what a rejected caller lacks.
pub(crate) fn wide_scopes(scopes: &[&'static str]) -> Vec<&'static str> {
    scopes.iter().copied().filter(|scope| !is_own_scope(scope)).collect()
}

async fn authorize_hash(
    app: &App,
    operation: &Operation,
    shown: SecretHash,
    address: Option<IpAddr>,
) -> Result<Caller, Denied> {
    let knock = Knock { attempt: Attempt::Token, address, client: None, shown };
    app.throttle(knock)?;
    let Some(token) = app.store.find_token(&shown).await? else {
        app.note_failure(knock)?;
        return Err(Denied::InvalidToken);
    };
    app.throttle.passed(knock, app.now());
    if token.kind != TokenKind::Access || token.revoked_at.is_some() {
        return Err(Denied::InvalidToken);
    }
    if !token.is_open {
        return Err(Denied::Suspended);
    }
    if token.expires_at.is_some_and(|end| end <= app.now()) {
        return Err(Denied::ExpiredToken);
    }
    let Token { id, account, client_id, user_id, scopes, .. } = token;
    let caller = Caller { token: id, client: client_id, account, user: user_id, scopes };
    if !operation.scopes.iter().any(|scope| caller.scopes.contains(scope)) {
        app.audit(operation, &caller, address, StatusCode::FORBIDDEN.as_u16()).await;
        return Err(Denied::MissingScope(operation.scopes));
    }
    Ok(caller)
}

/// Returns the names of granted scopes for a token response. Clients look there for names that they know, so a grant of
/// everything lists every scope of `operations`, classic and granular.
pub(crate) fn scope_names(scopes: &Scopes, operations: &[&Operation]) -> String {
    match scopes {
        Scopes::Listed(_) => scopes.to_string(),
        Scopes::All => {
            let all: BTreeSet<&str> = operations.iter().flat_map(|operation| operation.scopes).copied().collect();
            all.into_iter().collect::<Vec<_>>().join(" ")
        }
    }
}

/// Returns the token of an `Authorization: Bearer …` header. The scheme is case-insensitive.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = StatusCode;

    /// Takes the caller that the guard created. A route without a guard answers 500, never with data.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
