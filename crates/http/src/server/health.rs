use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::client::ClientAddress;
use crate::state::AppState;

/// A result older than this fails readiness: the background check hangs.
const STALE_AFTER: Duration = Duration::from_secs(90);

/// What is wrong with the server's disks and stores, as whoever watches them found last.
///
/// Nobody who asks makes it look again.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, Vec<&'static str>)>>);

impl Readiness {
    /// Notes the names of the checks that fail; none if all is well.
    pub fn note(&self, failed: Vec<&'static str>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), failed));
    }

    /// The names of the checks that fail. A server whose surroundings nobody watches is ready.
    fn failed(&self) -> Vec<&'static str> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Vec::new(),
            Some((at, _)) if at.elapsed() > STALE_AFTER => vec!["checks"],
            Some((_, failed)) => failed.clone(),
        }
    }
}

/// Health and metrics beside the surfaces. With a listener of their own, only `/healthz` stays here.
pub(super) fn router(app: &AppState) -> Router<AppState> {
    let router = Router::new().route("/healthz", get(healthz));
    if app.settings.health_apart {
        return router;
    }
    router.route("/readyz", get(readyz)).route("/metrics", get(local_metrics))
}

/// Health and metrics on a listener of their own.
pub(super) fn listener_router(app: AppState) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(app)
}

/// Whether the process runs.
async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether the stores and their disks are well; if not, which checks fail. Details are in the log.
async fn readyz(State(app): State<AppState>) -> (StatusCode, String) {
    match app.readiness.failed().as_slice() {
        [] => (StatusCode::OK, "ready\n".to_owned()),
        failed => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready\n{}\n", failed.join("\n"))),
    }
}

/// Metrics for programs on this machine: they name routes and count what accounts do.
async fn local_metrics(State(app): State<AppState>, request: Request) -> Response {
    if ClientAddress::of(request.extensions()).is_some_and(|client| !client.is_local()) {
        let message = "Metrics are served to this machine only. Set server.health_listen to serve them elsewhere.\n";
        return (StatusCode::FORBIDDEN, message).into_response();
    }
    metrics(State(app)).await.into_response()
}

async fn metrics(State(app): State<AppState>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], app.telemetry.render())
}
