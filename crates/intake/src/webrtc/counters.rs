//! What flowed between two samples: differences of counters that may begin anew.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use rollcall_model::{Direction, Leg, Media, Stream};

use super::{Sample, Stat};

/// What happened to one stream between two samples.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Flow {
    pub(super) bytes: f64,
    /// Packets that arrived, and that did not.
    pub(super) arrived: f64,
    pub(super) lost: f64,
    pub(super) round_trip_seconds: f64,
    pub(super) round_trips: f64,
    pub(super) jitter_seconds: f64,
    pub(super) jitters: u32,
    /// Frames of the track that had most: simulcast layers show the same picture.
    pub(super) frames: f64,
    /// Width and height of the largest picture.
    pub(super) picture: Option<(u16, u16)>,
    /// Whether it was told how many packets were lost; of those sent only the other side can.
    pub(super) has_packets: bool,
    /// Whether pictures were counted.
    pub(super) has_frames: bool,
}

/// How many counters of a page are remembered: a page that receives sixty others has about so many.
const REMEMBERED: usize = 128;

/// The counters of the last sample. Reports are known by a hash of their id and synchronisation source: counters of
/// another source begin anew. Sorted by it.
#[derive(Debug, Default)]
pub(super) struct Counters(Vec<(u64, Counted)>);

#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    bytes: f64,
    arrived: f64,
    lost: f64,
    round_trip_seconds: f64,
    round_trips: f64,
    frames: f64,
}

impl Counters {
    /// Takes a sample, and answers what flowed since the one before.
    pub(super) fn advance(&mut self, sample: &Sample) -> HashMap<Stream, Flow> {
        let before = std::mem::take(&mut self.0);
        let last = |stat: &Stat| {
            let found = before.binary_search_by_key(&key(stat), |(key, _)| *key);
            found.ok().map(|at| before[at].1)
        };
        let mut flows: HashMap<Stream, Flow> = HashMap::new();
        let by_id: HashMap<&str, &Stat> = sample.reports.iter().map(|stat| (stat.id.as_str(), stat)).collect();
        let mut pair = None;
        for stat in &sample.reports {
            let (now, stream) = match stat.stat_type.as_str() {
                "outbound-rtp" => (sent(stat), stream(stat, Direction::Input)),
                "inbound-rtp" => (received(stat), stream(stat, Direction::Output)),
                // What the other side says of what was sent to it, and of what it sent.
                "remote-inbound-rtp" => (heard(stat), stream(local(stat, &by_id), Direction::Input)),
                "remote-outbound-rtp" => (heard(stat), stream(local(stat, &by_id), Direction::Output)),
                "candidate-pair" => {
                    let now = trips(stat, stat.responses_received);
                    pair = last(stat).and_then(|last| since(last, now)).or(pair);
                    self.remember(stat, now);
                    continue;
                }
                _ => continue,
            };
            let Some(stream) = stream else { continue };
            self.remember(stat, now);
            let Some(flowed) = last(stat).and_then(|last| since(last, now)) else { continue };
            flows.entry(stream).or_default().add(stat, flowed);
        }
        // A sender's report seldom says how long the way is; the pair of addresses it came over does.
        if let Some(pair) = pair.filter(|pair| pair.round_trips > 0.0) {
            for (_, flow) in flows
                .iter_mut()
                .filter(|(stream, flow)| stream.direction == Direction::Output && flow.round_trips == 0.0)
            {
                (flow.round_trip_seconds, flow.round_trips) = (pair.round_trip_seconds, pair.round_trips);
            }
        }
        self.0.sort_by_key(|(key, _)| *key);
        // Of two reports of one name the later one counts.
        self.0.reverse();
        self.0.dedup_by_key(|(key, _)| *key);
        self.0.reverse();
        self.0.shrink_to_fit();
        flows
    }

    /// Returns how many bytes it holds on the heap.
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
                self.bytes += flowed.bytes;
                self.arrived += flowed.arrived;
                self.add_picture(stat, flowed, stat.frames_encoded);
            }
            "inbound-rtp" => {
                self.bytes += flowed.bytes;
                self.arrived += flowed.arrived;
                // The count of lost packets falls where late ones come in after all.
                self.lost += flowed.lost.max(0.0);
                self.has_packets |= stat.packets_received.is_some();
                self.add_jitter(stat);
                self.add_picture(stat, flowed, stat.frames_decoded);
            }
            "remote-inbound-rtp" => {
                // Of what was sent, that did not arrive.
                let lost = flowed.lost.max(0.0);
                self.lost += lost;
                self.arrived -= lost;
                self.has_packets |= stat.packets_lost.is_some();
                self.add_jitter(stat);
                self.add_trips(flowed);
            }
            _ => self.add_trips(flowed),
        }
    }

    fn add_trips(&mut self, flowed: Counted) {
        self.round_trip_seconds += flowed.round_trip_seconds;
        self.round_trips += flowed.round_trips;
    }

    fn add_jitter(&mut self, stat: &Stat) {
        if let Some(jitter) = stat.jitter.filter(|jitter| *jitter >= 0.0) {
            self.jitter_seconds += jitter;
            self.jitters += 1;
        }
    }

    fn add_picture(&mut self, stat: &Stat, flowed: Counted, frames: Option<f64>) {
        if frames.is_some() {
            self.frames = self.frames.max(flowed.frames);
            self.has_frames = true;
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
}

/// A page that makes two of its own reports collide spoils its own numbers alone.
fn key(stat: &Stat) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&stat.id, stat.ssrc).hash(&mut hasher);
    hasher.finish()
}

/// The report of this side that a report of the other side speaks of; itself where it speaks of none.
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
    Counted {
        // Packets that are sent again carry no further media.
        bytes: (count(stat.bytes_sent) - count(stat.retransmitted_bytes_sent)).max(0.0),
        arrived: count(stat.packets_sent),
        frames: count(stat.frames_encoded),
        ..Counted::default()
    }
}

fn received(stat: &Stat) -> Counted {
    Counted {
        bytes: count(stat.bytes_received),
        arrived: count(stat.packets_received),
        lost: stat.packets_lost.filter(|lost| lost.is_finite()).unwrap_or(0.0),
        frames: count(stat.frames_decoded),
        ..Counted::default()
    }
}

fn heard(stat: &Stat) -> Counted {
    let lost = stat.packets_lost.filter(|lost| lost.is_finite()).unwrap_or(0.0);
    Counted { lost, ..trips(stat, stat.round_trip_time_measurements) }
}

fn trips(stat: &Stat, measurements: Option<f64>) -> Counted {
    let round_trip_seconds = count(stat.total_round_trip_time);
    Counted { round_trip_seconds, round_trips: count(measurements), ..Counted::default() }
}

fn count(counter: Option<f64>) -> f64 {
    counter.filter(|counter| counter.is_finite() && *counter >= 0.0).unwrap_or(0.0)
}

/// What was counted since; none where a counter that only grows has fallen: it began anew.
fn since(last: Counted, now: Counted) -> Option<Counted> {
    let flowed = Counted {
        bytes: now.bytes - last.bytes,
        arrived: now.arrived - last.arrived,
        lost: now.lost - last.lost,
        round_trip_seconds: now.round_trip_seconds - last.round_trip_seconds,
        round_trips: now.round_trips - last.round_trips,
        frames: now.frames - last.frames,
    };
    let grew = [flowed.bytes, flowed.arrived, flowed.round_trip_seconds, flowed.round_trips, flowed.frames];
    grew.iter().all(|difference| *difference >= 0.0).then_some(flowed)
}
