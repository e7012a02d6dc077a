//! Keeping and forgetting: what is past its time goes from every store, what is not stays as it is, wherever a round
//! breaks off and whatever is told or sealed meanwhile.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod age;
mod any_order;
mod erase;
#[path = "../seal/stage.rs"]
#[allow(dead_code, reason = "shared with the tests of sealing")]
mod stage;
mod world;
