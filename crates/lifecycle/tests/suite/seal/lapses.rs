//! Instances whose end is not reported: they end after a time without new facts, and are reopened by new ones.

use std::{collections::BTreeMap, time::Duration};

use proptest::{prelude::*, sample::Index};
use rollcall_ingest::Ingest;
use rollcall_model::{
    Event, EventFacts, InstanceReport, InstanceStage, InstanceState, MeetingKind, Minute, Participant,
    ParticipantEvent, ParticipantReport, QosMinute, ReportTime, ReportedInstance, Timestamp,
};
use rollcall_store::{
    ArchiveIndex as _, InstanceStore as _, LiveMinutes as _, ParticipantStore as _, PresumedEndStore as _,
    StoredInstance,
};

use crate::stage::{START, Stage, at_once, row};

const UUID: &str = "Lapsed==";
const HOUR: i64 = 3_600;
const MINUTE: i64 = 60;

/// What may be reported of the instance, so many seconds after it began.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Tells {
    Mention,
    Start(i64),
    Join(u8, i64),
    Leave(u8, i64),
    Minute(u8, i64),
    End(i64),
}

impl Tells {
    /// The earliest time at which it can be reported.
    const fn at(self) -> i64 {
        match self {
            Self::Mention => 0,
            Self::Start(at) | Self::Join(_, at) | Self::Leave(_, at) | Self::Minute(_, at) | Self::End(at) => at,
        }
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(START + seconds)
}

fn event(tells: Tells) -> EventFacts {
    let (stage, reported_at) = match tells {
        Tells::Start(seconds) => (InstanceStage::Started, Some(at(seconds))),
        Tells::End(seconds) => (InstanceStage::Ended, Some(at(seconds))),
        _ => (InstanceStage::Mentioned, None),
    };
    let told = ReportedInstance {
        start_time: reported_at.filter(|_| stage == InstanceStage::Started),
        end_time: reported_at.filter(|_| stage == InstanceStage::Ended),
        ..ReportedInstance::default()
    };
    let report =
        |time, leave_time| ParticipantReport { time, told: Participant { leave_time, ..Participant::default() } };
    let participant = match tells {
        Tells::Join(user, seconds) => Some((user, vec![report(ReportTime::Joined(at(seconds)), None)], Vec::new())),
        Tells::Leave(user, seconds) => {
            Some((user, vec![report(ReportTime::At(at(seconds)), Some(at(seconds)))], Vec::new()))
        }
        Tells::Minute(user, seconds) => {
            let minute = QosMinute {
                minute: at(seconds).minute(),
                ..row(rollcall_model::ParticipantId(1), 7, Some(7), None).minute
            };
            Some((user, Vec::new(), vec![minute]))
        }
        _ => None,
    };
    let participant = participant.map(|(user, reports, minutes)| ParticipantEvent {
        user_id: user.to_string().as_str().into(),
        reports,
        minutes,
    });
    EventFacts::Instance(Event {
        kind: MeetingKind::Meeting,
        uuid: UUID.parse().unwrap(),
        instance: InstanceReport { stage, at: reported_at, told },
        participant,
    })
}

/// The ingest queue is closed before the stores it writes to.
struct World {
    ingest: Ingest,
    stage: Stage,
}

impl World {
    async fn new() -> Self {
        Self::of(Stage::new(at_once()).await)
    }

    fn of(stage: Stage) -> Self {
        let ingest = Ingest::new(stage.open.store.clone(), std::sync::Arc::new(stage.open.tiered.clone()));
        Self { ingest, stage }
    }

    fn restart(self) -> Self {
        let Self { stage, ingest } = self;
        drop(ingest);
        Self::of(stage.restart())
    }

    async fn take(&self, tells: Tells) {
        self.ingest.take(self.stage.account, &event(tells)).await.unwrap();
    }

    /// Sets the clock so many seconds after the beginning, and runs the sealer until it has nothing left to do.
    async fn settle(&mut self, seconds: i64) {
        self.stage.clock.advance_seconds(START + seconds - rollcall_model::Clock::now(&*self.stage.clock).as_seconds());
        // One round ends instances, the next seals them.
        for _ in 0..2 {
            self.stage.open.sealer.round().await.unwrap();
        }
    }

