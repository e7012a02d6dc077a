//! What vendors report that has no field of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Text;

/// Values of a vendor's answers that no field holds as they came: by the kind of entry, then by the value's place in the
/// entry (a JSON Pointer, RFC 6901), as JSON text. They are merged into answers of the same kind.
///
/// Nothing here reads them. They may name persons, so identity is blanked by dropping all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extras(BTreeMap<Text, BTreeMap<Text, Text>>);

impl Extras {
    /// The values of one kind of entry; `None` if there are none.
    #[must_use]
    pub fn new(kind: &str, values: BTreeMap<Text, Text>) -> Option<Self> {
        (!values.is_empty()).then(|| Self(BTreeMap::from([(kind.into(), values)])))
    }

    /// The values of one kind of entry, by place.
    #[must_use]
    pub fn of(&self, kind: &str) -> Option<&BTreeMap<Text, Text>> {
        self.0.get(kind)
    }

    /// Adds the values of `later`, which win.
    pub fn overlay(&mut self, later: &Self) {
        for (kind, values) in &later.0 {
            let own = self.0.entry(kind.clone()).or_default();
            own.extend(values.iter().map(|(place, value)| (place.clone(), value.clone())));
        }
    }

    /// Lets what `later` has win over what is stored.
    pub fn merge(stored: &mut Option<Self>, later: Option<&Self>) {
        match (stored, later) {
            (Some(stored), Some(later)) => stored.overlay(later),
            (stored @ None, Some(later)) => *stored = Some(later.clone()),
            (_, None) => {}
        }
    }

    /// Lets `change` replace values; it returns `None` for those that stay.
    ///
    /// # Errors
    /// Whatever `change` fails with.
    pub fn change<E>(&mut self, mut change: impl FnMut(&str) -> Result<Option<String>, E>) -> Result<(), E> {
        for value in self.0.values_mut().flat_map(BTreeMap::values_mut) {
            if let Some(changed) = change(value)? {
                *value = changed.into();
            }
        }
        Ok(())
    }
}
