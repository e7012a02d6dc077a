//! NDJSON: a pair of request and response on each line.

use rollcall_model::MeetingKind;
use serde_json::json;

use crate::world::{World, line, participants, users};

#[tokio::test]
async fn every_line_is_an_exchange() {
    let world = World::new().await;
    let recording = [
        line("GET /v2/users", &users(&["ann", "bob"])),
        line("/v2/metrics/webinars/123456789/participants?type=past", &participants(&["1"])),
        line("GET /v2/metrics/webinars/123456789/participants?type=past HTTP/1.1", &participants(&["2"])),
        line(
            "GET /v1/meetingPreferences/sites HTTP/1.1",
            &json!({"sites": [{"siteUrl": "example.webex.com", "default": true}]}),
        ),
    ];
    let summary = world.import(recording.join("\n")).await.whole();
    assert_eq!((summary.exchanges, summary.skipped, summary.problems), (4, 0, 0));
    assert_eq!((summary.written.users, summary.written.participants, summary.written.sites), (2, 2, 1));
    assert_eq!(world.users().await, ["ann", "bob"]);
    assert_eq!(world.participants(MeetingKind::Webinar, 123_456_789).await, ["1", "2"]);
}

#[tokio::test]
async fn how_lines_are_parted_makes_no_difference() {
    let (ann, bob) = (line("GET /v2/users", &users(&["ann"])), line("GET /v2/users", &users(&["bob"])));
    for text in [
        format!("{ann}\n{bob}"),
        format!("{ann}\n{bob}\n"),
        format!("{ann}\r\n{bob}\r\n"),
        format!("\u{feff}{ann}\n{bob}\n"),
        format!("\n\n  \n{ann}\n\r\n\t\n{bob}\n\n"),
    ] {
        let world = World::new().await;
        let summary = world.import(text.clone()).await.whole();
        assert_eq!((summary.exchanges, world.users().await.len()), (2, 2), "{text:?}");
    }
    let world = World::new().await;
    assert_eq!(world.import("").await.whole().exchanges, 0);
}

#[tokio::test]
async fn broken_lines_are_named_and_the_others_are_kept() {
    let world = World::new().await;
    let good = |id: &str| line("GET /v2/users", &users(&[id])).into_bytes();
    let mut no_user_id = participants(&["1", "2"]);
    no_user_id["participants"][0].as_object_mut().unwrap().remove("user_id");
    let mut wrong_time = participants(&["3", "4"]);
    wrong_time["participants"][1]["leave_time"] = json!("2026-02-31T10:00:00Z");
    let error = json!({"code": 124, "message": "Invalid access token."});
    let refused = json!({"message": "The request could not be understood.", "errors": [], "trackingId": "ROUTER_1"});

    let lines = [
        (good("ann"), None),
        (b"{\"request\": \"GET /v2/users\", ".to_vec(), Some("not a pair")),
        (b"[]".to_vec(), Some("not a pair")),
        (br#"{"request": "GET /v2/users"}"#.to_vec(), Some("missing field `response`")),
        (br#"{"response": {"users": []}}"#.to_vec(), Some("missing field `request`")),
        (good("bob"), None),
        (line("GET /v2/accounts", &json!({})).into(), Some("responses to `/v2/accounts` cannot be imported")),
        (line("DELETE /v2/users/ann", &json!({})).into(), Some("not to DELETE")),
        (line("GET /v1/rooms", &json!({})).into(), Some("responses to `GET /v1/rooms` cannot be imported")),
        (line("GET /v2/metrics/meetings?type=soon", &json!({})).into(), Some("`type=soon` must be")),
        (line("GET /v2/users", &error).into(), Some("error response: code 124, Invalid access token.")),
        (
            line("GET /v1/meetingPreferences/sites", &refused).into(),
            Some("the body is an error response: The request could not be understood."),
        ),
        (
            br#"{"request": "GET /v2/users", "response": {"users": []}, "status": 429}"#.to_vec(),
            Some("the response has status 429, which is not a success"),
        ),
        (b"{\"request\": \"GET /v2/users\", \"response\": {\"users\": [\"\xff\"]}}".to_vec(), Some("not UTF-8")),
        (Vec::new(), None),
        (
            line("GET /v2/metrics/meetings/987654321/participants?type=past", &no_user_id).into(),
            Some("participants[0].user_id"),
        ),
        (
            line("GET /v2/metrics/meetings/987654321/participants?type=past", &wrong_time).into(),
            Some("participants[1].leave_time"),
        ),
        (good("cleo"), None),
    ];
    let text = lines.iter().map(|(line, _)| line.as_slice()).collect::<Vec<_>>().join(&b"\n"[..]);
    let imported = world.import(text).await;

    let expected: Vec<(String, &str)> = lines
        .iter()
        .enumerate()
        .filter_map(|(index, (_, told))| told.map(|told| (format!("line {}: ", index + 1), told)))
        .collect();
    assert_eq!(imported.problems.len(), expected.len(), "{:#?}", imported.problems);
    for (problem, (place, told)) in imported.problems.iter().zip(expected) {
        assert!(problem.starts_with(&place) && problem.contains(told), "{problem} should tell: {place}{told}");
        assert!(!problem.contains("at line"), "a second line number misleads: {problem}");
    }
    assert_eq!(imported.summary.exchanges, 5);
    assert_eq!(world.users().await, ["ann", "bob", "cleo"]);
    assert_eq!(world.participants(MeetingKind::Meeting, 987_654_321).await, ["2", "3"]);
}

#[tokio::test]
async fn a_status_of_success_is_none_to_be_told() {
    let world = World::new().await;
    let line =
        r#"{"status": 201, "request": "GET /v2/users", "response": {"users": [{"id": "ann", "email": "a@b.c"}]}}"#;
    assert_eq!(world.import(line).await.whole().exchanges, 1);
}

#[tokio::test]
async fn a_body_without_its_request_is_told_once() {
    let world = World::new().await;
    for text in [format!("{:#}", users(&["ann"])), "\n[\n  {}\n]\n".to_owned()] {
        let imported = world.import(text).await;
        assert_eq!(imported.problems, Vec::<String>::new());
        let stopped = imported.stopped.unwrap().to_string();
        assert!(stopped.contains("neither HAR nor NDJSON") && stopped.contains("pass its request"), "{stopped}");
    }
    let imported = world.import(users(&["ann"]).to_string()).await;
    assert_eq!(imported.problems.len(), 1);
    assert!(imported.problems[0].contains("missing field `request`"), "{:?}", imported.problems);
    assert_eq!(world.users().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_tracking_code_under_the_name_of_another_costs_its_line_alone() {
    let world = World::new().await;
    let code = |id: &str| {
        let code = json!({
            "id": id, "name": "Project", "siteUrl": "example.webex.com", "inputMode": "text",
            "hostProfileCode": "optional", "scheduleStartCodes": [{"service": "All", "type": "optional"}]
        });
        line(&format!("GET /v1/admin/meeting/config/trackingCodes/{id}"), &code)
    };
    let imported = world.import([code("1"), code("2"), line("GET /v2/users", &users(&["ann"]))].join("\n")).await;
    assert_eq!(
        imported.problems,
        [
            "line 2: example.webex.com already has a tracking code named `Project`, with the id 1: rename or delete that \
          one first"
        ]
    );
    assert!(imported.stopped.is_none());
    assert_eq!(world.users().await, ["ann"]);
}
