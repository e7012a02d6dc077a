//! Requests of apps for access, and the codes that follow.

use std::collections::BTreeSet;

use futures::future::join_all;
use rollcall_model::{
    AccountId, App, Authorization, AuthorizationRequest, AuthorizationStage, Challenge, ChallengeMethod, ClientId,
    Decision, Identifier, Scopes, SecretHash, Text, TokenKind, UserId, Vendor,
};

use super::{NO_ACCOUNT, assert_conflict, assert_limit_reached, assert_not_found, at, one_account, two_accounts};
use crate::{Decided, NewToken, REDEEMED_SECONDS, Store, WAITING_PER_ADDRESS, WAITING_PER_APP};

async fn app(store: &dyn Store, account: AccountId, client_id: &str) {
    let app = App {
        client_id: ClientId::from(client_id),
        account,
        name: "Dashboard".into(),
        secret_hash: SecretHash::of(client_id),
        former_secret: None,
        scopes: Scopes::All,
        created_at: at(0),
        revoked_at: None,
        redirect_uris: vec!["https://app.example/back".into(), "http://127.0.0.1:8080/".into()],
        is_public: true,
    };
    store.create_app(&app).await.unwrap();
    assert_eq!(store.find_app(&app.client_id).await.unwrap(), Some(app));
}

/// A request that waits until 600.
fn request(account: AccountId, request_code: &str) -> AuthorizationRequest {
    AuthorizationRequest {
        request_code: request_code.into(),
        account,
        client_id: ClientId::from("c1"),
        vendor: Vendor::Zoom,
        redirect_uri: "https://app.example/back".into(),
        state: Some("xyz".into()),
        scopes: Scopes::listed(["meeting:read", "user:read"]),
        challenge: Some(Challenge { method: ChallengeMethod::S256, value: "challenge".into() }),
        address: Some("192.0.2.1".into()),
        created_at: at(0),
        expires_at: at(600),
    }
}

/// The secret of the browser that made a request, in these tests.
fn browser(request_code: &str) -> SecretHash {
    SecretHash::of(request_code)
}

async fn ask(store: &dyn Store, request: &AuthorizationRequest) {
    store.request_authorization(request, browser(&request.request_code)).await.unwrap();
}

async fn find(store: &dyn Store, request_code: &str, now: i64) -> Option<Authorization> {
    store.find_authorization(&browser(request_code), at(now)).await.unwrap()
}

fn token(account: AccountId, secret: &str, kind: TokenKind) -> NewToken {
    NewToken {
        hash: SecretHash::of(secret),
        account,
        client_id: Some(ClientId::from("c1")),
        user_id: None,
        kind,
        scopes: Scopes::All,
        created_at: at(0),
        expires_at: Some(at(100_000)),
    }
}

async fn redeem(store: &dyn Store, account: AccountId, code: &str, n: u8, now: i64) -> bool {
    let refresh = token(account, &format!("r{n}"), TokenKind::Refresh);
    let access = token(account, &format!("a{n}"), TokenKind::Access);
    store.redeem_code(&SecretHash::of(code), &refresh, &access, at(now)).await.unwrap()
}

/// Stores a request, approves it, and gives it a code that is good until 300.
async fn issue(store: &dyn Store, account: AccountId, request_code: &str, code: &str) {
    ask(store, &request(account, request_code)).await;
    assert!(decide(store, account, request_code, &Decision::Approve(None), 1).await);
    assert!(store.issue_code(&browser(request_code), SecretHash::of(code), at(300), at(2)).await.unwrap());
}

async fn decide(store: &dyn Store, account: AccountId, request_code: &str, decision: &Decision, now: i64) -> bool {
    let decided = Decided { decision: decision.clone(), at: at(now), until: at(now + 300), browser: None };
    store.decide_authorization(account, request_code, &decided).await.unwrap()
}

async fn is_active(store: &dyn Store, secret: &str) -> bool {
    store.find_token(&SecretHash::of(secret)).await.unwrap().is_some_and(|token| token.revoked_at.is_none())
}

pub async fn a_request_is_found_by_its_browser_until_it_expires(store: &dyn Store) {
    let account = one_account(store).await;
    app(store, account, "c1").await;
    let full = request(account, "BCDF-GHJK");
    let bare = AuthorizationRequest {
        vendor: Vendor::Webex,
        state: None,
        scopes: Scopes::All,
        challenge: None,
        address: None,
        ..request(account, "LMNP-QRST")
    };
    for request in [full, bare] {
        ask(store, &request).await;
        let found = find(store, &request.request_code, 599).await.unwrap();
        let expected =
            Authorization { request, stage: AuthorizationStage::Waiting, user_id: None, code_expires_at: None };
        assert_eq!(found, expected);
        assert_eq!(find(store, &expected.request.request_code, 600).await, None);
    }
    assert_eq!(find(store, "another browser", 1).await, None);
    assert_conflict(store.request_authorization(&request(account, "BCDF-GHJK"), SecretHash::of("x")).await);
    assert_not_found(store.request_authorization(&request(NO_ACCOUNT, "VWXZ-BCDF"), SecretHash::of("y")).await);
}

