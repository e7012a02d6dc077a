//! Quality by the hour, for each value of what participants differ in.
//!
//! A rollup is a sum: cells hold counts, sums and sketches alone, so that rollups of parts, merged in any order, are the
//! rollup of the whole, and one that is built again from the archive is the same.

use std::collections::BTreeMap;

use rollcall_model::{
    Direction, Leg, LossPermyriad, Media, Millis, Minute, Participant, QosMinute, Stream, StreamState, Text,
};

use crate::{
    AttendanceQuality, Findings, Health, InvalidBytes, Issue, Label, MediaTally, MinuteScores, Profile, Sketch, find,
    score_minute,
    sketch::{push_varint, take_varint},
};

/// What participants differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Where the address is thought to be.
    Location,
    /// Wired, Wi-Fi, …
    NetworkType,
    /// How the client reached the data centre.
    ConnectionType,
    /// The data centre.
    DataCenter,
    /// The client's version.
    ClientVersion,
    /// The kind of device.
    Device,
}

impl Dimension {
    /// Every dimension. Stored rollups name them; their order does not count.
    pub const ALL: [Self; 6] =
        [Self::Location, Self::NetworkType, Self::ConnectionType, Self::DataCenter, Self::ClientVersion, Self::Device];

    /// The word for it, which is that of the participant's field.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Location => "location",
            Self::NetworkType => "network_type",
            Self::ConnectionType => "connection_type",
            Self::DataCenter => "data_center",
            Self::ClientVersion => "version",
            Self::Device => "device",
        }
    }

    /// The participant's value; blank where it is not known.
    #[must_use]
    pub fn value_of(self, participant: &Participant) -> Text {
        let told = match self {
            Self::Location => &participant.location,
            Self::NetworkType => &participant.network_type,
            Self::ConnectionType => &participant.connection_type,
            Self::DataCenter => &participant.data_center,
            Self::ClientVersion => &participant.version,
            Self::Device => &participant.device,
        };
        told.clone().unwrap_or_default()
    }
}

/// A number that a minute has and that is worth a trend. All but the score are columns of the minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measure {
    /// The mean opinion score of the minute's worst stream of sound, in thousandths.
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

/// Which hour, for which value of which dimension.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellKey {
    /// Hours since 1970 began, in UTC.
    pub hour: u32,
    /// What is told apart.
    pub dimension: Dimension,
    /// Its value; blank where it was not known.
    pub value: Text,
}

/// What all participant-minutes of a cell come to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// How many participant-minutes, whether anything flowed in them or not.
    pub minutes: u64,
    /// How many of them had which label, medium by medium.
    pub quality: AttendanceQuality,
    /// How many of them were a warning.
    pub warnings: u64,
    /// How many of them were critical.
    pub critical: u64,
    /// How many of them had which issue, in the order of [`Issue::ALL`].
    pub issues: [u64; Issue::ALL.len()],
    /// In the order of [`Measure::ALL`].
    sketches: [Sketch; Measure::ALL.len()],
}

const MINUTES_PER_HOUR: u32 = 60;

impl Cell {
    /// The sketch of a measure; none where it is not one of [`Measure::ALL`].
    #[must_use]
    pub fn sketch(&self, measure: Measure) -> Option<&Sketch> {
        let index = Measure::ALL.iter().position(|one| *one == measure)?;
        Some(&self.sketches[index])
    }

    /// Counts a minute.
    pub fn add(&mut self, minute: &QosMinute, profile: &Profile) {
        self.count(&Counted::new(minute, profile));
    }

    fn count(&mut self, counted: &Counted) {
        self.minutes += 1;
        self.quality.add(&counted.scores);
        match counted.findings.health() {
            Health::Good => {}
            Health::Warning => self.warnings += 1,
            Health::Critical => self.critical += 1,
        }
        for issue in counted.findings.issues() {
            self.issues[issue as usize] += 1;
        }
        for (sketch, value) in self.sketches.iter_mut().zip(counted.values) {
            if let Some(value) = value {
                sketch.record(value);
            }
        }
    }

