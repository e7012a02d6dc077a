//! Connection limits: in total and per client; the connection that has been idle longest is evicted for a new one.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use tokio::{sync::Notify, time::Instant};

use super::paced::{LastMove, millis_since};
use crate::limits::{Share, Shares};

/// Minimum idle time before a connection may be evicted, in milliseconds.
const IDLE_MILLIS: u64 = 1_000;

/// The open connections.
pub(super) struct Slots {
    epoch: Instant,
    max: usize,
    by_client: Arc<Shares<IpAddr>>,
    open: Mutex<HashMap<u64, Arc<Activity>>>,
    next: AtomicU64,
    freed: Notify,
}

/// The slot of an open connection; dropping it frees the slot.
pub(super) struct Slot {
    slots: Arc<Slots>,
    id: u64,
    /// The connection's activity.
    pub(super) activity: Arc<Activity>,
    _share: Option<Share<IpAddr>>,
}

/// Activity of a connection.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// When data last moved.
    pub(super) last_move: Arc<LastMove>,
    /// Number of requests being handled.
    handling: AtomicU32,
    /// Cancelled when the connection is evicted.
    evicted: Notify,
}

impl Activity {
    /// Marks a request as being handled until the result is dropped.
    pub(super) fn handle(self: &Arc<Self>) -> Handling {
        self.handling.fetch_add(1, Ordering::Relaxed);
        Handling(Arc::clone(self))
    }

    /// Waits until the connection is evicted.
    pub(super) async fn evicted(&self) {
        self.evicted.notified().await;
    }
}

/// A request being handled.
pub(super) struct Handling(Arc<Activity>);

impl Drop for Handling {
    fn drop(&mut self) {
        self.0.handling.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why a connection is rejected.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany;

impl Slots {
    /// Creates slots for `max` connections, of which a client may have `each`.
    pub(super) fn new(max: usize, each: usize) -> Arc<Self> {
        let by_client = Shares::new(max as u64, each as u64);
        let (open, next, freed) = (Mutex::default(), AtomicU64::default(), Notify::new());
        Arc::new(Self { epoch: Instant::now(), max, by_client, open, next, freed })
    }

    /// Returns the instant that activity is measured from.
    pub(super) fn epoch(&self) -> Instant {
        self.epoch
    }

    /// Waits for a free slot. If there is none, evicts the connection that has been idle longest, unless its request is
    /// being handled.
    pub(super) async fn wait_for_room(&self) {
        loop {
            let freed = self.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            {
                let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
                if open.len() < self.max {
                    return;
                }
                self.evict_idlest(&open);
            }
            // Others become idle as time passes.
            let _ = tokio::time::timeout(std::time::Duration::from_millis(IDLE_MILLIS / 4), freed).await;
        }
    }

    fn evict_idlest(&self, open: &HashMap<u64, Arc<Activity>>) {
        let idle = open.values().filter(|activity| activity.handling.load(Ordering::Relaxed) == 0);
        let Some(idlest) = idle.min_by_key(|activity| activity.last_move.get()) else { return };
        if millis_since(self.epoch).saturating_sub(idlest.last_move.get()) >= IDLE_MILLIS {
            idlest.evicted.notify_one();
        }
    }

    /// Gives a connection its slot. With `client`, it counts towards that client's limit; a trusted proxy's does not.
    pub(super) fn take(self: &Arc<Self>, client: Option<IpAddr>) -> Result<Slot, TooMany> {
        let share = client.map(|client| self.by_client.take(client, 1).ok_or(TooMany)).transpose()?;
        let activity = Arc::<Activity>::default();
        activity.last_move.set(millis_since(self.epoch));
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&activity));
        Ok(Slot { slots: Arc::clone(self), id, activity, _share: share })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
        self.slots.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn client(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn a_client_has_no_more_than_its_part() {
        let slots = Slots::new(10, 2);
        let _both = [slots.take(client(1)).unwrap(), slots.take(client(1)).unwrap()];
        assert_eq!(slots.take(client(1)).err(), Some(TooMany));
        assert!(slots.take(client(2)).is_ok());
        assert!(slots.take(None).is_ok());
    }

    #[tokio::test]
    async fn the_idlest_connection_makes_room() {
        let slots = Slots::new(2, 2);
        let idle = slots.take(client(1)).unwrap();
        tokio::time::sleep(Duration::from_millis(IDLE_MILLIS)).await;
        let busy = slots.take(client(2)).unwrap();
        let making_room = tokio::spawn({
            let slots = Arc::clone(&slots);
            async move { slots.wait_for_room().await }
        });
        idle.activity.evicted().await;
        drop(idle);
        making_room.await.unwrap();
        drop(busy);
    }

    #[tokio::test]
    async fn a_connection_whose_request_is_handled_stays() {
        let slots = Slots::new(1, 1);
        let slot = slots.take(client(1)).unwrap();
        let handling = slot.activity.handle();
        assert!(tokio::time::timeout(Duration::from_millis(2 * IDLE_MILLIS), slots.wait_for_room()).await.is_err());
        assert!(tokio::time::timeout(Duration::from_millis(1), slot.activity.evicted()).await.is_err());
        drop(handling);
        let _ = tokio::time::timeout(Duration::from_millis(10), slots.wait_for_room()).await;
        slot.activity.evicted().await;
    }
}
