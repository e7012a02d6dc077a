//! Erasing one person everywhere.
//!
//! First the door is shut: from the note of an erasure on, every write blanks what names the person. Then what is stored
//! is erased by the same rule, and the database is written anew without its gaps. The archive follows by itself: an
//! instance of which a participant has changed is sealed anew, and the files that it was in are swept. An erasure that
//! broke off is taken up by [`Eraser::finish_pending`], which needs no more than what the note says.

use std::{collections::BTreeSet, sync::Arc};

use rollcall_model::{AccountId, Clock, Identifier};
use rollcall_store::{ErasedRows, Erasure, ErasureId, ErasureKey, ErasureStep, IdentityLink, Store, StoreError};

/// How many participants are looked at in one step.
const LOOKED_AT: usize = 5_000;

/// Whom an erasure would be about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// All that names the person: what was given, and what users, attendances and meetings that it names are named by
    /// besides.
    pub identifiers: BTreeSet<Identifier>,
    /// Which of these are logins. An erasure of more than one takes a confirmation.
    pub logins: BTreeSet<Identifier>,
    /// Why each identifier that was not given is taken for the person's.
    pub links: Vec<IdentityLink>,
    /// How many rows of which kind are the person's.
    pub rows: ErasedRows,
}

/// Finds and erases persons.
#[derive(Clone)]
pub struct Eraser {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Eraser {
    /// One for this store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Finds out who goes by these identifiers and what there is of them, and changes nothing.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn find(&self, account: AccountId, identifiers: &BTreeSet<Identifier>) -> Result<Person, StoreError> {
        let at = self.clock.now();
        let mut person = Person { identifiers: identifiers.clone(), ..Person::default() };
        // Until nothing more is learnt of how the person is named.
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

    /// Notes that who goes by these identifiers is erased, and answers which erasure that is. From now on nothing of the
    /// person that is from before comes in; [`Self::finish_pending`] erases what is there. `key` is used where no
    /// identifier was ever hashed before.
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

    /// Finishes erasures that were begun, and answers how many there were.
    ///
    /// Accounts take turns: each round finishes the oldest erasure of every account that has one. The database is written
    /// anew once a round, and not at all if the round erased nothing.
    ///
    /// # Errors
    /// Those of the store. What is left is finished the next time; an erasure that fails holds up no other.
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
            // What an erasure that broke off has erased lies in the gaps, too.
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

    /// Erases what is stored until nothing more is learnt of how the person is named, and answers whether there was
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

    /// Erases what is stored.
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

/// What a pass over an account has come to.
#[derive(Debug, Default)]
struct Erased {
    /// Whether it learned more of how the person is named.
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
    /// Returns the logins that an erasure would touch and that nobody confirmed. None if there is one login at most: then
    /// the person is who was named.
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
