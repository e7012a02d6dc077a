//! The model between input and output: operations, and the shapes of their responses.

use crate::{error::ReadError, json::Json};

/// A description of an API, in any format.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The API's name, or the file's kind if it has none.
    pub title: String,
    /// Scheme, host and port, such as `https://api.zoom.us`; `None` if the document has none. A path after the host is
    /// part of the operations' paths.
    pub origin: Option<String>,
    /// The operations, in the order of the document.
    pub operations: Vec<Operation>,
    /// The invalid items of the document, and why. The others do not depend on them.
    pub skipped: Vec<ReadError>,
}

impl Document {
    /// Returns the operation with this id.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// Returns all operations.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Sets the API's base URL, for documents without one. Its path, as in `https://api.zoom.us/v2`, is put before the
    /// operations' paths.
    pub fn set_base_url(&mut self, base_url: &str) {
        let (origin, path) = split_base_url(base_url);
        self.origin = Some(origin.clone());
        for operation in &mut self.operations {
            operation.origin = Some(origin.clone());
            if let Some(request) = &mut operation.request {
                request.prepend_path(&path);
            }
        }
    }
}

/// Splits an URL into origin and path, which has no trailing slash.
pub(crate) fn split_base_url(base_url: &str) -> (String, String) {
    let trimmed = base_url.trim_end_matches('/');
    let host_at = trimmed.find("://").map_or(0, |at| at + 3);
    match trimmed[host_at..].find('/') {
        Some(slash) => (trimmed[..host_at + slash].to_owned(), trimmed[host_at + slash..].to_owned()),
        None => (trimmed.to_owned(), String::new()),
    }
}

/// One request, and its responses.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// A name that is unique in the document and valid as a file name: ASCII letters, digits, `-` and `_`.
    pub id: String,
    /// Title.
    pub title: String,
    /// Description, as Markdown.
    pub description: String,
    /// The document's [`origin`](Document::origin).
    pub origin: Option<String>,
    /// The request; `None` for sample JSON, which is only read.
    pub request: Option<Request>,
    /// Paging.
    pub paging: Paging,
    /// Possible responses, in the order of the document.
    pub answers: Vec<Answer>,
    /// The shape of a successful response's body; `None` if it has no JSON body.
    pub shape: Option<Shape>,
    /// Unsupported parts of the document, each in a sentence.
    pub warnings: Vec<String>,
}

impl Operation {
    /// Returns the response whose sample is read: the first successful one.
    #[must_use]
    pub fn good_answer(&self) -> Option<&Answer> {
        self.answers.iter().find(|answer| (200..300).contains(&answer.status))
    }

    /// Sets a parameter's value, which replaces all values that the document has for its name. Returns false if there
    /// is no such parameter.
    pub fn set(&mut self, name: &str, value: &str) -> bool {
        let Some(request) = &mut self.request else { return false };
        let mut places: Vec<Place> = Vec::new();
        request.parameters.retain_mut(|parameter| {
            if parameter.name != name {
                return true;
            }
            if places.contains(&parameter.place) {
                return false;
            }
            places.push(parameter.place);
            parameter.value = Some(value.to_owned());
            parameter.more.clear();
            parameter.secret = false;
            true
        });
        !places.is_empty()
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Upper case.
    pub method: String,
    /// The path below the origin; it begins with a slash.
    pub path: Vec<PathPart>,
    /// In the order of the document.
    pub parameters: Vec<Parameter>,
    /// The body, unless it consists of [`Place::Form`] parameters.
    pub body: Option<Body>,
    /// How the caller authenticates.
    pub security: Security,
}

impl Request {
    /// The path with `{name}` for parameters.
    #[must_use]
    pub fn path_template(&self) -> String {
        let part = |part: &PathPart| match part {
            PathPart::Text(text) => text.clone(),
            PathPart::Parameter(name) => format!("{{{name}}}"),
        };
        self.path.iter().map(part).collect()
    }

    fn prepend_path(&mut self, path: &str) {
        if path.is_empty() || self.path_template().starts_with(&format!("{path}/")) {
            return;
        }
        match self.path.first_mut() {
            Some(PathPart::Text(text)) => text.insert_str(0, path),
            _ => self.path.insert(0, PathPart::Text(path.to_owned())),
        }
    }

    /// Returns the parameters in one place that have something to send.
    pub fn sent(&self, place: Place) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.place == place && parameter.is_sent())
    }
}

/// A piece of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathPart {
    /// As sent, percent-encoded if necessary.
    Text(String),
    /// The value of a [`Place::Path`] parameter with this name.
    Parameter(String),
}

/// Where a parameter is in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// A header.
    Header,
    /// In a body of `application/x-www-form-urlencoded`.
    Form,
    /// In a body of `multipart/form-data`.
    Part,
}

