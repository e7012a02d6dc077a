//! Progress of a backup or a restore.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// The minutes that are not archived.
    Minutes,
    /// The database.
    Database,
    /// Archive files.
    Archive,
    /// Verifying what was written.
    Verifying,
    /// Deleting old backups.
    Pruning,
}

/// Progress of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The step.
    pub step: Step,
    /// Bytes that are done.
    pub done: u64,
    /// Bytes of the whole step; 0 if unknown.
    pub total: u64,
}

/// Receives progress. It must not block.
pub type Report = Arc<dyn Fn(Progress) + Send + Sync>;

/// Counts the bytes of one step.
#[derive(Clone)]
pub(crate) struct Counter {
    report: Report,
    step: Step,
    done: Arc<AtomicU64>,
    total: u64,
}

impl Counter {
    pub(crate) fn new(report: &Report, step: Step, total: u64) -> Self {
        report(Progress { step, done: 0, total });
        Self { report: Arc::clone(report), step, done: Arc::default(), total }
    }

    pub(crate) fn add(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        (self.report)(Progress { step: self.step, done, total: self.total });
    }
}
