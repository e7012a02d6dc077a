//! `GET /api/v1/system`: whether data is coming in, and what the server does with what it has.

use axum::{Json, extract::State};
use rollcall_auth::Caller;
use rollcall_lifecycle::retention::DataKind;
use rollcall_model::AccountId;
use rollcall_store::ArchiveTable;
use serde::Serialize;
use utoipa::ToSchema;

use super::operations as op;
use super::{ApiError, ErrorBody};
use crate::state::{App, AppState};

/// Archive files read per page.
const FILES_PER_READ: usize = 1_000;

/// The state of the server and of the account's data.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct System {
    /// The program's version.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// Whether data is coming in: `demo` (a simulated account), `empty` (nothing is stored), `quiet` (nothing came since the
    /// server started) or `fresh`.
    #[schema(example = "fresh")]
    intake: &'static str,
    /// Seconds since data last came in, for any account; null if none came since the start.
    #[schema(example = 12)]
    last_write_seconds_ago: Option<u64>,
    /// Names of the checks that fail, as `/readyz` lists them: disk space, database, archive, …
    #[schema(example = json!([]))]
    problems: Vec<&'static str>,
    /// Background jobs of the whole server.
    jobs: Vec<Job>,
    /// The account's files in the archive.
    archive: Archive,
    /// How long each kind of data is kept.
    retention: Vec<Kept>,
    /// Whether deletion waits until an operator confirms that the clock is right.
    #[schema(example = false)]
    retention_waits: bool,
    /// The account's erasures that are not finished.
    #[schema(example = 0)]
    pending_erasures: usize,
}

/// A background job.
#[derive(Debug, Serialize, ToSchema)]
struct Job {
    #[schema(example = "sealer")]
    name: &'static str,
    /// Rounds since the start that succeeded.
    #[schema(example = 120)]
    rounds: u64,
    /// Failed rounds since the last that succeeded.
    #[schema(example = 0)]
    failures: u32,
    /// Work that is left; null if it is not known.
    #[schema(example = 3)]
    pending: Option<u64>,
}

/// The account's Parquet files.
#[derive(Debug, Default, Serialize, ToSchema)]
struct Archive {
    #[schema(example = 62)]
    files: u64,
    #[schema(example = 1_048_576)]
    bytes: u64,
    /// Archived minutes of participants.
    #[schema(example = 250_000)]
    minutes: u64,
}

/// How long a kind of data is kept.
#[derive(Debug, Serialize, ToSchema)]
struct Kept {
    #[schema(example = "QoS minutes")]
    what: &'static str,
    /// The setting that says so.
    #[schema(example = "retention.qos_minutes_days")]
    setting: &'static str,
    /// Null if it is kept for good.
    #[schema(example = 365)]
    days: Option<u32>,
}

/// Reports whether data is coming in, and the state of archive, retention and background jobs.
#[utoipa::path(
    get, path = op::SYSTEM.path, tag = "System", operation_id = op::SYSTEM.id,
    responses(
        (status = 200, description = "The state.", body = System),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
    )
)]
pub(super) async fn system(State(app): State<AppState>, caller: Caller) -> Result<Json<System>, ApiError> {
    let since = app.ingest.since_last_write();
    let intake = if app.demo.get() == Some(&caller.account) {
        "demo"
    } else if since.is_some() {
        "fresh"
    } else if app.store.has_instances().await? {
        "quiet"
    } else {
        "empty"
    };
    let lifecycle = app.telemetry.lifecycle();
    let jobs = lifecycle.map(|lifecycle| lifecycle.jobs.report()).unwrap_or_default();
    let jobs = jobs.into_iter().map(|(name, status)| Job {
        name,
        rounds: status.rounds,
        failures: status.failures,
        pending: status.pending,
    });
    let retention = lifecycle.map(|lifecycle| &lifecycle.retention);
    let kept = |kind: DataKind| {
        let days = retention?.days(kind).map(rollcall_lifecycle::retention::Days::count);
        Some(Kept { what: kind.as_str(), setting: kind.setting(), days })
    };
    let pending = app.store.pending_erasures().await?;
    Ok(Json(System {
        version: env!("CARGO_PKG_VERSION"),
        intake,
        last_write_seconds_ago: since.map(|since| since.as_secs()),
        problems: app.readiness.failed(),
        jobs: jobs.collect(),
        archive: archive(&app, caller.account).await?,
        retention: DataKind::ALL.into_iter().filter_map(kept).collect(),
        retention_waits: retention.is_some_and(|retention| retention.is_waiting()),
        pending_erasures: pending.iter().filter(|erasure| erasure.account == caller.account).count(),
    }))
}

async fn archive(app: &App, account: AccountId) -> Result<Archive, ApiError> {
    let mut sum = Archive::default();
    let mut after = None;
    loop {
        let files = app.store.list_archive_files(Some(account), after, FILES_PER_READ).await?;
        for file in &files {
            sum.files += 1;
            sum.bytes += file.file.bytes;
            if file.file.table == ArchiveTable::QosMinutes {
                sum.minutes += file.referenced_rows;
            }
        }
        after = files.last().map(|last| last.id);
        if files.len() < FILES_PER_READ {
            return Ok(sum);
        }
    }
}