pub async fn a_request_is_decided_once_by_its_own_account(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    app(store, one, "c1").await;
    for code in ["yes", "no", "late"] {
        ask(store, &request(one, code)).await;
    }
    let waiting = async |account, now| {
        let waiting = store.waiting_authorizations(account, at(now)).await.unwrap();
        waiting.iter().map(|one| one.request.request_code.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(waiting(one, 1).await, ["yes", "no", "late"]);
    assert!(waiting(two, 1).await.is_empty() && waiting(one, 600).await.is_empty());
    let approve = Decision::Approve(Some(UserId::from("u1")));
    assert!(!decide(store, two, "yes", &approve, 1).await, "another account's");
    assert!(decide(store, one, "yes", &approve, 599).await);
    assert!(!decide(store, one, "yes", &Decision::Deny, 599).await, "decided already");
    assert!(decide(store, one, "no", &Decision::Deny, 1).await);
    assert!(!decide(store, one, "late", &approve, 600).await, "expired");
    assert_eq!(waiting(one, 1).await, ["late"]);
    let yes = find(store, "yes", 898).await.unwrap();
    assert_eq!((yes.stage, yes.user_id), (AuthorizationStage::Approved, Some(UserId::from("u1"))));
    let no = find(store, "no", 1).await.unwrap();
    assert_eq!((no.stage, no.user_id, no.request.expires_at), (AuthorizationStage::Denied, None, at(600)));
}

pub async fn a_decision_in_a_browser_replaces_its_secret(store: &dyn Store) {
    let account = one_account(store).await;
    app(store, account, "c1").await;
    ask(store, &request(account, "a")).await;
    let decided =
        Decided { decision: Decision::Approve(None), at: at(1), until: at(301), browser: Some(SecretHash::of("new")) };
    assert!(store.decide_authorization(account, "a", &decided).await.unwrap());
    assert_eq!(find(store, "a", 2).await, None, "the former secret");
    assert!(!store.issue_code(&browser("a"), SecretHash::of("code"), at(300), at(2)).await.unwrap());
    let found = find(store, "new", 2).await.unwrap();
    assert_eq!((found.stage, found.request.request_code.as_str()), (AuthorizationStage::Approved, "a"));
    let again = Decided { browser: Some(SecretHash::of("third")), ..decided };
    assert!(!store.decide_authorization(account, "a", &again).await.unwrap(), "decided already");
    assert!(find(store, "new", 2).await.is_some());
}

pub async fn only_an_approved_request_gets_a_code_and_only_one(store: &dyn Store) {
    let account = one_account(store).await;
    app(store, account, "c1").await;
    for code in ["waiting", "denied", "approved", "expired"] {
        ask(store, &request(account, code)).await;
    }
    decide(store, account, "denied", &Decision::Deny, 1).await;
    decide(store, account, "approved", &Decision::Approve(None), 1).await;
    decide(store, account, "expired", &Decision::Approve(None), 1).await;
    let issue = async |request_code: &str, code: &str, now| {
        store.issue_code(&browser(request_code), SecretHash::of(code), at(now + 300), at(now)).await.unwrap()
    };
    assert!(!issue("waiting", "k1", 2).await && !issue("denied", "k2", 2).await && !issue("expired", "k3", 600).await);
    assert!(issue("approved", "k4", 2).await);
    assert!(!issue("approved", "k5", 2).await);
    let found = store.find_code(&SecretHash::of("k4")).await.unwrap().unwrap();
    assert_eq!((found.stage, found.code_expires_at), (AuthorizationStage::Issued, Some(at(302))));
    assert_eq!(store.find_code(&SecretHash::of("k5")).await.unwrap(), None);
}

pub async fn a_code_is_redeemed_once_and_a_second_use_revokes_what_followed(store: &dyn Store) {
    let account = one_account(store).await;
    app(store, account, "c1").await;
    issue(store, account, "q1", "k1").await;
    issue(store, account, "q2", "k2").await;
    assert!(!redeem(store, account, "unknown", 9, 3).await && !redeem(store, account, "k1", 9, 300).await);
    assert!(redeem(store, account, "k1", 1, 299).await && redeem(store, account, "k2", 2, 299).await);
    let next = [token(account, "a3", TokenKind::Access), token(account, "r3", TokenKind::Refresh)];
    assert!(store.exchange_refresh_token(&SecretHash::of("r1"), &next, at(299)).await.unwrap());
    let redeemed = store.find_code(&SecretHash::of("k1")).await.unwrap().unwrap();
    assert_eq!(
        (redeemed.stage, redeemed.request.state, redeemed.request.address),
        (AuthorizationStage::Redeemed, None, None)
    );

    assert!(!redeem(store, account, "k1", 4, 400).await, "also after its end");
    for secret in ["a1", "r1", "a3", "r3", "a4", "r4"] {
        assert!(!is_active(store, secret).await, "{secret}");
    }
    assert!(is_active(store, "a2").await && is_active(store, "r2").await, "another code's");
}

pub async fn one_of_many_redeems_a_code(store: &dyn Store) {
    let account = one_account(store).await;
    app(store, account, "c1").await;
    issue(store, account, "q1", "k1").await;
    let redeemed = join_all((0..8).map(async |n| redeem(store, account, "k1", n, 3).await)).await;
    assert_eq!(redeemed.iter().filter(|redeemed| **redeemed).count(), 1);
    assert_eq!(store.tokens(account, None, 99).await.unwrap().len(), 2);
}

pub async fn a_revoked_app_redeems_nothing(store: &dyn Store) {
    let account = one_account(store).await;
    app(store, account, "c1").await;
    issue(store, account, "q1", "k1").await;
    store.revoke_app(account, &ClientId::from("c1"), at(2)).await.unwrap();
    let (refresh, access) = (token(account, "r", TokenKind::Refresh), token(account, "a", TokenKind::Access));
    assert_not_found(store.redeem_code(&SecretHash::of("k1"), &refresh, &access, at(3)).await);
    assert!(!is_active(store, "a").await && !is_active(store, "r").await);
}

pub async fn waiting_requests_are_bounded_by_address_and_by_app(store: &dyn Store) {
    let account = one_account(store).await;
    app(store, account, "c1").await;
    app(store, account, "c2").await;
    let from = |address: usize, n: usize| AuthorizationRequest {
        address: Some(Text::new(format!("192.0.2.{address}"))),
        ..request(account, &format!("{address}-{n}"))
    };
    for n in 0..=WAITING_PER_ADDRESS {
        ask(store, &from(0, n)).await;
    }
    assert_eq!(find(store, "0-0", 1).await, None, "the oldest made room");
    assert!(find(store, "0-1", 1).await.is_some());
    for address in 1..WAITING_PER_APP / WAITING_PER_ADDRESS {
        for n in 0..WAITING_PER_ADDRESS {
            ask(store, &from(address, n)).await;
        }
    }
    let more = from(99, 0);
    assert_limit_reached(store.request_authorization(&more, browser("99-0")).await);
    ask(store, &from(0, 50)).await;
    ask(store, &AuthorizationRequest { client_id: ClientId::from("c2"), ..more }).await;
    let later = AuthorizationRequest { created_at: at(600), expires_at: at(1200), ..from(98, 0) };
    ask(store, &later).await;
    assert_eq!(find(store, "0-50", 1).await, None, "expired ones are deleted");
}

pub async fn expired_authorizations_are_deleted(store: &dyn Store) {
    let account = one_account(store).await;
    app(store, account, "c1").await;
    issue(store, account, "redeemed", "k1").await;
    issue(store, account, "issued", "k2").await;
    assert!(redeem(store, account, "k1", 1, 3).await);
    ask(store, &request(account, "waiting")).await;
    assert_eq!(store.delete_expired_authorizations(at(299)).await.unwrap(), 0);
    assert_eq!(store.delete_expired_authorizations(at(300)).await.unwrap(), 1);
    assert_eq!(store.delete_expired_authorizations(at(600)).await.unwrap(), 1);
    assert_eq!(store.delete_expired_authorizations(at(REDEEMED_SECONDS + 3)).await.unwrap(), 1);
    assert!(is_active(store, "a1").await && is_active(store, "r1").await);
}

pub async fn an_erasure_ends_authorizations_for_users(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    app(store, one, "c1").await;
    for code in ["for the account", "for a user", "waiting"] {
        ask(store, &request(one, code)).await;
    }
    decide(store, one, "for the account", &Decision::Approve(None), 1).await;
    decide(store, one, "for a user", &Decision::Approve(Some(UserId::from("u1"))), 1).await;
    let identifiers: BTreeSet<Identifier> = BTreeSet::from(["email:ana@example.com".parse().unwrap()]);
    store.begin_erasure(two, &identifiers, [3; 32], at(2)).await.unwrap();
    assert!(find(store, "for a user", 2).await.is_some(), "another account's");
    store.begin_erasure(one, &identifiers, [3; 32], at(2)).await.unwrap();
    assert_eq!(find(store, "for a user", 2).await, None);
    assert!(find(store, "for the account", 2).await.is_some() && find(store, "waiting", 2).await.is_some());
}

pub async fn a_token_is_revoked_with_its_family(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    app(store, one, "c1").await;
    issue(store, one, "q1", "k1").await;
    assert!(redeem(store, one, "k1", 1, 3).await);
    let alone = NewToken { client_id: None, ..token(one, "alone", TokenKind::Access) };
    let alone = store.create_tokens(&[alone]).await.unwrap()[0];
    let access = store.find_token(&SecretHash::of("a1")).await.unwrap().unwrap().id;
    assert!(!store.revoke_token_family(two, access, at(4)).await.unwrap(), "another account's");
    assert!(store.revoke_token_family(one, access, at(4)).await.unwrap());
    assert!(!store.revoke_token_family(one, access, at(4)).await.unwrap());
    assert!(!is_active(store, "a1").await && !is_active(store, "r1").await && is_active(store, "alone").await);
    assert!(store.revoke_token_family(one, alone, at(4)).await.unwrap());
    assert!(!is_active(store, "alone").await);
}
