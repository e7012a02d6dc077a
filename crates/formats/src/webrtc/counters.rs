//! Differences of counters between two samples; counters may be reset.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use rollcall_model::{Direction, Leg, Media, Stream};

use super::{Sample, Stat, pair};

/// A stream between two samples. A value without reports is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Flow {
    pub(super) bytes: Option<f64>,
    /// Packets that arrived here; for sent ones, all.
    pub(super) arrived: Option<f64>,
    /// Packets that did not arrive. For sent ones, only the other side knows.
    pub(super) lost: Option<f64>,
    pub(super) round_trips: Option<RoundTrips>,
    pub(super) jitter_seconds: f64,
    pub(super) jitters: u32,
    /// Frames of the track with the most: simulcast layers have the same picture.
    pub(super) frames: Option<f64>,
    /// Width and height of the largest picture.
    pub(super) picture: Option<(u16, u16)>,
}

/// Number of measured round trips, and their total time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RoundTrips {
    pub(super) seconds: f64,
    pub(super) count: f64,
}

/// Maximum number of counters per page: a page that receives sixty others has about that many.
const REMEMBERED: usize = 128;

/// Maximum packet rate of audio (one every 2.5 ms), and of video (100 Mbit/s).
const MAX_AUDIO_PACKETS_PER_SECOND: f64 = 400.0;
const MAX_VIDEO_PACKETS_PER_SECOND: f64 = 10_000.0;

/// Maximum byte rate of a stream: a gigabit.
const MAX_BYTES_PER_SECOND: f64 = 125_000_000.0;

/// Maximum frame rate of a stream.
const MAX_FRAMES_PER_SECOND: f64 = 1_000.0;

/// A round trip or a jitter of a minute is not a measurement.
const MAX_DELAY_SECONDS: f64 = 60.0;

/// The counters of the last sample. Reports are identified by a hash of their id and synchronisation source: counters
/// of a different source are new. Sorted by it.
#[derive(Debug, Default)]
pub(super) struct Counters(Vec<(u64, Counted)>);

/// Counts of a report so far, or between two reports. Absent, null or negative counters are `None`.
#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    bytes: Option<f64>,
    arrived: Option<f64>,
    lost: Option<f64>,
    round_trip_seconds: Option<f64>,
    round_trips: Option<f64>,
    frames: Option<f64>,
}

impl Counters {
    /// Adds a sample taken `seconds` after the previous one, and returns the differences.
    pub(super) fn advance(&mut self, sample: &Sample, seconds: f64) -> HashMap<Stream, Flow> {
        let before = std::mem::take(&mut self.0);
        let last = |stat: &Stat| {
            let found = before.binary_search_by_key(&key(stat), |(key, _)| *key);
            found.ok().map(|at| before[at].1)
        };
        let mut flows: HashMap<Stream, Flow> = HashMap::new();
        let by_id: HashMap<&str, &Stat> = sample.reports.iter().map(|stat| (stat.id.as_str(), stat)).collect();
        for stat in &sample.reports {
            let (now, stream) = match stat.stat_type.as_str() {
                "outbound-rtp" => (sent(stat), stream(stat, Direction::Input)),
                "inbound-rtp" => (received(stat), stream(stat, Direction::Output)),
                // The other side's reports on what was sent to it, and what it sent.
                "remote-inbound-rtp" => (heard(stat), stream(local(stat, &by_id), Direction::Input)),
                "remote-outbound-rtp" => (heard(stat), stream(local(stat, &by_id), Direction::Output)),
                _ => continue,
            };
            let Some(stream) = stream else { continue };
            self.remember(stat, now);
            let Some(flowed) = last(stat).and_then(|last| since(last, now)) else { continue };
            flows.entry(stream).or_default().add(stat, flowed);
        }
        let mut trips = None;
        for pair in pair::in_use(&sample.reports) {
            let now = trips_of(pair, pair.responses_received);
            self.remember(pair, now);
            if let Some(flowed) = last(pair).and_then(|last| since(last, now)) {
                trips = plus_trips(trips, measured_trips(flowed, pair.current_round_trip_time));
            }
        }
        for (stream, flow) in &mut flows {
            // A sender's report rarely contains the round trip; the candidate pair does.
            if stream.direction == Direction::Output && flow.round_trips.is_none() {
                flow.round_trips = trips;
            }
            flow.leave_out_absurd(stream.media, seconds);
        }
        self.0.sort_by_key(|(key, _)| *key);
        // Of two reports with the same name, the later one counts.
        self.0.reverse();
        self.0.dedup_by_key(|(key, _)| *key);
        self.0.reverse();
        self.0.shrink_to_fit();
        flows
    }

