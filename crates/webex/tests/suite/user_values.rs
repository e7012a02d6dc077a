use rollcall_model::{Site, Text, TrackingCode, TrackingCodeId, TrackingCodeMode};
use rollcall_webex::{
    rules::{CodeDraft, UserValuesDraft, Violations},
    status::Status,
};
use serde_json::{Value, json};

use crate::{body_with, site};

/// Three codes: one for each relevant input mode.
fn codes() -> Vec<TrackingCode> {
    let profile = json!({"name": "Profile", "inputMode": "hostProfileSelect", "scheduleStartCodes": null});
    [json!({}), json!({"name": "Division", "inputMode": "editableSelect"}), profile]
        .into_iter()
        .enumerate()
        .map(|(index, changes)| {
            let id = TrackingCodeId::from((index + 1).to_string());
            CodeDraft::parse(&body_with(changes)).unwrap().for_site(id, &site()).unwrap()
        })
        .collect()
}

fn parse(body: &Value) -> Result<Vec<(Text, Text)>, Violations> {
    UserValuesDraft::parse(body)?.for_site(&site(), &codes())
}

fn body(tracking_codes: Value) -> Value {
    json!({"siteUrl": "example.webex.com", "email": "john.andersen@example.com", "trackingCodes": tracking_codes})
}

#[track_caller]
fn check(body: &Value, description: &str) {
    let violations = parse(body).unwrap_err();
    assert_eq!(violations.status(), Status::BadRequest);
    assert_eq!(violations.descriptions().collect::<Vec<_>>(), [description], "{body}");
}

#[test]
fn values_are_taken_by_the_codes_names() {
    let values = parse(&body(json!([
        {"name": "Department", "value": "Sales"},
        {"name": "Division", "value": "Part-time"},
        {"name": "Profile", "value": "Design"}
    ])))
    .unwrap();
    let pairs: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(pairs, [("Department", "Sales"), ("Division", "Part-time"), ("Profile", "Design")]);
}

#[test]
fn no_values_are_no_fault() {
    assert_eq!(parse(&body(json!([]))).unwrap(), []);
    assert_eq!(parse(&body(json!(null))).unwrap(), []);
    assert_eq!(parse(&json!({"siteUrl": "example.webex.com", "personId": "Y2lz"})).unwrap(), []);
}

#[test]
fn a_site_and_somebody_must_be_named() {
    check(&json!({"email": "a@example.com"}), "'siteUrl' cannot be empty");
    for nobody in [json!({}), json!({"personId": "", "email": null})] {
        let mut body = nobody;
        body["siteUrl"] = json!("example.webex.com");
        check(&body, "either 'personId' or 'email' is required");
    }
    check(&json!({"siteUrl": "a.com", "personId": 7, "email": "a@b"}), "'personId' must be a string, not a number");
    let draft = UserValuesDraft::parse(&json!({"siteUrl": "A.com", "personId": "p", "email": "a@b"})).unwrap();
    assert_eq!(
        (draft.site_url.as_str(), draft.person_id.as_deref(), draft.email.as_deref()),
        ("a.com", Some("p"), Some("a@b"))
    );
}

#[test]
fn a_name_must_be_one_of_the_sites() {
    check(
        &body(json!([{"name": "1", "value": "x"}])),
        "'trackingCodes[0].name' is not a tracking code of the site: '1'",
    );
    check(&body(json!([{"value": "x"}])), "'trackingCodes[0].name' cannot be empty");
    check(
        &body(json!([{"name": "n".repeat(121), "value": "x"}])),
        "'trackingCodes[0].name' has 121 characters; at most 120 are allowed",
    );
}

#[test]
fn a_value_must_be_a_choice_where_there_is_one() {
    for name in ["Department", "Profile"] {
        check(
            &body(json!([{"name": name, "value": "sales"}])),
            &format!("'trackingCodes[0].value' cannot be 'sales': it is not an option of the tracking code '{name}'"),
        );
    }
    check(&body(json!([{"name": "Division", "value": ""}])), "'trackingCodes[0].value' cannot be empty");
    check(
        &body(json!([{"name": "Division", "value": "v".repeat(121)}])),
        "'trackingCodes[0].value' has 121 characters; at most 120 are allowed",
    );
}

#[test]
fn a_code_stands_once() {
    check(
        &body(json!([{"name": "Division", "value": "a"}, {"name": "Division", "value": "b"}])),
        "'trackingCodes[1].name' repeats the tracking code 'Division'; each code can appear once",
    );
}

#[test]
fn lists_and_entries_of_a_wrong_type_are_named() {
    check(&body(json!({})), "'trackingCodes' must be a list, not an object");
    check(&body(json!(["Division"])), "'trackingCodes[0]' must be an object, not a string");
    assert!(UserValuesDraft::from_slice(b"no").is_err());
}

#[test]
fn values_of_a_mapped_site_cannot_be_changed() {
    let site = Site { tracking_code_mode: TrackingCodeMode::Mapped, ..site() };
    let violations = UserValuesDraft::parse(&body(json!([]))).unwrap().for_site(&site, &codes()).unwrap_err();
    assert_eq!(violations.status(), Status::Forbidden);
}
