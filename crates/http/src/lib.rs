//! The HTTP server: Zoom's and Webex's surfaces, credentials, limits, health.
