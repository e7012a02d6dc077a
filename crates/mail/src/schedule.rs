//! When a subscription is due.

use jiff::{civil::Time, tz::TimeZone};
use rollcall_model::Timestamp;
use rollcall_store::Schedule;

/// A text that is not the name of a time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no time zone is called {0}; use a name such as Europe/Paris")]
pub struct UnknownZone(String);

/// Checks the name of a time zone.
///
/// # Errors
/// If the time zone database does not have it.
pub fn check_zone(name: &str) -> Result<(), UnknownZone> {
    let found = TimeZone::get(name).ok().filter(|zone| zone.iana_name() == Some(name));
    found.map(|_| ()).ok_or_else(|| UnknownZone(name.chars().take(64).collect()))
}

/// Returns a time zone by its name, or UTC if a later database has it no more.
pub(crate) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// Returns the first time of the schedule after `now`. If clocks skip that hour, it is the first moment after the gap; if
/// they repeat it, the first of the two.
#[must_use]
pub fn next_time(schedule: &Schedule, now: Timestamp) -> Timestamp {
    let zone = zone(&schedule.time_zone);
    let time = Time::new(i8::try_from(schedule.hour).unwrap_or(0), 0, 0, 0).unwrap_or(Time::midnight());
    let mut date = now.to_jiff().to_zoned_datetime(zone.clone()).date();
    // A week has the weekday, and today's hour may be over.
    for _ in 0..=8 {
        let is_day = schedule.weekday.is_none_or(|day| i8::try_from(day) == Ok(date.weekday().to_monday_zero_offset()));
        let at = date.to_datetime(time).to_zoned_datetime(zone.clone());
        if let Ok(at) = at
            && is_day
            && at.timestamp() > now.to_jiff()
        {
            return Timestamp::from_millis(at.timestamp().as_millisecond());
        }
        date = date.tomorrow().unwrap_or(date);
    }
    // Only at the end of the calendar.
    now.plus_seconds(7 * 24 * 3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(weekday: Option<u8>, hour: u8, zone: &str, now: &str) -> String {
        let schedule = Schedule { weekday, hour, time_zone: zone.into() };
        next_time(&schedule, now.parse().unwrap()).to_string()
    }

    #[test]
    fn the_next_time_is_after_now_in_the_schedules_zone() {
        for (weekday, hour, zone, now, expected) in [
            (None, 8, "UTC", "2026-11-30T07:59:59Z", "2026-11-30T08:00:00Z"),
            (None, 8, "UTC", "2026-11-30T08:00:00Z", "2026-12-01T08:00:00Z"),
            // Monday.
            (Some(0), 8, "Europe/Paris", "2026-11-30T06:59:00Z", "2026-11-30T07:00:00Z"),
            (Some(0), 8, "Europe/Paris", "2026-11-30T07:00:00Z", "2026-12-07T07:00:00Z"),
            (Some(6), 23, "America/New_York", "2026-11-30T12:00:00Z", "2026-12-07T04:00:00Z"),
            // It is Tuesday in Auckland already.
            (Some(1), 9, "Pacific/Auckland", "2026-11-30T12:00:00Z", "2026-11-30T20:00:00Z"),
            // An hour that clocks skip, and one that they repeat.
            (None, 2, "Europe/Paris", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"),
            (None, 2, "Europe/Paris", "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z"),
            (None, 2, "Europe/Paris", "2026-10-25T00:30:00Z", "2026-10-26T01:00:00Z"),
        ] {
            assert_eq!(next(weekday, hour, zone, now), expected, "{weekday:?} {hour} {zone} {now}");
        }
    }

    #[test]
    fn zones_are_those_of_the_database() {
        assert_eq!(check_zone("Europe/Paris"), Ok(()));
        assert_eq!(check_zone("UTC"), Ok(()));
        for name in ["", "Paris", "Europe/Pariss", "+01:00", "../etc/passwd", "\u{1b}[2J"] {
            assert!(check_zone(name).is_err(), "{name:?}");
        }
    }
}
