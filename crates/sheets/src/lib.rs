//! Participants of ended instances, printed ahead: any page of them is one range of a file.
//!
//! A *sheet* is the list of one instance's participants, printed in some form, with an index of the end of each one. It
//! is a copy that can be printed again. Its file name contains the version of the instance ([`SheetKey`]), so that the
//! sheet of an instance that has changed since is never found.
//!
//! # Layout of a file
//! | part | bytes |
//! |---|---|
//! | the participants in the order of their rows, each after a comma | |
//! | for each: its row, and the end of its text | 8, 8 |
//! | their number, and `RCSHEET1` | 8, 8 |
//!
//! Numbers are little-endian.

mod key;
mod read;
mod write;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub use key::SheetKey;
pub use read::{Patience, SheetPage};
pub use write::SheetWriter;

const MAGIC: [u8; 8] = *b"RCSHEET1";
/// Size of an entry of the index.
const ENTRY_BYTES: usize = 16;
/// Size of the end of the file: the number of participants and the magic bytes.
const TAIL_BYTES: usize = 16;

/// Maximum number of participants of a sheet: its index is in memory while it is written.
pub const MAX_PARTICIPANTS: u64 = 1_000_000;

/// A folder of sheets that are printed in one form.
///
/// Its methods wait for the disk, except [`Sheets::read`] with [`Patience::None`].
#[derive(Debug, Clone)]
pub struct Sheets {
    dir: PathBuf,
    form: u64,
}

impl Sheets {
    /// Opens the folder, and creates it if it does not exist. `form` must differ if the same participants would be
    /// printed differently. Sheets of other forms and unfinished sheets are deleted.
    ///
    /// # Errors
    /// If the folder cannot be created, read or written.
    pub fn open(dir: &Path, form: u64) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let sheets = Self { dir: dir.to_owned(), form };
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if sheets.key_of(&entry.file_name()).is_none() {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(sheets)
    }

    /// Returns all sheets, each with its size in bytes.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn list(&self) -> io::Result<Vec<(SheetKey, u64)>> {
        let mut sheets = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            if let Some(key) = self.key_of(&entry.file_name()) {
                sheets.push((key, entry.metadata()?.len()));
            }
        }
        Ok(sheets)
    }

    /// Deletes a sheet, if it exists.
    ///
    /// # Errors
    /// If the file cannot be deleted.
    pub fn remove(&self, key: &SheetKey) -> io::Result<()> {
        match fs::remove_file(self.path(key)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn path(&self, key: &SheetKey) -> PathBuf {
        self.dir.join(key.file_name(self.form))
    }

    fn key_of(&self, file_name: &std::ffi::OsStr) -> Option<SheetKey> {
        let (key, form) = SheetKey::parse(file_name.to_str()?)?;
        (form == self.form).then_some(key)
    }
}
