//! Attendances in blocks of columns.
//!
//! They are read from the database, which has all of them: archive files contain computed labels in places where the
//! database has what the source reported, and finding the rows of each instance in files takes as long as reading the
//! attendances of small instances from the database.

use std::{ops::Range, sync::Arc};

use rollcall_model::InstanceId;
use rollcall_store_sqlite::{FieldReader, PARTICIPANT_FIELDS};
use rusqlite::{Connection, params, types::ValueRef};

use super::{
    block::{Block, Instance, People, Run},
    plan::{Level, Window, kind_of},
};
use crate::{SqlError, failed, internal, source::Source};

/// The positions of columns other than the fields.
const USER_ID: usize = 0;
const JOIN_TIME: usize = 1;
/// The position of the first field.
const FIRST_FIELD: usize = 2;
/// Number of columns.
pub(crate) const ATTENDANCE_COLUMNS: usize = FIRST_FIELD + PARTICIPANT_FIELDS.len();

/// Returns the position of a column of the database's view of participants.
pub(crate) fn place_of(column: &str) -> Option<usize> {
    match column {
        "user_id" => Some(USER_ID),
        "join_time_ms" => Some(JOIN_TIME),
        _ => PARTICIPANT_FIELDS.iter().position(|field| *field == column).map(|field| FIRST_FIELD + field),
    }
}

/// Which columns of an instance are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OfInstance {
    pub(crate) uuid: bool,
    pub(crate) kind: bool,
    pub(crate) number: bool,
}

/// The instances whose attendances are read.
pub(crate) struct Attendances {
    pub(crate) people: Arc<People>,
    /// Instances in `people`, ascending.
    ids: Vec<InstanceId>,
}

impl Attendances {
    /// Looks up the account's instances that `admits` accepts.
    pub(crate) fn look(
        source: &Source,
        db: &Connection,
        window: &Window,
        wanted: OfInstance,
        admits: &dyn Fn(&People, &Run, Level) -> bool,
    ) -> rusqlite::Result<Self> {
        // Reading an index with all requested columns takes a tenth of the time.
        let mut statement = db.prepare_cached(&format!(
            "SELECT id, {}, {}, {} FROM instances WHERE account_id = ?1 AND {}",
            column("uuid", wanted.uuid),
            column("kind", wanted.kind),
            column("number", wanted.number),
            if window.uuid.is_some() { "uuid = ?2" } else { "?2 IS NULL" },
        ))?;
        let mut rows = statement.query(params![source.account.0, window.uuid.as_deref()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let uuid = row.get_ref(1)?.as_str_or_null().map_err(failed)?.unwrap_or_default().into();
            let instance = Instance { uuid, kind: kind_of(row.get_ref(2)?), number: row.get(3)? };
            found.push((InstanceId(row.get(0)?), instance));
        }
        found.sort_unstable_by_key(|(id, _)| id.0);
        let (mut ids, mut people) = (Vec::with_capacity(found.len()), People::default());
        for (id, instance) in found {
            people.instances.push(instance);
            let run = Run { instance: (people.instances.len() - 1) as u32, ..Run::default() };
            if admits(&people, &run, Level::Instance) {
                ids.push(id);
            } else {
                people.instances.pop();
            }
        }
        Ok(Self { people: Arc::new(people), ids })
    }

    /// Returns all instances in parts of `instances`.
    pub(crate) fn tasks(&self, instances: usize) -> Vec<Range<usize>> {
        let starts = (0..self.ids.len()).step_by(instances);
        starts.map(|start| start..(start + instances).min(self.ids.len())).collect()
    }

    /// Reads the attendances of a part in blocks of at most `rows` rows. Only the columns at `places` (ascending) are
    /// read.
    pub(crate) fn read(
        &self,
        db: &Connection,
        task: Range<usize>,
        places: &[usize],
        rows: usize,
        block: &mut Block,
        mut show: impl FnMut(&mut Block) -> Result<(), SqlError>,
    ) -> Result<(), SqlError> {
        let Some(last) = task.end.checked_sub(1).and_then(|last| self.ids.get(last)) else { return Ok(()) };
        let has = |place: usize| places.contains(&place);
        let mut statement = db
            .prepare_cached(&format!(
                "SELECT participant_id, {}, {}, {} FROM participant_rows
                 WHERE participant_id > ?1 AND participant_id < ?2 ORDER BY participant_id",
                column("user_id", has(USER_ID)),
                column("join_time_ms", has(JOIN_TIME)),
                column("fields", places.last().is_some_and(|place| *place >= FIRST_FIELD)),
            ))
            .map_err(internal)?;
        let fields: Vec<_> = places.iter().copied().filter(|place| *place >= FIRST_FIELD).collect();
        let mut next = task.start;
        block.begin(ATTENDANCE_COLUMNS);
        'instances: while let Some(first) = self.ids.get(next).filter(|_| next < task.end) {
            // An instance's attendances are adjacent: their numbers include the instance.
            let mut found = statement.query([first.0 << 24, (last.0 + 1) << 24]).map_err(internal)?;
            while let Some(row) = found.next().map_err(internal)? {
                let instance = row.get::<_, i64>(0).map_err(internal)? >> 24;
                next += self.ids[next..task.end].iter().take_while(|id| id.0 < instance).count();
                match self.ids.get(next).filter(|_| next < task.end) {
                    Some(id) if id.0 == instance => {}
                    // Rows of other instances in between are skipped.
                    _ => continue 'instances,
                }
                if block.rows == rows {
                    block.end();
                    show(block)?;
                    block.begin(ATTENDANCE_COLUMNS);
                }
                let at = block.push_row(next as u32);
                if has(USER_ID) {
                    block.put_value(USER_ID, at, row.get_ref(1).map_err(internal)?)?;
                }
                if has(JOIN_TIME) {
                    block.put_value(JOIN_TIME, at, row.get_ref(2).map_err(internal)?)?;
                }
                if !fields.is_empty() {
                    put_fields(block, at, &fields, row.get_ref(3).map_err(internal)?)?;
                }
            }
            break;
        }
        block.end();
        if block.rows > 0 { show(block) } else { Ok(()) }
    }
}

/// Returns the column in a SELECT if it is read; its position stays the same.
const fn column(name: &'static str, is_read: bool) -> &'static str {
    if is_read { name } else { "NULL" }
}

/// Puts the fields at `places` (ascending) into a row.
fn put_fields(block: &mut Block, row: usize, places: &[usize], array: ValueRef<'_>) -> Result<(), SqlError> {
    let mut reader = FieldReader::new(array.as_blob().map_err(internal)?).map_err(internal)?;
    let mut next = FIRST_FIELD;
    for &place in places {
        block.put_value(place, row, reader.nth(place - next).map_err(internal)?)?;
        next = place + 1;
    }
    Ok(())
}
