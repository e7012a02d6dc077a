//! The crate through its public interface: bodies go in; model types, violations and bodies come out.

#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "these are tests; `json!` bodies are made to be passed on"
)]

mod host;
mod properties;
mod read;
mod rules;
mod seed;
mod user_values;
mod wire;

use rollcall_model::{Site, SiteManager, TrackingCodeMode};
use serde_json::{Value, json};

/// A body that satisfies every rule.
fn good_body() -> Value {
    json!({
        "name": "Department",
        "siteUrl": "example.webex.com",
        "inputMode": "select",
        "options": [
            {"value": "Engineering", "defaultValue": false},
            {"value": "Design", "defaultValue": true},
            {"value": "Sales", "defaultValue": false}
        ],
        "hostProfileCode": "optional",
        "scheduleStartCodes": [
            {"service": "All", "type": "notApplicable"},
            {"service": "MeetingCenter", "type": "required"},
            {"service": "EventCenter", "type": "optional"},
            {"service": "TrainingCenter", "type": "notUsed"},
            {"service": "SupportCenter", "type": "notUsed"}
        ]
    })
}

/// [`good_body`] with other values for some of its keys.
fn body_with(changes: Value) -> Value {
    let mut body = good_body();
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

/// [`good_body`] without a key.
fn body_without(key: &str) -> Value {
    let mut body = good_body();
    body.as_object_mut().unwrap().remove(key);
    body
}

fn site() -> Site {
    Site {
        url: "example.webex.com".into(),
        is_default: true,
        managed_by: SiteManager::SiteAdmin,
        tracking_code_mode: TrackingCodeMode::Classic,
    }
}
