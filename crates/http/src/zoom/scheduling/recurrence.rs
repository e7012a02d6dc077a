//! Occurrences of recurring meetings, in the time zone of their schedule.

use jiff::{
    ToSpan as _, ZonedDateTime,
    civil::{Date, DateTime, Weekday},
    tz::TimeZone,
};
use rollcall_model::Timestamp;
use serde_json::{Value, json};

use crate::zoom::body::Fields;

/// The most occurrences that are planned; Zoom shows as many.
pub(super) const MAX_OCCURRENCES: usize = 50;
/// Zoom's limit on `end_times`.
const MAX_END_TIMES: i64 = 60;
/// Months that are looked at for a day that some lack.
const MAX_MONTHS: i32 = 1_200;

/// How often a meeting recurs, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recurrence {
    rhythm: Rhythm,
    interval: i32,
    times: usize,
    until: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rhythm {
    Daily,
    /// On these days; on the day of the start if there are none. Sunday is 1.
    Weekly(Vec<i8>),
    /// On this day, in months that have it.
    MonthlyOn(i8),
    /// On this weekday of this week; -1 is the last one.
    MonthlyIn(i8, i8),
}

impl Recurrence {
    /// Reads a `recurrence` object, and records what is wrong with it.
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        let kind = fields.number("type", 1..=3);
        if !fields.has("type") {
            fields.missing("type");
        }
        let max_interval = match kind {
            Some(1) => 99,
            Some(2) => 50,
            _ => 10,
        };
        let interval = fields.number("repeat_interval", 1..=max_interval).unwrap_or(1);
        let times = fields.number("end_times", 0..=MAX_END_TIMES).filter(|times| *times > 0);
        let until = fields.text("end_date_time", 40).and_then(|text| {
            let parsed = text.parse::<Timestamp>().ok();
            if parsed.is_none() {
                fields.refuse("end_date_time", "Use a time in UTC such as 2026-03-01T10:15:14Z.");
            }
            parsed
        });
        if times.is_some() && until.is_some() {
            fields.refuse("end_date_time", "Send either `end_times` or `end_date_time`.");
        }
        let rhythm = match kind? {
            1 => Rhythm::Daily,
            2 => Rhythm::Weekly(weekdays(fields)?),
            _ => monthly(fields)?,
        };
        let times = times.and_then(|times| usize::try_from(times).ok()).unwrap_or(MAX_OCCURRENCES);
        Some(Self { rhythm, interval: i32::try_from(interval).unwrap_or(1), times: times.min(MAX_OCCURRENCES), until })
    }

    /// Returns when the occurrences of a meeting begin that first begins at `start` or later.
    pub(super) fn starts(&self, start: &ZonedDateTime) -> Vec<Timestamp> {
        let mut starts = Vec::new();
        let first = start.datetime();
        let zone = start.time_zone();
        let mut add = |date: Date| -> bool {
            if date < first.date() {
                return true;
            }
            let Some(at) = instant(date.to_datetime(first.time()), zone) else { return false };
            if self.until.is_some_and(|until| at > until) || starts.len() >= self.times {
                return false;
            }
            starts.push(at);
            true
        };
        match &self.rhythm {
            Rhythm::Daily => {
                for step in 0.. {
                    let date = first.date().checked_add((step * i64::from(self.interval)).days());
                    if !date.is_ok_and(&mut add) {
                        break;
                    }
                }
            }
            Rhythm::Weekly(days) => weekly(first.date(), days, self.interval, &mut add),
            Rhythm::MonthlyOn(_) | Rhythm::MonthlyIn(..) => {
                for step in 0..MAX_MONTHS {
                    let month = first.date().first_of_month().checked_add((step * self.interval).months());
                    let Ok(month) = month else { break };
                    let date = match self.rhythm {
                        Rhythm::MonthlyOn(day) => Date::new(month.year(), month.month(), day).ok(),
                        Rhythm::MonthlyIn(week, day) => month.nth_weekday_of_month(week, weekday(day)).ok(),
                        _ => None,
                    };
                    if date.is_some_and(|date| !add(date)) {
                        break;
                    }
                }
            }
        }
        starts
    }
}

/// Passes on the days of every `interval`th week, until one is refused.
fn weekly(first: Date, days: &[i8], interval: i32, add: &mut impl FnMut(Date) -> bool) {
    let since_sunday = i64::from(first.weekday().to_sunday_zero_offset());
    let own = [first.weekday().to_sunday_one_offset()];
    let days = if days.is_empty() { &own } else { days };
    for week in 0.. {
        for day in days {
            let offset = week * 7 * i64::from(interval) + i64::from(*day) - 1 - since_sunday;
            if !first.checked_add(offset.days()).is_ok_and(&mut *add) {
                return;
            }
        }
    }
}

