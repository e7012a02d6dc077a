//! Creates a value from a schema, for requests without an example in the description.

use super::{openapi::example_of, schema::Resolver, schema::kind_of};
use crate::{
    error::{Pointer, ReadError},
    json::Json,
    model::Kind,
};

/// A body deeper than this is omitted: no example of a request is.
const DEEPEST: usize = 12;

/// Returns a value that matches the schema: its examples if it has any, otherwise a value of each field's type.
pub(crate) fn sample_of(resolver: &Resolver<'_>, schema: &Json, place: &Pointer) -> Result<Json, ReadError> {
    let mut members = 0;
    Ok(sample(resolver, schema, place, 0, &mut members)?.unwrap_or(Json::Null))
}

fn sample(
    resolver: &Resolver<'_>,
    schema: &Json,
    place: &Pointer,
    depth: usize,
    members: &mut usize,
) -> Result<Option<Json>, ReadError> {
    *members += 1;
    if depth > DEEPEST || *members > 1_000 {
        return Ok(None);
    }
    // Values beside a `$ref` describe this particular use.
    if let Some(example) = example_of(schema) {
        return Ok(Some(example.clone()));
    }
    let (schema, place) = &resolver.resolve(schema, place)?;
    if let Some(example) = example_of(schema) {
        return Ok(Some(example.clone()));
    }
    if let Some(value) = schema.get("default").or_else(|| schema.get("const")) {
        return Ok(Some(value.clone()));
    }
    if let Some(first) = schema.get("enum").and_then(Json::as_array).and_then(<[Json]>::first) {
        return Ok(Some(first.clone()));
    }
    for (several, all) in [("allOf", true), ("oneOf", false), ("anyOf", false)] {
        let Some(parts) = schema.get(several).and_then(Json::as_array) else { continue };
        let mut whole = indexmap::IndexMap::new();
        for (index, part) in parts.iter().enumerate() {
            let part = sample(resolver, part, &place.member(several).element(index), depth + 1, members)?;
            match part {
                Some(Json::Object(members)) if all => whole.extend(members),
                Some(value) => return Ok(Some(value)),
                None => {}
            }
        }
        return Ok(Some(Json::Object(whole)));
    }
    if let Some(properties) = schema.get("properties").and_then(Json::as_object) {
        let mut object = indexmap::IndexMap::new();
        for (name, property) in properties {
            let place = place.member("properties").member(name);
            if let Some(value) = sample(resolver, property, &place, depth + 1, members)? {
                object.insert(name.clone(), value);
            }
        }
        return Ok(Some(Json::Object(object)));
    }
    if let Some(items) = schema.get("items") {
        let element = sample(resolver, items, &place.member("items"), depth + 1, members)?;
        return Ok(Some(Json::Array(element.into_iter().collect())));
    }
    Ok(kind_of(schema).map(|kind| match kind {
        Kind::Text => "string".into(),
        Kind::Integer => 1.into(),
        Kind::Number => serde_json::Number::from_f64(1.5).map_or(Json::Null, Json::Number),
        Kind::Boolean => true.into(),
    }))
}
