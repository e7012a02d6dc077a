//! What every input becomes and every output is made of: operations, and the shape of their answers.

use crate::{error::ReadError, json::Json};

/// A description of an API, whatever it was written in.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The API's name, or the file's kind where it has none.
    pub title: String,
    /// Scheme, host and port, such as `https://api.zoom.us`; none where the document does not say. A path behind the
    /// host has become part of the operations' paths.
    pub origin: Option<String>,
    /// The operations, in the order of the document.
    pub operations: Vec<Operation>,
    /// The items of the document that could not be read, and why. The others do not depend on them.
    pub skipped: Vec<ReadError>,
}

impl Document {
    /// The operation of this id.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// All operations.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Says where the API is, for documents that do not. A path, as in `https://api.zoom.us/v2`, goes before the
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

/// Scheme and host apart from the path, which has no slash at its end.
pub(crate) fn split_base_url(base_url: &str) -> (String, String) {
    let trimmed = base_url.trim_end_matches('/');
    let host_at = trimmed.find("://").map_or(0, |at| at + 3);
    match trimmed[host_at..].find('/') {
        Some(slash) => (trimmed[..host_at + slash].to_owned(), trimmed[host_at + slash..].to_owned()),
        None => (trimmed.to_owned(), String::new()),
    }
}

/// One thing that can be asked, and what it is answered with.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// A name that is unique in the document and fit for a file: ASCII letters, digits, `-` and `_`.
    pub id: String,
    /// What it does, in a line.
    pub title: String,
    /// What it does, at length; Markdown.
    pub description: String,
    /// The document's [`origin`](Document::origin).
    pub origin: Option<String>,
    /// How it is asked; none for a sample of JSON, which is only read.
    pub request: Option<Request>,
    /// How its list is continued.
    pub paging: Paging,
    /// What it may answer, in the order of the document.
    pub answers: Vec<Answer>,
    /// How the body of a good answer is built; none where it has no JSON body.
    pub shape: Option<Shape>,
    /// What the document asks for and a program does not do, each in a sentence.
    pub warnings: Vec<String>,
}

impl Operation {
    /// The answer whose sample is read: the first good one.
    #[must_use]
    pub fn good_answer(&self) -> Option<&Answer> {
        self.answers.iter().find(|answer| (200..300).contains(&answer.status))
    }

    /// Gives a parameter the value that is sent, in place of all that the document sends under its name. False if there
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

/// What is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Upper case.
    pub method: String,
    /// The path below the origin; it begins with a slash.
    pub path: Vec<PathPart>,
    /// In the order of the document.
    pub parameters: Vec<Parameter>,
    /// The body, where there is one that is not made of [`Place::Form`] parameters.
    pub body: Option<Body>,
    /// How the caller makes himself known.
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

    /// The parameters that stand in one place and have something to send.
    pub fn sent(&self, place: Place) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.place == place && parameter.is_sent())
    }
}

/// A piece of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathPart {
    /// As it is sent, percent-encoded where it must be.
    Text(String),
    /// The value of a [`Place::Path`] parameter of this name.
    Parameter(String),
}

/// Where a parameter stands in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the path.
    Path,
    /// Behind the question mark.
    Query,
    /// A header of its own.
    Header,
    /// In a body of `application/x-www-form-urlencoded`.
    Form,
    /// In a body of `multipart/form-data`.
    Part,
}

/// One parameter of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// As it is sent.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
    /// Whether the request is refused without it.
    pub required: bool,
    /// What it means; Markdown.
    pub description: String,
    /// What the document shows for it, be it real or a placeholder.
    pub sample: Option<String>,
    /// What is sent; none where it is left out.
    pub value: Option<String>,
    /// Further elements of a list that is sent as one parameter: commas between them, which are not percent-encoded.
    pub more: Vec<String>,
    /// The file that a [`Place::Part`] sends, or the part's own content type.
    pub part: Option<Part>,
    /// Whether the document shows it as part of a request, with whatever value: Postman's items do.
    pub shown: bool,
    /// Whether it is a password or the like, which comes from the environment and is never written down.
    pub secret: bool,
    /// Whether a value that begins with a slash or holds two in a row is encoded twice, as Zoom asks of UUIDs.
    pub encode_twice: bool,
}

