//! The dashboard: one page for every address of a view. Its script reads the address, and asks the documented operations.

use axum::{Router, http::HeaderMap, response::Response, routing::get};
use rollcall_reference::{Reference, dashboard};

use crate::{
    reference::{cached, guarded, send},
    state::AppState,
};

/// The addresses of views.
const PATHS: [&str; 14] = [
    "/",
    "/now",
    "/meetings",
    "/meetings/{*uuid}",
    "/people",
    "/people/{*person}",
    "/quality",
    "/webinars",
    "/webinars/{*uuid}",
    "/codes",
    "/sql",
    "/settings/{page}",
    "/signin",
    "/welcome",
];

/// The page loads and requests only from this site. Scripts set styles through the style sheet's own interface, which the
/// policy allows.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

pub(crate) fn router() -> Router<AppState> {
    PATHS.iter().fold(Router::new(), |router, path| router.route(path, get(view)))
}

async fn view(headers: HeaderMap) -> Response {
    match dashboard() {
        Some(html) => guarded(cached(&headers, "text/html; charset=utf-8", html), POLICY),
        None => send(&headers, Reference::unbuilt()),
    }
}
