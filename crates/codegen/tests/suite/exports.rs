//! Exports for other tools are read back as the same operations.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use crate::common::documents;
use rollcall_codegen::{Body, Document, Generator, Json, LANGUAGES, Operation, Place, Request, Shape, export};

fn request(operation: &Operation) -> &Request {
    operation.request.as_ref().unwrap()
}

/// Name, place and value of everything sent.
fn sent(operation: &Operation) -> Vec<(String, Place, String)> {
    let parameters = request(operation).parameters.iter().filter(|parameter| parameter.value.is_some());
    let mut sent: Vec<_> = parameters
        .map(|parameter| (parameter.name.clone(), parameter.place, parameter.value.clone().unwrap()))
        .collect();
    sent.sort_by(|one, other| one.0.cmp(&other.0));
    sent
}

/// The field names of a shape, as paths, in order.
fn names(shape: &Shape, at: &str, found: &mut Vec<String>) {
    match shape {
        Shape::Unknown => {}
        Shape::Scalar(_) => found.push(at.to_owned()),
        Shape::Array(element) => names(element, &format!("{at}[]"), found),
        Shape::Object(fields) => {
            fields.iter().for_each(|field| names(&field.shape, &format!("{at}.{}", field.name), found));
        }
    }
}

fn all_names(operation: &Operation) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(shape) = &operation.shape {
        names(shape, "", &mut found);
    }
    found.sort();
    found
}

/// Exports, reads back and compares.
fn check(export: fn(&Document) -> Json, shapes_too: bool) {
    for document in documents() {
        let again = Document::read(&export(&document).to_string()).unwrap();
        assert_eq!(again.operations.len(), document.operations.len());
        for (before, after) in document.operations.iter().zip(&again.operations) {
            assert_eq!(request(before).method, request(after).method);
            assert_eq!(request(before).path_template(), request(after).path_template());
            assert_eq!(request(before).security, request(after).security, "{}", before.id);
            assert_eq!(request(before).body, request(after).body, "{}", before.id);
            // A placeholder is not sent, and may be written in a different form.
            let real = |operation| {
                sent(operation).into_iter().filter(|(_, _, value)| !value.starts_with('<')).collect::<Vec<_>>()
            };
            assert_eq!(real(before), real(after), "{}", before.id);
            let statuses =
                |operation: &Operation| operation.answers.iter().map(|answer| answer.status).collect::<Vec<_>>();
            assert_eq!(statuses(before), statuses(after));
            if shapes_too {
                assert_eq!(all_names(before), all_names(after), "{}", before.id);
            }
        }
    }
}

#[test]
fn a_postman_collection_reads_back() {
    // It contains samples, which do not have every field of a schema.
    check(export::postman_collection, false);
}

#[test]
fn openapi_reads_back() {
    check(export::openapi, true);
}

#[test]
fn curl_lines_read_back() {
    for document in documents() {
        for before in &document.operations {
            let line = export::curl_line(before).unwrap().replace("\"$API_BASE_URL\"", "https://api.example.com");
            let again = Document::read(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
            let after = &again.operations[0];
            assert_eq!(request(before).method, request(after).method, "{line}");
            assert_eq!(request(before).security, request(after).security, "{line}");
            let text = |operation: &Operation| request(operation).body.as_ref().and_then(Body::text).map(str::to_owned);
            assert_eq!(text(before), text(after), "{line}");
        }
    }
}

#[test]
fn archives_and_schemas_hold_what_the_operation_says() {
    for document in documents() {
        for operation in &document.operations {
            let har = export::har(operation).unwrap();
            let entry = &har.get("log").unwrap().get("entries").unwrap().as_array().unwrap()[0];
            let method = entry.get("request").unwrap().get("method").unwrap().as_str();
            assert_eq!(method, Some(request(operation).method.as_str()));
            let Some(schema) = export::json_schema(operation) else { continue };
            assert!(schema.get("$schema").unwrap().as_str().unwrap().contains("2020-12"));
        }
    }
}

#[test]
fn classes_are_declared_for_each_object_of_an_answer() {
    let document = Document::read(r#"{"rows": [{"id": 1, "owner": {"class": "x"}}], "owner": {"id": 2}}"#).unwrap();
    let generator = Generator::new();
    for language in LANGUAGES.iter().filter(|language| language.has_classes()) {
        let classes = generator.classes(&document.operations()[0], language).unwrap().unwrap();
        for name in ["Answer", "Row", "RowOwner", "AnswerOwner"] {
            let named = classes.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.ends_with(name));
            assert!(named, "{} has no {name}: {classes}", language.name);
        }
    }
}
