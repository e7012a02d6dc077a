//! People and organizations.

use axum::http::StatusCode;
use rollcall_model::User;
use rollcall_store::UserStore;
use serde_json::json;

use crate::webex::{JOHN, JOHNS_EMAIL, JOHNS_PERSON_ID, World, runs::pages};

async fn world() -> World {
    let world = World::new().await;
    let users: Vec<User> = (0..5)
        .map(|n| User {
            id: format!("user{n}").into(),
            email: format!("u{n}@example.com").into(),
            first_name: Some("Jane".into()),
            last_name: Some(format!("Doe {n}").into()),
            dept: Some("Sales".into()),
            ..User::default()
        })
        .collect();
    world.store.put_users(world.account, &users).await.unwrap();
    world
}

#[tokio::test]
async fn a_person_is_found_by_address_name_and_id() {
    let world = world().await;
    let by_email = world.get("/v1/people?email=John.Andersen@Example.com").await.body;
    assert_eq!(by_email["items"].as_array().unwrap().len(), 1);
    let john = &by_email["items"][0];
    assert_eq!((&john["id"], &john["emails"]), (&json!(JOHNS_PERSON_ID), &json!([JOHNS_EMAIL])));
    assert_eq!((&john["type"], &john["loginEnabled"]), (&json!("person"), &json!(true)));
    assert_eq!(world.get(&format!("/v1/people/{JOHNS_PERSON_ID}")).await.body, *john);
    // An id is not an address.
    assert_eq!(world.get(&format!("/v1/people?email={JOHN}")).await.body, json!({"items": []}));

    let janes = pages(&world, "/v1/people?displayName=jane%20d&max=2").await;
    let names: Vec<&str> = janes
        .iter()
        .flat_map(|page| page["items"].as_array().unwrap())
        .map(|person| person["displayName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Jane Doe 0", "Jane Doe 1", "Jane Doe 2", "Jane Doe 3", "Jane Doe 4"]);
    assert_eq!(pages(&world, "/v1/people?max=4").await.len(), 2);

    let by_id = world.get(&format!("/v1/people?id=nobody,{JOHNS_PERSON_ID}")).await.body;
    assert_eq!(by_id, json!({"items": [john], "notFoundIds": ["nobody"]}));
}

#[tokio::test]
async fn everybody_is_listed_for_administrators_only() {
    let world = world().await;
    let token = world.token("spark:people_read", None).await;
    for (target, status) in [("/v1/people", 403), ("/v1/people?displayName=J", 200), ("/v1/people?email=a@b", 200)] {
        assert_eq!(world.call_as(&token, "GET", target, None).await.status.as_u16(), status, "{target}");
    }
    for (target, status, description) in [
        ("/v1/people?roles=1", 400, "'roles' is not supported: Rollcall does not store it".to_owned()),
        ("/v1/people?max=0", 400, "'max' must be a whole number, at least 1".to_owned()),
        (
            &*format!("/v1/people?id={}", vec!["a"; 86].join(",")),
            400,
            "'id' has 86 ids; at most 85 are allowed".to_owned(),
        ),
        ("/v1/people/nobody", 404, "'personId' is not a user of this account".to_owned()),
        ("/v1/organizations/none", 404, "unknown 'orgId': none".to_owned()),
    ] {
        world.refused("GET", target, None, status, &description).await;
    }
}

#[tokio::test]
async fn a_token_knows_whom_it_acts_for() {
    let world = world().await;
    let token = world.token("spark:people_read", Some(JOHN)).await;
    assert_eq!(world.call_as(&token, "GET", "/v1/people/me", None).await.body["id"], JOHNS_PERSON_ID);
    let machine = world.get("/v1/people/me").await.body;
    assert_eq!((&machine["type"], &machine["displayName"]), (&json!("appuser"), &json!("main")));
    let target = format!("/v1/people/{}", machine["id"].as_str().unwrap());
    assert_eq!(world.get(&target).await.body, machine);
    assert_eq!(world.get("/v1/people?orgId=none").await.body, json!({"items": []}));
}

#[tokio::test]
async fn imported_people_and_organizations_are_served_as_they_were() {
    let world = world().await;
    let own = world.get("/v1/organizations").await.body;
    assert_eq!((&own["items"][0]["displayName"], own["items"].as_array().unwrap().len()), (&json!("main"), 1));

    let org_id = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi85NmFiYzJhYS0zZGNjLTExZTUtYTE1Mi1mZTM0ODE5Y2RjOWE";
    let organization = json!({"id": org_id, "displayName": "Acme", "created": "2015-10-18T14:26:16+00:00", "new": 1});
    world.import("GET /v1/organizations", json!({"items": [organization]})).await;
    assert_eq!(world.get(&format!("/v1/organizations/{org_id}")).await.body, organization);
    assert_eq!(world.get("/v1/organizations").await.body, json!({"items": [organization]}));

    let person = json!({
        "id": "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9mNWIzNjE4Ny1jOGRkLTQ3MjctOGIyZi1mOWM0NDdmMjkwNDY",
        "emails": ["ann@example.com", "a@example.com"], "displayName": "Ann Lee", "firstName": "Ann",
        "phoneNumbers": [{"type": "work", "value": "+1 408 526 7209", "primary": true}],
        "orgId": org_id, "roles": ["r"], "department": "Sales", "created": "2015-10-18T14:26:16.000Z",
        "siteUrls": ["mysite.webex.com#attendee"], "status": "active", "invitePending": false,
        "loginEnabled": true, "type": "person"
    });
    world.import("GET /v1/people?displayName=Ann", json!({"items": [person], "notFoundIds": null})).await;
    assert_eq!(world.get("/v1/people?email=ann@example.com").await.body, json!({"items": [person]}));
    assert_eq!(world.get("/v1/people/me").await.body["orgId"], org_id);
    assert_eq!(world.get(&format!("/v1/people?max=1000&orgId={org_id}")).await.status, StatusCode::OK);
}
