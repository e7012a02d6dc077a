//! Sending pages: with a content security policy, and with an entity tag, so that unchanged pages are not sent again.

use std::sync::LazyLock;

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use minijinja::{Environment, syntax::SyntaxConfig, value::Serde};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// A page may only load this site's style and script, and send forms to this site.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// Browsers revalidate each time.
pub(super) const REVALIDATE: &str = "no-cache";

const STYLE: &str = include_str!("templates/style.css");
const COPY: &str = include_str!("templates/copy.js");

macro_rules! templates {
    ($($name:literal),+) => { [$(($name, include_str!(concat!("templates/", $name)))),+] };
}

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the delimiters are the default ones"));
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    let all = templates![
        "layout.html",
        "parts.html",
        "index.html",
        "surface.html",
        "operation.html",
        "program.html",
        "missing.html",
        "downloads.html",
        "tools.html",
        "unbuilt.html",
        "home.html"
    ];
    for (name, template) in all {
        environment.add_template(name, template).expect("the template is well-formed");
    }
    environment
});

/// Data of a template.
pub(crate) trait View: Serialize {
    /// The template's name.
    const TEMPLATE: &'static str;
}

/// Returns the page, or 304 if the caller has it already.
pub(super) fn page<V: View>(headers: &HeaderMap, view: &V) -> Response {
    match render(view) {
        Ok(html) => cached(headers, "text/html; charset=utf-8", html),
        Err(error) => failed::<V>(&error),
    }
}

/// Returns the page for unknown pages.
pub(super) fn not_found<V: View>(view: &V) -> Response {
    with_status(StatusCode::NOT_FOUND, view)
}

/// Returns a page that differs each time, or reports an error.
pub(crate) fn with_status<V: View>(status: StatusCode, view: &V) -> Response {
    match render(view) {
        Ok(html) => {
            let mut response = (status, html).into_response();
            let content_type = HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, content_type);
            guarded(response, POLICY)
        }
        Err(error) => failed::<V>(&error),
    }
}

fn render<V: View>(view: &V) -> Result<String, minijinja::Error> {
    TEMPLATES.get_template(V::TEMPLATE)?.render(Serde(view))
}

fn failed<V: View>(error: &minijinja::Error) -> Response {
    tracing::error!(error = %format!("{error:#}"), template = V::TEMPLATE, "could not render a page");
    crate::api::failure(crate::surface::Failure::Internal)
}

/// Serves the site's style.
pub(super) async fn style(headers: HeaderMap) -> Response {
    cached(&headers, "text/css; charset=utf-8", STYLE.to_owned())
}

/// Serves the script of the copy buttons. Without it, pages have no such buttons.
pub(super) async fn copy_script(headers: HeaderMap) -> Response {
    cached(&headers, "text/javascript; charset=utf-8", COPY.to_owned())
}

/// Returns text that changes only with the server's version, or 304 if the caller has it.
pub(super) fn cached(headers: &HeaderMap, content_type: &'static str, text: String) -> Response {
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
pub(super) fn guarded(mut response: Response, policy: &'static str) -> Response {
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
