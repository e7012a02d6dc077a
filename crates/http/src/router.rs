//! The server put together: all surfaces behind what holds for every request.

use std::{io, sync::Arc};

use axum::{Router, extract::DefaultBodyLimit, http::Uri, middleware};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate as _, SizeAbove},
    },
};

use crate::{
    reference::Context,
    server::{
        self,
        bounds::{self, BytesInFlight},
        connection, headers, health, observe,
    },
    state::AppState,
    surface::{Failure, Surfaces},
    tls::Tls,
};

const SURFACES: Surfaces = Surfaces(&[&crate::zoom::Zoom, &crate::webex::Webex, &crate::api::Api]);

/// Returns the whole server as one service: all APIs, their descriptions, health and metrics.
pub fn router(app: AppState) -> Router {
    let context = Context::new(Arc::clone(&app), router);
    let in_flight = Arc::new(BytesInFlight::new(&app.settings));
    let routes = Router::new()
        .merge(crate::zoom::router(&app))
        .merge(crate::webex::router(&app))
        .merge(crate::api::router(&app))
        .merge(crate::hooks::router(&app))
        .merge(crate::openapi::router(&context))
        .merge(crate::reference::router(&context))
        .merge(crate::provider::router())
        .merge(crate::unsubscribe::router())
        .merge(crate::dashboard::router())
        .merge(health::router(&app))
        .route_layer(middleware::from_fn(observe::note_route))
        .fallback(|uri: Uri| async move { SURFACES.failure(uri.path(), Failure::UnknownPath) })
        .method_not_allowed_fallback(|uri: Uri| async move { SURFACES.failure(uri.path(), Failure::UnknownMethod) })
        .with_state(app.clone());
    // Layers run from the last added to the first: a request gets its id and is counted before anything can reject it.
    let routes = Router::new()
        .fallback_service(routes)
        // Only the configured limit applies to bodies.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(
            (app.clone(), SURFACES, Arc::clone(&in_flight)),
            server::limit_time_and_size,
        ))
        .layer(middleware::from_fn(crate::webex::print_errors))
        .layer(middleware::from_fn_with_state((app.clone(), SURFACES, in_flight), bounds::bound_answer))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(
            // Compressing an event stream would hold events back until there are enough of them.
            SizeAbove::new(1024).and(NotForContentType::SSE),
        ))
        .layer(middleware::from_fn_with_state(app.clone(), headers::set_headers))
        .layer(middleware::from_fn_with_state((app, SURFACES), observe::observe));
    // Outermost, because routing uses the path that this layer may rewrite.
    Router::new().fallback_service(routes).layer(middleware::from_fn(crate::zoom::tidy_path))
}

/// Serves `app` on `listener` until `stop` is cancelled. Then it accepts no more connections, lets running requests
/// finish, and ends those that have not finished within the drain timeout. With `tls` it serves HTTPS only.
///
/// # Errors
/// If the listener itself fails.
pub async fn serve(
    app: AppState,
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    stop: CancellationToken,
) -> io::Result<()> {
    let service = router(Arc::clone(&app));
    connection::serve(app, service, SURFACES, listener, tls, stop).await
}

/// Serves only health and metrics on `listener`, over plain HTTP, until `stop` is cancelled.
///
/// # Errors
/// If the listener itself fails.
pub async fn serve_health(app: AppState, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
    connection::serve_health(app, SURFACES, listener, stop).await
}
