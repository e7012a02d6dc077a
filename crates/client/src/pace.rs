//! When calls may be sent.
//!
//! Zoom counts calls in short windows per label and, for two labels together, per day; other apps of the account use the
//! same pools. A token bucket such as `governor`'s knows neither a pool that several buckets share nor one that turns at
//! midnight, so the vendors' own windows decide here. Calls of a label are evenly spaced, a little below the limit, and each
//! counts against its day before it is sent. The counts are in a [`Ledger`], which several collectors of one account share.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use rollcall_model::{Clock, RateLabel, Timestamp, Vendor};
use rollcall_zoom::rate::{Plan, Pool, limits};

/// The part of a short window that is used, in percent: a call that arrives late counts in the next window. Each time that
/// the vendor throttles nevertheless, because calls arrive more unevenly, it is less from then on.
const USED_PERCENT: i64 = 97;
const LESS_PERCENT: i64 = 2;
const LEAST_PERCENT: i64 = 75;
/// Calls that were held up may follow each other a little more closely, up to this part of the window.
const MOST_PERCENT: i64 = 99;
/// Slots for this time are reserved at once, so that a shared ledger is not asked for each call.
const RESERVED_MICROS: i64 = 1_000_000;
/// Pause between calls of a vendor without published windows.
const WEBEX_SPACING_MICROS: i64 = 10_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// A pool of calls per day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyPool {
    /// Its name: that of the label, or of the pool that labels share.
    pub name: &'static str,
    /// How many calls may be used of it.
    pub limit: u32,
    /// The day, counted from 1970-01-01 in UTC.
    pub day: i64,
}

/// A request for turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// The name of the window that is shared: a label's.
    pub lane: &'static str,
    /// The pause between calls, in microseconds.
    pub spacing_micros: i64,
    /// The day's pool, if there is one.
    pub pool: Option<DailyPool>,
    /// The time, in microseconds since 1970.
    pub now_micros: i64,
    /// How many turns are wanted.
    pub want: u32,
}

/// Turns that nobody else has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slots {
    /// When the first is, in microseconds since 1970; the others follow at the pause between calls.
    pub first_micros: i64,
    /// How many there are, which may be fewer than were wanted; none if the day's pool is used up.
    pub count: u32,
}

/// Why turns could not be reserved.
#[derive(Debug, thiserror::Error)]
#[error("turns could not be reserved: {0}")]
pub struct LedgerError(pub String);

/// Where turns are counted.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Reserves turns.
    async fn reserve(&self, ask: Ask) -> Result<Slots, LedgerError>;
}

/// A ledger of one process.
#[derive(Debug, Default)]
pub struct MemoryLedger(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    next: BTreeMap<&'static str, i64>,
    used: BTreeMap<&'static str, (i64, u32)>,
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn reserve(&self, ask: Ask) -> Result<Slots, LedgerError> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut count = ask.want;
        if let Some(pool) = ask.pool {
            let (day, used) = counted.used.entry(pool.name).or_default();
            if *day != pool.day {
                (*day, *used) = (pool.day, 0);
            }
            count = count.min(pool.limit.saturating_sub(*used));
            *used += count;
        }
        let next = counted.next.entry(ask.lane).or_default();
        let first_micros = (*next).max(ask.now_micros);
        *next = first_micros + i64::from(count) * ask.spacing_micros;
        Ok(Slots { first_micros, count })
    }
}

/// The day's pool is used up, as far as it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsedUp {
    /// When it is filled again.
    pub until: Timestamp,
}

/// Why there is no turn.
#[derive(Debug)]
pub(crate) enum NoTurn {
    UsedUp(UsedUp),
    Ledger(LedgerError),
}

/// Gives calls their turns.
pub struct Pace {
    vendor: Vendor,
    clock: Arc<dyn Clock>,
    ledger: Arc<dyn Ledger>,
    share_percent: u32,
    state: Mutex<State>,
    lanes: BTreeMap<&'static str, tokio::sync::Mutex<Lane>>,
}

/// What is known of the vendor's limits.
struct State {
    plan: Option<Plan>,
    is_declared: bool,
    /// Labels that the vendor has stopped, until when.
    stopped: BTreeMap<&'static str, Timestamp>,
    /// The part of its window that a label uses, if it was throttled.
    used_percent: BTreeMap<&'static str, i64>,
    is_limited: bool,
}

#[derive(Default)]
struct Lane {
    slots: VecDeque<i64>,
    sent_micros: i64,
}

/// Every lane: the labels, and that of a vendor without labels.
const LABELS: [RateLabel; 4] = [RateLabel::Light, RateLabel::Medium, RateLabel::Heavy, RateLabel::ResourceIntensive];
const ONE_LANE: &str = "all";

