//! Sample bodies of the vendors' documents: imported, then read back, they are equal, or the import names the
//! difference.
//!
//! The documents are not part of the repository. Without them, there is nothing to test.

use std::{collections::BTreeSet, fs, path::PathBuf};

use rollcall_import::Request;
use serde_json::{Map, Value, json};

use crate::world::{World, line};

const DOCUMENTS: [(&str, &str); 4] = [
    ("zoom-dashboards.openapi.json", "/v2"),
    ("zoom-meetings-reporting-2025-12.openapi.json", "/v2"),
    ("webex-reporting.openapi.json", "/v1"),
    ("webex-meeting-more.openapi.json", "/v1"),
];

/// The run for samples that contain none.
const RUN: &str = "sampleRunAAAAAAAAAAAAA==";

/// Values of the samples that another record or the request determines: pages, and ids in a path.
const NOT_COMPARED: [&str; 9] = [
    "page_count",
    "page_size",
    "page_number",
    "total_records",
    "next_page_token",
    "from",
    "to",
    "account_id",
    "timezone",
];

/// Operations whose sample has no way back, and why.
const NOT_READ_BACK: [&str; 17] = [
    // What it returns is a host's view of two other lists.
    "/v1/meetings/trackingCodes",
    // It is about the token's user, and these tokens have none.
    "/v1/people/me",
    // The sample is a list of many kinds of persons, with flags as texts, or needs a meeting that is known.
    "/v1/people",
    "/v1/people/{personId}",
    "/v1/meetings/{meetingId}/registration",
    "/v1/meetings/{meetingId}/invitationSources",
    "/v1/meetingInvitees",
    "/v1/meetingInvitees/{meetingInviteeId}",
    "/v1/meetingReports/usage",
    "/v1/meetingReports/attendees",
    "/v2/webinars/{webinarId}/panelists",
    "/v2/webinars/{webinarId}/registrants/questions",
    "/v2/meetings/{meetingId}/registrants/questions",
    "/v2/webinars/{webinarId}/registrants/{registrantId}",
    // Meetings in it have no host, or users in it only sums.
    "/v2/users/{userId}/upcoming_meetings",
    "/v2/report/users",
    "/v2/report/users/{userId}/meetings",
];

fn documents() -> Option<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().map(|folder| folder.join("shared/spec")).find(|folder| folder.is_dir())
}

/// A value that matches a schema: its example, or one built from its parts.
fn sample(schema: &Value, document: &Value, depth: usize) -> Value {
    if depth > 12 {
        return Value::Null;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = document.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
        return sample(target, document, depth + 1);
    }
    if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return example.clone();
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        if let Some(parts) = schema[key].as_array() {
            let parts = parts.iter().map(|part| sample(part, document, depth + 1));
            let mut all = Map::new();
            for part in parts {
                let Value::Object(mut part) = part else { return part };
                all.append(&mut part);
            }
            return Value::Object(all);
        }
    }
    if let Some(properties) = schema["properties"].as_object() {
        let fields = properties.iter().map(|(key, field)| (key.clone(), sample(field, document, depth + 1)));
        return Value::Object(fields.filter(|(_, value)| !value.is_null()).collect());
    }
    match schema["type"].as_str() {
        Some("array") => json!([sample(&schema["items"], document, depth + 1)]),
        _ => schema["enum"].get(0).or_else(|| schema.get("default")).cloned().unwrap_or(Value::Null),
    }
}

/// The samples of an operation's responses.
fn samples(operation: &Value, document: &Value) -> Vec<Value> {
    let answers = operation["responses"].as_object().into_iter().flatten();
    let answers = answers.filter(|(status, _)| status.starts_with('2'));
    let bodies = answers.filter_map(|(_, answer)| answer["content"].as_object()).flatten().map(|(_, body)| body);
    let mut found = Vec::new();
    for body in bodies {
        let named = body["examples"].as_object().into_iter().flatten().map(|(_, example)| &example["value"]);
        for example in body.get("example").into_iter().chain(named) {
            let text = example.as_str().and_then(|text| serde_json::from_str(text).ok());
            found.push(text.unwrap_or_else(|| example.clone()));
        }
        found.push(sample(&body["schema"], document, 0));
    }
    found.retain(|body| body.as_object().is_some_and(|body| !body.is_empty()));
    found
}

