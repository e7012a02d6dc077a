use std::sync::Arc;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter},
};
use rollcall_auth::{Auth, AuthReport};

/// Metrics of the guard.
pub(super) struct AuthMetrics(pub(super) Arc<Auth>);

impl std::fmt::Debug for AuthMetrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuthMetrics")
    }
}

impl Collector for AuthMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let AuthReport { failed_sign_ins, throttled, dropped_audit } = self.0.report();
        for (name, help, counts) in [
            ("failed_sign_ins", "Sign-ins with wrong credentials, by what was tried", failed_sign_ins),
            ("throttled_sign_ins", "Sign-ins answered 429 after too many failures", throttled),
        ] {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            for (attempt, count) in counts {
                let labels = [("attempt", attempt.as_str())];
                ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
            }
        }
        let help = "Audit entries that could not be written";
        let dropped = encoder.encode_descriptor("audit_dropped", help, None, MetricType::Counter)?;
        ConstCounter::new(dropped_audit).encode(dropped)
    }
}
