//! Quality: scores with their reasons, health, summaries and rollups, as pure functions over rows.
//!
//! Nothing here uses a store, a clock or a vendor's JSON. The formulas, their sources and a worked example are in
//! `docs/quality.md`.

mod attendance;
mod cell;
mod codec;
pub mod emodel;
mod findings;
mod label;
mod profile;
mod rollup;
mod score;
mod sketch;
mod summary;

pub use attendance::{AttendanceHealth, AttendanceQuality, InstanceScorer, MediaTally};
pub use cell::{Cell, Measure};
pub use codec::Codec;
pub use findings::{Finding, Findings, Health, Issue, find};
pub use label::Label;
pub use profile::{Limits, Profile};
pub use rollup::{CellKey, Dimension, DimensionValues, PackedRollup, Rollup, Step};
pub use score::{AudioScore, Basis, MinuteScores, PictureScore, Reason, score_audio, score_minute, score_picture};
pub use sketch::{InvalidBytes, NotCounted, Sketch, SketchSum};
pub use summary::Summariser;
