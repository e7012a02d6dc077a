//! Zoom's wire: types, spelling of values, pages, and the reading of response bodies.
//!
//! This is the only crate that knows Zoom's JSON. Outwards it speaks field names, units in texts and blanks; inwards
//! it speaks [`rollcall_model`]. [`wire`] describes every answer as a type, [`page`] writes the two heavy answers
//! without building those types, [`read`](mod@read) turns an answer back into facts, [`hook`] reads and checks what
//! webhooks deliver, [`spell`] knows how one value is
//! written, and [`path`] knows how an instance is named in a path.

pub mod extras;
pub mod hook;
pub mod operations;
pub mod page;
pub mod path;
pub mod rate;
pub mod read;
pub mod spell;
pub mod wire;
