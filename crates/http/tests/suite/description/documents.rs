//! The documents: their completeness, and each word of them.

use std::collections::BTreeSet;

use rollcall_http::{api_document, webex_document, zoom_document};
use serde_json::{Map, Value};

/// The operations that issue tokens, which need none.
const TOKEN_OPERATIONS: [&str; 3] = ["createToken", "revokeToken", "createAccessToken"];

/// A document's description of an operation.
struct Described {
    id: String,
    path: String,
    method: String,
    operation: Value,
}

impl Described {
    fn parameters(&self) -> &[Value] {
        self.operation["parameters"].as_array().map_or(&[], Vec::as_slice)
    }

    fn responses(&self) -> &Map<String, Value> {
        self.operation["responses"].as_object().unwrap()
    }

    fn needs_token(&self) -> bool {
        !TOKEN_OPERATIONS.contains(&self.id.as_str())
    }

    #[track_caller]
    fn check(&self) {
        let Self { id, path, operation, .. } = self;
        assert!(is_text(&operation["summary"]), "{id} has a summary");
        assert!(operation["tags"][0].is_string(), "{id} has a tag");
        for parameter in self.parameters() {
            assert!(is_text(&parameter["description"]), "{id} describes {}", parameter["name"]);
        }
        let in_path: BTreeSet<&str> =
            self.parameters().iter().filter(|one| one["in"] == "path").filter_map(|one| one["name"].as_str()).collect();
        let placeholders: BTreeSet<&str> =
            path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(in_path, placeholders, "{id}");
        if let Some(body) = operation.get("requestBody") {
            assert!(body["content"].as_object().is_some_and(|content| !content.is_empty()), "{id}");
        }
        for (status, response) in self.responses() {
            assert!(is_text(&response["description"]), "{id} describes {status}");
        }
        let made = self.responses().get("201");
        match (self.responses().get("200").or(made), self.responses().get("204")) {
            (Some(success), None) => {
                let content = &success["content"]["application/json"];
                assert!(content["schema"].is_object() && content["example"].is_object(), "{id} has a sample");
            }
            (None, Some(success)) => assert!(success.get("content").is_none(), "{id}"),
            _ => panic!("{id} describes one success"),
        }
        if self.needs_token() {
            let scopes = operation["security"][0]["bearer"].as_array().unwrap();
            assert!(!scopes.is_empty() && operation["x-scopes"].as_array() == Some(scopes), "{id} names its scopes");
        }
    }

    #[track_caller]
    fn check_errors(&self, statuses: &[&str]) {
        for status in statuses {
            let response = self.responses().get(*status).unwrap_or_else(|| panic!("{} describes {status}", self.id));
            assert!(response["content"]["application/json"]["schema"].is_object(), "{} {status}", self.id);
        }
    }
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

fn described(document: &Value) -> Vec<Described> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            let (path, method) = (path.clone(), method.clone());
            all.push(Described { id, path, method, operation: operation.clone() });
        }
    }
    let ids: BTreeSet<&str> = all.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids.len(), all.len(), "each id stands once");
    all
}

fn zoom() -> Value {
    serde_json::to_value(zoom_document()).unwrap()
}

fn webex() -> Value {
    serde_json::to_value(webex_document()).unwrap()
}

fn own() -> Value {
    serde_json::to_value(api_document()).unwrap()
}

#[test]
fn zooms_operations_are_described_in_full() {
    let operations = described(&zoom());
    assert_eq!(operations.len(), rollcall_zoom::operations::ALL.len());
    for one in operations {
        one.check();
        one.check_errors(if one.needs_token() { &["400", "401", "429"] } else { &["400", "401"] });
        let label = one.operation["x-rate-limit-label"].as_str();
        let known = ["Light", "Medium", "Heavy", "Resource-intensive"];
        assert_eq!(label.is_some_and(|label| known.contains(&label)), one.needs_token(), "{} has a label", one.id);
        if one.path.contains("/{") {
            one.check_errors(&["404"]);
        }
    }
}

#[test]
fn webexs_operations_are_described_in_full() {
    let operations = described(&webex());
    assert_eq!(operations.len(), rollcall_webex::operations::ALL.len());
    for one in operations {
        one.check();
        one.check_errors(if one.needs_token() { &["400", "401", "403", "404", "500"] } else { &["400", "401"] });
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(array) => array.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    for document in [zoom(), webex(), own()] {
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }
}

/// Compares each operation and each schema with its snapshot. Samples are in `samples.json`.
fn assert_stays(surface: &str, mut document: Value) {
    for one in described(&document) {
        let mut operation = one.operation;
        for status in ["200", "201"] {
            let content = format!("/responses/{status}/content/application~1json");
            if let Some(content) = operation.pointer_mut(&content) {
                content.as_object_mut().unwrap().remove("example");
            }
        }
        assert_snapshot(surface, &one.id, &serde_json::json!({ one.path: { one.method: operation } }));
    }
    document.as_object_mut().unwrap().remove("paths");
    let schemas = document.pointer_mut("/components/schemas").unwrap().take();
    for (name, schema) in schemas.as_object().unwrap() {
        assert_snapshot(&format!("{surface}/schemas"), name, schema);
    }
    assert_snapshot(surface, "document", &document);
}

fn assert_snapshot(folder: &str, name: &str, value: &Value) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("snapshots/{folder}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, serde_json::to_string_pretty(value).unwrap()));
}

#[test]
fn zooms_operations_stay_as_they_are() {
    assert_stays("zoom", zoom());
}

#[test]
fn webexs_operations_stay_as_they_are() {
    assert_stays("webex", webex());
}

#[test]
fn own_operations_stay_as_they_are() {
    assert_stays("rollcall", own());
}

#[tokio::test]
async fn the_documents_are_served() {
    use crate::common::Server;
    let server = Server::new(rollcall_http::Settings::default()).await;
    for (target, document) in [("/openapi/zoom.json", zoom()), ("/openapi/webex.json", webex())] {
        let request = axum::http::Request::builder().uri(target).body(axum::body::Body::empty()).unwrap();
        let (parts, bytes) = server.exchange(request).await;
        assert_eq!(parts.status, 200);
        assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), document);
    }
}
