//! Many values in one column: an array in SQLite's JSONB (<https://sqlite.org/jsonb.html>).
//!
//! Stepping through sixty columns of three hundred rows takes SQLite and its driver most of a millisecond, regardless
//! of their content. An array is one column, read from front to back, and SQL can still access its elements with `->>`.
//!
//! An element is a header (a type, and the length of the payload), and a payload. This module uses the types NULL, INT
//! (decimal digits), TEXTRAW (text without escapes) and ARRAY.

use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::columns::{Column, Lent, Reason};

const NULL: u8 = 0;
const INT: u8 = 3;
const TEXT_RAW: u8 = 10;
const ARRAY: u8 = 11;

/// The length of the array's own header: a four-byte size, set when all is written.
const ARRAY_HEADER: usize = 5;
/// The upper half of a header's first byte contains a length up to this one, or the number of length bytes after it.
const INLINE_MAX: usize = 11;
const IN_1_BYTE: u8 = 12;
const IN_2_BYTES: u8 = 13;
const IN_4_BYTES: u8 = 14;

/// Reads the elements of `participant_rows.fields` one by one.
#[derive(Debug, Clone)]
pub struct FieldReader<'b> {
    rest: &'b [u8],
}

impl<'b> FieldReader<'b> {
    /// Starts at the first element.
    ///
    /// # Errors
    /// If `array` is not an array in JSONB.
    pub fn new(array: &'b [u8]) -> Result<Self, Reason> {
        let mut reader = Self { rest: array };
        match reader.element()? {
            (ARRAY, elements) if reader.rest.is_empty() => Ok(Self { rest: elements }),
            _ => Err("something else than one array".into()),
        }
    }

    /// Reads the next element into `field`, which is not changed if the element is null, or if the array ends before
    /// it: it was written before this field existed.
    #[inline]
    pub(crate) fn take<T: Lent<'b>>(&mut self, field: &mut T) -> Result<(), Reason> {
        match self.rest {
            [] => Ok(()),
            // The most frequent element of all.
            [NULL, rest @ ..] => {
                self.rest = rest;
                Ok(())
            }
            _ => {
                *field = T::lend(self.value()?)?;
                Ok(())
            }
        }
    }

    /// Skips `count` elements, then reads one; NULL if the array ends before it.
    ///
    /// # Errors
    /// If the array is corrupt.
    #[inline]
    pub fn nth(&mut self, count: usize) -> Result<ValueRef<'b>, Reason> {
        for _ in 0..count {
            match self.rest {
                [] => return Ok(ValueRef::Null),
                [NULL, rest @ ..] => self.rest = rest,
                _ => drop(self.element()?),
            }
        }
        if self.rest.is_empty() { Ok(ValueRef::Null) } else { self.value() }
    }

    #[inline(always)]
    fn value(&mut self) -> Result<ValueRef<'b>, Reason> {
        match self.element()? {
            (NULL, _) => Ok(ValueRef::Null),
            (TEXT_RAW, text) => Ok(ValueRef::Text(text)),
            (INT, digits) => integer(digits).map(ValueRef::Integer),
            (other, _) => Err(unknown(other)),
        }
    }

    /// Returns the next element's type and payload.
    #[inline(always)]
    fn element(&mut self) -> Result<(u8, &'b [u8]), Reason> {
        let (&first, rest) = self.rest.split_first().ok_or_else(cut_short)?;
        let (len, rest) = match (first >> 4, rest) {
            (len @ 0..IN_1_BYTE, rest) => (usize::from(len), rest),
            (IN_1_BYTE, [len, rest @ ..]) => (usize::from(*len), rest),
            (IN_2_BYTES, [a, b, rest @ ..]) => (usize::from(u16::from_be_bytes([*a, *b])), rest),
            (IN_4_BYTES, [a, b, c, d, rest @ ..]) => (u32::from_be_bytes([*a, *b, *c, *d]) as usize, rest),
            _ => return Err(cut_short()),
        };
        let (payload, rest) = rest.split_at_checked(len).ok_or_else(cut_short)?;
        self.rest = rest;
        Ok((first & 15, payload))
    }
}

fn integer(digits: &[u8]) -> Result<i64, Reason> {
    // Nearly all are times in milliseconds, whose digits cannot overflow.
    if digits.len() <= 18 && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
        return Ok(digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')));
    }
    let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
    number.ok_or_else(|| "an invalid number".into())
}

#[cold]
fn cut_short() -> Reason {
    "an array that is cut short".into()
}

#[cold]
fn unknown(kind: u8) -> Reason {
    format!("an element of type {kind}").into()
}

/// Writes an array element by element.
pub(crate) struct FieldWriter {
    array: Vec<u8>,
}

impl FieldWriter {
    /// Starts an array.
    pub(crate) fn new() -> Self {
        let mut array = Vec::with_capacity(1024);
        array.resize(ARRAY_HEADER, 0);
        Self { array }
    }

    /// Appends an element.
    pub(crate) fn push(&mut self, field: &impl Column) -> rusqlite::Result<()> {
        match field.bind()? {
            ToSqlOutput::Borrowed(value) => self.push_value(value),
            ToSqlOutput::Owned(value) => self.push_value(ValueRef::from(&value)),
            _ => Err(unfit()),
        }
    }

    fn push_value(&mut self, value: ValueRef<'_>) -> rusqlite::Result<()> {
        match value {
            ValueRef::Null => {
                self.array.push(NULL);
                Ok(())
            }
            ValueRef::Integer(number) => self.push_element(INT, number.to_string().as_bytes()),
            ValueRef::Text(text) => self.push_element(TEXT_RAW, text),
            ValueRef::Real(_) | ValueRef::Blob(_) => Err(unfit()),
        }
    }

    fn push_element(&mut self, kind: u8, payload: &[u8]) -> rusqlite::Result<()> {
        let len =
            u32::try_from(payload.len()).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        match len.to_be_bytes() {
            [0, 0, 0, len] if usize::from(len) <= INLINE_MAX => self.array.push(len << 4 | kind),
            [0, 0, 0, len] => self.array.extend([IN_1_BYTE << 4 | kind, len]),
            [0, 0, high, low] => self.array.extend([IN_2_BYTES << 4 | kind, high, low]),
            [a, b, c, d] => self.array.extend([IN_4_BYTES << 4 | kind, a, b, c, d]),
        }
        self.array.extend_from_slice(payload);
        Ok(())
    }

    /// Returns the array.
    pub(crate) fn finish(mut self) -> rusqlite::Result<Vec<u8>> {
        let len = u32::try_from(self.array.len() - ARRAY_HEADER)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        self.array[0] = IN_4_BYTES << 4 | ARRAY;
        self.array[1..ARRAY_HEADER].copy_from_slice(&len.to_be_bytes());
        Ok(self.array)
    }
}

fn unfit() -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure("a value of this type does not go into an array".into())
}
