//! OpenAPI 3.1 of a document, whatever it was read from.

use indexmap::IndexMap;

use super::schema::schema_of;
use crate::{
    json::Json,
    model::{Document, Kind, Operation, Parameter, Place, Request, Security},
};

/// The document as OpenAPI 3.1. Operations that share a path and a method, as several items of a collection may, are
/// told apart by a fragment, which no request has.
#[must_use]
pub fn openapi(document: &Document) -> Json {
    let mut paths: IndexMap<String, Json> = IndexMap::new();
    for operation in &document.operations {
        let Some(request) = &operation.request else { continue };
        let method = request.method.to_ascii_lowercase();
        let template = request.path_template();
        let mut path = template.clone();
        if paths.get(&path).is_some_and(|item| item.get(&method).is_some()) {
            path = format!("{template}#{}", operation.id);
        }
        let item = paths.entry(path).or_insert_with(|| Json::Object(IndexMap::new()));
        if let Json::Object(members) = item {
            members.insert(method, described(operation, request));
        }
    }
    let scheme = |name: &str| Json::from([("type", "http".into()), ("scheme", name.into())]);
    let schemes = Json::from([("bearer", scheme("bearer")), ("basic", scheme("basic"))]);
    let server = document.origin.as_deref().unwrap_or("/");
    Json::from([
        ("openapi", "3.1.0".into()),
        ("info", Json::from([("title", document.title.as_str().into()), ("version", "1".into())])),
        ("servers", vec![Json::from([("url", server.into())])].into()),
        ("paths", Json::Object(paths)),
        ("components", Json::from([("securitySchemes", schemes)])),
    ])
}

fn object(members: Vec<(&str, Json)>) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn described(operation: &Operation, request: &Request) -> Json {
    let in_place = |parameter: &&Parameter| parameter.place != Place::Form;
    let parameters: Vec<Json> = request.parameters.iter().filter(in_place).map(parameter).collect();
    let security = match request.security {
        Security::None => Vec::new(),
        Security::Bearer => vec![Json::from([("bearer", Vec::new().into())])],
        Security::Basic => vec![Json::from([("basic", Vec::new().into())])],
    };
    let mut members = vec![
        ("operationId", operation.id.as_str().into()),
        ("summary", operation.title.as_str().into()),
        ("description", operation.description.as_str().into()),
        ("parameters", parameters.into()),
    ];
    if let Some(body) = body(request) {
        members.push(("requestBody", body));
    }
    members.push(("responses", responses(operation)));
    members.push(("security", security.into()));
    object(members)
}

fn type_of(kind: Kind) -> Json {
    let name = match kind {
        Kind::Text => "string",
        Kind::Integer => "integer",
        Kind::Number => "number",
        Kind::Boolean => "boolean",
    };
    Json::from([("type", name.into())])
}

fn parameter(parameter: &Parameter) -> Json {
    let place = match parameter.place {
        Place::Path => "path",
        Place::Header => "header",
        Place::Query | Place::Form => "query",
    };
    let mut members = vec![
        ("name", parameter.name.as_str().into()),
        ("in", place.into()),
        ("required", parameter.required.into()),
        ("description", parameter.description.as_str().into()),
        ("schema", type_of(parameter.kind)),
    ];
    if let Some(sample) = parameter.value.as_ref().or(parameter.sample.as_ref()) {
        members.push(("example", sample.as_str().into()));
    }
    object(members)
}

fn body(request: &Request) -> Option<Json> {
    let (content_type, content) = match &request.body {
        Some(body) => {
            let example = serde_json::from_str(&body.text).unwrap_or_else(|_| Json::from(body.text.as_str()));
            (body.content_type.as_str(), Json::from([("example", example)]))
        }
        None => {
            let form: Vec<&Parameter> =
                request.parameters.iter().filter(|parameter| parameter.place == Place::Form).collect();
            if form.is_empty() {
                return None;
            }
            let required: Vec<Json> = form
                .iter()
                .filter(|parameter| parameter.required)
                .map(|parameter| parameter.name.as_str().into())
                .collect();
            let property = |parameter: &&Parameter| {
                let mut schema = vec![
                    ("description", parameter.description.as_str().into()),
                    ("type", type_of(parameter.kind).get("type").cloned().unwrap_or(Json::Null)),
                ];
                if let Some(sample) = parameter.value.as_ref().or(parameter.sample.as_ref()) {
                    schema.push(("example", sample.as_str().into()));
                }
                (parameter.name.clone(), object(schema))
            };
            let properties = Json::Object(form.iter().map(property).collect());
            let schema =
                Json::from([("type", "object".into()), ("properties", properties), ("required", required.into())]);
            ("application/x-www-form-urlencoded", Json::from([("schema", schema)]))
        }
    };
    Some(Json::from([("content", object(vec![(content_type, content)])), ("required", true.into())]))
}

fn responses(operation: &Operation) -> Json {
    let good = operation.good_answer().map(|answer| answer.status);
    let mut responses = IndexMap::new();
    for answer in &operation.answers {
        let mut members = vec![("description", answer.description.as_str().into())];
        let mut content = Vec::new();
        if let Some(shape) = operation.shape.as_ref().filter(|_| good == Some(answer.status)) {
            content.push(("schema", schema_of(shape, "")));
        }
        if let Some(sample) = &answer.sample {
            content.push(("example", sample.clone()));
        }
        if !content.is_empty() {
            let content_type = if answer.content_type.is_empty() { "application/json" } else { &answer.content_type };
            members.push(("content", object(vec![(content_type, object(content))])));
        }
        responses.insert(answer.status.to_string(), object(members));
    }
    if responses.is_empty() {
        responses.insert("default".to_owned(), Json::from([("description", "".into())]));
    }
    Json::Object(responses)
}
