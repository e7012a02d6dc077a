//! Converts Swagger 2.0 to OpenAPI 3.

use indexmap::IndexMap;

use super::openapi::METHODS;
use crate::{
    error::{Pointer, ReadError},
    json::Json,
};

/// Keys of a parameter that describe its values; in OpenAPI they belong to a schema.
const OF_SCHEMA: [&str; 16] = [
    "type",
    "format",
    "items",
    "default",
    "enum",
    "maximum",
    "minimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "multipleOf",
    "exclusiveMaximum",
    "exclusiveMinimum",
];

type Members = IndexMap<String, Json>;

/// Returns the description as OpenAPI 3.
pub(super) fn to_openapi(swagger: &Json) -> Result<Json, ReadError> {
    let root = Pointer::default();
    let version = swagger.get("swagger").map(Json::to_text).unwrap_or_default();
    if version != "2.0" && version != "2" {
        let reason = format!("version `{version}` is not supported; use 2.0, or OpenAPI 3.x");
        return Err(ReadError::content(&root.member("swagger"), reason));
    }
    let paths = swagger
        .get("paths")
        .and_then(Json::as_object)
        .ok_or_else(|| ReadError::content(&root.member("paths"), "it must be an object"))?;
    let swagger = Swagger { document: swagger };
    let mut components = Members::new();
    let list = |name: &str| swagger.document.get(name).and_then(Json::as_object);
    if let Some(schemas) = list("definitions") {
        components.insert("schemas".to_owned(), Json::Object(map(schemas, renamed)));
    }
    if let Some(responses) = list("responses") {
        let produces = swagger.types(swagger.document, "produces");
        components
            .insert("responses".to_owned(), Json::Object(map(responses, |response| respond(response, &produces))));
    }
    if let Some(schemes) = list("securityDefinitions") {
        components.insert("securitySchemes".to_owned(), Json::Object(map(schemes, scheme)));
    }
    let mut members = Members::from([
        ("openapi".to_owned(), "3.0.3".into()),
        ("info".to_owned(), swagger.document.get("info").cloned().unwrap_or(Json::Null)),
        ("servers".to_owned(), vec![Json::from([("url", swagger.url().into())])].into()),
        ("paths".to_owned(), Json::Object(map(paths, |item| swagger.item(item)))),
        ("components".to_owned(), Json::Object(components)),
    ]);
    members.extend(swagger.document.get("security").map(|security| ("security".to_owned(), security.clone())));
    Ok(Json::Object(members))
}

fn map(members: &Members, change: impl Fn(&Json) -> Json) -> Members {
    members.iter().map(|(name, value)| (name.clone(), change(value))).collect()
}

/// Returns the value with its references changed to OpenAPI's locations.
fn renamed(value: &Json) -> Json {
    match value {
        Json::Array(elements) => elements.iter().map(renamed).collect::<Vec<_>>().into(),
        Json::Object(members) => Json::Object(
            members
                .iter()
                .map(|(name, value)| match value {
                    Json::Text(target) if name == "$ref" => (name.clone(), target_of(target).into()),
                    value => (name.clone(), renamed(value)),
                })
                .collect(),
        ),
        other => other.clone(),
    }
}

fn target_of(target: &str) -> String {
    for (old, new) in [
        ("#/definitions/", "#/components/schemas/"),
        ("#/responses/", "#/components/responses/"),
        ("#/parameters/", "#/components/parameters/"),
    ] {
        if let Some(name) = target.strip_prefix(old) {
            return format!("{new}{name}");
        }
    }
    target.to_owned()
}

fn scheme(scheme: &Json) -> Json {
    match scheme.get("type").and_then(Json::as_str) {
        Some("basic") => Json::from([("type", "http".into()), ("scheme", "basic".into())]),
        _ => scheme.clone(),
    }
}

