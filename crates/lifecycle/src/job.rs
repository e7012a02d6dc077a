//! Background jobs: work in rounds, and the runner that repeats them.

use std::{
    collections::BTreeMap,
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

/// Why a round failed. Its previous work stays done; the next round continues.
pub type JobError = Box<dyn Error + Send + Sync>;

/// When the next round is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Immediately: this round left work to do.
    Now,
    /// After the job's interval.
    Later,
}

/// Background work in rounds.
///
/// A round does a bounded amount of work, derives its tasks from the stored data, and may be cancelled at any
/// await: the next round, also of another process, finishes the work.
#[async_trait]
pub trait Job: Send {
    /// Returns a short name, for logs and metrics.
    fn name(&self) -> &'static str;

    /// Returns the pause between rounds.
    fn interval(&self) -> Duration;

    /// Runs one round.
    async fn round(&mut self) -> Result<Next, JobError>;

    /// Counts the pending work.
    async fn pending(&mut self) -> Result<u64, JobError>;

    /// Returns when a round must begin before the interval is over. Cancelling it loses nothing.
    async fn woken(&mut self) {
        std::future::pending::<()>().await;
    }
}

/// The status of a job in this process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobStatus {
    /// Rounds that succeeded.
    pub rounds: u64,
    /// Rounds that failed.
    pub failed_rounds: u64,
    /// Number of failed rounds since the last successful one.
    pub failures: u32,
    /// Pending work after the last round. `None` before the first round, and if counting failed.
    pub pending: Option<u64>,
}

/// Runs jobs and tracks their status. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Jobs(Arc<Mutex<BTreeMap<&'static str, JobStatus>>>);

/// Maximum pause after failed rounds, unless the job's interval is longer.
const MAX_BACKOFF: Duration = Duration::from_secs(300);

impl Jobs {
    /// Returns the status of every started job, by name.
    #[must_use]
    pub fn report(&self) -> BTreeMap<&'static str, JobStatus> {
        self.lock().clone()
    }

    /// Runs a job round after round until `stop` is cancelled. A failed round is logged and retried with exponential
    /// back-off.
    pub async fn run(&self, mut job: Box<dyn Job>, stop: CancellationToken) {
        let name = job.name();
        self.lock().entry(name).or_default();
        loop {
            let Some(round) = stop.run_until_cancelled(job.round()).await else { return };
            let pause = self.finish(name, round, job.interval());
            let Some(pending) = stop.run_until_cancelled(job.pending()).await else { return };
            let pending =
                pending.inspect_err(|error| tracing::warn!(job = name, %error, "could not count pending work"));
            self.lock().entry(name).or_default().pending = pending.ok();
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
                () = job.woken() => {}
            }
        }
    }

    /// Records the outcome of a round and returns the pause before the next.
    fn finish(&self, name: &'static str, round: Result<Next, JobError>, interval: Duration) -> Duration {
        let mut all = self.lock();
        let status = all.entry(name).or_default();
        match round {
            Ok(next) => {
                if status.failures > 0 {
                    tracing::info!(job = name, failures = status.failures, "background job works again");
                }
                status.rounds += 1;
                status.failures = 0;
                if next == Next::Now { Duration::ZERO } else { interval }
            }
            Err(error) => {
                let pause = backoff(interval, status.failures);
                status.failed_rounds += 1;
                status.failures += 1;
                let (failures, retry_seconds) = (status.failures, pause.as_secs());
                tracing::error!(job = name, %error, failures, retry_seconds, "background job failed; no data is lost, retrying");
                pause
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, JobStatus>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the pause after this many failures before the current one: doubled each time, from a minute or the interval
/// if that is shorter.
pub(crate) fn backoff(interval: Duration, failures: u32) -> Duration {
    let first = interval.clamp(Duration::from_secs(1), Duration::from_secs(60));
    first.saturating_mul(1 << failures.min(16)).min(MAX_BACKOFF.max(interval))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use tokio::sync::Notify;

    use super::*;

    /// Fails in its first two rounds, leaves work to do in the third, then waits to be woken.
    struct Flaky {
        rounds: Arc<AtomicU32>,
        wake: Arc<Notify>,
    }

    #[async_trait]
    impl Job for Flaky {
        fn name(&self) -> &'static str {
            "flaky"
        }

        fn interval(&self) -> Duration {
            Duration::from_secs(86_400)
        }

        async fn round(&mut self) -> Result<Next, JobError> {
            match self.rounds.fetch_add(1, Relaxed) {
                0 | 1 => Err("the disk is full".into()),
                2 => Ok(Next::Now),
                _ => Ok(Next::Later),
            }
        }

        async fn pending(&mut self) -> Result<u64, JobError> {
            Ok(u64::from(4_u32.saturating_sub(self.rounds.load(Relaxed))))
        }

        async fn woken(&mut self) {
            self.wake.notified().await;
        }
    }

    async fn until(condition: impl Fn() -> bool) {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn a_job_is_retried_goes_on_at_once_if_work_is_left_and_can_be_woken_and_stopped() {
        let (rounds, wake, jobs) = (Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()), Jobs::default());
        let (stop, job) = (CancellationToken::new(), Flaky { rounds: Arc::clone(&rounds), wake: Arc::clone(&wake) });
        let running = tokio::spawn({
            let (jobs, stop) = (jobs.clone(), stop.clone());
            async move { jobs.run(Box::new(job), stop).await }
        });
        let status = || jobs.report().get("flaky").copied().unwrap_or_default();
        until(|| status().pending == Some(3)).await;
        assert_eq!(status(), JobStatus { failed_rounds: 1, failures: 1, pending: Some(3), ..JobStatus::default() });
        wake.notify_one();
        until(|| status().failures == 2 && status().pending == Some(2)).await;
        wake.notify_one();
        // The third round leaves work to do, so the fourth follows without a pause.
        until(|| status().rounds == 2 && status().pending == Some(0)).await;
        assert_eq!(status(), JobStatus { rounds: 2, failed_rounds: 2, failures: 0, pending: Some(0) });
        stop.cancel();
        running.await.unwrap();
    }

    #[test]
    fn the_pause_doubles_up_to_five_minutes_or_the_interval() {
        let seconds = |interval, failures| backoff(Duration::from_secs(interval), failures).as_secs();
        assert_eq!([0, 1, 4, 5, 99].map(|failures| seconds(15, failures)), [15, 30, 240, 300, 300]);
        assert_eq!([0, 1, 6, 99].map(|failures| seconds(3_600, failures)), [60, 120, 3_600, 3_600]);
        assert_eq!(seconds(0, 0), 1);
    }
}
