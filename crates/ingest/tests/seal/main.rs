//! The life of an instance: what is written is read as it was written, whatever is sealed, reopened, merged and swept
//! meanwhile, and wherever the sealer breaks off.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod faults;
mod kill;
mod lapses;
mod life;
mod model;
mod moves;
mod rollups;
mod stage;
