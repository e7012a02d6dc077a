//! Registrants: `{meetings|webinars}/{id}/registrants` and what belongs to them (Zoom reference 4).

mod change;
mod create;
mod rules;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use rollcall_model::{Meeting, MeetingKind, MeetingNumber, Operation, Registrant, Text};
use rollcall_store::RegistrantQuery;
use rollcall_zoom::{operations as op, wire};
use serde::Serialize;

use super::{
    describe,
    error::{ZoomError, ZoomResult},
    instances::invalid_token,
    paging::{Continuation, Paging, cut},
    table::{Call, Param, Row, serve},
};
pub(super) use create::id_and_join_url;
pub(super) use rules::{occurrences, requires_registration};

use crate::routes::Route;

const DEFAULT_PAGE_SIZE: usize = 30;
const MAX_PAGE_SIZE: usize = 300;
const OCCURRENCE: Param = Param::text("occurrence_id", "Only those of this occurrence.");

/// The routes of all operations on registrants.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    [MeetingKind::Meeting, MeetingKind::Webinar].into_iter().flat_map(rows).map(Row::route)
}

/// Returns the one of two operations that is about this kind.
const fn of(kind: MeetingKind, meeting: &'static Operation, webinar: &'static Operation) -> &'static Operation {
    match kind {
        MeetingKind::Meeting => meeting,
        MeetingKind::Webinar => webinar,
    }
}

fn rows(kind: MeetingKind) -> Vec<Row> {
    let (tag, what) = match kind {
        MeetingKind::Meeting => ("Meetings", "meeting"),
        MeetingKind::Webinar => ("Webinars", "webinar"),
    };
    let sourced = match kind {
        MeetingKind::Meeting => None,
        MeetingKind::Webinar => {
            Some(Param::text("tracking_source_id", "Only those whom this tracking source led here."))
        }
    };
    let paged = [
        OCCURRENCE,
        Param::text("status", "`approved` (default), `pending` or `denied`."),
        Param::number("page_size", describe::PAGE_SIZE),
        Param::number("page_number", describe::PAGE_NUMBER),
        Param::text("next_page_token", describe::NEXT_PAGE_TOKEN),
    ];
    let ids = Param::text("occurrence_ids", "The occurrences to register for, separated by commas. Default: all.");
    let row = |meeting, webinar, summary: String, handler| Row::new(of(kind, meeting, webinar), tag, summary, handler);
    let mut rows = vec![
        row(
            &op::MEETING_REGISTRANTS,
            &op::WEBINAR_REGISTRANTS,
            format!("Lists the registrants of a {what}, ordered by id."),
            serve(move |call| list(call, kind)),
        )
        .params(paged)
        .params(sourced)
        .answers::<wire::RegistrantsPage>(StatusCode::OK, "A page of registrants."),
        row(
            &op::MEETING_REGISTRANT,
            &op::WEBINAR_REGISTRANT,
            format!("Gets a registrant of a {what}."),
            serve(move |call| get(call, kind)),
        )
        .params([OCCURRENCE])
        .answers::<wire::Registrant>(StatusCode::OK, "The registrant."),
        row(
            &op::CREATE_MEETING_REGISTRANT,
            &op::CREATE_WEBINAR_REGISTRANT,
            format!(
                "Registers a person for a {what}. A person who has registered before gets that registration again."
            ),
            serve(move |call| create::one(call, kind)),
        )
        .params([ids])
        .body::<wire::NewRegistrant>()
        .answers::<wire::Registered>(StatusCode::CREATED, "The registration."),
        row(
            &op::BATCH_MEETING_REGISTRANTS,
            &op::BATCH_WEBINAR_REGISTRANTS,
            format!("Registers up to 30 people for a {what} that does not recur: all of them or nobody."),
            serve(move |call| create::batch(call, kind)),
        )
        .body::<wire::BatchOfRegistrants>()
        .answers::<wire::RegisteredBatch>(StatusCode::CREATED, "The registrations."),
    ];
    rows.extend([
        row(
            &op::DECIDE_MEETING_REGISTRANTS,
            &op::DECIDE_WEBINAR_REGISTRANTS,
            format!("Approves, denies or cancels up to 30 registrations for a {what}: all of them or none."),
            serve(move |call| change::decide(call, kind)),
        )
        .params([Param::text("occurrence_id", "An occurrence that the registrations must cover.")])
        .body::<wire::Decision>(),
        row(
            &op::DELETE_MEETING_REGISTRANT,
            &op::DELETE_WEBINAR_REGISTRANT,
            format!("Deletes a registrant of a {what}."),
            serve(move |call| change::delete(call, kind)),
        )
        .params([Param::text("occurrence_id", "Only take this occurrence from the registration.")]),
        row(
            &op::UPDATE_MEETING_REGISTRATION_QUESTIONS,
            &op::UPDATE_WEBINAR_REGISTRATION_QUESTIONS,
            format!("Sets what registrants of a {what} are asked."),
            serve(move |call| change::questions(call, kind)),
        )
        .body::<wire::RegistrationQuestions>(),
    ]);
    rows
}

