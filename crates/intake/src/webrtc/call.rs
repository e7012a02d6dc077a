//! One page's call: its counters, and the minutes that are not over.

use std::collections::{BTreeMap, HashMap};

use rollcall_model::{
    BitrateBps, FrameRateCentiFps, LossPermyriad, Millis, Minute, QosMinute, Resolution, Stream, StreamQos,
    StreamState, Timestamp,
};

use super::{
    Sample,
    counters::{Counters, Flow},
};

/// A minute is put together for so long after it has passed; pages send again what they could not send.
const KEPT_MINUTES: u32 = 5;

/// Between samples that lie further apart nothing is known.
const MAX_GAP_MS: i64 = 120_000;

/// What is known of a page's call.
#[derive(Debug, Default)]
pub(super) struct Call {
    counters: Counters,
    last: Option<Timestamp>,
    minutes: BTreeMap<Minute, HashMap<Stream, Sums>>,
}

/// What flowed of a stream within a minute.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    seconds: f64,
    bytes: f64,
    arrived: f64,
    lost: f64,
    has_packets: bool,
    worst_loss: f64,
    round_trip_seconds: f64,
    round_trips: f64,
    jitter_seconds: f64,
    jitters: u32,
    frames: f64,
    frame_seconds: f64,
    picture: Option<(u16, u16)>,
}

impl Call {
    /// Takes a sample of that instant; whether it brought anything new. One that is not later than the last was there
    /// before, or came too late: what it counted is in the later one.
    pub(super) fn add(&mut self, at: Timestamp, sample: &Sample) -> Vec<Minute> {
        if self.last.is_some_and(|last| at <= last) {
            return Vec::new();
        }
        let flows = self.counters.advance(sample);
        let Some(from) = self.last.replace(at) else { return Vec::new() };
        let took_ms = at.millis_since(from);
        if took_ms > MAX_GAP_MS {
            return Vec::new();
        }
        let mut changed = Vec::new();
        let mut begin = from;
        while begin < at {
            // A stretch over the end of a minute is parted there, as if it had flowed evenly.
            let minute = begin.minute();
            let end = minute.next().start().min(at);
            let part = end.millis_since(begin) as f64 / took_ms as f64;
            let seconds = end.millis_since(begin) as f64 / 1000.0;
            let sums = self.minutes.entry(minute).or_default();
            for (stream, flow) in &flows {
                sums.entry(*stream).or_default().add(flow, part, seconds);
            }
            changed.push(minute);
            begin = end;
        }
        let oldest = Minute(at.minute().0.saturating_sub(KEPT_MINUTES));
        self.minutes.retain(|minute, _| *minute >= oldest);
        changed
    }

    /// Returns roughly how many bytes it holds on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        let sums = |sums: &HashMap<Stream, Sums>| sums.capacity() * size_of::<(Stream, Sums)>();
        let minutes = self.minutes.values().map(|minute| size_of::<(Minute, HashMap<Stream, Sums>)>() + sums(minute));
        self.counters.heap_bytes() + minutes.sum::<usize>()
    }

    /// A minute as far as it is known; none where nothing was measured in it.
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
    fn add(&mut self, flow: &Flow, part: f64, seconds: f64) {
        self.seconds += seconds;
        self.bytes += flow.bytes * part;
        self.arrived += flow.arrived * part;
        self.lost += flow.lost * part;
        self.has_packets |= flow.has_packets;
        let sent = flow.arrived + flow.lost;
        if sent > 0.0 {
            self.worst_loss = self.worst_loss.max(flow.lost / sent);
        }
        self.round_trip_seconds += flow.round_trip_seconds * part;
        self.round_trips += flow.round_trips * part;
        self.jitter_seconds += flow.jitter_seconds;
        self.jitters += flow.jitters;
        if flow.has_frames {
            self.frames += flow.frames * part;
            self.frame_seconds += seconds;
        }
        // The last picture of the minute.
        self.picture = flow.picture.or(self.picture);
    }

    fn qos(&self, has_picture: bool) -> StreamQos {
        let whole = |value: f64| value.round().clamp(0.0, f64::from(u32::MAX)) as u32;
        let small = |value: f64| value.round().clamp(0.0, f64::from(u16::MAX)) as u16;
        let loss = |share: f64| LossPermyriad(small((share * 10_000.0).min(10_000.0)));
        let packets = self.arrived + self.lost;
        let has_packets = self.has_packets && packets > 0.0;
        StreamQos {
            bitrate: (self.seconds > 0.0).then(|| BitrateBps(whole(self.bytes * 8.0 / self.seconds))),
            latency: (self.round_trips > 0.0)
                .then(|| Millis(whole(self.round_trip_seconds * 1000.0 / self.round_trips))),
            jitter: (self.jitters > 0).then(|| Millis(whole(self.jitter_seconds * 1000.0 / f64::from(self.jitters)))),
            avg_loss: has_packets.then(|| loss(self.lost / packets)),
            max_loss: has_packets.then(|| loss(self.worst_loss)),
            resolution: self.picture.filter(|_| has_picture).map(|(width, height)| Resolution { width, height }),
            frame_rate: (has_picture && self.frame_seconds > 0.0)
                .then(|| FrameRateCentiFps(small(self.frames * 100.0 / self.frame_seconds))),
        }
    }
}
