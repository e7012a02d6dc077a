use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
};

use rollcall_model::ParticipantId;

use crate::{ENTRY_BYTES, MAGIC, SheetKey, Sheets, TAIL_BYTES};

/// A stretch of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetPage {
    /// The room that was asked for, and behind it the participants with commas between them.
    pub text: Vec<u8>,
    /// The last participant of it; none where it is empty.
    pub last: Option<ParticipantId>,
    /// Whether more follow.
    pub more: bool,
}

/// An entry of the index: a participant's row, and where its text ends.
type Entry = (ParticipantId, u64);

impl Sheets {
    /// Reads at most `limit` participants after `after`, with `room` blanks before them and a little room behind; none
    /// where there is no such sheet.
    ///
    /// # Errors
    /// Where the file cannot be read, or is damaged: [`io::ErrorKind::InvalidData`].
    pub fn read(
        &self,
        key: &SheetKey,
        after: Option<ParticipantId>,
        limit: usize,
        room: usize,
    ) -> io::Result<Option<SheetPage>> {
        match File::open(self.path(key)) {
            Ok(file) => Index::open(file)?.page(after, limit, room).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A sheet's file with where its index lies.
struct Index {
    file: File,
    begin: u64,
    count: u64,
}

impl Index {
    fn open(mut file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let tail_at = length.checked_sub(TAIL_BYTES as u64).ok_or_else(damaged)?;
        let mut tail = [0; TAIL_BYTES];
        file.seek(SeekFrom::Start(tail_at))?;
        file.read_exact(&mut tail)?;
        let (count, magic) = words(&tail);
        let begin = count.checked_mul(ENTRY_BYTES as u64).and_then(|bytes| tail_at.checked_sub(bytes));
        match begin {
            Some(begin) if magic.to_le_bytes() == MAGIC => Ok(Self { file, begin, count }),
            _ => Err(damaged()),
        }
    }

    fn page(mut self, after: Option<ParticipantId>, limit: usize, room: usize) -> io::Result<SheetPage> {
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
        let length = end - start;
        let mut text = Vec::with_capacity(room + usize::try_from(length).map_err(|_| damaged())? + 16);
        text.resize(room, b' ');
        self.file.seek(SeekFrom::Start(start))?;
        self.file.by_ref().take(length).read_to_end(&mut text)?;
        if (text.len() - room) as u64 != length {
            return Err(damaged());
        }
        Ok(SheetPage { text, last: Some(last), more: first + (page.len() as u64) < self.count })
    }

    /// How many participants have rows up to `last`.
    fn count_until(&mut self, last: ParticipantId) -> io::Result<u64> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            let (row, _) = self.entries(middle, middle + 1)?.first().copied().ok_or_else(damaged)?;
            if row <= last { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }

    fn entries(&mut self, from: u64, to: u64) -> io::Result<Vec<Entry>> {
        let count = usize::try_from(to.saturating_sub(from)).map_err(|_| damaged())?;
        let mut bytes = vec![0; count * ENTRY_BYTES];
        self.file.seek(SeekFrom::Start(self.begin + from * ENTRY_BYTES as u64))?;
        self.file.read_exact(&mut bytes)?;
        let entry = |bytes: &[u8; ENTRY_BYTES]| {
            let (row, end) = words(bytes);
            (ParticipantId(row.cast_signed()), end)
        };
        Ok(bytes.as_chunks().0.iter().map(entry).collect())
    }
}

fn words(bytes: &[u8; 16]) -> (u64, u64) {
    let word = |half: &[u8]| half.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    (word(&bytes[..8]), word(&bytes[8..]))
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a sheet of participants is damaged")
}
