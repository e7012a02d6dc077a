//! The pages of all APIs, their downloads, and the tools, without a server.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod described;
mod downloads;
mod pages;
mod tools;

use rollcall_reference::Reference;
