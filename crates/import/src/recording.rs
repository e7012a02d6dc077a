use std::{
    fmt,
    io::{self, BufRead, Read as _},
};

use base64::Engine as _;
use rollcall_formats::lines::{self, Chunk, Lines};
use rollcall_model::EventFacts;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    csv::{self, CsvSettings},
    delivery,
    exchange::{Exchange, Request},
    har,
};

/// Maximum size of a body or a line. Vendors' largest pages are a hundredth of it.
const MAX_BODY_BYTES: u64 = 64 * 1024 * 1024;
/// How many bytes of a file are examined to detect its kind.
const SNIFFED_BYTES: u64 = 16 * 1024;
/// What to report about a file that looks like a single body, printed for people.
const SPREAD_OVER_LINES: &str = "this is neither HAR nor NDJSON, where each line is a pair of request and response as a \
                                 whole; to import a single body, pass its request with --request";
/// Byte order mark of editors on Windows.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A position in a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On this line, from 1.
    Line(u64),
    /// In this entry of a HAR file, from 1.
    Entry(u64),
    /// In the only body.
    Body,
    /// On several lines, each of which reports its number itself.
    Lines,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Entry(entry) => write!(f, "entry {entry}"),
            Self::Body => f.write_str("body"),
            Self::Lines => f.write_str("lines"),
        }
    }
}

/// An item of a recording.
#[derive(Debug)]
pub(crate) enum Item {
    /// A supported exchange.
    Exchange(Exchange),
    /// A webhook delivery.
    Delivery(Box<EventFacts>),
    /// An exchange of an unsupported kind, which is valid in a recording.
    Skipped,
    /// Lines of participants or their minutes.
    Lines(Lines, Chunk),
    /// An attendance or registration report.
    Report(csv::Report),
    /// An invalid exchange.
    Broken(String),
}

/// Format of a recording.
#[derive(Debug, Clone)]
pub enum Recording {
    /// One body, which answers this request.
    Body(Request),
    /// NDJSON of exchanges, of participants or of their minutes, or HAR, detected from the beginning.
    Exchanges,
}

/// One line of NDJSON: `{"request": "GET /v2/…", "response": {…}}`.
#[derive(Deserialize)]
struct Line<'a> {
    request: String,
    #[serde(borrow)]
    response: &'a RawValue,
    /// The response's status, if it was recorded; unsuccessful responses contain nothing to import.
    status: Option<u16>,
}

impl Recording {
    /// Reads `input` item by item, until `take` breaks. `settings` are about CSV reports.
    ///
    /// # Errors
    /// If the input cannot be read, or does not match its detected format.
    pub(crate) fn read(
        self,
        settings: &CsvSettings,
        input: impl BufRead,
        take: &mut dyn FnMut(Place, Item) -> bool,
    ) -> io::Result<()> {
        self.read_within(MAX_BODY_BYTES, settings, input, take)
    }

    fn read_within(
        self,
        max_body_bytes: u64,
        settings: &CsvSettings,
        input: impl BufRead,
        take: &mut dyn FnMut(Place, Item) -> bool,
    ) -> io::Result<()> {
        let (beginning, mut input) = look_ahead(input)?;
        match self {
            Self::Body(request) if csv::begins_like_csv(&beginning, &settings.columns) => {
                let item = match request.report_subject() {
                    Some(subject) => Item::Report(csv::read(input, Some(&subject), settings)?),
                    None => Item::Broken(
                        "a CSV report answers a request for participants or registrants, such as \
                         'GET /v2/report/meetings/123456789/participants' or 'GET /v2/meetings/123456789/registrants'"
                            .to_owned(),
                    ),
                };
                take(Place::Body, item);
                Ok(())
            }
            Self::Body(request) => {
                let mut body = Vec::new();
                (&mut input).take(max_body_bytes + 1).read_to_end(&mut body)?;
                let item = if body.len() as u64 > max_body_bytes {
                    Item::Broken(too_long(max_body_bytes))
                } else {
                    Item::Exchange(Exchange { request, body })
                };
                take(Place::Body, item);
                Ok(())
            }
            // A HAR file has other values around a body, and base64 makes it a third longer.
            Self::Exchanges if csv::begins_like_csv(&beginning, &settings.columns) => {
                take(Place::Body, Item::Report(csv::read(input, None, settings)?));
                Ok(())
            }
            Self::Exchanges if begins_like_har(&beginning) => har::read(input, max_body_bytes * 2, take),
            Self::Exchanges => match kind_of_lines(&beginning) {
                Some(_) => lines::read_mixed(input, &mut |lines, chunk| take(Place::Lines, Item::Lines(lines, chunk)))
                    .map_err(|error| error.0),
                None => read_lines(max_body_bytes, input, take),
            },
        }
    }
}

/// Returns the beginning of `input`, and all of it without a byte order mark.
fn look_ahead(mut input: impl BufRead) -> io::Result<(Vec<u8>, impl BufRead)> {
    let mut beginning = Vec::new();
    (&mut input).take(SNIFFED_BYTES).read_to_end(&mut beginning)?;
    if beginning.starts_with(BYTE_ORDER_MARK) {
        beginning.drain(..BYTE_ORDER_MARK.len());
    }
    let whole = io::Cursor::new(beginning.clone()).chain(input);
    Ok((beginning, whole))
}

/// Returns the kind of lines whose first is at the beginning.
fn kind_of_lines(beginning: &[u8]) -> Option<Lines> {
    let first = beginning.split_inclusive(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty())?;
    Lines::of(first)
}

