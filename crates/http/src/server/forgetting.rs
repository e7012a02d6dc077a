use std::sync::{Arc, OnceLock};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};
use rollcall_ingest::forget::{DataKind, Forgotten};

type Count = dyn Fn() -> Forgotten + Send + Sync;
type Waits = dyn Fn() -> bool + Send + Sync;

/// Metrics of retention, once it runs.
#[derive(Default, Clone)]
pub(super) struct Forgetting(Arc<OnceLock<(Box<Count>, Box<Waits>)>>);

impl Forgetting {
    pub(super) fn set(
        &self,
        forgotten: impl Fn() -> Forgotten + Send + Sync + 'static,
        waits: impl Fn() -> bool + Send + Sync + 'static,
    ) {
        // A process has one instance of retention.
        let _ = self.0.set((Box::new(forgotten), Box::new(waits)));
    }
}

impl std::fmt::Debug for Forgetting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Forgetting")
    }
}

impl Collector for Forgetting {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let Some((forgotten, waits)) = self.0.get() else { return Ok(()) };
        let help = "1 while retention waits for an operator to confirm the clock, otherwise 0";
        let waiting = encoder.encode_descriptor("retention_waiting", help, None, MetricType::Gauge)?;
        ConstGauge::new(i64::from(waits())).encode(waiting)?;
        let forgotten = forgotten();
        let help = "Rows deleted by retention, by setting";
        let mut rows = encoder.encode_descriptor("retention_dropped_rows", help, None, MetricType::Counter)?;
        // Kinds without deletions, too: a rate needs a starting point.
        for kind in DataKind::ALL {
            let counter = ConstCounter::new(forgotten.get(&kind).copied().unwrap_or(0));
            counter.encode(rows.encode_family(&[("setting", kind.setting())])?)?;
        }
        Ok(())
    }
}
