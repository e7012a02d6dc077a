//! Sums over many participant-minutes: counts, sums and sketches.

use rollcall_model::{Direction, Leg, LossPermyriad, Media, Millis, QosMinute, Stream, StreamState};

use crate::{
    AttendanceQuality, Findings, Health, InvalidBytes, Issue, Label, MediaTally, MinuteScores, NotCounted, Profile,
    Sketch, find, score_minute,
    sketch::{push_varint, take_varint},
};

/// A number of a minute that is worth a trend. All except the score are columns of the minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// The mean opinion score of the minute's worst audio stream, in thousandths.
    AudioMos,
    /// A stream's round trip, in milliseconds.
    Latency(Media, Direction),
    /// A stream's jitter, in milliseconds.
    Jitter(Media, Direction),
    /// A stream's mean loss, in hundredths of a percent.
    Loss(Media, Direction),
}

impl Measure {
    /// Every measure, in the order of stored cells: append, never reorder.
    pub const ALL: [Self; 13] = {
        use {Direction::*, Media::*};
        [
            Self::AudioMos,
            Self::Latency(Audio, Input),
            Self::Latency(Audio, Output),
            Self::Latency(Video, Input),
            Self::Latency(Video, Output),
            Self::Jitter(Audio, Input),
            Self::Jitter(Audio, Output),
            Self::Jitter(Video, Input),
            Self::Jitter(Video, Output),
            Self::Loss(Audio, Input),
            Self::Loss(Audio, Output),
            Self::Loss(Video, Input),
            Self::Loss(Video, Output),
        ]
    };
}

/// Sums over all participant-minutes of a cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// Number of participant-minutes, with or without media.
    pub minutes: u64,
    /// Number with each label, by medium.
    pub quality: AttendanceQuality,
    /// Number with a warning.
    pub warnings: u64,
    /// Number of critical ones.
    pub critical: u64,
    /// Number with each issue, in the order of [`Issue::ALL`].
    pub issues: [u64; Issue::ALL.len()],
    /// In the order of [`Measure::ALL`].
    sketches: [Sketch; Measure::ALL.len()],
}

impl Cell {
    /// Number of counts of a cell.
    pub const COUNTS: usize = 3 + Issue::ALL.len() + 3 * Label::ALL.len();
    /// Number of stored parts of a cell: its counts, and a sketch for each measure, which can be read separately.
    pub const PARTS: usize = 1 + Measure::ALL.len();

    /// Returns the sketch of a measure. `None` if it is not in [`Measure::ALL`].
    #[must_use]
    pub fn sketch(&self, measure: Measure) -> Option<&Sketch> {
        let index = Measure::ALL.iter().position(|one| *one == measure)?;
        Some(&self.sketches[index])
    }

    /// Adds a minute.
    pub fn add(&mut self, minute: &QosMinute, profile: &Profile) {
        let Counted { scores, findings, values } = Counted::new(minute, profile);
        self.minutes += 1;
        self.quality.add(&scores);
        match findings.health() {
            Health::Good => {}
            Health::Warning => self.warnings += 1,
            Health::Critical => self.critical += 1,
        }
        for issue in findings.issues() {
            self.issues[issue as usize] += 1;
        }
        for (sketch, value) in self.sketches.iter_mut().zip(values) {
            if let Some(value) = value {
                sketch.record(value);
            }
        }
    }

    /// Adds another cell.
    pub fn merge(&mut self, other: &Self) {
        let mut counts = self.counts();
        for (mine, theirs) in counts.iter_mut().zip(other.counts()) {
            *mine = mine.saturating_add(theirs);
        }
        self.set_counts(counts);
        for (mine, theirs) in self.sketches.iter_mut().zip(&other.sketches) {
            mine.merge(theirs);
        }
    }

    /// Subtracts a cell that was added before.
    ///
    /// # Errors
    /// [`NotCounted`] if it was not; it may be partly subtracted then.
    pub fn subtract(&mut self, other: &Self) -> Result<(), NotCounted> {
        let mut counts = self.counts();
        for (mine, theirs) in counts.iter_mut().zip(other.counts()) {
            *mine = mine.checked_sub(theirs).ok_or(NotCounted)?;
        }
        self.set_counts(counts);
        self.sketches.iter_mut().zip(&other.sketches).try_for_each(|(mine, theirs)| mine.subtract(theirs))
    }

