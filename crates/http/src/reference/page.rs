//! Sending pages: with a content security policy, and with an entity tag, so that unchanged pages are not sent again.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use data_encoding::HEXLOWER;
use rollcall_reference::{Page, PageError};
use sha2::{Digest as _, Sha256};

use crate::surface::Failure;

/// A page may only load this site's style and script, and send forms to this site.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// Browsers revalidate each time.
pub(super) const REVALIDATE: &str = "no-cache";

/// Sends a page or a file, or 304 if the caller has it already.
pub(crate) fn send(headers: &HeaderMap, page: Result<Page, PageError>) -> Response {
    match page {
        Ok(Page::Html(html)) => cached(headers, "text/html; charset=utf-8", html),
        Ok(Page::Json(json)) => cached(headers, "application/json", json),
        Ok(Page::Program(program)) => {
            let mut response = cached(headers, "text/plain; charset=utf-8", program);
            response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
            response
        }
        Ok(Page::Missing(html)) => uncached(StatusCode::NOT_FOUND, Ok(html)),
        Ok(Page::Moved(url)) => Redirect::permanent(&url).into_response(),
        Err(error) => failed(&error),
    }
}

/// Sends a page that differs each time.
pub(crate) fn uncached(status: StatusCode, html: Result<String, PageError>) -> Response {
    match html {
        Ok(html) => {
            let mut response = (status, html).into_response();
            let content_type = HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, content_type);
            guarded(response, POLICY)
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &PageError) -> Response {
    tracing::error!(%error, "could not make a page");
    crate::api::failure(Failure::Internal)
}

/// Returns text that changes only with the server's version, or 304 if the caller has it.
pub(crate) fn cached(headers: &HeaderMap, content_type: &'static str, text: impl Into<String>) -> Response {
    let text = text.into();
    let tag = tag_of(text.as_bytes());
    let mut response = if is_known(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))], text).into_response()
    };
    let tag = HeaderValue::from_str(&tag).expect("a tag is made of ASCII");
    response.headers_mut().insert(header::ETAG, tag);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(REVALIDATE));
    guarded(response, POLICY)
}

/// Returns the response with its content security policy.
pub(crate) fn guarded(mut response: Response, policy: &'static str) -> Response {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Returns a weak tag: the same page may be sent with different compression.
fn tag_of(bytes: &[u8]) -> String {
    format!("W/\"{}\"", HEXLOWER.encode(&Sha256::digest(bytes)[..16]))
}

fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known.flat_map(|value| value.split(',')).any(|one| {
        let one = one.trim();
        one == "*" || one.trim_start_matches("W/") == tag.trim_start_matches("W/")
    })
}
