use std::sync::{Arc, OnceLock};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
};
use rollcall_ingest::seal::{SealCounters, SealReport};

/// What the sealer counts, once there is one.
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
            ("lapsed_instances", "Instances that count as ended since nothing was heard of them", lapsed_instances),
            ("sealed_instances", "Instances moved to the archive", sealed_instances),
            ("sealed_minutes", "Participants' minutes moved to the archive", sealed_minutes),
            ("archive_merged_files", "Files of the archive copied into larger ones", merged_files),
            ("archive_deleted_files", "Files of the archive deleted after others replaced them", deleted_files),
            ("seal_failed_rounds", "Rounds of sealing that broke off; they are tried again", failed_rounds),
            ("seal_failed_instances", "Instances that could not be sealed, each time", failed_instances),
            ("seal_failed_merges", "Merges that a damaged file was in the way of, each time", failed_merges),
        ] {
            let counter = ConstCounter::new(count);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        let settling = ConstGauge::new(i64::try_from(settling_instances).unwrap_or(i64::MAX));
        let help = "Ended instances that wait to be sealed";
        settling.encode(encoder.encode_descriptor("settling_instances", help, None, settling.metric_type())?)
    }
}
