//! Reading fields out of JSON of any shape. Every reader answers none only after it took note of what is wrong.

use rollcall_model::Text;
use serde_json::{Map, Value};

use super::violation::{Field, Findings, Violation, Violations};
use crate::wire::Word;

/// A host name's longest form, in bytes (RFC 1035).
const MAX_HOST_NAME_BYTES: usize = 253;

/// Parses a body.
pub(crate) fn parse_json(body: &[u8]) -> Result<Value, Violations> {
    serde_json::from_slice(body).map_err(|error| Violation::NotJson { reason: error.to_string() }.into())
}

/// A site's name in the form in which sites are stored: lower case. None where it is not a host name alone.
pub(super) fn parse_host_name(text: &str) -> Option<Text> {
    let valid = !text.is_empty()
        && text.len() <= MAX_HOST_NAME_BYTES
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    valid.then(|| text.to_ascii_lowercase().into())
}

/// A JSON object and where it stands in the body.
#[derive(Clone, Copy)]
pub(crate) struct Object<'a> {
    fields: &'a Map<String, Value>,
    /// The list that holds it and its place there; none for the body itself.
    entry_of: Option<(&'static str, usize)>,
}

impl<'a> Object<'a> {
    /// The body itself.
    pub(crate) fn root(body: &'a Value) -> Result<Self, Violations> {
        match body {
            Value::Object(fields) => Ok(Self { fields, entry_of: None }),
            other => Err(Violation::NotAnObject { found: kind(other) }.into()),
        }
    }

    /// The entry of `list` at `index`.
    pub(crate) fn entry(list: &'static str, index: usize, value: &'a Value, findings: &mut Findings) -> Option<Self> {
        if let Value::Object(fields) = value {
            return Some(Self { fields, entry_of: Some((list, index)) });
        }
        let field = format!("{list}[{index}]").into();
        findings.add(Violation::WrongType { field, expected: "an object", found: kind(value) });
        None
    }

    /// The path of a field of this object.
    pub(crate) fn field(&self, key: &'static str) -> Field {
        match self.entry_of {
            Some((list, index)) => format!("{list}[{index}].{key}").into(),
            None => key.into(),
        }
    }

    /// A field's value. Null stands for a field that is left out.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        self.fields.get(key).filter(|value| !value.is_null())
    }

    /// Whether the field is there, be it null.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.fields.contains_key(key)
    }

    /// A text that is needed.
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

    /// A text that is needed, of at most `max` characters.
    pub(crate) fn text(&self, key: &'static str, max: usize, findings: &mut Findings) -> Option<Text> {
        let text = self.str(key, findings)?;
        let chars = text.chars().count();
        if chars > max {
            findings.add(Violation::TooLong { field: self.field(key), chars, max });
            return None;
        }
        Some(text.into())
    }

    /// A text that may be left out. `Some(None)` where it is; blank counts as left out.
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

    /// A site's name.
    pub(crate) fn host_name(&self, key: &'static str, findings: &mut Findings) -> Option<Text> {
        let text = self.str(key, findings)?;
        let host_name = parse_host_name(text);
        if host_name.is_none() {
            findings.add(Violation::NotAHostName { field: self.field(key) });
        }
        host_name
    }

    /// A word out of a closed set.
    pub(crate) fn word<W: Word>(&self, key: &'static str, findings: &mut Findings) -> Option<W> {
        let text = self.str(key, findings)?;
        let word = W::parse(text);
        if word.is_none() {
            findings.add(Violation::unknown_word::<W>(self.field(key), text));
        }
        word
    }

    /// A true or false that is needed.
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

    /// A list of at most `max` entries. `Some(None)` where it is left out or null.
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

/// What a value is, in words.
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
