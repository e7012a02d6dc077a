//! A browser that asks for access, and the operator who decides, for the tests of both surfaces.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use axum::{
    body::Body,
    http::{Request, request},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rollcall_model::{Decision, SecretHash};
use rollcall_store::{AuthorizationStore as _, Decided};

use super::Server;

/// Where the app of these tests is.
pub(crate) const BACK: &str = "https://app.example/back?from=rollcall";
/// A verifier of PKCE.
pub(crate) const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more~";

/// Returns the `S256` challenge of [`VERIFIER`].
pub(crate) fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(SecretHash::of(VERIFIER).0)
}

/// Returns parameters as a query.
pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Returns the value of a parameter of an address.
pub(crate) fn param(address: &str, name: &str) -> Option<String> {
    let query = address.split_once('?')?.1.as_bytes();
    form_urlencoded::parse(query).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// What a browser sees.
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) cookie: Option<String>,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) html: String,
}

/// A browser with at most one request.
pub(crate) struct Browser<'s> {
    server: &'s Server,
    /// The page that waits.
    pub(crate) page: String,
    /// Its cookie, without attributes.
    pub(crate) cookie: String,
}

/// Opens an address.
pub(crate) async fn open(server: &Server, target: &str, cookie: Option<&str>) -> Seen {
    let request = Request::builder().uri(target);
    let with_cookie = |request: request::Builder| match cookie {
        Some(cookie) => request.header("cookie", cookie),
        None => request,
    };
    let (parts, bytes) = server.exchange(with_cookie(request).body(Body::empty()).unwrap()).await;
    let text = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    Seen {
        status: parts.status.as_u16(),
        location: text("location"),
        cookie: text("set-cookie"),
        html: String::from_utf8(bytes.to_vec()).unwrap(),
        headers: parts.headers,
    }
}

impl<'s> Browser<'s> {
    /// Begins a request that must be accepted.
    pub(crate) async fn begin(server: &'s Server, target: &str) -> Self {
        let seen = open(server, target, None).await;
        assert_eq!(seen.status, 303, "{target}: {}", seen.html);
        let cookie = seen.cookie.unwrap();
        let page = seen.location.unwrap();
        assert!(page.starts_with(target.split('?').next().unwrap()), "{page}");
        Self { server, page, cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    /// Loads the page again.
    pub(crate) async fn reload(&self) -> Seen {
        open(self.server, &self.page, Some(&self.cookie)).await
    }

    /// The code of the request.
    pub(crate) fn request_code(&self) -> &str {
        self.page.rsplit('/').next().unwrap()
    }

    /// Lets the operator decide.
    pub(crate) async fn decide(&self, decision: Decision) {
        let now = self.server.now();
        let code = self.request_code();
        let until = now.plus_seconds(rollcall_auth::CODE_SECONDS);
        let decided = Decided { decision, at: now, until, browser: None };
        let decided = self.server.store.decide_authorization(self.server.account, code, &decided).await;
        assert!(decided.unwrap());
    }

    /// Returns the address at the app, after an approval for `user`.
    pub(crate) async fn approved(&self, user: Option<&str>) -> String {
        self.decide(Decision::Approve(user.map(Into::into))).await;
        let seen = self.reload().await;
        assert_eq!(seen.status, 303, "{}", seen.html);
        seen.location.unwrap()
    }
}
