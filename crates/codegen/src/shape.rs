//! Shapes of samples, and merging of shapes.

use indexmap::{IndexMap, map::Entry};

use crate::{
    error::{Pointer, ReadError},
    json::Json,
    model::{Field, Kind, Scalar, Shape, Size},
    placeholder::kind_named,
};

/// Maximum number of values in one response's shape: usual ones have some hundred.
pub(crate) const MOST_VALUES: usize = 10_000;
/// Maximum depth of one response's shape.
pub(crate) const DEEPEST: usize = 64;

/// Counts the size of a shape, so that no description makes it grow without end.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    values: usize,
}

impl Budget {
    /// Counts one more value.
    pub(crate) fn spend(&mut self, place: &Pointer, depth: usize) -> Result<(), ReadError> {
        self.values += 1;
        if self.values > MOST_VALUES {
            return Err(ReadError::growth(place, format!("the response has more than {MOST_VALUES} fields")));
        }
        if depth > DEEPEST {
            return Err(ReadError::growth(place, format!("the response is nested more than {DEEPEST} levels deep")));
        }
        Ok(())
    }
}

/// Returns the shape of a sample. Members that not every element of an array has are optional.
pub(crate) fn of_sample(sample: &Json, place: &Pointer) -> Result<Shape, ReadError> {
    let mut shape = Growing::Unknown;
    shape.add(sample, place, 0, &mut Budget::default())?;
    Ok(shape.finish())
}

/// A shape into which samples are merged one after the other, each at a cost proportional to its own size.
#[derive(Debug, Default)]
enum Growing {
    #[default]
    Unknown,
    Scalar(Scalar),
    Array(Box<Self>),
    Object(GrowingObject),
}

#[derive(Debug, Default)]
struct GrowingObject {
    fields: IndexMap<String, GrowingField>,
    /// Number of merged objects.
    objects: usize,
}

#[derive(Debug, Default)]
struct GrowingField {
    shape: Growing,
    /// How many of the objects have it, and not as null.
    told: usize,
}

impl Growing {
    /// Merges a sample, as [`merge`] does with shapes.
    fn add(&mut self, sample: &Json, place: &Pointer, depth: usize, budget: &mut Budget) -> Result<(), ReadError> {
        if depth > DEEPEST {
            budget.spend(place, depth)?;
        }
        let scalar = match sample {
            Json::Null => return Ok(()),
            Json::Array(elements) => return self.add_array(elements, place, depth, budget),
            Json::Object(members) => return self.add_object(members, place, depth, budget),
            Json::Bool(_) => plain(Kind::Boolean, Kind::Boolean, false),
            Json::Number(number) => {
                let kind = kind_of(number);
                Scalar { size: size_of(number), ..plain(kind, kind, false) }
            }
            Json::Big(_) => Scalar { size: Size::Huge, ..plain(Kind::Integer, Kind::Integer, false) },
            Json::Text(text) => plain(kind_named(text).unwrap_or(Kind::Text), Kind::Text, is_instant(text)),
        };
        match self {
            Self::Unknown => *self = Self::Scalar(scalar),
            Self::Scalar(known) => *known = merge_scalars(*known, scalar),
            Self::Array(_) | Self::Object(_) => {}
        }
        Ok(())
    }

