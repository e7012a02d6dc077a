//! Reading a response's fields with Chilkat's paths.

use std::collections::HashSet;

use super::{
    Writer,
    program::{Argument, Step, call, method, put, variable},
};
use crate::{
    literal::{comment, json},
    model::{Field, Kind, Scalar, Shape, Size},
    name::{Case, Names, words},
};

/// Chilkat has three index letters, so arrays can be nested three deep.
const INDEXES: [&str; 3] = ["i", "j", "k"];

/// Returns the steps that read a response; an array is in a member `items`.
pub(super) fn steps(writer: &mut Writer, shape: &Shape, case: Case, reserved: &HashSet<String>) -> Vec<Step> {
    let root = if matches!(shape, Shape::Array(_)) { "items" } else { "" };
    let mut path = if root.is_empty() { Vec::new() } else { vec![words(root)] };
    let mut reading = Reading { writer, paths: Vec::new(), given: Vec::new().into_iter() };
    reading.collect(shape, &mut path);
    reading.given = Names::new(case, reserved).take_all(&reading.paths).into_iter();
    reading.instants(shape);
    reading.read(shape, root, 0)
}

/// Returns Chilkat's path of a member; names with special characters are quoted.
pub(super) fn path_of(parent: &str, name: &str) -> String {
    let plain = !name.is_empty() && !name.contains(['.', '[', ']', '"']);
    let name = if plain { name.to_owned() } else { json(name) };
    if parent.is_empty() { name } else { format!("{parent}.{name}") }
}

/// Reads the response's fields; see [`crate::lower`] for why shapes are walked twice.
struct Reading<'a> {
    writer: &'a mut Writer,
    paths: Vec<Vec<Vec<String>>>,
    given: std::vec::IntoIter<String>,
}

impl Reading<'_> {
    fn collect(&mut self, shape: &Shape, path: &mut Vec<Vec<String>>) {
        match shape {
            Shape::Unknown => {}
            Shape::Scalar(_) => self.paths.push(if path.is_empty() { vec![words("value")] } else { path.clone() }),
            Shape::Array(element) => self.collect(element, path),
            Shape::Object(fields) => {
                for field in fields {
                    path.push(words(&field.name));
                    self.collect(&field.shape, path);
                    path.pop();
                }
            }
        }
    }

    /// Creates the objects for times, before the first loop.
    fn instants(&mut self, shape: &Shape) {
        fn walk(shape: &Shape, name: &str, names: &mut std::vec::IntoIter<String>, found: &mut Vec<String>) {
            match shape {
                Shape::Unknown => {}
                Shape::Scalar(scalar) => {
                    let variable = names.next().unwrap_or_default();
                    if is_date(name, scalar) {
                        found.push(variable);
                    }
                }
                Shape::Array(element) => walk(element, name, names, found),
                Shape::Object(fields) => {
                    for field in fields {
                        walk(&field.shape, &field.name, names, found);
                    }
                }
            }
        }
        let mut found = Vec::new();
        walk(shape, "", &mut self.given.clone(), &mut found);
        for variable in found {
            self.writer.new_object(&variable, "CkDtObj");
        }
    }

    fn read(&mut self, shape: &Shape, path: &str, depth: usize) -> Vec<Step> {
        match shape {
            Shape::Object(fields) => fields.iter().flat_map(|field| self.field(field, path, depth)).collect(),
            other => self.value(other, "", path, depth),
        }
    }

    fn field(&mut self, field: &Field, path: &str, depth: usize) -> Vec<Step> {
        let path = path_of(path, &field.name);
        match &field.shape {
            Shape::Object(_) => self.read(&field.shape, &path, depth),
            shape => self.value(shape, &field.name, &path, depth),
        }
    }

    fn value(&mut self, shape: &Shape, name: &str, path: &str, depth: usize) -> Vec<Step> {
        match shape {
            Shape::Unknown => {
                vec![Step::Comment { text: format!("{}: the description does not specify its content", comment(path)) }]
            }
            Shape::Object(_) => self.read(shape, path, depth),
            Shape::Scalar(scalar) => {
                let result = self.given.next().unwrap_or_default();
                let place = self.writer.text(path);
                if is_date(name, scalar) {
                    let local = Argument { boolean: Some(false), ..Argument::default() };
                    let arguments = vec![place, local, variable(&result)];
                    let call = method("CkJsonObject", "jResp", "DtOf", arguments);
                    return vec![Step::Call { result: None, call }];
                }
                let (sort, getter, kind) = match scalar.shown {
                    Kind::Boolean => ("method", "BoolOf", "boolean"),
                    Kind::Integer if scalar.size == Size::Narrow => ("method", "IntOf", "integer"),
                    // A number of more than 32 bits, or with a fraction, is exact only as text.
                    _ => ("text", "stringOf", "text"),
                };
                self.writer.declare(&result, kind);
                let call = call("CkJsonObject", "jResp", getter, sort, vec![place]);
                vec![Step::Call { result: Some(result), call }]
            }
            Shape::Array(element) => {
                let Some(index) = INDEXES.get(depth) else {
                    self.skip(element);
                    let text = format!("{}: arrays are read up to three levels deep", comment(path));
                    return vec![Step::Comment { text }];
                };
                let count = format!("count_{index}");
                self.writer.declare(index, "integer");
                self.writer.declare(&count, "integer");
                let size = vec![self.writer.text(path)];
                let body = self.value(element, name, &format!("{path}[{index}]"), depth + 1);
                vec![Step::While {
                    index: (*index).to_owned(),
                    count,
                    size: method("CkJsonObject", "jResp", "SizeOfArray", size),
                    put: put("CkJsonObject", "jResp", &index.to_uppercase(), variable(index)),
                    body,
                }]
            }
        }
    }

    /// Skips the names of what is not read.
    fn skip(&mut self, shape: &Shape) {
        match shape {
            Shape::Unknown => {}
            Shape::Scalar(_) => {
                self.given.next();
            }
            Shape::Array(element) => self.skip(element),
            Shape::Object(fields) => fields.iter().for_each(|field| self.skip(&field.shape)),
        }
    }
}

/// Returns whether a field is read as a date: its sample is a time, and its name suggests a date. The documents read
/// `join_time` as text and `date_time` as a date.
fn is_date(name: &str, scalar: &Scalar) -> bool {
    scalar.instant && scalar.shown == Kind::Text && words(name).iter().any(|word| word == "date")
}
