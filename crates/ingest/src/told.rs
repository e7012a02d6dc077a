//! What has been told of an attendance, as hashes of its fields: enough to see that a report says nothing new.

use std::hash::{BuildHasher, Hash, RandomState};

use rollcall_model::{Participant, with_participant_fields};

/// For each field that was told, its place and the hash of what was told last; in the order of places.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told(Vec<(u8, u64)>);

impl Told {
    /// Whether `participant` tells nothing but what was told last.
    pub(crate) fn covers(&self, participant: &Participant, hasher: &RandomState) -> bool {
        let mut covers = true;
        each_field(participant, hasher, |place, hash| {
            covers =
                covers && self.0.binary_search_by_key(&place, |(place, _)| *place).is_ok_and(|at| self.0[at].1 == hash);
        });
        covers
    }

    /// Takes down what `participant` tells.
    pub(crate) fn add(&mut self, participant: &Participant, hasher: &RandomState) {
        each_field(participant, hasher, |place, hash| match self.0.binary_search_by_key(&place, |(place, _)| *place) {
            Ok(at) => self.0[at].1 = hash,
            Err(at) => self.0.insert(at, (place, hash)),
        });
    }
}

macro_rules! define_each_field {
    ($($field:ident: $type:ident, $reveals:ident, $meaning:literal;)*) => {
        /// Shows each field that is told, with its place; the key's two fields are not among them.
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
        let mut told = Told::default();
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
