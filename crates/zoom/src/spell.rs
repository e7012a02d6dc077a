//! How Zoom formats one value as a string: `126 ms`, `0.3%`, `1280*720` (Zoom reference 1.6, value formats).
//!
//! Printing returns the canonical form. Parsing accepts every form that was seen on the wire, with or without a space
//! before the unit. The blank string means that nothing was measured.

mod number;

use rollcall_model::{BitrateBps, CpuPressureLevel, FrameRateCentiFps, LossPermyriad, Millis, Percent, Resolution};

use number::{decimal, push_decimal, push_integer, push_two_digits};

/// A string that is not a valid value of its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` is `{text}`, which is not {expected}")]
pub struct SpellError {
    /// The field's name on the wire.
    pub field: &'static str,
    /// The value, shortened to a readable length.
    pub text: String,
    /// The expected format, with an example.
    pub expected: &'static str,
}

impl SpellError {
    fn new(field: &'static str, text: &str, expected: &'static str) -> Self {
        Self { field, text: text.chars().take(64).collect(), expected }
    }
}

/// A quantity with a format on Zoom's wire.
pub trait Spelling: Sized {
    /// Appends the canonical form.
    fn print(self, out: &mut Vec<u8>);

    /// Parses any form that was seen on the wire; a blank string is `None`.
    ///
    /// # Errors
    /// Contains `field` and `text` if the text is not valid, or out of range.
    fn parse(field: &'static str, text: &str) -> Result<Option<Self>, SpellError>;
}

/// Parses `text` with `read` unless it is blank.
fn parse_with<T>(
    field: &'static str,
    text: &str,
    expected: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, SpellError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(None);
    }
    read(trimmed).map(Some).ok_or_else(|| SpellError::new(field, text, expected))
}

/// Returns the text before `unit`, which is case-insensitive, with or without a space.
fn before_unit<'a>(text: &'a str, unit: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(text.len().checked_sub(unit.len())?)?;
    tail.eq_ignore_ascii_case(unit).then(|| head.trim_end())
}

impl Spelling for BitrateBps {
    /// `23 kbps`, `27.15 kbps`: at most two decimals, and only if needed.
    #[inline]
    fn print(self, out: &mut Vec<u8>) {
        push_decimal::<2>(out, self.0.saturating_add(5) / 10, 0);
        out.extend_from_slice(b" kbps");
    }

    fn parse(field: &'static str, text: &str) -> Result<Option<Self>, SpellError> {
        parse_with(field, text, "a bitrate such as `23 kbps`", |text| {
            let bps = decimal(before_unit(text, "kbps")?, 3)?;
            bps.try_into().ok().map(Self)
        })
    }
}

impl Spelling for Millis {
    /// `126 ms`.
    #[inline]
    fn print(self, out: &mut Vec<u8>) {
        push_integer(out, self.0);
        out.extend_from_slice(b" ms");
    }

    fn parse(field: &'static str, text: &str) -> Result<Option<Self>, SpellError> {
        parse_with(field, text, "a time such as `126 ms`", |text| {
            decimal(before_unit(text, "ms")?, 0)?.try_into().ok().map(Self)
        })
    }
}

impl Spelling for LossPermyriad {
    /// `0.3%`, `0.03%`: always one decimal, a second if needed.
    #[inline]
    fn print(self, out: &mut Vec<u8>) {
        push_decimal::<2>(out, u32::from(self.0), 1);
        out.push(b'%');
    }

    fn parse(field: &'static str, text: &str) -> Result<Option<Self>, SpellError> {
        parse_with(field, text, "a loss such as `0.3%`", |text| {
            decimal(before_unit(text, "%")?, 2)?.try_into().ok().map(Self)
        })
    }
}

impl Spelling for Percent {
    /// `8%`.
    #[inline]
    fn print(self, out: &mut Vec<u8>) {
        push_integer(out, u32::from(self.0));
        out.push(b'%');
    }

    fn parse(field: &'static str, text: &str) -> Result<Option<Self>, SpellError> {
        parse_with(field, text, "a load such as `8%`", |text| {
            decimal(before_unit(text, "%")?, 0)?.try_into().ok().map(Self)
        })
    }
}

