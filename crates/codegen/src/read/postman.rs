//! Postman collections of version 2.1, and single items of them.

use percent_encoding::percent_decode_str;

use super::{
    ids::Ids,
    openapi::{asks_for_double_encoding, is_json, paging_of},
};
use crate::{
    error::{Pointer, ReadError},
    json::Json,
    model::{
        Answer, Body, Document, Kind, Operation, Paging, Parameter, PathPart, Place, Request, Security, split_base_url,
    },
    placeholder::{is_placeholder, is_secret, kind_named, typed_value},
    shape,
};

/// Reads a whole collection, folders and all.
pub(crate) fn read_collection(json: &Json) -> Result<Document, ReadError> {
    let root = Pointer::default();
    let info = json.get("info");
    let schema = info.and_then(|info| info.get("schema")).and_then(Json::as_str).unwrap_or_default();
    if !schema.is_empty() && !schema.contains("v2.1") && !schema.contains("v2.0") {
        return Err(ReadError::content(
            &root.member("info").member("schema"),
            format!("`{schema}` is not read; export the collection as version 2.1"),
        ));
    }
    let items = json
        .get("item")
        .and_then(Json::as_array)
        .ok_or_else(|| ReadError::content(&root.member("item"), "there is no list of items"))?;
    let title = info.and_then(|info| info.get("name")).and_then(Json::as_str).unwrap_or("Postman collection");
    let collection = Collection { variables: variables(json), auth: json.get("auth") };
    let mut operations = Vec::new();
    collection.items(items, &root.member("item"), collection.auth, &mut operations)?;
    finish(title, operations)
}

/// Reads one item, as documents print it below each operation.
pub(crate) fn read_item(json: &Json) -> Result<Document, ReadError> {
    let collection = Collection { variables: Vec::new(), auth: None };
    let operation = collection.operation(json, &Pointer::default(), None)?;
    let title = operation.title.clone();
    finish(&title, vec![operation])
}

