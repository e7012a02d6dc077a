//! Scheduling: creating, changing, deleting and ending meetings and webinars. Changes take the way of webhooks, with this
//! server's time, so that later events override them and earlier ones do not.

mod change;
mod create;
mod plan;
mod recurrence;
mod upcoming;

use axum::http::StatusCode;
use rollcall_model::{MeetingKind, MeetingNumber, Operation, ScheduleChange};
use rollcall_store::StoreError;
use rollcall_zoom::{hook, operations as op, wire};
use serde_json::{Value, json};

use super::{
    error::{ZoomError, ZoomResult},
    table::{Call, Param, Row, serve},
};
use crate::routes::Route;

/// The routes of all operations on schedules.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    let both = [MeetingKind::Meeting, MeetingKind::Webinar].into_iter().flat_map(rows);
    both.chain(upcoming::rows()).map(Row::route)
}

fn rows(kind: MeetingKind) -> Vec<Row> {
    let (tag, what) = match kind {
        MeetingKind::Meeting => ("Meetings", "meeting"),
        MeetingKind::Webinar => ("Webinars", "webinar"),
    };
    let row = |meeting: &'static Operation, webinar: &'static Operation, summary: String, handler| {
        let operation = if kind == MeetingKind::Meeting { meeting } else { webinar };
        Row::new(operation, tag, summary, handler)
    };
    vec![
        row(
            &op::CREATE_MEETING,
            &op::CREATE_WEBINAR,
            format!("Schedules a {what} that a user hosts. Rollcall records it; it holds no {what}s."),
            serve(move |call| create::create(call, kind)),
        )
        .body::<wire::NewMeeting>()
        .answers::<wire::Meeting>(StatusCode::CREATED, "The schedule."),
        row(
            &op::UPDATE_MEETING,
            &op::UPDATE_WEBINAR,
            format!("Changes the schedule of a {what}, or of one of its occurrences. Values that are left out stay."),
            serve(move |call| change::update(call, kind)),
        )
        .params([Param::text("occurrence_id", "The occurrence to change: its start, duration, topic or agenda.")])
        .body::<wire::NewMeeting>(),
        row(
            &op::DELETE_MEETING,
            &op::DELETE_WEBINAR,
            format!("Deletes a {what}, or one of its occurrences. What happened in it stays."),
            serve(move |call| change::delete(call, kind)),
        )
        .params([Param::text("occurrence_id", "The occurrence to delete.")]),
        row(
            &op::END_MEETING,
            &op::END_WEBINAR,
            format!("Ends a {what} that is in progress; another one stays as it is."),
            serve(move |call| change::status(call, kind)),
        )
        .body::<wire::StatusChange>(),
    ]
}

/// Stores a change of a schedule as an event of now would.
async fn store(
    call: &Call,
    kind: MeetingKind,
    change: ScheduleChange,
    number: MeetingNumber,
    mut object: serde_json::Map<String, Value>,
) -> ZoomResult<()> {
    object.insert("id".to_owned(), number.0.into());
    let operation = if change == ScheduleChange::OccurrencesDeleted { "single" } else { "all" };
    let change = match change {
        ScheduleChange::OccurrencesDeleted => ScheduleChange::Deleted,
        change => change,
    };
    let payload = json!({"operation": operation, "object": object}).to_string();
    let schedule = hook::schedule(kind, change, call.now(), &payload)
        .map_err(|error| ZoomError::code_300(error.to_string(), false))?;
    Ok(call.app.store.change_schedule(call.caller.account, &schedule).await?)
}

fn failed(error: rollcall_ingest::IngestError) -> ZoomError {
    StoreError::backend("ingest", error).into()
}
