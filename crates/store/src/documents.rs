use async_trait::async_trait;
use rollcall_model::{AccountId, Document, DocumentOwner, Text, Timestamp};

use crate::Result;

/// A filter on documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentQuery {
    /// Of this kind.
    pub kind: Text,
    /// Of this owner.
    pub owner: DocumentOwner,
    /// At this instant or later; documents without a time only match an open window.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub before: Option<Timestamp>,
    /// Whose JSON has one of these texts under this key. Case counts, spaces do not.
    pub with: Vec<(Text, Vec<Text>)>,
}

impl DocumentQuery {
    /// Returns a query for all documents of a kind and an owner.
    #[must_use]
    pub fn all(kind: &str, owner: DocumentOwner) -> Self {
        Self { kind: kind.into(), owner, from: None, before: None, with: Vec::new() }
    }
}

/// Where a list of documents continues: after the document with this time and row id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentCursor {
    /// The time; that of a document without one counts as 0.
    pub at_ms: i64,
    /// The row id, which orders documents of the same time.
    pub row: i64,
}

/// Entries of vendors' responses that are kept as they were.
#[async_trait]
pub trait DocumentStore {
    /// Writes documents by kind, owner and key; one that exists is replaced. Documents that name an erased person are
    /// skipped.
    async fn put_documents(&self, account: AccountId, documents: &[Document]) -> Result<()>;

    /// Returns the document with that key.
    async fn find_document(
        &self,
        account: AccountId,
        kind: &str,
        owner: &DocumentOwner,
        key: &str,
    ) -> Result<Option<Document>>;

    /// Returns matching documents, ordered by time and row id, after `after`, each with its place.
    async fn list_documents(
        &self,
        account: AccountId,
        query: &DocumentQuery,
        after: Option<DocumentCursor>,
        limit: usize,
    ) -> Result<Vec<(DocumentCursor, Document)>>;

    /// Returns the number of matching documents.
    async fn count_documents(&self, account: AccountId, query: &DocumentQuery) -> Result<u64>;

    /// Deletes the document with that key. Returns whether there was one.
    async fn delete_document(&self, account: AccountId, kind: &str, owner: &DocumentOwner, key: &str) -> Result<bool>;
}
