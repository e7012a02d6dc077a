//! What happens to stored data over time: sealing of ended instances, presumed ends, rollups, retention and erasure.
//!
//! Each is a [`Job`], and one runner ([`Jobs`]) repeats them and reports what is pending. No job stores a work list: what
//! is to be done follows from what is stored, so that a round which was cut short is finished by the next one.

pub mod erasure;
mod job;
pub mod retention;
pub mod seal;

pub use self::job::{Job, JobError, JobStatus, Jobs, Next};
