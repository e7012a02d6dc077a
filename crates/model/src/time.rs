use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An instant in UTC, to the millisecond: the finest that any source reports.
///
/// It prints in both vendors' format, `2022-03-01T10:15:14Z`, with a fraction only if needed
/// (`2019-09-07T13:15:02.837Z`), and parses any RFC 3339 form with `Z` or an offset.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// A text that is not a valid time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a time such as 2022-03-01T10:15:14Z")]
pub struct InvalidTime {
    /// The text.
    pub text: String,
}

/// The first and last instants that print with a four-digit year.
const MILLIS_RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

impl Timestamp {
    /// Returns the instant `millis` milliseconds after 1970-01-01T00:00:00Z, clamped to the years 1 to 9999.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(*MILLIS_RANGE.start(), *MILLIS_RANGE.end()))
    }

    /// Returns the instant `seconds` seconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Returns the milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Returns the whole seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Returns the minute of this instant.
    #[must_use]
    pub fn minute(self) -> Minute {
        Minute(u32::try_from(self.0.div_euclid(60_000)).unwrap_or(0))
    }

    /// Returns the instant `seconds` later, or earlier if negative.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_millis(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// Returns the instant `seconds` earlier.
    #[must_use]
    pub fn minus_seconds(self, seconds: i64) -> Self {
        self.plus_seconds(-seconds)
    }

    /// Returns the milliseconds from `earlier` to this instant; negative if that is later.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// Returns the instant in the calendar library's type, for dates and time zones.
    #[must_use]
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// Appends the printed form to `out` without an intermediate string: pages print thousands of them.
    pub fn write_to(self, out: &mut Vec<u8>) {
        let datetime = jiff::tz::Offset::UTC.to_datetime(self.to_jiff());
        let (date, time) = (datetime.date(), datetime.time());
        let year = u16::try_from(date.year()).unwrap_or(0);
        push_2(out, (year / 100) as u8);
        push_2(out, (year % 100) as u8);
        out.push(b'-');
        push_2(out, date.month().unsigned_abs());
        out.push(b'-');
        push_2(out, date.day().unsigned_abs());
        out.push(b'T');
        push_2(out, time.hour().unsigned_abs());
        out.push(b':');
        push_2(out, time.minute().unsigned_abs());
        out.push(b':');
        push_2(out, time.second().unsigned_abs());
        let millis = self.0.rem_euclid(1000) as u16;
        if millis != 0 {
            out.push(b'.');
            out.push(b'0' + (millis / 100) as u8);
            push_2(out, (millis % 100) as u8);
        }
        out.push(b'Z');
    }
}

/// Appends two decimal digits.
fn push_2(out: &mut Vec<u8>, n: u8) {
    out.extend_from_slice(&[b'0' + n / 10 % 10, b'0' + n % 10]);
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::with_capacity(24);
        self.write_to(&mut out);
        f.write_str(std::str::from_utf8(&out).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let invalid = || InvalidTime { text: text.chars().take(64).collect() };
        let time: jiff::Timestamp = text.trim().parse().map_err(|_| invalid())?;
        let millis = time.as_millisecond();
        if MILLIS_RANGE.contains(&millis) { Ok(Self(millis)) } else { Err(invalid()) }
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTime;

    fn try_from(text: String) -> Result<Self, InvalidTime> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

/// A whole minute, counted from 1970-01-01T00:00Z: the resolution of quality of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Minute(pub u32);

impl Minute {
    /// Returns the start of the minute.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp::from_seconds(i64::from(self.0) * 60)
    }

    /// Returns the minute after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_a_fraction_only_where_there_is_one() {
        for text in
            ["2022-03-01T10:15:14Z", "2019-09-07T13:15:02.837Z", "1969-12-31T23:59:59.001Z", "0001-01-01T00:00:00Z"]
        {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn reads_offsets_and_finer_fractions() {
        assert_eq!("2023-01-18T10:26:30+08:00".parse::<Timestamp>().unwrap().to_string(), "2023-01-18T02:26:30Z");
        assert_eq!("2023-01-18T02:26:30.1239Z".parse::<Timestamp>().unwrap().to_string(), "2023-01-18T02:26:30.123Z");
    }

    #[test]
    fn refuses_what_is_not_an_instant() {
        for text in ["", "2022-03-01", "yesterday", "2022-13-01T00:00:00Z", "2022-03-01T10:15:14"] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
