//! The operations whose entries are kept as the vendor sent them, and given back: Rollcall reads none of their values.
//!
//! One table describes each of them: what its entries belong to, which of their fields identify them, and what they
//! mean. Router, API description and the reader of imports are made from it, see [`all`].

mod account;
mod answers;
mod common;
mod dashboards;
mod logs;

use rollcall_model::{MeetingKind, Operation};
use serde_json::{Map, Value as Json};

/// The key of the document with the values beside a list.
pub const BESIDE: &str = "\u{1f}beside";

/// Returns every kept operation.
pub fn all() -> impl Iterator<Item = &'static Kept> {
    [answers::ROWS, logs::ROWS, dashboards::ROWS, account::ROWS].into_iter().flatten()
}

/// An operation whose entries are kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Kept {
    /// The operation.
    pub operation: &'static Operation,
    /// The group of operations that it is listed in.
    pub tag: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Which documents it returns. Operations may share them.
    pub kind: &'static str,
    /// What the documents belong to.
    pub owner: Owner,
    /// The shape of its response.
    pub shape: Shape,
    /// The fields that identify an entry among its owner's; all of them if there are none.
    pub key: &'static [&'static str],
    /// The field with an entry's time.
    pub time: Option<&'static str>,
    /// Whether entries are limited to a window.
    pub window: Window,
    /// Parameters that limit the entries.
    pub filters: &'static [Filter],
    /// Values beside the list.
    pub beside: &'static [(Beside, Value)],
    /// The fields of an entry.
    pub fields: &'static [Value],
    /// What a known owner without a document has; `None` if that is an error.
    pub default: Option<&'static str>,
}

/// What documents of an operation belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The account.
    Account,
    /// A past instance, by the UUID or the number in the path.
    Past(MeetingKind),
    /// An instance in the state that the parameter `type` names.
    Instance(MeetingKind),
    /// The meeting or webinar whose number is in the path.
    Meeting(MeetingKind),
    /// The user in the path.
    User,
    /// The record whose id is in the path, with the word for it.
    Record(&'static str),
    /// The record whose id is in this parameter.
    Parameter(&'static str),
}

/// The shape of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One object, which is the document.
    Object,
    /// A list under this key, in one piece.
    All(&'static str),
    /// The same, with the number of entries.
    Counted(&'static str),
    /// Pages of a list under this key.
    Pages(&'static str),
    /// The same, with the number of entries and pages.
    CountedPages(&'static str),
}

impl Shape {
    /// Returns the key of the list.
    #[must_use]
    pub const fn list(self) -> Option<&'static str> {
        match self {
            Self::Object => None,
            Self::All(key) | Self::Counted(key) | Self::Pages(key) | Self::CountedPages(key) => Some(key),
        }
    }
}

/// Whether an operation takes `from` and `to`, at most a month apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// It does not.
    No,
    /// It may.
    Optional,
    /// It must.
    Required,
}

/// A parameter that limits the entries to those with some values of a field.
#[derive(Debug, PartialEq, Eq)]
pub struct Filter {
    /// The parameter.
    pub name: &'static str,
    /// The field.
    pub field: &'static str,
    /// The words that may be given, each with the field's values; every entry matches if there are none. The first is
    /// the default. Without words, any text may be given, and is the value.
    pub words: &'static [(&'static str, &'static [&'static str])],
    /// What it means.
    pub meaning: &'static str,
}

/// Where a value beside the list comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// The instance's meeting's number.
    Number,
    /// The instance's UUID.
    Uuid,
    /// The instance's start.
    Start,
    /// The response that was imported.
    Response,
}

/// A value of a response, for its description.
#[derive(Debug, PartialEq, Eq)]
pub struct Value {
    /// Its key.
    pub name: &'static str,
    /// What it is.
    pub form: Form,
    /// What it means.
    pub meaning: &'static str,
}

