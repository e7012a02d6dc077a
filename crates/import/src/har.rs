//! Reads HAR files entry by entry, because a day's recording may be larger than memory.

use std::{cell::Cell, fmt, io};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{error::Category, value::RawValue};

use crate::{
    exchange::{Exchange, Request},
    recording::{Item, Place, decode_base64},
};

/// Receives the entries.
type Take<'t> = &'t mut dyn FnMut(Place, Item) -> bool;

/// Why parsing stopped if the receiver wanted no more.
const STOPPED: &str = "stopped by its reader";

#[derive(Deserialize)]
struct Entry {
    request: EntryRequest,
    response: EntryResponse,
}

#[derive(Deserialize)]
struct EntryRequest {
    method: String,
    url: String,
}

#[derive(Deserialize)]
struct EntryResponse {
    /// 0, or less, if the request got no response. Some recorders write text.
    #[serde(deserialize_with = "number_or_text")]
    status: i32,
    #[serde(default)]
    content: EntryContent,
}

/// A number, also as text; 0 for anything else.
fn number_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let number = value.as_i64().and_then(|number| i32::try_from(number).ok());
    Ok(number.or_else(|| value.as_str()?.trim().parse().ok()).unwrap_or(0))
}

#[derive(Deserialize, Default)]
struct EntryContent {
    text: Option<String>,
    encoding: Option<String>,
}

/// Reads a HAR file with entries of at most `max_entry_bytes`.
pub(crate) fn read(input: impl io::Read, max_entry_bytes: u64, take: Take<'_>) -> io::Result<()> {
    let progress = Progress { max_entry_bytes, entries: Cell::new(0), bytes_of_entry: Cell::new(0) };
    let mut json = serde_json::Deserializer::from_reader(Watched { input, progress: &progress });
    let entries = Entries { take, progress: &progress };
    let log = Object { key: "entries", inner: entries };
    let outcome = (Object { key: "log", inner: log }).deserialize(&mut json).and_then(|()| json.end());
    outcome.or_else(|error| {
        let next = progress.entries.get() + 1;
        let reason = match error.classify() {
            Category::Io => return Err(error.into()),
            Category::Data if error.to_string().starts_with(STOPPED) => return Ok(()),
            Category::Data => format!("not a HAR file: {error}"),
            Category::Eof => format!("the file is cut off at entry {next}"),
            Category::Syntax => format!("broken JSON at entry {next}: {error}"),
        };
        Err(io::Error::new(io::ErrorKind::InvalidData, reason))
    })
}

/// How far the file has been read.
struct Progress {
    max_entry_bytes: u64,
    /// Number of entries that have been read.
    entries: Cell<u64>,
    /// How much has been read since the last of them.
    bytes_of_entry: Cell<u64>,
}

/// A file that refuses to give more of one entry than there may be.
struct Watched<'p, R> {
    input: R,
    progress: &'p Progress,
}

impl<R: io::Read> io::Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Progress { max_entry_bytes, entries, bytes_of_entry } = self.progress;
        let read = self.input.read(buffer)?;
        bytes_of_entry.set(bytes_of_entry.get() + read as u64);
        if bytes_of_entry.get() > *max_entry_bytes {
            let reason = format!("entry {} is longer than {max_entry_bytes} bytes", entries.get() + 1);
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        Ok(read)
    }
}

/// An object of which one key matters.
struct Object<S> {
    key: &'static str,
    inner: S,
}

impl<'de, S: DeserializeSeed<'de, Value = ()>> DeserializeSeed<'de> for Object<S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: DeserializeSeed<'de, Value = ()>> Visitor<'de> for Object<S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the key `{}`", self.key)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut inner = Some(self.inner);
        while let Some(key) = map.next_key::<String>()? {
            match inner.take_if(|_| key == self.key) {
                Some(seed) => map.next_value_seed(seed)?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if inner.is_some() { Err(A::Error::missing_field(self.key)) } else { Ok(()) }
    }
}

/// The `entries` list.
struct Entries<'t, 'p> {
    take: Take<'t>,
    progress: &'p Progress,
}

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let Self { take, progress } = self;
        // An entry of another shape costs itself alone, so its shape is looked at after it has been read.
        while let Some(entry) = entries.next_element::<Box<RawValue>>()? {
            let number = progress.entries.get() + 1;
            progress.entries.set(number);
            progress.bytes_of_entry.set(0);
            let item = match serde_json::from_str::<Entry>(entry.get()) {
                Ok(entry) => entry.into_item().unwrap_or_else(Item::Broken),
                Err(error) => Item::Broken(format!("not an entry of a HAR file: {error}")),
            };
            if !take(Place::Entry(number), item) {
                return Err(A::Error::custom(STOPPED));
            }
        }
        Ok(())
    }
}

impl Entry {
    /// The exchange that the entry records. A recording holds whatever its program called, so what is not kept here,
    /// and what the vendor refused, is passed over.
    fn into_item(self) -> Result<Item, String> {
        let Self { request, response } = self;
        let Some(request) = Request::among_others(&request.method, &request.url) else { return Ok(Item::Skipped) };
        if !(200..300).contains(&response.status) {
            return Ok(Item::Skipped);
        }
        let EntryContent { text, encoding } = response.content;
        let text = text.ok_or("the response's body was not recorded")?;
        let body = match encoding.as_deref() {
            None | Some("" | "utf-8" | "utf8" | "UTF-8") => text.into_bytes(),
            Some(encoding) if encoding.eq_ignore_ascii_case("base64") => decode_base64(&text)?,
            Some(other) => return Err(format!("the response's body is in the encoding `{other}`, not base64")),
        };
        Ok(Item::Exchange(Exchange { request, body }))
    }
}
