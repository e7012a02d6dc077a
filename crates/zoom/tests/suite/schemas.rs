//! The schemas of the API's description.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use serde_json::Value;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(components(schemas(
    rollcall_zoom::wire::Error,
    rollcall_zoom::wire::Meeting,
    rollcall_zoom::wire::MetricsMeetingDetail,
    rollcall_zoom::wire::MetricsMeetings,
    rollcall_zoom::wire::MetricsWebinars,
    rollcall_zoom::wire::ParticipantsPage,
    rollcall_zoom::wire::PastMeeting,
    rollcall_zoom::wire::PastMeetingInstances,
    rollcall_zoom::wire::PastWebinarInstances,
    rollcall_zoom::wire::QosPage,
    rollcall_zoom::wire::TrackingSources,
    rollcall_zoom::wire::UserDetail,
    rollcall_zoom::wire::UserMeetings,
    rollcall_zoom::wire::UserWebinars,
    rollcall_zoom::wire::Users,
)))]
struct Document;

fn schemas() -> serde_json::Map<String, Value> {
    let document = serde_json::to_value(Document::openapi()).unwrap();
    document["components"]["schemas"].as_object().unwrap().clone()
}

fn visit(path: &str, value: &Value, see: &mut dyn FnMut(&str, &Value)) {
    see(path, value);
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| visit(&format!("{path}/{key}"), value, see)),
        Value::Array(items) => items.iter().for_each(|value| visit(path, value, see)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_to_a_schema_of_this_crate() {
    let schemas = schemas();
    for (name, schema) in &schemas {
        assert!(name.starts_with("Zoom"), "{name}: the name would collide with another vendor's");
        visit(name, schema, &mut |path, value| {
            if let Some(target) = value.get("$ref").and_then(Value::as_str) {
                let target = target.rsplit('/').next().unwrap();
                assert!(schemas.contains_key(target), "{path} leads to {target}, which is not described");
            }
        });
    }
}

#[test]
fn every_property_is_described_and_none_is_null() {
    for (name, schema) in &schemas() {
        assert!(schema["description"].is_string() || schema.get("allOf").is_some(), "{name}");
        visit(name, schema, &mut |path, value| {
            for (key, property) in value.get("properties").and_then(Value::as_object).into_iter().flatten() {
                assert!(property["description"].is_string(), "{path}.{key} has no description: {property}");
                let kind = property.get("type").or(property.get("$ref")).or(property.get("allOf"));
                assert!(kind.is_some_and(|kind| !kind.to_string().contains("null")), "{path}.{key}: {property}");
            }
        });
    }
}

#[test]
fn keys_of_every_answer_are_required_and_the_others_are_not() {
    let schemas = schemas();
    let required = |name: &str| schemas[name]["required"].as_array().unwrap().clone();
    assert!(required("ZoomParticipant").contains(&"harddisk_id".into()));
    assert!(!required("ZoomParticipant").contains(&"leave_time".into()));
    assert!(required("ZoomTrackingSource").contains(&"registrationr_count".into()));
    assert_eq!(required("ZoomPaging").len(), 4);
    assert_eq!(schemas["ZoomParticipant"]["properties"]["join_time"]["format"], "date-time");
    assert_eq!(schemas["ZoomRole"]["enum"][2], "panelist");
}
