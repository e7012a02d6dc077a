//! Webhooks about scheduled meetings and webinars: what is served, in any order of delivery.

use rollcall_http::Settings;
use serde_json::{Value, json};

use crate::zoom::{
    World,
    convergence::permutations,
    hooks::{UUID, at, ended, joined, started},
};

const HOST: &str = "z8yCxTTTTSiw02QgCAp8uQ";

/// An event about the meeting's schedule, so many seconds after the meeting began.
fn schedule(name: &str, seconds: i64, object: &Value) -> Value {
    let mut whole = json!({"uuid": UUID, "id": "98765432101", "host_id": HOST});
    whole.as_object_mut().unwrap().extend(object.as_object().unwrap().clone());
    let event_ts = at(seconds).parse::<rollcall_model::Timestamp>().unwrap().as_millis();
    json!({"event": name, "event_ts": event_ts, "payload": {"account_id": "abc", "operation": "all", "object": whole}})
}

fn created(kind: &str) -> Value {
    let occurrence = |id: &str, start: i64| json!({"occurrence_id": id, "start_time": at(start), "duration": 60, "status": "available"});
    let object = json!({
        "topic": "Weekly", "type": 8, "start_time": at(9_000), "duration": 60, "timezone": "Europe/Berlin",
        "join_url": "https://example.com/j/98765432101", "password": "secret",
        "settings": {"host_video": true, "waiting_room": false},
        "occurrences": [occurrence("1", 9_000), occurrence("2", 99_000)],
        "recurrence": {"type": 2, "weekly_days": "3"},
        "tracking_fields": [{"field": "Cost centre", "value": "42", "visible": true}],
    });
    schedule(&format!("{kind}.created"), -900, &object)
}

fn updated(kind: &str, seconds: i64, object: &Value) -> Value {
    schedule(&format!("{kind}.updated"), seconds, object)
}

/// What the API returns about the schedule.
async fn answers(world: &World, kind: &str) -> Value {
    let list = world.ok(&format!("/v2/users/{HOST}/{kind}s")).await;
    json!([world.get(&format!("/v2/{kind}s/98765432101")).await.body, list[format!("{kind}s")]])
}

async fn told(kind: &str, events: &[&Value]) -> Value {
    let world = World::with_hooks(Settings::default()).await;
    // So that the user is known.
    world.taken(&schedule(&format!("{kind}.created"), 0, &json!({"id": 1_234_567, "topic": "Other"}))).await;
    for event in events {
        world.taken(event).await;
    }
    answers(&world, kind).await
}

#[tokio::test]
async fn a_scheduled_meeting_is_served_as_events_say() {
    for kind in ["meeting", "webinar"] {
        let answer = told(kind, &[&created(kind)]).await;
        let meeting = &answer[0];
        let object = &created(kind)["payload"]["object"];
        for key in ["uuid", "host_id", "topic", "type", "start_time", "duration", "timezone", "join_url", "password"] {
            assert_eq!(meeting[key], object[key], "{kind}: {key}");
        }
        for key in ["settings", "occurrences", "recurrence", "tracking_fields"] {
            assert_eq!(meeting[key], object[key], "{kind}: {key}");
        }
        assert_eq!(meeting["id"], 98_765_432_101_i64);
        let item = answer[1].as_array().unwrap().iter().find(|item| item["id"] == 98_765_432_101_i64).unwrap();
        assert_eq!((&item["topic"], &item["duration"]), (&json!("Weekly"), &json!(60)));
    }
}

#[tokio::test]
async fn events_about_a_schedule_converge_in_every_order() {
    let mut single = schedule("meeting.deleted", 40, &json!({"occurrences": [{"occurrence_id": "2"}]}));
    single["payload"]["operation"] = "single".into();
    let story = [
        created("meeting"),
        updated("meeting", 10, &json!({"topic": "Renamed", "settings": {"waiting_room": true}})),
        updated("meeting", 20, &json!({"duration": 90})),
        updated("meeting", 30, &json!({"topic": "Renamed again"})),
        single,
    ];
    let expected = told("meeting", &story.iter().collect::<Vec<_>>()).await;
    let meeting = &expected[0];
    assert_eq!((&meeting["topic"], &meeting["duration"]), (&json!("Renamed again"), &json!(90)));
    assert_eq!(meeting["settings"], json!({"host_video": true, "waiting_room": true}));
    assert_eq!(
        (&meeting["occurrences"][0]["status"], &meeting["occurrences"][1]["status"]),
        (&json!("available"), &json!("deleted"))
    );
    let mut orders = Vec::new();
    permutations(&mut (0..story.len()).collect::<Vec<_>>(), 0, &mut orders);
    for order in orders.iter().step_by(7) {
        // The first one is repeated at the end.
        let events: Vec<&Value> = order.iter().chain(order.first()).map(|place| &story[*place]).collect();
        assert_eq!(told("meeting", &events).await, expected, "{order:?}");
    }
}

#[tokio::test]
async fn a_deleted_meeting_leaves_the_lists_and_keeps_its_past() {
    let deleted = schedule("meeting.deleted", 700, &json!({"topic": "Weekly"}));
    for events in [[created("meeting"), deleted.clone()], [deleted.clone(), created("meeting")]] {
        let world = World::with_hooks(Settings::default()).await;
        for event in [started(), joined("1", "Ana", 10), ended(600)].iter().chain(&events) {
            world.taken(event).await;
        }
        let answer = world.get("/v2/meetings/98765432101").await;
        assert_eq!((answer.status, &answer.body["code"]), (404, &json!(3001)), "{}", answer.body);
        let past = world.ok("/v2/past_meetings/98765432101/instances").await;
        assert_eq!(past["meetings"][0]["uuid"], UUID);
        let participants = world.ok("/v2/past_meetings/98765432101/participants").await;
        assert_eq!(participants["participants"][0]["name"], "Ana");
        let list = world.get(&format!("/v2/users/{HOST}/meetings")).await.body;
        assert_eq!(list["meetings"].as_array().map_or(0, Vec::len), 0, "{list}");

        // A late event of an earlier time does not restore it; a later event does.
        world.taken(&updated("meeting", 650, &json!({"topic": "Weekly!"}))).await;
        assert_eq!(world.get("/v2/meetings/98765432101").await.status, 404);
        world.taken(&schedule("meeting.recovered", 800, &json!({}))).await;
        assert_eq!(world.ok("/v2/meetings/98765432101").await["topic"], "Weekly");
    }
}
