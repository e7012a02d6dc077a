use std::sync::{Arc, OnceLock};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, gauge::ConstGauge},
    registry::Unit,
};

use crate::tls::Tls;

/// When the served certificate expires; nothing without TLS.
#[derive(Default, Clone)]
pub(super) struct CertificateEnd(Arc<OnceLock<Arc<Tls>>>);

impl CertificateEnd {
    pub(super) fn set(&self, tls: Arc<Tls>) {
        // A process has one certificate.
        let _ = self.0.set(tls);
    }
}

impl std::fmt::Debug for CertificateEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CertificateEnd")
    }
}

impl Collector for CertificateEnd {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let Some(end) = self.0.get().and_then(|tls| tls.ends()) else { return Ok(()) };
        let help = "When the TLS certificate ends, in Unix time";
        let unit = Some(&Unit::Seconds);
        let gauge = encoder.encode_descriptor("tls_certificate_expiry_timestamp", help, unit, MetricType::Gauge)?;
        ConstGauge::new(end.as_seconds()).encode(gauge)
    }
}
