//! Erases one person everywhere.
//!
//! An erasure is recorded first: from then on, every write blanks what identifies the person. Then stored data is
//! erased by the same rule, and the database file is rewritten without free pages. The archive follows automatically:
//! an instance with changed participants is sealed again, and its old files are swept. [`Eraser::finish_pending`]
//! completes an interrupted erasure from its record.

use std::{collections::BTreeSet, sync::Arc};

use rollcall_model::{AccountId, Clock, Identifier};
use rollcall_store::{ErasedRows, Erasure, ErasureId, ErasureKey, ErasureStep, IdentityLink, Store, StoreError};

/// Participants examined per step.
const LOOKED_AT: usize = 5_000;

/// A preview of an erasure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// All identifiers of the person: the given ones, and those linked to them by users, attendances and meetings.
    pub identifiers: BTreeSet<Identifier>,
    /// Those of them that are logins. Erasing more than one requires a confirmation.
    pub logins: BTreeSet<Identifier>,
    /// Why each identifier that was not given is regarded as the person's.
    pub links: Vec<IdentityLink>,
    /// Number of the person's rows by kind.
    pub rows: ErasedRows,
}

/// Finds and erases persons.
#[derive(Clone)]
pub struct Eraser {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Eraser {
    /// Creates one for this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Finds the person with these identifiers and their data, without changing anything.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn find(&self, account: AccountId, identifiers: &BTreeSet<Identifier>) -> Result<Person, StoreError> {
        let at = self.clock.now();
        let mut person = Person { identifiers: identifiers.clone(), ..Person::default() };
        // Until no more identifiers are learnt.
        loop {
            let known = person.identifiers.clone();
            person.rows.clear();
            person.add(self.store.look_for_entities(account, &known, at).await?);
            let mut after = None;
            loop {
                let step = self.store.look_for_participants(account, &known, at, after, LOOKED_AT).await?;
                after = step.last;
                person.add(step);
                if after.is_none() {
                    break;
                }
            }
            if person.identifiers.len() == known.len() {
                return Ok(person);
            }
        }
    }

    /// Records that the person with these identifiers is erased, and returns the erasure. From now on, no earlier data
    /// about the person is stored; [`Self::finish_pending`] erases stored data. `key` is used if no identifier was ever
    /// hashed before.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn begin(
        &self,
        account: AccountId,
        identifiers: &BTreeSet<Identifier>,
        key: ErasureKey,
    ) -> Result<ErasureId, StoreError> {
        self.store.begin_erasure(account, identifiers, key, self.clock.now()).await
    }

    /// Completes recorded erasures, and returns their number.
    ///
    /// Accounts take turns: each round completes the oldest erasure of every account that has one. The database file is
    /// rewritten once per round, or not at all if the round erased nothing.
    ///
    /// # Errors
    /// Those of the store. The rest is completed the next time; a failed erasure does not block others.
    pub async fn finish_pending(&self) -> Result<u64, StoreError> {
        let mut finished = 0;
        let mut failed = BTreeSet::new();
        let mut failure = None;
        loop {
            let mut accounts = BTreeSet::new();
            let mut round = self.store.pending_erasures().await?;
            round.retain(|erasure| !failed.contains(&erasure.id) && accounts.insert(erasure.account));
            if round.is_empty() {
                return failure.map_or(Ok(finished), Err);
            }
            // Data erased by an interrupted erasure is in the free pages, too.
            let mut has_gaps = round.iter().any(|erasure| !erasure.rows.is_empty());
            let mut erased = Vec::with_capacity(round.len());
            for Erasure { id, .. } in round {
                match self.erase_all(id).await {
                    Ok(found) => {
                        has_gaps |= found;
                        erased.push(id);
                    }
                    Err(error) => {
                        failed.insert(id);
                        failure.get_or_insert(error);
                    }
                }
            }
            if has_gaps {
                self.store.purge().await?;
            }
            for id in erased {
                self.store.finish_erasure(id, self.clock.now()).await?;
                finished += 1;
            }
        }
    }

    /// Erases stored data until no more identifiers are learnt, and returns whether there was any.
    /// anything.
    async fn erase_all(&self, erasure: ErasureId) -> Result<bool, StoreError> {
        let mut has_rows = false;
        loop {
            let Erased { is_news, rows } = self.erase(erasure).await?;
            has_rows |= rows;
            if !is_news {
                return Ok(has_rows);
            }
        }
    }

    /// Erases stored data.
    async fn erase(&self, erasure: ErasureId) -> Result<Erased, StoreError> {
        let mut erased = Erased::default();
        erased.add(&self.store.erase_entities(erasure).await?);
        let mut after = None;
        loop {
            let step = self.store.erase_participants(erasure, after, LOOKED_AT).await?;
            erased.add(&step);
            after = step.last;
            if after.is_none() {
                return Ok(erased);
            }
        }
    }
}

/// Result of a pass over an account.
#[derive(Debug, Default)]
struct Erased {
    /// Whether it learnt more identifiers.
    is_news: bool,
    /// Whether it erased any rows.
    rows: bool,
}

impl Erased {
    fn add(&mut self, step: &ErasureStep) {
        self.is_news |= !step.identifiers.is_empty();
        self.rows |= !step.rows.is_empty();
    }
}

impl Person {
    /// Returns the unconfirmed logins that an erasure would affect. Empty if there is at most one login: then it is the
    /// given person.
    #[must_use]
    pub fn unconfirmed(&self, confirmed: &BTreeSet<Identifier>) -> BTreeSet<Identifier> {
        if self.logins.len() < 2 {
            return BTreeSet::new();
        }
        self.logins.difference(confirmed).cloned().collect()
    }

    fn add(&mut self, step: ErasureStep) {
        for link in step.links {
            if !self.identifiers.contains(&link.learnt) && self.links.iter().all(|known| known.learnt != link.learnt) {
                self.links.push(link);
            }
        }
        self.identifiers.extend(step.identifiers);
        self.logins.extend(step.logins);
        for (kind, rows) in step.rows {
            *self.rows.entry(kind).or_default() += rows;
        }
    }
}
