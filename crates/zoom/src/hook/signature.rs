//! Signatures: HMAC-SHA256 over the version, the time in the header, and the body's bytes.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The version prefix of the signature and of the signed text.
const VERSION: &str = "v0";

fn mac(secret: &str) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length")
}

fn over(secret: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = mac(secret);
    for part in [VERSION.as_bytes(), b":", timestamp.as_bytes(), b":", body] {
        mac.update(part);
    }
    mac
}

/// Returns whether `signature`, the header `x-zm-signature`, was made with `secret` over `timestamp`, the raw header
/// `x-zm-request-timestamp`, and `body`. Runs in constant time.
#[must_use]
pub fn is_signed(secret: &str, timestamp: &str, body: &[u8], signature: &str) -> bool {
    let digest = signature.strip_prefix("v0=").map(|hex| HEXLOWER_PERMISSIVE.decode(hex.as_bytes()));
    let Some(Ok(digest)) = digest else { return false };
    over(secret, timestamp, body).verify_slice(&digest).is_ok()
}

/// Returns the signature for `x-zm-signature`.
#[must_use]
pub fn sign(secret: &str, timestamp: &str, body: &[u8]) -> String {
    format!("{VERSION}={}", HEXLOWER.encode(&over(secret, timestamp, body).finalize().into_bytes()))
}

/// Returns the signed token for the response to a challenge.
#[must_use]
pub fn encrypt_token(secret: &str, plain_token: &str) -> String {
    HEXLOWER.encode(&mac(secret).chain_update(plain_token).finalize().into_bytes())
}
