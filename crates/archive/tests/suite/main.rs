//! Tests of the archive through its public interface, each in a folder of its own.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

mod bucket;
mod damage;
mod earlier;
mod files;
mod layout;
mod round_trip;
mod world;
