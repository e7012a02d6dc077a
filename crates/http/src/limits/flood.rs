//! The rate limit on deliveries, so that one account's flood does not affect others.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use rollcall_model::{AccountId, Timestamp};

/// Counts the deliveries of each account per second. Only those with a valid signature are counted, so that nobody else
/// can use up an account's limit.
pub(crate) struct FloodGate {
    max_per_second: u32,
    accounts: Mutex<HashMap<AccountId, Second>>,
}

/// Deliveries in one second.
#[derive(Default)]
struct Second {
    start: i64,
    deliveries: u32,
}

impl FloodGate {
    pub(crate) fn new(max_per_second: u32) -> Self {
        Self { max_per_second, accounts: Mutex::default() }
    }

    /// Counts a delivery, unless the limit for its second is reached.
    pub(crate) fn admit(&self, account: AccountId, now: Timestamp) -> bool {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let second = accounts.entry(account).or_default();
        if second.start != now.as_seconds() {
            *second = Second { start: now.as_seconds(), deliveries: 0 };
        }
        let admitted = second.deliveries < self.max_per_second;
        second.deliveries += u32::from(admitted);
        admitted
    }
}
