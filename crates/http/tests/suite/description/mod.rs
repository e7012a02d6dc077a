//! The API descriptions: their samples, their completeness, and each word of them.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod documents;
mod samples;
mod world;
