//! Registrants.

use futures::future::join;
use rollcall_model::{
    AccountId, InstanceState, Meeting, MeetingKind, MeetingNumber, Participant, Registrant, Registration, Text,
    TrackingSource,
};

use super::{
    assert_limit_reached, assert_not_found, at, one_account,
    samples::{instance, participant},
    two_accounts, walk,
};
use crate::{NewRegistrant, RegistrantChange, RegistrantQuery, RegistrantRef, Store};

const KIND: MeetingKind = MeetingKind::Webinar;
const NUMBER: MeetingNumber = MeetingNumber(92_674_392_836);
const ALL: RegistrantQuery = RegistrantQuery::all(KIND, NUMBER);

fn registrant(id: &str, status: &str) -> Registrant {
    Registrant {
        id: id.into(),
        email: Some(format!("{id}@example.com").into()),
        status: Some(status.into()),
        ..Registrant::default()
    }
}

fn new(id: &str) -> NewRegistrant {
    NewRegistrant { registrant: registrant(id, "approved"), source_id: None }
}

fn change(capacity: Option<u64>, seconds: i64) -> RegistrantChange {
    RegistrantChange { kind: KIND, number: NUMBER, capacity, now: at(seconds) }
}

async fn webinar(store: &dyn Store, account: AccountId) {
    store.put_meetings(account, &[Meeting::new(KIND, NUMBER)]).await.unwrap();
}

async fn ids(store: &dyn Store, account: AccountId, query: &RegistrantQuery) -> Vec<Text> {
    let found = store.list_registrants(account, query, None, 99).await.unwrap();
    assert_eq!(store.count_registrants(account, query).await.unwrap(), found.len() as u64);
    found.into_iter().map(|registrant| registrant.id).collect()
}

