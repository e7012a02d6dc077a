//! Rollups: what an instance counts for in them, and a day's built again.

use std::{collections::HashMap, sync::Arc};

use jiff::{ToSpan as _, civil::Date};
use rollcall_archive::{Archive, ArchiveError, FilePath};
use rollcall_model::{AccountId, InstanceId, ParticipantKey};
use rollcall_reports::{Dimension, DimensionValues, Profile, Rollup};
use rollcall_store::{ArchivePlace, Day, RollupDay, Store, StoreError};

use super::SealError;

/// How many participants are read at a time.
const PARTICIPANTS_AT_A_TIME: u64 = 8_192;
/// How many instances are looked up at a time.
const INSTANCES_AT_A_TIME: usize = 500;
/// How often a day is counted anew that changes meanwhile.
const ATTEMPTS: u32 = 20;
/// How many days are looked at a time.
pub(super) const DAYS_AT_A_TIME: usize = 200;

/// What came of building a day's rollup again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebuilt {
    /// It follows from the archive now; so many instances and minutes were counted.
    Done {
        /// Instances that have minutes.
        instances: u64,
        /// Their minutes.
        minutes: u64,
    },
    /// It is kept as it is, since what it was counted from is no longer in the archive.
    Kept,
    /// It changed each time while it was counted.
    Busy,
}

/// Counts what is archived.
#[derive(Clone)]
pub struct Rollups {
    store: Arc<dyn Store>,
    archive: Archive,
    profile: Profile,
}

impl Rollups {
    /// Counts what is in `archive` by the limits of `profile`, and keeps it in `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, archive: Archive, profile: Profile) -> Self {
        Self { store, archive, profile }
    }

    /// The rules by which it counts.
    #[must_use]
    pub fn rules(&self) -> u32 {
        Rollup::rules(&self.profile)
    }

    /// What an instance's archived minutes count for, and the day of their files; none where it has none.
    ///
    /// All rows count that the index calls the instance's, as whose they are in the files: that follows from the files
    /// alone, whatever has become of the participants since.
    ///
    /// # Errors
    /// Those of the store and of the archive.
    pub async fn of_instance(
        &self,
        account: AccountId,
        instance: InstanceId,
    ) -> Result<Option<(Day, Rollup)>, SealError> {
        let mut attempts = 0;
        loop {
            let counted = self.count(account, instance, Rollup::default()).await;
            match counted {
                // A merge has taken the file away: the index names another.
                Err(SealError::Archive(ArchiveError::Missing { .. })) if attempts < 3 => attempts += 1,
                counted => return Ok(counted?.map(|(day, rollup, _)| (day, rollup.finish()))),
            }
        }
    }

    /// Adds an instance's archived minutes to `rollup`, and answers how many.
    async fn count(
        &self,
        account: AccountId,
        instance: InstanceId,
        rollup: Rollup,
    ) -> Result<Option<(Day, Rollup, u64)>, SealError> {
        let Some(archived) = self.store.archived_instance(account, instance).await? else { return Ok(None) };
        let Some(minutes) = archived.minutes else { return Ok(None) };
        let mut people: HashMap<ParticipantKey, DimensionValues> = HashMap::new();
        if let Some(place) = archived.participants {
            let path = path_of(&place)?;
            let end = place.range.first + place.range.rows;
            let mut first = place.range.first;
            while first < end {
                let rows = first..end.min(first + PARTICIPANTS_AT_A_TIME);
                first = rows.end;
                let names = Dimension::ALL.map(Dimension::as_str);
                for attendance in self.archive.read_attendances(&path, rows, &names).await? {
                    let mut texts = attendance.texts.into_iter();
                    let values = std::array::from_fn(|_| texts.next().flatten().unwrap_or_default());
                    people.insert(attendance.key, DimensionValues(values));
                }
            }
        }
        let path = path_of(&minutes)?;
        let day = day_of(path.partition().day);
        let rows = minutes.range.first..minutes.range.first + minutes.range.rows;
        let (counting, profile) = ((rollup, people), self.profile);
        let (rollup, _) = self
            .archive
            .read_keyed_minutes(&path, rows, counting, move |(rollup, people), _, begins, minute| {
                if let Some(key) = begins {
                    rollup.begin(people.get(&key.participant).cloned().unwrap_or_default());
                }
                rollup.count(minute, &profile);
                Ok(())
            })
            .await?;
        Ok(Some((day, rollup, minutes.range.rows)))
    }

    /// Builds a day's rollup from the archive, in one step for whoever reads: until then the former one stands. Instances
    /// may be sealed meanwhile; then it is counted anew.
    ///
    /// # Errors
    /// Those of the store and of the archive; the former rollup stands then.
    pub async fn rebuild(&self, account: AccountId, day: Day) -> Result<Rebuilt, SealError> {
        for _ in 0..ATTEMPTS {
            let before = self.store.rollup_day(account, day).await?;
            if before.kept {
                return Ok(Rebuilt::Kept);
            }
            let mut rollup = Rollup::default();
            let (mut instances, mut minutes) = (0, 0);
            let mut after = None;
            let counted = loop {
                let page = self.store.archived_on(account, day, after, INSTANCES_AT_A_TIME).await?;
                after = page.last().copied();
                let last = page.len() < INSTANCES_AT_A_TIME;
                let mut moved = false;
                for instance in page {
                    match self.count(account, instance, std::mem::take(&mut rollup)).await {
                        Ok(Some((of, counted, rows))) if of == day => {
                            rollup = counted;
                            (instances, minutes) = (instances + 1, minutes + rows);
                        }
                        // Sealed again into another day's file, or merged into another file, since the page was read.
                        Ok(_) | Err(SealError::Archive(ArchiveError::Missing { .. })) => {
                            moved = true;
                            break;
                        }
                        Err(error) => return Err(error),
                    }
                }
                if moved || last {
                    break !moved;
                }
            };
            if counted && self.store.replace_rollup(before, self.rules(), rollup.finish()).await? {
                return Ok(Rebuilt::Done { instances, minutes });
            }
        }
        Ok(Rebuilt::Busy)
    }

    /// The days that have archived minutes or a rollup, after `after`, some at a time.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn days(&self, after: Option<(AccountId, Day)>) -> Result<Vec<RollupDay>, SealError> {
        Ok(self.store.list_rollup_days(after, DAYS_AT_A_TIME).await?)
    }
}

/// The day of a folder's name.
pub(super) fn day_of(date: Date) -> Day {
    Day((date - Date::constant(1970, 1, 1)).get_days())
}

/// The name of a day's folder.
#[must_use]
pub fn date_of(day: Day) -> Date {
    Date::constant(1970, 1, 1).saturating_add(day.0.days())
}

fn path_of(place: &ArchivePlace) -> Result<FilePath, SealError> {
    let wrong =
        |error: rollcall_model::InvalidId| StoreError::Corrupt { table: "archive_files", reason: error.to_string() };
    Ok(place.path.parse().map_err(wrong)?)
}
