//! Many writers at the same time.

use std::collections::HashSet;

use futures::future::join_all;
use rollcall_model::{InstanceState, Participant, Scopes, SecretHash, TokenKind};

use super::{
    NO_ACCOUNT, assert_not_found, at, one_account,
    samples::{code, instance, participant, site, user},
};
use crate::{NewToken, Store, StoreError};

/// The number of concurrent writers.
const WRITERS: usize = 40;

pub async fn writers_lose_nothing_of_each_other(store: &dyn Store) {
    let account = one_account(store).await;
    let instances = join_all(
        ["a==", "b=="]
            .map(async |uuid| store.put_instance(account, &instance(uuid, 1, InstanceState::Live)).await.unwrap()),
    )
    .await;
    let ids = join_all((0..WRITERS).map(async |number| {
        let participants = [participant(&format!("p{number}"), Some(1)), participant(&format!("p{number}"), Some(2))];
        store.put_participants(account, instances[number % 2], &participants).await.unwrap()
    }))
    .await
    .concat();
    assert_eq!(ids.iter().map(|put| put.id).collect::<HashSet<_>>().len(), 2 * WRITERS);
    for (uuid, id) in ["a==", "b=="].into_iter().zip(instances) {
        assert_eq!(store.list_participants(account, id, None, 1000).await.unwrap().len(), WRITERS);
        let stored = store.instance_by_uuid(account, &uuid.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(stored.participants, WRITERS as u64);
    }
}

pub async fn the_same_attendance_from_many_writers_is_one_row(store: &dyn Store) {
    let account = one_account(store).await;
    let put_instance = || store.put_instance(account, &INSTANCE);
    static INSTANCE: std::sync::LazyLock<rollcall_model::Instance> =
        std::sync::LazyLock::new(|| instance("a==", 1, InstanceState::Live));
    let instances: HashSet<_> =
        join_all((0..WRITERS).map(|_| put_instance())).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(instances.len(), 1);
    let id = *instances.iter().next().unwrap();
    // Some report when she joined, some report her name.
    let rows = join_all((0..WRITERS).map(async |number| {
        let report = if number % 2 == 0 {
            participant("p1", Some(1))
        } else {
            Participant { user_name: Some("Ana".into()), ..participant("p1", None) }
        };
        store.put_participants(account, id, &[report]).await.unwrap()[0].id
    }))
    .await;
    assert_eq!(rows.iter().collect::<HashSet<_>>().len(), 1);
    let expected = Participant { user_name: Some("Ana".into()), ..participant("p1", Some(1)) };
    let stored = store.list_participants(account, id, None, 9).await.unwrap();
    assert_eq!(stored.into_iter().map(|stored| stored.participant).collect::<Vec<_>>(), [expected]);
}

pub async fn a_write_that_fails_takes_none_of_its_neighbours_along(store: &dyn Store) {
    let account = one_account(store).await;
    join_all((0..WRITERS).map(async |number| {
        let users = [user(&format!("u{number}"))];
        if number % 3 == 0 {
            assert_not_found(store.put_users(NO_ACCOUNT, &users).await);
        } else {
            store.put_users(account, &users).await.unwrap();
        }
    }))
    .await;
    for number in 0..WRITERS {
        let found = store.find_user(account, &format!("u{number}")).await.unwrap();
        assert_eq!(found.is_some(), number % 3 != 0, "u{number}");
    }
}

pub async fn one_of_many_gets_a_name(store: &dyn Store) {
    let made = join_all(
        (0..WRITERS).map(async |number| store.create_account("one", &format!("public {number}"), at(0)).await),
    )
    .await;
    let (made, refused): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 1);
    assert!(refused.iter().all(|refusal| matches!(refusal, Err(StoreError::Conflict { .. }))));
    assert_eq!(store.accounts().await.unwrap().len(), 1);
}

pub async fn one_of_many_exchanges_a_refresh_token(store: &dyn Store) {
    let account = one_account(store).await;
    let new_token = |secret: &str, kind| NewToken {
        hash: SecretHash::of(secret),
        account,
        client_id: None,
        user_id: None,
        kind,
        scopes: Scopes::All,
        created_at: at(0),
        expires_at: None,
    };
    store.create_tokens(&[new_token("r", TokenKind::Refresh)]).await.unwrap();
    let exchanged = join_all((0..WRITERS).map(async |number| {
        let next = [new_token(&format!("a{number}"), TokenKind::Access)];
        store.exchange_refresh_token(&SecretHash::of("r"), &next, at(1)).await.unwrap()
    }))
    .await;
    assert_eq!(exchanged.iter().filter(|exchanged| **exchanged).count(), 1);
    assert_eq!(store.tokens(account, None, 100).await.unwrap().len(), 2);
}

pub async fn a_site_is_not_filled_past_its_limit(store: &dyn Store) {
    let account = one_account(store).await;
    store.put_site(account, &site("a", true)).await.unwrap();
    let made =
        join_all((0..WRITERS).map(async |number| {
            store.create_tracking_code(account, &code("a", "", &format!("code {number}")), 10).await
        }))
        .await;
    let ids: HashSet<_> = made.iter().flatten().map(|code| &code.id).collect();
    assert_eq!(ids.len(), 10);
    let refused = |result: &&Result<_, _>| matches!(result, Err(StoreError::LimitReached { .. }));
    assert_eq!(made.iter().filter(refused).count(), WRITERS - 10);
    assert_eq!(store.tracking_codes(account, "a").await.unwrap().len(), 10);
}
