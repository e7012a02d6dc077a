//! The operations of the descriptions, by their names in URLs.

use rollcall_codegen::{Document, Operation, ReadError};
use serde_json::Value;

/// The extension with the URL of an operation's page in the reference.
pub const PAGE: &str = "x-reference-page";

/// One of the descriptions.
pub(crate) struct Catalog {
    /// Its name in URLs.
    pub(crate) id: &'static str,
    /// Its name for people.
    pub(crate) name: String,
    /// Its description, as Markdown.
    pub(crate) description: String,
    /// The description as input of program generation, without the API's base URL.
    pub(crate) document: Document,
    /// By the operation's position in the document.
    entries: Vec<Entry>,
}

/// What a page needs to know about an operation beyond the operation itself.
struct Entry {
    slug: String,
    group: String,
}

impl Catalog {
    /// Reads a description.
    ///
    /// # Errors
    /// If the text is no API description.
    pub(crate) fn new(id: &'static str, text: &str) -> Result<Self, ReadError> {
        let document = Document::read(text)?;
        let described: Value = serde_json::from_str(text).unwrap_or_default();
        let entries = document.operations().iter().map(|operation| Entry::of(&described, &operation.id)).collect();
        let info = |name: &str| described["info"][name].as_str().unwrap_or_default().to_owned();
        Ok(Self { id, name: info("title"), description: info("description"), document, entries })
    }

    /// Returns the operations with their names in URLs, in the order of the document.
    pub(crate) fn operations(&self) -> impl Iterator<Item = (&str, &Operation)> {
        self.entries.iter().zip(self.document.operations()).map(|(entry, operation)| (entry.slug.as_str(), operation))
    }

    /// Returns the operation with this name in URLs.
    pub(crate) fn operation(&self, slug: &str) -> Option<&Operation> {
        self.operations().find(|(known, _)| *known == slug).map(|(_, operation)| operation)
    }

    /// Returns the tag of the operation with this id.
    pub(crate) fn group(&self, operation_id: &str) -> Option<&str> {
        let named = self.entries.iter().zip(self.document.operations());
        named.into_iter().find(|(_, operation)| operation.id == operation_id).map(|(entry, _)| entry.group.as_str())
    }

    /// Returns the operations by tag, in the order of the document.
    pub(crate) fn groups(&self) -> Vec<(&str, Vec<(&str, &Operation)>)> {
        let mut groups: Vec<(&str, Vec<(&str, &Operation)>)> = Vec::new();
        for (entry, named) in self.entries.iter().zip(self.operations()) {
            match groups.iter_mut().find(|(group, _)| *group == entry.group) {
                Some((_, members)) => members.push(named),
                None => groups.push((&entry.group, vec![named])),
            }
        }
        groups
    }
}

impl Entry {
    /// Returns what the description says about the operation with this id beyond program generation.
    fn of(described: &Value, operation_id: &str) -> Self {
        let items = described["paths"].as_object().into_iter().flat_map(|paths| paths.values());
        let mut all = items.filter_map(Value::as_object).flat_map(|item| item.values());
        let operation = all.find(|operation| operation["operationId"] == operation_id).unwrap_or(&Value::Null);
        let page = operation[PAGE].as_str().and_then(|page| page.rsplit('/').next());
        Self {
            slug: page.unwrap_or(operation_id).to_owned(),
            group: operation["tags"][0].as_str().unwrap_or_default().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::described::reference;

    #[test]
    fn every_operation_has_an_address_of_its_own_and_a_group() {
        let reference = reference();
        for catalog in &reference.catalogs {
            let slugs: BTreeSet<&str> = catalog.operations().map(|(slug, _)| slug).collect();
            assert_eq!(slugs.len(), catalog.document.operations().len(), "{}", catalog.id);
            assert!(catalog.groups().iter().all(|(group, _)| !group.is_empty()), "{}", catalog.id);
        }
        let zoom = reference.find("zoom").unwrap();
        assert_eq!(zoom.operation("get-webinar-participants").unwrap().id, "dashboardWebinarParticipants");
        assert_eq!(zoom.operation("list-a-users-meetings").unwrap().id, "meetings");
    }
}
