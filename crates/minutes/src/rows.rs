//! An instance's minutes ordered by key, whether they are stored alone or in runs.

use std::{
    iter::Peekable,
    ops::{Bound, Range},
    vec,
};

use fjall::UserValue;
use rollcall_model::{Minute, ParticipantId};
use rollcall_store::{MinuteCursor, Result};

use crate::{
    corrupt,
    key::{self, Key},
    runs,
    tree::{Stored, View},
};

/// Which participants.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted<'w> {
    /// All participants.
    All,
    /// Only these participants, sorted by key.
    These(&'w [ParticipantId]),
}

/// A minute, and the position of its value.
pub(crate) struct Row {
    pub(crate) participant: ParticipantId,
    pub(crate) minute: Minute,
    bytes: UserValue,
    at: Range<usize>,
}

impl Row {
    pub(crate) fn value(&self) -> &[u8] {
        &self.bytes[self.at.clone()]
    }

    pub(crate) fn order(&self) -> (u64, Minute) {
        (key::rank(self.participant), self.minute)
    }
}

impl View {
    /// Passes to `visit` the minutes of the instance with the key prefix `prefix`, after `after`, until it breaks.
    pub(crate) fn each_minute(
        &self,
        prefix: Key,
        wanted: Wanted<'_>,
        after: Option<MinuteCursor>,
        mut visit: impl FnMut(ParticipantId, Minute, &[u8]) -> Result<bool>,
    ) -> Result<()> {
        let alone = Alone { view: self, prefix, wanted, after, range: None };
        if !self.has_runs(prefix)? {
            for row in alone {
                let row = row?;
                if !visit(row.participant, row.minute, row.value())? {
                    break;
                }
            }
            return Ok(());
        }
        let mut alone = alone.peekable();
        let mut together = Together::new(self, prefix, wanted, after).peekable();
        while let Some(row) = next(&mut alone, &mut together) {
            let row = row?;
            if !visit(row.participant, row.minute, row.value())? {
                break;
            }
        }
        Ok(())
    }

    /// Returns minutes in the runs of a bucket, for participants whose position is a set bit of `places`, ordered by
    /// key.
    pub(crate) fn bucket(&self, prefix: Key, bucket: u64, places: u32) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for run in self.runs(prefix.bucket(bucket)) {
            let (_, bytes) = run?;
            for row in runs::decode(bucket, &bytes) {
                let (participant, minute, at) = row.map_err(corrupt)?;
                if places >> key::place(participant) & 1 == 1 {
                    rows.push(Row { participant, minute, bytes: bytes.clone(), at });
                }
            }
        }
        rows.sort_by_key(Row::order);
        Ok(rows)
    }
}

/// Returns the next row. Of the same minute, the one that is stored alone was written later.
fn next(
    alone: &mut Peekable<impl Iterator<Item = Result<Row>>>,
    together: &mut Peekable<impl Iterator<Item = Result<Row>>>,
) -> Option<Result<Row>> {
    match (alone.peek(), together.peek()) {
        (Some(Ok(a)), Some(Ok(b))) => {
            if a.order() == b.order() {
                together.next();
            } else if b.order() < a.order() {
                return together.next();
            }
            alone.next()
        }
        (Some(_), None) | (Some(Err(_)), _) => alone.next(),
        (None | Some(Ok(_)), _) => together.next(),
    }
}

/// Minutes that are stored alone.
struct Alone<'v, 'w> {
    view: &'v View,
    prefix: Key,
    wanted: Wanted<'w>,
    after: Option<MinuteCursor>,
    /// Opening a range costs as much as reading dozens of rows, and a page usually requests adjacent participants: one
    /// range serves all of them, until it reaches one that is not requested.
    range: Option<Box<dyn Iterator<Item = Result<Stored>>>>,
}

impl Alone<'_, '_> {
    /// Opens the range of the next requested minutes. `None` if there are none.
    fn open(&mut self) -> Option<()> {
        let (first, last) = match self.wanted {
            Wanted::All => (self.prefix, self.prefix.after_all().map_or(Bound::Unbounded, Bound::Excluded)),
            Wanted::These(these) => {
                let (first, last) = (these.first()?, these.last()?);
                let last = self.prefix.participant(*last).minute(Minute(u32::MAX));
                (self.prefix.participant(*first).minute(Minute(0)), Bound::Included(last))
            }
        };
        let first = match self.after.take() {
            Some(after) => Bound::Excluded(self.prefix.participant(after.participant).minute(after.minute)),
            None => Bound::Included(first),
        };
        self.range = Some(Box::new(self.view.range((first, last))));
        Some(())
    }
}

impl Iterator for Alone<'_, '_> {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.range.is_none() {
                self.open()?;
            }
            let (key, bytes) = match self.range.as_mut()?.next()? {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error)),
            };
            let (participant, minute) = match key::split(&key, self.prefix.as_bytes().len()) {
                Ok(named) => named,
                Err(error) => return Some(Err(corrupt(error))),
            };
            if let Wanted::These(these) = &mut self.wanted {
                while these.first().is_some_and(|first| key::rank(*first) < key::rank(participant)) {
                    *these = &these[1..];
                }
                if these.first() != Some(&participant) {
                    self.range = None;
                    continue;
                }
            }
            let at = 0..bytes.len();
            return Some(Ok(Row { participant, minute, bytes, at }));
        }
    }
}

/// Minutes that are stored in runs, read bucket by bucket.
struct Together<'v, 'w> {
    view: &'v View,
    prefix: Key,
    wanted: Wanted<'w>,
    after: Option<MinuteCursor>,
    /// If all are requested: the first bucket that was not read yet.
    from: u64,
    rows: vec::IntoIter<Row>,
}

impl<'v, 'w> Together<'v, 'w> {
    fn new(view: &'v View, prefix: Key, wanted: Wanted<'w>, after: Option<MinuteCursor>) -> Self {
        let from = after.map_or(0, |after| key::bucket(after.participant));
        Self { view, prefix, wanted, after, from, rows: Vec::new().into_iter() }
    }

    /// Returns the rows of the next bucket that may contain requested minutes. `None` if there is none.
    fn next_bucket(&mut self) -> Result<Option<Vec<Row>>> {
        let (bucket, places) = match &mut self.wanted {
            Wanted::These(these) => {
                let Some(first) = these.first() else { return Ok(None) };
                let bucket = key::bucket(*first);
                let len = these.iter().take_while(|participant| key::bucket(**participant) == bucket).count();
                let (wanted, rest) = these.split_at(len);
                *these = rest;
                (bucket, wanted.iter().fold(0, |places, participant| places | 1 << key::place(*participant)))
            }
            Wanted::All => {
                let Some(bucket) = self.view.next_bucket(self.prefix, self.from)? else { return Ok(None) };
                self.from = bucket + 1;
                (bucket, u32::MAX)
            }
        };
        let mut rows = self.view.bucket(self.prefix, bucket, places)?;
        if let Some(after) = self.after.take() {
            let after = (key::rank(after.participant), after.minute);
            rows.retain(|row| row.order() > after);
        }
        Ok(Some(rows))
    }
}

impl Iterator for Together<'_, '_> {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.rows.next() {
                return Some(Ok(row));
            }
            match self.next_bucket() {
                Ok(Some(rows)) => self.rows = rows.into_iter(),
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
