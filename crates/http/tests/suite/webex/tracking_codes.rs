use axum::http::StatusCode;
use rollcall_model::{CodeType, HostProfileCode, InputMode, ScheduleStartCode, Service, TrackingCode};
use rollcall_store::TrackingCodeStore;
use serde_json::{Value, json};

use crate::webex::{CODES, World, body_with, good_body, path_of};

#[tokio::test]
async fn a_code_is_made_read_listed_replaced_and_deleted() {
    let world = World::new().await;
    let made = world.call("POST", CODES, Some(good_body())).await;
    assert_eq!(made.status, StatusCode::OK);
    let code = body_with(json!({"id": "1"}));
    assert_eq!(made.body, code);

    let path = path_of("1");
    let read = world.get(&format!("{path}?siteUrl=example.webex.com")).await;
    assert_eq!((read.status, &read.body), (StatusCode::OK, &code));
    assert!(read.headers["content-type"].to_str().unwrap().starts_with("application/json"));
    assert_eq!(world.get(&path).await.body, code, "the default site is used if none is specified");
    assert_eq!(world.get(&format!("{path}?siteUrl=EXAMPLE.webex.com")).await.body, code);

    let listed = world.get(CODES).await;
    assert_eq!((listed.status, &listed.body), (StatusCode::OK, &json!({"items": [code]})));
    assert!(!listed.headers.contains_key("link"), "a list that is whole has no next page");
    assert_eq!(world.get(&format!("{CODES}?siteUrl=hub.webex.com")).await.body, json!({"items": []}));

    let change = json!({"name": "Team", "inputMode": "text", "options": [], "scheduleStartCodes": []});
    let replaced = world.call("PUT", &path, Some(body_with(change))).await;
    assert_eq!(replaced.status, StatusCode::OK);
    let types: Vec<&Value> =
        replaced.body["scheduleStartCodes"].as_array().unwrap().iter().map(|rule| &rule["type"]).collect();
    assert_eq!(types, ["notUsed"; 5]);
    assert_eq!(replaced.body["options"], json!([]));
    assert_eq!(world.get(&path).await.body, replaced.body);

    let deleted = world.call("DELETE", &format!("{path}?siteUrl=example.webex.com"), None).await;
    assert_eq!((deleted.status, deleted.body), (StatusCode::NO_CONTENT, Value::Null));
    assert_eq!(world.get(CODES).await.body, json!({"items": []}));
}

