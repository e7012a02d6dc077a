//! Finding out, when a folder is opened, whether its journals have lost batches that were acknowledged.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, BufReader, Read, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use crate::{journal, marks::Mark};

/// A file in the store's folder with a line for each loss.
const LOSSES: &str = "losses";
/// What ends a batch.
const TRAILER: [u8; 4] = *b"FJL\x03";

/// What the journals were like when the store was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Journals whose end was not whole and was cut off.
    pub torn_journals: u64,
    /// The bytes that were cut off.
    pub dropped_bytes: u64,
    /// Batches that were acknowledged and are gone.
    pub lost_batches: u64,
    /// The minutes in them.
    pub lost_minutes: u64,
    /// Whether it is known what was acknowledged. It is not at the first start of this version.
    pub is_known: bool,
}

/// A loss that was found at an earlier opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// Batches that had been acknowledged.
    pub batches: u64,
    /// The minutes in them.
    pub minutes: u64,
}

/// What stands in the journals of a folder that nobody has open.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// The numbers of the batches that are whole.
    batches: BTreeSet<u64>,
    torn_journals: u64,
    dropped_bytes: u64,
}

impl Scan {
    /// Reads the journals in `dir`, which the tree has not opened yet: opening cuts off what is torn.
    pub(crate) fn of(dir: &Path) -> io::Result<Self> {
        let mut scan = Self::default();
        for (_, path) in journal::journals(dir)? {
            scan.journal(&path)?;
        }
        Ok(scan)
    }

    fn journal(&mut self, path: &Path) -> io::Result<()> {
        let mut reader = Counting { inner: BufReader::with_capacity(1 << 20, File::open(path)?), at: 0 };
        let mut whole = 0;
        while let Some(number) = batch(&mut reader)? {
            self.batches.insert(number);
            whole = reader.at;
        }
        // Room that was taken ahead is zeros.
        let mut file = File::open(path)?;
        file.seek(io::SeekFrom::Start(whole))?;
        let (mut left, mut last) = (0, 0);
        let mut buffer = vec![0; 1 << 20];
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            if let Some(at) = buffer[..read].iter().rposition(|byte| *byte != 0) {
                last = left + at as u64 + 1;
            }
            left += read as u64;
        }
        if last > 0 {
            self.torn_journals += 1;
            self.dropped_bytes += last;
        }
        Ok(())
    }

    /// What was lost, and the marks of what is there, by the marks of what was acknowledged, if tables have everything up
    /// to `persisted`.
    pub(crate) fn compare(&self, marks: Option<&[Mark]>, persisted: Option<u64>) -> (Recovery, Vec<Mark>) {
        let oldest = self.batches.first().copied();
        let is_there = |mark: &Mark| {
            self.batches.range(mark.first..mark.end).next().is_some()
                || persisted.is_some_and(|persisted| mark.first <= persisted)
                // A journal goes when tables have all of it.
                || oldest.is_some_and(|oldest| mark.end <= oldest)
        };
        let (there, lost): (Vec<Mark>, Vec<Mark>) = marks.unwrap_or_default().iter().partition(|mark| is_there(mark));
        let recovery = Recovery {
            torn_journals: self.torn_journals,
            dropped_bytes: self.dropped_bytes,
            lost_batches: lost.len() as u64,
            lost_minutes: lost.iter().map(|mark| u64::from(mark.minutes)).sum(),
            is_known: marks.is_some(),
        };
        (recovery, there)
    }
}

