use rollcall_webex::{
    read::{ReadError, Reading, Request},
    wire,
};
use serde_json::{Value, json};

use crate::{body_with, good_body};

fn read(request: &str, body: &Value) -> Result<Reading, ReadError> {
    Request::parse(request)?.read(body.to_string().as_bytes())
}

fn code(id: Value) -> Value {
    body_with(json!({"id": id}))
}

const LIST: &str = "GET /v1/admin/meeting/config/trackingCodes?siteUrl=example.webex.com";

#[test]
fn requests_are_told_apart() {
    for (text, request) in [
        (LIST, Request::ListTrackingCodes),
        ("https://webexapis.com/v1/admin/meeting/config/trackingCodes/", Request::ListTrackingCodes),
        ("get  /v1/admin/meeting/config/trackingCodes/1", Request::TrackingCode),
        ("PUT /v1/admin/meeting/config/trackingCodes/1", Request::TrackingCode),
        ("POST /v1/admin/meeting/config/trackingCodes", Request::TrackingCode),
        ("GET /v1/admin/meeting/userconfig/trackingCodes", Request::UserTrackingCodes { person_id: None }),
        (
            "GET /v1/admin/meeting/userconfig/trackingCodes?siteUrl=a&personId=Y2%6Cz",
            Request::UserTrackingCodes { person_id: Some("Y2lz".into()) },
        ),
        ("PUT /v1/admin/meeting/userconfig/trackingCodes", Request::UserTrackingCodes { person_id: None }),
        ("GET /v1/meetings/trackingCodes?service=All", Request::HostTrackingCodes),
        ("GET /v1/meetingPreferences/sites", Request::ListSites { of_user: false }),
        ("GET /v1/meetingPreferences/sites?userEmail=a%40b", Request::ListSites { of_user: true }),
        ("PUT /v1/meetingPreferences/sites?defaultSite=true", Request::DefaultSite { of_user: false }),
    ] {
        assert_eq!(text.parse::<Request>().unwrap(), request, "{text}");
    }
    for text in ["", "GET", "DELETE /v1/admin/meeting/config/trackingCodes/1", "GET /v2/metrics/meetings", "https://x"]
    {
        assert!(matches!(Request::parse(text), Err(ReadError::UnknownRequest { .. })), "{text}");
    }
}

#[test]
fn one_code_is_read_with_its_id() {
    for method in ["GET", "PUT"] {
        let request = format!("{method} /v1/admin/meeting/config/trackingCodes/1?siteUrl=example.webex.com");
        let reading = read(&request, &code(json!("1"))).unwrap();
        let answered = wire::TrackingCode::from(&reading.batch.tracking_codes[0]);
        assert_eq!(serde_json::to_value(answered).unwrap(), code(json!("1")));
    }
    let bare = read("POST /v1/admin/meeting/config/trackingCodes", &code(json!(7))).unwrap();
    assert_eq!(bare.batch.tracking_codes[0].id.as_str(), "7");
}

#[test]
fn one_code_that_breaks_a_rule_is_an_error() {
    let request = "GET /v1/admin/meeting/config/trackingCodes/1";
    for (id, reason) in [
        (json!(null), "'id' cannot be empty"),
        (json!("x1"), "'id' must be a decimal number in a string, not another text"),
        (json!(-1), "'id' must be a decimal number in a string, not another text"),
        (json!("1234567890123456789"), "'id' must be a decimal number in a string, not another text"),
        (json!([]), "'id' must be a decimal number in a string, not a list"),
    ] {
        assert_eq!(read(request, &code(id)).unwrap_err().to_string(), reason);
    }
    assert_eq!(read(request, &json!({"id": "1", "name": 1})).unwrap_err().to_string().split("; also ").count(), 6);
    assert!(matches!(read(request, &json!([])), Err(ReadError::Invalid(_))));
}

#[test]
fn a_broken_entry_of_a_list_leaves_the_others() {
    let mut broken = code(json!("2"));
    broken["options"][0]["value"] = json!("");
    let reading = read(LIST, &json!({"items": [code(json!("1")), broken, 5, code(json!("3"))]})).unwrap();
    let ids: Vec<&str> = reading.batch.tracking_codes.iter().map(|code| code.id.as_str()).collect();
    assert_eq!(ids, ["1", "3"]);
    let defects: Vec<(&str, &str)> =
        reading.defects.iter().map(|defect| (defect.path.as_str(), defect.reason.as_str())).collect();
    assert_eq!(
        defects,
        [("items[1]", "'options[0].value' cannot be empty"), ("items[2]", "a JSON object is required, not a number")]
    );
}