/// The form of a value, with an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A text.
    Text(&'static str),
    /// A time in UTC.
    Time(&'static str),
    /// A day.
    Day(&'static str),
    /// A whole number.
    Whole(i64),
    /// A number, in decimal.
    Number(&'static str),
    /// True or false.
    Flag(bool),
    /// A list of texts.
    Texts(&'static str),
    /// A list of objects.
    List(&'static [Value]),
    /// An object.
    Object(&'static [Value]),
    /// An object with keys of the vendor's.
    Any,
}

impl Form {
    /// Returns the example.
    #[must_use]
    pub fn example(&self) -> Json {
        match self {
            Self::Text(text) | Self::Time(text) | Self::Day(text) => (*text).into(),
            Self::Whole(number) => (*number).into(),
            Self::Number(number) => number.parse::<f64>().map_or(Json::Null, Into::into),
            Self::Flag(flag) => (*flag).into(),
            Self::Texts(text) => vec![Json::from(*text)].into(),
            Self::List(values) => vec![example(values)].into(),
            Self::Object(values) => example(values),
            Self::Any => Json::Object(Map::new()),
        }
    }
}

/// Returns an object of the values' examples.
#[must_use]
pub fn example(values: &[Value]) -> Json {
    values.iter().map(|value| (value.name.to_owned(), value.form.example())).collect::<Map<_, _>>().into()
}

impl Kept {
    /// Returns the row of an operation.
    #[must_use]
    pub fn of(operation: &Operation) -> Option<&'static Self> {
        all().find(|kept| kept.operation.id == operation.id)
    }

    /// Returns a response with one entry, made of the examples, as the vendor would send it.
    #[must_use]
    pub fn example(&self) -> Json {
        let entry = example(self.fields);
        let Some(list) = self.shape.list() else { return entry };
        let mut body = Map::new();
        body.insert(list.to_owned(), vec![entry].into());
        for (_, value) in self.beside {
            body.insert(value.name.to_owned(), value.form.example());
        }
        body.into()
    }

    /// Returns what identifies an entry among its owner's, before repetitions get different ones.
    #[must_use]
    pub fn key_of(&self, entry: &Map<String, Json>) -> String {
        let text = |value: &Json| match value {
            Json::Null => String::new(),
            Json::String(text) => text.clone(),
            value => value.to_string(),
        };
        if self.key.is_empty() {
            return digest(&Json::Object(entry.clone()).to_string());
        }
        let parts: Vec<String> = self.key.iter().map(|name| entry.get(*name).map(text).unwrap_or_default()).collect();
        let key = parts.join("\u{1f}");
        if key.len() <= 200 { key } else { digest(&key) }
    }
}

/// Returns a short text that stands for `text`.
fn digest(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes())[..16])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn rows_agree_on_what_they_share() {
        let mut kinds: BTreeMap<&str, &Kept> = BTreeMap::new();
        for kept in all() {
            let first = kinds.entry(kept.kind).or_insert(kept);
            assert_eq!((first.key, first.time), (kept.key, kept.time), "{}", kept.operation.id);
            for name in kept.key.iter().chain(&kept.time) {
                assert!(kept.fields.iter().any(|value| value.name == *name), "{} has no {name}", kept.operation.id);
            }
            assert!(kept.window == Window::No || kept.time.is_some(), "{} has no times", kept.operation.id);
        }
    }

    #[test]
    fn an_entry_is_identified_by_its_fields() {
        let polls = all().find(|kept| kept.kind == "polls").unwrap();
        let entry = |json: &str| serde_json::from_str::<Map<String, Json>>(json).unwrap();
        let [one, richer] = [r#"{"email":"a@b","name":"A"}"#, r#"{"name":"A","email":"a@b","question_details":[]}"#];
        assert_eq!(polls.key_of(&entry(one)), polls.key_of(&entry(richer)));
        assert_ne!(polls.key_of(&entry(one)), polls.key_of(&entry(r#"{"email":"a@b"}"#)));
        let long = format!(r#"{{"email":"{}"}}"#, "a".repeat(300));
        assert_eq!(polls.key_of(&entry(&long)).len(), 32);
    }
}
