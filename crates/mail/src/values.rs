//! The values of a subscription's query. A time may move along: "28 days before the mail".

use jiff::{Span, ToSpan as _};
use rollcall_model::Timestamp;
use rollcall_sql::Value;
use serde::{Deserialize, Serialize};

use crate::schedule::zone;

/// Maximum number of values.
const MAX_VALUES: usize = 2_000;
/// Maximum size of all values as JSON, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// Maximum count of a moving time's unit.
const MAX_COUNT: u32 = 10_000;

const HOUR_MILLIS: i64 = 3_600_000;

/// A value for a `?`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum QueryValue {
    /// A whole number.
    Integer(i64),
    /// Another number.
    Real(f64),
    /// A text.
    Text(String),
    /// NULL.
    Null(()),
    /// A time before the mail.
    Moving(MovingTime),
}

/// A time before the mail, as a text like `2026-10-01T09:00:00Z`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MovingTime {
    /// How long before, such as `24h`, `28d` or `12m`: hours, days or months of the subscription's time zone.
    #[serde(with = "ago")]
    pub ago: (u32, MovingUnit),
    /// The hour or day of UTC to whose start it is rounded down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<RoundedTo>,
}

/// The unit of a moving time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovingUnit {
    /// Hours.
    Hours,
    /// Days.
    Days,
    /// Months.
    Months,
}

/// What a moving time is rounded down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoundedTo {
    /// An hour.
    Hour,
    /// A day.
    Day,
}

/// Why values were rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidValue(String);

