//! OpenAPI 3.0 and 3.1.

use super::{
    ids::Ids,
    sample::sample_of,
    schema::{Placed, Resolver, kind_of},
};
use crate::{
    error::{Pointer, ReadError},
    json::Json,
    model::{
        Answer, Body, Document, Kind, Operation, Paging, Parameter, PathPart, Place, Request, Security, Shape,
        split_base_url,
    },
    placeholder::{is_placeholder, is_secret, typed_value},
    shape,
};

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];

/// Reads a whole description.
pub(crate) fn read(document: &Json) -> Result<Document, ReadError> {
    let root = Pointer::default();
    let version = document.get("openapi").map(Json::to_text).unwrap_or_default();
    if !version.starts_with("3.0") && !version.starts_with("3.1") {
        return Err(ReadError::content(
            &root.member("openapi"),
            format!("version `{version}` is not read; 3.0 and 3.1 are"),
        ));
    }
    let title = document.get("info").and_then(|info| info.get("title")).and_then(Json::as_str).unwrap_or("API");
    let (origin, base_path) = server(document);
    let api = Api { document, resolver: Resolver { document }, origin, base_path };
    let paths = document
        .get("paths")
        .and_then(Json::as_object)
        .ok_or_else(|| ReadError::content(&root.member("paths"), "there is no object of paths"))?;
    let mut ids = Ids::default();
    let mut operations = Vec::new();
    for (path, item) in paths {
        let (item, place) = api.resolver.resolve(item, &root.member("paths").member(path))?;
        for method in METHODS {
            if let Some(described) = item.get(method) {
                let mut operation = api.operation(path, method, item, described, &place)?;
                operation.id = ids.take(&operation.id);
                operations.push(operation);
            }
        }
    }
    Ok(Document { title: title.to_owned(), origin: api.origin, operations })
}

/// The first server's origin, where it is a whole address, and its path.
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
                return Err(ReadError::content(place, format!("the path's parameter `{name}` is not described")));
            }
        }
        parameters.retain(|parameter| {
            parameter.place != Place::Path || path.contains(&PathPart::Parameter(parameter.name.clone()))
        });
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
        let security = self.security(described);
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
                // Description of these is to be ignored, says OpenAPI.
                Some("header") if ["accept", "content-type", "authorization"].contains(&&*name.to_lowercase()) => {
                    continue;
                }
                Some("header") => Place::Header,
                Some("cookie") => continue,
                _ => return Err(ReadError::content(&place.member("in"), "it must be path, query, header or cookie")),
            };
            parameters.push(self.parameter(name, place_of, parameter, &place)?);
        }
        Ok(parameters)
    }

    fn parameter(
        &self,
        name: &str,
        place_of: Place,
        described: &'a Json,
        place: &Pointer,
    ) -> Result<Parameter, ReadError> {
        let schema = match described.get("schema") {
            Some(schema) => Some(self.resolver.resolve(schema, &place.member("schema"))?.0),
            None => None,
        };
        let required = place_of == Place::Path || described.get("required").and_then(Json::as_bool).unwrap_or_default();
        Ok(described_parameter(name, place_of, required, described, schema))
    }

    /// The body; where it is a form, its fields become parameters.
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
        if content_type == "application/x-www-form-urlencoded" {
            self.form(schema, &place, parameters)?;
            return Ok(None);
        }
        let sample = match (example_of(content), schema) {
            (Some(sample), _) => sample.clone(),
            (None, Some(schema)) => sample_of(&self.resolver, schema, &place.member("schema"))?,
            (None, None) => return Ok(None),
        };
        let text = if is_json(content_type) { sample.pretty() } else { sample.to_text() };
        Ok(Some(Body { content_type: content_type.clone(), text }))
    }

    fn form(
        &self,
        schema: Option<&'a Json>,
        place: &Pointer,
        parameters: &mut Vec<Parameter>,
    ) -> Result<(), ReadError> {
        let Some(schema) = schema else { return Ok(()) };
        let (schema, place) = self.resolver.resolve(schema, &place.member("schema"))?;
        let Some(properties) = schema.get("properties").and_then(Json::as_object) else {
            // The form's fields are not told apart from the query's, so they may stand in either; a body is not
            // written to logs.
            for parameter in parameters.iter_mut().filter(|parameter| parameter.place == Place::Query) {
                parameter.place = Place::Form;
            }
            return Ok(());
        };
        let required = schema.get("required").and_then(Json::as_array).unwrap_or_default();
        for (name, property) in properties {
            let property = self.resolver.resolve(property, &place.member("properties").member(name))?.0;
            let required = required.iter().any(|required| required.as_str() == Some(name));
            parameters.retain(|known| known.name != *name || known.place == Place::Path);
            parameters.push(described_parameter(name, Place::Form, required, property, Some(property)));
        }
        Ok(())
    }

    /// All answers, and the content of the first good one that has JSON.
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
            // `default` and `4XX` say nothing that a program could compare with.
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

    fn security(&self, described: &Json) -> Security {
        let required = described.get("security").or_else(|| self.document.get("security"));
        let Some(alternatives) = required.and_then(Json::as_array) else { return Security::None };
        let schemes = self.document.get("components").and_then(|components| components.get("securitySchemes"));
        for name in alternatives.iter().filter_map(Json::as_object).flat_map(|alternative| alternative.keys()) {
            let Some(scheme) = schemes.and_then(|schemes| schemes.get(name)) else { continue };
            let text = |member: &str| scheme.get(member).and_then(Json::as_str).unwrap_or_default().to_lowercase();
            match (&*text("type"), &*text("scheme")) {
                ("http", "bearer") | ("oauth2" | "openidconnect", _) => return Security::Bearer,
                ("http", "basic") => return Security::Basic,
                _ => {}
            }
        }
        Security::None
    }
}

