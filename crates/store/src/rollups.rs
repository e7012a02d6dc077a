use std::ops::Range;

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, Text};
use rollcall_quality::{Cell, CellKey, Dimension, PackedRollup, Rollup, Step};

use crate::{ArchivePlace, Result};

/// A UTC day on which instances began, counted from 1970-01-01: that of their folder in the archive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

/// A step's change of the rollups. It is computed from an instance's archived rows before and after the step, and
/// applied in the same transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RollupChange {
    /// The [`Rollup::rules`] used for counting.
    pub rules: u32,
    /// The day of its files from now on, and the counts of its minutes in them.
    pub added: Option<(Day, PackedRollup)>,
    /// The day of its files until now, and the counts of its minutes in them.
    pub removed: Option<(Day, PackedRollup)>,
}

/// State of the rollup of an account's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollupDay {
    /// The account.
    pub account: AccountId,
    /// The day.
    pub day: Day,
    /// The rules used for counting; `None` if it has to be built, and does not count before that.
    pub rules: Option<u32>,
    /// Whether it is kept, because the minutes it was counted from are no longer in the archive.
    pub kept: bool,
    /// Changes whenever the archived data of the day changes.
    pub changes: u64,
}

impl RollupDay {
    /// Returns whether it has to be rebuilt to match `rules`.
    #[must_use]
    pub fn is_stale(&self, rules: u32) -> bool {
        !self.kept && self.rules != Some(rules)
    }
}

/// Where an instance's counted rows are in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedRows {
    /// The instance.
    pub instance: InstanceId,
    /// Its minutes.
    pub minutes: ArchivePlace,
    /// Its participants; `None` if it has none.
    pub participants: Option<ArchivePlace>,
}

/// Hourly and daily quality, as a function of the archive.
///
/// The rollup of a day counts the minutes of all instances whose files are in the day's folder: the rows that the index
/// assigns to them. [`ArchiveIndex::record_sealing`](crate::ArchiveIndex::record_sealing) changes both in one
/// transaction; so the rollup is correct after a crash at any point, and equal to one that is built from the archive.
/// Merges move rows and change nothing. A day that was archived by an earlier version, or counted by other rules, is
/// *stale* and rebuilt.
///
/// Code that removes an instance from the archive either subtracts its part from the rollup in the same transaction, or
/// marks the day as *kept* ([`RollupDay::kept`]): then its counts stay, and rebuilding skips it.
#[async_trait]
pub trait RollupStore {
    /// Returns days with archived minutes or a rollup, ordered by account and day, after `after`.
    async fn list_rollup_days(&self, after: Option<(AccountId, Day)>, limit: usize) -> Result<Vec<RollupDay>>;

    /// Returns the state of a day.
    async fn rollup_day(&self, account: AccountId, day: Day) -> Result<RollupDay>;

    /// Returns the instances whose minutes are in files of the day's folder, ordered by row id, after `after`, and
    /// where they are.
    async fn archived_on(
        &self,
        account: AccountId,
        day: Day,
        after: Option<InstanceId>,
        limit: usize,
    ) -> Result<Vec<ArchivedRows>>;

    /// Replaces the day's rollup by `rollup`, counted by `rules`, unless the day is kept, or has changed since `day`
    /// was read. Returns whether it did.
    async fn replace_rollup(&self, day: RollupDay, rules: u32, rollup: Rollup) -> Result<bool>;

    /// Returns the cells of a dimension whose hour is within `hours`, ordered by hour and value, after `after`.
    async fn list_cells(
        &self,
        account: AccountId,
        step: Step,
        dimension: Dimension,
        hours: Range<u32>,
        after: Option<(u32, Text)>,
        limit: usize,
    ) -> Result<Vec<(CellKey, Cell)>>;
}
