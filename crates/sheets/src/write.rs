use std::{
    io::{self, BufWriter, Write as _},
    path::PathBuf,
};

use rollcall_model::ParticipantId;
use tempfile::NamedTempFile;

use crate::{MAGIC, SheetKey, Sheets};

/// Writes a sheet. If it is dropped before [`SheetWriter::finish`], no file remains.
#[derive(Debug)]
pub struct SheetWriter {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
    index: Vec<u8>,
    end: u64,
    last: Option<ParticipantId>,
}

impl Sheets {
    /// Begins a sheet. Reads find it after [`SheetWriter::finish`].
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn begin(&self, key: &SheetKey) -> io::Result<SheetWriter> {
        let file = BufWriter::with_capacity(1 << 16, NamedTempFile::new_in(&self.dir)?);
        Ok(SheetWriter { file, path: self.path(key), index: Vec::new(), end: 0, last: None })
    }
}

impl SheetWriter {
    /// Adds the next participant, whose row must be greater than those before.
    ///
    /// # Errors
    /// If the disk is full, or the rows are out of order.
    pub fn push(&mut self, participant: ParticipantId, printed: &[u8]) -> io::Result<()> {
        if self.last.is_some_and(|last| last >= participant) {
            return Err(io::Error::other("participants are not in the order of their rows"));
        }
        self.last = Some(participant);
        self.file.write_all(b",")?;
        self.file.write_all(printed)?;
        self.end += 1 + printed.len() as u64;
        self.index.extend_from_slice(&participant.0.to_le_bytes());
        self.index.extend_from_slice(&self.end.to_le_bytes());
        Ok(())
    }

    /// Writes the index, waits for the disk, and gives the file its name.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn finish(mut self) -> io::Result<()> {
        let count = (self.index.len() / crate::ENTRY_BYTES) as u64;
        self.file.write_all(&self.index)?;
        self.file.write_all(&count.to_le_bytes())?;
        self.file.write_all(&MAGIC)?;
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        // The name must not become durable before the content.
        file.as_file().sync_data()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }
}
