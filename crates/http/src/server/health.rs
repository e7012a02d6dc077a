use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{client::ClientAddress, state::AppState};

/// Health and metrics on the main listener. With a separate listener, only `/healthz` stays here.
pub(crate) fn router(app: &AppState) -> Router<AppState> {
    let router = Router::new().route("/healthz", get(healthz));
    if app.settings.health_apart {
        return router;
    }
    router.route("/readyz", get(readyz)).route("/metrics", get(local_metrics))
}

/// Health and metrics on a separate listener.
pub(super) fn listener_router(app: AppState) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(app)
}

/// Returns 200 if the process runs.
async fn healthz() -> &'static str {
    "ok\n"
}

/// Reports whether the stores and their disks are healthy; if not, which checks failed. The log has details.
async fn readyz(State(app): State<AppState>) -> (StatusCode, String) {
    match app.readiness.failed().as_slice() {
        [] => (StatusCode::OK, "ready\n".to_owned()),
        failed => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready\n{}\n", failed.join("\n"))),
    }
}

/// Metrics for programs on this machine: they contain routes and counts per operation.
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