impl Parameter {
    /// Whether the program sends it.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.value.is_some() || (self.secret && self.required)
    }

    /// Whether a program that is written like the documents' has it.
    pub(crate) fn is_shown(&self) -> bool {
        self.shown || self.is_sent()
    }

    /// The value that such a program sends: a placeholder, where the document has nothing else.
    pub(crate) fn shown_value(&self) -> String {
        let shown = self.value.as_ref().or_else(|| self.sample.as_ref().filter(|_| !self.secret));
        shown.cloned().unwrap_or_else(|| format!("<{}>", self.name))
    }
}

/// What sets a part of a `multipart/form-data` body apart from a field with a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Whether the parameter's value is the path of a file whose content is sent.
    pub is_file: bool,
    /// The file's name for the server. None: the last segment of its path.
    pub file_name: Option<String>,
    /// None: none for a text, `application/octet-stream` for a file.
    pub content_type: Option<String>,
}

/// A body that is sent as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Such as `application/json`.
    pub content_type: String,
    /// What is sent.
    pub content: Content,
}

impl Body {
    /// A body that the document shows.
    #[must_use]
    pub fn of_text(content_type: impl Into<String>, text: impl Into<String>) -> Self {
        Self { content_type: content_type.into(), content: Content::Text(text.into()) }
    }

    /// The text. None if the body is a file.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            Content::File(_) => None,
        }
    }
}

/// What a body consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text.
    Text(String),
    /// The content of the file at this path, which the program reads when it runs.
    File(String),
}

/// How a caller makes himself known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    None,
    /// `Authorization: Bearer …`.
    Bearer,
    /// `Authorization: Basic …`, a client's id and secret.
    Basic,
}

/// How a list is continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// It is not: the answer is whole.
    None,
    /// The answer's `next_page_token` goes into the parameter of the same name, as at Zoom.
    Token,
    /// The header `Link: <…>; rel="next"` names the next page, as at Webex.
    Link,
}

/// One possible answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// When it is given.
    pub description: String,
    /// Of its body; empty where it has none.
    pub content_type: String,
    /// A body, as the document shows it.
    pub sample: Option<Json>,
    /// A body that is not JSON, as the document shows it.
    pub text: String,
}

/// What a scalar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A text. Also what is of one kind in one answer and of another in the next: it is read as its text.
    Text,
    /// A whole number of up to 64 bits.
    Integer,
    /// A number that may have a fraction.
    Number,
    /// True or false.
    Boolean,
}

/// How a JSON value is built.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A single value.
    Scalar(Scalar),
    /// Any number of values of one shape.
    Array(Box<Shape>),
    /// Named values.
    Object(Vec<Field>),
    /// The document does not say, or says "anything".
    Unknown,
}

impl Shape {
    /// Whether nothing is known of what it holds: a program reads it as JSON.
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
    /// What the description says it is.
    pub kind: Kind,
    /// What the sample shows: `"integer"` is an integer, shown as a text.
    pub shown: Kind,
    /// Whether the sample is an instant, such as `2021-06-24T20:00:00Z`.
    pub instant: bool,
    /// The size of the largest whole number that a sample shows.
    pub size: Size,
}

impl Scalar {
    /// How a program reads it: as a text if no number of the language is sure to hold it exactly.
    pub(crate) fn read_as(&self) -> Kind {
        match self.kind {
            Kind::Integer if self.size == Size::Huge => Kind::Text,
            Kind::Number if self.size >= Size::Inexact => Kind::Text,
            kind => kind,
        }
    }
}

/// How much room a whole number needs.
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
    /// As JSON has it.
    pub name: String,
    /// Whether every such object has it, and not as `null`.
    pub required: bool,
    /// What it means; Markdown.
    pub description: String,
    /// How its value is built.
    pub shape: Shape,
}
