//! OpenAPI 3.

use super::{
    address::path_text,
    ids::Ids,
    parameters::{Described, described_parameter, described_parameters},
    postman::Found,
    sample::sample_of,
    schema::{Placed, Resolver},
    xml,
};
use crate::{
    error::{Pointer, ReadError},
    json::Json,
    model::{
        Answer, Body, Content, Document, Operation, Paging, Parameter, Part, PathPart, Place, Request, Security, Shape,
        split_base_url,
    },
    shape,
};

pub(super) const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];

/// Parses a whole description.
pub(crate) fn read(document: &Json) -> Result<Document, ReadError> {
    let root = Pointer::default();
    let version = document.get("openapi").map(Json::to_text).unwrap_or_default();
    if version != "3" && !version.starts_with("3.") {
        return Err(ReadError::content(
            &root.member("openapi"),
            format!("version `{version}` is not supported; use 3.x"),
        ));
    }
    let title = document.get("info").and_then(|info| info.get("title")).and_then(Json::as_str).unwrap_or("API");
    let (origin, base_path) = server(document);
    let api = Api { document, resolver: Resolver { document }, origin, base_path };
    let paths = document
        .get("paths")
        .and_then(Json::as_object)
        .ok_or_else(|| ReadError::content(&root.member("paths"), "it must be an object"))?;
    let mut ids = Ids::default();
    let mut found = Found::default();
    for (path, item) in paths {
        let (item, place) = match api.resolver.resolve(item, &root.member("paths").member(path)) {
            Ok(placed) => placed,
            Err(error) => {
                found.add(Err(error));
                continue;
            }
        };
        for method in METHODS {
            let Some(described) = item.get(method) else { continue };
            let name = described.get("operationId").and_then(Json::as_str);
            let operation = api.operation(path, method, item, described, &place);
            found.add(operation.map_err(|error| error.within(name)).map(|mut operation| {
                operation.id = ids.take(&operation.id);
                operation
            }));
        }
    }
    let (operations, skipped) = found.into_parts()?;
    Ok(Document { title: title.to_owned(), origin: api.origin, operations, skipped })
}

/// Returns the first server's origin, if it is an absolute URL, and its path.
fn server(document: &Json) -> (Option<String>, String) {
    let first = document.get("servers").and_then(Json::as_array).and_then(<[Json]>::first);
    let mut url = first.and_then(|server| server.get("url")).and_then(Json::as_str).unwrap_or("/").to_owned();
    let variables = first.and_then(|server| server.get("variables")).and_then(Json::as_object);
    for (name, variable) in variables.into_iter().flatten() {
        let value = variable.get("default").map(Json::to_text).unwrap_or_default();
        url = url.replace(&format!("{{{name}}}"), &value);
    }
    match split_base_url(&url) {
        (origin, path) if origin.contains("://") => (Some(origin), path),
        (origin, path) => (None, format!("{origin}{path}")),
    }
}

struct Api<'a> {
    document: &'a Json,
    resolver: Resolver<'a>,
    origin: Option<String>,
    base_path: String,
}

impl<'a> Api<'a> {
    fn operation(
        &self,
        path: &str,
        method: &str,
        item: &'a Json,
        described: &'a Json,
        place: &Pointer,
    ) -> Result<Operation, ReadError> {
        let item_place = place;
        let place = &place.member(method);
        if described.as_object().is_none() {
            return Err(ReadError::content(place, "an operation must be an object"));
        }
        let text = |name: &str| described.get(name).and_then(Json::as_str).unwrap_or_default();
        let mut parameters = self.parameters(described, place)?;
        for inherited in self.parameters(item, item_place)? {
            if !parameters.iter().any(|own| own.name == inherited.name && own.place == inherited.place) {
                parameters.push(inherited);
            }
        }
        let path = split_path(&format!("{}{path}", self.base_path));
        for part in &path {
            if let PathPart::Parameter(name) = part
                && !parameters.iter().any(|parameter| parameter.place == Place::Path && parameter.name == *name)
            {
                return Err(ReadError::content(place, format!("the path parameter `{name}` has no description")));
            }
        }
        parameters.retain(|parameter| {
            parameter.place != Place::Path || path.contains(&PathPart::Parameter(parameter.name.clone()))
        });
        let mut warnings = Vec::new();
        let body = self.body(described, place, &mut parameters)?;
        let (answers, good) = self.answers(described, place)?;
        let shape = match &good {
            Some(good) => self.answer_shape(good)?,
            None => None,
        };
        let paging = paging(method, &parameters, shape.as_ref(), good.as_ref().map(|(answer, _)| *answer));
        let id = match text("operationId") {
            "" => format!("{method}_{}", path_words(&path)),
            id => id.to_owned(),
        };
        let title = match (text("summary"), text("operationId")) {
            ("", "") => id.clone(),
            ("", id) => id.to_owned(),
            (summary, _) => summary.to_owned(),
        };
        let security = self.security(described, &mut parameters, &mut warnings);
        if body.is_some() && (method == "get" || method == "head") {
            warnings.push(format!("Some libraries send no body with {}", method.to_ascii_uppercase()));
        }
        let method = method.to_ascii_uppercase();
        Ok(Operation {
            id,
            title,
            description: text("description").to_owned(),
            origin: self.origin.clone(),
            request: Some(Request { method, path, parameters, body, security }),
            paging,
            answers,
            shape,
            warnings,
        })
    }

