//! The stored result does not depend on the order of the facts.

use proptest::prelude::*;
use rollcall_model::{
    Batch, Instance, InstanceFacts, InstanceRef, InstanceState, Meeting, MeetingKind, ParticipantFacts,
    TrackingSourceFacts,
};

use crate::{
    facts::{NUMBERS, SITE, attendance, code, details, minute, run, site, source, time, user, values},
    world::World,
};

/// One run of a meeting, as its sources may report it. The reports agree: nobody joins before a reported start, or
/// leaves after a reported end.
#[derive(Debug, Clone)]
struct Run {
    /// `None` if sources report only the meeting's number.
    uuid: Option<&'static str>,
    number: usize,
    /// Which of the facts describe a live run.
    live: Vec<bool>,
    described: bool,
    start_told: bool,
    start_listed: bool,
    end_told: bool,
    attendances: Vec<(i64, Option<i64>, u32)>,
}

impl Run {
    /// The run's facts, each in a batch of its own.
    fn batches(&self) -> Vec<Batch> {
        let mut live = self.live.iter().cycle();
        let mut facts = |participants: Vec<ParticipantFacts>| {
            let state = match (self.uuid, live.next()) {
                // Live and past runs without a UUID are two runs.
                (None, _) => InstanceState::Past,
                (_, Some(true)) => InstanceState::Live,
                _ => InstanceState::Past,
            };
            let mut facts = run("unused", state, participants);
            facts.number = Some(NUMBERS[self.number]);
            facts.instance = match self.uuid {
                Some(uuid) => InstanceRef::Uuid(uuid.parse().unwrap()),
                None => InstanceRef::Latest(NUMBERS[self.number]),
            };
            facts
        };
        let mut all = vec![InstanceFacts { start_time: self.start_listed.then(|| time(0)), ..facts(Vec::new()) }];
        if let (Some(uuid), true) = (self.uuid, self.described) {
            let mut facts = facts(Vec::new());
            facts.details = Some(Instance {
                number: Some(NUMBERS[self.number]),
                start_time: (self.start_told || self.start_listed).then(|| time(0)),
                end_time: self.end_told.then(|| time(100)),
                ..details(uuid, facts.state.unwrap())
            });
            all.push(facts);
        }
        for (index, (join, leave, minutes)) in self.attendances.iter().enumerate() {
            let whole = attendance(&index.to_string(), *join, *leave);
            // A join, a leave and each minute are reported one by one.
            let mut joined = whole.clone();
            joined.participant.leave_time = None;
            let mut left = whole.clone();
            left.participant.user_name = None;
            all.extend([facts(vec![joined]), facts(vec![left.clone()])]);
            for n in 0..*minutes {
                left.participant.leave_time = None;
                left.minutes = vec![minute(1000 + n, n)];
                all.push(facts(vec![left.clone()]));
            }
        }
        all.into_iter().map(|facts| Batch { instances: vec![facts], ..Batch::default() }).collect()
    }
}

fn any_run(uuid: Option<&'static str>, number: usize) -> impl Strategy<Value = Run> {
    let attendance = (0..50_i64, proptest::option::of(50..100_i64), 0..3_u32);
    (
        proptest::collection::vec(any::<bool>(), 1..5),
        any::<(bool, bool, bool, bool)>(),
        proptest::collection::vec(attendance, 0..4),
    )
        .prop_map(move |(live, (described, start_told, start_listed, end_told), attendances)| Run {
            uuid,
            number,
            live,
            described,
            start_told,
            start_listed,
            end_told,
            attendances,
        })
}

fn other_facts() -> Vec<Batch> {
    let meeting = |n: usize| Meeting { topic: Some("Series".into()), ..Meeting::new(MeetingKind::Meeting, NUMBERS[n]) };
    let sources = |id| vec![TrackingSourceFacts { number: NUMBERS[1], sources: vec![source(id)] }];
    let none = Batch::default;
    vec![
        Batch { users: vec![user("ann")], ..none() },
        Batch { users: vec![user("bob")], ..none() },
        Batch { meetings: vec![meeting(0)], ..none() },
        Batch { tracking_sources: sources("1"), ..none() },
        Batch { tracking_sources: sources("2"), ..none() },
        Batch { sites: vec![site(SITE, true)], ..none() },
        Batch { sites: vec![site("other.webex.com", false)], ..none() },
        Batch { tracking_codes: vec![code("other.webex.com", "1", "Project")], ..none() },
        Batch {
            tracking_codes: vec![code(SITE, "2", "Department")],
            user_tracking_codes: vec![values(SITE, "Department", "Sales")],
            ..none()
        },
    ]
}

fn in_two_orders() -> impl Strategy<Value = (Vec<Batch>, Vec<Batch>)> {
    let runs =
        (any_run(Some("FirstRunFirstRunFirst1=="), 0), any_run(Some("SecondRunSecondRun1234=="), 0), any_run(None, 2));
    runs.prop_flat_map(|(a, b, c)| {
        let mut batches = other_facts();
        batches.extend([a, b, c].iter().flat_map(Run::batches));
        (Just(batches.clone()).prop_shuffle(), Just(batches).prop_shuffle())
    })
}

async fn facts_after(batches: &[Batch]) -> Vec<String> {
    let world = World::new().await;
    for batch in batches {
        world.write(batch).await;
    }
    let facts = world.facts().await;
    // Nor does it matter that one is delivered twice.
    for batch in batches {
        world.write(batch).await;
    }
    assert_eq!(world.facts().await, facts);
    facts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn facts_in_any_order_come_to_the_same((one, other) in in_two_orders()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async { assert_eq!(facts_after(&one).await, facts_after(&other).await) });
    }
}
