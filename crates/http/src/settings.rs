use std::time::Duration;

use ipnet::IpNet;
use rollcall_auth::ProviderSettings;
use rollcall_quality::Profile;
use rollcall_sql::Limits;
use rollcall_zoom::page::Blanking;
use rollcall_zoom::rate::Plan;

/// Settings of the server. The defaults are those of `rollcall.toml`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Base URL for callers, without a trailing slash, if it differs from the address that they connect to (behind a
    /// proxy).
    pub public_url: Option<String>,
    /// Whether callers connect by HTTPS, see [`crate::Tls`].
    pub https: bool,
    /// Maximum size of a request body.
    pub max_body_bytes: usize,
    /// Maximum time from a request's last header to the last byte of its response's head.
    pub request_timeout: Duration,
    /// Maximum time for running requests to finish after a stop signal.
    pub drain_timeout: Duration,
    /// Maximum number of connections. Beyond it, the connection that has been idle longest is evicted.
    pub max_connections: usize,
    /// Maximum number of connections from one client address (one /64 network for IPv6), and of concurrent requests
    /// from one client behind a trusted proxy.
    pub max_connections_per_client: usize,
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// A connection ends if its client reads nothing of a response for this long.
    pub write_timeout: Duration,
    /// Maximum memory for request bodies and unsent responses, in bytes; a client may hold a quarter.
    pub max_bytes_in_flight: u64,
    /// Whether readiness and metrics are served on a separate listener, see [`crate::serve_health`].
    pub health_apart: bool,
    /// Maximum number of wrong bearer tokens or client secrets from one address per minute, and of wrong secrets for
    /// one client. Further ones get 429.
    pub failed_sign_ins_per_minute: u32,
    /// Providers through which members sign in.
    pub providers: Vec<ProviderSettings>,
    /// Maximum time without data of a body that is processed line by line.
    pub ingest_idle_timeout: Duration,
    /// Minimum rate of such a body, in bytes per second, after the first seconds.
    pub ingest_min_bytes_per_second: u32,
    /// Maximum number of such bodies at a time.
    pub max_ingest_bodies: usize,
    /// Lifetime of access tokens from `/oauth/token`.
    pub zoom_access_token_seconds: i64,
    /// Lifetime of refresh tokens, in both APIs.
    pub refresh_token_seconds: i64,
    /// Lifetime of access tokens from `/v1/access_token`.
    pub webex_access_token_seconds: i64,
    /// Lifetime of a page token.
    pub page_token_seconds: i64,
    /// Send code 300 with HTTP status 300, as in Zoom's older documents, instead of 400.
    pub zoom_status_300: bool,
    /// Enforce Zoom's limit on lists and reports: from at most six months ago.
    pub zoom_report_limits: bool,
    /// What a business associate agreement hides.
    pub zoom_blanking: Blanking,
    /// The plan whose rate limits are enforced; `None` enforces none.
    pub zoom_rate_plan: Option<Plan>,
    /// Maximum age of the signature of a Zoom delivery.
    pub hooks_window_seconds: i64,
    /// Maximum number of deliveries per second for one account.
    pub hooks_max_per_second: u32,
    /// Enforce Webex's limits on qualities: from ten minutes after the start until seven days after the end, and one
    /// call per meeting every five minutes.
    pub webex_quality_limits: bool,
    /// Enforce Webex's limit on summary reports: from at most 90 days ago.
    pub webex_report_limits: bool,
    /// Whether webhooks may send to this machine and to private networks.
    pub webex_webhooks_to_private: bool,
    /// Whether connections may collect from this machine and from private networks.
    pub collect_to_private: bool,
    /// Maximum number of page reports per second for one account.
    pub webrtc_max_per_second: u32,
    /// Maximum number of instances that pages may create per minute with one token.
    pub webrtc_new_instances_per_minute: u32,
    /// Maximum number of tracking codes per site.
    pub webex_tracking_codes_per_site: usize,
    /// Limits that make a minute an issue.
    pub quality_profile: Profile,
    /// Limits of an SQL query.
    pub sql_limits: Limits,
    /// From whom mails are; `None` if the server sends none.
    pub mail_from: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: None,
            https: false,
            max_body_bytes: 1024 * 1024,
            request_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(20),
            max_connections: 4096,
            max_connections_per_client: 256,
            trusted_proxies: Vec::new(),
            write_timeout: Duration::from_secs(20),
            max_bytes_in_flight: 48 * 1024 * 1024,
            health_apart: false,
            failed_sign_ins_per_minute: 30,
            providers: Vec::new(),
            ingest_idle_timeout: Duration::from_secs(30),
            ingest_min_bytes_per_second: 1024,
            max_ingest_bodies: 8,
            zoom_access_token_seconds: 3600,
            refresh_token_seconds: 90 * 24 * 3600,
            webex_access_token_seconds: 14 * 24 * 3600,
            page_token_seconds: 15 * 60,
            zoom_status_300: false,
            zoom_report_limits: false,
            zoom_blanking: Blanking::None,
            zoom_rate_plan: None,
            hooks_window_seconds: 100 * 60,
            hooks_max_per_second: 20_000,
            webex_quality_limits: false,
            webex_report_limits: false,
            webex_webhooks_to_private: false,
            collect_to_private: false,
            webrtc_max_per_second: 2_000,
            webrtc_new_instances_per_minute: 60,
            webex_tracking_codes_per_site: 10,
            quality_profile: Profile::default(),
            sql_limits: Limits::default(),
            mail_from: None,
        }
    }
}
