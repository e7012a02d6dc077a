//! The run of Zoom's collection.

use super::{FROM, STEP, Step, TO};

const PAST: (&str, &str) = ("type", "past");
const MEETING: (&str, &str) = ("meetingId", "{{meetingUuid}}");
const WEBINAR: (&str, &str) = ("webinarId", "{{webinarUuid}}");
const MEETING_NUMBER: (&str, &str) = ("meetingId", "{{meetingNumber}}");
const WEBINAR_NUMBER: (&str, &str) = ("webinarId", "{{webinarNumber}}");
const USER: (&str, &str) = ("userId", "{{userId}}");

/// Zoom's operations: lists before their items, revoking the token last.
pub(super) const STEPS: &[Step] = &[
    Step {
        id: "createToken",
        set: &[("grant_type", "account_credentials"), ("account_id", "{{accountId}}")],
        keep: &[("accessToken", "body.access_token")],
        ..STEP
    },
    Step {
        id: "dashboardMeetings",
        set: &[PAST, FROM, TO],
        // A UUID may contain slashes: Zoom requires it to be encoded twice.
        keep: &[
            ("meetingUuid", "encodeURIComponent(encodeURIComponent(body.meetings[0].uuid))"),
            ("meetingNumber", "body.meetings[0].id"),
        ],
        ..STEP
    },
    Step { id: "dashboardMeetingDetail", set: &[MEETING, PAST], ..STEP },
    Step {
        id: "dashboardMeetingParticipants",
        set: &[MEETING, PAST],
        keep: &[("meetingParticipantId", "body.participants[0].user_id")],
        ..STEP
    },
    Step { id: "dashboardMeetingParticipantsQOS", set: &[MEETING, PAST], ..STEP },
    Step { id: "dashboardMeetingParticipantsQOSSummary", set: &[MEETING], ..STEP },
    Step {
        id: "dashboardMeetingParticipantQOS",
        set: &[MEETING, ("participantId", "{{meetingParticipantId}}"), PAST],
        ..STEP
    },
    Step {
        id: "dashboardWebinars",
        set: &[PAST, FROM, TO],
        keep: &[
            ("webinarUuid", "encodeURIComponent(encodeURIComponent(body.webinars[0].uuid))"),
            ("webinarNumber", "body.webinars[0].id"),
            ("webinarHost", "body.webinars[0].email"),
        ],
        ..STEP
    },
    Step { id: "dashboardWebinarDetail", set: &[WEBINAR, PAST], ..STEP },
    Step {
        id: "dashboardWebinarParticipants",
        set: &[WEBINAR, PAST],
        keep: &[("webinarParticipantId", "body.participants[0].user_id")],
        ..STEP
    },
    Step { id: "dashboardWebinarParticipantsQOS", set: &[WEBINAR, PAST], ..STEP },
    Step { id: "dashboardWebinarParticipantsQOSSummary", set: &[WEBINAR], ..STEP },
    Step {
        id: "dashboardWebinarParticipantQOS",
        set: &[WEBINAR, ("participantId", "{{webinarParticipantId}}"), PAST],
        ..STEP
    },
    Step { id: "dashboardQuality", set: &[FROM, TO], ..STEP },
    Step {
        id: "users",
        keep: &[("userId", "body.users[0].id"), ("userEmail", "encodeURIComponent(body.users[0].email)")],
        ..STEP
    },
    Step { id: "userEmail", set: &[("email", "{{userEmail}}")], ..STEP },
    Step { id: "userVanityName", set: &[("vanity_name", "rollcall")], ..STEP },
    Step { id: "user", set: &[USER], ..STEP },
    Step { id: "meetings", set: &[USER], ..STEP },
    Step { id: "meeting", set: &[MEETING_NUMBER], ..STEP },
    Step { id: "pastMeetings", set: &[MEETING_NUMBER], ..STEP },
    Step { id: "pastMeetingDetails", set: &[MEETING], ..STEP },
    Step { id: "pastMeetingParticipants", set: &[MEETING], ..STEP },
    Step { id: "reportMeetingParticipants", set: &[MEETING], ..STEP },
    // Users without a webinar licence are rejected, so this requests those of a host.
    Step { id: "webinars", set: &[("userId", "{{webinarHost}}")], ..STEP },
    Step { id: "webinar", set: &[WEBINAR_NUMBER], ..STEP },
    Step { id: "pastWebinars", set: &[WEBINAR_NUMBER], ..STEP },
    Step { id: "listWebinarParticipants", set: &[WEBINAR], ..STEP },
    Step { id: "reportWebinarParticipants", set: &[WEBINAR], ..STEP },
    Step { id: "webinarAbsentees", set: &[WEBINAR], ..STEP },
    Step { id: "getTrackingSources", set: &[WEBINAR_NUMBER], ..STEP },
    Step { id: "reportDaily", ..STEP },
    Step { id: "reportUsers", set: &[FROM, TO], ..STEP },
    Step { id: "reportMeetings", set: &[USER, FROM, TO], ..STEP },
    Step { id: "gethistorymeetingandwebinarlist", set: &[FROM, TO], ..STEP },
    Step { id: "reportUpcomingEvents", set: &[FROM, TO], ..STEP },
    Step { id: "reportMeetingDetails", set: &[MEETING], ..STEP },
    Step { id: "reportWebinarDetails", set: &[WEBINAR], ..STEP },
    Step { id: "reportMeetingPolls", set: &[MEETING], ..STEP },
    Step { id: "reportMeetingQA", set: &[MEETING], ..STEP },
    Step { id: "reportMeetingSurvey", set: &[MEETING], ..STEP },
    Step { id: "listPastMeetingPolls", set: &[MEETING], ..STEP },
    Step { id: "listPastMeetingQA", set: &[MEETING], ..STEP },
    Step { id: "meetingPolls", set: &[MEETING_NUMBER], ..STEP },
    Step { id: "dashboardMeetingParticipantShare", set: &[MEETING, PAST], ..STEP },
    Step { id: "participantFeedback", set: &[MEETING, PAST], ..STEP },
    Step { id: "reportWebinarPolls", set: &[WEBINAR], ..STEP },
    Step { id: "reportWebinarQA", set: &[WEBINAR], ..STEP },
    Step { id: "reportWebinarSurvey", set: &[WEBINAR], ..STEP },
    Step { id: "listPastWebinarPollResults", set: &[WEBINAR], ..STEP },
    Step { id: "listPastWebinarQA", set: &[WEBINAR], ..STEP },
    Step { id: "webinarPolls", set: &[WEBINAR_NUMBER], ..STEP },
    Step { id: "dashboardWebinarParticipantShare", set: &[WEBINAR, PAST], ..STEP },
    Step { id: "participantWebinarFeedback", set: &[WEBINAR, PAST], ..STEP },
    Step { id: "reportSignInSignOutActivities", set: &[FROM, TO], ..STEP },
    Step { id: "reportOperationLogs", set: &[FROM, TO], ..STEP },
    Step { id: "reportMeetingactivitylogs", set: &[FROM, TO], ..STEP },
    Step { id: "reportTelephone", set: &[FROM, TO], ..STEP },
    Step { id: "reportCloudRecording", set: &[FROM, TO], ..STEP },
    Step { id: "getremotesupportreport", set: &[FROM, TO], ..STEP },
    Step { id: "getBillingReport", keep: &[("billingId", "body.billing_reports[0].id")], ..STEP },
    Step { id: "getBillingInvoicesReports", set: &[("billing_id", "{{billingId}}")], ..STEP },
    Step { id: "dashboardClientFeedback", keep: &[("feedbackId", "body.client_feedbacks[0].feedback_id")], ..STEP },
    Step { id: "dashboardClientFeedbackDetail", set: &[("feedbackId", "{{feedbackId}}"), FROM, TO], ..STEP },
    Step { id: "listMeetingSatisfaction", set: &[FROM, TO], ..STEP },
    Step { id: "getClientVersions", ..STEP },
    Step { id: "dashboardCRC", set: &[FROM, TO], ..STEP },
    Step { id: "dashboardChat", ..STEP },
    Step { id: "dashboardZoomRooms", keep: &[("zoomroomId", "body.zoom_rooms[0].id")], ..STEP },
    Step { id: "dashboardZoomRoomIssue", ..STEP },
    Step { id: "dashboardIssueZoomRoom", ..STEP },
    Step { id: "dashboardIssueDetailZoomRoom", set: &[("zoomroomId", "{{zoomroomId}}"), FROM, TO], ..STEP },
    Step { id: "groups", keep: &[("groupId", "body.groups[0].id")], ..STEP },
    Step { id: "group", set: &[("groupId", "{{groupId}}")], ..STEP },
    Step { id: "groupMembers", set: &[("groupId", "{{groupId}}")], ..STEP },
    Step { id: "roles", ..STEP },
    Step { id: "account", set: &[("accountId", "me")], ..STEP },
    Step { id: "userSettings", set: &[USER], ..STEP },
    Step { id: "userPermission", set: &[USER], ..STEP },
    Step { id: "meetingCreate", set: &[USER], body: Some(SCHEDULE), keep: &[("newMeeting", "body.id")] },
    Step { id: "meetingUpdate", set: &[NEW_MEETING], body: Some(RENAMED), ..STEP },
    Step { id: "listUpcomingMeeting", set: &[USER], ..STEP },
    Step { id: "meetingInvitation", set: &[NEW_MEETING], ..STEP },
    Step { id: "meetingRegistrantQuestionUpdate", set: &[NEW_MEETING], body: Some(QUESTIONS), ..STEP },
    Step { id: "meetingRegistrantsQuestionsGet", set: &[NEW_MEETING], ..STEP },
    Step {
        id: "meetingRegistrantCreate",
        set: &[NEW_MEETING],
        body: Some(REGISTRANT),
        keep: &[("newMeetingRegistrant", "body.registrant_id")],
    },
    Step { id: "addBatchRegistrants", set: &[NEW_MEETING], body: Some(REGISTRANTS), ..STEP },
    Step { id: "meetingRegistrants", set: &[NEW_MEETING], ..STEP },
    Step {
        id: "meetingRegistrantStatus",
        set: &[NEW_MEETING],
        body: Some(r#"{"action": "approve", "registrants": [{"id": "{{newMeetingRegistrant}}"}]}"#),
        ..STEP
    },
    Step { id: "meetingRegistrantGet", set: &[NEW_MEETING, ("registrantId", "{{newMeetingRegistrant}}")], ..STEP },
    Step { id: "meetingregistrantdelete", set: &[NEW_MEETING, ("registrantId", "{{newMeetingRegistrant}}")], ..STEP },
    Step { id: "meetingStatus", set: &[NEW_MEETING], body: Some(END), ..STEP },
    Step { id: "meetingDelete", set: &[NEW_MEETING], ..STEP },
    Step {
        id: "webinarCreate",
        set: &[("userId", "{{webinarHost}}")],
        body: Some(SCHEDULE),
        keep: &[("newWebinar", "body.id")],
    },
    Step { id: "webinarUpdate", set: &[NEW_WEBINAR], body: Some(RENAMED), ..STEP },
    Step { id: "webinarRegistrantQuestionUpdate", set: &[NEW_WEBINAR], body: Some(QUESTIONS), ..STEP },
    Step { id: "webinarRegistrantsQuestionsGet", set: &[NEW_WEBINAR], ..STEP },
    Step {
        id: "webinarRegistrantCreate",
        set: &[NEW_WEBINAR],
        body: Some(REGISTRANT),
        keep: &[("newWebinarRegistrant", "body.registrant_id")],
    },
    Step { id: "addBatchWebinarRegistrants", set: &[NEW_WEBINAR], body: Some(REGISTRANTS), ..STEP },
    Step { id: "webinarRegistrants", set: &[NEW_WEBINAR], ..STEP },
    Step {
        id: "webinarRegistrantStatus",
        set: &[NEW_WEBINAR],
        body: Some(r#"{"action": "approve", "registrants": [{"id": "{{newWebinarRegistrant}}"}]}"#),
        ..STEP
    },
    Step { id: "webinarRegistrantGet", set: &[NEW_WEBINAR, ("registrantId", "{{newWebinarRegistrant}}")], ..STEP },
    Step { id: "deleteWebinarRegistrant", set: &[NEW_WEBINAR, ("registrantId", "{{newWebinarRegistrant}}")], ..STEP },
    Step {
        id: "webinarPanelistCreate",
        set: &[NEW_WEBINAR],
        body: Some(
            r#"{"panelists": [{"email": "paul@example.net", "name": "Paul"}, {"email": "ina@example.net", "name": "Ina"}]}"#,
        ),
        ..STEP
    },
    Step { id: "webinarPanelists", set: &[NEW_WEBINAR], keep: &[("newPanelist", "body.panelists[0].id")], ..STEP },
    Step { id: "webinarPanelistDelete", set: &[NEW_WEBINAR, ("panelistId", "{{newPanelist}}")], ..STEP },
    Step { id: "webinarPanelistsDelete", set: &[NEW_WEBINAR], ..STEP },
    Step { id: "webinarStatus", set: &[NEW_WEBINAR], body: Some(END), ..STEP },
    Step { id: "webinarDelete", set: &[NEW_WEBINAR], ..STEP },
    Step {
        id: "trackingfieldCreate",
        body: Some(r#"{"field": "Postman {{$timestamp}}", "recommended_values": ["4711"]}"#),
        keep: &[("trackingField", "body.id")],
        ..STEP
    },
    Step { id: "trackingfieldList", ..STEP },
    Step { id: "trackingfieldGet", set: &[FIELD], ..STEP },
    Step { id: "trackingfieldUpdate", set: &[FIELD], body: Some(r#"{"visible": true}"#), ..STEP },
    Step { id: "trackingfieldDelete", set: &[FIELD], ..STEP },
    Step { id: "revokeToken", set: &[("token", "{{accessToken}}")], ..STEP },
];

const NEW_MEETING: (&str, &str) = ("meetingId", "{{newMeeting}}");
const NEW_WEBINAR: (&str, &str) = ("webinarId", "{{newWebinar}}");
const FIELD: (&str, &str) = ("fieldId", "{{trackingField}}");
/// The body to schedule something that people register for.
const SCHEDULE: &str =
    r#"{"topic": "Postman", "start_time": "2099-01-01T09:00:00Z", "settings": {"approval_type": 1}}"#;
const END: &str = r#"{"action": "end"}"#;
const RENAMED: &str = r#"{"topic": "Postman {{$timestamp}}"}"#;
const QUESTIONS: &str = r#"{"questions": [{"field_name": "city", "required": false}]}"#;
const REGISTRANT: &str = r#"{"email": "jill@example.net", "first_name": "Jill", "last_name": "Chill"}"#;
const REGISTRANTS: &str = r#"{"registrants": [{"email": "ben@example.net", "first_name": "Ben"}]}"#;
