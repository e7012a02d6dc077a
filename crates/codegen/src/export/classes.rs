//! Types of a response, for languages that declare types.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use crate::{
    language::Language,
    literal::comment,
    lower::one_line,
    model::{Field, Kind, Operation, Scalar, Shape},
    name::{Case, Names, one_of, words},
};

/// Input of a template.
#[derive(Debug, Serialize)]
pub(crate) struct Classes {
    title: String,
    /// Classes that others refer to come first; the last one is the response's object.
    classes: Vec<Class>,
    /// The response itself.
    root: Type,
    /// For each kind of value: the maximum depth of lists of it.
    depths: BTreeMap<&'static str, usize>,
}

#[derive(Debug, Serialize)]
struct Class {
    name: String,
    /// How many lists its objects are in.
    lists: usize,
    members: Vec<Member>,
}

#[derive(Debug, Serialize)]
struct Member {
    /// Its name in the language.
    name: String,
    /// Its name in JSON, as a literal.
    key: String,
    /// Its name in JSON, if that is an identifier in most languages.
    plain_key: Option<String>,
    /// Its name in JSON as programs print it, on one line; a literal.
    label: String,
    #[serde(flatten)]
    kind: Type,
    /// Safe in comments.
    description: String,
}

/// The type of a value.
#[derive(Debug, Serialize)]
struct Type {
    /// `text`, `integer`, `number`, `boolean`, `unknown`; or `class`, whose name is in `class`.
    kind: &'static str,
    /// The same for a program that prints the value: a number that no type of the language represents exactly is a
    /// `text`.
    reads: &'static str,
    class: Option<String>,
    /// How many lists it is in.
    lists: usize,
}

impl Type {
    /// Returns the type of a shape; `class` is the class of its object, if it has one.
    fn new(shape: &Shape, class: impl FnOnce() -> String) -> Self {
        let (lists, element) = unlisted(shape);
        let (kind, reads) = match element {
            Shape::Scalar(scalar) => (kind_name(scalar), name_of(scalar.read_as())),
            Shape::Object(_) if !element.is_opaque() => ("class", "class"),
            Shape::Unknown | Shape::Array(_) | Shape::Object(_) => ("unknown", "unknown"),
        };
        Self { kind, reads, class: (kind == "class").then(class), lists }
    }
}

impl Classes {
    /// Returns the types of the operation's response, named in `case`.
    pub(crate) fn new(operation: &Operation, language: &Language, case: Case, reserved: &HashSet<String>) -> Self {
        let shape = operation.shape.as_ref().unwrap_or(&Shape::Unknown);
        let keywords = member_keywords(language);
        let mut found = Vec::new();
        collect(shape, &mut vec![words("answer")], &mut found);
        let paths: Vec<_> = found.iter().map(|(path, _)| path.clone()).collect();
        let names = Names::new(case, reserved).take_all(&paths);
        let root = Type::new(shape, || names[0].clone());
        let mut depths = BTreeMap::from([(root.reads, root.lists)]);
        let mut lists = vec![root.lists; found.len()];
        let mut classes: Vec<Class> = Vec::new();
        for (at, (_, fields)) in found.iter().enumerate() {
            let member_paths: Vec<_> = fields.iter().map(|field| vec![words(&field.name)]).collect();
            let members = Names::new(language.case, &keywords).take_all(&member_paths);
            // The classes of its members follow it, in the order of the members.
            let mut inner = at + 1;
            let mut class = Class { name: names[at].clone(), lists: lists[at], members: Vec::new() };
            for (field, name) in fields.iter().zip(members) {
                let kind = Type::new(&field.shape, || names[inner].clone());
                let depth = depths.entry(kind.reads).or_insert(kind.lists);
                *depth = kind.lists.max(*depth);
                if kind.class.is_some() {
                    lists[inner] = kind.lists;
                }
                inner += objects_in(&field.shape);
                class.members.push(Member {
                    plain_key: is_name(&field.name).then(|| field.name.clone()),
                    name,
                    key: (language.reading_literal)(&field.name),
                    label: (language.reading_literal)(&one_line(&field.name)),
                    kind,
                    description: comment(field.description.lines().next().unwrap_or_default()),
                });
            }
            classes.push(class);
        }
        classes.reverse();
        Self { title: comment(&operation.title), classes, root, depths }
    }

    /// Returns whether the response has no object with known members.
    pub(crate) fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }
}

/// Reserved names of members. Go's members begin with a capital, unlike keywords.
fn member_keywords(language: &Language) -> HashSet<String> {
    let keywords = if language.id == "go" { "" } else { language.keywords };
    keywords.split_whitespace().map(str::to_owned).collect()
}

/// Returns whether it is a valid attribute name in Python.
fn is_name(name: &str) -> bool {
    const KEYWORDS: &str = "False None True and as assert async await break class continue def del elif else except \
                            finally for from global if import in is lambda nonlocal not or pass raise return try \
                            while with yield";
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(is_word)
        && !KEYWORDS.split(' ').any(|keyword| keyword == name)
}

/// Returns the members of an object, with the words that distinguish the object from others.
type Found<'a> = (Vec<Vec<String>>, &'a [Field]);

/// Returns all objects with known members, outermost first.
fn collect<'a>(shape: &'a Shape, path: &mut Vec<Vec<String>>, found: &mut Vec<Found<'a>>) {
    match shape {
        Shape::Unknown | Shape::Scalar(_) => {}
        Shape::Array(element) => collect(element, path, found),
        Shape::Object(fields) if fields.is_empty() => {}
        Shape::Object(fields) => {
            found.push((path.clone(), fields));
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
        Shape::Object(fields) if fields.is_empty() => 0,
        Shape::Object(fields) => 1 + fields.iter().map(|field| objects_in(&field.shape)).sum::<usize>(),
    }
}

/// An integer too large for the language's types is left to the reader.
fn kind_name(scalar: &Scalar) -> &'static str {
    if scalar.kind == scalar.read_as() { name_of(scalar.kind) } else { "unknown" }
}

fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Integer => "integer",
        Kind::Number => "number",
        Kind::Boolean => "boolean",
    }
}
