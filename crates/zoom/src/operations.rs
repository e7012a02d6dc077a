//! The operations of Zoom's API that Rollcall knows, with their addresses, titles, rate limit classes and scopes (Zoom
//! reference, sections 1 and 2).

use rollcall_model::{
    Effect,
    MeetingKind::{Meeting as OfMeeting, Webinar as OfWebinar},
    Method, Operation, RateLabel, Subject,
};

const NOTHING: Option<&str> = None;
const MEETING_DASHBOARD: Option<&str> = Some("a Business plan or higher, with the Dashboard feature");
const WEBINAR_DASHBOARD: Option<&str> = Some("a Business, Education or API plan with the Webinar add-on");
const MEETING_QSS: Option<&str> =
    Some("the Quality of Service Subscription, and an app that subscribes to the meeting's summary event");
const WEBINAR_QSS: Option<&str> =
    Some("the Quality of Service Subscription, and an app that subscribes to the webinar's summary event");
const WEBINAR_LICENCE: Option<&str> = Some("a Webinar licence");
const REGISTRATION: Option<&str> = Some("a licensed host, and a meeting that requires registration");
const TRACKING_FIELDS_PLAN: Option<&str> = Some("a Business, Education or API plan, or a higher one");
const TRACKING_SOURCES: Option<&str> = Some("a Webinar licence, and a webinar that requires registration");

/// `/oauth/token`: Get an access token.
pub const CREATE_TOKEN: Operation = Operation::of_app("createToken", "/oauth/token", "Get an access token");
/// `/oauth/revoke`: Revoke a token.
pub const REVOKE_TOKEN: Operation = Operation::of_app("revokeToken", "/oauth/revoke", "Revoke a token");

/// Only reading does not change what people entered.
const fn effect_of(method: Method) -> Effect {
    match method {
        Method::Get => Effect::Read,
        Method::Post | Method::Put | Method::Patch | Method::Delete => Effect::Change,
    }
}

macro_rules! operations {
    ($($name:ident = $method:ident $path:literal,
        $id:literal, $title:literal, $prerequisites:expr, $label:ident, $subject:ident$(($kind:ident))?,
        [$($scope:literal),+];)+) => {
        $(
            #[doc = concat!("`", $path, "`: ", $title, ".")]
            pub const $name: Operation = Operation {
                id: $id,
                method: Method::$method,
                path: $path,
                title: $title,
                prerequisites: $prerequisites,
                scopes: &[$($scope),+],
                effect: effect_of(Method::$method),
                subject: Subject::$subject$(($kind))?,
                label: Some(RateLabel::$label),
            };
        )+
        /// Every operation. Those without scopes need no token.
        pub const ALL: &[&Operation] = &[&CREATE_TOKEN, &REVOKE_TOKEN, $(&$name),+];
    };
}

