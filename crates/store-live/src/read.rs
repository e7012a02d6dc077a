//! Reading a page of minutes.

use std::ops::Bound;

use fjall::{Database, Keyspace, Readable};
use rollcall_model::{Minute, ParticipantId};
use rollcall_store::{MinuteCursor, MinuteRow, Result, StoreError};

use crate::{
    backend, corrupt, encoding,
    key::{self, Key},
};

/// A caller may allow more rows than there are; memory is taken for this many at first.
const FIRST_CAPACITY: usize = 1024;

/// What to read, as [`rollcall_store::MinuteStore::read_minutes`] tells it.
pub(crate) struct Page {
    pub(crate) prefix: Key,
    pub(crate) participants: Vec<ParticipantId>,
    pub(crate) after: Option<MinuteCursor>,
    pub(crate) limit: usize,
}

impl Page {
    /// Reads the page from one snapshot, so that a batch is seen whole or not at all.
    pub(crate) fn read(&self, database: &Database, minutes: &Keyspace) -> Result<Vec<MinuteRow>> {
        let (mut wanted, mut lower) = self.start()?;
        let mut rows = Vec::with_capacity(self.limit.min(FIRST_CAPACITY));
        let snapshot = database.snapshot();
        // Opening a range costs as much as reading dozens of rows, and a page asks for participants that stand next to
        // each other more often than not: one range serves all of them, until it runs into one that nobody asked for.
        'ranges: while rows.len() < self.limit && !wanted.is_empty() {
            let (run, rest) = ascending_run(wanted);
            let upper = self.prefix.participant(run[run.len() - 1]).minute(Minute(u32::MAX));
            let lower_bound = match lower.take() {
                Some(after) => Bound::Excluded(after),
                None => Bound::Included(self.prefix.participant(run[0]).minute(Minute(0))),
            };
            let range = (lower_bound.map(OwnedKey), Bound::Included(OwnedKey(upper)));
            for entry in snapshot.range(minutes, range) {
                let (key, value) = entry.into_inner().map_err(backend)?;
                let (participant, minute) = key::split(&key, self.prefix.as_bytes().len()).map_err(corrupt)?;
                while wanted.len() > rest.len() && key::rank(wanted[0]) < key::rank(participant) {
                    wanted = &wanted[1..];
                }
                if wanted.len() > rest.len() && wanted[0] != participant {
                    continue 'ranges;
                }
                rows.push(MinuteRow { participant, minute: encoding::decode(minute, &value).map_err(corrupt)? });
                if rows.len() == self.limit {
                    return Ok(rows);
                }
            }
            wanted = rest;
        }
        Ok(rows)
    }

    /// The participants that are still to be read, and the key after which the first one's minutes go on.
    fn start(&self) -> Result<(&[ParticipantId], Option<Key>)> {
        let Some(after) = self.after else { return Ok((&self.participants, None)) };
        let at = self.participants.iter().position(|participant| *participant == after.participant);
        let at = at.ok_or_else(|| StoreError::NotFound { what: "the participant to continue after".to_owned() })?;
        Ok((&self.participants[at..], Some(self.prefix.participant(after.participant).minute(after.minute))))
    }
}

/// A key as the tree takes it.
struct OwnedKey(Key);

impl AsRef<[u8]> for OwnedKey {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Parts participants, of which there is one at least, after the last that comes in the order of keys.
fn ascending_run(participants: &[ParticipantId]) -> (&[ParticipantId], &[ParticipantId]) {
    let len = 1 + participants.windows(2).take_while(|pair| key::rank(pair[0]) < key::rank(pair[1])).count();
    participants.split_at(len)
}
