//! Participants of past instances: `GET /report/{meetings|webinars}/{id}/participants` and
//! `GET /past_{meetings|webinars}/{id}/participants`.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use rollcall_auth::Caller;
use rollcall_model::MeetingKind;
use rollcall_model::Operation;
use rollcall_zoom::operations as op;
use rollcall_zoom::{extras, page::Blanking, wire};

use crate::zoom::{
    describe,
    error::ZoomResult,
    extract::Path,
    paging::Paging,
    query::Query,
    resolve::{Asked, Wording, find_instance, parse_instance_ref},
    responses::InstanceErrors,
    walk::Walk,
};
use crate::{extended, state::AppState};

const DEFAULT_PAGE_SIZE: usize = 30;
const MAX_PAGE_SIZE: usize = 300;

/// One of the lists.
struct List {
    kind: MeetingKind,
    operation: &'static Operation,
    wording: Wording,
    /// Whether `registrant_id` is omitted unless the caller requests it, as in reports.
    is_report: bool,
}

const MEETING_REPORT: List = List { operation: &op::REPORT_MEETING_PARTICIPANTS, is_report: true, ..PAST_MEETING };
const WEBINAR_REPORT: List = List { operation: &op::REPORT_WEBINAR_PARTICIPANTS, is_report: true, ..PAST_WEBINAR };
const PAST_MEETING: List = List {
    kind: MeetingKind::Meeting,
    operation: &op::PAST_MEETING_PARTICIPANTS,
    wording: Wording { unavailable: "This meeting is not available or ID is not valid." },
    is_report: false,
};
const PAST_WEBINAR: List = List {
    kind: MeetingKind::Webinar,
    operation: &op::PAST_WEBINAR_PARTICIPANTS,
    wording: Wording { unavailable: "Webinar does not exist." },
    is_report: false,
};

/// Reports a past meeting's participants.
#[utoipa::path(
    get, path = op::REPORT_MEETING_PARTICIPANTS.path, tag = "Reports",
    operation_id = op::REPORT_MEETING_PARTICIPANTS.id,
    params(
        ("meetingId" = String, Path, description = describe::MEETING_INSTANCE),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
        ("page_number" = Option<u32>, Query, description = describe::PAGE_NUMBER, minimum = 1),
        ("include_fields" = Option<String>, Query, description = "`registrant_id` adds it to each participant."),
    ),
    responses((status = 200, description = "A page of participants.", body = wire::ReportParticipantsPage), InstanceErrors)
)]
pub(in crate::zoom) async fn report_meeting_participants(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    list(&app, &caller, MEETING_REPORT, &id, query.as_deref()).await
}

/// Reports a past webinar's participants.
#[utoipa::path(
    get, path = op::REPORT_WEBINAR_PARTICIPANTS.path, tag = "Reports",
    operation_id = op::REPORT_WEBINAR_PARTICIPANTS.id,
    params(
        ("webinarId" = String, Path, description = describe::WEBINAR_INSTANCE),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
        ("page_number" = Option<u32>, Query, description = describe::PAGE_NUMBER, minimum = 1),
        ("include_fields" = Option<String>, Query, description = "`registrant_id` adds it to each participant."),
    ),
    responses((status = 200, description = "A page of participants.", body = wire::ReportParticipantsPage), InstanceErrors)
)]
pub(in crate::zoom) async fn report_webinar_participants(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    list(&app, &caller, WEBINAR_REPORT, &id, query.as_deref()).await
}

/// Lists a past meeting's participants.
#[utoipa::path(
    get, path = op::PAST_MEETING_PARTICIPANTS.path, tag = "Meetings",
    operation_id = op::PAST_MEETING_PARTICIPANTS.id,
    params(
        ("meetingId" = String, Path, description = describe::MEETING_INSTANCE),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
        ("page_number" = Option<u32>, Query, description = describe::PAGE_NUMBER, minimum = 1),
    ),
    responses((status = 200, description = "A page of participants.", body = wire::ReportParticipantsPage), InstanceErrors)
)]
pub(in crate::zoom) async fn list_past_meeting_participants(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    list(&app, &caller, PAST_MEETING, &id, query.as_deref()).await
}

/// Lists a past webinar's participants.
#[utoipa::path(
    get, path = op::PAST_WEBINAR_PARTICIPANTS.path, tag = "Webinars",
    operation_id = op::PAST_WEBINAR_PARTICIPANTS.id,
    params(
        ("webinarId" = String, Path, description = describe::WEBINAR_INSTANCE),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
        ("page_number" = Option<u32>, Query, description = describe::PAGE_NUMBER, minimum = 1),
    ),
    responses((status = 200, description = "A page of participants.", body = wire::ReportParticipantsPage), InstanceErrors)
)]
pub(in crate::zoom) async fn list_past_webinar_participants(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    list(&app, &caller, PAST_WEBINAR, &id, query.as_deref()).await
}

async fn list(
    app: &AppState,
    caller: &Caller,
    List { kind, operation, wording, is_report }: List,
    id: &str,
    raw_query: Option<&str>,
) -> ZoomResult<Response> {
    let instance_ref = parse_instance_ref(kind, id)?;
    let mut query = Query::new(raw_query, operation.id, &instance_ref.to_string());
    let size = query.page_size(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    let include_registrant_id = !is_report || query.includes("include_fields", "registrant_id");
    // Older clients have no token, and ask for the next number.
    let page_number = query.page_number();
    let token = query.get("next_page_token").map(str::to_owned);
    let paging = Paging::new(app, caller, query.finish()?, size);
    let find = find_instance(app, caller, kind, &instance_ref, Asked::Past, wording);
    let mut walk = Walk::open(app, &paging, token.as_deref(), (kind, id), find).await?;
    let has_page = match token {
        None => walk.skip_pages(app, caller, page_number - 1, size).await?,
        Some(_) => true,
    };
    let (rows, next_page_token) =
        if has_page { walk.page(app, caller, &paging).await? } else { (Vec::new(), String::new()) };
    let hides_names = app.settings.zoom_blanking == Blanking::LegacyBaa;
    let items = rows.iter().map(|row| {
        let mut item = wire::ReportParticipant::new(&row.participant, include_registrant_id);
        if hides_names {
            (item.name, item.user_email) = (None, None);
        }
        item
    });
    let page = wire::ReportParticipantsPage {
        paging: (&paging.keys(walk.total, &next_page_token)).into(),
        participants: items.collect(),
    };
    let kept = rows.iter().map(|row| row.participant.extras.as_ref().filter(|_| !hides_names));
    Ok(extended::page(&page, "participants", extras::REPORT_PARTICIPANT.name, kept))
}
