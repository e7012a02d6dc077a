//! The kinds of Webex's documents: entries that are kept as they were.

/// CSV reports that were ordered, each by its id.
pub const REPORTS: &str = "webex/reports";

/// Organizations, each by its id.
pub const ORGANIZATIONS: &str = "webex/organizations";

/// Attendee reports of a run.
pub const ATTENDEES: &str = "webex/attendees";

/// Invitees of a meeting, each by its id.
pub const INVITEES: &str = "webex/invitees";

/// The registration form of a meeting.
pub const REGISTRATION: &str = "webex/registration";

/// Invitation sources of a webinar, each by its id.
pub const SOURCES: &str = "webex/invitation_sources";

/// A user's meeting preferences.
pub const PREFERENCES: &str = "webex/preferences";