/// Returns whether the first key of the first object is `log`.
fn begins_like_har(beginning: &[u8]) -> bool {
    let Some(object) = beginning.trim_ascii_start().strip_prefix(b"{") else { return false };
    object.trim_ascii_start().starts_with(b"\"log\"")
}

fn read_lines(
    max_line_bytes: u64,
    mut input: impl BufRead,
    take: &mut dyn FnMut(Place, Item) -> bool,
) -> io::Result<()> {
    let (mut line, mut begun) = (Vec::new(), false);
    for number in 1.. {
        line.clear();
        if (&mut input).take(max_line_bytes + 1).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let item = if line.len() as u64 > max_line_bytes && !line.ends_with(b"\n") {
            input.skip_until(b'\n')?;
            Item::Broken(too_long(max_line_bytes))
        } else if line.trim_ascii().is_empty() {
            continue;
        } else if !begun && matches!(line.trim_ascii(), b"{" | b"[") {
            // Reporting each of its lines would not help.
            return Err(io::Error::new(io::ErrorKind::InvalidData, SPREAD_OVER_LINES));
        } else {
            read_line(&line).unwrap_or_else(Item::Broken)
        };
        begun = true;
        if !take(Place::Line(number), item) {
            break;
        }
    }
    Ok(())
}

fn read_line(line: &[u8]) -> Result<Item, String> {
    let text = std::str::from_utf8(line.trim_ascii_end()).map_err(|error| format!("not UTF-8 ({error})"))?;
    let line: Result<Line<'_>, _> = serde_json::from_str(text);
    if line.is_err()
        && let Some(delivery) = delivery::read(text)
    {
        return Ok(match delivery? {
            EventFacts::Nothing => Item::Skipped,
            facts => Item::Delivery(Box::new(facts)),
        });
    }
    let line = line.map_err(|error| {
        format!("not a pair {{\"request\": \"GET /v2/…\", \"response\": {{…}}}}: {}", reason(&error))
    })?;
    if let Some(status) = line.status.filter(|status| !(200..300).contains(status)) {
        return Err(format!("the response has status {status}, which is not a success"));
    }
    let request: Request = line.request.parse().map_err(|error: crate::ExchangeError| error.to_string())?;
    Ok(Item::Exchange(Exchange { request, body: line.response.get().as_bytes().to_vec() }))
}

/// Returns the error without its line number, which is always 1 and would contradict the position.
fn reason(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column ", " at column ")
}

/// Decodes a HAR body that is labelled as base64. Some browsers label plain text like this, wrap lines, or omit
/// padding.
pub(crate) fn decode_base64(text: &str) -> Result<Vec<u8>, String> {
    use base64::{
        alphabet,
        engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    };
    let trimmed = text.trim_start_matches('\u{feff}').trim();
    // No base64 begins like this, but the body of every response does.
    if trimmed.starts_with(['{', '[']) {
        return Ok(trimmed.as_bytes().to_vec());
    }
    let digits: String = trimmed.chars().filter(|c| !c.is_whitespace()).collect();
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if digits.contains(['-', '_']) { &alphabet::URL_SAFE } else { &alphabet::STANDARD };
    GeneralPurpose::new(alphabet, config).decode(digits).map_err(|error| format!("not base64: {error}"))
}

fn too_long(max_bytes: u64) -> String {
    format!("longer than {max_bytes} bytes; a page of a vendor is never that long")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The positions of items if a body may have 60 bytes, and why invalid ones are.
    fn places(text: &str) -> Vec<(String, Option<String>)> {
        let mut places = Vec::new();
        let mut take = |place: Place, item| {
            let reason = if let Item::Broken(reason) = item { Some(reason) } else { None };
            places.push((place.to_string(), reason));
            true
        };
        Recording::Exchanges.read_within(60, &CsvSettings::default(), text.as_bytes(), &mut take).unwrap();
        places
    }

    #[test]
    fn a_line_beyond_the_limit_costs_itself_alone() {
        let good = r#"{"request":"GET /v2/users","response":{"users":[]}}"#;
        for (length, is_too_long) in [(60, false), (61, true), (500, true)] {
            let text = format!("{good}\n{good:length$}\n{good}");
            let told = is_too_long.then(|| "longer than 60 bytes; a page of a vendor is never that long".to_owned());
            let expected = [("line 1".to_owned(), None), ("line 2".to_owned(), told), ("line 3".to_owned(), None)];
            assert_eq!(places(&text), expected, "{length}");
        }
    }

    #[test]
    fn an_entry_beyond_the_limit_stops_the_reading() {
        let entry = r#"{"request":{"method":"GET","url":"https://example.com"},"response":{"status":200}}"#;
        let har = |padding: usize| format!(r#"{{"log":{{"entries":[{entry},{entry:>padding$}]}}}}"#);
        assert_eq!(places(&har(0)).len(), 2);
        let error = Recording::Exchanges
            .read_within(60, &CsvSettings::default(), har(1_000).as_bytes(), &mut |_, _| true)
            .unwrap_err();
        assert_eq!(error.to_string(), "entry 2 is longer than 120 bytes");
    }

    #[test]
    fn what_comes_in_small_pieces_is_told_apart_all_the_same() {
        let har = "\u{feff} {\n \"log\": {\"entries\": [{}]}}";
        let mut places = Vec::new();
        let input = io::BufReader::with_capacity(1, har.as_bytes());
        Recording::Exchanges
            .read(&CsvSettings::default(), input, &mut |place, _| {
                places.push(place);
                true
            })
            .unwrap();
        assert_eq!(places, [Place::Entry(1)]);
    }
}
