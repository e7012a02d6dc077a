use axum::http::StatusCode;
use serde_json::json;

use crate::webex::{CODES, JOHN, JOHNS_EMAIL, SITES, World, body_with};

#[tokio::test]
async fn sites_are_listed_under_their_own_key() {
    let world = World::new().await;
    let expected = json!({"sites": [
        {"siteUrl": "example.webex.com", "default": true},
        {"siteUrl": "hub.webex.com", "default": false},
        {"siteUrl": "mapped.webex.com", "default": false}
    ]});
    let answer = world.get(SITES).await;
    assert_eq!((answer.status, &answer.body), (StatusCode::OK, &expected));
    assert_eq!(world.get(&format!("{SITES}?userEmail={JOHNS_EMAIL}&siteUrl=hub.webex.com")).await.body, expected);
    assert_eq!(World::empty().await.get(SITES).await.body, json!({"sites": []}));
}

#[tokio::test]
async fn the_default_site_is_the_one_meant_where_none_is_named() {
    let world = World::new().await;
    let target = format!("{SITES}?defaultSite=true");
    let answer = world.call("PUT", &target, Some(json!({"siteUrl": "Hub.webex.com"}))).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, json!({"siteUrl": "hub.webex.com", "default": true}));
    let defaults: Vec<bool> = world.get(SITES).await.body["sites"]
        .as_array()
        .unwrap()
        .iter()
        .map(|site| site["default"].as_bool().unwrap())
        .collect();
    assert_eq!(defaults, [false, true, false]);

    world.create(body_with(json!({"siteUrl": "hub.webex.com"}))).await;
    assert_eq!(world.get(CODES).await.body["items"][0]["siteUrl"], "hub.webex.com");
    let required = body_with(json!({"siteUrl": "hub.webex.com", "name": "Other", "hostProfileCode": "required"}));
    let answer = world.call("POST", CODES, Some(required)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "the site is managed by Control Hub as before");
}

#[tokio::test]
async fn a_choice_that_cannot_be_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let body = || Some(json!({"siteUrl": "hub.webex.com"}));
    world.refused("PUT", SITES, body(), 400, "'defaultSite' must be true").await;
    world.refused("PUT", &format!("{SITES}?defaultSite=false"), body(), 400, "'defaultSite' must be true").await;
    let target = format!("{SITES}?defaultSite=true");
    world.refused("PUT", &target, Some(json!({})), 400, "'siteUrl' cannot be empty").await;
    let unknown = "'siteUrl' is not a site of this account: 'other.webex.com'";
    world.refused("PUT", &target, Some(json!({"siteUrl": "other.webex.com"})), 400, unknown).await;
    let nobody = "'userEmail' is not a user of this account";
    world.refused("PUT", &format!("{target}&userEmail=nobody@example.com"), body(), 404, nobody).await;
    world.refused("GET", &format!("{SITES}?userEmail=nobody@example.com"), None, 404, nobody).await;
    world.refused("GET", &format!("{SITES}?siteUrl=other.webex.com"), None, 404, unknown).await;
}

#[tokio::test]
async fn other_peoples_sites_take_an_administrators_scope() {
    let world = World::new().await;
    let others = format!("{SITES}?userEmail={JOHNS_EMAIL}");
    for (scope, target, status) in [
        ("meeting:preferences_read", SITES, 200),
        ("meeting:preferences_read", &others, 403),
        ("meeting:admin_preferences_read", &others, 200),
        ("meeting:admin_preferences_read", SITES, 403),
        ("meeting:admin_schedule_read", SITES, 403),
    ] {
        let token = world.token(scope, Some(JOHN)).await;
        let answer = world.call_as(&token, "GET", target, None).await;
        assert_eq!(answer.status.as_u16(), status, "{scope} {target}");
    }
    let put = format!("{SITES}?defaultSite=true&userEmail={JOHNS_EMAIL}");
    for (scope, status) in [("meeting:preferences_write", 403), ("meeting:admin_preferences_write", 200)] {
        let token = world.token(scope, Some(JOHN)).await;
        let answer = world.call_as(&token, "PUT", &put, Some(json!({"siteUrl": "hub.webex.com"}))).await;
        assert_eq!(answer.status.as_u16(), status, "{scope}");
    }
}
