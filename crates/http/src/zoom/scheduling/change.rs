//! Changing, deleting and ending a meeting or webinar.

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use jiff::tz::TimeZone;
use rollcall_model::{
    Event, EventFacts, InstanceRef, InstanceReport, InstanceStage, InstanceState, Meeting, MeetingKind, MeetingNumber,
    ReportedInstance, ScheduleChange,
};
use rollcall_store::StoredInstance;
use rollcall_zoom::wire::words;
use serde_json::{Map, Value, json};

use super::{
    failed,
    plan::{Known, start},
    store,
};
use crate::zoom::{
    body::{Body, Fields},
    error::{ZoomError, ZoomResult},
    registrants::{expired, find, occurrences},
    table::Call,
};

pub(super) async fn update(call: Call, kind: MeetingKind) -> ZoomResult<Response> {
    let meeting = find(&call, kind, unknown).await?;
    let mut query = call.query();
    let occurrence_id = query.bound("occurrence_id");
    query.finish()?;
    let body = Body::parse(&call.body)?;
    let object = match &occurrence_id {
        None => Known { kind, meeting: Some(&meeting), zone: None, now: call.now() }.read(&body.fields()),
        Some(id) => occurrence(&meeting, id, &body.fields())?,
    };
    body.finish()?;
    store(&call, kind, ScheduleChange::Updated, meeting.number, object).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Reads the change of one occurrence.
fn occurrence(meeting: &Meeting, id: &str, fields: &Fields<'_>) -> ZoomResult<Map<String, Value>> {
    require_occurrence(meeting, id)?;
    let zone = fields.text("timezone", 64).or_else(|| meeting.timezone.clone());
    let zone = zone.and_then(|name| TimeZone::get(&name).ok()).unwrap_or(TimeZone::UTC);
    let mut changed = json!({"occurrence_id": id});
    if let Some(start) = start(fields, "start_time", &zone) {
        changed["start_time"] = start.to_string().into();
    }
    if let Some(minutes) = fields.number("duration", 1..=1_440) {
        changed["duration"] = minutes.into();
    }
    for (name, max) in [("topic", 200), ("agenda", 2_000)] {
        if let Some(text) = fields.text(name, max) {
            changed[name] = text.as_str().into();
        }
    }
    Ok([("occurrences".to_owned(), json!([changed]))].into_iter().collect())
}

fn require_occurrence(meeting: &Meeting, id: &str) -> ZoomResult<()> {
    if occurrences(meeting).iter().any(|occurrence| occurrence.occurrence_id.as_deref() == Some(id)) {
        return Ok(());
    }
    let message =
        format!("The request could not be completed because you have provided an invalid occurrence ID: {id}");
    Err(ZoomError::new(StatusCode::BAD_REQUEST, 300, message))
}

pub(super) async fn delete(call: Call, kind: MeetingKind) -> ZoomResult<Response> {
    let meeting = find(&call, kind, unknown).await?;
    let mut query = call.query();
    let occurrence_id = query.bound("occurrence_id");
    query.finish()?;
    if live(&call, kind, meeting.number).await?.is_some() {
        let what = word(kind);
        let message = format!("Sorry, you cannot delete this {what} since it is in progress.");
        return Err(ZoomError::new(StatusCode::BAD_REQUEST, 3002, message));
    }
    let (change, object) = match &occurrence_id {
        None => (ScheduleChange::Deleted, Map::new()),
        Some(id) => {
            require_occurrence(&meeting, id)?;
            let object = [("occurrences".to_owned(), json!([{"occurrence_id": id.as_str()}]))];
            (ScheduleChange::OccurrencesDeleted, object.into_iter().collect())
        }
    };
    store(&call, kind, change, meeting.number, object).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) async fn status(call: Call, kind: MeetingKind) -> ZoomResult<Response> {
    let meeting = find(&call, kind, expired).await?;
    let body = Body::parse(&call.body)?;
    let fields = body.fields();
    fields.word("action", words::StatusAction::WORDS);
    if !fields.has("action") {
        fields.missing("action");
    }
    body.finish()?;
    // One that is not in progress is ended already, so a repeated request changes nothing.
    let Some(run) = live(&call, kind, meeting.number).await? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let told =
        ReportedInstance { number: Some(meeting.number), end_time: Some(call.now()), ..ReportedInstance::default() };
    let instance = InstanceReport { stage: InstanceStage::Ended, at: Some(call.now()), told };
    let event = Event { kind, uuid: run.instance.uuid, instance, participant: None };
    call.app.ingest.take(call.caller.account, &EventFacts::Instance(event)).await.map_err(failed)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn live(call: &Call, kind: MeetingKind, number: MeetingNumber) -> ZoomResult<Option<StoredInstance>> {
    let latest = InstanceRef::Latest(number);
    let (store, account) = (&call.app.store, call.caller.account);
    Ok(store.find_instance(account, kind, &latest, Some(InstanceState::Live)).await?)
}

const fn word(kind: MeetingKind) -> &'static str {
    match kind {
        MeetingKind::Meeting => "meeting",
        MeetingKind::Webinar => "webinar",
    }
}

fn unknown(kind: MeetingKind, number: MeetingNumber) -> String {
    match kind {
        MeetingKind::Meeting => format!("Meeting does not exist: {number}."),
        MeetingKind::Webinar => format!("Webinar does not exist: {number}."),
    }
}
