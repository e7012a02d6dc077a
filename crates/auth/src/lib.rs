//! Authentication and authorisation. Every guarded route of every API goes through [`Auth::admit`]: only this crate
//! decides about tokens, scopes and accounts, and every decision is in the audit log.

mod audit;
mod authorize;
mod codes;
mod credentials;
mod grants;
mod own;
mod params;
mod permissions;
mod pkce;
mod redirects;
mod scopes;
mod throttle;

use std::{
    collections::BTreeSet,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
    middleware::Next,
    response::Response,
};
use rollcall_model::{
    AccountId, ClientId, Clock, Entropy, Operation, Scopes, SecretHash, Timestamp, Token, TokenId, TokenKind, UserId,
};
use rollcall_store::{Store, StoreError};

use self::{audit::Audit, throttle::Throttle};
pub use self::{
    authorize::{AskingPerson, AuthorizeError, CODE_SECONDS, Continued, WAITING_SECONDS, Waiting, typed_request_code},
    credentials::{AppRequest, CreatedApp, CreatedToken, TokenRequest, create_app, create_token},
    grants::{Asking, Granted, Lifetimes, Refresh, Refused},
    own::{is_own_scope, needs_user},
    params::{ClientCredentials, Params, Repeated, SecretIn},
    permissions::{Permission, Subject as PermissionSubject, permissions},
    pkce::Pkce,
    redirects::{InvalidRedirect, check_redirect, redirect_host},
    scopes::{InvalidScopes, known_scopes, own_read_scopes, parse_scopes, read_scopes},
    throttle::{Attempt, Knock, Throttled, network},
};

/// Checks access to every API, and writes the audit log.
pub struct Auth {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    throttle: Throttle,
    audit: Audit,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    failed_sign_ins: [AtomicU64; Attempt::ALL.len()],
    throttled: [AtomicU64; Attempt::ALL.len()],
    dropped_audit: AtomicU64,
}

/// Counters since the start, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthReport {
    /// Wrong credentials, by kind.
    pub failed_sign_ins: [(Attempt, u64); Attempt::ALL.len()],
    /// Requests rejected after too many failures, by kind.
    pub throttled: [(Attempt, u64); Attempt::ALL.len()],
    /// Audit entries that could not be written.
    pub dropped_audit: u64,
}