#[test]
fn a_list_must_be_there() {
    assert_eq!(read(LIST, &good_body()).unwrap_err(), ReadError::NoList { field: "items" });
    assert_eq!(read(LIST, &json!({"items": []})).unwrap(), Reading::default());
}

#[test]
fn a_users_values_are_read() {
    let body = json!({
        "personId": "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8xOGJiOWNjMC0zMWM2LTQ3MzYtYmE4OC0wMDk5ZmQzNDNmODE",
        "email": "john.andersen@example.com",
        "siteUrl": "Example.webex.com",
        "trackingCodes": [
            {"id": 1, "name": "Department", "value": "Sales"},
            {"id": "2", "name": "Division"},
            {"id": "3", "name": "Project", "value": "Apollo"}
        ]
    });
    let reading = read("PUT /v1/admin/meeting/userconfig/trackingCodes", &body).unwrap();
    let [facts] = reading.batch.user_tracking_codes.as_slice() else { panic!("one user") };
    assert_eq!(facts.site_url, "example.webex.com");
    let ids: Vec<&str> = facts.user_ids.iter().map(|id| id.as_str()).collect();
    assert_eq!(ids.first(), Some(&"GLucwDHGRza6iACZ_TQ_gQ"), "the user that Zoom spells with the same bytes");
    assert_eq!(ids.last().copied(), body["personId"].as_str());
    assert_eq!(facts.email, "john.andersen@example.com");
    assert_eq!(facts.values, [("Department".into(), "Sales".into()), ("Project".into(), "Apollo".into())]);
    assert_eq!(reading.defects[0].path, "trackingCodes[1]");
    assert_eq!(reading.defects[0].reason, "'value' cannot be empty");
}

#[test]
fn who_a_user_is_may_stand_in_the_request() {
    let body = json!({"siteUrl": "example.webex.com"});
    let reading = read("GET /v1/admin/meeting/userconfig/trackingCodes?personId=Y2lz", &body).unwrap();
    let facts = &reading.batch.user_tracking_codes[0];
    assert_eq!(
        (facts.user_ids.as_slice(), facts.email.as_str(), facts.values.len()),
        (["Y2lz".into()].as_slice(), "", 0)
    );
    let error = read("GET /v1/admin/meeting/userconfig/trackingCodes", &body).unwrap_err();
    assert_eq!(error.to_string(), "either 'personId' or 'email' is required");
}

#[test]
fn sites_are_read_under_their_own_key() {
    let body = json!({"sites": [
        {"siteUrl": "site1-example.webex.com", "default": false},
        {"siteUrl": "site2-example.webex.com"},
        {"siteUrl": "Site4-example.webex.com", "default": true}
    ]});
    let sites = |request: &str| -> Vec<(String, bool)> {
        let reading = read(request, &body).unwrap();
        assert_eq!(reading.defects.len(), 1);
        reading.batch.sites.iter().map(|site| (site.url.to_string(), site.is_default)).collect()
    };
    assert_eq!(
        sites("GET /v1/meetingPreferences/sites"),
        [("site1-example.webex.com".to_owned(), false), ("site4-example.webex.com".to_owned(), true)]
    );
    assert!(sites("GET /v1/meetingPreferences/sites?userEmail=a@b").iter().all(|(_, is_default)| !is_default));

    let default = json!({"siteUrl": "site4-example.webex.com", "default": true});
    let reading = read("PUT /v1/meetingPreferences/sites?defaultSite=true", &default).unwrap();
    assert!(reading.batch.sites[0].is_default);
}

#[test]
fn a_hosts_view_cannot_be_imported() {
    let error = read("GET /v1/meetings/trackingCodes?service=MeetingCenter", &json!({"items": []})).unwrap_err();
    assert_eq!(error, ReadError::HostView);
    assert!(error.to_string().contains("GET /v1/admin/meeting/config/trackingCodes"));
}

#[test]
fn an_error_answer_is_told_from_data() {
    let body = json!({"message": "no", "errors": [{"description": "no"}], "trackingId": "1"});
    assert_eq!(read(LIST, &body).unwrap_err(), ReadError::ErrorAnswer { message: "no".to_owned() });
    assert!(matches!(Request::ListTrackingCodes.read(b"<html>"), Err(ReadError::Invalid(_))));
}
