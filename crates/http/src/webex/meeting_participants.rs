//! `GET /v1/meetingParticipants`: the participants of a run (Webex reference, section 4).

use std::{collections::HashSet, ops::Range};

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::Response,
};
use jiff::tz::TimeZone;
use rollcall_auth::Caller;
use rollcall_model::{ParticipantId, ParticipantUserId, Timestamp};
use rollcall_store::{StoredInstance, StoredParticipant};
use rollcall_webex::operations as op;
use rollcall_webex::{
    extras::{DEVICE, PARTICIPANT},
    meeting::{Around, participant},
    rules::ParticipantQuery,
    run::{ParticipantRef, has_webex_id, parse_participant_id},
    status::Status,
    wire,
};
use serde::Serialize;
use serde_json::Value;

use super::{
    error::{WebexError, WebexResult},
    extract::{JsonBody, Query},
    paging::{Paging, utf8_json},
    responses::{ChangeErrors, Errors},
    runs::{Place, find_run, find_run_or_latest, instant, unknown_run, window},
};
use crate::state::{App, AppState};

const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 100;

/// The longest window of joins.
const MAX_JOIN_SECONDS: i64 = 90 * 24 * 3600;

/// Maximum number of participants that are checked for one page if a filter omits most of them.
const LOOKED_AT: usize = 2_000;

/// Lists a meeting's participants.
///
/// Participants of Webex runs have one item each, with their devices. In other runs, each join is an item. `meetingId`
/// is the id of a run, or of a series for its latest run.
#[utoipa::path(
    get, path = op::LIST_MEETING_PARTICIPANTS.path, tag = "Meeting Participants", operation_id = op::LIST_MEETING_PARTICIPANTS.id,
    params(
        ("meetingId" = String, Query, description = "The id of the run (instance).", example = "560d7b784f5143e3be2fc3064a5c4999_I_204252993233618782"),
        ("hostEmail" = Option<String>, Query, description = "Only if this person hosts the run; otherwise it is not found."),
        ("breakoutSessionId" = Option<String>, Query, description = "Only participants of this breakout session."),
        ("meetingStartTimeFrom" = Option<String>, Query, description = "With the id of a series: the latest run that began after this time. Default: one month before `meetingStartTimeTo`."),
        ("meetingStartTimeTo" = Option<String>, Query, description = "With the id of a series: the latest run that began before this time. Default: one month after `meetingStartTimeFrom`, or now if that is earlier."),
        ("joinTimeFrom" = Option<String>, Query, description = "Joined at this time or later. Default: 7 days before `joinTimeTo`.", example = "2022-10-25T09:00:00Z"),
        ("joinTimeTo" = Option<String>, Query, description = "Joined before this time, at most 90 days after `joinTimeFrom`. Default: 7 days after it.", example = "2022-10-26T09:00:00Z"),
        ("max" = Option<usize>, Query, description = "Maximum size of a page, at most 100. Default: 10.", example = 100),
        ("timezone" = Option<String>, Header, description = "IANA name of the time zone of the response. Default: UTC.", example = "UTC"),
    ),
    responses((status = 200, description = "The participants. A `Link` header points to the next page.", body = wire::MeetingParticipants), Errors)
)]
pub(super) async fn list_meeting_participants(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    query: Query,
) -> WebexResult<Response> {
    let asked = Asked::read(&query, &query, app.now())?;
    list(&app, &caller, &uri, &headers, &query, asked).await
}

