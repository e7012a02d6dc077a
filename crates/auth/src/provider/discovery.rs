//! What providers publish about themselves: endpoints and keys, cached for an hour.

use std::sync::Arc;

use openidconnect::{
    AdditionalProviderMetadata, ProviderMetadata,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
        CoreSubjectIdentifierType,
    },
};
use rollcall_model::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{fetch::Fetch, settings::Issuer, with_cause};

/// How long a document and its keys are used, in seconds.
const FRESH_SECONDS: i64 = 3_600;
/// How long an unknown key waits for the next fetch, in seconds: anybody can name one.
const REFRESH_SECONDS: i64 = 60;
/// Pause after a failed fetch, in seconds.
const PAUSE_SECONDS: i64 = 5;

/// Metadata that the library does not know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct More {
    /// Whether each response names its issuer (RFC 9207).
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for More {}

type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// A provider's document with its keys.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) metadata: Metadata,
    fetched_at: Timestamp,
}

impl Known {
    /// Returns whether the provider names its issuer in each response.
    pub(super) fn names_issuer(&self) -> bool {
        self.metadata.additional_metadata().authorization_response_iss_parameter_supported
    }
}

/// The latest document of a provider. Only one request fetches it at a time; others wait for the result.
#[derive(Default)]
pub(super) struct Discovery(Mutex<State>);

#[derive(Default)]
struct State {
    known: Option<Arc<Known>>,
    failed_at: Option<Timestamp>,
}

impl Discovery {
    /// Returns the document, from the cache if it is fresh.
    pub(super) async fn known(&self, issuer: &Issuer, fetch: &Fetch, now: Timestamp) -> Result<Arc<Known>, String> {
        let mut state = self.0.lock().await;
        match &state.known {
            Some(known) if is_within(known.fetched_at, now, FRESH_SECONDS) => Ok(Arc::clone(known)),
            _ => state.fetch(issuer, fetch, now).await,
        }
    }

    /// Returns a later document than `known`, which lacks a key. `None` if the latest is too young to fetch it again.
    pub(super) async fn later(
        &self,
        known: &Known,
        issuer: &Issuer,
        fetch: &Fetch,
        now: Timestamp,
    ) -> Result<Option<Arc<Known>>, String> {
        let mut state = self.0.lock().await;
        match &state.known {
            Some(latest) if latest.fetched_at > known.fetched_at => Ok(Some(Arc::clone(latest))),
            Some(latest) if is_within(latest.fetched_at, now, REFRESH_SECONDS) => Ok(None),
            _ => state.fetch(issuer, fetch, now).await.map(Some),
        }
    }
}

impl State {
    async fn fetch(&mut self, issuer: &Issuer, fetch: &Fetch, now: Timestamp) -> Result<Arc<Known>, String> {
        if self.failed_at.is_some_and(|failed| is_within(failed, now, PAUSE_SECONDS)) {
            return Err("its configuration could not be fetched a moment ago".to_owned());
        }
        // Also if the request that fetches is aborted.
        self.failed_at = Some(now);
        let metadata =
            Metadata::discover_async(issuer.url().clone(), fetch).await.map_err(|error| with_cause(&error))?;
        check(issuer, &metadata)?;
        let known = Arc::new(Known { metadata, fetched_at: now });
        self.known = Some(Arc::clone(&known));
        self.failed_at = None;
        Ok(known)
    }
}

/// Rejects a document that sends people or secrets over plain HTTP.
fn check(issuer: &Issuer, metadata: &Metadata) -> Result<(), String> {
    let Some(token) = metadata.token_endpoint() else {
        return Err("its configuration has no token_endpoint".to_owned());
    };
    for (name, url) in [
        ("authorization_endpoint", metadata.authorization_endpoint().url()),
        ("token_endpoint", token.url()),
        ("jwks_uri", metadata.jwks_uri().url()),
    ] {
        if !issuer.is_as_safe(url) {
            return Err(format!("its {name} is not https: {url}"));
        }
    }
    Ok(())
}

/// Returns whether less than `seconds` have passed. A clock that was set back makes everything stale.
fn is_within(since: Timestamp, now: Timestamp, seconds: i64) -> bool {
    (0..seconds).contains(&(now.as_seconds() - since.as_seconds()))
}
