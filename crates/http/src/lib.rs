//! The HTTP server: Zoom's and Webex's APIs, credentials, limits, health.

mod api;
mod authorize;
mod client;
mod dashboard;
mod extended;
mod hooks;
mod limits;
mod openapi;
mod operations;
mod page_token;
mod provider;
mod readiness;
mod reference;
mod router;
mod routes;
mod samples;
mod server;
mod settings;
mod state;
mod surface;
mod telemetry;
mod tls;
mod unsubscribe;
mod webex;
mod zoom;

pub use ipnet::IpNet;
pub use rollcall_zoom::{page::Blanking, rate::Plan};

pub use openapi::{api_document, webex_document, zoom_document};
pub use operations::{own_read_scopes, parse_scopes, read_scopes};
pub use page_token::PageTokenKey;
pub use readiness::Readiness;
pub use router::{router, serve, serve_health};
pub use settings::Settings;
pub use state::{App, AppState};
pub use telemetry::Lifecycle;
pub use tls::{Tls, TlsError};
pub use webex::WebhookSender;
pub use zoom::{PrintAhead, PrintAheadSettings};
