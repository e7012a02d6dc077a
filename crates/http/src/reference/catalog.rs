//! The operations of the served descriptions, by their names in URLs.

use std::sync::LazyLock;

use rollcall_codegen::{Document, Operation};
use utoipa::openapi::OpenApi;

use crate::openapi::PAGE;

/// One of the descriptions.
pub(super) struct Catalog {
    /// Its name in URLs.
    pub(super) id: &'static str,
    /// Its name for people.
    pub(super) name: String,
    /// Its description, as Markdown.
    pub(super) description: String,
    /// The description as input of program generation, without the API's base URL.
    pub(super) document: Document,
    /// By the operation's position in the document.
    entries: Vec<Entry>,
}

/// What a page needs to know about an operation beyond the operation itself.
struct Entry {
    slug: String,
    group: String,
}

/// All of them, in display order. Built at the first use: they are constant, and this keeps start-up fast.
static CATALOGS: LazyLock<[Catalog; 3]> = LazyLock::new(|| {
    [
        Catalog::new("zoom", &crate::zoom_document()),
        Catalog::new("webex", &crate::webex_document()),
        Catalog::new("rollcall", &crate::api_document()),
    ]
});

/// Returns all catalogs.
pub(super) fn all() -> &'static [Catalog] {
    &*CATALOGS
}

/// Returns the catalog with this name.
pub(super) fn find(id: &str) -> Option<&'static Catalog> {
    all().iter().find(|catalog| catalog.id == id)
}

impl Catalog {
    fn new(id: &'static str, described: &OpenApi) -> Self {
        let text = serde_json::to_string(described).expect("an API description is JSON");
        let document = Document::read(&text).expect("our own API descriptions are well-formed");
        let entries = document.operations().iter().map(|operation| Entry::of(described, &operation.id));
        let entries = entries.collect();
        Self {
            id,
            name: described.info.title.clone(),
            description: described.info.description.clone().unwrap_or_default(),
            document,
            entries,
        }
    }

    /// Returns the operations with their names in URLs, in the order of the document.
    pub(super) fn operations(&self) -> impl Iterator<Item = (&str, &Operation)> {
        self.entries.iter().zip(self.document.operations()).map(|(entry, operation)| (entry.slug.as_str(), operation))
    }

    /// Returns the operation with this name in URLs.
    pub(super) fn operation(&self, slug: &str) -> Option<&Operation> {
        self.operations().find(|(known, _)| *known == slug).map(|(_, operation)| operation)
    }

    /// Returns the tag of the operation with this id.
    pub(super) fn group(&self, operation_id: &str) -> Option<&str> {
        let named = self.entries.iter().zip(self.document.operations());
        named.into_iter().find(|(_, operation)| operation.id == operation_id).map(|(entry, _)| entry.group.as_str())
    }

    /// Returns the operations by tag, in the order of the document.
    pub(super) fn groups(&self) -> Vec<(&str, Vec<(&str, &Operation)>)> {
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
    fn of(described: &OpenApi, operation_id: &str) -> Self {
        let items = described.paths.paths.values();
        let mut all = items.flat_map(|item| [&item.get, &item.post, &item.put, &item.delete]).flatten();
        let operation = all.find(|operation| operation.operation_id.as_deref() == Some(operation_id));
        let tags = operation.and_then(|operation| operation.tags.as_ref());
        let page = operation.and_then(|operation| operation.extensions.as_ref()?.get(PAGE)?.as_str());
        Self {
            slug: page.and_then(|page| page.rsplit('/').next()).unwrap_or(operation_id).to_owned(),
            group: tags.and_then(|tags| tags.first()).cloned().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_has_an_address_of_its_own_and_a_group() {
        for catalog in all() {
            let slugs: BTreeSet<&str> = catalog.operations().map(|(slug, _)| slug).collect();
            assert_eq!(slugs.len(), catalog.document.operations().len(), "{}", catalog.id);
            assert!(catalog.groups().iter().all(|(group, _)| !group.is_empty()), "{}", catalog.id);
        }
        let zoom = find("zoom").unwrap();
        assert_eq!(zoom.operation("get-webinar-participants").unwrap().id, "dashboardWebinarParticipants");
        assert_eq!(zoom.operation("list-a-users-meetings").unwrap().id, "meetings");
    }
}
