//! The server through HTTP, in process: a request goes in, status, headers and body come out.

mod api;
mod common;
mod description;
mod ingest;
mod members;
mod reference;
mod webex;
mod zoom;
