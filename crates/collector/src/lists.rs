//! Lists, as a vendor's module plans them.

use rollcall_client::Call;
use rollcall_model::{Operation, RateLabel, Text, Timestamp};
use rollcall_store::NewList;

/// The lane of a vendor without rate labels.
pub(crate) const ONE_LANE: &str = "all";

/// The order of lists: what names others first.
pub(crate) const STEP_NAMES: u8 = 0;
pub(crate) const STEP_MEETING: u8 = 1;
pub(crate) const STEP_INSTANCE: u8 = 2;
pub(crate) const STEP_REPORT: u8 = 3;

/// How long after its end an instance's data may still change: reports follow within a day, and sometimes later.
pub(crate) const SETTLE_SECONDS: i64 = 2 * 86_400;

const SECONDS_PER_DAY: i64 = 86_400;

/// The lane of an operation.
pub(crate) fn lane_of(operation: &Operation) -> &'static str {
    operation.label.map_or(ONE_LANE, RateLabel::as_str)
}

/// Begins a list.
pub(crate) fn list(call: &Call, step: u8) -> NewList {
    NewList {
        target: call.target().into(),
        operation: call.operation().id.into(),
        lane: lane_of(call.operation()).into(),
        step,
        about: None,
        at: None,
        expires_at: None,
        final_at: None,
        version: 0,
        expected: None,
        estimate: 1,
    }
}

/// What a list of an instance has in common with the others of that instance.
#[derive(Debug, Clone)]
pub(crate) struct OfInstance {
    pub(crate) about: Text,
    pub(crate) at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
    /// Days for which the vendor keeps it.
    pub(crate) kept_days: i64,
    pub(crate) version: i64,
}

impl OfInstance {
    /// Makes a list one of the instance, with as many entries as `expected`, `per_page` on a page.
    pub(crate) fn list(&self, call: &Call, step: u8, expected: Option<u64>, per_page: u64) -> NewList {
        let since = self.ended_at.or(self.at);
        NewList {
            about: Some(self.about.clone()),
            at: self.at,
            expires_at: since.map(|at| at.plus_seconds(self.kept_days * SECONDS_PER_DAY)),
            final_at: since.map(|at| at.plus_seconds(SETTLE_SECONDS)),
            version: self.version,
            expected,
            estimate: expected.map_or(1, |entries| entries.div_ceil(per_page).max(1).try_into().unwrap_or(u32::MAX)),
            ..list(call, step)
        }
    }
}

/// A window of whole days in UTC, both included, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Days {
    first: i64,
    last: i64,
}

impl Days {
    /// Returns when the window begins.
    pub(crate) fn start(self) -> Timestamp {
        Timestamp::from_seconds(self.first * SECONDS_PER_DAY)
    }

    /// Returns when the window has ended.
    pub(crate) fn end(self) -> Timestamp {
        Timestamp::from_seconds((self.last + 1) * SECONDS_PER_DAY)
    }

    /// Returns the first and the last day, such as `2026-11-30`.
    pub(crate) fn dates(self) -> [String; 2] {
        [self.first, self.last].map(|day| {
            let mut date = Timestamp::from_seconds(day * SECONDS_PER_DAY).to_string();
            date.truncate(10);
            date
        })
    }
}

/// Returns the windows of at most `length` days from `days` days ago until today, latest first. Their bounds stay where
/// they are from day to day, except those of the first and the last: a window that is over is not read again.
pub(crate) fn windows(now: Timestamp, days: i64, length: i64) -> Vec<Days> {
    let today = daily(now);
    let earliest = today - days.max(0);
    let mut windows = Vec::new();
    let mut start = today.div_euclid(length) * length;
    loop {
        windows.push(Days { first: start.max(earliest), last: (start + length - 1).min(today) });
        if start <= earliest {
            return windows;
        }
        start -= length;
    }
}

/// Returns the version of lists that are read again once a day.
pub(crate) fn daily(now: Timestamp) -> i64 {
    now.as_seconds().div_euclid(SECONDS_PER_DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_every_day_once_and_stay_where_they_are() {
        let now: Timestamp = "2026-11-30T12:00:00Z".parse().unwrap();
        let windows_now = windows(now, 100, 30);
        assert_eq!(windows_now.first().unwrap().dates()[1], "2026-11-30");
        assert_eq!(windows_now.last().unwrap().dates()[0], "2026-08-22");
        for pair in windows_now.windows(2) {
            assert_eq!(pair[1].end(), pair[0].start(), "no gap and no overlap");
        }
        let tomorrow = windows(now.plus_seconds(86_400), 100, 30);
        assert_eq!(tomorrow[1..tomorrow.len() - 1], windows_now[1..windows_now.len() - 1]);
        assert_eq!(windows(now, 0, 30).len(), 1);
    }
}
