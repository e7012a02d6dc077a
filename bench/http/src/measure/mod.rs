//! The measurements, one per target.

pub mod growth;
pub mod hooks;
pub mod memory;
pub mod pages;
pub mod prism;
pub mod start;

use std::path::PathBuf;

use crate::report::Report;

/// The environment of every measurement.
#[derive(Debug)]
pub struct Setup {
    /// The program.
    pub rollcall: PathBuf,
    /// The folder that Prism is installed in.
    pub prism: PathBuf,
    /// The folder of the worlds.
    pub dir: PathBuf,
    /// The number of rounds.
    pub rounds: usize,
    pub report: Report,
}
