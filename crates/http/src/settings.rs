use std::time::Duration;

use ipnet::IpNet;
use rollcall_quality::Profile;
use rollcall_sql::Limits;
use rollcall_zoom::page::Blanking;

use crate::rate::Plan;

/// How the server answers. The defaults are those of `rollcall.toml`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address that callers use, without a trailing slash, where it is not the one they connect to (a proxy).
    pub public_url: Option<String>,
    /// Whether callers connect by HTTPS, see [`crate::Tls`].
    pub https: bool,
    /// The largest request body.
    pub max_body_bytes: usize,
    /// The longest time from a request's last header to the last byte of its answer's head.
    pub request_timeout: Duration,
    /// The longest time that running requests get after a signal to stop.
    pub drain_timeout: Duration,
    /// The most connections at a time. Beyond it the idlest connection makes room.
    pub max_connections: usize,
    /// The most connections of one client address (of one /64 network for IPv6), and the most requests of one client that a
    /// trusted proxy forwards at a time.
    pub max_connections_per_client: usize,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// A connection ends if its client takes nothing of an answer for so long.
    pub write_timeout: Duration,
    /// The most bytes of request bodies and unsent answers in memory; a client may hold a quarter.
    pub max_bytes_in_flight: u64,
    /// The most bytes of printed pages of participants in memory; 0 keeps none.
    pub page_cache_bytes: u64,
    /// Whether readiness and metrics are served on a listener of their own, see [`crate::serve_health`].
    pub health_apart: bool,
    /// How many wrong bearer tokens or client secrets an address may send in a minute, and how many wrong secrets may be
    /// sent for one client, before they are answered 429.
    pub failed_sign_ins_per_minute: u32,
    /// The longest that nothing may come of a body that is taken in line by line.
    pub ingest_idle_timeout: Duration,
    /// The least rate of such a body, in bytes a second, after the first seconds.
    pub ingest_min_bytes_per_second: u32,
    /// The most such bodies at a time.
    pub max_ingest_bodies: usize,
    /// How long access tokens from `/oauth/token` live.
    pub zoom_access_token_seconds: i64,
    /// How long refresh tokens live, on both surfaces.
    pub refresh_token_seconds: i64,
    /// How long access tokens from `/v1/access_token` live.
    pub webex_access_token_seconds: i64,
    /// How long a page token is good for.
    pub page_token_seconds: i64,
    /// Answer with HTTP 300 where Zoom's older documents print that status for code 300; otherwise with 400.
    pub zoom_status_300: bool,
    /// What is blanked under a business associate agreement.
    pub zoom_blanking: Blanking,
    /// The plan whose rate limits are enforced; none enforces nothing.
    pub zoom_rate_plan: Option<Plan>,
    /// How old Zoom's signature of a delivery may be.
    pub hooks_window_seconds: i64,
    /// How many deliveries a second are taken for an account.
    pub hooks_max_per_second: u32,
    /// Hold Webex's limits on qualities: from ten minutes after the beginning, for seven days after the end, one call each
    /// five minutes for a meeting.
    pub webex_quality_limits: bool,
    /// How many reports of pages an account may send in a second.
    pub webrtc_max_per_second: u32,
    /// How many instances pages may make in a minute, for each account and for each token.
    pub webrtc_new_instances_per_minute: u32,
    /// How many tracking codes a site holds.
    pub webex_tracking_codes_per_site: usize,
    /// By whose limits a minute is an issue.
    pub quality_profile: Profile,
    /// What a query in SQL may take.
    pub sql_limits: Limits,
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
            page_cache_bytes: 8 * 1024 * 1024,
            health_apart: false,
            failed_sign_ins_per_minute: 30,
            ingest_idle_timeout: Duration::from_secs(30),
            ingest_min_bytes_per_second: 1024,
            max_ingest_bodies: 8,
            zoom_access_token_seconds: 3600,
            refresh_token_seconds: 90 * 24 * 3600,
            webex_access_token_seconds: 14 * 24 * 3600,
            page_token_seconds: 15 * 60,
            zoom_status_300: false,
            zoom_blanking: Blanking::None,
            zoom_rate_plan: None,
            hooks_window_seconds: 100 * 60,
            hooks_max_per_second: 20_000,
            webex_quality_limits: false,
            webrtc_max_per_second: 2_000,
            webrtc_new_instances_per_minute: 60,
            webex_tracking_codes_per_site: 10,
            quality_profile: Profile::default(),
            sql_limits: Limits::default(),
        }
    }
}
