//! Minutes of archived instances that turn out to belong to another attendance, because a late join splits an
//! attendance.

use std::{collections::BTreeMap, sync::Arc};

use proptest::{prelude::*, sample::Index};
use rollcall_ingest::Ingest;
use rollcall_model::{
    Event, EventFacts, InstanceReport, InstanceStage, MeetingKind, MeetingNumber, Minute, Participant,
    ParticipantEvent, ParticipantReport, ReportTime, ReportedInstance, Timestamp,
};
use rollcall_store::{ArchiveIndex as _, EventStore as _, InstanceStore as _, LiveMinutes as _};

use crate::stage::{Stage, at_once, row};

const UUID: &str = "Moved==";
const FIRST_MINUTE: u32 = 29_833_333;

/// What may be reported of the participant who comes and goes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Tells {
    Join(u32),
    Minute(u32),
    End,
}

fn at(minute: u32) -> Timestamp {
    Minute(FIRST_MINUTE + minute).start()
}

fn event(tells: Tells) -> EventFacts {
    let stage = if tells == Tells::End { InstanceStage::Ended } else { InstanceStage::Mentioned };
    let told = ReportedInstance {
        number: Some(MeetingNumber(7)),
        end_time: (tells == Tells::End).then(|| at(60)),
        ..ReportedInstance::default()
    };
    let at_end = (tells == Tells::End).then(|| at(60));
    let reports = match tells {
        Tells::Join(minute) => {
            vec![ParticipantReport { time: ReportTime::Joined(at(minute)), told: Participant::default() }]
        }
        _ => Vec::new(),
    };
    let minutes = match tells {
        Tells::Minute(minute) => {
            let mut qos = row(rollcall_model::ParticipantId(0), minute, Some(minute), None).minute;
            qos.minute = Minute(FIRST_MINUTE + minute);
            vec![qos]
        }
        _ => Vec::new(),
    };
    EventFacts::Instance(Event {
        kind: MeetingKind::Meeting,
        uuid: UUID.parse().unwrap(),
        instance: InstanceReport { stage, at: at_end, told },
        participant: (tells != Tells::End).then(|| ParticipantEvent { user_id: "1".into(), reports, minutes }),
    })
}

async fn tell(stage: &Stage, tells: Tells) {
    let ingest = Ingest::new(stage.open.store.clone(), Arc::new(stage.open.tiered.clone()));
    ingest.take(stage.account, &event(tells)).await.unwrap();
}

/// The minutes of each attendance, by its join.
async fn attendances(stage: &Stage) -> BTreeMap<Option<i64>, Vec<u32>> {
    let Some(stored) = stage.open.store.instance_by_uuid(stage.account, &UUID.parse().unwrap()).await.unwrap() else {
        return BTreeMap::new();
    };
    let placed = stage.open.store.placed(stage.account, stored.id, &"1".into()).await.unwrap();
    let mut attendances = BTreeMap::new();
    for (participant, join) in placed.attendances {
        let rows = stage.read(stored.id, &[participant]).await;
        let minutes = rows.iter().map(|row| row.minute.minute.0 - FIRST_MINUTE).collect();
        attendances.insert(join.map(Timestamp::as_seconds), minutes);
    }
    attendances
}

#[tokio::test]
async fn a_join_that_is_told_late_parts_archived_minutes_anew() {
    let mut stage = Stage::new(at_once()).await;
    tell(&stage, Tells::Join(0)).await;
    for minute in 0..10 {
        tell(&stage, Tells::Minute(minute)).await;
    }
    tell(&stage, Tells::End).await;
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 1);
    let joined = |minute| Some(at(minute).as_seconds());
    assert_eq!(attendances(&stage).await, BTreeMap::from([(joined(0), (0..10).collect())]));

    tell(&stage, Tells::Join(6)).await;
    let parted = BTreeMap::from([(joined(0), (0..6).collect()), (joined(6), (6..10).collect())]);
    assert_eq!(attendances(&stage).await, parted);
    stage = stage.restart();
    assert_eq!(attendances(&stage).await, parted);
    stage.clock.advance_seconds(1);
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 1);
    assert_eq!(stage.open.live.hot_instances(None, 9).await.unwrap(), []);
    assert_eq!(attendances(&stage).await, parted);

    // A second split, between the two.
    tell(&stage, Tells::Join(3)).await;
    tell(&stage, Tells::Join(3)).await;
    stage.open.sealer.round().await.unwrap();
    let thrice = [(joined(0), (0..3).collect()), (joined(3), (3..6).collect()), (joined(6), (6..10).collect())];
    assert_eq!(attendances(&stage).await, BTreeMap::from(thrice));
}

