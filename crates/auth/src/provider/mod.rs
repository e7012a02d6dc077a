//! Signing in through providers: OpenID Connect with an authorization code, PKCE, state and nonce.
//!
//! A browser begins with [`Auth::begin_at_provider`] and comes back to [`Auth::finish_at_provider`]. Each provider has
//! an address of its own to come back to, so that no provider can pass on the code of another (RFC 9700, section 4.4).
//! Members are known by provider and subject, never by an email address. What went wrong is in the log; the person only
//! learns what they can do about it.

mod admit;
mod attempt;
mod discovery;
mod fetch;
mod settings;
mod token;

use rollcall_model::{Entropy, SecretHash};
use rollcall_store::StoreError;
use tokio::sync::Semaphore;

use self::{attempt::Attempts, discovery::Discovery, fetch::Fetch};
pub use self::{
    attempt::{ATTEMPT_SECONDS, own_path},
    settings::{InvalidProvider, Issuer, ProviderId, ProviderSettings},
};
use crate::{Attempt, Auth, Browser, Knock, Params, SignInError, Started, Throttled};

/// Codes that are redeemed at a time.
const AT_A_TIME: usize = 16;
/// Longest code, in bytes.
const LONGEST_CODE: usize = 4_096;

/// All providers.
pub(crate) struct Providers {
    all: Vec<Provider>,
    /// `None` if there are no providers, or if no HTTP client could be made.
    ready: Option<Ready>,
}

struct Provider {
    settings: ProviderSettings,
    discovery: Discovery,
}

/// What all providers share.
struct Ready {
    attempts: Attempts,
    fetch: Fetch,
    turns: Semaphore,
}

impl Providers {
    pub(crate) fn new(settings: Vec<ProviderSettings>, entropy: &dyn Entropy) -> Self {
        let all: Vec<Provider> =
            settings.into_iter().map(|settings| Provider { settings, discovery: Discovery::default() }).collect();
        let fetch = (!all.is_empty()).then(Fetch::new).and_then(|made| {
            made.inspect_err(|error| tracing::error!(%error, "members cannot sign in through providers")).ok()
        });
        let ready =
            fetch.map(|fetch| Ready { attempts: Attempts::new(entropy), fetch, turns: Semaphore::new(AT_A_TIME) });
        Self { all, ready }
    }

    fn find(&self, id: &str) -> Result<(&Provider, &Ready), ProviderError> {
        let found = self.all.iter().find(|provider| provider.settings.id.as_str() == id);
        Ok((found.ok_or(ProviderError::Unknown)?, self.ready.as_ref().ok_or(ProviderError::Failed)?))
    }
}

/// A browser that goes to a provider.
#[derive(Debug)]
pub struct Departure {
    /// The address at the provider.
    pub address: String,
    /// The value of the cookie by which the browser is recognized when it comes back.
    pub cookie: String,
}

/// A browser that comes back from a provider.
#[derive(Clone, Copy)]
pub struct Return<'r> {
    /// The provider of the address that it came back to.
    pub provider: &'r str,
    /// The parameters of the query.
    pub params: &'r Params,
    /// The value of its cookie.
    pub cookie: Option<&'r str>,
    /// The address that it came back to, without parameters.
    pub redirect_uri: &'r str,
    /// The browser.
    pub browser: Browser<'r>,
}

/// A member who has come in through a provider.
#[derive(Debug)]
pub struct Arrived {
    /// The session.
    pub started: Started,
    /// The path to continue at.
    pub next: String,
}

/// Why somebody could not sign in through a provider.
#[derive(Debug)]
pub enum ProviderError {
    /// There is no such provider.
    Unknown,
    /// The browser did not begin here, took too long, or has come back before.
    NoAttempt,
    /// The person or the provider declined.
    Declined,
    /// The provider could not be reached, or what it sent does not prove anything.
    Failed,
    /// The person is in no group that may sign in.
    NoRole,
    /// The person is not a member, and the provider admits nobody.
    NotAdmitted,
    /// The provider gave no address of the person, or one that it has not verified.
    NoAddress,
    /// The person's address signs in another way already.
    Taken,
    /// The provider takes the role from the account's last administrator.
    LastAdministrator,
    /// The session could not begin.
    SignIn(SignInError),
}

impl From<SignInError> for ProviderError {
    fn from(error: SignInError) -> Self {
        Self::SignIn(error)
    }
}

impl From<StoreError> for ProviderError {
    fn from(error: StoreError) -> Self {
        Self::SignIn(SignInError::Store(error))
    }
}

impl From<Throttled> for ProviderError {
    fn from(throttled: Throttled) -> Self {
        Self::SignIn(throttled.into())
    }
}

