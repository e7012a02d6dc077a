//! The kinds of Webex's documents: entries that are kept as they were.

/// Organizations, each by its id.
pub const ORGANIZATIONS: &str = "webex/organizations";

/// Attendee reports of a run.
pub const ATTENDEES: &str = "webex/attendees";
