//! Authorizations: an app asks for access in a person's browser, and the operator or an administrator decides (RFC 6749,
//! section 4.1).

use crate::{AccountId, ClientId, Scopes, Text, Timestamp, UserId, Vendor};

/// What an app asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// The code by which people name the request, such as `BCDF-GHJK`. It grants nothing.
    pub request_code: Text,
    /// The account of the app.
    pub account: AccountId,
    /// The app.
    pub client_id: ClientId,
    /// The vendor whose API the app was written for.
    pub vendor: Vendor,
    /// Where the browser returns to: one of the app's registered URIs.
    pub redirect_uri: Text,
    /// The app's own value, which is returned to it.
    pub state: Option<Text>,
    /// The scopes that it asked for.
    pub scopes: Scopes,
    /// What the app has to prove when it redeems the code.
    pub challenge: Option<Challenge>,
    /// The address of the browser, for those who decide.
    pub address: Option<Text>,
    /// When the app asked.
    pub created_at: Timestamp,
    /// Until when somebody can decide, and then until when the browser can fetch the code.
    pub expires_at: Timestamp,
}

/// The challenge of PKCE (RFC 7636).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// How it was made from the verifier.
    pub method: ChallengeMethod,
    /// The challenge.
    pub value: Text,
}

/// How a challenge is made from its verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeMethod {
    /// The SHA-256 of the verifier, in URL-safe base64.
    S256,
    /// The verifier itself.
    Plain,
}

impl ChallengeMethod {
    /// Returns its name in requests and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::S256 => "S256",
            Self::Plain => "plain",
        }
    }

    /// Parses its name, which is case-sensitive.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::S256, Self::Plain].into_iter().find(|method| method.as_str() == text)
    }
}

/// A request and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// The request.
    pub request: AuthorizationRequest,
    /// What has become of it.
    pub stage: AuthorizationStage,
    /// The user that was named with the approval; `None` for an app that acts for the account.
    pub user_id: Option<UserId>,
    /// Until when the code can be redeemed, once there is one.
    pub code_expires_at: Option<Timestamp>,
}

/// The stages of an authorization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizationStage {
    /// Nobody has decided.
    Waiting,
    /// It was approved; the browser has not returned to the app.
    Approved,
    /// It was denied.
    Denied,
    /// The app has received a code.
    Issued,
    /// The app has redeemed the code.
    Redeemed,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The app gets what it asked for. Its tokens act for the user, or for the account.
    Approve(Option<UserId>),
    /// The app gets nothing.
    Deny,
}
