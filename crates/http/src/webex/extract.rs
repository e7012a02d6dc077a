//! The parts of a request, each rejected in Webex's own format if it is invalid.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, header, request::Parts},
};
use rollcall_auth::{Caller, Denied};
use rollcall_model::TrackingCodeId;
use rollcall_webex::status::Status;

use super::error::WebexError;

/// The query's parameters. Unknown ones are ignored.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Returns a query of parameters that came in a body.
    pub(super) fn of<const N: usize>(values: [(&str, Option<impl ToString>); N]) -> Self {
        Self(values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_string()))).collect())
    }

    /// Returns the first value of a parameter that is not blank. `None` if there is none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.trim());
        values.find(|value| !value.is_empty())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect()))
    }
}

/// The id of one tracking code in the path.
pub(super) struct CodeId(pub(super) TrackingCodeId);

impl<S: Send + Sync> FromRequestParts<S> for CodeId {
    type Rejection = WebexError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebexError> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id.into())),
            Err(_) => Err(WebexError::new(Status::NotFound, "'trackingCodeId' is not valid UTF-8")),
        }
    }
}

/// A body with a JSON content type.
pub(super) struct JsonBody(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = WebexError;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebexError> {
        if !is_json(request.headers()) {
            return Err(WebexError::new(
                Status::UnsupportedMediaType,
                "'Content-Type' must be application/json, since the request has a JSON body",
            ));
        }
        match Bytes::from_request(request, state).await {
            Ok(body) => Ok(Self(body)),
            Err(_) => Err(WebexError::bad_request("the body ended before it was complete")),
        }
    }
}

/// Returns whether the content type is `application/json`, with any parameters, or that of a patch.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    ["application/json", "application/json-patch+json"].iter().any(|json| media_type.eq_ignore_ascii_case(json))
}

/// Rejects a caller without any of `scopes`, which the request's parameters require beyond those of the operation.
pub(super) fn require(caller: &Caller, scopes: &'static [&'static str]) -> Result<(), WebexError> {
    if scopes.iter().any(|scope| caller.scopes.contains(scope)) {
        return Ok(());
    }
    Err(Denied::MissingScope(scopes).into())
}
