//! A run: its options and its result.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use rollcall_client::{Client, Grant, Pace, TokenError, target};
use rollcall_import::{ImportError, Importer};
use rollcall_ingest::Ingest;
use rollcall_model::{
    AccountId, Clock, Connection, ConnectionId, ConnectionSecrets, Entropy, RateLabel, Secret, Timestamp, Vendor, draw,
    drawn_text,
};
use rollcall_store::{LaneProgress, NewList, Store, StoreError};
use rollcall_zoom::rate::Plan;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    counters::Counters,
    engine::{self, Drained},
    ledger::{SharedLedger, vendor_account},
    lists::STEP_NAMES,
    progress::{Progress, Rate},
    webex,
    zoom::{self, Listing},
};

/// How long a lease lasts, and how often it is extended: another node takes over within a minute.
const LEASE_SECONDS: i64 = 45;
const HEARTBEAT: Duration = Duration::from_secs(15);
/// What is refused is tried again after a day.
const RETRY_REFUSED_SECONDS: i64 = 86_400;
/// The name of a plan without limits.
const UNLIMITED: &str = "none";

/// Why a run stopped early. What was collected stays, and the next run continues.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// Another run has the connection.
    #[error("another run collects from this connection; it ends, or its lease does, within a minute")]
    Busy,
    /// Another run took the connection over.
    #[error("another run took the connection over, because this one did not report in time")]
    LeaseLost,
    /// The plan is not known.
    #[error("`{0}` is not a plan: use free, pro, business or none")]
    Plan(String),
    /// A Server-to-Server app needs the vendor's account id.
    #[error("an app of Zoom's without a refresh token needs the id of Zoom's account")]
    NoVendorAccount,
    /// The connection's URL is not allowed.
    #[error("the connection's URL {0}")]
    Url(String),
    /// No HTTP client can be made.
    #[error("no HTTP client: {0}")]
    Client(String),
    /// There is no access token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The vendor does not accept a token that it has just issued.
    #[error("{0} does not accept the access token: check that the app is active")]
    TokenRefused(Vendor),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Facts could not be written.
    #[error(transparent)]
    Write(#[from] ImportError),
    /// A part of the run ended unexpectedly.
    #[error("a part of the run ended unexpectedly: {0}")]
    Task(String),
}

/// What a run does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunOptions {
    /// Only read the lists that name others, to say what the rest takes.
    pub plan_only: bool,
    /// Only read what is in progress.
    pub live_only: bool,
    /// Wait for the next day if a day's pool is used up, instead of ending.
    pub wait: bool,
    /// Try refused requests again, whenever they were refused.
    pub retry_refused: bool,
    /// Maximum number of concurrent calls; 0 for the default.
    pub concurrency: usize,
}

/// The result of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// Its last progress.
    pub progress: Progress,
    /// When a day's pool that stopped it is filled again.
    pub used_up_until: Option<Timestamp>,
}

/// Runs connections.
#[derive(Clone)]
pub struct Collector {
    store: Arc<dyn Store>,
    ingest: Arc<Ingest>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    counters: Counters,
    private_addresses: bool,
}

/// The setting that lets every connection's URL lead to private addresses.
pub const PRIVATE_ADDRESSES: &str = "collect.private_addresses";

/// A run in progress.
pub(crate) struct Run {
    collector: Collector,
    pub(crate) connection: Connection,
    pub(crate) client: Client,
    pub(crate) importer: Importer,
    pub(crate) pace: Arc<Pace>,
    pub(crate) options: RunOptions,
    /// When it began, or the run that it continues.
    began_at: Timestamp,
    /// Where the vendor lists past meetings.
    listing: Mutex<Listing>,
    /// What was counted of it so far.
    counted: Mutex<Progress>,
    pub(crate) gaps: AtomicU64,
    pub(crate) entries: AtomicU64,
}

