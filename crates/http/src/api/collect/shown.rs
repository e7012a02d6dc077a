//! A connection as callers see it: without its secrets.

use rollcall_collector::needed_scopes;
use rollcall_model::{Connection, Timestamp, Vendor};
use rollcall_store::LaneProgress;
use serde::Serialize;
use utoipa::ToSchema;

/// A connection to a vendor's account, without its secrets.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Connection)]
pub(in crate::api) struct ShownConnection {
    #[schema(example = 1)]
    id: i64,
    /// `zoom` or `webex`.
    #[schema(example = "zoom")]
    vendor: &'static str,
    #[schema(example = "main")]
    name: String,
    /// The app at the vendor; `token` if it has only an access token.
    #[schema(example = "TQbbAbCsRsGdp3v5yOnUXw")]
    client_id: String,
    /// The vendor's id of its account.
    #[schema(example = "q6gBJVO5TzexKYTb_I2rpg")]
    vendor_account: Option<String>,
    /// The server's URL; null if it is the vendor's own.
    #[schema(example = json!(null))]
    base_url: Option<String>,
    /// The plan at the vendor; null if its responses tell.
    #[schema(example = "business")]
    plan: Option<String>,
    /// The share of the vendor's daily calls that may be used, in percent.
    #[schema(example = 50)]
    share_percent: u8,
    /// Minutes between runs; null if it runs only if it is asked to.
    #[schema(example = 60)]
    every_minutes: Option<u32>,
    /// Whether live meetings are followed every minute.
    #[schema(example = false)]
    follows_live: bool,
    /// How many days a run reaches back.
    #[schema(example = 180)]
    lookback_days: u16,
    /// Whether its secrets are stored. Without them, the server does not run it.
    #[schema(example = true)]
    has_secrets: bool,
    #[schema(example = "2026-10-01T09:00:00Z")]
    created_at: String,
    /// Whether it runs, here or on another node.
    #[schema(example = false)]
    is_running: bool,
    /// When a run was asked for that has not ended since; null if none was.
    #[schema(example = json!(null))]
    run_asked_at: Option<String>,
    /// When the server runs it next by its schedule; null if it has none or has not run yet.
    #[schema(example = "2026-10-02T10:00:00Z")]
    next_run_at: Option<String>,
    /// The latest run; null if none has ended.
    last_run: Option<LastRun>,
    /// How far it is, by lane.
    progress: Vec<Lane>,
    /// Number of gaps.
    #[schema(example = 2)]
    gaps: u64,
}

/// The latest run of a connection.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectionRun)]
struct LastRun {
    #[schema(example = "2026-10-02T09:00:00Z")]
    ended_at: String,
    /// Why it ended before everything was collected; null if nothing was left.
    #[schema(example = json!(null))]
    stopped_by: Option<String>,
}

/// The lists of a lane: requests that share a limit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CollectLane)]
struct Lane {
    /// The rate label.
    #[schema(example = "Heavy")]
    lane: String,
    /// Lists that wait.
    #[schema(example = 120)]
    waiting_lists: u64,
    /// Calls that they take, as far as one can tell.
    #[schema(example = 140)]
    waiting_calls: u64,
    /// Lists that are complete.
    #[schema(example = 4310)]
    complete_lists: u64,
    /// Lists that the vendor refused.
    #[schema(example = 3)]
    refused_lists: u64,
    /// Entries of lists that were read.
    #[schema(example = 98_000)]
    entries: u64,
}

impl From<LaneProgress> for Lane {
    fn from(progress: LaneProgress) -> Self {
        let LaneProgress { lane, waiting, waiting_calls, done, refused, entries } = progress;
        Self {
            lane: lane.into(),
            waiting_lists: waiting,
            waiting_calls,
            complete_lists: done,
            refused_lists: refused,
            entries,
        }
    }
}

impl ShownConnection {
    pub(super) fn new(connection: Connection, progress: Vec<LaneProgress>, gaps: u64, now: Timestamp) -> Self {
        let Connection {
            id,
            account: _,
            settings,
            has_secrets,
            created_at,
            last_run,
            next_run_at,
            run_asked_at,
            runs_until,
        } = connection;
        Self {
            id: id.0,
            vendor: settings.vendor.as_str(),
            name: settings.name.into(),
            client_id: settings.client_id.into(),
            vendor_account: settings.vendor_account.map(Into::into),
            base_url: settings.base_url.map(Into::into),
            plan: settings.plan.map(Into::into),
            share_percent: settings.share_percent,
            every_minutes: settings.every_minutes,
            follows_live: settings.follows_live,
            lookback_days: settings.lookback_days,
            has_secrets,
            created_at: created_at.to_string(),
            is_running: runs_until.is_some_and(|until| until > now),
            run_asked_at: run_asked_at.map(|at| at.to_string()),
            next_run_at: next_run_at.map(|at| at.to_string()),
            last_run: last_run
                .map(|(at, error)| LastRun { ended_at: at.to_string(), stopped_by: error.map(Into::into) }),
            progress: progress.into_iter().map(Lane::from).collect(),
            gaps,
        }
    }
}

/// What an app at a vendor needs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CollectVendorApp)]
pub(in crate::api) struct VendorApp {
    /// `zoom` or `webex`.
    #[schema(example = "zoom")]
    vendor: &'static str,
    /// The scopes. Data that needs a missing one becomes a gap; everything else is collected.
    scopes: Vec<NeededScope>,
}

/// A scope that an app needs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CollectScope)]
struct NeededScope {
    #[schema(example = "dashboard:read:list_meetings:admin")]
    scope: &'static str,
    /// What is read with it.
    #[schema(example = json!(["List meetings"]))]
    operations: Vec<&'static str>,
    /// What the vendor also demands, such as a plan.
    #[schema(example = "Business or a higher plan")]
    prerequisites: Option<&'static str>,
}

impl VendorApp {
    pub(super) fn of(vendor: Vendor) -> Self {
        let scopes = needed_scopes(vendor).into_iter().map(|needed| {
            let rollcall_collector::NeededScope { scope, operations, prerequisites } = needed;
            NeededScope { scope, operations, prerequisites }
        });
        Self { vendor: vendor.as_str(), scopes: scopes.collect() }
    }
}