    fn add_array(
        &mut self,
        elements: &[Json],
        place: &Pointer,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<(), ReadError> {
        let is_object = matches!(self, Self::Object(_));
        if !matches!(self, Self::Array(_)) {
            *self = Self::Array(Box::default());
        }
        if let Self::Array(element) = self {
            for (index, sample) in elements.iter().enumerate() {
                element.add(sample, &place.element(index), depth + 1, budget)?;
            }
        }
        if is_object {
            *self = Self::Unknown;
        }
        Ok(())
    }

    fn add_object(
        &mut self,
        members: &IndexMap<String, Json>,
        place: &Pointer,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<(), ReadError> {
        let is_array = matches!(self, Self::Array(_));
        if !matches!(self, Self::Object(_)) {
            *self = Self::Object(GrowingObject::default());
        }
        if let Self::Object(object) = self {
            object.objects += 1;
            for (name, sample) in members {
                let place = place.member(name);
                let field = match object.fields.get_mut(name) {
                    Some(field) => field,
                    None => {
                        // Elements of the same shape count once.
                        budget.spend(&place, depth + 1)?;
                        object.fields.entry(name.clone()).or_default()
                    }
                };
                field.told += usize::from(*sample != Json::Null);
                field.shape.add(sample, &place, depth + 1, budget)?;
            }
        }
        if is_array {
            *self = Self::Unknown;
        }
        Ok(())
    }

    fn finish(self) -> Shape {
        match self {
            Self::Unknown => Shape::Unknown,
            Self::Scalar(scalar) => Shape::Scalar(scalar),
            Self::Array(element) => Shape::Array(Box::new(element.finish())),
            Self::Object(GrowingObject { fields, objects }) => {
                let field = |(name, GrowingField { shape, told })| {
                    let required = told == objects;
                    Field { name, required, description: String::new(), shape: Self::finish(shape) }
                };
                Shape::Object(fields.into_iter().map(field).collect())
            }
        }
    }
}

pub(crate) fn scalar(kind: Kind, shown: Kind, instant: bool) -> Shape {
    Shape::Scalar(plain(kind, shown, instant))
}

fn plain(kind: Kind, shown: Kind, instant: bool) -> Scalar {
    Scalar { kind, shown, instant, size: Size::Narrow }
}

fn kind_of(number: &serde_json::Number) -> Kind {
    if number.is_f64() { Kind::Number } else { Kind::Integer }
}

fn size_of(number: &serde_json::Number) -> Size {
    if number.is_f64() {
        return Size::Narrow;
    }
    match number.as_i64() {
        None => Size::Huge,
        Some(number) if number.unsigned_abs() > 1 << 53 => Size::Inexact,
        Some(number) if i32::try_from(number).is_err() => Size::Wide,
        Some(_) => Size::Narrow,
    }
}

/// Returns whether a text is an RFC 3339 time, in any time zone.
pub(crate) fn is_instant(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    shape.starts_with("9999-99-99T99:99:99") && (shape.ends_with('Z') || shape.ends_with("99:99"))
}

/// Returns a shape that matches both. Fields of only one of them become optional; scalars of different types become
/// strings; shapes that have nothing in common become unknown.
pub(crate) fn merge(one: Shape, other: Shape) -> Shape {
    match (one, other) {
        (Shape::Unknown, shape) | (shape, Shape::Unknown) => shape,
        (Shape::Scalar(one), Shape::Scalar(other)) => Shape::Scalar(merge_scalars(one, other)),
        (Shape::Array(one), Shape::Array(other)) => Shape::Array(Box::new(merge(*one, *other))),
        (Shape::Object(one), Shape::Object(other)) => Shape::Object(merge_fields(one, other, false)),
        // Zoom sends "" instead of an object that was not measured; the object is what is read.
        (Shape::Scalar(_), shape) | (shape, Shape::Scalar(_)) => shape,
        (Shape::Array(_), Shape::Object(_)) | (Shape::Object(_), Shape::Array(_)) => Shape::Unknown,
    }
}

/// Returns the fields of both, those of the first before those of only the second. `all` means that both apply at once,
/// as in `allOf`; otherwise either does.
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

fn merge_scalars(one: Scalar, other: Scalar) -> Scalar {
    Scalar {
        kind: merge_kinds(one.kind, other.kind),
        shown: merge_kinds(one.shown, other.shown),
        instant: one.instant && other.instant,
        size: one.size.max(other.size),
    }
}

fn merge_kinds(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        (one, other) if one == other => one,
        (Kind::Integer, Kind::Number) | (Kind::Number, Kind::Integer) => Kind::Number,
        _ => Kind::Text,
    }
}

/// Adds the sample's properties to a shape that a schema describes: formats, and whatever the schema does not specify.
pub(crate) fn show(shape: &mut Shape, sample: &Json, place: &Pointer) -> Result<(), ReadError> {
    show_all(shape, &[sample], place)
}

/// Does the same for several samples of one shape, each at a cost proportional to its own size.
fn show_all(shape: &mut Shape, samples: &[&Json], place: &Pointer) -> Result<(), ReadError> {
    let mut samples = samples;
    // The next sample may show what a null leaves open.
    while let (Shape::Unknown, Some((first, rest))) = (&*shape, samples.split_first()) {
        *shape = of_sample(first, place)?;
        samples = rest;
    }
    match shape {
        Shape::Unknown => {}
        Shape::Scalar(scalar) => samples.iter().for_each(|sample| show_scalar(scalar, sample)),
        Shape::Array(element) => {
            let elements = samples.iter().filter_map(|sample| sample.as_array()).flatten();
            show_all(element, &elements.collect::<Vec<_>>(), &place.element(0))?;
        }
        Shape::Object(fields) => {
            let mut members: IndexMap<&str, Vec<&Json>> = IndexMap::new();
            for (name, sample) in samples.iter().filter_map(|sample| sample.as_object()).flatten() {
                members.entry(name).or_default().push(sample);
            }
            for field in fields.iter_mut() {
                if let Some(samples) = members.get_mut(field.name.as_str()).map(std::mem::take) {
                    show_all(&mut field.shape, &samples, &place.member(&field.name))?;
                }
            }
            // Samples that were merged are empty now.
            for (name, samples) in members.into_iter().filter(|(_, samples)| !samples.is_empty()) {
                let mut shape = Shape::Unknown;
                show_all(&mut shape, &samples, &place.member(name))?;
                fields.push(Field { name: name.to_owned(), required: false, description: String::new(), shape });
            }
        }
    }
    Ok(())
}

fn show_scalar(scalar: &mut Scalar, sample: &Json) {
    match sample {
        Json::Text(text) => {
            scalar.shown = Kind::Text;
            scalar.instant = is_instant(text);
        }
        Json::Number(number) => {
            scalar.shown = kind_of(number);
            scalar.size = scalar.size.max(size_of(number));
        }
        Json::Big(_) => {
            scalar.shown = Kind::Integer;
            scalar.size = Size::Huge;
        }
        Json::Bool(_) => scalar.shown = Kind::Boolean,
        _ => {}
    }
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
    fn samples_of_every_kind_are_laid_over_one_another() {
        let optional = shape(r#"[{"s": {"a": 1}}, {"s": {"a": null}}, {"s": {"b": []}}]"#);
        let Shape::Array(element) = optional else { panic!("an array") };
        let Shape::Object(fields) = *element else { panic!("an object") };
        let Shape::Object(inner) = &fields[0].shape else { panic!("an object") };
        assert!(fields[0].required && inner.iter().all(|field| !field.required), "{fields:?}");
        assert_eq!(shape(r#"[[{"a": 1}], [{"a": 2}]]"#), shape(r#"[[{"a": 1}, {"a": 2}]]"#));
        assert_eq!(shape("[[1], {}]"), shape("[null]"));
        assert_eq!(shape("[{}, 1, \"x\"]"), shape("[{}]"));
        assert_eq!(shape("[1, [2]]"), shape("[[2]]"));
    }

    #[test]
    fn what_an_example_shows_is_taken_into_what_a_schema_leaves_open() {
        let mut known = shape(r#"{"list": [], "kind": "x"}"#);
        let example = r#"{"list": [{"a": null}, {"a": 1, "b": "2026-10-01T09:00:00Z"}], "kind": "y", "more": true}"#;
        show(&mut known, &serde_json::from_str(example).unwrap(), &Pointer::default()).unwrap();
        let Shape::Object(fields) = &known else { panic!("an object") };
        assert_eq!(fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["list", "kind", "more"]);
        let Shape::Array(element) = &fields[0].shape else { panic!("an array") };
        let Shape::Object(inner) = &**element else { panic!("an object") };
        assert_eq!(inner[0].shape, scalar(Kind::Integer, Kind::Integer, false));
        assert_eq!(inner[1].shape, scalar(Kind::Text, Kind::Text, true));
    }

    /// Quadratic work would take a minute here.
    #[test]
    fn each_element_costs_what_it_holds() {
        let elements: Vec<String> = (0..9_900).map(|index| format!("{{\"a\": {{\"f{index}\": 1}}}}")).collect();
        let sample = serde_json::from_str(&format!("[{}]", elements.join(","))).unwrap();
        let begun = std::time::Instant::now();
        let mut shape = of_sample(&sample, &Pointer::default()).unwrap();
        show(&mut shape, &sample, &Pointer::default()).unwrap();
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    }

    #[test]
    fn an_answer_has_a_bounded_number_of_fields_over_all_its_elements() {
        let elements: Vec<String> = (0..=MOST_VALUES).map(|index| format!("{{\"f{index}\": 1}}")).collect();
        let sample = format!("[{}]", elements.join(","));
        let error = of_sample(&serde_json::from_str(&sample).unwrap(), &Pointer::default()).unwrap_err();
        assert!(error.to_string().contains("more than 10000 fields"), "{error}");
    }

    #[test]
    fn a_section_told_as_blank_is_still_a_section() {
        assert_eq!(shape(r#"[{"s": ""}, {"s": {"a": true}}]"#), shape(r#"[{"s": {"a": true}}]"#));
    }
}
