//! Quality labels: `GET /metrics/quality`, and pages with labels computed from minutes.

use rollcall_model::{InstanceRef, MeetingKind, QualityLabels, Text};
use rollcall_store::{InstanceScores, InstanceStore as _, ParticipantStore as _, QualityStore as _};
use serde_json::json;

use crate::zoom::{
    World, column,
    data::{self, FIRST_RUN, MEETING},
};

const SEPTEMBER: &str = "from=2026-09-01&to=2026-09-30";

fn labels(audio: &str, video: &str) -> QualityLabels {
    let label = |word: &str| (!word.is_empty()).then(|| Text::from(word));
    QualityLabels { audio: label(audio), video: label(video), screen_share: None }
}

/// Stores labels of a run and of all its participants.
async fn score(world: &World, uuid: &str, instance: QualityLabels, participants: QualityLabels) {
    let found = InstanceRef::Uuid(uuid.parse().unwrap());
    let found = world.store.find_instance(world.account, MeetingKind::Meeting, &found, None).await.unwrap().unwrap();
    let rows = world.store.list_participants(world.account, found.id, None, 10).await.unwrap();
    let participants = rows.iter().map(|row| (row.id, participants.clone())).collect();
    world.store.put_scores(world.account, found.id, &InstanceScores { instance, participants }).await.unwrap();
}

#[tokio::test]
async fn meetings_or_their_participants_are_counted() {
    let world = World::new().await;
    score(&world, data::LATEST_RUN, labels("good", "poor"), labels("fair", "bad")).await;
    score(&world, FIRST_RUN, labels("good", ""), labels("good", "")).await;
    let none = json!({"good": 0, "fair": 0, "poor": 0, "bad": 0});
    let meetings = world.ok(&format!("/v2/metrics/quality?{SEPTEMBER}")).await;
    let expected = json!({
        "from": "2026-09-01", "to": "2026-09-30",
        "quality": {
            "audio": {"good": 2, "fair": 0, "poor": 0, "bad": 0},
            "video": {"good": 0, "fair": 0, "poor": 1, "bad": 0},
            "screen_share": none
        }
    });
    assert_eq!(meetings, expected);
    assert_eq!(world.ok(&format!("/v2/metrics/quality?{SEPTEMBER}&type=meeting")).await, expected);
    let participants = world.ok(&format!("/v2/metrics/quality?{SEPTEMBER}&type=participants")).await;
    let expected = json!({
        "audio": {"good": 1, "fair": 3, "poor": 0, "bad": 0},
        "video": {"good": 0, "fair": 0, "poor": 0, "bad": 3},
        "screen_share": none
    });
    assert_eq!(participants["quality"], expected);
    let first_week = world.ok("/v2/metrics/quality?from=2026-09-14&to=2026-09-14").await;
    assert_eq!(first_week["quality"]["audio"]["good"], 1);
    assert_eq!(first_week["quality"]["video"], none);
}

#[tokio::test]
async fn what_is_asked_wrong_is_named() {
    let world = World::new().await;
    let forms = "Missing field. Use yyyy-MM-dd or yyyy-MM-dd HH:mm:ss.";
    world.invalid("/v2/metrics/quality?to=2026-09-30", "from", forms).await;
    let month = "Invalid field. It must be at most one month after `from`.";
    world.invalid("/v2/metrics/quality?from=2026-01-01&to=2026-03-01", "to", month).await;
    let choice = "Invalid field. Use one of: meeting, participants.";
    world.invalid(&format!("/v2/metrics/quality?{SEPTEMBER}&type=past"), "type", choice).await;
}

#[tokio::test]
async fn pages_show_what_was_made_out_where_nothing_was_told() {
    let world = World::new().await;
    let mut told = data::run(MeetingKind::Meeting, MEETING, FIRST_RUN, "2026-09-14T09:00:00Z", Some(47));
    told.details = told.details.take().map(|details| details.with_labels(labels("bad", "")));
    world.ingest(&rollcall_model::Batch { instances: vec![told], ..Default::default() }).await;
    score(&world, FIRST_RUN, labels("good", "fair"), labels("good", "fair")).await;
    let id = FIRST_RUN.replace('/', "%252F");
    let people = world.ok(&format!("/v2/metrics/meetings/{id}/participants?type=past")).await;
    assert_eq!(column(&people, "participants", "audio_quality"), ["good"]);
    assert_eq!(column(&people, "participants", "video_quality"), ["fair"]);
    assert!(people["participants"][0].get("screen_share_quality").is_none());
    let list = world.ok("/v2/metrics/meetings?type=past&from=2026-09-14&to=2026-09-14").await;
    assert_eq!(column(&list, "meetings", "audio_quality"), ["bad"], "a told label stands");
    assert_eq!(column(&list, "meetings", "video_quality"), ["fair"]);
}
