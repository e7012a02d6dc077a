//! The sections of the settings, as `rollcall.default.toml` has and explains them.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use rollcall_model::LocationGrain;
use serde::Deserialize;
use toml::Value;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataSection {
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerSection {
    pub(crate) listen: SocketAddr,
    pub(super) public_url: String,
    pub(super) tls_cert: PathBuf,
    pub(super) tls_key: PathBuf,
    pub(super) max_body_bytes: usize,
    pub(super) request_timeout_secs: u64,
    pub(super) drain_timeout_secs: u64,
    pub(super) max_connections: usize,
    pub(super) max_connections_per_client: usize,
    pub(super) trusted_proxies: String,
    pub(super) behind_proxy: bool,
    pub(crate) health_listen: String,
    pub(super) write_timeout_secs: u64,
    pub(super) max_in_flight_mb: u64,
    pub(super) failed_sign_ins_per_minute: u32,
    pub(super) secrets_key_file: PathBuf,
    pub(super) print_ahead_mb: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogSection {
    pub(crate) format: LogFormat,
    pub(crate) filter: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Auto,
    Text,
    Json,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IngestSection {
    pub(super) idle_timeout_secs: u64,
    pub(super) min_bytes_per_second: u32,
    pub(super) at_a_time: usize,
    pub(super) webrtc_max_per_second: u32,
    pub(super) webrtc_new_instances_per_minute: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ArchiveSection {
    pub(super) location: String,
    pub(super) settle_secs: u64,
    pub(super) silence_secs: u64,
    pub(super) round_secs: u64,
    pub(super) grace_secs: u64,
    pub(super) merge_files: u64,
    pub(super) full_rows: u64,
}

/// Settings that are not in the default are found when they are merged into it.
#[derive(Debug, Deserialize)]
pub(super) struct RetentionSection {
    pub(super) identity_location: LocationGrain,
    pub(super) round_secs: u64,
    pub(super) max_gap_days: u32,
    pub(super) undo_days: u32,
    /// A number of days or "forever" for each kind of data, by the rest of the setting's name.
    #[serde(flatten)]
    pub(super) days: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OAuthSection {
    pub(super) zoom_access_token_secs: u32,
    pub(super) webex_access_token_secs: u32,
    pub(super) refresh_token_secs: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignInSection {
    pub(super) providers: Vec<ProviderSection>,
}

/// A provider through which members sign in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderSection {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) client_secret_env: Option<String>,
    pub(super) client_secret_file: Option<PathBuf>,
    #[serde(default = "default_scopes")]
    pub(super) scopes: Vec<String>,
    #[serde(default = "default_groups_claim")]
    pub(super) groups_claim: String,
    pub(super) roles: Vec<RoleSection>,
    pub(super) account: Option<String>,
    #[serde(default)]
    pub(super) admit: bool,
}

fn default_scopes() -> Vec<String> {
    vec!["email".to_owned(), "profile".to_owned()]
}

fn default_groups_claim() -> String {
    "groups".to_owned()
}

/// A group of a provider, and what its members may do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleSection {
    pub(super) group: String,
    pub(super) role: String,
    #[serde(default)]
    pub(super) hide_names: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MailSection {
    pub(super) server: String,
    pub(super) port: u16,
    pub(super) tls: MailTls,
    pub(super) from: String,
    pub(super) user: String,
    pub(super) password_env: String,
    pub(super) password_file: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum MailTls {
    StartTls,
    Tls,
    None,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ZoomSection {
    pub(super) page_token_secs: u32,
    pub(super) status_300: bool,
    pub(super) report_limits: bool,
    pub(super) baa: Baa,
    pub(super) rate_plan: RatePlan,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Baa {
    None,
    Legacy,
    Addendum,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RatePlan {
    Off,
    Free,
    Pro,
    Business,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HooksSection {
    pub(super) window_secs: u32,
    pub(super) max_per_second: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WebexSection {
    pub(super) quality_limits: bool,
    pub(super) report_limits: bool,
    pub(super) webhooks_to_private_addresses: bool,
    pub(super) tracking_codes_per_site: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CollectSection {
    pub(super) private_addresses: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QualitySection {
    pub(super) profile: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SqlSection {
    pub(super) workers: usize,
    pub(super) seconds: u64,
    pub(super) memory_mb: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HealthSection {
    pub(super) min_free_mb: u64,
    pub(super) round_secs: u64,
}