/// Returns the instant of a local time; one that the clock skips is moved forward.
pub(super) fn instant(at: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let zoned = at.to_zoned_datetime(zone.clone()).ok()?;
    Some(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
}

fn weekday(day: i8) -> Weekday {
    Weekday::from_sunday_one_offset(day).unwrap_or(Weekday::Sunday)
}

fn weekdays(fields: &Fields<'_>) -> Option<Vec<i8>> {
    const FIX: &str = "Use days from 1 (Sunday) to 7, separated by commas.";
    let Some(text) = fields.text("weekly_days", 32) else { return Some(Vec::new()) };
    let mut days = Vec::new();
    for day in text.split(',') {
        match day.trim().parse::<i8>() {
            Ok(day) if (1..=7).contains(&day) => days.push(day),
            _ => {
                fields.refuse("weekly_days", FIX);
                return None;
            }
        }
    }
    days.sort_unstable();
    days.dedup();
    Some(days)
}

fn monthly(fields: &Fields<'_>) -> Option<Rhythm> {
    let small = |number: i64| i8::try_from(number).unwrap_or(1);
    if let Some(week) = fields.number("monthly_week", -1..=4).filter(|week| *week != 0) {
        let day = fields.number("monthly_week_day", 1..=7);
        if !fields.has("monthly_week_day") {
            fields.missing("monthly_week_day");
        }
        return Some(Rhythm::MonthlyIn(small(week), small(day?)));
    }
    let day = fields.number("monthly_day", 1..=31);
    if !fields.has("monthly_day") {
        fields.missing("monthly_day");
    }
    Some(Rhythm::MonthlyOn(small(day?)))
}

/// Returns the occurrences as they are served.
pub(super) fn occurrences(starts: &[Timestamp], duration_minutes: i64) -> Value {
    let occurrence = |start: &Timestamp| {
        json!({
            "occurrence_id": start.as_millis().to_string(),
            "start_time": start.to_string(),
            "duration": duration_minutes,
            "status": "available",
        })
    };
    starts.iter().map(occurrence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(rhythm: Rhythm, interval: i32, times: usize, from: &str, zone: &str) -> Vec<String> {
        let recurrence = Recurrence { rhythm, interval, times, until: None };
        let at: DateTime = from.parse().unwrap();
        let start = at.to_zoned_datetime(TimeZone::get(zone).unwrap()).unwrap();
        recurrence.starts(&start).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_clock_on_the_wall_counts() {
        // Summer time ends on 2026-10-25.
        let daily = starts(Rhythm::Daily, 1, 3, "2026-10-24T09:00:00", "Europe/Berlin");
        assert_eq!(daily, ["2026-10-24T07:00:00Z", "2026-10-25T08:00:00Z", "2026-10-26T08:00:00Z"]);
        // 02:30 does not exist on 2026-03-29.
        let skipped = starts(Rhythm::Daily, 1, 2, "2026-03-28T02:30:00", "Europe/Berlin");
        assert_eq!(skipped, ["2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z"]);
    }

    #[test]
    fn weeks_begin_on_sunday() {
        // 2026-09-23 is a Wednesday.
        let weekly = starts(Rhythm::Weekly(vec![1, 4, 6]), 2, 4, "2026-09-23T09:00:00", "UTC");
        assert_eq!(
            weekly,
            ["2026-09-23T09:00:00Z", "2026-09-25T09:00:00Z", "2026-10-04T09:00:00Z", "2026-10-07T09:00:00Z"]
        );
        let own = starts(Rhythm::Weekly(Vec::new()), 1, 2, "2026-09-23T09:00:00", "UTC");
        assert_eq!(own, ["2026-09-23T09:00:00Z", "2026-09-30T09:00:00Z"]);
    }

    #[test]
    fn months_without_the_day_are_skipped() {
        let on = starts(Rhythm::MonthlyOn(31), 1, 3, "2026-01-31T09:00:00", "UTC");
        assert_eq!(on, ["2026-01-31T09:00:00Z", "2026-03-31T09:00:00Z", "2026-05-31T09:00:00Z"]);
        let last_friday = starts(Rhythm::MonthlyIn(-1, 6), 2, 2, "2026-01-01T09:00:00", "UTC");
        assert_eq!(last_friday, ["2026-01-30T09:00:00Z", "2026-03-27T09:00:00Z"]);
    }
}