operations! {
    DASHBOARD_MEETINGS = Get "/v2/metrics/meetings",
        "dashboardMeetings", "List meetings", MEETING_DASHBOARD, ResourceIntensive, Account,
        ["dashboard:read:list_meetings:admin", "dashboard_meetings:read:admin", "dashboard:read:admin"];
    DASHBOARD_MEETING_DETAIL = Get "/v2/metrics/meetings/{meetingId}",
        "dashboardMeetingDetail", "Get meeting details", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:meeting:admin", "dashboard_meetings:read:admin", "dashboard:read:admin"];
    DASHBOARD_MEETING_PARTICIPANTS = Get "/v2/metrics/meetings/{meetingId}/participants",
        "dashboardMeetingParticipants", "List meeting participants", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:list_meeting_participants:admin", "dashboard_meetings:read:admin", "dashboard:read:admin"];
    DASHBOARD_MEETING_PARTICIPANTS_QOS = Get "/v2/metrics/meetings/{meetingId}/participants/qos",
        "dashboardMeetingParticipantsQOS", "List meeting participants QoS", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:list_meeting_participants_qos:admin", "dashboard_meetings:read:admin",
         "dashboard:read:admin"];
    DASHBOARD_MEETING_PARTICIPANT_QOS = Get "/v2/metrics/meetings/{meetingId}/participants/{participantId}/qos",
        "dashboardMeetingParticipantQOS", "Get meeting participant QoS", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:meeting_participant_qos:admin", "dashboard_meetings:read:admin", "dashboard:read:admin"];
    DASHBOARD_MEETING_PARTICIPANTS_QOS_SUMMARY = Get "/v2/metrics/meetings/{meetingId}/participants/qos_summary",
        "dashboardMeetingParticipantsQOSSummary", "List meeting participants QoS summary", MEETING_QSS, Heavy, Account,
        ["dashboard:read:list_meeting_participants_qos:admin", "dashboard_meetings:read:admin",
         "dashboard:read:admin"];
    DASHBOARD_WEBINARS = Get "/v2/metrics/webinars",
        "dashboardWebinars", "List webinars", WEBINAR_DASHBOARD, ResourceIntensive, Account,
        ["dashboard:read:list_webinars:admin", "dashboard_webinars:read:admin", "dashboard:read:admin"];
    DASHBOARD_WEBINAR_DETAIL = Get "/v2/metrics/webinars/{webinarId}",
        "dashboardWebinarDetail", "Get webinar details", WEBINAR_DASHBOARD, Heavy, Account,
        ["dashboard:read:webinar:admin", "dashboard_webinars:read:admin", "dashboard:read:admin"];
    DASHBOARD_WEBINAR_PARTICIPANTS = Get "/v2/metrics/webinars/{webinarId}/participants",
        "dashboardWebinarParticipants", "Get webinar participants", WEBINAR_DASHBOARD, Heavy, Account,
        ["dashboard:read:list_webinar_participants:admin", "dashboard_webinars:read:admin", "dashboard:read:admin"];
    DASHBOARD_WEBINAR_PARTICIPANTS_QOS = Get "/v2/metrics/webinars/{webinarId}/participants/qos",
        "dashboardWebinarParticipantsQOS", "List webinar participant QoS", WEBINAR_DASHBOARD, Heavy, Account,
        ["dashboard:read:list_webinar_participants_qos:admin", "dashboard_webinars:read:admin",
         "dashboard:read:admin"];
    DASHBOARD_WEBINAR_PARTICIPANT_QOS = Get "/v2/metrics/webinars/{webinarId}/participants/{participantId}/qos",
        "dashboardWebinarParticipantQOS", "Get webinar participant QoS", WEBINAR_DASHBOARD, Heavy, Account,
        ["dashboard:read:webinar_participant_qos:admin", "dashboard_webinars:read:admin", "dashboard:read:admin"];
    DASHBOARD_WEBINAR_PARTICIPANTS_QOS_SUMMARY = Get "/v2/metrics/webinars/{webinarId}/participants/qos_summary",
        "dashboardWebinarParticipantsQOSSummary", "List webinar participants QoS summary", WEBINAR_QSS, Heavy, Account,
        ["dashboard:read:list_webinar_participants_qos:admin", "dashboard_webinars:read:admin",
         "dashboard:read:admin"];
    DASHBOARD_QUALITY = Get "/v2/metrics/quality",
        "dashboardQuality", "Get meeting quality scores", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:meeting_quality_score:admin", "dashboard_home:read:admin", "dashboard:read:admin"];
    LIST_TRACKING_SOURCES = Get "/v2/webinars/{webinarId}/tracking_sources",
        "getTrackingSources", "Get webinar tracking sources", TRACKING_SOURCES, Medium, Meeting(OfWebinar),
        ["webinar:read:list_tracking_sources:admin", "webinar:read:list_tracking_sources:master",
         "webinar:read:list_tracking_sources", "webinar:read:admin", "webinar:read"];
    USERS = Get "/v2/users",
        "users", "List users", NOTHING, Medium, Account,
        ["user:read:list_users:admin", "user:read:list_users:master", "user:read:admin"];
    USER = Get "/v2/users/{userId}",
        "user", "Get a user", NOTHING, Light, User,
        ["user:read:user:admin", "user:read:user:master", "user:read:user", "user:read:admin", "user:read"];
    // They reveal everybody's addresses and rooms: no user-level scope allows them.
    USER_EMAIL = Get "/v2/users/email",
        "userEmail", "Check a user's email", NOTHING, Light, Account,
        ["user:read:email:admin", "user:read:email:master", "user:read:admin"];
    USER_VANITY_NAME = Get "/v2/users/vanity_name",
        "userVanityName", "Check a user's personal meeting room name", NOTHING, Light, Account,
        ["user:read:vanity_name:admin", "user:read:vanity_name:master", "user:read:admin"];
    USER_MEETINGS = Get "/v2/users/{userId}/meetings",
        "meetings", "List a user's meetings", NOTHING, Medium, User,
        ["meeting:read:list_meetings:admin", "meeting:read:list_meetings:master", "meeting:read:list_meetings",
         "meeting:read:admin", "meeting:read"];
    USER_WEBINARS = Get "/v2/users/{userId}/webinars",
        "webinars", "List a user's webinars", WEBINAR_LICENCE, Medium, User,
        ["webinar:read:list_webinars:admin", "webinar:read:list_webinars:master", "webinar:read:list_webinars",
         "webinar:read:admin", "webinar:read"];
    MEETING = Get "/v2/meetings/{meetingId}",
        "meeting", "Get a meeting", NOTHING, Light, Meeting(OfMeeting),
        ["meeting:read:meeting:admin", "meeting:read:meeting:master", "meeting:read:meeting", "meeting:read:admin",
         "meeting:read"];
    WEBINAR = Get "/v2/webinars/{webinarId}",
        "webinar", "Get a webinar", WEBINAR_LICENCE, Light, Meeting(OfWebinar),
        ["webinar:read:webinar:admin", "webinar:read:webinar:master", "webinar:read:webinar", "webinar:read:admin",
         "webinar:read"];
    PAST_MEETING_INSTANCES = Get "/v2/past_meetings/{meetingId}/instances",
        "pastMeetings", "List past meeting instances", NOTHING, Medium, Meeting(OfMeeting),
        ["meeting:read:list_past_instances:admin", "meeting:read:list_past_instances:master",
         "meeting:read:list_past_instances", "meeting:read:admin", "meeting:read"];
    PAST_WEBINAR_INSTANCES = Get "/v2/past_webinars/{webinarId}/instances",
        "pastWebinars", "List past webinar instances", WEBINAR_LICENCE, Light, Meeting(OfWebinar),
        ["webinar:read:list_past_instances:admin", "webinar:read:list_past_instances:master",
         "webinar:read:list_past_instances", "webinar:read:admin", "webinar:read"];
    REPORT_DAILY = Get "/v2/report/daily",
        "reportDaily", "Get daily usage report", NOTHING, Heavy, Account,
        ["report:read:admin"];
    REPORT_USERS = Get "/v2/report/users",
        "reportUsers", "Get active or inactive host reports", NOTHING, Heavy, Account,
        ["report:read:list_users:admin", "report:read:admin"];
    REPORT_USER_MEETINGS = Get "/v2/report/users/{userId}/meetings",
        "reportMeetings", "Get meeting reports", NOTHING, Heavy, Account,
        ["report:read:user:admin", "report:read:admin"];
    REPORT_HISTORY_MEETINGS = Get "/v2/report/history_meetings",
        "gethistorymeetingandwebinarlist", "Get history meeting and webinar list", NOTHING, Heavy, Account,
        ["report:read:list_history_meetings:admin", "report:read:admin"];
    REPORT_MEETING = Get "/v2/report/meetings/{meetingId}",
        "reportMeetingDetails", "Get meeting detail reports", NOTHING, Heavy, Account,
        ["report:read:meeting:admin", "report:read:admin"];
    REPORT_WEBINAR = Get "/v2/report/webinars/{webinarId}",
        "reportWebinarDetails", "Get webinar detail reports", WEBINAR_LICENCE, Heavy, Account,
        ["report:read:webinar:admin", "report:read:admin"];
    REPORT_UPCOMING_EVENTS = Get "/v2/report/upcoming_events",
        "reportUpcomingEvents", "Get upcoming events report", NOTHING, Heavy, Account,
        ["report:read:upcoming_meetings_webinars:admin", "report:read:admin"];
    REPORT_MEETING_PARTICIPANTS = Get "/v2/report/meetings/{meetingId}/participants",
        "reportMeetingParticipants", "Get meeting participant reports", NOTHING, Heavy, Account,
        ["report:read:list_meeting_participants:admin", "report:read:admin"];
    REPORT_WEBINAR_PARTICIPANTS = Get "/v2/report/webinars/{webinarId}/participants",
        "reportWebinarParticipants", "Get webinar participant reports", WEBINAR_LICENCE, Heavy, Account,
        ["report:read:list_webinar_participants:admin", "report:read:admin"];
    PAST_MEETING_PARTICIPANTS = Get "/v2/past_meetings/{meetingId}/participants",
        "pastMeetingParticipants", "Get past meeting participants", NOTHING, Medium, Instance(OfMeeting),
        ["meeting:read:list_past_participants:admin", "meeting:read:list_past_participants", "meeting:read:admin",
         "meeting:read"];
    PAST_WEBINAR_PARTICIPANTS = Get "/v2/past_webinars/{webinarId}/participants",
        "listWebinarParticipants", "List webinar participants", WEBINAR_LICENCE, Medium, Instance(OfWebinar),
        ["webinar:read:list_past_participants:admin", "webinar:read:list_past_participants", "webinar:read:admin",
         "webinar:read"];
    PAST_MEETING = Get "/v2/past_meetings/{meetingId}",
        "pastMeetingDetails", "Get past meeting details", NOTHING, Light, Instance(OfMeeting),
        ["meeting:read:past_meeting:admin", "meeting:read:past_meeting:master", "meeting:read:past_meeting",
         "meeting:read:admin", "meeting:read"];
    REPORT_MEETING_POLLS = Get "/v2/report/meetings/{meetingId}/polls",
        "reportMeetingPolls", "Get meeting poll reports", NOTHING, Heavy, Account,
        ["report:read:list_meeting_polls:admin", "report:read:admin"];
    REPORT_MEETING_QA = Get "/v2/report/meetings/{meetingId}/qa",
        "reportMeetingQA", "Get meeting Q&A report", NOTHING, Heavy, Account,
        ["report:read:meeting_qna:admin", "report:read:admin"];
    REPORT_MEETING_SURVEY = Get "/v2/report/meetings/{meetingId}/survey",
        "reportMeetingSurvey", "Get meeting survey report", NOTHING, Heavy, Account,
        ["report:read:meeting_survey:admin", "report:read:admin"];
    PAST_MEETING_POLLS = Get "/v2/past_meetings/{meetingId}/polls",
        "listPastMeetingPolls", "List past meeting polls", NOTHING, Medium, Instance(OfMeeting),
        ["meeting:read:list_poll_results:admin", "meeting:read:list_poll_results", "meeting:read:admin", "meeting:read"];
    PAST_MEETING_QA = Get "/v2/past_meetings/{meetingId}/qa",
        "listPastMeetingQA", "List past meeting Q&A", NOTHING, Medium, Instance(OfMeeting),
        ["meeting:read:past_qa:admin", "meeting:read:past_qa", "meeting:read:admin", "meeting:read"];
    MEETING_POLLS = Get "/v2/meetings/{meetingId}/polls",
        "meetingPolls", "List meeting polls", NOTHING, Light, Meeting(OfMeeting),
        ["meeting:read:list_polls:admin", "meeting:read:list_polls", "meeting:read:admin", "meeting:read"];
    DASHBOARD_MEETING_SHARING = Get "/v2/metrics/meetings/{meetingId}/participants/sharing",
        "dashboardMeetingParticipantShare", "Get meeting sharing and recording details", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:meeting_sharing:admin", "dashboard_meetings:read:admin", "dashboard:read:admin"];
    DASHBOARD_MEETING_SATISFACTION = Get "/v2/metrics/meetings/{meetingId}/participants/satisfaction",
        "participantFeedback", "Get post meeting feedback", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:post_meeting_feedback:admin", "dashboard_meetings:read:admin", "dashboard:read:admin"];
    REPORT_WEBINAR_POLLS = Get "/v2/report/webinars/{webinarId}/polls",
        "reportWebinarPolls", "Get webinar poll reports", WEBINAR_LICENCE, Heavy, Account,
        ["report:read:list_webinar_polls:admin", "report:read:admin"];
    REPORT_WEBINAR_QA = Get "/v2/report/webinars/{webinarId}/qa",
        "reportWebinarQA", "Get webinar Q&A report", WEBINAR_LICENCE, Heavy, Account,
        ["report:read:webinar_qna:admin", "report:read:admin"];
    REPORT_WEBINAR_SURVEY = Get "/v2/report/webinars/{webinarId}/survey",
        "reportWebinarSurvey", "Get webinar survey report", WEBINAR_LICENCE, Heavy, Account,
        ["report:read:webinar_survey:admin", "report:read:admin"];
    PAST_WEBINAR_POLLS = Get "/v2/past_webinars/{webinarId}/polls",
        "listPastWebinarPollResults", "List past webinar polls", WEBINAR_LICENCE, Medium, Instance(OfWebinar),
        ["webinar:read:list_past_polls:admin", "webinar:read:list_past_polls", "webinar:read:admin", "webinar:read"];
    PAST_WEBINAR_QA = Get "/v2/past_webinars/{webinarId}/qa",
        "listPastWebinarQA", "List past webinar Q&A", WEBINAR_LICENCE, Medium, Instance(OfWebinar),
        ["webinar:read:past_qa:admin", "webinar:read:past_qa", "webinar:read:admin", "webinar:read"];
    WEBINAR_POLLS = Get "/v2/webinars/{webinarId}/polls",
        "webinarPolls", "List webinar polls", WEBINAR_LICENCE, Light, Meeting(OfWebinar),
        ["webinar:read:list_polls:admin", "webinar:read:list_polls", "webinar:read:admin", "webinar:read"];
    DASHBOARD_WEBINAR_SHARING = Get "/v2/metrics/webinars/{webinarId}/participants/sharing",
        "dashboardWebinarParticipantShare", "Get webinar sharing and recording details", WEBINAR_DASHBOARD, Heavy, Account,
        ["dashboard:read:webinar_sharing:admin", "dashboard_webinars:read:admin", "dashboard:read:admin"];
    DASHBOARD_WEBINAR_SATISFACTION = Get "/v2/metrics/webinars/{webinarId}/participants/satisfaction",
        "participantWebinarFeedback", "Get post webinar feedback", WEBINAR_DASHBOARD, Heavy, Account,
        ["dashboard:read:post_webinar_feedback:admin", "dashboard_webinars:read:admin", "dashboard:read:admin"];
    REPORT_ACTIVITIES = Get "/v2/report/activities",
        "reportSignInSignOutActivities", "Get sign in / sign out activity report", NOTHING, Heavy, Account,
        ["report:read:user_activities:admin", "report:read:admin"];
    REPORT_OPERATION_LOGS = Get "/v2/report/operationlogs",
        "reportOperationLogs", "Get operation logs report", NOTHING, Heavy, Account,
        ["report:read:operation_logs:admin", "report:read:admin"];
    REPORT_MEETING_ACTIVITIES = Get "/v2/report/meeting_activities",
        "reportMeetingactivitylogs", "Get a meeting activities report", NOTHING, Heavy, Account,
        ["report:read:meeting_activity_log:admin", "report:read:admin"];
    REPORT_TELEPHONE = Get "/v2/report/telephone",
        "reportTelephone", "Get telephone reports", NOTHING, Heavy, Account,
        ["report:read:telephone:admin", "report:read:admin"];
    REPORT_CLOUD_RECORDING = Get "/v2/report/cloud_recording",
        "reportCloudRecording", "Get cloud recording usage report", NOTHING, Heavy, Account,
        ["report:read:admin"];
    REPORT_REMOTE_SUPPORT = Get "/v2/report/remote_support",
        "getremotesupportreport", "Get remote support report", NOTHING, Heavy, Account,
        ["report:read:remote_support:admin", "report:read:admin"];
    REPORT_BILLING = Get "/v2/report/billing",
        "getBillingReport", "Get billing reports", NOTHING, Heavy, Account,
        ["report:read:billing:admin", "report:read:admin"];
    REPORT_BILLING_INVOICES = Get "/v2/report/billing/invoices",
        "getBillingInvoicesReports", "Get billing invoice reports", NOTHING, Heavy, Account,
        ["report:read:billing_invoice:admin", "report:read:admin"];
    DASHBOARD_CLIENT_FEEDBACK = Get "/v2/metrics/client/feedback",
        "dashboardClientFeedback", "List Zoom meetings client feedback", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:list_meetings_feedback:admin", "dashboard_home:read:admin", "dashboard:read:admin"];
    DASHBOARD_CLIENT_FEEDBACK_DETAIL = Get "/v2/metrics/client/feedback/{feedbackId}",
        "dashboardClientFeedbackDetail", "Get Zoom meetings client feedback", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:meeting_feedback:admin", "dashboard_home:read:admin", "dashboard:read:admin"];
    DASHBOARD_CLIENT_SATISFACTION = Get "/v2/metrics/client/satisfaction",
        "listMeetingSatisfaction", "List client meeting satisfaction", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:meeting_survey:admin", "dashboard_home:read:admin", "dashboard:read:admin"];
    DASHBOARD_CLIENT_VERSIONS = Get "/v2/metrics/client_versions",
        "getClientVersions", "List the client versions", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:client_versions:admin", "dashboard_home:read:admin", "dashboard:read:admin"];
    DASHBOARD_CRC = Get "/v2/metrics/crc",
        "dashboardCRC", "Get CRC port usage", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:crc_port_usage:admin", "dashboard_crc:read:admin", "dashboard:read:admin"];
    DASHBOARD_CHAT = Get "/v2/metrics/chat",
        "dashboardChat", "Get chat metrics", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:chat:admin", "dashboard_im:read:admin", "dashboard:read:admin"];
    DASHBOARD_ZOOM_ROOMS = Get "/v2/metrics/zoomrooms",
        "dashboardZoomRooms", "List Zoom Rooms", MEETING_DASHBOARD, ResourceIntensive, Account,
        ["dashboard:read:list_zoomrooms:admin", "dashboard_zr:read:admin", "dashboard:read:admin"];
    DASHBOARD_ZOOM_ROOMS_ISSUES = Get "/v2/metrics/zoomrooms/issues",
        "dashboardZoomRoomIssue", "Get top 25 issues of Zoom Rooms", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:issues_zoomroom:admin", "dashboard_zr:read:admin", "dashboard:read:admin"];
    DASHBOARD_ISSUES_ZOOM_ROOMS = Get "/v2/metrics/issues/zoomrooms",
        "dashboardIssueZoomRoom", "Get top 25 Zoom Rooms with issues", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:list_zoomrooms:admin", "dashboard_home:read:admin", "dashboard:read:admin"];
    DASHBOARD_ISSUES_ZOOM_ROOM = Get "/v2/metrics/issues/zoomrooms/{zoomroomId}",
        "dashboardIssueDetailZoomRoom", "Get issues of Zoom Rooms", MEETING_DASHBOARD, Heavy, Account,
        ["dashboard:read:issues_zoomroom:admin", "dashboard_home:read:admin", "dashboard:read:admin"];
    GROUPS = Get "/v2/groups",
        "groups", "List groups", NOTHING, Medium, Account,
        ["group:read:list_groups:admin", "group:read:admin"];
    GROUP = Get "/v2/groups/{groupId}",
        "group", "Get a group", NOTHING, Light, Account,
        ["group:read:group:admin", "group:read:admin"];
    GROUP_MEMBERS = Get "/v2/groups/{groupId}/members",
        "groupMembers", "List group members", NOTHING, Medium, Account,
        ["group:read:list_members:admin", "group:read:admin"];
    ROLES = Get "/v2/roles",
        "roles", "List roles", NOTHING, Medium, Account,
        ["role:read:list_roles:admin", "role:read:admin"];
    ACCOUNT = Get "/v2/accounts/{accountId}",
        "account", "Get sub account details", NOTHING, Light, Account,
        ["account:read:account:admin", "account:read:admin"];
    USER_SETTINGS = Get "/v2/users/{userId}/settings",
        "userSettings", "Get user settings", NOTHING, Medium, User,
        ["user:read:settings:admin", "user:read:settings", "user:read:admin", "user:read"];
    USER_PERMISSIONS = Get "/v2/users/{userId}/permissions",
        "userPermission", "Get user permissions", NOTHING, Medium, User,
        ["user:read:list_permissions:admin", "user:read:list_permissions", "user:read:admin", "user:read"];
    MEETING_REGISTRANTS = Get "/v2/meetings/{meetingId}/registrants",
        "meetingRegistrants", "List meeting registrants", REGISTRATION, Medium, Meeting(OfMeeting),
        ["meeting:read:list_registrants:admin", "meeting:read:list_registrants", "meeting:read:admin",
         "meeting:read"];
    CREATE_MEETING_REGISTRANT = Post "/v2/meetings/{meetingId}/registrants",
        "meetingRegistrantCreate", "Add a meeting registrant", REGISTRATION, Light, Meeting(OfMeeting),
        ["meeting:write:registrant:admin", "meeting:write:registrant", "meeting:write:admin", "meeting:write"];
    MEETING_REGISTRANT = Get "/v2/meetings/{meetingId}/registrants/{registrantId}",
        "meetingRegistrantGet", "Get a meeting registrant", REGISTRATION, Light, Meeting(OfMeeting),
        ["meeting:read:registrant:admin", "meeting:read:registrant", "meeting:read:admin", "meeting:read"];
    DELETE_MEETING_REGISTRANT = Delete "/v2/meetings/{meetingId}/registrants/{registrantId}",
        "meetingregistrantdelete", "Delete a meeting registrant", REGISTRATION, Light, Meeting(OfMeeting),
        ["meeting:delete:registrant:admin", "meeting:delete:registrant", "meeting:write:admin", "meeting:write"];
    DECIDE_MEETING_REGISTRANTS = Put "/v2/meetings/{meetingId}/registrants/status",
        "meetingRegistrantStatus", "Update meeting registrants' status", REGISTRATION, Medium, Meeting(OfMeeting),
        ["meeting:update:registrant_status:admin", "meeting:update:registrant_status", "meeting:write:admin",
         "meeting:write"];
    MEETING_REGISTRATION_QUESTIONS = Get "/v2/meetings/{meetingId}/registrants/questions",
        "meetingRegistrantsQuestionsGet", "List meeting registration questions", REGISTRATION, Light, Meeting(OfMeeting),
        ["meeting:read:list_registration_questions:admin", "meeting:read:list_registration_questions",
         "meeting:read:admin", "meeting:read"];
    UPDATE_MEETING_REGISTRATION_QUESTIONS = Patch "/v2/meetings/{meetingId}/registrants/questions",
        "meetingRegistrantQuestionUpdate", "Update meeting registration questions", REGISTRATION, Light, Meeting(OfMeeting),
        ["meeting:update:registration_question:admin", "meeting:update:registration_question", "meeting:write:admin",
         "meeting:write"];
    BATCH_MEETING_REGISTRANTS = Post "/v2/meetings/{meetingId}/batch_registrants",
        "addBatchRegistrants", "Perform batch meeting registration", REGISTRATION, Heavy, Meeting(OfMeeting),
        ["meeting:write:batch_registrants:admin", "meeting:write:batch_registrants", "meeting:write:admin",
         "meeting:write"];
    WEBINAR_REGISTRANTS = Get "/v2/webinars/{webinarId}/registrants",
        "webinarRegistrants", "List webinar registrants", WEBINAR_LICENCE, Medium, Meeting(OfWebinar),
        ["webinar:read:list_registrants:admin", "webinar:read:list_registrants", "webinar:read:admin",
         "webinar:read"];
    CREATE_WEBINAR_REGISTRANT = Post "/v2/webinars/{webinarId}/registrants",
        "webinarRegistrantCreate", "Add a webinar registrant", WEBINAR_LICENCE, Light, Meeting(OfWebinar),
        ["webinar:write:registrant:admin", "webinar:write:registrant", "webinar:write:admin", "webinar:write"];
    WEBINAR_REGISTRANT = Get "/v2/webinars/{webinarId}/registrants/{registrantId}",
        "webinarRegistrantGet", "Get a webinar registrant", WEBINAR_LICENCE, Light, Meeting(OfWebinar),
        ["webinar:read:registrant:admin", "webinar:read:registrant", "webinar:read:admin", "webinar:read"];
    DELETE_WEBINAR_REGISTRANT = Delete "/v2/webinars/{webinarId}/registrants/{registrantId}",
        "deleteWebinarRegistrant", "Delete a webinar registrant", WEBINAR_LICENCE, Light, Meeting(OfWebinar),
        ["webinar:delete:registrant:admin", "webinar:delete:registrant", "webinar:write:admin", "webinar:write"];
    DECIDE_WEBINAR_REGISTRANTS = Put "/v2/webinars/{webinarId}/registrants/status",
        "webinarRegistrantStatus", "Update webinar registrants' status", WEBINAR_LICENCE, Medium, Meeting(OfWebinar),
        ["webinar:update:registrant_status:admin", "webinar:update:registrant_status", "webinar:write:admin",
         "webinar:write"];
    WEBINAR_REGISTRATION_QUESTIONS = Get "/v2/webinars/{webinarId}/registrants/questions",
        "webinarRegistrantsQuestionsGet", "List webinar registration questions", WEBINAR_LICENCE, Light, Meeting(OfWebinar),
        ["webinar:read:list_registration_questions:admin", "webinar:read:list_registration_questions",
         "webinar:read:admin", "webinar:read"];
    UPDATE_WEBINAR_REGISTRATION_QUESTIONS = Patch "/v2/webinars/{webinarId}/registrants/questions",
        "webinarRegistrantQuestionUpdate", "Update webinar registration questions", WEBINAR_LICENCE, Light, Meeting(OfWebinar),
        ["webinar:update:registration_question:admin", "webinar:update:registration_question", "webinar:write:admin",
         "webinar:write"];
    BATCH_WEBINAR_REGISTRANTS = Post "/v2/webinars/{webinarId}/batch_registrants",
        "addBatchWebinarRegistrants", "Perform batch webinar registration", WEBINAR_LICENCE, Heavy, Meeting(OfWebinar),
        ["webinar:write:batch_registrants:admin", "webinar:write:batch_registrants", "webinar:write:admin",
         "webinar:write"];
    WEBINAR_PANELISTS = Get "/v2/webinars/{webinarId}/panelists",
        "webinarPanelists", "List panelists", WEBINAR_LICENCE, Medium, Meeting(OfWebinar),
        ["webinar:read:list_panelists:admin", "webinar:read:list_panelists", "webinar:read:admin", "webinar:read"];
    CREATE_WEBINAR_PANELISTS = Post "/v2/webinars/{webinarId}/panelists",
        "webinarPanelistCreate", "Add panelists", WEBINAR_LICENCE, Medium, Meeting(OfWebinar),
        ["webinar:write:panelist:admin", "webinar:write:panelist", "webinar:write:admin", "webinar:write"];
    DELETE_WEBINAR_PANELISTS = Delete "/v2/webinars/{webinarId}/panelists",
        "webinarPanelistsDelete", "Remove all panelists", WEBINAR_LICENCE, Light, Meeting(OfWebinar),
        ["webinar:delete:panelist:admin", "webinar:delete:panelist", "webinar:write:admin", "webinar:write"];
    DELETE_WEBINAR_PANELIST = Delete "/v2/webinars/{webinarId}/panelists/{panelistId}",
        "webinarPanelistDelete", "Remove a panelist", WEBINAR_LICENCE, Light, Meeting(OfWebinar),
        ["webinar:delete:panelist:admin", "webinar:delete:panelist", "webinar:write:admin", "webinar:write"];
    WEBINAR_ABSENTEES = Get "/v2/past_webinars/{webinarId}/absentees",
        "webinarAbsentees", "Get webinar absentees", WEBINAR_LICENCE, Heavy, Instance(OfWebinar),
        ["webinar:read:list_absentees:admin", "webinar:read:list_absentees", "webinar:read:admin", "webinar:read"];
    TRACKING_FIELDS = Get "/v2/tracking_fields",
        "trackingfieldList", "List tracking fields", TRACKING_FIELDS_PLAN, Medium, Account,
        ["tracking_field:read:list_tracking_fields:admin", "tracking_fields:read:admin"];
    CREATE_TRACKING_FIELD = Post "/v2/tracking_fields",
        "trackingfieldCreate", "Create a tracking field", TRACKING_FIELDS_PLAN, Light, Account,
        ["tracking_field:write:tracking_field:admin", "tracking_fields:write:admin"];
    TRACKING_FIELD = Get "/v2/tracking_fields/{fieldId}",
        "trackingfieldGet", "Get a tracking field", TRACKING_FIELDS_PLAN, Light, Account,
        ["tracking_field:read:tracking_field:admin", "tracking_fields:read:admin"];
    UPDATE_TRACKING_FIELD = Patch "/v2/tracking_fields/{fieldId}",
        "trackingfieldUpdate", "Update a tracking field", TRACKING_FIELDS_PLAN, Light, Account,
        ["tracking_field:update:tracking_field:admin", "tracking_fields:write:admin"];
    DELETE_TRACKING_FIELD = Delete "/v2/tracking_fields/{fieldId}",
        "trackingfieldDelete", "Delete a tracking field", TRACKING_FIELDS_PLAN, Light, Account,
        ["tracking_field:delete:tracking_field:admin", "tracking_fields:write:admin"];
    CREATE_MEETING = Post "/v2/users/{userId}/meetings",
        "meetingCreate", "Create a meeting", NOTHING, Light, User,
        ["meeting:write:meeting:admin", "meeting:write:meeting", "meeting:write:admin", "meeting:write"];
    UPDATE_MEETING = Patch "/v2/meetings/{meetingId}",
        "meetingUpdate", "Update a meeting", NOTHING, Light, Meeting(OfMeeting),
        ["meeting:update:meeting:admin", "meeting:update:meeting", "meeting:write:admin", "meeting:write"];
    DELETE_MEETING = Delete "/v2/meetings/{meetingId}",
        "meetingDelete", "Delete a meeting", NOTHING, Light, Meeting(OfMeeting),
        ["meeting:delete:meeting:admin", "meeting:delete:meeting", "meeting:write:admin", "meeting:write"];
    CREATE_WEBINAR = Post "/v2/users/{userId}/webinars",
        "webinarCreate", "Create a webinar", WEBINAR_LICENCE, Light, User,
        ["webinar:write:webinar:admin", "webinar:write:webinar", "webinar:write:admin", "webinar:write"];
    UPDATE_WEBINAR = Patch "/v2/webinars/{webinarId}",
        "webinarUpdate", "Update a webinar", WEBINAR_LICENCE, Light, Meeting(OfWebinar),
        ["webinar:update:webinar:admin", "webinar:update:webinar", "webinar:write:admin", "webinar:write"];
    DELETE_WEBINAR = Delete "/v2/webinars/{webinarId}",
        "webinarDelete", "Delete a webinar", WEBINAR_LICENCE, Light, Meeting(OfWebinar),
        ["webinar:delete:webinar:admin", "webinar:delete:webinar", "webinar:write:admin", "webinar:write"];
    USER_UPCOMING_MEETINGS = Get "/v2/users/{userId}/upcoming_meetings",
        "listUpcomingMeeting", "List upcoming meetings", NOTHING, Medium, User,
        ["meeting:read:list_upcoming_meetings:admin", "meeting:read:list_upcoming_meetings", "meeting:read:admin",
         "meeting:read"];
    END_WEBINAR = Put "/v2/webinars/{webinarId}/status",
        "webinarStatus", "Update webinar status", WEBINAR_LICENCE, Light, Meeting(OfWebinar),
        ["webinar:update:status:admin", "webinar:update:status", "webinar:write:admin", "webinar:write"];
    END_MEETING = Put "/v2/meetings/{meetingId}/status",
        "meetingStatus", "Update meeting status", NOTHING, Light, Meeting(OfMeeting),
        ["meeting:update:status:admin", "meeting:update:status", "meeting:write:admin", "meeting:write"];
    MEETING_INVITATION = Get "/v2/meetings/{meetingId}/invitation",
        "meetingInvitation", "Get meeting invitation", NOTHING, Light, Meeting(OfMeeting),
        ["meeting:read:invitation:admin", "meeting:read:invitation", "meeting:read:admin", "meeting:read"];
}
