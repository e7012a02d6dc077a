//! Worlds through the public interface: the same each time, consistent, and rich enough to contain every field.

#![expect(clippy::unwrap_used, reason = "a world that lacks what is looked at fails its test")]

mod determinism;
mod incidents;
mod invariants;
mod live;
mod showcase;
mod size;

use rollcall_model::Timestamp;
use rollcall_sim::WorldConfig;

/// A Thursday, in the afternoon of Europe and the morning of the Americas.
fn now() -> Timestamp {
    "2026-03-26T15:04:05Z".parse().unwrap()
}

/// A world of ten people and two days.
fn tiny() -> WorldConfig {
    WorldConfig {
        seed: 7,
        people: 10,
        days: 2,
        meetings_per_day: 4,
        webinars_per_week: 1,
        webinar_attendees: 12,
        round_the_clock_hours: 0,
        ..WorldConfig::demo()
    }
}
