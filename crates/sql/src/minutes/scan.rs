//! Reads the minutes of a scan, block by block.

use std::{collections::VecDeque, sync::Arc};

use rollcall_archive::ColumnKind;
use rollcall_model::{InstanceId, Minute};
use rusqlite::{Result, types::Null, vtab::Context};

use super::COLUMNS;
use crate::{
    SqlError,
    blocks::{
        Attendance, Block, DATE_TIME, Instance, Level, People, Places, Plan, ROWS_PER_BLOCK, Run, StoredReader, Task,
        Window, level_of, time_of,
    },
    failed,
    idle::Lent,
    scores,
    source::{Source, rowid_of},
    tables::iso_of_millis,
};

/// What the columns that a query reads are computed from. SQLite has a bit for each of the first 63, and one for all
/// others, including the scores, which need complete minutes.
fn used_places(used: u64, window: &Window, by_user: bool) -> Places {
    let has = |column: usize| used & 1 << column != 0;
    let whole = has(63);
    let by_time = window.from.is_some() || window.to.is_some();
    let columns = (DATE_TIME..63).filter(|column| has(*column) || (*column == DATE_TIME && by_time));
    Places::of(columns, whole, by_user || has(3) || has(4))
}

/// Reads minutes block by block.
pub(super) struct Scan {
    db: Lent,
    pub(super) source: Source,
    window: Window,
    /// Only participants with this id.
    user_id: Option<String>,
    places: Places,
    /// What remains to be read: parts of files, then instances.
    plan: Plan,
    tasks: VecDeque<Task>,
    stored: VecDeque<InstanceId>,
    reader: Option<StoredReader>,
    /// The last instance of the last part of a file: the next part may have more of its minutes.
    begun: Option<InstanceId>,
    /// Minutes that were read and not yet returned.
    waiting: VecDeque<Block>,
    block: Block,
    /// The current row of the block, and its run; `None` before the first.
    at: Option<(usize, usize)>,
    /// The one instance in `shown`, which can be returned again: a join asks for its participants one by one.
    kept: Option<(Window, Places)>,
    shown: Vec<Block>,
    /// The last instance that was too large to be kept.
    too_large: Option<Arc<str>>,
}

/// Maximum memory of the kept blocks of an instance.
const KEPT_BYTES: u64 = 16 << 20;
/// Approximate number of values that are decoded together: a page is decoded again for each part.
const VALUES_PER_TASK: usize = 1 << 18;

impl Scan {
    pub(super) fn over(source: &Source) -> Result<Self> {
        Ok(Self {
            db: source.connect()?,
            source: source.clone(),
            window: Window::default(),
            user_id: None,
            places: Places::default(),
            plan: Plan::default(),
            tasks: VecDeque::new(),
            stored: VecDeque::new(),
            reader: None,
            begun: None,
            waiting: VecDeque::new(),
            block: Block::default(),
            at: None,
            kept: None,
            shown: Vec::new(),
            too_large: None,
        })
    }

    pub(super) fn start(&mut self, window: Window, user_id: Option<String>, used: u64) -> Result<()> {
        let places = used_places(used, &window, user_id.is_some());
        self.user_id = user_id;
        self.at = None;
        if self.kept.as_ref().is_some_and(|(kept, with)| kept.uuid == window.uuid && *with == places) {
            // The time range may differ.
            let mut shown = std::mem::take(&mut self.shown);
            if self.block.rows > 0 {
                shown.push(std::mem::take(&mut self.block));
            }
            shown.extend(std::mem::take(&mut self.waiting));
            self.waiting = shown.into();
            self.window = window;
            return Ok(());
        }
        (self.reader, self.window, self.places) = (None, window, places);
        // An instance is read completely, so that the next of its participants is found in it, unless it is too large.
        if self.window.uuid.is_some() && self.too_large != self.window.uuid {
            if self.keep_instance()? {
                return Ok(());
            }
            self.too_large.clone_from(&self.window.uuid);
        }
        self.forget();
        let (window, places) = (&self.window, &self.places);
        self.plan = Plan::look(&self.source, &self.db, window, places, &|people, run, level| {
            self.is_of_user(people, run, level)
        })?;
        self.plan_reading();
        Ok(())
    }

