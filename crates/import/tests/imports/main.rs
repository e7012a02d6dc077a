//! Imports through real stores: a recording goes in; what is stored and reported comes out.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "these are tests")]

mod anything;
mod bodies;
mod deliveries;
mod hars;
mod lines;
mod repetition;
mod reports;
mod samples;
mod seeds;
mod world;
