//! Postman collections of version 2.1, and single items of them.

use super::{
    address::{Address, new_parameter, part_parameter, split_address},
    ids::Ids,
    openapi::{is_json, paging_of},
};
use crate::{
    error::{Pointer, ReadError},
    json::Json,
    model::{Answer, Body, Content, Document, Operation, Paging, Parameter, Part, Place, Request, Security},
    shape,
};

/// Parses a whole collection, including folders.
pub(crate) fn read_collection(json: &Json) -> Result<Document, ReadError> {
    let root = Pointer::default();
    let info = json.get("info");
    let schema = info.and_then(|info| info.get("schema")).and_then(Json::as_str).unwrap_or_default();
    if !schema.is_empty() && !schema.contains("v2.1") && !schema.contains("v2.0") {
        return Err(ReadError::content(
            &root.member("info").member("schema"),
            format!("`{schema}` is not supported; export the collection as version 2.1"),
        ));
    }
    let items = json
        .get("item")
        .and_then(Json::as_array)
        .ok_or_else(|| ReadError::content(&root.member("item"), "it must be a list"))?;
    let title = info.and_then(|info| info.get("name")).and_then(Json::as_str).unwrap_or("Postman collection");
    let collection = Collection { variables: variables(json), auth: json.get("auth") };
    let mut found = Found::default();
    collection.items(items, &root.member("item"), collection.auth, &mut found);
    finish(title, found)
}

/// Parses one item, as documents show it for each operation.
pub(crate) fn read_item(json: &Json) -> Result<Document, ReadError> {
    let collection = Collection { variables: Vec::new(), auth: None };
    let operation = collection.operation(json, &Pointer::default(), None)?;
    let title = operation.title.clone();
    finish(&title, Found { operations: vec![operation], skipped: Vec::new() })
}

/// The items of a document, and the errors of others.
#[derive(Default)]
pub(super) struct Found {
    pub(super) operations: Vec<Operation>,
    pub(super) skipped: Vec<ReadError>,
}

impl Found {
    pub(super) fn add(&mut self, operation: Result<Operation, ReadError>) {
        match operation {
            Ok(operation) => self.operations.push(operation),
            Err(error) => self.skipped.push(error),
        }
    }

    /// Returns the operations and the errors, or the first error if there is nothing else.
    pub(super) fn into_parts(self) -> Result<(Vec<Operation>, Vec<ReadError>), ReadError> {
        match self.skipped.first() {
            Some(error) if self.operations.is_empty() => Err(error.clone()),
            _ => Ok((self.operations, self.skipped)),
        }
    }
}

fn finish(title: &str, found: Found) -> Result<Document, ReadError> {
    let (mut operations, skipped) = found.into_parts()?;
    let mut ids = Ids::default();
    for operation in &mut operations {
        operation.id = ids.take(&operation.id);
    }
    let origin = operations.first().and_then(|operation| operation.origin.clone());
    Ok(Document { title: title.to_owned(), origin, operations, skipped })
}

fn variables(json: &Json) -> Vec<(String, String)> {
    let variables = json.get("variable").and_then(Json::as_array).unwrap_or_default();
    let pair = |variable: &Json| {
        let name = variable.get("key").or_else(|| variable.get("id"))?.as_str()?;
        Some((name.to_owned(), variable.get("value")?.to_text()))
    };
    variables.iter().filter_map(pair).collect()
}

struct Collection<'a> {
    variables: Vec<(String, String)>,
    auth: Option<&'a Json>,
}

impl<'a> Collection<'a> {
    fn items(&self, items: &'a [Json], place: &Pointer, auth: Option<&'a Json>, found: &mut Found) {
        for (index, item) in items.iter().enumerate() {
            let place = place.element(index);
            let auth = item.get("auth").or(auth);
            match item.get("item") {
                Some(Json::Array(inner)) => self.items(inner, &place.member("item"), auth, found),
                Some(_) => {
                    found.add(Err(ReadError::content(&place.member("item"), "a folder's items must be a list")));
                }
                None => {
                    let name = item.get("name").and_then(Json::as_str);
                    let operation = self.operation(item, &place, auth);
                    found.add(operation.map_err(|error| error.within(name)));
                }
            }
        }
    }