    fn parameters(&self, holder: &'a Json, place: &Pointer) -> Result<Vec<Parameter>, ReadError> {
        let mut parameters = Vec::new();
        let place = place.member("parameters");
        for (index, parameter) in
            holder.get("parameters").and_then(Json::as_array).unwrap_or_default().iter().enumerate()
        {
            let (parameter, place) = self.resolver.resolve(parameter, &place.element(index))?;
            let name = parameter
                .get("name")
                .and_then(Json::as_str)
                .ok_or_else(|| ReadError::content(&place, "the parameter has no name"))?;
            let place_of = match parameter.get("in").and_then(Json::as_str) {
                Some("path") => Place::Path,
                Some("query") => Place::Query,
                // OpenAPI says that descriptions of these must be ignored.
                Some("header") if ["accept", "content-type", "authorization"].contains(&&*name.to_lowercase()) => {
                    continue;
                }
                Some("header") => Place::Header,
                Some("cookie") => {
                    self.cookie(name, parameter, &place, &mut parameters)?;
                    continue;
                }
                _ => return Err(ReadError::content(&place.member("in"), "must be path, query, header or cookie")),
            };
            parameters.extend(self.parameter(name, place_of, parameter, &place)?);
        }
        Ok(parameters)
    }

    /// A required cookie becomes part of the header with all cookies.
    fn cookie(
        &self,
        name: &str,
        described: &'a Json,
        place: &Pointer,
        parameters: &mut Vec<Parameter>,
    ) -> Result<(), ReadError> {
        let cookies = self.parameter(name, Place::Query, described, place)?;
        for cookie in cookies.into_iter().filter(|cookie| cookie.required) {
            let values = cookie.value.iter().chain(&cookie.more).cloned().collect::<Vec<_>>().join(",");
            let values = if values.is_empty() { format!("<{name}>") } else { values };
            let pair = format!("{}={values}", cookie.name);
            match parameters.iter_mut().find(|known| known.place == Place::Header && known.name == "Cookie") {
                Some(Parameter { value: Some(value), .. }) => value.push_str(&format!("; {pair}")),
                _ => parameters.push(Parameter {
                    name: "Cookie".to_owned(),
                    place: Place::Header,
                    value: Some(pair),
                    more: Vec::new(),
                    secret: false,
                    ..cookie
                }),
            }
        }
        Ok(())
    }

    fn parameter(
        &self,
        name: &str,
        place_of: Place,
        described: &'a Json,
        place: &Pointer,
    ) -> Result<Vec<Parameter>, ReadError> {
        let required = place_of == Place::Path || described.get("required").and_then(Json::as_bool).unwrap_or_default();
        // A parameter may have a content instead of a schema: it is sent as text of that type.
        let content = described.get("content").and_then(Json::as_object).and_then(|contents| contents.first());
        if let Some((content_type, content)) = content {
            let place = place.member("content").member(content_type);
            let schema = content.get("schema");
            let mut parameter = described_parameter(name, place_of, required, described, None);
            if required && !parameter.secret {
                let sample = match (example_of(content), schema) {
                    (Some(sample), _) => sample.clone(),
                    (None, Some(schema)) => sample_of(&self.resolver, schema, &place.member("schema"))?,
                    (None, None) => return Ok(vec![parameter]),
                };
                parameter.value = Some(sample.to_text());
            }
            return Ok(vec![parameter]);
        }
        let schema = match described.get("schema") {
            Some(schema) => Some(self.resolver.resolve(schema, &place.member("schema"))?),
            None => None,
        };
        described_parameters(&self.resolver, &Described { name, place_of, required, described, schema, place })
    }

