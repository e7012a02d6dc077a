//! Lists of instances.

use rollcall_model::{AccountId, Instance, InstanceState, MeetingKind, MeetingNumber, Participant, User};

use super::{
    at, one_account,
    samples::{instance, participant, user},
    two_accounts, walk,
};
use crate::{GroupFilter, InstanceCursor, InstanceQuery, InstanceSpan, Store, StoredInstance};

fn past() -> InstanceQuery {
    InstanceQuery {
        kind: MeetingKind::Meeting,
        state: InstanceState::Past,
        number: None,
        max_participants: None,
        min_participants: None,
        span: InstanceSpan::Start,
        from: at(0),
        before: at(1000),
        groups: None,
        unnumbered: false,
        person: None,
    }
}

fn ran(uuid: &str, start: i64, end: i64) -> Instance {
    Instance { start_time: Some(at(start)), end_time: Some(at(end)), ..instance(uuid, 1, InstanceState::Past) }
}

/// The UUIDs of the list; the count must match.
async fn listed(store: &dyn Store, account: AccountId, query: &InstanceQuery) -> Vec<String> {
    let instances = store.list_instances(account, query, None, 100).await.unwrap();
    assert_eq!(store.count_instances(account, query).await.unwrap(), instances.len() as u64, "{query:?}");
    instances.iter().map(|stored| stored.instance.uuid.to_string()).collect()
}

async fn put(store: &dyn Store, account: AccountId, instance: &Instance, participants: &[Participant]) {
    let id = store.put_instance(account, instance).await.unwrap();
    store.put_participants(account, id, participants).await.unwrap();
}

pub async fn a_list_keeps_to_kind_and_state(store: &dyn Store) {
    let account = one_account(store).await;
    let live = InstanceState::Live;
    for instance in [
        ran("past-meeting==", 1, 2),
        Instance { state: live, end_time: None, ..ran("live-meeting==", 1, 2) },
        Instance { kind: MeetingKind::Webinar, ..ran("past-webinar==", 1, 2) },
    ] {
        store.put_instance(account, &instance).await.unwrap();
    }
    let webinars = MeetingKind::Webinar;
    assert_eq!(listed(store, account, &past()).await, ["past-meeting=="]);
    assert_eq!(listed(store, account, &InstanceQuery { state: live, ..past() }).await, ["live-meeting=="]);
    assert_eq!(listed(store, account, &InstanceQuery { kind: webinars, ..past() }).await, ["past-webinar=="]);
    assert!(listed(store, account, &InstanceQuery { kind: webinars, state: live, ..past() }).await.is_empty());
}

pub async fn a_list_keeps_to_the_meeting_with_a_number(store: &dyn Store) {
    let account = one_account(store).await;
    for instance in [ran("a==", 1, 2), ran("b==", 3, 4)] {
        store.put_instance(account, &instance).await.unwrap();
    }
    let other = Instance { number: Some(MeetingNumber(77)), ..ran("c==", 5, 6) };
    store.put_instance(account, &other).await.unwrap();
    let of = |number| InstanceQuery { number: Some(MeetingNumber(number)), ..past() };
    assert_eq!(listed(store, account, &of(77)).await, ["c=="]);
    assert!(listed(store, account, &of(78)).await.is_empty());
    assert_eq!(store.count_instances(account, &of(77)).await.unwrap(), 1);
}

pub async fn a_window_holds_its_first_instant_and_not_its_last(store: &dyn Store) {
    let account = one_account(store).await;
    let unknown = instance("unknown==", 1, InstanceState::Past);
    for instance in [ran("a==", 10, 40), ran("b==", 20, 50), ran("c==", 30, 60), unknown] {
        store.put_instance(account, &instance).await.unwrap();
    }
    for (span, from, before, expected) in [
        (InstanceSpan::Start, 10, 30, &["b==", "a=="][..]),
        (InstanceSpan::Start, 11, 31, &["c==", "b=="]),
        (InstanceSpan::Start, 31, 100, &[]),
        (InstanceSpan::End, 10, 41, &["a=="]),
        (InstanceSpan::End, 50, 61, &["c==", "b=="]),
        (InstanceSpan::End, 30, 10, &[]),
    ] {
        let query = InstanceQuery { span, from: at(from), before: at(before), ..past() };
        assert_eq!(listed(store, account, &query).await, expected, "{span:?} {from} {before}");
    }
}

pub async fn a_list_keeps_to_the_numbers_of_participants(store: &dyn Store) {
    let account = one_account(store).await;
    for (uuid, start, count) in [("none==", 1, 0), ("one==", 2, 1), ("two==", 3, 2), ("three==", 4, 3)] {
        let participants: Vec<_> = (0..count).map(|number| participant(&format!("p{number}"), Some(1))).collect();
        put(store, account, &ran(uuid, start, 9), &participants).await;
    }
    for (min, max, expected) in [
        (None, None, &["three==", "two==", "one==", "none=="][..]),
        (None, Some(1), &["one==", "none=="]),
        (Some(1), Some(1), &["one=="]),
        (Some(2), None, &["three==", "two=="]),
        (Some(4), None, &[]),
    ] {
        let query = InstanceQuery { min_participants: min, max_participants: max, ..past() };
        assert_eq!(listed(store, account, &query).await, expected, "{min:?} {max:?}");
    }
}

