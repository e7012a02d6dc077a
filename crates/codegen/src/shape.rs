//! Shapes made from samples, and shapes laid over one another.

use indexmap::{IndexMap, map::Entry};

use crate::{
    error::{Pointer, ReadError},
    json::Json,
    model::{Field, Kind, Scalar, Shape},
    placeholder::kind_named,
};

/// How many values one answer's shape may hold: what programs are made for has some hundred.
pub(crate) const MOST_VALUES: usize = 10_000;
/// How deeply one answer's shape may be nested.
pub(crate) const DEEPEST: usize = 64;

/// Counts what a shape grows to, so that no description makes it grow without end.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    values: usize,
}

impl Budget {
    /// Enters one more value.
    pub(crate) fn spend(&mut self, place: &Pointer, depth: usize) -> Result<(), ReadError> {
        self.values += 1;
        if self.values > MOST_VALUES {
            return Err(ReadError::content(place, format!("the answer has more than {MOST_VALUES} fields")));
        }
        if depth > DEEPEST {
            return Err(ReadError::content(place, format!("the answer is nested more than {DEEPEST} deep")));
        }
        Ok(())
    }
}

/// The shape of a sample. What not every element of an array has is optional.
pub(crate) fn of_sample(sample: &Json, place: &Pointer) -> Result<Shape, ReadError> {
    shape_of(sample, place, 0, &mut Budget::default())
}

fn shape_of(sample: &Json, place: &Pointer, depth: usize, budget: &mut Budget) -> Result<Shape, ReadError> {
    // Elements that are built alike count once: they are laid over one another.
    if depth > DEEPEST {
        budget.spend(place, depth)?;
    }
    Ok(match sample {
        Json::Null => Shape::Unknown,
        Json::Bool(_) => scalar(Kind::Boolean, Kind::Boolean, false),
        Json::Number(number) => {
            let kind = kind_of(number);
            Shape::Scalar(Scalar { kind, shown: kind, instant: false, wide: is_wide(number) })
        }
        Json::Text(text) => scalar(kind_named(text).unwrap_or(Kind::Text), Kind::Text, is_instant(text)),
        Json::Array(elements) => {
            let mut element = Shape::Unknown;
            for (index, sample) in elements.iter().enumerate() {
                element = merge(element, shape_of(sample, &place.element(index), depth + 1, budget)?);
            }
            Shape::Array(Box::new(element))
        }
        Json::Object(members) => {
            let mut fields = Vec::with_capacity(members.len());
            for (name, sample) in members {
                let place = place.member(name);
                let shape = shape_of(sample, &place, depth + 1, budget)?;
                let required = *sample != Json::Null;
                fields.push(Field { name: name.clone(), required, description: String::new(), shape });
            }
            if fields.len() > MOST_VALUES {
                return Err(ReadError::content(place, format!("more than {MOST_VALUES} fields")));
            }
            Shape::Object(fields)
        }
    })
}

pub(crate) fn scalar(kind: Kind, shown: Kind, instant: bool) -> Shape {
    Shape::Scalar(Scalar { kind, shown, instant, wide: false })
}

fn kind_of(number: &serde_json::Number) -> Kind {
    if number.is_f64() { Kind::Number } else { Kind::Integer }
}

fn is_wide(number: &serde_json::Number) -> bool {
    !number.is_f64() && number.as_i64().is_none_or(|number| i32::try_from(number).is_err())
}

/// Whether a text is an instant as RFC 3339 writes it, in any zone.
pub(crate) fn is_instant(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    shape.starts_with("9999-99-99T99:99:99") && (shape.ends_with('Z') || shape.ends_with("99:99"))
}

/// What fits both shapes. Fields that only one of them has become optional; scalars of different kinds become texts;
/// of two shapes that have nothing in common neither is known.
pub(crate) fn merge(one: Shape, other: Shape) -> Shape {
    match (one, other) {
        (Shape::Unknown, shape) | (shape, Shape::Unknown) => shape,
        (Shape::Scalar(one), Shape::Scalar(other)) => Shape::Scalar(Scalar {
            kind: merge_kinds(one.kind, other.kind),
            shown: merge_kinds(one.shown, other.shown),
            instant: one.instant && other.instant,
            wide: one.wide || other.wide,
        }),
        (Shape::Array(one), Shape::Array(other)) => Shape::Array(Box::new(merge(*one, *other))),
        (Shape::Object(one), Shape::Object(other)) => Shape::Object(merge_fields(one, other, false)),
        // Zoom sends "" in place of an object that was not measured; the object is what is read.
        (Shape::Scalar(_), shape) | (shape, Shape::Scalar(_)) => shape,
        (Shape::Array(_), Shape::Object(_)) | (Shape::Object(_), Shape::Array(_)) => Shape::Unknown,
    }
}

