//! What people answered, asked or filled in (Zoom reference, sections 2.6, 3, 4 and 4.5 of its second part).

use rollcall_model::MeetingKind::{Meeting, Webinar};

use super::{
    Beside,
    Form::{Flag, List, Text, Texts, Time, Whole},
    Kept, Owner, Shape, Value,
    common::{EMAIL, FIRST_NAME, LAST_NAME, NAME, REPORT, v},
};
use crate::operations as op;

const OF_INSTANCE: &[(Beside, Value)] = &[
    (Beside::Number, v("id", Whole(93_201_235_621), "Number of the meeting or webinar.")),
    (Beside::Uuid, v("uuid", Text("4444AAAiAAAAAiAiAiiAii=="), "UUID of the instance.")),
    (Beside::Start, v("start_time", Time("2026-03-01T10:15:14Z"), "When it began.")),
];

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

/// Every one of them.
pub(super) const ROWS: &[Kept] = &[
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
];