impl Pace {
    /// Creates the pace of an account. Without a plan, the vendor's headers tell it; until then, calls are sent as a Pro
    /// plan allows. `share_percent` of a day's pool may be used.
    #[must_use]
    pub fn new(
        vendor: Vendor,
        plan: Option<Plan>,
        share_percent: u32,
        clock: Arc<dyn Clock>,
        ledger: Arc<dyn Ledger>,
    ) -> Self {
        let lanes = LABELS.iter().map(|label| label.as_str()).chain([ONE_LANE]);
        Self {
            vendor,
            clock,
            ledger,
            share_percent: share_percent.clamp(1, 100),
            state: Mutex::new(State {
                plan,
                is_declared: plan.is_some(),
                stopped: BTreeMap::new(),
                used_percent: BTreeMap::new(),
                is_limited: true,
            }),
            lanes: lanes.map(|lane| (lane, tokio::sync::Mutex::default())).collect(),
        }
    }

    /// Creates a pace without any limit, for servers that have none.
    #[must_use]
    pub fn unlimited(vendor: Vendor, clock: Arc<dyn Clock>) -> Self {
        let pace = Self::new(vendor, None, 100, clock, Arc::new(MemoryLedger::default()));
        pace.state.lock().unwrap_or_else(PoisonError::into_inner).is_limited = false;
        pace
    }

