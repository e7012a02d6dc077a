//! What applies to every request: connections, limits, logs, metrics, health.

mod auth_metrics;
mod bounds;
mod certificate;
mod client;
mod connection;
mod headers;
mod health;
mod lifecycle;
mod observe;
mod paced;
pub(crate) mod shares;
mod slots;
mod telemetry;
mod tls;

use std::panic::AssertUnwindSafe;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use futures::FutureExt as _;
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, predicate::SizeAbove},
};

use crate::{settings::Settings, state::AppState};
pub(crate) use bounds::{BuiltIn, BytesInFlight};
pub(crate) use client::{ClientAddress, address_of};
pub use connection::{serve, serve_health};
pub use health::Readiness;
pub use lifecycle::Lifecycle;
pub(crate) use telemetry::Telemetry;
pub use tls::{Tls, TlsError};

/// How much of a body that is too large is read and discarded, so that its caller can read the error.
const MAX_DISCARDED_BYTES: usize = 16 * 1024 * 1024;

/// Returns the whole server as one service: all APIs, their descriptions, health and metrics.
pub fn router(app: AppState) -> Router {
    let routes = Router::new()
        .merge(crate::zoom::router(&app))
        .merge(crate::webex::router(&app))
        .merge(crate::api::router(&app))
        .merge(crate::hooks::router())
        .merge(crate::openapi::router())
        .merge(crate::reference::router())
        .merge(crate::home::router())
        .merge(health::router(&app))
        .route_layer(middleware::from_fn(observe::note_route))
        .fallback(unknown_path)
        .method_not_allowed_fallback(unknown_method)
        .with_state(app.clone());
    // Layers run from the last added to the first: a request gets its id and is counted before anything can reject it.
    let routes = Router::new()
        .fallback_service(routes)
        // Only the configured limit applies to bodies.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(app.clone(), limit_time_and_size))
        .layer(middleware::from_fn(crate::webex::print_errors))
        .layer(middleware::from_fn_with_state(app.clone(), bounds::bound_answer))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(SizeAbove::new(1024)))
        .layer(middleware::from_fn_with_state(app.clone(), headers::set_headers))
        .layer(middleware::from_fn_with_state(app, observe::observe));
    // Outermost, because routing uses the path that this layer may rewrite.
    Router::new().fallback_service(routes).layer(middleware::from_fn(crate::zoom::tidy_path))
}

/// The API of a path, which determines the format of errors outside of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    Zoom,
    Webex,
    Api,
}

/// Errors outside of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    UnknownPath,
    UnknownMethod,
    BodyTooLarge {
        max_bytes: usize,
    },
    BodyUnreadable,
    /// An HTTP/1.1 request without `Host`.
    NoHost,
    /// The client has too many requests or unread responses.
    TooManyRequests,
    TimedOut,
    Internal,
}

impl Surface {
    pub(crate) fn of(path: &str) -> Self {
        match path.split('/').nth(1) {
            Some("v2" | "oauth") => Self::Zoom,
            Some("v1") => Self::Webex,
            _ => Self::Api,
        }
    }

    /// Returns the response to `failure` in this API's format.
    pub(crate) fn failure(self, failure: Failure) -> Response {
        match self {
            Self::Zoom => crate::zoom::failure(failure),
            Self::Webex => crate::webex::failure(failure),
            Self::Api => crate::api::failure(failure),
        }
    }
}

async fn unknown_path(request: Request) -> Response {
    Surface::of(request.uri().path()).failure(Failure::UnknownPath)
}

async fn unknown_method(request: Request) -> Response {
    Surface::of(request.uri().path()).failure(Failure::UnknownMethod)
}

/// Reads the body up to the limit, and answers within the time limit. Returns an error in the API's format if either is
/// exceeded or the handler panics.
///
/// Except for streaming operations, the body is read completely before the handler runs.
async fn limit_time_and_size(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let surface = Surface::of(request.uri().path());
    if crate::api::reads_body_as_it_comes(request.uri().path()) {
        let work = AssertUnwindSafe(next.run(request)).catch_unwind();
        return work.await.unwrap_or_else(|_| surface.failure(Failure::Internal));
    }
    let client = ClientAddress::of(request.extensions());
    let work = async {
        let (parts, body) = request.into_parts();
        let max_body_bytes = app.settings.max_body_bytes;
        let _held = match app.bytes_in_flight.of_request(client, &parts.headers, max_body_bytes).await {
            Ok(held) => held,
            Err(failure) => return surface.failure(failure),
        };
        match read_body(body, max_body_bytes).await {
            Ok(body) => next.run(Request::from_parts(parts, body)).await,
            Err(failure) => surface.failure(failure),
        }
    };
    match tokio::time::timeout(app.settings.request_timeout, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => surface.failure(Failure::Internal),
        Err(_) => surface.failure(Failure::TimedOut),
    }
}

async fn read_body(mut body: Body, max_bytes: usize) -> Result<Body, Failure> {
    use http_body_util::{BodyExt as _, LengthLimitError, Limited};
    if hyper::body::Body::is_end_stream(&body) {
        return Ok(body);
    }
    match Limited::new(&mut body, max_bytes).collect().await {
        Ok(collected) => Ok(Body::from(collected.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => {
            discard(body).await;
            Err(Failure::BodyTooLarge { max_bytes })
        }
        Err(_) => Err(Failure::BodyUnreadable),
    }
}

/// Reads and discards the rest: a connection that closes while the caller still sends would lose the response.
async fn discard(mut body: Body) {
    use http_body_util::BodyExt as _;
    let mut left = MAX_DISCARDED_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        left = left.saturating_sub(frame.data_ref().map_or(0, |data| data.len()));
        if left == 0 {
            return;
        }
    }
}

/// Returns the base URL for callers, without a trailing slash: the configured one, else that of the request.
pub(crate) fn public_url(settings: &Settings, headers: &HeaderMap) -> String {
    if let Some(url) = &settings.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST.as_str()).unwrap_or("localhost");
    let scheme = if settings.https { "https" } else { "http" };
    format!("{scheme}://{host}")
}

/// A JSON body that is printed already.
pub(crate) fn json_bytes(bytes: impl Into<Bytes>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], bytes.into()).into_response()
}