/// The list that a body consists of.
fn items(body: &Value) -> Option<&Vec<Value>> {
    let lists =
        ["history_meetings", "participants", "meetings", "webinars", "users", "items", "sites", "tracking_sources"];
    lists.iter().find_map(|list| body[*list].as_array())
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The request whose response the body may be, and the one that reads it back.
fn requests(path: &str, body: &Value) -> Option<(String, String)> {
    let first = items(body).and_then(|items| items.first()).unwrap_or(body);
    let first_of = |name: &str| if body[name].is_string() { &body[name] } else { &body["uuid"] };
    let mut target = path.to_owned();
    for (name, values) in [
        ("{meetingId}", [first_of("meeting_uuid"), &body["id"]]),
        ("{webinarId}", [first_of("webinar_uuid"), &body["id"]]),
        ("{userId}", [&first["host_id"], &body["id"]]),
        ("{participantId}", [&body["user_id"], &body["id"]]),
        ("{trackingCodeId}", [&body["id"], &Value::Null]),
        ("{personId}", [&body["id"], &Value::Null]),
        ("{meetingInviteeId}", [&body["id"], &Value::Null]),
        ("{registrantId}", [&body["id"], &Value::Null]),
    ] {
        let is_number = path.contains("/meetings/{") && !path.contains("metrics") && !path.contains("report")
            || path.contains("/webinars/{") && !path.contains("metrics") && !path.contains("report")
            || path.ends_with("/instances")
            || path.ends_with("/tracking_sources");
        let values = if is_number && !path.starts_with("/v1") { [&body["id"], &first["id"]] } else { values };
        let fallback = if is_number { "123456789".to_owned() } else { RUN.to_owned() };
        let value = values.into_iter().find_map(text).unwrap_or(fallback);
        target = target.replace(name, &value.replace('/', "%252F").replace('+', "%2B").replace('=', "%3D"));
    }
    let query = if let Some(kept) = rollcall_zoom::kept::all().find(|kept| kept.operation.path == path) {
        let entry = kept.shape.list().and_then(|list| body[list].get(0)).unwrap_or(&Value::Null);
        let day = kept.time.and_then(|name| entry[name].as_str()).map_or("2026-09-01", |time| &time[..10]);
        let state = if path.contains("/metrics/") { "type=past&" } else { "" };
        format!("?{state}billing_id=1&from={day}&to={day}")
    } else if target.starts_with("/v2/report/") && !target.contains("etings/") && !target.contains("ebinars/") {
        let day = first["start_time"].as_str().map_or("2026-09-01", |time| &time[..10]);
        format!("?from={day}&to={day}")
    } else if target.starts_with("/v1/meetingReports") {
        let day =
            first["start"].as_str().or_else(|| first["joinedTime"].as_str()).map_or("2026-09-01", |time| &time[..10]);
        format!("?siteUrl=example.webex.com&from={day}&to={day}&meetingId={}", text(&first["meetingId"])?)
    } else if target == "/v1/meetingInvitees" {
        format!("?meetingId={}", text(&first["meetingId"])?)
    } else if target.contains("/metrics/") {
        let day = first["start_time"].as_str().map_or("2026-09-01", |time| &time[..10]);
        format!("?type=past&from={day}&to={day}&include_fields=tracking_fields,registrant_id")
    } else if target.ends_with("/participants") {
        "?include_fields=registrant_id".to_owned()
    } else if target == "/v2/users" {
        "?include_fields=host_key".to_owned()
    } else if target == "/v1/meetings" {
        // Runs, series and scheduled meetings are never in one list, so they are read back one by one.
        return Some(("GET /v1/meetings".to_owned(), format!("/v1/meetings/{}", text(&first["id"])?)));
    } else if target == "/v1/meetingParticipants" {
        format!("?meetingId={}", first["meetingId"].as_str()?)
    } else if target.ends_with("qualities") {
        format!("?meetingId={}", first["meetingInstanceId"].as_str()?)
    } else if target.contains("trackingCodes") {
        let person = text(&body["personId"]).map(|id| format!("&personId={id}")).unwrap_or_default();
        format!("?siteUrl={}{person}", text(&first["siteUrl"]).or_else(|| text(&body["siteUrl"]))?)
    } else {
        String::new()
    };
    Some((format!("GET {target}{query}"), format!("{target}{query}")))
}

/// The differences between `found` and `expected`, as the keys that lead to each.
fn differences(expected: &Value, found: &Value, way: &[String], all: &mut Vec<Vec<String>>) {
    match (expected, found) {
        (Value::Null, _) => {}
        // Vendors send blank texts for unknown values.
        (Value::String(text), Value::Null) if text.is_empty() => {}
        (Value::Array(list), Value::Null) if list.is_empty() => {}
        (Value::Object(expected), Value::Object(found)) => {
            for (key, value) in expected.iter().filter(|(key, _)| !NOT_COMPARED.contains(&key.as_str())) {
                let way = [way, std::slice::from_ref(key)].concat();
                differences(value, found.get(key).unwrap_or(&Value::Null), &way, all);
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (expected, found) in expected.iter().zip(found) {
                differences(expected, found, way, all);
            }
        }
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => {}
        (Value::String(one), Value::String(other)) if is_same_time(one, other) => {}
        (expected, found) if expected == found => {}
        _ => all.push(way.to_vec()),
    }
}

fn is_same_time(one: &str, other: &str) -> bool {
    let time = |text: &str| text.parse::<rollcall_model::Timestamp>().ok();
    time(one).is_some() && time(one) == time(other)
}

#[tokio::test]
async fn sample_bodies_come_back_or_the_import_names_what_does_not() {
    let Some(folder) = documents() else {
        eprintln!("skipped: the vendors' documents are not here");
        return;
    };
    let (mut tried, mut wrong) = (0, Vec::new());
    for (name, prefix) in DOCUMENTS {
        let document: Value = serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            let operation = &item["get"];
            for body in samples(operation, &document) {
                let path = format!("{prefix}{path}");
                let Some((request, target)) = requests(&path, &body) else { continue };
                if request.parse::<Request>().is_err() || NOT_READ_BACK.contains(&path.as_str()) {
                    continue;
                }
                tried += 1;
                let world = World::new().await;
                let imported = world.import(line(&request, &body)).await;
                if imported.summary.exchanges == 0 {
                    // It was refused with a reason.
                    assert!(!imported.problems.is_empty(), "{request}: {body}");
                    continue;
                }
                let Some(answer) = world.try_get(&target).await else {
                    if imported.problems.is_empty() {
                        wrong.push(format!("{request}: cannot be read back"));
                    }
                    continue;
                };
                let words = |text: &str| -> BTreeSet<String> {
                    text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
                };
                let mut named: BTreeSet<String> = imported.problems.iter().flat_map(|problem| words(problem)).collect();
                named.extend(imported.summary.unkept.keys().flat_map(|path| words(path)));
                let mut all = Vec::new();
                let expected = if path == "/v1/meetings" { &body["items"][0] } else { &body };
                differences(expected, &answer, &[], &mut all);
                all.retain(|way| !way.iter().skip(usize::from(way.len() > 1)).any(|key| named.contains(key)));
                wrong.extend(all.into_iter().map(|way| format!("{request}: {}", way.join("."))));
            }
        }
    }
    assert!(tried > 20, "{tried}");
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{} of {tried} samples:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn sample_events_are_taken() {
    let Some(folder) = documents() else {
        eprintln!("skipped: the vendors' documents are not here");
        return;
    };
    let document: Value =
        serde_json::from_slice(&fs::read(folder.join("zoom-qss-events.openapi.json")).unwrap()).unwrap();
    let mut taken = 0;
    for (event, item) in document["paths"].as_object().unwrap() {
        // A delivery has the structure of a response body.
        let operation = json!({"responses": {"200": item["post"]["requestBody"]}});
        for mut body in samples(&operation, &document) {
            let participant = &body["payload"]["object"]["participant"];
            if participant["user_id"].is_null() && participant["participant_id"].is_null() {
                // Built from a schema without an example.
                continue;
            }
            body["event"] = event.as_str().into();
            let world = World::new().await;
            let summary = world.import(body.to_string()).await.whole();
            assert_eq!((summary.deliveries, summary.skipped), (1, 0), "{event}");
            taken += 1;
        }
    }
    assert!(taken >= 8, "{taken}");
}
