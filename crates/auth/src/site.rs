//! Browsers: the cookie of a session, and which requests come from the server's own pages.

use axum::http::{HeaderMap, Method, header};

/// How browsers reach the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The names of the session's cookie, and of an attempt's to sign in through a provider.
    cookie: &'static str,
    attempt: &'static str,
    is_https: bool,
    /// The configured origin, such as `https://rollcall.example`.
    origin: Option<String>,
}

/// The name over HTTPS. Its prefix makes browsers refuse the cookie unless this very host set it over HTTPS, so that no
/// other host of the domain can plant one.
const SECURE_COOKIE: &str = "__Host-rollcall";
/// The name over plain HTTP, on which browsers refuse the prefix. Only this machine may use that.
const PLAIN_COOKIE: &str = "rollcall";
const SECURE_ATTEMPT: &str = "__Host-rollcall-attempt";
const PLAIN_ATTEMPT: &str = "rollcall-attempt";

/// A request that another site caused, or that does not show that it did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrossSite;

impl Site {
    /// Returns the site of a server that speaks HTTPS or not, and of its configured public URL.
    #[must_use]
    pub fn new(https: bool, public_url: Option<&str>) -> Self {
        let origin = public_url.and_then(origin_of);
        let is_https = https || origin.as_ref().is_some_and(|origin| origin.starts_with("https://"));
        let (cookie, attempt) = if is_https { (SECURE_COOKIE, SECURE_ATTEMPT) } else { (PLAIN_COOKIE, PLAIN_ATTEMPT) };
        Self { cookie, attempt, is_https, origin }
    }

    /// Returns the secret in the session's cookie.
    #[must_use]
    pub fn session<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        cookie(headers, self.cookie).filter(|secret| !secret.is_empty())
    }

    /// Returns the header that sets the session's cookie for some seconds; none delete it. A page of another site can
    /// cause no request with it but a visit to a page (`Lax`).
    #[must_use]
    pub fn set_session(&self, secret: &str, seconds: i64) -> String {
        self.set_cookie(self.cookie, secret, "/", seconds)
    }

    /// Returns the value of the cookie of an attempt to sign in through a provider.
    #[must_use]
    pub fn attempt<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        cookie(headers, self.attempt)
    }

    /// Returns the header that sets it for some seconds; none delete it. The way back from a provider is a visit to a
    /// page, so that the browser sends it (`Lax`).
    #[must_use]
    pub fn set_attempt(&self, value: &str, seconds: i64) -> String {
        self.set_cookie(self.attempt, value, "/", seconds)
    }

    /// Returns the header that sets a cookie for a path and some seconds; none delete it.
    #[must_use]
    pub fn set_cookie(&self, name: &str, value: &str, path: &str, seconds: i64) -> String {
        let secure = if self.is_https { "; Secure" } else { "" };
        format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }

    /// Checks that a request with a cookie comes from the server's own pages. A request that changes something has to
    /// prove it; one that reads must not come from another site.
    ///
    /// # Errors
    /// [`CrossSite`] if it does not.
    pub fn check(&self, method: &Method, headers: &HeaderMap) -> Result<(), CrossSite> {
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let is_own = match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
            // Typed into the address bar, or a bookmark.
            (Some("none"), _) => is_read,
            (Some(site), _) => site == "same-origin",
            (None, Some(origin)) => self.is_own(origin, headers),
            (None, None) => is_read,
        };
        if is_own { Ok(()) } else { Err(CrossSite) }
    }

    /// Checks that a request without credentials was not caused by another site. Programs other than browsers send
    /// neither header.
    ///
    /// # Errors
    /// [`CrossSite`] if it was.
    pub fn check_new(&self, headers: &HeaderMap) -> Result<(), CrossSite> {
        let is_browser = headers.contains_key("sec-fetch-site") || headers.contains_key(header::ORIGIN);
        if is_browser { self.check(&Method::POST, headers) } else { Ok(()) }
    }

    fn is_own(&self, origin: &str, headers: &HeaderMap) -> bool {
        let scheme = if self.is_https { "https" } else { "http" };
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(|host| !host.is_empty());
        let origin = origin.to_ascii_lowercase();
        let called = host.map(|host| format!("{scheme}://{}", host.to_ascii_lowercase()));
        Some(&origin) == called.as_ref() || Some(&origin) == self.origin.as_ref()
    }
}

/// Returns the value of a cookie in a request.
#[must_use]
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Returns the origin of a URL, as browsers write it.
fn origin_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?.to_ascii_lowercase();
    let default = if scheme == "https" { ":443" } else { ":80" };
    Some(format!("{scheme}://{}", host.strip_suffix(default).unwrap_or(&host)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_cookie_over_https_is_bound_to_the_host() {
        let secure = "; Path=/; Max-Age=9; HttpOnly; SameSite=Lax; Secure";
        for site in [Site::new(true, None), Site::new(false, Some("https://rollcall.example/base/"))] {
            assert_eq!(site.set_session("s", 9), format!("__Host-rollcall=s{secure}"));
            let sent = headers(&[("cookie", "rollcall=planted; a=b; __Host-rollcall=own")]);
            assert_eq!(site.session(&sent), Some("own"));
            assert_eq!(site.session(&headers(&[("cookie", "rollcall=planted")])), None);
        }
        let plain = Site::new(false, Some("http://127.0.0.1:8480"));
        assert_eq!(plain.set_session("s", 9), "rollcall=s; Path=/; Max-Age=9; HttpOnly; SameSite=Lax");
        assert_eq!(plain.session(&headers(&[("cookie", "xrollcall=1"), ("cookie", "rollcall=2")])), Some("2"));
        assert_eq!(plain.session(&headers(&[("cookie", "rollcall=")])), None);
    }

    #[test]
    fn only_the_servers_own_pages_may_change_something() {
        let site = Site::new(false, Some("https://Rollcall.example:443/x"));
        let host = ("host", "inside:8480");
        for (sent, reads, writes) in [
            (&[host][..], true, false),
            (&[host, ("sec-fetch-site", "same-origin")], true, true),
            (&[host, ("sec-fetch-site", "none")], true, false),
            (&[host, ("sec-fetch-site", "same-site")], false, false),
            (&[host, ("sec-fetch-site", "cross-site")], false, false),
            (&[host, ("sec-fetch-site", "cross-site"), ("origin", "https://rollcall.example")], false, false),
            (&[host, ("sec-fetch-site", "other")], false, false),
            (&[host, ("origin", "https://rollcall.example")], true, true),
            (&[host, ("origin", "https://inside:8480")], true, true),
            (&[host, ("origin", "http://inside:8480")], false, false),
            (&[host, ("origin", "null")], false, false),
            (&[host, ("origin", "https://rollcall.example.evil.example")], false, false),
            (&[("host", ""), ("origin", "https://")], false, false),
        ] {
            let sent = headers(sent);
            assert_eq!(site.check(&Method::GET, &sent).is_ok(), reads, "{sent:?}");
            assert_eq!(site.check(&Method::POST, &sent).is_ok(), writes, "{sent:?}");
        }
        assert_eq!(site.check_new(&headers(&[host])), Ok(()));
        assert_eq!(site.check_new(&headers(&[host, ("origin", "https://evil.example")])), Err(CrossSite));
    }
}
