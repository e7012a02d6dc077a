//! The size of a world.

use rollcall_model::MeetingKind;
use serde::{Deserialize, Serialize};

/// The content of a world. The same config, including the seed, gives the same world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldConfig {
    /// Random seed.
    pub seed: u64,
    /// Number of users; at least four are created.
    pub people: u32,
    /// Length of the history.
    pub days: u32,
    /// Meetings per workday; a weekend day has a tenth of them.
    pub meetings_per_day: u32,
    /// Webinars per week.
    pub webinars_per_week: u32,
    /// Participants per webinar, ± a third.
    pub webinar_attendees: u32,
    /// How long before now the history of round-the-clock meetings and webinars begins. They keep the live lists
    /// non-empty at any hour.
    pub round_the_clock_hours: u32,
    /// Whether participants have QoS minutes.
    pub qos: bool,
    /// Whether incidents affect minutes. Without `qos` they have no effect.
    pub incidents: bool,
    /// Instances of an exact size, spread over the days.
    pub sized: Vec<SizedInstance>,
}

/// An instance of an exact size: every participant stays for the whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizedInstance {
    /// Meeting or webinar.
    pub kind: MeetingKind,
    /// Number of participants.
    pub participants: u32,
    /// Length, and thus the number of QoS minutes of each participant.
    pub minutes: u32,
    /// Whether its participants have QoS minutes.
    pub qos: bool,
}

impl WorldConfig {
    /// A company of 60 with five weeks of history, as in `serve --demo`. It is created and written in seconds.
    #[must_use]
    pub const fn demo() -> Self {
        Self {
            seed: 20_260_301,
            people: 60,
            days: 35,
            meetings_per_day: 26,
            webinars_per_week: 3,
            webinar_attendees: 80,
            round_the_clock_hours: 24,
            qos: true,
            incidents: true,
            sized: Vec::new(),
        }
    }

    /// A world of only the given instances, for benchmarks: a hundred people, and exactly these participants and
    /// minutes.
    #[must_use]
    pub const fn of_size(sized: Vec<SizedInstance>) -> Self {
        Self {
            seed: 1,
            people: 100,
            days: 28,
            meetings_per_day: 0,
            webinars_per_week: 0,
            webinar_attendees: 0,
            round_the_clock_hours: 0,
            qos: true,
            incidents: false,
            sized,
        }
    }
}
