//! Hashes of an attendance's reported fields, which are enough to recognise redundant reports.

use std::hash::{BuildHasher, Hash, RandomState};

use rollcall_model::{Participant, with_participant_fields};

/// For each reported field, its index and the hash of the last reported value; ordered by index.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownFacts(Vec<(u8, u64)>);

impl KnownFacts {
    /// Returns whether `participant` is redundant.
    pub(crate) fn covers(&self, participant: &Participant, hasher: &RandomState) -> bool {
        let mut covers = true;
        each_field(participant, hasher, |place, hash| {
            covers =
                covers && self.0.binary_search_by_key(&place, |(place, _)| *place).is_ok_and(|at| self.0[at].1 == hash);
        });
        covers
    }

    /// Records the values of `participant`.
    pub(crate) fn add(&mut self, participant: &Participant, hasher: &RandomState) {
        each_field(participant, hasher, |place, hash| match self.0.binary_search_by_key(&place, |(place, _)| *place) {
            Ok(at) => self.0[at].1 = hash,
            Err(at) => self.0.insert(at, (place, hash)),
        });
    }
}

macro_rules! define_each_field {
    ($($field:ident: $type:ident, $reveals:ident, $meaning:literal;)*) => {
        /// Passes on each reported field with its index, except the key's two fields.
        fn each_field(participant: &Participant, hasher: &RandomState, mut show: impl FnMut(u8, u64)) {
            let mut places = 0..;
            $(if let (Some(place), Some(value)) = (places.next(), &participant.$field) {
                show(place, hash(hasher, value));
            })*
        }
    };
}
with_participant_fields!(define_each_field);

fn hash(hasher: &RandomState, value: &impl Hash) -> u64 {
    hasher.hash_one(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_covered_until_it_is_told_otherwise() {
        let hasher = RandomState::new();
        let report = |name: Option<&str>, email: Option<&str>| Participant {
            user_id: "1".into(),
            user_name: name.map(Into::into),
            email: email.map(Into::into),
            ..Participant::default()
        };
        let mut told = KnownFacts::default();
        assert!(told.covers(&report(None, None), &hasher));
        assert!(!told.covers(&report(Some("Ana"), None), &hasher));
        told.add(&report(Some("Ana"), None), &hasher);
        told.add(&report(None, Some("ana@example.com")), &hasher);
        assert!(told.covers(&report(Some("Ana"), Some("ana@example.com")), &hasher));
        assert!(!told.covers(&report(Some("Ana"), Some("")), &hasher), "blank is not absent");
        told.add(&report(Some("Eva"), None), &hasher);
        assert!(!told.covers(&report(Some("Ana"), None), &hasher));
    }
}
