use std::{
    error::Error as _,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use bytes::{Bytes, BytesMut};
use futures::Stream;
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
};
use rollcall_model::{Clock, Method, Operation, SystemClock, Timestamp, Vendor};
use tracing::Instrument as _;

use crate::{
    answer::Answer,
    call::Call,
    concurrency::Concurrency,
    pace::{MemoryLedger, NoTurn, Pace, UsedUp},
    refusal::{Refusal, RefusalKind},
    target::Resolver,
    token::{Grant, KeepRefreshToken, TokenError, Tokens},
};

/// Maximum time to connect, and for a whole response.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(90);
/// Maximum size of a body: a page has a few hundred entries.
const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;
/// Tries after the first, with pauses that double.
const RETRIES: usize = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// A vendor that asks for a longer pause has used up a day's pool.
const LONGEST_WAIT_SECONDS: i64 = 300;
/// Pause after a 429 that does not say how long to wait. Zoom's windows are seconds and minutes.
const DEFAULT_WAIT_SECONDS: i64 = 5;
/// Maximum number of concurrent calls.
const CONCURRENCY: usize = 64;

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The vendor refused it, and would refuse it again.
    #[error("{0}")]
    Refused(Refusal),
    /// The day's pool is used up, as far as it may be.
    #[error("the day's calls are used up until {until}")]
    UsedUp {
        /// When it is filled again.
        until: Timestamp,
    },
    /// It failed again and again: the last reason.
    #[error("it failed {tries} times, the last time with {reason}")]
    Failing {
        /// How often it was tried.
        tries: u32,
        /// The last reason.
        reason: String,
    },
    /// There is no access token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Calls cannot be counted.
    #[error("{0}")]
    Ledger(String),
}

/// What a client has sent so far.
#[derive(Debug, Default)]
pub struct Counts {
    /// Calls that were sent, tries included.
    pub calls: AtomicU64,
    /// Responses with status 429.
    pub throttled: AtomicU64,
    /// Tries after a failure.
    pub retries: AtomicU64,
    /// Bytes of bodies.
    pub bytes: AtomicU64,
}

/// A client of a vendor's API. Clones share everything.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    vendor: Vendor,
    base_url: String,
    /// Webex's analytics are on a host of their own.
    analytics_url: String,
    http: reqwest::Client,
    tokens: Tokens,
    pace: Arc<Pace>,
    concurrency: Concurrency,
    clock: Arc<dyn Clock>,
    counts: Counts,
}

/// What a client is made of.
pub struct ClientBuilder {
    vendor: Vendor,
    grant: Grant,
    base_url: Option<String>,
    keep: Option<Arc<dyn KeepRefreshToken>>,
    pace: Option<Arc<Pace>>,
    clock: Arc<dyn Clock>,
    concurrency: usize,
    only_public: bool,
}

impl ClientBuilder {
    /// Sets the server's URL, without the API's version. It then serves tokens and analytics, too.
    #[must_use]
    pub fn base_url(self, url: &str) -> Self {
        Self { base_url: Some(url.trim_end_matches('/').to_owned()), ..self }
    }

    /// Sends only to public addresses, also if a name leads elsewhere later. Proxies are not used: they would resolve names
    /// themselves.
    #[must_use]
    pub fn only_public(self) -> Self {
        Self { only_public: true, ..self }
    }

    /// Sets where refresh tokens are kept that replace former ones.
    #[must_use]
    pub fn keep_refresh_token(self, keep: Arc<dyn KeepRefreshToken>) -> Self {
        Self { keep: Some(keep), ..self }
    }

    /// Sets the pace. By default, it is the vendor's, half of a day's pools, counted in this process.
    #[must_use]
    pub fn pace(self, pace: Arc<Pace>) -> Self {
        Self { pace: Some(pace), ..self }
    }

    /// Sets the clock.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Sets the maximum number of concurrent calls, 64 by default.
    #[must_use]
    pub fn concurrency(self, calls: usize) -> Self {
        Self { concurrency: calls, ..self }
    }

