//! JSON Schema (2020-12) of a response.

use crate::{
    json::Json,
    model::{Kind, Operation, Shape},
};

/// Returns the schema of the operation's successful response. `None` if it has no JSON body.
#[must_use]
pub fn json_schema(operation: &Operation) -> Option<Json> {
    let mut schema = schema_of(operation.shape.as_ref()?, "");
    if let Json::Object(members) = &mut schema {
        members.shift_insert(0, "$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
        members.shift_insert(1, "title".to_owned(), operation.title.as_str().into());
    }
    Some(schema)
}

/// Returns the schema of a shape, with its description.
pub(super) fn schema_of(shape: &Shape, description: &str) -> Json {
    let mut members = indexmap::IndexMap::new();
    let mut add = |name: &str, value: Json| {
        members.insert(name.to_owned(), value);
    };
    match shape {
        Shape::Unknown => {}
        Shape::Scalar(scalar) => {
            let name = match scalar.kind {
                Kind::Text => "string",
                Kind::Integer => "integer",
                Kind::Number => "number",
                Kind::Boolean => "boolean",
            };
            add("type", name.into());
            // Zoom leaves unknown times blank, so none is required to match the format.
        }
        Shape::Array(element) => {
            add("type", "array".into());
            add("items", schema_of(element, ""));
        }
        Shape::Object(fields) => {
            add("type", "object".into());
            let property =
                |field: &crate::model::Field| (field.name.clone(), schema_of(&field.shape, &field.description));
            add("properties", Json::Object(fields.iter().map(property).collect()));
            let required: Vec<Json> =
                fields.iter().filter(|field| field.required).map(|field| field.name.as_str().into()).collect();
            if !required.is_empty() {
                add("required", required.into());
            }
        }
    }
    if !description.is_empty() {
        members.insert("description".to_owned(), description.into());
    }
    Json::Object(members)
}
