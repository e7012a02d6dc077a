use rollcall_model::{LossPermyriad, Millis, StreamQos};

use crate::Reason;

/// Limits beyond which a stream is an issue. `None` means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Highest acceptable round trip.
    pub latency: Option<Millis>,
    /// Highest acceptable jitter.
    pub jitter: Option<Millis>,
    /// Highest acceptable mean loss.
    pub loss: Option<LossPermyriad>,
}

/// A published set of limits, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Its name in settings and reports.
    pub name: &'static str,
    /// Where the values were published.
    pub source: &'static str,
    /// Of audio.
    pub audio: Limits,
    /// Of camera video and shared content.
    pub picture: Limits,
}

const fn limits(latency_ms: u32, jitter_ms: u32, loss_permyriad: u16) -> Limits {
    Limits {
        latency: Some(Millis(latency_ms)),
        jitter: Some(Millis(jitter_ms)),
        loss: Some(LossPermyriad(loss_permyriad)),
    }
}

const fn profile(name: &'static str, source: &'static str, limits: Limits) -> Profile {
    Profile { name, source, audio: limits, picture: limits }
}

impl Profile {
    /// Zoom's advice for networks, the default.
    pub const ZOOM: Self = profile("zoom", "Zoom's network advice (KB0070504, unverified)", limits(150, 40, 200));
    /// The limits at which Teams' Call Quality Dashboard classifies a stream as poor.
    pub const TEAMS: Self = Self {
        name: "teams",
        source: "Microsoft, stream classification in the Call Quality Dashboard",
        audio: limits(500, 30, 1_000),
        picture: Limits { latency: None, jitter: None, loss: Some(LossPermyriad(1_500)) },
    };
    /// The limits at which Huawei Meeting shows red. They are inclusive: a delay of 250 ms is red.
    pub const HUAWEI: Self = Self {
        name: "huawei",
        source: "Huawei Cloud Meeting, FAQ on network indicators",
        audio: limits(249, 49, 999),
        picture: limits(249, 49, 299),
    };
    /// The limits at which Circuit warned of a bad connection.
    pub const CIRCUIT: Self = profile("circuit", "Circuit, network quality indicator", limits(300, 50, 500));
    /// Plivo's limits of a bad call.
    pub const PLIVO: Self = profile("plivo", "Plivo, call quality metrics (bad)", limits(300, 30, 90));
    /// The limit at which a Polycom RMX reports critical loss.
    pub const POLYCOM: Self = profile(
        "polycom",
        "Polycom RMX 8.1, packet loss indication (critical)",
        Limits { latency: None, jitter: None, loss: Some(LossPermyriad(500)) },
    );
    /// The middle of Vidyo's three steps of delay and jitter, and the lower of its two of loss.
    pub const VIDYO: Self = profile("vidyo", "Vidyo, network quality indicators", limits(250, 100, 100));

    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::ZOOM, Self::TEAMS, Self::HUAWEI, Self::CIRCUIT, Self::PLIVO, Self::POLYCOM, Self::VIDYO];

    /// Returns the profile with that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name == name)
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::ZOOM
    }
}

impl Limits {
    /// Returns which limit `qos` exceeds, loss before jitter before latency. Unmeasured values exceed none.
    #[must_use]
    pub fn exceeded_by(&self, qos: &StreamQos) -> Option<Reason> {
        fn beyond<T: PartialOrd>(value: Option<T>, limit: Option<T>) -> bool {
            matches!((value, limit), (Some(value), Some(limit)) if value > limit)
        }
        if beyond(qos.avg_loss, self.loss) {
            Some(Reason::Loss)
        } else if beyond(qos.jitter, self.jitter) {
            Some(Reason::Jitter)
        } else if beyond(qos.latency, self.latency) {
            Some(Reason::Latency)
        } else {
            None
        }
    }
}
