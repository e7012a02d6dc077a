//! Times in reports. Days and months come in an order that only the file as a whole shows.

use std::{cell::Cell, io, str::FromStr};

use jiff::civil::{Date, DateTime, Time};
use rollcall_model::Timestamp;

use super::invalid;
use crate::zone::{self, Zone};

/// Whether days or months come first in dates such as 11/10/2026.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    /// 10/11/2026 is in October.
    MonthFirst,
    /// 10/11/2026 is in November.
    DayFirst,
}

/// An unknown [`DateOrder`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write month-first or day-first")]
pub struct UnknownDateOrder;

impl FromStr for DateOrder {
    type Err = UnknownDateOrder;

    fn from_str(text: &str) -> Result<Self, UnknownDateOrder> {
        match text {
            "month-first" => Ok(Self::MonthFirst),
            "day-first" => Ok(Self::DayFirst),
            _ => Err(UnknownDateOrder),
        }
    }
}

impl DateOrder {
    /// Returns the order of the dates in a report, from its times with their lines.
    ///
    /// # Errors
    /// If both orders are possible and mean different days, or if no order fits all dates.
    pub(super) fn of<'t>(times: impl Iterator<Item = (u64, &'t str)>) -> io::Result<Self> {
        let (mut month_first, mut day_first, mut unclear) = (None, None, None);
        for (line, text) in times {
            match Shown::of(text) {
                Some(Shown::MonthFirst) => _ = month_first.get_or_insert((line, text)),
                Some(Shown::DayFirst) => _ = day_first.get_or_insert((line, text)),
                Some(Shown::Unclear) => _ = unclear.get_or_insert((line, text)),
                None => {}
            }
        }
        match (month_first, day_first, unclear) {
            (Some((one, month)), Some((other, day)), _) => Err(invalid(format!(
                "line {one} has the month first (`{month}`), and line {other} the day (`{day}`). Export the report \
                 again, without opening it in a spreadsheet program"
            ))),
            (None, None, Some((line, text))) => Err(invalid(format!(
                "line {line}: `{text}` may begin with the month or with the day, and no other date of the file shows \
                 which. Add --date-order month-first (Zoom's default) or --date-order day-first"
            ))),
            (None, Some(_), _) => Ok(Self::DayFirst),
            _ => Ok(Self::MonthFirst),
        }
    }

    /// Parses a time without a time zone.
    fn civil(self, text: &str) -> Option<DateTime> {
        let lower = text.to_lowercase();
        let numbers = numbers(&lower);
        let month = month_in(&lower);
        let (year, month, day, clock) = match (month, &numbers[..]) {
            (Some(month), [day, year, clock @ ..]) if *year >= 1970 => (*year, month, *day, clock),
            (None, [year, month, day, clock @ ..]) if *year >= 1970 => (*year, *month, *day, clock),
            (None, [first, second, year, clock @ ..]) => {
                let year = if *year < 100 { year + 2000 } else { *year };
                match self {
                    Self::MonthFirst => (year, *first, *second, clock),
                    Self::DayFirst => (year, *second, *first, clock),
                }
            }
            _ => return None,
        };
        let (hour, minute, second) = match clock {
            [hour, minute, second, ..] => (*hour, *minute, *second),
            [hour, minute] => (*hour, *minute, 0),
            _ => return None,
        };
        let hour = match (hour, Half::of(&lower)) {
            (12, Some(Half::Morning)) => 0,
            (1..=11, Some(Half::Afternoon)) => hour + 12,
            _ => hour,
        };
        let small = |number: i64| i8::try_from(number).ok();
        let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
        let time = Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()?;
        Some(DateTime::from_parts(date, time))
    }
}

/// What one date shows about the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    MonthFirst,
    DayFirst,
    Unclear,
}

impl Shown {
    /// `None` if the order does not matter, or the text is not a date.
    fn of(text: &str) -> Option<Self> {
        let lower = text.to_lowercase();
        let date = lower.split([' ', 't', '\u{a0}', '\u{202f}']).next().unwrap_or_default();
        let numbers = numbers(date);
        let [first, second, _] = numbers[..] else { return None };
        if first >= 1970 || month_in(&lower).is_some() || first == second {
            return None;
        }
        match (first > 12, second > 12) {
            (true, false) => Some(Self::DayFirst),
            (false, true) => Some(Self::MonthFirst),
            // 31.12.2026: only dates with days first use points.
            (false, false) if date.contains('.') => Some(Self::DayFirst),
            (false, false) => Some(Self::Unclear),
            (true, true) => None,
        }
    }
}

/// Half of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