    async fn stored(&self) -> StoredInstance {
        let uuid = UUID.parse().unwrap();
        self.stage.open.store.instance_by_uuid(self.stage.account, &uuid).await.unwrap().unwrap()
    }

    async fn state(&self) -> (InstanceState, Option<i64>) {
        let instance = self.stored().await.instance;
        (instance.state, instance.end_time.map(|end| end.as_seconds() - START))
    }

    /// The number of archived minutes if nothing is hot any more.
    async fn archived(&self) -> Option<u64> {
        let (account, id) = (self.stage.account, self.stored().await.id);
        if self.stage.open.live.snapshot().unwrap().is_hot(account, id).await.unwrap() {
            return None;
        }
        let archived = self.stage.open.store.archived_instance(account, id).await.unwrap()?;
        Some(archived.minutes.map_or(0, |place| place.range.rows))
    }

    /// Everything stored of the instance, except the order in which people were first seen.
    async fn told(&self) -> (StoredInstance, BTreeMap<String, (Participant, Vec<Minute>)>) {
        let stored = self.stored().await;
        let store = &self.stage.open.store;
        let mut people = BTreeMap::new();
        for one in store.list_participants(self.stage.account, stored.id, None, 99).await.unwrap() {
            let minutes = self.stage.read(stored.id, &[one.id]).await.into_iter().map(|row| row.minute.minute);
            let name = format!("{} {:?}", one.participant.user_id, one.participant.join_time);
            people.insert(name, (one.participant, minutes.collect()));
        }
        (stored, people)
    }
}

#[tokio::test]
async fn an_instance_comes_to_an_end_when_nothing_is_heard_of_it_and_lives_again_when_it_is() {
    let mut world = World::new().await;
    world.take(Tells::Start(0)).await;
    world.take(Tells::Join(1, 10 * MINUTE)).await;
    world.settle(30 * HOUR + 10 * MINUTE).await;
    assert_eq!(world.state().await, (InstanceState::Live, None));
    world.settle(30 * HOUR + 10 * MINUTE + 1).await;
    assert_eq!(world.state().await, (InstanceState::Past, Some(10 * MINUTE)), "at its last sign of life");
    assert_eq!(world.archived().await, Some(0));
    assert_eq!(world.stage.open.sealer.counters().report().lapsed_instances, 1);
    assert_eq!(world.stage.open.store.count_lapsed().await.unwrap(), 1);

    // First a fact of before its end, then one of after it.
    world.take(Tells::Minute(1, 5 * MINUTE)).await;
    world.settle(31 * HOUR).await;
    assert_eq!((world.state().await, world.archived().await), ((InstanceState::Past, Some(10 * MINUTE)), Some(1)));
    world.take(Tells::Minute(1, 31 * HOUR - 3 * MINUTE)).await;
    let sealed = world.stage.open.sealer.counters().report().sealed_instances;
    world.settle(31 * HOUR + 1).await;
    assert_eq!((world.state().await, world.archived().await), ((InstanceState::Live, None), None));
    assert_eq!(world.stage.open.sealer.counters().report().sealed_instances, sealed, "it is not sealed while it lives");
    assert_eq!(world.told().await.1.into_values().next().unwrap().1.len(), 2, "archived and hot");
    world = world.restart();
    let over = at(31 * HOUR - 3 * MINUTE).minute().next().start().as_seconds() - START;
    world.settle(over + 30 * HOUR).await;
    assert_eq!(world.state().await, (InstanceState::Live, None));
    world.settle(over + 30 * HOUR + 1).await;
    let lapsed = (InstanceState::Past, Some(over));
    assert_eq!((world.state().await, world.archived().await), (lapsed, Some(2)), "when the minute was over");
    // An end that is reported later replaces the derived one.
    world.take(Tells::End(31 * HOUR)).await;
    world.settle(62 * HOUR).await;
    assert_eq!((world.state().await, world.archived().await), ((InstanceState::Past, Some(31 * HOUR)), Some(2)));
    world.take(Tells::Minute(1, 62 * HOUR - MINUTE)).await;
    world.settle(62 * HOUR + 1).await;
    assert_eq!((world.state().await, world.archived().await), ((InstanceState::Past, Some(31 * HOUR)), Some(3)));
}

#[tokio::test]
async fn an_instance_of_which_no_time_is_known_comes_to_an_end_too() {
    let mut world = World::new().await;
    world.take(Tells::Mention).await;
    world.settle(HOUR).await;
    world.settle(31 * HOUR).await;
    assert_eq!(world.state().await, (InstanceState::Live, None));
    world.settle(31 * HOUR + 1).await;
    assert_eq!((world.state().await, world.archived().await), ((InstanceState::Past, Some(HOUR)), Some(0)));
    // A known time has precedence over the time of the first look.
    world.take(Tells::Start(0)).await;
    world.settle(32 * HOUR).await;
    assert_eq!(world.state().await, (InstanceState::Past, Some(0)));
}

#[tokio::test]
async fn what_lies_ahead_of_the_clock_keeps_nothing_alive() {
    let mut world = World::new().await;
    for tells in [Tells::Start(0), Tells::Minute(1, 5_000 * HOUR), Tells::Join(2, 6_000 * HOUR)] {
        world.take(tells).await;
    }
    world.settle(31 * HOUR).await;
    assert_eq!((world.state().await, world.archived().await), ((InstanceState::Past, Some(0)), Some(1)));
}

#[tokio::test]
async fn how_long_the_silence_is_is_set() {
    let mut stage =
        Stage::new(rollcall_lifecycle::seal::SealSettings { silence: Duration::from_secs(60), ..at_once() }).await;
    let instance = stage.instance(1, InstanceState::Live).await;
    stage.clock.advance_seconds(61);
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 1);
    assert!(stage.open.store.archived_instance(stage.account, instance).await.unwrap().is_some());
}