impl Recovery {
    /// Logs what was found, and records a loss in `dir`, where it stays until somebody deletes the file.
    pub(crate) fn report(&self, dir: &Path) {
        let Self { torn_journals, dropped_bytes, lost_batches, lost_minutes, is_known } = *self;
        if lost_batches > 0 {
            tracing::error!(
                dir = %dir.display(), torn_journals, dropped_bytes, lost_batches, lost_minutes,
                "the journal of minutes has lost data that was acknowledged; `rollcall doctor` says what to do"
            );
            if let Err(error) = record(dir, lost_batches, lost_minutes) {
                tracing::error!(dir = %dir.display(), %error, "the loss could not be recorded");
            }
        } else if torn_journals > 0 && is_known {
            tracing::info!(
                dir = %dir.display(), torn_journals, dropped_bytes,
                "the last write was cut short before it was acknowledged; nothing acknowledged is lost"
            );
        } else if torn_journals > 0 {
            tracing::warn!(
                dir = %dir.display(), torn_journals, dropped_bytes,
                "the journal of minutes has a torn end; whether it had been acknowledged is not known"
            );
        }
    }
}

fn record(dir: &Path, batches: u64, minutes: u64) -> io::Result<()> {
    let mut file = File::options().append(true).create(true).open(losses_path(dir))?;
    writeln!(file, "{batches} batches, {minutes} minutes")?;
    file.sync_all()
}

/// The file that holds what was lost from the store in `dir`.
#[must_use]
pub fn losses_path(dir: &Path) -> PathBuf {
    dir.join(LOSSES)
}

/// What was lost from the store in `dir`, which may be open, since the file was deleted last.
///
/// # Errors
/// If the file is there and cannot be read.
pub fn losses(dir: &Path) -> io::Result<Vec<Loss>> {
    let text = match std::fs::read_to_string(losses_path(dir)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let numbers = |line: &str| -> Option<Loss> {
        let mut numbers = line.split_whitespace().filter_map(|word| word.parse().ok());
        Some(Loss { batches: numbers.next()?, minutes: numbers.next()? })
    };
    Ok(text.lines().filter_map(numbers).collect())
}

struct Counting<R> {
    inner: R,
    at: u64,
}

impl Counting<BufReader<File>> {
    /// The next bytes; none at the end.
    fn take<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        let mut bytes = [0; N];
        match self.inner.read_exact(&mut bytes) {
            Ok(()) => {
                self.at += N as u64;
                Ok(Some(bytes))
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Passes over bytes; none if there are not so many.
    fn skip(&mut self, count: u64) -> io::Result<Option<()>> {
        let skipped = io::copy(&mut (&mut self.inner).take(count), &mut io::sink())?;
        self.at += skipped;
        Ok((skipped == count).then_some(()))
    }
}

/// The number of the next batch, read to its end; none if it is not whole. The layout is fjall's (its version 3):
///
/// ```text
/// batch = 1 items:4 number:8 item* 3 checksum:8 trailer:4
/// item  = 2 kind:1 compression:1 keyspace:8 key length:2 length:4 stored length:4 key value
///       | 4 keyspace:8
/// ```
fn batch(reader: &mut Counting<BufReader<File>>) -> io::Result<Option<u64>> {
    let Some([1]) = reader.take::<1>()? else { return Ok(None) };
    let Some(items) = reader.take::<4>()? else { return Ok(None) };
    let Some(number) = reader.take::<8>()? else { return Ok(None) };
    let mut items = u32::from_le_bytes(items);
    loop {
        match reader.take::<1>()? {
            Some([2]) if items > 0 => {
                let Some(head) = reader.take::<20>()? else { return Ok(None) };
                let key = u64::from(u16::from_le_bytes([head[10], head[11]]));
                let value = u64::from(u32::from_le_bytes([head[16], head[17], head[18], head[19]]));
                if reader.skip(key + value)?.is_none() {
                    return Ok(None);
                }
                items -= 1;
            }
            Some([4]) if items > 0 => {
                if reader.skip(8)?.is_none() {
                    return Ok(None);
                }
                items -= 1;
            }
            Some([3]) if items == 0 => {
                let Some(end) = reader.take::<12>()? else { return Ok(None) };
                return Ok((end[8..] == TRAILER).then(|| u64::from_le_bytes(number)));
            }
            _ => return Ok(None),
        }
    }
}
