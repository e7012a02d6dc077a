//! The reference: its pages, its tools, its downloads.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod downloads;
mod pages;
mod try_it;
