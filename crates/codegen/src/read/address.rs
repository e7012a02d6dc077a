//! Parses URLs, and the parameters of a literal request.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::openapi::asks_for_double_encoding;
use crate::{
    model::{Kind, Parameter, Part, PathPart, Place, split_base_url},
    placeholder::{is_placeholder, is_secret, kind_named, typed_value},
};

/// A parsed URL.
pub(super) struct Address {
    pub(super) origin: Option<String>,
    pub(super) path: Vec<PathPart>,
    pub(super) parameters: Vec<Parameter>,
}

/// Parses a URL. `:name`, `{{name}}` and `{name}` in its path are parameters, which `parameter` creates; an unknown
/// `:name` is sent unchanged.
pub(super) fn split_address(raw: &str, mut parameter: impl FnMut(&str) -> Option<Parameter>) -> Address {
    let raw = raw.split('#').next().unwrap_or_default();
    let (address, query) = raw.split_once('?').unwrap_or((raw, ""));
    let (origin, path) = split_base_url(address);
    // A host that is a variable, as in `{{baseUrl}}/users`, is unknown.
    let origin = (!origin.contains("{{") && !origin.contains('$'))
        .then(|| if origin.contains("://") { origin } else { format!("https://{origin}") });
    let mut path_parts = PathParts::default();
    for segment in path.split('/').skip(1) {
        path_parts.text("/");
        let mut rest = segment;
        while !rest.is_empty() {
            rest = path_parts.take(rest, rest.len() == segment.len(), &mut parameter);
        }
    }
    let PathParts { parts, mut parameters } = path_parts;
    for (name, value) in pairs(query) {
        parameters.push(new_parameter(&name, Place::Query, Some(value), "", false));
    }
    Address { origin, path: parts, parameters }
}

#[derive(Default)]
struct PathParts {
    parts: Vec<PathPart>,
    parameters: Vec<Parameter>,
}

impl PathParts {
    /// Appends text, with invalid characters of a path percent-encoded.
    fn text(&mut self, text: &str) {
        let text = path_text(text);
        match self.parts.last_mut() {
            Some(PathPart::Text(last)) => last.push_str(&text),
            _ => self.parts.push(PathPart::Text(text)),
        }
    }

    fn parameter(&mut self, parameter: Parameter) {
        self.parts.push(PathPart::Parameter(parameter.name.clone()));
        if !self.parameters.iter().any(|known| known.name == parameter.name) {
            self.parameters.push(parameter);
        }
    }

    /// Takes the next text or parameter of a segment, and returns the rest.
    fn take<'a>(
        &mut self,
        rest: &'a str,
        is_start: bool,
        parameter: &mut impl FnMut(&str) -> Option<Parameter>,
    ) -> &'a str {
        for (open, close) in [("{{", "}}"), ("{", "}")] {
            if let Some((name, after)) = rest.strip_prefix(open).and_then(|rest| rest.split_once(close))
                && !name.is_empty()
                && !name.contains('{')
            {
                let unknown = || new_parameter(name, Place::Path, None, "", false);
                self.parameter(parameter(name).unwrap_or_else(unknown));
                return after;
            }
        }
        if let Some(name) = rest.strip_prefix(':').filter(|name| is_start && !name.is_empty()) {
            // `:id.json` has a variable `id`, unless there is one with the longer name.
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let ends = name.char_indices().filter(|(_, c)| !is_name(*c)).map(|(at, _)| at);
            let mut ends: Vec<usize> = ends.chain([name.len()]).collect();
            ends.reverse();
            for end in ends.into_iter().filter(|end| *end > 0) {
                if let Some(known) = parameter(&name[..end]) {
                    self.parameter(known);
                    return &name[end..];
                }
            }
        }
        let end = rest.char_indices().skip(1).find(|(_, c)| *c == '{').map_or(rest.len(), |(at, _)| at);
        self.text(&rest[..end]);
        &rest[end..]
    }
}

/// Returns a piece of a path as sent: invalid characters are percent-encoded, and `%2F` stays.
pub(super) fn path_text(text: &str) -> String {
    const KEPT: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'[')
        .add(b'\\')
        .add(b']')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}');
    let mut written = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let is_escape = || {
            let digits = text.as_bytes().get(at + 1..at + 3).unwrap_or_default();
            digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit)
        };
        match c {
            '%' if !is_escape() => written.push_str("%25"),
            c => written.extend(utf8_percent_encode(c.encode_utf8(&mut [0; 4]), KEPT)),
        }
    }
    written
}

/// Returns the pairs of a query or a form, decoded.
pub(super) fn pairs(encoded: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().replace('\0', "");
    let pairs = encoded.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Returns a parameter of a literal request: it is sent if its value is real.
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
    // The first page is requested without a token; further pages set it.
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
        more: Vec::new(),
        part: None,
        shown: !disabled,
        secret,
        encode_twice: place == Place::Path && asks_for_double_encoding(description),
    }
}

/// Returns a field of a `multipart/form-data` body.
pub(super) fn part_parameter(
    name: &str,
    value: Option<String>,
    part: Part,
    description: &str,
    disabled: bool,
) -> Parameter {
    let is_file = part.is_file;
    let mut parameter = new_parameter(name, Place::Part, value.clone(), description, disabled);
    parameter.part = Some(part);
    parameter.secret &= !is_file;
    if !disabled && !parameter.secret && parameter.value.is_none() {
        parameter.value = value;
    }
    parameter
}

fn kind_of_text(text: &str) -> Kind {
    // A number that prints differently, such as 007, is not a number.
    if text.parse::<i64>().is_ok_and(|number| number.to_string() == text) {
        Kind::Integer
    } else if text == "true" || text == "false" {
        Kind::Boolean
    } else {
        Kind::Text
    }
}

/// Returns the first part of a URL that curl expands to several values: `{a,b}`, `[1-9]` or `[a-z:2]`.
pub(super) fn pattern(address: &str) -> Option<&str> {
    let is_range = |text: &str| {
        let range = text.split_once(':').map_or(text, |(range, _)| range);
        let is_end = |end: &str| !end.is_empty() && end.chars().all(|c| c.is_ascii_alphanumeric());
        range.split_once('-').is_some_and(|(first, last)| is_end(first) && is_end(last))
    };
    let between = |open: char, close: char, is_pattern: &dyn Fn(&str) -> bool| {
        address.match_indices(open).find_map(|(start, _)| {
            let end = start + address[start..].find(close)?;
            is_pattern(&address[start + 1..end]).then(|| &address[start..=end])
        })
    };
    between('{', '}', &|text| text.contains(',')).or_else(|| between('[', ']', &is_range))
}
