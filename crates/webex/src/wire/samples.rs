//! Complete objects for the API description.

use serde_json::{Value, json};

const PERSON_ID: &str = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8xOGJiOWNjMC0zMWM2LTQ3MzYtYmE4OC0wMDk5ZmQzNDNmODE";

fn options() -> Value {
    json!([
        {"value": "Engineering", "defaultValue": false},
        {"value": "Design", "defaultValue": true},
        {"value": "Sales", "defaultValue": false}
    ])
}

/// A code as sent in requests: omitted services become `notUsed`.
pub(super) fn tracking_code_body() -> Value {
    json!({
        "name": "Department",
        "siteUrl": "example.webex.com",
        "inputMode": "select",
        "options": options(),
        "hostProfileCode": "optional",
        "scheduleStartCodes": [
            {"service": "MeetingCenter", "type": "required"},
            {"service": "EventCenter", "type": "optional"}
        ]
    })
}

/// The same code as in responses.
pub(super) fn tracking_code() -> Value {
    let mut code = tracking_code_body();
    code["id"] = json!("1");
    code["scheduleStartCodes"] = json!([
        {"service": "All", "type": "notApplicable"},
        {"service": "MeetingCenter", "type": "required"},
        {"service": "EventCenter", "type": "optional"},
        {"service": "TrainingCenter", "type": "notUsed"},
        {"service": "SupportCenter", "type": "notUsed"}
    ]);
    code
}

/// The same code as shown to a host.
pub(super) fn host_tracking_code() -> Value {
    json!({
        "id": "1",
        "name": "Department",
        "siteUrl": "example.webex.com",
        "inputMode": "select",
        "options": options(),
        "service": "MeetingCenter",
        "type": "required"
    })
}

/// A user's values as sent in requests.
pub(super) fn user_tracking_codes_body() -> Value {
    json!({
        "siteUrl": "example.webex.com",
        "email": "john.andersen@example.com",
        "trackingCodes": [{"name": "Department", "value": "Sales"}]
    })
}

/// A user's values as in responses.
pub(super) fn user_tracking_codes() -> Value {
    json!({
        "personId": PERSON_ID,
        "email": "john.andersen@example.com",
        "siteUrl": "example.webex.com",
        "trackingCodes": [
            {"id": "1", "name": "Department", "value": "Sales"},
            {"id": "2", "name": "Division", "value": "Part-time"}
        ]
    })
}

/// Sites.
pub(super) fn sites() -> Value {
    json!({
        "sites": [
            {"siteUrl": "example.webex.com", "default": true},
            {"siteUrl": "example-eu.webex.com", "default": false}
        ]
    })
}
