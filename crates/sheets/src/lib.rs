//! Participants of ended instances, printed ahead: a page of them is then one stretch of a file, however it is cut.
//!
//! A *sheet* is the list of one instance's participants as some form prints it, and an index of where each one ends. It
//! is a copy: whoever loses it prints it anew. Its file is named by what it was printed from ([`SheetKey`]), so that one
//! of an instance that has changed since is never found.
//!
//! # Layout of a file
//! | part | bytes |
//! |---|---|
//! | the participants in the order of their rows, each behind a comma | |
//! | for each: its row, and where its text ends | 8, 8 |
//! | how many there are, and `RCSHEET1` | 8, 8 |
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
/// An entry of the index, and the end of the file.
const ENTRY_BYTES: usize = 16;
const TAIL_BYTES: usize = 16;

/// The most participants of a sheet: its index is held in memory while it is written.
pub const MAX_PARTICIPANTS: u64 = 1_000_000;

/// A folder of sheets that are printed in one form.
///
/// Its methods wait for the disk, but for [`Sheets::read`] where it is told not to.
#[derive(Debug, Clone)]
pub struct Sheets {
    dir: PathBuf,
    form: u64,
}

impl Sheets {
    /// Opens the folder, made where it is not there. `form` is another number wherever the same participants would be
    /// printed otherwise; sheets of other forms, and whatever was not finished, are deleted.
    ///
    /// # Errors
    /// Where the folder cannot be made, read or written.
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

    /// The sheets that are there, each with its size in bytes.
    ///
    /// # Errors
    /// Where the folder cannot be read.
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

    /// Deletes a sheet; one that is not there is no error.
    ///
    /// # Errors
    /// Where the file cannot be deleted.
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
