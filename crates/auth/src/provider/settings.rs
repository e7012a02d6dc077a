//! A provider as the operator configured it.

use std::{collections::BTreeSet, fmt, str::FromStr};

use openidconnect::{IssuerUrl, url::Url};
use rollcall_model::{Access, Secret, Text};

/// Longest id.
const LONGEST_ID: usize = 32;

/// A provider through which members sign in.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// Its id in addresses, and in the store.
    pub id: ProviderId,
    /// Its name on the sign-in page.
    pub name: Text,
    /// Its issuer.
    pub issuer: Issuer,
    /// The id under which it knows this server.
    pub client_id: String,
    /// The secret that belongs to it; `None` for a client that has only PKCE.
    pub client_secret: Option<Secret>,
    /// Scopes to request, in addition to `openid`.
    pub scopes: Vec<String>,
    /// The claim of the ID token that lists a person's groups.
    pub groups_claim: String,
    /// Groups and what their members may do. The most that one of a person's groups allows applies.
    pub roles: Vec<(String, Access)>,
    /// The account of its members, by name or id; `None` for the only one.
    pub account: Option<Text>,
    /// Whether a person in one of the groups becomes a member at the first sign-in.
    pub admits: bool,
}

impl ProviderSettings {
    /// Returns what somebody in these groups may do; `None` if none of them has a role.
    pub(super) fn access_of(&self, groups: &BTreeSet<String>) -> Option<Access> {
        self.roles.iter().filter(|(group, _)| groups.contains(group)).map(|(_, access)| *access).max()
    }
}

/// The id of a provider: lower-case letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProviderId(Text);

impl ProviderId {
    /// Returns it as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text of the settings is not valid. It completes a sentence whose subject is the setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidProvider(&'static str);

impl fmt::Display for InvalidProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for ProviderId {
    type Err = InvalidProvider;

    fn from_str(text: &str) -> Result<Self, InvalidProvider> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(is_plain);
        if fits { Ok(Self(text.into())) } else { Err(InvalidProvider("must be 1 to 32 of a-z, 0-9 and hyphens")) }
    }
}

/// The issuer of a provider, as its ID tokens and its configuration document write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer(IssuerUrl);

impl Issuer {
    /// Returns it as the library takes it.
    pub(super) const fn url(&self) -> &IssuerUrl {
        &self.0
    }

    /// Returns whether a URL of the provider is as safe as the issuer's.
    pub(super) fn is_as_safe(&self, url: &Url) -> bool {
        url.scheme() == "https" || self.0.url().scheme() == "http"
    }
}

impl FromStr for Issuer {
    type Err = InvalidProvider;

    fn from_str(text: &str) -> Result<Self, InvalidProvider> {
        let issuer = IssuerUrl::new(text.to_owned());
        let issuer = issuer.map_err(|_| InvalidProvider("must be a URL such as https://login.example.com"))?;
        let url = issuer.url();
        let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() != "https" && !(url.scheme() == "http" && is_here) {
            return Err(InvalidProvider("must begin with https:// (http:// only on this machine)"));
        }
        let is_bare = url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && url.host_str().is_some();
        if is_bare { Ok(Self(issuer)) } else { Err(InvalidProvider("must have no query, fragment or user name")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_or_on_this_machine() {
        for good in ["https://login.example.com", "https://login.example.com/realms/one/", "http://127.0.0.1:8080"] {
            assert!(good.parse::<Issuer>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "login.example.com",
            "http://login.example.com",
            "http://localhost.evil.example",
            "https://user@login.example.com",
            "https://login.example.com/?x",
            "https://login.example.com/#x",
            "file:///etc/passwd",
        ] {
            assert!(bad.parse::<Issuer>().is_err(), "{bad}");
        }
        let (issuer, here): (Issuer, Issuer) =
            ("https://login.example.com".parse().unwrap(), "http://localhost:1".parse().unwrap());
        let plain = Url::parse("http://login.example.com/token").unwrap();
        assert!(!issuer.is_as_safe(&plain) && here.is_as_safe(&plain));
    }

    #[test]
    fn an_id_is_part_of_an_address() {
        for (id, good) in [("company", true), ("a-1", true), ("", false), ("A", false), ("a/b", false), ("a.b", false)]
        {
            assert_eq!(id.parse::<ProviderId>().is_ok(), good, "{id}");
        }
        assert!("x".repeat(33).parse::<ProviderId>().is_err());
    }
}
