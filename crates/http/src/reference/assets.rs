//! Serves files that Vite builds from `web/`: the Try-it page, and what it and the dashboard load.

use axum::{
    Extension,
    extract::Path,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use rollcall_reference::{Reference, asset, try_it};

use super::page;
use crate::surface::{BuiltIn, Failure};

/// Scalar injects styles into the page, and shows pictures from responses. It loads and requests only from this site.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
     font-src 'self' data:; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Names of scripts and styles contain a digest of their content.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// Serves the reference with its Try-it form.
pub(super) async fn reference(headers: HeaderMap) -> Response {
    match try_it() {
        Some(html) => page::guarded(page::cached(&headers, "text/html; charset=utf-8", html), POLICY),
        None => page::send(&headers, Reference::unbuilt()),
    }
}

/// Serves a file that a built page loads.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    let Some(bytes) = asset(&name) else { return crate::api::failure(Failure::UnknownPath) };
    let (content_type, cached) = match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => ("text/javascript; charset=utf-8", FOR_GOOD),
        Some("css") => ("text/css; charset=utf-8", FOR_GOOD),
        Some("svg") => ("image/svg+xml", page::REVALIDATE),
        Some("md") => ("text/plain; charset=utf-8", page::REVALIDATE),
        _ => ("application/octet-stream", page::REVALIDATE),
    };
    let headers = [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, cached)];
    (Extension(BuiltIn), headers, bytes).into_response()
}
