//! The simulated company whose minutes are archived.

use jiff::civil::Date;
use rollcall_archive::{InstanceKey, Partition};
use rollcall_model::{InstanceFacts, Timestamp};
use rollcall_sim::{World, WorldConfig};

use crate::Result;

/// A company `scale` times as large as the demo's, with `days` days of history.
pub(crate) fn world(days: u32, scale: u32, seed: u64) -> Result<World> {
    let demo = WorldConfig::demo();
    let config = WorldConfig {
        seed: demo.seed + seed,
        people: demo.people * scale,
        days,
        meetings_per_day: demo.meetings_per_day * scale,
        webinars_per_week: demo.webinars_per_week * scale,
        ..demo
    };
    let now: Timestamp = "2026-03-26T23:59:00Z".parse()?;
    Ok(World::new(config, now))
}

/// An instance's key and day. `None` if it has no start.
pub(crate) fn key(facts: &InstanceFacts) -> Option<(InstanceKey, Date)> {
    let details = facts.details.as_ref()?;
    let day = jiff::tz::Offset::UTC.to_datetime(details.start_time?.to_jiff()).date();
    Some((InstanceKey { uuid: details.uuid.clone(), kind: details.kind, number: details.number }, day))
}

pub(crate) fn partition(day: Date) -> Result<Partition> {
    Ok(Partition { account: "q6gBJVO5TzexKYTb_I2rpg".parse()?, day })
}
