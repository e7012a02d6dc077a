//! Fair queueing: accounts take turns.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;

use crate::SqlError;

/// Limits of running and waiting queries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Maximum number of running queries.
    pub(crate) running: usize,
    /// Maximum number of running queries of one account.
    pub(crate) running_each: usize,
    /// Maximum number of waiting queries.
    pub(crate) waiting: usize,
    /// Maximum number of waiting queries of one account.
    pub(crate) waiting_each: usize,
    /// Maximum waiting time.
    pub(crate) wait: Duration,
}

/// Gives out turns. Waiting accounts are served one after the other, each account's own queries in order of arrival.
#[derive(Debug)]
pub(crate) struct Turns<K: Copy + Eq + Hash> {
    bounds: Bounds,
    line: Mutex<Line<K>>,
}

#[derive(Debug)]
struct Line<K: Copy + Eq + Hash> {
    running: usize,
    accounts: HashMap<K, Account<K>>,
    /// The accounts with waiting queries, the next one first.
    order: VecDeque<K>,
}

#[derive(Debug)]
struct Account<K: Copy + Eq + Hash> {
    running: usize,
    waiting: VecDeque<oneshot::Sender<Turn<K>>>,
}

/// A turn, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn<K: Copy + Eq + Hash> {
    account: K,
    /// `None` if it was never taken.
    turns: Option<Arc<Turns<K>>>,
}

impl<K: Copy + Eq + Hash> Turns<K> {
    pub(crate) fn new(bounds: Bounds) -> Arc<Self> {
        let line = Line { running: 0, accounts: HashMap::new(), order: VecDeque::new() };
        Arc::new(Self { bounds, line: Mutex::new(line) })
    }

    /// Waits for a turn of `account`.
    ///
    /// # Errors
    /// [`SqlError::AccountBusy`] if the account has too many waiting, [`SqlError::Busy`] if all have, or if the turn did not
    /// come in time.
    pub(crate) async fn take(self: &Arc<Self>, account: K) -> Result<Turn<K>, SqlError> {
        let turn = {
            let mut line = self.lock();
            line.forget_gone();
            let own = line.accounts.get(&account).map_or(0, |account| account.waiting.len());
            if own >= self.bounds.waiting_each {
                return Err(SqlError::AccountBusy(own));
            }
            let all: usize = line.accounts.values().map(|account| account.waiting.len()).sum();
            if all >= self.bounds.waiting {
                return Err(SqlError::Busy);
            }
            let (sender, turn) = oneshot::channel();
            let of_account = line.accounts.entry(account).or_insert(Account { running: 0, waiting: VecDeque::new() });
            of_account.waiting.push_back(sender);
            if own == 0 {
                line.order.push_back(account);
            }
            self.give_out(&mut line);
            turn
        };
        match tokio::time::timeout(self.bounds.wait, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(SqlError::Busy),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Line<K>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives turns to those who wait, as long as there are any.
    fn give_out(self: &Arc<Self>, line: &mut Line<K>) {
        // Accounts that have as many running as they may are passed over, and keep their place.
        let mut at = 0;
        while line.running < self.bounds.running && at < line.order.len() {
            let key = line.order[at];
            let Some(account) = line.accounts.get_mut(&key) else {
                line.order.remove(at);
                continue;
            };
            if account.running >= self.bounds.running_each {
                at += 1;
                continue;
            }
            line.order.remove(at);
            if let Some(waiting) = account.waiting.pop_front() {
                match waiting.send(Turn { account: key, turns: Some(Arc::clone(self)) }) {
                    Ok(()) => {
                        account.running += 1;
                        line.running += 1;
                    }
                    // Nobody waits for it any more: it counts for nothing.
                    Err(mut turn) => turn.turns = None,
                }
            }
            if !account.waiting.is_empty() {
                line.order.push_back(key);
            }
        }
    }
}

impl<K: Copy + Eq + Hash> Line<K> {
    /// Forgets those who no longer wait.
    fn forget_gone(&mut self) {
        self.accounts.retain(|_, account| {
            account.waiting.retain(|waiting| !waiting.is_closed());
            account.running > 0 || !account.waiting.is_empty()
        });
        let accounts = &self.accounts;
        self.order.retain(|key| accounts.get(key).is_some_and(|account| !account.waiting.is_empty()));
    }
}

impl<K: Copy + Eq + Hash> Drop for Turn<K> {
    fn drop(&mut self) {
        let Some(turns) = self.turns.take() else { return };
        let mut line = turns.lock();
        line.running = line.running.saturating_sub(1);
        if let Some(account) = line.accounts.get_mut(&self.account) {
            account.running = account.running.saturating_sub(1);
        }
        turns.give_out(&mut line);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn turns(running: usize, running_each: usize) -> Arc<Turns<char>> {
        let wait = Duration::from_secs(60);
        Turns::new(Bounds { running, running_each, waiting: 8, waiting_each: 4, wait })
    }

    #[tokio::test]
    async fn accounts_take_turns() {
        let turns = turns(1, 1);
        let mut running = turns.take('a').await.unwrap();
        let wait = |account| {
            let mut waiting = Box::pin(turns.take(account));
            assert!(waiting.as_mut().now_or_never().is_none());
            waiting
        };
        let mut waiting: Vec<_> = ['a', 'a', 'a', 'b', 'c', 'b'].map(|account| (account, wait(account))).into();
        let mut order = String::new();
        while !waiting.is_empty() {
            drop(running);
            let next = waiting.iter_mut().enumerate().find_map(|(index, (account, waiting))| {
                waiting.as_mut().now_or_never().map(|turn| (index, *account, turn.unwrap()))
            });
            let (index, account, turn) = next.unwrap();
            order.push(account);
            running = turn;
            drop(waiting.remove(index));
        }
        assert_eq!(order, "abcaba");
    }

    #[tokio::test]
    async fn no_account_takes_all_turns() {
        let turns = turns(3, 2);
        let _held = [turns.take('a').await.unwrap(), turns.take('a').await.unwrap()];
        assert!(turns.take('a').now_or_never().is_none());
        let other = turns.take('b').now_or_never().unwrap().unwrap();
        drop(other);
        assert!(turns.take('b').now_or_never().is_some());
    }

    #[tokio::test]
    async fn those_who_wait_are_bounded_and_those_who_left_are_forgotten() {
        let turns = turns(1, 1);
        let held = turns.take('a').await.unwrap();
        let wait = |account| {
            let mut waiting = Box::pin(turns.take(account));
            assert!(waiting.as_mut().now_or_never().is_none());
            waiting
        };
        let mut waiting: Vec<_> = "aaaabbbb".chars().map(wait).collect();
        assert_eq!(turns.take('a').await.unwrap_err(), SqlError::AccountBusy(4));
        assert_eq!(turns.take('c').await.unwrap_err(), SqlError::Busy);
        drop(waiting.remove(7));
        let last = wait('c');
        drop(waiting);
        drop(held);
        let turn = last.await.unwrap();
        drop(turn);
        assert!(turns.take('a').now_or_never().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let turns = turns(1, 1);
        let held = turns.take('a').await.unwrap();
        assert_eq!(turns.take('b').await.unwrap_err(), SqlError::Busy);
        drop(held);
        assert!(turns.take('a').await.is_ok());
    }
}
