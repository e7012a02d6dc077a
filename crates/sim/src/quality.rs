//! QoS minutes: correlated numbers, driven by one hidden condition.
//!
//! The condition is 0 on a perfect path and about 1 where talking becomes impossible. It is the sum of the kind of
//! access, the load shared by its users, an autoregressive walk of the participant (so that a bad minute follows a bad
//! one), and incidents. Loss, jitter and latency grow with it; bitrate, resolution and frame rate adapt down.

use rollcall_model::{
    BitrateBps, CpuPressure, CpuPressureLevel, CpuUsage, Direction, FrameRateCentiFps, Leg, LossPermyriad, Media,
    Millis, Minute, Percent, QosMinute, Resolution, Stream, StreamQos, StreamState, WifiRssi,
};

use crate::{
    agenda::Shared,
    calendar,
    dice::{Dice, normal_of},
    equipment::{Endpoint, Setup},
    places::{self, CITIES},
};

/// External influences on one minute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Situation {
    pub(crate) minute: u32,
    /// Whether anybody else is there to be heard.
    pub(crate) others: bool,
    pub(crate) camera: bool,
    pub(crate) other_cameras: u32,
    pub(crate) share: Sharing,
    /// A faulty access point.
    pub(crate) access_point: bool,
    /// A provider's brownout.
    pub(crate) provider: bool,
    /// A faulty client version.
    pub(crate) version: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sharing {
    Nobody,
    Own(Shared),
    Other(Shared),
}

/// One participant's minutes, one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    dice: Dice,
    setup: Setup,
    seed: u64,
    /// Receives but sends nothing: a webinar's attendee.
    listens_only: bool,
    talkative_permille: u64,
    signal_dbm: f32,
    cpu: f32,
    own: f32,
}

const HD: Resolution = Resolution { width: 1280, height: 720 };
const SD: Resolution = Resolution { width: 640, height: 360 };
const LOW: Resolution = Resolution { width: 320, height: 180 };
const FULL: Resolution = Resolution { width: 1920, height: 1080 };
const NO_PICTURE: Resolution = Resolution { width: 0, height: 0 };

impl Walk {
    pub(crate) fn new(seed: u64, mut dice: Dice, setup: Setup, listens_only: bool) -> Self {
        let talkative_permille = dice.range(250, 900).unsigned_abs();
        let signal_dbm = -45.0 - 20.0 * dice.unit();
        let cpu = 4.0 + 14.0 * dice.unit() + if setup.endpoint == Endpoint::Vdi { 8.0 } else { 0.0 };
        let own = dice.normal();
        Self { dice, setup, seed, listens_only, talkative_permille, signal_dbm, cpu, own }
    }

