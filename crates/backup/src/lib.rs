//! Backups of a data folder, taken while a server runs or while none does.
//!
//! A backup has the database, the minutes that are not archived yet, the files of the archive, and the data folder's keys,
//! all of one moment ([`create()`] says why they fit together). Backups in one target share the archive's files, which
//! never change. [`verify()`] reads everything again, [`restore()`] makes a data folder of a backup, [`prune()`] deletes
//! old ones.

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
