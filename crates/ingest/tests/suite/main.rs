//! Tests of ingest through its public interface, on the real stores.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

mod convergence;
mod facts;
mod latest;
mod memory;
mod repetition;
mod rules;
mod times;
mod world;
