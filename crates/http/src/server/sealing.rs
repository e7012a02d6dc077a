use std::sync::{Arc, OnceLock};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
};
use rollcall_ingest::seal::{SealCounters, SealReport};

/// Metrics of the sealer, once it runs.
#[derive(Debug, Default, Clone)]
pub(super) struct Sealing(Arc<OnceLock<Arc<SealCounters>>>);

impl Sealing {
    pub(super) fn set(&self, counters: Arc<SealCounters>) {
        // A process has one sealer.
        let _ = self.0.set(counters);
    }
}

impl Collector for Sealing {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let Some(counters) = self.0.get() else { return Ok(()) };
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
        } = counters.report();
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
        let settling = ConstGauge::new(i64::try_from(settling_instances).unwrap_or(i64::MAX));
        let help = "Ended instances waiting to be sealed";
        settling.encode(encoder.encode_descriptor("settling_instances", help, None, settling.metric_type())?)
    }
}
