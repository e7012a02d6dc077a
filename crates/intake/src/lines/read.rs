//! Bytes to lines, lines to facts, a chunk at a time.

use std::{
    borrow::Cow,
    collections::HashMap,
    io::{self, Read},
};

use rollcall_model::{InstanceFacts, Participant, ParticipantFacts, Timestamp};
use serde::Deserialize;

use super::{Key, Lines, Wrong, entitle, participant, qos};
use crate::take::Refusal;

/// How much is read before it is looked at.
const BLOCK_BYTES: usize = 1024 * 1024;

/// The longest line: a participant's keys come to a few thousand bytes, a minute's to some more.
const MAX_LINE_BYTES: usize = 256 * 1024;

/// How much of a line that is too long is passed over in search of its end.
const MAX_SKIPPED_BYTES: usize = 16 * 1024 * 1024;

/// How many lines go together.
const LINES_PER_CHUNK: usize = 2_048;

/// How many refusals of a chunk are told; the rest is counted.
const REASONS_PER_CHUNK: usize = 100;

/// What stands before text in files of some editors.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Some lines, read and put together by instance.
#[derive(Debug, Default)]
pub struct Chunk {
    pub(crate) facts: Vec<InstanceFacts>,
    /// The numbers of the lines that each of the facts comes from.
    pub(crate) numbers: Vec<Vec<u64>>,
    /// How many lines were refused.
    pub(crate) refused: u64,
    /// Why the first of them were.
    pub(crate) reasons: Vec<Refusal>,
}

/// Why reading stopped before the end.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ReadError(#[from] pub io::Error);

/// Reads lines to the end of `input`, and hands them over chunk by chunk until `take` wants no more. Blank lines are
/// passed over. Where the input breaks off, every line before that is handed over.
///
/// # Errors
/// Where the input cannot be read to its end.
pub fn read(lines: Lines, mut input: impl Read, take: &mut dyn FnMut(Chunk) -> bool) -> Result<(), ReadError> {
    let mut block = Block { bytes: Vec::with_capacity(BLOCK_BYTES), number: 0, skipping: false, skipped: 0 };
    loop {
        let outcome = block.fill(&mut input);
        let at_end = matches!(outcome, Ok(false));
        if !block.hand_over(lines, at_end, take) {
            return Ok(());
        }
        if block.skipped > MAX_SKIPPED_BYTES {
            let reason = format!("line {} does not end", block.number);
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason).into());
        }
        match outcome {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// What was read and not handed over yet.
struct Block {
    bytes: Vec<u8>,
    /// The number of the last line that was handed over.
    number: u64,
    /// In the rest of a line that is too long.
    skipping: bool,
    /// How much of it was passed over.
    skipped: usize,
}

impl Block {
    /// Reads until the block is full; whether there may be more.
    fn fill(&mut self, input: &mut impl Read) -> io::Result<bool> {
        let room = BLOCK_BYTES - self.bytes.len();
        let read = input.take(room as u64).read_to_end(&mut self.bytes)?;
        Ok(read == room)
    }

    /// Hands over all whole lines, at the end also one that is not ended; whether more is wanted.
    fn hand_over(&mut self, lines: Lines, at_end: bool, take: &mut dyn FnMut(Chunk) -> bool) -> bool {
        let bytes = std::mem::take(&mut self.bytes);
        let mut rest = bytes.as_slice();
        if self.number == 0 && !self.skipping {
            rest = rest.strip_prefix(BYTE_ORDER_MARK).unwrap_or(rest);
        }
        let mut goes_on = true;
        while goes_on && !rest.is_empty() {
            let mut chunk = Grouped::default();
            while chunk.lines < LINES_PER_CHUNK {
                let Some((line, after)) = self.next_line(rest, at_end) else { break };
                rest = after;
                if let Some(line) = line {
                    chunk.add(lines, self.number, line);
                }
            }
            let is_last = chunk.lines < LINES_PER_CHUNK;
            if chunk.lines > 0 {
                goes_on = take(chunk.chunk);
            }
            if is_last {
                break;
            }
        }
        // The block keeps its memory: what is left is the beginning of one line.
        let left = rest.len();
        let from = bytes.len() - left;
        self.bytes = bytes;
        self.bytes.copy_within(from.., 0);
        self.bytes.truncate(left);
        goes_on
    }

    /// The next line, none where it is the rest of one that was refused, and what comes after it. A line too long is
    /// cut to what shows that.
    fn next_line<'b>(&mut self, bytes: &'b [u8], at_end: bool) -> Option<(Option<&'b [u8]>, &'b [u8])> {
        let end = memchr::memchr(b'\n', bytes);
        let was_skipping = self.skipping;
        let (line, rest) = match end {
            Some(end) => (&bytes[..end], &bytes[end + 1..]),
            None if bytes.is_empty() => return None,
            None if at_end || bytes.len() > MAX_LINE_BYTES => (bytes, &[][..]),
            None if was_skipping => (bytes, &[][..]),
            None => return None,
        };
        self.skipping = end.is_none() && !at_end;
        self.skipped = if self.skipping { self.skipped + line.len() } else { 0 };
        if was_skipping {
            return Some((None, rest));
        }
        self.number += 1;
        Some((Some(line), rest))
    }
}

