//! Types of an answer, for languages that have them.

use std::collections::HashSet;

use serde::Serialize;

use crate::{
    language::Language,
    literal::comment,
    model::{Kind, Operation, Scalar, Shape},
    name::{Case, Names, one_of, words},
};

/// What a template sees.
#[derive(Debug, Serialize)]
pub(crate) struct Classes {
    title: String,
    /// Those that others are made of come first; the last is the answer's.
    classes: Vec<Class>,
}

#[derive(Debug, Serialize)]
struct Class {
    name: String,
    members: Vec<Member>,
}

#[derive(Debug, Serialize)]
struct Member {
    /// A name in the language.
    name: String,
    /// JSON's name, as a literal.
    key: String,
    /// JSON's name, if it may be the name of an attribute in Python.
    plain_key: Option<String>,
    is_plain: bool,
    /// `text`, `integer`, `number`, `boolean`, `unknown`; or `class`, whose name is in `class`.
    kind: &'static str,
    class: Option<String>,
    /// How many lists it is in.
    lists: usize,
    required: bool,
    /// Safe in comments.
    description: String,
}

impl Classes {
    /// The types of the operation's answer; none where it has no JSON object for a body.
    pub(crate) fn new(operation: &Operation, language: &Language, reserved: &HashSet<String>) -> Option<Self> {
        let shape = operation.shape.as_ref()?;
        let mut found = Vec::new();
        collect(shape, &mut vec![words("answer")], &mut found);
        let paths: Vec<_> = found.iter().map(|(path, _)| path.clone()).collect();
        let mut names = Names::new(Case::Pascal, reserved).take_all(&paths);
        let mut classes: Vec<Class> = Vec::new();
        for (at, (_, shape)) in found.iter().enumerate() {
            let Shape::Object(fields) = shape else { continue };
            let member_paths: Vec<_> = fields.iter().map(|field| vec![words(&field.name)]).collect();
            let members = Names::new(language.case, reserved).take_all(&member_paths);
            let mut inner = at + 1;
            let mut class = Class { name: std::mem::take(&mut names[at]), members: Vec::new() };
            for (field, name) in fields.iter().zip(members) {
                let (lists, element) = unlisted(&field.shape);
                let (kind, class_at) = match element {
                    Shape::Unknown | Shape::Array(_) => ("unknown", None),
                    Shape::Scalar(scalar) => (kind_name(scalar), None),
                    Shape::Object(_) => {
                        let class_at = inner;
                        inner += objects_in(element);
                        ("class", Some(class_at))
                    }
                };
                let is_plain = is_name(&field.name);
                class.members.push(Member {
                    is_plain,
                    plain_key: is_plain.then(|| field.name.clone()),
                    name,
                    key: (language.literal)(&field.name),
                    kind,
                    class: class_at.map(|class_at| names[class_at].clone()),
                    lists,
                    required: field.required,
                    description: comment(field.description.lines().next().unwrap_or_default()),
                });
            }
            classes.push(class);
        }
        classes.reverse();
        (!classes.is_empty()).then(|| Self { title: comment(&operation.title), classes })
    }
}

/// Whether Python takes it for the name of an attribute.
fn is_name(name: &str) -> bool {
    const KEYWORDS: &str = "False None True and as assert async await break class continue def del elif else except \
                            finally for from global if import in is lambda nonlocal not or pass raise return try \
                            while with yield";
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(is_word)
        && !KEYWORDS.split(' ').any(|keyword| keyword == name)
}

/// All objects, outermost first, with the words that tell them apart.
fn collect<'a>(shape: &'a Shape, path: &mut Vec<Vec<String>>, found: &mut Vec<(Vec<Vec<String>>, &'a Shape)>) {
    match shape {
        Shape::Unknown | Shape::Scalar(_) => {}
        Shape::Array(element) => collect(element, path, found),
        Shape::Object(fields) => {
            found.push((path.clone(), shape));
            for field in fields {
                let is_list = matches!(field.shape, Shape::Array(_));
                path.push(if is_list { one_of(words(&field.name)) } else { words(&field.name) });
                collect(&field.shape, path, found);
                path.pop();
            }
        }
    }
}

fn unlisted(shape: &Shape) -> (usize, &Shape) {
    match shape {
        Shape::Array(element) => {
            let (lists, element) = unlisted(element);
            (lists + 1, element)
        }
        other => (0, other),
    }
}

fn objects_in(shape: &Shape) -> usize {
    match shape {
        Shape::Unknown | Shape::Scalar(_) => 0,
        Shape::Array(element) => objects_in(element),
        Shape::Object(fields) => 1 + fields.iter().map(|field| objects_in(&field.shape)).sum::<usize>(),
    }
}

/// A whole number that no integer of the language is sure to hold is left to the reader.
fn kind_name(scalar: &Scalar) -> &'static str {
    if scalar.kind != scalar.read_as() {
        return "unknown";
    }
    match scalar.kind {
        Kind::Text => "text",
        Kind::Integer => "integer",
        Kind::Number => "number",
        Kind::Boolean => "boolean",
    }
}