impl Collector {
    /// Creates a collector that writes through `ingest`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, ingest: Arc<Ingest>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let counters = Counters::default();
        Self { store, ingest, clock, entropy, counters, private_addresses: false }
    }

    /// Returns what its runs did.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters.clone()
    }

    /// Sets whether every connection's URL may lead to this machine and to private networks.
    #[must_use]
    pub fn private_addresses(self, allowed: bool) -> Self {
        Self { private_addresses: allowed, ..self }
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Ends the leases of earlier runs, which have ended: the caller is the only process that collects.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn take_over(&self) -> Result<(), StoreError> {
        self.store.end_leases().await
    }

    /// Collects from a connection until nothing waits, and calls `report` with its progress about every second.
    ///
    /// # Errors
    /// [`CollectError`] if it stops early.
    pub async fn run(
        &self,
        connection: &Connection,
        secrets: &ConnectionSecrets,
        options: RunOptions,
        stop: &CancellationToken,
        report: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Ended, CollectError> {
        let owner = drawn_text(&draw::<16>(self.entropy.as_ref()));
        let until = || self.now().plus_seconds(LEASE_SECONDS);
        let leased = self.store.lease_connection(connection.id, &owner, self.now(), until()).await?;
        let began_at = leased.ok_or(CollectError::Busy)?;
        let heartbeat = async {
            loop {
                tokio::time::sleep(HEARTBEAT).await;
                match self.store.lease_connection(connection.id, &owner, self.now(), until()).await {
                    Ok(Some(_)) => {}
                    Ok(None) => return CollectError::LeaseLost,
                    // The lease lasts for some more tries.
                    Err(error) => tracing::warn!(%error, "the lease of a connection could not be extended"),
                }
            }
        };
        let ended = tokio::select! {
            ended = self.leased((connection, began_at), secrets, options, stop, report) => ended,
            error = heartbeat => Err(error),
        };
        let (error, pause_until) = match &ended {
            Ok(Ended { used_up_until: Some(until), .. }) => {
                (Some(format!("the day's calls are used up until {until}")), Some(*until))
            }
            Ok(_) if stop.is_cancelled() => (Some("it was stopped".to_owned()), None),
            Ok(_) if options.plan_only => (Some("it was only planned".to_owned()), None),
            Ok(_) => (None, None),
            Err(error) => (Some(error.to_string()), None),
        };
        let settings = &connection.settings;
        let minutes = if settings.follows_live { Some(1) } else { settings.every_minutes };
        let next = minutes.map(|minutes| self.now().plus_seconds(i64::from(minutes) * 60));
        // Without calls left, only what is in progress would be read before.
        let next =
            next.map(|next| pause_until.filter(|_| !settings.follows_live).map_or(next, |until| next.max(until)));
        self.store.end_run(connection.id, &owner, (self.now(), error.as_deref()), next).await?;
        ended
    }

    async fn leased(
        &self,
        (connection, began_at): (&Connection, Timestamp),
        secrets: &ConnectionSecrets,
        options: RunOptions,
        stop: &CancellationToken,
        report: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Ended, CollectError> {
        let run = Arc::new(self.begin((connection, began_at), secrets, options)?);
        run.plan().await?;
        // In a task of its own: it must be able to release what it holds, such as a connection to the
        // database, while others wait for that.
        let mut draining = JoinSet::new();
        draining.spawn({
            let (run, stop) = (Arc::clone(&run), stop.clone());
            async move { run.drain(&stop).await }
        });
        let mut looks = tokio::time::interval(Duration::from_secs(1));
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let drained = loop {
            tokio::select! {
                Some(drained) = draining.join_next() => break ended(drained)?,
                _ = looks.tick() => report(run.progress().await?),
            }
        };
        let progress = run.progress().await?;
        report(progress.clone());
        Ok(Ended { progress, used_up_until: drained.used_up_until })
    }

    fn begin(
        &self,
        (connection, began_at): (&Connection, Timestamp),
        secrets: &ConnectionSecrets,
        options: RunOptions,
    ) -> Result<Run, CollectError> {
        let settings = &connection.settings;
        let clock = Arc::clone(&self.clock);
        let pace = match settings.plan.as_deref() {
            Some(UNLIMITED) => Pace::unlimited(settings.vendor, clock),
            plan => {
                let ledger = Arc::new(SharedLedger::of(Arc::clone(&self.store), connection));
                let plan = plan.map(parse_plan).transpose()?;
                Pace::new(settings.vendor, plan, u32::from(settings.share_percent), clock, ledger)
            }
        };
        let pace = Arc::new(pace);
        let keep = KeepInStore {
            store: Arc::clone(&self.store),
            account: connection.account,
            connection: connection.id,
            secrets: tokio::sync::Mutex::new(secrets.clone()),
        };
        let mut client = Client::of(settings.vendor, grant(connection, secrets)?)
            .pace(Arc::clone(&pace))
            .clock(Arc::clone(&self.clock))
            .keep_refresh_token(Arc::new(keep));
        if let Some(url) = &settings.base_url {
            client = client.base_url(url);
            if !self.private_addresses && !settings.private_addresses {
                target::parse(url, false, PRIVATE_ADDRESSES).map_err(CollectError::Url)?;
                client = client.only_public();
            }
        }
        if options.concurrency > 0 {
            client = client.concurrency(options.concurrency);
        }
        Ok(Run {
            collector: self.clone(),
            connection: connection.clone(),
            client: client.build().map_err(|error| CollectError::Client(error.to_string()))?,
            importer: Importer::new(Arc::clone(&self.ingest), connection.account),
            pace,
            options,
            began_at,
            listing: Mutex::new(Listing::Dashboards),
            counted: Mutex::default(),
            gaps: AtomicU64::new(0),
            entries: AtomicU64::new(0),
        })
    }
}

/// Returns what a task of the run returned.
pub(crate) fn ended<T>(task: Result<Result<T, CollectError>, JoinError>) -> Result<T, CollectError> {
    task.map_err(|error| CollectError::Task(error.to_string()))?
}

/// Keeps refresh tokens beside the connection's secret.
struct KeepInStore {
    store: Arc<dyn Store>,
    account: AccountId,
    connection: ConnectionId,
    /// The latest secrets.
    secrets: tokio::sync::Mutex<ConnectionSecrets>,
}

#[async_trait::async_trait]
impl rollcall_client::KeepRefreshToken for KeepInStore {
    async fn keep(&self, refresh_token: &Secret) -> Result<(), String> {
        let mut secrets = self.secrets.lock().await;
        let kept = self.store.keep_refresh_token(self.account, self.connection, &secrets, refresh_token).await;
        if !kept.map_err(|error| error.to_string())? {
            tracing::info!("a refresh token is not kept: the connection's secrets are others, or are not stored");
        }
        secrets.refresh_token = Some(refresh_token.clone());
        Ok(())
    }
}

fn parse_plan(text: &str) -> Result<Plan, CollectError> {
    match text {
        "free" => Ok(Plan::Free),
        "pro" => Ok(Plan::Pro),
        "business" => Ok(Plan::Business),
        other => Err(CollectError::Plan(other.to_owned())),
    }
}

fn grant(connection: &Connection, secrets: &ConnectionSecrets) -> Result<Grant, CollectError> {
    let settings = &connection.settings;
    let (client_id, client_secret) = (settings.client_id.to_string(), secrets.client_secret.clone());
    match (&secrets.refresh_token, settings.vendor, &settings.vendor_account) {
        (Some(refresh_token), ..) => {
            Ok(Grant::RefreshToken { client_id, client_secret, refresh_token: refresh_token.clone() })
        }
        (None, Vendor::Zoom, Some(account_id)) => {
            Ok(Grant::AccountCredentials { account_id: account_id.to_string(), client_id, client_secret })
        }
        (None, Vendor::Zoom, None) => Err(CollectError::NoVendorAccount),
        // The secret is a token of an administrator's own.
        (None, Vendor::Webex, _) => Ok(Grant::AccessToken(client_secret)),
    }
}

impl Run {
    pub(crate) fn store(&self) -> &dyn Store {
        self.collector.store()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.collector.now()
    }

    /// Returns when the run began. What it plans depends on this, so that a run that continues another plans the same.
    pub(crate) const fn began_at(&self) -> Timestamp {
        self.began_at
    }

    pub(crate) const fn account(&self) -> AccountId {
        self.connection.account
    }

    pub(crate) const fn connection_id(&self) -> ConnectionId {
        self.connection.id
    }

    pub(crate) fn listing(&self) -> Listing {
        *self.listing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plans the first lists, and lets refused ones wait again.
    async fn plan(&self) -> Result<(), CollectError> {
        let (id, now) = (self.connection_id(), self.now());
        if !self.options.live_only {
            let before = if self.options.retry_refused { now } else { now.minus_seconds(RETRY_REFUSED_SECONDS) };
            self.store().retry_refused(id, before).await?;
            self.plan_names().await?;
        }
        if self.connection.settings.follows_live || self.options.live_only {
            self.plan_live().await?;
        }
        Ok(())
    }

    async fn plan_names(&self) -> Result<(), CollectError> {
        let settings = &self.connection.settings;
        let mut lists = match settings.vendor {
            Vendor::Zoom => zoom::begin(self.began_at, settings.lookback_days, self.listing()),
            Vendor::Webex => {
                let sites = self.store().sites(self.account()).await?;
                webex::begin(self.began_at, settings.lookback_days, &sites)
            }
        };
        if self.listing() == Listing::Users {
            // Each user's lists follow from these, although they were read before.
            lists.iter_mut().for_each(|list| list.version = self.began_at.as_millis());
        }
        self.plan_lists(&lists).await
    }

    /// Plans the lists of what is in progress.
    pub(crate) async fn plan_live(&self) -> Result<(), CollectError> {
        let lists = match self.connection.settings.vendor {
            Vendor::Zoom => zoom::live(self.now()),
            Vendor::Webex => webex::live(self.now()),
        };
        self.plan_lists(&lists).await
    }

    async fn plan_lists(&self, lists: &[NewList]) -> Result<(), CollectError> {
        self.store().plan_lists(self.account(), self.connection_id(), lists, self.now()).await?;
        Ok(())
    }

    /// Reads lists until none waits. If the vendor does not list past meetings in one place, it is asked for them in
    /// another.
    async fn drain(self: Arc<Self>, stop: &CancellationToken) -> Result<Drained, CollectError> {
        loop {
            let drained = engine::drain(&self, stop, self.options.plan_only.then_some(STEP_NAMES)).await?;
            let next = match self.listing() {
                Listing::Dashboards if drained.refuses(&rollcall_zoom::operations::DASHBOARD_MEETINGS) => {
                    Listing::History
                }
                Listing::History if drained.refuses(&rollcall_zoom::operations::REPORT_HISTORY_MEETINGS) => {
                    Listing::Users
                }
                _ => {
                    let Some(until) = drained.used_up_until.filter(|_| self.options.wait && !stop.is_cancelled())
                    else {
                        return Ok(drained);
                    };
                    let pause = until.millis_since(self.now()).max(0).unsigned_abs();
                    tokio::select! {
                        () = tokio::time::sleep(Duration::from_millis(pause)) => continue,
                        () = stop.cancelled() => return Ok(drained),
                    }
                }
            };
            *self.listing.lock().unwrap_or_else(PoisonError::into_inner) = next;
            tracing::info!(?next, "the vendor does not list past meetings there; asking elsewhere");
            self.plan_names().await?;
        }
    }

    async fn progress(&self) -> Result<Progress, CollectError> {
        let counts = self.client.counts();
        let progress = Progress {
            calls: counts.calls.load(Relaxed),
            throttled: counts.throttled.load(Relaxed),
            retries: counts.retries.load(Relaxed),
            entries: self.entries.load(Relaxed),
            gaps: self.gaps.load(Relaxed),
            ..Progress::default()
        };
        {
            let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
            self.collector.counters.add(self.connection.settings.vendor, &counted, &progress);
            *counted = progress.clone();
        }
        let lanes = self.store().collect_progress(self.connection_id()).await?;
        let day = self.now().as_seconds().div_euclid(86_400);
        let used = self.store().pool_use(self.account(), &vendor_account(&self.connection), day).await?;
        Ok(progress.with_lanes(&lanes, |lane| self.rate(lane, &used)))
    }

    fn rate(&self, lane: &LaneProgress, used: &[(rollcall_model::Text, u64)]) -> Rate {
        const LABELS: [RateLabel; 4] =
            [RateLabel::Light, RateLabel::Medium, RateLabel::Heavy, RateLabel::ResourceIntensive];
        let label = LABELS.into_iter().find(|label| label.as_str() == lane.lane.as_str());
        let (_, per_second, pool) = self.pace.rate(label);
        let pool_name = pool.map(|(name, _)| name);
        Rate {
            lane: lane.lane.to_string(),
            waiting_calls: lane.waiting_calls,
            per_second: per_second.is_finite().then_some(per_second),
            per_day: pool.map(|(_, limit)| limit),
            used_today: used.iter().find(|(name, _)| pool_name == Some(name.as_str())).map_or(0, |(_, used)| *used),
        }
    }
}