/// Lists a meeting's participants with some addresses.
///
/// `meetingId` is the id of a run, or of a series for its latest run. The addresses are compared regardless of case.
#[utoipa::path(
    post, path = op::QUERY_MEETING_PARTICIPANTS.path, tag = "Meeting Participants",
    operation_id = op::QUERY_MEETING_PARTICIPANTS.id,
    params(
        ("meetingId" = String, Query, description = "The id of the run (instance).", example = "560d7b784f5143e3be2fc3064a5c4999_I_204252993233618782"),
        ("hostEmail" = Option<String>, Query, description = "Only if this person hosts the run; otherwise it is not found."),
        ("meetingStartTimeFrom" = Option<String>, Query, description = "With the id of a series: the latest run that began after this time. Default: one month before `meetingStartTimeTo`."),
        ("meetingStartTimeTo" = Option<String>, Query, description = "With the id of a series: the latest run that began before this time. Default: one month after `meetingStartTimeFrom`, or now if that is earlier."),
        ("max" = Option<usize>, Query, description = "Maximum size of a page, at most 100. Default: 10.", example = 100),
        ("timezone" = Option<String>, Header, description = "IANA name of the time zone of the response. Default: UTC.", example = "UTC"),
    ),
    request_body = wire::ParticipantsByEmail,
    responses((status = 200, description = "The participants. A `Link` header points to the next page: send it with the same body.", body = wire::MeetingParticipants), ChangeErrors)
)]
pub(super) async fn query_meeting_participants(
    State(app): State<AppState>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
    query: Query,
    JsonBody(body): JsonBody,
) -> WebexResult<Response> {
    let body = ParticipantQuery::from_slice(&body)?;
    let joined = Query::of([("joinTimeFrom", body.join_time_from), ("joinTimeTo", body.join_time_to)]);
    let emails = Some(body.emails.iter().map(|email| email.trim().to_lowercase()).collect());
    let asked = Asked { emails, ..Asked::read(&query, &joined, app.now())? };
    list(&app, &caller, &uri, &headers, &query, asked).await
}

async fn list(
    app: &AppState,
    caller: &Caller,
    uri: &Uri,
    headers: &HeaderMap,
    query: &Query,
    asked: Asked,
) -> WebexResult<Response> {
    let id = query.get("meetingId").ok_or_else(|| WebexError::bad_request("'meetingId' cannot be empty"))?;
    let paging = Paging::read(app, caller, uri, DEFAULT_PAGE, MAX_PAGE)?;
    let place = Place::of(app, caller, headers).await?;
    let run = find_run_or_latest(app, caller, id, asked.began).await?;
    let run = run.filter(|run| asked.is_hosted(run)).ok_or_else(|| unknown_run(id))?;

    let mut after = paging.after::<i64>()?.map(ParticipantId);
    let (mut page, mut looked_at, mut more) = (Vec::new(), 0, true);
    while more && page.len() <= paging.size && looked_at < LOOKED_AT {
        let wanted = paging.size + 1 - page.len();
        let rows = app.store.list_participants(caller.account, run.id, after, wanted).await?;
        more = rows.len() == wanted;
        looked_at += rows.len();
        after = rows.last().map(|row| row.id).or(after);
        for row in rows {
            // Otherwise an earlier row has the item.
            let Some(person) = Person::of(app, caller, &run, row).await? else { continue };
            if asked.admits(&person) {
                page.push(person);
            }
        }
    }
    let next = if page.len() > paging.size {
        page.truncate(paging.size);
        page.last().map(|person| person.first.id.0)
    } else {
        after.filter(|_| more).map(|after| after.0)
    };
    let items = place.show(|around| page.iter().map(|person| person.item(&run, around)).collect::<Vec<_>>());
    if page.iter().any(Person::has_extras) {
        let items: Vec<Value> = page.iter().zip(items).map(|(person, item)| person.extended(&item)).collect();
        return Ok(paging.answer(headers, utf8_json(&serde_json::json!({ "items": items })), next));
    }
    Ok(paging.answer(headers, utf8_json(&wire::MeetingParticipants { items }), next))
}

/// The filter of a request for participants.
struct Asked {
    /// The limits of the run's start, if a series is specified.
    began: Option<(Timestamp, Timestamp)>,
    joined: Option<Range<Timestamp>>,
    host_email: Option<String>,
    breakout_session: Option<String>,
    /// In lower case.
    emails: Option<HashSet<String>>,
}