    /// Drops what was read.
    fn forget(&mut self) {
        (self.kept, self.reader, self.begun) = (None, None, None);
        (self.shown, self.waiting, self.block) = (Vec::new(), VecDeque::new(), Block::default());
    }

    fn plan_reading(&mut self) {
        let rows = VALUES_PER_TASK / self.places.columns.len().max(1);
        self.tasks = self.plan.tasks(rows.max(ROWS_PER_BLOCK) as u64).into();
        self.stored = std::mem::take(&mut self.plan.stored).into();
    }

    /// Returns whether an attendance belongs to the requested user.
    fn is_of_user(&self, people: &People, run: &Run, level: Level) -> bool {
        let Some(user_id) = &self.user_id else { return true };
        level == Level::Instance
            || people.attendances.get(run.attendance as usize).is_some_and(|one| *one.user_id == **user_id)
    }

    /// Reads the requested instance completely. Returns whether it is small enough.
    fn keep_instance(&mut self) -> Result<bool> {
        self.forget();
        let window = Window { from: None, to: None, uuid: self.window.uuid.clone() };
        self.plan = Plan::look(&self.source, &self.db, &window, &self.places, &|_, _, _| true)?;
        self.plan_reading();
        let mut bytes = 0;
        while self.read_file()? {
            bytes = self.waiting.iter().map(Block::bytes).sum();
            if bytes > KEPT_BYTES {
                return Ok(false);
            }
        }
        if let Some(id) = self.stored.pop_front() {
            let mut reader = StoredReader::of(&self.db, id, None, &|_, _, _| true)?;
            loop {
                let mut block = Block::default();
                let read = reader.read(&self.source, &self.places, &mut block);
                if !read.map_err(|error| self.source.fails(error))? {
                    break;
                }
                bytes += block.bytes();
                if bytes > KEPT_BYTES || self.source.is_stopped() {
                    return Ok(false);
                }
                self.waiting.push_back(block);
            }
            self.plan.people = reader.people;
        }
        self.kept = Some((self.window.clone(), self.places.clone()));
        Ok(true)
    }

    /// Moves to the next minute. Returns whether there is one.
    pub(super) fn next(&mut self) -> Result<bool> {
        loop {
            let people = self.reader.as_ref().map_or(&self.plan.people, |reader| &reader.people);
            let (mut row, mut run) = self.at.map_or((0, 0), |(row, run)| (row + 1, run));
            while let Some(of) = self.block.runs.get(run) {
                if row >= of.rows.end || !self.is_of_user(people, of, Level::Attendance) {
                    run += 1;
                    continue;
                }
                row = row.max(of.rows.start);
                let minute = self.block.minutes.get(row).map(|minute| Minute(*minute));
                let Window { from, to, .. } = self.window;
                let is_in = |minute| from.is_none_or(|from| minute >= from) && to.is_none_or(|to| minute <= to);
                if minute.is_none_or(is_in) {
                    self.at = Some((row, run));
                    return Ok(true);
                }
                row += 1;
            }
            self.at = None;
            let last = std::mem::take(&mut self.block);
            if self.kept.is_some() {
                if last.rows > 0 {
                    self.shown.push(last);
                }
            } else if self.waiting.is_empty() {
                self.block = last;
            }
            match self.waiting.pop_front() {
                Some(block) => self.block = block,
                None if self.kept.is_some() || !self.read_on()? => {
                    self.block = Block::default();
                    return Ok(false);
                }
                None => {}
            }
        }
    }