    /// Returns the body; if it is a form, its fields become parameters.
    fn body(
        &self,
        described: &'a Json,
        place: &Pointer,
        parameters: &mut Vec<Parameter>,
    ) -> Result<Option<Body>, ReadError> {
        let Some(body) = described.get("requestBody") else { return Ok(None) };
        let (body, place) = self.resolver.resolve(body, &place.member("requestBody"))?;
        let Some(contents) = body.get("content").and_then(Json::as_object) else { return Ok(None) };
        let json = contents.iter().find(|(content_type, _)| is_json(content_type));
        let Some((content_type, content)) = json.or_else(|| contents.first()) else { return Ok(None) };
        let place = place.member("content").member(content_type);
        let schema = content.get("schema");
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if kind == "application/x-www-form-urlencoded" {
            self.form(content, Place::Form, &place, parameters)?;
            return Ok(None);
        }
        if kind == "multipart/form-data" {
            self.form(content, Place::Part, &place, parameters)?;
            return Ok(None);
        }
        let sample = match (example_of(content), schema) {
            (Some(sample), _) => sample.clone(),
            (None, Some(schema)) if is_binary(self.resolver.resolve(schema, &place.member("schema"))?.0) => {
                let content_type = content_type.clone();
                return Ok(Some(Body { content_type, content: Content::File("<file>".to_owned()) }));
            }
            (None, Some(schema)) => sample_of(&self.resolver, schema, &place.member("schema"))?,
            (None, None) => return Ok(None),
        };
        let text = match &sample {
            _ if is_json(content_type) => sample.pretty(),
            Json::Object(_) | Json::Array(_)
                if kind == "application/xml" || kind == "text/xml" || kind.ends_with("+xml") =>
            {
                let schema = schema.unwrap_or(&Json::Null);
                xml::document(&self.resolver, schema, &sample, &place.member("schema"))?
            }
            Json::Object(_) | Json::Array(_) if kind == "application/x-ndjson" || kind == "application/jsonl" => {
                let lines = sample
                    .as_array()
                    .map_or_else(|| vec![sample.to_string()], |lines| lines.iter().map(Json::to_string).collect());
                lines.join("\n") + "\n"
            }
            Json::Object(_) | Json::Array(_) if !content_type.contains('*') => {
                let reason =
                    format!("a body of type `{kind}` is supported only if the document has an example as text");
                return Err(ReadError::content(&place, reason));
            }
            other => other.to_text(),
        };
        let content_type = if content_type.contains('*') { "application/json" } else { content_type };
        Ok(Some(Body::of_text(content_type, text)))
    }

    /// Converts the fields of a form to parameters.
    fn form(
        &self,
        content: &'a Json,
        place_of: Place,
        place: &Pointer,
        parameters: &mut Vec<Parameter>,
    ) -> Result<(), ReadError> {
        let Some(schema) = content.get("schema") else { return Ok(()) };
        let (schema, schema_place) = self.resolver.resolve(schema, &place.member("schema"))?;
        let Some(properties) = schema.get("properties").and_then(Json::as_object) else {
            // The form's fields are not distinguished from the query's, so they may be in either; a body is not written
            // to logs.
            for parameter in parameters.iter_mut().filter(|parameter| parameter.place == Place::Query) {
                parameter.place = place_of;
            }
            return Ok(());
        };
        let examples = example_of(content);
        let encodings = content.get("encoding");
        let required = schema.get("required").and_then(Json::as_array).unwrap_or_default();
        for (name, property) in properties {
            let property_place = schema_place.member("properties").member(name);
            let (property, property_place) = self.resolver.resolve(property, &property_place)?;
            let required = required.iter().any(|required| required.as_str() == Some(name));
            parameters.retain(|known| known.name != *name || known.place == Place::Path);
            let encoding = encodings.and_then(|encodings| encodings.get(name)).unwrap_or(&Json::Null);
            let mut described = encoding.as_object().cloned().unwrap_or_default();
            if let Some(example) = examples.and_then(|examples| examples.get(name)).or_else(|| example_of(property)) {
                described.insert("example".to_owned(), example.clone());
            }
            described.extend(property.get("description").map(|text| ("description".to_owned(), text.clone())));
            let described = Json::Object(described);
            let schema = Some((property, property_place.clone()));
            let shown = required || examples.is_some_and(|examples| examples.get(name).is_some());
            let described =
                Described { name, place_of, required: shown, described: &described, schema, place: &property_place };
            let mut fields = described_parameters(&self.resolver, &described)?;
            for field in &mut fields {
                field.required = required;
                if place_of == Place::Part {
                    part_of(field, property, encoding);
                }
            }
            parameters.extend(fields);
        }
        Ok(())
    }

