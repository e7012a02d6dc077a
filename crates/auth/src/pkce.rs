//! Proof Key for Code Exchange (RFC 7636): the app that redeems a code proves that it requested it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rollcall_model::{Challenge, ChallengeMethod, SecretHash};
use subtle::ConstantTimeEq as _;

/// Length of verifiers and challenges (RFC 7636, section 4.1).
const LENGTH: std::ops::RangeInclusive<usize> = 43..=128;

/// Which challenges an authorization request may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pkce {
    /// `S256`, and `plain`, which is the default: Zoom. Apps without a secret need `S256` even so.
    S256OrPlain,
    /// Only `S256`: Webex.
    S256,
}

/// Reads the challenge of an authorization request. The error says what is wrong, and how to correct it.
pub(crate) fn read(
    pkce: Pkce,
    is_public: bool,
    value: Option<&str>,
    method: Option<&str>,
) -> Result<Option<Challenge>, &'static str> {
    let Some(value) = value else {
        return match (method, is_public) {
            (Some(_), _) => Err("code_challenge_method without code_challenge"),
            (None, true) => Err("An app without a secret must send code_challenge and code_challenge_method=S256"),
            (None, false) => Ok(None),
        };
    };
    let Some(method) = method.map_or(Some(ChallengeMethod::Plain), ChallengeMethod::parse) else {
        return Err("Unknown code_challenge_method: send S256");
    };
    if method == ChallengeMethod::Plain && (is_public || pkce == Pkce::S256) {
        return Err("Send code_challenge_method=S256");
    }
    if !is_well_formed(value) {
        return Err("code_challenge must be 43 to 128 letters, digits, or -._~");
    }
    Ok(Some(Challenge { method, value: value.into() }))
}

/// Returns whether `verifier` is the one of the challenge. A verifier without a challenge is also wrong: somebody removed
/// the challenge from the authorization request (RFC 9700, section 2.1.1).
pub(crate) fn is_proven(challenge: Option<&Challenge>, verifier: Option<&str>) -> bool {
    let (challenge, verifier) = match (challenge, verifier) {
        (None, None) => return true,
        (Some(challenge), Some(verifier)) => (challenge, verifier),
        (None, Some(_)) | (Some(_), None) => return false,
    };
    if !is_well_formed(verifier) {
        return false;
    }
    match challenge.method {
        ChallengeMethod::Plain => challenge.value.as_bytes().ct_eq(verifier.as_bytes()).into(),
        ChallengeMethod::S256 => {
            let expected = URL_SAFE_NO_PAD.encode(SecretHash::of(verifier).0);
            challenge.value.as_bytes().ct_eq(expected.as_bytes()).into()
        }
    }
}

fn is_well_formed(text: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    LENGTH.contains(&text.len()) && text.bytes().all(is_unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc_is_proven() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = read(Pkce::S256, true, Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"), Some("S256"));
        let challenge = challenge.unwrap();
        assert!(is_proven(challenge.as_ref(), Some(verifier)));
        assert!(!is_proven(challenge.as_ref(), Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXj")));
        assert!(!is_proven(challenge.as_ref(), Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")));
        assert!(!is_proven(challenge.as_ref(), None) && !is_proven(None, Some(verifier)) && is_proven(None, None));
    }

    #[test]
    fn plain_is_for_apps_with_a_secret_at_zoom() {
        let value = Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        for method in [None, Some("plain")] {
            let challenge = read(Pkce::S256OrPlain, false, value, method).unwrap();
            assert!(is_proven(challenge.as_ref(), value));
            assert!(read(Pkce::S256OrPlain, true, value, method).is_err());
            assert!(read(Pkce::S256, false, value, method).is_err());
        }
        for (value, method) in [(value, Some("s256")), (Some("short"), Some("S256")), (None, Some("S256"))] {
            assert!(read(Pkce::S256OrPlain, false, value, method).is_err(), "{value:?} {method:?}");
        }
        assert!(read(Pkce::S256OrPlain, true, None, None).is_err());
        assert_eq!(read(Pkce::S256, false, None, None), Ok(None));
    }
}
