//! The OAuth grants that both APIs share. Each API formats the results itself.

use std::net::IpAddr;

use axum::http::HeaderMap;
use rollcall_model::{AccountState, App as OAuthApp, ClientId, Scopes, Secret, SecretHash, TokenKind, UserId};
use rollcall_store::{NewToken, StoreError};
use subtle::ConstantTimeEq as _;

use super::{Attempt, Knock, Params, SecretIn, Throttled};
use crate::state::{App, draw_secret};

/// A grant.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) access_token: Secret,
    pub(crate) expires_in_seconds: i64,
    /// The refresh token, and its lifetime.
    pub(crate) refresh_token: Option<(Secret, i64)>,
    pub(crate) scopes: Scopes,
}

/// Why a grant was refused.
#[derive(Debug)]
pub(crate) enum Refused {
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
pub(crate) struct Asking<'r> {
    pub(crate) params: &'r Params,
    pub(crate) headers: &'r HeaderMap,
    pub(crate) address: Option<IpAddr>,
    pub(crate) secret_in: SecretIn,
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What happens to a refresh token when it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refresh {
    /// It is replaced by a new one: Zoom.
    Replaced,
    /// It stays valid, and its lifetime is extended: Webex.
    Extended,
}

/// The tokens of an API.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lifetimes {
    pub(crate) refresh: Refresh,
    pub(crate) access_seconds: i64,
    pub(crate) refresh_seconds: i64,
}

/// The owner of a new pair of tokens.
struct Grantee {
    client: OAuthApp,
    user_id: Option<UserId>,
    scopes: Scopes,
}

/// Answers a token request: `account_credentials`, `client_credentials` or `refresh_token`.
///
/// An app that acts for its account gets no refresh token: it can request an access token at any time.
pub(crate) async fn grant(app: &App, asking: Asking<'_>, lifetimes: Lifetimes) -> Result<Granted, Refused> {
    let params = asking.params;
    let grant_type = params.get("grant_type").ok_or(Refused::Missing("grant_type"))?;
    let client = authenticate_client(app, asking).await?;
    app.audit_grant(client.account, client.client_id.clone(), asking.address);
    match grant_type {
        "account_credentials" => {
            let account_id = params.get("account_id").ok_or(Refused::Missing("account_id"))?;
            let account = app.store.account(client.account).await?.ok_or(Refused::UnknownClient)?;
            if account.public_id != account_id {
                return Err(Refused::WrongAccount);
            }
            grant_access(app, client, lifetimes).await
        }
        "client_credentials" => grant_access(app, client, lifetimes).await,
        "refresh_token" => {
            let refresh_token = params.get("refresh_token").ok_or(Refused::Missing("refresh_token"))?;
            exchange(app, client, refresh_token, lifetimes).await
        }
        _ => Err(Refused::UnsupportedGrant),
    }
}

/// Returns the app whose credentials came with the request, in constant time for wrong and right secrets.
pub(crate) async fn authenticate_client(app: &App, asking: Asking<'_>) -> Result<OAuthApp, Refused> {
    let Asking { params, headers, address, secret_in } = asking;
    let given = params.client(headers, secret_in).ok_or(Refused::UnknownClient)?;
    let shown = SecretHash::of(&given.client_secret);
    let knock = Knock { attempt: Attempt::Client, address, client: Some(&given.client_id), shown };
    app.throttle(knock)?;
    let client = app.store.find_app(&ClientId::from(given.client_id.as_str())).await?;
    let kept = client.as_ref().map_or(SecretHash([0; 32]), |client| client.secret_hash);
    let former = client.as_ref().and_then(|client| client.former_secret).filter(|(_, until)| app.now() < *until);
    let former = former.map_or(SecretHash([0; 32]), |(hash, _)| hash);
    let matches = bool::from(kept.0.ct_eq(&shown.0) | former.0.ct_eq(&shown.0));
    match client.filter(|client| matches && client.revoked_at.is_none()) {
        Some(client) => {
            app.throttle.passed(knock, app.now());
            let account = app.store.account(client.account).await?;
            match account.is_some_and(|account| account.state == AccountState::Open) {
                true => Ok(client),
                false => Err(Refused::Suspended),
            }
        }
        None => {
            app.note_failure(knock)?;
            Err(Refused::UnknownClient)
        }
    }
}

async fn grant_access(app: &App, client: OAuthApp, lifetimes: Lifetimes) -> Result<Granted, Refused> {
    let scopes = client.scopes.clone();
    let grantee = Grantee { client, user_id: None, scopes };
    let (access_token, access) = new_token(app, &grantee, TokenKind::Access, lifetimes.access_seconds);
    app.store.grant_token(&access).await?;
    Ok(Granted {
        access_token,
        expires_in_seconds: lifetimes.access_seconds,
        refresh_token: None,
        scopes: grantee.scopes,
    })
}

/// Returns the next access token for a refresh token. If refresh tokens are replaced, only one of two requests with the
/// same token succeeds.
async fn exchange(app: &App, client: OAuthApp, refresh_token: &str, lifetimes: Lifetimes) -> Result<Granted, Refused> {
    let hash = SecretHash::of(refresh_token);
    let token = app.store.find_token(&hash).await?.ok_or(Refused::InvalidRefreshToken)?;
    if token.client_id.as_ref() != Some(&client.client_id) {
        return Err(Refused::InvalidRefreshToken);
    }
    let grantee = Grantee { client, user_id: token.user_id, scopes: token.scopes };
    let (access_token, access) = new_token(app, &grantee, TokenKind::Access, lifetimes.access_seconds);
    if lifetimes.refresh == Refresh::Extended {
        let until = app.now().plus_seconds(lifetimes.refresh_seconds);
        if !app.store.extend_refresh_token(&hash, &access, until, app.now()).await? {
            return Err(Refused::InvalidRefreshToken);
        }
        return Ok(Granted {
            access_token,
            expires_in_seconds: lifetimes.access_seconds,
            refresh_token: Some((Secret::new(refresh_token.to_owned()), lifetimes.refresh_seconds)),
            scopes: grantee.scopes,
        });
    }
    let (next_refresh_token, refresh) = new_token(app, &grantee, TokenKind::Refresh, lifetimes.refresh_seconds);
    if !app.store.exchange_refresh_token(&hash, &[access, refresh], app.now()).await? {
        return Err(Refused::InvalidRefreshToken);
    }
    Ok(Granted {
        access_token,
        expires_in_seconds: lifetimes.access_seconds,
        refresh_token: Some((next_refresh_token, lifetimes.refresh_seconds)),
        scopes: grantee.scopes,
    })
}

fn new_token(app: &App, grantee: &Grantee, kind: TokenKind, lifetime_seconds: i64) -> (Secret, NewToken) {
    let secret = draw_secret(app.entropy.as_ref());
    let now = app.now();
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
