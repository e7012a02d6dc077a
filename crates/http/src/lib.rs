//! The HTTP server: Zoom's and Webex's APIs, credentials, limits, health.

mod api;
mod audit;
mod auth;
mod extended;
mod home;
mod hooks;
mod openapi;
mod page_token;
mod rate;
mod reference;
mod samples;
mod scopes;
mod server;
mod settings;
mod state;
mod webex;
mod zoom;

pub use auth::credentials::{CreatedApp, CreatedToken, TokenRequest, create_app, create_token};
pub use ipnet::IpNet;
pub use openapi::{api_document, webex_document, zoom_document};
pub use page_token::PageTokenKey;
pub use rate::{Label, Plan};
pub use rollcall_zoom::page::Blanking;
pub use scopes::{InvalidScopes, known_scopes, own_read_scopes, parse_scopes, read_scopes};
pub use server::{Readiness, Tls, TlsError, router, serve, serve_health};
pub use settings::Settings;
pub use state::{App, AppState, Entropy, SystemEntropy, draw_secret, drawn_text};
pub use zoom::{PrintAhead, PrintAheadError, PrintAheadSettings};