    /// Returns its heap size in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.0.capacity() * size_of::<(u64, Counted)>()
    }

    fn remember(&mut self, stat: &Stat, now: Counted) {
        if self.0.len() < REMEMBERED {
            self.0.push((key(stat), now));
        }
    }
}

impl Flow {
    fn add(&mut self, stat: &Stat, flowed: Counted) {
        match stat.stat_type.as_str() {
            "outbound-rtp" => {
                self.bytes = plus(self.bytes, flowed.bytes);
                self.arrived = plus(self.arrived, flowed.arrived);
                self.add_picture(stat, flowed.frames);
            }
            "inbound-rtp" => {
                self.bytes = plus(self.bytes, flowed.bytes);
                // A loss rate needs both: a source that counts only one of them says nothing about loss.
                if let (Some(arrived), Some(lost)) = (flowed.arrived, flowed.lost) {
                    self.arrived = plus(self.arrived, Some(arrived));
                    self.lost = plus(self.lost, Some(lost));
                }
                self.add_jitter(stat);
                self.add_picture(stat, flowed.frames);
            }
            "remote-inbound-rtp" => {
                self.lost = plus(self.lost, flowed.lost);
                self.add_jitter(stat);
                self.round_trips = plus_trips(self.round_trips, measured_trips(flowed, stat.round_trip_time));
            }
            _ => self.round_trips = plus_trips(self.round_trips, measured_trips(flowed, stat.round_trip_time)),
        }
    }

    fn add_jitter(&mut self, stat: &Stat) {
        if let Some(jitter) = stat.jitter.filter(|jitter| (0.0..MAX_DELAY_SECONDS).contains(jitter)) {
            self.jitter_seconds += jitter;
            self.jitters += 1;
        }
    }

    fn add_picture(&mut self, stat: &Stat, frames: Option<f64>) {
        if let Some(frames) = frames {
            self.frames = Some(self.frames.unwrap_or_default().max(frames));
        }
        let side = |side: Option<f64>| side.filter(|side| (1.0..=65_535.0).contains(side)).map(|side| side as u16);
        if let (Some(width), Some(height), true) =
            (side(stat.frame_width), side(stat.frame_height), stat.active != Some(false))
        {
            let area = |(width, height): (u16, u16)| u32::from(width) * u32::from(height);
            if self.picture.is_none_or(|picture| area(picture) < area((width, height))) {
                self.picture = Some((width, height));
            }
        }
    }

    /// Counters jump if a browser's own arithmetic is wrong. Impossible values are ignored.
    fn leave_out_absurd(&mut self, media: Media, seconds: f64) {
        let within = |count: Option<f64>, a_second: f64| count.filter(|count| *count <= a_second * seconds.max(1.0));
        self.bytes = within(self.bytes, MAX_BYTES_PER_SECOND);
        self.frames = within(self.frames, MAX_FRAMES_PER_SECOND);
        let packets = match media {
            Media::Audio => MAX_AUDIO_PACKETS_PER_SECOND,
            Media::Video | Media::As => MAX_VIDEO_PACKETS_PER_SECOND,
        };
        self.arrived = within(self.arrived, packets);
        self.lost = within(self.lost, packets);
        self.round_trips = self.round_trips.filter(|trips| trips.seconds <= trips.count * MAX_DELAY_SECONDS);
    }
}

/// A page that makes two of its own reports collide only affects its own numbers.
fn key(stat: &Stat) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&stat.id, stat.ssrc).hash(&mut hasher);
    hasher.finish()
}

/// Returns the local report that a remote report refers to; itself if it refers to none.
fn local<'s>(stat: &'s Stat, by_id: &HashMap<&str, &'s Stat>) -> &'s Stat {
    stat.local_id.as_deref().and_then(|id| by_id.get(id).copied()).unwrap_or(stat)
}

