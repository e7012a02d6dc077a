//! Rebuilds the index from the archive's files alone.
//!
//! The files contain the keys of rows, but not which file counts: an instance may be in several, until replaced ones
//! are merged and swept. The one that was written last counts; of files written at the same moment, the one with more
//! rows of the instance.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
    sync::Arc,
};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use rollcall_archive::{Archive, ArchiveError, Dataset, FileEntry, FilePath, InstanceKey, Partition};
use rollcall_model::{
    AccountId, Clock, Instance, InstanceState, InstanceUuid, Participant, ParticipantId, ParticipantKey, Timestamp,
};
use rollcall_store::{
    ArchiveTable, NewArchiveFile, RollupChange, RowRange, SealedInstance, Sealing, Store, StoreError,
};

use super::SealError;

/// Participants read and written at a time.
const PARTICIPANTS_AT_A_TIME: u64 = 500;
/// Rows read at a time to find their keys.
const ROWS_AT_A_TIME: u64 = 50_000;
/// Instances written at a time: they share commits.
const INSTANCES_AT_A_TIME: usize = 16;
/// Instances recorded per transaction.
const INSTANCES_PER_RECORD: usize = 256;
const MINUTE_SECONDS: i64 = 60;
const DAY_SECONDS: i64 = 24 * 3_600;

/// What was found in the archive and is now in the index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reindexed {
    /// Files that were read.
    pub files: u64,
    /// Instances.
    pub instances: u64,
    /// Their participants.
    pub participants: u64,
    /// Their minutes.
    pub minutes: u64,
    /// Files and instances that could not be read, with the reason. They are skipped.
    pub problems: Vec<String>,
}

/// Rebuilds the index from the files of `archive`, in a store that knows none of them.
pub struct Reindexer {
    store: Arc<dyn Store>,
    archive: Archive,
    clock: Arc<dyn Clock>,
    found: Reindexed,
}

/// An instance's rows in a file of minutes.
#[derive(Debug, Clone)]
struct MinuteRows {
    key: InstanceKey,
    first: u64,
    rows: u64,
    /// Its participants, in the order of the file.
    participants: Vec<(ParticipantKey, u64)>,
    earliest: Timestamp,
    latest: Timestamp,
}

/// The parts of an instance that count.
#[derive(Debug, Clone, Default)]
struct Found {
    minutes: Option<(FileEntry, MinuteRows)>,
    participants: Option<(FileEntry, Range<u64>)>,
}

/// The files with an instance's rows: of minutes, of participants.
type Files = (Option<FilePath>, Option<FilePath>);

