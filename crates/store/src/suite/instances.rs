//! Instances, one at a time.

use rollcall_model::{Instance, InstanceRef, InstanceState, MeetingKind, MeetingNumber, QualityLabels, Source};

use super::{
    NO_ACCOUNT, assert_not_found, at, one_account,
    samples::{full_instance, instance},
    two_accounts,
};
use crate::{Store, StoredInstance};

fn uuid(instance: &Instance) -> InstanceRef {
    InstanceRef::Uuid(instance.uuid.clone())
}

/// The UUID of the instance that was found.
fn name(found: Option<StoredInstance>) -> Option<String> {
    found.map(|stored| stored.instance.uuid.to_string())
}

pub async fn what_is_written_is_read(store: &dyn Store) {
    let account = one_account(store).await;
    for instance in [full_instance("a/b+c=="), instance("def_I_1", 2, InstanceState::Live)] {
        let id = store.put_instance(account, &instance).await.unwrap();
        let stored = store.instance_by_uuid(account, &instance.uuid).await.unwrap();
        assert_eq!(
            stored,
            Some(StoredInstance {
                id,
                participants: 0,
                scored: QualityLabels::default(),
                lapsed: false,
                end_stated: false,
                origin: Source::Operator,
                instance
            })
        );
    }
}

pub async fn the_same_uuid_is_the_same_row(store: &dyn Store) {
    let account = one_account(store).await;
    let first = store.put_instance(account, &full_instance("a==")).await.unwrap();
    let other = store.put_instance(account, &full_instance("b==")).await.unwrap();
    let again = store.put_instance(account, &full_instance("a==")).await.unwrap();
    assert_eq!(first, again);
    assert_ne!(first, other);
}

pub async fn absent_values_keep_what_is_stored(store: &dyn Store) {
    let account = one_account(store).await;
    let stored = full_instance("a==");
    let id = store.put_instance(account, &stored).await.unwrap();
    let poorer =
        Instance { topic: Some("".into()), ..Instance::unnumbered(stored.kind, stored.uuid.clone(), stored.state) };
    store.put_instance(account, &poorer).await.unwrap();
    let mut filled = poorer;
    filled.fill_from(&stored);
    let instance = Instance { topic: Some("".into()), ..stored };
    assert_eq!(filled, instance, "the model fills as a store does");
    let found = store.instance_by_uuid(account, &instance.uuid).await.unwrap();
    assert_eq!(
        found,
        Some(StoredInstance {
            id,
            participants: 0,
            scored: QualityLabels::default(),
            lapsed: false,
            end_stated: false,
            origin: Source::Operator,
            instance
        })
    );
}

pub async fn told_values_fill_gaps_and_win(store: &dyn Store) {
    let account = one_account(store).await;
    let full = full_instance("a==");
    let first = Instance {
        topic: Some("Draft".into()),
        ..Instance::unnumbered(full.kind, full.uuid.clone(), InstanceState::Live)
    };
    store.put_instance(account, &first).await.unwrap();
    store.put_instance(account, &full).await.unwrap();
    assert_eq!(store.instance_by_uuid(account, &full.uuid).await.unwrap().unwrap().instance, full);
}

pub async fn a_past_instance_does_not_become_live_again(store: &dyn Store) {
    let account = one_account(store).await;
    let live = instance("a==", 1, InstanceState::Live);
    let past = Instance { end_time: Some(at(60)), ..instance("a==", 1, InstanceState::Past) };
    for (written, expected) in
        [(&live, InstanceState::Live), (&past, InstanceState::Past), (&live, InstanceState::Past)]
    {
        store.put_instance(account, written).await.unwrap();
        let found = store.instance_by_uuid(account, &live.uuid).await.unwrap().unwrap();
        assert_eq!(found.instance.state, expected);
    }
    let found = store.instance_by_uuid(account, &live.uuid).await.unwrap().unwrap();
    assert_eq!(found.instance.end_time, Some(at(60)));
}

pub async fn a_uuid_is_narrowed_by_kind_and_state(store: &dyn Store) {
    let account = one_account(store).await;
    let live = instance("a==", 1, InstanceState::Live);
    store.put_instance(account, &live).await.unwrap();
    for (kind, state, found) in [
        (MeetingKind::Meeting, None, true),
        (MeetingKind::Meeting, Some(InstanceState::Live), true),
        (MeetingKind::Meeting, Some(InstanceState::Past), false),
        (MeetingKind::Webinar, None, false),
    ] {
        let answer = store.find_instance(account, kind, &uuid(&live), state).await.unwrap();
        assert_eq!(answer.is_some(), found, "{kind:?} {state:?}");
    }
}

