//! Backups of a data folder, with or without a running server.
//!
//! A backup contains the database, the minutes that are not archived yet, the archive files, and the data folder's
//! keys, as of one moment ([`create()`] explains why they are consistent). Backups in one target share archive files,
//! which never change. [`verify()`] reads everything, [`restore()`] creates a data folder from a backup, [`prune()`]
//! deletes old ones.

mod create;
mod error;
mod manifest;
mod pack;
mod progress;
mod prune;
mod restore;
mod target;
mod verify;

pub use self::{
    create::{Made, Options, Source, create},
    error::{BackupError, Result},
    manifest::{Entry, Manifest, Name, Packed, Stored},
    progress::{Progress, Report, Step},
    prune::{Pruned, prune},
    restore::{Destination, Restored, restore},
    target::Target,
    verify::verify,
};
