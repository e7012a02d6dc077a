use std::{fs::File, io};

use rollcall_model::ParticipantId;

use crate::{ENTRY_BYTES, MAGIC, SheetKey, Sheets, TAIL_BYTES};

/// A range of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetPage {
    /// The requested room, then the participants with commas between them.
    pub text: Vec<u8>,
    /// The last participant; `None` if the page is empty.
    pub last: Option<ParticipantId>,
    /// Whether more follow.
    pub more: bool,
}

/// Spare capacity for the end of a page, so that the text is not reallocated.
const ROOM_BEHIND: usize = 16;

/// An entry of the index: a participant's row, and the end of its text.
type Entry = (ParticipantId, u64);

impl Sheets {
    /// Reads at most `limit` participants after `after`, with `room` blanks before them and some spare capacity after
    /// them. Returns `None` if the sheet does not exist.
    ///
    /// # Errors
    /// If the file cannot be read, or is damaged: [`io::ErrorKind::InvalidData`]. With [`Patience::None`] also
    /// [`io::ErrorKind::WouldBlock`].
    pub fn read(
        &self,
        key: &SheetKey,
        after: Option<ParticipantId>,
        limit: usize,
        room: usize,
        patience: Patience,
    ) -> io::Result<Option<SheetPage>> {
        match File::open(self.path(key)) {
            Ok(file) => Index::open(file, patience)?.page(after, limit, room).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether a read waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Reads only from the system's page cache. Always fails on systems that do not support this.
    None,
    /// Waits for the disk.
    Waits,
}

/// A sheet's file and the place of its index.
struct Index {
    file: File,
    patience: Patience,
    begin: u64,
    count: u64,
}

impl Index {
    fn open(file: File, patience: Patience) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let tail_at = length.checked_sub(TAIL_BYTES as u64).ok_or_else(damaged)?;
        let mut index = Self { file, patience, begin: 0, count: 0 };
        let mut tail = [0; TAIL_BYTES];
        index.read_at(&mut tail, tail_at)?;
        let (count, magic) = words(&tail);
        let begin = count.checked_mul(ENTRY_BYTES as u64).and_then(|bytes| tail_at.checked_sub(bytes));
        index.begin = begin.filter(|_| magic.to_le_bytes() == MAGIC).ok_or_else(damaged)?;
        index.count = count;
        Ok(index)
    }

    fn page(&self, after: Option<ParticipantId>, limit: usize, room: usize) -> io::Result<SheetPage> {
        let first = match after {
            Some(after) => self.count_until(after)?,
            None => 0,
        };
        let entries = self.entries(first.saturating_sub(1), (first + limit as u64).min(self.count))?;
        let (before, page) = entries.split_at(usize::from(first > 0).min(entries.len()));
        let Some((last, end)) = page.last().copied() else {
            return Ok(SheetPage { text: vec![b' '; room], last: None, more: false });
        };
        // Without the comma before the first.
        let start = before.last().map_or(0, |(_, end)| *end) + 1;
        if start > end || end > self.begin {
            return Err(damaged());
        }
        let length = room + usize::try_from(end - start).map_err(|_| damaged())?;
        let mut text = Vec::with_capacity(length + ROOM_BEHIND);
        text.resize(length, b' ');
        self.read_at(&mut text[room..], start)?;
        Ok(SheetPage { text, last: Some(last), more: first + (page.len() as u64) < self.count })
    }

    /// Counts the participants with rows up to `last`.
    fn count_until(&self, last: ParticipantId) -> io::Result<u64> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            let (row, _) = self.entries(middle, middle + 1)?.first().copied().ok_or_else(damaged)?;
            if row <= last { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }

    fn entries(&self, from: u64, to: u64) -> io::Result<Vec<Entry>> {
        let count = usize::try_from(to.saturating_sub(from)).map_err(|_| damaged())?;
        let mut bytes = vec![0; count * ENTRY_BYTES];
        self.read_at(&mut bytes, self.begin + from * ENTRY_BYTES as u64)?;
        let entry = |bytes: &[u8; ENTRY_BYTES]| {
            let (row, end) = words(bytes);
            (ParticipantId(row.cast_signed()), end)
        };
        Ok(bytes.as_chunks().0.iter().map(entry).collect())
    }

    /// Fills `buffer` from `offset`.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        match self.patience {
            Patience::None => self.read_cached(buffer, offset),
            Patience::Waits => self.read_waiting(buffer, offset),
        }
    }

    #[cfg(target_os = "linux")]
    fn read_cached(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        use rustix::io::{ReadWriteFlags, preadv2};
        let wanted = buffer.len();
        // File systems without this flag fail, too. Other errors are reported by the read that waits.
        match preadv2(&self.file, &mut [io::IoSliceMut::new(buffer)], offset, ReadWriteFlags::NOWAIT) {
            Ok(read) if read == wanted => Ok(()),
            _ => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn read_cached(&self, _buffer: &mut [u8], _offset: u64) -> io::Result<()> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn read_waiting(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        use std::io::{Read as _, Seek as _, SeekFrom};
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buffer)
    }
}

fn words(bytes: &[u8; 16]) -> (u64, u64) {
    let word = |half: &[u8]| half.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    (word(&bytes[..8]), word(&bytes[8..]))
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a sheet of participants is damaged")
}
