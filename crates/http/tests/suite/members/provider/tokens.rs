//! ID tokens that prove nothing.

use ring::signature::KeyPair as _;
use rollcall_store::MemberStore as _;
use serde_json::{Value, json};

use super::{CLIENT, CLIENT_SECRET, Grant, Signer, enter, enter_as, pair, world};
use crate::common::NOW;

/// A change to a right ID token.
type Change = Box<dyn Fn(&mut Grant)>;

fn claim(name: &'static str, value: Value) -> Change {
    Box::new(move |grant| grant.claims[name] = value.clone())
}

fn without(name: &'static str) -> Change {
    Box::new(move |grant| {
        grant.claims.as_object_mut().unwrap().remove(name);
    })
}

fn header(header: Value, signer: Signer) -> Change {
    Box::new(move |grant| (grant.header, grant.signer) = (header.clone(), signer.clone()))
}

#[tokio::test]
async fn a_token_that_is_wrong_in_any_way_signs_nobody_in() {
    let (server, provider) = world().await;
    let public = pair(1).public_key().as_ref().to_vec();
    let cases: Vec<(&str, Change)> = vec![
        ("another nonce", claim("nonce", json!("x"))),
        ("no nonce", without("nonce")),
        ("an empty nonce", claim("nonce", json!(""))),
        ("another client's", claim("aud", json!("other"))),
        ("no audience", without("aud")),
        ("an empty audience", claim("aud", json!([]))),
        ("also another client's", claim("aud", json!([CLIENT, "other"]))),
        ("issued to another client", claim("azp", json!("other"))),
        ("another issuer", claim("iss", json!("https://evil.example"))),
        ("nearly the issuer", claim("iss", json!(format!("{}/", provider.issuer)))),
        ("no issuer", without("iss")),
        ("expired", claim("exp", json!(NOW))),
        ("no end", without("exp")),
        ("issued in the future", claim("iat", json!(NOW + 301))),
        ("no subject", without("sub")),
        ("an empty subject", claim("sub", json!(""))),
        ("a long subject", claim("sub", json!("x".repeat(256)))),
        ("a subject that is a number", claim("sub", json!(1))),
        ("not signed", header(json!({"alg": "none"}), Signer::Nobody)),
        ("not signed, with a key", header(json!({"alg": "none", "kid": "1"}), Signer::Key(1))),
        ("None", header(json!({"alg": "None"}), Signer::Nobody)),
        ("an empty signature", header(json!({"alg": "EdDSA", "kid": "1"}), Signer::Nobody)),
        ("a shared secret", header(json!({"alg": "HS256"}), Signer::Shared(CLIENT_SECRET.into()))),
        ("a public key as a secret", header(json!({"alg": "HS256", "kid": "1"}), Signer::Shared(public.clone()))),
        ("a public key as a secret without a name", header(json!({"alg": "HS256"}), Signer::Shared(public))),
        ("an empty secret", header(json!({"alg": "HS256"}), Signer::Shared(Vec::new()))),
        ("another key of the same name", header(json!({"alg": "EdDSA", "kid": "1"}), Signer::Key(2))),
        ("another key without a name", header(json!({"alg": "EdDSA"}), Signer::Key(2))),
        ("an unknown key", header(json!({"alg": "EdDSA", "kid": "9"}), Signer::Key(9))),
        ("another algorithm for the key", header(json!({"alg": "RS256", "kid": "1"}), Signer::Key(1))),
        ("an unknown algorithm", header(json!({"alg": "XS256", "kid": "1"}), Signer::Key(1))),
        (
            "its own key",
            header(
                json!({"alg": "EdDSA", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}, "jku": "https://evil.example"}),
                Signer::Key(2),
            ),
        ),
        (
            "a critical extension",
            header(json!({"alg": "EdDSA", "kid": "1", "crit": ["b64"], "b64": false}), Signer::Key(1)),
        ),
        ("an access token", header(json!({"alg": "EdDSA", "kid": "1", "typ": "at+jwt"}), Signer::Key(1))),
    ];
    for (what, change) in cases {
        let seen = enter_as(&server, &provider, "company", |trip| {
            let mut grant = provider.grant(trip, "ana", &["it"]);
            change(&mut grant);
            grant
        });
        let seen = seen.await;
        assert_eq!((seen.status, seen.session().as_str()), (502, ""), "{what}");
        for detail in ["nonce", "audience", "EdDSA", "issuer"] {
            assert!(!seen.html.contains(detail), "{what}: {}", seen.html);
        }
    }
    assert_eq!(server.store.members(server.account).await.unwrap(), []);
    assert_eq!(enter(&server, &provider, "company", "ana", &["it"]).await.status, 303);
}

#[tokio::test]
async fn a_token_may_leave_out_what_it_need_not_have() {
    let (server, provider) = world().await;
    for (what, change) in [
        ("typ", header(json!({"alg": "EdDSA", "typ": "JWT"}), Signer::Key(1))),
        ("a list of one audience", claim("aud", json!([CLIENT]))),
        ("azp", claim("azp", json!(CLIENT))),
        ("a clock that is ahead", claim("iat", json!(NOW + 300))),
        ("email_verified", without("email_verified")),
    ] {
        let seen = enter_as(&server, &provider, "company", |trip| {
            let mut grant = provider.grant(trip, "ana", &["it"]);
            change(&mut grant);
            grant
        });
        assert_eq!(seen.await.status, 303, "{what}");
    }
}

#[tokio::test]
async fn a_new_key_is_found_and_unknown_ones_are_asked_for_once_a_minute() {
    let (server, provider) = world().await;
    let signed_with = async |seed: u8| {
        let seen = enter_as(&server, &provider, "company", |trip| {
            let mut grant = provider.grant(trip, "ana", &["it"]);
            (grant.header, grant.signer) = (json!({"alg": "EdDSA", "kid": seed.to_string()}), Signer::Key(seed));
            grant
        });
        seen.await.status
    };
    assert_eq!((signed_with(1).await, provider.asked("keys")), (303, 1));
    provider.script().keys = vec![2];
    assert_eq!((signed_with(2).await, provider.asked("keys")), (502, 1), "the keys are a moment old");
    server.clock.advance_seconds(60);
    assert_eq!((signed_with(2).await, provider.asked("keys")), (303, 2));
    for _ in 0..3 {
        assert_eq!(signed_with(1).await, 502, "a key that the provider has revoked");
    }
    assert_eq!(provider.asked("keys"), 2);
    server.clock.advance_seconds(60);
    for _ in 0..3 {
        assert_eq!(signed_with(3).await, 502);
    }
    assert_eq!(provider.asked("keys"), 3);
    provider.script().keys = vec![4];
    server.clock.advance_seconds(3_600);
    assert_eq!((signed_with(4).await, provider.asked("keys")), (303, 4), "after an hour they are fetched anyway");
}