    fn operation(&self, item: &Json, place: &Pointer, auth: Option<&Json>) -> Result<Operation, ReadError> {
        let request_place = place.member("request");
        let request =
            item.get("request").ok_or_else(|| ReadError::content(&request_place, "the item has no request"))?;
        let url = match request {
            Json::Text(_) => request,
            _ => request
                .get("url")
                .ok_or_else(|| ReadError::content(&request_place.member("url"), "the request has no URL"))?,
        };
        let mut address = self.address(url, &request_place.member("url"))?;
        let headers = request.get("header").and_then(Json::as_array).unwrap_or_default();
        let mut content_type = None;
        let mut has_authorization = false;
        for header in headers {
            let Some(name) = header.get("key").and_then(Json::as_str) else { continue };
            match &*name.to_lowercase() {
                "content-type" => content_type = header.get("value").map(Json::to_text),
                "authorization" => has_authorization = true,
                "accept" | "host" | "content-length" => {}
                _ => address.parameters.push(self.parameter(name, Place::Header, header)),
            }
        }
        let body = match request.get("body") {
            Some(body) if body.get("disabled").and_then(Json::as_bool) != Some(true) => {
                self.body(body, content_type, &request_place.member("body"), &mut address.parameters)?
            }
            _ => None,
        };
        let mut warnings = Vec::new();
        let auth = request.get("auth").or(auth);
        let security = security(auth, has_authorization);
        match auth.and_then(|auth| auth.get("type")).and_then(Json::as_str) {
            Some("apikey") => address.parameters.extend(auth.and_then(api_key)),
            Some("oauth2" | "bearer" | "basic" | "noauth") | None => {}
            Some(other) => {
                warnings.push(format!("Ignored the authorization `{other}`: add its header to the program"));
            }
        }
        let answers = answers(item);
        let mut shape = None;
        for (index, answer) in answers.iter().enumerate().filter(|(_, answer)| (200..300).contains(&answer.status)) {
            let Some(sample) = &answer.sample else { continue };
            let place = place.member("response").element(index).member("body");
            let other = shape::of_sample(sample, &place)?;
            shape = Some(match shape.take() {
                Some(shape) => shape::merge(shape, other),
                None => other,
            });
        }
        let method = request.get("method").and_then(Json::as_str).unwrap_or("GET").to_ascii_uppercase();
        if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(ReadError::content(&request_place.member("method"), "a method consists of letters"));
        }
        let takes_token = address.parameters.iter().any(|parameter| parameter.name == "next_page_token");
        let paging =
            if method == "GET" { paging_of(takes_token, has_link(item), shape.as_ref()) } else { Paging::None };
        let title = item.get("name").and_then(Json::as_str).unwrap_or("request").to_owned();
        let mut operation = Operation {
            id: title.clone(),
            title,
            description: description_of(request),
            origin: address.origin,
            request: Some(Request { method, path: address.path, parameters: address.parameters, body, security }),
            paging,
            answers,
            shape,
            warnings,
        };
        warn_of_variables(&mut operation);
        Ok(operation)
    }

    /// Inserts the collection's variables.
    fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (name, value) in self.variables.iter().filter(|(_, value)| !value.is_empty()) {
            filled = filled.replace(&format!("{{{{{name}}}}}"), value);
        }
        filled
    }

    fn address(&self, url: &Json, place: &Pointer) -> Result<Address, ReadError> {
        let raw = url.as_str().or_else(|| url.get("raw").and_then(Json::as_str));
        let raw = match raw {
            Some(raw) => self.fill(raw),
            None => self.fill(&joined(url)),
        };
        if raw.is_empty() {
            return Err(ReadError::content(place, "the URL is empty"));
        }
        let described: Vec<&Json> = url.get("variable").and_then(Json::as_array).unwrap_or_default().iter().collect();
        let mut address = split_address(&raw, |name| {
            let known = described.iter().find(|variable| variable.get("key").and_then(Json::as_str) == Some(name));
            Some(self.parameter(name, Place::Path, known?))
        });
        if let Some(query) = url.get("query").and_then(Json::as_array) {
            address.parameters.retain(|parameter| parameter.place == Place::Path);
            for parameter in query {
                if let Some(name) = parameter.get("key").and_then(Json::as_str) {
                    address.parameters.push(self.parameter(name, Place::Query, parameter));
                }
            }
        }
        Ok(address)
    }

    fn parameter(&self, name: &str, place: Place, described: &Json) -> Parameter {
        let value =
            described.get("value").filter(|value| **value != Json::Null).map(|value| self.fill(&value.to_text()));
        let disabled = described.get("disabled").and_then(Json::as_bool).unwrap_or_default();
        new_parameter(name, place, value, &description_of(described), disabled)
    }

    fn body(
        &self,
        body: &Json,
        content_type: Option<String>,
        place: &Pointer,
        parameters: &mut Vec<Parameter>,
    ) -> Result<Option<Body>, ReadError> {
        let fields = |mode: &str| body.get(mode).and_then(Json::as_array).unwrap_or_default();
        match body.get("mode").and_then(Json::as_str) {
            Some("raw") => {
                let text = self.fill(body.get("raw").and_then(Json::as_str).unwrap_or_default());
                let language = body.get("options").and_then(|options| options.get("raw")?.get("language")?.as_str());
                let content_type = content_type.unwrap_or_else(|| match language {
                    Some("json") => "application/json".to_owned(),
                    Some("xml") => "application/xml".to_owned(),
                    Some("html") => "text/html".to_owned(),
                    Some("javascript") => "application/javascript".to_owned(),
                    _ if Json::parse(&text).is_ok() => "application/json".to_owned(),
                    _ => "text/plain".to_owned(),
                });
                Ok((!text.is_empty()).then(|| Body::of_text(content_type, text)))
            }
            Some("urlencoded") => {
                for field in fields("urlencoded") {
                    if let Some(name) = field.get("key").and_then(Json::as_str) {
                        parameters.push(self.parameter(name, Place::Form, field));
                    }
                }
                Ok(None)
            }
            Some("formdata") => {
                for (index, field) in fields("formdata").iter().enumerate() {
                    self.parts(field, &place.member("formdata").element(index), parameters)?;
                }
                Ok(None)
            }
            Some("graphql") => {
                let place = place.member("graphql");
                let graphql = body.get("graphql").ok_or_else(|| ReadError::content(&place, "the query is missing"))?;
                let text = self.graphql(graphql, &place)?.pretty();
                Ok(Some(Body::of_text(content_type.unwrap_or_else(|| "application/json".to_owned()), text)))
            }
            Some("file") => {
                let file = body.get("file");
                let member = |name: &str| file.and_then(|file| file.get(name)).and_then(Json::as_str);
                let content = match (member("content"), member("src")) {
                    (Some(text), _) => Content::Text(self.fill(text)),
                    (None, Some(path)) => Content::File(self.fill(path)),
                    (None, None) => return Err(ReadError::content(&place.member("file"), "the file is missing")),
                };
                let content_type = content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
                Ok(Some(Body { content_type, content }))
            }
            Some("none") | None => Ok(None),
            Some(mode) => {
                Err(ReadError::content(&place.member("mode"), format!("a body of mode `{mode}` is not supported")))
            }
        }
    }

    /// Converts a field of a form, possibly with several files.
    fn parts(&self, field: &Json, place: &Pointer, parameters: &mut Vec<Parameter>) -> Result<(), ReadError> {
        let Some(name) = field.get("key").and_then(Json::as_str).filter(|name| !name.is_empty()) else { return Ok(()) };
        let text = |member: &str| field.get(member).and_then(Json::as_str).filter(|text| !text.is_empty());
        let disabled = field.get("disabled").and_then(Json::as_bool).unwrap_or_default();
        let is_file = match text("type") {
            Some("file") => true,
            Some("text") | None => false,
            Some(other) => {
                let reason = format!("a form field of type `{other}` is not supported");
                return Err(ReadError::content(&place.member("type"), reason));
            }
        };
        let part = Part {
            is_file,
            file_name: text("fileName").map(str::to_owned),
            content_type: text("contentType").map(str::to_owned),
        };
        let values: Vec<String> = match field.get(if is_file { "src" } else { "value" }) {
            Some(Json::Array(files)) if is_file => files.iter().map(Json::to_text).collect(),
            Some(Json::Null) | None if is_file => vec![format!("<{name}>")],
            Some(Json::Null) | None => vec![String::new()],
            Some(value) => vec![value.to_text()],
        };
        for value in values {
            let value = Some(self.fill(&value));
            parameters.push(part_parameter(name, value, part.clone(), &description_of(field), disabled));
        }
        Ok(())
    }

    /// Returns the body for a GraphQL query: JSON with the query and its variables.
    fn graphql(&self, graphql: &Json, place: &Pointer) -> Result<Json, ReadError> {
        let query = graphql.get("query").and_then(Json::as_str).unwrap_or_default();
        let mut members = indexmap::IndexMap::from([("query".to_owned(), Json::from(self.fill(query)))]);
        if let Some(name) = graphql.get("operationName").filter(|name| **name != Json::Null) {
            members.insert("operationName".to_owned(), name.clone());
        }
        let variables = match graphql.get("variables") {
            Some(Json::Text(text)) if !text.trim().is_empty() => {
                Some(Json::parse(&self.fill(text)).map_err(|error| {
                    ReadError::content(
                        &place.member("variables"),
                        format!("the query's variables are not JSON: {error}"),
                    )
                })?)
            }
            Some(variables @ Json::Object(_)) => Some(variables.clone()),
            _ => None,
        };
        members.extend(variables.map(|variables| ("variables".to_owned(), variables)));
        Ok(Json::Object(members))
    }
}