#[tokio::test]
async fn codes_are_listed_by_their_number() {
    let world = World::new().await;
    for index in 1..=10 {
        let id = world.create(body_with(json!({"name": format!("Code {index}")}))).await;
        assert_eq!(id, index.to_string());
    }
    let listed = world.get(CODES).await.body;
    let ids: Vec<&str> = listed["items"].as_array().unwrap().iter().map(|code| code["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
}

#[tokio::test]
async fn the_first_code_of_an_empty_account_makes_its_site_known() {
    let world = World::empty().await;
    assert_eq!(world.get(CODES).await.body, json!({"items": []}));
    let no_site = "'siteUrl' is missing, and the account has no default site";
    world.refused("GET", &path_of("1"), None, 404, no_site).await;
    world.create(good_body()).await;
    assert_eq!(world.get(CODES).await.body["items"][0]["name"], "Department");
    let other = body_with(json!({"siteUrl": "other.webex.com"}));
    let unknown = "'siteUrl' is not a site of this account: 'other.webex.com'";
    world.refused("POST", CODES, Some(other), 400, unknown).await;
}

/// Every rule of the reference that depends only on the body, with its error description.
fn broken_bodies() -> Vec<(Value, String)> {
    let long = "é".repeat(121);
    let options = |count: usize| -> Vec<Value> {
        (0..count).map(|index| json!({"value": format!("v{index}"), "defaultValue": false})).collect()
    };
    let rules = |rules: Value| json!({"scheduleStartCodes": rules});
    let mut six = good_body()["scheduleStartCodes"].as_array().unwrap().clone();
    six.push(json!({"service": "All", "type": "optional"}));
    let no_site = "'siteUrl' must be a host name such as example.webex.com, without a scheme or a path";
    [
        (json!({"name": ""}), "'name' cannot be empty"),
        (json!({"name": long}), "'name' has 121 characters; at most 120 are allowed"),
        (json!({"name": 1}), "'name' must be a string, not a number"),
        (json!({"siteUrl": null}), "'siteUrl' cannot be empty"),
        (json!({"siteUrl": "https://example.webex.com"}), no_site),
        (json!({"siteUrl": "x.webex.com"}), "'siteUrl' is not a site of this account: 'x.webex.com'"),
        (
            json!({"inputMode": "list"}),
            "'inputMode' cannot be list; it must be one of: text, select, editableSelect, hostProfileSelect",
        ),
        (
            json!({"hostProfileCode": "off"}),
            "'hostProfileCode' cannot be off; it must be one of: optional, required, adminSet, notUsed",
        ),
        (json!({"options": options(501)}), "'options' has 501 entries; at most 500 are allowed"),
        (json!({"options": options(10_000)}), "'options' has 10000 entries; at most 500 are allowed"),
        (json!({"options": [{"value": "", "defaultValue": true}]}), "'options[0].value' cannot be empty"),
        (
            json!({"options": [{"value": long, "defaultValue": true}]}),
            "'options[0].value' has 121 characters; at most 120 are allowed",
        ),
        (json!({"options": [{"value": "a"}]}), "'options[0].defaultValue' cannot be empty"),
        (json!({"options": []}), "'options' cannot be empty if 'inputMode' is select"),
        (
            json!({"options": [{"value": "a", "defaultValue": true}, {"value": "b", "defaultValue": true}]}),
            "'options[1].defaultValue' cannot be true: another option is already the default",
        ),
        (
            json!({"options": [{"value": "a", "defaultValue": true}, {"value": "a", "defaultValue": false}]}),
            "'options[1].value' repeats the option 'a'; each value can appear once",
        ),
        (rules(json!(six)), "'scheduleStartCodes' has 6 entries; at most 5 are allowed"),
        (
            json!({"inputMode": "hostProfileSelect", "scheduleStartCodes": [{"service": "All", "type": "optional"}]}),
            "'scheduleStartCodes[0].type' must be notUsed if 'inputMode' is hostProfileSelect; or send null as \
             'scheduleStartCodes'",
        ),
        (
            json!({"hostProfileCode": "adminSet", "scheduleStartCodes": [{"service": "All", "type": "required"}]}),
            "'scheduleStartCodes[0].type' cannot be required if 'hostProfileCode' is adminSet; it must be one of: \
             adminSet, notUsed, notApplicable",
        ),
        (
            rules(json!([{"service": "All", "type": "adminSet"}])),
            "'scheduleStartCodes[0].type' cannot be adminSet if 'hostProfileCode' is optional; it must be one of: \
             optional, required, notUsed, notApplicable",
        ),
        (
            json!({"siteUrl": "hub.webex.com", "hostProfileCode": "required"}),
            "'hostProfileCode' cannot be required on a site that is managed by Control Hub; use optional or adminSet",
        ),
        (
            rules(json!([{"service": "EventCenter", "type": "notApplicable"}])),
            "'scheduleStartCodes[0].type' cannot be notApplicable for EventCenter; only the service All can have it",
        ),
        (
            rules(json!([{"service": "All", "type": "required"}, {"service": "EventCenter", "type": "optional"}])),
            "'scheduleStartCodes[1].type' must be required, as the service All has it, not optional; or send \
             notApplicable for All",
        ),
        (
            rules(json!([{"service": "All", "type": "notUsed"}, {"service": "All", "type": "notUsed"}])),
            "'scheduleStartCodes[1].service' repeats the service All; each service can appear once",
        ),
    ]
    .map(|(changes, description)| (body_with(changes), description.to_owned()))
    .into()
}

#[tokio::test]
async fn a_body_that_breaks_a_rule_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let id = world.create(good_body()).await;
    for (body, description) in broken_bodies() {
        let other = if body["name"] == "Department" { body_with_name(&body, "Other") } else { body.clone() };
        world.refused("POST", CODES, Some(other), 400, &description).await;
        world.refused("PUT", &path_of(&id), Some(body), 400, &description).await;
    }
    for key in ["name", "siteUrl", "inputMode", "hostProfileCode"] {
        let mut body = good_body();
        body.as_object_mut().unwrap().remove(key);
        world.refused("POST", CODES, Some(body), 400, &format!("'{key}' cannot be empty")).await;
    }
}

fn body_with_name(body: &Value, name: &str) -> Value {
    let mut body = body.clone();
    body["name"] = json!(name);
    body
}

#[tokio::test]
async fn all_that_is_wrong_is_told_at_once() {
    let world = World::new().await;
    let answer = world.call("POST", CODES, Some(json!({"name": 1, "options": "none"}))).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        answer.descriptions(),
        [
            "'name' must be a string, not a number",
            "'siteUrl' cannot be empty",
            "'inputMode' cannot be empty",
            "'options' must be a list, not a string",
            "'hostProfileCode' cannot be empty",
            "'scheduleStartCodes' is missing; send a list, which may be empty",
        ]
    );
}

