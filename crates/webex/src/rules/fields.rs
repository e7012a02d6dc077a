//! Checks objects against a table of their fields.

use serde_json::{Map, Value};

use super::{
    body::kind,
    violation::{Findings, Violation, echo},
};

/// The form of a field's value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// A string of at most that many characters, not blank.
    Text(usize),
    /// An email address.
    Email,
    /// A short string, or a number, which becomes one.
    Label,
    /// True or false.
    Flag,
    /// A whole number in a range.
    Count(i64, i64),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of at most that many strings of at most that many characters.
    Texts(usize, usize),
    /// A list of at most that many objects.
    List(usize, &'static [Rule]),
    /// An object.
    Object(&'static [Rule]),
}

/// A field of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) key: &'static str,
    pub(super) form: Form,
    pub(super) required: bool,
}

/// Returns an optional field.
pub(super) const fn may(key: &'static str, form: Form) -> Rule {
    Rule { key, form, required: false }
}

/// Returns a required field.
pub(super) const fn must(key: &'static str, form: Form) -> Rule {
    Rule { key, form, required: true }
}

/// Maximum length of an email address (RFC 5321).
const MAX_EMAIL: usize = 254;

/// Returns the fields of an object that the table has; null counts as absent. Records what is wrong with them.
pub(super) fn checked(
    object: &Map<String, Value>,
    rules: &[Rule],
    path: &str,
    findings: &mut Findings,
) -> Map<String, Value> {
    let mut known = Map::new();
    for rule in rules {
        let field = format!("{path}{}", rule.key);
        match object.get(rule.key).filter(|value| !value.is_null()) {
            None if rule.required => findings.add(Violation::Empty { field: field.into() }),
            None => {}
            Some(value) => {
                if let Some(value) = value_of(value, rule.form, &field, findings) {
                    known.insert(rule.key.to_owned(), value);
                }
            }
        }
    }
    known
}

/// Returns a value as it is kept. `None` if it is wrong.
fn value_of(value: &Value, form: Form, field: &str, findings: &mut Findings) -> Option<Value> {
    let mut wrong = |expected: &'static str| {
        findings.add(Violation::WrongType { field: field.to_owned().into(), expected, found: kind(value) });
        None
    };
    match form {
        Form::Text(max) => match value {
            Value::String(text) => text_of(text, max, field, findings),
            _ => wrong("a string"),
        },
        Form::Email => match value {
            Value::String(text) if is_email(text.trim()) => Some(text.trim().into()),
            Value::String(_) => {
                findings.add(Violation::rule(format!("'{field}' must be an email address such as john@example.com")));
                None
            }
            _ => wrong("a string"),
        },
        Form::Label => match value {
            Value::String(text) => text_of(text, 64, field, findings),
            Value::Number(number) => Some(number.to_string().into()),
            _ => wrong("a string or a number"),
        },
        Form::Flag => {
            if value.is_boolean() {
                Some(value.clone())
            } else {
                wrong("true or false")
            }
        }
        Form::Count(min, max) => match value.as_i64() {
            Some(count) if (min..=max).contains(&count) => Some(count.into()),
            _ => {
                findings.add(Violation::rule(format!("'{field}' must be a whole number from {min} to {max}")));
                None
            }
        },
        Form::Word(words) => match value {
            Value::String(text) if words.contains(&text.as_str()) => Some(value.clone()),
            Value::String(text) => {
                let allowed = words.join(", ");
                findings.add(Violation::UnknownWord { field: field.to_owned().into(), word: echo(text), allowed });
                None
            }
            _ => wrong("a string"),
        },
        Form::Texts(max, max_chars) => {
            let entry = |entry: &Value, field: &str, findings: &mut Findings| {
                value_of(entry, Form::Text(max_chars), field, findings)
            };
            list(value, max, field, findings, entry)
        }
        Form::List(max, rules) => list(value, max, field, findings, |entry, field, findings| match entry {
            Value::Object(object) => Some(checked(object, rules, &format!("{field}."), findings).into()),
            other => {
                let field = field.to_owned().into();
                findings.add(Violation::WrongType { field, expected: "an object", found: kind(other) });
                None
            }
        }),
        Form::Object(rules) => match value {
            Value::Object(object) => Some(checked(object, rules, &format!("{field}."), findings).into()),
            _ => wrong("an object"),
        },
    }
}

fn text_of(text: &str, max: usize, field: &str, findings: &mut Findings) -> Option<Value> {
    let chars = text.chars().count();
    let violation = match (text.trim().is_empty(), chars > max) {
        (true, _) => Violation::Empty { field: field.to_owned().into() },
        (_, true) => Violation::TooLong { field: field.to_owned().into(), chars, max },
        _ => return Some(text.into()),
    };
    findings.add(violation);
    None
}

fn list(
    value: &Value,
    max: usize,
    field: &str,
    findings: &mut Findings,
    read: impl Fn(&Value, &str, &mut Findings) -> Option<Value>,
) -> Option<Value> {
    let name = || field.to_owned().into();
    match value {
        Value::Array(entries) if entries.len() > max => {
            findings.add(Violation::TooMany { field: name(), entries: entries.len(), max });
            None
        }
        Value::Array(entries) => {
            let entries = entries.iter().enumerate();
            Some(entries.filter_map(|(index, entry)| read(entry, &format!("{field}[{index}]"), findings)).collect())
        }
        other => {
            findings.add(Violation::WrongType { field: name(), expected: "a list", found: kind(other) });
            None
        }
    }
}

/// Returns whether a text has the shape of an address: something, `@`, and a name.
fn is_email(text: &str) -> bool {
    text.len() <= MAX_EMAIL
        && !text.contains(char::is_whitespace)
        && text.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty()
                && !host.is_empty()
                && !host.contains('@')
                && !host.starts_with('.')
                && !host.ends_with('.')
        })
}
