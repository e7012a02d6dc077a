//! Logs and bills (Zoom reference, section 2.8 of its second part).

use super::{
    Beside, Filter,
    Form::{Day, Number, Text, Time, Whole},
    Kept, Owner, Shape, Window,
    common::{EMAIL, REPORT, v},
};
use crate::operations as op;

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

/// Every one of them.
pub(super) const ROWS: &[Kept] = &[
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
];
