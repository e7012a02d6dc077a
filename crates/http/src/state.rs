use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rollcall_auth::{Auth, AuthSettings, Site};
use rollcall_ingest::Ingest;
use rollcall_model::{AccountId, Clock, Entropy, Timestamp};
use rollcall_sheets::Sheets;
use rollcall_sql::Ask;
use rollcall_store::{MinuteStore, Store};
use rollcall_zoom::rate::RateLimiter;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    operations,
    page_token::PageTokenKey,
    readiness::Readiness,
    settings::Settings,
    telemetry::{Lifecycle, Telemetry},
};

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
    /// Checks access and writes the audit log.
    pub(crate) auth: Arc<Auth>,
    /// Participants that were printed ahead, once printing ahead has started.
    pub(crate) sheets: OnceLock<Sheets>,
    /// Counts requests for operators.
    pub(crate) telemetry: Telemetry,
    /// Notified of each new erasure, so that the owner of the sealer continues it.
    pub erasing: Arc<Notify>,
    /// Notified when a mail is to be sent now.
    pub mailing: Arc<Notify>,
    /// Problems of stores and disks, written by the checks.
    pub readiness: Readiness,
    /// Cancelled when the server begins to stop, for responses that would go on.
    pub(crate) stopping: CancellationToken,
    /// The demo account that anybody may read, if there is one.
    pub(crate) demo: OnceLock<AccountId>,
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
        let guarded = AuthSettings {
            failures_per_minute: settings.failed_sign_ins_per_minute,
            site: Site::new(settings.https, settings.public_url.as_deref()),
            providers: settings.providers.clone(),
            operations: &operations::ALL,
        };
        let auth = Arc::new(Auth::new(Arc::clone(&store), Arc::clone(&clock), Arc::clone(&entropy), guarded));
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
            telemetry: Telemetry::new(Arc::clone(&auth)),
            auth,
            sheets: OnceLock::new(),
            erasing: Arc::default(),
            mailing: Arc::default(),
            readiness: Readiness::default(),
            stopping: CancellationToken::new(),
            demo: OnceLock::new(),
        })
    }

    /// Adds the metrics of background work to `/metrics`.
    pub fn observe_lifecycle(&self, lifecycle: Lifecycle) {
        self.telemetry.observe_lifecycle(lifecycle);
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
        let _ = self.demo.set(account);
    }

    /// Writes the entries of the audit log that are still in memory.
    pub async fn flush_audit(&self) {
        self.auth.flush_audit(true).await;
    }

    /// Returns the current time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
