use serde::{Deserialize, Serialize};

use crate::{BitrateBps, FrameRateCentiFps, LossPermyriad, Millis, Minute, Percent, Resolution};

/// Content of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Media {
    /// Audio.
    Audio,
    /// Camera video.
    Video,
    /// Shared content ("application share").
    As,
}

/// Direction of a stream, seen from the participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// Sent by the participant: Zoom's `input` and `from`, Webex's `Out`.
    Input,
    /// Received by the participant: Zoom's `output` and `to`, Webex's `In`.
    Output,
}

/// The part of the path on which a stream was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Leg {
    /// The participant's own client.
    Client,
    /// Between an H.323 or SIP device and the Cloud Room Connector.
    Crc,
    /// Between a browser client and the Real-time Web Gateway.
    Rwg,
}

/// One of the eighteen streams that a minute can report on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stream {
    /// Its content.
    pub media: Media,
    /// Its direction.
    pub direction: Direction,
    /// Where it was measured.
    pub leg: Leg,
}

/// Number of streams: three media, two directions, three legs.
pub const STREAM_COUNT: usize = 18;

/// Every stream, in the order of [`QosMinute::streams`]. Persisted minutes depend on it: append, never reorder.
pub const STREAMS: [Stream; STREAM_COUNT] = {
    use {Direction::*, Leg::*, Media::*};
    const fn stream(media: Media, direction: Direction, leg: Leg) -> Stream {
        Stream { media, direction, leg }
    }
    [
        stream(Audio, Input, Client),
        stream(Audio, Output, Client),
        stream(Video, Input, Client),
        stream(Video, Output, Client),
        stream(As, Input, Client),
        stream(As, Output, Client),
        stream(Audio, Input, Crc),
        stream(Audio, Output, Crc),
        stream(Video, Input, Crc),
        stream(Video, Output, Crc),
        stream(As, Input, Crc),
        stream(As, Output, Crc),
        stream(Audio, Input, Rwg),
        stream(Audio, Output, Rwg),
        stream(Video, Input, Rwg),
        stream(Video, Output, Rwg),
        stream(As, Input, Rwg),
        stream(As, Output, Rwg),
    ]
};

/// The streams' names, in the order of [`STREAMS`]: on Zoom's wire, in NDJSON lines, and in the archive's columns.
pub const STREAM_NAMES: [&str; STREAM_COUNT] = [
    "audio_input",
    "audio_output",
    "video_input",
    "video_output",
    "as_input",
    "as_output",
    "audio_device_from_crc",
    "audio_device_to_crc",
    "video_device_from_crc",
    "video_device_to_crc",
    "as_device_from_crc",
    "as_device_to_crc",
    "audio_device_from_rwg",
    "audio_device_to_rwg",
    "video_device_from_rwg",
    "video_device_to_rwg",
    "as_device_from_rwg",
    "as_device_to_rwg",
];

impl Stream {
    /// Returns the stream's index in [`QosMinute::streams`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.leg as usize * 6 + self.media as usize * 2 + self.direction as usize
    }

    /// Returns whether it is video, so that resolution and frame rate apply.
    #[must_use]
    pub const fn has_picture(self) -> bool {
        !matches!(self.media, Media::Audio)
    }
}

/// One stream's measurements over one minute. Unmeasured values are `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamQos {
    /// Mean rate of media.
    pub bitrate: Option<BitrateBps>,
    /// Round trip, including the application's time.
    pub latency: Option<Millis>,
    /// Jitter: variation of packet arrival.
    pub jitter: Option<Millis>,
    /// Mean loss.
    pub avg_loss: Option<LossPermyriad>,
    /// Highest loss within the minute.
    pub max_loss: Option<LossPermyriad>,
    /// Resolution; video and share only.
    pub resolution: Option<Resolution>,
    /// Frames per second; video and share only.
    pub frame_rate: Option<FrameRateCentiFps>,
}

/// The state of one stream in a minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StreamState {
    /// The source did not report the stream.
    #[default]
    NotReported,
    /// The source reported the stream as idle.
    Idle,
    /// Media flowed and was measured.
    Measured(StreamQos),
}

/// The client's and the system's CPU load over the minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpuUsage {
    /// The client's lowest load.
    pub client_min: Option<Percent>,
    /// The client's mean load.
    pub client_avg: Option<Percent>,
    /// The client's highest load.
    pub client_max: Option<Percent>,
    /// The whole system's highest load.
    pub system_max: Option<Percent>,
}

/// CPU pressure, as reported by a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CpuPressureLevel {
    /// About 20 % load.
    Normal,
    /// About 50 % load.
    Fair,
    /// About 80 % load.
    Serious,
    /// About 100 % load.
    Critical,
}

/// CPU pressure over the minute, from browser clients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpuPressure {
    /// Lowest.
    pub min: Option<CpuPressureLevel>,
    /// Mean.
    pub avg: Option<CpuPressureLevel>,
    /// Highest.
    pub max: Option<CpuPressureLevel>,
}

/// Wi-Fi signal strength over the minute, in dBm (negative; values nearest zero are strongest).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WifiRssi {
    /// Weakest.
    pub min_dbm: Option<i16>,
    /// Mean.
    pub avg_dbm: Option<i16>,
    /// Strongest.
    pub max_dbm: Option<i16>,
}

/// One participant's measurements for one minute, all streams.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QosMinute {
    /// The minute.
    pub minute: Minute,
    /// In the order of [`STREAMS`].
    pub streams: [StreamState; STREAM_COUNT],
    /// CPU load, if the client reported it.
    pub cpu_usage: Option<CpuUsage>,
    /// CPU pressure, from browser clients.
    pub cpu_pressure: Option<CpuPressure>,
    /// Wi-Fi signal, from Wi-Fi clients.
    pub wifi_rssi: Option<WifiRssi>,
}

