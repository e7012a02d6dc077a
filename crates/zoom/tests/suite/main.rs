//! Tests of the crate through its public functions.

mod schemas;
mod seeds;
