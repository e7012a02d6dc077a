//! Rollups: the counts of an instance, and rebuilding a day.

use std::{collections::HashMap, ops::Range, sync::Arc};

use jiff::{ToSpan as _, civil::Date};
use rollcall_archive::{Archive, ArchiveError, FilePath, RowKey};
use rollcall_model::{AccountId, InstanceId, ParticipantKey, QosMinute};
use rollcall_quality::{Dimension, DimensionValues, Profile, Rollup};
use rollcall_store::{ArchivePlace, ArchivedRows, Day, RollupDay, Store, StoreError};

use super::SealError;

/// Participants read at a time.
const PARTICIPANTS_AT_A_TIME: u64 = 8_192;
/// Maximum number of participants in memory while minutes are counted, unless one instance has more: some megabytes.
const PARTICIPANTS_OF_A_RUN: u64 = 32_768;
/// Instances read at a time. Their files are read sequentially if they are adjacent.
const INSTANCES_AT_A_TIME: usize = 2_000;
/// Number of attempts to count a day that changes meanwhile.
const ATTEMPTS: u32 = 20;
/// Days read at a time.
pub(super) const DAYS_AT_A_TIME: usize = 200;

/// Result of rebuilding a day's rollup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebuilt {
    /// It was rebuilt from the archive, with this many instances and minutes.
    Done {
        /// Instances that have minutes.
        instances: u64,
        /// Their minutes.
        minutes: u64,
    },
    /// It is kept, because the minutes it was counted from are no longer in the archive.
    Kept,
    /// It changed each time while it was counted.
    Busy,
}

/// Counts archived minutes.
#[derive(Clone)]
pub struct Rollups {
    store: Arc<dyn Store>,
    archive: Archive,
    profile: Profile,
}

