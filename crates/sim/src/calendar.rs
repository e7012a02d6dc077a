//! Days and weeks without a calendar library: days counted from 1970-01-01, weeks from Monday.

use crate::places::City;

pub(crate) const DAY: i64 = 86_400;

/// The day in UTC that holds `at`.
pub(crate) const fn utc_day(at: i64) -> i64 {
    at.div_euclid(DAY)
}

/// The day in `city` that holds `at`.
pub(crate) const fn local_day(at: i64, city: &City) -> i64 {
    (at + city.offset_minutes * 60).div_euclid(DAY)
}

/// The minute of the day in `city`.
pub(crate) const fn local_minute_of_day(at: i64, city: &City) -> u32 {
    ((at + city.offset_minutes * 60).rem_euclid(DAY) / 60) as u32
}

/// The instant at which it is `minute_of_day` of `day` in `city`.
pub(crate) const fn at_local(day: i64, minute_of_day: i64, city: &City) -> i64 {
    day * DAY + (minute_of_day - city.offset_minutes) * 60
}

/// 0 for Monday to 6 for Sunday. 1970-01-01 was a Thursday.
pub(crate) const fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

/// The week that holds `day`.
pub(crate) const fn week(day: i64) -> i64 {
    (day + 3).div_euclid(7)
}

/// The Monday of `week`.
pub(crate) const fn monday(week: i64) -> i64 {
    week * 7 - 3
}
