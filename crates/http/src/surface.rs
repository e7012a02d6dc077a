//! What the server needs to know of a surface, and what surfaces share.

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};

use crate::settings::Settings;

/// A surface, as far as the treatment of every request depends on it.
pub(crate) trait Surface: Send + Sync {
    /// Returns whether a path belongs to the surface.
    fn owns(&self, path: &str) -> bool;

    /// Returns the response to a failure outside of any operation, in the surface's shape.
    fn failure(&self, failure: Failure) -> Response;

    /// Returns the header in which responses carry their tracking id. `None` if they carry none.
    fn tracking_header(&self) -> Option<&'static str>;

    /// Returns whether a path's operation reads its body as a stream, under limits of its own.
    fn streams_body(&self, _path: &str) -> bool {
        false
    }
}

/// All surfaces. The last one owns every path.
#[derive(Clone, Copy)]
pub(crate) struct Surfaces(pub(crate) &'static [&'static dyn Surface]);

impl Surfaces {
    /// Returns the surface of a path.
    pub(crate) fn of(self, path: &str) -> &'static dyn Surface {
        let owner = self.0.iter().find(|surface| surface.owns(path));
        *owner.expect("the last surface owns every path")
    }

    /// Returns the response to a failure, in the shape of the path's surface.
    pub(crate) fn failure(self, path: &str, failure: Failure) -> Response {
        self.of(path).failure(failure)
    }
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

/// Marks a response whose bytes are part of the program, and take no memory of their own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BuiltIn;

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
