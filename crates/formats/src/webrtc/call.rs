//! One page's call: its counters, and unfinished minutes.

use std::collections::{BTreeMap, HashMap};

use rollcall_model::{
    BitrateBps, Direction, FrameRateCentiFps, LossPermyriad, Millis, Minute, QosMinute, Resolution, Stream, StreamQos,
    StreamState, Timestamp,
};

use super::{
    Sample,
    counters::{Counters, Flow, RoundTrips, plus, plus_trips},
};

/// How long after its end a minute stays open, because pages resend what they could not send.
const KEPT_MINUTES: u32 = 5;

/// Nothing is known about intervals between samples that are longer than this.
const MAX_GAP_MS: i64 = 120_000;

/// Maximum number of lost packets in the other side's report that were sent before the interval.
const LATE_PACKETS: f64 = 1_000.0;

/// State of a page's call.
#[derive(Debug, Default)]
pub(super) struct Call {
    counters: Counters,
    last: Option<Timestamp>,
    minutes: BTreeMap<Minute, HashMap<Stream, Sums>>,
}

/// A stream within a minute. A value without reports is `None`.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    bytes: Option<f64>,
    byte_seconds: f64,
    /// Packets of the intervals with known loss.
    packets: Option<f64>,
    lost: f64,
    worst_loss: f64,
    round_trips: Option<RoundTrips>,
    jitter_seconds: f64,
    jitters: u32,
    frames: Option<f64>,
    frame_seconds: f64,
    picture: Option<(u16, u16)>,
}

impl Call {
    /// Adds a sample of that instant. Returns whether it added anything. One that is not later than the last is
    /// repeated or late: the later one includes its counts.
    pub(super) fn add(&mut self, at: Timestamp, sample: &Sample) -> Vec<Minute> {
        if self.last.is_some_and(|last| at <= last) {
            return Vec::new();
        }
        let from = self.last.replace(at);
        let took_ms = from.map_or(0, |from| at.millis_since(from));
        let flows = self.counters.advance(sample, took_ms as f64 / 1000.0);
        let Some(from) = from else { return Vec::new() };
        if took_ms > MAX_GAP_MS {
            return Vec::new();
        }
        let mut changed = Vec::new();
        let mut begin = from;
        while begin < at {
            // An interval across the end of a minute is split evenly.
            let minute = begin.minute();
            let end = minute.next().start().min(at);
            let part = end.millis_since(begin) as f64 / took_ms as f64;
            let seconds = end.millis_since(begin) as f64 / 1000.0;
            let sums = self.minutes.entry(minute).or_default();
            for (stream, flow) in &flows {
                sums.entry(*stream).or_default().add(*stream, flow, part, seconds);
            }
            changed.push(minute);
            begin = end;
        }
        let oldest = Minute(at.minute().0.saturating_sub(KEPT_MINUTES));
        self.minutes.retain(|minute, _| *minute >= oldest);
        changed
    }

    /// Returns its approximate heap size in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        let sums = |sums: &HashMap<Stream, Sums>| sums.capacity() * size_of::<(Stream, Sums)>();
        let minutes = self.minutes.values().map(|minute| size_of::<(Minute, HashMap<Stream, Sums>)>() + sums(minute));
        self.counters.heap_bytes() + minutes.sum::<usize>()
    }

    /// Returns a minute as far as it is known. `None` if nothing was measured in it.
    pub(super) fn minute(&self, minute: Minute) -> Option<QosMinute> {
        let sums = self.minutes.get(&minute).filter(|sums| !sums.is_empty())?;
        let mut qos = QosMinute::new(minute);
        for (stream, sums) in sums {
            qos.streams[stream.index()] = StreamState::Measured(sums.qos(stream.has_picture()));
        }
        Some(qos)
    }
}

impl Sums {
    fn add(&mut self, stream: Stream, flow: &Flow, part: f64, seconds: f64) {
        if let Some(bytes) = flow.bytes {
            self.bytes = plus(self.bytes, Some(bytes * part));
            self.byte_seconds += seconds;
        }
        if let (Some(arrived), Some(lost)) = (flow.arrived, flow.lost) {
            let (packets, is_believed) = match stream.direction {
                // The other side's report is delayed, and may include packets of the previous interval.
                Direction::Input => (arrived.max(lost), lost <= 2.0 * arrived + LATE_PACKETS),
                Direction::Output => (arrived + lost, true),
            };
            if packets > 0.0 && is_believed {
                self.packets = plus(self.packets, Some(packets * part));
                self.lost += lost * part;
                self.worst_loss = self.worst_loss.max(lost / packets);
            }
        }
        let trips = flow.round_trips;
        let trips = trips.map(|trips| RoundTrips { seconds: trips.seconds * part, count: trips.count * part });
        self.round_trips = plus_trips(self.round_trips, trips);
        self.jitter_seconds += flow.jitter_seconds;
        self.jitters += flow.jitters;
        if let Some(frames) = flow.frames {
            self.frames = plus(self.frames, Some(frames * part));
            self.frame_seconds += seconds;
        }
        // The last resolution in the minute.
        self.picture = flow.picture.or(self.picture);
    }

    fn qos(&self, has_picture: bool) -> StreamQos {
        let whole = |value: f64| value.round().clamp(0.0, f64::from(u32::MAX)) as u32;
        let small = |value: f64| value.round().clamp(0.0, f64::from(u16::MAX)) as u16;
        let loss = |share: f64| LossPermyriad(small((share * 10_000.0).min(10_000.0)));
        let rate = |count: Option<f64>, seconds: f64| count.filter(|_| seconds > 0.0).map(|count| count / seconds);
        StreamQos {
            bitrate: rate(self.bytes, self.byte_seconds).map(|bytes| BitrateBps(whole(bytes * 8.0))),
            latency: self.round_trips.map(|trips| Millis(whole(trips.seconds * 1000.0 / trips.count))),
            jitter: (self.jitters > 0).then(|| Millis(whole(self.jitter_seconds * 1000.0 / f64::from(self.jitters)))),
            avg_loss: self.packets.map(|packets| loss(self.lost / packets)),
            max_loss: self.packets.map(|_| loss(self.worst_loss)),
            resolution: self.picture.filter(|_| has_picture).map(|(width, height)| Resolution { width, height }),
            frame_rate: rate(self.frames, self.frame_seconds)
                .filter(|_| has_picture)
                .map(|frames| FrameRateCentiFps(small(frames * 100.0))),
        }
    }
}
