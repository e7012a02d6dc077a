//! Apps and tokens.

use rollcall_model::{AccountId, App, ClientId, Scopes, SecretHash, Token, TokenId, TokenKind, UserId};

use super::{NO_ACCOUNT, assert_conflict, assert_not_found, at, one_account, two_accounts, walk};
use crate::{AgedRows, GRANTED_PER_APP, NewToken, Store};

fn app(account: AccountId, client_id: &str) -> App {
    App {
        client_id: ClientId::from(client_id),
        account,
        name: "Dashboard".into(),
        secret_hash: SecretHash::of(client_id),
        former_secret: None,
        scopes: Scopes::listed(["report:read:admin", "dashboard:read"]),
        created_at: at(0),
        revoked_at: None,
        redirect_uris: Vec::new(),
        is_public: false,
    }
}

fn token(account: AccountId, secret: &str) -> NewToken {
    NewToken {
        hash: SecretHash::of(secret),
        account,
        client_id: None,
        user_id: None,
        kind: TokenKind::Access,
        scopes: Scopes::All,
        created_at: at(0),
        expires_at: None,
    }
}

fn refresh_token(account: AccountId, secret: &str) -> NewToken {
    NewToken { kind: TokenKind::Refresh, expires_at: Some(at(100)), ..token(account, secret) }
}

async fn find(store: &dyn Store, secret: &str) -> Option<Token> {
    store.find_token(&SecretHash::of(secret)).await.unwrap()
}

async fn is_revoked(store: &dyn Store, secret: &str) -> bool {
    find(store, secret).await.unwrap().revoked_at.is_some()
}

pub async fn an_app_is_found_by_its_client_id_in_any_account(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let mine = app(one, "c1");
    let theirs = App { scopes: Scopes::All, revoked_at: Some(at(9)), ..app(two, "c2") };
    for app in [&mine, &theirs] {
        store.create_app(app).await.unwrap();
        assert_eq!(store.find_app(&app.client_id).await.unwrap().as_ref(), Some(app));
    }
    assert_eq!(store.find_app(&ClientId::from("c3")).await.unwrap(), None);
    assert_eq!(store.apps(one).await.unwrap(), [mine]);
    assert_eq!(store.apps(two).await.unwrap(), [theirs]);
}

pub async fn a_client_id_that_is_taken_is_a_conflict(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    store.create_app(&app(one, "c1")).await.unwrap();
    assert_conflict(store.create_app(&app(two, "c1")).await);
    assert_eq!(store.find_app(&ClientId::from("c1")).await.unwrap(), Some(app(one, "c1")));
    assert_not_found(store.create_app(&app(NO_ACCOUNT, "c2")).await);
}

pub async fn apps_are_listed_oldest_first_the_revoked_ones_too(store: &dyn Store) {
    let account = one_account(store).await;
    let ids = ["z", "a", "m"];
    for (age, id) in ids.into_iter().enumerate() {
        store.create_app(&App { created_at: at(age as i64), ..app(account, id) }).await.unwrap();
    }
    store.revoke_app(account, &ClientId::from("a"), at(5)).await.unwrap();
    let listed = store.apps(account).await.unwrap();
    assert_eq!(listed.iter().map(|app| app.client_id.as_str()).collect::<Vec<_>>(), ids);
    assert_eq!(listed.iter().map(|app| app.revoked_at).collect::<Vec<_>>(), [None, Some(at(5)), None]);
}

pub async fn a_token_is_found_by_its_hash(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    store.create_app(&app(two, "c1")).await.unwrap();
    let full = NewToken {
        client_id: Some(ClientId::from("c1")),
        user_id: Some(UserId::from("u1")),
        kind: TokenKind::Refresh,
        scopes: Scopes::listed(["meeting:read", "webinar:read"]),
        created_at: at(3),
        expires_at: Some(at(4)),
        ..token(two, "full")
    };
    let plain = token(one, "plain");
    let tokens = [full, plain];
    let ids = store.create_tokens(&tokens).await.unwrap();
    for (id, new) in ids.into_iter().zip(tokens) {
        let NewToken { hash, account, client_id, user_id, kind, scopes, created_at, expires_at } = new;
        let expected = Token {
            id,
            account,
            client_id,
            user_id,
            member: None,
            kind,
            scopes,
            created_at,
            expires_at,
            revoked_at: None,
            is_open: true,
            last_used: None,
        };
        assert_eq!(store.find_token(&hash).await.unwrap(), Some(expected));
    }
    assert_eq!(find(store, "other").await, None);
}

