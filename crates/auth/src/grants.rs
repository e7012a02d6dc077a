//! The OAuth grants that both APIs share. Each API formats the results itself.

use std::net::IpAddr;

use axum::http::HeaderMap;
use rollcall_model::{AccountState, App, ClientId, Scopes, Secret, SecretHash, TokenKind, UserId, draw_secret};
use rollcall_store::{NewToken, StoreError};
use subtle::ConstantTimeEq as _;

use super::{Attempt, Auth, Knock, Params, SecretIn, Throttled};

/// A grant.
#[derive(Debug)]
pub struct Granted {
    /// The access token.
    pub access_token: Secret,
    /// How long it is valid.
    pub expires_in_seconds: i64,
    /// The refresh token, and its lifetime.
    pub refresh_token: Option<(Secret, i64)>,
    /// What the token may do.
    pub scopes: Scopes,
}

/// Why a grant was refused.
#[derive(Debug)]
pub enum Refused {
    /// A parameter is missing.
    Missing(&'static str),
    /// The client does not exist, is revoked, or its secret is wrong.
    UnknownClient,
    /// The app's account is suspended, or is being deleted.
    Suspended,
    /// The grant type is not supported.
    UnsupportedGrant,
    /// `account_id` is not the app's account.
    WrongAccount,
    /// The refresh token is used, revoked, expired, or another app's.
    InvalidRefreshToken,
    /// An app without a secret cannot act for its account.
    PublicClient,
    /// The app has no redirect URI, so it cannot have a code.
    NoRedirects,
    /// The authorization code is unknown, redeemed, expired, or another app's.
    InvalidCode,
    /// `redirect_uri` is not that of the authorization request.
    WrongRedirect,
    /// `code_verifier` is missing, or does not match the challenge of the authorization request; or that had none.
    WrongVerifier,
    /// Too many wrong secrets came from the same address, or for the same client.
    Throttled(Throttled),
    /// The store failed.
    Store(StoreError),
}

impl From<Throttled> for Refused {
    fn from(throttled: Throttled) -> Self {
        Self::Throttled(throttled)
    }
}

/// Parts of a token request other than its parameters.
#[derive(Clone, Copy)]
pub struct Asking<'r> {
    /// The parameters.
    pub params: &'r Params,
    /// The headers, which may hold the app's credentials.
    pub headers: &'r HeaderMap,
    /// The client's address; `None` if the request did not come over a connection.
    pub address: Option<IpAddr>,
    /// Where else the app's secret may be.
    pub secret_in: SecretIn,
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What happens to a refresh token when it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// It is replaced by a new one: Zoom.
    Replaced,
    /// It stays valid, and its lifetime is extended: Webex.
    Extended,
}

/// The tokens of an API.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// What happens to a refresh token when it is used.
    pub refresh: Refresh,
    /// How long an access token is valid.
    pub access_seconds: i64,
    /// How long a refresh token is valid.
    pub refresh_seconds: i64,
}

/// The owner of a new pair of tokens.
pub(crate) struct Grantee {
    pub(crate) client: App,
    pub(crate) user_id: Option<UserId>,
    pub(crate) scopes: Scopes,
}

impl Auth {
    /// Answers a token request: `account_credentials`, `client_credentials`, `authorization_code` or `refresh_token`.
    ///
    /// An app that acts for its account gets no refresh token: it can request an access token at any time.
    pub async fn grant(&self, asking: Asking<'_>, lifetimes: Lifetimes) -> Result<Granted, Refused> {
        let params = asking.params;
        let grant_type = params.get("grant_type").ok_or(Refused::Missing("grant_type"))?;
        let client = self.authenticate_client(asking).await?;
        self.audit_grant(client.account, client.client_id.clone(), asking.address);
        match grant_type {
            "account_credentials" | "client_credentials" if client.is_public => Err(Refused::PublicClient),
            "account_credentials" => {
                let account_id = params.get("account_id").ok_or(Refused::Missing("account_id"))?;
                let account = self.store.account(client.account).await?.ok_or(Refused::UnknownClient)?;
                if account.public_id != account_id {
                    return Err(Refused::WrongAccount);
                }
                self.grant_access(client, lifetimes).await
            }
            "client_credentials" => self.grant_access(client, lifetimes).await,
            "authorization_code" => self.redeem(client, asking, lifetimes).await,
            "refresh_token" => {
                let refresh_token = params.get("refresh_token").ok_or(Refused::Missing("refresh_token"))?;
                self.exchange(client, refresh_token, lifetimes).await
            }
            _ => Err(Refused::UnsupportedGrant),
        }
    }

