//! A simulated account: people, buildings, networks, months of meetings, and labelled incidents.
//!
//! [`World`] yields the facts as [`rollcall_model::Batch`]es; it is independent of stores and wire formats. The same
//! config and the same now give the same facts on every machine, and the facts of a run depend only on the config: what
//! was live yesterday is history today, down to the minute.
//!
//! ```
//! use rollcall_sim::{World, WorldConfig};
//!
//! let now = "2026-03-26T15:04:05Z".parse()?;
//! let world = World::new(WorldConfig { days: 1, ..WorldConfig::demo() }, now);
//! let ended: usize = world.batches().map(|labelled| labelled.batch.instances.len()).sum();
//!
//! let mut feed = world.live_at(now);
//! let in_progress = feed.so_far().instances.len();
//! let changed = feed.tick(feed.first_minute());
//! assert!(ended > 20 && in_progress >= 3 && !changed.instances.is_empty());
//! # Ok::<(), rollcall_model::InvalidTime>(())
//! ```

mod account;
mod agenda;
mod attendance;
mod calendar;
mod config;
mod dice;
mod equipment;
mod incidents;
mod live;
mod names;
mod numbers;
mod participant;
mod people;
mod places;
mod quality;
mod record;
mod run;
mod schedule;
mod truth;
mod users;
mod webex;
mod webinars;
mod world;

pub use config::{SizedInstance, WorldConfig};
pub use live::LiveFeed;
pub use truth::{IncidentKind, Labelled, Truth};
pub use world::World;
