//! A single response body with its request.

use rollcall_model::MeetingKind;
use serde_json::json;

use crate::world::{World, line, participants, users};

#[tokio::test]
async fn a_body_is_read_by_its_request() {
    let world = World::new().await;
    let request = "GET https://api.zoom.us/v2/metrics/webinars/123456789/participants?type=past&page_size=300";
    let summary = world.import_body(request, participants(&["1", "2"]).to_string()).await.whole();
    assert_eq!((summary.exchanges, summary.written.instances, summary.written.participants), (1, 1, 2));
    assert_eq!(world.participants(MeetingKind::Webinar, 123_456_789).await, ["1", "2"]);
}

#[tokio::test]
async fn whatever_an_editor_put_around_a_body_is_no_part_of_it() {
    for (before, after) in [("\u{feff}", "\r\n"), ("\n\n  ", "\n"), ("", "")] {
        let world = World::new().await;
        world.import_body("GET /v2/users", format!("{before}{:#}{after}", users(&["ann"]))).await.whole();
        assert_eq!(world.users().await, ["ann"], "{before:?}");
        let sites = json!({"sites": [{"siteUrl": "example.webex.com", "default": true}]});
        world.import_body("GET /v1/meetingPreferences/sites", format!("{before}{sites:#}{after}")).await.whole();
    }
}

#[tokio::test]
async fn a_body_that_is_no_answer_is_named_and_changes_nothing() {
    let world = World::new().await;
    let before = world.dump().await;
    let deep = "[".repeat(5_000);
    for (body, told) in [
        (&b""[..], "not JSON"),
        (b"<html>Bad gateway</html>", "not JSON"),
        (br#"{"participants": [}"#, "not JSON"),
        (br#"{"participants": 7}"#, "participants"),
        (br#"{"meetings": []}"#, "participants"),
        (b"[]", "expected a page of participants"),
        (b"null", "expected a page of participants"),
        (br#"{"code": 3001, "message": "Meeting does not exist."}"#, "code 3001, Meeting does not exist."),
        (b"{\"participants\": [\"\xff\"]}", "not UTF-8"),
        (deep.as_bytes(), "nested more than 64 levels"),
    ] {
        let imported = world.import_body("GET /v2/metrics/meetings/123456789/participants", body).await;
        assert_eq!((imported.problems.len(), imported.summary.exchanges), (1, 0), "{:?}", imported.problems);
        assert!(imported.problems[0].starts_with("body: "), "{:?}", imported.problems);
        assert!(imported.problems[0].contains(told), "{told}: {:?}", imported.problems);
        assert!(imported.stopped.is_none());
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn entries_of_a_body_are_named_and_left_out_one_by_one() {
    let world = World::new().await;
    let mut body = participants(&["1", "2", "3", "4"]);
    body["participants"][1].as_object_mut().unwrap().remove("user_id");
    body["participants"][2]["join_time"] = json!("yesterday");
    let imported =
        world.import_body("GET /v2/metrics/meetings/123456789/participants?type=past", body.to_string()).await;
    assert_eq!(imported.problems.len(), 2, "{:?}", imported.problems);
    assert!(imported.problems[0].starts_with("body: participants[1].user_id: "), "{:?}", imported.problems);
    assert!(imported.problems[1].starts_with("body: participants[2].join_time: "), "{:?}", imported.problems);
    assert_eq!(world.participants(MeetingKind::Meeting, 123_456_789).await, ["1", "4"]);
    assert_eq!(imported.summary.written.participants, 2);
}

#[tokio::test]
async fn participants_wait_for_their_meeting() {
    let world = World::new().await;
    let request = "GET /v2/metrics/meetings/gm8s9L+PTEC+FG3sFbd1Cw==/participants?type=past";
    world.import_body(request, participants(&["1"]).to_string()).await.whole();
    assert!(world.participants(MeetingKind::Meeting, 123_456_789).await.is_empty());
    let meeting = json!({"uuid": "gm8s9L+PTEC+FG3sFbd1Cw==", "id": 123_456_789, "start_time": "2026-03-02T09:00:00Z"});
    let list = json!({ "meetings": [meeting] });
    world.import_body("GET /v2/metrics/meetings?type=past", list.to_string()).await.whole();
    assert_eq!(world.participants(MeetingKind::Meeting, 123_456_789).await, ["1"]);
}

#[tokio::test]
async fn values_wait_for_their_tracking_code() {
    let world = World::new().await;
    let values = line(
        "GET /v1/admin/meeting/userconfig/trackingCodes?siteUrl=example.webex.com",
        &json!({"siteUrl": "example.webex.com", "email": "a@example.com", "personId": "p",
            "trackingCodes": [{"name": "Department", "value": "Sales"}]}),
    );
    let code = json!({
        "id": "1", "name": "Department", "siteUrl": "example.webex.com", "inputMode": "text",
        "hostProfileCode": "optional", "scheduleStartCodes": [{"service": "All", "type": "optional"}]
    });
    let codes = line("GET /v1/admin/meeting/config/trackingCodes", &json!({ "items": [code] }));
    let imported = world.import(format!("{values}\n{codes}")).await;
    assert_eq!((imported.problems.as_slice(), imported.summary.exchanges), (&[][..], 2));
}
