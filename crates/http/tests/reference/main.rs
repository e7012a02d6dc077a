//! The reference: its pages, its tools, its downloads.

#![allow(clippy::unwrap_used, reason = "these are tests")]

#[path = "../common/mod.rs"]
mod common;
mod downloads;
mod pages;
mod try_it;