impl Half {
    fn of(lower: &str) -> Option<Self> {
        // `10:00 p. m.`, with any kind of space
        let end: String = lower.chars().filter(|c| !c.is_whitespace() && *c != '.').collect();
        let has = |words: [&str; 3]| end.ends_with(words[0]) || end.contains(words[1]) || end.contains(words[2]);
        if has(["am", "上午", "午前"]) {
            Some(Self::Morning)
        } else if has(["pm", "下午", "午後"]) {
            Some(Self::Afternoon)
        } else {
            None
        }
    }
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Returns the number of an English month in a text.
fn month_in(lower: &str) -> Option<i64> {
    MONTHS.iter().position(|month| lower.contains(month)).and_then(|at| i64::try_from(at + 1).ok())
}

/// Returns the numbers in a text.
fn numbers(text: &str) -> Vec<i64> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

/// How to parse times.
#[derive(Debug)]
pub(super) struct Times {
    pub(super) order: DateOrder,
    /// The report's time zone.
    pub(super) reported: Option<Zone>,
    /// The caller's time zone.
    pub(super) named: Option<Zone>,
    pub(super) assumes_utc: Cell<bool>,
}

impl Times {
    /// Parses a time of a table whose columns name `zone`.
    ///
    /// # Errors
    /// A text that is not a time, or one that is out of range.
    pub(super) fn parse(&self, text: &str, zone: Option<&Zone>) -> Result<Timestamp, String> {
        if let Ok(time) = text.parse::<Timestamp>() {
            return Ok(time);
        }
        let (time, own) = zone::split(text);
        let civil = self
            .order
            .civil(time)
            .ok_or_else(|| format!("`{text}` is not a date with a time. Write it like 2026-11-20 16:00:00"))?;
        let zone = own.as_ref().or(zone).or(self.reported.as_ref()).or(self.named.as_ref());
        if zone.is_none() {
            self.assumes_utc.set(true);
        }
        zone.unwrap_or(&Zone::UTC).instant(civil).ok_or_else(|| format!("`{text}` is out of range"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(texts: &[&str]) -> Result<DateOrder, String> {
        DateOrder::of(texts.iter().zip(1..).map(|(text, line)| (line, *text))).map_err(|error| error.to_string())
    }

    fn times(order: DateOrder) -> Times {
        Times { order, reported: None, named: None, assumes_utc: Cell::new(false) }
    }

    #[test]
    fn dates_are_read_in_the_forms_that_reports_have() {
        for text in [
            "11/20/2026 10:00:00 PM",
            "11/20/2026 22:00",
            "2026-11-20 22:00:00",
            "2026-11-20T22:00:00Z",
            "2026-11-20T22:00:00.123Z",
            "2026/11/20 22:00:00",
            "2026/11/20 10:00:00 PM",
            "2026/11/20 下午 10:00",
            "2026/11/20 午後10:00:00",
            "Nov 20, 2026 10:00:00 PM",
            "Nov 20, 2026 22:00:00",
            "November 20, 2026 10:00 p.m.",
            "20 Nov 2026 22:00:00",
            "11/20/26 10:00 pm",
            "11/20/2026 10:00:00\u{202f}PM",
            "20/11/2026 10:00:00 p.\u{a0}m.",
            "20/11/2026 22:00:00",
            "20.11.2026 22:00",
            "20.11.2026, 22:00:00",
            "20-11-2026 10:00:00 PM",
        ] {
            let found = order(&[text]).unwrap();
            assert_eq!(times(found).parse(text, None).map(|time| time.as_seconds()), Ok(1_795_212_000), "{text}");
        }
        let month_first = times(DateOrder::MonthFirst);
        assert_eq!(month_first.parse("11/20/2026 12:05:00 AM", None).unwrap().to_string(), "2026-11-20T00:05:00Z");
        for text in ["", "soon", "13/13/2026 10:00", "11/20/2026", "20/11/2026 10:00", "20 ottobre 2026 10:00"] {
            let wrong = month_first.parse(text, None).unwrap_err();
            assert!(wrong.contains("2026-11-20 16:00:00"), "{text}: {wrong}");
        }
    }

    #[test]
    fn the_order_of_days_and_months_is_decided_over_the_whole_file() {
        let (month, day) = (Ok(DateOrder::MonthFirst), Ok(DateOrder::DayFirst));
        assert_eq!(order(&["01/02/2026 10:00", "11/20/2026 10:00"]), month);
        assert_eq!(order(&["01/02/2026 10:00", "20/11/2026 10:00"]), day);
        assert_eq!(order(&["01/02/26 10:00", "20/11/26 10:00"]), day);
        assert_eq!(order(&["01.02.2026 10:00"]), day);
        assert_eq!(order(&["07/07/2026 10:00", "2026-01-02 10:00", "Mar 2, 2026 8:07 AM"]), month);
        let unclear = order(&["2026-01-02 10:00", "01/02/2026 10:00:00 PM"]).unwrap_err();
        assert!(unclear.starts_with("line 2: `01/02/2026 10:00:00 PM` may begin with"), "{unclear}");
        assert!(unclear.contains("--date-order"), "{unclear}");
        let both = order(&["01/20/2026 10:00", "20/01/2026 10:00"]).unwrap_err();
        assert!(both.starts_with("line 1 has the month first (`01/20/2026 10:00`), and line 2 the day"), "{both}");
    }
}