fn stream(stat: &Stat, direction: Direction) -> Option<Stream> {
    let media = match (stat.kind.as_deref(), stat.content.as_deref()) {
        (Some("audio"), _) => Media::Audio,
        (Some("video"), Some("share")) => Media::As,
        (Some("video"), _) => Media::Video,
        _ => return None,
    };
    Some(Stream { media, direction, leg: Leg::Client })
}

fn sent(stat: &Stat) -> Counted {
    // Retransmitted packets carry no additional media.
    let again = count(stat.retransmitted_bytes_sent).unwrap_or_default();
    Counted {
        bytes: count(stat.bytes_sent).map(|bytes| (bytes - again).max(0.0)),
        arrived: count(stat.packets_sent),
        frames: count(stat.frames_encoded),
        ..Counted::default()
    }
}

fn received(stat: &Stat) -> Counted {
    Counted {
        bytes: count(stat.bytes_received),
        arrived: count(stat.packets_received),
        lost: lost(stat),
        frames: count(stat.frames_decoded),
        ..Counted::default()
    }
}

fn heard(stat: &Stat) -> Counted {
    Counted { lost: lost(stat), ..trips_of(stat, stat.round_trip_time_measurements) }
}

fn trips_of(stat: &Stat, measurements: Option<f64>) -> Counted {
    let (round_trip_seconds, round_trips) = (count(stat.total_round_trip_time), count(measurements));
    Counted { round_trip_seconds, round_trips, ..Counted::default() }
}

fn count(counter: Option<f64>) -> Option<f64> {
    counter.filter(|counter| counter.is_finite() && *counter >= 0.0)
}

/// Packets lost so far: negative if packets were duplicated (RFC 3550, 6.4.1, a signed number). Some browsers send such
/// a count as unsigned, just below 2^32.
fn lost(stat: &Stat) -> Option<f64> {
    const SIGN: f64 = (1_u64 << 31) as f64;
    const WRAP: f64 = (1_u64 << 32) as f64;
    let lost = stat.packets_lost.filter(|lost| lost.is_finite())?;
    if (SIGN..WRAP).contains(&lost) { Some(lost - WRAP) } else { Some(lost) }
}

/// Returns the difference since `last`; `None` if a counter that can only grow has dropped, because then all of them
/// were reset.
fn since(last: Counted, now: Counted) -> Option<Counted> {
    let less = |now: Option<f64>, last: Option<f64>| Some(now? - last?);
    let flowed = Counted {
        bytes: less(now.bytes, last.bytes),
        arrived: less(now.arrived, last.arrived),
        // The count of lost packets drops if late ones arrive after all.
        lost: less(now.lost, last.lost).map(|lost| lost.max(0.0)),
        round_trip_seconds: less(now.round_trip_seconds, last.round_trip_seconds),
        round_trips: less(now.round_trips, last.round_trips),
        frames: less(now.frames, last.frames),
    };
    let grew = [flowed.bytes, flowed.arrived, flowed.round_trip_seconds, flowed.round_trips, flowed.frames];
    grew.iter().flatten().all(|difference| *difference >= 0.0).then_some(flowed)
}

/// Returns the round trips between two reports. If a browser does not add them up, its last one stands for the
/// interval.
fn measured_trips(flowed: Counted, last_seconds: Option<f64>) -> Option<RoundTrips> {
    match (flowed.round_trip_seconds, flowed.round_trips) {
        (Some(seconds), Some(count)) => (count > 0.0).then_some(RoundTrips { seconds, count }),
        _ => count(last_seconds).filter(|seconds| *seconds > 0.0).map(|seconds| RoundTrips { seconds, count: 1.0 }),
    }
}

/// Returns the sum of known values.
pub(super) fn plus(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one + other),
        (one, other) => one.or(other),
    }
}

pub(super) fn plus_trips(one: Option<RoundTrips>, other: Option<RoundTrips>) -> Option<RoundTrips> {
    match (one, other) {
        (Some(one), Some(other)) => {
            Some(RoundTrips { seconds: one.seconds + other.seconds, count: one.count + other.count })
        }
        (one, other) => one.or(other),
    }
}
