//! Reading a page of minutes.

use std::ops::Bound;

use rollcall_model::{AccountId, InstanceId, Minute, ParticipantId, QosMinute};
use rollcall_store::{MinuteCursor, MinuteRow, Result, StoreError, packed};

use crate::{
    corrupt,
    key::{self, Key},
    tree::View,
};

/// What to read, as [`rollcall_store::MinuteStore::read_minutes`] tells it.
pub(crate) struct Page {
    prefix: Key,
    participants: Vec<ParticipantId>,
    after: Option<MinuteCursor>,
    limit: usize,
}

impl Page {
    pub(crate) fn new(
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Self {
        Self { prefix: Key::instance(account, instance), participants: participants.to_vec(), after, limit }
    }

    /// Reads the page, and shows `visit` each minute in turn.
    pub(crate) fn read(&self, view: &View, mut visit: impl FnMut(ParticipantId, &QosMinute)) -> Result<()> {
        let (mut wanted, mut after) = self.start()?;
        let mut left = self.limit;
        // Opening a range costs as much as reading dozens of rows, and a page asks for participants that stand next to
        // each other more often than not: one range serves all of them, until it runs into one that nobody asked for.
        'ranges: while left > 0 && !wanted.is_empty() {
            let (run, rest) = ascending_run(wanted);
            let upper = self.prefix.participant(run[run.len() - 1]).minute(Minute(u32::MAX));
            let lower = match after.take() {
                Some(after) => Bound::Excluded(after),
                None => Bound::Included(self.prefix.participant(run[0]).minute(Minute(0))),
            };
            for entry in view.range((lower, Bound::Included(upper))) {
                let (key, value) = entry?;
                let (participant, minute) = key::split(&key, self.prefix.as_bytes().len()).map_err(corrupt)?;
                while wanted.len() > rest.len() && key::rank(wanted[0]) < key::rank(participant) {
                    wanted = &wanted[1..];
                }
                if wanted.len() > rest.len() && wanted[0] != participant {
                    continue 'ranges;
                }
                let mut minute = QosMinute::new(minute);
                packed::decode_into(&mut minute, &value).map_err(corrupt)?;
                visit(participant, &minute);
                left -= 1;
                if left == 0 {
                    return Ok(());
                }
            }
            wanted = rest;
        }
        Ok(())
    }

    /// The page.
    pub(crate) fn rows(&self, view: &View) -> Result<Vec<MinuteRow>> {
        let mut rows = Vec::new();
        self.read(view, |participant, minute| rows.push(MinuteRow { participant, minute: minute.clone() }))?;
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

/// Reads an instance's minutes in the order of their keys, and shows `visit` at most `limit` of them.
pub(crate) fn scan(
    view: &View,
    prefix: Key,
    after: Option<MinuteCursor>,
    limit: usize,
    mut visit: impl FnMut(ParticipantId, QosMinute),
) -> Result<()> {
    let lower = match after {
        Some(after) => Bound::Excluded(prefix.participant(after.participant).minute(after.minute)),
        None => Bound::Included(prefix),
    };
    let upper = prefix.after_all().map_or(Bound::Unbounded, Bound::Excluded);
    for entry in view.range((lower, upper)).take(limit) {
        let (key, value) = entry?;
        let (participant, minute) = key::split(&key, prefix.as_bytes().len()).map_err(corrupt)?;
        visit(participant, packed::decode(minute, &value).map_err(corrupt)?);
    }
    Ok(())
}

/// Parts participants, of which there is one at least, after the last that comes in the order of keys.
fn ascending_run(participants: &[ParticipantId]) -> (&[ParticipantId], &[ParticipantId]) {
    let len = 1 + participants.windows(2).take_while(|pair| key::rank(pair[0]) < key::rank(pair[1])).count();
    participants.split_at(len)
}
