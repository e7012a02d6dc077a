//! Rollcall's own API through HTTP, in process.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod access;
mod attendance;
mod collect;
pub(crate) mod erasures;
mod live;
mod sql;
