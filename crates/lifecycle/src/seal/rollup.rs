//! Rollups: what an instance counts for in them, and a day's built again.

use std::{collections::HashMap, ops::Range, sync::Arc};

use jiff::{ToSpan as _, civil::Date};
use rollcall_archive::{Archive, ArchiveError, FilePath, RowKey};
use rollcall_model::{AccountId, InstanceId, ParticipantKey, QosMinute};
use rollcall_quality::{Dimension, DimensionValues, Profile, Rollup};
use rollcall_store::{ArchivePlace, ArchivedRows, Day, RollupDay, Store, StoreError};

use super::SealError;

/// How many participants are read at a time.
const PARTICIPANTS_AT_A_TIME: u64 = 8_192;
/// How many participants' values are held while minutes are counted, unless one instance has more: some megabytes.
const PARTICIPANTS_OF_A_RUN: u64 = 32_768;
/// How many instances are looked up at a time. Their files are read from end to end where they lie side by side.
const INSTANCES_AT_A_TIME: usize = 2_000;
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
            let Some(archived) = self.store.archived_instance(account, instance).await? else { return Ok(None) };
            let Some(minutes) = archived.minutes else { return Ok(None) };
            let day = day_of(path_of(&minutes)?.partition().day);
            let rows = ArchivedRows { instance, minutes, participants: archived.participants };
            match self.count(&[rows], Rollup::default()).await {
                // A merge has taken the file away: the index names another.
                Err(SealError::Archive(ArchiveError::Missing { .. })) if attempts < 3 => attempts += 1,
                counted => return Ok(Some((day, counted?.finish()))),
            }
        }
    }

    /// Adds the archived minutes of instances of one file, in the order of its rows, to `rollup`.
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

    /// What the participants of each instance differ in.
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

    /// The days that have archived minutes or a rollup, after `after`, some at a time.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn days(&self, after: Option<(AccountId, Day)>) -> Result<Vec<RollupDay>, SealError> {
        Ok(self.store.list_rollup_days(after, DAYS_AT_A_TIME).await?)
    }
}

/// What an instance's participants differ in.
type People = HashMap<ParticipantKey, DimensionValues>;

/// Instances' minutes, being counted.
struct Counting {
    rollup: Rollup,
    /// By instance.
    people: Vec<People>,
    /// The row after each instance's last.
    ends: Vec<u64>,
    /// The instance that the current row is of.
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

/// Parts instances into those that are counted together: of one file, in the order of its rows, and with so many
/// participants that their values are held in memory.
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

/// Ascending ranges, those that meet as one.
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