impl Spelling for Resolution {
    /// `1280*720`.
    #[inline]
    fn print(self, out: &mut Vec<u8>) {
        push_integer(out, u32::from(self.width));
        out.push(b'*');
        push_integer(out, u32::from(self.height));
    }

    fn parse(field: &'static str, text: &str) -> Result<Option<Self>, SpellError> {
        parse_with(field, text, "a picture size such as `1280*720`", |text| {
            let (width, height) = text.split_once(['*', 'x', 'X'])?;
            let side = |text: &str| decimal(text.trim(), 0)?.try_into().ok();
            Some(Self { width: side(width)?, height: side(height)? })
        })
    }
}

impl Spelling for FrameRateCentiFps {
    /// `12 fps`: whole frames.
    #[inline]
    fn print(self, out: &mut Vec<u8>) {
        push_integer(out, (u32::from(self.0) + 50) / 100);
        out.extend_from_slice(b" fps");
    }

    fn parse(field: &'static str, text: &str) -> Result<Option<Self>, SpellError> {
        parse_with(field, text, "a frame rate such as `12 fps`", |text| {
            decimal(before_unit(text, "fps")?, 2)?.try_into().ok().map(Self)
        })
    }
}

impl Spelling for CpuPressureLevel {
    /// `normal`, `fair`, `serious`, `critical`.
    #[inline]
    fn print(self, out: &mut Vec<u8>) {
        out.extend_from_slice(pressure_word(self).as_bytes());
    }

    fn parse(field: &'static str, text: &str) -> Result<Option<Self>, SpellError> {
        parse_with(field, text, "`normal`, `fair`, `serious` or `critical`", |text| {
            [Self::Normal, Self::Fair, Self::Serious, Self::Critical]
                .into_iter()
                .find(|level| pressure_word(*level).eq_ignore_ascii_case(text))
        })
    }
}

const fn pressure_word(level: CpuPressureLevel) -> &'static str {
    match level {
        CpuPressureLevel::Normal => "normal",
        CpuPressureLevel::Fair => "fair",
        CpuPressureLevel::Serious => "serious",
        CpuPressureLevel::Critical => "critical",
    }
}

/// Appends the duration of an instance: `01:25` under an hour, `03:55:08` from then on (Zoom reference 1.3).
pub fn print_duration(out: &mut Vec<u8>, seconds: u64) {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    if hours > 0 {
        if hours < 10 {
            out.push(b'0');
        }
        out.extend_from_slice(itoa::Buffer::new().format(hours).as_bytes());
        out.push(b':');
    }
    push_two_digits(out, minutes as u8);
    out.push(b':');
    push_two_digits(out, (seconds % 60) as u8);
}

/// Parses the duration of an instance, in seconds; a blank string is `None`.
///
/// # Errors
/// Contains `field` and `text` if the text is neither `mm:ss` nor `hh:mm:ss`.
pub fn parse_duration(field: &'static str, text: &str) -> Result<Option<u64>, SpellError> {
    parse_with(field, text, "a duration such as `01:25` or `03:55:08`", |text| {
        let parts: Vec<u64> = text.split(':').map(|part| decimal(part, 0)).collect::<Option<_>>()?;
        let [hours, minutes, seconds] = match parts[..] {
            [minutes, seconds] => [0, minutes, seconds],
            [hours, minutes, seconds] => [hours, minutes, seconds],
            _ => return None,
        };
        if minutes >= 60 || seconds >= 60 {
            return None;
        }
        hours.checked_mul(3600)?.checked_add(minutes * 60 + seconds)
    })
}

/// Appends milliseconds as a JSON number of seconds in its shortest form: `3.98`, `4` (Zoom's join cost).
pub fn print_seconds(out: &mut Vec<u8>, millis: i64) {
    if millis < 0 {
        out.push(b'-');
    }
    let millis = millis.unsigned_abs();
    out.extend_from_slice(itoa::Buffer::new().format(millis / 1000).as_bytes());
    number::push_fraction::<3>(out, (millis % 1000) as u32, 0);
}

#[cfg(test)]
mod tests;
