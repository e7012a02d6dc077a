//! The operations of Webex's API that Rollcall knows, with their addresses, titles and scopes (Webex reference,
//! sections 2, 5 and 7).

use rollcall_model::{Effect, Method, Operation, Subject};

/// Scopes that can read tracking codes: full and content administrators have the first, site administrators the second.
pub const ADMIN_READ: &[&str] = &["meeting:admin_schedule_read", "meeting:admin_config_read"];

/// Scopes that can write tracking codes.
pub const ADMIN_WRITE: &[&str] = &["meeting:admin_schedule_write", "meeting:admin_config_write"];

/// Scopes for a host's own view of tracking codes.
pub const HOST_READ: &[&str] = &["meeting:schedules_read"];

/// Scopes for one's own sites.
pub const PREFERENCES_READ: &[&str] = &["meeting:preferences_read"];

/// Scopes for other people's sites.
pub const ADMIN_PREFERENCES_READ: &[&str] = &["meeting:admin_preferences_read"];

/// Scopes that can change one's own default site.
pub const PREFERENCES_WRITE: &[&str] = &["meeting:preferences_write"];

/// Scopes that can change other people's default site.
pub const ADMIN_PREFERENCES_WRITE: &[&str] = &["meeting:admin_preferences_write"];

/// Scopes for the account's runs of meetings. A host's own scope is not among them, because it covers only that host's
/// meetings.
const MEETINGS_READ: &[&str] = &["meeting:admin_schedule_read", "spark-compliance:meetings_read"];

/// Scopes that can schedule, change and delete meetings: anybody's, or one's own.
pub const SCHEDULES_WRITE: &[&str] = &["meeting:admin_schedule_write", "meeting:schedules_write"];

/// Scopes that can change anybody's meetings.
pub const ADMIN_SCHEDULES_WRITE: &[&str] = &["meeting:admin_schedule_write"];

/// Scopes that can read what belongs to meetings: anybody's, or one's own.
pub const SCHEDULES_READ: &[&str] =
    &["meeting:admin_schedule_read", "spark-compliance:meetings_read", "meeting:schedules_read"];

/// Scopes that can read what belongs to anybody's meetings.
pub const ADMIN_SCHEDULES_READ: &[&str] = MEETINGS_READ;

/// Scopes for participants of the account's meetings.
const PARTICIPANTS_READ: &[&str] = &["meeting:admin_participants_read", "spark-compliance:meetings_read"];

/// Scopes for people of the account.
const PEOPLE_READ: &[&str] = &["spark:people_read", "spark-admin:people_read"];

/// Scopes for lists of people without a name, an address or an id.
pub const ADMIN_PEOPLE_READ: &[&str] = &["spark-admin:people_read"];

/// Scopes for organizations.
const ORGANIZATIONS_READ: &[&str] = &["spark-admin:organizations_read"];

/// Scopes for summary reports.
const REPORTS_READ: &[&str] = &["meeting:admin_config_read"];

/// Scopes for analytics and for CSV reports, whose creation exports records and changes none.
const ANALYTICS_READ: &[&str] = &["analytics:read_all"];

/// Scopes for webhooks, as in Webex: those that read what a webhook reports.
const WEBHOOKS: &[&str] = &["meeting:admin_schedule_read", "meeting:admin_participants_read"];

/// Scopes for webhooks of meetings.
pub const WEBHOOKS_OF_MEETINGS: &[&str] = &["meeting:admin_schedule_read"];

/// Scopes for webhooks of participants.
pub const WEBHOOKS_OF_PARTICIPANTS: &[&str] = &["meeting:admin_participants_read"];

const NOTHING: Option<&str> = None;
const ADMINISTRATOR: Option<&str> = Some("an administrator's token");
const ANALYTICS: Option<&str> =
    Some("the Pro Pack, and the token of a full or read-only administrator of the organisation that owns the meeting");

/// `/v1/access_token`: Get an access token. It requires an app's credentials instead of a token.
pub const CREATE_ACCESS_TOKEN: Operation =
    Operation::of_app("createAccessToken", "/v1/access_token", "Get an access token");

/// `/v1/reports/{reportId}/download`: the address that a report names. It is not in Webex's reference, so it is not one
/// of [`ALL`].
pub const DOWNLOAD_REPORT: Operation = Operation {
    id: "downloadReport",
    method: Method::Get,
    path: "/v1/reports/{reportId}/download",
    title: "Download a report",
    prerequisites: ADMINISTRATOR,
    scopes: ANALYTICS_READ,
    effect: Effect::Export,
    subject: Subject::Query,
    label: None,
};

