//! Turns bytes into lines, and lines into facts, chunk by chunk.

use std::{
    collections::HashMap,
    io::{self, Read},
};

use ahash::RandomState;
use rollcall_model::{InstanceFacts, Minute, ParticipantFacts, ParticipantKey, ParticipantUserId, QosMinute};
use rollcall_store::{MinuteFacts, PackedMinutes};
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Key, Lines, Wrong, entitle, participant, qos, quick::Before};

/// Read size.
pub(super) const BLOCK_BYTES: usize = 1024 * 1024;

/// Maximum length of a line: a participant's keys have a few thousand bytes, a minute's some more.
pub(super) const MAX_LINE_BYTES: usize = 256 * 1024;

/// How much of a line that is too long is skipped in search of its end.
pub(super) const MAX_SKIPPED_BYTES: usize = 16 * 1024 * 1024;

/// Maximum number of lines per chunk; of minutes, a block contains at most half as many.
const LINES_PER_CHUNK: usize = 2_048;

/// Number of rejected lines per chunk that are reported; the rest is counted.
const REASONS_PER_CHUNK: usize = 100;

/// Byte order mark at the beginning of some editors' files.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Parsed lines, grouped by instance.
#[derive(Debug)]
pub struct Chunk {
    /// What the lines report.
    pub facts: Facts,
    /// The line numbers of each of the facts.
    pub numbers: Vec<Vec<u64>>,
    /// Number of rejected lines.
    pub refused: u64,
    /// Why the first of them were rejected.
    pub reasons: Vec<Refusal>,
}

impl Chunk {
    /// Creates a chunk after this many lines.
    pub(super) fn shifted(mut self, before: u64) -> Self {
        self.numbers.iter_mut().flatten().for_each(|number| *number += before);
        self.reasons.iter_mut().for_each(|refusal| refusal.line += before);
        self
    }
}

/// Why a line was rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refusal {
    /// Its number, from 1; blank lines count.
    #[schema(example = 17)]
    pub line: u64,
    /// The invalid key; blank for the whole line.
    #[schema(example = "audio_input.latency_ms")]
    pub field: String,
    /// What is wrong with it.
    #[schema(example = "invalid type: string \"126 ms\", expected a number from 0 to 4294967295")]
    pub reason: String,
}

/// Facts of lines, by instance.
#[derive(Debug)]
pub enum Facts {
    /// Of participants.
    Participants(Vec<InstanceFacts>),
    /// Of minutes.
    Minutes(Vec<MinuteFacts>),
}

/// Why reading stopped before the end.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ReadError(#[from] pub io::Error);

