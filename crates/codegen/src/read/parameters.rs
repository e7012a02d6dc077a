//! The parameters of an OpenAPI description, with their values.

use super::{
    openapi::{asks_for_double_encoding, example_of},
    sample::sample_of,
    schema::{Placed, Resolver, kind_of},
};
use crate::{
    error::{Pointer, ReadError},
    json::Json,
    model::{Kind, Parameter, Place},
    placeholder::{is_placeholder, is_secret, typed_value},
};

/// A parameter in a description.
pub(super) struct Described<'a> {
    pub(super) name: &'a str,
    pub(super) place_of: Place,
    /// Whether it is sent.
    pub(super) required: bool,
    pub(super) described: &'a Json,
    pub(super) schema: Option<Placed<'a>>,
    pub(super) place: &'a Pointer,
}

/// How to join the values of an array or an object.
#[derive(Clone, Copy)]
enum Style {
    /// With commas, which are not encoded.
    Commas,
    /// With this text, which is encoded like the values.
    Joined(&'static str),
    /// As separate parameters.
    Several,
    /// As separate parameters, called `name[member]`.
    DeepObject,
}

/// Returns a parameter with its value: its example, its default, the first allowed value, or one of its type. Optional
/// values are left to the reader, because the server knows its defaults.
pub(super) fn described_parameter(
    name: &str,
    place: Place,
    required: bool,
    described: &Json,
    schema: Option<&Json>,
) -> Parameter {
    let kind = schema.and_then(kind_of).unwrap_or(Kind::Text);
    let description = described.get("description").and_then(Json::as_str).unwrap_or_default();
    let sample = example_of(described).or_else(|| schema.and_then(example_of)).map(Json::to_text);
    let format = schema.and_then(|schema| schema.get("format")).and_then(Json::as_str);
    let secret = is_secret(name) || format == Some("password");
    let value = || {
        let real = sample.clone().filter(|sample| !is_placeholder(sample));
        let default = || schema?.get("default").map(Json::to_text);
        let first_allowed = || schema?.get("enum")?.as_array()?.first().map(Json::to_text);
        real.or_else(default).or_else(first_allowed).unwrap_or_else(|| typed_value(name, kind, format))
    };
    Parameter {
        name: name.to_owned(),
        place,
        kind,
        required,
        description: description.to_owned(),
        value: (required && !secret).then(value),
        more: Vec::new(),
        part: None,
        sample,
        shown: false,
        secret,
        encode_twice: place == Place::Path && asks_for_double_encoding(description),
    }
}

/// Returns the same for a parameter that may be an array or an object: one parameter for each pair.
pub(super) fn described_parameters(
    resolver: &Resolver<'_>,
    parameter: &Described<'_>,
) -> Result<Vec<Parameter>, ReadError> {
    let Described { name, place_of, required, described, ref schema, place } = *parameter;
    let plain_schema = schema.as_ref().map(|(schema, _)| *schema);
    let whole = described_parameter(name, place_of, required, described, plain_schema);
    let is_compound = plain_schema.is_some_and(|schema| {
        let named = schema.get("type").and_then(Json::as_str);
        matches!(named, Some("array" | "object")) || schema.get("properties").is_some() || schema.get("items").is_some()
    });
    let shown = example_of(described).or_else(|| plain_schema.and_then(example_of));
    if whole.value.is_none() || !(is_compound || matches!(shown, Some(Json::Array(_) | Json::Object(_)))) {
        return Ok(vec![whole]);
    }
    let value = match (shown.or_else(|| plain_schema?.get("default")), schema) {
        (Some(shown), _) => shown.clone(),
        (None, Some((schema, schema_place))) => value_of(resolver, name, schema, schema_place)?,
        (None, None) => return Ok(vec![whole]),
    };
    let content_type = described.get("contentType").and_then(Json::as_str);
    let is_json = content_type.is_some_and(|kind| kind.contains("json"))
        || (place_of == Place::Part && matches!(value, Json::Object(_)));
    if is_json {
        return Ok(vec![Parameter { value: Some(value.to_string()), ..whole }]);
    }
    let style = style_of(place_of, described, matches!(value, Json::Object(_)), place)?;
    Ok(spread(&whole, &value, style))
}

/// Returns a value for an array or an object without an example in the description.
fn value_of(resolver: &Resolver<'_>, name: &str, schema: &Json, place: &Pointer) -> Result<Json, ReadError> {
    let sample = sample_of(resolver, schema, place)?;
    // A placeholder of an element says what to replace it with.
    Ok(match sample {
        Json::Array(elements) if elements.is_empty() || elements == [Json::from("string")] => {
            vec![Json::from(format!("<{name}>"))].into()
        }
        other => other,
    })
}

fn style_of(place_of: Place, described: &Json, is_object: bool, place: &Pointer) -> Result<Style, ReadError> {
    let style = described.get("style").and_then(Json::as_str);
    let explode = described.get("explode").and_then(Json::as_bool);
    let refused = |style: &str| {
        let what = if is_object { "an object" } else { "an array" };
        let reason = format!("the style `{style}` with `explode` of {what} is not supported");
        Err(ReadError::content(&place.member("style"), reason))
    };
    match place_of {
        Place::Part => return Ok(Style::Several),
        Place::Path | Place::Header => {
            let style = style.unwrap_or("simple");
            return match (style, explode.unwrap_or_default()) {
                ("simple", false) => Ok(Style::Commas),
                ("simple", true) if !is_object => Ok(Style::Commas),
                (style, _) => refused(style),
            };
        }
        Place::Query | Place::Form => {}
    }
    Ok(match (style.unwrap_or("form"), explode) {
        ("deepObject", _) => Style::DeepObject,
        ("spaceDelimited", _) => Style::Joined(" "),
        ("pipeDelimited", _) => Style::Joined("|"),
        ("tabDelimited", _) => Style::Joined("\t"),
        ("form", Some(false)) => Style::Commas,
        ("form", _) => Style::Several,
        (style, _) => return Err(ReadError::content(&place.member("style"), format!("unknown style `{style}`"))),
    })
}

/// Returns the pairs that represent a value.
fn spread(whole: &Parameter, value: &Json, style: Style) -> Vec<Parameter> {
    let named = |name: String, value: String| Parameter { name, value: Some(value), ..whole.clone() };
    let texts = |value: &Json| -> Vec<String> {
        match value {
            Json::Array(elements) => elements.iter().map(Json::to_text).collect(),
            Json::Object(members) => members.iter().flat_map(|(name, value)| [name.clone(), value.to_text()]).collect(),
            other => vec![other.to_text()],
        }
    };
    match (style, value) {
        (Style::Several, Json::Object(members)) => members
            .iter()
            .flat_map(|(name, value)| {
                texts_of_one(value).into_iter().map(|text| named(name.clone(), text)).collect::<Vec<_>>()
            })
            .collect(),
        (Style::DeepObject, _) => {
            let mut pairs = Vec::new();
            deep(&whole.name, value, &mut pairs);
            pairs.into_iter().map(|(name, value)| named(name, value)).collect()
        }
        (Style::Several, _) => texts(value).into_iter().map(|text| named(whole.name.clone(), text)).collect(),
        (Style::Joined(between), _) => vec![named(whole.name.clone(), texts(value).join(between))],
        // A header is not percent-encoded, so its commas need no special treatment.
        (Style::Commas, _) if whole.place == Place::Header => vec![named(whole.name.clone(), texts(value).join(","))],
        (Style::Commas, _) => {
            let mut texts = texts(value).into_iter();
            let Some(first) = texts.next() else { return Vec::new() };
            vec![Parameter { more: texts.collect(), ..named(whole.name.clone(), first) }]
        }
    }
}

/// Returns the values of one member: those of an array one by one.
fn texts_of_one(value: &Json) -> Vec<String> {
    match value {
        Json::Array(elements) => elements.iter().map(Json::to_text).collect(),
        other => vec![other.to_text()],
    }
}

fn deep(name: &str, value: &Json, pairs: &mut Vec<(String, String)>) {
    match value {
        Json::Object(members) => {
            members.iter().for_each(|(member, value)| deep(&format!("{name}[{member}]"), value, pairs));
        }
        Json::Array(elements) => elements.iter().for_each(|element| deep(name, element, pairs)),
        other => pairs.push((name.to_owned(), other.to_text())),
    }
}
