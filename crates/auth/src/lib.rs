//! Authentication and authorisation. Every guarded route of every API goes through [`Auth::admit`]: only this crate
//! decides about tokens, scopes and accounts, and every decision is in the audit log.

mod audit;
mod authorize;
mod codes;
mod credentials;
mod decide;
mod grants;
mod members;
mod own;
mod params;
mod passwords;
mod permissions;
mod pkce;
mod provider;
mod redirects;
mod roles;
mod scopes;
mod site;
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
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::Response,
};
use rollcall_model::{
    Access, AccountId, ClientId, Clock, Effect, Entropy, MemberId, Operation, Role, Scopes, SecretHash, Timestamp,
    Token, TokenId, TokenKind, UserId, idle_until,
};
use rollcall_store::{Store, StoreError};

use self::{audit::Audit, passwords::Passwords, provider::Providers, roles::Roles, throttle::Throttle};
pub use self::{
    authorize::{AskingPerson, AuthorizeError, CODE_SECONDS, Continued, WAITING_SECONDS, Waiting, typed_request_code},
    credentials::{
        AppRequest, CreatedApp, CreatedToken, INVITATION_SECONDS, InvitationRequest, TokenRequest, create_app,
        create_invitation, create_token, invitation_link,
    },
    decide::{DecideError, DecidedApp, Deciding, Standing},
    grants::{Asking, Granted, Lifetimes, Refresh, Refused},
    members::{Acceptance, Browser, InvalidMember, SignInError, Started, check_email, check_name},
    own::{is_own_scope, needs_user},
    params::{ClientCredentials, Params, Repeated, SecretIn},
    passwords::{BadPassword, MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS, check_password},
    permissions::{Permission, Subject as PermissionSubject, permissions},
    pkce::Pkce,
    provider::{
        ATTEMPT_SECONDS, Arrived, Departure, InvalidProvider, Issuer, ProviderError, ProviderId, ProviderSettings,
        Return, own_path,
    },
    redirects::{InvalidRedirect, check_redirect, redirect_host},
    roles::least_access,
    scopes::{InvalidScopes, known_scopes, own_read_scopes, parse_scopes, read_scopes},
    site::{CrossSite, Site, cookie},
    throttle::{Attempt, Knock, Throttled, network},
};

/// Checks access to every API, and writes the audit log.
pub struct Auth {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    site: Site,
    roles: Roles,
    throttle: Throttle,
    passwords: Passwords,
    providers: Providers,
    /// The session that visitors of a demo share.
    demo: tokio::sync::Mutex<Option<Started>>,
    audit: Audit,
    counts: Counts,
}

