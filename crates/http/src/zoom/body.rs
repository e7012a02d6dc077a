//! The JSON body of a request: its fields are read one by one, and all mistakes are reported together.

use std::{
    borrow::Cow,
    ops::RangeInclusive,
    sync::{Mutex, PoisonError},
};

use axum::http::StatusCode;
use rollcall_model::Text;
use rollcall_zoom::wire::FieldError;
use serde_json::{Map, Value};

use super::error::{ZoomError, ZoomResult};

/// The body of a request: an object. Unknown keys are ignored, as by Zoom.
pub(super) struct Body {
    object: Map<String, Value>,
    errors: Mutex<Vec<FieldError>>,
}

impl Body {
    pub(super) fn parse(bytes: &[u8]) -> ZoomResult<Self> {
        let object = serde_json::from_slice(bytes)
            .map_err(|_| ZoomError::new(StatusCode::BAD_REQUEST, 300, "Request Body should be a valid JSON object."))?;
        Ok(Self { object, errors: Mutex::default() })
    }

    pub(super) fn fields(&self) -> Fields<'_> {
        Fields { object: &self.object, path: String::new(), errors: &self.errors }
    }

    /// Returns all mistakes that were found.
    pub(super) fn finish(self) -> ZoomResult<()> {
        let errors = self.errors.into_inner().unwrap_or_else(PoisonError::into_inner);
        if errors.is_empty() { Ok(()) } else { Err(ZoomError::validation(errors)) }
    }
}

/// The fields of an object of the body.
pub(super) struct Fields<'b> {
    object: &'b Map<String, Value>,
    /// What precedes a field's name in messages.
    path: String,
    errors: &'b Mutex<Vec<FieldError>>,
}

impl<'b> Fields<'b> {
    /// Returns the object as it was sent.
    pub(super) const fn raw(&self) -> &'b Map<String, Value> {
        self.object
    }

    fn get(&self, name: &str) -> Option<&'b Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Returns whether the field has a value, even a blank one.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn note(&self, name: &str, message: String) {
        let error = FieldError { field: format!("{}{name}", self.path), message };
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).push(error);
    }

    /// Records that `name` is invalid, and how to fix it.
    pub(super) fn refuse(&self, name: &str, fix: impl Into<Cow<'static, str>>) {
        self.note(name, format!("Invalid field. {}", fix.into()));
    }

    /// Records that `name` is missing.
    pub(super) fn missing(&self, name: &str) {
        self.note(name, "Missing field. Give a value.".to_owned());
    }

    /// Returns a text of at most `max` characters; numbers are read as texts. `None` if it is absent or blank.
    pub(super) fn text(&self, name: &str, max: usize) -> Option<Text> {
        let text = match self.get(name)? {
            Value::String(text) => Text::from(text.trim()),
            Value::Number(number) => number.to_string().into(),
            _ => {
                self.refuse(name, "Use a text.");
                return None;
            }
        };
        if text.chars().count() > max {
            self.refuse(name, format!("Use at most {max} characters."));
            return None;
        }
        Some(text).filter(|text| !text.is_empty())
    }

    /// The same for a text that must be there; blank if it is not, which is recorded.
    pub(super) fn required_text(&self, name: &str, max: usize) -> Text {
        match self.text(name, max) {
            Some(text) => text,
            None => {
                let is_blank = self.get(name).is_none_or(|value| value.as_str().is_some_and(|t| t.trim().is_empty()));
                if is_blank {
                    self.missing(name);
                }
                Text::default()
            }
        }
    }

    /// Returns an email address, which must be there.
    pub(super) fn required_email(&self, name: &str) -> Text {
        let email = self.required_text(name, MAX_EMAIL);
        if !email.is_empty() && !is_address(&email) {
            self.refuse(name, "Use an email address.");
        }
        email
    }

    /// Returns one of `words`. `None` if it is absent or blank.
    pub(super) fn word(&self, name: &str, words: &[&str]) -> Option<Text> {
        let word = self.text(name, usize::MAX)?;
        if words.contains(&word.as_str()) {
            return Some(word);
        }
        self.refuse(name, format!("Use one of: {}.", words.join(", ")));
        None
    }

    /// Returns a flag; 0 and 1 are flags, too.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) if number.as_i64() == Some(0) => Some(false),
            Value::Number(number) if number.as_i64() == Some(1) => Some(true),
            Value::String(text) if text == "true" => Some(true),
            Value::String(text) if text == "false" => Some(false),
            _ => {
                self.refuse(name, "Use true or false.");
                None
            }
        }
    }

    /// Returns a whole number in a range, also from a text.
    pub(super) fn number(&self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let number = match self.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            self.refuse(name, format!("Use a whole number from {} to {}.", range.start(), range.end()));
        }
        number
    }

    /// Returns an object.
    pub(super) fn inside(&self, name: &str) -> Option<Fields<'b>> {
        match self.get(name)? {
            Value::Object(object) => {
                Some(Fields { object, path: format!("{}{name}.", self.path), errors: self.errors })
            }
            _ => {
                self.refuse(name, "Use an object.");
                None
            }
        }
    }

    /// Returns a list of at most `max` objects; empty if it is absent.
    pub(super) fn items(&self, name: &str, max: usize) -> Vec<Fields<'b>> {
        let mut items = Vec::new();
        for (index, value) in self.list(name, max).iter().enumerate() {
            match value {
                Value::Object(object) => {
                    let path = format!("{}{name}[{index}].", self.path);
                    items.push(Fields { object, path, errors: self.errors });
                }
                _ => self.refuse(&format!("{name}[{index}]"), "Use an object."),
            }
        }
        items
    }

    /// Returns a list of at most `max` texts of at most `max_chars` characters; empty if it is absent.
    pub(super) fn texts(&self, name: &str, max: usize, max_chars: usize) -> Vec<Text> {
        let mut texts = Vec::new();
        for (index, value) in self.list(name, max).iter().enumerate() {
            match value.as_str().map(str::trim) {
                Some(text) if !text.is_empty() && text.chars().count() <= max_chars => texts.push(text.into()),
                _ => {
                    self.refuse(&format!("{name}[{index}]"), format!("Use a text of 1 to {max_chars} characters."));
                }
            }
        }
        texts
    }

    fn list(&self, name: &str, max: usize) -> &'b [Value] {
        match self.get(name) {
            None => &[],
            Some(Value::Array(list)) if list.len() <= max => list,
            Some(Value::Array(_)) => {
                self.refuse(name, format!("Send at most {max} entries."));
                &[]
            }
            Some(_) => {
                self.refuse(name, "Use a list.");
                &[]
            }
        }
    }
}

/// The longest address that Zoom accepts, in characters.
pub(super) const MAX_EMAIL: usize = 128;

/// Returns whether a text has the form of an email address.
fn is_address(text: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@');
    text.split_once('@').is_some_and(|(local, domain)| is_part(local) && is_part(domain))
}
