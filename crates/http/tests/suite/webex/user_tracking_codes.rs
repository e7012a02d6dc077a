use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use rollcall_model::{TrackingCodeId, User};
use rollcall_store::{TrackingCodeStore, UserStore};
use serde_json::{Value, json};

use crate::webex::{Answer, CODES, JOHNS_EMAIL, JOHNS_PERSON_ID, USER_CODES, World, body_with, good_body};

/// An account with two codes: Department, with options, and Division, with free text.
async fn world() -> World {
    let world = World::new().await;
    world.create(good_body()).await;
    world.create(body_with(json!({"name": "Division", "inputMode": "editableSelect"}))).await;
    world
}

fn body(values: Value) -> Value {
    json!({"siteUrl": "example.webex.com", "email": JOHNS_EMAIL, "trackingCodes": values})
}

async fn get_by_email(world: &World, email: &str) -> Answer {
    let token = world.token("", None).await;
    let request = Request::builder()
        .uri(USER_CODES)
        .header("authorization", format!("Bearer {token}"))
        .header("email", email)
        .body(Body::empty())
        .unwrap();
    world.send(request).await
}

#[tokio::test]
async fn values_are_set_merged_and_read_by_id_and_by_email() {
    let world = world().await;
    let none = world.get(&format!("{USER_CODES}?personId={JOHNS_PERSON_ID}")).await;
    assert_eq!(none.status, StatusCode::OK);
    assert_eq!(none.body["trackingCodes"], json!([]));

    let first = world.call("PUT", USER_CODES, Some(body(json!([{"name": "Division", "value": "Part-time"}])))).await;
    assert_eq!(first.status, StatusCode::OK);
    let second = world.call("PUT", USER_CODES, Some(body(json!([{"name": "Department", "value": "Sales"}])))).await;
    let expected = json!({
        "personId": JOHNS_PERSON_ID,
        "email": JOHNS_EMAIL,
        "siteUrl": "example.webex.com",
        "trackingCodes": [
            {"id": "1", "name": "Department", "value": "Sales"},
            {"id": "2", "name": "Division", "value": "Part-time"}
        ]
    });
    assert_eq!(second.body, expected);
    assert_eq!(world.get(&format!("{USER_CODES}?personId={JOHNS_PERSON_ID}")).await.body, expected);
    assert_eq!(get_by_email(&world, "John.Andersen@Example.com").await.body, expected);

    let nothing =
        world.call("PUT", USER_CODES, Some(json!({"siteUrl": "example.webex.com", "email": JOHNS_EMAIL}))).await;
    assert_eq!(nothing.body, expected, "what is not named stays");
    let elsewhere = world.get(&format!("{USER_CODES}?personId={JOHNS_PERSON_ID}&siteUrl=hub.webex.com")).await;
    assert_eq!(elsewhere.body["trackingCodes"], json!([]));
}

#[tokio::test]
async fn an_id_wins_over_an_email() {
    let world = world().await;
    let mary = User { id: "bWFyeQ".into(), email: "mary@example.com".into(), ..User::default() };
    world.store.put_users(world.account, &[mary]).await.unwrap();
    let body = json!({
        "siteUrl": "example.webex.com",
        "personId": JOHNS_PERSON_ID,
        "email": "mary@example.com",
        "trackingCodes": [{"name": "Department", "value": "Design"}]
    });
    assert_eq!(world.call("PUT", USER_CODES, Some(body)).await.body["email"], JOHNS_EMAIL);
    let marys = get_by_email(&world, "mary@example.com").await;
    assert_eq!(marys.body["trackingCodes"], json!([]));
    let by_id = format!("{USER_CODES}?personId={}", marys.body["personId"].as_str().unwrap());
    assert_eq!(world.get(&by_id).await.body["email"], "mary@example.com", "an id that was answered is found again");
}

