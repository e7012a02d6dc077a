use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    http::HeaderValue,
    middleware::Next,
    response::Response,
};
use rollcall_model::draw;
use rollcall_webex::status::TrackingId;
use tracing::Instrument as _;

use crate::{state::AppState, surface::Surfaces};

/// Creates a random tracking id for one request: it is in the response's header, in error bodies, and in every log line
/// about it.
fn draw_tracking_id(app: &AppState) -> TrackingId {
    TrackingId::new(draw(&*app.entropy), app.now())
}

/// The template of the matched route, stored by the innermost router for logs and metrics: a path itself may contain a
/// meeting or a person.
#[derive(Debug, Clone)]
pub(crate) struct RouteTemplate(pub(crate) MatchedPath);

/// Adds a tracking id to a request and its response, logs and counts it.
pub(crate) async fn observe(
    State((app, surfaces)): State<(AppState, Surfaces)>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let tracking_id = draw_tracking_id(&app);
    let surface = surfaces.of(request.uri().path());
    let method = request.method().clone();
    request.extensions_mut().insert(tracking_id.clone());

    let span = tracing::info_span!("request", id = %tracking_id);
    let mut response = next.run(request).instrument(span.clone()).await;

    let template = response.extensions().get::<RouteTemplate>().map(|route| route.0.clone());
    let route = template.as_ref().map_or("unmatched", MatchedPath::as_str);
    let elapsed = started.elapsed();
    app.telemetry.answered(method.as_str(), route, response.status().as_u16(), elapsed);
    span.in_scope(|| {
        let status = response.status().as_u16();
        let duration_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        if response.status().is_server_error() {
            tracing::warn!(%method, route, status, duration_us, "answered");
        } else {
            tracing::debug!(%method, route, status, duration_us, "answered");
        }
    });

    if let (Some(header), Ok(value)) = (surface.tracking_header(), HeaderValue::from_str(tracking_id.as_str())) {
        response.headers_mut().insert(header, value);
    }
    response
}

/// Stores the matched route in the response for [`observe`]. Applied to each route, inside the router.
pub(crate) async fn note_route(request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(matched) = matched {
        response.extensions_mut().insert(RouteTemplate(matched));
    }
    response
}
