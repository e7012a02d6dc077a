//! Invitees, registration forms and invitation sources.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::webex::{JOHNS_EMAIL, World, runs::pages};

const INVITEES: &str = "/v1/meetingInvitees";

async fn meeting(world: &World, scheduled_type: &str) -> String {
    let body = json!({
        "title": "Planning", "start": "2026-09-21T15:00:00Z", "end": "2026-09-21T16:00:00Z", "hostEmail": JOHNS_EMAIL,
        "scheduledType": scheduled_type, "invitees": [{"email": "zoe@example.com"}]
    });
    let answer = world.call("POST", "/v1/meetings", Some(body)).await;
    answer.body["id"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
}

#[tokio::test]
async fn invitees_are_listed_created_changed_and_withdrawn() {
    let world = World::new().await;
    let id = meeting(&world, "webinar").await;
    let brenda = json!({"meetingId": id, "email": "Brenda@example.com", "coHost": true});
    let brenda = world.call("POST", INVITEES, Some(brenda)).await.body;
    assert_eq!((&brenda["displayName"], &brenda["coHost"]), (&json!("Brenda@example.com"), &json!(true)));
    let several =
        json!({"meetingId": id, "items": [{"email": "c@example.com", "panelist": true}, {"email": "a@example.com"}]});
    let several = world.call("POST", &format!("{INVITEES}/bulkInsert"), Some(several)).await.body;
    assert_eq!(several["items"].as_array().unwrap().len(), 2);

    let emails = async |query: &str| -> Vec<String> {
        let pages = pages(&world, &format!("{INVITEES}?meetingId={id}&max=2{query}")).await;
        let items = pages.iter().flat_map(|page| page["items"].as_array().unwrap());
        items.map(|one| one["email"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(emails("").await, ["a@example.com", "Brenda@example.com", "c@example.com", "zoe@example.com"]);
    assert_eq!(emails("&panelist=true").await, ["c@example.com"]);

    let target = format!("{INVITEES}/{}", brenda["id"].as_str().unwrap());
    assert_eq!(world.get(&target).await.body, brenda);
    let changed = world.call("PUT", &target, Some(json!({"email": "b@example.com", "displayName": "B"}))).await.body;
    let expected = json!({
        "id": brenda["id"], "meetingId": id, "email": "b@example.com", "displayName": "B", "coHost": false, "panelist": false
    });
    assert_eq!(changed, expected);
    let conflict = Some(json!({"email": "A@example.com"}));
    world.refused("PUT", &target, conflict, 409, "'email' is already invited to the meeting: 'a@example.com'").await;
    assert_eq!(world.call("DELETE", &target, None).await.status, StatusCode::NO_CONTENT);
    let unknown = format!("unknown 'meetingInviteeId': {}", brenda["id"].as_str().unwrap());
    world.refused("GET", &target, None, 404, &unknown).await;

    for (body, status, description) in [
        (json!({"meetingId": id}), 400, "'email' cannot be empty".to_owned()),
        (json!({"email": "x@example.com"}), 400, "'meetingId' cannot be empty".to_owned()),
        (json!({"meetingId": "none", "email": "x@example.com"}), 404, "unknown 'meetingId': none".to_owned()),
        (
            json!({"meetingId": id, "email": "ZOE@example.com"}),
            409,
            "'email' is already invited to the meeting: 'ZOE@example.com'".to_owned(),
        ),
    ] {
        world.refused("POST", INVITEES, Some(body), status, &description).await;
    }
    world.refused("GET", INVITEES, None, 400, "'meetingId' cannot be empty").await;
}

#[tokio::test]
async fn a_form_is_set_completed_and_deleted() {
    let world = World::new().await;
    let target = format!("/v1/meetings/{}/registration", meeting(&world, "meeting").await);
    world.refused("GET", &target, None, 404, "the meeting requires no registration").await;
    let body = json!({
        "autoAcceptRequest": true, "requireCity": true,
        "customizedQuestions": [{"question": "Color", "type": "radioButtons", "options": [{"value": "green"}, {"value": "red"}]}],
        "rules": [{"question": "email", "condition": "endsWith", "value": "@example.com", "result": "approve", "order": 1}]
    });
    let form = world.call("PUT", &target, Some(body)).await.body;
    assert_eq!((&form["requireEmail"], &form["requireFax"]), (&json!(true), &json!(false)));
    assert_eq!(form["customizedQuestions"][0]["id"], 1);
    assert_eq!(
        form["customizedQuestions"][0]["options"],
        json!([{"value": "green", "id": 1}, {"value": "red", "id": 2}])
    );
    assert_eq!(world.get(&target).await.body, form);
    assert_eq!(world.get(target.strip_suffix("/registration").unwrap()).await.body["registration"], form);
    for (body, description) in [
        (json!({"requireLastName": false}), "'requireLastName' must be true"),
        (
            json!({"customizedQuestions": [{"question": "Q", "type": "checkbox"}]}),
            "'customizedQuestions[0].options' cannot be empty if 'type' is checkbox, dropdownList or radioButtons",
        ),
        (json!({"rules": [1]}), "'rules[0]' must be an object, not a number"),
    ] {
        world.refused("PUT", &target, Some(body), 400, description).await;
    }
    assert_eq!(world.get(&target).await.body, form);
    assert_eq!(world.call("DELETE", &target, None).await.status, StatusCode::NO_CONTENT);
    world.refused("DELETE", &target, None, 404, "the meeting requires no registration").await;
}

#[tokio::test]
async fn webinars_have_invitation_sources() {
    let world = World::new().await;
    let id = meeting(&world, "webinar").await;
    let target = format!("/v1/meetings/{id}/invitationSources");
    let body = |name: &str| Some(json!({"items": [{"sourceId": name, "sourceEmail": "john001@example.com"}]}));
    let first = world.call("POST", &target, body("cisco")).await.body["items"][0].clone();
    assert_eq!((&first["id"], &first["sourceId"]), (&json!("1"), &json!("cisco")));
    assert!(first["joinLink"].as_str().unwrap().starts_with("https://example.webex.com/example/j.php?MTID=m"));
    world.call("PUT", &format!("/v1/meetings/{id}/registration"), Some(json!({}))).await;
    let second = world.call("POST", &target, body("other")).await.body["items"][0].clone();
    assert_eq!(
        (&second["id"], second["registerLink"].is_string(), &second["joinLink"]),
        (&json!("2"), true, &Value::Null)
    );
    assert_eq!(world.get(&target).await.body, json!({"items": [first, second]}));
    world.refused("POST", &target, Some(json!({"items": []})), 400, "'items' cannot be empty").await;
    let other = format!("/v1/meetings/{}/invitationSources", meeting(&world, "meeting").await);
    world.refused("GET", &other, None, 400, "'meetingId' is not the id of a webinar: only webinars have sources").await;
}

#[tokio::test]
async fn imported_invitees_and_forms_are_served_as_they_were() {
    let world = World::new().await;
    let id = meeting(&world, "webinar").await;
    let invitee = json!({"id": format!("{id}_2628962"), "email": "new@example.com", "displayName": "N", "coHost": false, "meetingId": id, "panelist": true, "extra": 1});
    world.import(&format!("GET {INVITEES}?meetingId={id}"), json!({"items": [invitee]})).await;
    assert_eq!(world.get(&format!("{INVITEES}/{id}_2628962")).await.body, invitee);
    let form =
        json!({"autoAcceptRequest": false, "customizedQuestions": [{"id": "330521", "question": "How are you"}]});
    world.import(&format!("GET /v1/meetings/{id}/registration"), form.clone()).await;
    assert_eq!(world.get(&format!("/v1/meetings/{id}/registration")).await.body, form);
    let source = json!({"id": "7", "sourceId": "cisco", "sourceEmail": "a@example.com"});
    world.import(&format!("GET /v1/meetings/{id}/invitationSources"), json!({"items": [source]})).await;
    assert_eq!(world.get(&format!("/v1/meetings/{id}/invitationSources")).await.body, json!({"items": [source]}));
}
