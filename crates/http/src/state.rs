use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rollcall_formats::webrtc::Calls;
use rollcall_ingest::Ingest;
use rollcall_model::{AccountId, Clock, Secret, Timestamp};
use rollcall_sheets::Sheets;
use rollcall_sql::Ask;
use rollcall_store::{MinuteStore, Store};
use tokio::sync::Notify;

use crate::{
    api::NewInstances,
    audit::Audit,
    auth::{Knock, Throttle, Throttled},
    hooks::FloodGate,
    page_token::PageTokenKey,
    rate::RateLimiter,
    reference::demo::Demo,
    server::{BytesInFlight, Readiness, Telemetry, shares::Shares},
    settings::Settings,
    webex::Asked,
};

/// Source of randomness for secrets. Tests use a repeatable one.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with unpredictable values.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's random source.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // A machine without a random source must not issue credentials.
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

/// Creates a secret of 256 random bits in URL-safe base64.
pub fn draw_secret(entropy: &dyn Entropy) -> Secret {
    let mut bytes = [0u8; 32];
    entropy.fill(&mut bytes);
    Secret::new(drawn_text(&bytes))
}

/// Encodes random `bytes` as an id or a secret. It never begins with a hyphen, which a command line takes for an
/// option.
pub fn drawn_text(bytes: &[u8]) -> String {
    let text = base64_url(bytes);
    match text.strip_prefix('-') {
        Some(rest) => format!("A{rest}"),
        None => text,
    }
}

/// Encodes `bytes` in URL-safe base64 without padding.
fn base64_url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// The state of all handlers.
pub struct App {
    /// Entities.
    pub store: Arc<dyn Store>,
    /// Quality of service.
    pub minutes: Arc<dyn MinuteStore>,
    /// Ingest for data received over HTTP. Others in this process that write to these stores use it, too.
    pub ingest: Arc<Ingest>,
    /// Runs SQL queries; `None` if the entities are not in a file.
    pub queries: Option<Arc<dyn Ask>>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The settings.
    pub settings: Settings,
    /// Signs page tokens.
    page_token_key: RwLock<PageTokenKey>,
    /// Counts requests against the plan's limits.
    pub(crate) rate_limiter: RateLimiter,
    /// Pending audit entries.
    pub(crate) audit: Audit,
    /// Throttles failed sign-ins.
    pub(crate) throttle: Throttle,
    /// The rate limit on webhooks.
    pub(crate) flood_gate: FloodGate,
    /// The rate limit on reports of pages.
    pub(crate) webrtc_gate: FloodGate,
    /// The rate limit on instances created by pages.
    pub(crate) new_page_instances: NewInstances,
    /// Ongoing calls of pages.
    pub(crate) calls: Calls,
    /// When runs' qualities were requested.
    pub(crate) qualities_asked: Asked,
    /// Slots for bodies of any size; one account may use half of them.
    pub(crate) ingest_turns: Arc<Shares<AccountId>>,
    /// The bytes of requests and responses in memory.
    pub(crate) bytes_in_flight: BytesInFlight,
    /// Participant lists printed in advance, if any.
    pub(crate) sheets: OnceLock<Sheets>,
    /// Counts requests for operators.
    pub(crate) telemetry: Telemetry,
    /// Notified of each new erasure, so that the owner of the sealer continues it.
    pub erasing: Arc<Notify>,
    /// Problems of stores and disks, written by the checks.
    pub readiness: Readiness,
    /// The demo account that anybody may read, if there is one.
    pub(crate) demo: OnceLock<Demo>,
}

/// The shared state of all handlers.
pub type AppState = Arc<App>;

impl App {
    /// Creates the state. `page_token_key` must be the same on every node that serves the same data.
    pub fn new(
        store: Arc<dyn Store>,
        minutes: Arc<dyn MinuteStore>,
        queries: Option<Arc<dyn Ask>>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: Settings,
        page_token_key: PageTokenKey,
    ) -> AppState {
        let rate_limiter = RateLimiter::new(settings.zoom_rate_plan);
        let throttle = Throttle::new(settings.failed_sign_ins_per_minute);
        let flood_gate = FloodGate::new(settings.hooks_max_per_second);
        let webrtc_gate = FloodGate::new(settings.webrtc_max_per_second);
        let new_page_instances = NewInstances::new(settings.webrtc_new_instances_per_minute);
        let turns = settings.max_ingest_bodies as u64;
        let ingest_turns = Shares::new(turns, turns.div_ceil(2));
        let bytes_in_flight = BytesInFlight::new(&settings);
        let ingest = Arc::new(Ingest::new(Arc::clone(&store), Arc::clone(&minutes)));
        Arc::new(Self {
            store,
            minutes,
            ingest,
            queries,
            clock,
            entropy,
            settings,
            page_token_key: RwLock::new(page_token_key),
            rate_limiter,
            audit: Audit::default(),
            throttle,
            flood_gate,
            webrtc_gate,
            new_page_instances,
            calls: Calls::default(),
            qualities_asked: Asked::default(),
            ingest_turns,
            bytes_in_flight,
            sheets: OnceLock::new(),
            telemetry: Telemetry::new(),
            erasing: Arc::default(),
            readiness: Readiness::default(),
            demo: OnceLock::new(),
        })
    }

    /// Adds the sealer's metrics to `/metrics`.
    pub fn observe_sealing(&self, counters: Arc<rollcall_ingest::seal::SealCounters>) {
        self.telemetry.observe_sealing(counters);
    }

    /// Adds to `/metrics` what retention deletes, and whether it waits for a confirmation.
    pub fn observe_forgetting(
        &self,
        forgotten: impl Fn() -> rollcall_ingest::forget::Forgotten + Send + Sync + 'static,
        waits: impl Fn() -> bool + Send + Sync + 'static,
    ) {
        self.telemetry.observe_forgetting(forgotten, waits);
    }

    /// Adds to `/metrics` what opening the minutes found out about their journals.
    pub fn minutes_opened(&self, torn_journals: u64, lost_minutes: u64) {
        self.telemetry.minutes_opened(torn_journals, lost_minutes);
    }

    /// Signs page tokens with a different key from now on.
    pub fn set_page_token_key(&self, key: PageTokenKey) {
        *self.page_token_key.write().unwrap_or_else(PoisonError::into_inner) = key;
    }

    /// Returns the key that signs page tokens.
    pub(crate) fn page_token_key(&self) -> PageTokenKey {
        self.page_token_key.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets every reader of the reference use `account`, which contains no real data.
    pub fn offer_demo(&self, account: AccountId) {
        let _ = self.demo.set(Demo::new(account));
    }

    /// Rejects requests from an address that floods with wrong credentials.
    pub(crate) fn throttle(&self, knock: Knock<'_>) -> Result<(), Throttled> {
        let verdict = self.throttle.admit(knock, self.now());
        if verdict.is_err() {
            self.telemetry.throttled(knock.attempt);
        }
        verdict
    }

    /// Counts wrong credentials; returns an error if there were too many.
    pub(crate) fn note_failure(&self, knock: Knock<'_>) -> Result<(), Throttled> {
        self.telemetry.failed_sign_in(knock.attempt);
        let verdict = self.throttle.failed(knock, self.now());
        if verdict.is_err() {
            self.telemetry.throttled(knock.attempt);
        }
        verdict
    }

    /// Returns the current time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
