//! Postman: items as in the vendors' documents, whole collections, and their environment.

use super::http::{reason, shown};
use crate::{
    json::Json,
    model::{Answer, Content, Document, Operation, Parameter, PathPart, Place, Request, Security},
    read::openapi::is_json,
};

const SCHEMA: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

/// Returns a single item: the request, and an example of each response, including errors. `None` for sample JSON.
#[must_use]
pub fn postman_item(operation: &Operation) -> Option<Json> {
    let request = operation.request.as_ref()?;
    let sent = request_json(operation, request);
    let responses = operation.answers.iter().map(|answer| response(answer, &sent)).collect::<Vec<_>>();
    let mut described = sent;
    if let Json::Object(members) = &mut described {
        members.insert("description".to_owned(), operation.description.as_str().into());
    }
    Some(Json::from([
        ("name", operation.title.as_str().into()),
        ("request", described),
        ("response", responses.into()),
    ]))
}

/// Returns the document as a collection. Its URL and credentials are variables: see [`postman_environment`].
#[must_use]
pub fn postman_collection(document: &Document) -> Json {
    let items: Vec<Json> = document.operations.iter().filter_map(postman_item).collect();
    let base_url = document.origin.as_deref().unwrap_or_default();
    Json::from([
        ("info", Json::from([("name", document.title.as_str().into()), ("schema", SCHEMA.into())])),
        ("item", items.into()),
        ("auth", oauth2()),
        ("variable", vec![variable("baseUrl", base_url)].into()),
    ])
}

/// Returns the environment of the document's collection: the API's URL, and an app's credentials.
#[must_use]
pub fn postman_environment(document: &Document) -> Json {
    let value = |key: &str, value: &str, kind: &str| {
        Json::from([("key", key.into()), ("value", value.into()), ("type", kind.into()), ("enabled", true.into())])
    };
    let base_url = document.origin.as_deref().unwrap_or("http://127.0.0.1:8480");
    let values = vec![
        value("baseUrl", base_url, "default"),
        value("accessToken", "", "secret"),
        value("tokenUrl", &format!("{base_url}{}", token_path(document)), "default"),
        value("accountId", "", "default"),
        value("clientId", "", "default"),
        value("clientSecret", "", "secret"),
    ];
    Json::from([
        ("name", document.title.as_str().into()),
        ("values", values.into()),
        ("_postman_variable_scope", "environment".into()),
    ])
}

/// Returns the path of the operation that creates tokens.
fn token_path(document: &Document) -> String {
    let requests = document.operations.iter().filter_map(|operation| operation.request.as_ref());
    let mut tokens =
        requests.filter(|request| request.parameters.iter().any(|parameter| parameter.name == "grant_type"));
    tokens.next().map_or_else(|| "/oauth/token".to_owned(), Request::path_template)
}

fn variable(key: &str, value: &str) -> Json {
    Json::from([("key", key.into()), ("value", value.into())])
}

fn setting(key: &str, value: &str) -> Json {
    Json::from([("key", key.into()), ("value", value.into()), ("type", "string".into())])
}

fn oauth2() -> Json {
    let settings = [
        ("accessToken", "{{accessToken}}"),
        ("addTokenTo", "header"),
        ("headerPrefix", "Bearer"),
        ("tokenType", "Bearer"),
        ("grant_type", "client_credentials"),
        ("accessTokenUrl", "{{tokenUrl}}"),
        ("clientId", "{{clientId}}"),
        ("clientSecret", "{{clientSecret}}"),
        ("client_authentication", "header"),
    ];
    let settings: Vec<Json> = settings.iter().map(|(key, value)| setting(key, value)).collect();
    Json::from([("type", "oauth2".into()), ("oauth2", settings.into())])
}

