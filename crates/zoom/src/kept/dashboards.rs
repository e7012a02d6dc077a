//! The small dashboards (Zoom reference, section 7 of its second part).

use rollcall_model::MeetingKind::{Meeting, Webinar};

use super::{
    Form::{Day, List, Number, Text, Texts, Time, Whole},
    Kept, Owner, Shape, Value, Window,
    common::{EMAIL, REPORT, v},
};
use crate::operations as op;

const SHARES: &[Value] = &[
    v("content", Text("desktop"), "What was shared."),
    v("start_time", Time("2026-03-01T10:20:50Z"), "When sharing began."),
    v("end_time", Time("2026-03-01T10:25:59Z"), "When it ended."),
];

const SHARING: Kept = Kept {
    tag: "Dashboards",
    kind: "sharing",
    shape: Shape::CountedPages("participants"),
    key: &["user_id"],
    fields: &[
        v("id", Text("pFyqVDCkQlCbrt-iADD4UA"), "Id of the user; blank for guests."),
        v("user_id", Text("30321664"), "Id of the attendance within the instance."),
        v("user_name", Text("Jill Chill"), "Display name."),
        v("details", List(SHARES), "What the participant shared, and when."),
    ],
    ..REPORT
};

const SATISFACTION: Kept = Kept {
    tag: "Dashboards",
    kind: "satisfaction",
    shape: Shape::Pages("participants"),
    key: &["user_id", "email"],
    time: Some("date_time"),
    fields: &[
        v("date_time", Time("2026-03-01T11:34:09Z"), "When the feedback was given."),
        EMAIL,
        v("quality", Text("GOOD"), "`GOOD` or `NOT GOOD`."),
        v("user_id", Text("NJmuvOjlRm2r7yGUPLLOhw"), "Id of the user."),
        v("comment", Text("The sound was cut off."), "What the participant wrote."),
    ],
    ..REPORT
};

const ROOM: &[Value] = &[
    v("id", Text("35QLhffMSfqUJJ9gCszciw"), "Id of the room."),
    v("room_name", Text("Porto"), "Its name."),
    v("calender_name", Text("porto-calendar"), "Its calendar. The vendor spells the key like this."),
    v("email", Text("porto@example.com"), "Its address."),
    v("account_type", Text("Work Email"), "Kind of its account."),
    v("status", Text("Available"), "`Offline`, `Available`, `InMeeting` or `UnderConstruction`."),
    v("device_ip", Text("Computer : 192.0.2.7"), "Addresses of its devices."),
    v("camera", Text("Integrated Webcam"), "Selected camera."),
    v("microphone", Text("Table microphone"), "Selected microphone."),
    v("speaker", Text("Built-in speaker"), "Selected speaker."),
    v("last_start_time", Time("2026-03-10T11:34:39Z"), "When its computer last started."),
    v("location", Text("Floor 1"), "Where it is."),
    v("location_id", Text("BzBAAAAAAAfprg"), "Id of that place."),
    v("health", Text("warning"), "`healthy`, `warning` or `critical`."),
    v("issues", Texts("Zoom room is offline"), "What is wrong with it."),
];

const CRC_HOURS: &[Value] = &[
    v("hour", Text("09"), "The hour, in UTC."),
    v("max_usage", Whole(3), "Most ports in use at a time."),
    v("total_usage", Whole(4), "Number of uses."),
];