/// Converts a response: its schema is repeated for each type that it may have.
fn respond(response: &Json, produces: &[String]) -> Json {
    if response.get("$ref").is_some() {
        return renamed(response);
    }
    let mut members = Members::new();
    for name in ["description", "headers"] {
        members.extend(response.get(name).map(|value| (name.to_owned(), renamed(value))));
    }
    let examples = response.get("examples");
    if response.get("schema").is_some() || examples.is_some() {
        let content = produces.iter().map(|content_type| {
            let mut content = Members::new();
            content.extend(response.get("schema").map(|schema| ("schema".to_owned(), renamed(schema))));
            let example = examples.and_then(|examples| examples.get(content_type));
            content.extend(example.map(|example| ("example".to_owned(), example.clone())));
            (content_type.clone(), Json::Object(content))
        });
        members.insert("content".to_owned(), Json::Object(content.collect()));
    }
    Json::Object(members)
}

struct Swagger<'a> {
    document: &'a Json,
}

impl<'a> Swagger<'a> {
    fn url(&self) -> String {
        let text = |name: &str| self.document.get(name).and_then(Json::as_str).unwrap_or_default();
        let schemes = self.document.get("schemes").and_then(Json::as_array).unwrap_or_default();
        let schemes: Vec<&str> = schemes.iter().filter_map(Json::as_str).collect();
        let scheme = if schemes.contains(&"https") { "https" } else { schemes.first().copied().unwrap_or("https") };
        let path = text("basePath").trim_end_matches('/');
        match text("host") {
            "" if path.is_empty() => "/".to_owned(),
            "" => path.to_owned(),
            host => format!("{scheme}://{host}{path}"),
        }
    }

    /// Returns the types in `consumes` or `produces`, of the operation or of the document; JSON if there are none.
    fn types(&self, holder: &Json, name: &str) -> Vec<String> {
        let list = |holder: &Json| {
            let types = holder.get(name).and_then(Json::as_array).unwrap_or_default();
            types.iter().map(Json::to_text).collect::<Vec<_>>()
        };
        let own = list(holder);
        let types = if own.is_empty() { list(self.document) } else { own };
        if types.is_empty() { vec!["application/json".to_owned()] } else { types }
    }

    fn item(&self, item: &Json) -> Json {
        let Some(members) = item.as_object() else { return item.clone() };
        let shared = self.parameters(item);
        let changed = members.iter().filter(|(name, _)| *name != "parameters").map(|(name, value)| {
            let value = if METHODS.contains(&name.as_str()) { self.operation(value, &shared) } else { renamed(value) };
            (name.clone(), value)
        });
        Json::Object(changed.collect())
    }

    /// Returns the parameters of an operation or a path, with references resolved.
    fn parameters(&self, holder: &Json) -> Vec<Json> {
        let own = holder.get("parameters").and_then(Json::as_array).unwrap_or_default();
        let found = |parameter: &Json| {
            let target =
                parameter.get("$ref").and_then(Json::as_str).and_then(|target| target.strip_prefix("#/parameters/"));
            let known = target.and_then(|name| self.document.get("parameters")?.get(name));
            known.unwrap_or(parameter).clone()
        };
        own.iter().map(found).collect()
    }

    fn operation(&self, operation: &Json, shared: &[Json]) -> Json {
        let Some(members) = operation.as_object() else { return operation.clone() };
        let mut parameters = self.parameters(operation);
        for inherited in shared {
            let is_same = |own: &Json| own.get("name") == inherited.get("name") && own.get("in") == inherited.get("in");
            if !parameters.iter().any(is_same) {
                parameters.push(inherited.clone());
            }
        }
        let place = |parameter: &Json| parameter.get("in").and_then(Json::as_str).unwrap_or_default().to_owned();
        let consumes = self.types(operation, "consumes");
        let produces = self.types(operation, "produces");
        let mut changed: Members = members
            .iter()
            .filter(|(name, _)| !["parameters", "consumes", "produces", "schemes"].contains(&name.as_str()))
            .map(|(name, value)| match (name.as_str(), value) {
                ("responses", Json::Object(responses)) => {
                    (name.clone(), Json::Object(map(responses, |response| respond(response, &produces))))
                }
                _ => (name.clone(), value.clone()),
            })
            .collect();
        let plain = parameters.iter().filter(|parameter| !["body", "formData"].contains(&place(parameter).as_str()));
        changed.insert("parameters".to_owned(), plain.map(parameter_of).collect::<Vec<_>>().into());
        let body = parameters.iter().find(|parameter| place(parameter) == "body");
        let fields: Vec<&Json> = parameters.iter().filter(|parameter| place(parameter) == "formData").collect();
        if let Some(body) = body {
            let schema = body.get("schema").map_or(Json::Null, renamed);
            let content = consumes.iter().map(|kind| (kind.clone(), Json::from([("schema", schema.clone())])));
            changed.insert("requestBody".to_owned(), Json::from([("content", Json::Object(content.collect()))]));
        } else if !fields.is_empty() {
            changed.insert("requestBody".to_owned(), form(&fields, &consumes));
        }
        Json::Object(changed)
    }
}

