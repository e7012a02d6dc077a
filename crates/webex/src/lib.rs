//! Webex's wire format: types, spelling of values, rules of tracking codes, and parsing of response bodies.
//!
//! This is the only crate that knows Webex's JSON. [`wire`] has its shapes, each with a conversion from the model;
//! [`rules`] turns a caller's input into model types or errors; [`status`] has the first sentences of errors;
//! [`person`] converts people's ids and [`run`] those of runs; [`people`], [`meeting`], [`report`] and [`quality`] convert
//! users, runs, attendances and minutes to its shapes and back; [`read`] turns response bodies into facts to import; [`hook`] checks and parses
//! webhooks; [`webhook`] prints those that Rollcall sends.
//! Everything here is a pure function: no store, no socket, no clock.

pub mod csv_report;
pub mod documents;
pub mod extras;
pub mod hook;
pub mod meeting;
pub mod operations;
pub mod people;
pub mod person;
pub mod quality;
pub mod read;
pub mod registrant;
pub mod report;
pub mod rules;
pub mod run;
pub mod status;
pub mod webhook;
pub mod wire;
