//! HTTP archives (HAR 1.2): a request and the first successful response, as a browser would record them.

use super::http::{pairs, reason, shown, url};
use crate::{
    body::{Piece, pieces},
    json::Json,
    model::{Operation, Place, Request, Security},
};

/// Returns the operation as an archive of one entry. `None` for sample JSON.
#[must_use]
pub fn har(operation: &Operation) -> Option<Json> {
    let request = operation.request.as_ref()?;
    let origin = operation.origin.as_deref().unwrap_or("http://127.0.0.1:8480");
    let answer = operation.good_answer();
    let status = answer.map_or(200, |answer| answer.status);
    let text = answer.and_then(|answer| answer.sample.as_ref()).map(Json::pretty).unwrap_or_default();
    let content_type = answer.map(|answer| answer.content_type.as_str()).unwrap_or_default();
    let content =
        Json::from([("size", length(&text)), ("mimeType", content_type.into()), ("text", text.as_str().into())]);
    let response = Json::from([
        ("status", i64::from(status).into()),
        ("statusText", reason(status).into()),
        ("httpVersion", "HTTP/1.1".into()),
        ("cookies", Vec::new().into()),
        ("headers", vec![pair("Content-Type", content_type)].into()),
        ("content", content),
        ("redirectURL", "".into()),
        ("headersSize", (-1_i64).into()),
        ("bodySize", length(&text)),
    ]);
    let entry = Json::from([
        // Nothing was recorded, so the times are unknown.
        ("startedDateTime", "1970-01-01T00:00:00Z".into()),
        ("time", 0_i64.into()),
        ("request", sent(origin, request)),
        ("response", response),
        ("cache", Json::Object(indexmap::IndexMap::new())),
        ("timings", Json::from([("send", 0_i64.into()), ("wait", 0_i64.into()), ("receive", 0_i64.into())])),
    ]);
    let creator = Json::from([("name", "rollcall".into()), ("version", env!("CARGO_PKG_VERSION").into())]);
    let log = Json::from([("version", "1.2".into()), ("creator", creator), ("entries", vec![entry].into())]);
    Some(Json::from([("log", log)]))
}

fn pair(name: &str, value: &str) -> Json {
    Json::from([("name", name.into()), ("value", value.into())])
}

fn length(text: &str) -> Json {
    Json::from(i64::try_from(text.len()).unwrap_or(-1))
}

fn sent(origin: &str, request: &Request) -> Json {
    let mut headers = vec![pair("Accept", "application/json")];
    match request.security {
        Security::None => {}
        Security::Bearer => headers.push(pair("Authorization", "Bearer <access_token>")),
        Security::Basic => headers.push(pair("Authorization", "Basic <credentials>")),
    }
    headers.extend(request.sent(Place::Header).map(|parameter| pair(&parameter.name, &shown(parameter))));
    let form = pairs(request, Place::Form);
    let body = match pieces(request) {
        Some((content_type, pieces)) => Some((content_type, pieces.iter().map(Piece::shown).collect())),
        None if !form.is_empty() => Some(("application/x-www-form-urlencoded".to_owned(), form)),
        None => None,
    };
    let query: Vec<Json> =
        request.sent(Place::Query).map(|parameter| pair(&parameter.name, &shown(parameter))).collect();
    let mut members = vec![
        ("method", request.method.as_str().into()),
        ("url", url(origin, request).into()),
        ("httpVersion", "HTTP/1.1".into()),
        ("cookies", Vec::new().into()),
        ("queryString", query.into()),
        ("headersSize", (-1_i64).into()),
        ("bodySize", body.as_ref().map_or(0_i64.into(), |(_, text): &(String, String)| length(text))),
    ];
    if let Some((content_type, text)) = body {
        headers.push(pair("Content-Type", &content_type));
        members.push(("postData", Json::from([("mimeType", content_type.into()), ("text", text.into())])));
    }
    members.insert(3, ("headers", headers.into()));
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
