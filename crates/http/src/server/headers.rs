//! What every answer tells browsers and caches.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::state::AppState;

/// For how long browsers connect by HTTPS alone once they have: a year.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Sets the headers that every answer has: the content type is what it says it is, nothing is cached unless the handler says so, and HTTPS stays HTTPS.
pub(super) async fn set_headers(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if app.settings.https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    response
}
