//! `GET /v1/meetingParticipants`: who took part in a run (Webex reference, section 4).

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use rollcall_model::{ParticipantId, ParticipantUserId};
use rollcall_store::{StoredInstance, StoredParticipant};
use rollcall_webex::{
    meeting::participant,
    run::{ParticipantRef, parse_participant_id},
    status::Status,
    wire,
};

use super::{
    error::{WebexError, WebexResult},
    extract::Query,
    paging::{Paging, utf8_json},
    responses::Errors,
    runs::{Place, find_run, find_run_or_latest, instant, unknown_run},
};
use crate::{
    auth::Caller,
    state::{App, AppState},
};

const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 100;

/// How many participants are looked at for a page where a window of joins leaves most of them out.
const LOOKED_AT: usize = 2_000;

/// Lists a meeting's participants.
///
/// One item for each join, so that nobody's attendance is wiped out by the next. `meetingId` names a run; that of a
/// series means its latest run.
#[utoipa::path(
    get, path = "/v1/meetingParticipants", tag = "Meeting Participants", operation_id = "listMeetingParticipants",
    params(
        ("meetingId" = String, Query, description = "The run's id.", example = "560d7b784f5143e3be2fc3064a5c4999_I_204252993233618782"),
        ("joinTimeFrom" = Option<String>, Query, description = "Joined at this time or later.", example = "2022-10-25T09:00:00Z"),
        ("joinTimeTo" = Option<String>, Query, description = "Joined before this time.", example = "2022-10-26T09:00:00Z"),
        ("max" = Option<usize>, Query, description = "Size of a page, 10 where it is left out, at most 100.", example = 100),
        ("timezone" = Option<String>, Header, description = "IANA name of the zone of times in the answer; UTC where it is left out.", example = "UTC"),
    ),
    responses((status = 200, description = "The participants. A `Link` header leads to the next page.", body = wire::MeetingParticipants), Errors)
)]
pub(super) async fn list_meeting_participants(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    query: Query,
) -> WebexResult<Response> {
    let id =
        query.get("meetingId").ok_or_else(|| WebexError::new(Status::BadRequest, "'meetingId' cannot be empty"))?;
    let (from, to) = (instant(&query, "joinTimeFrom")?, instant(&query, "joinTimeTo")?);
    let paging = Paging::read(&app, &caller, &uri, DEFAULT_PAGE, MAX_PAGE)?;
    let place = Place::of(&app, &caller, &headers).await?;
    let run = find_run_or_latest(&app, &caller, id).await?.ok_or_else(|| unknown_run(id))?;

    let mut after = paging.after::<i64>()?.map(ParticipantId);
    let (mut page, mut looked_at, mut more) = (Vec::new(), 0, true);
    while more && page.len() <= paging.size && looked_at < LOOKED_AT {
        let wanted = paging.size + 1 - page.len();
        let rows = app.store.list_participants(caller.account, run.id, after, wanted).await?;
        more = rows.len() == wanted;
        looked_at += rows.len();
        after = rows.last().map(|row| row.id).or(after);
        page.extend(rows.into_iter().filter(|row| {
            let join = row.participant.join_time;
            from.is_none_or(|from| join.is_some_and(|join| join >= from))
                && to.is_none_or(|to| join.is_some_and(|join| join < to))
        }));
    }
    let next = if page.len() > paging.size {
        page.truncate(paging.size);
        page.last().map(|row| row.id.0)
    } else {
        after.filter(|_| more).map(|after| after.0)
    };
    let items = place
        .show(|around| page.iter().map(|row| participant(&run.instance, row.id, &row.participant, around)).collect());
    Ok(paging.answer(&headers, utf8_json(&wire::MeetingParticipants { items }), next))
}

/// Gets a participant.
#[utoipa::path(
    get, path = "/v1/meetingParticipants/{participantId}", tag = "Meeting Participants",
    operation_id = "getMeetingParticipant",
    params(
        ("participantId" = String, Path, description = "The participant's id.", example = "560d7b784f5143e3be2fc3064a5c4999_I_204252993233618782_3c2e2338-e950-43bf-b588-573773ee43d1"),
        ("timezone" = Option<String>, Header, description = "IANA name of the zone of times in the answer; UTC where it is left out.", example = "UTC"),
    ),
    responses((status = 200, description = "The participant.", body = wire::MeetingParticipant), Errors)
)]
pub(super) async fn get_meeting_participant(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> WebexResult<Response> {
    let place = Place::of(&app, &caller, &headers).await?;
    let unknown = || WebexError::new(Status::NotFound, format!("'participantId' names nobody who is kept here: {id}"));
    let (run, row) = find_participant(&app, &caller, &id).await?.ok_or_else(unknown)?;
    Ok(utf8_json(&place.show(|around| participant(&run.instance, row.id, &row.participant, around))))
}

async fn find_participant(
    app: &App,
    caller: &Caller,
    id: &str,
) -> WebexResult<Option<(StoredInstance, StoredParticipant)>> {
    let Some(named) = parse_participant_id(id) else { return Ok(None) };
    let (ParticipantRef::Row(run, _) | ParticipantRef::Webex(run)) = named;
    let Some(run) = find_run(app, caller, run).await? else { return Ok(None) };
    let found = match named {
        ParticipantRef::Row(_, row) => {
            let before = Some(ParticipantId(row.0.saturating_sub(1)));
            let rows = app.store.list_participants(caller.account, run.id, before, 1).await?;
            rows.into_iter().find(|found| found.id == row)
        }
        ParticipantRef::Webex(_) => {
            app.store.find_participant(caller.account, run.id, &ParticipantUserId::from(id)).await?
        }
    };
    Ok(found.map(|found| (run, found)))
}
