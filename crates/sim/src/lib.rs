//! A simulated account: people, buildings, networks, months of meetings, and labelled incidents.
//!
//! [`World`] yields the facts as [`rollcall_model::Batch`]es; it knows neither a store nor a wire. The same config and
//! the same now give the same facts on every machine, and the facts of a run depend on the config alone: what was live
//! yesterday is, to the same minutes, history today.

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
