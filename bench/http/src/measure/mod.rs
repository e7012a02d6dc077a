//! The measures, one per bar.

pub mod growth;
pub mod hooks;
pub mod memory;
pub mod pages;
pub mod prism;
pub mod start;

use std::path::PathBuf;

use crate::report::Report;

/// What every measure works with.
#[derive(Debug)]
pub struct Setup {
    /// The program.
    pub rollcall: PathBuf,
    /// The folder that Prism is installed in.
    pub prism: PathBuf,
    /// Where worlds are kept.
    pub dir: PathBuf,
    /// How often each figure is taken.
    pub rounds: usize,
    pub report: Report,
}
