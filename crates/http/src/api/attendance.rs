//! `/api/v1/instances/{id}/attendance`: how long each person attended.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Extension, Json,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::StatusCode,
};
use rollcall_auth::Caller;
use rollcall_model::{InstanceId, InstanceRef, InstanceUuid, Participant, ParticipantId, Text, Timestamp};
use rollcall_people::{Attendances, Attended, Known};
use rollcall_store::{InstanceVersion, LentParticipant, ParticipantVisitor, StoredInstance, visit_participants};
use serde::{Deserialize, Serialize};

use super::operations as op;
use super::{ApiError, ErrorBody, page_size};
use crate::state::{App, AppState};

const DEFAULT_PAGE_SIZE: usize = 30;
const MAX_PAGE_SIZE: usize = 1_000;
/// Participants read at a time.
const PER_READ: usize = 5_000;
/// Instances whose attendance is kept for the next pages.
const KEPT: usize = 4;
/// For how long, in seconds: aliases and logins may have changed.
const KEPT_SECONDS: i64 = 60;

/// What an attendance was computed from.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Basis {
    instance: InstanceId,
    version: Option<InstanceVersion>,
}

/// An attendance, with what it was computed from and when.
type Computed = (Basis, Timestamp, Arc<Vec<Attended>>);

/// The attendances of the instances that were asked for last: their pages need not compute them again.
#[derive(Default)]
pub(super) struct Recent(Mutex<VecDeque<Computed>>);

impl Recent {
    fn get(&self, basis: Basis, now: Timestamp) -> Option<Arc<Vec<Attended>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(_, at, _)| at.plus_seconds(KEPT_SECONDS) > now);
        kept.iter().find(|(of, ..)| *of == basis).map(|(.., all)| Arc::clone(all))
    }

    fn put(&self, basis: Basis, now: Timestamp, all: Arc<Vec<Attended>>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, ..)| of.instance != basis.instance);
        kept.push_back((basis, now, all));
        if kept.len() > KEPT {
            kept.pop_front();
        }
    }
}

/// Parameters of the list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    /// Only persons who attended at least this share of the instance, from 0 to 1.
    #[param(example = 0.8, minimum = 0, maximum = 1)]
    min_share: Option<f64>,
    /// Number of persons of the previous pages.
    #[param(example = 0, minimum = 0)]
    #[serde(default)]
    offset: usize,
    /// Maximum number.
    #[param(example = 30, minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// The attendance of an instance.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Attendance {
    /// UUID of the instance.
    #[schema(example = "gm8s9L+PTEC+FG3sFbd1Cw==")]
    instance_uuid: String,
    /// When it began; null if unknown.
    #[schema(example = "2026-10-01T09:00:00Z")]
    start_time: Option<String>,
    /// When it ended; null while it is live, or if unknown.
    #[schema(example = "2026-10-01T10:00:00Z")]
    end_time: Option<String>,
    /// Number of persons that match, on all pages.
    #[schema(example = 1)]
    persons_count: usize,
    /// One page of them, in the order in which they were first seen.
    persons: Vec<PersonAttendance>,
    /// Value of `offset` for the next page; null on the last page.
    #[schema(example = json!(null))]
    next: Option<usize>,
}

/// One person's attendance.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct PersonAttendance {
    /// The person, as in `persons` of SQL. Names that begin with `guest:` or `alone:` are known in this instance only.
    #[schema(example = "email:ana@example.com")]
    person: String,
    /// Latest display name; null if none is known.
    #[schema(example = "Ana Berg")]
    name: Option<String>,
    /// Latest address; null if none is known.
    #[schema(example = "ana@example.com")]
    email: Option<String>,
    /// Why these attendances are regarded as one person's: `login`, `address`, `registration`, `device`, `guest` (same
    /// name and network address), `alias` (declared by hand), or `alone` for a single attendance of an unknown person.
    #[schema(example = json!(["address"]))]
    reasons: Vec<&'static str>,
    /// Number of joins, without moves to breakout rooms.
    #[schema(example = 2)]
    joins: u64,
    /// When the person first joined.
    #[schema(example = "2026-10-01T09:01:00Z")]
    first_join_time: Option<String>,
    /// When the person last left; null while there, or if unknown.
    #[schema(example = "2026-10-01T10:00:00Z")]
    last_leave_time: Option<String>,
    /// How long the person was there, in seconds. Time with several devices counts once, waiting does not count.
    #[schema(example = 3300)]
    attended_seconds: i64,
    /// The attended share of the instance, from 0 to 1; null if its length is unknown.
    #[schema(example = 0.916)]
    share: Option<f64>,
}

