//! Rollcall's own formats, for sources that do not use a vendor's: NDJSON lines of participants and of minutes
//! ([`lines`]), and call statistics of browsers ([`webrtc`]).
//!
//! Input is read in chunks, so it can have any size, and each line is independent: an error in one is reported with its
//! number, and affects only that line.

mod decode;
pub mod lines;
pub mod webrtc;

pub use decode::{DecodeError, Encoding, decoded, detected};