/// A parameter with the value that is sent: its example, its default, the first that is allowed, or one of its type. What
/// need not be sent is left to the reader, since the server knows its defaults.
fn described_parameter(name: &str, place: Place, required: bool, described: &Json, schema: Option<&Json>) -> Parameter {
    let kind = schema.and_then(kind_of).unwrap_or(Kind::Text);
    let description = described.get("description").and_then(Json::as_str).unwrap_or_default();
    let sample = example_of(described).or_else(|| schema.and_then(example_of)).map(Json::to_text);
    let format = schema.and_then(|schema| schema.get("format")).and_then(Json::as_str);
    let secret = is_secret(name) || format == Some("password");
    let value = || {
        let real = sample.clone().filter(|sample| !is_placeholder(sample));
        let default = || schema?.get("default").map(Json::to_text);
        let first_allowed = || schema?.get("enum")?.as_array()?.first().map(Json::to_text);
        real.or_else(default).or_else(first_allowed).unwrap_or_else(|| typed_value(name, kind, format))
    };
    Parameter {
        name: name.to_owned(),
        place,
        kind,
        required,
        description: description.to_owned(),
        value: (required && !secret).then(value),
        sample,
        shown: false,
        secret,
        encode_twice: place == Place::Path && asks_for_double_encoding(description),
    }
}

/// A good answer, and its JSON content.
type GoodAnswer<'a> = (&'a Json, Placed<'a>);

pub(crate) fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind == "application/json" || kind.ends_with("+json")
}

/// `example`, or the first of `examples`, which is a list in a schema and an object elsewhere.
pub(crate) fn example_of(described: &Json) -> Option<&Json> {
    described.get("example").or_else(|| match described.get("examples")? {
        Json::Array(examples) => examples.first(),
        Json::Object(examples) => examples.values().next()?.get("value"),
        _ => None,
    })
}

/// Whether a description asks for UUIDs to be percent-encoded twice, as Zoom's do.
pub(crate) fn asks_for_double_encoding(description: &str) -> bool {
    let description = description.to_lowercase();
    ["double-encode", "double encode", "encoded twice", "encode twice"].iter().any(|words| description.contains(words))
}

/// A path apart at its `{parameters}`.
pub(crate) fn split_path(path: &str) -> Vec<PathPart> {
    let mut parts = Vec::new();
    let mut rest = path;
    while let Some((text, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        if !text.is_empty() {
            parts.push(PathPart::Text(text.to_owned()));
        }
        parts.push(PathPart::Parameter(name.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(PathPart::Text(rest.to_owned()));
    }
    parts
}

/// The path as words, for an operation without a name.
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

/// The paging of an answer: a top-level `next_page_token` is Zoom's, a list called `items` Webex's.
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
