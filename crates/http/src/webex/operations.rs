//! The operations of Webex's surface: what opens each (Webex reference, sections 2.7 and 7).

use crate::auth::{Effect, Operation, Subject};

/// Opens the tracking codes to readers: full and content administrators hold the first, site administrators the
/// second.
pub(super) const ADMIN_READ: &[&str] = &["meeting:admin_schedule_read", "meeting:admin_config_read"];

/// Opens the tracking codes to writers.
pub(super) const ADMIN_WRITE: &[&str] = &["meeting:admin_schedule_write", "meeting:admin_config_write"];

/// Opens a host's own view of the tracking codes.
pub(super) const HOST_READ: &[&str] = &["meeting:schedules_read"];

/// Opens one's own sites.
pub(super) const PREFERENCES_READ: &[&str] = &["meeting:preferences_read"];

/// Opens other people's sites.
pub(super) const ADMIN_PREFERENCES_READ: &[&str] = &["meeting:admin_preferences_read"];

/// Opens one's own default site to change.
pub(super) const PREFERENCES_WRITE: &[&str] = &["meeting:preferences_write"];

/// Opens other people's default site to change.
pub(super) const ADMIN_PREFERENCES_WRITE: &[&str] = &["meeting:admin_preferences_write"];

/// Opens the account's runs of meetings. A host's own scope is not among them: it opens that host's meetings only.
const MEETINGS_READ: &[&str] = &["meeting:admin_schedule_read", "spark-compliance:meetings_read"];

/// Opens who took part in the account's meetings.
const PARTICIPANTS_READ: &[&str] = &["meeting:admin_participants_read", "spark-compliance:meetings_read"];

macro_rules! operations {
    ($($name:ident = $effect:ident $id:literal, $scopes:expr;)+) => {
        $(pub(super) const $name: Operation =
            Operation { id: $id, scopes: $scopes, effect: Effect::$effect, subject: Subject::Asked, label: None };)+
        /// Every operation of the surface.
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
