//! The real binary: its output, its effects, and its use while a server runs.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod archive;
mod backup;
mod beside;
mod credentials;
mod erase;
mod faults;
mod folder;
mod generate;
mod help;
mod hooks;
mod http;
mod imports;
mod kill;
mod lives;
mod load;
mod members;
mod quality;
mod retention;
mod round_trips;
mod secrecy;
mod serving;
mod settings;
mod simulation;
mod sql;
mod webhooks;
