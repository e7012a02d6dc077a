//! Access tokens: how they are got, and when they are renewed.
//!
//! Zoom's grant for servers, `account_credentials`, is not one of OAuth's, so no OAuth library has it; the others are one
//! form each.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use rollcall_model::{Clock, Secret, Timestamp, Vendor};
use serde::Deserialize;
use tokio::sync::Mutex;

/// How long before its end a token is renewed, in seconds.
const MARGIN_SECONDS: i64 = 300;
/// Lifetime of a token that does not state one, in seconds.
const DEFAULT_SECONDS: i64 = 3_600;
/// Maximum time for a token.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Maximum size of a response with a token.
const MAX_BYTES: usize = 64 * 1024;

/// What access tokens are got with.
#[derive(Debug, Clone)]
pub enum Grant {
    /// A Server-to-Server app of Zoom's.
    AccountCredentials {
        /// The id of Zoom's account.
        account_id: String,
        /// The app.
        client_id: String,
        /// Its secret.
        client_secret: Secret,
    },
    /// An app with a refresh token: of either vendor after a person's consent, and of a Webex service app.
    RefreshToken {
        /// The app.
        client_id: String,
        /// Its secret.
        client_secret: Secret,
        /// The latest refresh token: each use replaces Zoom's.
        refresh_token: Secret,
    },
    /// An app to which a person has just consented. The code is used once, then the refresh token that comes with it.
    AuthorizationCode {
        /// The app.
        client_id: String,
        /// Its secret.
        client_secret: Secret,
        /// The code.
        code: Secret,
        /// The address that the code was sent to.
        redirect_uri: String,
        /// The verifier of PKCE, if the request had a challenge.
        code_verifier: Option<Secret>,
    },
    /// An access token that cannot be renewed.
    AccessToken(Secret),
}

/// Where a refresh token is kept that replaces the former one, which is no longer valid then.
#[async_trait]
pub trait KeepRefreshToken: Send + Sync {
    /// Keeps it. The error says why it could not be kept.
    async fn keep(&self, refresh_token: &Secret) -> Result<(), String>;
}

/// Why there is no access token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The vendor refused the credentials.
    #[error("{vendor} refused the credentials (status {status}): {reason}")]
    Refused {
        /// The vendor.
        vendor: Vendor,
        /// The HTTP status.
        status: u16,
        /// What it says.
        reason: String,
    },
    /// The vendor cannot be reached, or does not answer as it should.
    #[error("no access token: {0}")]
    Unreachable(String),
    /// The refresh token that replaced the former one was not kept.
    #[error("the new refresh token could not be kept: {0}")]
    NotKept(String),
    /// The token has ended and cannot be renewed.
    #[error("the access token is no longer valid, and there is nothing to renew it with")]
    Ended,
}

/// A token, and when to renew it.
#[derive(Clone)]
struct Held {
    token: Secret,
    renew_at: Timestamp,
}

/// The current token. Whoever needs one while it is being renewed waits for that renewal.
pub(crate) struct Tokens {
    vendor: Vendor,
    url: String,
    clock: Arc<dyn Clock>,
    keep: Option<Arc<dyn KeepRefreshToken>>,
    state: Mutex<(Grant, Option<Held>)>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    /// A number, or a number as text.
    #[serde(default)]
    expires_in: serde_json::Value,
    #[serde(default)]
    refresh_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    reason: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    message: Option<String>,
}

impl Tokens {
    pub(crate) fn new(
        vendor: Vendor,
        url: String,
        grant: Grant,
        clock: Arc<dyn Clock>,
        keep: Option<Arc<dyn KeepRefreshToken>>,
    ) -> Self {
        Self { vendor, url, clock, keep, state: Mutex::new((grant, None)) }
    }

