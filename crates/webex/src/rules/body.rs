//! Reads fields of arbitrary JSON. A reader returns `None` only after it has recorded what is wrong.

use rollcall_model::Text;
use serde_json::{Map, Value};

use super::violation::{Field, Findings, Violation, Violations};
use crate::wire::Word;

/// Maximum length of a host name, in bytes (RFC 1035).
const MAX_HOST_NAME_BYTES: usize = 253;

/// Parses a body.
pub(crate) fn parse_json(body: &[u8]) -> Result<Value, Violations> {
    serde_json::from_slice(body).map_err(|error| Violation::NotJson { reason: error.to_string() }.into())
}

/// Returns a site's name as stored: in lower case. `None` if it is not a bare host name.
pub(super) fn parse_host_name(text: &str) -> Option<Text> {
    let valid = !text.is_empty()
        && text.len() <= MAX_HOST_NAME_BYTES
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    valid.then(|| text.to_ascii_lowercase().into())
}

/// A JSON object and its position in the body.
#[derive(Clone, Copy)]
pub(crate) struct Object<'a> {
    fields: &'a Map<String, Value>,
    /// The list that contains it and its index; `None` for the body itself.
    entry_of: Option<(&'static str, usize)>,
}

impl<'a> Object<'a> {
    /// Returns the body itself.
    pub(crate) fn root(body: &'a Value) -> Result<Self, Violations> {
        match body {
            Value::Object(fields) => Ok(Self { fields, entry_of: None }),
            other => Err(Violation::NotAnObject { found: kind(other) }.into()),
        }
    }

    /// Returns the entry of `list` at `index`.
    pub(crate) fn entry(list: &'static str, index: usize, value: &'a Value, findings: &mut Findings) -> Option<Self> {
        if let Value::Object(fields) = value {
            return Some(Self { fields, entry_of: Some((list, index)) });
        }
        let field = format!("{list}[{index}]").into();
        findings.add(Violation::WrongType { field, expected: "an object", found: kind(value) });
        None
    }

    /// Returns its fields.
    pub(crate) const fn map(&self) -> &'a Map<String, Value> {
        self.fields
    }

    /// Returns the path of a field of this object.
    pub(crate) fn field(&self, key: &'static str) -> Field {
        match self.entry_of {
            Some((list, index)) => format!("{list}[{index}].{key}").into(),
            None => key.into(),
        }
    }

    /// Returns a field's value. Null counts as absent.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        self.fields.get(key).filter(|value| !value.is_null())
    }

    /// Returns whether the field is present, even if it is null.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.fields.contains_key(key)
    }

    /// Returns a required string.
    fn str(&self, key: &'static str, findings: &mut Findings) -> Option<&'a str> {
        match self.get(key) {
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text),
            Some(Value::String(_)) | None => {
                findings.add(Violation::Empty { field: self.field(key) });
                None
            }
            Some(other) => {
                findings.add(Violation::WrongType { field: self.field(key), expected: "a string", found: kind(other) });
                None
            }
        }
    }

    /// Returns a required string of at most `max` characters.
    pub(crate) fn text(&self, key: &'static str, max: usize, findings: &mut Findings) -> Option<Text> {
        let text = self.str(key, findings)?;
        let chars = text.chars().count();
        if chars > max {
            findings.add(Violation::TooLong { field: self.field(key), chars, max });
            return None;
        }
        Some(text.into())
    }

    /// Returns an optional string. `Some(None)` if it is absent or blank.
    pub(crate) fn optional_text(&self, key: &'static str, findings: &mut Findings) -> Option<Option<Text>> {
        match self.get(key) {
            None => Some(None),
            Some(Value::String(text)) => Some((!text.trim().is_empty()).then(|| text.as_str().into())),
            Some(other) => {
                findings.add(Violation::WrongType { field: self.field(key), expected: "a string", found: kind(other) });
                None
            }
        }
    }

    /// Returns a site's name.
    pub(crate) fn host_name(&self, key: &'static str, findings: &mut Findings) -> Option<Text> {
        let text = self.str(key, findings)?;
        let host_name = parse_host_name(text);
        if host_name.is_none() {
            findings.add(Violation::NotAHostName { field: self.field(key) });
        }
        host_name
    }

    /// Returns one of a closed set of words.
    pub(crate) fn word<W: Word>(&self, key: &'static str, findings: &mut Findings) -> Option<W> {
        let text = self.str(key, findings)?;
        let word = W::parse(text);
        if word.is_none() {
            findings.add(Violation::unknown_word::<W>(self.field(key), text));
        }
        word
    }

    /// Returns a required boolean.
    pub(crate) fn flag(&self, key: &'static str, findings: &mut Findings) -> Option<bool> {
        match self.get(key) {
            Some(Value::Bool(flag)) => Some(*flag),
            Some(other) => {
                findings.add(Violation::WrongType {
                    field: self.field(key),
                    expected: "true or false",
                    found: kind(other),
                });
                None
            }
            None => {
                findings.add(Violation::Empty { field: self.field(key) });
                None
            }
        }
    }

    /// Returns a list of at most `max` strings, none of them blank. Empty if it is absent or null.
    pub(crate) fn texts(&self, key: &'static str, max: usize, findings: &mut Findings) -> Option<Vec<Text>> {
        let entries = self.list(key, max, findings)?.unwrap_or_default();
        let mut texts = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            let field = || Field::from(format!("{key}[{index}]"));
            match entry {
                Value::String(text) if !text.trim().is_empty() => texts.push(text.trim().into()),
                Value::String(_) => findings.add(Violation::Empty { field: field() }),
                other => {
                    findings.add(Violation::WrongType { field: field(), expected: "a string", found: kind(other) });
                }
            }
        }
        (texts.len() == entries.len()).then_some(texts)
    }

    /// Returns a list of at most `max` entries. `Some(None)` if it is absent or null.
    pub(crate) fn list(&self, key: &'static str, max: usize, findings: &mut Findings) -> Option<Option<&'a [Value]>> {
        match self.get(key) {
            None => Some(None),
            Some(Value::Array(entries)) if entries.len() <= max => Some(Some(entries)),
            Some(Value::Array(entries)) => {
                findings.add(Violation::TooMany { field: self.field(key), entries: entries.len(), max });
                None
            }
            Some(other) => {
                findings.add(Violation::WrongType { field: self.field(key), expected: "a list", found: kind(other) });
                None
            }
        }
    }
}

/// Describes the type of a value.
pub(crate) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
