use std::ops::Range;

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, Text};
use rollcall_quality::{Cell, CellKey, Dimension, PackedRollup, Rollup, Step};

use crate::{ArchivePlace, Result};

/// A UTC day on which instances began, counted from 1970-01-01: that of their files' folder in the archive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

/// What a step changes in the rollups. It is made out of what an instance has in the archive before the step and after
/// it, and becomes true in the same transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RollupChange {
    /// [`Rollup::rules`] by which was counted.
    pub rules: u32,
    /// The day of its files from now on, and what its minutes in them count for.
    pub added: Option<(Day, PackedRollup)>,
    /// The day of its files until now, and what its minutes in them counted for.
    pub removed: Option<(Day, PackedRollup)>,
}

/// How the rollup of an account's day stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollupDay {
    /// Whose.
    pub account: AccountId,
    /// Which day.
    pub day: Day,
    /// The rules by which it was counted; none where it is to be built, and does not count before that.
    pub rules: Option<u32>,
    /// Whether it stays as it is, since what it was counted from is no longer in the archive.
    pub kept: bool,
    /// Moves whenever what is archived of the day changes.
    pub changes: u64,
}

impl RollupDay {
    /// Whether it has to be built for rollups by `rules` to be whole.
    #[must_use]
    pub fn is_stale(&self, rules: u32) -> bool {
        !self.kept && self.rules != Some(rules)
    }
}

/// Where what an instance counts for lies in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedRows {
    /// The instance.
    pub instance: InstanceId,
    /// Its minutes.
    pub minutes: ArchivePlace,
    /// Its participants; none where it had none.
    pub participants: Option<ArchivePlace>,
}

/// Quality by the hour and by the day, kept as it follows from the archive.
///
/// The rollup of a day counts the minutes of all instances whose files are in the day's folder: those rows of the files
/// that the index calls theirs. [`ArchiveIndex::record_sealing`](crate::ArchiveIndex::record_sealing) changes both in one
/// transaction; so the rollup is right after a crash at any point, and the same as one that is built from the archive.
/// Merges move rows and change nothing. A day that was archived by an earlier version, or counted by other rules, is
/// *stale* and built again.
///
/// Whoever takes an instance out of the archive either takes its part out of the rollup, in the same transaction, or makes
/// the day one that is *kept* ([`RollupDay::kept`]): then what was counted stays, and building again passes it over.
#[async_trait]
pub trait RollupStore {
    /// Days that have archived minutes or a rollup, by account and day, after `after`.
    async fn list_rollup_days(&self, after: Option<(AccountId, Day)>, limit: usize) -> Result<Vec<RollupDay>>;

    /// How a day stands.
    async fn rollup_day(&self, account: AccountId, day: Day) -> Result<RollupDay>;

    /// The instances whose minutes are in files of the day's folder, by row, after `after`, and where they lie.
    async fn archived_on(
        &self,
        account: AccountId,
        day: Day,
        after: Option<InstanceId>,
        limit: usize,
    ) -> Result<Vec<ArchivedRows>>;

    /// Puts `rollup`, counted by `rules`, in the place of the day's; whether it did. It does not where the day
    /// is kept, or has changed since `day` was read.
    async fn replace_rollup(&self, day: RollupDay, rules: u32, rollup: Rollup) -> Result<bool>;

    /// The cells of a dimension whose hour is within `hours`, by hour and value, after `after`.
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
