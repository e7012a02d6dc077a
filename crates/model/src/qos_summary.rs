use crate::{BitrateBps, CpuPressure, CpuUsage, FrameRateCentiFps, LossPermyriad, Millis, Resolution, STREAM_COUNT};

/// Lowest, mean and highest of the measured values; all are `None` if there are none.
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
    /// Of the frame rates.
    pub frame_rate: Spread<FrameRateCentiFps>,
}

/// A summary of one attendance's quality of service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QosSummary {
    /// In the order of [`STREAMS`](crate::STREAMS); `None` if no media flowed.
    pub streams: [Option<StreamSummary>; STREAM_COUNT],
    /// CPU load, if the client reported it.
    pub cpu_usage: Option<CpuUsage>,
    /// CPU pressure, from browser clients.
    pub cpu_pressure: Option<CpuPressure>,
}