    /// Returns the next minute. A walk goes minute by minute from the start of the attendance; `situation` contains the
    /// minute.
    pub(crate) fn step(&mut self, situation: &Situation) -> QosMinute {
        let Setup { endpoint, access, city, .. } = self.setup;
        let city = &CITIES[usize::from(city)];
        self.own = 0.85 * self.own + 0.527 * self.dice.normal();
        let minute_of_day = calendar::local_minute_of_day(i64::from(situation.minute) * 60, city);
        let load = places::load(access, minute_of_day, self.seed);
        let mut condition = access.base_condition() + 0.10 * load + 0.05 * self.own;
        // Occasionally, a minute is bad on its own: a microwave oven, a download, a lift.
        let glitch = self.dice.bits();
        if glitch & 0xFF == 0 {
            condition += 0.2 + (glitch >> 8 & 0xFF) as f32 / 1024.0;
        }
        if situation.access_point {
            condition += 0.72 + 0.06 * self.own;
        }
        if situation.provider {
            condition += 0.80 + 0.06 * self.own;
        }
        let network = Network {
            condition: condition.clamp(0.0, 1.4),
            latency_ms: city.round_trip_ms as f32
                + access.latency_ms()
                + 6.0 * load
                + if situation.provider { 90.0 } else { 0.0 },
            faulty_client: situation.version,
        };
        let mut minute = QosMinute::new(Minute(situation.minute));
        minute.streams = [StreamState::Idle; rollcall_model::STREAM_COUNT];
        let gateway = match endpoint {
            Endpoint::RoomSystem => Some(Leg::Crc),
            Endpoint::Browser => Some(Leg::Rwg),
            _ => None,
        };
        let talks = !self.listens_only && self.dice.chance(self.talkative_permille) && situation.others;
        let flows = [
            (Media::Audio, Direction::Input, talks),
            (Media::Audio, Direction::Output, situation.others),
            (Media::Video, Direction::Input, situation.camera),
            (Media::Video, Direction::Output, situation.other_cameras > 0),
            (Media::As, Direction::Input, matches!(situation.share, Sharing::Own(_))),
            (Media::As, Direction::Output, matches!(situation.share, Sharing::Other(_))),
        ];
        for (media, direction, flowing) in flows {
            if !flowing {
                continue;
            }
            let bits = self.dice.bits();
            let qos = match media {
                Media::Audio => network.audio(bits),
                Media::Video => network.video(bits, endpoint, direction, situation.other_cameras),
                Media::As => network.share(bits, situation.share),
            };
            minute.streams[Stream { media, direction, leg: Leg::Client }.index()] = StreamState::Measured(qos);
            if let Some(leg) = gateway {
                // The gateway is nearer than the far end, and loss occurs on the way to it.
                let latency = qos.latency.map(|Millis(latency)| Millis(latency * 6 / 10));
                let near = StreamQos { latency, ..qos };
                minute.streams[Stream { media, direction, leg }.index()] = StreamState::Measured(near);
            }
        }
        let work = 6.0 * f32::from(u8::from(situation.camera))
            + 2.0 * situation.other_cameras.min(9) as f32
            + if situation.share == Sharing::Nobody { 0.0 } else { 5.0 };
        self.processor(&mut minute, work, situation.version);
        if access.is_wireless() {
            minute.wifi_rssi = Some(self.signal(situation.access_point));
        }
        minute
    }

    fn processor(&mut self, minute: &mut QosMinute, work: f32, faulty: bool) {
        let bits = self.dice.bits();
        let spread = (bits & 0xFF) as f32 / 256.0;
        let mean =
            if faulty { 84.0 + 10.0 * spread } else { (self.cpu + work + 2.0 * normal_of(bits)).clamp(1.0, 70.0) };
        match self.setup.endpoint {
            Endpoint::Browser => {
                let level = |load: f32| match load as u32 {
                    0..35 => CpuPressureLevel::Normal,
                    35..65 => CpuPressureLevel::Fair,
                    65..90 => CpuPressureLevel::Serious,
                    _ => CpuPressureLevel::Critical,
                };
                let mean = mean * 1.4;
                minute.cpu_pressure = Some(CpuPressure {
                    min: Some(level(mean * 0.6)),
                    avg: Some(level(mean)),
                    max: Some(level(mean * (1.2 + spread))),
                });
            }
            Endpoint::RoomSystem | Endpoint::Pstn => {}
            _ => {
                let average = mean as u16;
                let highest = ((mean * (1.15 + 0.5 * spread)) as u16).clamp(average, 100.max(average));
                minute.cpu_usage = Some(CpuUsage {
                    client_min: Some(Percent((mean * (0.45 + 0.4 * spread)) as u16)),
                    client_avg: Some(Percent(average)),
                    client_max: Some(Percent(highest)),
                    system_max: Some(Percent((highest + 5 + (bits >> 60) as u16 * 2).clamp(highest, 100.max(highest)))),
                });
            }
        }
    }

    fn signal(&mut self, faulty: bool) -> WifiRssi {
        let bits = self.dice.bits();
        let mean = self.signal_dbm + 1.5 * normal_of(bits) - 1.5 * self.own - if faulty { 19.0 } else { 0.0 };
        let mean = mean.clamp(-92.0, -30.0) as i16;
        WifiRssi {
            min_dbm: Some(mean - 1 - (bits >> 56 & 7) as i16),
            avg_dbm: Some(mean),
            max_dbm: Some(mean + 1 + (bits >> 60 & 3) as i16),
        }
    }
}

/// The path between a participant and the service in one minute.
struct Network {
    condition: f32,
    latency_ms: f32,
    faulty_client: bool,
}