impl Asked {
    /// Reads the parameters; those of the joins may be in the body.
    fn read(query: &Query, joins: &Query, now: Timestamp) -> WebexResult<Self> {
        let refuse = |sentence: &str| Err(WebexError::bad_request(sentence));
        let joined = window(joins, "joinTimeFrom", "joinTimeTo")?;
        if joined.as_ref().is_some_and(|joined| joined.end > joined.start.plus_seconds(MAX_JOIN_SECONDS)) {
            return refuse("'joinTimeTo' must be within 90 days of 'joinTimeFrom'");
        }
        let began = match (instant(query, "meetingStartTimeFrom")?, instant(query, "meetingStartTimeTo")?) {
            (None, None) => None,
            (Some(after), None) => Some((after, months(after, 1).min(now))),
            (None, Some(before)) => Some((months(before, -1), before)),
            (Some(after), Some(before)) => Some((after, before)),
        };
        if began.is_some_and(|(after, before)| after >= before) {
            return refuse("'meetingStartTimeFrom' must be before 'meetingStartTimeTo', and before now");
        }
        let text = |name| query.get(name).map(str::to_owned);
        let (host_email, breakout_session) = (text("hostEmail"), text("breakoutSessionId"));
        Ok(Self { began, joined, host_email, breakout_session, emails: None })
    }

    fn is_hosted(&self, run: &StoredInstance) -> bool {
        let host = run.instance.host_email.as_deref().unwrap_or_default().to_lowercase();
        self.host_email.as_ref().is_none_or(|asked| asked.to_lowercase() == host)
    }

    fn admits(&self, person: &Person) -> bool {
        self.joined.as_ref().is_none_or(|joined| person.joined().is_some_and(|join| joined.contains(&join)))
            && self.breakout_session.as_ref().is_none_or(|session| person.was_in(session))
            && self.emails.as_ref().is_none_or(|emails| person.has_one_of(emails))
    }
}

/// Returns an instant some months later, or earlier if they are negative.
fn months(time: Timestamp, months: i64) -> Timestamp {
    let moved = time.to_jiff().to_zoned_datetime(TimeZone::UTC).checked_add(jiff::Span::new().months(months));
    moved.map_or(time, |moved| Timestamp::from_millis(moved.timestamp().as_millisecond()))
}

/// Gets a participant.
#[utoipa::path(
    get, path = op::GET_MEETING_PARTICIPANT.path, tag = "Meeting Participants",
    operation_id = op::GET_MEETING_PARTICIPANT.id,
    params(
        ("participantId" = String, Path, description = "The participant's id.", example = "560d7b784f5143e3be2fc3064a5c4999_I_204252993233618782_3c2e2338-e950-43bf-b588-573773ee43d1"),
        ("timezone" = Option<String>, Header, description = "IANA name of the time zone of the response. Default: UTC.", example = "UTC"),
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
    let unknown = || WebexError::new(Status::NotFound, format!("unknown 'participantId': {id}"));
    let (run, person) = find_participant(&app, &caller, &id).await?.ok_or_else(unknown)?;
    let item = place.show(|around| person.item(&run, around));
    Ok(if person.has_extras() { utf8_json(&person.extended(&item)) } else { utf8_json(&item) })
}

/// A person with the attendances that one list item shows.
struct Person {
    /// The attendance that was stored first, which determines the item's position in the list.
    first: StoredParticipant,
    others: Vec<StoredParticipant>,
}

impl Person {
    /// Returns the person whose attendance this is. `None` if an earlier row of the person is listed.
    async fn of(app: &App, caller: &Caller, run: &StoredInstance, row: StoredParticipant) -> WebexResult<Option<Self>> {
        if !has_webex_id(&run.instance, &row.participant) {
            return Ok(Some(Self { first: row, others: Vec::new() }));
        }
        let user_id = ParticipantUserId(row.participant.user_id.clone());
        let mut others = app.store.attendances(caller.account, run.id, &user_id).await?;
        if others.iter().any(|other| other.id < row.id) {
            return Ok(None);
        }
        others.retain(|other| other.id != row.id);
        Ok(Some(Self { first: row, others }))
    }