impl Auth {
    /// Creates the guard of these stores, which allows `failures_per_minute` wrong credentials for each address and
    /// client.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        failures_per_minute: u32,
    ) -> Self {
        Self {
            store,
            clock,
            entropy,
            throttle: Throttle::new(failures_per_minute),
            audit: Audit::default(),
            counts: Counts::default(),
        }
    }

    /// Returns the counters.
    #[must_use]
    pub fn report(&self) -> AuthReport {
        let Counts { failed_sign_ins, throttled, dropped_audit } = &self.counts;
        let read = |counts: &[AtomicU64; Attempt::ALL.len()]| {
            Attempt::ALL.map(|attempt| (attempt, counts[attempt as usize].load(Relaxed)))
        };
        AuthReport {
            failed_sign_ins: read(failed_sign_ins),
            throttled: read(throttled),
            dropped_audit: dropped_audit.load(Relaxed),
        }
    }

    /// Rejects a request from an address that floods with wrong credentials.
    fn throttle(&self, knock: Knock<'_>) -> Result<(), Throttled> {
        let verdict = self.throttle.admit(knock, self.now());
        self.count_throttled(knock, verdict)
    }

    /// Counts wrong credentials; returns an error if there were too many.
    fn note_failure(&self, knock: Knock<'_>) -> Result<(), Throttled> {
        self.counts.failed_sign_ins[knock.attempt as usize].fetch_add(1, Relaxed);
        let verdict = self.throttle.failed(knock, self.now());
        self.count_throttled(knock, verdict)
    }

    fn count_throttled(&self, knock: Knock<'_>, verdict: Result<(), Throttled>) -> Result<(), Throttled> {
        verdict.inspect_err(|_| {
            self.counts.throttled[knock.attempt as usize].fetch_add(1, Relaxed);
        })
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets a request through to `operation`, with its caller in its extensions, or returns why not. Every guard calls
    /// this. `address` is that of the client; `None` if the request did not come over a connection, as in tests.
    ///
    /// # Errors
    /// [`Denied`] is the reason.
    pub async fn admit(
        &self,
        operation: &Operation,
        request: Request,
        address: Option<IpAddr>,
    ) -> Result<(Request, Caller), Denied> {
        let (mut parts, body) = request.into_parts();
        let secret = bearer(&parts.headers).ok_or(Denied::InvalidToken)?;
        let caller = self.authorize(operation, SecretHash::of(secret), address).await?;
        let opens = |scope: &&str| caller.scopes.contains(scope);
        let is_wide = operation.scopes.iter().copied().filter(opens).any(|scope| !is_own_scope(scope));
        if !is_wide && !own::is_own(self.store.as_ref(), &caller, operation.subject, &mut parts).await? {
            self.audit(operation, &caller, address, StatusCode::FORBIDDEN.as_u16()).await;
            return Err(Denied::NotOwn(operation.scopes));
        }
        parts.extensions.insert(caller.clone());
        Ok((Request::from_parts(parts, body), caller))
    }

    /// Runs an operation that [`Self::admit`] let through, and records the result.
    pub async fn run(
        &self,
        operation: &Operation,
        caller: &Caller,
        address: Option<IpAddr>,
        request: Request,
        next: Next,
    ) -> Response {
        let response = next.run(request).await;
        self.audit(operation, caller, address, response.status().as_u16()).await;
        response
    }

    /// Finds the caller, and checks that they have a scope of `operation`. `shown` is the hash of the token, wherever
    /// in the request it is.
    ///
    /// # Errors
    /// [`Denied`] is the reason.
    pub async fn authorize(
        &self,
        operation: &Operation,
        shown: SecretHash,
        address: Option<IpAddr>,
    ) -> Result<Caller, Denied> {
        let knock = Knock { attempt: Attempt::Token, address, client: None, shown };
        self.throttle(knock)?;
        let Some(token) = self.store.find_token(&shown).await? else {
            self.note_failure(knock)?;
            return Err(Denied::InvalidToken);
        };
        self.throttle.passed(knock, self.now());
        if token.kind != TokenKind::Access || token.revoked_at.is_some() {
            return Err(Denied::InvalidToken);
        }
        if !token.is_open {
            return Err(Denied::Suspended);
        }
        if token.expires_at.is_some_and(|end| end <= self.now()) {
            return Err(Denied::ExpiredToken);
        }
        let Token { id, account, client_id, user_id, scopes, .. } = token;
        let caller = Caller { token: id, client: client_id, account, user: user_id, scopes };
        if !operation.scopes.iter().any(|scope| caller.scopes.contains(scope)) {
            self.audit(operation, &caller, address, StatusCode::FORBIDDEN.as_u16()).await;
            return Err(Denied::MissingScope(operation.scopes));
        }
        Ok(caller)
    }
}

/// The caller. Only the guard creates one, so a handler that takes one is guarded.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The token of the request.
    pub token: TokenId,
    /// The app of the token.
    pub client: Option<ClientId>,
    /// The one account that the caller can access.
    pub account: AccountId,
    /// The user that the caller acts for; `None` for an app that acts for the account.
    pub user: Option<UserId>,
    /// The granted scopes.
    pub scopes: Scopes,
}

/// Why a caller is rejected.
#[derive(Debug)]
pub enum Denied {
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

/// Returns an operation's scopes that cover more than one's own records: what a rejected caller lacks.
#[must_use]
pub fn wide_scopes(scopes: &[&'static str]) -> Vec<&'static str> {
    scopes.iter().copied().filter(|scope| !is_own_scope(scope)).collect()
}

/// Returns the names of granted scopes for a token response. Clients look there for names that they know, so a grant of
/// everything lists every scope of `operations`, classic and granular.
#[must_use]
pub fn scope_names(scopes: &Scopes, operations: &[&Operation]) -> String {
    match scopes {
        Scopes::Listed(_) => scopes.to_string(),
        Scopes::All => {
            let all: BTreeSet<&str> = operations.iter().flat_map(|operation| operation.scopes).copied().collect();
            all.into_iter().collect::<Vec<_>>().join(" ")
        }
    }
}

/// Returns the token of an `Authorization: Bearer …` header. The scheme is case-insensitive.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
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
