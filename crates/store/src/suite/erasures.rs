//! Erasures, and that erased data stay erased.

use std::collections::BTreeSet;

use rollcall_model::{
    AccountId, Event, Identifier, Instance, InstanceId, InstanceReport, InstanceState, Meeting, MeetingKind,
    MeetingNumber, Participant, ParticipantEvent, ParticipantReport, ReportTime, ReportedInstance, Text, Timestamp,
    UserId,
};

use super::{at, one_account, samples, two_accounts};
use crate::{ErasureId, ErasureStep, MOST_PENDING_ERASURES, Store, StoreError};

const KEY: [u8; 32] = [3; 32];

fn ana(user_id: &str, joined: i64) -> Participant {
    Participant {
        user_id: user_id.into(),
        email: Some("Ana@Example.com".into()),
        user_name: Some("Ana".into()),
        version: Some("5.17".into()),
        join_time: Some(at(joined)),
        ..Participant::default()
    }
}

fn named(identifiers: &[&str]) -> BTreeSet<Identifier> {
    identifiers.iter().map(|text| text.parse().unwrap()).collect()
}

fn address() -> BTreeSet<Identifier> {
    named(&["email:ana@example.com"])
}

async fn instance_with(store: &dyn Store, account: AccountId, uuid: &str, people: &[Participant]) -> InstanceId {
    let id = store.put_instance(account, &samples::instance(uuid, 1, InstanceState::Past)).await.unwrap();
    store.put_participants(account, id, people).await.unwrap();
    id
}

async fn erase(store: &dyn Store, account: AccountId, now: Timestamp) -> ErasureId {
    let erasure = store.begin_erasure(account, &address(), KEY, now).await.unwrap();
    let mut is_news = true;
    while is_news {
        is_news = !store.erase_entities(erasure).await.unwrap().identifiers.is_empty();
        let mut after = None;
        loop {
            let step = store.erase_participants(erasure, after, 1).await.unwrap();
            is_news |= !step.identifiers.is_empty();
            after = step.last;
            if after.is_none() {
                break;
            }
        }
    }
    store.finish_erasure(erasure, now).await.unwrap();
    erasure
}

async fn names(store: &dyn Store, account: AccountId, instance: InstanceId) -> Vec<Text> {
    let people = store.list_participants(account, instance, None, 99).await.unwrap();
    people.into_iter().map(|stored| stored.participant.user_name.unwrap_or_default()).collect()
}

pub async fn a_person_is_found_by_what_names_them(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    let eva = Participant { email: Some("eva@example.com".into()), ..ana("2", 2) };
    let with_login = Participant { id: Some("u1".into()), ..ana("3", 3) };
    instance_with(store, account, "e==", &[ana("1", 1), eva, with_login]).await;
    let look = async |account, after, limit| {
        store.look_for_participants(account, &address(), at(100), after, limit).await.unwrap()
    };
    let first = look(account, None, 1).await;
    assert_eq!((first.rows.get("participants"), first.last.is_some()), (Some(&1), true));
    let rest = look(account, first.last, 9).await;
    assert_eq!((rest.rows.get("participants"), rest.last), (Some(&1), None));
    assert_eq!(rest.identifiers, named(&["email:ana@example.com", "user:u1"]));
    assert_eq!(look(other, None, 9).await, ErasureStep::default());
    let mut user = samples::user("u1");
    user.email = "ANA@example.com".into();
    store.put_users(account, &[user]).await.unwrap();
    let known = store.look_for_entities(account, &address(), at(100)).await.unwrap();
    assert_eq!((known.rows.get("users"), known.identifiers), (Some(&1), named(&["email:ana@example.com", "user:u1"])));
    assert_eq!(store.look_for_entities(other, &address(), at(100)).await.unwrap(), ErasureStep::default());
}

pub async fn what_is_from_before_an_erasure_stays_erased(store: &dyn Store) {
    let account = one_account(store).await;
    let id = instance_with(store, account, "e==", &[ana("1", 1), ana("ana@example.com", 2)]).await;
    erase(store, account, at(100)).await;
    assert_eq!(names(store, account, id).await, ["", ""]);
    // Reported again, they match their rows, and are blank; a person who comes back later is new.
    let again = [ana("1", 1), ana("ana@example.com", 2), ana("1", 101)];
    store.put_participants(account, id, &again[..2]).await.unwrap();
    assert_eq!(names(store, account, id).await, ["", ""]);
    let by_name = Participant { email: None, ..ana("1", 1) };
    store.put_participants(account, id, &[by_name]).await.unwrap();
    assert_eq!(names(store, account, id).await, ["", ""], "an attendance that is known to be the person's");
    let elsewhere = store.put_instance(account, &samples::instance("f==", 2, InstanceState::Past)).await.unwrap();
    store.put_participants(account, elsewhere, &again).await.unwrap();
    let told = names(store, account, elsewhere).await;
    assert_eq!(told.iter().filter(|name| name.is_empty()).count(), 2, "{told:?}");
    assert_eq!(store.lift_erasure(account, &address()).await.unwrap(), 1);
    assert_eq!(store.lift_erasure(account, &address()).await.unwrap(), 0);
}