impl QosMinute {
    /// Creates a minute without reports.
    #[must_use]
    pub const fn new(minute: Minute) -> Self {
        Self {
            minute,
            streams: [StreamState::NotReported; STREAM_COUNT],
            cpu_usage: None,
            cpu_pressure: None,
            wifi_rssi: None,
        }
    }

    /// Returns the state of `stream`.
    #[must_use]
    pub const fn stream(&self, stream: Stream) -> StreamState {
        self.streams[stream.index()]
    }

    /// Fills this report's gaps from an `earlier` report of the same minute.
    ///
    /// If both have a value, the later report counts: a source that repeats a minute has seen more of it. Idempotent.
    pub fn fill_from(&mut self, earlier: &Self) {
        for (mine, theirs) in self.streams.iter_mut().zip(&earlier.streams) {
            *mine = match (*mine, *theirs) {
                (StreamState::NotReported | StreamState::Idle, StreamState::Measured(qos)) => {
                    StreamState::Measured(qos)
                }
                (StreamState::NotReported, StreamState::Idle) => StreamState::Idle,
                (StreamState::Measured(mine), StreamState::Measured(theirs)) => StreamState::Measured(StreamQos {
                    bitrate: mine.bitrate.or(theirs.bitrate),
                    latency: mine.latency.or(theirs.latency),
                    jitter: mine.jitter.or(theirs.jitter),
                    avg_loss: mine.avg_loss.or(theirs.avg_loss),
                    max_loss: mine.max_loss.or(theirs.max_loss),
                    resolution: mine.resolution.or(theirs.resolution),
                    frame_rate: mine.frame_rate.or(theirs.frame_rate),
                }),
                (mine, _) => mine,
            };
        }
        self.cpu_usage = self.cpu_usage.or(earlier.cpu_usage);
        self.cpu_pressure = self.cpu_pressure.or(earlier.cpu_pressure);
        self.wifi_rssi = self.wifi_rssi.or(earlier.wifi_rssi);
    }

    /// Joins two reports of one minute of which neither is known to be the later: the greater of two values is kept; of
    /// lowest values, the lesser. The join is commutative, associative and idempotent, so order and repetition do not
    /// matter.
    pub fn join(&mut self, other: &Self) {
        for (mine, theirs) in self.streams.iter_mut().zip(&other.streams) {
            *mine = match (*mine, *theirs) {
                (StreamState::Measured(mine), StreamState::Measured(theirs)) => {
                    StreamState::Measured(mine.join(theirs))
                }
                (measured @ StreamState::Measured(_), _) | (_, measured @ StreamState::Measured(_)) => measured,
                (StreamState::Idle, _) | (_, StreamState::Idle) => StreamState::Idle,
                (StreamState::NotReported, StreamState::NotReported) => StreamState::NotReported,
            };
        }
        self.cpu_usage = joined(self.cpu_usage, other.cpu_usage, |a, b| CpuUsage {
            client_min: least(a.client_min, b.client_min),
            client_avg: a.client_avg.max(b.client_avg),
            client_max: a.client_max.max(b.client_max),
            system_max: a.system_max.max(b.system_max),
        });
        self.cpu_pressure = joined(self.cpu_pressure, other.cpu_pressure, |a, b| CpuPressure {
            min: least(a.min, b.min),
            avg: a.avg.max(b.avg),
            max: a.max.max(b.max),
        });
        self.wifi_rssi = joined(self.wifi_rssi, other.wifi_rssi, |a, b| WifiRssi {
            min_dbm: least(a.min_dbm, b.min_dbm),
            avg_dbm: a.avg_dbm.max(b.avg_dbm),
            max_dbm: a.max_dbm.max(b.max_dbm),
        });
    }
}

impl StreamQos {
    fn join(self, other: Self) -> Self {
        let pixels = |picture: &Resolution| (u32::from(picture.width) * u32::from(picture.height), picture.width);
        Self {
            bitrate: self.bitrate.max(other.bitrate),
            latency: self.latency.max(other.latency),
            jitter: self.jitter.max(other.jitter),
            avg_loss: self.avg_loss.max(other.avg_loss),
            max_loss: self.max_loss.max(other.max_loss),
            resolution: joined(self.resolution, other.resolution, |a, b| std::cmp::max_by_key(a, b, pixels)),
            frame_rate: self.frame_rate.max(other.frame_rate),
        }
    }
}

fn joined<T>(a: Option<T>, b: Option<T>, join: impl FnOnce(T, T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(join(a, b)),
        (a, b) => a.or(b),
    }
}

fn least<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    joined(a, b, T::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stream_stands_at_its_index() {
        for (index, stream) in STREAMS.iter().enumerate() {
            assert_eq!(stream.index(), index, "{stream:?}");
        }
    }

    #[test]
    fn a_richer_report_fills_gaps_and_a_repeated_one_changes_nothing() {
        let mut poor = QosMinute::new(Minute(1));
        poor.streams[0] = StreamState::Measured(StreamQos { bitrate: Some(BitrateBps(1)), ..StreamQos::default() });
        let mut rich = QosMinute::new(Minute(1));
        rich.streams[0] = StreamState::Measured(StreamQos { latency: Some(Millis(2)), ..StreamQos::default() });
        rich.streams[1] = StreamState::Idle;
        let mut merged = rich.clone();
        merged.fill_from(&poor);
        let StreamState::Measured(qos) = merged.streams[0] else { panic!("measured") };
        assert_eq!((qos.bitrate, qos.latency), (Some(BitrateBps(1)), Some(Millis(2))));
        let mut again = rich;
        again.fill_from(&merged);
        assert_eq!(again, merged);
    }
}
