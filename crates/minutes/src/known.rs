//! A cache of facts about instances that avoids reads of the tree.

use std::{
    collections::{HashMap, hash_map::Entry},
    mem,
};

use ahash::RandomState;
use rollcall_model::{AccountId, InstanceId, Minute, ParticipantId};

/// Number of cached participants, in recently written instances; temporarily up to twice as many. Each takes some
/// twenty bytes.
const REMEMBERED: usize = 100_000;

pub(crate) type InstanceName = (AccountId, InstanceId);

/// An instance with minutes that is recorded in the tree.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The latest minute of each participant, if all of the instance's minutes were written since it was cached: later
    /// minutes are new and need no lookup.
    latest: Option<HashMap<ParticipantId, Minute, RandomState>>,
    /// Whether some of its minutes are stored in runs.
    pub(crate) has_runs: bool,
}

impl Known {
    /// An instance with minutes in the tree.
    pub(crate) const fn noted(has_runs: bool) -> Self {
        Self { latest: None, has_runs }
    }

    /// An instance without minutes in the tree.
    pub(crate) fn empty() -> Self {
        Self { latest: Some(HashMap::default()), has_runs: false }
    }

    /// Records that a minute is written. Returns whether it is certainly new.
    pub(crate) fn add(&mut self, participant: ParticipantId, minute: Minute) -> bool {
        let Some(latest) = &mut self.latest else { return false };
        match latest.entry(participant) {
            Entry::Vacant(place) => {
                place.insert(minute);
                true
            }
            Entry::Occupied(mut last) if *last.get() < minute => {
                last.insert(minute);
                true
            }
            Entry::Occupied(_) => false,
        }
    }

    fn len(&self) -> usize {
        1 + self.latest.as_ref().map_or(0, HashMap::len)
    }
}

/// The recently written instances. Evicted entries are looked up again; so are those after a failed write.
#[derive(Debug, Default)]
pub(crate) struct Instances {
    young: HashMap<InstanceName, Known, RandomState>,
    old: HashMap<InstanceName, Known, RandomState>,
    young_len: usize,
}

impl Instances {
    /// Takes an instance's entry, to be put back if the write succeeds.
    pub(crate) fn take(&mut self, name: InstanceName) -> Option<Known> {
        if let Some(known) = self.young.remove(&name) {
            self.young_len -= known.len();
            return Some(known);
        }
        self.old.remove(&name)
    }

    /// Caches an instance.
    pub(crate) fn put(&mut self, name: InstanceName, known: Known) {
        if self.young_len >= REMEMBERED {
            self.old = mem::take(&mut self.young);
            self.young_len = 0;
        }
        self.young_len += known.len();
        self.young.insert(name, known);
    }

    /// Evicts an instance.
    pub(crate) fn forget(&mut self, name: InstanceName) {
        drop(self.take(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_later_than_all_is_new() {
        let mut known = Known::empty();
        let mut add = |participant, minute| known.add(ParticipantId(participant), Minute(minute));
        assert!(add(1, 5) && add(1, 7) && add(2, 6));
        assert!(!add(1, 7) && !add(1, 6) && !add(2, 6));
        assert!(add(1, 8), "what came early has not moved the latest one back");
        assert!(!Known::noted(false).add(ParticipantId(1), Minute(1)), "the tree may have it");
    }

    #[test]
    fn what_is_written_to_stays_and_the_rest_is_bounded() {
        let mut instances = Instances::default();
        let name = |instance| (AccountId(1), InstanceId(instance));
        instances.put(name(0), Known::empty());
        for instance in 1..=1_000 {
            let mut known = Known::empty();
            assert!((0..1_000).all(|participant| known.add(ParticipantId(participant), Minute(1))));
            instances.put(name(instance), known);
            let often = instances.take(name(0)).expect("written to all the time");
            instances.put(name(0), often);
            let held: usize = instances.young.values().chain(instances.old.values()).map(Known::len).sum();
            assert!(held <= 2 * (REMEMBERED + 1_001), "{held}");
            assert_eq!(instances.young_len, instances.young.values().map(Known::len).sum::<usize>());
        }
        assert!(instances.take(name(1)).is_none());
        assert!(instances.take(name(1_000)).is_some());
        instances.forget(name(999));
        assert!(instances.take(name(999)).is_none());
    }
}