    /// Adds another cell.
    pub fn merge(&mut self, other: &Self) {
        self.minutes += other.minutes;
        self.quality.merge(&other.quality);
        self.warnings += other.warnings;
        self.critical += other.critical;
        for (mine, theirs) in self.issues.iter_mut().zip(other.issues) {
            *mine += theirs;
        }
        for (mine, theirs) in self.sketches.iter_mut().zip(&other.sketches) {
            mine.merge(theirs);
        }
    }

    /// Appends the cell as it is stored.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let counts = [self.minutes, self.warnings, self.critical];
        let labels = [self.quality.audio, self.quality.video, self.quality.share];
        let labels = labels.iter().flat_map(|tally| Label::ALL.map(|label| tally.minutes(label)));
        for count in counts.into_iter().chain(self.issues).chain(labels) {
            push_varint(out, count);
        }
        for sketch in &self.sketches {
            sketch.write_to(out);
        }
    }

    /// Reads a stored cell.
    ///
    /// # Errors
    /// [`InvalidBytes`] where the bytes are not one cell.
    pub fn from_bytes(mut bytes: &[u8]) -> Result<Self, InvalidBytes> {
        let bytes = &mut bytes;
        let [minutes, warnings, critical] = take_counts(bytes)?;
        let issues = take_counts(bytes)?;
        let mut tally = || take_counts(bytes).map(MediaTally::of_minutes);
        let quality = AttendanceQuality { audio: tally()?, video: tally()?, share: tally()? };
        let mut cell = Self { minutes, quality, warnings, critical, issues, ..Self::default() };
        for sketch in &mut cell.sketches {
            sketch.merge_from(bytes)?;
        }
        if bytes.is_empty() { Ok(cell) } else { Err(InvalidBytes) }
    }
}

/// What a minute adds to every cell that it is in, made out once.
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

fn take_counts<const COUNT: usize>(bytes: &mut &[u8]) -> Result<[u64; COUNT], InvalidBytes> {
    let mut counts = [0; COUNT];
    for count in &mut counts {
        *count = take_varint(bytes)?;
    }
    Ok(counts)
}

/// Cells by key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rollup {
    cells: BTreeMap<CellKey, Cell>,
}

impl Rollup {
    /// Counts an attendance's minutes, in any order, once for each dimension.
    pub fn add<'a>(
        &mut self,
        participant: &Participant,
        minutes: impl IntoIterator<Item = &'a QosMinute>,
        profile: &Profile,
    ) {
        let values = Dimension::ALL.map(|dimension| (dimension, dimension.value_of(participant)));
        // Minutes come in the order of time, mostly: cells are looked up once an hour.
        let mut hour = 0;
        let mut counted: Vec<Counted> = Vec::with_capacity(MINUTES_PER_HOUR as usize);
        for minute in minutes {
            let Minute(number) = minute.minute;
            if number / MINUTES_PER_HOUR != hour {
                self.count(hour, &values, &counted);
                counted.clear();
                hour = number / MINUTES_PER_HOUR;
            }
            counted.push(Counted::new(minute, profile));
        }
        self.count(hour, &values, &counted);
    }

    fn count(&mut self, hour: u32, values: &[(Dimension, Text)], counted: &[Counted]) {
        if counted.is_empty() {
            return;
        }
        for (dimension, value) in values {
            let key = CellKey { hour, dimension: *dimension, value: value.clone() };
            let cell = self.cells.entry(key).or_default();
            counted.iter().for_each(|counted| cell.count(counted));
        }
    }

    /// Adds another rollup.
    pub fn merge(&mut self, other: &Self) {
        for (key, cell) in &other.cells {
            self.cells.entry(key.clone()).or_default().merge(cell);
        }
    }

    /// The cells, by hour, then dimension, then value.
    pub fn cells(&self) -> impl Iterator<Item = (&CellKey, &Cell)> {
        self.cells.iter()
    }
}