impl Reindexer {
    /// Creates one for these.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, archive: Archive, clock: Arc<dyn Clock>) -> Self {
        Self { store, archive, clock, found: Reindexed::default() }
    }

    /// Reads every file of the archive and records its content; `progress` receives the progress. A damaged file is
    /// skipped.
    ///
    /// # Errors
    /// If the store or the archive failed entirely.
    pub async fn run(mut self, mut progress: impl FnMut(&Reindexed) + Send) -> Result<Reindexed, SealError> {
        let mut folders: BTreeMap<Partition, Vec<FileEntry>> = BTreeMap::new();
        {
            let mut listed = self.archive.list();
            while let Some(file) = listed.try_next().await? {
                folders.entry(file.path.partition().clone()).or_default().push(file);
            }
        }
        for (partition, files) in folders {
            let account = self.account(&partition).await?;
            let mut found: BTreeMap<InstanceUuid, Found> = BTreeMap::new();
            for file in files {
                match self.look_at(&file, &mut found).await {
                    Ok(()) => self.found.files += 1,
                    Err(
                        error @ (ArchiveError::Corrupt { .. }
                        | ArchiveError::Missing { .. }
                        | ArchiveError::Version { .. }
                        | ArchiveError::Order { .. }),
                    ) => self.found.problems.push(error.to_string()),
                    Err(error) => return Err(error.into()),
                }
                progress(&self.found);
            }
            let mut by_files: BTreeMap<Files, Vec<(InstanceUuid, Found)>> = BTreeMap::new();
            for (uuid, found) in found {
                let minutes = found.minutes.as_ref().map(|(file, _)| file.path.clone());
                let participants = found.participants.as_ref().map(|(file, _)| file.path.clone());
                by_files.entry((minutes, participants)).or_default().push((uuid, found));
            }
            for group in by_files.into_values() {
                for group in group.chunks(INSTANCES_PER_RECORD) {
                    self.adopt(account, &partition, group.to_vec()).await?;
                    progress(&self.found);
                }
            }
        }
        Ok(self.found)
    }

    /// Returns the account of a folder, which is created if it does not exist.
    async fn account(&self, partition: &Partition) -> Result<AccountId, SealError> {
        let public_id = partition.account.as_str();
        let known = self.store.accounts().await?.into_iter().find(|account| account.public_id == public_id);
        Ok(match known {
            Some(account) => account.id,
            None => self.store.create_account(public_id, public_id, self.clock.now()).await?.id,
        })
    }

    /// Reads which instances a file contains, and uses it for those for which it is newer than the previous finds.
    async fn look_at(&self, file: &FileEntry, found: &mut BTreeMap<InstanceUuid, Found>) -> Result<(), ArchiveError> {
        match file.path.dataset() {
            Dataset::QosMinutes => {
                for rows in self.minutes_of(&file.path).await? {
                    let found = found.entry(rows.key.uuid.clone()).or_default();
                    let is_later = found.minutes.as_ref().is_none_or(|(other, other_rows)| {
                        (file.modified, rows.rows, &file.path) > (other.modified, other_rows.rows, &other.path)
                    });
                    if is_later {
                        found.minutes = Some((file.clone(), rows));
                    }
                }
            }
            Dataset::Participants => {
                for (uuid, rows) in self.participants_of(&file.path).await? {
                    let found = found.entry(uuid).or_default();
                    let is_later = found.participants.as_ref().is_none_or(|(other, other_rows)| {
                        let count = |rows: &Range<u64>| rows.end - rows.start;
                        (file.modified, count(&rows), &file.path) > (other.modified, count(other_rows), &other.path)
                    });
                    if is_later {
                        found.participants = Some((file.clone(), rows));
                    }
                }
            }
        }
        Ok(())
    }

    async fn minutes_of(&self, file: &FilePath) -> Result<Vec<MinuteRows>, ArchiveError> {
        let all = 0..self.archive.rows(file).await?;
        let found: Vec<MinuteRows> = Vec::new();
        self.archive
            .read_keyed_minutes(file, std::slice::from_ref(&all), found, |found, row, key, minute| {
                let at = minute.minute.start();
                if let Some(key) = key {
                    if found.last().is_none_or(|last| last.key.uuid != key.instance.uuid) {
                        let key = key.instance.clone();
                        let participants = Vec::new();
                        found.push(MinuteRows { key, first: row, rows: 0, participants, earliest: at, latest: at });
                    }
                    if let Some(last) = found.last_mut() {
                        last.participants.push((key.participant.clone(), 0));
                    }
                }
                if let Some(last) = found.last_mut() {
                    last.rows += 1;
                    last.earliest = last.earliest.min(at);
                    last.latest = last.latest.max(at);
                    if let Some((_, rows)) = last.participants.last_mut() {
                        *rows += 1;
                    }
                }
                Ok(())
            })
            .await
    }

    async fn participants_of(&self, file: &FilePath) -> Result<Vec<(InstanceUuid, Range<u64>)>, ArchiveError> {
        let mut found: Vec<(InstanceUuid, Range<u64>)> = Vec::new();
        let (mut row, rows) = (0, self.archive.rows(file).await?);
        while row < rows {
            let end = rows.min(row + ROWS_AT_A_TIME);
            for attendance in self.archive.read_attendances(file, row..end, &["instance_uuid"]).await? {
                let wrong =
                    || ArchiveError::Corrupt { file: file.to_string(), reason: "a row without its instance".into() };
                let uuid = attendance.texts.into_iter().next().flatten().ok_or_else(wrong)?;
                let uuid: InstanceUuid = uuid.parse().map_err(|_| wrong())?;
                match found.last_mut() {
                    Some((last, range)) if *last == uuid => range.end += 1,
                    _ => found.push((uuid, row..row + 1)),
                }
                row += 1;
            }
        }
        Ok(found)
    }

    /// Writes instances whose rows are in the same files, and records their locations.
    async fn adopt(
        &mut self,
        account: AccountId,
        partition: &Partition,
        group: Vec<(InstanceUuid, Found)>,
    ) -> Result<(), SealError> {
        let Some((_, first)) = group.first() else { return Ok(()) };
        let file = |table, entry: Option<&FileEntry>, rows| {
            entry.map(|entry| NewArchiveFile { account, table, path: entry.path.to_string(), bytes: entry.bytes, rows })
        };
        let minutes = first.minutes.as_ref().map(|(file, _)| file);
        let participants = first.participants.as_ref().map(|(file, _)| file);
        let minutes_file = file(ArchiveTable::QosMinutes, minutes, self.rows(minutes).await?);
        let participants_file = file(ArchiveTable::Participants, participants, self.rows(participants).await?);
        let day = Timestamp::from_seconds(i64::from(super::rollup::day_of(partition.day).0) * DAY_SECONDS);

        let this = &*self;
        let written = stream::iter(group).map(|(uuid, found)| async move {
            let context = uuid.clone();
            match this.write(account, day, uuid, found).await {
                Err(SealError::Archive(error)) => Ok(Err(format!("instance {context}: {error}"))),
                Err(error) => Err(error),
                Ok(written) => Ok(written),
            }
        });
        let written: Vec<_> = written.buffered(INSTANCES_AT_A_TIME).try_collect().await?;
        let mut instances = Vec::with_capacity(written.len());
        for written in written {
            match written {
                Ok(sealed) => instances.push(sealed),
                Err(problem) => self.found.problems.push(problem),
            }
        }
        for sealed in &instances {
            self.found.instances += 1;
            self.found.participants += sealed.participants.rows;
            self.found.minutes += sealed.minutes.iter().map(|(_, minutes)| minutes).sum::<u64>();
        }
        let sealing = Sealing { account, minutes_file, participants_file, instances, at: self.clock.now() };
        self.store.adopt_archived(sealing).await?;
        Ok(())
    }

    async fn rows(&self, file: Option<&FileEntry>) -> Result<u64, ArchiveError> {
        match file {
            Some(file) => self.archive.rows(&file.path).await,
            None => Ok(0),
        }
    }

    /// Writes an instance and its participants. Returns the location of its rows, or what is wrong with it.
    async fn write(
        &self,
        account: AccountId,
        day: Timestamp,
        uuid: InstanceUuid,
        found: Found,
    ) -> Result<Result<SealedInstance, String>, SealError> {
        let mut people: Vec<(InstanceKey, Participant)> = Vec::new();
        let range = found.participants.as_ref().map_or(0..0, |(_, range)| range.clone());
        if let Some((file, range)) = &found.participants {
            let mut row = range.start;
            while row < range.end {
                let end = range.end.min(row + PARTICIPANTS_AT_A_TIME);
                people.extend(self.archive.read_participants(&file.path, row..end).await?);
                row = end;
            }
        }
        let minutes = found.minutes.map(|(_, rows)| rows);
        let key = minutes.as_ref().map(|rows| rows.key.clone()).or_else(|| people.first().map(|(key, _)| key.clone()));
        let Some(key) = key else { return Ok(Err(format!("instance {uuid} has no rows"))) };
        let mut people: Vec<Participant> = people.into_iter().map(|(_, participant)| participant).collect();
        // The participants are in no file, because it is lost.
        if people.is_empty() {
            let named = minutes.iter().flat_map(|rows| &rows.participants).map(|(key, _)| Participant {
                user_id: key.user_id.0.clone(),
                join_time: key.join_time,
                ..Participant::default()
            });
            people.extend(named);
        }

        let mut instance = Instance::unnumbered(key.kind, key.uuid, InstanceState::Past);
        instance.number = key.number;
        let (start, end) = span(&people, minutes.as_ref(), day);
        (instance.start_time, instance.end_time) = (Some(start), Some(end));
        let id = self.store.put_instance(account, &instance).await?;
        let mut ids: HashMap<ParticipantKey, ParticipantId> = HashMap::with_capacity(people.len());
        for people in people.chunks(PARTICIPANTS_AT_A_TIME as usize) {
            let put = self.store.put_participants(account, id, people).await?;
            ids.extend(people.iter().zip(put).map(|(participant, put)| (participant.key(), put.id)));
        }

        let mut counts = Vec::new();
        for (key, rows) in minutes.iter().flat_map(|rows| &rows.participants) {
            match ids.get(key) {
                Some(id) => counts.push((*id, *rows)),
                None => {
                    return Ok(Err(format!("instance {uuid}: {} has minutes but is not a participant", key.user_id.0)));
                }
            }
        }
        if counts.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            return Ok(Err(format!("instance {uuid}: its minutes are in another order than its participants")));
        }
        let life = self.store.instance_lives(&[(account, id)]).await?.pop();
        let life = life.ok_or_else(|| StoreError::NotFound { what: format!("instance {uuid}") })?;
        Ok(Ok(SealedInstance {
            instance: id,
            changes: life.changes,
            first_minute: minutes.map_or(0, |rows| rows.first),
            minutes: counts,
            participants: RowRange { first: range.start, rows: range.end - range.start },
            // The rollups of the day are recomputed as a whole.
            rollup: RollupChange::default(),
        }))
    }
}

/// Returns when an instance began and ended, according to its rows: it began on the day of its folder.
fn span(people: &[Participant], minutes: Option<&MinuteRows>, day: Timestamp) -> (Timestamp, Timestamp) {
    let joins = people.iter().filter_map(|participant| participant.join_time);
    let leaves = people.iter().filter_map(|participant| participant.leave_time);
    let last_of_day = day.plus_seconds(DAY_SECONDS - 1);
    let start = joins.chain(minutes.map(|rows| rows.earliest)).min().unwrap_or(day).clamp(day, last_of_day);
    let last_minute = minutes.map(|rows| rows.latest.plus_seconds(MINUTE_SECONDS));
    (start, leaves.chain(last_minute).max().unwrap_or(start).max(start))
}