pub async fn an_attendance_of_which_only_a_name_was_known_is_blank_once_it_is_known_whose_it_is(store: &dyn Store) {
    let account = one_account(store).await;
    for user_id in ["1", "device-of-somebody"] {
        let guest = Participant { email: None, ..ana(user_id, 1) };
        let id = instance_with(store, account, &format!("{user_id}=="), &[guest]).await;
        erase(store, account, at(100)).await;
        assert_eq!(names(store, account, id).await, ["Ana"]);
        let late = Participant { user_name: None, ..ana(user_id, 1) };
        store.put_participants(account, id, &[late]).await.unwrap();
        assert_eq!(names(store, account, id).await, [""], "{user_id}");
    }
}

pub async fn how_a_person_is_named_besides_is_learnt(store: &dyn Store) {
    let account = one_account(store).await;
    // Each attendance shares one identifier with the one before; the last is written first.
    let with = |user_id: &str, email: &str, id: &str| Participant {
        email: Some(email.into()),
        id: Some(id.into()),
        ..ana(user_id, 1)
    };
    let people = [with("1", "c@example.com", "u2"), with("2", "b@example.com", "u2"), with("3", "b@example.com", "u1")];
    let id = instance_with(store, account, "e==", &people).await;
    let mut user = samples::user("u1");
    user.email = "ana@example.com".into();
    store.put_users(account, &[user]).await.unwrap();
    erase(store, account, at(100)).await;
    assert_eq!(names(store, account, id).await, ["", "", ""]);
}

pub async fn an_erasure_tells_what_it_erased_and_not_whom(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    let kept = instance_with(store, other, "e==", &[ana("1", 1)]).await;
    instance_with(store, account, "e==", &[ana("1", 1), ana("2", 2)]).await;
    let id = erase(store, account, at(100)).await;
    let erasures = store.erasures(Some(account), ErasureId(0), 9).await.unwrap();
    let erasure = &erasures[0];
    assert_eq!((erasure.id, erasure.at, erasure.finished_at), (id, at(100), Some(at(100))));
    assert_eq!(erasure.rows.get("participants"), Some(&2));
    assert!(!format!("{erasure:?}").to_lowercase().contains("ana"));
    assert_eq!(names(store, other, kept).await, ["Ana"], "another account's");
    assert_eq!(store.erasures(Some(other), ErasureId(0), 9).await.unwrap(), []);
    // Repeating it erases nothing more.
    let again = erase(store, account, at(101)).await;
    let erasures = store.erasures(None, ErasureId(0), 9).await.unwrap();
    assert_eq!((erasures[1].id, erasures[1].rows.len()), (again, 0));
    assert_eq!(store.erasures(None, id, 9).await.unwrap().len(), 1);
    assert_eq!(store.erasures(None, ErasureId(0), 1).await.unwrap().len(), 1);
    assert_eq!(store.find_erasure(account, id).await.unwrap().as_ref(), Some(erasure));
    assert_eq!(store.find_erasure(other, id).await.unwrap(), None);
    let pending = store.begin_erasure(other, &address(), KEY, at(102)).await.unwrap();
    let all = store.pending_erasures().await.unwrap();
    assert_eq!(all.iter().map(|erasure| (erasure.id, erasure.account)).collect::<Vec<_>>(), [(pending, other)]);
    store.purge().await.unwrap();
}

pub async fn an_account_has_a_bounded_number_of_unfinished_erasures(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    let mut begun = Vec::new();
    for _ in 0..MOST_PENDING_ERASURES {
        begun.push(store.begin_erasure(account, &address(), KEY, at(100)).await.unwrap());
    }
    let refused = store.begin_erasure(account, &address(), KEY, at(100)).await;
    assert!(matches!(refused, Err(StoreError::LimitReached { .. })), "{refused:?}");
    store.begin_erasure(other, &address(), KEY, at(100)).await.unwrap();
    store.finish_erasure(begun[3], at(101)).await.unwrap();
    store.begin_erasure(account, &address(), KEY, at(102)).await.unwrap();
}

