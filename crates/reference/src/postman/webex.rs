//! The run of Webex's collection.

use super::{FROM, STEP, Step, TO};

const NEW: (&str, &str) = ("meetingId", "{{newMeetingId}}");
const REGISTRANT_ID: (&str, &str) = ("registrantId", "{{newRegistrantId}}");
const INVITEE: (&str, &str) = ("meetingInviteeId", "{{inviteeId}}");
const WEBHOOK_ID: (&str, &str) = ("webhookId", "{{webhookId}}");
const MEETING_BODY: &str = r#"{
  "title": "Postman {{$timestamp}}",
  "start": "2099-05-15T20:30:00Z",
  "end": "2099-05-15T21:30:00Z",
  "scheduledType": "webinar",
  "hostEmail": "{{hostEmail}}"
}"#;
const UPDATED: &str = r#"{"title": "Postman", "start": "2099-05-15T20:30:00Z", "end": "2099-05-15T21:30:00Z"}"#;
const CHOSEN: &str = r#"{"sendEmail": false, "registrants": [{"id": "{{newRegistrantId}}"}]}"#;
const REPORT_ID: (&str, &str) = ("reportId", "{{reportId}}");
const REPORT: &str = r#"{
  "templateId": {{templateId}},
  "startDate": "{{from}}",
  "endDate": "{{to}}",
  "siteList": "{{siteUrl}}"
}"#;
const WEBHOOK: &str = r#"{
  "name": "Postman {{$timestamp}}",
  "targetUrl": "https://example.com/hook",
  "resource": "meetings",
  "event": "ended",
  "ownedBy": "org"
}"#;

/// The body to create and to replace a tracking code. Its name is unique, so that a run can be repeated.
const CODE: &str = r#"{
  "name": "Postman {{$timestamp}}",
  "siteUrl": "{{siteUrl}}",
  "inputMode": "select",
  "options": [
    {"value": "Engineering", "defaultValue": false},
    {"value": "Design", "defaultValue": true}
  ],
  "hostProfileCode": "optional",
  "scheduleStartCodes": [
    {"service": "All", "type": "optional"}
  ]
}"#;

const RUN: (&str, &str) = ("meetingId", "{{runId}}");
const SITE: (&str, &str) = ("siteUrl", "{{siteUrl}}");
const CODE_ID: (&str, &str) = ("trackingCodeId", "{{trackingCodeId}}");

