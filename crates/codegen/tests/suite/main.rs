//! Tests of the crate through its public functions.

mod bad_input;
mod common;
mod exports;
mod golden;
mod languages;
mod requests;
mod seeds;
