//! After any order of writes, steps of the sealer, crashes between them, late facts and merges, reads match a plain
//! map.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rollcall_lifecycle::seal::{MergePlan, WrittenMerge};
use rollcall_model::{InstanceId, InstanceState, Minute, ParticipantId, QosMinute};
use rollcall_store::{LiveMinutes as _, MinuteCursor, MinuteRow, MinuteStore as _};

use crate::{
    seal::rollups,
    stage::{InHand, SealerStep, Stage, at_once, row},
};

const INSTANCES: usize = 3;
const PEOPLE: usize = 4;

/// The steps. Those without anything to work on do nothing.
#[derive(Debug, Clone)]
enum Step {
    Put {
        instance: usize,
        rows: Vec<(usize, u32, Option<u32>, Option<u32>)>,
    },
    End {
        instance: usize,
    },
    /// A participant changes.
    Rename {
        instance: usize,
    },
    /// A participant's location changes.
    Locate {
        instance: usize,
        person: usize,
        location: usize,
    },
    /// The rollups are rebuilt.
    Rebuild,
    Sealer(SealerStep),
    PlanMerge,
    WriteMerge,
    RecordMerge,
    Sweep,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let row = (0..PEOPLE, 0..12_u32, proptest::option::of(0..5_u32), proptest::option::of(0..5_u32));
    prop_oneof![
        6 => (0..INSTANCES, proptest::collection::vec(row, 1..20)).prop_map(|(instance, rows)| Step::Put { instance, rows }),
        2 => (0..INSTANCES).prop_map(|instance| Step::End { instance }),
        1 => (0..INSTANCES).prop_map(|instance| Step::Rename { instance }),
        1 => (0..INSTANCES, 0..PEOPLE, 0..3_usize)
            .prop_map(|(instance, person, location)| Step::Locate { instance, person, location }),
        1 => Just(Step::Rebuild),
        3 => Just(Step::Sealer(SealerStep::Look)),
        3 => Just(Step::Sealer(SealerStep::Write)),
        3 => Just(Step::Sealer(SealerStep::Record)),
        3 => Just(Step::Sealer(SealerStep::Delete)),
        2 => Just(Step::PlanMerge),
        2 => Just(Step::WriteMerge),
        2 => Just(Step::RecordMerge),
        2 => Just(Step::Sweep),
        2 => Just(Step::Sealer(SealerStep::Round)),
        1 => Just(Step::Restart),
    ]
}

type Minutes = BTreeMap<(usize, ParticipantId, Minute), QosMinute>;

struct World {
    stage: Stage,
    instances: Vec<(InstanceId, Vec<ParticipantId>)>,
    expected: Minutes,
    in_hand: InHand,
    plan: Option<MergePlan>,
    merged: Option<WrittenMerge>,
    names: usize,
}

impl World {
    async fn new() -> Self {
        let stage = Stage::new(at_once()).await;
        let mut instances = Vec::new();
        for number in 0..INSTANCES {
            let instance = stage.instance(number as i64 + 1, InstanceState::Live).await;
            instances.push((instance, stage.people(instance, PEOPLE).await));
        }
        let (expected, names) = (Minutes::new(), 0);
        Self { stage, instances, expected, in_hand: InHand::default(), plan: None, merged: None, names }
    }

    async fn take(mut self, step: Step) -> Self {
        let sealer = &mut self.stage.open.sealer;
        match step {
            Step::Put { instance, rows } => {
                let (id, people) = &self.instances[instance];
                let rows: Vec<_> = rows.into_iter().map(|(p, minute, b, l)| row(people[p], minute, b, l)).collect();
                self.stage.put(*id, &rows).await;
                for MinuteRow { participant, minute } in rows {
                    let slot = self.expected.entry((instance, participant, minute.minute));
                    let mut later = minute;
                    slot.and_modify(|earlier| {
                        later.fill_from(earlier);
                        *earlier = later.clone();
                    })
                    .or_insert(later);
                }
            }
            Step::End { instance } => {
                self.stage.instance(instance as i64 + 1, InstanceState::Past).await;
            }
            Step::Rename { instance } => {
                let (id, _) = &self.instances[instance];
                self.names += 1;
                self.stage.people(*id, PEOPLE + self.names % 3).await;
            }
            Step::Locate { instance, person, location } => {
                let (id, _) = &self.instances[instance];
                rollups::locate(&self.stage, *id, person, ["Oslo", "Lima", ""][location]).await;
            }
            Step::Rebuild => {
                rollups::rebuild_all(&self.stage).await;
            }
            Step::PlanMerge => self.plan = sealer.plan_merge().await.unwrap(),
            Step::WriteMerge => {
                if let Some(plan) = self.plan.take() {
                    self.merged = sealer.write_merge(plan).await.unwrap();
                }
            }
            Step::RecordMerge => sealer.record_merge(self.merged.take()).await.unwrap(),
            // Only the sealer sweeps, and not while it writes.
            Step::Sweep if self.in_hand.written.is_none() && self.plan.is_none() && self.merged.is_none() => {
                self.stage.clock.advance_seconds(1);
                sealer.sweep().await.unwrap();
            }
            Step::Sweep => {}
            Step::Sealer(step) => {
                if let SealerStep::Round = step {
                    (self.plan, self.merged) = (None, None);
                }
                self.in_hand.step(&mut self.stage, step).await;
            }
            Step::Restart => {
                self.stage = self.stage.restart();
                (self.in_hand, self.plan, self.merged) = (InHand::default(), None, None);
            }
        }
        self
    }

