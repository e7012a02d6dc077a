//! Reads query parameters, with the same errors as fields of a body.

use rollcall_model::{Service, Text};

use super::{body::parse_host_name, violation::Violation};
use crate::wire::{self, Word as _};

/// Reads the parameter `siteUrl` as stored: in lower case.
///
/// # Errors
///
/// [`Violation::Empty`] if it is blank, [`Violation::NotAHostName`] if it is not a bare host name.
pub fn parse_site_url(text: &str) -> Result<Text, Violation> {
    const FIELD: &str = "siteUrl";
    if text.trim().is_empty() {
        return Err(Violation::Empty { field: FIELD.into() });
    }
    parse_host_name(text).ok_or(Violation::NotAHostName { field: FIELD.into() })
}

/// Reads the parameter `service`.
///
/// # Errors
///
/// [`Violation::Empty`] if it is blank, [`Violation::UnknownWord`] if it is not a service.
pub fn parse_service(text: &str) -> Result<Service, Violation> {
    const FIELD: &str = "service";
    if text.trim().is_empty() {
        return Err(Violation::Empty { field: FIELD.into() });
    }
    match wire::Service::parse(text) {
        Some(service) => Ok(service.into()),
        None => Err(Violation::unknown_word::<wire::Service>(FIELD.into(), text)),
    }
}
