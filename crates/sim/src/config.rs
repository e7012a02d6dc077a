//! How large a world is.

use rollcall_model::MeetingKind;
use serde::{Deserialize, Serialize};

/// What a world holds. The same config, seed included, gives the same world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldConfig {
    /// Which of the possible worlds.
    pub seed: u64,
    /// How many users the account has; at least four are made.
    pub people: u32,
    /// How far history reaches back.
    pub days: u32,
    /// Meetings on a workday; a weekend day has a tenth of them.
    pub meetings_per_day: u32,
    /// Webinars in a week.
    pub webinars_per_week: u32,
    /// How many attend a webinar, give or take a third.
    pub webinar_attendees: u32,
    /// For how long before now the round-the-clock meetings and webinars, which keep the live lists filled at any
    /// hour, are part of history.
    pub round_the_clock_hours: u32,
    /// Whether participants have QoS minutes.
    pub qos: bool,
    /// Whether incidents spoil minutes. Without `qos` there is nothing to spoil.
    pub incidents: bool,
    /// Instances of an exact size, spread over the days.
    pub sized: Vec<SizedInstance>,
}

/// An instance of an exact size: every participant stays for the whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizedInstance {
    /// Meeting or webinar.
    pub kind: MeetingKind,
    /// How many participants it has.
    pub participants: u32,
    /// How long it lasts, and so how many QoS minutes each participant has.
    pub minutes: u32,
    /// Whether its participants have QoS minutes.
    pub qos: bool,
}

impl WorldConfig {
    /// A company of 60 with five weeks of history: what `serve --demo` shows. It is made and written in seconds.
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

    /// A world of nothing but the given instances, for benchmarks: a hundred people, and exactly those participants
    /// and minutes.
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
