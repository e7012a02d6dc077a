use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// A result older than this fails readiness: the background check hangs.
const STALE_AFTER: Duration = Duration::from_secs(90);

/// Problems of the server's disks and stores, as found by the last check.
///
/// Requests do not trigger checks.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, Vec<&'static str>)>>);

impl Readiness {
    /// Stores the names of the failed checks; none if all passed.
    pub fn note(&self, failed: Vec<&'static str>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), failed));
    }

    /// Returns the names of the failed checks. A server without checks is ready.
    pub(crate) fn failed(&self) -> Vec<&'static str> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Vec::new(),
            Some((at, _)) if at.elapsed() > STALE_AFTER => vec!["checks"],
            Some((_, failed)) => failed.clone(),
        }
    }
}