pub async fn what_is_written_is_read(store: &dyn Store) {
    let account = one_account(store).await;
    let full = Registrant {
        id: "r1".into(),
        email: Some("Zoë@example.com".into()),
        first_name: Some("Zoë".into()),
        last_name: Some("O'Hara".into()),
        status: Some("pending".into()),
        occurrence_ids: Some(vec!["1648194360000".into()]),
        answers_json: Some(r#"{"city":"Zürich","custom_questions":[{"title":"Why?","value":"\""}]}"#.to_owned()),
        join_url: Some("https://example.com/w/1?tk=a".into()),
        language: Some("de-DE".into()),
        create_time: Some(at(5)),
    };
    store.put_registrants(account, KIND, NUMBER, std::slice::from_ref(&full)).await.unwrap();
    assert_eq!(store.find_registrant(account, KIND, NUMBER, "r1").await.unwrap(), Some(full));
    assert_eq!(store.find_registrant(account, KIND, NUMBER, "r2").await.unwrap(), None);
    assert_eq!(store.find_registrant(account, MeetingKind::Meeting, NUMBER, "r1").await.unwrap(), None);
    assert!(store.find_meeting(account, KIND, NUMBER).await.unwrap().is_some());
}

pub async fn absent_values_keep_what_is_stored(store: &dyn Store) {
    let account = one_account(store).await;
    store.put_registrants(account, KIND, NUMBER, &[registrant("a", "pending")]).await.unwrap();
    let more = Registrant { id: "a".into(), first_name: Some("Ann".into()), ..Registrant::default() };
    store.put_registrants(account, KIND, NUMBER, &[more]).await.unwrap();
    let expected = Registrant { first_name: Some("Ann".into()), ..registrant("a", "pending") };
    assert_eq!(store.find_registrant(account, KIND, NUMBER, "a").await.unwrap(), Some(expected));
}

pub async fn an_address_as_id_is_the_registration_with_that_address(store: &dyn Store) {
    let account = one_account(store).await;
    let told = |id: &str, answers: &str| Registrant {
        email: Some("Ann@Example.com".into()),
        answers_json: Some(answers.to_owned()),
        ..registrant(id, "approved")
    };
    let (with_id, without) = (told("r1", r#"{"org":"A","city":"X"}"#), told("ann@example.com", r#"{"org":"B"}"#));
    for order in [[&with_id, &without, &without], [&without, &with_id, &without], [&without, &without, &with_id]] {
        let number = MeetingNumber(NUMBER.0 + order.iter().position(|one| one.id == "r1").unwrap_or(0) as i64);
        for one in order {
            store.put_registrants(account, KIND, number, std::slice::from_ref(one)).await.unwrap();
        }
        let all = RegistrantQuery::all(KIND, number);
        assert_eq!(ids(store, account, &all).await, ["r1"]);
        let stored = store.find_registrant(account, KIND, number, "r1").await.unwrap().unwrap();
        let answers = stored.answers_json.unwrap();
        assert!(answers.contains("\"org\"") && answers.contains("\"city\":\"X\""), "{answers}");
    }
    // A registration that an event counted for its link, before the id is known.
    let source = TrackingSource {
        id: "7".into(),
        source_name: "Mail".into(),
        tracking_url: Text::default(),
        visitor_count: 0,
        registration_count: 0,
    };
    let registration = |id: &str| Registration {
        registrant: Registrant { id: id.into(), email: Some("bob@example.com".into()), ..Registrant::default() },
        ..Registration::new(KIND, NUMBER, id.into(), Some(source.clone()))
    };
    for id in ["bob@example.com", "r2", "bob@example.com"] {
        store.put_registration(account, &registration(id)).await.unwrap();
    }
    let sources = store.tracking_sources(account, NUMBER).await.unwrap();
    assert_eq!(sources.iter().map(|source| source.registration_count).collect::<Vec<_>>(), [1]);
    let of_source = RegistrantQuery { source_id: Some("7".into()), ..ALL };
    assert_eq!(ids(store, account, &of_source).await, ["r2"]);
}

pub async fn pages_hold_each_registrant_once_in_the_order_of_ids(store: &dyn Store) {
    let account = one_account(store).await;
    let all: Vec<Registrant> = ["d", "b", "a", "e", "c"].map(|id| registrant(id, "approved")).into();
    store.put_registrants(account, KIND, NUMBER, &all).await.unwrap();
    let read = walk(
        |registrant: &Registrant| registrant.id.clone(),
        async |after: Option<Text>| store.list_registrants(account, &ALL, after.as_ref(), 2).await,
    )
    .await;
    let ids: Vec<&str> = read.iter().map(|registrant| registrant.id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c", "d", "e"]);
}

pub async fn a_list_keeps_to_status_occurrence_and_source(store: &dyn Store) {
    let account = one_account(store).await;
    webinar(store, account).await;
    let only = |id: &str, occurrence: &str| Registrant {
        occurrence_ids: Some(vec![occurrence.into()]),
        ..registrant(id, "approved")
    };
    let all = [registrant("a", "approved"), registrant("b", "pending"), only("c", "1"), only("d", "2")];
    store.put_registrants(account, KIND, NUMBER, &all).await.unwrap();
    let sourced = NewRegistrant { source_id: Some("7".into()), ..new("e") };
    store.register(account, change(None, 0), &[sourced]).await.unwrap();
    let with = |status: &str| RegistrantQuery { status: Some(status.into()), ..ALL };
    assert_eq!(ids(store, account, &with("approved")).await, ["a", "c", "d", "e"]);
    assert_eq!(ids(store, account, &with("pending")).await, ["b"]);
    let first = RegistrantQuery { occurrence_id: Some("1".into()), ..with("approved") };
    assert_eq!(ids(store, account, &first).await, ["a", "c", "e"], "no occurrences are all of them");
    let source = RegistrantQuery { source_id: Some("7".into()), ..ALL };
    assert_eq!(ids(store, account, &source).await, ["e"]);
}

pub async fn an_address_registers_once_in_any_case(store: &dyn Store) {
    let account = one_account(store).await;
    webinar(store, account).await;
    let sourced = NewRegistrant { source_id: Some("7".into()), ..new("a") };
    let first = store.register(account, change(None, 1), std::slice::from_ref(&sourced)).await.unwrap();
    assert_eq!(first, [Registrant { create_time: Some(at(1)), ..registrant("a", "approved") }]);
    let again = Registrant { id: "b".into(), email: Some("A@Example.com".into()), ..registrant("b", "pending") };
    let again = NewRegistrant { registrant: again, source_id: Some("7".into()) };
    assert_eq!(store.register(account, change(Some(1), 2), &[again]).await.unwrap(), first);
    assert_eq!(ids(store, account, &ALL).await, ["a"]);
    let sources = store.tracking_sources(account, NUMBER).await.unwrap();
    assert_eq!(sources.iter().map(|source| source.registration_count).collect::<Vec<_>>(), [1]);
}

pub async fn a_cancelled_registration_is_made_again_under_its_id(store: &dyn Store) {
    let account = one_account(store).await;
    store.put_registrants(account, KIND, NUMBER, &[registrant("a", "cancelled")]).await.unwrap();
    let again =
        NewRegistrant { registrant: Registrant { id: "b".into(), ..registrant("a", "approved") }, source_id: None };
    let made = store.register(account, change(None, 3), &[again]).await.unwrap();
    assert_eq!(made, [Registrant { create_time: Some(at(3)), ..registrant("a", "approved") }]);
    assert_eq!(ids(store, account, &ALL).await, ["a"]);
}

pub async fn a_full_meeting_takes_nobody_and_a_group_is_taken_whole_or_not_at_all(store: &dyn Store) {
    let account = one_account(store).await;
    assert_not_found(store.register(account, change(None, 0), &[new("a")]).await);
    webinar(store, account).await;
    store.register(account, change(Some(2), 0), &[new("a")]).await.unwrap();
    assert_limit_reached(store.register(account, change(Some(2), 1), &[new("b"), new("c")]).await);
    assert_eq!(ids(store, account, &ALL).await, ["a"]);
    store.register(account, change(Some(2), 2), &[new("b")]).await.unwrap();
    assert_limit_reached(store.register(account, change(Some(2), 3), &[new("c")]).await);
    // Those who registered before are still told so.
    assert_eq!(store.register(account, change(Some(2), 4), &[new("a")]).await.unwrap()[0].id, "a");
}

pub async fn of_two_at_once_for_the_last_place_one_gets_it(store: &dyn Store) {
    let account = one_account(store).await;
    webinar(store, account).await;
    for round in 0..20_u64 {
        let [a, b] = ["a", "b"].map(|one| [new(&format!("{one}{round}"))]);
        let capacity = change(Some(round + 1), 0);
        let (a, b) = join(store.register(account, capacity, &a), store.register(account, capacity, &b)).await;
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        assert_eq!(store.count_registrants(account, &ALL).await.unwrap(), round + 1);
    }
}

pub async fn a_status_is_set_for_all_or_for_none(store: &dyn Store) {
    let account = one_account(store).await;
    let all = ["a", "b", "c"].map(|id| registrant(id, "pending"));
    store.put_registrants(account, KIND, NUMBER, &all).await.unwrap();
    let by_id = |id: &str| RegistrantRef { id: id.into(), email: Text::default() };
    let by_address = |email: &str| RegistrantRef { id: Text::default(), email: email.into() };
    let set = async |people: &[RegistrantRef], status: &str, capacity| {
        store.set_registrant_status(account, change(capacity, 1), people, status).await
    };
    set(&[by_id("a"), by_address("B@example.com")], "approved", Some(2)).await.unwrap();
    set(&[by_id("a")], "approved", Some(2)).await.unwrap();
    let with = |status: &str| RegistrantQuery { status: Some(status.into()), ..ALL };
    assert_eq!(ids(store, account, &with("approved")).await, ["a", "b"]);
    assert_limit_reached(set(&[by_id("c")], "approved", Some(2)).await);
    assert_not_found(set(&[by_id("c"), by_id("x")], "denied", None).await);
    assert_eq!(ids(store, account, &with("pending")).await, ["c"]);
    set(&[by_id("a"), by_id("c")], "denied", Some(0)).await.unwrap();
    assert_eq!(ids(store, account, &with("denied")).await, ["a", "c"]);
}

pub async fn a_registrant_is_deleted_whole_or_by_occurrence(store: &dyn Store) {
    let account = one_account(store).await;
    let two = Registrant { occurrence_ids: Some(vec!["1".into(), "2".into()]), ..registrant("a", "approved") };
    store.put_registrants(account, KIND, NUMBER, &[two.clone(), registrant("b", "approved")]).await.unwrap();
    let delete =
        async |id: &str, occurrence| store.delete_registrant(account, KIND, NUMBER, id, occurrence).await.unwrap();
    assert!(!delete("a", Some("3")).await);
    assert!(delete("a", Some("1")).await);
    let one = Registrant { occurrence_ids: Some(vec!["2".into()]), ..two };
    assert_eq!(store.find_registrant(account, KIND, NUMBER, "a").await.unwrap(), Some(one));
    assert!(delete("a", Some("2")).await && !delete("a", None).await);
    assert!(delete("b", None).await);
    assert_eq!(ids(store, account, &ALL).await, [""; 0]);
}

pub async fn events_from_before_a_change_do_not_undo_it(store: &dyn Store) {
    let account = one_account(store).await;
    let event = |status: &str, seconds| Registration {
        registrant: registrant("a", status),
        at: at(seconds),
        ..Registration::new(KIND, NUMBER, "a".into(), None)
    };
    store.put_registration(account, &event("pending", 1)).await.unwrap();
    let person = RegistrantRef { id: "a".into(), email: Text::default() };
    store.set_registrant_status(account, change(None, 5), &[person], "denied").await.unwrap();
    let status =
        async || store.find_registrant(account, KIND, NUMBER, "a").await.unwrap().unwrap().status.unwrap_or_default();
    store.put_registration(account, &event("approved", 4)).await.unwrap();
    assert_eq!(status().await, "denied");
    store.put_registration(account, &event("approved", 6)).await.unwrap();
    assert_eq!(status().await, "approved");
}

pub async fn those_without_an_attendance_are_absent(store: &dyn Store) {
    let account = one_account(store).await;
    let all = ["a", "b", "c", "d"].map(|id| registrant(id, "approved"));
    store.put_registrants(account, KIND, NUMBER, &all).await.unwrap();
    store.put_registrants(account, KIND, NUMBER, &[registrant("e", "pending")]).await.unwrap();
    let [run, other] = ["a==", "b=="].map(|uuid| instance(uuid, NUMBER.0, InstanceState::Past));
    let run = store.put_instance(account, &run).await.unwrap();
    let other = store.put_instance(account, &other).await.unwrap();
    let came = |user_id: &str, registrant_id: &str, email: &str| Participant {
        registrant_id: Some(registrant_id.into()),
        email: Some(email.into()),
        ..participant(user_id, Some(1))
    };
    let there = [came("1", "a", ""), came("2", "", "B@example.com")];
    store.put_participants(account, run, &there).await.unwrap();
    store.put_participants(account, other, &[came("1", "c", "")]).await.unwrap();
    let absent = async |run| {
        let read = walk(
            |registrant: &Registrant| registrant.id.clone(),
            async |after: Option<Text>| store.list_absentees(account, &ALL, run, after.as_ref(), 1).await,
        )
        .await;
        assert_eq!(store.count_absentees(account, &ALL, run).await.unwrap(), read.len() as u64);
        read.into_iter().map(|registrant| registrant.id).collect::<Vec<_>>()
    };
    assert_eq!(absent(run).await, ["c", "d"]);
    assert_eq!(absent(other).await, ["a", "b", "d"]);
}

pub async fn an_erased_person_is_gone_and_may_register_again(store: &dyn Store) {
    let account = one_account(store).await;
    let answers_json = Some(r#"{"comments":"Ask ana@example.com"}"#.to_owned());
    let mention = Registrant { answers_json, ..registrant("b", "approved") };
    let ana = Registrant { email: Some("Ana@example.com".into()), ..registrant("a", "approved") };
    store.put_registrants(account, KIND, NUMBER, &[ana.clone(), mention, registrant("c", "approved")]).await.unwrap();
    let identifiers = ["email:ana@example.com".parse().unwrap()].into();
    let erasure = store.begin_erasure(account, &identifiers, [3; 32], at(10)).await.unwrap();
    while !store.erase_entities(erasure).await.unwrap().identifiers.is_empty() {}
    store.finish_erasure(erasure, at(10)).await.unwrap();
    assert_eq!(ids(store, account, &ALL).await, ["c"]);
    store.put_registrants(account, KIND, NUMBER, std::slice::from_ref(&ana)).await.unwrap();
    assert_eq!(ids(store, account, &ALL).await, ["c"], "an import does not bring the person back");
    let again = NewRegistrant { registrant: ana, source_id: None };
    store.register(account, change(None, 11), &[again]).await.unwrap();
    assert_eq!(ids(store, account, &ALL).await, ["a", "c"]);
}

pub async fn accounts_do_not_see_each_others(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    store.put_registrants(one, KIND, NUMBER, &[registrant("a", "approved")]).await.unwrap();
    assert_eq!(ids(store, two, &ALL).await, [""; 0]);
    assert_eq!(store.find_registrant(two, KIND, NUMBER, "a").await.unwrap(), None);
    assert!(!store.delete_registrant(two, KIND, NUMBER, "a", None).await.unwrap());
    assert_not_found(store.register(two, change(None, 0), &[new("a")]).await);
    let person = RegistrantRef { id: "a".into(), email: Text::default() };
    assert_not_found(store.set_registrant_status(two, change(None, 0), &[person], "denied").await);
}