/// Reports the Postman variables that remain in the request.
fn warn_of_variables(operation: &mut Operation) {
    let Some(request) = &operation.request else { return };
    let values = request.parameters.iter().flat_map(|parameter| parameter.value.as_deref());
    let mut names: Vec<&str> = Vec::new();
    for text in values.chain(request.body.as_ref().and_then(Body::text)) {
        for piece in text.split("{{").skip(1) {
            if let Some((name, _)) = piece.split_once("}}")
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
    }
    let warning = |name: &&str| format!("The variable {name} has no value in the collection: insert its value");
    operation.warnings.extend(names.iter().map(warning));
}

/// Returns the header or the query parameter for a key, which comes from the environment.
fn api_key(auth: &Json) -> Option<Parameter> {
    let settings = auth.get("apikey")?;
    // Version 2.1 has a list of settings, version 2.0 an object.
    let setting = |name: &str| match settings {
        Json::Array(list) => {
            let named = list.iter().find(|setting| setting.get("key").and_then(Json::as_str) == Some(name));
            named?.get("value")?.as_str()
        }
        other => other.get(name)?.as_str(),
    };
    let place = if setting("in") == Some("query") { Place::Query } else { Place::Header };
    let mut parameter = new_parameter(setting("key")?, place, None, "", false);
    (parameter.secret, parameter.required, parameter.value) = (true, true, None);
    Some(parameter)
}

/// Returns host and path of a URL without `raw`.
fn joined(url: &Json) -> String {
    let list = |name: &str, between: &str| match url.get(name) {
        Some(Json::Array(parts)) => {
            let part = |part: &Json| part.get("value").map_or_else(|| part.to_text(), Json::to_text);
            parts.iter().map(part).collect::<Vec<_>>().join(between)
        }
        Some(Json::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let protocol = url.get("protocol").and_then(Json::as_str).map(|name| format!("{name}://")).unwrap_or_default();
    format!("{protocol}{}/{}", list("host", "."), list("path", "/"))
}

fn description_of(described: &Json) -> String {
    match described.get("description") {
        Some(Json::Text(text)) => text.clone(),
        Some(description) => description.get("content").and_then(Json::as_str).unwrap_or_default().to_owned(),
        None => String::new(),
    }
}

fn security(auth: Option<&Json>, has_authorization: bool) -> Security {
    match auth.and_then(|auth| auth.get("type")).and_then(Json::as_str) {
        Some("oauth2" | "bearer") => Security::Bearer,
        Some("basic") => Security::Basic,
        _ if has_authorization => Security::Bearer,
        _ => Security::None,
    }
}

fn answers(item: &Json) -> Vec<Answer> {
    let answer = |response: &Json| {
        let status = match response.get("code")? {
            Json::Number(number) => number.as_u64()?.try_into().ok()?,
            _ => return None,
        };
        let headers = response.get("header").and_then(Json::as_array).unwrap_or_default();
        let content_type = headers.iter().find_map(|header| {
            let name = header.get("key")?.as_str()?;
            name.eq_ignore_ascii_case("content-type").then(|| header.get("value")?.as_str())?
        });
        let text = response.get("body").and_then(Json::as_str).unwrap_or_default();
        let may_be_json = content_type.is_none_or(is_json);
        let sample = may_be_json.then(|| Json::parse(text).ok()).flatten();
        Some(Answer {
            status,
            description: response.get("name").and_then(Json::as_str).unwrap_or_default().to_owned(),
            content_type: content_type.unwrap_or_default().to_owned(),
            text: if sample.is_some() { String::new() } else { text.to_owned() },
            sample,
        })
    };
    item.get("response").and_then(Json::as_array).unwrap_or_default().iter().filter_map(answer).collect()
}

fn has_link(item: &Json) -> bool {
    let responses = item.get("response").and_then(Json::as_array).unwrap_or_default();
    let mut headers =
        responses.iter().flat_map(|response| response.get("header").and_then(Json::as_array).unwrap_or_default());
    headers.any(|header| header.get("key").and_then(Json::as_str).is_some_and(|name| name.eq_ignore_ascii_case("link")))
}
