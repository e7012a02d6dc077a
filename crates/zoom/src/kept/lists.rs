//! The table of kept operations (Zoom reference, sections 2.6, 2.8, 3, 4.5 and 7 of its second part).

use rollcall_model::MeetingKind::{Meeting, Webinar};

use super::{
    Beside, Filter,
    Form::{Any, Day, Flag, List, Number, Object, Text, Texts, Time, Whole},
    Kept, Owner, Shape, Value, Window,
};
use crate::operations as op;

const fn v(name: &'static str, form: super::Form, meaning: &'static str) -> Value {
    Value { name, form, meaning }
}

/// What most rows have in common; the operation is replaced in each.
const REPORT: Kept = Kept {
    operation: &op::REPORT_ACTIVITIES,
    tag: "Reports",
    summary: "",
    kind: "",
    owner: Owner::Account,
    shape: Shape::Object,
    key: &[],
    time: None,
    window: Window::No,
    filters: &[],
    beside: &[],
    fields: &[],
    default: None,
};

const OF_INSTANCE: &[(Beside, Value)] = &[
    (Beside::Number, v("id", Whole(93_201_235_621), "Number of the meeting or webinar.")),
    (Beside::Uuid, v("uuid", Text("4444AAAiAAAAAiAiAiiAii=="), "UUID of the instance.")),
    (Beside::Start, v("start_time", Time("2026-03-01T10:15:14Z"), "When it began.")),
];

const EMAIL: Value = v("email", Text("jchill@example.com"), "The person's address; blank if unknown.");
const NAME: Value = v("name", Text("Jill Chill"), "The person's display name.");
const FIRST_NAME: Value = v("first_name", Text("Jill"), "Given name.");
const LAST_NAME: Value = v("last_name", Text("Chill"), "Family name.");
const QUESTION: Value = v("question", Text("How are you?"), "The question.");
const ANSWER: Value = v("answer", Text("I am wonderful."), "The answer.");
const ANSWERED_AT: Value = v("date_time", Time("2026-03-01T10:37:12Z"), "When it was answered.");

const POLL_ANSWERS: &[Value] = &[QUESTION, ANSWER, v("polling_id", Text("798fGJEWrA"), "Id of the poll."), ANSWERED_AT];
const POLLS: Kept = Kept {
    kind: "polls",
    shape: Shape::All("questions"),
    key: &["email", "name"],
    beside: OF_INSTANCE,
    fields: &[
        EMAIL,
        NAME,
        FIRST_NAME,
        LAST_NAME,
        v("question_details", List(POLL_ANSWERS), "What the person answered."),
    ],
    ..REPORT
};

const REPLIES: &[Value] = &[
    v("user_id", Text("Cn_5wJ9mRNGyYOmpjVufBQ"), "Id of the person who replied."),
    v("name", Text("Paul"), "Name of the person who replied."),
    v("email", Text("paul@example.com"), "Address of the person who replied."),
    v("content", Text("fine"), "The reply."),
    v("create_time", Time("2026-03-01T10:50:00Z"), "When it was written."),
    v(
        "type",
        Text("default"),
        "`default`, `host_answered_publicly`, `host_answered_privately`, `participant_commented` or `host_answered`.",
    ),
];
const QUESTIONS: &[Value] = &[
    QUESTION,
    v("answer", Text("fine"), "The reply; `live answered` if it was spoken."),
    v("question_id", Text("zxU4wOwnlxs"), "Id of the question."),
    v("create_time", Time("2026-03-01T10:48:00Z"), "When it was asked."),
    v("question_status", Text("open"), "`default`, `open`, `dismissed`, `answered` or `deleted`."),
    v("answer_details", List(REPLIES), "The replies."),
];
const QA: Kept = Kept {
    kind: "qa",
    shape: Shape::All("questions"),
    key: &["user_id", "email", "name"],
    beside: OF_INSTANCE,
    fields: &[
        v("user_id", Text("hyROrs0TRCSvwmadI7L13w"), "Id of the person's user; blank for guests."),
        NAME,
        EMAIL,
        v("question_details", List(QUESTIONS), "What the person asked."),
    ],
    ..REPORT
};

