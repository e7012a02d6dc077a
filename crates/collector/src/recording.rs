use std::{
    fmt,
    io::{self, BufRead, Read as _},
};

use base64::Engine as _;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    exchange::{Exchange, Request},
    har,
};

/// The largest body, and the longest line, that is read. Vendors' largest pages are a hundredth of it.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;
/// How far into a file to look for what kind it is.
const SNIFFED_BYTES: usize = 512;

/// Where in a recording something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On this line, from 1.
    Line(u64),
    /// In this entry of a HAR file, from 1.
    Entry(u64),
    /// In the one body that there is.
    Body,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Entry(entry) => write!(f, "entry {entry}"),
            Self::Body => f.write_str("body"),
        }
    }
}

/// What a recording holds at one place.
#[derive(Debug)]
pub(crate) enum Item {
    /// An exchange to keep.
    Exchange(Exchange),
    /// An exchange of another kind, which a recording may hold without being broken.
    Skipped,
    /// Something that should be an exchange and is not.
    Broken(String),
}

/// How a recording is laid out.
#[derive(Debug, Clone)]
pub enum Recording {
    /// One body, which answers this request.
    Body(Request),
    /// NDJSON, or HAR, told apart by how it begins.
    Exchanges,
}

/// One line of NDJSON: `{"request": "GET /v2/…", "response": {…}}`.
#[derive(Deserialize)]
struct Line<'a> {
    request: String,
    #[serde(borrow)]
    response: &'a RawValue,
    /// The response's status, where it was recorded; answers other than successes tell nothing.
    status: Option<u16>,
}

impl Recording {
    /// Reads `input` item by item, until `take` wants no more.
    ///
    /// # Errors
    /// Where the input cannot be read, or is not what its beginning said it is.
    pub(crate) fn read(self, mut input: impl BufRead, take: &mut dyn FnMut(Place, Item) -> bool) -> io::Result<()> {
        match self {
            Self::Body(request) => {
                let mut body = Vec::new();
                (&mut input).take(MAX_BODY_BYTES as u64 + 1).read_to_end(&mut body)?;
                let item = if body.len() > MAX_BODY_BYTES {
                    Item::Broken(too_long())
                } else {
                    Item::Exchange(Exchange { request, body })
                };
                take(Place::Body, item);
                Ok(())
            }
            Self::Exchanges if begins_like_har(input.fill_buf()?) => har::read(input, take),
            Self::Exchanges => read_lines(input, take),
        }
    }
}

/// Whether the first key of the first object is `log`.
fn begins_like_har(start: &[u8]) -> bool {
    let start = start.get(..SNIFFED_BYTES).unwrap_or(start);
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let Some(object) = start.strip_prefix(b"{") else { return false };
    object.trim_ascii_start().starts_with(b"\"log\"")
}

fn read_lines(mut input: impl BufRead, take: &mut dyn FnMut(Place, Item) -> bool) -> io::Result<()> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if (&mut input).take(MAX_BODY_BYTES as u64 + 1).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let item = if line.len() > MAX_BODY_BYTES {
            skip_line(&mut input)?;
            Item::Broken(too_long())
        } else if line.trim_ascii().is_empty() {
            continue;
        } else {
            read_line(&line).unwrap_or_else(Item::Broken)
        };
        if !take(Place::Line(number), item) {
            break;
        }
    }
    Ok(())
}

/// Reads on to the end of the line without keeping it.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let read = end.map_or(buffer.len(), |at| at + 1);
        input.consume(read);
        if end.is_some() {
            return Ok(());
        }
    }
}

fn read_line(line: &[u8]) -> Result<Item, String> {
    let text = std::str::from_utf8(line).map_err(|error| format!("not UTF-8 ({error})"))?;
    let line: Line<'_> = serde_json::from_str(text)
        .map_err(|error| format!("not a pair {{\"request\": \"GET /v2/…\", \"response\": {{…}}}}: {error}"))?;
    if let Some(status) = line.status.filter(|status| !(200..300).contains(status)) {
        return Err(format!("the response has status {status}, which is no success"));
    }
    let request: Request = line.request.parse().map_err(|error: crate::ExchangeError| error.to_string())?;
    Ok(Item::Exchange(Exchange { request, body: line.response.get().as_bytes().to_vec() }))
}

/// Decodes a HAR body that is written in base64.
pub(crate) fn decode_base64(text: &str) -> Result<Vec<u8>, String> {
    base64::engine::general_purpose::STANDARD.decode(text.trim()).map_err(|error| format!("not base64: {error}"))
}

fn too_long() -> String {
    format!("longer than {MAX_BODY_BYTES} bytes; a page of a vendor is never that long")
}
