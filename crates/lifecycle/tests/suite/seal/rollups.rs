//! Rollups match the archive: updated at sealing, and the same when they are rebuilt.

use std::{collections::BTreeMap, sync::Arc};

use rollcall_lifecycle::seal::{Rebuilt, Rollups};
use rollcall_model::{InstanceId, InstanceState, Participant, ParticipantId, QosMinute};
use rollcall_quality::{Cell, CellKey, Dimension, Profile, Rollup, Step};
use rollcall_store::{ArchiveIndex as _, ParticipantStore as _, RollupStore as _};

use crate::stage::{Stage, at_once, row};

type Cells = BTreeMap<(Step, CellKey), Cell>;

/// Every stored cell.
pub(crate) async fn stored(stage: &Stage) -> Cells {
    let mut cells = Cells::new();
    for step in Step::ALL {
        for dimension in Dimension::ALL {
            let listed = stage.open.store.list_cells(stage.account, step, dimension, 0..u32::MAX, None, usize::MAX);
            cells.extend(listed.await.unwrap().into_iter().map(|(key, cell)| ((step, key), cell)));
        }
    }
    cells
}

fn cells(rollup: &Rollup) -> Cells {
    let by = |step| rollup.by(step).into_owned();
    let all = Step::ALL
        .into_iter()
        .flat_map(|step| by(step).cells().map(|(key, cell)| ((step, key.clone()), cell.clone())).collect::<Vec<_>>());
    all.collect()
}

/// The rollup of the stored minutes of these instances, counted independently.
pub(crate) async fn expected(stage: &Stage, instances: &[InstanceId]) -> Cells {
    let mut rollup = Rollup::default();
    for instance in instances {
        let people = stage.open.store.list_participants(stage.account, *instance, None, usize::MAX).await.unwrap();
        for person in people {
            let rows = stage.read(*instance, &[person.id]).await;
            let minutes: Vec<QosMinute> = rows.into_iter().map(|row| row.minute).collect();
            rollup.add(&person.participant, &minutes, &Profile::default());
        }
    }
    cells(&rollup)
}

/// The archived minutes of these instances.
pub(crate) async fn archived(stage: &Stage, instances: &[InstanceId]) -> Cells {
    let rollups = rollups(stage);
    let mut sum = Rollup::default();
    for instance in instances {
        if let Some((_, rollup)) = rollups.of_instance(stage.account, *instance).await.unwrap() {
            sum.merge(&rollup);
        }
    }
    cells(&sum)
}

pub(crate) fn rollups(stage: &Stage) -> Rollups {
    Rollups::new(stage.open.store.clone(), stage.open.archive.clone(), stage.settings.profile)
}

pub(crate) async fn rebuild_all(stage: &Stage) -> Vec<Rebuilt> {
    let rollups = rollups(stage);
    let mut rebuilt = Vec::new();
    for day in rollups.days(None).await.unwrap() {
        rebuilt.push(rollups.rebuild(day.account, day.day).await.unwrap());
    }
    rebuilt
}

/// A participant's reported location.
pub(crate) async fn locate(stage: &Stage, instance: InstanceId, user: usize, location: &str) {
    let person = Participant {
        user_id: format!("u{user}").into(),
        location: Some(location.into()),
        device: Some("Mac".into()),
        ..Participant::default()
    };
    stage.open.store.put_participants(stage.account, instance, &[person]).await.unwrap();
}

async fn run(stage: &Stage, number: i64, people: usize) -> (InstanceId, Vec<ParticipantId>) {
    let instance = stage.instance(number, InstanceState::Past).await;
    let people = stage.people(instance, people).await;
    for person in &people {
        let rows: Vec<_> = (0..90).map(|minute| row(*person, minute, Some(minute), Some(minute * 3))).collect();
        stage.put(instance, &rows).await;
    }
    (instance, people)
}

