//! A user's upcoming meetings, and the text that invites to one.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use rollcall_model::{Meeting, MeetingKind, UserId};
use rollcall_store::{MeetingQuery, MeetingWhen};
use rollcall_zoom::{operations as op, wire};

use crate::zoom::{
    error::ZoomResult,
    registrants::{expired, find},
    table::{Call, Row, serve},
    users::find_user,
};

/// The most meetings of the list, which has no pages.
const MAX_MEETINGS: usize = 1_000;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::new(
            &op::USER_UPCOMING_MEETINGS,
            "Meetings",
            "Lists the meetings that a user hosts and that are still to begin, at most 1000.".to_owned(),
            serve(upcoming),
        )
        .answers::<wire::UpcomingMeetings>(StatusCode::OK, "The meetings; the list is not paged."),
        Row::new(
            &op::MEETING_INVITATION,
            "Meetings",
            "Gets the text that invites to a meeting.".to_owned(),
            serve(invitation),
        )
        .answers::<wire::Invitation>(StatusCode::OK, "The invitation."),
    ]
}

async fn upcoming(call: Call) -> ZoomResult<Response> {
    let user = find_user(&call.app, &call.caller, call.id()).await?;
    let query = MeetingQuery {
        kind: MeetingKind::Meeting,
        host_id: user.user_id(),
        when: MeetingWhen { from: Some(call.now()), before: None },
        live: false,
    };
    let found = call.app.store.list_meetings(call.caller.account, &query, None, MAX_MEETINGS).await?;
    let total_records = call.app.store.count_meetings(call.caller.account, &query).await?;
    let meetings = found.iter().map(|meeting| wire::UpcomingMeeting::new(meeting, true)).collect();
    Ok(Json(wire::UpcomingMeetings { total_records, meetings }).into_response())
}

async fn invitation(call: Call) -> ZoomResult<Response> {
    let meeting = find(&call, MeetingKind::Meeting, expired).await?;
    let host = match meeting.host_id.as_ref().map(UserId::as_str) {
        Some(host) => call.app.store.find_user(call.caller.account, host).await?,
        None => None,
    };
    let host = host.and_then(|host| host.display_name.or(host.first_name)).or_else(|| meeting.host_email.clone());
    let invitation = text(&meeting, host.as_deref().unwrap_or("The host"));
    Ok(Json(wire::Invitation { invitation: invitation.into() }).into_response())
}

fn text(meeting: &Meeting, host: &str) -> String {
    let mut lines = vec![format!("{host} is inviting you to a scheduled meeting."), String::new()];
    let mut add = |name: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("{name}: {value}")));
    };
    add("Topic", meeting.topic.as_ref().map(ToString::to_string));
    let zone = meeting.timezone.as_deref().and_then(|name| jiff::tz::TimeZone::get(name).ok());
    add(
        "Time",
        meeting.start_time.map(|start| match zone {
            Some(zone) => {
                let local = start.to_jiff().to_zoned_datetime(zone);
                format!("{} {}", local.strftime("%Y-%m-%d %H:%M"), meeting.timezone.as_deref().unwrap_or_default())
            }
            None => start.to_string(),
        }),
    );
    add("Join", meeting.join_url.as_ref().map(ToString::to_string));
    add("Meeting ID", Some(meeting.number.to_string()));
    lines.join("\r\n")
}
