//! HAR files, read entry by entry: a recording of a day may be larger than memory.

use std::{fmt, io};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::{
    exchange::{Exchange, Request},
    recording::{Item, Place, decode_base64},
};

/// Who takes the entries.
type Take<'t> = &'t mut dyn FnMut(Place, Item) -> bool;

/// Why parsing stopped where its taker wanted no more.
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
    status: u16,
    #[serde(default)]
    content: EntryContent,
}

#[derive(Deserialize, Default)]
struct EntryContent {
    text: Option<String>,
    encoding: Option<String>,
}

/// Reads a HAR file.
pub(crate) fn read(input: impl io::Read, take: Take<'_>) -> io::Result<()> {
    let mut json = serde_json::Deserializer::from_reader(input);
    match (Object { key: "log", inner: Log(take) }).deserialize(&mut json) {
        Ok(()) => json.end().map_err(io::Error::from),
        Err(error) if error.to_string().starts_with(STOPPED) => Ok(()),
        Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, format!("not a HAR file: {error}"))),
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

/// The `log` object.
struct Log<'t>(Take<'t>);

impl<'de> DeserializeSeed<'de> for Log<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        Object { key: "entries", inner: Entries(self.0) }.deserialize(deserializer)
    }
}

/// The `entries` list.
struct Entries<'t>(Take<'t>);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        for number in 1.. {
            // An entry of another shape costs itself alone, so its shape is looked at after it has been parsed.
            let Some(entry) = entries.next_element::<serde_json::Value>()? else { break };
            let item = match Entry::deserialize(entry) {
                Ok(entry) => entry.into_item().unwrap_or_else(Item::Broken),
                Err(error) => Item::Broken(format!("not an entry of a HAR file: {error}")),
            };
            if !(self.0)(Place::Entry(number), item) {
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
        let Ok(request) = format!("{} {}", request.method, request.url).parse::<Request>() else {
            return Ok(Item::Skipped);
        };
        if !(200..300).contains(&response.status) {
            return Ok(Item::Skipped);
        }
        let EntryContent { text, encoding } = response.content;
        let text = text.ok_or("the response's body was not recorded")?;
        let body = match encoding.as_deref() {
            Some("base64") => decode_base64(&text)?,
            _ => text.into_bytes(),
        };
        Ok(Item::Exchange(Exchange { request, body }))
    }
}
