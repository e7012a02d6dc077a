//! The archive: Parquet files of QoS minutes and participants, in a folder or an S3 bucket.
//!
//! Paths are `<dataset>/account=<public id>/day=<YYYY-MM-DD>/<name>.parquet`. A file has a unique name, becomes visible
//! when it is complete, and is never changed. An index knows which rows of which file contain what; the archive reads
//! rows by number.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use rollcall_archive::{Archive, Location, Partition};
//!
//! let archive = Archive::open(&"data/archive".parse::<Location>()?)?;
//! let partition = Partition { account: "q6gBJVO5TzexKYTb_I2rpg".parse()?, day: "2026-03-01".parse()? };
//! let writer = archive.minute_writer(&partition).await?;
//! // begin_instance, begin_participant, write …
//! let written = writer.finish().await?;
//! let measured = archive.read_minutes(&written.path, &[0..600], 0, |count, _row, _minute| *count += 1).await?;
//! # Ok(())
//! # }
//! ```

mod attendances;
mod bucket;
mod chunk;
mod column;
mod columns;
mod decode;
mod delta;
mod encode;
mod error;
mod footer;
mod location;
mod metadata;
mod minutes;
mod page_header;
mod page_reader;
mod page_values;
mod page_writer;
mod participants;
mod path;
mod people;
mod projection;
mod reader;
mod store;
mod tail;
mod verify;
mod writer;

pub use attendances::Attendance;
pub use bucket::open as open_bucket;
pub use column::{Column, ColumnKind};
pub use columns::{Chunk, ColumnReader, ColumnValues, Columns, Footers, ReadBytes};
pub use error::{ArchiveError, Result};
pub use location::Location;
pub use metadata::{FORMAT_VERSION, columns};
pub use minutes::{InstanceKey, MinuteValues, RowKey, put_minute};
pub use path::{Dataset, FilePath, Partition, PublicAccountId};
pub use projection::fields_of;
pub use reader::FetchedMinutes;
pub use store::{Archive, FileEntry};
pub use verify::Verified;
pub use writer::{FileInfo, MinuteWriter, ParticipantWriter};
