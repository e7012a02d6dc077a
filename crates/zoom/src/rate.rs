//! Zoom's rate limits: a label per operation, a budget per account, label and plan (Zoom reference, section 7).

use std::{collections::HashMap, sync::Mutex};

use rollcall_model::{AccountId, RateLabel as Label, Timestamp};

/// A vendor's plan, which determines limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Free.
    Free,
    /// Pro.
    Pro,
    /// Business, Education, Enterprise, Partner.
    Business,
}

/// The daily budget of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pool {
    /// Its own.
    Of(Label),
    /// The budget that Heavy and Resource-intensive share on paid plans.
    Heavy,
}

/// A plan's limits for one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum number of requests per window.
    pub burst: u32,
    /// Length of the window in seconds.
    pub window_seconds: i64,
    /// Maximum number of requests per UTC day; `None` if there is no known daily limit.
    pub daily: Option<(Pool, u32)>,
}

/// Returns a plan's limits for a label.
#[must_use]
pub const fn limits(plan: Plan, label: Label) -> Limits {
    use {Label::*, Plan::*};
    let (burst, window_seconds) = match (plan, label) {
        (Free, Light) => (4, 1),
        (Free, Medium) => (2, 1),
        (Free, Heavy) => (1, 1),
        (Pro, Light) => (30, 1),
        (Pro, Medium) => (20, 1),
        (Pro, Heavy) => (10, 1),
        (Business, Light) => (80, 1),
        (Business, Medium) => (60, 1),
        (Business, Heavy) => (40, 1),
        (Free | Pro, ResourceIntensive) => (10, 60),
        (Business, ResourceIntensive) => (20, 60),
    };
    let daily = match (plan, label) {
        (Free, Light) => Some((Pool::Of(Light), 6_000)),
        (Free, Medium) => Some((Pool::Of(Medium), 2_000)),
        (Free, Heavy) => Some((Pool::Of(Heavy), 1_000)),
        (Free, ResourceIntensive) => Some((Pool::Of(ResourceIntensive), 30_000)),
        (Pro, Heavy | ResourceIntensive) => Some((Pool::Heavy, 30_000)),
        (Business, Heavy | ResourceIntensive) => Some((Pool::Heavy, 60_000)),
        (Pro | Business, Light | Medium) => None,
    };
    Limits { burst, window_seconds, daily }
}

/// The rest of a daily budget after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// How many requests a day has.
    pub limit: u32,
    /// How many are left.
    pub remaining: u32,
}

/// Whether a request is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is. The budget is reported if the plan has a daily one.
    Go(Option<Budget>),
    /// Too many in a short time: retry in this many seconds.
    TooFast {
        /// Seconds until the next window.
        retry_after_seconds: i64,
        /// The rest of the day's budget.
        budget: Option<Budget>,
    },
    /// The day's budget is used up: retry at that instant.
    UsedUp {
        /// When the next day begins, in UTC.
        until: Timestamp,
        /// The day's budget.
        budget: Budget,
    },
}

/// Counts requests per account. Windows are fixed: they begin at multiples of their length.
pub struct RateLimiter {
    plan: Option<Plan>,
    accounts: Mutex<HashMap<AccountId, Usage>>,
}

#[derive(Default)]
struct Usage {
    windows: HashMap<Label, Count>,
    days: HashMap<Pool, Count>,
}

/// Returns the number of requests in the window that began at `start`.
#[derive(Default, Clone, Copy)]
struct Count {
    start: i64,
    requests: u32,
}

impl Count {
    /// Returns the requests counted in the window that begins at `start`, including this one.
    fn within(&mut self, start: i64) -> &mut u32 {
        if self.start != start {
            *self = Self { start, requests: 0 };
        }
        &mut self.requests
    }
}

impl RateLimiter {
    /// Creates the counters of a plan; without one, nothing is limited.
    #[must_use]
    pub fn new(plan: Option<Plan>) -> Self {
        Self { plan, accounts: Mutex::default() }
    }

    /// Counts a request against the account's budgets, unless one of them is used up.
    pub fn admit(&self, account: AccountId, label: Label, now: Timestamp) -> Verdict {
        let Some(plan) = self.plan else { return Verdict::Go(None) };
        let limits = limits(plan, label);
        let now_seconds = now.as_seconds();
        let mut accounts = self.accounts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let usage = accounts.entry(account).or_default();

        let day_start = now_seconds.div_euclid(86_400) * 86_400;
        let mut day = limits.daily.map(|(pool, limit)| (usage.days.entry(pool).or_default().within(day_start), limit));
        if let Some((requests, limit)) = &day
            && **requests >= *limit
        {
            let until = Timestamp::from_seconds(day_start + 86_400);
            return Verdict::UsedUp { until, budget: Budget { limit: *limit, remaining: 0 } };
        }

        let window_start = now_seconds.div_euclid(limits.window_seconds) * limits.window_seconds;
        let in_window = usage.windows.entry(label).or_default().within(window_start);
        if *in_window >= limits.burst {
            let budget = day.map(|(requests, limit)| Budget { limit, remaining: limit - *requests });
            return Verdict::TooFast {
                retry_after_seconds: window_start + limits.window_seconds - now_seconds,
                budget,
            };
        }

        *in_window += 1;
        let budget = day.as_mut().map(|(requests, limit)| {
            **requests += 1;
            Budget { limit: *limit, remaining: *limit - **requests }
        });
        Verdict::Go(budget)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId(1);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn without_a_plan_nothing_is_counted() {
        let limiter = RateLimiter::new(None);
        assert!((0..1000).all(|_| limiter.admit(ACCOUNT, Label::Heavy, at(0)) == Verdict::Go(None)));
    }

    #[test]
    fn a_second_holds_so_many_and_the_next_as_many_again() {
        let limiter = RateLimiter::new(Some(Plan::Pro));
        let admitted = |seconds| {
            (0..50).filter(|_| matches!(limiter.admit(ACCOUNT, Label::Heavy, at(seconds)), Verdict::Go(_))).count()
        };
        assert_eq!((admitted(100), admitted(101)), (10, 10));
        assert!(
            matches!(limiter.admit(AccountId(2), Label::Heavy, at(101)), Verdict::Go(_)),
            "accounts are counted separately"
        );
    }

    #[test]
    fn the_day_is_shared_by_heavy_and_resource_intensive_and_turns_at_midnight() {
        let limiter = RateLimiter::new(Some(Plan::Pro));
        for second in 0..3_000 {
            for _ in 0..10 {
                assert!(matches!(limiter.admit(ACCOUNT, Label::Heavy, at(second)), Verdict::Go(_)));
            }
        }
        let used_up = Verdict::UsedUp { until: at(86_400), budget: Budget { limit: 30_000, remaining: 0 } };
        assert_eq!(limiter.admit(ACCOUNT, Label::ResourceIntensive, at(4_000)), used_up);
        assert_eq!(limiter.admit(ACCOUNT, Label::Light, at(4_000)), Verdict::Go(None));
        assert!(matches!(limiter.admit(ACCOUNT, Label::Heavy, at(86_400)), Verdict::Go(_)));
    }
}