/// Finds the meeting with the number in the path, if it is still scheduled; else the error has this message.
pub(super) async fn find(
    call: &Call,
    kind: MeetingKind,
    unknown: fn(MeetingKind, MeetingNumber) -> String,
) -> ZoomResult<Meeting> {
    let id = rollcall_zoom::path::decode_id(call.id());
    let number: MeetingNumber = id.parse().map_err(|_| {
        let message = match kind {
            MeetingKind::Meeting => "Invalid meeting id.",
            MeetingKind::Webinar => "Invalid webinar ID.",
        };
        ZoomError::new(StatusCode::BAD_REQUEST, 300, message)
    })?;
    let found = call.app.store.find_meeting(call.caller.account, kind, number).await?;
    let found = found.filter(|meeting| meeting.deleted_at.is_none());
    found.ok_or_else(|| ZoomError::new(StatusCode::NOT_FOUND, 3001, unknown(kind, number)))
}

pub(super) fn expired(kind: MeetingKind, number: MeetingNumber) -> String {
    format!("{} {number} not found or has expired.", rules::word(kind))
}

async fn list(call: Call, kind: MeetingKind) -> ZoomResult<Response> {
    let meeting = find(&call, kind, expired).await?;
    let mut query = call.query();
    let status = query.choice("status", &[("approved", "approved"), ("pending", "pending"), ("denied", "denied")]);
    let occurrence_id = query.bound("occurrence_id");
    let source_id = match kind {
        MeetingKind::Meeting => None,
        MeetingKind::Webinar => query.bound("tracking_source_id"),
    };
    let size = query.page_size(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    let page_number = query.page_number();
    let token = query.get("next_page_token").map(str::to_owned);
    let paging = Paging::new(&call.app, &call.caller, query.finish()?, size);

    let (store, account) = (&call.app.store, call.caller.account);
    let registrants = RegistrantQuery {
        status: Some(status.into()),
        occurrence_id,
        source_id,
        ..RegistrantQuery::all(kind, meeting.number)
    };
    let continued = paging.open::<Text>(token.as_deref()).map_err(|_| invalid_token())?;
    let (total, after) = match continued {
        Some(Continuation { total, cursor }) => (total, Some(Some(cursor))),
        None => {
            let total = store.count_registrants(account, &registrants).await?;
            (total, skip(&call, &registrants, size, page_number).await?)
        }
    };
    let mut rows = match after {
        Some(after) => store.list_registrants(account, &registrants, after.as_ref(), size + 1).await?,
        None => Vec::new(),
    };
    let next = cut(&mut rows, size).map(|last| last.id.clone());
    Ok(page(&paging, total, next, page_number, &rows))
}

/// Returns the last registrant before page `page_number`: `None` inside for the first page, and outside if the list ends
/// before that page.
async fn skip(
    call: &Call,
    query: &RegistrantQuery,
    size: usize,
    page_number: usize,
) -> ZoomResult<Option<Option<Text>>> {
    let mut after = None;
    for _ in 1..page_number {
        let page = call.app.store.list_registrants(call.caller.account, query, after.as_ref(), size).await?;
        if page.len() < size {
            return Ok(None);
        }
        after = page.last().map(|registrant| registrant.id.clone());
    }
    Ok(Some(after))
}

/// Returns a page of registrants.
pub(super) fn page<C: Serialize>(
    paging: &Paging<'_>,
    total: u64,
    next: Option<C>,
    page_number: usize,
    rows: &[Registrant],
) -> Response {
    let next_page_token = paging.seal(total, next);
    Json(wire::RegistrantsPage {
        paging: (&paging.keys(total, &next_page_token)).into(),
        page_number: page_number as u64,
        registrants: rows.iter().map(wire::Registrant::from).collect(),
    })
    .into_response()
}

async fn get(call: Call, kind: MeetingKind) -> ZoomResult<Response> {
    let meeting = find(&call, kind, expired).await?;
    let mut query = call.query();
    let occurrence = query.bound("occurrence_id");
    query.finish()?;
    let id = call.second_id();
    let found = call.app.store.find_registrant(call.caller.account, kind, meeting.number, id).await?;
    let covers = |registrant: &Registrant| match (&occurrence, &registrant.occurrence_ids) {
        (Some(occurrence), Some(ids)) => ids.is_empty() || ids.contains(occurrence),
        _ => true,
    };
    let found = found.filter(covers).ok_or_else(|| not_found(StatusCode::NOT_FOUND, id))?;
    Ok(Json(wire::Registrant::from(&found)).into_response())
}

/// The error for an unknown registrant.
fn not_found(status: StatusCode, id: &str) -> ZoomError {
    ZoomError::new(status, 3000, format!("Registrant {id} was not found."))
}
