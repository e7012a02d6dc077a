//! Detects, when a folder is opened, whether its journals have lost acknowledged batches.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, BufReader, Read, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use crate::{journal, marks::Mark};

/// A file in the store's folder with a line for each loss.
const LOSSES: &str = "losses";
/// The end marker of a batch.
const TRAILER: [u8; 4] = *b"FJL\x03";

/// State of the journals when the store was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Journals with an incomplete end that was cut off.
    pub torn_journals: u64,
    /// Number of bytes that were cut off.
    pub dropped_bytes: u64,
    /// Number of acknowledged batches that are lost.
    pub lost_batches: u64,
    /// Number of minutes in them.
    pub lost_minutes: u64,
    /// Whether it is known what was acknowledged. It is not at the first start of this version.
    pub is_known: bool,
}

/// A loss that was found by an earlier opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// Number of acknowledged batches.
    pub batches: u64,
    /// Number of minutes in them.
    pub minutes: u64,
}

/// Content of the journals of a closed folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// The numbers of the complete batches.
    batches: BTreeSet<u64>,
    torn_journals: u64,
    dropped_bytes: u64,
}

impl Scan {
    /// Reads the journals in `dir` before the tree opens them, because opening cuts off incomplete ends.
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
        // Preallocated space contains zeros.
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

    /// Returns what was lost, and the marks of what exists, given the marks of acknowledged batches, if tables contain
    /// everything up to `persisted`.
    pub(crate) fn compare(&self, marks: Option<&[Mark]>, persisted: Option<u64>) -> (Recovery, Vec<Mark>) {
        let oldest = self.batches.first().copied();
        let is_there = |mark: &Mark| {
            self.batches.range(mark.first..mark.end).next().is_some()
                || persisted.is_some_and(|persisted| mark.first <= persisted)
                // A journal is deleted when tables contain all of it.
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
    /// Logs the findings, and records a loss in `dir`, where it stays until somebody deletes the file.
    pub(crate) fn report(&self, dir: &Path) {
        let Self { torn_journals, dropped_bytes, lost_batches, lost_minutes, is_known } = *self;
        if lost_batches > 0 {
            tracing::error!(
                dir = %dir.display(), torn_journals, dropped_bytes, lost_batches, lost_minutes,
                "the minute journal has lost acknowledged data; run `rollcall doctor`"
            );
            if let Err(error) = record(dir, lost_batches, lost_minutes) {
                tracing::error!(dir = %dir.display(), %error, "could not record the loss");
            }
        } else if torn_journals > 0 && is_known {
            tracing::info!(
                dir = %dir.display(), torn_journals, dropped_bytes,
                "the last write was interrupted before it was acknowledged; no acknowledged data is lost"
            );
        } else if torn_journals > 0 {
            tracing::warn!(
                dir = %dir.display(), torn_journals, dropped_bytes,
                "the minute journal has an incomplete end; it is unknown whether it was acknowledged"
            );
        }
    }
}

fn record(dir: &Path, batches: u64, minutes: u64) -> io::Result<()> {
    let mut file = File::options().append(true).create(true).open(losses_path(dir))?;
    writeln!(file, "{batches} batches, {minutes} minutes")?;
    file.sync_all()
}

/// Returns the file that lists the losses of the store in `dir`.
#[must_use]
pub fn losses_path(dir: &Path) -> PathBuf {
    dir.join(LOSSES)
}

/// Returns the losses of the store in `dir`, which may be open, since the file was last deleted.
///
/// # Errors
/// If the file exists and cannot be read.
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
    /// Returns the next bytes. `None` at the end.
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

    /// Skips bytes. `None` if there are not enough.
    fn skip(&mut self, count: u64) -> io::Result<Option<()>> {
        let skipped = io::copy(&mut (&mut self.inner).take(count), &mut io::sink())?;
        self.at += skipped;
        Ok((skipped == count).then_some(()))
    }
}

/// Returns the number of the next batch, read to its end. `None` if it is incomplete. The layout is fjall's (its
/// version 3):
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
