//! A user's upcoming meetings, and the text that invites to one.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use rollcall_model::{Meeting, MeetingKind, Timestamp, UserId};
use rollcall_store::{MeetingQuery, MeetingWhen};
use rollcall_zoom::{operations as op, wire};

use crate::zoom::{
    error::ZoomResult,
    registrants::{expired, find, occurrences},
    table::{Call, Row, serve},
    users::find_user,
};

/// Meetings that are read at a time.
const PAGE: usize = 300;
/// The list has no pages, so a host's meetings beyond these are left out.
const MAX_PAGES: usize = 20;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::new(
            &op::USER_UPCOMING_MEETINGS,
            "Meetings",
            "Lists the meetings that a user hosts and that are still to begin, the next one first. One that recurs is \
             listed with its next occurrence."
                .to_owned(),
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
    let (kind, host_id) = (MeetingKind::Meeting, user.user_id());
    let query = MeetingQuery { kind, host_id, when: MeetingWhen::default(), live: false };
    let (mut meetings, mut after) = (Vec::new(), None);
    for _ in 0..MAX_PAGES {
        let page = call.app.store.list_meetings(call.caller.account, &query, after, PAGE).await?;
        after = page.last().map(|meeting| meeting.number);
        for meeting in &page {
            if let Some(start) = next_start(meeting, call.now()) {
                let entry = wire::UpcomingMeeting::new(meeting, true);
                meetings.push(wire::UpcomingMeeting { start_time: Some(start), ..entry });
            }
        }
        if page.len() < PAGE {
            break;
        }
    }
    meetings.sort_by_key(|meeting| (meeting.start_time, meeting.id));
    Ok(Json(wire::UpcomingMeetings { total_records: meetings.len() as u64, meetings }).into_response())
}

/// Returns when a meeting begins next; `None` if it is over, or has no fixed time.
fn next_start(meeting: &Meeting, now: Timestamp) -> Option<Timestamp> {
    let planned = occurrences(meeting);
    let planned = planned.iter().filter(|occurrence| occurrence.status.as_deref() != Some("deleted"));
    let next = planned.filter_map(|occurrence| occurrence.start_time).filter(|start| *start >= now).min();
    next.or_else(|| meeting.start_time.filter(|start| *start >= now && meeting.occurrences_json.is_none()))
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
