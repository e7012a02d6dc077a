//! Scheduling: what is created, changed and deleted is served, and events of the vendor go on from there.

use rollcall_http::Settings;
use rollcall_zoom::read::{Request, read};
use serde_json::{Value, json};

use crate::zoom::{
    World, column,
    data::{ANA, BEN, LIVE, LIVE_RUN, LIVE_WEBINAR, MEETING},
};

const KINDS: [(&str, i64, i64); 2] = [("meetings", 2, 8), ("webinars", 5, 9)];

fn of_ana(kinds: &str) -> String {
    format!("/v2/users/{ANA}/{kinds}")
}

fn launch() -> Value {
    json!({
        "topic": "Launch", "agenda": "What is new", "start_time": "2026-10-01T09:00:00", "timezone": "Europe/Berlin",
        "duration": 45, "password": "s3cret", "settings": {"approval_type": 0, "host_video": true},
        "tracking_fields": [{"field": "Region", "value": "EMEA", "visible": true}],
    })
}

#[tokio::test]
async fn what_is_scheduled_is_served() {
    let world =
        World::with(Settings { public_url: Some("https://rollcall.example.com".to_owned()), ..Settings::default() })
            .await;
    for (kinds, schedule_type, _) in KINDS {
        let made = world.done("POST", &of_ana(kinds), &launch(), 201).await;
        let id = made["id"].as_i64().unwrap();
        assert!((80_000_000_000..100_000_000_000).contains(&id), "eleven digits");
        assert_eq!(world.ok(&format!("/v2/{kinds}/{id}")).await, made);
        for key in ["topic", "agenda", "timezone", "duration", "password", "settings", "tracking_fields"] {
            assert_eq!(made[key], launch()[key], "{kinds}: {key}");
        }
        assert_eq!((&made["type"], &made["status"]), (&json!(schedule_type), &json!("waiting")));
        assert_eq!((&made["host_id"], &made["host_email"]), (&json!(ANA), &json!("ana@example.com")));
        assert_eq!(made["start_time"], "2026-10-01T07:00:00Z", "summer time in Berlin");
        assert_eq!(
            (&made["created_at"], &made["creation_source"]),
            (&json!("2026-09-21T14:13:20Z"), &json!("open_api"))
        );
        let base = format!("https://rollcall.example.com/j/{id}?pwd=");
        assert!(made["join_url"].as_str().unwrap().starts_with(&base));
        assert!(made["registration_url"].as_str().unwrap().contains("/register/WN_"));
        assert_eq!(made["uuid"].as_str().unwrap().len(), 24);
        let listed = world.ok(&format!("{}?type=upcoming", of_ana(kinds))).await;
        assert!(listed[kinds].as_array().unwrap().iter().any(|meeting| meeting["id"] == id));
        // One can register for it at once.
        let person = json!({"email": "jill@example.com", "first_name": "Jill"});
        world.done("POST", &format!("/v2/{kinds}/{id}/registrants"), &person, 201).await;
    }
}

#[tokio::test]
async fn what_is_left_out_has_defaults() {
    let world = World::new().await;
    for (kinds, schedule_type, _) in KINDS {
        let made = world.done("POST", &of_ana(kinds), &json!({}), 201).await;
        assert_eq!((&made["type"], &made["duration"]), (&json!(schedule_type), &json!(60)));
        assert_eq!(
            (&made["start_time"], &made["settings"]),
            (&json!("2026-09-21T14:13:20Z"), &json!({"approval_type": 2}))
        );
        assert!(made.get("registration_url").is_none() && made.get("occurrences").is_none());
        let loose = if kinds == "meetings" { 3 } else { 6 };
        let made = world.done("POST", &of_ana(kinds), &json!({"type": loose}), 201).await;
        assert!(made.get("start_time").is_none(), "no fixed time");
    }
}