    /// Returns all responses, and the content of the first successful one with JSON.
    fn answers(
        &self,
        described: &'a Json,
        place: &Pointer,
    ) -> Result<(Vec<Answer>, Option<GoodAnswer<'a>>), ReadError> {
        let mut answers = Vec::new();
        let mut good = None;
        let place = place.member("responses");
        for (status, response) in described.get("responses").and_then(Json::as_object).into_iter().flatten() {
            let place = place.member(status);
            let (response, place) = self.resolver.resolve(response, &place)?;
            // A program cannot compare a status with `default` and `4XX`.
            let Ok(status) = status.parse::<u16>() else { continue };
            let contents = response.get("content").and_then(Json::as_object);
            let json = contents.and_then(|contents| {
                contents.iter().find(|(content_type, _)| is_json(content_type)).or_else(|| contents.first())
            });
            let mut sample = None;
            if let Some((content_type, content)) = json {
                let place = place.member("content").member(content_type);
                sample = example_of(content).cloned();
                if sample.is_none()
                    && let Some(schema) = content.get("schema")
                {
                    sample = example_of(self.resolver.resolve(schema, &place.member("schema"))?.0).cloned();
                }
                if good.is_none() && (200..300).contains(&status) && is_json(content_type) {
                    good = Some((response, (content, place)));
                }
            }
            answers.push(Answer {
                status,
                description: response.get("description").and_then(Json::as_str).unwrap_or_default().to_owned(),
                content_type: json.map(|(content_type, _)| content_type.clone()).unwrap_or_default(),
                sample,
                text: String::new(),
            });
        }
        Ok((answers, good))
    }

    fn answer_shape(&self, (_, (content, place)): &GoodAnswer<'a>) -> Result<Option<Shape>, ReadError> {
        let sample = example_of(content);
        let mut shape = match content.get("schema") {
            Some(schema) => self.resolver.shape(schema, &place.member("schema"))?,
            None => Shape::Unknown,
        };
        if let Some(sample) = sample {
            shape::show(&mut shape, sample, &place.member("example"))?;
        }
        Ok(Some(shape))
    }

    /// Returns how the caller authenticates. An API key becomes a parameter.
    fn security(&self, described: &Json, parameters: &mut Vec<Parameter>, warnings: &mut Vec<String>) -> Security {
        let required = described.get("security").or_else(|| self.document.get("security"));
        let Some(alternatives) = required.and_then(Json::as_array) else { return Security::None };
        let schemes = self.document.get("components").and_then(|components| components.get("securitySchemes"));
        let mut unknown = Vec::new();
        for alternative in alternatives.iter().filter_map(Json::as_object) {
            let mut keys = Vec::new();
            let mut security = alternative.is_empty().then_some(Security::None);
            for name in alternative.keys() {
                let Some(scheme) = schemes.and_then(|schemes| schemes.get(name)) else { continue };
                let text = |member: &str| scheme.get(member).and_then(Json::as_str).unwrap_or_default();
                match (&*text("type").to_lowercase(), &*text("scheme").to_lowercase()) {
                    ("http", "bearer") | ("oauth2" | "openidconnect", _) => security = Some(Security::Bearer),
                    ("http", "basic") => security = Some(Security::Basic),
                    ("apikey", _) if matches!(text("in"), "header" | "query") => keys.push(api_key(scheme)),
                    _ => unknown.push(name.as_str()),
                }
            }
            if security.is_some() || !keys.is_empty() {
                parameters.extend(keys.into_iter().flatten());
                return security.unwrap_or(Security::None);
            }
        }
        warnings.extend(unknown.iter().map(|name| format!("Ignored the authorization `{name}`")));
        Security::None
    }
}

