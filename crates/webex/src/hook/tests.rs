//! Signatures; the content of deliveries is tested with the server.

use super::*;

// Made with `openssl dgst -hmac` over `body` with the key `secret`.
const SHA1: &str = "a18991ff7e4513a1c2d2ee51e3a8e99ca891d9cd";
const SHA256: &str = "dc46983557fea127b43af721467eb9b3fde2338fe3e14f51952aa8478c13d355";
const SHA512: &str = "de4a671e8233987c46a9048b8041bda6296901960022836c15c28023d3f66c3720449af241bdfe2e592c5b2273730cd1df763073e018e60d7313077c5342fde9";

#[test]
fn every_form_of_a_signature_is_known() {
    let is_right = |spark: Option<&str>, webex: Option<&str>| is_signed("secret", b"body", Signatures { spark, webex });
    assert!(is_right(Some(SHA1), None));
    for list in [
        format!("SHA-256={SHA256}, SHA-512={SHA512}"),
        format!("sha256={SHA256}"),
        format!("sha512={SHA512},sha-999=00"),
        SHA256.to_owned(),
    ] {
        assert!(is_right(None, Some(&list)), "{list}");
        assert!(is_right(Some(SHA1), Some(&list)), "{list}");
        assert!(!is_right(Some(SHA256), Some(&list)), "{list}");
        assert!(!is_signed("other", b"body", Signatures { spark: None, webex: Some(&list) }), "{list}");
        assert!(!is_signed("secret", b"bodY", Signatures { spark: None, webex: Some(&list) }), "{list}");
    }
    for list in ["", "sha256=", "sha-999=00", "sha256=zz", &format!("sha256={SHA256},sha512=00")] {
        assert!(!is_right(None, Some(list)), "{list}");
    }
    assert!(!is_right(None, None));
}
