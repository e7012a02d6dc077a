//! OpenAPI 3.1 of a document, from any input.

use indexmap::IndexMap;

use super::schema::schema_of;
use crate::{
    json::Json,
    model::{Content, Document, Kind, Operation, Parameter, Place, Request, Security},
};

/// Returns the document as OpenAPI 3.1. If several operations share a path and a method, as items of a collection may,
/// a fragment distinguishes them, which no request has.
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
    let in_place = |parameter: &&Parameter| !matches!(parameter.place, Place::Form | Place::Part);
    let named = by_name(request.parameters.iter().filter(in_place));
    let parameters: Vec<Json> = named.iter().map(|same| parameter(same)).collect();
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

/// Groups parameters by place and name: the values of an array that is sent as several pairs are one parameter.
fn by_name<'a>(parameters: impl Iterator<Item = &'a Parameter>) -> Vec<Vec<&'a Parameter>> {
    let mut named: IndexMap<(Place, &str), Vec<&Parameter>> = IndexMap::new();
    for parameter in parameters {
        named.entry((parameter.place, &parameter.name)).or_default().push(parameter);
    }
    named.into_values().collect()
}

/// Returns the schema of a parameter, and its example.
fn schema_and_example(same: &[&Parameter]) -> (Json, Option<Json>) {
    let first = same[0];
    if same.len() == 1 && first.more.is_empty() {
        let example = first.value.as_ref().or(first.sample.as_ref()).map(|sample| sample.as_str().into());
        return (type_of(first.kind), example);
    }
    let values: Vec<Json> = same
        .iter()
        .flat_map(|parameter| parameter.value.iter().chain(&parameter.more))
        .map(|value| value.as_str().into())
        .collect();
    (Json::from([("type", "array".into()), ("items", type_of(first.kind))]), Some(values.into()))
}

fn parameter(same: &[&Parameter]) -> Json {
    let first = same[0];
    let place = match first.place {
        Place::Path => "path",
        Place::Header => "header",
        Place::Query | Place::Form | Place::Part => "query",
    };
    let (schema, example) = schema_and_example(same);
    let mut members = vec![
        ("name", first.name.as_str().into()),
        ("in", place.into()),
        ("required", first.required.into()),
        ("description", first.description.as_str().into()),
        ("schema", schema),
    ];
    if !first.more.is_empty() {
        members.push(("explode", false.into()));
    }
    members.extend(example.map(|example| ("example", example)));
    object(members)
}

fn body(request: &Request) -> Option<Json> {
    let (content_type, content) = match &request.body {
        Some(body) => {
            let content = match &body.content {
                Content::Text(text) => {
                    let example = Json::parse(text).unwrap_or_else(|_| Json::from(text.as_str()));
                    Json::from([("example", example)])
                }
                Content::File(_) => Json::from([("schema", binary())]),
            };
            (body.content_type.as_str(), content)
        }
        None => {
            let at =
                |place: Place| by_name(request.parameters.iter().filter(move |parameter| parameter.place == place));
            match (at(Place::Form), at(Place::Part)) {
                (form, parts) if form.is_empty() && parts.is_empty() => return None,
                (form, parts) if parts.is_empty() => ("application/x-www-form-urlencoded", fields(&form)),
                (_, parts) => ("multipart/form-data", fields(&parts)),
            }
        }
    };
    Some(Json::from([("content", object(vec![(content_type, content)])), ("required", true.into())]))
}

fn binary() -> Json {
    Json::from([("type", "string".into()), ("format", "binary".into())])
}

/// Returns the content of a form, with a property for each field.
fn fields(form: &[Vec<&Parameter>]) -> Json {
    let required = form.iter().filter(|same| same[0].required).map(|same| same[0].name.as_str().into());
    let required: Vec<Json> = required.collect();
    let property = |same: &Vec<&Parameter>| {
        let first = same[0];
        let is_file = first.part.as_ref().is_some_and(|part| part.is_file);
        let (schema, example) = if is_file { (binary(), None) } else { schema_and_example(same) };
        let mut schema = schema.as_object().cloned().unwrap_or_default();
        schema.shift_insert(0, "description".to_owned(), first.description.as_str().into());
        schema.extend(example.map(|example| ("example".to_owned(), example)));
        (first.name.clone(), Json::Object(schema))
    };
    let properties = Json::Object(form.iter().map(property).collect());
    let schema = Json::from([("type", "object".into()), ("properties", properties), ("required", required.into())]);
    Json::from([("schema", schema)])
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
