//! Minutes in blocks of columns, wherever they come from: files of the archive, or the store; and attendances, from the
//! database.
//!
//! An instance that is not hot, and has not changed since it was sealed, is read from the archive's file: [`Plan`] finds
//! out which rows are whose, and files are unpacked column by column. All other instances that have minutes are read
//! through the store, which lays hot minutes over archived ones.

mod attendances;
mod block;
mod plan;
mod time;

/// How many rows are decoded at a time.
pub(crate) const ROWS_PER_BLOCK: usize = 4_096;

pub(crate) use attendances::{ATTENDANCE_COLUMNS, Attendances, OfInstance, place_of};
pub(crate) use block::{ABSENT, Attendance, Block, DATE_TIME, Instance, People, Run, level_of};
pub(crate) use plan::{Level, Places, Plan, StoredReader, Task, Window};
pub(crate) use time::{LAST_MINUTE, time_of};
