//! Text of a report: its encoding, separator and rows.

use std::io::{self, Read as _};

use csv::StringRecord;

use super::{
    columns::{ColumnName, Head},
    invalid,
};

/// Maximum size: a report is read completely, because only all of its dates together show whether days or months come
/// first.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// How much of a text shows its separator.
const SAMPLE_BYTES: usize = 64 * 1024;

/// Follows the text while it is parsed. If it is not a row of its own, a quote before it never closes.
const END: &str = "\u{1e}end";

const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// A row, with its line from 1.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) cells: StringRecord,
}

/// The rows of a text.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// The line of a row with a quote that never closes, and the number of its last column. The row is not in `rows`.
    pub(super) open_quote: Option<(u64, usize)>,
    /// Whether the last row has no line break after it.
    pub(super) ends_in_row: bool,
}

/// Byte order of UTF-16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wide {
    Little,
    Big,
}

impl Wide {
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xfe, ..] => Some(Self::Little),
            [0xfe, 0xff, ..] => Some(Self::Big),
            _ => None,
        }
    }

    fn units(self, bytes: &[u8]) -> impl Iterator<Item = u16> {
        let read = move |unit: &[u8; 2]| match self {
            Self::Little => u16::from_le_bytes(*unit),
            Self::Big => u16::from_be_bytes(*unit),
        };
        bytes.as_chunks::<2>().0.iter().map(read)
    }
}

/// Reads a report: UTF-8, or UTF-16 after a byte order mark.
///
/// # Errors
/// If it is too large, or has another encoding.
pub(super) fn decode(input: impl io::Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    input.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(invalid(format!("the report is longer than {MAX_BYTES} bytes: split it")));
    }
    let wide = Wide::of(&bytes);
    if wide.is_none()
        && let Some(at) = bytes.iter().position(|byte| *byte == 0)
    {
        let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        return Err(invalid(format!(
            "line {line}: a zero byte. The file is damaged, or UTF-16 without a byte order mark: save it as \"CSV UTF-8\""
        )));
    }
    let text = match wide {
        Some(wide) => {
            let wrong = || "the file is cut off, or not UTF-16 as its first bytes say. Export it again".to_owned();
            if bytes.len() % 2 != 0 {
                return Err(invalid(wrong()));
            }
            char::decode_utf16(wide.units(&bytes)).collect::<Result<String, _>>().map_err(|_| invalid(wrong()))?
        }
        None => String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let before = &error.as_bytes()[..at];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
            invalid(format!(
                "line {line}, byte {column}: not UTF-8. Save the file as \"CSV UTF-8\", or import the file as Zoom \
                 exported it"
            ))
        })?,
    };
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// Returns whether a file that begins like this is CSV: it has a row of known column names, or several columns and no
/// JSON or markup at the beginning.
pub(crate) fn begins_like_csv(beginning: &[u8], named: &[ColumnName]) -> bool {
    let decoded = match Wide::of(beginning) {
        Some(wide) => char::decode_utf16(wide.units(beginning)).map(|c| c.unwrap_or('\u{fffd}')).collect(),
        None => beginning.utf8_chunks().next().map_or_else(String::new, |chunk| chunk.valid().to_owned()),
    };
    let text = decoded.trim_start_matches('\u{feff}');
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    if lines().next().is_none_or(|first| first.starts_with(['{', '[', '<'])) {
        return false;
    }
    let sample = sample(text);
    if SEPARATORS.into_iter().any(|separator| heads(sample, separator, named) > 0) {
        return true;
    }
    !lines().any(|line| line.starts_with('{')) && lines().take(20).any(|line| cells_of(line) > 1)
}

fn cells_of(line: &str) -> usize {
    SEPARATORS.into_iter().map(|separator| line.split(char::from(separator)).count()).max().unwrap_or(1)
}

/// Returns the whole lines at the beginning of a text.
fn sample(text: &str) -> &str {
    if text.len() <= SAMPLE_BYTES {
        return text;
    }
    let end = text.floor_char_boundary(SAMPLE_BYTES);
    text[..end].rfind('\n').map_or(&text[..end], |at| &text[..at])
}

fn parser(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes())
}