/// Returns the parameter for a key, which comes from the environment.
fn api_key(scheme: &Json) -> Option<Parameter> {
    let place = if scheme.get("in")?.as_str()? == "query" { Place::Query } else { Place::Header };
    let mut parameter = described_parameter(scheme.get("name")?.as_str()?, place, true, scheme, None);
    (parameter.secret, parameter.value) = (true, None);
    Some(parameter)
}

/// Returns whether a schema describes a file.
fn is_binary(schema: &Json) -> bool {
    let text = |member: &str| schema.get(member).and_then(Json::as_str);
    text("format") == Some("binary") || text("contentMediaType").is_some() || text("type") == Some("file")
}

/// Converts a field to a part of a form.
fn part_of(field: &mut Parameter, schema: &Json, encoding: &Json) {
    let items = schema.get("items").unwrap_or(schema);
    let content_type = encoding.get("contentType").and_then(Json::as_str).map(|types| {
        let first = types.split(',').next().unwrap_or(types);
        first.trim().to_owned()
    });
    let is_file = is_binary(items);
    field.part = Some(Part { is_file, file_name: None, content_type: content_type.filter(|kind| !kind.contains('*')) });
    field.secret &= !is_file;
}

/// Returns a successful response, and its JSON content.
type GoodAnswer<'a> = (&'a Json, Placed<'a>);

pub(crate) fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind == "application/json" || kind.ends_with("+json")
}

/// Returns `example`, or the first of `examples`, which is a list in a schema and an object elsewhere.
pub(crate) fn example_of(described: &Json) -> Option<&Json> {
    described.get("example").or_else(|| match described.get("examples")? {
        Json::Array(examples) => examples.first(),
        Json::Object(examples) => examples.values().next()?.get("value"),
        _ => None,
    })
}

/// Returns whether a description requires UUIDs to be percent-encoded twice, as Zoom's do.
pub(crate) fn asks_for_double_encoding(description: &str) -> bool {
    let description = description.to_lowercase();
    ["double-encode", "double encode", "encoded twice", "encode twice"].iter().any(|words| description.contains(words))
}

/// Splits a path at its `{parameters}`.
pub(crate) fn split_path(path: &str) -> Vec<PathPart> {
    let mut parts = Vec::new();
    let mut rest = path;
    while let Some((text, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        if !text.is_empty() {
            parts.push(PathPart::Text(path_text(text)));
        }
        parts.push(PathPart::Parameter(name.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(PathPart::Text(path_text(rest)));
    }
    parts
}

/// Returns the path as words, for an operation without a name.
pub(crate) fn path_words(path: &[PathPart]) -> String {
    let words = path.iter().map(|part| match part {
        PathPart::Text(text) | PathPart::Parameter(text) => text.trim_matches('/').replace('/', "_"),
    });
    words.filter(|words| !words.is_empty()).collect::<Vec<_>>().join("_")
}

fn paging(method: &str, parameters: &[Parameter], shape: Option<&Shape>, good: Option<&Json>) -> Paging {
    if method != "get" {
        return Paging::None;
    }
    let takes_token =
        parameters.iter().any(|parameter| parameter.place == Place::Query && parameter.name == "next_page_token");
    let has_link = good
        .and_then(|answer| answer.get("headers")?.as_object())
        .is_some_and(|headers| headers.keys().any(|name| name.eq_ignore_ascii_case("link")));
    paging_of(takes_token, has_link, shape)
}

/// Returns the paging of a response: a top-level `next_page_token` is Zoom's, a list called `items` Webex's.
pub(crate) fn paging_of(takes_token: bool, has_link: bool, shape: Option<&Shape>) -> Paging {
    let Some(Shape::Object(fields)) = shape else { return Paging::None };
    let has =
        |name: &str, fits: fn(&Shape) -> bool| fields.iter().any(|field| field.name == name && fits(&field.shape));
    if has("next_page_token", |shape| matches!(shape, Shape::Scalar(_))) {
        Paging::Token
    } else if has_link || (!takes_token && has("items", |shape| matches!(shape, Shape::Array(_)))) {
        Paging::Link
    } else {
        Paging::None
    }
}
