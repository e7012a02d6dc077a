//! What the runs of a process did, for metrics.

use std::sync::{Arc, Mutex, PoisonError};

use rollcall_model::Vendor;

use crate::progress::Progress;

/// Sums over the runs of a process, of each vendor. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Counters(Arc<Mutex<[Sums; 2]>>);

/// Sums of one vendor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Calls that were sent, tries included.
    pub calls: u64,
    /// Calls that the vendor throttled.
    pub throttled: u64,
    /// Tries after a failure.
    pub retries: u64,
    /// Entries of lists.
    pub entries: u64,
    /// Gaps that were found.
    pub gaps: u64,
}

impl Counters {
    /// Returns the sums of each vendor.
    #[must_use]
    pub fn report(&self) -> [(Vendor, Sums); 2] {
        let [zoom, webex] = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        [(Vendor::Zoom, zoom), (Vendor::Webex, webex)]
    }

    /// Adds what a run did since its last report.
    pub(crate) fn add(&self, vendor: Vendor, before: &Progress, now: &Progress) {
        let mut sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let [zoom, webex] = &mut *sums;
        let sums = match vendor {
            Vendor::Zoom => zoom,
            Vendor::Webex => webex,
        };
        sums.calls += now.calls - before.calls;
        sums.throttled += now.throttled - before.throttled;
        sums.retries += now.retries - before.retries;
        sums.entries += now.entries - before.entries;
        sums.gaps += now.gaps - before.gaps;
    }
}