fn any_tells() -> impl Strategy<Value = Vec<Tells>> {
    let user = || 1..3_u8;
    // Over three days, so that there are silent periods, and at few times, so that many coincide.
    let when = || prop_oneof![0..4_i64, 30..36_i64, 60..72_i64].prop_map(|hour| hour * HOUR);
    let tells = prop_oneof![
        1 => Just(Tells::Mention),
        2 => Just(Tells::Start(0)),
        3 => (user(), when()).prop_map(|(user, when)| Tells::Join(user, when)),
        3 => (user(), when()).prop_map(|(user, when)| Tells::Leave(user, when + 20 * MINUTE)),
        5 => (user(), when(), 0..3_i64).prop_map(|(user, when, minute)| Tells::Minute(user, when + minute * MINUTE)),
        1 => when().prop_map(|when| Tells::End(when + 30 * MINUTE)),
    ];
    // If no time is known, it is that of the first look.
    proptest::collection::vec(tells, 0..10).prop_map(|mut tells| {
        tells.push(Tells::Start(0));
        tells
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn in_whatever_order_it_is_told_and_looked_at_the_same_comes_of_it(
        tells in any_tells(),
        places in proptest::collection::vec(any::<Index>(), 11),
        looks in proptest::collection::vec(any::<bool>(), 11),
        restarts in 0..20_usize,
        last in prop_oneof![Just(73), Just(90), Just(101), Just(104), Just(200)],
    ) {
        let mut shuffled = tells.clone();
        for (place, other) in (1..shuffled.len()).rev().zip(&places) {
            shuffled.swap(place, other.index(place + 1));
        }
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            // Reported all at once long afterwards, and reported over time, with a look in between.
            let mut at_last = World::new().await;
            for tells in &tells {
                at_last.take(*tells).await;
            }
            let mut meanwhile = World::new().await;
            let mut now = 0;
            for (number, tells) in shuffled.iter().enumerate() {
                now = now.max(tells.at()).max(72 * HOUR * number as i64 / 11);
                meanwhile.take(*tells).await;
                if looks[number] {
                    meanwhile.settle(now).await;
                }
                if number == restarts {
                    meanwhile = meanwhile.restart();
                }
            }
            for world in [&mut at_last, &mut meanwhile] {
                world.settle(last * HOUR).await;
            }
            assert_eq!(meanwhile.told().await, at_last.told().await);
            assert_eq!(meanwhile.archived().await, at_last.archived().await);
            if at_last.state().await.0 == InstanceState::Past {
                assert!(at_last.archived().await.is_some());
            }
        });
    }
}
