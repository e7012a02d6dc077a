//! Webhooks of Webex through HTTP.

use axum::{body::Body, http::Request};
use rollcall_http::Settings;
use rollcall_model::{Secret, Vendor};
use rollcall_store::{Accounts as _, HookStore as _};
use serde_json::{Value, json};

use crate::zoom::{
    World,
    hooks::{SECRET, at},
};

#[tokio::test]
async fn webex_meetings_and_participants_are_taken() {
    let world = World::with_hooks(Settings::default()).await;
    let run = "870f51ff287b41be8648412901e0402f_I_123456789";
    let deliver = async |body: &Value, headers: &[(&str, String)]| {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        world.post("webex", &body.to_string(), &headers).await
    };
    let spark =
        |body: &Value| [("x-spark-signature", rollcall_webex::hook::sign_sha1(SECRET, body.to_string().as_bytes()))];
    let meeting = |event: &str, state: &str| {
        json!({"resource": "meetings", "event": event, "data": {
        "id": run, "meetingType": "meeting", "meetingNumber": "123456789", "title": "Sync", "start": at(0), "end": at(900),
        "hostUserId": "host", "hostEmail": "host@example.com", "state": state, "siteUrl": "example.webex.com"}})
    };
    let participant = |event: &str, left: Value| {
        json!({"resource": "meetingParticipants", "event": event, "data": {
        "id": format!("{run}_p1"), "meetingId": run, "displayName": "Eva", "email": "eva@example.com", "host": false,
        "coHost": false, "state": "joined", "meetingStartTime": at(0),
        "devices": [{"deviceType": "mac", "joinedTime": at(5), "leftTime": left}]}})
    };
    let bodies = [
        participant("left", json!(at(700))),
        meeting("ended", "ended"),
        participant("joined", Value::Null),
        meeting("started", "inProgress"),
        json!({"resource": "meetings", "event": "created", "data": {}}),
    ];
    for body in &bodies {
        assert_eq!(deliver(body, &spark(body)).await.status, 204, "{body}");
        let sha256 = rollcall_webex::hook::sign_sha256(SECRET, body.to_string().as_bytes());
        let list = [("x-webex-signature", format!("SHA-256={sha256}, SHA-999=00"))];
        assert_eq!(deliver(body, &list).await.status, 204);
    }
    let path = format!("/v2/metrics/meetings/{run}");
    let instance = world.ok(&format!("{path}?type=past")).await;
    assert_eq!(
        (&instance["topic"], &instance["duration"], &instance["id"]),
        (&json!("Sync"), &json!("15:00"), &json!(123_456_789))
    );
    let list = world.ok(&format!("{path}/participants?type=past")).await;
    let eva = &list["participants"][0];
    assert_eq!(list["total_records"], 1);
    let told = ["user_name", "device", "role", "join_time", "leave_time"].map(|key| eva[key].as_str().unwrap());
    assert_eq!(told, ["Eva", "mac", "attendee", &at(5), &at(700)]);

    let body = &bodies[0];
    let right = spark(body)[0].1.clone();
    for headers in [
        vec![],
        vec![("x-spark-signature", "00".to_owned())],
        vec![("x-spark-signature", rollcall_webex::hook::sign_sha1("other", body.to_string().as_bytes()))],
        vec![("x-spark-signature", right.clone()), ("x-webex-signature", format!("SHA-256={}", "0".repeat(64)))],
        vec![("x-webex-signature", "SHA-999=00".to_owned())],
    ] {
        assert_eq!(deliver(body, &headers).await.status, 401, "{headers:?}");
    }
    let altered = json!({"resource": "meetings", "event": "started"});
    assert_eq!(deliver(&altered, &[("x-spark-signature", right)]).await.status, 401);
    let answer = deliver(&altered, &spark(&altered)).await;
    assert_eq!((answer.status, answer.body["message"].as_str()), (400, Some("`data`: missing or blank")));
}