const SURVEY_ANSWERS: &[Value] =
    &[QUESTION, v("question_id", Text("798fGJEWrA"), "Id of the question."), ANSWER, ANSWERED_AT];
const SURVEY_ID: (Beside, Value) =
    (Beside::Response, v("survey_id", Text("8SFHRTGHAAAiAAAAAiAiAiiAii=="), "Id of the survey."));
const SURVEY_NAME: (Beside, Value) =
    (Beside::Response, v("survey_name", Text("Survey of this event"), "Name of the survey."));
const SURVEY_START: (Beside, Value) =
    (Beside::Start, v("start_time", Time("2026-03-01T10:15:14Z"), "When the instance began."));
const SURVEY: Kept = Kept {
    kind: "survey",
    shape: Shape::All("survey_answers"),
    key: &["email", "name"],
    fields: &[
        EMAIL,
        NAME,
        FIRST_NAME,
        LAST_NAME,
        v("answer_details", List(SURVEY_ANSWERS), "What the person answered."),
    ],
    ..REPORT
};

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

const POLL_QUESTIONS: &[Value] = &[
    v("name", Text("How useful was this webinar?"), "The question."),
    v(
        "type",
        Text("single"),
        "`single`, `multiple`, `matching`, `rank_order`, `short_answer`, `long_answer`, `fill_in_the_blank` or `rating_scale`.",
    ),
    v("answer_required", Flag(false), "Whether it must be answered."),
    v("answers", Texts("Extremely useful"), "The choices."),
    v("show_as_dropdown", Flag(false), "Whether the choices are shown as a menu."),
];
const PLANNED_POLLS: Kept = Kept {
    kind: "planned_polls",
    shape: Shape::Counted("polls"),
    key: &["id"],
    fields: &[
        v("id", Text("QalIoKWLTJehBJ8e1xRrbQ"), "Id of the poll."),
        v("title", Text("Learn something new"), "Its title."),
        v("status", Text("notstart"), "`notstart`, `started`, `ended` or `sharing`."),
        v("poll_type", Whole(2), "1 for a poll, 2 for an advanced poll, 3 for a quiz."),
        v("anonymous", Flag(false), "Whether answers are anonymous."),
        v("questions", List(POLL_QUESTIONS), "The questions."),
    ],
    ..REPORT
};

