//! The URIs to which an app may send people back. They are checked when an app is registered, and compared character by
//! character afterwards (RFC 9700, section 2.1).

use std::fmt;

use axum::http::Uri;
use form_urlencoded::Serializer;

/// Longest URI.
const LONGEST: usize = 2_000;

/// Why an app may not register a redirect URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidRedirect {
    /// It is no absolute URI in ASCII, or is longer than 2,000 characters.
    NotAUri,
    /// It has a fragment.
    Fragment,
    /// It contains a user or a password.
    UserInfo,
    /// It is plain `http` to another machine.
    PlainHttp,
    /// Its scheme is neither `https`, nor `http` to this machine, nor an app's own.
    Scheme,
}

impl fmt::Display for InvalidRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAUri => "not an absolute URI. Write it as the program sends it, such as https://app.example/oauth",
            Self::Fragment => "a redirect URI cannot have a fragment. Remove `#` and what follows",
            Self::UserInfo => "a redirect URI cannot contain a user or password",
            Self::PlainHttp => "codes would travel unencrypted. Use https, or http to localhost, 127.0.0.1 or [::1]",
            Self::Scheme => {
                "unknown scheme. Use https, or an app's own scheme with a dot, such as com.example.app:/oauth"
            }
        })
    }
}

impl std::error::Error for InvalidRedirect {}

/// Checks a redirect URI of an app. `http` is only for programs on the browser's own machine, and a scheme of an app's
/// own contains a dot, so that no other app claims it by accident (RFC 8252, section 7).
///
/// # Errors
/// [`InvalidRedirect`] says what is wrong.
pub fn check_redirect(text: &str) -> Result<(), InvalidRedirect> {
    let (scheme, rest) = text.split_once(':').ok_or(InvalidRedirect::NotAUri)?;
    let is_graphic = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
    if text.len() > LONGEST || !is_graphic || rest.is_empty() {
        return Err(InvalidRedirect::NotAUri);
    }
    if text.contains('#') {
        return Err(InvalidRedirect::Fragment);
    }
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b))
    };
    match scheme {
        "http" | "https" => {
            let uri: Uri = text.parse().map_err(|_| InvalidRedirect::NotAUri)?;
            let authority = uri.authority().ok_or(InvalidRedirect::NotAUri)?;
            if authority.as_str().contains('@') {
                return Err(InvalidRedirect::UserInfo);
            }
            let is_here = matches!(authority.host(), "localhost" | "127.0.0.1" | "[::1]");
            if scheme == "http" && !is_here { Err(InvalidRedirect::PlainHttp) } else { Ok(()) }
        }
        own if own.contains('.') && is_scheme(own) => Ok(()),
        _ => Err(InvalidRedirect::Scheme),
    }
}

/// Returns the host of a redirect URI for people, or the scheme of an app's own.
#[must_use]
pub fn redirect_host(uri: &str) -> &str {
    let (scheme, rest) = uri.split_once(':').unwrap_or((uri, ""));
    match rest.strip_prefix("//") {
        Some(rest) if matches!(scheme, "http" | "https") => rest.split(['/', '?']).next().unwrap_or(rest),
        _ => scheme,
    }
}

/// Returns a registered redirect URI with parameters added to its query.
pub(crate) fn with_params(uri: &str, params: &[(&str, &str)]) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(params);
    let separator = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{uri}{separator}{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uris_that_lead_back_to_an_app_are_registered() {
        for good in [
            "https://app.example/oauth",
            "https://app.example:8443/oauth?from=rollcall",
            "http://localhost:8080/",
            "http://127.0.0.1/cb",
            "http://[::1]:99/cb",
            "com.example.app:/oauth",
        ] {
            assert_eq!(check_redirect(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("", InvalidRedirect::NotAUri),
            ("/oauth", InvalidRedirect::NotAUri),
            ("https:", InvalidRedirect::NotAUri),
            ("https:///oauth", InvalidRedirect::NotAUri),
            ("https://app.example/a b", InvalidRedirect::NotAUri),
            ("https://app.example/\r\nx", InvalidRedirect::NotAUri),
            ("https://app.example/#x", InvalidRedirect::Fragment),
            ("https://app.example@evil.example/", InvalidRedirect::UserInfo),
            ("http://app.example/", InvalidRedirect::PlainHttp),
            ("http://localhost.evil.example/", InvalidRedirect::PlainHttp),
            ("javascript:alert(1)", InvalidRedirect::Scheme),
            ("data:text/html,x", InvalidRedirect::Scheme),
            ("HTTPS://app.example/", InvalidRedirect::Scheme),
        ] {
            assert_eq!(check_redirect(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn parameters_are_added_to_a_query() {
        let added = |uri| with_params(uri, &[("code", "a/b"), ("state", "x&y=\u{e9}")]);
        assert_eq!(added("https://a.example/cb"), "https://a.example/cb?code=a%2Fb&state=x%26y%3D%C3%A9");
        assert_eq!(added("https://a.example/cb?k=v"), "https://a.example/cb?k=v&code=a%2Fb&state=x%26y%3D%C3%A9");
        assert_eq!(added("https://a.example/?"), "https://a.example/?code=a%2Fb&state=x%26y%3D%C3%A9");
        assert_eq!(redirect_host("https://a.example:99/cb?x"), "a.example:99");
        assert_eq!(redirect_host("com.example.app:/cb"), "com.example.app");
    }
}
