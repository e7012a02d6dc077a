//! `GET /metrics/{meetings|webinars}/{id}/participants/qos_summary`: quality per attendance.

use std::collections::HashMap;

use axum::{
    Json,
    extract::{RawQuery, State},
};
use rollcall_auth::Caller;
use rollcall_model::Operation;
use rollcall_model::{InstanceId, InstanceState, MeetingKind, ParticipantId, QosMinute};
use rollcall_quality::Summariser;
use rollcall_store::{MinuteCursor, MinuteVisitor, StoreError, StoredParticipant, visit_minutes};
use rollcall_zoom::operations as op;
use rollcall_zoom::{page::View, wire};

use super::{
    describe,
    error::ZoomResult,
    extract::Path,
    paging::Paging,
    query::Query,
    resolve::{Wording, find_untyped_instance, parse_instance_ref},
    responses::InstanceErrors,
    walk::Walk,
};
use crate::{state::App, state::AppState};

const DEFAULT_PAGE_SIZE: usize = 1;
const MAX_PAGE_SIZE: usize = 10;
/// Minutes read at a time.
const MINUTES_PER_CHUNK: usize = 4_096;

/// Lists the participants of an ended meeting with a summary of their quality of service.
#[utoipa::path(
    get, path = op::DASHBOARD_MEETING_PARTICIPANTS_QOS_SUMMARY.path, tag = "Dashboards",
    operation_id = op::DASHBOARD_MEETING_PARTICIPANTS_QOS_SUMMARY.id,
    params(
        ("meetingId" = String, Path, description = describe::MEETING_INSTANCE),
        ("page_size" = Option<u32>, Query, description = describe::QOS_PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
    ),
    responses((status = 200, description = "A page of participants.", body = wire::QosSummaryPage), InstanceErrors)
)]
pub(super) async fn list_meeting_participants_qos_summary(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Json<wire::QosSummaryPage>> {
    let wording = Wording {
        unavailable: "This meeting's detail info is not available. The Meeting ID is not valid or the meeting has not ended yet.",
    };
    let operation = &op::DASHBOARD_MEETING_PARTICIPANTS_QOS_SUMMARY;
    list(&app, &caller, MeetingKind::Meeting, operation, wording, &id, query.as_deref()).await
}

/// Lists a webinar's participants with a summary of their quality of service; while live, of the time so far.
#[utoipa::path(
    get, path = op::DASHBOARD_WEBINAR_PARTICIPANTS_QOS_SUMMARY.path, tag = "Dashboards",
    operation_id = op::DASHBOARD_WEBINAR_PARTICIPANTS_QOS_SUMMARY.id,
    params(
        ("webinarId" = String, Path, description = describe::WEBINAR_INSTANCE),
        ("page_size" = Option<u32>, Query, description = describe::QOS_PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
    ),
    responses((status = 200, description = "A page of participants.", body = wire::QosSummaryPage), InstanceErrors)
)]
pub(super) async fn list_webinar_participants_qos_summary(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Json<wire::QosSummaryPage>> {
    let wording = Wording {
        unavailable: "This webinar's detail info is not available. The Webinar ID is not valid or the webinar has not ended yet.",
    };
    let operation = &op::DASHBOARD_WEBINAR_PARTICIPANTS_QOS_SUMMARY;
    list(&app, &caller, MeetingKind::Webinar, operation, wording, &id, query.as_deref()).await
}

async fn list(
    app: &App,
    caller: &Caller,
    kind: MeetingKind,
    operation: &Operation,
    wording: Wording,
    id: &str,
    raw_query: Option<&str>,
) -> ZoomResult<Json<wire::QosSummaryPage>> {
    let instance_ref = parse_instance_ref(kind, id)?;
    let mut query = Query::new(raw_query, operation.id, &instance_ref.to_string());
    let size = query.page_size(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    let token = query.get("next_page_token").map(str::to_owned);
    let paging = Paging::new(app, caller, query.finish()?, size);

    // According to the documents, meetings have summaries once they have ended, webinars at any time.
    let state = (kind == MeetingKind::Meeting).then_some(InstanceState::Past);
    let find = find_untyped_instance(app, caller, kind, &instance_ref, state, wording);
    let walk = Walk::open(app, &paging, token.as_deref(), (kind, id), find).await?;
    let (rows, next_page_token) = walk.page(app, caller, &paging).await?;
    let mut summarised = summarise(app, caller, walk.instance, &rows).await?;
    let view = View { blanking: app.settings.zoom_blanking, ..View::new(kind, walk.number) };
    let participants = rows
        .iter()
        .map(|row| {
            let summary = summarised.remove(&row.id).unwrap_or_default().finish();
            wire::QosSummaryParticipant::new(&row.participant, &summary, &view)
        })
        .collect();
    Ok(Json(wire::QosSummaryPage {
        next_page_token: Some(next_page_token.into()),
        page_size: size as u64,
        participants,
    }))
}

/// Reads the minutes of a page's participants in chunks, and keeps only their summaries.
async fn summarise(
    app: &App,
    caller: &Caller,
    instance: InstanceId,
    rows: &[StoredParticipant],
) -> Result<HashMap<ParticipantId, Summariser>, StoreError> {
    let ids: Vec<ParticipantId> = rows.iter().map(|row| row.id).collect();
    let mut summaries = Summaries::default();
    loop {
        summaries.minutes = 0;
        let (minutes, after) = (app.minutes.as_ref(), summaries.last);
        summaries = visit_minutes(minutes, caller.account, instance, &ids, after, MINUTES_PER_CHUNK, summaries).await?;
        if summaries.minutes < MINUTES_PER_CHUNK {
            return Ok(summaries.by_participant);
        }
    }
}

#[derive(Default)]
struct Summaries {
    by_participant: HashMap<ParticipantId, Summariser>,
    /// Number of minutes in this chunk.
    minutes: usize,
    /// The last minute that was read.
    last: Option<MinuteCursor>,
}

impl MinuteVisitor for Summaries {
    fn visit(&mut self, participant: ParticipantId, minute: &QosMinute) {
        self.by_participant.entry(participant).or_default().add(minute);
        self.minutes += 1;
        self.last = Some(MinuteCursor { participant, minute: minute.minute });
    }
}
