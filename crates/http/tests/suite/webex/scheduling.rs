//! Scheduling meetings.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::webex::{Answer, JOHN, JOHNS_EMAIL, JOHNS_PERSON_ID, USER_CODES, World, body_with};

const MEETINGS: &str = "/v1/meetings";

/// The body of a meeting that begins an hour after the tests' time.
fn meeting(changes: Value) -> Value {
    let mut body = json!({
        "title": "Planning", "start": "2026-09-21T15:13:20", "end": "2026-09-21T16:00:00Z", "hostEmail": JOHNS_EMAIL
    });
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

async fn create(world: &World, changes: Value) -> Value {
    let answer = world.call("POST", MEETINGS, Some(meeting(changes))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body
}

async fn list(world: &World, query: &str) -> Vec<Value> {
    world.get(&format!("{MEETINGS}?{query}")).await.body["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_meeting_is_created_read_changed_and_deleted() {
    let world = World::new().await;
    let created = create(&world, json!({"agenda": "All of it", "integrationTags": ["JIRA-1"], "unknown": 1})).await;
    let id = created["id"].as_str().unwrap();
    assert_eq!((id.len(), created["meetingNumber"].as_str().unwrap().len()), (32, 10));
    for (key, expected) in [
        ("title", json!("Planning")),
        ("agenda", json!("All of it")),
        // Whole minutes, in UTC.
        ("start", json!("2026-09-21T15:13:00Z")),
        ("end", json!("2026-09-21T16:00:00Z")),
        ("meetingType", json!("meetingSeries")),
        ("state", json!("active")),
        ("hostUserId", json!(JOHNS_PERSON_ID)),
        ("hostEmail", json!(JOHNS_EMAIL)),
        ("siteUrl", json!("example.webex.com")),
        ("unknown", Value::Null),
    ] {
        assert_eq!(created[key], expected, "{key}");
    }
    assert!(created["password"].is_string());
    let target = format!("{MEETINGS}/{id}");
    assert_eq!(world.get(&target).await.body, created);
    assert_eq!(list(&world, "").await, std::slice::from_ref(&created));
    let link = created["webLink"].as_str().unwrap();
    for query in ["integrationTag=JIRA-1".to_owned(), format!("webLink={link}"), format!("meetingSeriesId={id}")] {
        assert_eq!(list(&world, &query).await.len(), 1, "{query}");
    }
    assert!(list(&world, "integrationTag=JIRA-2").await.is_empty());

    let patched = world.call("PATCH", &target, Some(json!({"agenda": null, "end": "2026-09-21T17:00:00Z"}))).await.body;
    assert_eq!((&patched["agenda"], &patched["end"]), (&Value::Null, &json!("2026-09-21T17:00:00Z")));
    assert_eq!((&patched["title"], &patched["integrationTags"]), (&json!("Planning"), &json!(["JIRA-1"])));
    // What a replacement omits is cleared, but not the password.
    let whole = json!({"title": "New", "start": "2026-09-22T10:00:00Z", "end": "2026-09-22T11:00:00Z"});
    let replaced = world.call("PUT", &target, Some(whole)).await.body;
    assert_eq!((&replaced["title"], &replaced["integrationTags"]), (&json!("New"), &Value::Null));
    assert_eq!((&replaced["password"], &replaced["id"]), (&created["password"], &created["id"]));
    assert_eq!(world.get(&target).await.body, replaced);

    assert_eq!(world.call("DELETE", &target, None).await.status, StatusCode::NO_CONTENT);
    assert!(list(&world, "").await.is_empty());
    for method in ["GET", "DELETE"] {
        world.refused(method, &target, None, 404, &format!("unknown 'meetingId': {id}")).await;
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_meeting_is_told() {
    let world = World::new().await;
    let twelve = "'recurrence' must be a rule such as FREQ=DAILY;INTERVAL=1;COUNT=10, with the frequency DAILY, WEEKLY, MONTHLY or YEARLY";
    for (changes, description) in [
        (json!({"title": null}), "'title' cannot be empty"),
        (json!({"title": "x".repeat(129)}), "'title' has 129 characters; at most 128 are allowed"),
        (json!({"start": "soon"}), "'start' must be a time such as 2019-11-01T12:12:15Z"),
        (
            json!({"end": "2026-09-21T15:20:00Z"}),
            "'end' must be after 'start', by at least 10 minutes and at most 23 hours and 59 minutes",
        ),
        (json!({"start": "2026-09-21T01:00:00Z", "end": "2026-09-21T15:20:00Z"}), "'start' cannot be in the past"),
        (json!({"timezone": "Mars"}), "'timezone' must be the IANA name of a time zone, such as Asia/Shanghai"),
        (json!({"recurrence": "every day"}), twelve),
        (json!({"publicMeeting": "yes"}), "'publicMeeting' must be true or false, not a string"),
        (json!({"hostEmail": "nobody@example.com"}), "'hostEmail' is not a user of this account"),
        (json!({"hostEmail": "nobody"}), "'hostEmail' must be an email address such as john@example.com"),
        (json!({"siteUrl": "no.webex.com"}), "'siteUrl' is not a site of this account: 'no.webex.com'"),
        (json!({"roomId": "x"}), "'roomId' is not supported: Rollcall has no spaces"),
        (
            json!({"meetingOptions": {"noteType": "none"}}),
            "'meetingOptions.noteType' cannot be none; it must be one of: allowAll, allowOne",
        ),
        (
            json!({"invitees": [{"email": "a@b"}, {"email": "A@b"}]}),
            "'invitees[1].email' repeats an address; each can appear once",
        ),
        (json!({"registration": {"requireEmail": false}}), "'registration.requireEmail' must be true"),
    ] {
        world.refused("POST", MEETINGS, Some(meeting(changes)), 400, description).await;
    }
    assert!(list(&world, "").await.is_empty());
    let mut nobody = meeting(json!({}));
    nobody.as_object_mut().unwrap().remove("hostEmail");
    let description = "'hostEmail' cannot be empty: the access token acts for the account, not for a user";
    world.refused("POST", MEETINGS, Some(nobody), 400, description).await;
}

#[tokio::test]
async fn a_host_schedules_and_changes_only_own_meetings() {
    let world = World::new().await;
    let others = create(&world, json!({})).await;
    let jane = rollcall_model::User { id: "jane".into(), email: "jane@example.com".into(), ..Default::default() };
    rollcall_store::UserStore::put_users(&*world.store, world.account, &[jane]).await.unwrap();
    let token = world.token("meeting:schedules_write", Some("jane")).await;
    let target = format!("{MEETINGS}/{}", others["id"].as_str().unwrap());
    let change = || Some(json!({"title": "Mine"}));
    let status = async |method: &str, target: &str, body| {
        let Answer { status, .. } = world.call_as(&token, method, target, body).await;
        status.as_u16()
    };
    assert_eq!(status("PATCH", &target, change()).await, 403);
    assert_eq!(status("DELETE", &target, None).await, 403);
    assert_eq!(status("POST", MEETINGS, Some(meeting(json!({})))).await, 403);
    let mut own = meeting(json!({}));
    own.as_object_mut().unwrap().remove("hostEmail");
    let own = world.call_as(&token, "POST", MEETINGS, Some(own)).await.body;
    assert_eq!(own["hostEmail"], "jane@example.com");
    assert_eq!(status("PATCH", &format!("{MEETINGS}/{}", own["id"].as_str().unwrap()), change()).await, 200);
    let johns = world.token("meeting:schedules_write", Some(JOHN)).await;
    assert_eq!(world.call_as(&johns, "PATCH", &target, change()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn tracking_codes_are_filled_and_checked() {
    let world = World::new().await;
    world.create(body_with(json!({}))).await;
    // The site's default, then the host's value.
    assert_eq!(create(&world, json!({})).await["trackingCodes"], json!([{"name": "Department", "value": "Design"}]));
    let values = json!({"siteUrl": "example.webex.com", "email": JOHNS_EMAIL, "trackingCodes": [{"name": "Department", "value": "Sales"}]});
    world.call("PUT", USER_CODES, Some(values)).await;
    let created = create(&world, json!({})).await;
    assert_eq!(created["trackingCodes"], json!([{"name": "Department", "value": "Sales"}]));
    for (code, description) in [
        (json!({"name": "Other", "value": "x"}), "'trackingCodes[0].name' is not a tracking code of the site: 'Other'"),
        (
            json!({"name": "Department", "value": "x"}),
            "'trackingCodes[0].value' cannot be 'x': it is not an option of the tracking code 'Department'",
        ),
    ] {
        let body = Some(json!({"trackingCodes": [code]}));
        let target = format!("{MEETINGS}/{}", created["id"].as_str().unwrap());
        world.refused("PATCH", &target, body, 400, description).await;
    }
}

#[tokio::test]
async fn administrators_do_not_see_secrets() {
    let world = World::new().await;
    let created = create(&world, json!({"agenda": "Secret", "registration": {"autoAcceptRequest": true}})).await;
    assert_eq!(created["registration"]["requireEmail"], true);
    let (id, number) = (created["id"].as_str().unwrap(), created["meetingNumber"].as_str().unwrap());
    let shown = world.get(&format!("/v1/admin/meetings/{id}")).await.body;
    for key in ["agenda", "password", "webLink", "registration"] {
        assert!(created.get(key).is_some() && shown.get(key).is_none(), "{key}");
    }
    let listed = world.get(&format!("/v1/admin/meetings?meetingNumber={number}")).await.body;
    assert_eq!(listed, json!({"items": [shown]}));
    let by_link = format!("/v1/admin/meetings?webLink={}", created["webLink"].as_str().unwrap());
    assert_eq!(world.get(&by_link).await.body, json!({"items": [shown]}));
    for (query, description) in [
        ("", "one of 'meetingNumber' and 'webLink' is required"),
        ("?meetingNumber=1&webLink=x", "'meetingNumber' and 'webLink' exclude each other: specify one of them"),
    ] {
        world.refused("GET", &format!("/v1/admin/meetings{query}"), None, 400, description).await;
    }
}

#[tokio::test]
async fn preferences_are_those_that_were_imported() {
    let world = World::new().await;
    let description = "no preferences of this user are known: import a response of this operation";
    world.refused("GET", "/v1/meetingPreferences", None, 404, description).await;
    let preferences = json!({"audio": {"defaultAudioType": "webexAudio"}, "sites": []});
    world.import(&format!("GET /v1/meetingPreferences?userEmail={JOHNS_EMAIL}"), preferences.clone()).await;
    let token = world.token("", Some(JOHN)).await;
    assert_eq!(world.call_as(&token, "GET", "/v1/meetingPreferences", None).await.body, preferences);
    let others = format!("/v1/meetingPreferences?userEmail={JOHNS_EMAIL}");
    assert_eq!(world.get(&others).await.body, preferences);
    let narrow = world.token("meeting:preferences_read", Some(JOHN)).await;
    assert_eq!(world.call_as(&narrow, "GET", &others, None).await.status, StatusCode::FORBIDDEN);
}
