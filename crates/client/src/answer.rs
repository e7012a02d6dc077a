use bytes::Bytes;
use reqwest::header::{HeaderMap, LINK};
use rollcall_model::Vendor;
use serde::{Deserialize, de::DeserializeOwned};

/// A successful response.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The body.
    pub body: Bytes,
    /// Where the list continues. `None` at its end, and for a response that is not a list.
    pub next: Option<Next>,
}

/// Where a list continues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// With this token of Zoom's.
    Token(String),
    /// With this path and query, from Webex's `Link` header.
    Target(String),
}

impl Next {
    /// Returns it as text, from which [`Self::parse`] makes it again.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Token(text) | Self::Target(text) => text,
        }
    }

    /// Makes it from its text.
    #[must_use]
    pub fn parse(vendor: Vendor, text: &str) -> Self {
        match vendor {
            Vendor::Zoom => Self::Token(text.to_owned()),
            Vendor::Webex => Self::Target(text.to_owned()),
        }
    }
}

impl Answer {
    /// Parses the body.
    ///
    /// # Errors
    /// If the body has another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    pub(crate) fn read(vendor: Vendor, headers: &HeaderMap, body: Bytes) -> Self {
        let next = match vendor {
            Vendor::Zoom => next_token(&body).map(Next::Token),
            Vendor::Webex => next_link(headers).map(Next::Target),
        };
        Self { body, next }
    }
}

/// Zoom's lists end with a blank token (Zoom reference, section 4).
fn next_token(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Paged {
        #[serde(default)]
        next_page_token: Option<String>,
    }
    let paged: Paged = serde_json::from_slice(body).ok()?;
    paged.next_page_token.filter(|token| !token.is_empty())
}

/// Returns path and query of the link to the next page (RFC 8288). The host is dropped: a token is only ever sent to the
/// host that the operator chose.
fn next_link(headers: &HeaderMap) -> Option<String> {
    let links = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    links.flat_map(|value| value.split(",<")).find_map(|link| {
        let (url, parameters) = link.trim().trim_start_matches('<').split_once('>')?;
        let is_next = parameters.split(';').any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or_default();
            name.trim().eq_ignore_ascii_case("rel") && value.trim().trim_matches('"').eq_ignore_ascii_case("next")
        });
        let target = match url.split_once("://") {
            Some((_, rest)) => rest.find('/').map(|at| &rest[at..])?,
            None => url,
        };
        // An old bug of Webex adds `max=null`.
        is_next.then(|| target.replace("&max=null", "").replace("?max=null&", "?"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_token_ends_a_list() {
        assert_eq!(next_token(br#"{"next_page_token":"a","x":[1]}"#).as_deref(), Some("a"));
        assert_eq!(next_token(br#"{"next_page_token":""}"#), None);
        assert_eq!(next_token(br#"{"users":[]}"#), None);
    }

    #[test]
    fn only_the_next_link_is_followed_and_on_the_same_host() {
        let next = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(LINK, value.parse().unwrap());
            next_link(&headers)
        };
        let expected = Some("/v1/meetings?max=2&after=x".to_owned());
        assert_eq!(next(r#"<https://webexapis.com/v1/meetings?max=2&after=x>; rel="next""#), expected);
        assert_eq!(
            next(r#"<https://a/v1/x>; rel="first",<https://evil.example/v1/meetings?max=2&after=x>; rel=next"#),
            expected
        );
        assert_eq!(next(r#"<https://a/v1/x>; rel="first""#), None);
        assert_eq!(next(r#"<https://a/v1/x?max=null&b=1>; rel="next""#).as_deref(), Some("/v1/x?b=1"));
    }
}