/// Every one of them.
pub(super) const ROWS: &[Kept] = &[
    Kept {
        operation: &op::DASHBOARD_MEETING_SHARING,
        summary: "Lists what the participants of a meeting shared.",
        owner: Owner::Instance(Meeting),
        ..SHARING
    },
    Kept {
        operation: &op::DASHBOARD_WEBINAR_SHARING,
        summary: "Lists what the participants of a webinar shared.",
        owner: Owner::Instance(Webinar),
        ..SHARING
    },
    Kept {
        operation: &op::DASHBOARD_MEETING_SATISFACTION,
        summary: "Lists what participants said about a meeting after it.",
        owner: Owner::Instance(Meeting),
        ..SATISFACTION
    },
    Kept {
        operation: &op::DASHBOARD_WEBINAR_SATISFACTION,
        summary: "Lists what participants said about a webinar after it.",
        owner: Owner::Instance(Webinar),
        ..SATISFACTION
    },
    Kept {
        operation: &op::DASHBOARD_CLIENT_FEEDBACK,
        tag: "Dashboards",
        summary: "Lists the kinds of feedback that participants gave.",
        kind: "client_feedback",
        shape: Shape::Counted("client_feedbacks"),
        key: &["feedback_id"],
        fields: &[
            v("feedback_id", Text("1"), "Id of the kind of feedback."),
            v("feedback_name", Text("Others"), "Its name."),
            v("participants_count", Whole(4), "Number of participants who gave it."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::DASHBOARD_CLIENT_FEEDBACK_DETAIL,
        tag: "Dashboards",
        summary: "Lists who gave one kind of feedback.",
        kind: "client_feedback_details",
        owner: Owner::Record("feedback"),
        shape: Shape::Pages("client_feedback_details"),
        time: Some("time"),
        window: Window::Optional,
        fields: &[
            v("email", Text("jchill@example.com"), "The participant's address."),
            v("meeting_id", Text("99525891193"), "Number of the meeting."),
            v("participant_name", Text("Jill Chill"), "The participant's name."),
            v("time", Time("2026-03-19T07:34:09Z"), "When the feedback was given."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::DASHBOARD_CLIENT_SATISFACTION,
        tag: "Dashboards",
        summary: "Lists how satisfied participants were, day by day.",
        kind: "client_satisfaction",
        shape: Shape::Counted("client_satisfaction"),
        key: &["date"],
        time: Some("date"),
        window: Window::Optional,
        fields: &[
            v("date", Day("2026-03-01"), "The day."),
            v("good_count", Whole(8), "Answers `GOOD`."),
            v("none_count", Whole(1), "No answer."),
            v("not_good_count", Whole(1), "Answers `NOT GOOD`."),
            v("satisfaction_percent", Number("90.0"), "Share of answers other than `NOT GOOD`, in percent."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::DASHBOARD_CLIENT_VERSIONS,
        tag: "Dashboards",
        summary: "Lists the versions of the vendor's client in use.",
        kind: "client_versions",
        shape: Shape::All("client_versions"),
        key: &["client_version"],
        fields: &[
            v("client_version", Text("win_5.1.1697.0821"), "Platform and version."),
            v("total_count", Whole(10), "Number of users with it."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::DASHBOARD_CRC,
        tag: "Dashboards",
        summary: "Lists how many ports for conference room systems were in use, hour by hour.",
        kind: "crc",
        shape: Shape::All("crc_ports_usage"),
        key: &["date_time"],
        time: Some("date_time"),
        window: Window::Required,
        fields: &[
            v("date_time", Day("2026-03-01"), "The day."),
            v("crc_ports_hour_usage", List(CRC_HOURS), "Its hours."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::DASHBOARD_CHAT,
        tag: "Dashboards",
        summary: "Lists how many messages users sent.",
        kind: "chat",
        shape: Shape::Pages("users"),
        key: &["user_id"],
        fields: &[
            v("user_id", Text("-0hwjTHMR9uteSRrygQXMA"), "Id of the user."),
            v("user_name", Text("Jill Chill"), "Display name."),
            EMAIL,
            v("total_sent", Whole(9), "Messages of all kinds."),
            v("text_sent", Whole(5), "Texts."),
            v("p2p_sent", Whole(4), "To one person."),
            v("group_sent", Whole(5), "To a group."),
            v("files_sent", Whole(1), "Files."),
            v("images_sent", Whole(1), "Images."),
            v("audio_sent", Whole(0), "Recordings of sound."),
            v("video_sent", Whole(0), "Videos."),
            v("giphys_sent", Whole(1), "Animated images."),
            v("code_sippet_sent", Whole(1), "Pieces of code. The vendor spells the key like this."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::DASHBOARD_ZOOM_ROOMS,
        tag: "Dashboards",
        summary: "Lists rooms with their state.",
        kind: "zoom_rooms",
        shape: Shape::CountedPages("zoom_rooms"),
        key: &["id"],
        fields: ROOM,
        ..REPORT
    },
    Kept {
        operation: &op::DASHBOARD_ZOOM_ROOMS_ISSUES,
        tag: "Dashboards",
        summary: "Lists the most frequent problems of rooms.",
        kind: "zoom_rooms_issues",
        shape: Shape::Counted("issues"),
        key: &["issue_name"],
        fields: &[
            v("issue_name", Text("Zoom room is offline"), "The problem."),
            v("zoom_rooms_count", Whole(2), "Number of rooms that had it."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::DASHBOARD_ISSUES_ZOOM_ROOMS,
        tag: "Dashboards",
        summary: "Lists the rooms with most problems.",
        kind: "issues_zoom_rooms",
        shape: Shape::Counted("zoom_rooms"),
        key: &["id"],
        fields: &[
            v("id", Text("NHwIXQQ2Ro-fJ13cxj_fuQ"), "Id of the room."),
            v("room_name", Text("Porto"), "Its name."),
            v("issues_count", Whole(12), "Number of problems."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::DASHBOARD_ISSUES_ZOOM_ROOM,
        tag: "Dashboards",
        summary: "Lists the problems of a room, in order of time.",
        kind: "issues_zoom_room",
        owner: Owner::Record("room"),
        shape: Shape::CountedPages("issue_details"),
        time: Some("time"),
        window: Window::Required,
        fields: &[
            v("issue", Text("Zoom room is offline"), "The problem."),
            v("time", Time("2026-03-27T08:37:05Z"), "When it was noticed."),
        ],
        ..REPORT
    },
];
