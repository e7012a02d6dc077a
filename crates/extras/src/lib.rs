//! Values of vendors' responses beyond Rollcall's fields.
//!
//! An imported entry is compared with the entry that Rollcall would serve for it. The vendor's values that differ are
//! stored beside the record ([`Extras`]) and merged into responses ([`apply`]). So a response is served as it was
//! imported, even if some of its keys have no field.

use std::collections::{BTreeMap, BTreeSet};

use rollcall_model::{Extras, Text, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};

/// Maximum size that is stored for one entry, in bytes of paths and values.
pub const MAX_BYTES: usize = 16 * 1024;

/// How to handle an entry's values for which Rollcall has no field.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Name of the kind in storage.
    pub name: &'static str,
    /// Keys of the entry that are not compared, because they follow from other records or from the request.
    pub ignored: &'static [&'static str],
    /// Whether to store only new keys of the entry itself: for entries that are printed without being parsed.
    pub whole_keys_only: bool,
}

/// The differences of an entry.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Stored values.
    pub extras: Option<Extras>,
    /// Paths of values that are not stored, without indices: `devices[].callType`.
    pub unkept: Vec<String>,
}

/// Compares an entry with what Rollcall would serve for it.
#[must_use]
pub fn find(kind: &Kind, entry: &str, served: &impl Serialize) -> Found {
    let Ok(served) = serde_json::to_string(served) else { return Found::default() };
    // Only differing text is parsed: nearly all imported values are equal.
    if let (Ok(entry), Ok(served)) =
        (serde_json::from_str::<Keys<'_>>(entry), serde_json::from_str::<Keys<'_>>(&served))
    {
        let mut values = BTreeMap::new();
        for (key, text) in entry.into_iter().filter(|(key, _)| !kind.ignored.contains(key)) {
            let of_served = served.get(key).map(|text| text.get());
            if of_served.is_some_and(|served| is_same_text(text.get(), served)) {
                continue;
            }
            let Ok(value) = serde_json::from_str::<Value>(text.get()) else { continue };
            let of_served = of_served.and_then(|text| serde_json::from_str::<Value>(text).ok());
            compare(&value, of_served.as_ref(), &format!("/{}", escaped(key)), &mut values);
        }
        return kept(kind, values, |key| served.contains_key(key));
    }
    // A key with an escape, or not an object.
    let (Ok(entry), Ok(served)) = (serde_json::from_str::<Value>(entry), serde_json::from_str::<Value>(&served)) else {
        return Found::default();
    };
    find_in(kind, &entry, &served)
}

/// Returns whether two JSON texts are equal except for white space between tokens.
fn is_same_text(one: &str, other: &str) -> bool {
    one == other || tokens(one).eq(tokens(other))
}

/// Returns the bytes of a JSON text without white space between tokens.
fn tokens(text: &str) -> impl Iterator<Item = u8> {
    let (mut in_text, mut is_escaped) = (false, false);
    text.bytes().filter(move |byte| {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = in_text,
            b'"' => in_text = !in_text,
            b' ' | b'\n' | b'\r' | b'\t' if !in_text => return false,
            _ => {}
        }
        true
    })
}

/// Returns the raw values of an object, by key.
type Keys<'t> = BTreeMap<&'t str, &'t RawValue>;

/// Compares a parsed entry with what Rollcall would serve for it.
#[must_use]
pub fn find_in(kind: &Kind, entry: &Value, served: &Value) -> Found {
    let mut values = BTreeMap::new();
    if let (Value::Object(entry), Value::Object(served)) = (entry, served) {
        for (key, value) in entry.iter().filter(|(key, _)| !kind.ignored.contains(&key.as_str())) {
            compare(value, served.get(key), &format!("/{}", escaped(key)), &mut values);
        }
    }
    kept(kind, values, |key| served.get(key).is_some())
}

