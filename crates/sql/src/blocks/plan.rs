use std::{collections::HashMap, ops::Range, sync::Arc};

use rollcall_archive::{ArchiveError, ColumnReader, FilePath};
use rollcall_model::{InstanceId, Minute, MinuteFields, ParticipantId};
use rollcall_store::MinuteCursor;
use rusqlite::{Connection, params, types::ValueRef};

use super::block::{Attendance, Block, Instance, People, Run};
use crate::{
    SqlError, failed,
    minutes::COLUMNS,
    sealed::FilesOf,
    source::{Source, Wanted},
};

/// How far minutes may lie outside of the reported times of their instance.
const SLACK_MINUTES: i64 = 24 * 60;
/// Participants, and minutes, read from the store at a time.
const PARTICIPANTS_PER_READ: usize = 100;
const MINUTES_PER_READ: usize = 2_048;
/// Maximum number of rows of one instance or attendance that are read together.
const ROWS_PER_RUN: u64 = 16_384;

/// Which minutes are read, as far as this depends on instances.
#[derive(Debug, Clone, Default)]
pub(crate) struct Window {
    pub(crate) from: Option<Minute>,
    pub(crate) to: Option<Minute>,
    /// Only this instance.
    pub(crate) uuid: Option<Arc<str>>,
}

/// What is read of minutes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Places {
    /// Columns of files, except those of the identity.
    pub(crate) columns: Vec<usize>,
    /// Complete minutes, for scores.
    pub(crate) whole: bool,
    /// The attendance of each minute.
    pub(crate) attendances: bool,
}

impl Places {
    /// Returns what the columns at `places` are read from; complete minutes if `whole`.
    pub(crate) fn of(places: impl Iterator<Item = usize>, whole: bool, attendances: bool) -> Self {
        let columns = if whole { (super::DATE_TIME..COLUMNS.len()).collect() } else { places.collect() };
        Self { columns, whole, attendances }
    }

    fn fields(&self) -> MinuteFields {
        if self.whole { MinuteFields::ALL } else { rollcall_archive::fields_of(self.columns.iter().copied()) }
    }
}

/// What a filter may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Instance,
    Attendance,
}

/// What is read, and from where.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) people: People,
    files: Vec<PlannedFile>,
    /// Instances that are read through the store.
    pub(crate) stored: Vec<InstanceId>,
}

/// Rows of a file that belong to an instance, ascending.
struct PlannedFile {
    path: FilePath,
    runs: Vec<PlannedRun>,
}

struct PlannedRun {
    rows: Range<u64>,
    instance: u32,
    attendance: u32,
    id: InstanceId,
}

/// Rows of a file that are read together.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    file: usize,
    runs: Range<usize>,
}

impl Task {
    /// Returns whether both are parts of one file.
    pub(crate) const fn shares_file(&self, other: &Self) -> bool {
        self.file == other.file
    }
}

