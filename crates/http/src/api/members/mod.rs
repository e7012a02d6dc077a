//! Members: signing in, sessions, invitations, and the members of an account.
//!
//! Operations of a signed-in person take [`SignedIn`], which checks the caller itself: they have no scope, because every
//! role has them. Those of people who are not signed in take [`Visitor`].

pub(super) mod invitations;
pub(super) mod manage;
pub(super) mod session;
pub(super) mod sessions;

use std::net::IpAddr;

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use rollcall_auth::{Browser, Caller, Denied, SignInError, Started};
use rollcall_model::{Member, Operation, SESSION_SECONDS};
use serde::Serialize;

use super::ApiError;
use crate::{client::address_of, state::AppState};

/// A member as others see them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MemberName)]
struct Named {
    #[schema(example = 1)]
    id: i64,
    /// The address to sign in with.
    #[schema(example = "ana@example.com")]
    email: String,
    #[schema(example = "Ana Souza")]
    name: String,
}

impl From<&Member> for Named {
    fn from(member: &Member) -> Self {
        Self { id: member.id.0, email: member.email.to_string(), name: member.name.to_string() }
    }
}

/// Somebody with a token or a session, whatever it allows.
pub(super) struct SignedIn {
    caller: Caller,
    visitor: Visitor,
}

impl SignedIn {
    /// Records what they did.
    async fn note(&self, app: &AppState, operation: &Operation, status: StatusCode) {
        app.auth.audit(operation, &self.caller, self.visitor.address, status.as_u16()).await;
    }

    /// Returns the member, unless a token was sent.
    async fn member(&self, app: &AppState) -> Result<Member, ApiError> {
        let Some((id, _)) = self.caller.member else {
            return Err(ApiError::new(StatusCode::FORBIDDEN, "Only a member can do this: sign in."));
        };
        let member = app.store.member(self.caller.account, id).await?;
        member.ok_or_else(|| Denied::NotSignedIn.into())
    }
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let visitor = Visitor::of(parts, app);
        let caller = app.auth.identify(&parts.method, &parts.headers, visitor.address).await?;
        Ok(Self { caller, visitor })
    }
}

/// Somebody's browser, or program.
pub(super) struct Visitor {
    address: Option<IpAddr>,
    agent: Option<String>,
    /// The secret of the session that it has.
    session: Option<String>,
}

impl Visitor {
    fn of(parts: &Parts, app: &AppState) -> Self {
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Self {
            address: address_of(&parts.extensions),
            agent: agent.map(str::to_owned),
            session: app.auth.site().session(&parts.headers).map(str::to_owned),
        }
    }

    fn browser(&self) -> Browser<'_> {
        Browser { address: self.address, agent: self.agent.as_deref(), former: self.session.as_deref() }
    }
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = ApiError;

    /// Rejects a request that another site's page sent, so that no page signs its visitors in to an account of its own.
    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        if parts.method != Method::GET {
            app.auth.site().check_new(&parts.headers).map_err(Denied::from)?;
        }
        Ok(Self::of(parts, app))
    }
}

impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> Self {
        let bad = |message: String| Self::new(StatusCode::BAD_REQUEST, message);
        match error {
            SignInError::Wrong => Self::new(StatusCode::UNAUTHORIZED, "The email address or the password is wrong."),
            SignInError::Suspended => Denied::Suspended.into(),
            SignInError::NoInvitation => Self::new(
                StatusCode::NOT_FOUND,
                "This invitation does not exist, was accepted or has expired. Ask for a new one.",
            ),
            SignInError::OtherAddress => bad("`email`: this invitation is for another address.".to_owned()),
            SignInError::Invalid(reason) => bad(format!("`{}`: {reason}", reason.field())),
            SignInError::BadPassword(reason) => bad(format!("`password`: {reason}")),
            SignInError::Taken => {
                Self::new(StatusCode::CONFLICT, "`email`: this address can sign in to this server already.")
            }
            SignInError::Full(limit) => Self::new(StatusCode::CONFLICT, format!("{limit}.")),
            SignInError::NoPassword => {
                Self::new(StatusCode::CONFLICT, "You have no password here: you sign in through a provider.")
            }
            SignInError::Busy => Self::busy("Too many people are signing in. Try again in a second.", 1),
            SignInError::Throttled(throttled) => Self::busy(
                &format!("Too many wrong attempts. Try again in {} seconds.", throttled.retry_after_seconds),
                throttled.retry_after_seconds,
            ),
            SignInError::Store(error) => error.into(),
        }
    }
}

/// Sets the cookie of a session that has begun.
fn with_session(app: &AppState, started: &Started, response: Response) -> Response {
    with_cookie(&app.auth.site().set_session(started.secret.expose(), SESSION_SECONDS), response)
}

/// Deletes the session's cookie.
fn without_session(app: &AppState) -> Response {
    with_cookie(&app.auth.site().set_session("", 0), StatusCode::NO_CONTENT.into_response())
}

fn with_cookie(cookie: &str, mut response: Response) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
