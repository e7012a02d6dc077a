use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::client::ClientAddress;
use crate::state::AppState;

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

/// Whether the store answers.
async fn readyz(State(app): State<AppState>) -> (StatusCode, &'static str) {
    match app.store.accounts().await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(error = %error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
        }
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
