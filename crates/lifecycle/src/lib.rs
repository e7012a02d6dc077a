//! The life of stored data: sealing of ended instances, presumed ends, rollups, retention and erasure.
//!
//! Each is a [`Job`], and one runner ([`Jobs`]) repeats them and reports pending work. No job stores a work list: it
//! follows from the stored data, so that the next round finishes an interrupted one.

pub mod erasure;
mod job;
pub mod retention;
pub mod seal;

pub use self::job::{Job, JobError, JobStatus, Jobs, Next};
