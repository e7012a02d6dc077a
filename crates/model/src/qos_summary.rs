use crate::{BitrateBps, CpuPressure, CpuUsage, FrameRateCentiFps, LossPermyriad, Millis, Resolution, STREAM_COUNT};

/// The lowest, the mean and the highest of what was measured; all are `None` where nothing was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread<T> {
    /// Lowest.
    pub min: Option<T>,
    /// Mean.
    pub avg: Option<T>,
    /// Highest.
    pub max: Option<T>,
}

impl<T> Default for Spread<T> {
    fn default() -> Self {
        Self { min: None, avg: None, max: None }
    }
}

/// One stream over a whole attendance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StreamSummary {
    /// Of the minutes' mean rates.
    pub bitrate: Spread<BitrateBps>,
    /// Of the round trips.
    pub latency: Spread<Millis>,
    /// Of the jitters.
    pub jitter: Spread<Millis>,
    /// Of the minutes' mean losses; the highest is that of the highest losses.
    pub loss: Spread<LossPermyriad>,
    /// The largest picture.
    pub resolution: Option<Resolution>,
    /// Of the pictures a second.
    pub frame_rate: Spread<FrameRateCentiFps>,
}

/// One attendance's quality of service as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QosSummary {
    /// In the order of [`STREAMS`](crate::STREAMS); `None` where nothing flowed.
    pub streams: [Option<StreamSummary>; STREAM_COUNT],
    /// Processor load, where the client reported it.
    pub cpu_usage: Option<CpuUsage>,
    /// Processor pressure, from browser clients.
    pub cpu_pressure: Option<CpuPressure>,
}