    /// Returns the counts: minutes, warnings, critical ones, those of each issue, and of each label (worst first) of
    /// audio, camera video and shared content.
    #[must_use]
    pub fn counts(&self) -> [u64; Self::COUNTS] {
        let labels = [self.quality.audio, self.quality.video, self.quality.share];
        let labels = labels.into_iter().flat_map(|tally| Label::ALL.map(|label| tally.minutes(label)));
        let mut all = [self.minutes, self.warnings, self.critical].into_iter().chain(self.issues).chain(labels);
        std::array::from_fn(|_| all.next().unwrap_or_default())
    }

    fn set_counts(&mut self, counts: [u64; Self::COUNTS]) {
        let mut counts = counts.into_iter();
        let mut next = || counts.next().unwrap_or_default();
        (self.minutes, self.warnings, self.critical) = (next(), next(), next());
        self.issues = std::array::from_fn(|_| next());
        let mut tally = || MediaTally::of_minutes(std::array::from_fn(|_| next()));
        self.quality = AttendanceQuality { audio: tally(), video: tally(), share: tally() };
    }

    /// Appends one of the cell's [`Self::PARTS`] for storage, 0 being its counts; nothing if it is empty.
    pub fn write_part(&self, part: usize, out: &mut Vec<u8>) {
        match part.checked_sub(1) {
            None if self.minutes > 0 => self.counts().into_iter().for_each(|count| push_varint(out, count)),
            None => {}
            Some(measure) => {
                if let Some(sketch) = self.sketches.get(measure).filter(|sketch| !sketch.is_empty()) {
                    sketch.write_to(out);
                }
            }
        }
    }

    /// Sets one of the cell's parts from storage.
    ///
    /// # Errors
    /// [`InvalidBytes`] if the bytes are not that part.
    pub fn read_part(&mut self, part: usize, mut bytes: &[u8]) -> Result<(), InvalidBytes> {
        match part.checked_sub(1) {
            None => self.set_counts(Self::counts_from(&mut bytes)?),
            Some(measure) => *self.sketches.get_mut(measure).ok_or(InvalidBytes)? = Sketch::read_from(&mut bytes)?,
        }
        if bytes.is_empty() { Ok(()) } else { Err(InvalidBytes) }
    }

    /// Reads [`Self::counts`] from the first part, and moves `bytes` past them.
    ///
    /// # Errors
    /// [`InvalidBytes`] if they do not begin with counts.
    pub fn counts_from(bytes: &mut &[u8]) -> Result<[u64; Self::COUNTS], InvalidBytes> {
        let mut counts = [0; Self::COUNTS];
        for count in &mut counts {
            *count = take_varint(bytes)?;
        }
        Ok(counts)
    }

    /// Appends the whole cell.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        self.counts().into_iter().for_each(|count| push_varint(out, count));
        self.sketches.iter().for_each(|sketch| sketch.write_to(out));
    }

    /// Reads a whole cell from the beginning of `bytes`, and moves them past it.
    ///
    /// # Errors
    /// [`InvalidBytes`] if they do not begin with a cell.
    pub fn read_from(bytes: &mut &[u8]) -> Result<Self, InvalidBytes> {
        let mut cell = Self::default();
        cell.set_counts(Self::counts_from(bytes)?);
        for sketch in &mut cell.sketches {
            *sketch = Sketch::read_from(bytes)?;
        }
        Ok(cell)
    }
}

/// A minute's contribution to a cell.
struct Counted {
    scores: MinuteScores,
    findings: Findings,
    /// In the order of [`Measure::ALL`].
    values: [Option<u32>; Measure::ALL.len()],
}

impl Counted {
    fn new(minute: &QosMinute, profile: &Profile) -> Self {
        let scores = score_minute(minute);
        let measured = |media, direction| match minute.stream(Stream { media, direction, leg: Leg::Client }) {
            StreamState::Measured(qos) => Some(qos),
            StreamState::Idle | StreamState::NotReported => None,
        };
        let values = Measure::ALL.map(|measure| match measure {
            Measure::AudioMos => scores.audio.map(|score| (score.mos * 1000.0).round() as u32),
            Measure::Latency(media, direction) => measured(media, direction)?.latency.map(|Millis(ms)| ms),
            Measure::Jitter(media, direction) => measured(media, direction)?.jitter.map(|Millis(ms)| ms),
            Measure::Loss(media, direction) => {
                measured(media, direction)?.avg_loss.map(|LossPermyriad(loss)| loss.into())
            }
        });
        Self { scores, findings: find(minute, profile), values }
    }
}
