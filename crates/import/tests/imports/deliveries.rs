//! Recorded webhook deliveries as lines of NDJSON.

use rollcall_model::MeetingKind;
use serde_json::{Value, json};

use crate::world::{World, line, users};

fn zoom(event: &str, more: Value) -> String {
    let mut object =
        json!({"uuid": "AAAAAAAAAAAAAAAAAAAAAA==", "id": 123_456_789, "start_time": "2026-09-21T14:00:00Z"});
    if let (Value::Object(object), Value::Object(mut more)) = (&mut object, more) {
        object.append(&mut more);
    }
    json!({"event": event, "event_ts": 1_790_000_000_000_i64, "payload": {"account_id": "a", "object": object}})
        .to_string()
}

fn joined(user_id: &str) -> String {
    let participant = json!({"user_id": user_id, "user_name": "Ana", "join_time": "2026-09-21T14:00:05Z"});
    zoom("webinar.participant_joined", json!({ "participant": participant }))
}

#[tokio::test]
async fn deliveries_are_taken_beside_exchanges_and_once() {
    let world = World::new().await;
    let webex = json!({"resource": "meetings", "event": "started", "data":
        {"id": "870f51ff287b41be8648412901e0402f_I_1", "meetingNumber": "987654321", "start": "2026-09-21T14:00:00Z"}});
    let challenge = json!({"event": "endpoint.url_validation", "event_ts": 1, "payload": {"plainToken": "x"}});
    let recording = [
        joined("1"),
        zoom("webinar.ended", json!({"end_time": "2026-09-21T15:00:00Z"})),
        line("GET /v2/users", &users(&["ann"])),
        joined("1"),
        joined("2"),
        webex.to_string(),
        zoom("user.created", json!({})),
        challenge.to_string(),
    ];
    let summary = world.import(recording.join("\n")).await.whole();
    assert_eq!((summary.deliveries, summary.exchanges, summary.skipped), (5, 1, 2));
    let mut participants = world.participants(MeetingKind::Webinar, 123_456_789).await;
    participants.sort();
    assert_eq!(participants, ["1", "2"]);
    assert_eq!(world.import(recording.join("\n")).await.whole().deliveries, 5);
    assert_eq!(world.participants(MeetingKind::Webinar, 123_456_789).await.len(), 2);
}

#[tokio::test]
async fn a_broken_delivery_costs_itself_alone() {
    let world = World::new().await;
    let recording = [joined("1"), zoom("webinar.participant_joined", json!({})), joined("2")];
    let imported = world.import(recording.join("\n")).await;
    assert_eq!(imported.problems, ["line 2: `payload.object.participant`: missing or blank"]);
    assert_eq!(imported.summary.deliveries, 2);
}