/// Killed at any of its steps, a move is finished at the next start, without another report of the join.
#[tokio::test]
async fn a_move_that_was_cut_short_is_made_at_the_next_start() {
    for step in 0..3 {
        let mut stage = Stage::new(at_once()).await;
        tell(&stage, Tells::Join(0)).await;
        for minute in 0..10 {
            tell(&stage, Tells::Minute(minute)).await;
        }
        tell(&stage, Tells::End).await;
        assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 1);

        let EventFacts::Instance(join) = event(Tells::Join(6)) else { unreachable!() };
        let placed = stage.open.store.put_event(stage.account, &join).await.unwrap();
        let (first, second) = (placed.attendances[0].0, placed.attendances[1].0);
        if step > 0 {
            let mut rows = stage.read(placed.instance, &[first]).await;
            for row in rows.iter_mut().filter(|row| row.minute.minute.0 >= FIRST_MINUTE + 6) {
                row.participant = second;
            }
            stage.put(placed.instance, &rows).await;
        }
        if step > 1 {
            stage.open.store.forget_archived_minutes(stage.account, placed.instance, first).await.unwrap();
        }
        stage = stage.restart();
        let joined = |minute| Some(at(minute).as_seconds());
        let parted = BTreeMap::from([(joined(0), (0..6).collect()), (joined(6), (6..10).collect())]);
        if step < 2 {
            assert_ne!(attendances(&stage).await, parted, "there is something to fix");
        }
        let ingest = Ingest::new(stage.open.store.clone(), Arc::new(stage.open.tiered.clone()));
        assert_eq!(ingest.finish_moves().await.unwrap(), 1, "step {step}");
        assert_eq!(attendances(&stage).await, parted, "step {step}");
        assert_eq!(ingest.finish_moves().await.unwrap(), 0, "step {step}");
        stage.clock.advance_seconds(1);
        stage.open.sealer.round().await.unwrap();
        assert_eq!(attendances(&stage).await, parted, "step {step}, sealed");
    }
}

/// What is reported, and where in between there is a round of the sealer or a restart.
fn any_story() -> impl Strategy<Value = (Vec<Tells>, Vec<Index>, Vec<(Index, bool)>)> {
    let tells = prop_oneof![
        2 => (0_u32..4).prop_map(|part| Tells::Join(part * 3)),
        4 => (0_u32..12).prop_map(Tells::Minute),
        1 => Just(Tells::End),
    ];
    (
        proptest::collection::vec(tells, 1..16),
        proptest::collection::vec(any::<Index>(), 16),
        proptest::collection::vec((any::<Index>(), any::<bool>()), 0..5),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn attendances_have_the_same_minutes_in_every_order_sealed_in_between_or_not(
        (mut story, places, interruptions) in any_story()
    ) {
        // Nothing is archived of an instance that has not ended.
        story.push(Tells::End);
        let mut shuffled = story.clone();
        for (place, other) in (1..shuffled.len()).rev().zip(&places) {
            shuffled.swap(place, other.index(place + 1));
        }
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let plain = Stage::new(at_once()).await;
            for tells in &story {
                tell(&plain, *tells).await;
            }
            let mut stage = Stage::new(at_once()).await;
            for (place, tells) in shuffled.iter().enumerate() {
                tell(&stage, *tells).await;
                for (_, restarts) in interruptions.iter().filter(|(at, _)| at.index(shuffled.len()) == place) {
                    stage.clock.advance_seconds(1);
                    stage.open.sealer.round().await.unwrap();
                    if *restarts {
                        stage = stage.restart();
                    }
                }
            }
            let expected = attendances(&plain).await;
            prop_assert_eq!(&attendances(&stage).await, &expected, "as it is");
            stage.clock.advance_seconds(1);
            stage.open.sealer.round().await.unwrap();
            prop_assert_eq!(&attendances(&stage).await, &expected, "sealed");
            Ok(())
        })?;
    }
}
