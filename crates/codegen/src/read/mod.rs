//! Whatever describes an API, made into a [`Document`].

mod curl;
mod ids;
pub(crate) mod openapi;
mod postman;
mod sample;
mod schema;

use crate::{
    error::{Pointer, ReadError},
    json::Json,
    model::{Document, Operation, Paging},
    shape,
};

/// The longest document that is read: a Postman collection of a thousand items has about 16 MB.
pub const LONGEST_DOCUMENT_BYTES: usize = 64 * 1024 * 1024;

impl Document {
    /// Reads an OpenAPI description (3.0, 3.1), a Postman collection (2.1) or a single item of one, a curl line, or a
    /// sample of JSON, whichever `text` is.
    ///
    /// # Errors
    /// When the text is none of them, is broken, or is larger than is read; the error says where.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        if text.len() > LONGEST_DOCUMENT_BYTES {
            return Err(ReadError::TooLarge {
                what: format!("the document has {} MB, which", text.len() >> 20),
                limit: format!("{} MB", LONGEST_DOCUMENT_BYTES >> 20),
            });
        }
        let text = text.trim_start_matches('\u{feff}');
        let trimmed = text.trim_start();
        if trimmed.starts_with("curl") && trimmed[4..].starts_with(|c: char| c.is_whitespace()) {
            return curl::read(trimmed);
        }
        if trimmed.is_empty() {
            return Err(ReadError::content(&Pointer::default(), "there is nothing in it"));
        }
        if !trimmed.starts_with(['{', '[']) && trimmed.contains("openapi:") {
            return Err(ReadError::content(
                &Pointer::default(),
                "it seems to be YAML; only JSON is read, and every YAML tool can convert it",
            ));
        }
        let json: Json = serde_json::from_str(text).map_err(|error| ReadError::syntax(&error))?;
        Self::from_json(&json)
    }

    /// Reads what [`read`](Self::read) reads, apart from curl lines, where it is parsed already.
    ///
    /// # Errors
    /// When something in it is not what it should be; the error says where.
    pub fn from_json(json: &Json) -> Result<Self, ReadError> {
        let root = Pointer::default();
        if json.get("openapi").is_some() {
            return openapi::read(json);
        }
        if let Some(version) = json.get("swagger") {
            return Err(ReadError::content(
                &root.member("swagger"),
                format!("version `{}` is not read; OpenAPI 3.0 and 3.1 are", version.to_text()),
            ));
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

/// A sample of JSON: there is nothing to send, and all to read.
fn sample(json: &Json) -> Result<Document, ReadError> {
    let root = Pointer::default();
    if !matches!(json, Json::Object(_) | Json::Array(_)) {
        return Err(ReadError::content(
            &root,
            "it is neither an OpenAPI description, a Postman collection or item, a curl line, nor an object or array of \
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
    };
    Ok(Document { title: "JSON".to_owned(), origin: None, operations: vec![operation] })
}