impl Plan {
    /// Looks up which instances have minutes that `admits` accepts, and where.
    pub(crate) fn look(
        source: &Source,
        db: &Connection,
        window: &Window,
        places: &Places,
        admits: &dyn Fn(&People, &Run, Level) -> bool,
    ) -> rusqlite::Result<Self> {
        let mut plan = Self::default();
        // Before reading the index: what leaves the live store is in the index by then.
        let hot = source.hot_instances()?;
        let millis = |minute: Option<Minute>, slack: i64| {
            minute.map(|minute| (i64::from(minute.0) + slack).saturating_mul(60_000))
        };
        let (uuid, order) = match window.uuid {
            Some(_) => ("i.uuid = ?4", ""),
            None => ("?4 IS NULL", "ORDER BY a.minutes_file, a.first_minute"),
        };
        let mut statement = db.prepare_cached(&format!(
            "SELECT i.id, i.uuid, i.kind, i.number, i.sealed_changes IS i.changes, f.path, a.first_minute, a.minutes
             FROM instances AS i LEFT JOIN archived_instances AS a ON a.instance_id = i.id
                 LEFT JOIN archive_files AS f ON f.id = a.minutes_file
             WHERE i.account_id = ?1 AND {uuid}
                 AND (?2 IS NULL OR i.state = 'live' OR i.end_time_ms IS NULL OR i.end_time_ms >= ?2)
                 AND (?3 IS NULL OR i.start_time_ms IS NULL OR i.start_time_ms < ?3)
             {order}"
        ))?;
        let parameters = params![
            source.account.0,
            millis(window.from, -SLACK_MINUTES),
            millis(window.to, SLACK_MINUTES),
            window.uuid.as_deref(),
        ];
        let mut found = statement.query(parameters)?;
        while let Some(row) = found.next()? {
            let (id, is_clean) = (InstanceId(row.get(0)?), row.get::<_, bool>(4)?);
            let minutes = row.get::<_, Option<u64>>(7)?.filter(|minutes| *minutes > 0);
            let place = row.get::<_, Option<String>>(5)?.zip(row.get::<_, Option<u64>>(6)?).zip(minutes);
            // Without files to read, every instance is read from the store.
            let is_hot = hot.as_ref().is_none_or(|hot| hot.contains(&id));
            match place {
                Some(((path, first), rows)) if is_clean && !is_hot => {
                    plan.people.instances.push(instance_of(row)?);
                    plan.add(db, id, &path, first..first + rows, places, admits)?;
                }
                None if !is_hot => {}
                _ => plan.stored.push(id),
            }
        }
        Ok(plan)
    }

    /// Adds rows of a file that belong to the last instance.
    fn add(
        &mut self,
        db: &Connection,
        id: InstanceId,
        path: &str,
        rows: Range<u64>,
        places: &Places,
        admits: &dyn Fn(&People, &Run, Level) -> bool,
    ) -> rusqlite::Result<()> {
        let instance = (self.people.instances.len() - 1) as u32;
        if !admits(&self.people, &Run { instance, ..Run::default() }, Level::Instance) {
            return Ok(());
        }
        let path: FilePath = path.parse().map_err(failed)?;
        if self.files.last().is_none_or(|file| file.path != path) {
            self.files.push(PlannedFile { path, runs: Vec::new() });
        }
        let mut runs = Vec::new();
        if places.attendances {
            for (attendance, first, count) in attendances(db, id)? {
                self.people.attendances.push(attendance);
                let attendance = (self.people.attendances.len() - 1) as u32;
                if admits(&self.people, &Run { instance, attendance, ..Run::default() }, Level::Attendance) {
                    let first = rows.start + first;
                    push_in_parts(&mut runs, PlannedRun { rows: first..first + count, instance, attendance, id });
                }
            }
            runs.sort_by_key(|run| run.rows.start);
        } else {
            push_in_parts(&mut runs, PlannedRun { rows, instance, attendance: 0, id });
        }
        if let Some(file) = self.files.last_mut() {
            file.runs.extend(runs);
        }
        Ok(())
    }

    /// Returns all rows in parts of about `rows` rows.
    pub(crate) fn tasks(&self, rows: u64) -> Vec<Task> {
        let mut tasks = Vec::new();
        for (file, planned) in self.files.iter().enumerate() {
            let (mut first, mut count) = (0, 0);
            for (index, run) in planned.runs.iter().enumerate() {
                count += run.rows.end - run.rows.start;
                if count >= rows || index + 1 == planned.runs.len() {
                    tasks.push(Task { file, runs: first..index + 1 });
                    (first, count) = (index + 1, 0);
                }
            }
        }
        tasks
    }

