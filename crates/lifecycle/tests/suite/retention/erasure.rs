//! One person is erased everywhere: in every file, permanently, whatever happens meanwhile; and nobody else is.

use std::{collections::BTreeSet, fs, sync::Arc, time::Duration};

use proptest::prelude::*;
use rollcall_ingest::Ingest;
use rollcall_lifecycle::erasure::Eraser;
use rollcall_model::{
    AccountId, Batch, ConnectionId, ConnectionSettings, Event, EventFacts, Identifier, InstanceFacts, InstanceRef,
    InstanceReport, Meeting, MeetingKind, MeetingNumber, Participant, ParticipantEvent, ParticipantFacts,
    ParticipantReport, Registration, ReportTime, Timestamp, TrackingSource, User, Vendor,
};
use rollcall_store::{
    Accounts as _, CollectStore as _, Difference, ErasureId, ErasureStore as _, Gap, InstanceStore as _,
    MeetingStore as _, NewList, PageDone, ParticipantStore as _, StoreError, UserStore as _, WaitingQuery,
};

use crate::{
    retention::world::{World, files_below, instance, parquet_text, uuid},
    stage::{InHand, START, SealerStep},
};

const NAME: &str = "Zuzana-Quist";
const ADDRESS: &str = "zuzana.quist@example.com";
const USER: &str = "ZqUserIdZqUserIdZqUser";
const KEY: [u8; 32] = [7; 32];
/// Before this, the person is erased.
const NOW: i64 = START + 31 * 86_400;

fn person(join: Option<i64>) -> Participant {
    Participant {
        user_id: "16778240".into(),
        id: Some(USER.into()),
        user_name: Some(NAME.into()),
        email: Some("Zuzana.Quist@example.com".into()),
        location: Some("Brno (CZ)".into()),
        network_type: Some("Wifi".into()),
        leave_reason: Some(format!("{NAME} left the meeting.").into()),
        join_time: join.map(Timestamp::from_seconds),
        ..Participant::default()
    }
}