mod ago {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use super::{MAX_COUNT, MovingUnit};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde calls")]
    pub(super) fn serialize<S: Serializer>((count, unit): &(u32, MovingUnit), out: S) -> Result<S::Ok, S::Error> {
        let letter = match unit {
            MovingUnit::Hours => 'h',
            MovingUnit::Days => 'd',
            MovingUnit::Months => 'm',
        };
        out.collect_str(&format_args!("{count}{letter}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<(u32, MovingUnit), D::Error> {
        let text = String::deserialize(input)?;
        let wrong = || D::Error::custom("`ago` is a number with h, d or m");
        let units = [('h', MovingUnit::Hours), ('d', MovingUnit::Days), ('m', MovingUnit::Months)];
        let found = units.into_iter().find_map(|(letter, unit)| Some((text.strip_suffix(letter)?, unit)));
        let (count, unit) = found.ok_or_else(wrong)?;
        let is_number = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
        let count = count.parse().ok().filter(|count| is_number && *count <= MAX_COUNT).ok_or_else(wrong)?;
        Ok((count, unit))
    }
}

/// Reads values from a JSON list.
///
/// # Errors
/// If one of them is no value, or if there are too many.
pub fn parse_values(json: &str) -> Result<Vec<QueryValue>, InvalidValue> {
    if json.len() > MAX_BYTES {
        return Err(InvalidValue(format!("`values` are at most {MAX_BYTES} bytes.")));
    }
    let list: Vec<serde_json::Value> =
        serde_json::from_str(json).map_err(|_| InvalidValue("`values` must be a list.".to_owned()))?;
    if list.len() > MAX_VALUES {
        return Err(InvalidValue(format!("`values` has at most {MAX_VALUES} entries.")));
    }
    let value = |(index, value)| {
        serde_json::from_value(value).map_err(|_| {
            InvalidValue(format!(
                "`values[{index}]` must be a string, a number, null, or a time before the mail such as {{\"ago\": \"28d\"}}."
            ))
        })
    };
    list.into_iter().enumerate().map(value).collect()
}

/// Returns the values for a mail that is sent `now` to somebody in a time zone.
#[must_use]
pub fn resolve(values: Vec<QueryValue>, now: Timestamp, time_zone: &str) -> Vec<Value> {
    let value = |value| match value {
        QueryValue::Null(()) => Value::Null,
        QueryValue::Integer(number) => Value::Integer(number),
        QueryValue::Real(number) => Value::Real(number),
        QueryValue::Text(text) => Value::Text(text),
        QueryValue::Moving(time) => Value::Text(time.before(now, time_zone).to_string()),
    };
    values.into_iter().map(value).collect()
}

impl MovingTime {
    /// Returns the time, to the minute. Before the calendar begins, it is its beginning.
    fn before(&self, now: Timestamp, time_zone: &str) -> Timestamp {
        let (count, unit) = self.ago;
        let count = i64::from(count);
        let span: Span = match unit {
            MovingUnit::Hours => count.hours(),
            MovingUnit::Days => count.days(),
            MovingUnit::Months => count.months(),
        };
        let now = now.minute().start().to_jiff().to_zoned_datetime(zone(time_zone));
        let at = now.checked_sub(span).map_or(i64::MIN, |at| at.timestamp().as_millisecond());
        let step = match self.round {
            None => 1,
            Some(RoundedTo::Hour) => HOUR_MILLIS,
            Some(RoundedTo::Day) => 24 * HOUR_MILLIS,
        };
        Timestamp::from_millis(at.saturating_sub(at.rem_euclid(step)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(json: &str, now: &str, zone: &str) -> Value {
        resolve(parse_values(&format!("[{json}]")).unwrap(), now.parse().unwrap(), zone).remove(0)
    }

    #[test]
    fn times_move_with_the_mail_in_the_calendar_of_its_zone() {
        for (json, now, zone, expected) in [
            (r#"{"ago": "0d"}"#, "2026-11-30T08:00:41Z", "UTC", "2026-11-30T08:00:00Z"),
            (r#"{"ago": "24h"}"#, "2026-11-30T08:00:00Z", "UTC", "2026-11-29T08:00:00Z"),
            // Clocks changed between: a day of the calendar, not 24 hours.
            (r#"{"ago": "1d"}"#, "2026-10-25T12:00:00Z", "Europe/Paris", "2026-10-24T11:00:00Z"),
            (r#"{"ago": "1m"}"#, "2026-03-31T08:00:00Z", "UTC", "2026-02-28T08:00:00Z"),
            (r#"{"ago": "28d", "round": "day"}"#, "2026-11-30T08:30:00Z", "UTC", "2026-11-02T00:00:00Z"),
            (r#"{"ago": "1h", "round": "hour"}"#, "2026-11-30T08:30:00Z", "UTC", "2026-11-30T07:00:00Z"),
        ] {
            assert_eq!(at(json, now, zone), Value::Text(expected.to_owned()), "{json} {now} {zone}");
        }
        assert_eq!(
            at(r#"{"ago": "10000m"}"#, "2026-11-30T08:00:00Z", "UTC"),
            Value::Text("1193-07-30T08:00:00Z".into())
        );
        for (json, value) in [("1", Value::Integer(1)), ("1.5", Value::Real(1.5)), ("null", Value::Null)] {
            assert_eq!(at(json, "2026-11-30T08:00:00Z", "UTC"), value);
        }
    }

    #[test]
    fn values_are_printed_as_they_are_read_and_nonsense_is_rejected() {
        let json = r#"["a",1,1.5,null,{"ago":"28d","round":"day"},{"ago":"12m"}]"#;
        assert_eq!(serde_json::to_string(&parse_values(json).unwrap()).unwrap(), json);
        for wrong in [
            "{}",
            "[true]",
            "[[1]]",
            r#"[{"ago": "d"}]"#,
            r#"[{"ago": "-1d"}]"#,
            r#"[{"ago": "1y"}]"#,
            r#"[{"ago": "10001d"}]"#,
            r#"[{"ago": "1d", "more": 1}]"#,
            r#"[{"ago": "1d", "round": "week"}]"#,
        ] {
            assert!(parse_values(wrong).is_err(), "{wrong}");
        }
    }
}
