use rollcall_ingest::Report;
use rollcall_model::{Batch, BitrateBps, InstanceState, Millis, StreamQos, StreamState};
use rollcall_store::{MinuteStore, ParticipantStore};

use crate::{
    facts::{UUID, attendance, everything, minute, run, user},
    world::World,
};

#[tokio::test]
async fn the_same_batch_again_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let batch = everything();
    let world = World::open(dir.path()).await;
    let report = world.write(&batch).await;
    let expected = Report {
        users: 2,
        meetings: 1,
        instances: 3,
        participants: 1203,
        minutes: 4800,
        tracking_sources: 2,
        sites: 1,
        tracking_codes: 2,
        user_tracking_codes: 2,
        documents: 3,
        registrants: 1,
        tracking_fields: 1,
    };
    assert_eq!(report, expected);
    let dump = world.dump().await;
    assert_eq!(world.write(&batch).await, expected);
    assert!(world.dump().await == dump);
    drop(world);

    let world = World::open(dir.path()).await;
    assert!(world.dump().await == dump, "what was written is not what is there after a restart");
    world.write(&batch).await;
    assert!(world.dump().await == dump);
}

#[tokio::test]
async fn a_delivery_that_broke_off_is_mended_by_delivering_again() {
    let whole = World::new().await;
    whole.write(&everything()).await;

    // Each prefix of the steps of a delivery.
    let world = World::new().await;
    let mut part = everything();
    part.instances.truncate(1);
    part.instances[0].participants.truncate(700);
    part.instances[0].participants[650..].iter_mut().for_each(|facts| facts.minutes.clear());
    (part.tracking_sources, part.sites, part.tracking_codes) = Default::default();
    part.user_tracking_codes.clear();
    world.write(&part).await;
    world.write(&everything()).await;
    assert!(world.facts().await == whole.facts().await);
}

#[tokio::test]
async fn a_richer_delivery_fills_gaps() {
    let world = World::new().await;
    let mut poor = attendance("1", 3, None);
    poor.minutes = vec![minute(10, 1)];
    world.write_instance(run(UUID, InstanceState::Live, vec![poor.clone()])).await;

    let mut rich = attendance("1", 3, Some(9));
    rich.participant.user_name = None;
    rich.participant.device = Some("Mac".into());
    rich.minutes = vec![minute(10, 0), minute(11, 2)];
    rich.minutes[0].streams[0] = StreamState::Measured(StreamQos { latency: Some(Millis(5)), ..StreamQos::default() });
    world.write_instance(run(UUID, InstanceState::Past, vec![rich])).await;
    world.write_instance(run(UUID, InstanceState::Live, vec![poor])).await;

    let stored = world.instance(UUID).await.unwrap();
    assert_eq!((stored.instance.state, stored.participants), (InstanceState::Past, 1));
    let participants = world.store.list_participants(world.account, stored.id, None, 10).await.unwrap();
    let mut expected = attendance("1", 3, Some(9)).participant;
    expected.device = Some("Mac".into());
    assert_eq!(participants[0].participant, expected);
    let rows = world.minutes.read_minutes(world.account, stored.id, &[participants[0].id], None, 10).await.unwrap();
    let mut filled = minute(10, 1);
    filled.streams[0] = StreamState::Measured(StreamQos {
        bitrate: Some(BitrateBps(1)),
        latency: Some(Millis(5)),
        ..StreamQos::default()
    });
    assert_eq!(rows.into_iter().map(|row| row.minute).collect::<Vec<_>>(), [filled, minute(11, 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_at_the_same_time_are_as_deliveries_one_by_one() {
    let world = std::sync::Arc::new(World::new().await);
    let callers: Vec<_> = (0..40)
        .map(|n| {
            let world = world.clone();
            tokio::spawn(async move {
                // From the middle outwards, so that the start and the end keep moving.
                let facts = run(UUID, InstanceState::Past, vec![attendance(&n.to_string(), 50 - n, Some(60 + n))]);
                world.write(&Batch { users: vec![user("ann")], instances: vec![facts], ..Batch::default() }).await
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    let stored = world.instance(UUID).await.unwrap();
    assert_eq!(stored.participants, 40);
    assert_eq!(stored.instance.start_time, Some(crate::facts::time(11)));
    assert_eq!(stored.instance.end_time, Some(crate::facts::time(99)));
}