/// What the guard of a server is made with.
pub struct AuthSettings<'o> {
    /// How many wrong credentials each address and client may send per minute; a third as many passwords.
    pub failures_per_minute: u32,
    /// How browsers reach the server.
    pub site: Site,
    /// Providers through which members sign in.
    pub providers: Vec<ProviderSettings>,
    /// The operations of all surfaces.
    pub operations: &'o [&'static Operation],
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
    /// Creates the guard of these stores.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: AuthSettings<'_>,
    ) -> Self {
        let AuthSettings { failures_per_minute, site, providers, operations } = settings;
        let providers = Providers::new(providers, entropy.as_ref());
        Self {
            store,
            clock,
            entropy,
            site,
            roles: Roles::of(operations),
            throttle: Throttle::new(failures_per_minute),
            passwords: Passwords::new(),
            providers,
            demo: tokio::sync::Mutex::default(),
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

    /// Returns the scopes of a member.
    #[must_use]
    pub fn member_scopes(&self, access: Access) -> Scopes {
        self.roles.scopes(access)
    }

    /// Returns how browsers reach the server.
    #[must_use]
    pub const fn site(&self) -> &Site {
        &self.site
    }

    fn count_failure(&self, attempt: Attempt) {
        self.counts.failed_sign_ins[attempt as usize].fetch_add(1, Relaxed);
    }

    /// Counts wrong credentials; returns an error if there were too many.
    fn note_failure(&self, knock: Knock<'_>) -> Result<(), Throttled> {
        self.count_failure(knock.attempt);
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
        // Only programs send data, so no cookie does.
        let takes_cookies = operation.effect != Effect::Ingest;
        let caller = self.caller_of(&parts.method, &parts.headers, address, takes_cookies).await?;
        let caller = self.allow(operation, caller.ok_or(Denied::InvalidToken)?, address).await?;
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
        let caller = self.of_token(shown, address).await?;
        self.allow(operation, caller, address).await
    }

    /// Finds the caller of a request that any of its account may make: by its token, or by the cookie of its session.
    ///
    /// # Errors
    /// [`Denied`] is the reason.
    pub async fn identify(
        &self,
        method: &Method,
        headers: &HeaderMap,
        address: Option<IpAddr>,
    ) -> Result<Caller, Denied> {
        self.caller_of(method, headers, address, true).await?.ok_or(Denied::NotSignedIn)
    }

    /// Returns the caller of a token, else of a session's cookie if it may be one; `None` if the request has neither.
    async fn caller_of(
        &self,
        method: &Method,
        headers: &HeaderMap,
        address: Option<IpAddr>,
        takes_cookies: bool,
    ) -> Result<Option<Caller>, Denied> {
        if headers.contains_key(header::AUTHORIZATION) {
            let secret = bearer(headers).ok_or(Denied::InvalidToken)?;
            return self.of_token(SecretHash::of(secret), address).await.map(Some);
        }
        if takes_cookies { self.of_cookie(method, headers, address).await } else { Ok(None) }
    }

    /// Returns the caller of a session's cookie; `None` if the request has none.
    async fn of_cookie(
        &self,
        method: &Method,
        headers: &HeaderMap,
        address: Option<IpAddr>,
    ) -> Result<Option<Caller>, Denied> {
        let Some(secret) = self.site.session(headers) else { return Ok(None) };
        self.site.check(method, headers)?;
        self.of_session(secret, address).await.map(Some)
    }

    /// Returns the caller of a session.
    async fn of_session(&self, secret: &str, address: Option<IpAddr>) -> Result<Caller, Denied> {
        let shown = SecretHash::of(secret);
        let knock = Knock { attempt: Attempt::Session, address, client: None, shown };
        self.throttle(knock)?;
        let Some(token) = self.find_session(&shown).await? else {
            // Not held against the address: a page that is still open after its session has ended is no attack.
            self.count_failure(Attempt::Session);
            return Err(Denied::NotSignedIn);
        };
        self.throttle.passed(knock, self.now());
        if !token.is_open {
            return Err(Denied::Suspended);
        }
        let expires_at = session_end(&token);
        let Token { id, account, member, .. } = token;
        let scopes = member.map_or_else(|| Scopes::listed([]), |(_, access)| self.member_scopes(access));
        Ok(Caller { token: id, client: None, account, user: None, member, scopes, expires_at })
    }

    /// Returns the session with a secret, unless it has ended.
    async fn find_session(&self, shown: &SecretHash) -> Result<Option<Token>, StoreError> {
        let found = self.store.find_token(shown).await?;
        Ok(found.filter(|token| {
            let end = session_end(token);
            let is_session = token.kind == TokenKind::Session && token.member.is_some();
            is_session && token.revoked_at.is_none() && end.is_some_and(|end| self.now() < end)
        }))
    }

    /// Finds the caller of an access token.
    async fn of_token(&self, shown: SecretHash, address: Option<IpAddr>) -> Result<Caller, Denied> {
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
        let Token { id, account, client_id, user_id, scopes, expires_at, .. } = token;
        Ok(Caller { token: id, client: client_id, account, user: user_id, member: None, scopes, expires_at })
    }

    /// Checks that a caller has a scope of `operation`, and a member the role.
    async fn allow(&self, operation: &Operation, caller: Caller, address: Option<IpAddr>) -> Result<Caller, Denied> {
        let has_scope = operation.scopes.iter().any(|scope| caller.scopes.contains(scope));
        let refused = match caller.member {
            None => (!has_scope).then_some(Denied::MissingScope(operation.scopes)),
            Some((_, access)) => {
                let least = least_access(operation);
                let is_allowed = has_scope && least.is_some_and(|least| least <= access);
                (!is_allowed).then_some(Denied::MissingRole(least))
            }
        };
        match refused {
            None => Ok(caller),
            Some(denied) => {
                self.audit(operation, &caller, address, StatusCode::FORBIDDEN.as_u16()).await;
                Err(denied)
            }
        }
    }
}

/// Returns when a session ends unless it is used.
fn session_end(token: &Token) -> Option<Timestamp> {
    token.expires_at.map(|end| idle_until(token.created_at, token.last_used, end))
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
    /// The member whose session it is, and what they may do.
    pub member: Option<(MemberId, Access)>,
    /// The granted scopes.
    pub scopes: Scopes,
    /// When the token expires, or the session unless it is used; `None` if never.
    pub expires_at: Option<Timestamp>,
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
    /// The request has no session, or one that has ended.
    NotSignedIn,
    /// The member's role lacks this. It takes at least the given one; `None` if only a token can do it.
    MissingRole(Option<Access>),
    /// Another site's page caused the request.
    CrossSite,
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

impl From<CrossSite> for Denied {
    fn from(CrossSite: CrossSite) -> Self {
        Self::CrossSite
    }
}

/// The answer to [`Denied::NotSignedIn`] on every surface.
pub const NOT_SIGNED_IN: &str = "You are not signed in, or your session has ended.";
/// The answer to [`Denied::CrossSite`].
pub const CROSS_SITE: &str = "This request came from another site. Send it from a page of this server, or with an \
    access token.";

/// Returns who may do what a member's role lacks.
#[must_use]
pub const fn missing_role(least: Option<Access>) -> &'static str {
    match least {
        None => "Members cannot do this. Send an access token.",
        Some(access) => match access.role() {
            Role::Viewer => {
                "Names are hidden from you. Viewers who see names, analysts and administrators can do this."
            }
            Role::Analyst => "Your role does not allow this. Analysts and administrators can do it.",
            Role::Administrator => "Your role does not allow this. Administrators can do it.",
        },
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
