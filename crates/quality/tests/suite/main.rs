//! Tests of the crate through its public functions.

mod emodel;
mod incidents;
mod labels;
mod rollups;
mod scores;
mod summaries;
