//! Response headers for browsers and caches.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::state::AppState;

/// How long browsers must use HTTPS after the first visit: a year.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Sets the headers that every response has: browsers do not guess the content type, nothing is cached unless the
/// handler allows it, and HTTPS stays HTTPS.
pub(crate) async fn set_headers(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if app.settings.https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    response
}