pub async fn no_scopes_listed_is_not_all_scopes(store: &dyn Store) {
    let account = one_account(store).await;
    let nothing = Scopes::listed([]);
    store.create_app(&App { scopes: nothing.clone(), ..app(account, "c1") }).await.unwrap();
    store.create_tokens(&[NewToken { scopes: nothing.clone(), ..token(account, "t1") }]).await.unwrap();
    assert_eq!(find(store, "t1").await.unwrap().scopes, nothing);
    assert_eq!(store.find_app(&ClientId::from("c1")).await.unwrap().unwrap().scopes, nothing);
}

pub async fn tokens_are_made_all_or_none(store: &dyn Store) {
    let account = one_account(store).await;
    store.create_tokens(&[token(account, "taken")]).await.unwrap();
    assert_conflict(store.create_tokens(&[token(account, "new"), token(account, "taken")]).await);
    assert_not_found(store.create_tokens(&[token(account, "new"), token(NO_ACCOUNT, "newer")]).await);
    assert_eq!(find(store, "new").await, None);
    assert_eq!(store.tokens(account, None, 9).await.unwrap().len(), 1);
}

pub async fn only_an_app_of_the_account_that_is_not_revoked_gets_tokens(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    store.create_app(&app(one, "c1")).await.unwrap();
    let of_app = |account, secret| NewToken { client_id: Some(ClientId::from("c1")), ..token(account, secret) };
    store.create_tokens(&[of_app(one, "first")]).await.unwrap();
    assert_not_found(store.create_tokens(&[of_app(two, "second")]).await);
    store.revoke_app(one, &ClientId::from("c1"), at(1)).await.unwrap();
    assert_not_found(store.create_tokens(&[of_app(one, "third")]).await);
}

pub async fn revoking_an_app_revokes_its_tokens(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let (c1, c2) = (ClientId::from("c1"), ClientId::from("c2"));
    store.create_app(&app(one, "c1")).await.unwrap();
    store.create_app(&app(one, "c2")).await.unwrap();
    let tokens = [
        NewToken { client_id: Some(c1.clone()), ..token(one, "access") },
        NewToken { client_id: Some(c1.clone()), ..refresh_token(one, "refresh") },
        NewToken { client_id: Some(c2), ..token(one, "of another app") },
        token(one, "of an operator"),
    ];
    store.create_tokens(&tokens).await.unwrap();

    assert!(!store.revoke_app(two, &c1, at(1)).await.unwrap(), "it is not the account's");
    assert!(!is_revoked(store, "access").await);
    assert!(store.revoke_app(one, &c1, at(2)).await.unwrap());
    assert!(!store.revoke_app(one, &c1, at(3)).await.unwrap(), "it is revoked already");
    assert!(!store.revoke_app(one, &ClientId::from("c3"), at(3)).await.unwrap(), "it was never made");
    assert_eq!(store.find_app(&c1).await.unwrap().unwrap().revoked_at, Some(at(2)));
    for (secret, revoked_at) in
        [("access", Some(at(2))), ("refresh", Some(at(2))), ("of another app", None), ("of an operator", None)]
    {
        assert_eq!(find(store, secret).await.unwrap().revoked_at, revoked_at, "{secret}");
    }
    assert!(!store.exchange_refresh_token(&SecretHash::of("refresh"), &[], at(4)).await.unwrap());
}

pub async fn a_refresh_token_is_used_once(store: &dyn Store) {
    let account = one_account(store).await;
    store.create_tokens(&[refresh_token(account, "r1")]).await.unwrap();
    let hash = SecretHash::of("r1");
    let next = [token(account, "a2"), refresh_token(account, "r2")];
    assert!(store.exchange_refresh_token(&hash, &next, at(1)).await.unwrap());
    assert_eq!(find(store, "a2").await.unwrap().kind, TokenKind::Access);
    assert_eq!(find(store, "r2").await.unwrap().kind, TokenKind::Refresh);
    assert_eq!(find(store, "r1").await.unwrap().revoked_at, Some(at(1)));
    assert!(!store.exchange_refresh_token(&hash, &[token(account, "a3")], at(2)).await.unwrap());
    assert_eq!(find(store, "a3").await, None);
    assert!(store.exchange_refresh_token(&SecretHash::of("r2"), &[token(account, "a3")], at(2)).await.unwrap());
}

