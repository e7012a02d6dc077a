//! The rules of tracking codes and users' values, as pure functions from a caller's JSON to the model's types.
//!
//! A body is either accepted as a whole, in the form in which it is returned, or rejected with all of its errors
//! ([`Violations`]). [`CodeDraft::parse`] and [`UserValuesDraft::parse`] check what depends only on the body; the rest
//! is checked when the body's site is known. Lengths count characters (Unicode scalar values), not bytes.
//!
//! Where the reference is silent, we decided: a duplicate name is a conflict (409); a mapped site rejects changes
//! (403); a second default option, a repeated option, service or code, and too many codes are errors (400).

mod body;
mod code;
mod csv_report;
mod fields;
mod host;
mod invitees;
mod meeting;
mod meeting_codes;
mod parameter;
mod participants;
mod registrant;
mod registration;
mod schedule;
mod values;
mod violation;
mod webhook;

use rollcall_model::{Site, Text, TrackingCodeMode};

pub use code::CodeDraft;
pub use csv_report::parse_order;
pub use host::host_view;
pub use invitees::{MAX_INVITEES, MAX_SOURCES, invitation_sources, invitee, invitee_change, invitees};
pub use meeting::{MeetingDraft, changed, parse_change};
pub use meeting_codes::meeting_codes;
pub use parameter::{parse_service, parse_site_url};
pub use participants::ParticipantQuery;
pub use registrant::{RegistrantsQuery, registrant, registrant_ids, registrants, registrants_query};
pub use registration::registration;
pub use values::UserValuesDraft;
pub use violation::{Field, Violation, Violations};
pub use webhook::{WebhookChange, WebhookDraft};

pub(crate) use body::{Object, kind, parse_json};
pub(crate) use violation::Findings;

/// Maximum length of names and values, in characters.
pub const MAX_CHARS: usize = 120;

/// Maximum number of options of a code.
pub const MAX_OPTIONS: usize = 500;

/// Maximum number of schedule rules in a request: one for each service.
pub const MAX_SCHEDULE_START_CODES: usize = 5;

/// Limits that an operator can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum number of codes of a site. The REST reference has no limit; the earlier XML API had ten slots.
    pub max_codes_per_site: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_codes_per_site: 10 }
    }
}

/// Checks that the site's codes, and users' values of them, can be changed through the API.
///
/// # Errors
///
/// [`Violation::Mapped`] if they are mapped from user attributes, or being mapped.
pub fn check_writable(site: &Site) -> Result<(), Violation> {
    match site.tracking_code_mode {
        TrackingCodeMode::Classic => Ok(()),
        TrackingCodeMode::Mapping | TrackingCodeMode::Mapped => Err(Violation::Mapped { site_url: site.url.clone() }),
    }
}

/// Parses a body that only contains `siteUrl`: the choice of a default site.
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
