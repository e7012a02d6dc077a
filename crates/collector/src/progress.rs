//! How far a run is.

use rollcall_store::LaneProgress;
use serde::{Deserialize, Serialize};

/// The progress of a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Calls that were sent in this run.
    pub calls: u64,
    /// Calls that the vendor throttled.
    pub throttled: u64,
    /// Tries after a failure.
    pub retries: u64,
    /// Entries of lists that were read in this run.
    pub entries: u64,
    /// Lists that wait.
    pub waiting_lists: u64,
    /// Calls that are left, as far as one can tell.
    pub waiting_calls: u64,
    /// Gaps that were found in this run.
    pub gaps: u64,
    /// The lanes, as far as they have or had lists.
    pub rates: Vec<Rate>,
    /// Seconds that the rest takes at most; `None` if nothing limits it.
    pub seconds_left: Option<u64>,
}

/// What a lane has left, and may use.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Rate {
    /// The lane: a rate label.
    pub lane: String,
    /// Calls that are left.
    pub waiting_calls: u64,
    /// Calls per second; `None` without a limit.
    pub per_second: Option<f64>,
    /// Calls that the day's pool may use, all collectors together; `None` without a limit.
    pub per_day: Option<u32>,
    /// Calls that it has used today.
    pub used_today: u64,
}

impl Rate {
    /// Returns the seconds that the rest takes: the rate's, and a day for every pool that it empties.
    #[must_use]
    pub fn seconds(&self) -> Option<u64> {
        let at_the_rate = self.per_second.map(|rate| (self.waiting_calls as f64 / rate).ceil() as u64);
        let days = self.per_day.map(|per_day| {
            let today = u64::from(per_day).saturating_sub(self.used_today);
            self.waiting_calls.saturating_sub(today).div_ceil(u64::from(per_day.max(1)))
        });
        match (at_the_rate, days) {
            (Some(seconds), days) => Some(seconds.max(days.unwrap_or(0) * 86_400)),
            (None, Some(days)) => Some(days * 86_400),
            (None, None) => None,
        }
    }
}

impl Progress {
    /// Adds what the lanes have left.
    pub(crate) fn with_lanes(mut self, lanes: &[LaneProgress], rate: impl Fn(&LaneProgress) -> Rate) -> Self {
        self.waiting_lists = lanes.iter().map(|lane| lane.waiting).sum();
        self.waiting_calls = lanes.iter().map(|lane| lane.waiting_calls).sum();
        self.rates = lanes.iter().map(rate).collect();
        self.seconds_left = self.rates.iter().filter_map(Rate::seconds).max();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slower_of_rate_and_pool_decides() {
        let rate = |waiting_calls, used_today| Rate {
            lane: "Heavy".to_owned(),
            waiting_calls,
            per_second: Some(40.0),
            per_day: Some(30_000),
            used_today,
        };
        assert_eq!(rate(4_000, 0).seconds(), Some(100));
        assert_eq!(rate(4_000, 28_000).seconds(), Some(86_400), "the rest waits for tomorrow");
        assert_eq!(rate(70_000, 0).seconds(), Some(2 * 86_400));
    }
}
