//! Retention and erasure: expired data is deleted from every store, other data stays unchanged, wherever a round is
//! interrupted and whatever is reported or sealed meanwhile.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod age;
mod any_order;
mod erase;
#[path = "../seal/stage.rs"]
#[allow(dead_code, reason = "shared with the sealing tests")]
mod stage;
mod world;