/// What sources report about the person.
fn batch() -> Batch {
    let mut details = instance("old", START);
    (details.host_id, details.host_email) = (Some(USER.into()), Some(ADDRESS.into()));
    (details.host_name, details.topic) = (Some(NAME.into()), Some(format!("{NAME}'s Meeting").into()));
    let mut facts = InstanceFacts::new(MeetingKind::Meeting, InstanceRef::Uuid(uuid("old")));
    facts.details = Some(details);
    facts.participants = vec![ParticipantFacts { participant: person(Some(START - 100)), minutes: Vec::new() }];
    let user = User { id: USER.into(), email: ADDRESS.into(), display_name: Some(NAME.into()), ..User::default() };
    let other =
        User { id: "o".into(), email: "o@example.com".into(), manager: Some(ADDRESS.into()), ..User::default() };
    let meeting = Meeting {
        host_id: Some(USER.into()),
        topic: Some(format!("{NAME}'s Webinar").into()),
        ..Meeting::new(MeetingKind::Webinar, MeetingNumber(5))
    };
    let others = Meeting {
        host_id: Some("o".into()),
        topic: Some("Budget".into()),
        settings_json: Some(format!(r#"{{"alternative_hosts":"x@example.com;{ADDRESS}"}}"#)),
        ..Meeting::new(MeetingKind::Meeting, MeetingNumber(6))
    };
    Batch { users: vec![user, other], meetings: vec![meeting, others], instances: vec![facts], ..Batch::default() }
}

/// What webhooks report about the person: a join, and later a leave that identifies nobody except by name.
fn events() -> [EventFacts; 2] {
    let event = |time, told: Participant| {
        let reports =
            vec![ParticipantReport { time, told: Participant { user_id: "".into(), join_time: None, ..told } }];
        let participant = ParticipantEvent { user_id: "20".into(), reports, minutes: Vec::new() };
        let (kind, uuid) = (MeetingKind::Meeting, uuid("old"));
        EventFacts::Instance(Event { kind, uuid, instance: InstanceReport::default(), participant: Some(participant) })
    };
    let left = Participant { user_name: Some(NAME.into()), leave_time: Some(at(START - 10)), ..Participant::default() };
    [event(ReportTime::Joined(at(START - 50)), person(None)), event(ReportTime::At(at(START - 10)), left)]
}

fn registration() -> EventFacts {
    let source = TrackingSource {
        id: "s".into(),
        source_name: "s".into(),
        tracking_url: "".into(),
        visitor_count: 0,
        registration_count: 0,
    };
    let webinar = MeetingKind::Webinar;
    let mut registration = Registration::new(webinar, MeetingNumber(5), ADDRESS.into(), Some(source));
    registration.registrant.first_name = Some(NAME.into());
    EventFacts::Registration(registration)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

async fn tell(ingest: &Ingest, account: AccountId) {
    ingest.write(account, &batch()).await.unwrap();
    for event in events().iter().chain([&registration()]) {
        ingest.take(account, event).await.unwrap();
    }
}

async fn connect(world: &World, account: AccountId) -> ConnectionId {
    let settings = ConnectionSettings {
        vendor: Vendor::Zoom,
        name: "main".into(),
        client_id: "client".into(),
        vendor_account: None,
        base_url: None,
        private_addresses: false,
        plan: None,
        share_percent: 50,
        every_minutes: None,
        follows_live: false,
        lookback_days: 1,
    };
    world.stage.open.store.create_connection(account, &settings, None, at(START)).await.unwrap()
}

/// What a connection knows of its lists, some of which name the person.
async fn collect(world: &World, account: AccountId, connection: ConnectionId) {
    let (store, now) = (&world.stage.open.store, at(START));
    let list = |target: &str| NewList {
        target: target.into(),
        operation: "meetings".into(),
        lane: "Heavy".into(),
        step: 1,
        about: None,
        at: None,
        expires_at: None,
        final_at: None,
        version: 0,
        expected: None,
        estimate: 1,
    };
    let encoded = format!("/v1/meetings?hostEmail={}&max=100", ADDRESS.replace('@', "%40"));
    let lists = [list(&format!("/v2/users/{USER}/meetings")), list(&encoded), list("/v2/users/o/meetings")];
    store.plan_lists(account, connection, &lists, now).await.unwrap();
    for list in store.waiting_lists(connection, WaitingQuery::of("Heavy", now), 9).await.unwrap() {
        // It was begun, and it knows the vendor's words for what follows.
        let page = PageDone { next: Some(format!("token-of-{}", list.id.0).as_str().into()), ..PageDone::default() };
        store.page_done(account, connection, list.id, &page, now).await.unwrap();
    }
    for (request, detail) in [
        (format!("/v2/users/{USER}"), "User does not exist.".to_owned()),
        ("/v2/report".to_owned(), format!("User does not exist: {ADDRESS}.")),
        ("/v2/users/o".to_owned(), "User does not exist.".to_owned()),
    ] {
        let gap = Gap {
            request: request.as_str().into(),
            reason: "not found".into(),
            detail: detail.as_str().into(),
            remedy: "None.".into(),
            first_at: now,
            last_at: now,
            times: 1,
            waiting: 0,
        };
        store.put_gap(account, connection, &gap).await.unwrap();
    }
    for (field, value) in [("host_id", USER), ("participants", "3")] {
        let sources = [("stored".into(), value.into()), ("report".into(), "2".into())];
        let difference = Difference { about: "old".into(), field: field.into(), sources, seen_at: now };
        store.put_comparison(account, connection, &difference, false).await.unwrap();
    }
}

/// A world in which every store has data of the person, sealed.
async fn world() -> (World, Arc<Ingest>) {
    let mut world = World::new().await;
    let ingest = Arc::new(Ingest::new(world.stage.open.store.clone(), Arc::new(world.stage.open.tiered.clone())));
    tell(&ingest, world.stage.account).await;
    let account = world.stage.account;
    collect(&world, account, connect(&world, account).await).await;
    world.tidy().await;
    world.stage.clock.set(at(NOW));
    (world, ingest)
}

fn eraser(world: &World) -> Eraser {
    Eraser::new(world.stage.open.store.clone(), world.stage.clock.clone())
}

fn asked() -> BTreeSet<Identifier> {
    Identifier::of_user(ADDRESS).into_iter().collect()
}

/// Erases the person who has the address, from the note to the end, except for the archive.
async fn erase(world: &World) -> Result<(), StoreError> {
    let eraser = eraser(world);
    eraser.begin(world.stage.account, &asked(), KEY).await?;
    eraser.finish_pending().await.map(drop)
}

/// Every file below the folder that contains something of the person, compressed or not.
fn traces(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for path in files_below(world.stage.dir.path()) {
        let bytes = fs::read(&path).unwrap();
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if path.extension().is_some_and(|extension| extension == "parquet") {
            text.push_str(&parquet_text(&bytes));
        }
        let text = text.to_lowercase();
        for trace in [NAME, ADDRESS, USER] {
            if text.contains(&trace.to_lowercase()) {
                found.push(format!("{trace} in {}", path.display()));
            }
        }
    }
    found
}

#[tokio::test]
async fn nothing_of_the_person_is_left_in_any_file() {
    let (mut world, _) = world().await;
    assert!(traces(&world).len() > 3, "{:?}", traces(&world));
    let found = eraser(&world).find(world.stage.account, &asked()).await.unwrap();
    assert_eq!(found.identifiers.iter().map(Identifier::text).collect::<Vec<_>>(), [ADDRESS, USER]);
    erase(&world).await.unwrap();
    world.tidy().await;
    assert_eq!(traces(&world), [""; 0]);

    let erasure = world.stage.open.store.erasures(None, ErasureId(0), 99).await.unwrap().remove(0);
    assert_eq!((erasure.at, erasure.finished_at), (at(NOW), Some(at(NOW))));
    assert_eq!(erasure.rows, found.rows, "the same as the preview");
    assert!(erasure.files > 0 && erasure.files_left == 0, "{erasure:?}");
    for (kind, rows) in [
        ("participants", 2),
        ("instances", 1),
        ("meetings", 3),
        ("users", 1),
        ("users_managers", 1),
        ("registrations", 1),
        ("collect_lists", 2),
        ("collect_gaps", 2),
        ("collect_differences", 1),
    ] {
        assert_eq!(erasure.rows.get(kind), Some(&rows), "{kind}: {erasure:?}");
    }
    let (store, account) = (&world.stage.open.store, world.stage.account);
    let connection = store.connections(account).await.unwrap()[0].id;
    assert_eq!(store.waiting_lists(connection, WaitingQuery::of("Heavy", at(NOW)), 9).await.unwrap().len(), 1);
    assert_eq!(store.gaps(account, 0, 9).await.unwrap().len(), 1);
    assert_eq!(store.differences(account, 0, 9).await.unwrap().len(), 1);
    // Other people and quality values stay.
    let archived = world.archived_texts().await;
    assert!(
        archived.contains("Person-of-old-1") && archived.contains("CZ") && !archived.contains("Brno"),
        "{archived}"
    );
    assert_eq!(world.stage.read(world.old, &world.old_people).await.len(), 3);
    let kept = world.stage.open.store.find_meeting(world.stage.account, MeetingKind::Meeting, MeetingNumber(6)).await;
    let kept = kept.unwrap().unwrap();
    assert_eq!(kept.settings_json.as_deref(), Some(r#"{"alternative_hosts":"x@example.com;"}"#));
}

#[tokio::test]
async fn what_is_delivered_again_stays_erased_and_what_is_new_is_taken() {
    let (mut world, ingest) = world().await;
    let account = world.stage.account;
    let found = eraser(&world).find(account, &asked()).await.unwrap();
    erase(&world).await.unwrap();
    let before = world.stage.open.store.instance_by_uuid(account, &uuid("old")).await.unwrap().unwrap().participants;
    // Through the writer that has cached the person, and through a new one.
    tell(&ingest, account).await;
    tell(&Ingest::new(world.stage.open.store.clone(), Arc::new(world.stage.open.tiered.clone())), account).await;
    // The vendor still names the person.
    let connection = world.stage.open.store.connections(account).await.unwrap()[0].id;
    collect(&world, account, connection).await;
    world.tidy().await;
    world.stage.open.store.purge().await.unwrap();
    assert_eq!(traces(&world), [""; 0]);
    let after = world.stage.open.store.instance_by_uuid(account, &uuid("old")).await.unwrap().unwrap().participants;
    assert_eq!(after, before, "what is delivered again finds its rows");

    // A person who comes back later is known again.
    let back = [person(Some(NOW + 60))];
    world.stage.open.store.put_participants(account, world.young, &back).await.unwrap();
    let people = world.stage.open.store.list_participants(account, world.young, None, 9).await.unwrap();
    assert!(people.iter().any(|stored| stored.participant.user_name.as_deref() == Some(NAME)));
    // A fact without a time is refused until the erasure is lifted.
    let user = batch().users.remove(0);
    world.stage.open.store.put_users(account, std::slice::from_ref(&user)).await.unwrap();
    assert_eq!(world.stage.open.store.find_user(account, ADDRESS).await.unwrap(), None);
    assert_eq!(world.stage.open.store.lift_erasure(account, &found.identifiers).await.unwrap(), 2);
    world.stage.open.store.put_users(account, std::slice::from_ref(&user)).await.unwrap();
    assert!(world.stage.open.store.find_user(account, ADDRESS).await.unwrap().is_some());
}

#[tokio::test]
async fn another_accounts_person_is_not_touched() {
    let (world, _) = world().await;
    let store = &world.stage.open.store;
    let other = store.create_account("other", "other", at(START)).await.unwrap().id;
    let ingest = Ingest::new(store.clone(), Arc::new(world.stage.open.tiered.clone()));
    tell(&ingest, other).await;
    collect(&world, other, connect(&world, other).await).await;
    let eraser = eraser(&world);
    let found = eraser.find(world.stage.account, &asked()).await.unwrap();
    erase(&world).await.unwrap();
    tell(&ingest, other).await;
    let stored = store.instance_by_uuid(other, &uuid("old")).await.unwrap().unwrap();
    assert_eq!(stored.instance.host_name.as_deref(), Some(NAME));
    let people = store.list_participants(other, stored.id, None, 9).await.unwrap();
    assert!(people.iter().all(|stored| stored.participant.user_name.as_deref() == Some(NAME)), "{people:?}");
    assert!(store.find_user(other, ADDRESS).await.unwrap().is_some());
    assert_eq!(eraser.find(other, &asked()).await.unwrap().rows, found.rows);
    assert_eq!(store.lift_erasure(other, &found.identifiers).await.unwrap(), 0);
    assert_eq!(store.erasures(Some(other), ErasureId(0), 9).await.unwrap(), []);
}

#[tokio::test]
async fn somebody_who_shares_a_number_or_a_name_is_not_meant() {
    let (world, _) = world().await;
    let account = world.stage.account;
    let namesake = Participant {
        user_id: "7".into(),
        user_name: Some(NAME.into()),
        email: Some("other@example.com".into()),
        registrant_id: Some(USER.into()),
        ..Participant::default()
    };
    world.stage.open.store.put_participants(account, world.young, &[namesake]).await.unwrap();
    let eraser = eraser(&world);
    assert_eq!(eraser.find(account, &asked()).await.unwrap().rows.get("participants"), Some(&2));
    let number = Identifier::of_user("16778240").into_iter().collect();
    let found = eraser.find(account, &number).await.unwrap();
    assert!(found.rows.is_empty(), "a number inside an instance identifies nobody: {found:?}");
}

#[derive(Debug, Clone)]
enum Step {
    Tell,
    /// An erasure that is interrupted after so many microseconds.
    Erase {
        micros: u64,
    },
    Sealer(SealerStep),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Tell),
        4 => (0..9_000_u64).prop_map(|micros| Step::Erase { micros }),
        2 => Just(Step::Sealer(SealerStep::Look)),
        2 => Just(Step::Sealer(SealerStep::Write)),
        2 => Just(Step::Sealer(SealerStep::Record)),
        2 => Just(Step::Sealer(SealerStep::Delete)),
        2 => Just(Step::Sealer(SealerStep::Round)),
        1 => Just(Step::Restart),
    ]
}

/// If the erasure was noted at least once, nothing is left in the end; otherwise traces remain.
async fn check(steps: Vec<Step>) {
    let (mut world, mut ingest) = world().await;
    let account = world.stage.account;
    let mut in_hand = InHand::default();
    for step in steps {
        match step {
            Step::Tell => tell(&ingest, account).await,
            Step::Erase { micros } => {
                if let Ok(erased) = tokio::time::timeout(Duration::from_micros(micros), erase(&world)).await {
                    erased.unwrap();
                }
            }
            Step::Sealer(step) => in_hand.step(&mut world.stage, step).await,
            Step::Restart => {
                in_hand = InHand::default();
                drop(ingest);
                world = world.restart();
                let open = &world.stage.open;
                ingest = Arc::new(Ingest::new(open.store.clone(), Arc::new(open.tiered.clone())));
            }
        }
    }
    drop(ingest);
    world = world.restart();
    let was_asked = !world.stage.open.store.erasures(None, ErasureId(0), 99).await.unwrap().is_empty();
    // An interrupted erasure is finished without another request.
    world.retention(&[]).round().await.unwrap();
    world.tidy().await;
    assert_eq!(traces(&world).is_empty(), was_asked, "{:?}", traces(&world));
    for erasure in world.stage.open.store.erasures(None, ErasureId(0), 99).await.unwrap() {
        assert!(erasure.finished_at.is_some() && erasure.files_left == 0, "{erasure:?}");
    }
    assert_eq!(world.stage.read(world.old, &world.old_people).await.len(), 3);
    assert_eq!(world.stage.read(world.young, &world.young_people).await.len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn an_erasure_that_breaks_off_while_sealing_is_finished(steps in proptest::collection::vec(step(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(check(steps));
    }
}
