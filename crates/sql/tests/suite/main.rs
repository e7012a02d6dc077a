//! Tests of the crate through its public functions.

mod collected;
mod hidden;
mod queries;
mod rollups;
mod sealed;
mod vanished;