/// Returns a form of these fields: multipart, if a field is a file or the operation accepts nothing else.
fn form(fields: &[&Json], consumes: &[String]) -> Json {
    let has_file = fields.iter().any(|field| field.get("type").and_then(Json::as_str) == Some("file"));
    let takes = |kind: &str| consumes.iter().any(|known| known == kind);
    let in_parts = has_file || (takes("multipart/form-data") && !takes("application/x-www-form-urlencoded"));
    let kind = if in_parts { "multipart/form-data" } else { "application/x-www-form-urlencoded" };
    let mut properties = Members::new();
    let mut encodings = Members::new();
    let mut required: Vec<Json> = Vec::new();
    for field in fields {
        let Some(name) = field.get("name").and_then(Json::as_str) else { continue };
        let parameter = parameter_of(field);
        let mut schema = parameter.get("schema").and_then(Json::as_object).cloned().unwrap_or_default();
        schema.extend(field.get("description").map(|text| ("description".to_owned(), text.clone())));
        properties.insert(name.to_owned(), Json::Object(schema));
        let style: Members = ["style", "explode"]
            .iter()
            .filter_map(|member| parameter.get(member).map(|value| ((*member).to_owned(), value.clone())))
            .collect();
        if !style.is_empty() {
            encodings.insert(name.to_owned(), Json::Object(style));
        }
        if field.get("required").and_then(Json::as_bool) == Some(true) {
            required.push(name.into());
        }
    }
    let schema = Json::from([
        ("type", "object".into()),
        ("properties", Json::Object(properties)),
        ("required", required.into()),
    ]);
    let content = Json::from([("schema", schema), ("encoding", Json::Object(encodings))]);
    Json::from([("content", Json::Object(Members::from([(kind.to_owned(), content)])))])
}

/// Converts a parameter to one with a schema, and its collection format to a style.
fn parameter_of(parameter: &Json) -> Json {
    let Some(members) = parameter.as_object() else { return parameter.clone() };
    let mut changed = Members::new();
    let mut schema = Members::new();
    for (name, value) in members {
        match name.as_str() {
            "collectionFormat" => {}
            "x-example" => {
                changed.insert("example".to_owned(), value.clone());
            }
            name if OF_SCHEMA.contains(&name) => {
                schema.insert(name.to_owned(), renamed(value));
            }
            name => {
                changed.insert(name.to_owned(), renamed(value));
            }
        }
    }
    let is_array = parameter.get("type").and_then(Json::as_str) == Some("array");
    let place = parameter.get("in").and_then(Json::as_str);
    if is_array && matches!(place, Some("query" | "formData")) {
        let (style, explode) = match parameter.get("collectionFormat").and_then(Json::as_str) {
            Some("multi") => ("form", true),
            Some("ssv") => ("spaceDelimited", false),
            Some("tsv") => ("tabDelimited", false),
            Some("pipes") => ("pipeDelimited", false),
            _ => ("form", false),
        };
        changed.insert("style".to_owned(), style.into());
        changed.insert("explode".to_owned(), explode.into());
    }
    if !schema.is_empty() {
        changed.insert("schema".to_owned(), Json::Object(schema));
    }
    Json::Object(changed)
}