    /// Returns when the person first joined.
    fn joined(&self) -> Option<Timestamp> {
        self.rows().filter_map(|row| row.participant.join_time).min()
    }

    fn has_one_of(&self, emails: &HashSet<String>) -> bool {
        let mut told = self.rows().filter_map(|row| row.participant.email.as_deref());
        told.any(|email| emails.contains(&email.to_lowercase()))
    }

    /// Returns whether the person was in this breakout session.
    fn was_in(&self, session: &str) -> bool {
        let is_it = |id: &Value| id.as_str() == Some(session);
        let reported = self.extended(Value::Object(serde_json::Map::new()));
        let attended = reported["breakoutSessionsAttended"].as_array();
        self.rows().any(|row| row.participant.bo_mtg_id.as_deref() == Some(session))
            || is_it(&reported["breakoutSessionId"])
            || attended.is_some_and(|all| all.iter().any(|one| is_it(&one["id"])))
    }

    fn rows(&self) -> impl Iterator<Item = &StoredParticipant> {
        [&self.first].into_iter().chain(&self.others)
    }

    fn has_extras(&self) -> bool {
        self.rows().any(|row| row.participant.extras.is_some())
    }

    /// Returns the item with values that Webex reported beyond the fields.
    fn extended(&self, item: impl Serialize) -> Value {
        let mut item = serde_json::to_value(item).unwrap_or_default();
        for (index, row) in self.rows().enumerate() {
            let extras = row.participant.extras.as_ref();
            rollcall_extras::apply(extras, PARTICIPANT.name, &mut item);
            if let Some(device) = item.pointer_mut(&format!("/devices/{index}")) {
                rollcall_extras::apply(extras, DEVICE.name, device);
            }
        }
        item
    }

    fn item(&self, run: &StoredInstance, around: &Around<'_>) -> wire::MeetingParticipant {
        let others: Vec<_> = self.others.iter().map(|row| (row.id, &row.participant)).collect();
        participant(&run.instance, (self.first.id, &self.first.participant), &others, around)
    }
}

async fn find_participant(app: &App, caller: &Caller, id: &str) -> WebexResult<Option<(StoredInstance, Person)>> {
    let Some(named) = parse_participant_id(id) else {
        // The id of another series does not specify the run.
        let rows = app.store.attendances_anywhere(caller.account, &ParticipantUserId::from(id)).await?;
        let Some((instance, _)) = rows.last() else { return Ok(None) };
        let run = app.store.instance_by_row(caller.account, *instance).await?;
        let mut rows = rows.iter().filter(|(of, _)| of == instance).map(|(_, row)| row.clone());
        return Ok(run.zip(rows.next()).map(|(run, first)| (run, Person { first, others: rows.collect() })));
    };
    let (ParticipantRef::Row(run, _) | ParticipantRef::Webex(run)) = named;
    let Some(run) = find_run(app, caller, run).await? else { return Ok(None) };
    let found = match named {
        ParticipantRef::Row(_, row) => {
            let before = Some(ParticipantId(row.0.saturating_sub(1)));
            let rows = app.store.list_participants(caller.account, run.id, before, 1).await?;
            rows.into_iter().find(|found| found.id == row).map(|first| Person { first, others: Vec::new() })
        }
        ParticipantRef::Webex(_) => {
            let mut rows = app.store.attendances(caller.account, run.id, &ParticipantUserId::from(id)).await?;
            rows.sort_by_key(|row| row.id);
            let mut rows = rows.into_iter();
            rows.next().map(|first| Person { first, others: rows.collect() })
        }
    };
    Ok(found.map(|found| (run, found)))
}
