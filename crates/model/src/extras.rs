//! Vendors' values without a field.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Text;

/// Values of a vendor's responses that no field represents exactly: by kind of entry, then by the value's path in the
/// entry (a JSON Pointer, RFC 6901), as JSON text. They are merged into responses of the same kind.
///
/// Nothing here interprets them. They may identify persons, so blanking an identity drops all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extras(BTreeMap<Text, BTreeMap<Text, Text>>);

impl Extras {
    /// Returns the values of one kind of entry; `None` if there are none.
    #[must_use]
    pub fn new(kind: &str, values: BTreeMap<Text, Text>) -> Option<Self> {
        (!values.is_empty()).then(|| Self(BTreeMap::from([(kind.into(), values)])))
    }

    /// Returns the values of one kind of entry, by path.
    #[must_use]
    pub fn of(&self, kind: &str) -> Option<&BTreeMap<Text, Text>> {
        self.0.get(kind)
    }

    /// Returns all values.
    pub fn values(&self) -> impl Iterator<Item = &Text> {
        self.0.values().flat_map(BTreeMap::values)
    }

    /// Adds the values of `later`, which take precedence.
    pub fn overlay(&mut self, later: &Self) {
        for (kind, values) in &later.0 {
            let own = self.0.entry(kind.clone()).or_default();
            own.extend(values.iter().map(|(place, value)| (place.clone(), value.clone())));
        }
    }

    /// Merges `later` over the stored values.
    pub fn merge(stored: &mut Option<Self>, later: Option<&Self>) {
        match (stored, later) {
            (Some(stored), Some(later)) => stored.overlay(later),
            (stored @ None, Some(later)) => *stored = Some(later.clone()),
            (_, None) => {}
        }
    }

    /// Replaces values with the result of `change`; `None` keeps a value.
    ///
    /// # Errors
    /// Any error of `change`.
    pub fn change<E>(&mut self, mut change: impl FnMut(&str) -> Result<Option<String>, E>) -> Result<(), E> {
        for value in self.0.values_mut().flat_map(BTreeMap::values_mut) {
            if let Some(changed) = change(value)? {
                *value = changed.into();
            }
        }
        Ok(())
    }
}
