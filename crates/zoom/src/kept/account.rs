//! Groups, roles, settings and permissions.

use super::{
    Form::{Any, Flag, Object, Text, Texts, Time, Whole},
    Kept, Owner, Shape,
    common::{EMAIL, FIRST_NAME, LAST_NAME, REPORT, v},
};
use crate::operations as op;

/// Every one of them.
pub(super) const ROWS: &[Kept] = &[
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
