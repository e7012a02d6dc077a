//! Codes and ID tokens: what a browser brings back, until it proves who somebody is (OpenID Connect Core, section 3.1).

use std::{borrow::Cow, collections::BTreeSet};

use chrono::DateTime;
use openidconnect::{
    AdditionalClaims, AuthType, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, Client, ClientId,
    ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdToken,
    IdTokenClaims, IdTokenFields, IdTokenVerifier, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    SignatureVerificationError, StandardErrorResponse, StandardTokenResponse, TokenResponse as _,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreResponseType, CoreRevocableToken,
        CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use rollcall_model::{Text, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    attempt::Attempt,
    discovery::{Discovery, Known},
    fetch::Fetch,
    settings::ProviderSettings,
    with_cause,
};

/// Signatures that are accepted, whatever a provider lists: only those of private keys. `none` is not signed, and the
/// key of HS256 would be a secret that others may know.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];
/// How far a provider's clock may be ahead, in seconds.
const AHEAD_SECONDS: i64 = 300;
/// Longest subject, in bytes (OpenID Connect Core, section 2).
const LONGEST_SUBJECT: usize = 255;

/// Claims that the standard does not name, among them a person's groups.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Others(Map<String, Value>);

impl AdditionalClaims for Others {}

type Token = IdToken<Others, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Claims = IdTokenClaims<Others, CoreGenderClaim>;
type Fields = IdTokenFields<
    Others,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type OurClient = Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A person, as a provider vouches for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// The provider's own id for the person, which never changes.
    pub(super) subject: Text,
    pub(super) email: Option<String>,
    pub(super) email_verified: Option<bool>,
    pub(super) name: Option<String>,
    pub(super) groups: BTreeSet<String>,
}

fn client(settings: &ProviderSettings, known: &Known) -> OurClient {
    let secret = settings.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose().to_owned()));
    let client =
        OurClient::from_provider_metadata(known.metadata.clone(), ClientId::new(settings.client_id.clone()), secret);
    // Basic is the default of the standard.
    let methods = known.metadata.token_endpoint_auth_methods_supported();
    let takes_basic = methods.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
    client.set_auth_type(if takes_basic { AuthType::BasicAuth } else { AuthType::RequestBody })
}

fn redirect(uri: &str) -> Result<Cow<'static, RedirectUrl>, String> {
    let uri = RedirectUrl::new(uri.to_owned());
    uri.map(Cow::Owned).map_err(|error| format!("the server's own address is no URL, set server.public_url: {error}"))
}

/// Returns the address at the provider where an attempt begins.
pub(super) fn authorize_url(
    settings: &ProviderSettings,
    known: &Known,
    attempt: &Attempt,
    redirect_uri: &str,
) -> Result<String, String> {
    let (state, nonce) = (CsrfToken::new(attempt.state.clone()), Nonce::new(attempt.nonce.clone()));
    let verifier = PkceCodeVerifier::new(attempt.verifier.clone());
    let client = client(settings, known);
    let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
    let request = client
        .authorize_url(flow, move || state, move || nonce)
        .add_scopes(settings.scopes.iter().cloned().map(Scope::new))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
        .set_redirect_uri(redirect(redirect_uri)?);
    Ok(request.url().0.to_string())
}

/// A code that is redeemed at a provider.
pub(super) struct Redeeming<'p> {
    pub(super) settings: &'p ProviderSettings,
    pub(super) discovery: &'p Discovery,
    pub(super) fetch: &'p Fetch,
    pub(super) known: &'p Known,
    pub(super) now: Timestamp,
}

impl Redeeming<'_> {
    /// Redeems a code, and returns the person whom the ID token proves.
    pub(super) async fn redeem(&self, attempt: Attempt, code: &str, redirect_uri: &str) -> Result<Identity, String> {
        let Self { settings, discovery, fetch, known, now } = *self;
        let client = client(settings, known);
        let request = client.exchange_code(AuthorizationCode::new(code.to_owned())).map_err(|e| e.to_string())?;
        let request = request
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier))
            .set_redirect_uri(redirect(redirect_uri)?);
        let response = request.request_async(fetch).await;
        let response = response.map_err(|error| format!("it did not redeem the code: {}", with_cause(&error)))?;
        let token = response.id_token().ok_or("its response has no ID token")?;
        let nonce = Nonce::new(attempt.nonce);
        let claims = match verify(settings, known, token, &nonce, now) {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let later = discovery.later(known, &settings.issuer, fetch, now).await?;
                let later = later.ok_or("its ID token has an unknown key, and the keys were fetched a moment ago")?;
                verify(settings, &later, token, &nonce, now)
            }
            verified => verified,
        };
        identity(claims.map_err(|error| format!("its ID token is refused: {error}"))?, settings)
    }
}

/// Returns the claims of an ID token of this client and this attempt.
fn verify<'t>(
    settings: &ProviderSettings,
    known: &Known,
    token: &'t Token,
    nonce: &Nonce,
    now: Timestamp,
) -> Result<&'t Claims, ClaimsVerificationError> {
    let seconds = now.as_seconds();
    // As a public client, so that the client's secret is never the key of a signature.
    let verifier = IdTokenVerifier::new_public_client(
        ClientId::new(settings.client_id.clone()),
        settings.issuer.url().clone(),
        known.metadata.jwks().clone(),
    )
    .set_allowed_algs(ALGORITHMS)
    .set_time_fn(move || DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<chrono::Utc>::MAX_UTC))
    .set_issue_time_verifier_fn(move |issued_at| {
        if issued_at.timestamp() <= seconds + AHEAD_SECONDS { Ok(()) } else { Err("issued in the future".to_owned()) }
    });
    let claims = token.claims(&verifier, nonce)?;
    match claims.authorized_party() {
        Some(party) if party.as_str() != settings.client_id => {
            Err(ClaimsVerificationError::InvalidAudience(format!("issued to `{}`", party.as_str())))
        }
        _ => Ok(claims),
    }
}

fn identity(claims: &Claims, settings: &ProviderSettings) -> Result<Identity, String> {
    let subject = claims.subject().as_str();
    if subject.is_empty() || subject.len() > LONGEST_SUBJECT {
        return Err(format!("its ID token has a subject of {} bytes", subject.len()));
    }
    let name = claims.name().and_then(|names| names.get(None)).map(|name| name.as_str());
    let name = name.or_else(|| claims.preferred_username().map(|name| name.as_str()));
    let groups = match claims.additional_claims().0.get(&settings.groups_claim) {
        Some(Value::String(group)) => [group.clone()].into(),
        Some(Value::Array(groups)) => groups.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    };
    Ok(Identity {
        subject: subject.into(),
        email: claims.email().map(|email| email.as_str().to_owned()),
        email_verified: claims.email_verified(),
        name: name.map(str::to_owned),
        groups,
    })
}
