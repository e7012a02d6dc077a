//! Rounds that are interrupted anywhere, between and during steps of the sealer and late facts, give the same result as
//! uninterrupted ones.

use std::time::Duration;

use proptest::prelude::*;
use rollcall_lifecycle::retention::DataKind;
use rollcall_store::{LiveMinutes as _, ParticipantStore as _};

use crate::{
    retention::world::{World, person, uuid},
    stage::{InHand, SealerStep, row},
};

#[derive(Debug, Clone)]
enum Step {
    /// A late fact of the old instance, or of the young one.
    Minute {
        is_old: bool,
        minute: u32,
    },
    Rename {
        is_old: bool,
        number: usize,
    },
    /// A round that is interrupted after so many microseconds.
    Forget {
        micros: u64,
    },
    Sealer(SealerStep),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (any::<bool>(), 1..9_u32).prop_map(|(is_old, minute)| Step::Minute { is_old, minute }),
        2 => (any::<bool>(), 0..5_usize).prop_map(|(is_old, number)| Step::Rename { is_old, number }),
        5 => (0..6_000_u64).prop_map(|micros| Step::Forget { micros }),
        2 => Just(Step::Sealer(SealerStep::Look)),
        2 => Just(Step::Sealer(SealerStep::Write)),
        2 => Just(Step::Sealer(SealerStep::Record)),
        2 => Just(Step::Sealer(SealerStep::Delete)),
        2 => Just(Step::Sealer(SealerStep::Round)),
        1 => Just(Step::Restart),
    ]
}

fn kinds() -> impl Strategy<Value = Vec<DataKind>> {
    use DataKind::{Identity, Instances, Participants, QosMinutes};
    let kinds = proptest::sample::subsequence(vec![QosMinutes, Identity, Participants, Instances], 1..=2);
    kinds.prop_map(|kinds| kinds)
}

async fn check(kinds: Vec<DataKind>, steps: Vec<Step>) {
    let mut world = World::new().await;
    let account = world.stage.account;
    let mut minutes_of_young = vec![1];
    let mut in_hand = InHand::default();
    for step in steps {
        match step {
            Step::Minute { is_old, minute } => {
                let (id, person) = if is_old {
                    (world.old, world.old_people[0])
                } else {
                    minutes_of_young.push(minute);
                    (world.young, world.young_people[0])
                };
                world.stage.put(id, &[row(person, minute, Some(9), None)]).await;
            }
            Step::Rename { is_old, number } => {
                let (id, name) = if is_old { (world.old, "old") } else { (world.young, "young") };
                // Refused if the instance was deleted.
                let _ = world.stage.open.store.put_participants(account, id, &[person(name, number)]).await;
            }
            Step::Forget { micros } => {
                let retention = world.retention(&kinds);
                if let Ok(round) = tokio::time::timeout(Duration::from_micros(micros), retention.round()).await {
                    round.unwrap();
                }
            }
            Step::Sealer(step) => in_hand.step(&mut world.stage, step).await,
            Step::Restart => {
                in_hand = InHand::default();
                world = world.restart();
            }
        }
    }
    // A concurrent step of the sealer may restore data, which the next round deletes.
    world = world.restart();
    for _ in 0..3 {
        world.retention(&kinds).round().await.unwrap();
        world.tidy().await;
    }

    minutes_of_young.sort_unstable();
    minutes_of_young.dedup();
    let young = world.stage.read(world.young, &world.young_people).await;
    assert_eq!(young.len(), minutes_of_young.len() + 2);
    let archived = world.archived_texts().await;
    assert!(archived.contains("Person-of-young-0"));
    assert_eq!(world.stage.open.live.hot_instances(None, 9).await.unwrap(), []);

    let store = &world.stage.open.store;
    let old = rollcall_store::InstanceStore::instance_by_uuid(&**store, account, &uuid("old")).await.unwrap();
    let has = |kind| kinds.contains(&kind);
    assert_eq!(old.is_none(), has(DataKind::Instances));
    let minutes = world.stage.read(world.old, &world.old_people).await;
    assert_eq!(minutes.is_empty(), kinds != [DataKind::Identity]);
    let names_are_gone = has(DataKind::Identity) || has(DataKind::Participants) || has(DataKind::Instances);
    assert_eq!(!archived.contains("Person-of-old"), names_are_gone);
    let people = store.list_participants(account, world.old, None, 9).await.unwrap();
    assert_eq!(people.is_empty(), has(DataKind::Participants) || has(DataKind::Instances));
    for person in people {
        let is_blank = person.participant.user_name.as_deref() == Some("");
        assert_eq!(is_blank, names_are_gone);
    }
    let lives = rollcall_store::ArchiveIndex::unsealed_instances(&**store, None, 9).await.unwrap();
    assert_eq!(lives.len(), 0, "{lives:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn rounds_that_break_off_leave_what_others_do(
        kinds in kinds(),
        steps in proptest::collection::vec(step(), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(check(kinds, steps));
    }
}
