//! What is deleted when it has expired, and what stays.

use std::sync::Arc;

use rollcall_ingest::Ingest;
use rollcall_lifecycle::retention::{DataKind, due};
use rollcall_model::{Batch, InstanceFacts, InstanceRef, MeetingKind, Minute, ParticipantFacts, QosMinute, Timestamp};
use rollcall_store::{ArchiveIndex as _, InstanceStore as _, LiveMinutes as _, ParticipantStore as _};

use crate::{
    retention::world::{DAY, KEPT_DAYS, World, instance, person, uuid},
    stage::{START, row},
};

#[tokio::test]
async fn nothing_goes_where_nothing_is_said() {
    let mut world = World::new().await;
    let before = world.archived_texts().await;
    world.retention(&[]).round().await.unwrap();
    world.tidy().await;
    assert_eq!(world.archived_texts().await, before);
}

#[tokio::test]
async fn an_instance_goes_from_every_store_and_its_neighbour_stays() {
    let mut world = World::new().await;
    // Late facts make it hot again.
    world.stage.put(world.old, &[row(world.old_people[0], 2, Some(1), None)]).await;
    let expected = world.stage.read(world.young, &world.young_people).await;
    world.retention(&[DataKind::Instances]).round().await.unwrap();
    assert_eq!(world.stage.open.live.hot_instances(None, 9).await.unwrap(), []);
    let account = world.stage.account;
    assert_eq!(world.stage.open.store.instance_by_uuid(account, &uuid("old")).await.unwrap(), None);
    world.tidy().await;
    let archived = world.archived_texts().await;
    assert!(!archived.contains("of-old") && !archived.contains("old.example"), "{archived}");
    assert!(archived.contains("Person-of-young-2"));
    assert_eq!(world.stage.read(world.young, &world.young_people).await, expected);
    for file in world.stage.open.store.list_archive_files(None, None, 99).await.unwrap() {
        assert_eq!((file.unreferenced_since, file.referenced_rows), (None, file.file.rows), "{file:?}");
        world.stage.open.archive.verify(&file.file.path.parse().unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn minutes_go_and_participants_and_labels_stay() {
    let mut world = World::new().await;
    let account = world.stage.account;
    world.stage.put(world.old, &[row(world.old_people[0], 2, Some(1), None)]).await;
    world.retention(&[DataKind::QosMinutes]).round().await.unwrap();
    let scored = async |world: &World| {
        let life = world.stage.open.store.instance_lives(&[(account, world.old)]).await.unwrap().remove(0);
        life.stored.scored
    };
    let labels = scored(&world).await;
    assert!(labels.audio.is_some(), "{labels:?}");
    // Sealed again for another reason, it keeps its totals of minutes.
    world.stage.open.store.put_participants(account, world.old, &[person("old", 7)]).await.unwrap();
    world.tidy().await;
    assert_eq!(scored(&world).await, labels);
    assert_eq!(world.stage.read(world.old, &world.old_people).await, []);
    assert_eq!(world.stage.read(world.young, &world.young_people).await.len(), 3);
    assert!(world.archived_texts().await.contains("Person-of-old-7"));
}

#[tokio::test]
async fn participants_go_with_their_minutes_and_stay_counted() {
    let mut world = World::new().await;
    let account = world.stage.account;
    world.retention(&[DataKind::Participants]).round().await.unwrap();
    world.tidy().await;
    let stored = world.stage.open.store.instance_by_uuid(account, &uuid("old")).await.unwrap().unwrap();
    assert_eq!((stored.participants, stored.instance.stated_participants), (0, Some(3)));
    assert_eq!(world.stage.read(world.old, &world.old_people).await, []);
    let archived = world.archived_texts().await;
    assert!(!archived.contains("Person-of-old") && archived.contains("Person-of-young"), "{archived}");
}

#[tokio::test]
async fn identity_goes_and_quality_stays_in_both_tiers() {
    let mut world = World::new().await;
    let account = world.stage.account;
    let minutes = world.stage.read(world.old, &world.old_people).await;
    world.retention(&[DataKind::Identity]).round().await.unwrap();
    world.tidy().await;
    let people = world.stage.open.store.list_participants(account, world.old, None, 9).await.unwrap();
    for person in &people {
        let told = &person.participant;
        let told = [&told.user_name, &told.email, &told.network_type].map(|text| text.as_deref());
        assert_eq!(told, [Some(""), Some(""), Some("Wifi")]);
    }
    assert_eq!(world.stage.read(world.old, &world.old_people).await, minutes);
    let archived = world.archived_texts().await;
    for gone in ["of-old", "old.example"] {
        assert!(!archived.contains(gone), "{gone}");
    }
    assert!(archived.contains("Person-of-young-0") && archived.contains("Wifi"));
}

#[tokio::test]
async fn what_is_told_of_something_dropped_is_taken_and_dropped_again() {
    let mut world = World::new().await;
    let account = world.stage.account;
    let ingest = Arc::new(Ingest::new(world.stage.open.store.clone(), Arc::new(world.stage.open.tiered.clone())));
    let mut facts = InstanceFacts::new(MeetingKind::Meeting, InstanceRef::Uuid(uuid("old")));
    facts.details = Some(instance("old", START));
    let minutes = vec![QosMinute::new(Minute(29_000_001))];
    facts.participants = vec![ParticipantFacts { participant: person("old", 0), minutes }];
    let batch = Batch { instances: vec![facts], ..Batch::default() };
    ingest.write(account, &batch).await.unwrap();
    for kinds in [&[DataKind::Identity][..], &[DataKind::Participants], &[DataKind::Instances]] {
        let retention = world.retention_beside(Arc::clone(&ingest), kinds);
        for _ in 0..2 {
            retention.round().await.unwrap();
            world.tidy().await;
            let archived = world.archived_texts().await;
            assert!(!archived.contains("of-old"), "{kinds:?}: {archived}");
            // No cached entry may point to a deleted row.
            ingest.write(account, &batch).await.unwrap();
        }
    }
    let report = world.stage.open.sealer.counters().report();
    assert_eq!((report.failed_rounds, report.failed_instances), (0, 0));
}

#[tokio::test]
async fn what_is_due_and_what_is_next_is_told() {
    let world = World::new().await;
    let settings = [DataKind::Instances, DataKind::QosMinutes];
    let kept = settings.map(|kind| (kind, rollcall_lifecycle::retention::Days::new(KEPT_DAYS).unwrap())).into();
    let settings = rollcall_lifecycle::retention::RetentionSettings::new(
        kept,
        rollcall_model::LocationGrain::City,
        std::time::Duration::from_secs(1),
    );
    let now = Timestamp::from_seconds(START + (KEPT_DAYS + 1) * DAY);
    let all = due(&*world.stage.open.store, &settings.unwrap(), now).await.unwrap();
    for of in &all {
        let expected = match of.kind {
            DataKind::QosMinutes => (3, Some(1)),
            DataKind::Instances => (1, Some(1)),
            _ => (0, None),
        };
        assert_eq!((of.due.rows, of.due.instances), expected, "{of:?}");
        let next = of.days.map(|_| Timestamp::from_seconds(START + (KEPT_DAYS + 10) * DAY));
        assert_eq!(of.next, next, "{of:?}");
    }
}
