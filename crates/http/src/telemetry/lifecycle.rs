use std::sync::{Arc, OnceLock};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};
use rollcall_collector::{Counters, Sums};
use rollcall_lifecycle::{
    Jobs,
    retention::{DataKind, Retention},
    seal::{SealCounters, SealReport},
};

/// The background work of this process, for `/metrics`.
pub struct Lifecycle {
    /// The status of every job.
    pub jobs: Jobs,
    /// The sealer's counters.
    pub sealing: Arc<SealCounters>,
    /// What retention has deleted.
    pub retention: Arc<Retention>,
    /// What was collected from vendors.
    pub collected: Counters,
}

/// Metrics of background work, once it runs.
#[derive(Default, Clone)]
pub(super) struct LifecycleMetrics(Arc<OnceLock<Lifecycle>>);

impl LifecycleMetrics {
    pub(super) fn set(&self, lifecycle: Lifecycle) {
        // A process starts its background work once.
        let _ = self.0.set(lifecycle);
    }

    pub(super) fn get(&self) -> Option<&Lifecycle> {
        self.0.get()
    }
}

impl std::fmt::Debug for LifecycleMetrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LifecycleMetrics")
    }
}

impl Collector for LifecycleMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let Some(Lifecycle { jobs, sealing, retention, collected }) = self.0.get() else { return Ok(()) };
        encode_jobs(&mut encoder, jobs)?;
        encode_sealing(&mut encoder, sealing.report())?;
        encode_retention(&mut encoder, retention)?;
        encode_collected(&mut encoder, collected)
    }
}

fn encode_jobs(encoder: &mut DescriptorEncoder<'_>, jobs: &Jobs) -> Result<(), std::fmt::Error> {
    let report = jobs.report();
    let help = "Pending work of a background job";
    let mut pending = encoder.encode_descriptor("job_pending", help, None, MetricType::Gauge)?;
    for (job, status) in &report {
        if let Some(count) = status.pending {
            ConstGauge::new(gauge(count)).encode(pending.encode_family(&[("job", *job)])?)?;
        }
    }
    let help = "Rounds of a background job, by outcome";
    let mut rounds = encoder.encode_descriptor("job_rounds", help, None, MetricType::Counter)?;
    for (job, status) in &report {
        for (result, count) in [("success", status.rounds), ("failure", status.failed_rounds)] {
            ConstCounter::new(count).encode(rounds.encode_family(&[("job", *job), ("result", result)])?)?;
        }
    }
    Ok(())
}

fn encode_sealing(encoder: &mut DescriptorEncoder<'_>, report: SealReport) -> Result<(), std::fmt::Error> {
    let SealReport {
        lapsed_instances,
        sealed_instances,
        sealed_minutes,
        merged_files,
        deleted_files,
        failed_rounds,
        failed_instances,
        failed_merges,
        settling_instances,
    } = report;
    for (name, help, count) in [
        ("lapsed_instances", "Instances presumed ended after a time without events", lapsed_instances),
        ("sealed_instances", "Instances moved to the archive", sealed_instances),
        ("sealed_minutes", "Participants' minutes moved to the archive", sealed_minutes),
        ("archive_merged_files", "Archive files merged into larger ones", merged_files),
        ("archive_deleted_files", "Replaced archive files that were deleted", deleted_files),
        ("seal_failed_rounds", "Sealing rounds that failed; they are retried", failed_rounds),
        ("seal_failed_instances", "Failed attempts to seal an instance", failed_instances),
        ("seal_failed_merges", "Failed attempts to merge files, because one is damaged", failed_merges),
    ] {
        let counter = ConstCounter::new(count);
        counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
    }
    let settling = ConstGauge::new(gauge(settling_instances));
    let help = "Ended instances waiting to be sealed";
    settling.encode(encoder.encode_descriptor("settling_instances", help, None, settling.metric_type())?)
}

fn encode_retention(encoder: &mut DescriptorEncoder<'_>, retention: &Retention) -> Result<(), std::fmt::Error> {
    let help = "1 while retention waits for an operator to confirm the clock, otherwise 0";
    let waiting = encoder.encode_descriptor("retention_waiting", help, None, MetricType::Gauge)?;
    ConstGauge::new(i64::from(retention.is_waiting())).encode(waiting)?;
    let dropped = retention.dropped();
    let help = "Rows deleted by retention, by setting";
    let mut rows = encoder.encode_descriptor("retention_dropped_rows", help, None, MetricType::Counter)?;
    // Kinds without deletions, too: a rate needs a starting point.
    for kind in DataKind::ALL {
        let counter = ConstCounter::new(dropped.get(&kind).copied().unwrap_or(0));
        counter.encode(rows.encode_family(&[("setting", kind.setting())])?)?;
    }
    Ok(())
}

fn encode_collected(encoder: &mut DescriptorEncoder<'_>, collected: &Counters) -> Result<(), std::fmt::Error> {
    let report = collected.report();
    let count = |count: fn(&Sums) -> u64| report.map(|(vendor, sums)| (vendor, count(&sums)));
    for (name, help, counts) in [
        ("collect_calls", "Calls to a vendor's API, tries included", count(|sums| sums.calls)),
        ("collect_throttled", "Calls that the vendor answered with 429", count(|sums| sums.throttled)),
        ("collect_retries", "Tries after a call that failed", count(|sums| sums.retries)),
        ("collect_entries", "Entries of lists that were collected", count(|sums| sums.entries)),
        ("collect_gaps", "Gaps that were found while collecting", count(|sums| sums.gaps)),
    ] {
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (vendor, count) in counts {
            ConstCounter::new(count).encode(family.encode_family(&[("vendor", vendor.as_str())])?)?;
        }
    }
    Ok(())
}

fn gauge(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