/// A delivery of Webex, and its signature in either header.
fn delivery(secret: &str) -> (String, String, String) {
    let body = json!({"resource": "meetings", "event": "started", "data": {
        "id": "870f51ff287b41be8648412901e0402f_I_123456789", "meetingType": "meeting", "meetingNumber": "123456789",
        "title": "Sync", "start": at(0), "hostUserId": "host", "hostEmail": "host@example.com", "state": "inProgress"}});
    let body = body.to_string();
    let sha1 = rollcall_webex::hook::sign_sha1(secret, body.as_bytes());
    let sha256 = format!("SHA-256={}", rollcall_webex::hook::sign_sha256(secret, body.as_bytes()));
    (body, sha1, sha256)
}

#[tokio::test]
async fn signatures_that_are_missing_or_wrong_and_bodies_altered_by_a_bit_are_refused_and_counted() {
    let world = World::with_hooks(Settings::default()).await;
    let (body, sha1, sha256) = delivery(SECRET);
    let send = async |body: &str, headers: &[(&str, &str)]| {
        let answer = world.post("webex", body, headers).await;
        if answer.status != 204 {
            assert!(answer.body["message"].as_str().is_some_and(|message| !message.is_empty()), "{}", answer.body);
        }
        answer.status
    };
    assert_eq!(send(&body, &[]).await, 401);
    assert_eq!(world.counted("unsigned").await, 1);

    let mut altered = body.clone().into_bytes();
    let mut refused = 0;
    for position in 0..altered.len() {
        altered[position] ^= 1;
        if let Ok(text) = std::str::from_utf8(&altered) {
            assert_eq!(send(text, &[("x-spark-signature", &sha1)]).await, 401, "byte {position}");
            assert_eq!(send(text, &[("x-webex-signature", &sha256)]).await, 401, "byte {position}");
            refused += 2;
        }
        altered[position] ^= 1;
    }
    let (_, by_another, by_another_256) = delivery("another");
    let cut = &sha1[1..];
    for (header, signature) in [
        ("x-spark-signature", ""),
        ("x-spark-signature", cut),
        ("x-spark-signature", by_another.as_str()),
        ("x-webex-signature", "SHA-256="),
        ("x-webex-signature", by_another_256.as_str()),
        // Of the other algorithm.
        ("x-spark-signature", &sha256["SHA-256=".len()..]),
    ] {
        assert_eq!(send(&body, &[(header, signature)]).await, 401, "{header}: {signature}");
        refused += 1;
    }
    assert_eq!((world.counted("wrongly_signed").await, world.counted("taken").await), (refused, 0));
    let path = "/v2/metrics/meetings/870f51ff287b41be8648412901e0402f_I_123456789";
    assert_eq!(world.get(&format!("{path}?type=live")).await.status, 404, "nothing of it was kept");

    assert_eq!(send(&body, &[("x-spark-signature", &sha1)]).await, 204);
    assert_eq!(world.counted("taken").await, 1);
    assert_eq!(world.ok(&format!("{path}?type=live")).await["topic"], "Sync");
}

#[tokio::test]
async fn a_flood_is_refused_and_counted_and_the_rest_unharmed() {
    let world = World::with_hooks(Settings { hooks_max_per_second: 4, ..Settings::default() }).await;
    let other = world.store.create_account("other", "other-account", world.now()).await.unwrap();
    world.store.create_hook(other.id, Vendor::Webex, &Secret::new("theirs".to_owned()), world.now()).await.unwrap();
    let (body, sha1, _) = delivery(SECRET);
    for _ in 0..20 {
        assert_eq!(world.post("webex", &body, &[("x-spark-signature", "00")]).await.status, 401);
    }
    let mut statuses = Vec::new();
    for _ in 0..7 {
        let answer = world.post("webex", &body, &[("x-spark-signature", &sha1)]).await;
        assert_eq!(answer.header("retry-after"), (answer.status == 503).then_some("1"));
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [204, 204, 204, 204, 503, 503, 503]);
    let (theirs, signature, _) = delivery("theirs");
    let request = Request::post("/hooks/webex/other-account").header("x-spark-signature", signature);
    assert_eq!(world.send_unchecked(request.body(Body::from(theirs)).unwrap()).await.status, 204);
    world.clock.advance_seconds(1);
    assert_eq!(world.post("webex", &body, &[("x-spark-signature", &sha1)]).await.status, 204);
    let counted = [world.counted("wrongly_signed").await, world.counted("flood").await, world.counted("taken").await];
    assert_eq!(counted, [20, 3, 6]);
}
