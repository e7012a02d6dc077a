//! The body of a request in pieces: text, files, and secrets from the environment.

use crate::model::{Content, Parameter, Part, Place, Request};

/// A piece of a body; pieces are concatenated.
#[derive(Debug, Clone)]
pub(crate) enum Piece<'a> {
    Text(String),
    /// The content of the file at this path.
    File(&'a str),
    /// The value of this parameter, which is read from the environment.
    Secret(&'a Parameter),
}

impl Piece<'_> {
    /// Returns the text, or `<name>` for a value that is unknown until the program runs.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::File(path) => format!("<{path}>"),
            Self::Secret(parameter) => parameter.shown_value(),
        }
    }
}

/// Returns the content type and the pieces of a body. `None` if the request has no body, or one without [`Place::Form`]
/// parameters.
pub(crate) fn pieces(request: &Request) -> Option<(String, Vec<Piece<'_>>)> {
    if let Some(body) = &request.body {
        let piece = match &body.content {
            Content::Text(text) => Piece::Text(text.clone()),
            Content::File(path) => Piece::File(path),
        };
        return Some((body.content_type.clone(), vec![piece]));
    }
    let parts: Vec<&Parameter> = request.sent(Place::Part).collect();
    if parts.is_empty() {
        return None;
    }
    let boundary = boundary(&parts);
    let mut pieces = Pieces(Vec::new());
    for parameter in parts {
        let part = parameter.part.clone().unwrap_or_default();
        let value = parameter.value.as_deref();
        pieces.text(&format!("--{boundary}\r\n{}\r\n", part_head(&parameter.name, value, &part)));
        match value {
            Some(path) if part.is_file => pieces.0.push(Piece::File(path)),
            Some(text) => pieces.text(text),
            None => pieces.0.push(Piece::Secret(parameter)),
        }
        pieces.text("\r\n");
    }
    pieces.text(&format!("--{boundary}--\r\n"));
    Some((format!("multipart/form-data; boundary={boundary}"), pieces.0))
}

struct Pieces<'a>(Vec<Piece<'a>>);

impl Pieces<'_> {
    fn text(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            _ => self.0.push(Piece::Text(text.to_owned())),
        }
    }
}

/// Returns the head of a part, with an empty line after it.
fn part_head(name: &str, value: Option<&str>, part: &Part) -> String {
    let mut head = format!("Content-Disposition: form-data; name=\"{}\"", quotable(name));
    let mut content_type = part.content_type.as_deref();
    if part.is_file {
        let path = value.unwrap_or_default();
        let last = path.rsplit(['/', '\\']).next().unwrap_or(path);
        head.push_str(&format!("; filename=\"{}\"", quotable(part.file_name.as_deref().unwrap_or(last))));
        content_type = content_type.or(Some("application/octet-stream"));
    }
    if let Some(content_type) = content_type {
        head.push_str(&format!("\r\nContent-Type: {}", content_type.replace(['\r', '\n'], " ")));
    }
    head.push_str("\r\n");
    head
}

/// Returns a name in quotes, as browsers write it.
fn quotable(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// Returns a boundary that none of the texts contains.
fn boundary(parts: &[&Parameter]) -> String {
    // FNV-1a: equal on every run.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for text in parts.iter().flat_map(|part| [Some(part.name.as_str()), part.value.as_deref()]).flatten() {
        for byte in text.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    loop {
        let boundary = format!("rollcall-{hash:016x}");
        if !parts.iter().any(|part| part.value.as_deref().unwrap_or_default().contains(&boundary)) {
            return boundary;
        }
        hash = hash.wrapping_add(1);
    }
}