    /// Reads more minutes. Returns whether there were any.
    fn read_on(&mut self) -> Result<bool> {
        if self.source.is_stopped() {
            return Err(failed("stopped"));
        }
        let mut block = std::mem::take(&mut self.block);
        if let Some(reader) = &mut self.reader {
            let read = reader.read(&self.source, &self.places, &mut block).map_err(|error| self.source.fails(error))?;
            if read {
                self.block = block;
                return Ok(true);
            }
            self.reader = None;
        }
        if self.read_file()? {
            return Ok(true);
        }
        let Some(id) = self.stored.pop_front() else { return Ok(false) };
        self.reader = Some(StoredReader::of(&self.db, id, self.user_id.as_deref(), &|_, _, _| true)?);
        Ok(true)
    }

    /// Reads the next part of a file. Returns whether there was one.
    fn read_file(&mut self) -> Result<bool> {
        let Some(task) = self.tasks.pop_front() else { return Ok(false) };
        let mut block = Block::default();
        let mut read = Vec::new();
        let is_read = self.plan.read(&self.source, &task, &self.places, ROWS_PER_BLOCK, &mut block, |block| {
            read.push(std::mem::take(block));
            Ok(())
        });
        let mut instances = self.plan.instances(&task);
        if is_read.map_err(|error| self.source.fails(error))? {
            self.begun = instances.last().copied();
            self.waiting.extend(read);
            return Ok(true);
        }
        // The file was removed meanwhile: the store finds the current location of its minutes. An instance is read
        // completely from there, otherwise its minutes would appear twice.
        if !self.waiting.is_empty() {
            self.waiting.clear();
        } else if self.begun.is_some() && self.begun == instances.first().copied() {
            let reason = "an archive file was removed while it was read";
            return Err(self.source.fails(SqlError::Internal(reason.to_owned())));
        }
        while let Some(other) = self.tasks.pop_front_if(|other| other.shares_file(&task)) {
            instances.extend(self.plan.instances(&other));
        }
        instances.dedup();
        self.stored.extend(instances);
        Ok(true)
    }

    /// Returns the current row of the block with its attendance; `None` before the first.
    fn current(&self) -> Option<(usize, &Instance, Option<&Attendance>)> {
        let (row, run) = self.at?;
        let people = self.reader.as_ref().map_or(&self.plan.people, |reader| &reader.people);
        let run = &self.block.runs[run];
        Some((row, &people.instances[run.instance as usize], people.attendances.get(run.attendance as usize)))
    }

    /// Returns the current row's rowid.
    pub(super) fn rowid(&self) -> i64 {
        let Some((row, Instance { uuid, .. }, attendance)) = self.current() else { return 0 };
        match self.block.first {
            // An instance's rows are in one file.
            Some(first) => rowid_of((uuid, first + row as u64)),
            None => {
                let key = attendance.map(|one| (&one.user_id, one.join_time));
                rowid_of((uuid, key, self.block.minutes.get(row)))
            }
        }
    }

    /// Returns a column of the current row.
    pub(super) fn show(&self, context: &mut Context, column: usize) -> Result<()> {
        let Some((row, instance, attendance)) = self.current() else { return context.set_result(Null) };
        match column {
            0 => context.set_result(&*instance.uuid),
            1 => context.set_result(instance.kind),
            2 => context.set_result(instance.number),
            3 => context.set_result(attendance.map(|one| &*one.user_id)),
            4 => context.set_result(attendance.and_then(|one| one.join_time).map(iso_of_millis)),
            DATE_TIME => match self.block.minutes.get(row) {
                Some(minute) => context.set_result(time_of(Minute(*minute))),
                None => context.set_result(Null),
            },
            _ if column >= COLUMNS.len() => match self.block.whole.get(row) {
                Some(minute) => context.set_result(scores::value(column - COLUMNS.len(), minute, &self.source.profile)),
                None => context.set_result(Null),
            },
            _ => match self.block.number(column, row) {
                None => context.set_result(Null),
                Some(number) => match COLUMNS[column].kind {
                    ColumnKind::Hundredths => context.set_result(number as f64 / 100.0),
                    ColumnKind::Text | ColumnKind::Json => context.set_result(level_of(number)),
                    _ => context.set_result(number),
                },
            },
        }
    }
}
