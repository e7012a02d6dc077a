//! Converts JSON Schema, as in OpenAPI 3.0 and 3.1, to shapes.

use crate::{
    error::{Pointer, ReadError},
    json::Json,
    model::{Field, Kind, Shape},
    shape::{self, Budget},
};

/// Follows references inside one document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resolver<'a> {
    pub(crate) document: &'a Json,
}

/// A value, and its position.
pub(crate) type Placed<'a> = (&'a Json, Pointer);

impl<'a> Resolver<'a> {
    /// Returns the target of a chain of `$ref`; the value itself if it is none.
    pub(crate) fn resolve(&self, value: &'a Json, place: &Pointer) -> Result<Placed<'a>, ReadError> {
        let mut current = (value, place.clone());
        let mut seen: Vec<&str> = Vec::new();
        while let Some(reference) = current.0.get("$ref") {
            let Some(target) = reference.as_str() else {
                return Err(ReadError::content(&current.1.member("$ref"), "a reference must be a string"));
            };
            if seen.contains(&target) {
                return Err(ReadError::content(place, format!("`$ref` is circular: {}", circle(&seen, target))));
            }
            seen.push(target);
            current = self.find(target, &current.1.member("$ref"))?;
        }
        Ok(current)
    }

    fn find(&self, target: &str, place: &Pointer) -> Result<Placed<'a>, ReadError> {
        let Some(path) = target.strip_prefix('#') else {
            return Err(ReadError::content(
                place,
                format!("`{target}` is in another file; only references inside the document (`#/…`) are followed"),
            ));
        };
        let mut current = (self.document, Pointer::default());
        for segment in path.split('/').skip(1) {
            let name = percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
            let name = name.replace("~1", "/").replace("~0", "~");
            let inner = match current.0 {
                Json::Array(elements) => name.parse::<usize>().ok().and_then(|index| elements.get(index)),
                other => other.get(&name),
            };
            let inner =
                inner.ok_or_else(|| ReadError::content(place, format!("`{target}` does not exist in the document")))?;
            current = (inner, current.1.member(&name));
        }
        Ok(current)
    }

    /// Returns the shape that a schema describes.
    pub(crate) fn shape(&self, schema: &'a Json, place: &Pointer) -> Result<Shape, ReadError> {
        // Schemas with many references to each other grow without end, or nearly so: following fewer nested references
        // makes the result smaller.
        let mut result = Ok(Shape::Unknown);
        for most_references in [usize::MAX, 6, 4, 3, 2, 1] {
            let budget = Budget::default();
            result = Walk { resolver: *self, open: Vec::new(), most_references, budget }.shape(schema, place, 0);
            if !matches!(&result, Err(error) if error.is_growth()) {
                break;
            }
        }
        result
    }
}

fn circle(seen: &[&str], target: &str) -> String {
    let from = seen.iter().position(|name| *name == target).unwrap_or(0);
    [&seen[from..], &[target]].concat().join(" → ")
}

struct Walk<'a> {
    resolver: Resolver<'a>,
    /// The references being followed, outermost first.
    open: Vec<&'a str>,
    /// The maximum depth of references; anything deeper is read as JSON.
    most_references: usize,
    budget: Budget,
}

impl<'a> Walk<'a> {
    fn shape(&mut self, schema: &'a Json, place: &Pointer, depth: usize) -> Result<Shape, ReadError> {
        self.budget.spend(place, depth)?;
        let Some(reference) = schema.get("$ref").and_then(Json::as_str) else {
            return self.own_shape(schema, place, depth);
        };
        // A recursive schema has no end: its inside is read as JSON.
        if self.open.contains(&reference) || self.open.len() >= self.most_references {
            return Ok(Shape::Unknown);
        }
        self.open.push(reference);
        let (target, target_place) = self.resolver.find(reference, &place.member("$ref"))?;
        let shape = self.shape(target, &target_place, depth + 1)?;
        self.open.pop();
        Ok(shape)
    }

