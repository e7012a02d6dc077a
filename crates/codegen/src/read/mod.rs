//! Parses API descriptions of any format into a [`Document`].

mod address;
mod curl;
mod ids;
pub(crate) mod openapi;
mod options;
mod parameters;
mod postman;
mod sample;
mod schema;
mod swagger;
mod words;
mod xml;
mod yaml;

use crate::{
    error::{Pointer, ReadError},
    json::Json,
    model::{Document, Operation, Paging},
    shape,
};

/// Maximum size of a document: a Postman collection of a thousand items has about 16 MB.
pub const LONGEST_DOCUMENT_BYTES: usize = 64 * 1024 * 1024;

impl Document {
    /// Parses an OpenAPI description (3.x as JSON or YAML, Swagger 2.0), a Postman collection (2.1) or a single item, a
    /// curl command, or sample JSON; detects the format of `text`. Invalid parts of a document with other valid parts
    /// are in [`skipped`](Self::skipped).
    ///
    /// # Errors
    /// If the text is none of these, is malformed, is too large, or has no valid part; the error says where.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        if text.len() > LONGEST_DOCUMENT_BYTES {
            return Err(ReadError::TooLarge {
                what: format!("the document has {} MB and", text.len() >> 20),
                limit: format!("{} MB", LONGEST_DOCUMENT_BYTES >> 20),
            });
        }
        let text = text.trim_start_matches('\u{feff}');
        let trimmed = text.trim_start();
        if let Some(line) = curl::line_of(text) {
            return curl::read(line);
        }
        if trimmed.is_empty() {
            return Err(ReadError::content(&Pointer::default(), "it is empty"));
        }
        if ["Invoke-WebRequest", "Invoke-RestMethod", "$session", "iwr ", "irm "]
            .iter()
            .any(|start| trimmed.starts_with(start))
        {
            let reason = "PowerShell's own commands are not supported; copy the request as curl";
            return Err(ReadError::content(&Pointer::default(), reason));
        }
        let json = if yaml::looks_like(trimmed) {
            yaml::parse(text)?
        } else {
            Json::parse(text).map_err(|error| ReadError::syntax(&error))?
        };
        Self::from_json(&json)
    }

    /// Does the same as [`read`](Self::read), except for curl commands, for a parsed document.
    ///
    /// # Errors
    /// If its content is invalid; the error says where.
    pub fn from_json(json: &Json) -> Result<Self, ReadError> {
        if json.get("openapi").is_some() {
            return openapi::read(json);
        }
        if json.get("swagger").is_some() {
            return openapi::read(&swagger::to_openapi(json)?);
        }
        let schema = json.get("info").and_then(|info| info.get("schema")).and_then(Json::as_str).unwrap_or_default();
        if json.get("item").is_some() || schema.contains("getpostman.com") {
            return postman::read_collection(json);
        }
        if json.get("request").is_some_and(|request| request.as_object().is_some() || request.as_str().is_some())
            && json.get("name").is_some()
        {
            return postman::read_item(json);
        }
        sample(json)
    }
}

/// Sample JSON: there is nothing to send, only to read.
fn sample(json: &Json) -> Result<Document, ReadError> {
    let root = Pointer::default();
    if !matches!(json, Json::Object(_) | Json::Array(_)) {
        return Err(ReadError::content(
            &root,
            "it is neither an OpenAPI description, a Postman collection or item, a curl command, nor an object or array of \
             sample JSON",
        ));
    }
    let operation = Operation {
        id: "sample".to_owned(),
        title: "Reads JSON that is built like the sample".to_owned(),
        description: String::new(),
        origin: None,
        request: None,
        paging: Paging::None,
        answers: vec![crate::model::Answer {
            status: 200,
            description: String::new(),
            content_type: "application/json".to_owned(),
            sample: Some(json.clone()),
            text: String::new(),
        }],
        shape: Some(shape::of_sample(json, &root)?),
        warnings: Vec::new(),
    };
    Ok(Document { title: "JSON".to_owned(), origin: None, operations: vec![operation], skipped: Vec::new() })
}