/// Returns how long each person attended an instance: rejoins, devices and stays in breakout rooms together.
#[utoipa::path(
    get, path = op::GET_ATTENDANCE.path, tag = "Persons", operation_id = op::GET_ATTENDANCE.id,
    params(
        ("instanceId" = String, Path, description = "The instance's UUID, percent-encoded once or twice."),
        Listed
    ),
    responses(
        (status = 200, description = "A page of persons.", body = Attendance),
        (status = 400, description = "The id or a parameter is wrong.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 404, description = "The account has no such instance.", body = ErrorBody),
    )
)]
pub(super) async fn get_attendance(
    State(app): State<AppState>,
    Extension(recent): Extension<Arc<Recent>>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
    listed: Result<Query<Listed>, QueryRejection>,
) -> Result<Json<Attendance>, ApiError> {
    let (Path(id), Query(listed)) = (id?, listed?);
    let wrong = |message: String| ApiError::new(StatusCode::BAD_REQUEST, message);
    let limit = page_size(listed.limit, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)?;
    let min_share = listed.min_share.unwrap_or(0.0);
    if !(0.0..=1.0).contains(&min_share) {
        return Err(wrong("`min_share` is 0 to 1.".to_owned()));
    }
    let uuid: InstanceUuid = match rollcall_zoom::path::decode_id(&id).parse::<InstanceRef>() {
        Ok(InstanceRef::Uuid(uuid)) => uuid,
        _ => return Err(wrong(format!("`{id}` is not the UUID of an instance."))),
    };
    let found = app.store.instance_by_uuid(caller.account, &uuid).await?;
    let found =
        found.ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, format!("The account has no instance {uuid}.")))?;

    let now = app.now();
    let version = app.store.instance_version(caller.account, found.id).await?;
    let basis = Basis { instance: found.id, version };
    let all = match recent.get(basis, now) {
        Some(all) => all,
        None => {
            let all = Arc::new(attendance_of(&app, &caller, &found, now).await?);
            recent.put(basis, now, Arc::clone(&all));
            all
        }
    };
    let (start, end) = (found.instance.start_time, found.instance.end_time);
    let length = start.map(|start| end.unwrap_or(now).millis_since(start)).filter(|length| *length > 0);
    let share = |one: &Attended| length.map(|length| (one.attended_ms as f64 / length as f64).min(1.0));
    let matching: Vec<&Attended> =
        all.iter().filter(|one| min_share == 0.0 || share(one).is_some_and(|share| share >= min_share)).collect();
    let shown = matching.iter().skip(listed.offset).take(limit);
    let persons = shown.map(|one| PersonAttendance {
        person: one.person.to_string(),
        name: one.name.as_ref().map(ToString::to_string),
        email: one.email.as_ref().map(ToString::to_string),
        reasons: one.reasons.iter().map(|reason| reason.as_str()).collect(),
        joins: one.joins,
        first_join_time: one.first_join.map(|time| time.to_string()),
        last_leave_time: one.last_leave.map(|time| time.to_string()),
        attended_seconds: one.attended_ms / 1000,
        share: share(one).map(|share| (share * 1000.0).round() / 1000.0),
    });
    let shown_until = listed.offset.saturating_add(limit);
    Ok(Json(Attendance {
        instance_uuid: uuid.to_string(),
        start_time: start.map(|time| time.to_string()),
        end_time: end.map(|time| time.to_string()),
        persons_count: matching.len(),
        persons: persons.collect(),
        next: (shown_until < matching.len()).then_some(shown_until),
    }))
}

/// An instance's attendances.
struct Gathered {
    attendances: Attendances,
    /// How many rows there were, and the last of them.
    rows: usize,
    last: Option<ParticipantId>,
}

impl ParticipantVisitor for Gathered {
    fn visit(&mut self, id: ParticipantId, lent: &LentParticipant<'_>) {
        let text = |bytes: Option<&[u8]>| bytes.and_then(|bytes| Text::from_utf8(bytes).ok());
        self.attendances.add(&Participant {
            user_id: text(Some(lent.user_id)).unwrap_or_default(),
            id: text(lent.id),
            participant_user_id: text(lent.participant_user_id),
            email: text(lent.email),
            registrant_id: text(lent.registrant_id),
            user_name: text(lent.user_name),
            mac_addr: text(lent.mac_addr),
            harddisk_id: text(lent.harddisk_id),
            ip_address: text(lent.ip_address),
            status: text(lent.status),
            bo_mtg_id: text(lent.bo_mtg_id),
            join_time: lent.join_time,
            leave_time: lent.leave_time,
            ..Participant::default()
        });
        self.rows += 1;
        self.last = Some(id);
    }
}

/// Computes the attendance of each person of an instance.
async fn attendance_of(
    app: &App,
    caller: &Caller,
    instance: &StoredInstance,
    now: Timestamp,
) -> Result<Vec<Attended>, ApiError> {
    let attendances = Attendances::of(instance.instance.uuid.clone());
    let mut gathered = Gathered { attendances, rows: 0, last: None };
    loop {
        let before = gathered.rows;
        let (store, after) = (&*app.store, gathered.last);
        gathered = visit_participants(store, caller.account, instance.id, after, PER_READ, gathered).await?;
        if gathered.rows - before < PER_READ {
            break;
        }
    }
    let attendances = gathered.attendances;
    let mut known = Known::default();
    let addresses: BTreeSet<&str> = attendances.addresses().collect();
    let addresses: Vec<Text> = addresses.into_iter().map(Text::from).collect();
    known.logins = app.store.logins_of(caller.account, &addresses).await?;
    // Most accounts have none.
    if !app.store.person_aliases(caller.account, None, 1).await?.is_empty() {
        let logins = known.logins.values().map(|id| Text::from(format!("user:{id}")));
        let names: BTreeSet<Text> = attendances.names().cloned().chain(logins).collect();
        known.aliases = app.store.persons_of(caller.account, &names.into_iter().collect::<Vec<_>>()).await?;
    }
    let until = instance.instance.end_time.or(Some(now));
    // Tens of thousands of people take some time.
    let computed = tokio::task::spawn_blocking(move || attendances.by_person(&known, until)).await;
    computed.map_err(|error| ApiError::from(rollcall_store::StoreError::backend("attendance", error)))
}
