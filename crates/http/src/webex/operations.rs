//! The operations of Webex's API and their scopes (Webex reference, sections 2.7 and 7).

use crate::auth::{Effect, Operation, Subject};

/// Scopes that can read tracking codes: full and content administrators have the first, site administrators the second.
pub(super) const ADMIN_READ: &[&str] = &["meeting:admin_schedule_read", "meeting:admin_config_read"];

/// Scopes that can write tracking codes.
pub(super) const ADMIN_WRITE: &[&str] = &["meeting:admin_schedule_write", "meeting:admin_config_write"];

/// Scopes for a host's own view of tracking codes.
pub(super) const HOST_READ: &[&str] = &["meeting:schedules_read"];

/// Scopes for one's own sites.
pub(super) const PREFERENCES_READ: &[&str] = &["meeting:preferences_read"];

/// Scopes for other people's sites.
pub(super) const ADMIN_PREFERENCES_READ: &[&str] = &["meeting:admin_preferences_read"];

/// Scopes that can change one's own default site.
pub(super) const PREFERENCES_WRITE: &[&str] = &["meeting:preferences_write"];

/// Scopes that can change other people's default site.
pub(super) const ADMIN_PREFERENCES_WRITE: &[&str] = &["meeting:admin_preferences_write"];

/// Scopes for the account's runs of meetings. A host's own scope is not among them, because it covers only that host's
/// meetings.
const MEETINGS_READ: &[&str] = &["meeting:admin_schedule_read", "spark-compliance:meetings_read"];

/// Scopes for participants of the account's meetings.
const PARTICIPANTS_READ: &[&str] = &["meeting:admin_participants_read", "spark-compliance:meetings_read"];

macro_rules! operations {
    ($($name:ident = $effect:ident $id:literal, $scopes:expr;)+) => {
        $(pub(super) const $name: Operation =
            Operation { id: $id, scopes: $scopes, effect: Effect::$effect, subject: Subject::Asked, label: None };)+
        /// Every operation of this API.
        pub(crate) const ALL: &[&Operation] = &[$(&$name),+];
    };
}

operations! {
    LIST_TRACKING_CODES = Read "listTrackingCodes", ADMIN_READ;
    CREATE_TRACKING_CODE = Change "createTrackingCode", ADMIN_WRITE;
    GET_TRACKING_CODE = Read "getTrackingCode", ADMIN_READ;
    UPDATE_TRACKING_CODE = Change "updateTrackingCode", ADMIN_WRITE;
    DELETE_TRACKING_CODE = Change "deleteTrackingCode", ADMIN_WRITE;
    GET_USER_TRACKING_CODES = Read "getUserTrackingCodes", ADMIN_READ;
    UPDATE_USER_TRACKING_CODES = Change "updateUserTrackingCodes", ADMIN_WRITE;
    LIST_HOST_TRACKING_CODES = Read "listMeetingTrackingCodes",
        &["meeting:schedules_read", "meeting:admin_schedule_read", "meeting:admin_config_read"];
    LIST_SITES = Read "getSiteList", &["meeting:preferences_read", "meeting:admin_preferences_read"];
    LIST_MEETINGS = Read "listMeetings", MEETINGS_READ;
    GET_MEETING = Read "getMeeting", MEETINGS_READ;
    LIST_MEETING_PARTICIPANTS = Read "listMeetingParticipants", PARTICIPANTS_READ;
    GET_MEETING_PARTICIPANT = Read "getMeetingParticipant", PARTICIPANTS_READ;
    LIST_QUALITIES = Read "getMeetingQualities", &["analytics:read_all"];
    UPDATE_DEFAULT_SITE = Change "updateDefaultSite", &["meeting:preferences_write", "meeting:admin_preferences_write"];
}