    /// Returns the app whose credentials came with the request, in constant time for wrong and right secrets. An app
    /// without a secret sends only its client id.
    pub async fn authenticate_client(&self, asking: Asking<'_>) -> Result<App, Refused> {
        let Asking { params, headers, address, secret_in } = asking;
        let given = params.client(headers, secret_in).ok_or(Refused::UnknownClient)?;
        let shown = SecretHash::of(&given.client_secret);
        let knock = Knock { attempt: Attempt::Client, address, client: Some(&given.client_id), shown };
        self.throttle(knock)?;
        let client = self.store.find_app(&ClientId::from(given.client_id.as_str())).await?;
        let kept = client.as_ref().map_or(SecretHash([0; 32]), |client| client.secret_hash);
        let former = client.as_ref().and_then(|client| client.former_secret).filter(|(_, until)| self.now() < *until);
        let former = former.map_or(SecretHash([0; 32]), |(hash, _)| hash);
        let is_public = client.as_ref().is_some_and(|client| client.is_public) && given.client_secret.is_empty();
        let matches = is_public | bool::from(kept.0.ct_eq(&shown.0) | former.0.ct_eq(&shown.0));
        match client.filter(|client| matches && client.revoked_at.is_none()) {
            Some(client) => {
                self.throttle.passed(knock, self.now());
                let account = self.store.account(client.account).await?;
                match account.is_some_and(|account| account.state == AccountState::Open) {
                    true => Ok(client),
                    false => Err(Refused::Suspended),
                }
            }
            None => {
                self.note_failure(knock)?;
                Err(Refused::UnknownClient)
            }
        }
    }

    async fn grant_access(&self, client: App, lifetimes: Lifetimes) -> Result<Granted, Refused> {
        let scopes = client.scopes.clone();
        let grantee = Grantee { client, user_id: None, scopes };
        let (access_token, access) = self.new_token(&grantee, TokenKind::Access, lifetimes.access_seconds);
        self.store.grant_token(&access).await?;
        Ok(Granted {
            access_token,
            expires_in_seconds: lifetimes.access_seconds,
            refresh_token: None,
            scopes: grantee.scopes,
        })
    }

    /// Returns the next access token for a refresh token. If refresh tokens are replaced, only one of two requests with
    /// the same token succeeds.
    async fn exchange(&self, client: App, refresh_token: &str, lifetimes: Lifetimes) -> Result<Granted, Refused> {
        let hash = SecretHash::of(refresh_token);
        let token = self.store.find_token(&hash).await?.ok_or(Refused::InvalidRefreshToken)?;
        if token.client_id.as_ref() != Some(&client.client_id) {
            return Err(Refused::InvalidRefreshToken);
        }
        // A refresh token that an app without a secret lost must not be valid for ever (RFC 9700, section 2.2.2).
        let is_extended = lifetimes.refresh == Refresh::Extended && !client.is_public;
        let grantee = Grantee { client, user_id: token.user_id, scopes: token.scopes };
        let (access_token, access) = self.new_token(&grantee, TokenKind::Access, lifetimes.access_seconds);
        if is_extended {
            let until = self.now().plus_seconds(lifetimes.refresh_seconds);
            if !self.store.extend_refresh_token(&hash, &access, until, self.now()).await? {
                return Err(Refused::InvalidRefreshToken);
            }
            return Ok(Granted {
                access_token,
                expires_in_seconds: lifetimes.access_seconds,
                refresh_token: Some((Secret::new(refresh_token.to_owned()), lifetimes.refresh_seconds)),
                scopes: grantee.scopes,
            });
        }
        let (next_refresh_token, refresh) = self.new_token(&grantee, TokenKind::Refresh, lifetimes.refresh_seconds);
        if !self.store.exchange_refresh_token(&hash, &[access, refresh], self.now()).await? {
            return Err(Refused::InvalidRefreshToken);
        }
        Ok(Granted {
            access_token,
            expires_in_seconds: lifetimes.access_seconds,
            refresh_token: Some((next_refresh_token, lifetimes.refresh_seconds)),
            scopes: grantee.scopes,
        })
    }

    pub(crate) fn new_token(&self, grantee: &Grantee, kind: TokenKind, lifetime_seconds: i64) -> (Secret, NewToken) {
        let secret = draw_secret(self.entropy.as_ref());
        let now = self.now();
        let token = NewToken {
            hash: secret.hash(),
            account: grantee.client.account,
            client_id: Some(grantee.client.client_id.clone()),
            user_id: grantee.user_id.clone(),
            kind,
            scopes: grantee.scopes.clone(),
            created_at: now,
            expires_at: Some(now.plus_seconds(lifetime_seconds)),
        };
        (secret, token)
    }
}
