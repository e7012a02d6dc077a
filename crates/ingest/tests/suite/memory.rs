//! The cache of instances and participants in ingest: it reduces reads of the entity store, and never changes what is
//! stored.

use std::sync::Arc;

use proptest::prelude::*;
use rollcall_ingest::{Ingest, IngestError};
use rollcall_model::{Batch, InstanceFacts, InstanceRef, InstanceState, Participant, ParticipantFacts};
use rollcall_store::{MinuteStore, ParticipantStore};

use crate::{
    facts::{NUMBER, UUID, attendance, details, minute, run, time},
    world::World,
};

fn with_minute(user_id: &str, n: u32) -> ParticipantFacts {
    ParticipantFacts { minutes: vec![minute(1000 + n, n)], ..attendance(user_id, 3, None) }
}

#[tokio::test]
async fn minutes_of_those_who_are_known_need_no_write_to_the_entity_store() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::open(dir.path()).await;
    let whole = || run(UUID, InstanceState::Live, vec![with_minute("1", 0), with_minute("2", 0)]);
    world.write_instance(whole()).await;

    let other = rusqlite::Connection::open(dir.path().join("rollcall.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let again = run(UUID, InstanceState::Live, vec![with_minute("1", 1), with_minute("2", 1)]);
    world.write_instance(again).await;
    // Without a join time, and without the number, which is known by now.
    let mut bare = run(UUID, InstanceState::Live, vec![with_minute("1", 2)]);
    (bare.number, bare.state) = (None, None);
    bare.participants[0].participant = Participant { user_id: "1".into(), ..Participant::default() };
    // The last person who joined under that name is looked up once.
    other.execute_batch("COMMIT").unwrap();
    world.write_instance(bare.clone()).await;
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    bare.participants[0].minutes = vec![minute(1003, 3)];
    world.write_instance(bare).await;
    other.execute_batch("COMMIT").unwrap();

    let stored = world.instance(UUID).await.unwrap();
    assert_eq!(stored.participants, 2);
    let participants = world.store.list_participants(world.account, stored.id, None, 9).await.unwrap();
    let ids: Vec<_> = participants.iter().map(|stored| stored.id).collect();
    let rows = world.minutes.read_minutes(world.account, stored.id, &ids, None, 99).await.unwrap();
    let minutes: Vec<_> = rows.iter().map(|row| (row.participant, row.minute.minute.0)).collect();
    let expected = [(0, 1000), (0, 1001), (0, 1002), (0, 1003), (1, 1000), (1, 1001)];
    assert_eq!(minutes, expected.map(|(at, minute)| (ids[at], minute)));
}

#[tokio::test]
async fn what_was_told_before_is_told_again_where_the_same_batch_tells_otherwise_in_between() {
    let world = World::new().await;
    let named = |name: &str, joined: bool| {
        let mut facts = attendance("1", 3, None);
        facts.participant.user_name = Some(name.into());
        facts.participant.join_time = facts.participant.join_time.filter(|_| joined);
        facts
    };
    world.write_instance(run(UUID, InstanceState::Live, vec![named("Ana", true)])).await;
    world.write_instance(run(UUID, InstanceState::Live, vec![named("Eva", false), named("Ana", true)])).await;
    let stored = world.instance(UUID).await.unwrap();
    let participants = world.store.list_participants(world.account, stored.id, None, 9).await.unwrap();
    assert_eq!(participants[0].participant.user_name.as_deref(), Some("Ana"));
}

#[tokio::test]
async fn facts_that_are_written_each_for_itself_are_refused_each_for_itself() {
    let world = World::new().await;
    let known = run(UUID, InstanceState::Live, vec![with_minute("1", 0), with_minute("2", 0)]);
    let mut nameless = run("NobodyKnowsMeNobodyKnow", InstanceState::Live, vec![with_minute("1", 0)]);
    nameless.number = None;
    let other = run("OtherRunOtherRunOther1==", InstanceState::Past, vec![with_minute("1", 0)]);
    let all = [known, nameless, other];

    let outcome = world.ingest.write_each(world.account, &all).await.unwrap();
    assert!(matches!(outcome.refused[..], [(1, IngestError::MissingNumber { .. })]), "{outcome:?}");
    assert_eq!((outcome.known_participants, outcome.known_minutes), (0, 0));
    let again = Ingest::new(world.store.clone(), world.minutes.clone());
    for ingest in [&world.ingest, &again] {
        let outcome = ingest.write_each(world.account, &all).await.unwrap();
        assert_eq!((outcome.known_participants, outcome.known_minutes), (3, 3));
    }
    assert_eq!(world.instances(NUMBER).await.len(), 2);
}

/// Facts of a few instances and people, which contradict one another.
fn any_facts() -> impl Strategy<Value = InstanceFacts> {
    let participant =
        (0..3_usize, proptest::option::of(0..3_i64), 0..4_usize, proptest::option::of(5..8_i64), 0..3_u32);
    let participants = proptest::collection::vec(participant, 0..4).prop_map(|all| {
        let facts = |(user, join, name, leave, n): (usize, Option<i64>, usize, Option<i64>, u32)| ParticipantFacts {
            participant: Participant {
                user_id: ["ana", "bob", "eve"][user].into(),
                join_time: join.map(time),
                user_name: [None, Some("A".into()), Some("B".into()), Some("".into())][name].clone(),
                leave_time: leave.map(time),
                ..Participant::default()
            },
            minutes: (0..n).map(|n| minute(1000 + n, n)).collect(),
        };
        all.into_iter().map(facts).collect::<Vec<_>>()
    });
    let state = prop_oneof![Just(None), Just(Some(InstanceState::Live)), Just(Some(InstanceState::Past))];
    (0..3_usize, state, 0..3_usize, participants).prop_map(|(which, state, topic, participants)| {
        let uuid = ["FirstRunFirstRunFirst1==", "SecondRunSecondRun1234=="][which % 2];
        let mut facts = run(uuid, InstanceState::Live, participants);
        facts.state = state;
        if which == 2 {
            facts.instance = InstanceRef::Latest(NUMBER);
        } else if let Some(topic) = [None, Some("One"), Some("Two")][topic] {
            let mut details = details(uuid, state.unwrap_or(InstanceState::Live));
            details.topic = Some(topic.into());
            facts.details = Some(details);
        }
        facts
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// A writer with a cache stores the same as one without.
    #[test]
    fn what_is_remembered_does_not_show(all in proptest::collection::vec(any_facts(), 1..12)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let (one, other) = (World::new().await, World::new().await);
            for facts in all {
                let batch = Batch { instances: vec![facts], ..Batch::default() };
                one.write(&batch).await;
                Ingest::new(other.store.clone(), other.minutes.clone()).write(other.account, &batch).await.unwrap();
            }
            prop_assert_eq!(one.dump().await, other.dump().await);
            Ok(())
        })?;
    }
}

/// However writers overlap, the value reported last stays, even if it was reported before.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_after_many_at_once_stands() {
    let world = Arc::new(World::new().await);
    for round in 0..20 {
        let report = |name: usize| {
            let mut facts = attendance("1", 3, None);
            facts.participant.user_name = Some(format!("Name {name}").into());
            run(UUID, InstanceState::Live, vec![facts])
        };
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let world = world.clone();
                tokio::spawn(async move { world.write_instance(report(writer % 3)).await })
            })
            .collect();
        if round % 2 == 0 {
            // A caller that is cancelled half-way.
            writers[round % 8].abort();
        }
        for writer in writers {
            let _ = writer.await;
        }
        for name in [round % 3, 1, 1] {
            world.write_instance(report(name)).await;
            let stored = world.instance(UUID).await.unwrap();
            let participants = world.store.list_participants(world.account, stored.id, None, 9).await.unwrap();
            let names: Vec<_> = participants.iter().map(|stored| stored.participant.user_name.as_deref()).collect();
            assert_eq!(names, [Some(format!("Name {name}").as_str())]);
        }
    }
}