/// Webex's operations in such an order. Created objects are deleted again.
pub(super) const STEPS: &[Step] = &[
    Step {
        id: "createAccessToken",
        set: &[
            ("grant_type", "client_credentials"),
            ("client_id", "{{clientId}}"),
            ("client_secret", "{{clientSecret}}"),
        ],
        keep: &[("accessToken", "body.access_token")],
        ..STEP
    },
    Step {
        id: "listMeetings",
        set: &[("meetingType", "meeting"), ("state", "ended"), FROM, TO],
        keep: &[
            ("runId", "body.items[0].id"),
            ("personId", "body.items[0].hostUserId"),
            ("hostEmail", "body.items[0].hostEmail"),
        ],
        ..STEP
    },
    Step { id: "getMeeting", set: &[RUN], ..STEP },
    Step { id: "listMeetingParticipants", set: &[RUN], keep: &[("participantId", "body.items[0].id")], ..STEP },
    Step { id: "getMeetingParticipant", set: &[("participantId", "{{participantId}}")], ..STEP },
    Step { id: "getMeetingQualities", set: &[RUN], ..STEP },
    Step {
        id: "getSiteList",
        keep: &[("siteUrl", "(body.sites.find((site) => site.default) || body.sites[0]).siteUrl")],
        ..STEP
    },
    Step {
        id: "updateDefaultSite",
        set: &[("defaultSite", "true")],
        body: Some(r#"{"siteUrl": "{{siteUrl}}"}"#),
        ..STEP
    },
    Step { id: "listTrackingCodes", set: &[SITE], ..STEP },
    Step { id: "createTrackingCode", body: Some(CODE), keep: &[("trackingCodeId", "body.id")], ..STEP },
    Step { id: "getTrackingCode", set: &[CODE_ID, SITE], ..STEP },
    Step { id: "updateTrackingCode", set: &[CODE_ID], body: Some(CODE), ..STEP },
    Step { id: "getUserTrackingCodes", set: &[SITE, ("personId", "{{personId}}")], ..STEP },
    Step {
        id: "updateUserTrackingCodes",
        body: Some(r#"{"siteUrl": "{{siteUrl}}", "personId": "{{personId}}", "trackingCodes": []}"#),
        ..STEP
    },
    Step {
        id: "listMeetingTrackingCodes",
        set: &[SITE, ("service", "MeetingCenter"), ("hostEmail", "{{hostEmail}}")],
        ..STEP
    },
    Step { id: "queryMeetingParticipants", set: &[RUN], body: Some(r#"{"emails": ["{{hostEmail}}"]}"#), ..STEP },
    Step { id: "listMeetingUsageReports", set: &[FROM, TO, SITE], ..STEP },
    Step { id: "listMeetingAttendeeReports", set: &[FROM, TO, SITE, RUN], ..STEP },
    Step { id: "listReportTemplates", keep: &[("templateId", "body.items[0].Id")], ..STEP },
    Step { id: "createReport", body: Some(REPORT), keep: &[("reportId", "body.items.Id")], ..STEP },
    Step { id: "getReportDetails", set: &[REPORT_ID], ..STEP },
    Step { id: "listReports", ..STEP },
    Step { id: "deleteReport", set: &[REPORT_ID], ..STEP },
    Step { id: "listPeople", set: &[("email", "{{hostEmail}}")], ..STEP },
    Step { id: "getMyOwnDetails", ..STEP },
    Step { id: "getPerson", set: &[("personId", "{{personId}}")], ..STEP },
    Step { id: "listOrganizations", keep: &[("orgId", "body.items[0].id")], ..STEP },
    Step { id: "getOrganization", set: &[("orgId", "{{orgId}}")], ..STEP },
    Step { id: "getMeetingPreferenceDetails", ..STEP },
    Step {
        id: "createMeeting",
        body: Some(MEETING_BODY),
        keep: &[("newMeetingId", "body.id"), ("newMeetingNumber", "body.meetingNumber")],
        ..STEP
    },
    Step { id: "patchMeeting", set: &[NEW], body: Some(r#"{"agenda": "News"}"#), ..STEP },
    Step { id: "updateMeeting", set: &[NEW], body: Some(UPDATED), ..STEP },
    Step { id: "adminListMeetings", set: &[("meetingNumber", "{{newMeetingNumber}}")], ..STEP },
    Step { id: "adminGetMeetingById", set: &[NEW], ..STEP },
    Step { id: "updateMeetingRegistration", set: &[NEW], body: Some(r#"{"autoAcceptRequest": false}"#), ..STEP },
    Step { id: "getMeetingRegistration", set: &[NEW], ..STEP },
    Step {
        id: "createInvitationSources",
        set: &[NEW],
        body: Some(r#"{"items": [{"sourceId": "news", "sourceEmail": "news@example.net"}]}"#),
        ..STEP
    },
    Step { id: "listInvitationSources", set: &[NEW], ..STEP },
    Step {
        id: "createRegistrant",
        set: &[NEW],
        body: Some(r#"{"firstName": "Bob", "lastName": "Lee", "email": "bob@example.net"}"#),
        keep: &[("newRegistrantId", "body.id")],
    },
    Step {
        id: "createRegistrants",
        set: &[NEW],
        body: Some(r#"{"items": [{"firstName": "Ann", "lastName": "Lee", "email": "ann@example.net"}]}"#),
        keep: &[("otherRegistrantId", "body.items[0].id")],
    },
    Step { id: "listMeetingRegistrants", set: &[NEW], ..STEP },
    Step { id: "queryMeetingRegistrants", set: &[NEW], body: Some(r#"{"emails": ["bob@example.net"]}"#), ..STEP },
    Step { id: "getRegistrant", set: &[NEW, REGISTRANT_ID], ..STEP },
    Step { id: "batchApproveMeetingRegistrants", set: &[NEW], body: Some(CHOSEN), ..STEP },
    Step { id: "batchRejectMeetingRegistrants", set: &[NEW], body: Some(CHOSEN), ..STEP },
    Step { id: "batchCancelMeetingRegistrants", set: &[NEW], body: Some(CHOSEN), ..STEP },
    Step { id: "batchDeleteMeetingRegistrants", set: &[NEW], body: Some(CHOSEN), ..STEP },
    Step { id: "deleteRegistrant", set: &[NEW, ("registrantId", "{{otherRegistrantId}}")], ..STEP },
    Step { id: "deleteMeetingRegistration", set: &[NEW], ..STEP },
    Step {
        id: "createMeetingInvitee",
        body: Some(r#"{"meetingId": "{{newMeetingId}}", "email": "brenda@example.net"}"#),
        keep: &[("inviteeId", "body.id")],
        ..STEP
    },
    Step {
        id: "createMeetingInvitees",
        body: Some(r#"{"meetingId": "{{newMeetingId}}", "items": [{"email": "john@example.net"}]}"#),
        ..STEP
    },
    Step { id: "listMeetingInvitees", set: &[NEW], ..STEP },
    Step { id: "updateMeetingInvitee", set: &[INVITEE], body: Some(r#"{"email": "brenda@example.net"}"#), ..STEP },
    Step { id: "getMeetingInvitee", set: &[INVITEE], ..STEP },
    Step { id: "deleteMeetingInvitee", set: &[INVITEE], ..STEP },
    Step { id: "deleteMeeting", set: &[NEW], ..STEP },
    Step { id: "createWebhook", body: Some(WEBHOOK), keep: &[("webhookId", "body.id")], ..STEP },
    Step {
        id: "updateWebhook",
        set: &[WEBHOOK_ID],
        body: Some(r#"{"name": "Postman", "targetUrl": "https://example.com/hooks"}"#),
        ..STEP
    },
    Step { id: "getWebhook", set: &[WEBHOOK_ID], ..STEP },
    Step { id: "listWebhooks", ..STEP },
    Step { id: "deleteWebhook", set: &[WEBHOOK_ID], ..STEP },
    Step { id: "deleteTrackingCode", set: &[CODE_ID, SITE], ..STEP },
];