    /// Creates the client.
    ///
    /// # Errors
    /// If the system has no usable TLS.
    pub fn build(self) -> Result<Client, reqwest::Error> {
        let Self { vendor, grant, base_url, keep, pace, clock, concurrency, only_public } = self;
        // Fails only if there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            // A token goes to the host that was configured, and to no other.
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(concurrency)
            .user_agent(concat!("rollcall/", env!("CARGO_PKG_VERSION")));
        if only_public {
            http = http.dns_resolver(Arc::new(Resolver { allow_private: false })).no_proxy();
        }
        let http = http.build()?;
        let (base, analytics, token) = match (vendor, base_url) {
            (Vendor::Zoom, None) => {
                ("https://api.zoom.us".to_owned(), String::new(), "https://zoom.us/oauth/token".to_owned())
            }
            (Vendor::Webex, None) => (
                "https://webexapis.com".to_owned(),
                "https://analytics.webexapis.com".to_owned(),
                "https://webexapis.com/v1/access_token".to_owned(),
            ),
            (Vendor::Zoom, Some(url)) => (url.clone(), String::new(), format!("{url}/oauth/token")),
            (Vendor::Webex, Some(url)) => (url.clone(), url.clone(), format!("{url}/v1/access_token")),
        };
        let pace = pace.unwrap_or_else(|| {
            Arc::new(Pace::new(vendor, None, 50, Arc::clone(&clock), Arc::new(MemoryLedger::default())))
        });
        Ok(Client(Arc::new(Shared {
            vendor,
            base_url: base,
            analytics_url: analytics,
            http,
            tokens: Tokens::new(vendor, token, grant, Arc::clone(&clock), keep),
            pace,
            concurrency: Concurrency::up_to(concurrency),
            clock,
            counts: Counts::default(),
        })))
    }
}

/// The result of one try.
enum Tried {
    Answer(Answer),
    Refused(Refusal),
    /// It may succeed later, after this time if the vendor says so.
    Again {
        reason: String,
        wait: Option<Duration>,
    },
    UsedUp(Timestamp),
}

impl Client {
    /// Begins a client of Zoom's API.
    #[must_use]
    pub fn zoom(grant: Grant) -> ClientBuilder {
        Self::of(Vendor::Zoom, grant)
    }

    /// Begins a client of Webex's API.
    #[must_use]
    pub fn webex(grant: Grant) -> ClientBuilder {
        Self::of(Vendor::Webex, grant)
    }

    /// Begins a client of a vendor's API.
    #[must_use]
    pub fn of(vendor: Vendor, grant: Grant) -> ClientBuilder {
        let clock = Arc::new(SystemClock);
        ClientBuilder {
            vendor,
            grant,
            base_url: None,
            keep: None,
            pace: None,
            clock,
            concurrency: CONCURRENCY,
            only_public: false,
        }
    }

    /// Returns what was sent so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.0.counts
    }

    /// Sends a call: waits for its turn, and tries again what may succeed later.
    ///
    /// # Errors
    /// [`CallError`] if it has no answer.
    pub async fn send(&self, call: &Call) -> Result<Answer, CallError> {
        // The path has ids of persons.
        let span = tracing::debug_span!("call", vendor = self.0.vendor.as_str(), operation = call.operation().id);
        self.try_repeatedly(call).instrument(span).await
    }

    /// Returns the pages of a list, from this call on.
    pub fn pages(&self, call: Call) -> impl Stream<Item = Result<Answer, CallError>> + Send {
        let client = self.clone();
        futures::stream::try_unfold(Some(call), move |call| {
            let client = client.clone();
            async move {
                let Some(call) = call else { return Ok(None) };
                let answer = client.send(&call).await?;
                let next = answer.next.as_ref().map(|next| call.at(next));
                Ok(Some((answer, next)))
            }
        })
    }

    async fn try_repeatedly(&self, call: &Call) -> Result<Answer, CallError> {
        let shared = &*self.0;
        let pauses = ExponentialBuilder::default()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .with_max_times(RETRIES)
            .with_jitter();
        let mut pauses = pauses.build();
        let mut tries = 0;
        let mut token_was_renewed = false;
        loop {
            let label = call.operation().label;
            match shared.pace.turn(label).await {
                Ok(()) => {}
                Err(NoTurn::UsedUp(UsedUp { until })) => return Err(CallError::UsedUp { until }),
                Err(NoTurn::Ledger(error)) => return Err(CallError::Ledger(error.to_string())),
            }
            let permit = shared.concurrency.enter().await;
            shared.pace.keep_apart(label).await;
            let began = shared.clock.now();
            let tried = shared.try_once(call).await;
            let took = Duration::from_millis(shared.clock.now().millis_since(began).max(0).unsigned_abs());
            let went_well = matches!(tried, Ok((Tried::Answer(_) | Tried::Refused(_), _)));
            shared.concurrency.leave(permit, took, went_well);
            let (tried, token) = tried?;
            tries += 1;
            let (reason, wait) = match tried {
                Tried::Answer(answer) => return Ok(answer),
                Tried::Refused(refusal) if refusal.kind == RefusalKind::Token && !token_was_renewed => {
                    token_was_renewed = true;
                    shared.tokens.reject(&token).await;
                    continue;
                }
                Tried::Refused(refusal) => return Err(CallError::Refused(refusal)),
                Tried::UsedUp(until) => {
                    shared.pace.stop(label, until);
                    return Err(CallError::UsedUp { until });
                }
                Tried::Again { reason, wait } => (reason, wait),
            };
            let Some(pause) = pauses.next() else { return Err(CallError::Failing { tries, reason }) };
            shared.counts.retries.fetch_add(1, Relaxed);
            tracing::debug!(tries, reason, "trying again");
            tokio::time::sleep(wait.map_or(pause, |wait| wait.max(pause))).await;
        }
    }
}

