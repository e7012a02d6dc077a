//! Limits that clients share: a total, and a maximum share for each client.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

/// A quantity (connections, bytes, turns) of which each client may hold a share. A client is a value of `C`, such as an
/// address or an account.
///
/// A client's [`Share`] is returned when it is dropped. The memory of the limit itself is bounded by the shares in use:
/// a client without one is forgotten.
#[derive(Debug)]
pub(crate) struct Shares<C: Eq + Hash> {
    total: u64,
    each: u64,
    held: Mutex<Held<C>>,
    given_back: Notify,
}

#[derive(Debug)]
struct Held<C> {
    total: u64,
    by_client: HashMap<C, u64>,
}

/// What one client holds of a limit.
#[derive(Debug)]
pub(crate) struct Share<C: Eq + Hash> {
    shares: Arc<Shares<C>>,
    client: C,
    amount: u64,
}

impl<C: Eq + Hash + Clone> Shares<C> {
    /// Creates a limit of `total`, of which a client may hold `each`.
    pub(crate) fn new(total: u64, each: u64) -> Arc<Self> {
        let held = Mutex::new(Held { total: 0, by_client: HashMap::new() });
        Arc::new(Self { total, each: each.min(total), held, given_back: Notify::new() })
    }

    /// Takes `amount` for `client`. `None` if that would exceed either limit.
    ///
    /// A client that holds nothing may exceed its share if the total allows it, because a single response may be larger
    /// than any share.
    pub(crate) fn take(self: &Arc<Self>, client: C, amount: u64) -> Option<Share<C>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let own = held.by_client.get(&client).copied().unwrap_or(0);
        let fits = held.total + amount <= self.total || held.total == 0;
        let is_fair = own + amount <= self.each || own == 0;
        if !(fits && is_fair) {
            return None;
        }
        held.total += amount;
        *held.by_client.entry(client.clone()).or_default() += amount;
        Some(Share { shares: Arc::clone(self), client, amount })
    }

    /// Takes `amount` for `client` as soon as there is room. `None` if there was none for `patience`.
    pub(crate) async fn take_soon(self: &Arc<Self>, client: C, amount: u64, patience: Duration) -> Option<Share<C>> {
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            // Before checking, so that a share returned in between is not missed.
            let given_back = self.given_back.notified();
            tokio::pin!(given_back);
            given_back.as_mut().enable();
            if let Some(share) = self.take(client.clone(), amount) {
                return Some(share);
            }
            tokio::time::timeout_at(deadline, given_back).await.ok()?;
        }
    }
}

impl<C: Eq + Hash> Drop for Share<C> {
    fn drop(&mut self) {
        let mut held = self.shares.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.total -= self.amount;
        if let Some(own) = held.by_client.get_mut(&self.client) {
            *own -= self.amount;
            if *own == 0 {
                held.by_client.remove(&self.client);
            }
        }
        drop(held);
        self.shares.given_back.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn client(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn a_client_holds_no_more_than_its_part() {
        let shares = Shares::new(10, 4);
        let first = shares.take(client(1), 3).unwrap();
        assert!(shares.take(client(1), 2).is_none());
        let _others = [shares.take(client(2), 4).unwrap(), shares.take(client(3), 3).unwrap()];
        assert!(shares.take(client(4), 1).is_none());
        drop(first);
        assert!(shares.take(client(4), 1).is_some());
    }

    #[test]
    fn what_is_larger_than_any_part_is_given_to_those_who_hold_nothing() {
        let shares = Shares::new(10, 4);
        let large = shares.take(client(1), 8).unwrap();
        assert!(shares.take(client(1), 1).is_none());
        drop(large);
        assert!(shares.take(client(1), 20).is_some());
    }

    #[test]
    fn clients_that_hold_nothing_are_forgotten() {
        let shares = Shares::new(1_000, 1_000);
        for last in 0..=255 {
            drop(shares.take(client(last), 1));
        }
        assert!(shares.held.lock().unwrap().by_client.is_empty());
    }

    #[tokio::test]
    async fn who_waits_gets_what_is_given_back() {
        let shares = Shares::new(1, 1);
        let share = shares.take(client(1), 1);
        let waiting = tokio::spawn({
            let shares = Arc::clone(&shares);
            async move { shares.take_soon(client(2), 1, Duration::from_secs(10)).await.is_some() }
        });
        tokio::task::yield_now().await;
        drop(share);
        assert!(waiting.await.unwrap());
        let _share = shares.take(client(1), 1);
        assert!(shares.take_soon(client(2), 1, Duration::from_millis(1)).await.is_none());
    }
}
