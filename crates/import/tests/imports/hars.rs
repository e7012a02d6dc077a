//! HAR files, as browsers and proxies write them.

use base64::Engine as _;
use rollcall_model::MeetingKind;
use serde_json::{Value, json};

use crate::world::{World, entry, har, participants, users};

const ZOOM: &str = "https://api.zoom.us/v2";

fn text(body: &Value) -> Value {
    json!({"size": 1, "mimeType": "application/json", "text": body.to_string()})
}

fn base64(body: &[u8]) -> Value {
    let text = base64::engine::general_purpose::STANDARD.encode(body);
    json!({"size": 1, "mimeType": "application/json", "text": text, "encoding": "base64"})
}

#[tokio::test]
async fn a_recording_is_taken_in_and_what_is_foreign_passed_over() {
    let world = World::new().await;
    let options = json!({"errors": [], "message": "not here", "trackingId": "T"});
    let file = har(&[
        entry("GET", &format!("{ZOOM}/users?page_size=30"), 200, &text(&users(&["ann"]))),
        entry("GET", "https://cdn.example.com/logo.png", 200, &json!({"text": "iVBORw0KGgo=", "encoding": "base64"})),
        entry("GET", "https://shop.example.com/users", 200, &text(&json!({"users": 7}))),
        entry("POST", "https://zoom.us/oauth/token", 200, &text(&json!({"access_token": "secret"}))),
        entry("OPTIONS", &format!("{ZOOM}/users"), 204, &json!({"size": 0})),
        entry("GET", &format!("{ZOOM}/users/x"), 404, &text(&json!({"code": 1001, "message": "User does not exist"}))),
        entry("GET", &format!("{ZOOM}/users/y"), 0, &json!({"size": 0})),
        entry("GET", "https://webexapis.com/v1/meetings/trackingCodes?service=All", 200, &text(&options)),
        entry(
            "GET",
            &format!("{ZOOM}/metrics/webinars/123456789/participants?type=past&page_size=2"),
            200,
            &base64(participants(&["1", "2"]).to_string().as_bytes()),
        ),
        entry(
            "GET",
            "https://webexapis.com/v1/meetingPreferences/sites",
            200,
            &text(&json!({"sites": [{"siteUrl": "example.webex.com", "default": true}]})),
        ),
    ]);
    for file in [file.clone(), format!("\u{feff}\n{file}\n")] {
        let summary = world.import(file).await.whole();
        assert_eq!((summary.exchanges, summary.skipped), (3, 7));
        assert_eq!((summary.written.users, summary.written.participants, summary.written.sites), (1, 2, 1));
    }
    assert_eq!(world.users().await, ["ann"]);
    assert_eq!(world.participants(MeetingKind::Webinar, 123_456_789).await, ["1", "2"]);
}

#[tokio::test]
async fn broken_entries_are_named_and_the_others_are_kept() {
    let world = World::new().await;
    let url = format!("{ZOOM}/users");
    let mut no_user_id = participants(&["1", "2"]);
    no_user_id["participants"][1].as_object_mut().unwrap().remove("user_id");
    let entries = [
        (entry("GET", &url, 200, &text(&users(&["ann"]))), None),
        (entry("GET", &url, 200, &json!({"size": 0, "mimeType": "application/json"})), Some("body was not recorded")),
        (entry("GET", &url, 200, &json!({"text": "%%%", "encoding": "base64"})), Some("not base64")),
        (entry("GET", &url, 200, &json!({"text": "{}", "encoding": "rot13"})), Some("the encoding `rot13`")),
        (entry("GET", &url, 200, &base64(b"{\"users\": [\"\xff\"]}")), Some("not UTF-8")),
        (entry("GET", &url, 200, &json!({"text": "<html>"})), Some("not JSON")),
        (entry("GET", &url, 200, &text(&json!({"code": 200, "message": "No permission."}))), Some("No permission.")),
        (json!({"request": {"method": "GET"}}), Some("not an entry of a HAR file: missing field `url`")),
        (json!("entry"), Some("not an entry of a HAR file")),
        (json!(null), Some("not an entry of a HAR file")),
        (
            entry("GET", &format!("{ZOOM}/metrics/meetings/987654321/participants?type=past"), 200, &text(&no_user_id)),
            Some("participants[1].user_id"),
        ),
        (entry("GET", &url, 200, &text(&users(&["bob"]))), None),
    ];
    let file = har(&entries.iter().map(|(entry, _)| entry.clone()).collect::<Vec<_>>());
    let imported = world.import(file).await;
    let expected: Vec<(String, &str)> = entries
        .iter()
        .enumerate()
        .filter_map(|(index, (_, told))| told.map(|told| (format!("entry {}: ", index + 1), told)))
        .collect();
    assert_eq!(imported.problems.len(), expected.len(), "{:#?}", imported.problems);
    for (problem, (place, told)) in imported.problems.iter().zip(expected) {
        assert!(problem.starts_with(&place) && problem.contains(told), "{problem} should tell: {place}{told}");
    }
    assert!(imported.stopped.is_none());
    assert_eq!(world.users().await, ["ann", "bob"]);
    assert_eq!(world.participants(MeetingKind::Meeting, 987_654_321).await, ["1"]);
}

#[tokio::test]
async fn a_file_that_is_cut_off_gives_what_came_before() {
    let whole = har(&[
        entry("GET", &format!("{ZOOM}/users"), 200, &text(&users(&["ann"]))),
        entry("GET", &format!("{ZOOM}/users"), 200, &text(&users(&["bob"]))),
        entry("GET", &format!("{ZOOM}/users"), 200, &text(&users(&["cleo"]))),
    ]);
    let third = whole.rfind("cleo").unwrap();
    for (text, told) in [
        (&whole[..third], "the file is cut off at entry 3"),
        (&whole[..whole.len() - 2], "the file is cut off at entry 4"),
        (&whole.replacen("cleo", "\n", 1), "broken JSON at entry 3: control character"),
        (&format!("{whole} and more"), "broken JSON at entry 4: trailing characters"),
    ] {
        let world = World::new().await;
        let imported = world.import(text).await;
        let stopped = imported.stopped.unwrap().to_string();
        assert!(stopped.starts_with(told), "{stopped} should tell: {told}");
        assert_eq!(imported.problems, Vec::<String>::new());
        let users = world.users().await;
        assert_eq!(users[..2], ["ann", "bob"], "{told}");
        assert_eq!(imported.summary.exchanges, users.len() as u64);
    }
}

#[tokio::test]
async fn a_file_of_another_shape_is_told() {
    for (text, told) in [
        (r#"{"log": []}"#, "not a HAR file"),
        (r#"{"log": {"version": "1.2"}}"#, "not a HAR file: missing field `entries`"),
        (r#"{"log": {"entries": {}}}"#, "not a HAR file: invalid type: map, expected a list of entries"),
    ] {
        let world = World::new().await;
        let stopped = world.import(text).await.stopped.unwrap().to_string();
        assert!(stopped.starts_with(told), "{stopped} should tell: {told}");
    }
}

#[tokio::test]
async fn the_depth_of_what_a_browser_adds_does_not_matter() {
    let world = World::new().await;
    let mut entry = entry("GET", &format!("{ZOOM}/users"), 200, &text(&users(&["ann"])));
    let stack = (0..500).fold(json!({}), |parent, _| json!({"parent": parent}));
    entry["_initiator"] = json!({"type": "script", "stack": stack});
    assert_eq!(world.import(har(&[entry])).await.whole().exchanges, 1);
}