pub async fn a_group_is_that_of_the_host(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    let member = |id, groups: &[&str]| User { group_ids: groups.iter().map(|&id| id.into()).collect(), ..user(id) };
    store.put_users(account, &[member("h1", &["g1", "g2"]), member("h2", &["g2"]), user("h3")]).await.unwrap();
    store.put_users(other, &[member("h3", &["g1"])]).await.unwrap();
    for (uuid, start, host) in
        [("a==", 1, Some("h1")), ("b==", 2, Some("h2")), ("c==", 3, Some("h3")), ("d==", 4, None)]
    {
        let instance = Instance { host_id: host.map(Into::into), ..ran(uuid, start, 9) };
        put(store, account, &instance, &[]).await;
    }
    for (groups, expected) in
        [(&["g1"][..], &["a=="][..]), (&["g2"], &["b=="]), (&["g1", "g2"], &["b==", "a=="]), (&["g9"], &[]), (&[], &[])]
    {
        let group_ids = groups.iter().map(|&id| id.into()).collect();
        for include_participants in [false, true] {
            let filter = GroupFilter { group_ids: Vec::clone(&group_ids), include_participants };
            let query = InstanceQuery { groups: Some(filter), ..past() };
            assert_eq!(listed(store, account, &query).await, expected, "{groups:?}");
        }
    }
}

pub async fn a_group_is_that_of_a_participant_where_asked(store: &dyn Store) {
    let account = one_account(store).await;
    let member = User { group_ids: vec!["g1".into()], ..user("u1") };
    store.put_users(account, &[member]).await.unwrap();
    let told = Participant { group_id: Some("g1".into()), ..participant("p1", Some(1)) };
    let known = Participant { id: Some("u1".into()), ..participant("p1", Some(1)) };
    let elsewhere = Participant { group_id: Some("g2".into()), ..known.clone() };
    for (uuid, start, participant) in [
        ("told==", 1, told),
        ("known==", 2, known),
        ("elsewhere==", 3, elsewhere),
        ("guest==", 4, participant("p1", Some(1))),
    ] {
        put(store, account, &ran(uuid, start, 9), &[participant]).await;
    }
    for (include_participants, expected) in [(false, &[][..]), (true, &["known==", "told=="])] {
        let filter = GroupFilter { group_ids: vec!["g1".into()], include_participants };
        let query = InstanceQuery { groups: Some(filter), ..past() };
        assert_eq!(listed(store, account, &query).await, expected, "{include_participants}");
    }
}

pub async fn pages_hold_each_instance_once_the_latest_first(store: &dyn Store) {
    let account = one_account(store).await;
    // Several with the same time, ordered only by their rows.
    let times = [(30, 80), (10, 80), (20, 60), (20, 60), (20, 80), (40, 60), (20, 70)];
    for (number, (start, end)) in times.into_iter().enumerate() {
        store.put_instance(account, &ran(&format!("i{number}=="), start, end)).await.unwrap();
    }
    for span in [InstanceSpan::Start, InstanceSpan::End] {
        let time = |stored: &StoredInstance| match span {
            InstanceSpan::Start => stored.instance.start_time.unwrap(),
            InstanceSpan::End => stored.instance.end_time.unwrap(),
        };
        let cursor = |stored: &StoredInstance| InstanceCursor { time: time(stored), id: stored.id };
        for limit in [1, 2, 3, 7, 8] {
            let query = InstanceQuery { span, ..past() };
            let walked = walk(cursor, async |after| store.list_instances(account, &query, after, limit).await).await;
            assert_eq!(walked.len(), times.len(), "{span:?}, {limit} a page");
            let descends = walked.windows(2).all(|pair| (time(&pair[0]), pair[0].id) > (time(&pair[1]), pair[1].id));
            assert!(descends, "{span:?}, {limit} a page");
        }
    }
}

pub async fn a_cursor_past_the_window_does_not_widen_it(store: &dyn Store) {
    let account = one_account(store).await;
    for (uuid, start) in [("a==", 10), ("b==", 20)] {
        store.put_instance(account, &ran(uuid, start, 90)).await.unwrap();
    }
    let query = InstanceQuery { before: at(20), ..past() };
    let cursor = InstanceCursor { time: at(500), id: rollcall_model::InstanceId(i64::MAX) };
    let page = store.list_instances(account, &query, Some(cursor), 9).await.unwrap();
    assert_eq!(page.len(), 1);
    assert_eq!(page[0].instance.uuid.as_str(), "a==");
}

pub async fn accounts_do_not_see_each_others(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    put(store, one, &ran("a==", 1, 2), &[]).await;
    assert_eq!(listed(store, one, &past()).await, ["a=="]);
    assert!(listed(store, two, &past()).await.is_empty());
}