macro_rules! operations {
    ($($name:ident = $method:ident $path:literal,
        $id:literal, $title:literal, $prerequisites:expr, $effect:ident,
        $scopes:expr;)+) => {
        $(
            #[doc = concat!("`", $path, "`: ", $title, ".")]
            pub const $name: Operation = Operation {
                id: $id,
                method: Method::$method,
                path: $path,
                title: $title,
                prerequisites: $prerequisites,
                scopes: $scopes,
                effect: Effect::$effect,
                subject: Subject::Query,
                label: None,
            };
        )+
        /// Every operation. The one without scopes needs no token.
        pub const ALL: &[&Operation] = &[&CREATE_ACCESS_TOKEN, $(&$name),+];
    };
}

operations! {
    LIST_TRACKING_CODES = Get "/v1/admin/meeting/config/trackingCodes",
        "listTrackingCodes", "List tracking codes", ADMINISTRATOR, Read,
        ADMIN_READ;
    CREATE_TRACKING_CODE = Post "/v1/admin/meeting/config/trackingCodes",
        "createTrackingCode", "Create a tracking code", ADMINISTRATOR, Change,
        ADMIN_WRITE;
    GET_TRACKING_CODE = Get "/v1/admin/meeting/config/trackingCodes/{trackingCodeId}",
        "getTrackingCode", "Get a tracking code", ADMINISTRATOR, Read,
        ADMIN_READ;
    UPDATE_TRACKING_CODE = Put "/v1/admin/meeting/config/trackingCodes/{trackingCodeId}",
        "updateTrackingCode", "Update a tracking code", ADMINISTRATOR, Change,
        ADMIN_WRITE;
    DELETE_TRACKING_CODE = Delete "/v1/admin/meeting/config/trackingCodes/{trackingCodeId}",
        "deleteTrackingCode", "Delete a tracking code", ADMINISTRATOR, Change,
        ADMIN_WRITE;
    GET_USER_TRACKING_CODES = Get "/v1/admin/meeting/userconfig/trackingCodes",
        "getUserTrackingCodes", "Get user tracking codes", ADMINISTRATOR, Read,
        ADMIN_READ;
    UPDATE_USER_TRACKING_CODES = Put "/v1/admin/meeting/userconfig/trackingCodes",
        "updateUserTrackingCodes", "Update user tracking codes", ADMINISTRATOR, Change,
        ADMIN_WRITE;
    LIST_HOST_TRACKING_CODES = Get "/v1/meetings/trackingCodes",
        "listMeetingTrackingCodes", "List meeting tracking codes", NOTHING, Read,
        &["meeting:schedules_read", "meeting:admin_schedule_read", "meeting:admin_config_read"];
    LIST_SITES = Get "/v1/meetingPreferences/sites",
        "getSiteList", "Get site list", NOTHING, Read,
        &["meeting:preferences_read", "meeting:admin_preferences_read"];
    LIST_MEETINGS = Get "/v1/meetings",
        "listMeetings", "List meetings", NOTHING, Read,
        MEETINGS_READ;
    GET_MEETING = Get "/v1/meetings/{meetingId}",
        "getMeeting", "Get a meeting", NOTHING, Read,
        MEETINGS_READ;
    CREATE_MEETING = Post "/v1/meetings",
        "createMeeting", "Create a meeting", NOTHING, Change,
        SCHEDULES_WRITE;
    UPDATE_MEETING = Put "/v1/meetings/{meetingId}",
        "updateMeeting", "Update a meeting", NOTHING, Change,
        SCHEDULES_WRITE;
    PATCH_MEETING = Patch "/v1/meetings/{meetingId}",
        "patchMeeting", "Patch a meeting", NOTHING, Change,
        SCHEDULES_WRITE;
    DELETE_MEETING = Delete "/v1/meetings/{meetingId}",
        "deleteMeeting", "Delete a meeting", NOTHING, Change,
        SCHEDULES_WRITE;
    LIST_MEETINGS_AS_ADMIN = Get "/v1/admin/meetings",
        "adminListMeetings", "List meetings as an admin", ADMINISTRATOR, Read,
        MEETINGS_READ;
    GET_MEETING_AS_ADMIN = Get "/v1/admin/meetings/{meetingId}",
        "adminGetMeetingById", "Get a meeting as an admin", ADMINISTRATOR, Read,
        MEETINGS_READ;
    GET_REGISTRATION = Get "/v1/meetings/{meetingId}/registration",
        "getMeetingRegistration", "Get registration form for a meeting", NOTHING, Read,
        SCHEDULES_READ;
    UPDATE_REGISTRATION = Put "/v1/meetings/{meetingId}/registration",
        "updateMeetingRegistration", "Update meeting registration form", NOTHING, Change,
        SCHEDULES_WRITE;
    DELETE_REGISTRATION = Delete "/v1/meetings/{meetingId}/registration",
        "deleteMeetingRegistration", "Delete meeting registration form", NOTHING, Change,
        SCHEDULES_WRITE;
    LIST_INVITATION_SOURCES = Get "/v1/meetings/{meetingId}/invitationSources",
        "listInvitationSources", "List invitation sources", NOTHING, Read,
        SCHEDULES_READ;
    CREATE_INVITATION_SOURCES = Post "/v1/meetings/{meetingId}/invitationSources",
        "createInvitationSources", "Create invitation sources", NOTHING, Change,
        SCHEDULES_WRITE;
    LIST_REGISTRANTS = Get "/v1/meetings/{meetingId}/registrants",
        "listMeetingRegistrants", "List meeting registrants", NOTHING, Read,
        SCHEDULES_READ;
    CREATE_REGISTRANT = Post "/v1/meetings/{meetingId}/registrants",
        "createRegistrant", "Register meeting registrant", NOTHING, Change,
        SCHEDULES_WRITE;
    CREATE_REGISTRANTS = Post "/v1/meetings/{meetingId}/registrants/bulkInsert",
        "createRegistrants", "Batch register meeting registrants", NOTHING, Change,
        SCHEDULES_WRITE;
    GET_REGISTRANT = Get "/v1/meetings/{meetingId}/registrants/{registrantId}",
        "getRegistrant", "Get a meeting registrant", NOTHING, Read,
        SCHEDULES_READ;
    DELETE_REGISTRANT = Delete "/v1/meetings/{meetingId}/registrants/{registrantId}",
        "deleteRegistrant", "Delete a meeting registrant", NOTHING, Change,
        SCHEDULES_WRITE;
    QUERY_REGISTRANTS = Post "/v1/meetings/{meetingId}/registrants/query",
        "queryMeetingRegistrants", "Query meeting registrants", NOTHING, Read,
        SCHEDULES_READ;
    APPROVE_REGISTRANTS = Post "/v1/meetings/{meetingId}/registrants/approve",
        "batchApproveMeetingRegistrants", "Batch approve meeting registrants", NOTHING, Change,
        SCHEDULES_WRITE;
    REJECT_REGISTRANTS = Post "/v1/meetings/{meetingId}/registrants/reject",
        "batchRejectMeetingRegistrants", "Batch reject meeting registrants", NOTHING, Change,
        SCHEDULES_WRITE;
    CANCEL_REGISTRANTS = Post "/v1/meetings/{meetingId}/registrants/cancel",
        "batchCancelMeetingRegistrants", "Batch cancel meeting registrants", NOTHING, Change,
        SCHEDULES_WRITE;
    DELETE_REGISTRANTS = Post "/v1/meetings/{meetingId}/registrants/bulkDelete",
        "batchDeleteMeetingRegistrants", "Batch delete meeting registrants", NOTHING, Change,
        SCHEDULES_WRITE;
    LIST_INVITEES = Get "/v1/meetingInvitees",
        "listMeetingInvitees", "List meeting invitees", NOTHING, Read,
        SCHEDULES_READ;
    CREATE_INVITEE = Post "/v1/meetingInvitees",
        "createMeetingInvitee", "Create a meeting invitee", NOTHING, Change,
        SCHEDULES_WRITE;
    CREATE_INVITEES = Post "/v1/meetingInvitees/bulkInsert",
        "createMeetingInvitees", "Create meeting invitees", NOTHING, Change,
        SCHEDULES_WRITE;
    GET_INVITEE = Get "/v1/meetingInvitees/{meetingInviteeId}",
        "getMeetingInvitee", "Get a meeting invitee", NOTHING, Read,
        SCHEDULES_READ;
    UPDATE_INVITEE = Put "/v1/meetingInvitees/{meetingInviteeId}",
        "updateMeetingInvitee", "Update a meeting invitee", NOTHING, Change,
        SCHEDULES_WRITE;
    DELETE_INVITEE = Delete "/v1/meetingInvitees/{meetingInviteeId}",
        "deleteMeetingInvitee", "Delete a meeting invitee", NOTHING, Change,
        SCHEDULES_WRITE;
    GET_PREFERENCES = Get "/v1/meetingPreferences",
        "getMeetingPreferenceDetails", "Get meeting preference details", NOTHING, Read,
        &["meeting:preferences_read", "meeting:admin_preferences_read"];
    LIST_MEETING_PARTICIPANTS = Get "/v1/meetingParticipants",
        "listMeetingParticipants", "List meeting participants", NOTHING, Read,
        PARTICIPANTS_READ;
    QUERY_MEETING_PARTICIPANTS = Post "/v1/meetingParticipants/query",
        "queryMeetingParticipants", "Query meeting participants with email", NOTHING, Read,
        PARTICIPANTS_READ;
    GET_MEETING_PARTICIPANT = Get "/v1/meetingParticipants/{participantId}",
        "getMeetingParticipant", "Get participant details", NOTHING, Read,
        PARTICIPANTS_READ;
    LIST_QUALITIES = Get "/v1/meeting/qualities",
        "getMeetingQualities", "Get meeting qualities", ANALYTICS, Read,
        ANALYTICS_READ;
    LIST_USAGE_REPORTS = Get "/v1/meetingReports/usage",
        "listMeetingUsageReports", "List meeting usage reports", ADMINISTRATOR, Read,
        REPORTS_READ;
    LIST_ATTENDEE_REPORTS = Get "/v1/meetingReports/attendees",
        "listMeetingAttendeeReports", "List meeting attendee reports", ADMINISTRATOR, Read,
        REPORTS_READ;
    LIST_REPORT_TEMPLATES = Get "/v1/report/templates",
        "listReportTemplates", "List report templates", ADMINISTRATOR, Read,
        ANALYTICS_READ;
    LIST_REPORTS = Get "/v1/reports",
        "listReports", "List reports", ADMINISTRATOR, Read,
        ANALYTICS_READ;
    CREATE_REPORT = Post "/v1/reports",
        "createReport", "Create a report", ADMINISTRATOR, Export,
        ANALYTICS_READ;
    GET_REPORT = Get "/v1/reports/{reportId}",
        "getReportDetails", "Get report details", ADMINISTRATOR, Read,
        ANALYTICS_READ;
    DELETE_REPORT = Delete "/v1/reports/{reportId}",
        "deleteReport", "Delete a report", ADMINISTRATOR, Export,
        ANALYTICS_READ;
    LIST_PEOPLE = Get "/v1/people",
        "listPeople", "List people", NOTHING, Read,
        PEOPLE_READ;
    GET_MYSELF = Get "/v1/people/me",
        "getMyOwnDetails", "Get my own details", NOTHING, Read,
        PEOPLE_READ;
    GET_PERSON = Get "/v1/people/{personId}",
        "getPerson", "Get person details", NOTHING, Read,
        PEOPLE_READ;
    LIST_ORGANIZATIONS = Get "/v1/organizations",
        "listOrganizations", "List organizations", ADMINISTRATOR, Read,
        ORGANIZATIONS_READ;
    GET_ORGANIZATION = Get "/v1/organizations/{orgId}",
        "getOrganization", "Get organization details", ADMINISTRATOR, Read,
        ORGANIZATIONS_READ;
    LIST_WEBHOOKS = Get "/v1/webhooks",
        "listWebhooks", "List webhooks", NOTHING, Read,
        WEBHOOKS;
    CREATE_WEBHOOK = Post "/v1/webhooks",
        "createWebhook", "Create a webhook", NOTHING, Change,
        WEBHOOKS;
    GET_WEBHOOK = Get "/v1/webhooks/{webhookId}",
        "getWebhook", "Get webhook details", NOTHING, Read,
        WEBHOOKS;
    UPDATE_WEBHOOK = Put "/v1/webhooks/{webhookId}",
        "updateWebhook", "Update a webhook", NOTHING, Change,
        WEBHOOKS;
    DELETE_WEBHOOK = Delete "/v1/webhooks/{webhookId}",
        "deleteWebhook", "Delete a webhook", NOTHING, Change,
        WEBHOOKS;
    UPDATE_DEFAULT_SITE = Put "/v1/meetingPreferences/sites",
        "updateDefaultSite", "Update default site", NOTHING, Change,
        &["meeting:preferences_write", "meeting:admin_preferences_write"];
}
