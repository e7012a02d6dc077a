//! Rollcall's own formats, for sources that speak no vendor's: lines of participants and of participants' minutes
//! ([`lines`]), and what browsers say of their calls ([`webrtc`]).
//!
//! Whatever is sent is read piece by piece, so that its size is no matter, and each line stands for itself: what is
//! wrong with one is told with its number, and costs that line alone.

mod decode;
pub mod lines;
mod take;
pub mod webrtc;

pub use decode::{DecodeError, Encoding, decoded, detected};
pub use take::{End, Limits, Refusal, Taken, take};
