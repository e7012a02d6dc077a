//! A block of minutes as expressions see it.

use rollcall_archive::ColumnKind;
use rollcall_reports::Profile;
use rusqlite::types::Value;

use super::eval::{Identity, Val};
use crate::{
    blocks::{Block, People, level_of},
    minutes::COLUMNS,
    scores,
};

/// Some minutes, and whose they are.
pub(super) struct Batch<'b> {
    pub(super) block: &'b Block,
    pub(super) people: &'b People,
    pub(super) profile: Profile,
}

impl Batch<'_> {
    pub(super) fn value(&self, place: usize, row: usize) -> Val {
        let Some(number) = self.block.number(place, row) else { return Val::Null };
        match COLUMNS[place].kind {
            ColumnKind::Hundredths => Val::Real(number as f64 / 100.0),
            ColumnKind::Text | ColumnKind::Json => level_of(number).map_or(Val::Null, |level| Val::Text(level.into())),
            _ => Val::Int(number),
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