const CUSTOM_QUESTIONS: &[Value] = &[
    v("title", Text("How are you?"), "The question."),
    v(
        "type",
        Text("short"),
        "How it is answered: `short` for a text, `single`, `single_radio`, `single_dropdown` or `multiple` for choices.",
    ),
    v("required", Flag(true), "Whether it must be answered."),
    v("answers", Texts("Well"), "The choices."),
];
const FORM_QUESTIONS: &[Value] = &[
    v("field_name", Text("last_name"), "A field of the registration form."),
    v("required", Flag(true), "Whether it must be filled in."),
];
const REGISTRATION_QUESTIONS: Kept = Kept {
    kind: "registration_questions",
    shape: Shape::Object,
    fields: &[
        v("custom_questions", List(CUSTOM_QUESTIONS), "Questions of this meeting or webinar alone."),
        v("questions", List(FORM_QUESTIONS), "Fields of the form that are shown."),
    ],
    default: Some(r#"{"custom_questions":[],"questions":[]}"#),
    ..REPORT
};

const PANELIST: &[Value] = &[
    v("id", Text("Tg2b6GhcQKKbV7nSCbDKug"), "Id of the panelist."),
    EMAIL,
    NAME,
    v("join_url", Text("https://example.com/w/95000000003?tk=Tg2b6Ghc"), "The panelist's own URL to join."),
    v("virtual_background_id", Text("xHhPyb8ERMCmiC5njPjFdQ"), "Id of the virtual background."),
    v("name_tag_id", Text("xHhPyb8ERMCmiC5njPjFdQ"), "Id of the name tag."),
    v("name_tag_name", Text("Jill"), "Name on it."),
    v("name_tag_pronouns", Text("she/her"), "Pronouns on it."),
    v("name_tag_description", Text("Chef"), "Description on it."),
];

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

const OPERATION_CATEGORIES: &[(&str, &[&str])] = &[
    ("all", &[]),
    ("user", &["user", "User"]),
    ("user_settings", &["user_settings", "User Settings"]),
    ("account", &["account", "Account"]),
    ("billing", &["billing", "Billing"]),
    ("im", &["im", "IM"]),
    ("recording", &["recording", "Recording"]),
    ("phone_contacts", &["phone_contacts", "Phone Contacts"]),
    ("webinar", &["webinar", "Webinar"]),
    ("sub_account", &["sub_account", "Sub Account"]),
    ("role", &["role", "Role"]),
    ("zoom_rooms", &["zoom_rooms", "Zoom Rooms"]),
];
const ACTIVITIES: &[(&str, &[&str])] = &[
    ("All Activities", &[]),
    ("Meeting Created", &["Meeting Created"]),
    ("Meeting Started", &["Meeting Started"]),
    ("User Join", &["User Join"]),
    ("User Left", &["User Left"]),
    ("Remote Control", &["Remote Control"]),
    ("In-Meeting Chat", &["In-Meeting Chat"]),
    ("Meeting Ended", &["Meeting Ended"]),
];

/// Every kept operation.
pub const KEPT: &[Kept] = &[
    Kept {
        operation: &op::WEBINAR_PANELISTS,
        tag: "Webinars",
        summary: "Lists the panelists of a webinar.",
        kind: "panelists",
        owner: Owner::Meeting(Webinar),
        shape: Shape::Counted("panelists"),
        // One panelist per address: adding one again replaces it.
        key: &["email"],
        fields: PANELIST,
        ..REPORT
    },
    Kept {
        operation: &op::MEETING_REGISTRATION_QUESTIONS,
        tag: "Meetings",
        summary: "Lists what registrants of a meeting are asked.",
        owner: Owner::Meeting(Meeting),
        ..REGISTRATION_QUESTIONS
    },
    Kept {
        operation: &op::WEBINAR_REGISTRATION_QUESTIONS,
        tag: "Webinars",
        summary: "Lists what registrants of a webinar are asked.",
        owner: Owner::Meeting(Webinar),
        ..REGISTRATION_QUESTIONS
    },
    Kept {
        operation: &op::REPORT_MEETING_POLLS,
        summary: "Reports who answered what in the polls of a past meeting.",
        owner: Owner::Past(Meeting),
        ..POLLS
    },
    Kept {
        operation: &op::REPORT_WEBINAR_POLLS,
        summary: "Reports who answered what in the polls of a past webinar.",
        owner: Owner::Past(Webinar),
        ..POLLS
    },
    Kept {
        operation: &op::PAST_MEETING_POLLS,
        tag: "Meetings",
        summary: "Lists the answers to the polls of a past meeting.",
        owner: Owner::Past(Meeting),
        ..POLLS
    },
    Kept {
        operation: &op::PAST_WEBINAR_POLLS,
        tag: "Webinars",
        summary: "Lists the answers to the polls of a past webinar.",
        owner: Owner::Past(Webinar),
        ..POLLS
    },
    Kept {
        operation: &op::REPORT_MEETING_QA,
        summary: "Reports the questions of a past meeting with their answers.",
        owner: Owner::Past(Meeting),
        ..QA
    },
    Kept {
        operation: &op::REPORT_WEBINAR_QA,
        summary: "Reports the questions of a past webinar with their answers.",
        owner: Owner::Past(Webinar),
        ..QA
    },
    Kept {
        operation: &op::PAST_MEETING_QA,
        tag: "Meetings",
        summary: "Lists the questions of a past meeting with their answers.",
        owner: Owner::Past(Meeting),
        ..QA
    },
    Kept {
        operation: &op::PAST_WEBINAR_QA,
        tag: "Webinars",
        summary: "Lists the questions of a past webinar with their answers.",
        owner: Owner::Past(Webinar),
        ..QA
    },
    Kept {
        operation: &op::REPORT_MEETING_SURVEY,
        summary: "Reports who answered what in the survey of a past meeting.",
        owner: Owner::Past(Meeting),
        beside: &[
            (Beside::Number, v("meeting_id", Whole(93_201_235_621), "Number of the meeting.")),
            (Beside::Uuid, v("meeting_uuid", Text("4444AAAiAAAAAiAiAiiAii=="), "UUID of the instance.")),
            SURVEY_START,
            SURVEY_ID,
            SURVEY_NAME,
        ],
        ..SURVEY
    },
    Kept {
        operation: &op::REPORT_WEBINAR_SURVEY,
        summary: "Reports who answered what in the survey of a past webinar.",
        owner: Owner::Past(Webinar),
        beside: &[
            (Beside::Number, v("webinar_id", Whole(93_201_235_621), "Number of the webinar.")),
            (Beside::Uuid, v("webinar_uuid", Text("4444AAAiAAAAAiAiAiiAii=="), "UUID of the instance.")),
            SURVEY_START,
            SURVEY_ID,
            SURVEY_NAME,
        ],
        ..SURVEY
    },
    Kept {
        operation: &op::MEETING_POLLS,
        tag: "Meetings",
        summary: "Lists the polls planned for a meeting.",
        owner: Owner::Meeting(Meeting),
        ..PLANNED_POLLS
    },
    Kept {
        operation: &op::WEBINAR_POLLS,
        tag: "Webinars",
        summary: "Lists the polls planned for a webinar.",
        owner: Owner::Meeting(Webinar),
        ..PLANNED_POLLS
    },
    Kept {
        operation: &op::REPORT_ACTIVITIES,
        summary: "Reports when users signed in and out, in order of time.",
        kind: "sign_ins",
        shape: Shape::Pages("activity_logs"),
        time: Some("time"),
        window: Window::Optional,
        fields: &[
            v("time", Time("2026-03-15T19:13:41Z"), "When it happened."),
            v("type", Text("Sign out"), "`Sign in` or `Sign out`."),
            EMAIL,
            v("ip_address", Text("192.0.2.1"), "Where it came from."),
            v("client_type", Text("Browser"), "Kind of client."),
            v("version", Text("5.9.1.2581"), "Its version."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::REPORT_OPERATION_LOGS,
        summary: "Reports what administrators changed, in order of time.",
        kind: "operation_logs",
        shape: Shape::Pages("operation_logs"),
        time: Some("time"),
        window: Window::Required,
        filters: &[Filter {
            name: "category_type",
            field: "category_type",
            words: OPERATION_CATEGORIES,
            meaning: "Only changes of this kind. Default: `all`.",
        }],
        fields: &[
            v("time", Time("2026-03-25T17:52:16Z"), "When it happened."),
            v("operator", Text("admin@example.com"), "Who did it."),
            v("category_type", Text("user"), "What kind of thing was changed."),
            v("action", Text("delete"), "What was done."),
            v("operation_detail", Text("delete user - user2@example.com"), "The change."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::REPORT_MEETING_ACTIVITIES,
        summary: "Reports what happened in meetings, in order of time.",
        kind: "meeting_activities",
        shape: Shape::Pages("meeting_activity_logs"),
        time: Some("activity_time"),
        window: Window::Required,
        filters: &[
            Filter {
                name: "activity_type",
                field: "activity_category",
                words: ACTIVITIES,
                meaning: "Only activities of this kind. Default: `All Activities`.",
            },
            Filter {
                name: "meeting_number",
                field: "meeting_number",
                words: &[],
                meaning: "Only activities of the meeting with this number, with or without its spaces.",
            },
        ],
        fields: &[
            v("meeting_number", Text("982 610 0285"), "Number of the meeting, with spaces."),
            v("activity_time", Text("2026-03-21 07:09:03:216"), "When it happened, in UTC."),
            v("operator", Text("Jill Chill"), "Who did it."),
            v("operator_email", Text("jchill@example.com"), "Address of that person."),
            v("activity_category", Text("Meeting Started"), "Kind of activity."),
            v("activity_detail", Text("Meeting Started"), "The activity."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::REPORT_TELEPHONE,
        summary: "Reports calls by telephone, in order of their start.",
        kind: "telephone",
        shape: Shape::CountedPages("telephony_usage"),
        time: Some("start_time"),
        window: Window::Required,
        filters: &[Filter {
            name: "type",
            field: "type",
            words: &[
                ("1", &["toll-free", "call-out"]),
                ("2", &["Toll", "US toll-number", "global toll-number", "premium", "premium call-in", "call-in"]),
                ("3", &["SIP"]),
            ],
            meaning: "`1` (default) for toll-free and outgoing calls, `2` for toll numbers, `3` for SIP.",
        }],
        fields: &[
            v("call_in_number", Text("ZoomGW"), "Number that was called."),
            v("country_name", Text("US"), "Country."),
            v("dept", Text("HR"), "Department of the host."),
            v("duration", Whole(2), "Duration, in minutes."),
            v("start_time", Time("2026-03-15T07:40:46Z"), "When the call began."),
            v("end_time", Time("2026-03-15T07:42:22Z"), "When it ended."),
            v("host_id", Text("_Rn_hal7ToG5p0AWwIIsjQ"), "Id of the host."),
            v("host_name", Text("Jill Chill"), "Name of the host."),
            v("host_email", Text("jchill@example.com"), "Address of the host."),
            v("meeting_id", Whole(94_908_911_701), "Number of the meeting."),
            v("meeting_type", Text("Meeting"), "`Meeting` or `Webinar`."),
            v("phone_number", Text("+1 8243"), "The caller's number."),
            v("signaled_number", Text("+1 8243"), "The number that the caller's network sent."),
            v("rate", Number("0.03"), "Price of a minute, in US dollars."),
            v("total", Number("0.03"), "Price of the call, in US dollars."),
            v("type", Text("call-out"), "Kind of call."),
            v("uuid", Text("4444AAAiAAAAAiAiAiiAii=="), "UUID of the instance."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::REPORT_CLOUD_RECORDING,
        summary: "Reports the space that recordings take, day by day.",
        kind: "cloud_recording",
        shape: Shape::All("cloud_recording_storage"),
        key: &["date"],
        time: Some("date"),
        window: Window::Required,
        fields: &[
            v("date", Day("2026-03-05"), "The day."),
            v("free_usage", Text("Unlimited"), "Free space."),
            v("plan_usage", Text("3 TB"), "Space of the plan."),
            v("usage", Text("3 MB"), "Space in use."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::REPORT_REMOTE_SUPPORT,
        summary: "Reports sessions of remote support, in order of time.",
        kind: "remote_support",
        shape: Shape::Pages("remote_support_logs"),
        time: Some("request_time"),
        window: Window::Required,
        fields: &[
            v("meeting_uuid", Text("gm8s9L+PTEC+FG3sFbd1Cw=="), "UUID of the instance."),
            v("meeting_number", Whole(93_201_235_621), "Number of the meeting."),
            v("meeting_start_time", Time("2026-03-15T13:20:12Z"), "When it began."),
            v("meeting_host_id", Text("FyOCGDLEShWSihPcupWHtA"), "Id of the host."),
            v("topic", Text("Printer does not print"), "Title."),
            v("supporter_name", Text("Jill Chill"), "Who helped."),
            v("supporter_email", Text("jchill@example.com"), "Address of who helped."),
            v("supportee_name", Text("Tom"), "Who was helped."),
            v("supportee_email", Text("tom@example.com"), "Address of who was helped."),
            v("request_time", Time("2026-03-15T13:21:29Z"), "When help was requested."),
            v("start_time", Time("2026-03-15T13:22:57Z"), "When it began."),
            v("end_time", Time("2026-03-15T13:42:34Z"), "When it ended."),
            v("wait_time", Text("01:28"), "From request to start, in minutes and seconds."),
            v("duration", Text("19:37"), "From start to end, in minutes and seconds."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::REPORT_BILLING,
        summary: "Reports the bills of departments.",
        kind: "billing",
        shape: Shape::All("billing_reports"),
        key: &["id"],
        beside: &[(Beside::Response, v("currency", Text("USD"), "Currency of the amounts."))],
        fields: &[
            v("id", Text("indfhgfhfho"), "Id of the bill, as `billing_id` of its invoices."),
            v("type", Whole(1), "0 for a detailed bill, 1 for a custom one."),
            v("start_date", Day("2026-02-25"), "First day."),
            v("end_date", Day("2026-03-25"), "Last day."),
            v("total_amount", Text("456"), "Amount with tax."),
            v("tax_amount", Text("46"), "Tax."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::REPORT_BILLING_INVOICES,
        summary: "Reports the invoices of a department's bill.",
        kind: "billing_invoices",
        owner: Owner::Parameter("billing_id"),
        shape: Shape::All("invoices"),
        key: &["invoice_number", "invoice_charge_name", "start_date"],
        beside: &[(Beside::Response, v("currency", Text("USD"), "Currency of the amounts."))],
        fields: &[
            v("invoice_number", Text("3"), "Number of the invoice."),
            v("invoice_charge_name", Text("Audio Conferencing Options"), "What is charged."),
            v("quantity", Whole(45), "How much of it."),
            v("start_date", Day("2026-02-25"), "First day."),
            v("end_date", Day("2026-03-25"), "Last day."),
            v("total_amount", Text("45"), "Amount with tax."),
            v("tax_amount", Text("4"), "Tax."),
        ],
        ..REPORT
    },
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
    Kept {
        operation: &op::GROUPS,
        tag: "Groups",
        summary: "Lists the account's groups.",
        kind: "groups",
        shape: Shape::Counted("groups"),
        key: &["id"],
        fields: &[
            v("id", Text("z8yCxjabcdEFGHfp8uQ"), "Id of the group."),
            v("name", Text("Sales"), "Its name."),
            v("total_members", Whole(12), "Number of members."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::GROUP,
        tag: "Groups",
        summary: "Gets one group.",
        kind: "group",
        owner: Owner::Record("group"),
        fields: &[
            v("id", Text("z8yCxjabcdEFGHfp8uQ"), "Id of the group."),
            v("name", Text("Sales"), "Its name."),
            v("total_members", Whole(12), "Number of members."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::GROUP_MEMBERS,
        tag: "Groups",
        summary: "Lists the members of a group.",
        kind: "group_members",
        owner: Owner::Record("group"),
        shape: Shape::CountedPages("members"),
        key: &["id", "email"],
        fields: &[
            v("id", Text("v4iyWT1LTfy8QvPG4GTvdg"), "Id of the user."),
            EMAIL,
            FIRST_NAME,
            LAST_NAME,
            v("type", Whole(2), "Licence: 1 basic, 2 licensed, 4 without meetings, 99 none."),
            v("primary_group", Flag(true), "Whether it is the user's primary group."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::ROLES,
        tag: "Roles",
        summary: "Lists the account's roles.",
        kind: "roles",
        shape: Shape::Counted("roles"),
        key: &["id"],
        fields: &[
            v("id", Text("2"), "Id of the role."),
            v("name", Text("Member"), "Its name."),
            v("description", Text("Default role of users"), "What it is for."),
            v("total_members", Whole(12), "Number of users with it."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::ACCOUNT,
        tag: "Accounts",
        summary: "Gets an account.",
        kind: "account",
        owner: Owner::Record("account"),
        fields: &[
            v("id", Text("q6gBJVO5TzexKYTb_I2rpg"), "Id of the account."),
            v("owner_email", Text("owner@example.com"), "Address of its owner."),
            v("owner_id", Text("pGwnlY0cTnSa4CgRw9cDoA"), "Id of its owner."),
            v("created_at", Time("2020-06-29T18:02:57Z"), "When it was created."),
            v("vanity_url", Text("example.zoom.us"), "Its own host name."),
            v("options", Any, "How it is managed."),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::USER_SETTINGS,
        tag: "Users",
        summary: "Gets a user's settings.",
        kind: "user_settings",
        owner: Owner::User,
        fields: &[
            v("schedule_meeting", Any, "How meetings are scheduled."),
            v("in_meeting", Any, "What is possible in meetings."),
            v("email_notification", Any, "Which messages are sent."),
            v("recording", Any, "What is recorded."),
            v("telephony", Any, "Telephone audio."),
            v(
                "feature",
                Object(&[
                    v("meeting_capacity", Whole(300), "Most participants of a meeting."),
                    v("webinar", Flag(true), "Whether the user may hold webinars."),
                    v("webinar_capacity", Whole(500), "Most participants of a webinar."),
                ]),
                "What the licence allows.",
            ),
        ],
        ..REPORT
    },
    Kept {
        operation: &op::USER_PERMISSIONS,
        tag: "Users",
        summary: "Gets a user's permissions.",
        kind: "user_permissions",
        owner: Owner::User,
        fields: &[v("permissions", Texts("User:Read"), "What the user may do.")],
        ..REPORT
    },
];
