//! Registrants.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::webex::{JOHNS_EMAIL, World, runs::pages};

/// A webinar with a form, and the path of its registrants.
async fn registrants(world: &World, form: Value) -> String {
    let body = json!({
        "title": "Launch", "start": "2026-09-21T15:00:00Z", "end": "2026-09-21T16:00:00Z", "hostEmail": JOHNS_EMAIL,
        "scheduledType": "webinar", "registration": form
    });
    let created = world.call("POST", "/v1/meetings", Some(body)).await.body;
    format!("/v1/meetings/{}/registrants", created["id"].as_str().unwrap_or_else(|| panic!("{created}")))
}

fn person(name: &str, more: Value) -> Value {
    let mut person = json!({"firstName": name, "lastName": "Doe", "email": format!("{name}@example.com")});
    for (key, value) in more.as_object().unwrap() {
        person[key] = value.clone();
    }
    person
}

#[tokio::test]
async fn people_register_and_the_host_decides() {
    let world = World::new().await;
    let target = registrants(&world, json!({"requireJobTitle": true})).await;
    let more = json!({"jobTitle": "GM", "zipCode": 99212, "customizedQuestions": [{"questionId": 1, "answers": [{"answer": "fine"}]}]});
    let ann = world.call("POST", &target, Some(person("ann", more))).await.body;
    assert_eq!((&ann["status"], &ann["jobTitle"], &ann["zipCode"]), (&json!("pending"), &json!("GM"), &json!(99212)));
    assert_eq!(ann["registrationTime"], "2026-09-21T14:13:20+00:00");
    assert_eq!(ann["customizedQuestions"][0]["answers"][0]["answer"], "fine");
    let id = ann["id"].as_str().unwrap().to_owned();
    assert_eq!(world.get(&format!("{target}/{id}")).await.body, ann);

    let several = json!({"items": [person("bob", json!({"jobTitle": "a"})), person("cid", json!({"jobTitle": "b"}))]});
    let several = world.call("POST", &format!("{target}/bulkInsert"), Some(several)).await.body;
    assert_eq!(several["items"].as_array().unwrap().len(), 2);
    let listed: usize = pages(&world, &format!("{target}?max=2"))
        .await
        .iter()
        .map(|page| page["items"].as_array().unwrap().len())
        .sum();
    assert_eq!(listed, 3);
    let by_email = world.get(&format!("{target}?email=ANN@example.com")).await.body;
    assert_eq!(by_email, json!({"items": [ann]}));
    let early = world.get(&format!("{target}?registrationTimeTo=2026-09-01")).await.body;
    assert_eq!(early, json!({"items": []}));

    let all = json!({"registrants": [{"id": id}]});
    for (action, status) in [("approve", "approved"), ("reject", "rejected")] {
        let answer = world.call("POST", &format!("{target}/{action}"), Some(all.clone())).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
        assert_eq!(world.get(&format!("{target}/{id}")).await.body["status"], status);
    }
    let query = json!({"emails": ["cid@example.com", "ann@example.com", "bob@example.com"], "orderBy": "firstName", "orderType": "DESC"});
    let found = world.call("POST", &format!("{target}/query"), Some(query)).await.body;
    let names: Vec<&Value> = found["items"].as_array().unwrap().iter().map(|one| &one["firstName"]).collect();
    assert_eq!(names, ["cid", "bob", "ann"]);

    world.call("POST", &format!("{target}/cancel"), Some(all)).await;
    world.refused("GET", &format!("{target}/{id}"), None, 404, &format!("unknown 'registrantId': {id}")).await;
    let bob = several["items"][0]["id"].as_str().unwrap();
    assert_eq!(world.call("DELETE", &format!("{target}/{bob}"), None).await.status, StatusCode::NO_CONTENT);
    let cid = json!({"registrants": [{"id": several["items"][1]["id"]}]});
    assert_eq!(world.call("POST", &format!("{target}/bulkDelete"), Some(cid)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.get(&target).await.body, json!({"items": []}));
}

#[tokio::test]
async fn what_is_wrong_with_a_registration_is_told() {
    let world = World::new().await;
    let target =
        registrants(&world, json!({"autoAcceptRequest": true, "maxRegisterNum": 1, "requireCity": true})).await;
    let city = || json!({"city": "Milpitas"});
    let first = world.call("POST", &target, Some(person("ann", city()))).await.body;
    assert_eq!(first["status"], "approved");
    let full = world.call("POST", &target, Some(person("bob", city()))).await;
    assert_eq!(full.status, StatusCode::BAD_REQUEST, "{}", full.body);
    for (body, description) in [
        (person("bob", json!({})), "'city' cannot be empty: the registration form requires it"),
        (
            person("bob", json!({"city": "x", "email": "bob"})),
            "'email' must be an email address such as john@example.com",
        ),
    ] {
        world.refused("POST", &target, Some(body), 400, description).await;
    }
    let unknown = Some(json!({"registrants": [{"id": "none"}]}));
    world.refused("POST", &format!("{target}/approve"), unknown, 404, "unknown 'registrantId': none").await;
    world.refused("POST", &format!("{target}/approve"), Some(json!({})), 400, "'registrants' cannot be empty").await;
    let query = Some(json!({"emails": []}));
    assert_eq!(world.call("POST", &format!("{target}/query"), query).await.status, StatusCode::OK);
    let form = target.replace("/registrants", "/registration");
    world.call("DELETE", &form, None).await;
    let none = "the meeting requires no registration: set its form first";
    world.refused("POST", &target, Some(person("cid", city())), 400, none).await;
}
