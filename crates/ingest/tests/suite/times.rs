//! When an instance began and ended.

use rollcall_model::{
    Instance,
    InstanceState::{Live, Past},
    Timestamp,
};

use crate::{
    facts::{UUID, attendance, described, details, run, time},
    world::World,
};

async fn times(world: &World) -> (Option<Timestamp>, Option<Timestamp>) {
    let instance = world.instance(UUID).await.unwrap().instance;
    (instance.start_time, instance.end_time)
}

#[tokio::test]
async fn untold_times_run_from_the_first_join_to_the_last_leave() {
    let world = World::new().await;
    world.write_instance(run(UUID, Past, vec![attendance("1", 5, None)])).await;
    assert_eq!(times(&world).await, (Some(time(5)), Some(time(5))));
    world.write_instance(run(UUID, Past, vec![attendance("2", 3, None)])).await;
    assert_eq!(times(&world).await, (Some(time(3)), Some(time(3))));
    world.write_instance(run(UUID, Past, vec![attendance("3", 6, Some(20)), attendance("4", 1, Some(8))])).await;
    assert_eq!(times(&world).await, (Some(time(1)), Some(time(20))));
    world.write_instance(run(UUID, Past, vec![attendance("5", 9, Some(30))])).await;
    assert_eq!(times(&world).await, (Some(time(1)), Some(time(30))));
}

#[tokio::test]
async fn told_times_stay() {
    let world = World::new().await;
    world.write_instance(run(UUID, Past, vec![attendance("1", 5, Some(15))])).await;
    let told = Instance { start_time: Some(time(4)), end_time: Some(time(16)), ..details(UUID, Past) };
    world.write_instance(described(told)).await;
    assert_eq!(times(&world).await, (Some(time(4)), Some(time(16))));
    world.write_instance(run(UUID, Past, vec![attendance("2", 2, Some(30))])).await;
    assert_eq!(times(&world).await, (Some(time(4)), Some(time(16))));
}

#[tokio::test]
async fn a_start_that_a_list_told_stays() {
    let world = World::new().await;
    let mut listed = run(UUID, Past, Vec::new());
    listed.start_time = Some(time(4));
    world.write_instance(listed).await;
    assert_eq!(times(&world).await, (Some(time(4)), Some(time(4))));
    world.write_instance(run(UUID, Past, vec![attendance("1", 2, Some(30))])).await;
    assert_eq!(times(&world).await, (Some(time(4)), Some(time(30))));
}

#[tokio::test]
async fn a_run_ends_with_the_last_who_left_while_it_was_live() {
    let world = World::new().await;
    world.write_instance(described(Instance { start_time: Some(time(0)), ..details(UUID, Live) })).await;
    world.write_instance(run(UUID, Live, vec![attendance("1", 1, Some(20)), attendance("2", 1, Some(9))])).await;
    assert_eq!(times(&world).await, (Some(time(0)), None));
    world.write_instance(run(UUID, Past, vec![attendance("3", 1, Some(15))])).await;
    assert_eq!(times(&world).await, (Some(time(0)), Some(time(20))));
}

#[tokio::test]
async fn more_participants_than_a_page_are_looked_at() {
    let world = World::new().await;
    let many = (0..1300).map(|n| attendance(&n.to_string(), 2000 - n, Some(2100 + n))).collect();
    world.write_instance(run(UUID, Past, many)).await;
    assert_eq!(times(&world).await, (Some(time(701)), Some(time(3399))));
    world.write_instance(run(UUID, Past, vec![attendance("late", 700, Some(3400))])).await;
    assert_eq!(times(&world).await, (Some(time(700)), Some(time(3400))));
}
