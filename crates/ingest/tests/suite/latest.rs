//! The instance that a meeting's number refers to.

use rollcall_model::InstanceState::{Live, Past};

use crate::{
    facts::{NUMBER, UUID, attendance, latest, run, time},
    world::World,
};

const EARLIER_UUID: &str = "EarlierRunEarlierRun1A==";

/// The UUIDs of a meeting's instances with how many participants each has, in order of UUIDs.
async fn runs(world: &World) -> Vec<(String, u64)> {
    let stored = world.instances(NUMBER).await;
    let mut runs: Vec<_> = stored.iter().map(|s| (s.instance.uuid.to_string(), s.participants)).collect();
    runs.sort();
    runs
}

#[tokio::test]
async fn a_number_is_the_latest_run_in_the_state_told() {
    let world = World::new().await;
    world.write_instance(run(EARLIER_UUID, Past, vec![attendance("1", 0, Some(10))])).await;
    world.write_instance(run(UUID, Live, vec![attendance("1", 100, None)])).await;
    world.write_instance(latest(Some(Past), vec![attendance("2", 1, Some(9))])).await;
    world.write_instance(latest(Some(Live), vec![attendance("2", 101, None), attendance("3", 102, None)])).await;
    world.write_instance(latest(None, vec![attendance("4", 103, None)])).await;
    assert_eq!(runs(&world).await, [(EARLIER_UUID.to_owned(), 2), (UUID.to_owned(), 4)]);
}

#[tokio::test]
async fn the_same_import_by_number_hits_the_same_run() {
    let world = World::new().await;
    for _ in 0..2 {
        let facts = latest(Some(Past), vec![attendance("1", 3, Some(10)), attendance("2", 2, None)]);
        world.write_instance(facts).await;
    }
    let [stored] = &world.instances(NUMBER).await[..] else { panic!("one run") };
    assert_eq!(stored.participants, 2);
    assert_eq!(stored.instance.start_time, Some(time(2)));
    assert_eq!(stored.instance.end_time, Some(time(10)));

    let other = World::new().await;
    other.write_instance(latest(Some(Past), Vec::new())).await;
    let uuid = stored.instance.uuid.as_str();
    assert!(other.instance(uuid).await.is_some(), "another installation names the run differently");
}

#[tokio::test]
async fn a_record_of_the_past_does_not_end_a_live_run() {
    let world = World::new().await;
    world.write_instance(run(UUID, Live, vec![attendance("1", 100, None)])).await;
    for _ in 0..2 {
        world.write_instance(latest(Some(Past), vec![attendance("1", 0, Some(10))])).await;
    }
    let live = world.instance(UUID).await.unwrap();
    assert_eq!((live.instance.state, live.instance.end_time, live.participants), (Live, None, 1));
    assert_eq!(runs(&world).await.len(), 2);
}

#[tokio::test]
async fn a_live_run_is_not_laid_upon_one_that_had_ended() {
    let world = World::new().await;
    world.write_instance(run(UUID, Past, vec![attendance("1", 0, Some(10))])).await;
    // A person who was still present when the run ended, reported late.
    world.write_instance(latest(Some(Live), vec![attendance("2", 5, None)])).await;
    assert_eq!(runs(&world).await, [(UUID.to_owned(), 2)]);
    assert_eq!(world.instance(UUID).await.unwrap().instance.state, Past);
    // Next week.
    world.write_instance(latest(Some(Live), vec![attendance("1", 10_080, None)])).await;
    assert_eq!(runs(&world).await.len(), 2);
    assert_eq!(world.instance(UUID).await.unwrap().participants, 2);
}

#[tokio::test]
async fn past_stays_past_and_live_becomes_past() {
    let world = World::new().await;
    world.write_instance(run(UUID, Live, vec![attendance("1", 0, Some(7)), attendance("2", 1, None)])).await;
    assert_eq!(world.instance(UUID).await.unwrap().instance.end_time, None);
    world.write_instance(run(UUID, Past, Vec::new())).await;
    world.write_instance(run(UUID, Live, vec![attendance("2", 1, Some(9))])).await;
    let stored = world.instance(UUID).await.unwrap().instance;
    assert_eq!((stored.state, stored.end_time), (Past, Some(time(9))));
}
