//! Page tokens: opaque to callers, self-contained for servers.
//!
//! A token contains where its list continues and how many records the list had, so that any node can continue without
//! looking up either. The signature covers its content, the account and the query, and it expires after 15 minutes: a
//! token that is expired, altered, or from another query or account is rejected.

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rollcall_model::{AccountId, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::Sha256;

/// Length of the signature in a token, in bytes.
const SIGNATURE_BYTES: usize = 16;
/// Longer texts are rejected unread.
const MAX_TOKEN_CHARS: usize = 1024;

/// The key that signs page tokens, shared by all nodes that serve the same data, and the previous one until its tokens
/// expire.
#[derive(Clone)]
pub struct PageTokenKey {
    key: [u8; 32],
    former: Option<([u8; 32], Timestamp)>,
}

impl PageTokenKey {
    /// Creates it from a key of 32 random bytes.
    #[must_use]
    pub const fn new(key: [u8; 32]) -> Self {
        Self { key, former: None }
    }

    /// Also accepts tokens that were signed with another key, until then.
    #[must_use]
    pub const fn with_former(self, key: [u8; 32], until: Timestamp) -> Self {
        Self { former: Some((key, until)), ..self }
    }
}

impl std::fmt::Debug for PageTokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PageTokenKey(…)")
    }
}

/// Why a page token is rejected. Callers do not get the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the page token is invalid or has expired")]
pub(crate) struct InvalidPageToken;

/// Content of a token: where the list continues, its length, and the expiry.
#[derive(Serialize, Deserialize)]
struct Content<C> {
    #[serde(rename = "e")]
    expires_at_seconds: i64,
    #[serde(rename = "t")]
    total: u64,
    #[serde(rename = "c")]
    cursor: C,
}

/// What a token is bound to, apart from its own content.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Binding<'a> {
    pub(crate) account: AccountId,
    /// The operation and every parameter that affects its list, in one canonical form.
    pub(crate) query: &'a str,
}

impl PageTokenKey {
    /// Creates the token that continues a list of `total` records at `cursor`.
    pub(crate) fn seal<C: Serialize>(
        &self,
        binding: Binding<'_>,
        expires_at: Timestamp,
        total: u64,
        cursor: C,
    ) -> String {
        let content = Content { expires_at_seconds: expires_at.as_seconds(), total, cursor };
        let mut bytes = serde_json::to_vec(&content).expect("a cursor of integers and texts serialises");
        let signature = sign(&self.key, &bytes, binding).finalize().into_bytes();
        bytes.extend_from_slice(&signature[..SIGNATURE_BYTES]);
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Verifies and parses a token: the list's total and where it continues.
    pub(crate) fn open<C: DeserializeOwned>(
        &self,
        token: &str,
        binding: Binding<'_>,
        now: Timestamp,
    ) -> Result<(u64, C), InvalidPageToken> {
        if token.len() > MAX_TOKEN_CHARS {
            return Err(InvalidPageToken);
        }
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).map_err(|_| InvalidPageToken)?;
        let content_len = bytes.len().checked_sub(SIGNATURE_BYTES).ok_or(InvalidPageToken)?;
        let (content, signature) = bytes.split_at(content_len);
        let former = self.former.filter(|(_, until)| now < *until).map(|(key, _)| key);
        let mut keys = [Some(self.key), former].into_iter().flatten();
        if !keys.any(|key| sign(&key, content, binding).verify_truncated_left(signature).is_ok()) {
            return Err(InvalidPageToken);
        }
        let content: Content<C> = serde_json::from_slice(content).map_err(|_| InvalidPageToken)?;
        if now.as_seconds() >= content.expires_at_seconds {
            return Err(InvalidPageToken);
        }
        Ok((content.total, content.cursor))
    }
}

fn sign(key: &[u8; 32], content: &[u8], binding: Binding<'_>) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(&binding.account.0.to_be_bytes());
    mac.update(&(binding.query.len() as u64).to_be_bytes());
    mac.update(binding.query.as_bytes());
    mac.update(content);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: PageTokenKey = PageTokenKey::new([7; 32]);
    const HERE: Binding<'_> = Binding { account: AccountId(1), query: "list?type=past" };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn comes_back_until_it_ends() {
        let token = KEY.seal(HERE, at(900), 50_000, (3i64, 4i64));
        assert_eq!(KEY.open::<(i64, i64)>(&token, HERE, at(899)), Ok((50_000, (3, 4))));
        assert_eq!(KEY.open::<(i64, i64)>(&token, HERE, at(900)), Err(InvalidPageToken));
    }

    #[test]
    fn holds_for_its_account_query_and_key_only() {
        let token = KEY.seal(HERE, at(900), 1, 1i64);
        for elsewhere in [Binding { account: AccountId(2), ..HERE }, Binding { query: "list?type=live", ..HERE }] {
            assert_eq!(KEY.open::<i64>(&token, elsewhere, at(0)), Err(InvalidPageToken));
        }
        assert_eq!(PageTokenKey::new([8; 32]).open::<i64>(&token, HERE, at(0)), Err(InvalidPageToken));
    }

    #[test]
    fn a_rotated_key_still_opens_the_tokens_of_the_former_one_for_a_while() {
        let token = KEY.seal(HERE, at(9_000), 1, 1i64);
        let rotated = PageTokenKey::new([8; 32]).with_former([7; 32], at(900));
        assert_eq!(rotated.open::<i64>(&token, HERE, at(899)), Ok((1, 1)));
        assert_eq!(rotated.open::<i64>(&token, HERE, at(900)), Err(InvalidPageToken));
        let token = rotated.seal(HERE, at(9_000), 1, 1i64);
        assert_eq!(KEY.open::<i64>(&token, HERE, at(0)), Err(InvalidPageToken));
    }

    #[test]
    fn any_altered_character_is_noticed() {
        let token = KEY.seal(HERE, at(900), 1, 1i64);
        for index in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[index] = if altered[index] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            // The last character has unused bits, which the decoder requires to be zero.
            assert_eq!(KEY.open::<i64>(&altered, HERE, at(0)), Err(InvalidPageToken), "{altered}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".{0,200}") {
            let _ = KEY.open::<i64>(&text, HERE, at(0));
        }
    }
}
