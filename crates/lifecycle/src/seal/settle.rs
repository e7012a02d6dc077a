//! Finds settled instances.

use std::{collections::BTreeMap, sync::atomic::Ordering::Relaxed, time::Duration};

use jiff::civil::Date;
use rollcall_model::{AccountId, Instance, InstanceId, InstanceState, Timestamp};
use rollcall_store::{InstanceLife, Watch};

use super::{SealError, Sealer};
use crate::job::backoff;

/// Instances read per round, of hot ones and of unsealed ones.
pub(super) const LOOKED_AT: usize = 4_000;
/// Maximum number of watched ended instances, about a hundred bytes each. Others wait until these are sealed.
const WATCHED: usize = 50_000;
/// Maximum number of instances per file.
const GROUP: usize = 256;

/// Ended instances whose current state is not sealed, each with a watch.
#[derive(Default)]
pub(super) struct Settling {
    instances: BTreeMap<(AccountId, InstanceId), Waiting>,
    hot_after: Option<(AccountId, InstanceId)>,
    unsealed_after: Option<InstanceId>,
    /// How many watches were begun.
    watches: u64,
}

struct Waiting {
    watch: Watch,
    /// The number of the watch.
    number: u64,
    /// [`InstanceLife::changes`] when the watch began.
    changes: u64,
    day: Date,
    /// Since when nothing has changed. At most now: a clock may step back.
    quiet_since: Timestamp,
    /// How often sealing it failed, and until when it is skipped because of that.
    failures: u32,
    failed_at: Timestamp,
    pause: Duration,
}

impl Waiting {
    fn has_settled(&self, now: Timestamp, settle: Duration) -> bool {
        let left_alone = now >= self.failed_at && elapsed(self.failed_at, now) < self.pause;
        self.watch.is_clean() && elapsed(self.quiet_since, now) >= settle && !left_alone
    }
}

impl Settling {
    pub(super) fn len(&self) -> usize {
        self.instances.len()
    }

    /// Returns the number of the watch and the counter of a quiet instance. `None` if it no longer is.
    pub(super) fn quiet(&self, account: AccountId, instance: InstanceId) -> Option<(u64, u64)> {
        let waiting = self.instances.get(&(account, instance))?;
        waiting.watch.is_clean().then_some((waiting.number, waiting.changes))
    }

    /// Ends the watch of that number and returns it. `None` if a later watch has replaced it, which does not know
    /// of writes before it began.
    pub(super) fn end(&mut self, account: AccountId, instance: InstanceId, number: u64) -> Option<Watch> {
        let is_same = self.instances.get(&(account, instance)).is_some_and(|waiting| waiting.number == number);
        if is_same { self.forget(account, instance) } else { None }
    }

    /// Ends the watch; if there is anything left to do, the next check finds it.
    pub(super) fn forget(&mut self, account: AccountId, instance: InstanceId) -> Option<Watch> {
        self.instances.remove(&(account, instance)).map(|waiting| waiting.watch)
    }
}

/// Settled instances whose rows belong in the same files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub(super) account: AccountId,
    pub(super) day: Date,
    pub(super) instances: Vec<InstanceId>,
}

impl Sealer {
    /// Checks instances that are hot or unsealed, and watches ended ones. Returns whether there are more to check.
    ///
    /// # Errors
    /// If a store failed.
    pub async fn look(&mut self) -> Result<bool, SealError> {
        let all_heard = self.let_lapse().await?;
        let hot = self.live.hot_instances(self.settling.hot_after, LOOKED_AT).await?;
        let all_hot = hot.len() < LOOKED_AT;
        self.settling.hot_after = if all_hot { None } else { hot.last().copied() };
        for life in self.shelf.store.instance_lives(&hot).await? {
            self.observe(&life).await?;
        }
        let unsealed = self.shelf.store.unsealed_instances(self.settling.unsealed_after, LOOKED_AT).await?;
        let all_unsealed = unsealed.len() < LOOKED_AT;
        self.settling.unsealed_after = if all_unsealed { None } else { unsealed.last().map(|life| life.stored.id) };
        for life in unsealed {
            self.observe(&life).await?;
        }
        Ok(!(all_heard && all_hot && all_unsealed))
    }

    /// Watches the instance if it has ended, with a new watch if it has changed.
    async fn observe(&mut self, life: &InstanceLife) -> Result<(), SealError> {
        let instances = &mut self.settling.instances;
        let name = (life.account, life.stored.id);
        if life.stored.instance.state != InstanceState::Past {
            return Ok(());
        }
        let now = self.shelf.clock.now();
        let is_full = instances.len() >= WATCHED;
        let (failures, failed_at, pause) = match instances.get_mut(&name) {
            Some(before) if before.watch.is_clean() && before.changes == life.changes => {
                before.quiet_since = before.quiet_since.min(now);
                return Ok(());
            }
            Some(before) => (before.failures, before.failed_at, before.pause),
            None if is_full => return Ok(()),
            None => (0, now, Duration::ZERO),
        };
        let watch = self.live.watch(life.account, life.stored.id).await?;
        // After the watch began, so that later changes are found.
        if life.stored.lapsed && self.is_alive(life, now).await? {
            self.settling.forget(life.account, life.stored.id);
            return Ok(());
        }
        let day = day_of(&life.stored.instance);
        self.settling.watches += 1;
        let number = self.settling.watches;
        let changes = life.changes;
        let waiting = Waiting { watch, number, changes, day, quiet_since: now, failures, failed_at, pause };
        self.settling.instances.insert(name, waiting);
        Ok(())
    }

    /// Returns the next instances to seal together.
    #[must_use]
    pub fn due(&self) -> Option<Group> {
        let now = self.shelf.clock.now();
        let settle = self.settings.settle;
        let mut settled =
            self.settling.instances.iter().filter(|(_, waiting)| waiting.has_settled(now, settle)).peekable();
        let ((account, _), first) = settled.peek()?;
        let (account, day) = (*account, first.day);
        let together = settled.filter(|((of, _), waiting)| *of == account && waiting.day == day);
        Some(Group { account, day, instances: together.map(|((_, instance), _)| *instance).take(GROUP).collect() })
    }

    /// Skips an instance for a while, because it could not be sealed.
    pub(super) fn put_off(&mut self, account: AccountId, instance: InstanceId, error: &SealError) {
        self.counters.failed_instances.fetch_add(1, Relaxed);
        let Some(waiting) = self.settling.instances.get_mut(&(account, instance)) else { return };
        let pause = backoff(self.settings.round, waiting.failures);
        waiting.failures += 1;
        (waiting.failed_at, waiting.pause) = (self.shelf.clock.now(), pause);
        let retry_seconds = pause.as_secs();
        tracing::error!(%account, %instance, %error, retry_seconds, "could not seal an instance; leaving it unchanged");
    }
}

/// Returns the time from one instant to a later one.
fn elapsed(from: Timestamp, to: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(to.millis_since(from)).unwrap_or(0))
}

/// Returns the UTC day on which an instance began, if known.
fn day_of(instance: &Instance) -> Date {
    let began = instance.start_time.or(instance.end_time);
    began.map_or(Date::constant(1970, 1, 1), |began| jiff::tz::Offset::UTC.to_datetime(began.to_jiff()).date())
}