fn finish(title: &str, mut operations: Vec<Operation>) -> Result<Document, ReadError> {
    let mut ids = Ids::default();
    for operation in &mut operations {
        operation.id = ids.take(&operation.id);
    }
    let origin = operations.first().and_then(|operation| operation.origin.clone());
    Ok(Document { title: title.to_owned(), origin, operations })
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
    fn items(
        &self,
        items: &'a [Json],
        place: &Pointer,
        auth: Option<&'a Json>,
        operations: &mut Vec<Operation>,
    ) -> Result<(), ReadError> {
        for (index, item) in items.iter().enumerate() {
            let place = place.element(index);
            let auth = item.get("auth").or(auth);
            match item.get("item") {
                Some(Json::Array(inner)) => self.items(inner, &place.member("item"), auth, operations)?,
                Some(_) => return Err(ReadError::content(&place.member("item"), "a folder's items must be a list")),
                None => operations.push(self.operation(item, &place, auth)?),
            }
        }
        Ok(())
    }

    fn operation(&self, item: &Json, place: &Pointer, auth: Option<&Json>) -> Result<Operation, ReadError> {
        let request_place = place.member("request");
        let request =
            item.get("request").ok_or_else(|| ReadError::content(&request_place, "the item has no request"))?;
        let url = match request {
            Json::Text(_) => request,
            _ => request
                .get("url")
                .ok_or_else(|| ReadError::content(&request_place.member("url"), "the request has no address"))?,
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
            Some(body) => self.body(body, content_type, &mut address.parameters),
            None => None,
        };
        let security = security(request.get("auth").or(auth), has_authorization);
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
        Ok(Operation {
            id: title.clone(),
            title,
            description: description_of(request),
            origin: address.origin,
            request: Some(Request { method, path: address.path, parameters: address.parameters, body, security }),
            paging,
            answers,
            shape,
        })
    }

    /// Puts the collection's variables in.
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
            return Err(ReadError::content(place, "the address is empty"));
        }
        let described: Vec<&Json> = url.get("variable").and_then(Json::as_array).unwrap_or_default().iter().collect();
        let mut address = split_address(&raw, |name| {
            let known = described.iter().find(|variable| variable.get("key").and_then(Json::as_str) == Some(name));
            known.map_or_else(
                || new_parameter(name, Place::Path, None, "", false),
                |variable| self.parameter(name, Place::Path, variable),
            )
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

    fn body(&self, body: &Json, content_type: Option<String>, parameters: &mut Vec<Parameter>) -> Option<Body> {
        match body.get("mode").and_then(Json::as_str)? {
            "raw" => {
                let text = self.fill(body.get("raw")?.as_str()?);
                let language = body.get("options").and_then(|options| options.get("raw")?.get("language")?.as_str());
                let looks_like_json = serde_json::from_str::<Json>(&text).is_ok();
                let content_type = content_type.unwrap_or_else(|| match language {
                    Some("json") => "application/json".to_owned(),
                    _ if looks_like_json => "application/json".to_owned(),
                    _ => "text/plain".to_owned(),
                });
                (!text.is_empty()).then_some(Body { content_type, text })
            }
            "urlencoded" => {
                for field in body.get("urlencoded").and_then(Json::as_array).unwrap_or_default() {
                    if let Some(name) = field.get("key").and_then(Json::as_str) {
                        parameters.push(self.parameter(name, Place::Form, field));
                    }
                }
                None
            }
            _ => None,
        }
    }
}

/// An address apart.
pub(super) struct Address {
    pub(super) origin: Option<String>,
    pub(super) path: Vec<PathPart>,
    pub(super) parameters: Vec<Parameter>,
}

/// Takes an address apart; `:name` and `{{name}}` in its path are parameters, which `parameter` makes.
pub(super) fn split_address(raw: &str, mut parameter: impl FnMut(&str) -> Parameter) -> Address {
    let raw = raw.split('#').next().unwrap_or_default();
    let (address, query) = raw.split_once('?').unwrap_or((raw, ""));
    let (origin, path) = split_base_url(address);
    // A host that is a variable, as in `{{baseUrl}}/users`, is not known.
    let origin =
        (!origin.contains("{{")).then(|| if origin.contains("://") { origin } else { format!("https://{origin}") });
    let mut parts: Vec<PathPart> = Vec::new();
    let mut parameters: Vec<Parameter> = Vec::new();
    for segment in path.split('/').skip(1) {
        let name = segment
            .strip_prefix(':')
            .or_else(|| segment.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")))
            .or_else(|| segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')))
            .filter(|name| !name.is_empty());
        let text = if name.is_some() { "/".to_owned() } else { format!("/{segment}") };
        match parts.last_mut() {
            Some(PathPart::Text(last)) => last.push_str(&text),
            _ => parts.push(PathPart::Text(text)),
        }
        if let Some(name) = name {
            parts.push(PathPart::Parameter(name.to_owned()));
            if !parameters.iter().any(|known| known.name == name) {
                parameters.push(parameter(name));
            }
        }
    }
    for (name, value) in pairs(query) {
        parameters.push(new_parameter(&name, Place::Query, Some(value), "", false));
    }
    Address { origin, path: parts, parameters }
}

/// The pairs of a query or a form, decoded.
pub(super) fn pairs(encoded: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().replace('\0', "");
    let pairs = encoded.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// A parameter of a request that someone wrote down: it is sent where its value is real.
pub(super) fn new_parameter(
    name: &str,
    place: Place,
    sample: Option<String>,
    description: &str,
    disabled: bool,
) -> Parameter {
    let shown = sample.as_deref().unwrap_or_default();
    let kind = kind_named(shown).unwrap_or_else(|| kind_of_text(shown));
    let required = place == Place::Path || description.starts_with("(Required)");
    let secret = is_secret(name);
    let real = sample.clone().filter(|sample| !is_placeholder(sample));
    // The first page is asked for without a token; following pages bring theirs.
    let continues = place == Place::Query && name == "next_page_token";
    let value = match real {
        _ if secret || continues => None,
        Some(real) if required || !disabled => Some(real),
        None if required => Some(typed_value(name, kind, None)),
        _ => None,
    };
    Parameter {
        name: name.to_owned(),
        place,
        kind,
        required: required || (secret && !disabled),
        description: description.to_owned(),
        sample,
        value,
        shown: !disabled,
        secret,
        encode_twice: place == Place::Path && asks_for_double_encoding(description),
    }
}

fn kind_of_text(text: &str) -> Kind {
    // A number that does not print the same, such as 007, is no number.
    if text.parse::<i64>().is_ok_and(|number| number.to_string() == text) {
        Kind::Integer
    } else if text == "true" || text == "false" {
        Kind::Boolean
    } else {
        Kind::Text
    }
}

/// Host and path of an address that has no `raw`.
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
        let sample = may_be_json.then(|| serde_json::from_str(text).ok()).flatten();
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
