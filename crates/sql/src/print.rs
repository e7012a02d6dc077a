//! Output formats for programs.

use std::{
    io::{self, Write},
    ops::ControlFlow,
};

use data_encoding::HEXLOWER;
use rusqlite::types::ValueRef;

use crate::Rows;

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `{"columns": […], "rows": [[…], …]}`.
    Json,
    /// One JSON object per line.
    Ndjson,
    /// Comma-separated values under a header line (RFC 4180); NULL is an empty value. Text that a spreadsheet would run
    /// as a formula has a `'` in front.
    Csv,
    /// The same with all text as stored.
    RawCsv,
}

impl Format {
    const ALL: [Self; 4] = [Self::Json, Self::Ndjson, Self::Csv, Self::RawCsv];

    /// Returns its number in the protocol between processes.
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    /// Returns the format with that number.
    pub(crate) fn numbered(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// Prints rows as they arrive. Blobs are printed in hexadecimal.
#[derive(Debug)]
pub struct Printer<W> {
    format: Format,
    out: W,
    names: Vec<String>,
    rows: u64,
    failed: Option<io::Error>,
}

impl<W: Write + Send> Printer<W> {
    /// Prints to `out`.
    pub fn new(format: Format, out: W) -> Self {
        Self { format, out, names: Vec::new(), rows: 0, failed: None }
    }

    /// Finishes the output, and returns where it was printed to.
    ///
    /// # Errors
    /// The first write error.
    pub fn finish(mut self) -> io::Result<W> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.format == Format::Json {
            self.out.write_all(b"]}\n")?;
        }
        self.out.flush()?;
        Ok(self.out)
    }

    fn print_names(&mut self) -> io::Result<()> {
        match self.format {
            Format::Json => {
                self.out.write_all(b"{\"columns\":")?;
                serde_json::to_writer(&mut self.out, &self.names)?;
                self.out.write_all(b",\"rows\":[")
            }
            Format::Ndjson => Ok(()),
            Format::Csv | Format::RawCsv => {
                let is_raw = self.format == Format::RawCsv;
                for (index, name) in self.names.iter().enumerate() {
                    separate(&mut self.out, index, b",")?;
                    csv_text(&mut self.out, name, is_raw)?;
                }
                self.out.write_all(b"\r\n")
            }
        }
    }

    fn print_row(&mut self, values: &[ValueRef<'_>]) -> io::Result<()> {
        let out = &mut self.out;
        match self.format {
            Format::Json => {
                separate(out, usize::from(self.rows > 0), b",\n")?;
                out.write_all(b"[")?;
                for (index, value) in values.iter().enumerate() {
                    separate(out, index, b",")?;
                    json_value(out, value)?;
                }
                out.write_all(b"]")?;
            }
            Format::Ndjson => {
                out.write_all(b"{")?;
                for (index, (name, value)) in self.names.iter().zip(values).enumerate() {
                    separate(out, index, b",")?;
                    serde_json::to_writer(&mut *out, name)?;
                    out.write_all(b":")?;
                    json_value(out, value)?;
                }
                out.write_all(b"}\n")?;
            }
            Format::Csv | Format::RawCsv => {
                let is_raw = self.format == Format::RawCsv;
                for (index, value) in values.iter().enumerate() {
                    separate(out, index, b",")?;
                    csv_value(out, value, is_raw)?;
                }
                out.write_all(b"\r\n")?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Keeps the first failure, after which nothing more is read.
    fn check(&mut self, printed: io::Result<()>) -> ControlFlow<()> {
        match printed {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failed.get_or_insert(error);
                ControlFlow::Break(())
            }
        }
    }
}

impl<W: Write + Send> Rows for Printer<W> {
    fn columns(&mut self, names: &[&str]) {
        self.names = names.iter().map(|name| (*name).to_owned()).collect();
        let printed = self.print_names();
        let _ = self.check(printed);
    }

    fn row(&mut self, values: &[ValueRef<'_>]) -> ControlFlow<()> {
        if self.failed.is_some() {
            return ControlFlow::Break(());
        }
        let printed = self.print_row(values);
        self.check(printed)
    }
}

/// Returns a value as text, without quotes. `None` for NULL.
#[must_use]
pub fn plain(value: &ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Some(HEXLOWER.encode(bytes)),
    }
}

fn separate(out: &mut impl Write, index: usize, separator: &[u8]) -> io::Result<()> {
    if index > 0 { out.write_all(separator) } else { Ok(()) }
}

fn json_value(out: &mut impl Write, value: &ValueRef<'_>) -> io::Result<()> {
    match value {
        ValueRef::Null => out.write_all(b"null"),
        ValueRef::Integer(number) => write!(out, "{number}"),
        // Numbers that JSON cannot represent become null.
        ValueRef::Real(number) => Ok(serde_json::to_writer(out, number)?),
        ValueRef::Text(bytes) => Ok(serde_json::to_writer(out, &String::from_utf8_lossy(bytes))?),
        ValueRef::Blob(_) => Ok(serde_json::to_writer(out, &plain(value))?),
    }
}

fn csv_value(out: &mut impl Write, value: &ValueRef<'_>, is_raw: bool) -> io::Result<()> {
    match value {
        ValueRef::Text(bytes) => csv_text(out, &String::from_utf8_lossy(bytes), is_raw),
        // Numbers are numbers in a spreadsheet, too, including negative ones.
        value => out.write_all(plain(value).unwrap_or_default().as_bytes()),
    }
}

/// Characters that a spreadsheet takes for the beginning of a formula, or skips before it looks for one. Japanese
/// versions also take the wide forms.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Returns what to put in front of a text in CSV, so that no spreadsheet runs it as a formula.
#[must_use]
pub fn formula_guard(text: &str) -> &'static str {
    if text.starts_with(FORMULA_STARTS) { "'" } else { "" }
}

fn csv_text(out: &mut impl Write, text: &str, is_raw: bool) -> io::Result<()> {
    let guard = if is_raw { "" } else { formula_guard(text) };
    if text.contains(['"', ',', '\n', '\r']) {
        write!(out, "\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(guard.as_bytes())?;
        out.write_all(text.as_bytes())
    }
}