#[tokio::test]
async fn values_that_break_a_rule_are_refused_and_change_nothing() {
    let world = world().await;
    world.call("PUT", USER_CODES, Some(body(json!([{"name": "Department", "value": "Design"}])))).await;
    let long = "v".repeat(121);
    for (values, description) in [
        (
            json!([{"name": "Nobody's", "value": "x"}]),
            "'trackingCodes[0].name' is not a tracking code of the site: 'Nobody's'",
        ),
        (
            json!([{"name": "Division", "value": "x"}, {"name": "Department", "value": "Legal"}]),
            "'trackingCodes[1].value' cannot be 'Legal': it is not an option of the tracking code 'Department'",
        ),
        (json!([{"name": "Division", "value": ""}]), "'trackingCodes[0].value' cannot be empty"),
        (
            json!([{"name": "Division", "value": long}]),
            "'trackingCodes[0].value' has 121 characters; at most 120 are allowed",
        ),
        (json!([{"value": "x"}]), "'trackingCodes[0].name' cannot be empty"),
        (json!("x"), "'trackingCodes' must be a list, not a string"),
    ] {
        world.refused("PUT", USER_CODES, Some(body(values)), 400, description).await;
    }
    let without_site = json!({"email": JOHNS_EMAIL, "trackingCodes": []});
    world.refused("PUT", USER_CODES, Some(without_site), 400, "'siteUrl' cannot be empty").await;
    let nobody = json!({"siteUrl": "example.webex.com"});
    world.refused("PUT", USER_CODES, Some(nobody), 400, "either 'personId' or 'email' is required").await;
    let mapped = json!({"siteUrl": "mapped.webex.com", "email": JOHNS_EMAIL});
    let description =
        "the tracking codes of site 'mapped.webex.com' are mapped to user attributes and cannot be changed here";
    world.refused("PUT", USER_CODES, Some(mapped), 403, description).await;
}

#[tokio::test]
async fn somebody_must_be_named_and_exist() {
    let world = world().await;
    world.refused("GET", USER_CODES, None, 400, "either 'personId' or 'email' is required").await;
    let not_a_person = "'personId' is not the id of a person";
    world.refused("GET", &format!("{USER_CODES}?personId=17"), None, 400, not_a_person).await;
    // ciscospark://us/PEOPLE/nobody
    let nobody = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9ub2JvZHk";
    let unknown = "'personId' is not a user of this account";
    world.refused("GET", &format!("{USER_CODES}?personId={nobody}"), None, 404, unknown).await;
    let body = json!({
        "siteUrl": "example.webex.com",
        "personId": nobody,
        "trackingCodes": [{"name": "Department", "value": "Design"}]
    });
    world.refused("PUT", USER_CODES, Some(body), 404, unknown).await;
    let answer = get_by_email(&world, "nobody@example.com").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.descriptions(), ["'email' is not a user of this account"]);
}

#[tokio::test]
async fn values_of_somebody_who_is_no_user_are_answered_and_changed() {
    let world = world().await;
    let id = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9lbHNld2hlcmU";
    let values = [("Department".into(), "Sales".into())];
    world.store.put_user_tracking_codes(world.account, "example.webex.com", &id.into(), &values).await.unwrap();
    let answer = world.get(&format!("{USER_CODES}?personId={id}")).await;
    assert_eq!(answer.body["trackingCodes"], json!([{"id": "1", "name": "Department", "value": "Sales"}]));
    assert!(answer.body.get("email").is_none(), "what is not known is left out");
    let body = json!({
        "siteUrl": "example.webex.com",
        "personId": id,
        "trackingCodes": [{"name": "Department", "value": "Design"}]
    });
    let changed = world.call("PUT", USER_CODES, Some(body)).await;
    assert_eq!(changed.body["trackingCodes"][0]["value"], "Design");
}

#[tokio::test]
async fn values_go_with_their_code_and_follow_its_name() {
    let world = world().await;
    world.call("PUT", USER_CODES, Some(body(json!([{"name": "Department", "value": "Design"}])))).await;
    let renamed = world.call("PUT", &crate::webex::path_of("1"), Some(body_with(json!({"name": "Unit"})))).await;
    assert_eq!(renamed.status, StatusCode::OK);
    let values = get_by_email(&world, JOHNS_EMAIL).await.body;
    assert_eq!(values["trackingCodes"], json!([{"id": "1", "name": "Unit", "value": "Design"}]));
    world.call("DELETE", &format!("{CODES}/1?siteUrl=example.webex.com"), None).await;
    assert_eq!(get_by_email(&world, JOHNS_EMAIL).await.body["trackingCodes"], json!([]));
    let gone = world.store.find_tracking_code(world.account, "example.webex.com", &TrackingCodeId::from("1")).await;
    assert_eq!(gone.unwrap(), None);
}
