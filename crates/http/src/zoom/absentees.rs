//! `GET /past_webinars/{id}/absentees`: approved registrants of a run who did not attend it.

use axum::{http::StatusCode, response::Response};
use rollcall_model::{InstanceId, InstanceRef, InstanceState, Meeting, MeetingKind, Text, Timestamp};
use rollcall_store::{InstanceQuery, InstanceSpan, RegistrantQuery, StoredInstance};
use rollcall_zoom::{operations as op, wire};

use super::{
    describe,
    error::{ZoomError, ZoomResult},
    instances::invalid_token,
    paging::{Continuation, Paging, cut},
    registrants::{occurrences, page, requires_registration},
    resolve::{Asked, Wording, find_instance, parse_instance_ref},
    table::{Call, Param, Row, serve},
};
use crate::routes::Route;

const KIND: MeetingKind = MeetingKind::Webinar;
const DEFAULT_PAGE_SIZE: usize = 30;
const MAX_PAGE_SIZE: usize = 300;
const NOT_ENDED: &str = "Meeting ID is invalid or not end.";
/// A run that begins this long before or after an occurrence's plan is that occurrence.
const NEAR_SECONDS: i64 = 12 * 3600;
/// Runs near an occurrence's plan of which one is chosen.
const MAX_NEAR: usize = 100;

/// The route.
pub(super) fn route() -> Route {
    let summary = "Lists approved registrants of a past webinar who did not attend it, by registration or by address; \
                   ordered by id.";
    Row::new(&op::WEBINAR_ABSENTEES, "Webinars", summary.to_owned(), serve(list))
        .params([
            Param::text("occurrence_id", "The occurrence. Default: the latest run."),
            Param::number("page_size", describe::PAGE_SIZE),
            Param::text("next_page_token", describe::NEXT_PAGE_TOKEN),
        ])
        .answers::<wire::RegistrantsPage>(StatusCode::OK, "A page of registrants.")
        .route()
}

async fn list(call: Call) -> ZoomResult<Response> {
    let mut query = call.query();
    let occurrence_id = query.bound("occurrence_id");
    let size = query.page_size(DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    let token = query.get("next_page_token").map(str::to_owned);
    let paging = Paging::new(&call.app, &call.caller, query.finish()?, size);
    let continued = paging.open::<(i64, Text)>(token.as_deref()).map_err(|_| invalid_token())?;
    let (store, account) = (&call.app.store, call.caller.account);
    // A walk stays with the run that it began with.
    let run = match &continued {
        Some(Continuation { cursor: (row, _), .. }) => {
            let found = store.instance_by_row(account, InstanceId(*row)).await?;
            found.ok_or_else(|| ZoomError::new(StatusCode::NOT_FOUND, 3001, NOT_ENDED))?
        }
        None => run(&call, occurrence_id.as_ref()).await?,
    };
    let number = run.instance.number.ok_or_else(|| ZoomError::new(StatusCode::NOT_FOUND, 3001, NOT_ENDED))?;
    let registrants = RegistrantQuery { occurrence_id, ..RegistrantQuery::all(KIND, number) };
    if continued.is_none() {
        let webinar = store.find_meeting(account, KIND, number).await?;
        let required = webinar.as_ref().is_some_and(requires_registration);
        if !required && store.count_registrants(account, &RegistrantQuery::all(KIND, number)).await? == 0 {
            let message = format!("This Webinar has not registration required: {}", run.instance.uuid.as_str());
            return Err(ZoomError::new(StatusCode::BAD_REQUEST, 3000, message));
        }
    }
    let (total, after) = match continued {
        Some(Continuation { total, cursor: (_, id) }) => (total, Some(id)),
        None => (store.count_absentees(account, &registrants, run.id).await?, None),
    };
    let mut rows = store.list_absentees(account, &registrants, run.id, after.as_ref(), size + 1).await?;
    let next = cut(&mut rows, size).map(|last| (run.id.0, last.id.clone()));
    Ok(page(&paging, total, next, 1, &rows))
}

/// Returns the run that a request is about.
async fn run(call: &Call, occurrence_id: Option<&Text>) -> ZoomResult<StoredInstance> {
    let id = parse_instance_ref(KIND, call.id())?;
    let wording = Wording { unavailable: NOT_ENDED };
    let (InstanceRef::Latest(number), Some(occurrence_id)) = (&id, occurrence_id) else {
        return find_instance(&call.app, &call.caller, KIND, &id, Asked::Past, wording).await;
    };
    let (store, account) = (&call.app.store, call.caller.account);
    let webinar = store.find_meeting(account, KIND, *number).await?.unwrap_or_else(|| Meeting::new(KIND, *number));
    let planned: Option<Timestamp> = occurrences(&webinar)
        .into_iter()
        .find(|occurrence| occurrence.occurrence_id.as_ref() == Some(occurrence_id))
        .and_then(|occurrence| occurrence.start_time);
    let planned = planned.ok_or_else(|| {
        let message = format!(
            "The request could not be completed because you have provided an invalid occurrence ID: {occurrence_id}"
        );
        ZoomError::new(StatusCode::BAD_REQUEST, 300, message)
    })?;
    let near = InstanceQuery {
        kind: KIND,
        state: InstanceState::Past,
        number: Some(*number),
        max_participants: None,
        min_participants: None,
        span: InstanceSpan::Start,
        from: planned.minus_seconds(NEAR_SECONDS),
        before: planned.plus_seconds(NEAR_SECONDS),
        groups: None,
        unnumbered: false,
        person: None,
    };
    let runs = store.list_instances(account, &near, None, MAX_NEAR).await?;
    let distance = |run: &StoredInstance| run.instance.start_time.map(|start| start.millis_since(planned).abs());
    runs.into_iter().min_by_key(distance).ok_or_else(|| ZoomError::new(StatusCode::NOT_FOUND, 3001, NOT_ENDED))
}