pub async fn only_a_refresh_token_that_holds_is_exchanged(store: &dyn Store) {
    let account = one_account(store).await;
    let endless = NewToken { expires_at: None, ..refresh_token(account, "endless") };
    let tokens = [
        token(account, "access"),
        refresh_token(account, "expired"),
        refresh_token(account, "revoked"),
        refresh_token(account, "good"),
        endless,
    ];
    let ids = store.create_tokens(&tokens).await.unwrap();
    store.revoke_token(account, ids[2], at(1)).await.unwrap();
    for (secret, now, holds) in [
        ("access", 1, false),
        ("unknown", 1, false),
        ("expired", 100, false), // it ends at 100, and so does not hold then
        ("revoked", 1, false),
        ("good", 99, true),
        ("endless", 9999, true),
    ] {
        let next = format!("after {secret}");
        let exchanged =
            store.exchange_refresh_token(&SecretHash::of(secret), &[token(account, &next)], at(now)).await.unwrap();
        assert_eq!(exchanged, holds, "{secret}");
        assert_eq!(find(store, &next).await.is_some(), holds, "{secret}");
    }
    assert!(!is_revoked(store, "access").await);
}

pub async fn a_failed_exchange_leaves_the_refresh_token(store: &dyn Store) {
    let account = one_account(store).await;
    store.create_tokens(&[refresh_token(account, "r1"), token(account, "taken")]).await.unwrap();
    let hash = SecretHash::of("r1");
    let next = [token(account, "new"), token(account, "taken")];
    assert_conflict(store.exchange_refresh_token(&hash, &next, at(1)).await);
    assert_eq!(find(store, "new").await, None);
    assert!(store.exchange_refresh_token(&hash, &[token(account, "new")], at(1)).await.unwrap());
}

pub async fn a_token_is_revoked_once_by_its_own_account(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let ids = store.create_tokens(&[token(one, "t1")]).await.unwrap();
    assert!(!store.revoke_token(two, ids[0], at(1)).await.unwrap());
    assert!(!is_revoked(store, "t1").await);
    assert!(store.revoke_token(one, ids[0], at(2)).await.unwrap());
    assert!(!store.revoke_token(one, ids[0], at(3)).await.unwrap());
    assert_eq!(find(store, "t1").await.unwrap().revoked_at, Some(at(2)));
    assert!(!store.revoke_token(one, TokenId(ids[0].0 + 100), at(2)).await.unwrap());
}

pub async fn pages_hold_each_token_once_the_newest_first(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.extend(store.create_tokens(&[token(one, &format!("t{number}"))]).await.unwrap());
        store.create_tokens(&[token(two, &format!("u{number}"))]).await.unwrap();
    }
    ids.reverse();
    for limit in [1, 3, 7, 8] {
        let walked = walk(|token: &Token| token.id, async |after| store.tokens(one, after, limit).await).await;
        assert_eq!(walked.iter().map(|token| token.id).collect::<Vec<_>>(), ids, "{limit} a page");
    }
}

pub async fn tokens_that_ended_are_deleted(store: &dyn Store) {
    let account = one_account(store).await;
    let ending = |secret, end| NewToken { expires_at: Some(at(end)), ..token(account, secret) };
    let tokens = [
        ending("expired", 9),
        ending("just expired", 10),
        ending("valid", 99),
        token(account, "endless"),
        token(account, "revoked"),
        ending("expired and revoked", 9),
        token(account, "just revoked"),
    ];
    let ids = store.create_tokens(&tokens).await.unwrap();
    store.revoke_token(account, ids[4], at(9)).await.unwrap();
    store.revoke_token(account, ids[5], at(8)).await.unwrap();
    store.revoke_token(account, ids[6], at(10)).await.unwrap();
    assert_eq!(store.drop_rows(AgedRows::EndedTokens, at(10), 100).await.unwrap(), 3);
    assert_eq!(store.drop_rows(AgedRows::EndedTokens, at(10), 100).await.unwrap(), 0);
    for (secret, kept) in [
        ("expired", false),
        ("just expired", true),
        ("valid", true),
        ("endless", true),
        ("revoked", false),
        ("expired and revoked", false),
        ("just revoked", true),
    ] {
        assert_eq!(find(store, secret).await.is_some(), kept, "{secret}");
    }
    let next = store.create_tokens(&[token(account, "next")]).await.unwrap();
    assert!(ids.iter().all(|id| *id < next[0]), "a row is not given twice");
}