    /// Waits until a call with this label may be sent.
    pub(crate) async fn turn(&self, label: Option<RateLabel>) -> Result<(), NoTurn> {
        let lane = label.map_or(ONE_LANE, RateLabel::as_str);
        let (spacing, pool) = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(until) = state.stopped.get(lane).copied()
                && until > self.clock.now()
            {
                return Err(NoTurn::UsedUp(UsedUp { until }));
            }
            if !state.is_limited {
                return Ok(());
            }
            self.window(&state, label)
        };
        let Some(queue) = self.lanes.get(lane) else { return Ok(()) };
        let mut queue = queue.lock().await;
        let now = self.clock.now();
        let now_micros = now.as_millis() * 1_000;
        if queue.slots.is_empty() {
            let day = now.as_seconds().div_euclid(SECONDS_PER_DAY);
            let ask = Ask {
                lane,
                spacing_micros: spacing,
                pool: pool.map(|(name, limit)| DailyPool { name, limit, day }),
                now_micros,
                want: u32::try_from(RESERVED_MICROS / spacing).unwrap_or(1).max(1),
            };
            let Slots { first_micros, count } = self.ledger.reserve(ask).await.map_err(NoTurn::Ledger)?;
            if count == 0 {
                let until = Timestamp::from_seconds((day + 1) * SECONDS_PER_DAY);
                return Err(NoTurn::UsedUp(UsedUp { until }));
            }
            queue.slots.extend((0..i64::from(count)).map(|slot| first_micros + slot * spacing));
        }
        let slot = queue.slots.pop_front().unwrap_or(now_micros);
        drop(queue);
        sleep_micros(slot - now_micros).await;
        Ok(())
    }

    /// Keeps calls of a label apart that had their turns, but were held up since: the window would hold too many.
    pub(crate) async fn keep_apart(&self, label: Option<RateLabel>) {
        let lane = label.map_or(ONE_LANE, RateLabel::as_str);
        let spacing = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if !state.is_limited {
                return;
            }
            self.window(&state, label).0
        };
        let Some(queue) = self.lanes.get(lane) else { return };
        let wait = {
            let mut queue = queue.lock().await;
            let now_micros = self.clock.now().as_millis() * 1_000;
            let at = now_micros.max(queue.sent_micros + spacing * USED_PERCENT / MOST_PERCENT);
            queue.sent_micros = at;
            at - now_micros
        };
        sleep_micros(wait).await;
    }

    /// Returns the pause between calls in microseconds, and the day's pool with the share of it.
    fn window(&self, state: &State, label: Option<RateLabel>) -> (i64, Option<(&'static str, u32)>) {
        let (Vendor::Zoom, Some(label)) = (self.vendor, label) else { return (WEBEX_SPACING_MICROS, None) };
        let limits = limits(state.plan.unwrap_or(Plan::Pro), label);
        let used_percent = state.used_percent.get(label.as_str()).copied().unwrap_or(USED_PERCENT);
        let spacing = limits.window_seconds * 100_000_000 / (i64::from(limits.burst) * used_percent);
        let pool = limits.daily.map(|(pool, limit)| {
            let name = match pool {
                Pool::Of(label) => label.as_str(),
                Pool::Heavy => RateLabel::Heavy.as_str(),
            };
            (name, u32::try_from(u64::from(limit) * u64::from(self.share_percent) / 100).unwrap_or(limit).max(1))
        });
        (spacing, pool)
    }

    /// Stops a label until the vendor fills its pool again.
    pub(crate) fn stop(&self, label: Option<RateLabel>, until: Timestamp) {
        let lane = label.map_or(ONE_LANE, RateLabel::as_str);
        self.state.lock().unwrap_or_else(PoisonError::into_inner).stopped.insert(lane, until);
    }

    /// Sends the calls of a label, which the vendor throttled, more slowly from now on.
    pub(crate) fn slow_down(&self, label: Option<RateLabel>) {
        let lane = label.map_or(ONE_LANE, RateLabel::as_str);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let used_percent = state.used_percent.entry(lane).or_insert(USED_PERCENT);
        *used_percent = (*used_percent - LESS_PERCENT).max(LEAST_PERCENT);
    }

    /// Learns the plan from the daily limit in a response, unless the plan was declared.
    pub(crate) fn learn(&self, label: Option<RateLabel>, daily_limit: u32) {
        let plan = match (label, daily_limit) {
            (Some(RateLabel::Heavy | RateLabel::ResourceIntensive), 60_000) => Plan::Business,
            (Some(RateLabel::Heavy), 30_000) => Plan::Pro,
            (Some(RateLabel::Heavy), 1_000) => Plan::Free,
            _ => return,
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.is_declared && state.plan != Some(plan) {
            tracing::info!(?plan, "learned the plan from the vendor's headers");
            state.plan = Some(plan);
        }
    }

    /// Returns the plan as far as it is known, and how many calls a label may send per second and per day, with the name
    /// of the day's pool.
    #[must_use]
    pub fn rate(&self, label: Option<RateLabel>) -> (Option<Plan>, f64, Option<(&'static str, u32)>) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (spacing, pool) = self.window(&state, label);
        let rate = if state.is_limited { 1_000_000.0 / spacing as f64 } else { f64::INFINITY };
        (state.plan, rate, pool.filter(|_| state.is_limited))
    }
}

async fn sleep_micros(micros: i64) {
    if micros > 0 {
        tokio::time::sleep(Duration::from_micros(micros.unsigned_abs())).await;
    }
}

#[cfg(test)]
mod tests {
    use rollcall_model::FixedClock;

    use super::*;

    fn ask(now_micros: i64, want: u32, limit: u32) -> Ask {
        let pool = Some(DailyPool { name: "Heavy", limit, day: now_micros / 86_400_000_000 });
        Ask { lane: "Heavy", spacing_micros: 1_000, pool, now_micros, want }
    }

    #[tokio::test]
    async fn slots_follow_each_other_and_a_day_has_so_many() {
        let ledger = MemoryLedger::default();
        assert_eq!(ledger.reserve(ask(5_000, 3, 5)).await.unwrap(), Slots { first_micros: 5_000, count: 3 });
        assert_eq!(ledger.reserve(ask(5_500, 3, 5)).await.unwrap(), Slots { first_micros: 8_000, count: 2 });
        assert_eq!(ledger.reserve(ask(90_000, 3, 5)).await.unwrap().count, 0);
        let tomorrow = 86_400_000_000;
        assert_eq!(ledger.reserve(ask(tomorrow, 9, 5)).await.unwrap(), Slots { first_micros: tomorrow, count: 5 });
    }

    #[tokio::test(start_paused = true)]
    async fn half_of_a_days_pool_is_used_and_labels_share_it() {
        let clock = Arc::new(FixedClock::at(Timestamp::from_seconds(0)));
        let ledger = Arc::new(MemoryLedger::default());
        let pace = Pace::new(Vendor::Zoom, Some(Plan::Pro), 50, clock.clone(), ledger);
        let mut turns = 0;
        let used_up = loop {
            let label = if turns % 3 == 0 { RateLabel::ResourceIntensive } else { RateLabel::Heavy };
            match pace.turn(Some(label)).await {
                Ok(()) => turns += 1,
                Err(NoTurn::UsedUp(used_up)) => break used_up,
                Err(NoTurn::Ledger(error)) => panic!("{error}"),
            }
        };
        assert_eq!(used_up.until, Timestamp::from_seconds(86_400));
        // Slots that were reserved for the other label are not used.
        assert!((14_990..=15_000).contains(&turns), "{turns}");
        assert!(pace.turn(Some(RateLabel::Light)).await.is_ok());
        clock.set(Timestamp::from_seconds(86_400));
        assert!(pace.turn(Some(RateLabel::Heavy)).await.is_ok());
    }

    #[test]
    fn the_headers_tell_the_plan() {
        let clock = Arc::new(FixedClock::at(Timestamp::from_seconds(0)));
        let pace = Pace::new(Vendor::Zoom, None, 50, clock, Arc::new(MemoryLedger::default()));
        let (_, rate, daily) = pace.rate(Some(RateLabel::Heavy));
        assert!((9.0..10.0).contains(&rate) && daily == Some(("Heavy", 15_000)), "{rate} {daily:?}");
        pace.learn(Some(RateLabel::Heavy), 60_000);
        let (plan, rate, daily) = pace.rate(Some(RateLabel::Heavy));
        pace.slow_down(Some(RateLabel::Heavy));
        assert!((37.9..38.1).contains(&pace.rate(Some(RateLabel::Heavy)).1), "slower after it was throttled");
        assert!(plan == Some(Plan::Business) && (38.0..40.0).contains(&rate) && daily == Some(("Heavy", 30_000)));
    }
}