impl Auth {
    /// Returns id and name of each provider.
    pub fn providers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.providers.all.iter().map(|Provider { settings, .. }| (settings.id.as_str(), settings.name.as_str()))
    }

    /// Begins an attempt to sign in, which continues at `next`.
    ///
    /// # Errors
    /// [`ProviderError`] is the reason.
    pub async fn begin_at_provider(
        &self,
        provider: &str,
        next: &str,
        redirect_uri: &str,
    ) -> Result<Departure, ProviderError> {
        let (Provider { settings, discovery }, ready) = self.providers.find(provider)?;
        let known = discovery.known(&settings.issuer, &ready.fetch, self.now()).await;
        let known = known.map_err(|reason| failed(settings, &reason))?;
        let (attempt, cookie) = ready.attempts.begin(settings.id.as_str(), next, self.now(), self.entropy.as_ref());
        let address = token::authorize_url(settings, &known, &attempt, redirect_uri);
        Ok(Departure { address: address.map_err(|reason| failed(settings, &reason))?, cookie })
    }

    /// Signs in a member whom a provider vouches for.
    ///
    /// # Errors
    /// [`ProviderError`] is the reason, with the path at which the attempt would have continued.
    pub async fn finish_at_provider(&self, back: Return<'_>) -> Result<Arrived, (ProviderError, String)> {
        let first_page = || own_path("").to_owned();
        let (provider, ready) = self.providers.find(back.provider).map_err(|error| (error, first_page()))?;
        let once = |name| back.params.get_once(name).ok().flatten();
        let found = once("state")
            .zip(back.cookie)
            .and_then(|(state, cookie)| ready.attempts.find(back.provider, cookie, state, self.now()));
        let Some((attempt, next)) = found else {
            self.count_failure(Attempt::Provider);
            return Err((ProviderError::NoAttempt, first_page()));
        };
        match self.redeem_at_provider(provider, ready, attempt, back).await {
            Ok(started) => Ok(Arrived { started, next }),
            Err(error) => {
                self.count_failure(Attempt::Provider);
                Err((error, next))
            }
        }
    }

    async fn redeem_at_provider(
        &self,
        provider: &Provider,
        ready: &Ready,
        attempt: attempt::Attempt,
        back: Return<'_>,
    ) -> Result<Started, ProviderError> {
        let (Provider { settings, discovery }, Ready { attempts, fetch, turns }) = (provider, ready);
        if !attempts.take(&attempt.state, self.now()) {
            return Err(ProviderError::NoAttempt);
        }
        // Each try costs the provider a request, so tries are limited like passwords.
        let knock = Knock {
            attempt: Attempt::Provider,
            address: back.browser.address,
            client: None,
            shown: SecretHash::of(&attempt.state),
        };
        let guess = self.throttle.guess(knock, self.now());
        self.count_throttled(knock, guess)?;
        let known = discovery.known(&settings.issuer, fetch, self.now()).await;
        let known = known.map_err(|reason| failed(settings, &reason))?;
        let issuer = back.params.get_once("iss").map_err(|_| failed(settings, "its response has several issuers"))?;
        let is_right = issuer.map_or(!known.names_issuer(), |issuer| issuer == settings.issuer.url().as_str());
        if !is_right {
            return Err(failed(settings, "the response names another issuer, or none"));
        }
        let code = match (back.params.get_once("error"), back.params.get_once("code")) {
            (Ok(None), Ok(Some(code))) if code.len() <= LONGEST_CODE => code,
            (Ok(Some(error)), _) => {
                let error: String = error.chars().filter(|c| c.is_ascii_graphic()).take(100).collect();
                tracing::info!(provider = settings.id.as_str(), error, "a provider declined a sign-in");
                return Err(ProviderError::Declined);
            }
            _ => return Err(failed(settings, "its response has neither a code nor an error")),
        };
        let _turn = turns.acquire().await.map_err(|_| ProviderError::SignIn(SignInError::Busy))?;
        let redeeming = token::Redeeming { settings, discovery, fetch, known: &known, now: self.now() };
        let identity = redeeming.redeem(attempt, code, back.redirect_uri).await;
        let identity = identity.map_err(|reason| failed(settings, &reason))?;
        let started = self.admit_from_provider(settings, identity, back.browser).await?;
        self.throttle.guessed_right(knock, self.now());
        Ok(started)
    }
}

/// Logs what is wrong with a provider.
fn failed(settings: &ProviderSettings, reason: &str) -> ProviderError {
    tracing::warn!(provider = settings.id.as_str(), reason, "a sign-in through a provider failed");
    ProviderError::Failed
}

/// Returns an error with its causes, which the libraries' own texts leave out.
fn with_cause(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}