    /// Returns the number of rows of each instance or attendance.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (Run, u64)> {
        self.files.iter().flat_map(|file| &file.runs).map(|run| {
            let at = Run { rows: 0..1, instance: run.instance, attendance: run.attendance };
            (at, run.rows.end - run.rows.start)
        })
    }

    /// Reads a part in blocks of at most `rows` rows. Returns whether its file still existed. If not, some of the
    /// part's rows may have been returned.
    pub(crate) fn read(
        &self,
        source: &Source,
        task: &Task,
        places: &Places,
        rows: usize,
        block: &mut Block,
        mut show: impl FnMut(&mut Block) -> Result<(), SqlError>,
    ) -> Result<bool, SqlError> {
        let file = &self.files[task.file];
        let runs = &file.runs[task.runs.clone()];
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for run in runs {
            match ranges.last_mut() {
                Some(last) if last.end == run.rows.start => last.end = run.rows.end,
                _ => ranges.push(run.rows.clone()),
            }
        }
        let files = FilesOf { minutes: &*source.minutes, account: source.account };
        let reader = ColumnReader::new(&files, &source.footers);
        let chunks = reader.chunks(&file.path, &ranges).map_err(Failed::Archive);
        let read = chunks.and_then(|chunks| {
            chunks.iter().try_for_each(|chunk| {
                reader.visit(&file.path, chunk, &places.columns, rows, |first, count, columns| {
                    block.take_columns(count, columns, &places.columns, places.whole)?;
                    block.first = Some(first);
                    let end = first + count as u64;
                    let from = runs.partition_point(|run| run.rows.end <= first);
                    let inside = runs[from..].iter().take_while(|run| run.rows.start < end);
                    block.runs.extend(inside.map(|run| Run {
                        rows: (run.rows.start.max(first) - first) as usize..(run.rows.end.min(end) - first) as usize,
                        instance: run.instance,
                        attendance: run.attendance,
                    }));
                    show(block).map_err(Failed::Shown)
                })
            })
        });
        match read {
            Ok(()) => Ok(true),
            Err(Failed::Archive(ArchiveError::Missing { .. })) => Ok(false),
            Err(Failed::Archive(error)) => Err(SqlError::Internal(error.to_string())),
            Err(Failed::Shown(error)) => Err(error),
        }
    }

    /// Returns the instances of a part, in the order of their rows.
    pub(crate) fn instances(&self, task: &Task) -> Vec<InstanceId> {
        let mut instances: Vec<_> = self.files[task.file].runs[task.runs.clone()].iter().map(|run| run.id).collect();
        instances.dedup();
        instances
    }
}

/// Why a part was not read to its end.
enum Failed {
    Archive(ArchiveError),
    Shown(SqlError),
}

impl From<ArchiveError> for Failed {
    fn from(error: ArchiveError) -> Self {
        Self::Archive(error)
    }
}

/// Adds a run in parts that need little memory.
fn push_in_parts(runs: &mut Vec<PlannedRun>, run: PlannedRun) {
    let PlannedRun { rows, instance, attendance, id } = run;
    let mut start = rows.start;
    while start < rows.end {
        let end = rows.end.min(start + ROWS_PER_RUN);
        runs.push(PlannedRun { rows: start..end, instance, attendance, id });
        start = end;
    }
}

/// Reads one instance's minutes through the store.
pub(crate) struct StoredReader {
    id: InstanceId,
    pub(crate) people: People,
    ids: Vec<ParticipantId>,
    /// The first participant that is not read yet.
    next: usize,
    after: Option<MinuteCursor>,
}

impl StoredReader {
    /// Creates a reader of the instance's participants that `admits` accepts, or only of `user_id` if it is set.
    pub(crate) fn of(
        db: &Connection,
        id: InstanceId,
        user_id: Option<&str>,
        admits: &dyn Fn(&People, &Run, Level) -> bool,
    ) -> rusqlite::Result<Self> {
        let mut statement = db.prepare_cached("SELECT id, uuid, kind, number FROM instances WHERE id = ?")?;
        let instance = statement.query_row([id.0], instance_of)?;
        let mut people = People { instances: vec![instance], attendances: Vec::new() };
        let mut ids = Vec::new();
        if admits(&people, &Run::default(), Level::Instance) {
            for (participant, attendance) in participants(db, id, user_id)? {
                people.attendances.push(attendance);
                let attendance = (people.attendances.len() - 1) as u32;
                if admits(&people, &Run { attendance, ..Run::default() }, Level::Attendance) {
                    ids.push(participant);
                } else {
                    people.attendances.pop();
                }
            }
        }
        Ok(Self { id, people, ids, next: 0, after: None })
    }

