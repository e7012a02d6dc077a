//! Webex's wire: types, spelling of values, the rules of tracking codes, and the reading of response bodies.
//!
//! This is the only crate that knows Webex's JSON. [`wire`] holds its shapes, each with a conversion from the model;
//! [`rules`] turns what a caller sends into model types or says what is wrong with it; [`status`] holds the sentences
//! that errors open with; [`person`] spells people's ids and [`run`] those of runs;
//! [`meeting`] and [`quality`] turn runs, attendances and minutes into its shapes and back; [`read`] turns response bodies into facts to import;
//! [`hook`] checks and reads what webhooks deliver.
//! Everything here is a pure function: no store, no socket, no clock.

pub mod extras;
pub mod hook;
pub mod meeting;
pub mod operations;
pub mod person;
pub mod quality;
pub mod read;
pub mod rules;
pub mod run;
pub mod status;
pub mod wire;