fn request_json(operation: &Operation, request: &Request) -> Json {
    let auth = match request.security {
        Security::None => Json::from([("type", "noauth".into())]),
        Security::Bearer => oauth2(),
        Security::Basic => {
            let settings = vec![setting("username", "{{clientId}}"), setting("password", "{{clientSecret}}")];
            Json::from([("type", "basic".into()), ("basic", settings.into())])
        }
    };
    let mut headers: Vec<Json> =
        request.parameters.iter().filter(|parameter| parameter.place == Place::Header).map(described).collect();
    if let Some(body) = &request.body {
        headers.push(variable("Content-Type", &body.content_type));
    }
    let mut members = vec![
        ("auth", auth),
        ("method", request.method.as_str().into()),
        ("header", headers.into()),
        ("url", url(operation, request)),
    ];
    let fields = |place: Place| {
        let there = request.parameters.iter().filter(move |parameter| parameter.place == place);
        there.map(described).collect::<Vec<Json>>()
    };
    let (form, parts) = (fields(Place::Form), fields(Place::Part));
    if let Some(body) = &request.body {
        let body = match &body.content {
            Content::Text(text) => {
                let language = if is_json(&body.content_type) { "json" } else { "text" };
                let options = Json::from([("raw", Json::from([("language", language.into())]))]);
                Json::from([("mode", "raw".into()), ("raw", text.as_str().into()), ("options", options)])
            }
            Content::File(path) => {
                let file = Json::from([("src", path.as_str().into())]);
                Json::from([("mode", "file".into()), ("file", file)])
            }
        };
        members.push(("body", body));
    } else if !parts.is_empty() {
        members.push(("body", Json::from([("mode", "formdata".into()), ("formdata", parts.into())])));
    } else if !form.is_empty() {
        members.push(("body", Json::from([("mode", "urlencoded".into()), ("urlencoded", form.into())])));
    }
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn url(_operation: &Operation, request: &Request) -> Json {
    let part = |part: &PathPart| match part {
        PathPart::Text(text) => text.clone(),
        PathPart::Parameter(name) => format!(":{name}"),
    };
    let path: String = request.path.iter().map(part).collect();
    let sent: Vec<String> =
        request.sent(Place::Query).map(|parameter| format!("{}={}", parameter.name, shown(parameter))).collect();
    let question = if sent.is_empty() { String::new() } else { format!("?{}", sent.join("&")) };
    let segments: Vec<Json> = path.split('/').skip(1).map(Json::from).collect();
    let at = |place: Place| {
        let there = request.parameters.iter().filter(move |parameter| parameter.place == place);
        Json::from(there.map(described).collect::<Vec<_>>())
    };
    Json::from([
        ("raw", format!("{{{{baseUrl}}}}{path}{question}").into()),
        ("host", vec![Json::from("{{baseUrl}}")].into()),
        ("path", segments.into()),
        ("query", at(Place::Query)),
        ("variable", at(Place::Path)),
    ])
}

/// Returns a parameter with its description; one that is not sent is disabled.
fn described(parameter: &Parameter) -> Json {
    let value = match &parameter.value {
        Some(_) => shown(parameter),
        None if parameter.secret => secret_variable(&parameter.name),
        None => parameter.sample.clone().unwrap_or_default(),
    };
    let required = if parameter.required { "(Required) " } else { "" };
    let already = parameter.description.starts_with("(Required)");
    let description = format!("{}{}", if already { "" } else { required }, parameter.description);
    let mut members =
        vec![("key", parameter.name.as_str().into()), ("value", value.into()), ("description", description.into())];
    if parameter.place == Place::Part {
        let part = parameter.part.clone().unwrap_or_default();
        members.push(("type", if part.is_file { "file" } else { "text" }.into()));
        if part.is_file {
            members[1].0 = "src";
        }
        members.extend(part.content_type.map(|content_type| ("contentType", content_type.into())));
        members.extend(part.file_name.map(|name| ("fileName", name.into())));
    }
    if !parameter.is_sent() && parameter.place != Place::Path {
        members.push(("disabled", true.into()));
    }
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Returns the environment's variable for a secret: `client_secret` is `{{clientSecret}}`.
fn secret_variable(name: &str) -> String {
    format!("{{{{{}}}}}", crate::name::Case::Camel.join(&crate::name::words(name)))
}

fn response(answer: &Answer, sent: &Json) -> Json {
    let kind = if answer.sample.is_some() { "json" } else { "text" };
    let default_type = if answer.sample.is_some() { "application/json" } else { "text/plain" };
    let content_type = if answer.content_type.is_empty() { default_type } else { &answer.content_type };
    let body = answer.sample.as_ref().map_or_else(|| answer.text.clone(), Json::pretty);
    let name = match answer.description.as_str() {
        // Responses of an item that was read already have names.
        described if described.starts_with("**") => described.to_owned(),
        described => format!("**HTTP Status Code:** `{}`<br>\n{described}", answer.status),
    };
    Json::from([
        ("name", name.into()),
        ("originalRequest", sent.clone()),
        ("status", reason(answer.status).into()),
        ("code", i64::from(answer.status).into()),
        ("_postman_previewlanguage", kind.into()),
        ("header", vec![variable("Content-Type", content_type)].into()),
        ("cookie", Vec::new().into()),
        ("body", body.into()),
    ])
}
