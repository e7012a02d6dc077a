//! When an instance is sealed, what is sealed of it, and the effect of a late fact.

use std::time::Duration;

use rollcall_lifecycle::seal::SealSettings;
use rollcall_model::{InstanceId, InstanceState};
use rollcall_store::{ArchiveIndex as _, LiveMinutes as _, MinuteRow};

use crate::stage::{Stage, at_once, row};

async fn is_hot(stage: &Stage, instance: InstanceId) -> bool {
    stage.open.live.snapshot().unwrap().is_hot(stage.account, instance).await.unwrap()
}

async fn archived_rows(stage: &Stage, instance: InstanceId) -> Option<(u64, u64)> {
    let archived = stage.open.store.archived_instance(stage.account, instance).await.unwrap()?;
    let rows = |place: Option<rollcall_store::ArchivePlace>| place.map_or(0, |place| place.range.rows);
    Some((rows(archived.minutes), rows(archived.participants)))
}

#[tokio::test]
async fn an_instance_is_sealed_when_it_has_ended_and_settled() {
    let settings = SealSettings { settle: Duration::from_secs(600), ..at_once() };
    let mut stage = Stage::new(settings).await;
    let instance = stage.instance(1, InstanceState::Live).await;
    let people = stage.people(instance, 2).await;
    let rows: Vec<MinuteRow> = (0..5).map(|minute| row(people[0], minute, Some(minute), None)).collect();
    stage.put(instance, &rows).await;
    let clock = stage.clock.clone();
    let wait = |seconds| clock.advance_seconds(seconds);
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 0);
    wait(10_000);
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 0, "it is live");

    stage.instance(1, InstanceState::Past).await;
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 0);
    wait(590);
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 0, "it has not settled");
    stage.put(instance, &[row(people[0], 9, Some(9), None)]).await;
    wait(590);
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 0, "it was written to");
    stage.people(instance, 3).await;
    wait(590);
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 0, "a participant came");
    wait(610);
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 1);
    assert!(!is_hot(&stage, instance).await);
    assert_eq!(archived_rows(&stage, instance).await, Some((6, 3)));
    wait(610);
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 0, "it is sealed as it is");
}

#[tokio::test]
async fn a_late_fact_reopens_an_instance_which_is_sealed_again() {
    let mut stage = Stage::new(at_once()).await;
    let instance = stage.instance(1, InstanceState::Past).await;
    let people = stage.people(instance, 3).await;
    stage.put(instance, &[row(people[0], 1, Some(1), None), row(people[2], 1, Some(1), None)]).await;
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 1);

    // Fills a gap, is in between, and belongs to a participant without minutes.
    let late = [row(people[0], 1, None, Some(7)), row(people[0], 0, Some(2), None), row(people[1], 5, Some(3), None)];
    stage.put(instance, &late).await;
    assert!(is_hot(&stage, instance).await);
    let expected = [
        row(people[0], 0, Some(2), None),
        row(people[0], 1, Some(1), Some(7)),
        row(people[1], 5, Some(3), None),
        row(people[2], 1, Some(1), None),
    ];
    assert_eq!(stage.read(instance, &people).await, expected);
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 1);
    assert!(!is_hot(&stage, instance).await);
    assert_eq!(archived_rows(&stage, instance).await, Some((4, 3)));
    assert_eq!(stage.read(instance, &people).await, expected);
}

#[tokio::test]
async fn an_instance_without_minutes_is_archived_for_its_participants() {
    let mut stage = Stage::new(at_once()).await;
    let (crowd, nobody) = (stage.instance(1, InstanceState::Past).await, stage.instance(2, InstanceState::Past).await);
    stage.people(crowd, 1_234).await;
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 2);
    assert_eq!(archived_rows(&stage, crowd).await, Some((0, 1_234)));
    assert_eq!(archived_rows(&stage, nobody).await, Some((0, 0)));
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 0);
    // A change of one participant is archived too.
    stage.people(crowd, 1_235).await;
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 1);
    assert_eq!(archived_rows(&stage, crowd).await, Some((0, 1_235)));
}

/// More than are read, written or deleted at a time.
#[tokio::test]
async fn a_large_instance_is_sealed_whole() {
    let mut stage = Stage::new(at_once()).await;
    let instance = stage.instance(1, InstanceState::Past).await;
    let people = stage.people(instance, 1_500).await;
    let rows: Vec<_> = people
        .iter()
        .flat_map(|person| (0..7).map(|minute| row(*person, minute, Some(person.0 as u32 ^ minute), None)))
        .collect();
    stage.put(instance, &rows).await;
    // Late minutes of some, so that both are read in many parts.
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 1);
    let late: Vec<_> = people.iter().step_by(3).map(|person| row(*person, 3, None, Some(1))).collect();
    stage.put(instance, &late).await;
    let read = stage.read(instance, &people).await;
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 1);
    assert_eq!(archived_rows(&stage, instance).await, Some((10_500, 1_500)));
    assert!(stage.read(instance, &people).await == read);
    assert!(!is_hot(&stage, instance).await);
}

#[tokio::test]
async fn many_instances_of_a_day_share_files() {
    let mut stage = Stage::new(at_once()).await;
    for number in 1..=30 {
        let instance = stage.instance(number, InstanceState::Past).await;
        let people = stage.people(instance, 1).await;
        stage.put(instance, &[row(people[0], 1, Some(1), None)]).await;
    }
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 30);
    let files = stage.open.store.list_archive_files(None, None, 100).await.unwrap();
    let rows: Vec<_> = files.iter().map(|file| (file.file.rows, file.instances)).collect();
    assert_eq!(rows, [(30, 30), (30, 30)]);
}

/// Small files that do not fit into one together are checked once per round and left unchanged.
#[tokio::test]
async fn files_that_do_not_fit_together_are_left_alone() {
    let mut stage = Stage::new(at_once()).await;
    for number in 1..=2 {
        let instance = stage.instance(number, InstanceState::Past).await;
        let people = stage.people(instance, 1).await;
        let rows: Vec<_> = (0..40).map(|minute| row(people[0], minute, Some(1), None)).collect();
        stage.put(instance, &rows).await;
        stage.open.sealer.round().await.unwrap();
    }
    for _ in 0..3 {
        let merged = stage.open.sealer.round().await.unwrap().merged;
        assert!(merged == 0 || merged == 2, "two files of participants fit into one");
    }
    let files = stage.open.store.list_archive_files(None, None, 100).await.unwrap();
    let of_minutes = files.iter().filter(|file| file.file.path.starts_with("qos_minutes"));
    assert_eq!(of_minutes.map(|file| file.file.rows).collect::<Vec<_>>(), [40, 40]);
}
