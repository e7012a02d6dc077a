//! Instances whose end is not reported.

use rollcall_model::{AccountId, Instance, InstanceId, InstanceState, MeetingKind, Participant};

use super::{archive::life, at, one_account, samples::instance, two_accounts};
use crate::{InstanceQuery, InstanceSpan, SignsOfLife, Store};

/// A live instance that began then.
async fn began(store: &dyn Store, account: AccountId, uuid: &str, start: Option<i64>) -> InstanceId {
    let told = Instance { start_time: start.map(at), ..instance(uuid, 7, InstanceState::Live) };
    store.put_instance(account, &told).await.unwrap()
}

/// The instances of all accounts without facts since then, in order.
async fn silent(store: &dyn Store, before: i64) -> Vec<InstanceId> {
    let silent = store.silent_instances(at(before), 9).await.unwrap();
    silent.into_iter().map(|life| life.stored.id).collect()
}

/// Returns its state and its end, and checks that lists agree.
async fn shown(
    store: &dyn Store,
    account: AccountId,
    id: InstanceId,
) -> (InstanceState, Option<rollcall_model::Timestamp>) {
    let stored = life(store, account, id).await.stored;
    for state in [InstanceState::Live, InstanceState::Past] {
        let query = InstanceQuery {
            kind: MeetingKind::Meeting,
            state,
            min_participants: None,
            number: None,
            max_participants: None,
            span: InstanceSpan::Start,
            from: at(0),
            before: at(1_000_000),
            groups: None,
            unnumbered: false,
            person: None,
        };
        let listed = store.list_instances(account, &query, None, 9).await.unwrap();
        let is_listed = listed.iter().any(|listed| listed.id == id);
        assert_eq!(is_listed, stored.instance.state == state && stored.instance.start_time.is_some());
    }
    (stored.instance.state, stored.instance.end_time)
}

pub async fn a_live_instance_is_silent_until_a_sign_of_it_is_noted(store: &dyn Store) {
    let account = one_account(store).await;
    let late = began(store, account, "late==", Some(50)).await;
    let early = began(store, account, "early==", Some(10)).await;
    let unknown = began(store, account, "unknown==", None).await;
    store.put_instance(account, &instance("past==", 7, InstanceState::Past)).await.unwrap();
    assert_eq!(silent(store, 50).await, [unknown, early]);
    assert_eq!(silent(store, 51).await, [unknown, early, late]);
    store.note_sign(account, early, at(60), false).await.unwrap();
    store.note_sign(account, unknown, at(61), false).await.unwrap();
    assert_eq!(silent(store, 60).await, [late]);
    assert_eq!(silent(store, 100).await, [late, early, unknown]);
    assert_eq!(shown(store, account, early).await, (InstanceState::Live, None));
    assert_eq!(life(store, account, early).await.changes, 1, "nothing that shows has changed");
}

pub async fn an_instance_lapses_and_lives_again(store: &dyn Store) {
    let account = one_account(store).await;
    let id = began(store, account, "a==", Some(10)).await;
    let mut changes = life(store, account, id).await.changes;
    let mut changed = async || {
        let before = std::mem::replace(&mut changes, life(store, account, id).await.changes);
        changes != before
    };
    store.note_sign(account, id, at(20), true).await.unwrap();
    assert!(changed().await);
    assert_eq!(shown(store, account, id).await, (InstanceState::Past, Some(at(20))));
    assert_eq!((silent(store, 100).await, store.count_lapsed().await.unwrap()), (vec![], 1));
    let unsealed = store.unsealed_instances(None, 9).await.unwrap();
    assert_eq!(unsealed.into_iter().map(|life| life.stored.id).collect::<Vec<_>>(), [id]);
    let stored = life(store, account, id).await.stored;
    assert!(stored.lapsed);
    let told = stored.as_told();
    assert_eq!((told.state, told.end_time), (InstanceState::Live, None));
    // Further reports of sources do not end it.
    let renamed = Instance { topic: Some("renamed".into()), ..told };
    store.put_instance(account, &renamed).await.unwrap();
    assert!(changed().await);
    assert_eq!(shown(store, account, id).await, (InstanceState::Past, Some(at(20))));

    store.note_sign(account, id, at(20), true).await.unwrap();
    assert!(!changed().await, "the same again");
    store.note_sign(account, id, at(30), true).await.unwrap();
    assert!(changed().await);
    assert_eq!(shown(store, account, id).await, (InstanceState::Past, Some(at(30))));
    store.note_sign(account, id, at(90), false).await.unwrap();
    assert!(changed().await);
    assert_eq!(shown(store, account, id).await, (InstanceState::Live, None));
    assert_eq!(store.count_lapsed().await.unwrap(), 0);
}

pub async fn an_end_that_is_told_goes_before_a_lapse(store: &dyn Store) {
    let account = one_account(store).await;
    let ended = Instance { end_time: Some(at(15)), ..instance("a==", 7, InstanceState::Past) };
    let id = began(store, account, "a==", Some(10)).await;
    store.note_sign(account, id, at(20), true).await.unwrap();
    store.put_instance(account, &ended).await.unwrap();
    assert_eq!(shown(store, account, id).await, (InstanceState::Past, Some(at(15))));
    let stored = life(store, account, id).await.stored;
    assert!(!stored.lapsed);
    assert_eq!(stored.as_told().end_time, Some(at(15)));
    assert_eq!(store.count_lapsed().await.unwrap(), 0);
    for lapses in [false, true] {
        store.note_sign(account, id, at(90), lapses).await.unwrap();
        assert_eq!(shown(store, account, id).await, (InstanceState::Past, Some(at(15))));
    }
}

pub async fn signs_of_life_are_the_start_joins_and_leaves_up_to_now(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    let id = began(store, account, "a==", Some(10)).await;
    let signs = async |account, now| store.signs_of_life(account, id, at(now)).await.unwrap();
    let told = |seconds: i64| SignsOfLife { told: Some(at(seconds)), noted: None };
    assert_eq!(signs(account, 10).await, told(10));
    assert_eq!(signs(account, 9).await, SignsOfLife::default());
    let people =
        [("1", Some(20), None), ("2", Some(30), Some(40)), ("3", None, Some(60))].map(|(user, join, leave)| {
            Participant {
                user_id: user.into(),
                join_time: join.map(at),
                leave_time: leave.map(at),
                ..Participant::default()
            }
        });
    store.put_participants(account, id, &people).await.unwrap();
    for (now, expected) in [(15, 10), (25, 20), (39, 30), (50, 40), (60, 60), (99, 60)] {
        assert_eq!(signs(account, now).await, told(expected), "{now}");
    }
    store.note_sign(account, id, at(50), false).await.unwrap();
    assert_eq!(signs(account, 25).await, SignsOfLife { noted: Some(at(50)), ..told(20) });
    assert_eq!(signs(other, 99).await, SignsOfLife::default(), "of another account");
    store.note_sign(other, id, at(70), true).await.unwrap();
    assert_eq!(shown(store, account, id).await, (InstanceState::Live, None));
}
