//! Minutes in blocks of columns, from archive files or the store; and attendances, from the database.
//!
//! An instance that is not hot, and has not changed since it was sealed, is read from the archive's file: [`Plan`]
//! finds the rows of each instance, and files are decoded column by column. All other instances with minutes are read
//! through the store, in which hot minutes take precedence over archived ones.

mod attendances;
mod block;
mod plan;
mod time;

/// Rows decoded at a time.
pub(crate) const ROWS_PER_BLOCK: usize = 4_096;

pub(crate) use attendances::{ATTENDANCE_COLUMNS, Attendances, OfInstance, place_of};
pub(crate) use block::{ABSENT, Attendance, Block, DATE_TIME, Instance, People, Run, level_of};
pub(crate) use plan::{Level, Places, Plan, StoredReader, Task, Window};
pub(crate) use time::{LAST_MINUTE, time_of};
