//! JSON as it was written: members keep their order, and nothing is larger or deeper than a description needs.
//!
//! `serde_json::Value` keeps the order with `preserve_order`, but rounds whole numbers of more than 64 bits. With
//! `arbitrary_precision` it does not; that feature holds for the whole program, and then templates print numbers as maps,
//! and numbers in flattened or untagged types are refused.

use std::{borrow::Cow, fmt};

use indexmap::IndexMap;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};

/// A JSON value whose members keep the order of the document.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number. Integers of up to 64 bits are exact.
    Number(serde_json::Number),
    /// An integer of more than 64 bits, as digits.
    Big(String),
    /// A string. It contains no NUL, which several languages cannot write.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object. Of a repeated name, the last value counts.
    Object(IndexMap<String, Json>),
}

impl Json {
    /// A member of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// Returns the string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Returns the elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Json]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// Returns the members, if it is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&IndexMap<String, Json>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Returns the value for a URL or a form: a string unchanged, other values as JSON.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            other => other.to_string(),
        }
    }

    /// Returns JSON text over several lines, indented by two.
    #[must_use]
    pub fn pretty(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// Prefix of a [`Json::Big`] in a string. No string of a document begins with it, because it contains a NUL.
const BIG: char = '\0';

impl Json {
    /// Parses JSON text.
    ///
    /// # Errors
    /// If the text is not JSON, is nested too deeply, or contains a NUL in a string.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&with_big_integers_marked(text))
    }
}

/// Returns the JSON text with each integer of more than 64 bits as a string that begins with [`BIG`], because the
/// parser would round it.
fn with_big_integers_marked(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut marked = String::new();
    let mut written = 0;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let start = at;
                while at < bytes.len() && matches!(bytes[at], b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') {
                    at += 1;
                }
                if is_big(&text[start..at]) {
                    marked.push_str(&text[written..start]);
                    marked.push_str(&format!("\"\\u0000{}\"", &text[start..at]));
                    written = at;
                }
            }
            _ => at += 1,
        }
    }
    if marked.is_empty() {
        return Cow::Borrowed(text);
    }
    marked.push_str(&text[written..]);
    Cow::Owned(marked)
}

/// Returns whether it is an integer that fits into neither `i64` nor `u64`.
pub(crate) fn is_big(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    digits.len() >= 19
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
        && number.parse::<i64>().is_err()
        && number.parse::<u64>().is_err()
}

/// Returns JSON text on one line.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<Vec<Json>> for Json {
    fn from(elements: Vec<Json>) -> Self {
        Self::Array(elements)
    }
}

/// Returns an object with these members, in this order.
impl<const N: usize> From<[(&str, Json); N]> for Json {
    fn from(members: [(&str, Json); N]) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::Big(digits) => {
                use serde::ser::Error as _;
                serde_json::value::RawValue::from_string(digits.clone())
                    .map_err(S::Error::custom)?
                    .serialize(serializer)
            }
            Self::Text(text) => serializer.serialize_str(text),
            Self::Array(elements) => elements.serialize(serializer),
            Self::Object(members) => members.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

fn text_or_big<E: de::Error>(text: String) -> Result<Json, E> {
    match text.strip_prefix(BIG).filter(|digits| is_big(digits)) {
        Some(digits) => Ok(Json::Big(digits.to_owned())),
        None => without_nul(text).map(Json::Text),
    }
}

fn without_nul<E: de::Error>(text: String) -> Result<String, E> {
    if text.contains('\0') { Err(E::custom("a string contains a NUL character")) } else { Ok(text) }
}

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(serde_json::Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Json, E> {
        text_or_big(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Json, E> {
        text_or_big(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element()? {
            elements.push(element);
        }
        Ok(Json::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut members = IndexMap::new();
        while let Some((name, value)) = access.next_entry::<String, Json>()? {
            members.insert(without_nul(name)?, value);
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn whole_numbers_stay_as_they_are_written() {
        for text in [
            "[9007199254740993,17307661572205707265,-9223372036854775808]",
            "{\"a\":36893488147419103232,\"b\":[-123456789012345678901234567890]}",
            "[\"36893488147419103232, \\\" 36893488147419103232\",1.5]",
        ] {
            assert_eq!(Json::parse(text).unwrap().to_string(), text);
        }
        assert!(Json::parse("\"\\u00001\"").is_err());
    }
}
