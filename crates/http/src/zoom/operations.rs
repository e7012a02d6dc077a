//! The operations of Zoom's API, with their scopes and rate limit labels (Zoom reference, sections 1.1 and 2).

use rollcall_model::MeetingKind::{Meeting, Webinar};

use crate::{
    auth::{Effect, Operation, Subject},
    rate::Label,
};

macro_rules! operations {
    ($($name:ident = $id:literal, $label:ident, $subject:expr, [$($scope:literal),+];)+) => {
        $(pub(crate) const $name: Operation =
            Operation { id: $id, scopes: &[$($scope),+], effect: Effect::Read, subject: $subject, label: Some(Label::$label) };)+
        /// Every operation of this API.
        pub(crate) const ALL: &[&Operation] = &[$(&$name),+];
    };
}

operations! {
    DASHBOARD_MEETINGS = "dashboardMeetings", ResourceIntensive, Subject::Account,
        ["dashboard:read:list_meetings:admin", "dashboard_meetings:read:admin", "dashboard:read:admin"];
    DASHBOARD_MEETING_DETAIL = "dashboardMeetingDetail", Heavy, Subject::Account,
        ["dashboard:read:meeting:admin", "dashboard_meetings:read:admin", "dashboard:read:admin"];
    DASHBOARD_MEETING_PARTICIPANTS = "dashboardMeetingParticipants", Heavy, Subject::Account,
        ["dashboard:read:list_meeting_participants:admin", "dashboard_meetings:read:admin", "dashboard:read:admin"];
    DASHBOARD_MEETING_PARTICIPANTS_QOS = "dashboardMeetingParticipantsQOS", Heavy, Subject::Account,
        ["dashboard:read:list_meeting_participants_qos:admin", "dashboard_meetings:read:admin", "dashboard:read:admin"];
    DASHBOARD_MEETING_PARTICIPANT_QOS = "dashboardMeetingParticipantQOS", Heavy, Subject::Account,
        ["dashboard:read:meeting_participant_qos:admin", "dashboard_meetings:read:admin", "dashboard:read:admin"];
    DASHBOARD_MEETING_PARTICIPANTS_QOS_SUMMARY = "dashboardMeetingParticipantsQOSSummary", Heavy, Subject::Account,
        ["dashboard:read:list_meeting_participants_qos:admin", "dashboard_meetings:read:admin", "dashboard:read:admin"];
    DASHBOARD_WEBINARS = "dashboardWebinars", ResourceIntensive, Subject::Account,
        ["dashboard:read:list_webinars:admin", "dashboard_webinars:read:admin", "dashboard:read:admin"];
    DASHBOARD_WEBINAR_DETAIL = "dashboardWebinarDetail", Heavy, Subject::Account,
        ["dashboard:read:webinar:admin", "dashboard_webinars:read:admin", "dashboard:read:admin"];
    DASHBOARD_WEBINAR_PARTICIPANTS = "dashboardWebinarParticipants", Heavy, Subject::Account,
        ["dashboard:read:list_webinar_participants:admin", "dashboard_webinars:read:admin", "dashboard:read:admin"];
    DASHBOARD_WEBINAR_PARTICIPANTS_QOS = "dashboardWebinarParticipantsQOS", Heavy, Subject::Account,
        ["dashboard:read:list_webinar_participants_qos:admin", "dashboard_webinars:read:admin", "dashboard:read:admin"];
    DASHBOARD_WEBINAR_PARTICIPANT_QOS = "dashboardWebinarParticipantQOS", Heavy, Subject::Account,
        ["dashboard:read:webinar_participant_qos:admin", "dashboard_webinars:read:admin", "dashboard:read:admin"];
    DASHBOARD_WEBINAR_PARTICIPANTS_QOS_SUMMARY = "dashboardWebinarParticipantsQOSSummary", Heavy, Subject::Account,
        ["dashboard:read:list_webinar_participants_qos:admin", "dashboard_webinars:read:admin", "dashboard:read:admin"];
    DASHBOARD_QUALITY = "dashboardQuality", Heavy, Subject::Account,
        ["dashboard:read:meeting_quality_score:admin", "dashboard_home:read:admin", "dashboard:read:admin"];
    LIST_TRACKING_SOURCES = "getTrackingSources", Medium, Subject::Meeting(Webinar),
        ["webinar:read:list_tracking_sources:admin", "webinar:read:list_tracking_sources:master",
         "webinar:read:list_tracking_sources", "webinar:read:admin", "webinar:read"];
    USERS = "users", Medium, Subject::Account,
        ["user:read:list_users:admin", "user:read:list_users:master", "user:read:admin"];
    USER = "user", Light, Subject::User,
        ["user:read:user:admin", "user:read:user:master", "user:read:user", "user:read:admin", "user:read"];
    // They reveal everybody's addresses and rooms: no user-level scope allows them.
    USER_EMAIL = "userEmail", Light, Subject::Account,
        ["user:read:email:admin", "user:read:email:master", "user:read:admin"];
    USER_VANITY_NAME = "userVanityName", Light, Subject::Account,
        ["user:read:vanity_name:admin", "user:read:vanity_name:master", "user:read:admin"];
    USER_MEETINGS = "meetings", Medium, Subject::User,
        ["meeting:read:list_meetings:admin", "meeting:read:list_meetings:master", "meeting:read:list_meetings",
         "meeting:read:admin", "meeting:read"];
    USER_WEBINARS = "webinars", Medium, Subject::User,
        ["webinar:read:list_webinars:admin", "webinar:read:list_webinars:master", "webinar:read:list_webinars",
         "webinar:read:admin", "webinar:read"];
    MEETING = "meeting", Light, Subject::Meeting(Meeting),
        ["meeting:read:meeting:admin", "meeting:read:meeting:master", "meeting:read:meeting", "meeting:read:admin",
         "meeting:read"];
    WEBINAR = "webinar", Light, Subject::Meeting(Webinar),
        ["webinar:read:webinar:admin", "webinar:read:webinar:master", "webinar:read:webinar", "webinar:read:admin",
         "webinar:read"];
    PAST_MEETING_INSTANCES = "pastMeetings", Medium, Subject::Meeting(Meeting),
        ["meeting:read:list_past_instances:admin", "meeting:read:list_past_instances:master",
         "meeting:read:list_past_instances", "meeting:read:admin", "meeting:read"];
    PAST_WEBINAR_INSTANCES = "pastWebinars", Light, Subject::Meeting(Webinar),
        ["webinar:read:list_past_instances:admin", "webinar:read:list_past_instances:master",
         "webinar:read:list_past_instances", "webinar:read:admin", "webinar:read"];
    REPORT_MEETING_PARTICIPANTS = "reportMeetingParticipants", Heavy, Subject::Account,
        ["report:read:list_meeting_participants:admin", "report:read:admin"];
    REPORT_WEBINAR_PARTICIPANTS = "reportWebinarParticipants", Heavy, Subject::Account,
        ["report:read:list_webinar_participants:admin", "report:read:admin"];
    PAST_MEETING_PARTICIPANTS = "pastMeetingParticipants", Medium, Subject::Instance(Meeting),
        ["meeting:read:list_past_participants:admin", "meeting:read:list_past_participants", "meeting:read:admin",
         "meeting:read"];
    PAST_WEBINAR_PARTICIPANTS = "listWebinarParticipants", Medium, Subject::Instance(Webinar),
        ["webinar:read:list_past_participants:admin", "webinar:read:list_past_participants", "webinar:read:admin",
         "webinar:read"];
    PAST_MEETING = "pastMeetingDetails", Light, Subject::Instance(Meeting),
        ["meeting:read:past_meeting:admin", "meeting:read:past_meeting:master", "meeting:read:past_meeting",
         "meeting:read:admin", "meeting:read"];
}