pub async fn an_app_that_is_rotated_keeps_its_former_secret_for_the_overlap(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    store.create_app(&app(one, "c1")).await.unwrap();
    let (id, next) = (ClientId::from("c1"), SecretHash::of("next"));
    assert!(!store.rotate_app(two, &id, next, at(9)).await.unwrap(), "another account's");
    assert!(store.rotate_app(one, &id, next, at(9)).await.unwrap());
    let rotated = store.find_app(&id).await.unwrap().unwrap();
    assert_eq!((rotated.secret_hash, rotated.former_secret), (next, Some((app(one, "c1").secret_hash, at(9)))));
    assert_eq!(store.delete_former_secrets(at(8)).await.unwrap(), 0);
    assert_eq!(store.delete_former_secrets(at(9)).await.unwrap(), 1);
    assert_eq!(store.find_app(&id).await.unwrap().unwrap().former_secret, None);
    assert!(store.revoke_app(one, &id, at(9)).await.unwrap());
    assert!(!store.rotate_app(one, &id, next, at(9)).await.unwrap(), "revoked");
}

pub async fn a_refresh_token_that_is_used_twice_takes_its_family_along(store: &dyn Store) {
    let account = one_account(store).await;
    store.create_app(&app(account, "c1")).await.unwrap();
    let of_app =
        |secret: &str, kind| NewToken { client_id: Some(ClientId::from("c1")), kind, ..token(account, secret) };
    store.create_tokens(&[of_app("r1", TokenKind::Refresh), of_app("other", TokenKind::Refresh)]).await.unwrap();
    let next = |n: u8| [of_app(&format!("a{n}"), TokenKind::Access), of_app(&format!("r{n}"), TokenKind::Refresh)];
    let exchange = async |secret: &str, n, now| {
        store.exchange_refresh_token(&SecretHash::of(secret), &next(n), at(now)).await.unwrap()
    };
    assert!(exchange("r1", 2, 100).await && exchange("r2", 3, 200).await);
    let holds = async |secret: &str| find(store, secret).await.unwrap().revoked_at.is_none();
    assert!(!exchange("r2", 4, 205).await, "a client that sends it twice at once is refused");
    assert!(holds("a3").await && holds("r3").await, "and loses nothing");
    assert!(!exchange("r1", 4, 300).await);
    for secret in ["a2", "a3", "r3"] {
        assert!(!holds(secret).await, "{secret}");
    }
    assert!(holds("other").await);
    assert!(!exchange("r3", 4, 301).await);
}

pub async fn a_refresh_token_that_is_extended_can_be_used_again(store: &dyn Store) {
    let account = one_account(store).await;
    store.create_app(&app(account, "c1")).await.unwrap();
    let of_app = |secret: &str, kind, end| NewToken {
        client_id: Some(ClientId::from("c1")),
        kind,
        expires_at: Some(at(end)),
        ..token(account, secret)
    };
    store.create_tokens(&[of_app("r", TokenKind::Refresh, 100)]).await.unwrap();
    let extend = async |access: &str, until, now| {
        let access = of_app(access, TokenKind::Access, 500);
        store.extend_refresh_token(&SecretHash::of("r"), &access, at(until), at(now)).await.unwrap()
    };
    assert!(extend("a1", 190, 90).await && extend("a2", 280, 180).await);
    assert_eq!(find(store, "r").await.unwrap().expires_at, Some(at(280)));
    assert!(!extend("a3", 900, 280).await, "expired");
    assert!(find(store, "a1").await.is_some() && find(store, "a3").await.is_none());
}

pub async fn an_app_has_a_bounded_number_of_tokens_that_it_asked_for(store: &dyn Store) {
    let account = one_account(store).await;
    store.create_app(&app(account, "c1")).await.unwrap();
    let of_app = |secret: &str, end| NewToken {
        client_id: Some(ClientId::from("c1")),
        expires_at: Some(at(end)),
        ..token(account, secret)
    };
    store.create_tokens(&[of_app("operator", 1)]).await.unwrap();
    store.grant_token(&of_app("longest", 9_000)).await.unwrap();
    for n in 0..GRANTED_PER_APP {
        store.grant_token(&of_app(&format!("short-{n}"), -1)).await.unwrap();
    }
    assert!(find(store, "short-0").await.is_none(), "what has ended goes first");
    assert!(find(store, "longest").await.is_some() && find(store, "operator").await.is_some());
    for n in 0..GRANTED_PER_APP {
        store.grant_token(&of_app(&format!("long-{n}"), 9_000)).await.unwrap();
    }
    assert!(find(store, "longest").await.is_none(), "then the oldest");
    assert!(find(store, "long-0").await.is_some() && find(store, "operator").await.is_some());
}
