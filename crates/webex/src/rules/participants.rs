//! The body of a request for participants by their addresses.

use rollcall_model::Text;

use super::{
    body::{Object, parse_json},
    violation::{Findings, Violations},
};

/// Maximum number of addresses in a request.
const MAX_EMAILS: usize = 100;

/// Which participants are requested.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParticipantQuery {
    /// With one of these addresses.
    pub emails: Vec<Text>,
    /// Joined at this time or later.
    pub join_time_from: Option<Text>,
    /// Joined before this time.
    pub join_time_to: Option<Text>,
}

impl ParticipantQuery {
    /// Parses a body.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn from_slice(body: &[u8]) -> Result<Self, Violations> {
        let value = parse_json(body)?;
        let object = Object::root(&value)?;
        let mut findings = Findings::default();
        let emails = object.texts("emails", MAX_EMAILS, &mut findings);
        if emails.as_ref().is_some_and(Vec::is_empty) {
            findings.add(super::Violation::Empty { field: "emails".into() });
        }
        let join_time_from = object.optional_text("joinTimeFrom", &mut findings);
        let join_time_to = object.optional_text("joinTimeTo", &mut findings);
        let read = || Some(Self { emails: emails?, join_time_from: join_time_from?, join_time_to: join_time_to? });
        let read = read();
        findings.finish(read)
    }
}
