//! A past instance's minutes read the same, byte for byte, before it is sealed, after, when it is reopened, and merged.

use rollcall_http::Settings;
use rollcall_model::{Batch, LossPermyriad, MeetingKind, Millis, StreamQos, StreamState};
use serde_json::{Value, json};

use crate::common::Server;
use crate::zoom::{
    World,
    data::{self, CROWDED_RUN, FIRST_RUN, MEETING, attendance, crowd},
};

/// Pages of both operations, and of one participant's, of two instances.
async fn pages(world: &World) -> Vec<Vec<u8>> {
    let mut pages = Vec::new();
    for first_user in [16_778_240, 16_778_245, 16_778_250] {
        let one = format!("/v2/metrics/webinars/{CROWDED_RUN}/participants/{first_user}/qos?type=past");
        pages.push(world.get(&one).await.bytes.to_vec());
    }
    for target in [
        format!("/v2/metrics/webinars/{CROWDED_RUN}/participants/qos?type=past&page_size=10"),
        format!("/v2/metrics/webinars/{CROWDED_RUN}/participants?type=past&page_size=300"),
        format!("/v2/metrics/meetings/{}/participants/qos?type=past&page_size=10", encoded(FIRST_RUN)),
    ] {
        for page in world.walk(&target).await {
            let mut participants = page["participants"].clone();
            // Labels are computed from minutes when those are sealed, and are missing before.
            for participant in participants.as_array_mut().unwrap() {
                for medium in ["audio_quality", "video_quality", "screen_share_quality"] {
                    participant.as_object_mut().unwrap().remove(medium);
                }
            }
            pages.push(participants.to_string().into_bytes());
        }
    }
    pages
}

fn encoded(uuid: &str) -> String {
    uuid.replace('+', "%2B").replace('/', "%2F")
}

/// Facts that arrive long after the end: another minute, a more complete report, and an unknown participant.
fn late() -> Batch {
    let mut late = crowd(25, 2);
    for facts in &mut late.instances[0].participants {
        facts.minutes = data::minutes("2026-09-20T10:01:00Z", 3, 500);
    }
    late.instances[0].participants.truncate(7);
    let mut first = data::run(MeetingKind::Meeting, MEETING, FIRST_RUN, "2026-09-19T08:00:00Z", Some(60));
    first.participants.push(attendance("16778999", "2026-09-19T08:05:00Z", Some(5)));
    first.participants[0].minutes = data::minutes("2026-09-19T08:05:00Z", 5, 70);
    late.instances.push(first);
    late
}

/// A run of another meeting on the day of the crowd.
fn neighbour() -> Batch {
    let mut run = data::run(MeetingKind::Meeting, 777, "c2VhbGVkLWxhdGVyLW9uZQ==", "2026-09-20T08:00:00Z", Some(60));
    run.participants.push(attendance("16778999", "2026-09-20T08:05:00Z", Some(5)));
    run.participants[0].minutes = data::minutes("2026-09-20T08:05:00Z", 5, 70);
    Batch { instances: vec![run], ..Batch::default() }
}

#[tokio::test]
async fn pages_stay_the_same_byte_for_byte_through_an_instances_life() {
    // The minutes before any sealing are the expected ones.
    let plain = World::new().await;
    let (server, mut sealer) = Server::with_archive(Settings::default()).await;
    let world = World::holding(server).await;
    for world in [&plain, &world] {
        world.ingest(&crowd(25, 130)).await;
    }
    let before = pages(&plain).await;
    assert!(before.iter().all(|page| page.len() > 100), "{before:?}");
    assert_eq!(pages(&world).await, before);
    let round = sealer.round().await.unwrap();
    assert!(round.sealed >= 3, "{round:?}");
    assert_eq!(pages(&world).await, before);

    for world in [&plain, &world] {
        world.ingest(&late()).await;
    }
    let after = pages(&plain).await;
    assert_ne!(after, before);
    assert_eq!(pages(&world).await, after);
    // Sealed again step by step, with a check after each; then another run on the crowd's day, so that there is
    // something to merge.
    for more in [None, Some(neighbour())] {
        if let Some(more) = more {
            world.ingest(&more).await;
        }
        sealer.look().await.unwrap();
        while let Some(group) = sealer.due() {
            let Some(written) = sealer.write(&group).await.unwrap() else { continue };
            assert_eq!(pages(&world).await, after);
            let recorded = sealer.record(written).await.unwrap();
            assert_eq!(pages(&world).await, after);
            sealer.delete(recorded).await.unwrap();
            assert_eq!(pages(&world).await, after);
        }
    }
    let mut merged = 0;
    while let Some(plan) = sealer.plan_merge().await.unwrap() {
        merged += plan.len();
        let written = sealer.write_merge(plan).await.unwrap();
        assert_eq!(pages(&world).await, after);
        sealer.record_merge(written).await.unwrap();
        assert_eq!(pages(&world).await, after);
    }
    assert!(merged >= 2, "{merged}");
    world.clock.advance_seconds(1);
    assert!(sealer.sweep().await.unwrap() >= 2);
    assert_eq!(pages(&world).await, after);
}

#[tokio::test]
async fn sealing_makes_labels_out_of_minutes() {
    let (server, mut sealer) = Server::with_archive(Settings::default()).await;
    let world = World::holding(server).await;
    let mut batch = crowd(3, 20);
    let participants = &mut batch.instances[0].participants;
    let qos = StreamQos { avg_loss: Some(LossPermyriad(9_000)), latency: Some(Millis(20)), ..StreamQos::default() };
    participants[1].minutes.iter_mut().for_each(|minute| minute.streams[1] = StreamState::Measured(qos));
    participants[2].participant.audio_quality = Some("poor".into());
    world.ingest(&batch).await;
    let people = format!("/v2/metrics/webinars/{CROWDED_RUN}/participants?type=past");
    let labels = async || -> Vec<Value> {
        let page = world.ok(&people).await;
        page["participants"].as_array().unwrap().iter().map(|one| one["audio_quality"].clone()).collect()
    };
    assert_eq!(labels().await, [Value::Null, Value::Null, json!("poor")]);
    sealer.round().await.unwrap();
    assert_eq!(labels().await, [json!("good"), json!("bad"), json!("poor")]);
    let run = world.ok(&format!("/v2/metrics/webinars/{CROWDED_RUN}?type=past")).await;
    assert_eq!((&run["audio_quality"], run.get("video_quality")), (&json!("bad"), None), "a third of all minutes");
    // Late minutes are scored when the instance is sealed again, and a reported label is kept.
    let mut late = crowd(3, 20);
    late.instances[0].participants.truncate(1);
    late.instances[0].participants[0].minutes.clear();
    late.instances[0].participants[0].participant.audio_quality = Some("fair".into());
    world.ingest(&late).await;
    assert_eq!(labels().await, [json!("fair"), json!("bad"), json!("poor")]);
    sealer.round().await.unwrap();
    assert_eq!(labels().await, [json!("fair"), json!("bad"), json!("poor")]);
}
