//! Attempts to sign in at a provider: from the first redirect until the browser comes back.
//!
//! The server stores none, so nobody can fill its memory or evict the attempts of others. The browser carries a random
//! secret in a cookie; state, nonce and PKCE verifier are derived from the cookie with a key that only this process has.
//! So a state is valid only with its cookie, and only for the provider that it was made for. States that came back are
//! remembered until they expire, because each is valid once.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rollcall_model::{Entropy, SecretHash, Timestamp, draw, draw_secret};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// How long an attempt may take, in seconds.
pub const ATTEMPT_SECONDS: i64 = 600;
/// Longest address to continue at.
const LONGEST_NEXT: usize = 1_000;
/// Maximum number of states that are remembered.
const REMEMBERED: usize = 16_384;

/// Makes and recognizes attempts.
pub(super) struct Attempts {
    key: [u8; 32],
    /// States that came back, and when they expire.
    used: Mutex<HashMap<SecretHash, i64>>,
}

/// What an attempt sends to the provider.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attempt {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

impl Attempts {
    pub(super) fn new(entropy: &dyn Entropy) -> Self {
        Self { key: draw(entropy), used: Mutex::default() }
    }

    /// Begins an attempt that continues at `next`. Returns it with the value of its cookie.
    pub(super) fn begin(&self, provider: &str, next: &str, now: Timestamp, entropy: &dyn Entropy) -> (Attempt, String) {
        let next = URL_SAFE_NO_PAD.encode(own_path(next));
        let cookie = format!("{}.{next}.{}", now.as_seconds(), draw_secret(entropy).expose());
        (self.derive(provider, &cookie), cookie)
    }

    /// Returns the attempt of a cookie and where it continues, if `state` is its state at this provider and it has not
    /// expired.
    pub(super) fn find(&self, provider: &str, cookie: &str, state: &str, now: Timestamp) -> Option<(Attempt, String)> {
        let attempt = self.derive(provider, cookie);
        if !bool::from(attempt.state.as_bytes().ct_eq(state.as_bytes())) {
            return None;
        }
        let mut parts = cookie.split('.');
        let (started, next) = (parts.next()?.parse::<i64>().ok()?, parts.next()?);
        let age = now.as_seconds().checked_sub(started)?;
        let next = String::from_utf8(URL_SAFE_NO_PAD.decode(next).ok()?).ok()?;
        (0..ATTEMPT_SECONDS).contains(&age).then_some((attempt, next))
    }

    /// Uses up a state. Returns whether it was unused.
    pub(super) fn take(&self, state: &str, now: Timestamp) -> bool {
        let now = now.as_seconds();
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= REMEMBERED {
            used.retain(|_, end| *end > now);
            if used.len() >= REMEMBERED {
                // Codes and nonces are valid once, too.
                used.clear();
            }
        }
        used.insert(SecretHash::of(state), now + ATTEMPT_SECONDS).is_none()
    }

    fn derive(&self, provider: &str, cookie: &str) -> Attempt {
        let part = |name: &str| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
            for text in [name, provider, cookie] {
                mac.update(&(text.len() as u64).to_be_bytes());
                mac.update(text.as_bytes());
            }
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        };
        Attempt { state: part("state"), nonce: part("nonce"), verifier: part("verifier") }
    }
}

/// Returns a path of this server to continue at; the first page for anything else. Browsers take `//host` and `/\host`
/// for other sites, and `/auth/…` would begin again.
pub fn own_path(text: &str) -> &str {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_own = text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/auth/");
    if is_plain && is_own && text.len() <= LONGEST_NEXT { text } else { "/" }
}

#[cfg(test)]
mod tests {
    use rollcall_model::SystemEntropy;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn an_attempt_is_found_by_its_cookie_at_its_provider_until_it_expires() {
        let attempts = Attempts::new(&SystemEntropy);
        let (attempt, cookie) = attempts.begin("one", "/people?last=all", at(100), &SystemEntropy);
        let Attempt { state, nonce, verifier } = &attempt;
        assert!(state != nonce && nonce != verifier && verifier.len() == 43);
        let (found, next) = attempts.find("one", &cookie, state, at(699)).unwrap();
        assert_eq!((&found, next.as_str()), (&attempt, "/people?last=all"));
        for now in [99, 700] {
            assert_eq!(attempts.find("one", &cookie, state, at(now)), None, "{now}");
        }
        assert_eq!(attempts.find("two", &cookie, state, at(100)), None, "another provider");
        let (other, other_cookie) = attempts.begin("one", "/", at(100), &SystemEntropy);
        assert_eq!(attempts.find("one", &other_cookie, state, at(100)), None, "another browser");
        assert_eq!(attempts.find("one", &cookie, &other.state, at(100)), None);
        assert_eq!(attempts.find("one", &cookie, nonce, at(100)), None);
        let longer = cookie.replacen("100.", "500.", 1);
        assert_eq!(attempts.find("one", &longer, state, at(800)), None, "the cookie is part of the state");
        let restarted = Attempts::new(&SystemEntropy);
        assert_eq!(restarted.find("one", &cookie, state, at(100)), None);
    }

    #[test]
    fn a_state_is_valid_once_and_memory_is_bounded() {
        let attempts = Attempts::new(&SystemEntropy);
        assert!(attempts.take("a", at(0)) && !attempts.take("a", at(599)));
        for n in 0..3 * REMEMBERED {
            attempts.take(&n.to_string(), at(0));
        }
        assert!(attempts.used.lock().unwrap().len() <= REMEMBERED);
    }

    #[test]
    fn only_paths_of_this_server_follow() {
        for own in ["/", "/now", "/meetings/a%2Fb?last=all#x", "/oauth/authorize/BCDF-GHJK"] {
            assert_eq!(own_path(own), own);
        }
        let long = format!("/{}", "x".repeat(1_000));
        for other in [
            "",
            "now",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/a\r\nset-cookie: x",
            " /now",
            "javascript:alert(1)",
            "/ü",
            "/auth/company?next=/",
            &long,
        ] {
            assert_eq!(own_path(other), "/", "{other}");
        }
    }
}
