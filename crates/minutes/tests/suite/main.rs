//! Tests of the crate through its public functions.

mod behaviour;
mod kill;
mod model;
mod torn;
