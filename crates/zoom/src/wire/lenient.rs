//! Accepts more than Zoom documents: numbers as strings, strings as numbers, flags as 0 and 1, null as absent.

use std::{fmt, marker::PhantomData};

use rollcall_model::{Text, Timestamp};
use serde::{
    Deserialize,
    de::{
        Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

/// One JSON scalar.
enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Text),
}

struct ScalarVisitor(&'static str);

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Scalar, E> {
        i64::try_from(value).map(Scalar::Int).map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.into()))
    }
}

/// Reads a string; a number or a flag becomes its text.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text>, D::Error> {
    Ok(match deserializer.deserialize_any(ScalarVisitor("a text"))? {
        Scalar::Null => None,
        Scalar::Text(text) => Some(text),
        Scalar::Int(number) => Some(itoa::Buffer::new().format(number).into()),
        Scalar::Float(number) => Some(number.to_string().into()),
        Scalar::Bool(flag) => Some(if flag { "true" } else { "false" }.into()),
    })
}

/// Reads a flag; 0 and 1, also as strings, are flags too.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    const EXPECTED: &str = "true or false";
    match deserializer.deserialize_any(ScalarVisitor(EXPECTED))? {
        Scalar::Null => Ok(None),
        Scalar::Bool(flag) => Ok(Some(flag)),
        Scalar::Int(0) => Ok(Some(false)),
        Scalar::Int(1) => Ok(Some(true)),
        Scalar::Int(number) => Err(D::Error::invalid_value(Unexpected::Signed(number), &EXPECTED)),
        Scalar::Float(number) => Err(D::Error::invalid_value(Unexpected::Float(number), &EXPECTED)),
        Scalar::Text(text) => match text.as_str() {
            "" => Ok(None),
            "true" | "1" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            other => Err(D::Error::invalid_value(Unexpected::Str(other), &EXPECTED)),
        },
    }
}

/// Reads a whole number, also from a string.
pub(crate) fn int<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    const EXPECTED: &str = "a whole number";
    match deserializer.deserialize_any(ScalarVisitor(EXPECTED))? {
        Scalar::Null => Ok(None),
        Scalar::Int(number) => Ok(Some(number)),
        Scalar::Bool(flag) => Ok(Some(i64::from(flag))),
        // Some encoders write every number with a fraction.
        Scalar::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => Ok(Some(number as i64)),
        Scalar::Float(number) => Err(D::Error::invalid_value(Unexpected::Float(number), &EXPECTED)),
        Scalar::Text(text) if text.trim().is_empty() => Ok(None),
        Scalar::Text(text) => {
            text.trim().parse().map(Some).map_err(|_| D::Error::invalid_value(Unexpected::Str(&text), &EXPECTED))
        }
    }
}

/// Reads a count of the page, which nothing depends on. Anything but a whole number counts as absent.
///
/// The oldest published sample of a QoS page has `"integer [int64]"` in these places.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(match deserializer.deserialize_any(ScalarVisitor("a count"))? {
        Scalar::Int(number) => number.try_into().unwrap_or(0),
        Scalar::Text(text) => text.trim().parse().unwrap_or(0),
        _ => 0,
    })
}

/// Reads an instant. `None` if it is blank.
pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    const EXPECTED: &str = "a time such as 2022-03-01T10:15:14Z";
    match deserializer.deserialize_any(ScalarVisitor(EXPECTED))? {
        Scalar::Null => Ok(None),
        Scalar::Text(text) if text.trim().is_empty() => Ok(None),
        Scalar::Text(text) => text.parse().map(Some).map_err(D::Error::custom),
        Scalar::Int(number) => Err(D::Error::invalid_type(Unexpected::Signed(number), &EXPECTED)),
        Scalar::Float(number) => Err(D::Error::invalid_type(Unexpected::Float(number), &EXPECTED)),
        Scalar::Bool(flag) => Err(D::Error::invalid_type(Unexpected::Bool(flag), &EXPECTED)),
    }
}

/// Reads a number of seconds as milliseconds.
pub(crate) mod seconds {
    use serde::{Serializer, de::Deserializer};

    use super::{Error, Scalar, ScalarVisitor, Unexpected};

    /// Reads the number, also from a string.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
        const EXPECTED: &str = "a number of seconds";
        let seconds = match deserializer.deserialize_any(ScalarVisitor(EXPECTED))? {
            Scalar::Null => return Ok(None),
            Scalar::Int(number) => number as f64,
            Scalar::Float(number) => number,
            Scalar::Bool(flag) => return Err(D::Error::invalid_type(Unexpected::Bool(flag), &EXPECTED)),
            Scalar::Text(text) if text.trim().is_empty() => return Ok(None),
            Scalar::Text(text) => text
                .trim()
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
                .ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &EXPECTED))?,
        };
        Ok(Some((seconds * 1000.0).round() as i64))
    }

    /// Writes whole seconds as a whole number, others with their fraction.
    pub(crate) fn serialize<S: Serializer>(millis: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
        match *millis {
            None => serializer.serialize_none(),
            Some(millis) if millis % 1000 == 0 => serializer.serialize_i64(millis / 1000),
            Some(millis) => serializer.serialize_f64(millis as f64 / 1000.0),
        }
    }
}

/// Reads a list; a single object counts as a list of one, and null as an empty one, as in old descriptions of `user_qos`.
pub(crate) fn one_or_many<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct Items<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_unit<E>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Vec<T>, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(items))
        }

        fn visit_map<A: MapAccess<'de>>(self, item: A) -> Result<Vec<T>, A::Error> {
            T::deserialize(MapAccessDeserializer::new(item)).map(|item| vec![item])
        }
    }

    deserializer.deserialize_any(Items(PhantomData))
}

/// A key that every response has: unknown values are printed as blank.
macro_rules! always {
    ($name:ident: $type:ty, |$value:ident, $serializer:ident| $print:expr) => {
        pub(crate) mod $name {
            #[allow(unused_imports, reason = "not every kind needs both")]
            use rollcall_model::{Text, Timestamp};
            use serde::{Serializer, de::Deserializer};

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<$type>, D::Error> {
                super::super::$name(deserializer)
            }

            pub(crate) fn serialize<S: Serializer>($value: &Option<$type>, $serializer: S) -> Result<S::Ok, S::Error> {
                $print
            }
        }
    };
}

/// Keys that every response has: unknown values are printed as blank, `false` or 0.
pub(crate) mod always {
    always!(text: Text, |value, serializer| serializer.serialize_str(value.as_deref().unwrap_or_default()));
    always!(flag: bool, |value, serializer| serializer.serialize_bool(value.unwrap_or_default()));
    always!(int: i64, |value, serializer| serializer.serialize_i64(value.unwrap_or_default()));
    always!(time: Timestamp, |value, serializer| match value {
        Some(time) => serializer.collect_str(time),
        None => serializer.serialize_str(""),
    });
}
