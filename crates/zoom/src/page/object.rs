//! Appending the members of an object whose first member has been written.

use rollcall_model::{Text, Timestamp};

use super::push_escaped;

/// The bytes `,"name":"` for a string, or `,"name":` for other types.
macro_rules! key {
    (text $name:literal) => {
        concat!(",\"", $name, "\":\"").as_bytes()
    };
    ($name:literal) => {
        concat!(",\"", $name, "\":").as_bytes()
    };
}
pub(super) use key;

/// Appends a string under a [`key!`]; blank if unknown.
#[inline]
pub(super) fn text<T: AsRef<[u8]> + ?Sized>(out: &mut Vec<u8>, key: &'static [u8], text: Option<&T>) {
    out.extend_from_slice(key);
    if let Some(text) = text {
        push_escaped(out, text);
    }
    out.push(b'"');
}

/// Appends a string under a [`key!`]; omitted if unknown.
#[inline]
pub(super) fn known_text<T: AsRef<[u8]> + ?Sized>(out: &mut Vec<u8>, key: &'static [u8], value: Option<&T>) {
    if value.is_some() {
        text(out, key, value);
    }
}

/// Appends an instant under a [`key!`] of a string.
#[inline]
pub(super) fn time(out: &mut Vec<u8>, key: &'static [u8], time: Option<Timestamp>) {
    out.extend_from_slice(key);
    if let Some(time) = time {
        time.write_to(out);
    }
    out.push(b'"');
}

/// Appends a flag under a [`key!`]; false if unknown.
#[inline]
pub(super) fn flag(out: &mut Vec<u8>, key: &'static [u8], flag: Option<bool>) {
    out.extend_from_slice(key);
    out.extend_from_slice(if flag.unwrap_or_default() { b"true" } else { b"false" });
}

/// Appends a flag under a [`key!`]; omitted if unknown.
#[inline]
pub(super) fn known_flag(out: &mut Vec<u8>, key: &'static [u8], value: Option<bool>) {
    if value.is_some() {
        flag(out, key, value);
    }
}

/// Appends a list of strings under a [`key!`]; omitted if unknown.
pub(super) fn known_texts(out: &mut Vec<u8>, key: &'static [u8], texts: Option<&[Text]>) {
    let Some(texts) = texts else { return };
    out.extend_from_slice(key);
    out.push(b'[');
    for (index, text) in texts.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"\"" } else { b",\"" });
        push_escaped(out, text);
        out.push(b'"');
    }
    out.push(b']');
}