/// The fields of both, those of the first before those that only the second has. `all` says that both hold at once, as
/// in `allOf`; otherwise either does.
pub(crate) fn merge_fields(one: Vec<Field>, other: Vec<Field>, all: bool) -> Vec<Field> {
    let mut merged: IndexMap<String, Field> = IndexMap::with_capacity(one.len());
    let mut first_only: Vec<bool> = vec![true; one.len()];
    for field in one {
        merged.insert(field.name.clone(), field);
    }
    for mut field in other {
        match merged.entry(field.name.clone()) {
            Entry::Occupied(mut entry) => {
                if let Some(flag) = first_only.get_mut(entry.index()) {
                    *flag = false;
                }
                let known = entry.get_mut();
                known.required = if all { known.required || field.required } else { known.required && field.required };
                let shape = std::mem::replace(&mut known.shape, Shape::Unknown);
                known.shape = merge(shape, field.shape);
                if known.description.is_empty() {
                    known.description = field.description;
                }
            }
            Entry::Vacant(entry) => {
                field.required = all && field.required;
                entry.insert(field);
            }
        }
    }
    if !all {
        for (field, _) in merged.values_mut().zip(first_only).filter(|(_, only)| *only) {
            field.required = false;
        }
    }
    merged.into_values().collect()
}

fn merge_kinds(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        (one, other) if one == other => one,
        (Kind::Integer, Kind::Number) | (Kind::Number, Kind::Integer) => Kind::Number,
        _ => Kind::Text,
    }
}

/// Takes what the sample shows into a shape that a schema describes: how values look, and what the schema leaves open.
pub(crate) fn show(shape: &mut Shape, sample: &Json, place: &Pointer) -> Result<(), ReadError> {
    match (&mut *shape, sample) {
        (Shape::Unknown, sample) => *shape = of_sample(sample, place)?,
        (Shape::Scalar(scalar), sample) => match sample {
            Json::Text(text) => {
                scalar.shown = Kind::Text;
                scalar.instant = is_instant(text);
            }
            Json::Number(number) => {
                scalar.shown = kind_of(number);
                scalar.wide = is_wide(number);
            }
            Json::Bool(_) => scalar.shown = Kind::Boolean,
            _ => {}
        },
        (Shape::Array(element), Json::Array(samples)) => {
            for (index, sample) in samples.iter().enumerate() {
                show(element, sample, &place.element(index))?;
            }
        }
        (Shape::Object(fields), Json::Object(members)) => {
            for (name, sample) in members {
                let place = place.member(name);
                match fields.iter_mut().find(|field| field.name == *name) {
                    Some(field) => show(&mut field.shape, sample, &place)?,
                    None => {
                        let shape = of_sample(sample, &place)?;
                        fields.push(Field { name: name.clone(), required: false, description: String::new(), shape });
                    }
                }
            }
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(sample: &str) -> Shape {
        of_sample(&serde_json::from_str(sample).unwrap(), &Pointer::default()).unwrap()
    }

    #[test]
    fn what_one_element_lacks_is_optional_and_later_fields_are_kept() {
        let Shape::Array(element) = shape(r#"[{"a": 1, "b": "x"}, {"a": 1.5, "c": {"d": null}}, {"a": 2}]"#) else {
            panic!("an array");
        };
        let Shape::Object(fields) = *element else { panic!("an object") };
        let told: Vec<(&str, bool)> = fields.iter().map(|field| (field.name.as_str(), field.required)).collect();
        assert_eq!(told, [("a", true), ("b", false), ("c", false)]);
        assert_eq!(fields[0].shape, scalar(Kind::Number, Kind::Number, false));
    }

    #[test]
    fn a_section_told_as_blank_is_still_a_section() {
        assert_eq!(shape(r#"[{"s": ""}, {"s": {"a": true}}]"#), shape(r#"[{"s": {"a": true}}]"#));
    }
}