    /// Returns a token that is valid for a while.
    pub(crate) async fn get(&self, http: &reqwest::Client) -> Result<Secret, TokenError> {
        let mut state = self.state.lock().await;
        let (grant, held) = &mut *state;
        if let Grant::AccessToken(token) = grant {
            return match held {
                Some(_) => Err(TokenError::Ended),
                None => Ok(token.clone()),
            };
        }
        if let Some(held) = held
            && self.clock.now() < held.renew_at
        {
            return Ok(held.token.clone());
        }
        let granted = self.ask(http, grant).await?;
        let seconds = granted.expires_in.as_i64().or_else(|| granted.expires_in.as_str()?.parse().ok());
        let seconds = seconds.unwrap_or(DEFAULT_SECONDS).max(0);
        // A token that lives shortly is used for half of that.
        let renew_at = self.clock.now().plus_seconds((seconds - MARGIN_SECONDS).max(seconds / 2));
        if let Some(refresh_token) = granted.refresh_token.map(Secret::new) {
            self.replace(grant, refresh_token).await?;
        }
        let token = Secret::new(granted.access_token);
        *held = Some(Held { token: token.clone(), renew_at });
        Ok(token)
    }

    /// Forgets a token that the vendor does not accept. The next call gets another.
    pub(crate) async fn reject(&self, token: &Secret) {
        let mut state = self.state.lock().await;
        match &mut *state {
            (Grant::AccessToken(given), held) => {
                *held = Some(Held { token: given.clone(), renew_at: self.clock.now() });
            }
            (_, held) => {
                if held.as_ref().is_some_and(|held| held.token == *token) {
                    *held = None;
                }
            }
        }
    }

    /// From now on, tokens are got with this refresh token.
    async fn replace(&self, grant: &mut Grant, new: Secret) -> Result<(), TokenError> {
        let (client_id, client_secret) = match grant {
            Grant::RefreshToken { refresh_token, .. } if *refresh_token == new => return Ok(()),
            Grant::RefreshToken { client_id, client_secret, .. }
            | Grant::AuthorizationCode { client_id, client_secret, .. } => (client_id.clone(), client_secret.clone()),
            Grant::AccountCredentials { .. } | Grant::AccessToken(_) => return Ok(()),
        };
        // The former one is not valid any more, whatever comes of keeping this one.
        *grant = Grant::RefreshToken { client_id, client_secret, refresh_token: new.clone() };
        match &self.keep {
            Some(keep) => keep.keep(&new).await.map_err(TokenError::NotKept),
            None => Ok(()),
        }
    }

    async fn ask(&self, http: &reqwest::Client, grant: &Grant) -> Result<Granted, TokenError> {
        let mut form = BTreeMap::new();
        let (client_id, client_secret) = match grant {
            Grant::AccountCredentials { account_id, client_id, client_secret } => {
                form.insert("grant_type", "account_credentials");
                form.insert("account_id", account_id);
                (client_id, client_secret)
            }
            Grant::RefreshToken { client_id, client_secret, refresh_token } => {
                form.insert("grant_type", "refresh_token");
                form.insert("refresh_token", refresh_token.expose());
                (client_id, client_secret)
            }
            Grant::AuthorizationCode { client_id, client_secret, code, redirect_uri, code_verifier } => {
                form.insert("grant_type", "authorization_code");
                form.insert("code", code.expose());
                form.insert("redirect_uri", redirect_uri);
                if let Some(verifier) = code_verifier {
                    form.insert("code_verifier", verifier.expose());
                }
                (client_id, client_secret)
            }
            Grant::AccessToken(_) => return Err(TokenError::Ended),
        };
        let mut request = http.post(&self.url).timeout(TIMEOUT);
        // Zoom wants the app in a header, Webex in the form.
        match self.vendor {
            Vendor::Zoom => request = request.basic_auth(client_id, Some(client_secret.expose())),
            Vendor::Webex => {
                form.insert("client_id", client_id);
                form.insert("client_secret", client_secret.expose());
            }
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
        let request = request.header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let unreachable = |error: reqwest::Error| TokenError::Unreachable(crate::client::in_words(&error));
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status().as_u16();
        let body = crate::client::read_body(response, MAX_BYTES).await.map_err(TokenError::Unreachable)?;
        match status {
            200..300 => serde_json::from_slice(&body)
                .map_err(|_| TokenError::Unreachable("the response has no `access_token`".to_owned())),
            429 | 500.. => Err(TokenError::Unreachable(format!("status {status}"))),
            _ => {
                let problem: Problem = serde_json::from_slice(&body).unwrap_or_default();
                let reason = problem.reason.or(problem.error_description).or(problem.message).or(problem.error);
                let reason = reason.unwrap_or_else(|| "no reason was given".to_owned()).chars().take(300).collect();
                Err(TokenError::Refused { vendor: self.vendor, status, reason })
            }
        }
    }
}
