use base64::Engine as _;

use crate::Secret;

/// The source of randomness for secrets and ids. Tests pass a repeatable one.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with unpredictable random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's random source.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // A machine without a random source must not issue credentials.
        getrandom::fill(bytes).expect("the operating system provides random bytes");
    }
}

/// Draws `N` random bytes.
#[must_use]
pub fn draw<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// Creates a secret of 256 random bits in URL-safe base64.
#[must_use]
pub fn draw_secret(entropy: &dyn Entropy) -> Secret {
    Secret::new(drawn_text(&draw::<32>(entropy)))
}

/// Encodes random `bytes` as an id or a secret, in URL-safe base64 without padding. It never begins with a hyphen,
/// which a command line takes for an option.
#[must_use]
pub fn drawn_text(bytes: &[u8]) -> String {
    let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    match text.strip_prefix('-') {
        Some(rest) => format!("A{rest}"),
        None => text,
    }
}
