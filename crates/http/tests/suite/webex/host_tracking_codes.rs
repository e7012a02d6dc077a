use axum::http::StatusCode;
use serde_json::json;

use crate::webex::{HOST_CODES, JOHN, JOHNS_EMAIL, USER_CODES, World, good_body};

/// An account with one code, for which John has the value Sales.
async fn world() -> World {
    let world = World::new().await;
    world.create(good_body()).await;
    let body = json!({
        "siteUrl": "example.webex.com",
        "email": JOHNS_EMAIL,
        "trackingCodes": [{"name": "Department", "value": "Sales"}]
    });
    assert_eq!(world.call("PUT", USER_CODES, Some(body)).await.status, StatusCode::OK);
    world
}

#[tokio::test]
async fn a_host_meets_the_sites_options_with_their_own_value_as_the_default() {
    let world = world().await;
    let token = world.token("meeting:schedules_read", Some(JOHN)).await;
    let answer = world.call_as(&token, "GET", &format!("{HOST_CODES}?service=MeetingCenter"), None).await;
    assert_eq!(answer.status, StatusCode::OK);
    let expected = json!({
        "items": [{
            "id": "1",
            "name": "Department",
            "siteUrl": "example.webex.com",
            "inputMode": "select",
            "options": [
                {"value": "Engineering", "defaultValue": false},
                {"value": "Design", "defaultValue": false},
                {"value": "Sales", "defaultValue": true}
            ],
            "service": "MeetingCenter",
            "type": "required"
        }]
    });
    assert_eq!(answer.body, expected);
    let by_admin = world.get(&format!("{HOST_CODES}?service=MeetingCenter&hostEmail={JOHNS_EMAIL}")).await;
    assert_eq!(by_admin.body, expected);
}

#[tokio::test]
async fn without_a_host_the_options_are_the_sites() {
    let world = world().await;
    let answer = world.get(&format!("{HOST_CODES}?service=All&siteUrl=example.webex.com")).await;
    assert_eq!(answer.body["items"][0]["options"], good_body()["options"]);
    assert_eq!(answer.body["items"][0]["type"], "notApplicable");
    assert_eq!(world.get(&format!("{HOST_CODES}?service=All&siteUrl=hub.webex.com")).await.body, json!({"items": []}));
    let empty = World::empty().await;
    assert_eq!(empty.get(&format!("{HOST_CODES}?service=All")).await.body, json!({"items": []}));
}

#[tokio::test]
async fn a_service_is_needed() {
    let world = world().await;
    world.refused("GET", HOST_CODES, None, 400, "'service' cannot be empty").await;
    let unknown = "'service' cannot be meeting; it must be one of: All, MeetingCenter, EventCenter, TrainingCenter, \
                   SupportCenter";
    world.refused("GET", &format!("{HOST_CODES}?service=meeting"), None, 400, unknown).await;
    let target = format!("{HOST_CODES}?service=All&hostEmail=nobody@example.com");
    world.refused("GET", &target, None, 404, "'hostEmail' is not a user of this account").await;
    let target = format!("{HOST_CODES}?service=All&siteUrl=other.webex.com");
    let unknown_site = "'siteUrl' is not a site of this account: 'other.webex.com'";
    world.refused("GET", &target, None, 404, unknown_site).await;
}

#[tokio::test]
async fn ones_own_view_and_anothers_take_different_scopes() {
    let world = world().await;
    let own = format!("{HOST_CODES}?service=All");
    let others = format!("{own}&hostEmail={JOHNS_EMAIL}");
    for (scope, target, status) in [
        ("meeting:schedules_read", &own, 200),
        ("meeting:schedules_read", &others, 403),
        ("meeting:admin_schedule_read", &own, 403),
        ("meeting:admin_schedule_read", &others, 200),
        ("meeting:admin_config_read", &others, 200),
        ("meeting:preferences_read", &own, 403),
    ] {
        let token = world.token(scope, Some(JOHN)).await;
        let answer = world.call_as(&token, "GET", target, None).await;
        assert_eq!(answer.status.as_u16(), status, "{scope} {target}");
    }
}
