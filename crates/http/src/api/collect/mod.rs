//! `/api/v1/collect`: connections to vendors, and what is missing of their data.

pub(super) mod connections;
pub(super) mod findings;
mod settings;
mod shown;
