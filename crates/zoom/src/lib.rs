//! Zoom's wire format: types, spelling of values, pages, and parsing of response bodies.
//!
//! This is the only crate that knows Zoom's JSON. Its outside has field names, strings with units and blanks; its
//! inside has [`rollcall_model`]. [`wire`] describes every response as a type, [`page`] writes the two large responses
//! without building those types, [`read`](mod@read) turns a response into facts, [`hook`] checks and parses webhooks, [`kept`]
//! lists the operations whose entries are kept as they were,
//! [`spell`] formats and parses single values, and [`path`] handles instances in paths.

pub mod extras;
pub mod hook;
pub mod kept;
pub mod operations;
pub mod page;
pub mod path;
pub mod rate;
pub mod read;
pub mod spell;
pub mod wire;