impl Shared {
    async fn try_once(&self, call: &Call) -> Result<(Tried, rollcall_model::Secret), TokenError> {
        let token = match self.tokens.get(&self.http).await {
            Ok(token) => token,
            Err(TokenError::Unreachable(reason)) => {
                return Ok((Tried::Again { reason, wait: None }, rollcall_model::Secret::new(String::new())));
            }
            Err(error) => return Err(error),
        };
        let url = format!("{}{}", self.host_of(call.operation()), call.target());
        let method = match call.operation().method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut request = self.http.request(method, url).bearer_auth(token.expose());
        if let Some(body) = call.body() {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        self.counts.calls.fetch_add(1, Relaxed);
        Ok((self.read(call, request.send().await).await, token))
    }

    fn host_of(&self, operation: &Operation) -> &str {
        match operation.path {
            "/v1/meeting/qualities" => &self.analytics_url,
            _ => &self.base_url,
        }
    }

    async fn read(&self, call: &Call, response: Result<reqwest::Response, reqwest::Error>) -> Tried {
        let response = match response {
            Ok(response) => response,
            Err(error) => return Tried::Again { reason: in_words(&error), wait: None },
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let label = call.operation().label;
        if let Some(limit) = number(&headers, "x-ratelimit-limit") {
            self.pace.learn(label, u32::try_from(limit).unwrap_or(0));
        }
        let body = match read_body(response, MAX_BODY_BYTES).await {
            Ok(body) => body,
            Err(reason) => return Tried::Again { reason, wait: None },
        };
        self.counts.bytes.fetch_add(body.len() as u64, Relaxed);
        let again = |wait| Tried::Again { reason: format!("status {}", status.as_u16()), wait };
        match status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::LOCKED => {
                self.counts.throttled.fetch_add(1, Relaxed);
                let now = self.clock.now();
                let seconds = retry_after(&headers, now).unwrap_or(DEFAULT_WAIT_SECONDS).max(1);
                let is_daily =
                    headers.get("x-ratelimit-type").is_some_and(|kind| kind.as_bytes().starts_with(b"Daily"));
                if is_daily || seconds > LONGEST_WAIT_SECONDS {
                    return Tried::UsedUp(now.plus_seconds(seconds));
                }
                self.pace.slow_down(label);
                again(Some(Duration::from_secs(seconds.unsigned_abs())))
            }
            StatusCode::REQUEST_TIMEOUT => again(None),
            status if status.is_server_error() => {
                let seconds =
                    retry_after(&headers, self.clock.now()).filter(|seconds| *seconds <= LONGEST_WAIT_SECONDS);
                again(seconds.map(|seconds| Duration::from_secs(seconds.max(0).unsigned_abs())))
            }
            status => match Refusal::read(self.vendor, status.as_u16(), &body) {
                Some(refusal) => Tried::Refused(refusal),
                None if status == StatusCode::NO_CONTENT => Tried::Answer(Answer { body, next: None }),
                // A proxy in between may send a page of its own, or cut the body.
                None if serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_err() => {
                    Tried::Again { reason: "a body that is not JSON".to_owned(), wait: None }
                }
                None => Tried::Answer(Answer::read(self.vendor, &headers, body)),
            },
        }
    }
}

/// Returns the seconds until the call may be tried again: of a number of seconds, or of the instant that Zoom sends
/// instead (Zoom reference, section 7).
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<i64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse::<i64>() {
        Ok(seconds) => Some(seconds.max(0)),
        Err(_) => {
            let at: Timestamp = text.parse().ok()?;
            Some((at.millis_since(now).max(0) + 999) / 1_000)
        }
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// Reads a body of at most `max` bytes. The error is for people.
pub(crate) async fn read_body(mut response: reqwest::Response, max: usize) -> Result<Bytes, String> {
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > max => {
                return Err(format!("a body of more than {max} bytes"));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body.freeze()),
            Err(error) => return Err(in_words(&error)),
        }
    }
}

/// Describes a failure without the URL, which has ids of persons.
pub(crate) fn in_words(error: &reqwest::Error) -> String {
    let mut words = match error {
        error if error.is_timeout() => "no response in time".to_owned(),
        error if error.is_connect() => "no connection".to_owned(),
        _ => "a broken response".to_owned(),
    };
    let mut source = error.source();
    while let Some(error) = source {
        if error.source().is_none() {
            words = format!("{words}: {error}");
        }
        source = error.source();
    }
    words
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("vendor", &self.0.vendor).field("url", &self.0.base_url).finish_non_exhaustive()
    }
}
