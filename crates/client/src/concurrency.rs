//! How many calls are sent at the same time.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The number at the start.
const FIRST: usize = 8;
/// A call takes long if it takes this many times as long as the quickest recent one, and this long at least.
const LONG_FACTOR: u32 = 8;
const LONG: Duration = Duration::from_secs(2);

/// A number of concurrent calls that grows with quick successes and shrinks by a third with every failure or slow response:
/// until the first of these it doubles, then it grows by one for every so many successes.
pub(crate) struct Concurrency {
    permits: Arc<Semaphore>,
    max: usize,
    state: Mutex<State>,
    /// Permits to drop when they come back.
    surplus: AtomicUsize,
}

struct State {
    allowed: usize,
    /// Whether nothing has failed yet.
    is_starting: bool,
    /// Quick successes since the last change.
    successes: usize,
    quickest: Option<Duration>,
}

impl Concurrency {
    pub(crate) fn up_to(max: usize) -> Self {
        let allowed = FIRST.min(max.max(1));
        Self {
            permits: Arc::new(Semaphore::new(allowed)),
            max: max.max(1),
            state: Mutex::new(State { allowed, is_starting: true, successes: 0, quickest: None }),
            surplus: AtomicUsize::new(0),
        }
    }

    /// Waits until another call may be sent. `None` never happens: the semaphore is not closed.
    pub(crate) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.permits).acquire_owned().await.ok()
    }

    /// Ends a call that took `took`.
    pub(crate) fn leave(&self, permit: Option<OwnedSemaphorePermit>, took: Duration, went_well: bool) {
        let surplus = self.surplus.fetch_update(Relaxed, Relaxed, |surplus| surplus.checked_sub(1));
        match (surplus, permit) {
            (Ok(_), Some(permit)) => permit.forget(),
            (_, permit) => drop(permit),
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let quickest = state.quickest.map_or(took, |quickest| quickest.min(took));
        if went_well {
            state.quickest = Some(quickest);
        }
        if went_well && (took < LONG || took < quickest * LONG_FACTOR) {
            state.successes += 1;
            if (state.is_starting || state.successes >= state.allowed) && state.allowed < self.max {
                state.allowed += 1;
                state.successes = 0;
                self.permits.add_permits(1);
            }
        } else {
            let fewer = (state.allowed * 2 / 3).max(1);
            self.surplus.fetch_add(state.allowed - fewer, Relaxed);
            (state.allowed, state.successes, state.is_starting) = (fewer, 0, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_grows_with_success_and_shrinks_with_failure() {
        let concurrency = Concurrency::up_to(20);
        let allowed = || concurrency.state.lock().unwrap().allowed;
        for _ in 0..12 {
            let permit = concurrency.enter().await;
            concurrency.leave(permit, Duration::from_millis(50), true);
        }
        assert_eq!(allowed(), 20);
        let permits = [concurrency.enter().await, concurrency.enter().await];
        for permit in permits {
            concurrency.leave(permit, Duration::from_millis(50), false);
        }
        assert_eq!(allowed(), 8);
        for _ in 0..8 {
            let permit = concurrency.enter().await;
            concurrency.leave(permit, Duration::from_millis(50), true);
        }
        assert_eq!(allowed(), 9, "it grows slowly from then on");
        for _ in 0..12 {
            let permit = concurrency.enter().await;
            concurrency.leave(permit, Duration::from_secs(3), true);
        }
        assert_eq!(allowed(), 1);
        assert!(concurrency.permits.available_permits() >= 1, "it never stands still");
    }
}