/// Reads lines to the end of `input`, and passes them on chunk by chunk until `take` breaks. Blank lines are skipped.
/// If the input is cut off, all lines before that are passed on.
///
/// # Errors
/// If the input cannot be read to its end.
pub fn read(lines: Lines, mut input: impl Read, take: &mut dyn FnMut(Chunk) -> bool) -> Result<(), ReadError> {
    let mut bytes = vec![0; BLOCK_BYTES];
    let mut filled = 0;
    let mut block = Block::default();
    loop {
        let outcome = fill(&mut input, &mut bytes, &mut filled);
        let at_end = matches!(outcome, Ok(false));
        let (left, goes_on) = block.hand_over(lines, &bytes[..filled], at_end, take);
        // The rest is the beginning of one line.
        bytes.copy_within(filled - left..filled, 0);
        filled = left;
        if !goes_on {
            return Ok(());
        }
        if block.skipped > MAX_SKIPPED_BYTES {
            let reason = format!("line {} is too long to find its end", block.number);
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason).into());
        }
        match outcome {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Reads until the buffer is full. Returns whether there may be more to read.
fn fill(input: &mut impl Read, bytes: &mut [u8], filled: &mut usize) -> io::Result<bool> {
    while *filled < bytes.len() {
        match input.read(&mut bytes[*filled..]) {
            Ok(0) => return Ok(false),
            Ok(read) => *filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// Where in the input a block begins.
#[derive(Default)]
struct Block {
    /// The number of the last line that was passed on.
    number: u64,
    /// In the rest of a line that is too long.
    skipping: bool,
    /// How much of it was skipped.
    skipped: usize,
    desk: Desk,
}

/// Buffers that are reused for the next chunk.
struct Desk {
    /// The index of each attendance within its instance.
    attendances: HashMap<(usize, ParticipantKey), usize, RandomState>,
    /// The minute being parsed.
    minute: QosMinute,
    before: Before,
}

impl Default for Desk {
    fn default() -> Self {
        Self { attendances: HashMap::default(), minute: QosMinute::new(Minute(0)), before: Before::default() }
    }
}

impl Block {
    /// Passes on all complete lines, at the end also an unterminated one. Returns how much is left, and whether to
    /// continue.
    fn hand_over(
        &mut self,
        lines: Lines,
        bytes: &[u8],
        at_end: bool,
        take: &mut dyn FnMut(Chunk) -> bool,
    ) -> (usize, bool) {
        let mut rest = bytes;
        if self.number == 0 && !self.skipping {
            rest = rest.strip_prefix(BYTE_ORDER_MARK).unwrap_or(rest);
        }
        let mut goes_on = true;
        while goes_on && !rest.is_empty() {
            let mut chunk = Grouped::new(lines);
            self.desk.attendances.clear();
            while chunk.lines < LINES_PER_CHUNK {
                let Some((line, after)) = self.next_line(rest, at_end) else { break };
                rest = after;
                if let Some(line) = line {
                    chunk.add(self.number, line, &mut self.desk);
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
        (rest.len(), goes_on)
    }

    /// Returns the next line, `None` if it is the rest of a rejected one, and the remaining bytes. A line that is too
    /// long is cut to a length that shows it.
    fn next_line<'b>(&mut self, bytes: &'b [u8], at_end: bool) -> Option<(Option<&'b [u8]>, &'b [u8])> {
        let end = memchr::memchr(b'\n', bytes);
        let was_skipping = self.skipping;
        let (line, rest) = match end {
            // Of a two-byte line break, neither byte belongs to the line.
            Some(end) => (bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]), &bytes[end + 1..]),
            None if bytes.is_empty() => return None,
            None if at_end || bytes.len() > MAX_LINE_BYTES + 1 => (bytes, &[][..]),
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

/// Lines being collected into a chunk.
struct Grouped<'b> {
    chunk: Chunk,
    lines: usize,
    instances: Places<'b>,
}

impl<'b> Grouped<'b> {
    fn new(lines: Lines) -> Self {
        let facts = match lines {
            Lines::Participants => Facts::Participants(Vec::new()),
            Lines::Qos => Facts::Minutes(Vec::new()),
        };
        Self {
            chunk: Chunk { facts, numbers: Vec::new(), refused: 0, reasons: Vec::new() },
            lines: 0,
            instances: Places::default(),
        }
    }

    fn add(&mut self, number: u64, line: &'b [u8], desk: &mut Desk) {
        if line.trim_ascii().is_empty() {
            return;
        }
        self.lines += 1;
        let added = if line.len() > MAX_LINE_BYTES {
            Err(Wrong::new("", format!("longer than {MAX_LINE_BYTES} bytes")))
        } else {
            match &mut self.chunk.facts {
                Facts::Minutes(facts) => qos::read(line, &mut desk.minute, &mut desk.before).and_then(|whose| {
                    let numbers = &mut self.chunk.numbers;
                    let at = self.instances.place(numbers, whose.instance, |instance| {
                        let minutes = PackedMinutes::default();
                        facts.push(MinuteFacts { instance, attendances: Vec::new(), minutes });
                    })?;
                    let MinuteFacts { attendances, minutes, .. } = &mut facts[at];
                    let user_id = ParticipantUserId(whose.user_id.as_ref().into());
                    let name = (at, ParticipantKey { user_id, join_time: whose.join_time });
                    let attendance = *desk.attendances.entry(name).or_insert_with_key(|(_, attendance)| {
                        attendances.push(attendance.clone());
                        attendances.len() - 1
                    });
                    minutes.push(attendance, &desk.minute);
                    Ok(at)
                }),
                Facts::Participants(facts) => participant::read(line).and_then(|read| {
                    let at = self.instances.place(&mut self.chunk.numbers, read.instance, |instance| {
                        facts.push(instance);
                    })?;
                    if let Some(topic) = read.topic {
                        entitle(&mut facts[at], topic)?;
                    }
                    let participant = ParticipantFacts { participant: read.participant, minutes: Vec::new() };
                    facts[at].participants.push(participant);
                    Ok(at)
                }),
            }
        };
        match added {
            Ok(at) => self.chunk.numbers[at].push(number),
            Err(Wrong { field, reason }) => {
                self.chunk.refused += 1;
                if self.chunk.reasons.len() < REASONS_PER_CHUNK {
                    self.chunk.reasons.push(Refusal { line: number, field, reason });
                }
            }
        }
    }
}

/// The indexes of facts by instance.
#[derive(Default)]
struct Places<'b> {
    of: HashMap<Key<'b>, usize, RandomState>,
    /// That of the previous line: most lines have the same instance as their neighbours.
    last: Option<(Key<'b>, usize)>,
}

impl<'b> Places<'b> {
    /// Returns the index of an instance's facts, which are created if there are none.
    fn place(
        &mut self,
        numbers: &mut Vec<Vec<u64>>,
        key: Key<'b>,
        begin: impl FnOnce(InstanceFacts),
    ) -> Result<usize, Wrong> {
        if let Some((last, at)) = &self.last
            && *last == key
        {
            return Ok(*at);
        }
        let at = match self.of.get(&key) {
            Some(at) => *at,
            None => {
                begin(key.facts()?);
                numbers.push(Vec::new());
                self.of.insert(key.clone(), numbers.len() - 1);
                numbers.len() - 1
            }
        };
        self.last = Some((key, at));
        Ok(at)
    }
}

/// Parses a complete line, or returns the invalid key.
pub(super) fn parse<'l, T: Deserialize<'l>>(line: &'l [u8]) -> Result<T, Wrong> {
    // Otherwise serde would read a list as values in order.
    if line.trim_ascii_start().first() == Some(&b'[') {
        return Err(Wrong::new("", "not an object"));
    }
    serde_json::from_slice(line).map_err(|error| {
        // Only failures are parsed again with their position: tracking it doubles the cost.
        let tracked = serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_slice(line));
        let (field, error) = match tracked {
            Err(tracked) => (tracked.path().to_string(), tracked.into_inner()),
            Ok(_) => (".".to_owned(), error),
        };
        // Invalid JSON has no position.
        let field = if field == "." || !error.is_data() { String::new() } else { field };
        Wrong::new(field, reason(&error))
    })
}

/// Returns the error without its line number, which is always 1 and would contradict the actual one.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    if error.is_data() {
        message.rfind(" at line ").map_or(message.as_str(), |at| &message[..at]).to_owned()
    } else {
        message.replace(" at line 1 column ", " at column ")
    }
}
