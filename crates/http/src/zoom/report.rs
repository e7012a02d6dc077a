//! Participants of past instances: `GET /report/{meetings|webinars}/{id}/participants` and
//! `GET /past_{meetings|webinars}/{id}/participants`.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use rollcall_model::{InstanceId, MeetingKind, MeetingNumber, ParticipantId};
use rollcall_zoom::{extras, page::Blanking, wire};

use super::{
    describe,
    error::ZoomResult,
    extract::Path,
    operations as op,
    paging::{Continuation, Paging, cut},
    participants::inaccessible,
    query::Query,
    resolve::{Asked, Wording, find_instance, parse_instance_ref},
    responses::InstanceErrors,
};
use crate::{
    auth::{Caller, Operation},
    extended,
    state::AppState,
};

const DEFAULT_PAGE_SIZE: usize = 30;
const MAX_PAGE_SIZE: usize = 300;

const MEETING: Wording = Wording { unavailable: "This meeting is not available or ID is not valid." };
const WEBINAR: Wording = Wording { unavailable: "Webinar does not exist." };

/// Where the list continues.
type Cursor = (InstanceId, Option<MeetingNumber>, ParticipantId);

/// Reports a past meeting's participants.
#[utoipa::path(
    get, path = "/v2/report/meetings/{meetingId}/participants", tag = "Reports",
    operation_id = "reportMeetingParticipants",
    params(
        ("meetingId" = String, Path, description = describe::MEETING_INSTANCE),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1, maximum = 300),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
        ("include_fields" = Option<String>, Query, description = "`registrant_id` adds it to each participant."),
    ),
    responses((status = 200, description = "A page of participants.", body = wire::ReportParticipantsPage), InstanceErrors)
)]
pub(super) async fn report_meeting_participants(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    list(&app, &caller, MeetingKind::Meeting, &op::REPORT_MEETING_PARTICIPANTS, MEETING, &id, query.as_deref()).await
}

/// Reports a past webinar's participants.
#[utoipa::path(
    get, path = "/v2/report/webinars/{webinarId}/participants", tag = "Reports",
    operation_id = "reportWebinarParticipants",
    params(
        ("webinarId" = String, Path, description = describe::WEBINAR_INSTANCE),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1, maximum = 300),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
        ("include_fields" = Option<String>, Query, description = "`registrant_id` adds it to each participant."),
    ),
    responses((status = 200, description = "A page of participants.", body = wire::ReportParticipantsPage), InstanceErrors)
)]
pub(super) async fn report_webinar_participants(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    list(&app, &caller, MeetingKind::Webinar, &op::REPORT_WEBINAR_PARTICIPANTS, WEBINAR, &id, query.as_deref()).await
}

/// Lists a past meeting's participants.
#[utoipa::path(
    get, path = "/v2/past_meetings/{meetingId}/participants", tag = "Meetings",
    operation_id = "pastMeetingParticipants",
    params(
        ("meetingId" = String, Path, description = describe::MEETING_INSTANCE),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1, maximum = 300),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
    ),
    responses((status = 200, description = "A page of participants.", body = wire::ReportParticipantsPage), InstanceErrors)
)]
pub(super) async fn list_past_meeting_participants(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    list(&app, &caller, MeetingKind::Meeting, &op::PAST_MEETING_PARTICIPANTS, MEETING, &id, query.as_deref()).await
}

/// Lists a past webinar's participants.
#[utoipa::path(
    get, path = "/v2/past_webinars/{webinarId}/participants", tag = "Webinars",
    operation_id = "listWebinarParticipants",
    params(
        ("webinarId" = String, Path, description = describe::WEBINAR_INSTANCE),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1, maximum = 300),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
    ),
    responses((status = 200, description = "A page of participants.", body = wire::ReportParticipantsPage), InstanceErrors)
)]
pub(super) async fn list_past_webinar_participants(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    list(&app, &caller, MeetingKind::Webinar, &op::PAST_WEBINAR_PARTICIPANTS, WEBINAR, &id, query.as_deref()).await
}

async fn list(
    app: &AppState,
    caller: &Caller,
    kind: MeetingKind,
    operation: &Operation,
    wording: Wording,
    id: &str,
    raw_query: Option<&str>,
) -> ZoomResult<Response> {
    let instance_ref = parse_instance_ref(kind, id)?;
    let mut query = Query::new(raw_query, operation.id, &instance_ref.to_string());
    let size = query.page_size(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    let is_report = matches!(operation.id, "reportMeetingParticipants" | "reportWebinarParticipants");
    let include_registrant_id = !is_report || query.includes("include_fields", "registrant_id");
    let token = query.get("next_page_token").map(str::to_owned);
    let paging = Paging::new(app, caller, query.finish()?, size);
    let continuation = paging.open::<Cursor>(token.as_deref());
    let (instance, number, total, after) =
        match continuation.map_err(|_| inaccessible(kind, id, app.settings.zoom_status_300))? {
            Some(Continuation { total, cursor: (instance, number, after) }) => (instance, number, total, Some(after)),
            None => {
                let found = find_instance(app, caller, kind, &instance_ref, Asked::Past, wording).await?;
                (found.id, found.instance.number, found.participants, None)
            }
        };
    let mut rows = app.store.list_participants(caller.account, instance, after, size + 1).await?;
    let next = cut(&mut rows, size).map(|last| (instance, number, last.id));
    let next_page_token = paging.seal(total, next);
    let hides_names = app.settings.zoom_blanking == Blanking::LegacyBaa;
    let items = rows.iter().map(|row| {
        let mut item = wire::ReportParticipant::new(&row.participant, include_registrant_id);
        if hides_names {
            (item.name, item.user_email) = (None, None);
        }
        item
    });
    let page = wire::ReportParticipantsPage {
        paging: (&paging.keys(total, &next_page_token)).into(),
        participants: items.collect(),
    };
    let kept = rows.iter().map(|row| row.participant.extras.as_ref().filter(|_| !hides_names));
    Ok(extended::page(&page, "participants", extras::REPORT_PARTICIPANT.name, kept))
}
