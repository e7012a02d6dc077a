//! Signatures: HMAC over the body's bytes, in hex.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// The signature headers of a delivery.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signatures<'h> {
    /// `X-Spark-Signature`: made with SHA-1.
    pub spark: Option<&'h str>,
    /// `X-Webex-Signature`: one or more, separated by commas, each `SHA-256=…` or `SHA-512=…`; without a name SHA-256.
    pub webex: Option<&'h str>,
}

impl Signatures<'_> {
    /// Returns whether there is none.
    #[must_use]
    pub const fn are_missing(&self) -> bool {
        self.spark.is_none() && self.webex.is_none()
    }
}

/// Returns whether `body` was signed with `secret`: every present header is correct, i.e. at least one entry of a list
/// is, and no entry of a known kind is wrong. Runs in constant time.
#[must_use]
pub fn is_signed(secret: &str, body: &[u8], signatures: Signatures<'_>) -> bool {
    let spark = signatures.spark.map(|hex| is_mac::<Hmac<Sha1>>(secret, body, hex.trim()));
    let webex = signatures.webex.map(|list| is_in_list(secret, body, list));
    match (spark, webex) {
        (None, None) => false,
        (spark, webex) => spark.unwrap_or(true) && webex.unwrap_or(true),
    }
}

fn is_in_list(secret: &str, body: &[u8], list: &str) -> bool {
    let mut right = 0;
    for entry in list.split(',') {
        let (name, hex) = entry.trim().split_once('=').unwrap_or(("sha256", entry.trim()));
        let is_right = match name.trim().to_ascii_lowercase().replace('-', "").as_str() {
            "sha256" => is_mac::<Hmac<Sha256>>(secret, body, hex.trim()),
            "sha512" => is_mac::<Hmac<Sha512>>(secret, body, hex.trim()),
            "sha1" => is_mac::<Hmac<Sha1>>(secret, body, hex.trim()),
            // Unknown kinds are ignored.
            _ => continue,
        };
        if !is_right {
            return false;
        }
        right += 1;
    }
    right > 0
}

fn is_mac<M: Mac + KeyInit>(secret: &str, body: &[u8], hex: &str) -> bool {
    match HEXLOWER_PERMISSIVE.decode(hex.as_bytes()) {
        Ok(digest) => mac::<M>(secret, body).verify_slice(&digest).is_ok(),
        Err(_) => false,
    }
}

fn mac<M: Mac + KeyInit>(secret: &str, body: &[u8]) -> M {
    let mut mac = <M as KeyInit>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(body);
    mac
}

/// Returns the signature for `X-Spark-Signature`.
#[must_use]
pub fn sign_sha1(secret: &str, body: &[u8]) -> String {
    HEXLOWER.encode(&mac::<Hmac<Sha1>>(secret, body).finalize().into_bytes())
}

/// Returns the signature for `X-Webex-Signature`, after `SHA-512=`.
#[must_use]
pub fn sign_sha512(secret: &str, body: &[u8]) -> String {
    HEXLOWER.encode(&mac::<Hmac<Sha512>>(secret, body).finalize().into_bytes())
}

/// Returns the signature for `X-Webex-Signature`, after `SHA-256=`.
#[must_use]
pub fn sign_sha256(secret: &str, body: &[u8]) -> String {
    HEXLOWER.encode(&mac::<Hmac<Sha256>>(secret, body).finalize().into_bytes())
}