/// Returns the number of rows of known column names.
fn heads(sample: &str, separator: u8, named: &[ColumnName]) -> usize {
    parser(sample, separator).records().filter_map(Result::ok).filter(|row| Head::of(row, named).is_some()).count()
}

/// Returns the separator: the one with which known column names appear, else the most frequent one in the first line
/// with several cells. A first line such as `sep=;` specifies it.
fn separator(text: &str, named: &[ColumnName]) -> u8 {
    if let Some(stated) = text.strip_prefix("sep=").and_then(|rest| rest.bytes().next())
        && SEPARATORS.contains(&stated)
    {
        return stated;
    }
    let sample = sample(text);
    let known = SEPARATORS.into_iter().map(|separator| (heads(sample, separator, named), separator));
    // Of several, the first one.
    let known = known.filter(|(count, _)| *count > 0).rev().max_by_key(|(count, _)| *count);
    let frequent = || {
        let line = sample.lines().find(|line| cells_of(line) > 1)?;
        SEPARATORS.into_iter().rev().max_by_key(|separator| line.matches(char::from(*separator)).count())
    };
    known.map(|(_, separator)| separator).or_else(frequent).unwrap_or(b',')
}

/// Splits a text into rows. Cells are text, whatever a spreadsheet would make of them.
///
/// # Errors
/// If the text is not CSV.
pub(super) fn rows(mut text: String, named: &[ColumnName]) -> io::Result<Rows> {
    let separator = separator(&text, named);
    let ends_in_row = !text.ends_with(['\n', '\r']) && !text.is_empty();
    text.push('\n');
    text.push_str(END);
    let mut rows = Vec::new();
    for cells in parser(&text, separator).into_records() {
        let cells = cells.map_err(io::Error::other)?;
        rows.push(Row { line: line_of(&text, &cells), cells });
    }
    let last = rows.pop();
    let is_end = last.as_ref().is_some_and(|row| row.cells.len() == 1 && row.cells.get(0) == Some(END));
    let open_quote = last.filter(|_| !is_end).map(|row| (row.line, row.cells.len()));
    rows.retain(|row| row.cells.iter().any(|cell| !cell.trim().is_empty()));
    if rows.first().is_some_and(|row| row.line == 1 && row.cells.get(0).is_some_and(|cell| cell.starts_with("sep="))) {
        rows.remove(0);
    }
    Ok(Rows { rows, open_quote, ends_in_row })
}

/// Returns the line of a row. The parser reports the first of the blank lines before it.
fn line_of(text: &str, cells: &StringRecord) -> u64 {
    let Some(position) = cells.position() else { return 0 };
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
    position.line() + blank.filter(|byte| **byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_know_their_line() {
        let text = "a,b\r\n\r\n\r\n\"c\nd\",e\nf,g\n\nh,\"i\n\n";
        let rows = rows(text.to_owned(), &[]).unwrap();
        let lines: Vec<_> = rows.rows.iter().map(|row| (row.line, row.cells.len())).collect();
        assert_eq!(lines, [(1, 2), (4, 2), (6, 2)]);
        assert_eq!(rows.open_quote, Some((8, 2)));
        assert!(!rows.ends_in_row);
    }

    #[test]
    fn a_report_is_told_by_its_names_of_columns_or_by_its_cells() {
        for text in [
            "Meeting ID,Topic,Start Time\n",
            "\"Topic\",\"ID\",\"Host name\"\n",
            "Attendee Report\nReport Generated:,x\nTopic,Webinar ID,Actual Start Time\n",
            "Name (Original Name);User Email;Total Duration (Minutes)\n",
            "Nimi;Sähköposti\n",
            "id,topic",
        ] {
            assert!(begins_like_csv(text.as_bytes(), &[]), "{text}");
            let wide: Vec<u8> =
                "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
            assert!(begins_like_csv(&wide, &[]), "{text}");
        }
        for text in ["{\"name\": \"a\", \"topic\": 1}\n", "<p>Bad, gateway</p>", "a, b\n{\"request\": 1}\n", "no", ""] {
            assert!(!begins_like_csv(text.as_bytes(), &[]), "{text}");
        }
    }
}
