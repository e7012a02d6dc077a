//! Decisions about apps by signed-in members, in the browser that an app sent here.
//!
//! Only administrators decide, and they grant at most what their own role allows. A decision replaces the secret of the
//! browser, so that another browser whose owner planted or learned the former one does not get the code.

use std::net::IpAddr;

use axum::http::{HeaderMap, Method};
use rollcall_model::{App, Authorization, AuthorizationStage, Decision, Member, Role, Secret, UserId, draw_secret};
use rollcall_store::{Decided, StoreError};

use crate::{Auth, AuthorizeError, CODE_SECONDS, CROSS_SITE, Caller, Denied, NOT_SIGNED_IN, needs_user, roles};

/// What the person in a browser may do about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing: nobody of the app's account is signed in.
    Stranger,
    /// Nothing: the member's role does not allow it.
    Barred(Member),
    /// Deny it. The app asks for more than the member's role allows.
    Deny(Member),
    /// Approve or deny it.
    Decide(Member),
}

/// A member's decision, before it is checked.
#[derive(Clone, Copy)]
pub struct Deciding<'r> {
    /// The headers of the request.
    pub headers: &'r HeaderMap,
    /// The address; `None` if the request did not come over a connection.
    pub address: Option<IpAddr>,
    /// The secret of the browser.
    pub browser: &'r str,
    /// The code of the request.
    pub request_code: &'r str,
    /// Whether to approve it.
    pub approve: bool,
    /// The user that the app is to act for, by id or address.
    pub user: Option<&'r str>,
}

/// A decision that was recorded.
#[derive(Debug)]
pub struct DecidedApp {
    /// The app.
    pub app: App,
    /// The new secret of the browser. It belongs into its cookie.
    pub browser: Secret,
}

/// Why a decision is refused. The request still waits.
#[derive(Debug)]
pub enum DecideError {
    /// The request has expired, was decided, or belongs to another browser.
    Unknown,
    /// The person may not do this. The text is for them.
    Forbidden(&'static str),
    /// The app needs a user, or the account does not have the one that was named. The text is for the person.
    User(String),
    /// Too many unknown browsers came from the same address, or the store failed.
    Other(AuthorizeError),
}

impl<E: Into<AuthorizeError>> From<E> for DecideError {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

impl Auth {
    /// Returns what the person with these headers may do about a request. They belong to a visit of its page, which any
    /// site may cause.
    ///
    /// # Errors
    /// If the store failed.
    pub async fn standing(
        &self,
        authorization: &Authorization,
        headers: &HeaderMap,
        address: Option<IpAddr>,
    ) -> Result<Standing, StoreError> {
        let Some(secret) = self.site.session(headers) else { return Ok(Standing::Stranger) };
        match self.of_session(secret, address).await {
            Ok(caller) => self.standing_of(authorization, &caller).await,
            Err(Denied::Store(error)) => Err(error),
            Err(_) => Ok(Standing::Stranger),
        }
    }

    async fn standing_of(&self, authorization: &Authorization, caller: &Caller) -> Result<Standing, StoreError> {
        let request = &authorization.request;
        let Some((id, access)) = caller.member.filter(|_| caller.account == request.account) else {
            return Ok(Standing::Stranger);
        };
        let Some(member) = self.store.member(caller.account, id).await? else { return Ok(Standing::Stranger) };
        Ok(match access.role() {
            Role::Administrator if roles::may_grant(access, &request.scopes) => Standing::Decide(member),
            Role::Administrator => Standing::Deny(member),
            Role::Viewer | Role::Analyst => Standing::Barred(member),
        })
    }

    /// Records a member's decision.
    ///
    /// # Errors
    /// [`DecideError`] is the reason.
    pub async fn decide(&self, deciding: Deciding<'_>) -> Result<DecidedApp, DecideError> {
        let Deciding { headers, address, browser, request_code, approve, user } = deciding;
        let caller = match self.of_cookie(&Method::POST, headers, address).await {
            Ok(Some(caller)) => caller,
            Err(Denied::CrossSite) => return Err(DecideError::Forbidden(CROSS_SITE)),
            Err(Denied::Store(error)) => return Err(error.into()),
            Err(Denied::Throttled(throttled)) => return Err(throttled.into()),
            Ok(None) | Err(_) => return Err(DecideError::Forbidden(NOT_SIGNED_IN)),
        };
        let (authorization, app) =
            self.find_request(browser, request_code, address).await?.ok_or(DecideError::Unknown)?;
        if authorization.stage != AuthorizationStage::Waiting {
            return Err(DecideError::Unknown);
        }
        let member = match self.standing_of(&authorization, &caller).await? {
            Standing::Decide(member) => member,
            Standing::Deny(member) if !approve => member,
            Standing::Deny(_) => {
                return Err(DecideError::Forbidden(
                    "The app asks for more than your role allows. The operator decides.",
                ));
            }
            Standing::Barred(_) => {
                return Err(DecideError::Forbidden("Your role does not allow this. Administrators can do it."));
            }
            Standing::Stranger => return Err(DecideError::Forbidden("You are not a member of the app's account.")),
        };
        let decision =
            if approve { Decision::Approve(self.user_of(&authorization, user).await?) } else { Decision::Deny };
        let (secret, now) = (draw_secret(self.entropy.as_ref()), self.now());
        let decided =
            Decided { decision, at: now, until: now.plus_seconds(CODE_SECONDS), browser: Some(secret.hash()) };
        if !self.store.decide_authorization(app.account, request_code, &decided).await? {
            return Err(DecideError::Unknown);
        }
        self.audit_decision(&member, caller.token, approve, address).await;
        Ok(DecidedApp { app, browser: secret })
    }

    /// Returns the user that an app is to act for.
    async fn user_of(&self, authorization: &Authorization, user: Option<&str>) -> Result<Option<UserId>, DecideError> {
        let request = &authorization.request;
        let Some(user) = user.map(str::trim).filter(|user| !user.is_empty()) else {
            let problem = "The app asks only for the records of one user: name the user.";
            let is_needed = needs_user(&request.scopes);
            return if is_needed { Err(DecideError::User(problem.to_owned())) } else { Ok(None) };
        };
        let found = self.store.find_user(request.account, user).await?;
        let found =
            found.ok_or_else(|| DecideError::User("The account has no user with this id or address.".into()))?;
        Ok(Some(found.user_id()))
    }
}
