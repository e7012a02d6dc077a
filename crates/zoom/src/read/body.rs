//! Opens a body of any kind.

use std::collections::BTreeMap;

use rollcall_model::Text;
use serde::Deserialize;
use serde_json::{error::Category, value::RawValue};

use super::{Defect, ReadError};
use crate::wire::{EntryError, lenient};

/// Maximum nesting of a response. The deepest that Zoom documents has six levels; settings may have some more.
pub(super) const MAX_DEPTH: usize = 64;

/// The keys that determine the kind of a response. Lists stay text until each entry is parsed on its own.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope<'a> {
    #[serde(borrow)]
    participants: Option<&'a RawValue>,
    #[serde(borrow)]
    meetings: Option<&'a RawValue>,
    #[serde(borrow)]
    webinars: Option<&'a RawValue>,
    #[serde(borrow)]
    users: Option<&'a RawValue>,
    #[serde(borrow)]
    tracking_sources: Option<&'a RawValue>,
    #[serde(borrow)]
    meeting_number: Option<&'a RawValue>,
    #[serde(borrow)]
    webinar_number: Option<&'a RawValue>,
    #[serde(borrow)]
    code: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

/// The lists of responses.
#[derive(Debug, Clone, Copy)]
pub(super) enum List {
    Participants,
    Meetings,
    Webinars,
    Users,
    TrackingSources,
}

impl List {
    const fn key(self) -> &'static str {
        match self {
            Self::Participants => "participants",
            Self::Meetings => "meetings",
            Self::Webinars => "webinars",
            Self::Users => "users",
            Self::TrackingSources => "tracking_sources",
        }
    }
}

/// A body that is an object and not an error.
pub(super) struct Answer<'a> {
    text: &'a str,
    envelope: Envelope<'a>,
    expected: &'static str,
}

/// One entry of a list, with its position for messages.
pub(crate) struct Entry<'a> {
    pub(crate) path: String,
    pub(crate) text: &'a str,
}