    fn ids(&self) -> Vec<InstanceId> {
        self.instances.iter().map(|(instance, _)| *instance).collect()
    }

    /// The rollups match the archive, at each step.
    async fn check_rollups(&self) {
        assert!(rollups::stored(&self.stage).await == rollups::archived(&self.stage, &self.ids()).await);
    }

    /// Reads everything at once, and a part page by page: a different part at each step.
    async fn check(&self, step: usize) {
        for (number, (instance, people)) in self.instances.iter().enumerate() {
            assert_eq!(self.stage.read(*instance, people).await, self.expected_of(number, people));
        }
        let number = step % INSTANCES;
        let (instance, people) = &self.instances[number];
        let reversed: Vec<_> = people.iter().rev().copied().collect();
        let asked = [people.clone(), reversed, vec![people[2]], vec![people[0], people[3]]][step % 4].clone();
        let limit = [1, 3, 7, 20][step / 4 % 4];
        let expected = self.expected_of(number, &asked);
        assert_eq!(self.walk(*instance, &asked, limit).await, expected, "{asked:?} by {limit}");
    }

    fn expected_of(&self, number: usize, asked: &[ParticipantId]) -> Vec<MinuteRow> {
        let of = |participant: &ParticipantId| {
            let range = (number, *participant, Minute(0))..=(number, *participant, Minute(u32::MAX));
            self.expected
                .range(range)
                .map(|((_, participant, _), minute)| MinuteRow { participant: *participant, minute: minute.clone() })
        };
        asked.iter().flat_map(of).collect()
    }

    async fn walk(&self, instance: InstanceId, asked: &[ParticipantId], limit: usize) -> Vec<MinuteRow> {
        let mut rows: Vec<MinuteRow> = Vec::new();
        loop {
            let after = rows.last().map(|row| MinuteCursor { participant: row.participant, minute: row.minute.minute });
            let tiered = &self.stage.open.tiered;
            let page = tiered.read_minutes(self.stage.account, instance, asked, after, limit).await.unwrap();
            let last = page.len() < limit;
            rows.extend(page);
            if last {
                return rows;
            }
        }
    }

    /// Without further steps, the sealer archives everything that has ended, and leaves no unreferenced file.
    async fn settle(mut self) {
        for number in 0..INSTANCES {
            self = self.take(Step::End { instance: number }).await;
        }
        self = self.take(Step::Restart).await;
        for _ in 0..8 {
            self = self.take(Step::Sealer(SealerStep::Round)).await;
        }
        for step in 0..48 {
            self.check(step).await;
        }
        assert_eq!(self.stage.open.live.hot_instances(None, 10).await.unwrap(), []);
        let counted = rollups::stored(&self.stage).await;
        assert!(counted == rollups::expected(&self.stage, &self.ids()).await);
        rollups::rebuild_all(&self.stage).await;
        assert!(rollups::stored(&self.stage).await == counted);
        let mut named = std::collections::BTreeSet::new();
        let store: &dyn rollcall_store::Store = &*self.stage.open.store;
        for file in store.list_archive_files(None, None, 1000).await.unwrap() {
            assert_eq!(file.unreferenced_since, None);
            assert_eq!(file.referenced_rows, file.file.rows);
            self.stage.open.archive.verify(&file.file.path.parse().unwrap()).await.unwrap();
            named.insert(file.file.path);
        }
        let listed: Vec<_> = futures::StreamExt::collect(self.stage.open.archive.list()).await;
        let listed = listed.into_iter().map(|file| file.unwrap().path.to_string()).collect();
        assert_eq!(named, listed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_minutes_are_read_as_they_were_written(steps in proptest::collection::vec(step(), 1..50)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            for (number, step) in steps.into_iter().enumerate() {
                world = world.take(step).await;
                world.check(number).await;
                world.check_rollups().await;
            }
            world.settle().await;
        });
    }
}