    /// Fills `block` with the next minutes. Returns whether there were more participants to read.
    pub(crate) fn read(&mut self, source: &Source, places: &Places, block: &mut Block) -> Result<bool, SqlError> {
        let end = (self.next + PARTICIPANTS_PER_READ).min(self.ids.len());
        let ids = &self.ids[self.next..end];
        if ids.is_empty() {
            return Ok(false);
        }
        let fields = places.fields();
        let wanted = Wanted {
            account: source.account,
            instance: self.id,
            participants: ids,
            after: self.after,
            limit: MINUTES_PER_READ,
            fields: &fields,
        };
        let read = source.minutes.read(&wanted)?;
        let places_of: HashMap<_, _> = ids.iter().enumerate().map(|(at, id)| (*id, self.next + at)).collect();
        let mut runs: Vec<Run> = Vec::new();
        for (at, row) in read.iter().enumerate() {
            let attendance = places_of.get(&row.participant).copied().unwrap_or(self.next) as u32;
            match runs.last_mut() {
                Some(run) if run.attendance == attendance => run.rows.end = at + 1,
                _ => runs.push(Run { rows: at..at + 1, instance: 0, attendance }),
            }
        }
        if read.len() < MINUTES_PER_READ {
            (self.next, self.after) = (end, None);
        } else {
            self.after =
                read.last().map(|row| MinuteCursor { participant: row.participant, minute: row.minute.minute });
        }
        block.take_minutes(read.into_iter().map(|row| row.minute), places.whole);
        block.runs = runs;
        Ok(true)
    }
}

fn instance_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<Instance> {
    Ok(Instance { uuid: row.get::<_, String>(1)?.into(), kind: kind_of(row.get_ref(2)?), number: row.get(3)? })
}

/// Parses the kind of an instance in the database.
pub(super) fn kind_of(value: ValueRef<'_>) -> &'static str {
    if value == ValueRef::Text(b"webinar") { "webinar" } else { "meeting" }
}

fn attendance_of(user_id: String, join_time: Option<i64>) -> Attendance {
    Attendance { user_id: user_id.into(), join_time }
}

/// Returns an instance's attendances with archived minutes: the offset in the instance, and the number.
fn attendances(db: &Connection, instance: InstanceId) -> rusqlite::Result<Vec<(Attendance, u64, u64)>> {
    let mut statement = db.prepare_cached(
        "SELECT p.user_id, p.join_time_ms, a.first_minute, a.minutes
         FROM archived_participants AS a JOIN participant_rows AS p ON p.participant_id = a.participant_id
         WHERE a.participant_id > ?1 AND a.participant_id < ?2 AND a.minutes > 0",
    )?;
    let (from, end) = (instance.0 << 24, (instance.0 + 1) << 24);
    let one = |row: &rusqlite::Row<'_>| Ok((attendance_of(row.get(0)?, row.get(1)?), row.get(2)?, row.get(3)?));
    statement.query_map([from, end], one)?.collect()
}

/// Returns the attendances of an instance, only those of `user_id` if it is set.
fn participants(
    db: &Connection,
    instance: InstanceId,
    user_id: Option<&str>,
) -> rusqlite::Result<Vec<(ParticipantId, Attendance)>> {
    let one = |row: &rusqlite::Row<'_>| Ok((ParticipantId(row.get(0)?), attendance_of(row.get(1)?, row.get(2)?)));
    match user_id {
        Some(user_id) => {
            let mut statement = db.prepare_cached(
                "SELECT participant_id, user_id, join_time_ms FROM participant_rows
                 WHERE instance_id = ?1 AND user_id = ?2 ORDER BY participant_id",
            )?;
            statement.query_map(params![instance.0, user_id], one)?.collect()
        }
        None => {
            let mut statement = db.prepare_cached(
                "SELECT participant_id, user_id, join_time_ms FROM participant_rows
                 WHERE participant_id > ?1 AND participant_id < ?2 ORDER BY participant_id",
            )?;
            statement.query_map([instance.0 << 24, (instance.0 + 1) << 24], one)?.collect()
        }
    }
}