impl<'a> Answer<'a> {
    /// Opens a body; `expected` is used in messages.
    pub(super) fn open(body: &'a [u8], expected: &'static str) -> Result<Self, ReadError> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let text = std::str::from_utf8(body).map_err(|_| ReadError::NotUtf8 { expected })?;
        if is_too_deep(body) {
            return Err(ReadError::TooDeep { expected });
        }
        let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| match error.classify() {
            Category::Data => ReadError::Shape { path: ".".to_owned(), reason: reason(&error), expected },
            _ => ReadError::NotJson { reason: error.to_string(), expected },
        })?;
        let code = envelope.code.and_then(|code| lenient::int(code).ok().flatten()).filter(|code| *code != 0);
        if let Some((code, message)) = code.zip(envelope.message) {
            let message = lenient::text(message).ok().flatten().unwrap_or_default();
            return Err(ReadError::ErrorAnswer { code, message: message.into() });
        }
        Ok(Self { text, envelope, expected })
    }

    /// Returns the number beside the list.
    pub(super) fn number(&self) -> Option<Text> {
        self.envelope.meeting_number.or(self.envelope.webinar_number).and_then(|raw| lenient::text(raw).ok().flatten())
    }

    /// Returns the entries of a list, as text.
    pub(super) fn list(&self, list: List) -> Result<Vec<Entry<'a>>, ReadError> {
        let raw = match list {
            List::Participants => self.envelope.participants,
            List::Meetings => self.envelope.meetings,
            List::Webinars => self.envelope.webinars,
            List::Users => self.envelope.users,
            List::TrackingSources => self.envelope.tracking_sources,
        };
        self.entries(list.key(), raw)
    }

    /// Returns the entries under a key, as text.
    pub(super) fn list_under(&self, key: &str) -> Result<Vec<Entry<'a>>, ReadError> {
        let values = self.values()?;
        self.entries(key, values.get(key).copied())
    }

    /// Returns the values of the response by their keys, as text.
    pub(super) fn values(&self) -> Result<BTreeMap<String, &'a RawValue>, ReadError> {
        serde_json::from_str(self.text).map_err(|error| self.shape(".", reason(&error)))
    }

    /// Returns the entries of one of its values, a list, as text.
    pub(super) fn entries(&self, key: &str, list: Option<&'a RawValue>) -> Result<Vec<Entry<'a>>, ReadError> {
        let list = list.ok_or_else(|| self.shape(key, "missing".to_owned()))?;
        let entries: Vec<&'a RawValue> =
            serde_json::from_str(list.get()).map_err(|error| self.shape(key, reason(&error)))?;
        let entry = |(index, raw): (usize, &'a RawValue)| Entry { path: format!("{key}[{index}]"), text: raw.get() };
        Ok(entries.into_iter().enumerate().map(entry).collect())
    }

    fn shape(&self, path: &str, reason: String) -> ReadError {
        ReadError::Shape { path: path.to_owned(), reason, expected: self.expected }
    }

    /// Returns the keys of the response that are not in `known`, except those of paging.
    pub(super) fn unknown_keys(&self, known: Option<&[&str]>) -> Vec<String> {
        const OF_PAGES: [&str; 8] = [
            "page_count",
            "page_size",
            "page_number",
            "total_records",
            "next_page_token",
            "from",
            "to",
            "participants",
        ];
        const NUMBERS: [&str; 2] = ["meeting_number", "webinar_number"];
        // A single entry has been compared as a whole.
        let Some(known) = known else { return Vec::new() };
        let Ok(keys) = serde_json::from_str::<BTreeMap<String, &RawValue>>(self.text) else { return Vec::new() };
        let is_known = |key: &str| known.contains(&key) || OF_PAGES.contains(&key) || NUMBERS.contains(&key);
        keys.into_iter().filter(|(key, value)| !is_known(key) && value.get() != "null").map(|(key, _)| key).collect()
    }

    /// Returns the whole response as one entry.
    pub(super) fn whole(&self) -> Entry<'a> {
        Entry { path: String::new(), text: self.text }
    }

    /// An error of the only entry is an error of the whole.
    pub(super) fn refuse(&self, defect: Defect) -> ReadError {
        ReadError::Shape { path: defect.path, reason: defect.reason, expected: self.expected }
    }
}

impl<'a> Entry<'a> {
    /// Its list, as in paths without indices; blank for a whole response.
    pub(super) fn list(&self) -> String {
        self.path.rsplit_once('[').map(|(list, _)| format!("{list}[]")).unwrap_or_default()
    }

    /// Parses the entry as its wire type.
    pub(crate) fn parse<T: Deserialize<'a>>(&self) -> Result<T, Defect> {
        serde_json::from_str(self.text).or_else(|_| {
            // Only failures are parsed again with their position: tracking it doubles the cost.
            serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(self.text))
                .map_err(|error| self.defect_at(error.path().to_string(), reason(error.inner())))
        })
    }

    /// Returns a defect of a key of this entry.
    pub(crate) fn defect(&self, error: &EntryError) -> Defect {
        self.defect_at(error.field().to_owned(), error.to_string())
    }

    /// Returns a defect inside this entry; `.` is the entry itself.
    pub(crate) fn defect_at(&self, place: String, reason: String) -> Defect {
        let path = match (self.path.as_str(), place.as_str()) {
            ("", _) => place,
            (entry, "." | "") => entry.to_owned(),
            (entry, place) => format!("{entry}.{place}"),
        };
        Defect { path, reason }
    }
}

/// Returns the error's message without its line and column, which are relative to the entry and would mislead.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.rfind(" at line ").map_or(message.as_str(), |at| &message[..at]).to_owned()
}

/// Returns whether brackets outside of strings nest deeper than [`MAX_DEPTH`]. The parser does not limit entries that
/// stay text.
fn is_too_deep(body: &[u8]) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in body {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}