#[tokio::test]
async fn a_recurring_one_has_its_occurrences() {
    let world = World::new().await;
    for (kinds, _, recurring) in KINDS {
        let body = json!({
            "type": recurring, "start_time": "2026-10-21T09:00:00", "timezone": "Europe/Berlin",
            "recurrence": {"type": 2, "weekly_days": "4", "end_times": 3},
        });
        let made = world.done("POST", &of_ana(kinds), &body, 201).await;
        assert_eq!(made["recurrence"], body["recurrence"]);
        // Summer time ends between the first and the second.
        let starts = ["2026-10-21T07:00:00Z", "2026-10-28T08:00:00Z", "2026-11-04T08:00:00Z"];
        assert_eq!(column(&made, "occurrences", "start_time"), starts);
        let path = format!("/v2/{kinds}/{}", made["id"]);
        let id = |index: usize| made["occurrences"][index]["occurrence_id"].as_str().unwrap().to_owned();

        let moved = format!("{path}?occurrence_id={}", id(1));
        world.done("PATCH", &moved, &json!({"start_time": "2026-10-29T08:30:00Z", "duration": 30}), 204).await;
        world.done("DELETE", &format!("{path}?occurrence_id={}", id(2)), &Value::Null, 204).await;
        let changed = world.ok(&path).await;
        let occurrences = &changed["occurrences"];
        assert_eq!(
            (&occurrences[1]["start_time"], &occurrences[1]["duration"]),
            (&json!("2026-10-29T08:30:00Z"), &json!(30))
        );
        assert_eq!(column(&changed, "occurrences", "status"), ["available", "available", "deleted"]);
        assert_eq!(changed["start_time"], made["start_time"], "the series stays");

        world.clock.set(world.now().plus_seconds(60));
        world
            .done("PATCH", &path, &json!({"recurrence": {"type": 1, "repeat_interval": 7, "end_times": 2}}), 204)
            .await;
        let daily = world.ok(&path).await;
        let available: Vec<&Value> =
            daily["occurrences"].as_array().unwrap().iter().filter(|one| one["status"] == "available").collect();
        assert_eq!(available.len(), 2, "{daily}");

        let message = "The request could not be completed because you have provided an invalid occurrence ID: 7";
        for method in ["PATCH", "DELETE"] {
            world.not_done(method, &format!("{path}?occurrence_id=7"), &json!({}), (400, 300, message)).await;
        }
        let many = json!({"type": recurring, "recurrence": {"type": 1, "end_times": 60}});
        let made = world.done("POST", &of_ana(kinds), &many, 201).await;
        assert_eq!(made["occurrences"].as_array().unwrap().len(), 50);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_schedule_is_named() {
    let world = World::new().await;
    for (kinds, _, recurring) in KINDS {
        for (body, fields) in [
            (json!({"topic": "é".repeat(201)}), vec!["topic"]),
            (json!({"agenda": "é".repeat(2001)}), vec!["agenda"]),
            (json!({"password": "x".repeat(11)}), vec!["password"]),
            (json!({"type": 7}), vec!["type"]),
            (json!({"duration": 0}), vec!["duration"]),
            (json!({"duration": 1441}), vec!["duration"]),
            (json!({"start_time": "soon", "timezone": "Mars/Olympus"}), vec!["timezone", "start_time"]),
            (json!({"settings": []}), vec!["settings"]),
            (
                json!({"settings": {"approval_type": 3, "registrants_restrict_number": -1}}),
                vec!["settings.approval_type", "settings.registrants_restrict_number"],
            ),
            (json!({"settings": {"note": "x".repeat(70_000)}}), vec!["settings"]),
            (
                json!({"tracking_fields": [{"value": "x"}, {"field": "a", "value": "é".repeat(257)}, {"field": "a"}]}),
                vec!["tracking_fields[0].field", "tracking_fields[1].value", "tracking_fields[2].field"],
            ),
            (json!({"type": recurring}), vec!["recurrence"]),
            (json!({"type": recurring, "recurrence": {}}), vec!["recurrence.type"]),
            (
                json!({"type": recurring, "recurrence": {"type": 1, "repeat_interval": 100}}),
                vec!["recurrence.repeat_interval"],
            ),
            (json!({"type": recurring, "recurrence": {"type": 2, "weekly_days": "8"}}), vec!["recurrence.weekly_days"]),
            (json!({"type": recurring, "recurrence": {"type": 3}}), vec!["recurrence.monthly_day"]),
            (
                json!({"type": recurring, "recurrence": {"type": 3, "monthly_week": 2}}),
                vec!["recurrence.monthly_week_day"],
            ),
            (
                json!({"type": recurring, "recurrence": {"type": 1, "end_times": 2, "end_date_time": "never"}}),
                vec!["recurrence.end_date_time"],
            ),
            (
                json!({"type": recurring,
                    "recurrence": {"type": 1, "end_times": 2, "end_date_time": "2026-12-01T00:00:00Z"}}),
                vec!["recurrence.end_date_time"],
            ),
        ] {
            assert_eq!(world.mistakes("POST", &of_ana(kinds), &body).await, fields, "{body}");
        }
        let message = "Request Body should be a valid JSON object.";
        world.not_done("POST", &of_ana(kinds), &json!([1]), (400, 300, message)).await;
        let unknown = (404, 1001, "User does not exist: nobody.");
        world.not_done("POST", &format!("/v2/users/nobody/{kinds}"), &json!({}), unknown).await;
    }
    let message = format!(
        "Webinar plan subscription is missing. Enable webinar for this user once the subscription is added:{BEN}."
    );
    world.not_done("POST", &format!("/v2/users/{BEN}/webinars"), &json!({}), (400, 200, &message)).await;
}

#[tokio::test]
async fn a_change_keeps_what_it_leaves_out_and_a_deletion_keeps_the_past() {
    let world = World::new().await;
    for (kinds, _, _) in KINDS {
        let made = world.done("POST", &of_ana(kinds), &launch(), 201).await;
        let path = format!("/v2/{kinds}/{}", made["id"]);
        world.clock.set(world.now().plus_seconds(10));
        let change = json!({"topic": "Relaunch", "settings": {"host_video": false}, "tracking_fields": [{"field": "Region", "value": "APAC"}]});
        world.done("PATCH", &path, &change, 204).await;
        let mut expected = made.clone();
        expected["topic"] = "Relaunch".into();
        expected["settings"]["host_video"] = false.into();
        let mut changed = world.ok(&path).await;
        assert_eq!(changed["tracking_fields"][0]["value"], "APAC");
        for body in [&mut expected, &mut changed] {
            body.as_object_mut().unwrap().remove("tracking_fields");
        }
        assert_eq!(changed, expected);
        assert_eq!(world.mistakes("PATCH", &path, &json!({"duration": "x"})).await, ["duration"]);

        world.clock.set(world.now().plus_seconds(10));
        world.done("DELETE", &path, &Value::Null, 204).await;
        for (method, body) in [("GET", Value::Null), ("PATCH", json!({})), ("DELETE", Value::Null)] {
            assert_eq!(world.call(method, &path, &body).await.status, 404, "{method}");
        }
        let unknown = format!("/v2/{kinds}/1234567890");
        assert_eq!(world.call("DELETE", &unknown, &Value::Null).await.body["code"], 3001);
    }
    // What happened stays.
    world.done("DELETE", &format!("/v2/meetings/{MEETING}"), &Value::Null, 204).await;
    let runs = world.ok(&format!("/v2/past_meetings/{MEETING}/instances")).await;
    assert_eq!(runs["meetings"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn events_go_on_from_what_was_scheduled() {
    let world = World::with_hooks(Settings::default()).await;
    let user = rollcall_model::User { id: ANA.into(), email: "ana@example.com".into(), ..Default::default() };
    world.ingest(&rollcall_model::Batch { users: vec![user], ..Default::default() }).await;
    let made = world.done("POST", &of_ana("meetings"), &launch(), 201).await;
    let path = format!("/v2/meetings/{}", made["id"]);
    let renamed = |seconds: i64, topic: &str| {
        let object = json!({"id": made["id"], "topic": topic});
        let event_ts = world.now().as_millis() + seconds * 1000;
        json!({"event": "meeting.updated", "event_ts": event_ts, "payload": {"object": object}})
    };
    world.taken(&renamed(-5, "Earlier")).await;
    assert_eq!(world.ok(&path).await["topic"], "Launch");
    world.taken(&renamed(5, "Later")).await;
    assert_eq!(world.ok(&path).await["topic"], "Later");
}

#[tokio::test]
async fn what_is_in_progress_is_ended_and_not_deleted() {
    let world = World::new().await;
    for (kinds, what, number) in [("meetings", "meeting", LIVE), ("webinars", "webinar", LIVE_WEBINAR)] {
        let path = format!("/v2/{kinds}/{number}");
        let message = format!("Sorry, you cannot delete this {what} since it is in progress.");
        world.not_done("DELETE", &path, &Value::Null, (400, 3002, &message)).await;
        let status = format!("{path}/status");
        assert_eq!(world.mistakes("PUT", &status, &json!({})).await, ["action"]);
        assert_eq!(world.mistakes("PUT", &status, &json!({"action": "pause"})).await, ["action"]);
        world.done("PUT", &status, &json!({"action": "end"}), 204).await;
        world.clock.advance_seconds(60);
        world.done("PUT", &status, &json!({"action": "end"}), 204).await;
        world.clock.advance_seconds(-60);
        world.done("DELETE", &path, &Value::Null, 204).await;
    }
    let uuid = LIVE_RUN.replace('/', "%252F");
    let ended = world.ok(&format!("/v2/past_meetings/{uuid}")).await;
    assert_eq!(ended["end_time"], "2026-09-21T14:13:20Z");
}

#[tokio::test]
async fn upcoming_meetings_and_invitations_are_served() {
    let world = World::new().await;
    let made = world.done("POST", &of_ana("meetings"), &launch(), 201).await;
    let target = format!("/v2/users/{ANA}/upcoming_meetings");
    let recurring = json!({"type": 8, "start_time": "2026-09-21T09:00:00Z", "recurrence": {"type": 1, "end_times": 5}});
    let daily = world.done("POST", &of_ana("meetings"), &recurring, 201).await;
    let list = world.ok(&target).await;
    let numbers: Vec<i64> = list["meetings"].as_array().unwrap().iter().filter_map(|one| one["id"].as_i64()).collect();
    let [daily, launch] = [&daily, &made].map(|made| made["id"].as_i64().unwrap());
    assert_eq!((numbers, &list["total_records"]), (vec![daily, MEETING, launch], &json!(3)), "the next one first");
    assert_eq!(list["meetings"][0]["start_time"], "2026-09-22T09:00:00Z", "its next occurrence");
    assert_eq!((&list["meetings"][2]["is_host"], &list["meetings"][2]["join_url"]), (&json!(true), &made["join_url"]));
    let reading = read(&Request::parse(&format!("GET {target}")).unwrap(), list.to_string().as_bytes()).unwrap();
    assert_eq!((reading.batch.meetings.len(), reading.defects.len()), (3, 0));

    let text =
        world.ok(&format!("/v2/meetings/{}/invitation", made["id"])).await["invitation"].as_str().unwrap().to_owned();
    for part in ["Topic: Launch", "Time: 2026-10-01 09:00 Europe/Berlin", made["join_url"].as_str().unwrap()] {
        assert!(text.contains(part), "{text}");
    }
    world
        .refused("/v2/meetings/1234567890/invitation", 404, 3001, "Meeting 1234567890 not found or has expired.")
        .await;
}

#[tokio::test]
async fn a_users_own_scope_schedules_only_for_the_user() {
    let world = World::new().await;
    let ana = world.token("meeting:write", Some(ANA)).await;
    let answer = world.call_as(&ana, "POST", &format!("/v2/users/{BEN}/meetings"), &json!({})).await;
    assert_eq!((answer.status, &answer.body["code"]), (400, &json!(4711)));
    let answer = world.call_as(&ana, "POST", "/v2/users/me/meetings", &json!({})).await;
    assert_eq!((answer.status, &answer.body["host_id"]), (201, &json!(ANA)));
    let reader = world.token("meeting:read:admin", None).await;
    for (method, path) in [("POST", of_ana("meetings")), ("PATCH", format!("/v2/meetings/{MEETING}"))] {
        assert_eq!(world.call_as(&reader, method, &path, &json!({})).await.body["code"], 4711);
    }
}
