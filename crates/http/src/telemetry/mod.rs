//! Metrics, for Prometheus.

mod auth;
mod certificate;
mod lifecycle;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64},
    },
    time::Duration,
};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};
use rollcall_auth::Auth;
use rollcall_model::Vendor;

pub use self::lifecycle::Lifecycle;
use self::{auth::AuthMetrics, certificate::CertificateEnd, lifecycle::LifecycleMetrics};
use crate::tls::Tls;

/// The server's own metrics, for Prometheus.
pub(crate) struct Telemetry {
    registry: Registry,
    requests: Family<RequestLabels, Counter<u64, AtomicU64>>,
    durations: Family<RouteLabels, Histogram>,
    deliveries: Family<DeliveryLabels, Counter<u64, AtomicU64>>,
    pub(crate) connections: Gauge<i64, AtomicI64>,
    /// Rejected connections and forwarded requests of clients that had too many.
    pub(crate) connections_refused: Counter<u64, AtomicU64>,
    /// Idle connections that were evicted.
    pub(crate) connections_evicted: Counter<u64, AtomicU64>,
    /// Responses rejected because their client held too many unread bytes.
    pub(crate) answers_refused: Counter<u64, AtomicU64>,
    lines: Family<LineLabels, Counter<u64, AtomicU64>>,
    lifecycle: LifecycleMetrics,
    torn_journals: Counter<u64, AtomicU64>,
    lost_minutes: Counter<u64, AtomicU64>,
    certificate: CertificateEnd,
    /// Large past instances whose participants are printed ahead.
    pub(crate) sheets: Gauge<i64, AtomicI64>,
    /// Large past instances whose participants are still to be printed ahead.
    pub(crate) sheets_waiting: Gauge<i64, AtomicI64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DeliveryLabels {
    vendor: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

/// Result of a line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LineLabels {
    outcome: &'static str,
}

/// From a quarter of a millisecond to ten seconds.
fn duration_buckets() -> Histogram {
    Histogram::new([0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
}

impl Telemetry {
    pub(crate) fn new(auth: Arc<Auth>) -> Self {
        let mut registry = Registry::with_prefix("rollcall");
        let requests = Family::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        let durations = Family::<RouteLabels, Histogram>::new_with_constructor(duration_buckets);
        registry.register_with_unit(
            "http_request_duration",
            "Time from the head of a request to the head of its response",
            Unit::Seconds,
            durations.clone(),
        );
        let deliveries = Family::default();
        registry.register("hook_deliveries", "Webhook deliveries by outcome", deliveries.clone());
        registry.register_collector(Box::new(AuthMetrics(auth)));
        let connections = Gauge::default();
        registry.register("http_connections", "Open connections", connections.clone());
        let connections_refused = Counter::default();
        let help = "Connections and forwarded requests rejected because their client had too many";
        registry.register("http_connections_refused", help, connections_refused.clone());
        let connections_evicted = Counter::default();
        let help = "Idle connections closed to make room for others";
        registry.register("http_connections_evicted", help, connections_evicted.clone());
        let answers_refused = Counter::default();
        let help = "Responses rejected because their client had too many unread bytes";
        registry.register("http_answers_refused", help, answers_refused.clone());
        let lines = Family::default();
        registry.register("ingest_lines", "NDJSON lines received", lines.clone());
        let lifecycle = LifecycleMetrics::default();
        registry.register_collector(Box::new(lifecycle.clone()));
        let (torn_journals, lost_minutes) = (Counter::default(), Counter::default());
        let help = "Minute journals with an incomplete end at opening, as after a kill";
        registry.register("minutes_torn_journals", help, torn_journals.clone());
        let help = "Acknowledged minutes missing from their journal at opening";
        registry.register("minutes_lost", help, lost_minutes.clone());
        let certificate = CertificateEnd::default();
        registry.register_collector(Box::new(certificate.clone()));
        let (sheets, sheets_waiting) = (Gauge::default(), Gauge::default());
        registry.register("sheets", "Large past instances whose participants are printed ahead", sheets.clone());
        let help = "Large past instances whose participants are still to be printed ahead";
        registry.register("sheets_waiting", help, sheets_waiting.clone());
        Self {
            registry,
            requests,
            durations,
            deliveries,
            connections,
            connections_refused,
            connections_evicted,
            answers_refused,
            lines,
            lifecycle,
            torn_journals,
            lost_minutes,
            certificate,
            sheets,
            sheets_waiting,
        }
    }

    /// Reports when the TLS certificate expires.
    pub(crate) fn observe_certificate(&self, tls: Arc<Tls>) {
        self.certificate.set(tls);
    }

    /// Reports on background work.
    pub(crate) fn observe_lifecycle(&self, lifecycle: Lifecycle) {
        self.lifecycle.set(lifecycle);
    }

    /// Returns the background work of this process, once it runs.
    pub(crate) fn lifecycle(&self) -> Option<&Lifecycle> {
        self.lifecycle.get()
    }

    /// Adds what opening the minutes found out about their journals.
    pub(crate) fn minutes_opened(&self, torn_journals: u64, lost_minutes: u64) {
        self.torn_journals.inc_by(torn_journals);
        self.lost_minutes.inc_by(lost_minutes);
    }

    /// Counts a response. Routes are templates and methods are known ones, so the number of series is bounded.
    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, elapsed: Duration) {
        let method = match method {
            "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" => method,
            _ => "other",
        };
        let labels = RequestLabels { method: method.to_owned(), route: route.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
        self.durations.get_or_create(&RouteLabels { route: route.to_owned() }).observe(elapsed.as_secs_f64());
    }

    /// Counts the outcome of a webhook delivery.
    pub(crate) fn delivered(&self, vendor: Vendor, outcome: &'static str) {
        let labels = DeliveryLabels { vendor: vendor.as_str(), outcome };
        self.deliveries.get_or_create(&labels).inc();
    }

    /// Counts lines that were stored (including merged ones) or rejected.
    pub(crate) fn took_lines(&self, taken: u64, merged: u64, refused: u64) {
        for (outcome, count) in [("new", taken - merged.min(taken)), ("merged", merged), ("refused", refused)] {
            self.lines.get_or_create(&LineLabels { outcome }).inc_by(count);
        }
    }

    /// Returns all metrics in the OpenMetrics text format.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        if prometheus_client::encoding::text::encode(&mut text, &self.registry).is_err() {
            text.clear();
        }
        text
    }
}