/// Returns which differing values to store; `is_served` says whether the served entry has a key.
fn kept(kind: &Kind, mut values: BTreeMap<Text, Text>, is_served: impl Fn(&str) -> bool) -> Found {
    let mut unkept = BTreeSet::new();
    if kind.whole_keys_only {
        values.retain(|place, _| {
            let key = place.trim_start_matches('/');
            let is_new = !key.contains('/') && !is_served(&unescaped(key));
            if !is_new {
                unkept.insert(readable(place));
            }
            is_new
        });
    }
    let mut bytes: usize = values.iter().map(|(place, value)| place.len() + value.len()).sum();
    while bytes > MAX_BYTES {
        let longest = values.iter().max_by_key(|(_, value)| value.len()).map(|(place, _)| place.clone());
        let Some(longest) = longest else { break };
        if let Some(value) = values.remove(&longest) {
            bytes -= longest.len() + value.len();
        }
        unkept.insert(readable(&longest));
    }
    Found { extras: Extras::new(kind.name, values), unkept: unkept.into_iter().collect() }
}

/// Returns the paths at which an entry differs from what Rollcall would serve, without indices.
#[must_use]
pub fn differences(kind: &Kind, entry: &str, served: &impl Serialize) -> Vec<String> {
    let found = find(kind, entry, served);
    let mut places: BTreeSet<String> = found.unkept.into_iter().collect();
    if let Some(values) = found.extras.as_ref().and_then(|extras| extras.of(kind.name)) {
        places.extend(values.keys().map(|place| readable(place)));
    }
    places.into_iter().collect()
}

/// Collects the values of `entry` that `served` lacks or has differently.
fn compare(entry: &Value, served: Option<&Value>, place: &str, values: &mut BTreeMap<Text, Text>) {
    match (entry, served) {
        (Value::Null, _) => {}
        // Vendors send blanks for unknown values. They must not hide values that are learnt later.
        (entry, None) if is_blank(entry) => {}
        (Value::Object(entry), Some(Value::Object(served))) => {
            for (key, value) in entry {
                compare(value, served.get(key), &format!("{place}/{}", escaped(key)), values);
            }
        }
        (Value::Array(entry), Some(Value::Array(served))) if entry.len() == served.len() => {
            for (index, (value, served)) in entry.iter().zip(served).enumerate() {
                compare(value, Some(served), &format!("{place}/{index}"), values);
            }
        }
        (entry, Some(served)) if is_same(entry, served) => {}
        (entry, _) => {
            values.insert(place.into(), entry.to_string().into());
        }
    }
}

/// Returns whether a value is empty: null, or an empty string, list or object.
#[must_use]
pub fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Returns whether two values mean the same: numbers by value, and times by instant.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::String(one), Value::String(other)) => one == other || is_same_time(one, other),
        _ => one == other,
    }
}

fn is_same_time(one: &str, other: &str) -> bool {
    let time =
        |text: &str| text.starts_with(|first: char| first.is_ascii_digit()).then(|| text.parse::<Timestamp>().ok());
    matches!((time(one).flatten(), time(other).flatten()), (Some(one), Some(other)) if one == other)
}

/// Merges stored values into an entry that is about to be served. A value whose path no longer exists is ignored.
pub fn apply(extras: Option<&Extras>, kind: &str, served: &mut Value) {
    let Some(values) = extras.and_then(|extras| extras.of(kind)) else { return };
    for (place, value) in values {
        let Ok(value) = serde_json::from_str(value) else { continue };
        let Some((parent, key)) = place.rsplit_once('/') else { continue };
        match served.pointer_mut(parent) {
            Some(Value::Object(object)) => drop(object.insert(unescaped(key), value)),
            Some(Value::Array(list)) => {
                if let Some(item) = key.parse::<usize>().ok().and_then(|index| list.get_mut(index)) {
                    *item = value;
                }
            }
            _ => {}
        }
    }
}

/// Returns an entry merged with its stored values; `None` if there are none.
#[must_use]
pub fn merged(extras: Option<&Extras>, kind: &str, served: &impl Serialize) -> Option<Value> {
    extras?.of(kind)?;
    let mut served = serde_json::to_value(served).ok()?;
    apply(extras, kind, &mut served);
    Some(served)
}

