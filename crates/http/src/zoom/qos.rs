//! `GET /metrics/{meetings|webinars}/{id}/participants/qos` and `…/{participantId}/qos`: quality per minute.

use std::collections::VecDeque;

use axum::{
    body::{Body, Bytes},
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use rollcall_auth::Caller;
use rollcall_model::Operation;
use rollcall_model::{
    InstanceId, MeetingKind, MeetingNumber, Participant, ParticipantId, ParticipantUserId, QosMinute,
};
use rollcall_quality::{AttendanceHealth, Health, Issue, Profile};
use rollcall_store::{MinuteCursor, MinuteVisitor, StoreError, StoredParticipant, visit_minutes};
use rollcall_zoom::operations as op;
use rollcall_zoom::{
    page::{QosForm, QosWriter, View},
    wire,
};

use super::{
    describe,
    error::ZoomResult,
    extract::Path,
    paging::Paging,
    query::Query,
    resolve::{Asked, Wording, find_instance, parse_instance_ref},
    responses::InstanceErrors,
    walk::Walk,
};
use crate::{state::AppState, surface::json_bytes};

const DEFAULT_PAGE_SIZE: usize = 1;
const MAX_PAGE_SIZE: usize = 10;
/// Minutes read and printed at a time. An hour of ten participants fits; a longer page is streamed.
const MINUTES_PER_CHUNK: usize = 1_024;
/// Usual maximum number of minutes of a participant.
const TYPICAL_MINUTES: usize = 100;
/// Usual size of a minute with all sections on the wire.
const TYPICAL_MINUTE_BYTES: usize = 2_600;

const WEBINAR_LIST: Wording = Wording {
    unavailable: "This webinar's detail is not available or the Webinar ID is not valid. This webinar has not ended yet.",
};
const WEBINAR_SINGLE: Wording =
    Wording { unavailable: "This webinar's detail info is not available or ID is not valid." };
const MEETING_LIST: Wording = Wording { unavailable: "The meeting ID is not valid or the meeting has not ended yet." };
const MEETING_SINGLE: Wording = Wording { unavailable: "This meeting has not ended yet or the Meeting ID is invalid." };

/// Lists a meeting's participants with their quality of service, minute by minute.
#[utoipa::path(
    get, path = op::DASHBOARD_MEETING_PARTICIPANTS_QOS.path, tag = "Dashboards",
    operation_id = op::DASHBOARD_MEETING_PARTICIPANTS_QOS.id,
    params(
        ("meetingId" = String, Path, description = describe::MEETING_INSTANCE),
        ("type" = Option<String>, Query, description = describe::LIVE_PAST_OR_ONE),
        ("page_size" = Option<u32>, Query, description = describe::QOS_PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
    ),
    responses((status = 200, description = "A page of participants with their minutes. If no source reported `health` and `issue_list`, they are computed from the minutes.", body = wire::QosPage), InstanceErrors)
)]
pub(super) async fn list_meeting_participants_qos(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    let operation = &op::DASHBOARD_MEETING_PARTICIPANTS_QOS;
    list(&app, &caller, MeetingKind::Meeting, operation, MEETING_LIST, &id, query.as_deref()).await
}

/// Lists a webinar's participants with their quality of service, minute by minute.
#[utoipa::path(
    get, path = op::DASHBOARD_WEBINAR_PARTICIPANTS_QOS.path, tag = "Dashboards",
    operation_id = op::DASHBOARD_WEBINAR_PARTICIPANTS_QOS.id,
    params(
        ("webinarId" = String, Path, description = describe::WEBINAR_INSTANCE),
        ("type" = Option<String>, Query, description = describe::LIVE_PAST_OR_ONE),
        ("page_size" = Option<u32>, Query, description = describe::QOS_PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
    ),
    responses((status = 200, description = "A page of participants with their minutes. If no source reported `health` and `issue_list`, they are computed from the minutes.", body = wire::QosPage), InstanceErrors)
)]
pub(super) async fn list_webinar_participants_qos(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    let operation = &op::DASHBOARD_WEBINAR_PARTICIPANTS_QOS;
    list(&app, &caller, MeetingKind::Webinar, operation, WEBINAR_LIST, &id, query.as_deref()).await
}

