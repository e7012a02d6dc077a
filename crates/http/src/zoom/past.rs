//! `GET /past_{meetings|webinars}/{id}/instances` and `GET /past_meetings/{uuid}`.

use axum::{Json, extract::State, response::Response};
use rollcall_auth::Caller;
use rollcall_model::{InstanceState, MeetingKind};
use rollcall_store::StoredInstance;
use rollcall_zoom::operations as op;
use rollcall_zoom::{extras, wire};

use super::{
    describe,
    error::ZoomResult,
    extract::Path,
    meetings::find_meeting,
    resolve::{Asked, Wording, find_instance, parse_instance_ref},
    responses::ObjectErrors,
};
use crate::{
    extended,
    state::{App, AppState},
};

/// The list has no pages, so it is limited here: to the latest ones, more than a year of daily runs.
const MAX_INSTANCES: usize = 1_000;

/// Lists a meeting's past instances, earliest first.
#[utoipa::path(
    get, path = op::PAST_MEETING_INSTANCES.path, tag = "Meetings", operation_id = op::PAST_MEETING_INSTANCES.id,
    params(("meetingId" = i64, Path, description = describe::MEETING_NUMBER)),
    responses((status = 200, description = "The latest 1000 instances; the list is not paged.", body = wire::PastMeetingInstances), ObjectErrors)
)]
pub(super) async fn list_past_meeting_instances(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> ZoomResult<Json<wire::PastMeetingInstances>> {
    let rows = list(&app, &caller, MeetingKind::Meeting, &id).await?;
    Ok(Json(wire::PastMeetingInstances { meetings: rows.iter().map(|row| (&row.instance).into()).collect() }))
}

/// Lists a webinar's past instances, earliest first.
#[utoipa::path(
    get, path = op::PAST_WEBINAR_INSTANCES.path, tag = "Webinars", operation_id = op::PAST_WEBINAR_INSTANCES.id,
    params(("webinarId" = i64, Path, description = describe::WEBINAR_NUMBER)),
    responses((status = 200, description = "The latest 1000 instances; the list is not paged.", body = wire::PastWebinarInstances), ObjectErrors)
)]
pub(super) async fn list_past_webinar_instances(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> ZoomResult<Json<wire::PastWebinarInstances>> {
    let rows = list(&app, &caller, MeetingKind::Webinar, &id).await?;
    Ok(Json(wire::PastWebinarInstances { webinars: rows.iter().map(|row| (&row.instance).into()).collect() }))
}

async fn list(app: &App, caller: &Caller, kind: MeetingKind, id: &str) -> ZoomResult<Vec<StoredInstance>> {
    let meeting = find_meeting(app, caller, kind, &rollcall_zoom::path::decode_id(id)).await?;
    let mut rows = app.store.past_instances(caller.account, kind, meeting.number, MAX_INSTANCES).await?;
    // Zoom documents no order. In recorded responses the earliest is first; programs that depend on the order sort
    // themselves.
    rows.reverse();
    Ok(rows)
}

/// Gets a past meeting instance.
#[utoipa::path(
    get, path = op::PAST_MEETING.path, tag = "Meetings", operation_id = op::PAST_MEETING.id,
    params(("meetingId" = String, Path, description = "An instance's UUID, raw, percent-encoded or encoded twice; or the meeting's number, which means its latest instance.")),
    responses((status = 200, description = "The instance.", body = wire::PastMeeting), ObjectErrors)
)]
pub(super) async fn get_past_meeting(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> ZoomResult<Response> {
    let instance_ref = parse_instance_ref(MeetingKind::Meeting, &id)?;
    let wording = Wording { unavailable: "Meeting does not exist, or it has not ended." };
    let row = find_instance(&app, &caller, MeetingKind::Meeting, &instance_ref, Asked::Past, wording).await?;
    debug_assert_eq!(row.instance.state, InstanceState::Past);
    let meeting = match row.instance.number {
        Some(number) => app.store.find_meeting(caller.account, MeetingKind::Meeting, number).await?,
        None => None,
    };
    let schedule_type = meeting.and_then(|meeting| meeting.schedule_type);
    let minutes = app.store.attended_minutes(caller.account, &[row.id]).await?;
    let total_minutes = minutes.first().and_then(|minutes| i64::try_from(*minutes).ok());
    let meeting = wire::PastMeeting::new(&row.instance, row.participants, schedule_type, total_minutes);
    Ok(extended::entry(&meeting, extras::PAST_MEETING.name, row.instance.extras.as_ref()))
}