/// Lines on their way into a chunk.
#[derive(Default)]
struct Grouped<'b> {
    chunk: Chunk,
    lines: usize,
    instances: HashMap<Key<'b>, usize>,
    participants: HashMap<(usize, Cow<'b, str>, Option<Timestamp>), usize>,
}

impl<'b> Grouped<'b> {
    fn add(&mut self, lines: Lines, number: u64, line: &'b [u8]) {
        if line.trim_ascii().is_empty() {
            return;
        }
        self.lines += 1;
        let added = if line.len() > MAX_LINE_BYTES {
            Err(Wrong::new("", format!("longer than {MAX_LINE_BYTES} bytes")))
        } else {
            match lines {
                Lines::Qos => self.add_minute(number, line),
                Lines::Participants => self.add_participant(number, line),
            }
        };
        if let Err(Wrong { field, reason }) = added {
            self.chunk.refused += 1;
            if self.chunk.reasons.len() < REASONS_PER_CHUNK {
                self.chunk.reasons.push(Refusal { line: number, field, reason });
            }
        }
    }

    fn add_minute(&mut self, number: u64, line: &'b [u8]) -> Result<(), Wrong> {
        let qos::Minute { instance, user_id, join_time, minute } = qos::read(line)?;
        let at = self.instance(instance)?;
        let participants = &mut self.chunk.facts[at].participants;
        let participant = *self.participants.entry((at, user_id, join_time)).or_insert_with_key(|(_, user_id, _)| {
            let participant = Participant { user_id: user_id.as_ref().into(), join_time, ..Participant::default() };
            participants.push(ParticipantFacts { participant, minutes: Vec::new() });
            participants.len() - 1
        });
        participants[participant].minutes.push(minute);
        self.chunk.numbers[at].push(number);
        Ok(())
    }

    fn add_participant(&mut self, number: u64, line: &'b [u8]) -> Result<(), Wrong> {
        let participant::Attendance { instance, topic, participant } = participant::read(line)?;
        let at = self.instance(instance)?;
        let facts = &mut self.chunk.facts[at];
        if let Some(topic) = topic {
            entitle(facts, topic)?;
        }
        facts.participants.push(ParticipantFacts { participant, minutes: Vec::new() });
        self.chunk.numbers[at].push(number);
        Ok(())
    }

    /// The place of the facts about an instance.
    fn instance(&mut self, key: Key<'b>) -> Result<usize, Wrong> {
        if let Some(at) = self.instances.get(&key) {
            return Ok(*at);
        }
        self.chunk.facts.push(key.facts()?);
        self.chunk.numbers.push(Vec::new());
        let at = self.chunk.facts.len() - 1;
        self.instances.insert(key, at);
        Ok(at)
    }
}

/// Reads a line as a whole, or says which key of it is to blame.
pub(super) fn parse<'l, T: Deserialize<'l>>(line: &'l [u8]) -> Result<T, Wrong> {
    // A list would be taken for the keys' values in their order.
    if line.trim_ascii_start().first() == Some(&b'[') {
        return Err(Wrong::new("", "not an object"));
    }
    serde_json::from_slice(line).map_err(|error| {
        // Only what failed is read again with its place kept: keeping it costs as much as reading.
        let tracked = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(line));
        let (field, error) = match tracked {
            Err(tracked) => (tracked.path().to_string(), tracked.into_inner()),
            Ok(_) => (".".to_owned(), error),
        };
        // What is not JSON is wrong as a whole, and has no place.
        let field = if field == "." || !error.is_data() { String::new() } else { field };
        Wrong::new(field, reason(&error))
    })
}

/// The error without its line, which is always the first and would contradict the line's number.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    if error.is_data() {
        message.rfind(" at line ").map_or(message.as_str(), |at| &message[..at]).to_owned()
    } else {
        message.replace(" at line 1 column ", " at column ")
    }
}
