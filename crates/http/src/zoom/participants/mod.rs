//! `GET /metrics/{meetings|webinars}/{id}/participants`: participants.

pub(super) mod ahead;

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    response::Response,
};
use rollcall_auth::Caller;
use rollcall_model::Operation;
use rollcall_model::{MeetingKind, ParticipantId};
use rollcall_sheets::SheetPage;
use rollcall_store::{LARGE_INSTANCE, LentParticipant, ParticipantVisitor, visit_participants};
use rollcall_zoom::operations as op;
use rollcall_zoom::{
    page::{PageKeys, ParticipantsWriter, View},
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

const DEFAULT_PAGE_SIZE: usize = 30;
const MAX_PAGE_SIZE: usize = 300;
/// Usual size of a participant on the wire, to allocate the response's buffer.
const TYPICAL_PARTICIPANT_BYTES: usize = 1_400;

/// Lists a meeting's participants, one per join, in the order in which they were first seen.
#[utoipa::path(
    get, path = op::DASHBOARD_MEETING_PARTICIPANTS.path, tag = "Dashboards",
    operation_id = op::DASHBOARD_MEETING_PARTICIPANTS.id,
    params(
        ("meetingId" = String, Path, description = describe::MEETING_INSTANCE),
        ("type" = Option<String>, Query, description = describe::LIVE_PAST_OR_ONE),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
        ("include_fields" = Option<String>, Query, description = "`registrant_id` adds it to each participant of an ended meeting."),
    ),
    responses((status = 200, description = "A page of participants.", body = wire::ParticipantsPage), InstanceErrors)
)]
pub(super) async fn list_meeting_participants(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    let wording = Wording { unavailable: "Meeting ID is invalid or has not ended." };
    list(&app, &caller, MeetingKind::Meeting, &op::DASHBOARD_MEETING_PARTICIPANTS, wording, &id, query.as_deref()).await
}

/// Lists a webinar's participants, one per join, in the order in which they were first seen.
#[utoipa::path(
    get, path = op::DASHBOARD_WEBINAR_PARTICIPANTS.path, tag = "Dashboards",
    operation_id = op::DASHBOARD_WEBINAR_PARTICIPANTS.id,
    params(
        ("webinarId" = String, Path, description = describe::WEBINAR_INSTANCE),
        ("type" = Option<String>, Query, description = describe::LIVE_OR_PAST),
        ("page_size" = Option<u32>, Query, description = describe::PAGE_SIZE, minimum = 1),
        ("next_page_token" = Option<String>, Query, description = describe::NEXT_PAGE_TOKEN),
        ("include_fields" = Option<String>, Query, description = "`registrant_id` adds it to each participant of an ended webinar."),
    ),
    responses((status = 200, description = "A page of participants.", body = wire::ParticipantsPage), InstanceErrors)
)]
pub(super) async fn list_webinar_participants(
    State(app): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ZoomResult<Response> {
    let wording = Wording { unavailable: "This webinar's detail information is not available or the ID is not valid." };
    list(&app, &caller, MeetingKind::Webinar, &op::DASHBOARD_WEBINAR_PARTICIPANTS, wording, &id, query.as_deref()).await
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
    let choices = match kind {
        MeetingKind::Meeting => Asked::LIVE_PAST_OR_ONE,
        MeetingKind::Webinar => Asked::LIVE_OR_PAST,
    };
    let asked = Asked::read(&mut query, choices);
    let size = query.page_size(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    let include_registrant_id = query.includes("include_fields", "registrant_id");
    let token = query.get("next_page_token").map(str::to_owned);
    let paging = Paging::new(app, caller, query.finish()?, size);

    let find = find_instance(app, caller, kind, &instance_ref, asked, wording);
    let walk = Walk::open(app, &paging, token.as_deref(), (kind, id), find).await?;
    let Walk { instance, number, total, after } = walk;
    let view =
        View { kind, number, live: asked == Asked::Live, include_registrant_id, blanking: app.settings.zoom_blanking };
    // Only these pages are printed ahead. Others need not look for a sheet.
    let may_be_ahead = !view.live && !include_registrant_id && total > LARGE_INSTANCE;
    let ahead =
        if may_be_ahead { ahead::page(app, caller.account, instance, after, size, HEAD_ROOM).await? } else { None };
    let page = match ahead {
        Some(printed) => Page::printed(view, printed),
        None => {
            let page = Page::empty(view, size);
            visit_participants(app.store.as_ref(), caller.account, instance, after, size + 1, page).await?
        }
    };
    let next_page_token = walk.seal(&paging, page.next);
    Ok(json_bytes(page.finish(&paging.keys(total, &next_page_token))))
}

/// Room for the beginning of a page, which is written last because it has the token of the next page.
const HEAD_ROOM: usize = 1024;

/// A page of participants, printed as they are read or taken from a sheet.
struct Page {
    writer: ParticipantsWriter,
    /// The room, and the participants.
    out: Vec<u8>,
    /// How many more to show; one beyond them means that there is a next page.
    left: usize,
    last: Option<ParticipantId>,
    /// The last participant of this page, if there is a next page.
    next: Option<ParticipantId>,
}

impl Page {
    fn printed(view: View, SheetPage { text, last, more }: SheetPage) -> Self {
        let next = last.filter(|_| more);
        Self { writer: ParticipantsWriter::new(view), out: text, left: 0, last, next }
    }

    fn empty(view: View, size: usize) -> Self {
        let mut out = Vec::with_capacity(HEAD_ROOM + size * TYPICAL_PARTICIPANT_BYTES);
        out.resize(HEAD_ROOM, b' ');
        Self { writer: ParticipantsWriter::new(view), out, left: size, last: None, next: None }
    }

    /// Returns the whole page.
    fn finish(mut self, keys: &PageKeys<'_>) -> Bytes {
        self.writer.end_page(&mut self.out);
        let mut head = Vec::with_capacity(HEAD_ROOM);
        self.writer.begin_page(&mut head, keys);
        match HEAD_ROOM.checked_sub(head.len()) {
            Some(start) => {
                self.out[start..HEAD_ROOM].copy_from_slice(&head);
                Bytes::from(self.out).slice(start..)
            }
            None => {
                head.extend_from_slice(&self.out[HEAD_ROOM..]);
                head.into()
            }
        }
    }
}

impl ParticipantVisitor for Page {
    fn visit(&mut self, id: ParticipantId, participant: &LentParticipant<'_>) {
        if self.left == 0 {
            self.next = self.last;
            return;
        }
        self.left -= 1;
        self.last = Some(id);
        self.writer.participant(&mut self.out, participant);
    }
}