/// Returns the keys of an object that are not in `known`.
#[must_use]
pub fn unknown_keys<'o>(object: &'o Map<String, Value>, known: &[&str]) -> Vec<&'o str> {
    let said = object.iter().filter(|(_, value)| !value.is_null());
    said.map(|(key, _)| key.as_str()).filter(|key| !known.contains(key)).collect()
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn unescaped(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
}

/// Returns a path for people: `devices[].callType`.
fn readable(place: &str) -> String {
    let mut path = String::new();
    for key in place.split('/').skip(1) {
        if !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push_str("[]");
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&unescaped(key));
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KIND: Kind = Kind { name: "test", ignored: &["now"], whole_keys_only: false };

    #[test]
    fn texts_are_compared_as_parsed_values_are() {
        let served = json!({"id": "a", "now": 4, "n": 60, "list": [{"ms": 4}], "word": "voip"});
        for entry in [
            r#"{"id":"a","now":3,"n":60.0,"list":[{"ms":4}],"word":"voip"}"#,
            r#"{ "word" : "pstn", "list" : [ { "ms" : 4 , "codec" : "Opus" } ], "id" : "a", "new" : {"x":1} }"#,
            r#"{"quo\"te": 2, "id": "b"}"#,
            r#"{"list":[ {"ms":4 } ],"word":"vo ip"}"#,
            r#"{"id":"a","id":"c"}"#,
            "[]",
            "nonsense",
        ] {
            let parsed = serde_json::from_str(entry).map(|entry| find_in(&KIND, &entry, &served)).unwrap_or_default();
            assert_eq!(find(&KIND, entry, &served), parsed, "{entry}");
        }
    }

    #[test]
    fn what_is_merged_comes_back_as_it_came() {
        let entry = json!({
            "id": "a", "now": 3, "start": "2026-11-20T10:00:00.000Z", "n": 60.0, "gone": null, "blank": "", "a/b": {"~": 1},
            "list": [{"codec": "Opus", "ms": 4}, {"ms": 5}], "short": [1, 2], "word": "pstn"
        });
        let served = json!({
            "id": "a", "now": 4, "start": "2026-11-20T10:00:00Z", "n": 60, "list": [{"ms": 4}, {"ms": 5}],
            "short": [1], "word": "voip", "more": true
        });
        let found = find_in(&KIND, &entry, &served);
        let values = found.extras.as_ref().and_then(|extras| extras.of("test")).unwrap();
        let places: Vec<&str> = values.keys().map(Text::as_str).collect();
        assert_eq!(places, ["/a~1b", "/list/0/codec", "/short", "/word"]);
        let mut merged = served;
        apply(found.extras.as_ref(), "test", &mut merged);
        assert_eq!((&merged["word"], &merged["list"][0]["codec"]), (&json!("pstn"), &json!("Opus")));
        assert_eq!((&merged["a/b"], &merged["more"], &merged["now"]), (&entry["a/b"], &json!(true), &json!(4)));
        assert_eq!(find_in(&KIND, &entry, &merged), Found::default());
    }

    #[test]
    fn what_is_too_long_is_named() {
        let entry = json!({"small": 1, "list": [{"large": "x".repeat(MAX_BYTES)}]});
        let found = find_in(&KIND, &entry, &json!({"list": [{}]}));
        assert_eq!(found.unkept, ["list[].large"]);
        assert_eq!(found.extras.unwrap().of("test").unwrap().len(), 1);
    }

    #[test]
    fn an_entry_that_is_printed_takes_new_keys_only() {
        let kind = Kind { whole_keys_only: true, ..KIND };
        let found = find_in(&kind, &json!({"new": {"a": 1}, "old": 2, "in": {"x": 1}}), &json!({"old": 1, "in": {}}));
        assert_eq!(found.unkept, ["in.x", "old"]);
        assert_eq!(found.extras.unwrap().of("test").unwrap().len(), 1);
    }

    #[test]
    fn a_place_that_is_gone_is_left_out() {
        let extras =
            Extras::new("test", BTreeMap::from([("/list/3/x".into(), "1".into()), ("/list/0".into(), "7".into())]));
        let mut served = json!({"list": [1]});
        apply(extras.as_ref(), "test", &mut served);
        assert_eq!(served, json!({"list": [7]}));
    }
}
