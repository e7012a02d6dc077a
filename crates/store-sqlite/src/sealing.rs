//! Webhook secrets, encrypted under a key that is not in the database.
//!
//! Checking a signature requires the secret itself, so a hash is not enough. Each secret is encrypted with
//! ChaCha20-Poly1305 under its own nonce and bound to its account and vendor: a row that is copied to another account
//! cannot be decrypted.

use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit as _,
    aead::{Aead as _, Payload},
};
use hmac::{Hmac, Mac as _};
use rollcall_model::{AccountId, Secret, Vendor};
use rollcall_store::{Result, StoreError};
use sha2::Sha256;

/// Length of the nonce before the ciphertext, in bytes.
const NONCE_BYTES: usize = 12;

/// The encryption key, and the random source of nonces.
#[derive(Clone)]
pub struct SecretsKey([u8; 32]);

impl SecretsKey {
    /// Creates it from a key of 32 random bytes.
    #[must_use]
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Encrypts a secret.
    pub(crate) fn seal(&self, account: AccountId, vendor: Vendor, secret: &Secret) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|error| StoreError::backend("SQLite", error.to_string()))?;
        let bound = bound_to(account, vendor);
        let payload = Payload { msg: secret.expose().as_bytes(), aad: &bound };
        let sealed = self.cipher().encrypt(&nonce.into(), payload);
        let sealed = sealed.map_err(|_| StoreError::backend("SQLite", "the secret cannot be encrypted"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Decrypts a secret.
    pub(crate) fn open(&self, account: AccountId, vendor: Vendor, sealed: &[u8]) -> Result<Secret> {
        let opened = sealed.split_first_chunk::<NONCE_BYTES>().and_then(|(nonce, sealed)| {
            let bound = bound_to(account, vendor);
            self.cipher().decrypt(&(*nonce).into(), Payload { msg: sealed, aad: &bound }).ok()
        });
        let text = opened.and_then(|bytes| String::from_utf8(bytes).ok());
        text.map(Secret::new).ok_or_else(|| {
            let reason = "a webhook secret cannot be decrypted: restore the secrets key that encrypted it, or revoke the \
                          secret and create it again";
            StoreError::backend("SQLite", reason)
        })
    }

    /// Returns a keyed hash that identifies equal secrets.
    pub(crate) fn fingerprint(&self, account: AccountId, vendor: Vendor, secret: &Secret) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(b"fingerprint");
        mac.update(&bound_to(account, vendor));
        mac.update(secret.expose().as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&self.0.into())
    }
}

impl std::fmt::Debug for SecretsKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretsKey(…)")
    }
}

fn bound_to(account: AccountId, vendor: Vendor) -> Vec<u8> {
    [&account.0.to_be_bytes()[..], vendor.as_str().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_account_and_vendor_under_its_key_alone() {
        let (key, secret) = (SecretsKey::new([7; 32]), Secret::new("s3cret".to_owned()));
        let sealed = key.seal(AccountId(1), Vendor::Zoom, &secret).unwrap();
        assert_eq!(key.open(AccountId(1), Vendor::Zoom, &sealed).unwrap(), secret);
        assert_ne!(sealed, key.seal(AccountId(1), Vendor::Zoom, &secret).unwrap(), "a nonce of its own");
        assert!(!sealed.windows(6).any(|bytes| bytes == b"s3cret"));
        assert!(key.open(AccountId(2), Vendor::Zoom, &sealed).is_err());
        assert!(key.open(AccountId(1), Vendor::Webex, &sealed).is_err());
        assert!(SecretsKey::new([8; 32]).open(AccountId(1), Vendor::Zoom, &sealed).is_err());
        assert!(key.open(AccountId(1), Vendor::Zoom, &sealed[..9]).is_err());
        assert_eq!(
            key.fingerprint(AccountId(1), Vendor::Zoom, &secret),
            key.fingerprint(AccountId(1), Vendor::Zoom, &secret)
        );
    }
}