/// One parameter of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name, as sent.
    pub name: String,
    /// Its place.
    pub place: Place,
    /// Its type.
    pub kind: Kind,
    /// Whether it is required.
    pub required: bool,
    /// Its description, as Markdown.
    pub description: String,
    /// The document's value for it, real or a placeholder.
    pub sample: Option<String>,
    /// The value to send; `None` if it is omitted.
    pub value: Option<String>,
    /// Further elements of a list that is sent as one parameter: separated by commas, which are not percent-encoded.
    pub more: Vec<String>,
    /// The file that a [`Place::Part`] sends, or the part's own content type.
    pub part: Option<Part>,
    /// Whether the document shows it as part of a request, with any value, as Postman's items do.
    pub shown: bool,
    /// Whether it is a secret, which comes from the environment and is never written into a program.
    pub secret: bool,
    /// Whether a value that begins with a slash or contains two in a row is encoded twice, as Zoom requires for UUIDs.
    pub encode_twice: bool,
}

impl Parameter {
    /// Returns whether the program sends it.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.value.is_some() || (self.secret && self.required)
    }

    /// Returns whether a program in the documents' style has it.
    pub(crate) fn is_shown(&self) -> bool {
        self.shown || self.is_sent()
    }

    /// Returns the value that such a program sends: a placeholder, if the document has nothing else.
    pub(crate) fn shown_value(&self) -> String {
        let shown = self.value.as_ref().or_else(|| self.sample.as_ref().filter(|_| !self.secret));
        shown.cloned().unwrap_or_else(|| format!("<{}>", self.name))
    }
}

/// Properties of a part of a `multipart/form-data` body other than a text field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Whether the parameter's value is the path of a file to send.
    pub is_file: bool,
    /// The file's name for the server. `None`: the last segment of its path.
    pub file_name: Option<String>,
    /// `None`: no type for a text, `application/octet-stream` for a file.
    pub content_type: Option<String>,
}

/// A body that is sent unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Such as `application/json`.
    pub content_type: String,
    /// Its content.
    pub content: Content,
}

impl Body {
    /// Returns a body from a document.
    #[must_use]
    pub fn of_text(content_type: impl Into<String>, text: impl Into<String>) -> Self {
        Self { content_type: content_type.into(), content: Content::Text(text.into()) }
    }

    /// Returns the text. `None` if the body is a file.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            Content::File(_) => None,
        }
    }
}

/// Content of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text.
    Text(String),
    /// The content of the file at this path, which the program reads when it runs.
    File(String),
}

/// How a caller authenticates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// No authentication.
    None,
    /// `Authorization: Bearer …`.
    Bearer,
    /// `Authorization: Basic …`, with a client's id and secret.
    Basic,
}

/// Paging of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// None: the response is complete.
    None,
    /// The response's `next_page_token` is sent as the parameter with the same name, as in Zoom's API.
    Token,
    /// The header `Link: <…>; rel="next"` has the next page, as in Webex's API.
    Link,
}

/// A possible response.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// When it is sent.
    pub description: String,
    /// The media type of its body; empty if it has none.
    pub content_type: String,
    /// A JSON body from the document.
    pub sample: Option<Json>,
    /// A body other than JSON from the document.
    pub text: String,
}

/// Type of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A string. Also a value whose type differs between responses: it is read as text.
    Text,
    /// A whole number of up to 64 bits.
    Integer,
    /// A number that may have a fraction.
    Number,
    /// True or false.
    Boolean,
}

/// The shape of a JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A single value.
    Scalar(Scalar),
    /// Any number of values of one shape.
    Array(Box<Shape>),
    /// Named values.
    Object(Vec<Field>),
    /// Unknown: the document does not specify it, or specifies "anything".
    Unknown,
}

impl Shape {
    /// Returns whether its content is unknown: a program reads it as JSON.
    pub(crate) fn is_opaque(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::Object(fields) => fields.is_empty(),
            Self::Scalar(_) | Self::Array(_) => false,
        }
    }
}

/// A single value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scalar {
    /// Its type in the description.
    pub kind: Kind,
    /// Its type in the sample: `"integer"` is an integer, sent as a string.
    pub shown: Kind,
    /// Whether the sample is a time, such as `2021-06-24T20:00:00Z`.
    pub instant: bool,
    /// The size of the largest integer in a sample.
    pub size: Size,
}

impl Scalar {
    /// Returns how a program reads it: as text if no number type of the language represents it exactly.
    pub(crate) fn read_as(&self) -> Kind {
        match self.kind {
            Kind::Integer if self.size == Size::Huge => Kind::Text,
            Kind::Number if self.size >= Size::Inexact => Kind::Text,
            kind => kind,
        }
    }
}

/// Size of an integer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// 32 bits with a sign.
    #[default]
    Narrow,
    /// A double holds it exactly.
    Wide,
    /// 64 bits with a sign; a double would round it.
    Inexact,
    /// More than 64 bits with a sign.
    Huge,
}

/// A named value of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name in JSON.
    pub name: String,
    /// Whether every such object has it, and not as `null`.
    pub required: bool,
    /// Its description, as Markdown.
    pub description: String,
    /// Its shape.
    pub shape: Shape,
}