    fn own_shape(&mut self, schema: &'a Json, place: &Pointer, depth: usize) -> Result<Shape, ReadError> {
        match schema {
            Json::Object(_) => {}
            // `true` and `{}` allow anything.
            Json::Bool(_) => return Ok(Shape::Unknown),
            _ => return Err(ReadError::content(place, "a schema must be an object")),
        }
        let mut shape = self.plain_shape(schema, place, depth)?;
        if let Some(parts) = schema.get("allOf").and_then(Json::as_array) {
            let place = place.member("allOf");
            for (index, part) in parts.iter().enumerate() {
                let part = self.shape(part, &place.element(index), depth + 1)?;
                shape = match (shape, part) {
                    (Shape::Object(one), Shape::Object(other)) => Shape::Object(shape::merge_fields(one, other, true)),
                    (one, other) => shape::merge(one, other),
                };
            }
        }
        for either in ["oneOf", "anyOf"] {
            let Some(parts) = schema.get(either).and_then(Json::as_array) else { continue };
            let place = place.member(either);
            let mut merged = Shape::Unknown;
            for (index, part) in parts.iter().enumerate() {
                merged = shape::merge(merged, self.shape(part, &place.element(index), depth + 1)?);
            }
            shape = shape::merge(shape, merged);
        }
        Ok(shape)
    }

    fn plain_shape(&mut self, schema: &'a Json, place: &Pointer, depth: usize) -> Result<Shape, ReadError> {
        let named = type_of(schema);
        if schema.get("properties").is_some() || named == Some("object") {
            let mut fields = Vec::new();
            let required = schema.get("required").and_then(Json::as_array).unwrap_or_default();
            let place = place.member("properties");
            for (name, property) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
                let place = place.member(name);
                let shape = self.shape(property, &place, depth + 1)?;
                let described = match property.get("description") {
                    Some(description) => description.as_str(),
                    None => self.resolver.resolve(property, &place)?.0.get("description").and_then(Json::as_str),
                };
                fields.push(Field {
                    required: required.iter().any(|required| required.as_str() == Some(name)) && !is_nullable(property),
                    name: name.clone(),
                    description: described.unwrap_or_default().to_owned(),
                    shape,
                });
            }
            // An object without named members may contain anything.
            return Ok(if fields.is_empty() { Shape::Unknown } else { Shape::Object(fields) });
        }
        Ok(match named {
            Some("array") => {
                let element = match schema.get("items") {
                    Some(items) => self.shape(items, &place.member("items"), depth + 1)?,
                    None => Shape::Unknown,
                };
                Shape::Array(Box::new(element))
            }
            Some(_) => match kind_of(schema) {
                Some(kind) => {
                    let instant = schema.get("format").and_then(Json::as_str) == Some("date-time");
                    shape::scalar(kind, kind, instant)
                }
                None => Shape::Unknown,
            },
            None if schema.get("enum").is_some() => shape::scalar(Kind::Text, Kind::Text, false),
            None => Shape::Unknown,
        })
    }
}

/// Returns the type's name, other than `null`.
fn type_of(schema: &Json) -> Option<&str> {
    match schema.get("type")? {
        Json::Array(names) => names.iter().filter_map(Json::as_str).find(|name| *name != "null"),
        name => name.as_str(),
    }
}

/// Returns the type of a scalar schema.
pub(crate) fn kind_of(schema: &Json) -> Option<Kind> {
    if let Some(names) = schema.get("type").and_then(Json::as_array)
        && names.iter().filter(|name| name.as_str() != Some("null")).count() > 1
    {
        return Some(Kind::Text);
    }
    match type_of(schema)? {
        "string" => Some(Kind::Text),
        "integer" => Some(Kind::Integer),
        "number" => Some(Kind::Number),
        "boolean" => Some(Kind::Boolean),
        _ => None,
    }
}

fn is_nullable(schema: &Json) -> bool {
    let listed = schema.get("type").and_then(Json::as_array);
    schema.get("nullable").and_then(Json::as_bool) == Some(true)
        || listed.is_some_and(|names| names.iter().any(|name| name.as_str() == Some("null")))
}
