//! The store's content as one stream of bytes, for backups.
//!
//! ```text
//! export = magic entry* end
//! entry  : tree (byte), length of the key (2 bytes), length of the value (4 bytes), key, value; all big-endian
//! end    : byte 0, number of entries (8 bytes)
//! ```
//!
//! An export is a snapshot of the store. It is independent of the LSM tree's file layout, and the reader checks every
//! entry.

use std::{
    io::{self, Read, Write},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use fjall::Readable;
use rollcall_store::{Result, StoreError, packed};

use crate::{
    LiveStore, backend, corrupt, journal,
    key::{self, Key},
    runs,
    tree::{Tree, View},
};

const MAGIC: &[u8; 18] = b"rollcall minutes 1";
const END: u8 = 0;
/// The trees in the order of their tags, which begin with 1.
const TREES: usize = 3;
/// Number of entries imported per batch.
const ENTRIES_PER_BATCH: usize = 4_096;
/// Number of entries between two checks of the stop flag.
const ENTRIES_PER_LOOK: u64 = 1_024;
/// Maximum length of a stored value: a run has 256 minutes of at most 64 KiB.
const MAX_VALUE_LEN: u32 = 1 << 24;

/// A snapshot of the store. It is cheap until it is written.
pub struct Export(View);

/// Content of an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// Entries of the trees.
    pub entries: u64,
    /// Minutes. A minute that was reported again after it was stored in a run counts twice.
    pub minutes: u64,
}

impl LiveStore {
    /// Takes a snapshot of the store: every acknowledged write is in the export.
    ///
    /// # Errors
    /// [`StoreError::Backend`] if the store is closed after a failure of the disk.
    pub fn export(&self) -> Result<Export> {
        Ok(Export(self.place.tree()?.view()))
    }
}

impl Export {
    /// Writes the export to `out`, unless `stop` is set meanwhile. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if a stored entry cannot be read; [`StoreError::Backend`] if the disk fails, or if it was
    /// stopped.
    pub fn write_to(&self, out: &mut impl Write, stop: &AtomicBool) -> Result<Exported> {
        let mut exported = Exported::default();
        out.write_all(MAGIC).map_err(backend)?;
        for (tag, tree) in (1..).zip(self.0.keyspaces()) {
            for entry in self.0.snapshot().iter(tree) {
                if exported.entries.is_multiple_of(ENTRIES_PER_LOOK) && stop.load(Ordering::Relaxed) {
                    return Err(backend("stopped"));
                }
                let (key, value) = entry.into_inner().map_err(backend)?;
                exported.minutes += check(tag, &key, &value)?;
                exported.entries += 1;
                write_entry(out, tag, &key, &value).map_err(backend)?;
            }
        }
        out.write_all(&[END]).and_then(|()| out.write_all(&exported.entries.to_be_bytes())).map_err(backend)?;
        Ok(exported)
    }
}

/// Reads an export to its end and checks every entry. Blocks.
///
/// # Errors
/// [`StoreError::Corrupt`] if the bytes are not those of an export; [`StoreError::Backend`] if they cannot be read.
pub fn check_export(input: &mut impl Read) -> Result<Exported> {
    read(input, |_, _, _| Ok(()))
}

/// Creates a store in `dir`, which must not exist, from an export. Blocks. When it returns, everything is on disk.
///
/// # Errors
/// Those of [`check_export`], and [`StoreError::Backend`] if the folder cannot be written.
pub fn import_export(dir: &Path, input: &mut impl Read) -> Result<Exported> {
    let tree = Tree::open(dir)?;
    let mut batch = tree.database.batch();
    let imported = read(input, |tag, key, value| {
        let [minutes, runs, instances] = tree.keyspaces();
        let keyspace = [minutes, runs, instances][usize::from(tag) - 1];
        batch.insert(keyspace, key, value);
        if batch.len() >= ENTRIES_PER_BATCH {
            std::mem::replace(&mut batch, tree.database.batch()).commit().map_err(backend)?;
            tree.make_room();
        }
        Ok(())
    })?;
    batch.commit().map_err(backend)?;
    tree.database.persist(fjall::PersistMode::SyncAll).map_err(backend)?;
    let flushed = tree.flush();
    drop(tree);
    if flushed {
        journal::shorten(dir).map_err(backend)?;
    }
    Ok(imported)
}

