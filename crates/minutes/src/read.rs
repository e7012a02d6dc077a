//! Reading a page of minutes.

use rollcall_model::{AccountId, InstanceId, ParticipantId, QosMinute};
use rollcall_store::{MinuteCursor, MinuteRow, Result, StoreError, packed};

use crate::{
    corrupt,
    key::{self, Key},
    rows::Wanted,
    tree::View,
};

/// What to read, see [`rollcall_store::MinuteStore::read_minutes`].
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

    /// Reads the page, and passes each minute to `visit`.
    pub(crate) fn read(&self, view: &View, mut visit: impl FnMut(ParticipantId, &QosMinute)) -> Result<()> {
        let (mut wanted, mut after) = self.start()?;
        let mut left = self.limit;
        while left > 0 && !wanted.is_empty() {
            let (run, rest) = ascending_run(wanted);
            view.each_minute(self.prefix, Wanted::These(run), after.take(), |participant, minute, value| {
                let mut minute = QosMinute::new(minute);
                packed::decode_into(&mut minute, value).map_err(corrupt)?;
                visit(participant, &minute);
                left -= 1;
                Ok(left > 0)
            })?;
            wanted = rest;
        }
        Ok(())
    }

    /// Returns the page.
    pub(crate) fn rows(&self, view: &View) -> Result<Vec<MinuteRow>> {
        let mut rows = Vec::new();
        self.read(view, |participant, minute| rows.push(MinuteRow { participant, minute: minute.clone() }))?;
        Ok(rows)
    }

    /// Returns the participants that remain to be read, and the minute after which the first one continues.
    fn start(&self) -> Result<(&[ParticipantId], Option<MinuteCursor>)> {
        let Some(after) = self.after else { return Ok((&self.participants, None)) };
        let at = self.participants.iter().position(|participant| *participant == after.participant);
        let at = at.ok_or_else(|| StoreError::NotFound { what: "the participant to continue after".to_owned() })?;
        Ok((&self.participants[at..], Some(after)))
    }
}

/// Splits a non-empty list of participants after the last one in ascending order.
fn ascending_run(participants: &[ParticipantId]) -> (&[ParticipantId], &[ParticipantId]) {
    let len = 1 + participants.windows(2).take_while(|pair| key::rank(pair[0]) < key::rank(pair[1])).count();
    participants.split_at(len)
}