pub async fn a_host_stays_erased_whatever_is_told_of_the_instance(store: &dyn Store) {
    let account = one_account(store).await;
    let hosted = Instance {
        host_email: Some("ana@example.com".into()),
        host_name: Some("Ana".into()),
        topic: Some("Ana's Zoom Meeting".into()),
        ..samples::instance("e==", 1, InstanceState::Past)
    };
    store.put_instance(account, &hosted).await.unwrap();
    let meeting = Meeting {
        host_email: hosted.host_email.clone(),
        topic: hosted.topic.clone(),
        ..Meeting::new(MeetingKind::Meeting, MeetingNumber(1))
    };
    store.put_meetings(account, std::slice::from_ref(&meeting)).await.unwrap();
    let now = at(1_000_000_000);
    erase(store, account, now).await;
    let told = async || {
        let stored = store.instance_by_uuid(account, &hosted.uuid).await.unwrap().unwrap().instance;
        let meeting = store.find_meeting(account, MeetingKind::Meeting, MeetingNumber(1)).await.unwrap().unwrap();
        [stored.topic, stored.host_name, stored.host_email, meeting.topic, meeting.host_email]
            .map(|text| text.unwrap_or_default())
    };
    assert_eq!(told().await, [""; 5]);
    // Reported again, with and without the person's identifiers.
    store.put_instance(account, &hosted).await.unwrap();
    store.put_instance(account, &Instance { host_email: None, ..hosted.clone() }).await.unwrap();
    store.put_meetings(account, std::slice::from_ref(&meeting)).await.unwrap();
    store.put_meetings(account, &[Meeting { host_email: None, ..meeting.clone() }]).await.unwrap();
    let report = ReportedInstance { topic: hosted.topic.clone(), number: hosted.number, ..ReportedInstance::default() };
    let event = Event {
        kind: MeetingKind::Meeting,
        uuid: hosted.uuid.clone(),
        instance: InstanceReport { told: report, ..InstanceReport::default() },
        participant: None,
    };
    store.put_event(account, &event).await.unwrap();
    assert_eq!(told().await, [""; 5]);
    // A meeting may get another host.
    let handed_on = Meeting { host_id: Some(UserId("eva".into())), topic: Some("Budget".into()), ..meeting };
    store.put_meetings(account, &[Meeting { host_email: Some("eva@example.com".into()), ..handed_on }]).await.unwrap();
    assert_eq!(told().await[3..], ["Budget", "eva@example.com"]);
}

pub async fn an_erasure_does_not_fix_the_uuid_that_a_meeting_has_of_its_latest_run(store: &dyn Store) {
    let account = one_account(store).await;
    let meeting =
        Meeting { host_email: Some("ana@example.com".into()), ..Meeting::new(MeetingKind::Meeting, MeetingNumber(1)) };
    store.put_meetings(account, &[meeting]).await.unwrap();
    let ran = |uuid, start| Instance { start_time: Some(at(start)), ..samples::instance(uuid, 1, InstanceState::Past) };
    let uuid = async || {
        let found = store.find_meeting(account, MeetingKind::Meeting, MeetingNumber(1)).await.unwrap().unwrap();
        (found.uuid.unwrap(), found.host_email)
    };
    store.put_instance(account, &ran("first==", 1)).await.unwrap();
    assert_eq!(uuid().await, ("first==".into(), Some("ana@example.com".into())));
    erase(store, account, at(9)).await;
    store.put_instance(account, &ran("second==", 2)).await.unwrap();
    let (latest, host_email) = uuid().await;
    assert_eq!(latest, "second==");
    assert_ne!(host_email.as_deref(), Some("ana@example.com"));
}

pub async fn what_webhooks_told_is_blank_and_told_again_changes_nothing(store: &dyn Store) {
    let account = one_account(store).await;
    for user_id in ["7", "ana@example.com"] {
        let uuid = format!("{}==", user_id.len());
        let event = |time, told: Participant| {
            let told = Participant { user_id: "".into(), join_time: None, ..told };
            let participant = ParticipantEvent {
                user_id: user_id.into(),
                reports: vec![ParticipantReport { time, told }],
                minutes: vec![],
            };
            let instance = InstanceReport::default();
            Event { kind: MeetingKind::Meeting, uuid: uuid.parse().unwrap(), instance, participant: Some(participant) }
        };
        let left = Participant { email: None, leave_time: Some(at(20)), ..ana("", 0) };
        let events = [event(ReportTime::Joined(at(10)), ana("", 0)), event(ReportTime::At(at(20)), left)];
        let mut placed = store.put_event(account, &events[0]).await.unwrap();
        erase(store, account, at(100)).await;
        // The leave identifies nobody except by name, and arrives twice.
        for event in events.iter().chain(&events) {
            placed = store.put_event(account, event).await.unwrap();
        }
        let people = store.list_participants(account, placed.instance, None, 9).await.unwrap();
        assert_eq!(people.len(), 1, "{people:?}");
        let participant = &people[0].participant;
        assert_eq!((participant.user_name.as_deref(), participant.leave_time), (Some(""), Some(at(20))));
        assert_eq!(placed.attendances, [(people[0].id, Some(at(10)))]);
        let found = store.placed(account, placed.instance, &user_id.into()).await.unwrap();
        assert_eq!(found, placed, "by the name that sources give it");
    }
}