fn write_entry(out: &mut impl Write, tag: u8, key: &[u8], value: &[u8]) -> io::Result<()> {
    let too_long = |_| io::Error::other("an entry is too long to be exported");
    let key_len = u16::try_from(key.len()).map_err(too_long)?;
    let value_len = u32::try_from(value.len()).map_err(too_long)?;
    out.write_all(&[tag])?;
    out.write_all(&key_len.to_be_bytes())?;
    out.write_all(&value_len.to_be_bytes())?;
    out.write_all(key)?;
    out.write_all(value)
}

/// Reads an export and passes each checked entry to `take`: tag, key, value.
fn read(input: &mut impl Read, mut take: impl FnMut(u8, Vec<u8>, Vec<u8>) -> Result<()>) -> Result<Exported> {
    let mut magic = [0; MAGIC.len()];
    fill(input, &mut magic)?;
    if magic != *MAGIC {
        return Err(damaged("it is not an export of minutes"));
    }
    let mut exported = Exported::default();
    loop {
        let mut tag = [0];
        fill(input, &mut tag)?;
        if tag[0] == END {
            break;
        }
        let (mut key_len, mut value_len) = ([0; 2], [0; 4]);
        fill(input, &mut key_len)?;
        fill(input, &mut value_len)?;
        let value_len = u32::from_be_bytes(value_len);
        if usize::from(tag[0]) > TREES || value_len > MAX_VALUE_LEN {
            return Err(damaged("an entry has an unknown kind"));
        }
        let mut key = vec![0; usize::from(u16::from_be_bytes(key_len))];
        fill(input, &mut key)?;
        let mut value = vec![0; value_len as usize];
        fill(input, &mut value)?;
        exported.minutes += check(tag[0], &key, &value)?;
        exported.entries += 1;
        take(tag[0], key, value)?;
    }
    let mut entries = [0; 8];
    fill(input, &mut entries)?;
    if u64::from_be_bytes(entries) != exported.entries {
        return Err(damaged("the number of entries is wrong"));
    }
    if input.read(&mut [0]).map_err(backend)? > 0 {
        return Err(damaged("trailing bytes"));
    }
    Ok(exported)
}

fn fill(input: &mut impl Read, bytes: &mut [u8]) -> Result<()> {
    input.read_exact(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => damaged("unexpected end"),
        _ => backend(error),
    })
}

fn damaged(reason: &str) -> StoreError {
    StoreError::Corrupt { table: "minutes", reason: format!("the export is damaged: {reason}") }
}

/// Returns the number of minutes in an entry, all of which must be readable.
fn check(tag: u8, key: &[u8], value: &[u8]) -> Result<u64> {
    let prefix_len = || {
        let (account, instance) = key::instance_of(key).map_err(corrupt)?;
        Ok::<_, StoreError>(Key::instance(account, instance).as_bytes().len())
    };
    match tag {
        1 => {
            let (_, minute) = key::split(key, prefix_len()?).map_err(corrupt)?;
            packed::decode(minute, value).map_err(corrupt)?;
            Ok(1)
        }
        2 => {
            let bucket = key::bucket_of(key, prefix_len()?).map_err(corrupt)?;
            let mut minutes = 0;
            for row in runs::decode(bucket, value) {
                let (_, minute, at) = row.map_err(corrupt)?;
                packed::decode(minute, &value[at]).map_err(corrupt)?;
                minutes += 1;
            }
            Ok(minutes)
        }
        // Instances, and the marker that all of them are recorded.
        _ => Ok(0),
    }
}