impl Rollups {
    /// Counts minutes in `archive` by the limits of `profile`, and stores the result in `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, archive: Archive, profile: Profile) -> Self {
        Self { store, archive, profile }
    }

    /// Returns the rules used for counting.
    #[must_use]
    pub fn rules(&self) -> u32 {
        Rollup::rules(&self.profile)
    }

    /// Returns the counts of an instance's archived minutes, and the day of their files. `None` if it has none.
    ///
    /// Counts all rows that the index assigns to the instance, with the participants' values in the files: the result
    /// depends only on the files, whatever has happened to the participants since.
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
            let Some(archived) = self.store.archived_instance(account, instance).await? else { return Ok(None) };
            let Some(minutes) = archived.minutes else { return Ok(None) };
            let day = day_of(path_of(&minutes)?.partition().day);
            let rows = ArchivedRows { instance, minutes, participants: archived.participants };
            match self.count(&[rows], Rollup::default()).await {
                // A merge has deleted the file: the index has a new one.
                Err(SealError::Archive(ArchiveError::Missing { .. })) if attempts < 3 => attempts += 1,
                counted => return Ok(Some((day, counted?.finish()))),
            }
        }
    }

    /// Adds the archived minutes of instances in one file, in the order of its rows, to `rollup`.
    async fn count(&self, instances: &[ArchivedRows], rollup: Rollup) -> Result<Rollup, SealError> {
        let Some(first) = instances.first() else { return Ok(rollup) };
        let path = path_of(&first.minutes)?;
        let ranges: Vec<_> = instances.iter().map(|rows| rows_of(&rows.minutes)).collect();
        let counting = Counting {
            rollup,
            people: self.people_of(instances).await?,
            ends: ranges.iter().map(|range| range.end).collect(),
            at: 0,
        };
        let profile = self.profile;
        let count = move |counting: &mut Counting, row, begins: Option<&RowKey>, minute: &QosMinute| {
            counting.count(row, begins, minute, &profile);
            Ok(())
        };
        let counting = self.archive.read_keyed_minutes(&path, &joined(ranges), counting, count).await?;
        Ok(counting.rollup)
    }

    /// Returns the dimension values of each instance's participants.
    async fn people_of(&self, instances: &[ArchivedRows]) -> Result<Vec<People>, SealError> {
        let mut people = vec![People::new(); instances.len()];
        let mut places: Vec<(usize, &ArchivePlace)> = instances
            .iter()
            .enumerate()
            .filter_map(|(index, rows)| rows.participants.as_ref().map(|place| (index, place)))
            .collect();
        places.sort_by_key(|(_, place)| (place.file, place.range.first));
        for of_file in places.chunk_by(|(_, one), (_, other)| one.file == other.file) {
            let path = path_of(of_file[0].1)?;
            let whose: Vec<(usize, Range<u64>)> =
                of_file.iter().map(|(index, place)| (*index, rows_of(place))).collect();
            let mut at = 0;
            for range in joined(whose.iter().map(|(_, range)| range.clone()).collect()) {
                for first in range.clone().step_by(PARTICIPANTS_AT_A_TIME as usize) {
                    let rows = first..range.end.min(first + PARTICIPANTS_AT_A_TIME);
                    let names = Dimension::ALL.map(Dimension::as_str);
                    for (row, attendance) in (first..).zip(self.archive.read_attendances(&path, rows, &names).await?) {
                        while whose[at].1.end <= row {
                            at += 1;
                        }
                        let mut texts = attendance.texts.into_iter();
                        let values = std::array::from_fn(|_| texts.next().flatten().unwrap_or_default());
                        people[whose[at].0].insert(attendance.key, DimensionValues(values));
                    }
                }
            }
        }
        Ok(people)
    }

    /// Rebuilds a day's rollup from the archive, atomically for readers: until then the old one stays. If instances are
    /// sealed meanwhile, it is counted again.
    ///
    /// # Errors
    /// Those of the store and of the archive; the old rollup then stays.
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
                after = page.last().map(|rows| rows.instance);
                let last = page.len() < INSTANCES_AT_A_TIME;
                instances += page.len() as u64;
                minutes += page.iter().map(|rows| rows.minutes.range.rows).sum::<u64>();
                let mut moved = false;
                for run in runs(page) {
                    match self.count(&run, std::mem::take(&mut rollup)).await {
                        Ok(counted) => rollup = counted,
                        // Merged into another file since the page was read.
                        Err(SealError::Archive(ArchiveError::Missing { .. })) => {
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

    /// Returns days with archived minutes or a rollup, after `after`, some at a time.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn days(&self, after: Option<(AccountId, Day)>) -> Result<Vec<RollupDay>, SealError> {
        Ok(self.store.list_rollup_days(after, DAYS_AT_A_TIME).await?)
    }
}

/// The dimension values of an instance's participants.
type People = HashMap<ParticipantKey, DimensionValues>;

/// Minutes of instances being counted.
struct Counting {
    rollup: Rollup,
    /// By instance.
    people: Vec<People>,
    /// The end of each instance's rows.
    ends: Vec<u64>,
    /// The instance of the current row.
    at: usize,
}

impl Counting {
    fn count(&mut self, row: u64, begins: Option<&RowKey>, minute: &QosMinute, profile: &Profile) {
        if let Some(key) = begins {
            while self.ends.get(self.at).is_some_and(|end| *end <= row) {
                self.at += 1;
            }
            let values = self.people.get(self.at).and_then(|people| people.get(&key.participant));
            self.rollup.begin(values.cloned().unwrap_or_default());
        }
        self.rollup.count(minute, profile);
    }
}

/// Splits instances into groups that are counted together: of one file, in the order of its rows, and with a number of
/// participants that fits into memory.
fn runs(mut instances: Vec<ArchivedRows>) -> Vec<Vec<ArchivedRows>> {
    instances.sort_by_key(|rows| (rows.minutes.file, rows.minutes.range.first));
    let mut runs: Vec<Vec<ArchivedRows>> = Vec::new();
    let mut people = 0;
    for rows in instances {
        let more = rows.participants.as_ref().map_or(0, |place| place.range.rows);
        match runs.last_mut() {
            Some(run) if run[0].minutes.file == rows.minutes.file && people + more <= PARTICIPANTS_OF_A_RUN => {
                people += more;
                run.push(rows);
            }
            _ => {
                people = more;
                runs.push(vec![rows]);
            }
        }
    }
    runs
}

/// Returns ascending ranges, with adjacent ones combined.
fn joined(ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => joined.push(range),
        }
    }
    joined
}

fn rows_of(place: &ArchivePlace) -> Range<u64> {
    place.range.first..place.range.first + place.range.rows
}

/// Returns the day of a folder's name.
pub(super) fn day_of(date: Date) -> Day {
    Day((date - Date::constant(1970, 1, 1)).get_days())
}

/// Returns the name of a day's folder.
#[must_use]
pub fn date_of(day: Day) -> Date {
    Date::constant(1970, 1, 1).saturating_add(day.0.days())
}

fn path_of(place: &ArchivePlace) -> Result<FilePath, SealError> {
    let wrong =
        |error: rollcall_model::InvalidId| StoreError::Corrupt { table: "archive_files", reason: error.to_string() };
    Ok(place.path.parse().map_err(wrong)?)
}