pub async fn a_number_stands_for_the_instance_that_began_last(store: &dyn Store) {
    let account = one_account(store).await;
    let began =
        |uuid: &str, start: Option<i64>, state| Instance { start_time: start.map(at), ..instance(uuid, 7, state) };
    // Written in a different order from their start times.
    for instance in [
        began("second==", Some(20), InstanceState::Past),
        began("fourth==", Some(40), InstanceState::Past),
        began("first==", Some(10), InstanceState::Live),
        began("third==", Some(30), InstanceState::Live),
        began("unknown==", None, InstanceState::Past),
        Instance { kind: MeetingKind::Webinar, ..began("webinar==", Some(50), InstanceState::Past) },
        Instance { number: Some(MeetingNumber(8)), ..began("other==", Some(60), InstanceState::Past) },
    ] {
        store.put_instance(account, &instance).await.unwrap();
    }
    for (kind, number, state, expected) in [
        (MeetingKind::Meeting, 7, None, Some("fourth==")),
        (MeetingKind::Meeting, 7, Some(InstanceState::Past), Some("fourth==")),
        (MeetingKind::Meeting, 7, Some(InstanceState::Live), Some("third==")),
        (MeetingKind::Webinar, 7, None, Some("webinar==")),
        (MeetingKind::Webinar, 7, Some(InstanceState::Live), None),
        (MeetingKind::Meeting, 9, None, None),
    ] {
        let latest = InstanceRef::Latest(MeetingNumber(number));
        let found = store.find_instance(account, kind, &latest, state).await.unwrap();
        assert_eq!(name(found).as_deref(), expected, "{kind:?} {number} {state:?}");
    }
    let number = MeetingNumber(7);
    let past = store.past_instances(account, MeetingKind::Meeting, number, 9).await.unwrap();
    let names: Vec<_> = past.iter().map(|stored| stored.instance.uuid.as_str()).collect();
    assert_eq!(names, ["fourth==", "second==", "unknown=="]);
    let past = store.past_instances(account, MeetingKind::Meeting, number, 2).await.unwrap();
    assert_eq!(past.len(), 2);
}

pub async fn a_series_stands_for_its_instance_that_began_last(store: &dyn Store) {
    let account = one_account(store).await;
    let put = async |uuid: &str, start: Option<i64>| {
        let run = Instance { start_time: start.map(at), ..instance(uuid, 7, InstanceState::Past) };
        store.put_instance(account, &run).await.unwrap();
    };
    for (uuid, start) in
        [("ab_I_2", Some(20)), ("ab_I_1", Some(10)), ("ab_I_3", None), ("abc_I_1", Some(30)), ("ab_J_1", Some(30))]
    {
        put(uuid, start).await;
    }
    put("cd_I_1", None).await;
    let latest = async |series: &str, began: Option<(i64, i64)>| {
        let began = began.map(|(after, before)| (at(after), at(before)));
        let found = store.latest_of_series(account, series, began).await.unwrap();
        found.map(|found| found.instance.uuid.as_str().to_owned())
    };
    assert_eq!(latest("ab", None).await.as_deref(), Some("ab_I_2"));
    assert_eq!(latest("ab", Some((9, 20))).await.as_deref(), Some("ab_I_1"));
    assert_eq!(latest("ab", Some((10, 20))).await, None);
    assert_eq!(latest("cd", None).await.as_deref(), Some("cd_I_1"));
    assert_eq!(latest("a", None).await, None);
}

pub async fn an_instance_without_a_start_is_the_latest_where_it_is_the_only_one(store: &dyn Store) {
    let account = one_account(store).await;
    store.put_instance(account, &instance("a==", 7, InstanceState::Live)).await.unwrap();
    let latest = InstanceRef::Latest(MeetingNumber(7));
    let found = store.find_instance(account, MeetingKind::Meeting, &latest, None).await.unwrap();
    assert_eq!(name(found).as_deref(), Some("a=="));
}

pub async fn accounts_do_not_see_each_others(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let mine = instance("a==", 7, InstanceState::Past);
    let my_row = store.put_instance(one, &mine).await.unwrap();
    let latest = InstanceRef::Latest(MeetingNumber(7));
    for reference in [uuid(&mine), latest] {
        let found = store.find_instance(two, MeetingKind::Meeting, &reference, None).await.unwrap();
        assert_eq!(found, None, "{reference}");
    }
    assert_eq!(store.instance_by_uuid(two, &mine.uuid).await.unwrap(), None);
    assert_eq!(store.past_instances(two, MeetingKind::Meeting, MeetingNumber(7), 9).await.unwrap(), []);
    let theirs = Instance { topic: Some("theirs".into()), ..mine.clone() };
    let their_row = store.put_instance(two, &theirs).await.unwrap();
    assert_ne!(my_row, their_row);
    assert_eq!(store.instance_by_uuid(one, &mine.uuid).await.unwrap().unwrap().instance, mine);
    assert_not_found(store.put_instance(NO_ACCOUNT, &mine).await);
}
