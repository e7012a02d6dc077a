use rollcall_model::Minute;

use crate::tables::iso_of_millis;

/// The last minute whose year has four digits, except for a few days.
pub(crate) const LAST_MINUTE: u32 = 4_223_368_799;

/// Returns the text of a minute's time. [`iso_of_millis`] returns the same but takes ten times as long.
pub(crate) fn time_of(minute: Minute) -> String {
    if minute.0 > LAST_MINUTE {
        return iso_of_millis(i64::from(minute.0) * 60_000);
    }
    let (day, minute) = (minute.0 / 1_440, minute.0 % 1_440);
    let (year, month, date) = date_of(day);
    let mut text = *b"0000-00-00T00:00:00Z";
    let mut put = |at: usize, number: u32| {
        text[at] = b'0' + (number / 10 % 10) as u8;
        text[at + 1] = b'0' + (number % 10) as u8;
    };
    put(0, year / 100);
    put(2, year);
    put(5, month);
    put(8, date);
    put(11, minute / 60);
    put(14, minute % 60);
    String::from_utf8_lossy(&text).into_owned()
}

/// Returns the year, month and day of a day since 1970: Hinnant's `civil_from_days`, for days from 1970 on.
fn date_of(day: u32) -> (u32, u32, u32) {
    // Counted from 1 March of the year 0, so that leap days are last.
    let day = day + 719_468;
    let (era, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u32::from(month <= 2), month, date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_timestamps() {
        let minutes = (0..LAST_MINUTE).step_by(999_983).chain((0..2_000_000).step_by(719)).chain([LAST_MINUTE]);
        for minute in minutes {
            assert_eq!(time_of(Minute(minute)), iso_of_millis(i64::from(minute) * 60_000));
        }
    }
}
