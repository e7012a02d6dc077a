use std::collections::HashMap;

use async_trait::async_trait;
use rollcall_model::{AccountId, Identifier, Text, Timestamp};

use crate::Result;

/// An identifier that somebody declared to be a person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonAlias {
    /// The identifier.
    pub alias: Identifier,
    /// The person that it stands for.
    pub person: Identifier,
    /// When it was declared.
    pub created_at: Timestamp,
}

/// Persons: what people declared about them, beside what attendances have in common.
#[async_trait]
pub trait PersonStore {
    /// Declares `alias` to be the person `person`. What stood for `alias` stands for `person` from then on; if `person`
    /// is an alias itself, its person is meant.
    /// [`StoreError::Conflict`](crate::StoreError::Conflict) if both are the same person already.
    async fn merge_persons(
        &self,
        account: AccountId,
        person: &Identifier,
        alias: &Identifier,
        now: Timestamp,
    ) -> Result<PersonAlias>;

    /// Lifts an alias. Returns whether there was one.
    async fn split_person(&self, account: AccountId, alias: &Identifier) -> Result<bool>;

    /// Returns aliases, ordered by their text, after `after`.
    async fn person_aliases(&self, account: AccountId, after: Option<&str>, limit: usize) -> Result<Vec<PersonAlias>>;

    /// Returns which of these names are aliases, with the names of their persons.
    async fn persons_of(&self, account: AccountId, names: &[Text]) -> Result<HashMap<Text, Text>>;

    /// Returns the ids of the logins with these addresses, which are in lower case.
    async fn logins_of(&self, account: AccountId, addresses: &[Text]) -> Result<HashMap<Text, Text>>;
}
