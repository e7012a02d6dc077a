//! Webex's paging: a `Link` to the next page with all parameters of the request, except on the last page (Webex
//! reference, section 11).

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{IntoResponse, Response},
};
use rollcall_auth::Caller;
use serde::{Serialize, de::DeserializeOwned};

use super::error::{WebexError, WebexResult};
use crate::{page_token::Binding, state::App, surface::public_url};

/// The parameter that the server adds: where the list continues.
const AFTER: &str = "after";

/// The paging of one request.
pub(super) struct Paging<'a> {
    app: &'a App,
    caller: &'a Caller,
    /// The path, and all parameters except the position.
    path: &'a str,
    params: Vec<(String, String)>,
    binding: String,
    after: Option<String>,
    pub(super) size: usize,
}

impl<'a> Paging<'a> {
    /// Reads `max`, limited to `limit`.
    pub(super) fn read(
        app: &'a App,
        caller: &'a Caller,
        uri: &'a Uri,
        default: usize,
        limit: usize,
    ) -> WebexResult<Self> {
        let query = uri.query().unwrap_or_default().as_bytes();
        let mut params: Vec<(String, String)> = form_urlencoded::parse(query).into_owned().collect();
        let after = params.iter().find(|(name, _)| name == AFTER).map(|(_, value)| value.clone());
        // A numeric position applies only to the first page.
        params.retain(|(name, _)| name != AFTER && name != "offset");
        let size = match params.iter().find(|(name, value)| name == "max" && !value.trim().is_empty()) {
            None => default,
            Some((_, max)) => match max.trim().parse::<usize>() {
                Ok(max) if max > 0 => max.min(limit),
                _ => return Err(WebexError::bad_request("'max' must be a whole number, at least 1")),
            },
        };
        let mut binding = uri.path().to_owned();
        for (name, value) in &params {
            binding.push_str(&format!("\n{name}={value}"));
        }
        Ok(Self { app, caller, path: uri.path(), params, binding, after, size })
    }

    /// Where the list continues. `None` on the first page.
    pub(super) fn after<C: DeserializeOwned>(&self) -> WebexResult<Option<C>> {
        let Some(after) = &self.after else { return Ok(None) };
        let opened = self.app.page_token_key().open(after, self.bound(), self.app.now());
        let (_, cursor) = opened.map_err(|_| {
            let sentence =
                "'after' is not from this list or has expired: follow the Link header of the previous page, or start again without 'after'";
            WebexError::bad_request(sentence)
        })?;
        Ok(Some(cursor))
    }

    /// Returns the page, with a link to the next one if there is one.
    pub(super) fn answer<C: Serialize>(
        &self,
        headers: &HeaderMap,
        body: impl IntoResponse,
        next: Option<C>,
    ) -> Response {
        let mut response = body.into_response();
        if let Some(cursor) = next {
            let expires_at = self.app.now().plus_seconds(self.app.settings.page_token_seconds);
            let token = self.app.page_token_key().seal(self.bound(), expires_at, 0, cursor);
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&self.params).append_pair(AFTER, &token);
            let base = public_url(&self.app.settings, headers);
            let link = format!("<{base}{}?{}>; rel=\"next\"", self.path, query.finish());
            if let Ok(link) = HeaderValue::from_str(&link) {
                response.headers_mut().insert(header::LINK, link);
            }
        }
        response
    }

    fn bound(&self) -> Binding<'_> {
        Binding { account: self.caller.account, query: &self.binding }
    }
}

/// Returns a body of the meeting services, which specify the character set.
pub(super) fn utf8_json(body: &impl Serialize) -> Response {
    let mut response = Json(body).into_response();
    let value = HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, value);
    response
}
