//! Reading a page of minutes.

use std::ops::Bound;

use rollcall_model::{Minute, ParticipantId, QosMinute};
use rollcall_store::{MinuteCursor, MinuteRow, Result, StoreError};

use crate::{
    corrupt, encoding,
    key::{self, Key},
    tree::Tree,
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
    /// Reads the page.
    pub(crate) fn read(&self, tree: &Tree) -> Result<Vec<MinuteRow>> {
        let (mut wanted, mut after) = self.start()?;
        let mut rows = Vec::with_capacity(self.limit.min(FIRST_CAPACITY));
        // Opening a range costs as much as reading dozens of rows, and a page asks for participants that stand next to
        // each other more often than not: one range serves all of them, until it runs into one that nobody asked for.
        'ranges: while rows.len() < self.limit && !wanted.is_empty() {
            let (run, rest) = ascending_run(wanted);
            let upper = self.prefix.participant(run[run.len() - 1]).minute(Minute(u32::MAX));
            let lower = match after.take() {
                Some(after) => Bound::Excluded(after),
                None => Bound::Included(self.prefix.participant(run[0]).minute(Minute(0))),
            };
            for entry in tree.range((lower, Bound::Included(upper))) {
                let (key, value) = entry?;
                let (participant, minute) = key::split(&key, self.prefix.as_bytes().len()).map_err(corrupt)?;
                while wanted.len() > rest.len() && key::rank(wanted[0]) < key::rank(participant) {
                    wanted = &wanted[1..];
                }
                if wanted.len() > rest.len() && wanted[0] != participant {
                    continue 'ranges;
                }
                rows.push(MinuteRow { participant, minute: QosMinute::new(minute) });
                if let Some(row) = rows.last_mut() {
                    encoding::decode_into(&mut row.minute, &value).map_err(corrupt)?;
                }
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

/// Parts participants, of which there is one at least, after the last that comes in the order of keys.
fn ascending_run(participants: &[ParticipantId]) -> (&[ParticipantId], &[ParticipantId]) {
    let len = 1 + participants.windows(2).take_while(|pair| key::rank(pair[0]) < key::rank(pair[1])).count();
    participants.split_at(len)
}