#[tokio::test]
async fn a_name_that_is_taken_is_a_conflict() {
    let world = World::new().await;
    world.create(good_body()).await;
    let second = world.create(body_with(json!({"name": "Division"}))).await;
    let description = "'name' cannot be 'Department': the site already has a tracking code with that name";
    world.refused("POST", CODES, Some(good_body()), 409, description).await;
    world.refused("PUT", &path_of(&second), Some(good_body()), 409, description).await;
    world.create(body_with(json!({"siteUrl": "hub.webex.com"}))).await;
}

#[tokio::test]
async fn an_eleventh_code_is_refused() {
    let world = World::new().await;
    for index in 0..10 {
        world.create(body_with(json!({"name": format!("Code {index}")}))).await;
    }
    let description = "the site already has 10 tracking codes, the maximum; delete one first";
    world.refused("POST", CODES, Some(good_body()), 400, description).await;
}

#[tokio::test]
async fn codes_of_a_mapped_site_can_be_read_only() {
    let world = World::new().await;
    let mapped = TrackingCode {
        id: "7".into(),
        name: "Mapped".into(),
        site_url: "mapped.webex.com".into(),
        input_mode: InputMode::Text,
        options: Vec::new(),
        host_profile_code: HostProfileCode::Optional,
        schedule_start_codes: vec![ScheduleStartCode { service: Service::All, code_type: CodeType::NotUsed }],
    };
    world.store.put_tracking_code(world.account, &mapped).await.unwrap();
    let read = world.get(&format!("{}?siteUrl=mapped.webex.com", path_of("7"))).await;
    assert_eq!((read.status, &read.body["name"]), (StatusCode::OK, &json!("Mapped")));

    let description =
        "the tracking codes of site 'mapped.webex.com' are mapped to user attributes and cannot be changed here";
    let body = body_with(json!({"siteUrl": "mapped.webex.com"}));
    world.refused("POST", CODES, Some(body.clone()), 403, description).await;
    world.refused("PUT", &path_of("7"), Some(body), 403, description).await;
    let target = format!("{}?siteUrl=mapped.webex.com", path_of("7"));
    world.refused("DELETE", &target, None, 403, description).await;
}

#[tokio::test]
async fn an_unknown_id_is_a_bad_request_to_put_and_not_found_to_others() {
    let world = World::new().await;
    world.create(good_body()).await;
    for id in ["10001", "1x", "%20", "01"] {
        let path = format!("{CODES}/{id}");
        let decoded = id.replace("%20", " ");
        let description = format!("'trackingCodeId' is not a tracking code of the site: '{decoded}'");
        world.refused("GET", &path, None, 404, &description).await;
        world.refused("DELETE", &format!("{path}?siteUrl=example.webex.com"), None, 404, &description).await;
        let body = body_with(json!({"name": "Other"}));
        world.refused("PUT", &path, Some(body), 400, &description).await;
    }
    let of_another_site = format!("{}?siteUrl=hub.webex.com", path_of("1"));
    assert_eq!(world.get(&of_another_site).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get(&format!("{CODES}/%FF")).await.status, StatusCode::NOT_FOUND);

    let put = world.call("PUT", &path_of("9"), Some(body_with(json!({"name": "Other"})))).await;
    let get = world.get(&path_of("9")).await;
    assert_eq!(put.body["message"], get.body["message"], "PUT answers 400 in the words of 404");
}

#[tokio::test]
async fn a_site_must_be_named_to_delete_and_must_exist() {
    let world = World::new().await;
    let id = world.create(good_body()).await;
    let path = path_of(&id);
    world.refused("DELETE", &path, None, 400, "'siteUrl' cannot be empty").await;
    world.refused("DELETE", &format!("{path}?siteUrl="), None, 400, "'siteUrl' cannot be empty").await;
    let unknown = "'siteUrl' is not a site of this account: 'other.webex.com'";
    for (method, target) in [("DELETE", path.as_str()), ("GET", path.as_str()), ("GET", CODES)] {
        world.refused(method, &format!("{target}?siteUrl=other.webex.com"), None, 404, unknown).await;
    }
    let no_host = "'siteUrl' must be a host name such as example.webex.com, without a scheme or a path";
    world.refused("GET", &format!("{CODES}?siteUrl=https%3A%2F%2Fexample.webex.com"), None, 400, no_host).await;
}
