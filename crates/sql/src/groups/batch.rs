//! A block of rows, as expressions see it.

use std::sync::Arc;

use rollcall_quality::Profile;
use rusqlite::types::Value;

use super::{
    eval::{Identity, Val},
    subject::Subject,
};
use crate::{
    blocks::{Block, People},
    scores,
};

/// Several rows, with their instance and attendance.
pub(super) struct Batch<'b> {
    pub(super) subject: Subject,
    pub(super) block: &'b Block,
    pub(super) people: &'b People,
    pub(super) profile: Profile,
}

impl Batch<'_> {
    pub(super) fn value(&self, place: usize, row: usize) -> Val {
        match self.block.number(place, row) {
            Some(number) => self.subject.value(place, number),
            None => self.block.text(place, row).map_or(Val::Null, |text| Val::Text(Arc::clone(text))),
        }
    }

    /// Returns the time in the column at `place`, in the subject's unit. `None` if there is none, or if SQLite cannot
    /// format it.
    pub(super) fn time(&self, place: usize, row: usize) -> Option<i64> {
        match self.subject {
            Subject::Minutes => self.block.minutes.get(row).map(|minute| i64::from(*minute)),
            Subject::Attendances => {
                let seconds = self.block.number(place, row)? / 1_000;
                self.subject.times().contains(&seconds).then_some(seconds)
            }
        }
    }

    pub(super) fn identity(&self, identity: Identity, row: usize) -> Val {
        self.block.run(row).map_or(Val::Null, |run| identity.value(self.people, run.instance, run.attendance))
    }

    pub(super) fn score(&self, place: usize, row: usize) -> Val {
        let Some(minute) = self.block.whole.get(row) else { return Val::Null };
        match scores::value(place, minute, &self.profile) {
            Value::Integer(number) => Val::Int(number),
            Value::Real(number) => Val::Real(number),
            Value::Text(text) => Val::Text(text.into()),
            Value::Null | Value::Blob(_) => Val::Null,
        }
    }
}