/// Gets one participant of a meeting with their quality of service.
#[utoipa::path(
    get, path = op::DASHBOARD_MEETING_PARTICIPANT_QOS.path, tag = "Dashboards",
    operation_id = op::DASHBOARD_MEETING_PARTICIPANT_QOS.id,
    params(
        ("meetingId" = String, Path, description = describe::MEETING_INSTANCE),
        ("participantId" = String, Path, description = describe::PARTICIPANT, example = "32977920"),
        ("type" = Option<String>, Query, description = describe::LIVE_PAST_OR_ONE),
    ),
    responses((status = 200, description = "The participant with their minutes.", body = wire::QosParticipant), InstanceErrors)
)]
pub(super) async fn get_meeting_participant_qos(
    State(app): State<AppState>,
    caller: Caller,
    Path((id, participant_id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    let operation = &op::DASHBOARD_MEETING_PARTICIPANT_QOS;
    let query = query.as_deref();
    get_one(&app, &caller, MeetingKind::Meeting, operation, MEETING_SINGLE, &id, &participant_id, query).await
}

/// Gets one participant of a webinar with their quality of service.
#[utoipa::path(
    get, path = op::DASHBOARD_WEBINAR_PARTICIPANT_QOS.path, tag = "Dashboards",
    operation_id = op::DASHBOARD_WEBINAR_PARTICIPANT_QOS.id,
    params(
        ("webinarId" = String, Path, description = describe::WEBINAR_INSTANCE),
        ("participantId" = String, Path, description = describe::PARTICIPANT, example = "32977920"),
        ("type" = Option<String>, Query, description = describe::LIVE_PAST_OR_ONE),
    ),
    responses((status = 200, description = "The participant with their minutes.", body = wire::QosParticipant), InstanceErrors)
)]
pub(super) async fn get_webinar_participant_qos(
    State(app): State<AppState>,
    caller: Caller,
    Path((id, participant_id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    let operation = &op::DASHBOARD_WEBINAR_PARTICIPANT_QOS;
    let query = query.as_deref();
    get_one(&app, &caller, MeetingKind::Webinar, operation, WEBINAR_SINGLE, &id, &participant_id, query).await
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
    let asked = Asked::read(&mut query, Asked::LIVE_PAST_OR_ONE);
    let size = query.page_size(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    let token = query.get("next_page_token").map(str::to_owned);
    let paging = Paging::new(app, caller, query.finish()?, size);

    let find = find_instance(app, caller, kind, &instance_ref, asked, wording);
    let walk = Walk::open(app, &paging, token.as_deref(), (kind, id), find).await?;
    let (rows, next_page_token) = walk.page(app, caller, &paging).await?;
    let view = view(app, kind, walk.number, asked);
    let mut writer = QosWriter::new(view);
    let mut opening = Vec::new();
    writer.begin_page(&mut opening, &paging.keys(walk.total, &next_page_token));
    answer(app, caller, walk.instance, rows, QosForm::ListItem, writer, opening).await
}

#[expect(
    clippy::too_many_arguments,
    reason = "the two ids and the query are the request; the rest names the operation"
)]
async fn get_one(
    app: &AppState,
    caller: &Caller,
    kind: MeetingKind,
    operation: &Operation,
    wording: Wording,
    id: &str,
    participant_id: &str,
    raw_query: Option<&str>,
) -> ZoomResult<Response> {
    let instance_ref = parse_instance_ref(kind, id)?;
    let mut query = Query::new(raw_query, operation.id, &instance_ref.to_string());
    let asked = Asked::read(&mut query, Asked::LIVE_PAST_OR_ONE);
    query.finish()?;
    let found = find_instance(app, caller, kind, &instance_ref, asked, wording).await?;
    let user_id = ParticipantUserId::from(participant_id);
    // The one that joined last.
    let participant = app.store.attendances(caller.account, found.id, &user_id).await?.pop();
    let participant = participant.ok_or_else(|| wording.no_participant(participant_id))?;
    let view = view(app, kind, found.instance.number, asked);
    answer(app, caller, found.id, vec![participant], QosForm::Single, QosWriter::new(view), Vec::new()).await
}

fn view(app: &AppState, kind: MeetingKind, number: Option<MeetingNumber>, asked: Asked) -> View {
    View {
        kind,
        number,
        live: asked == Asked::Live,
        include_registrant_id: false,
        blanking: app.settings.zoom_blanking,
    }
}

/// Prints participants with their minutes after `opening`. A response that needs one read is sent whole; a longer one
/// is read, printed and sent in chunks, so that a meeting can have any length.
async fn answer(
    app: &AppState,
    caller: &Caller,
    instance: InstanceId,
    participants: Vec<StoredParticipant>,
    form: QosForm,
    writer: QosWriter,
    opening: Vec<u8>,
) -> ZoomResult<Response> {
    let mut printer = Printer {
        ids: participants.iter().map(|row| row.id).collect(),
        waiting: participants.into(),
        open: None,
        form,
        profile: app.settings.quality_profile,
        writer,
        out: opening,
        minutes: 0,
        last: None,
    };
    let source = Source { app: app.clone(), account: caller.account, instance };
    let more;
    (printer, more) = source.print_chunk(printer).await?;
    let first = std::mem::take(&mut printer.out);
    if !more {
        return Ok(json_bytes(first));
    }
    let rest = futures::stream::try_unfold(Some((source, printer)), |state| async move {
        let Some((source, printer)) = state else { return Ok::<_, StoreError>(None) };
        let (mut printer, more) = source.print_chunk(printer).await.inspect_err(|error| {
            tracing::error!(error = %error, "a page of minutes broke off");
        })?;
        let chunk = std::mem::take(&mut printer.out);
        Ok(Some((Bytes::from(chunk), more.then_some((source, printer)))))
    });
    let head = futures::stream::once(async move { Ok::<_, StoreError>(Bytes::from(first)) });
    let body = Body::from_stream(futures::StreamExt::chain(head, rest));
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// Where minutes are read.
struct Source {
    app: AppState,
    account: rollcall_model::AccountId,
    instance: InstanceId,
}

impl Source {
    /// Prints the next chunk of minutes. Returns whether more follow.
    async fn print_chunk(&self, mut printer: Printer) -> Result<(Printer, bool), StoreError> {
        printer.minutes = 0;
        // Allocated here, for the largest chunk: unused memory costs nothing, but a growing buffer is copied. The
        // printing thread differs each time, and would keep memory that it allocated.
        let minutes = (printer.ids.len() * TYPICAL_MINUTES).min(MINUTES_PER_CHUNK);
        printer.out.reserve(minutes * TYPICAL_MINUTE_BYTES);
        let ids = printer.ids.clone();
        let (minutes, after) = (self.app.minutes.as_ref(), printer.last);
        let mut printer =
            visit_minutes(minutes, self.account, self.instance, &ids, after, MINUTES_PER_CHUNK, printer).await?;
        let more = printer.minutes == MINUTES_PER_CHUNK;
        if !more {
            printer.finish();
        }
        Ok((printer, more))
    }
}

/// Prints a page of participants with their minutes, as those are read.
struct Printer {
    ids: Vec<ParticipantId>,
    /// Participants that were not started.
    waiting: VecDeque<StoredParticipant>,
    /// The participant that was started but not finished.
    open: Option<(ParticipantId, Judge)>,
    form: QosForm,
    profile: Profile,
    writer: QosWriter,
    out: Vec<u8>,
    /// Number of minutes in this chunk.
    minutes: usize,
    /// The last minute that was printed.
    last: Option<MinuteCursor>,
}

impl MinuteVisitor for Printer {
    fn visit(&mut self, participant: ParticipantId, minute: &QosMinute) {
        self.advance_to(Some(participant));
        self.writer.minute(&mut self.out, minute);
        if let Some((_, judge)) = &mut self.open {
            judge.add(minute);
        }
        self.minutes += 1;
        self.last = Some(MinuteCursor { participant, minute: minute.minute });
    }
}

impl Printer {
    /// Finishes the page.
    fn finish(&mut self) {
        self.advance_to(None);
        if self.form == QosForm::ListItem {
            self.writer.end_page(&mut self.out);
        }
    }

    /// Finishes and starts participants until `target` is the open one, or until none is left.
    fn advance_to(&mut self, target: Option<ParticipantId>) {
        while target.is_none() || self.open.as_ref().map(|(id, _)| *id) != target {
            if let Some((_, judge)) = self.open.take() {
                self.writer.end_judged_participant(&mut self.out, judge.health(), judge.issue_list());
            }
            let Some(next) = self.waiting.pop_front() else { break };
            self.writer.begin_participant(&mut self.out, &next.participant, self.form);
            self.open = Some((next.id, Judge::new(&next.participant, self.profile)));
        }
    }
}

/// Computes a participant's health from minutes if no source reported it. Reported values take precedence.
struct Judge {
    wants_health: bool,
    wants_issues: bool,
    made_out: AttendanceHealth,
    profile: Profile,
}

impl Judge {
    fn new(participant: &Participant, profile: Profile) -> Self {
        // A participant who is reported as healthy has no issues.
        let is_well = participant.health.as_deref() == Some(Health::Good.as_str());
        Self {
            wants_health: participant.health.is_none(),
            wants_issues: participant.issue_list.is_none() && !is_well,
            made_out: AttendanceHealth::default(),
            profile,
        }
    }

    fn add(&mut self, minute: &QosMinute) {
        if self.wants_health || self.wants_issues {
            self.made_out.add(minute, &self.profile);
        }
    }

    fn health(&self) -> Option<&'static str> {
        self.made_out.health().filter(|_| self.wants_health).map(Health::as_str)
    }

    fn issue_list(&self) -> Option<impl Iterator<Item = &'static str>> {
        (self.wants_issues && self.made_out.minutes() > 0).then(|| self.made_out.issues().map(Issue::as_str))
    }
}
