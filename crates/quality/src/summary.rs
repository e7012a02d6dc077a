//! Summarises an attendance's minutes: lowest, mean and highest of each measure.

use rollcall_model::{
    BitrateBps, CpuPressure, CpuPressureLevel, CpuUsage, FrameRateCentiFps, LossPermyriad, Millis, Percent, QosMinute,
    QosSummary, Resolution, STREAM_COUNT, Spread, StreamState, StreamSummary,
};

/// Rates have two decimals of a kilobit: a mean is rounded to ten bits.
const BITRATE_STEP: u64 = 10;

/// Adds up an attendance's minutes, in any order, to one [`QosSummary`].
#[derive(Debug, Clone, Default)]
pub struct Summariser {
    streams: [Stream; STREAM_COUNT],
    client_min: Tally,
    client_avg: Tally,
    client_max: Tally,
    system_max: Tally,
    pressure_min: Tally,
    pressure_avg: Tally,
    pressure_max: Tally,
}

#[derive(Debug, Clone, Copy, Default)]
struct Stream {
    measured: bool,
    bitrate: Tally,
    latency: Tally,
    jitter: Tally,
    avg_loss: Tally,
    max_loss: Tally,
    frame_rate: Tally,
    resolution: Option<Resolution>,
}

/// Lowest, highest, sum and count of measured values.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    min: u64,
    max: u64,
    sum: u64,
    count: u64,
}

impl Tally {
    fn add(&mut self, value: Option<impl Into<u64>>) {
        let Some(value) = value.map(Into::into) else { return };
        self.min = if self.count == 0 { value } else { self.min.min(value) };
        self.max = self.max.max(value);
        self.sum = self.sum.saturating_add(value);
        self.count += 1;
    }

    fn min(&self) -> Option<u64> {
        (self.count > 0).then_some(self.min)
    }

    fn max(&self) -> Option<u64> {
        (self.count > 0).then_some(self.max)
    }

    /// Returns the mean, rounded to the nearest multiple of `step` unless that is out of the range of values.
    fn mean(&self, step: u64) -> Option<u64> {
        let rounded = || (self.sum + self.count * step / 2) / (self.count * step) * step;
        (self.count > 0).then(|| rounded().clamp(self.min, self.max))
    }

    fn spread<T>(&self, step: u64, of: impl Fn(u64) -> T) -> Spread<T> {
        Spread { min: self.min().map(&of), avg: self.mean(step).map(&of), max: self.max().map(&of) }
    }
}

impl Summariser {
    /// Adds a minute.
    pub fn add(&mut self, minute: &QosMinute) {
        for (stream, state) in self.streams.iter_mut().zip(&minute.streams) {
            let StreamState::Measured(qos) = state else { continue };
            stream.measured = true;
            stream.bitrate.add(qos.bitrate.map(|BitrateBps(bps)| bps));
            stream.latency.add(qos.latency.map(|Millis(ms)| ms));
            stream.jitter.add(qos.jitter.map(|Millis(ms)| ms));
            stream.avg_loss.add(qos.avg_loss.map(|LossPermyriad(loss)| loss));
            stream.max_loss.add(qos.max_loss.map(|LossPermyriad(loss)| loss));
            stream.frame_rate.add(qos.frame_rate.map(|FrameRateCentiFps(fps)| fps));
            let pixels = |size: Resolution| u32::from(size.width) * u32::from(size.height);
            stream.resolution =
                [stream.resolution, qos.resolution].into_iter().flatten().max_by_key(|size| pixels(*size));
        }
        if let Some(usage) = minute.cpu_usage {
            let percent = |value: Option<Percent>| value.map(|Percent(percent)| percent);
            self.client_min.add(percent(usage.client_min));
            self.client_avg.add(percent(usage.client_avg));
            self.client_max.add(percent(usage.client_max));
            self.system_max.add(percent(usage.system_max));
        }
        if let Some(pressure) = minute.cpu_pressure {
            let level = |value: Option<CpuPressureLevel>| value.map(|level| level as u8);
            self.pressure_min.add(level(pressure.min));
            self.pressure_avg.add(level(pressure.avg));
            self.pressure_max.add(level(pressure.max));
        }
    }

    /// Returns the summary of all minutes added so far.
    #[must_use]
    pub fn finish(&self) -> QosSummary {
        let percent = |value: Option<u64>| value.map(|value| Percent(narrowed(value)));
        let usage = CpuUsage {
            client_min: percent(self.client_min.min()),
            client_avg: percent(self.client_avg.mean(1)),
            client_max: percent(self.client_max.max()),
            system_max: percent(self.system_max.max()),
        };
        let pressure = CpuPressure {
            min: self.pressure_min.min().map(level),
            avg: self.pressure_avg.mean(1).map(level),
            max: self.pressure_max.max().map(level),
        };
        QosSummary {
            streams: self.streams.map(|stream| stream.measured.then(|| stream.summary())),
            cpu_usage: (usage != CpuUsage::default()).then_some(usage),
            cpu_pressure: (pressure != CpuPressure::default()).then_some(pressure),
        }
    }
}

impl Stream {
    fn summary(&self) -> StreamSummary {
        let loss = self.avg_loss.spread(1, |loss| LossPermyriad(narrowed(loss)));
        let highest = self.max_loss.max().max(self.avg_loss.max()).map(|loss| LossPermyriad(narrowed(loss)));
        StreamSummary {
            bitrate: self.bitrate.spread(BITRATE_STEP, |bps| BitrateBps(narrowed(bps))),
            latency: self.latency.spread(1, |ms| Millis(narrowed(ms))),
            jitter: self.jitter.spread(1, |ms| Millis(narrowed(ms))),
            loss: Spread { max: highest, ..loss },
            resolution: self.resolution,
            frame_rate: self.frame_rate.spread(1, |fps| FrameRateCentiFps(narrowed(fps))),
        }
    }
}

/// Converts back to the values' type, which no result exceeds.
fn narrowed<T: TryFrom<u64> + Default>(value: u64) -> T {
    T::try_from(value).unwrap_or_default()
}

const fn level(number: u64) -> CpuPressureLevel {
    match number {
        0 => CpuPressureLevel::Normal,
        1 => CpuPressureLevel::Fair,
        2 => CpuPressureLevel::Serious,
        _ => CpuPressureLevel::Critical,
    }
}