#[tokio::test]
async fn a_later_sealing_takes_the_place_of_what_the_former_counted() {
    let mut stage = Stage::new(at_once()).await;
    let (first, people) = run(&stage, 1, 3).await;
    let (second, _) = run(&stage, 2, 2).await;
    locate(&stage, first, 0, "Oslo").await;
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 2);
    let sealed = stored(&stage).await;
    assert!(!sealed.is_empty() && sealed == expected(&stage, &[first, second]).await);

    // Late minutes, and a corrected location.
    stage.put(first, &[row(people[1], 95, None, Some(700)), row(people[1], 3, Some(9), None)]).await;
    locate(&stage, first, 0, "Lima").await;
    assert!(stored(&stage).await == sealed, "what is hot does not count yet");
    stage.open.sealer.round().await.unwrap();
    let resealed = stored(&stage).await;
    assert!(resealed != sealed && resealed == expected(&stage, &[first, second]).await);
    let minutes = 3 * 90 + 1 + 2 * 90;
    assert_eq!(rebuild_all(&stage).await, [Rebuilt::Done { instances: 2, minutes }]);
    assert!(stored(&stage).await == resealed);
}

#[tokio::test]
async fn what_an_earlier_version_archived_is_built_in_rounds() {
    let mut stage = Stage::new(at_once()).await;
    let (first, _) = run(&stage, 1, 2).await;
    stage.open.sealer.round().await.unwrap();
    let sealed = stored(&stage).await;
    let db = rusqlite::Connection::open(stage.dir.path().join("rollcall.db")).unwrap();
    db.execute_batch("DELETE FROM quality_parts; DELETE FROM quality_days").unwrap();
    stage = stage.restart();
    // Sealed again before the day was built: the difference must not be counted alone.
    locate(&stage, first, 0, "Oslo").await;
    while stage.open.sealer.round().await.unwrap().more {}
    let built = stored(&stage).await;
    assert!(built != sealed && built == expected(&stage, &[first]).await);

    // With other limits, other minutes are issues, and everything is counted again.
    stage.settings.profile = Profile::PLIVO;
    stage = stage.restart();
    while stage.open.sealer.round().await.unwrap().more {}
    let issues = |cells: &Cells| cells.values().map(|cell| cell.issues.iter().sum::<u64>()).sum::<u64>();
    let by_plivo = stored(&stage).await;
    assert!(issues(&by_plivo) < issues(&built), "Plivo's limit of the latency is twice Zoom's");
    stage.settings.profile = Profile::ZOOM;
    stage = stage.restart();
    while stage.open.sealer.round().await.unwrap().more {}
    assert!(stored(&stage).await == built);
}

/// One task ingests, seals and merges, another rebuilds, repeatedly.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_while_the_sealer_works_counts_everything_once() {
    let mut stage = Stage::new(at_once()).await;
    let rollups = rollups(&stage);
    let account = stage.account;
    let rebuilding = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let rebuilder = {
        let rebuilding = Arc::clone(&rebuilding);
        tokio::spawn(async move {
            let mut done = 0;
            while rebuilding.load(std::sync::atomic::Ordering::Relaxed) {
                for day in rollups.days(None).await.unwrap() {
                    done += usize::from(rollups.rebuild(account, day.day).await.unwrap() != Rebuilt::Busy);
                }
                tokio::task::yield_now().await;
            }
            done
        })
    };
    let mut instances = Vec::new();
    for number in 1..=12 {
        let (instance, people) = run(&stage, number, 2).await;
        instances.push((instance, people));
        let (late, people) = &instances[number as usize / 2];
        stage.put(*late, &[row(people[0], 100 + number as u32, Some(1), None)]).await;
        stage.clock.advance_seconds(1);
        stage.open.sealer.round().await.unwrap();
    }
    rebuilding.store(false, std::sync::atomic::Ordering::Relaxed);
    assert!(rebuilder.await.unwrap() > 0);
    stage.open.sealer.round().await.unwrap();
    let instances: Vec<_> = instances.into_iter().map(|(instance, _)| instance).collect();
    assert!(stage.open.store.unsealed_instances(None, 9).await.unwrap().is_empty());
    assert!(stored(&stage).await == expected(&stage, &instances).await);
}
