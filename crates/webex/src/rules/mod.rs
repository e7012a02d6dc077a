//! What a tracking code and a user's values must satisfy, as pure functions from a caller's JSON to the model's types.
//!
//! A body of any shape is either taken whole, in the form in which it is answered, or refused with everything that is
//! wrong with it ([`Violations`]); nothing in between. What the body alone decides is checked by [`CodeDraft::parse`]
//! and [`UserValuesDraft::parse`]; what depends on the site is checked once the site that the body names is at hand.
//! Lengths count characters (Unicode scalar values), not bytes.
//!
//! Where the reference is silent: a duplicate name is a conflict (409), a mapped site refuses changes (403), and the
//! following are plainly wrong (400): a second default option, a repeated option, service or code, and a code too many.

mod body;
mod code;
mod host;
mod parameter;
mod schedule;
mod values;
mod violation;

use rollcall_model::{Site, Text, TrackingCodeMode};

pub use code::CodeDraft;
pub use host::host_view;
pub use parameter::{parse_service, parse_site_url};
pub use values::UserValuesDraft;
pub use violation::{Field, Violation, Violations};

pub(crate) use body::{Object, kind, parse_json};
pub(crate) use violation::Findings;

/// The longest name and the longest value, in characters.
pub const MAX_CHARS: usize = 120;

/// The most options of a code.
pub const MAX_OPTIONS: usize = 500;

/// The most schedule rules in a request: one for each service.
pub const MAX_SCHEDULE_START_CODES: usize = 5;

/// Limits that an operator may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most codes of a site. The REST reference tells none; the XML API that came before it had ten slots.
    pub max_codes_per_site: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_codes_per_site: 10 }
    }
}

/// Says whether the site's codes, and users' values of them, can be changed through the API.
///
/// # Errors
///
/// [`Violation::Mapped`] where they are mapped from user attributes, or being mapped.
pub fn check_writable(site: &Site) -> Result<(), Violation> {
    match site.tracking_code_mode {
        TrackingCodeMode::Classic => Ok(()),
        TrackingCodeMode::Mapping | TrackingCodeMode::Mapped => Err(Violation::Mapped { site_url: site.url.clone() }),
    }
}

/// Reads the `siteUrl` of a body that holds nothing else of interest: the choice of a default site.
///
/// # Errors
///
/// What is wrong with the body, or with the field.
pub fn parse_default_site(body: &[u8]) -> Result<Text, Violations> {
    let value = parse_json(body)?;
    let object = Object::root(&value)?;
    let mut findings = Findings::default();
    let site_url = object.host_name("siteUrl", &mut findings);
    findings.finish(site_url)
}