impl Network {
    /// Values of every medium; each medium adds its rate and picture.
    fn stream(&self, bits: u64, extra_latency_ms: f32) -> StreamQos {
        let bad = self.condition;
        let noise = normal_of(bits);
        let part = |shift: u32| (bits >> shift & 0xFF) as f32 / 256.0;
        let latency = self.latency_ms + extra_latency_ms + 150.0 * bad * bad + 2.5 * noise;
        let jitter = (2.5 + 22.0 * bad + 80.0 * bad * bad * bad) * (0.8 + 0.4 * part(3));
        let excess = (bad - 0.1).max(0.0);
        // A good path loses a packet occasionally: in one minute of eight.
        let stray = if part(11) < 0.125 { part(19) * 12.0 } else { 0.0 };
        let average = (stray + 100.0 * (0.6 * excess + 9.0 * excess * excess) * (0.7 + 0.6 * part(27))) as u16;
        let highest = average + (f32::from(average) * (0.3 + 2.2 * part(35))) as u16 + (part(43) * 3.0 * stray) as u16;
        StreamQos {
            bitrate: None,
            latency: Some(Millis(latency.max(3.0) as u32)),
            jitter: Some(Millis(jitter as u32)),
            avg_loss: Some(LossPermyriad(average.min(10_000))),
            max_loss: Some(LossPermyriad(highest.min(10_000))),
            resolution: None,
            frame_rate: None,
        }
    }

    /// A rate in bits per second, to the ten, which adapts to the condition.
    fn rate(&self, bits: u64, full_bps: f32) -> Option<BitrateBps> {
        let share = (1.0 - 0.55 * self.condition).max(0.25) * (1.0 + 0.06 * normal_of(bits.rotate_left(17)));
        Some(BitrateBps((full_bps * share) as u32 / 10 * 10))
    }

    fn audio(&self, bits: u64) -> StreamQos {
        let mut qos = self.stream(bits, 0.0);
        qos.bitrate = self.rate(bits, 58_000.0);
        if self.faulty_client {
            // The client sends and plays late while the network path is fine.
            let late = 38 + (bits >> 51 & 31) as u32;
            qos.jitter = qos.jitter.map(|Millis(jitter)| Millis(jitter + late));
        }
        qos
    }

    fn video(&self, bits: u64, endpoint: Endpoint, direction: Direction, other_cameras: u32) -> StreamQos {
        let mut qos = self.stream(bits, 4.0);
        let gallery = direction == Direction::Output && other_cameras > 6;
        let best = if endpoint.is_mobile() || gallery { 1 } else { 2 };
        let step = match self.condition {
            bad if bad < 0.35 => 2,
            bad if bad < 0.68 => 1,
            _ => 0,
        };
        let (resolution, full_bps) = match best.min(step) {
            2 => (HD, 1_650_000.0),
            1 => (SD, 640_000.0),
            _ => (LOW, 190_000.0),
        };
        qos.resolution = Some(resolution);
        qos.bitrate = self.rate(bits, full_bps);
        qos.frame_rate = Some(self.frames(bits, 27.0, 7.0));
        qos
    }

    fn share(&self, bits: u64, share: Sharing) -> StreamQos {
        let mut qos = self.stream(bits, 8.0);
        let (Sharing::Own(what) | Sharing::Other(what)) = share else { return qos };
        let (resolution, full_bps, fps) = match what {
            Shared::Desktop => (FULL, 820_000.0, 14.0),
            Shared::Application => (HD, 430_000.0, 10.0),
            Shared::Whiteboard => (HD, 90_000.0, 6.0),
        };
        // Nothing moves: the share continues without a picture.
        if bits >> 40 & 0x3F == 0 {
            qos.resolution = Some(NO_PICTURE);
            qos.bitrate = self.rate(bits, 9_000.0);
            qos.frame_rate = Some(FrameRateCentiFps(0));
            return qos;
        }
        qos.resolution = Some(if self.condition < 0.68 { resolution } else { SD });
        qos.bitrate = self.rate(bits, full_bps);
        qos.frame_rate = Some(self.frames(bits, fps, 2.0));
        qos
    }

    /// Returns whole frames per second, from `full` down to about `least`.
    fn frames(&self, bits: u64, full: f32, least: f32) -> FrameRateCentiFps {
        let mut fps = (full * (1.0 - 0.7 * self.condition)).max(least) + 0.8 * normal_of(bits.rotate_left(29));
        if self.faulty_client {
            fps *= 0.3;
        }
        FrameRateCentiFps(fps.clamp(1.0, 30.0) as u16 * 100)
    }
}
