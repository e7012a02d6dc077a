//! Scalars of a line, parsed without a copy and checked against the model's ranges.

use std::{borrow::Cow, fmt};

use rollcall_model::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected, Visitor},
};

/// A string, borrowed from the line if it has no escapes.
#[derive(Debug, Clone)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyText;

        impl<'de> Visitor<'de> for AnyText {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }

            // Some vendors' participant ids are digits, which some sources write without quotes.
            fn visit_u64<E>(self, number: u64) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }
        }

        deserializer.deserialize_any(AnyText)
    }
}

/// An instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time(pub(super) Timestamp);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyTime;

        impl Visitor<'_> for AnyTime {
            type Value = Time;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time such as \"2022-03-01T10:15:14Z\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Time, E> {
                text.parse().map(Time).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(AnyTime)
    }
}

/// A meeting's number, also as a string.
#[derive(Debug, Clone, Copy)]
pub(super) struct MeetingId(pub(super) i64);

impl<'de> Deserialize<'de> for MeetingId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = MeetingId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a meeting's number")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<MeetingId, E> {
                let number =
                    i64::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))?;
                Ok(MeetingId(number))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<MeetingId, E> {
                let number: rollcall_model::MeetingNumber = text.parse().map_err(E::custom)?;
                Ok(MeetingId(number.0))
            }
        }

        deserializer.deserialize_any(Number)
    }
}

/// A non-negative number, multiplied by `SCALE` and rounded, at most `MAX`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scaled<const SCALE: u32, const MAX: u32>(pub(super) u32);

/// A number of bits, milliseconds or percent.
pub(super) type Whole = Scaled<1, { u32::MAX }>;
/// A whole number of 16 bits.
pub(super) type Small = Scaled<1, { u16::MAX as u32 }>;
/// A percentage, in hundredths.
pub(super) type Share = Scaled<100, 10_000>;
/// Any other value in hundredths.
pub(super) type Hundredths = Scaled<100, { u16::MAX as u32 }>;

impl<'de, const SCALE: u32, const MAX: u32> Deserialize<'de> for Scaled<SCALE, MAX> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number<const SCALE: u32, const MAX: u32>;

        impl<const SCALE: u32, const MAX: u32> Visitor<'_> for Number<SCALE, MAX> {
            type Value = Scaled<SCALE, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a number from 0 to {}", MAX / SCALE)
            }

            #[inline]
            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                number
                    .checked_mul(u64::from(SCALE))
                    .and_then(Scaled::from_scaled)
                    .ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                Err(E::invalid_value(Unexpected::Signed(number), &self))
            }

            #[inline]
            fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
                let scaled = (number * f64::from(SCALE)).round();
                if (0.0..=f64::from(MAX)).contains(&scaled) {
                    Ok(Scaled(scaled as u32))
                } else {
                    Err(E::invalid_value(Unexpected::Float(number), &self))
                }
            }
        }

        deserializer.deserialize_any(Number)
    }
}

impl<const SCALE: u32, const MAX: u32> Scaled<SCALE, MAX> {
    /// Returns a scaled number if it is in range.
    #[inline]
    pub(super) fn from_scaled(scaled: u64) -> Option<Self> {
        u32::try_from(scaled).ok().filter(|scaled| *scaled <= MAX).map(Self)
    }

    /// Returns the value, which `MAX` guarantees to fit.
    pub(super) fn small(self) -> u16 {
        u16::try_from(self.0).unwrap_or(u16::MAX)
    }
}
