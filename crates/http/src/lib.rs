//! The HTTP server: Zoom's and Webex's APIs, credentials, limits, health.

mod api;
mod extended;
mod home;
mod hooks;
mod openapi;
mod operations;
mod page_token;
mod reference;
mod routes;
mod samples;
mod server;
mod settings;
mod state;
mod webex;
mod zoom;

pub use ipnet::IpNet;
pub use rollcall_zoom::{page::Blanking, rate::Plan};

pub use openapi::{api_document, webex_document, zoom_document};
pub use operations::{own_read_scopes, parse_scopes, read_scopes};
pub use page_token::PageTokenKey;
pub use server::{Lifecycle, Readiness, Tls, TlsError, router, serve, serve_health};
pub use settings::Settings;
pub use state::{App, AppState};
