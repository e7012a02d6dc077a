//! A map of bounded size that forgets what was not asked for recently.
//!
//! `quick_cache` keeps the first entries, even if they are no longer read, and evicts those of a new meeting instead
//! (docs/benchmarks.md, "Own code against libraries").

use std::{borrow::Borrow, collections::HashMap, hash::Hash, mem};

use ahash::RandomState;

/// Two maps: entries are added to the young one, and move there when they are used. When it is full, it becomes the old
/// one, and entries that have not been used since the last time are evicted.
#[derive(Debug)]
pub(crate) struct Generations<K, V> {
    young: HashMap<K, V, RandomState>,
    old: HashMap<K, V, RandomState>,
    len: usize,
}

impl<K: Eq + Hash, V> Generations<K, V> {
    /// Creates a map of `len` entries, and temporarily up to twice as many.
    pub(crate) fn new(len: usize) -> Self {
        Self { young: HashMap::default(), old: HashMap::default(), len }
    }

    /// Returns the value of `key`.
    pub(crate) fn get_mut<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        if !self.young.contains_key(key) {
            let (key, value) = self.old.remove_entry(key)?;
            self.young.insert(key, value);
        }
        self.young.get_mut(key)
    }

    /// Stores `value` under `key`. If that evicts others, those for which `must_stay` returns true stay.
    pub(crate) fn insert(&mut self, key: K, value: V, must_stay: impl Fn(&V) -> bool) {
        if self.young.len() >= self.len {
            let old = mem::replace(&mut self.old, mem::take(&mut self.young));
            self.young.extend(old.into_iter().filter(|(_, value)| must_stay(value)));
        }
        self.old.remove(&key);
        self.young.insert(key, value);
    }

    /// Passes every entry to `keep`, and removes those for which it returns false.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&mut V) -> bool) {
        self.young.retain(|_, value| keep(value));
        self.old.retain(|_, value| keep(value));
    }

    /// Removes `key`.
    pub(crate) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.young.remove(key);
        self.old.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_is_bounded() {
        let mut map = Generations::new(10);
        map.insert(0, "often", |_| false);
        map.insert(1, "in use", |value| *value == "in use");
        for key in 2..1000 {
            map.insert(key, "once", |value| *value == "in use");
            assert_eq!(map.get_mut(&0), Some(&mut "often"));
            assert!(map.young.len() + map.old.len() <= 22, "{}", map.young.len() + map.old.len());
        }
        assert_eq!(map.get_mut(&1), Some(&mut "in use"));
        assert_eq!(map.get_mut(&2), None);
        map.remove(&0);
        assert_eq!(map.get_mut(&0), None);
    }
}
