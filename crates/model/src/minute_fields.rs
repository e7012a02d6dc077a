use crate::STREAM_COUNT;

/// A value that a stream has in a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named as the fields of StreamQos")]
pub enum StreamField {
    Bitrate,
    Latency,
    Jitter,
    AvgLoss,
    MaxLoss,
    Resolution,
    FrameRate,
}

/// The requested values of minutes; others may be absent from the result, and then cost nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MinuteFields {
    /// For each stream none, or the bits of its fields above the bit that requests its state.
    streams: [u8; STREAM_COUNT],
    /// The CPU load.
    pub cpu_usage: bool,
    /// The CPU pressure.
    pub cpu_pressure: bool,
    /// The Wi-Fi signal.
    pub wifi_rssi: bool,
}

impl MinuteFields {
    /// A request for every value.
    pub const ALL: Self =
        Self { streams: [u8::MAX; STREAM_COUNT], cpu_usage: true, cpu_pressure: true, wifi_rssi: true };

    /// Requests the state of a stream: whether it was not reported, idle or measured.
    pub const fn add_stream(&mut self, stream: usize) {
        self.streams[stream] |= 1;
    }

    /// Requests a field of a stream, and with it the stream's state.
    pub const fn add_field(&mut self, stream: usize, field: StreamField) {
        self.streams[stream] |= 1 | 2 << field as u8;
    }

    /// Encodes the request, for another process of the same program.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { streams, cpu_usage, cpu_pressure, wifi_rssi } = self;
        let extras = u8::from(*cpu_usage) | u8::from(*cpu_pressure) << 1 | u8::from(*wifi_rssi) << 2;
        streams.iter().copied().chain([extras]).collect()
    }

    /// Decodes what [`Self::to_bytes`] wrote; `None` if it is something else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (extras, streams) = bytes.split_last()?;
        let has = |bit: u8| extras >> bit & 1 == 1;
        let streams = streams.try_into().ok()?;
        Some(Self { streams, cpu_usage: has(0), cpu_pressure: has(1), wifi_rssi: has(2) })
    }

    /// Returns whether anything of the stream is requested.
    #[must_use]
    pub const fn has_stream(&self, stream: usize) -> bool {
        self.streams[stream] != 0
    }

    /// Returns whether the field of the stream is requested.
    #[must_use]
    pub const fn has_field(&self, stream: usize, field: StreamField) -> bool {
        self.streams[stream] & 2 << field as u8 != 0
    }
}
