//! `/api/v1/erasures`: one person erased everywhere, and what came of it.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rollcall_auth::Caller;
use rollcall_lifecycle::erasure::{Eraser, Person};
use rollcall_model::Identifier;
use rollcall_store::{ErasedRows, ErasureId, IdentityLink, StoreError};
use serde::{Deserialize, Serialize};

use super::operations as op;
use super::{ApiError, ErrorBody};
use crate::state::AppState;

/// How many names of a person are taken at a time.
const MAX_NAMES: usize = 100;
/// How many erasures are listed at a time.
const MAX_LISTED: usize = 300;
/// When to try again if too many are unfinished, in seconds.
const RETRY_SECONDS: u32 = 10;

/// Who is meant.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Who {
    /// What names the person, as `persons` of SQL does: `email:ADDRESS`, `user:ID` with the id of a user or participant,
    /// `registrant:ID`. Several are one person's. A display name is nobody's own.
    #[schema(example = json!(["email:ana@example.com"]), min_items = 1, max_items = 100)]
    persons: Vec<String>,
}

/// Who is to be erased.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Erase {
    /// What names the person, as `persons` of SQL does: `email:ADDRESS`, `user:ID` with the id of a user or participant,
    /// `registrant:ID`. Several are one person's. A display name is nobody's own.
    #[schema(example = json!(["email:ana@example.com"]), min_items = 1, max_items = 100)]
    persons: Vec<String>,
    /// The logins that the erasure may touch, if it would touch more than one: the `logins` of the preview or of the 409
    /// answer.
    #[serde(default)]
    #[schema(example = json!([]), max_items = 100)]
    confirm_logins: Vec<String>,
}

/// Reads identifiers of the body's field `field`.
fn identifiers(field: &str, texts: &[String]) -> Result<BTreeSet<Identifier>, ApiError> {
    let wrong = |message: String| ApiError::new(StatusCode::BAD_REQUEST, message);
    if texts.len() > MAX_NAMES {
        return Err(wrong(format!("`{field}` takes at most {MAX_NAMES} names.")));
    }
    let parse =
        |(place, text): (usize, &String)| text.parse().map_err(|error| wrong(format!("`{field}[{place}]`: {error}.")));
    texts.iter().enumerate().map(parse).collect()
}

/// Reads whom `persons` names.
fn persons(texts: &[String]) -> Result<BTreeSet<Identifier>, ApiError> {
    if texts.is_empty() {
        let message = format!("`persons` takes 1 to {MAX_NAMES} names of one person.");
        return Err(ApiError::new(StatusCode::BAD_REQUEST, message));
    }
    identifiers("persons", texts)
}

/// Why a name is taken for the person's.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Link {
    /// The name that was known before.
    #[schema(example = "email:ana@example.com")]
    known: String,
    /// The name that the record adds.
    #[schema(example = "user:Zq3hUo2VQ8a0bS7mC1tXyw")]
    learnt: String,
    /// The record that carries both.
    #[schema(example = "a user of the account")]
    record: String,
    /// Who reported the record: `vendor`, `operator` or `lines`. Pages link nobody.
    #[schema(example = "operator")]
    source: String,
}

impl From<&IdentityLink> for Link {
    fn from(IdentityLink { known, learnt, record, source }: &IdentityLink) -> Self {
        let (known, learnt) = (known.to_string(), learnt.to_string());
        Self { known, learnt, record: record.to_string(), source: source.to_string() }
    }
}

/// Why an erasure was not begun: it would touch several logins.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Unconfirmed {
    /// What to do.
    message: String,
    /// The logins that it would touch. Send them as `confirm_logins` if all of them are the person's.
    #[schema(example = json!(["user:Zq3hUo2VQ8a0bS7mC1tXyw", "user:bB7mC1tXywZq3hUo2VQ8a0"]))]
    logins: Vec<String>,
    /// Why they are taken for one person's.
    links: Vec<Link>,
}

fn spelled(identifiers: &BTreeSet<Identifier>) -> Vec<String> {
    identifiers.iter().map(ToString::to_string).collect()
}

fn links(person: &Person) -> Vec<Link> {
    person.links.iter().map(Link::from).collect()
}

/// What an erasure would be about.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Preview {
    /// Whatever names the person: what was given, and what users, attendances and meetings tell besides.
    #[schema(example = json!(["email:ana@example.com", "user:Zq3hUo2VQ8a0bS7mC1tXyw"]))]
    persons: Vec<String>,
    /// Which of them are logins. If there are several, the erasure has to confirm them.
    #[schema(example = json!(["user:Zq3hUo2VQ8a0bS7mC1tXyw"]))]
    logins: Vec<String>,
    /// Why each name that was not given is taken for the person's.
    links: Vec<Link>,
    /// How many rows of which kind would be blanked or deleted.
    #[schema(example = json!({"participants": 14, "users": 1}))]
    would_be_erased: ErasedRows,
}

/// An erasure. It does not tell who that was.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Erasure {
    /// Names it.
    #[schema(example = 1)]
    id: i64,
    /// When it was asked for. What is from before that is erased, and stays so whatever is told again.
    #[schema(example = "2026-10-01T09:00:00Z")]
    at: String,
    /// When all that was stored then was erased from the database; null while that goes on.
    #[schema(example = "2026-10-01T09:00:04Z")]
    finished_at: Option<String>,
    /// Whether nothing is left, in the database and in the archive.
    complete: bool,
    /// How many rows of which kind were blanked or deleted so far.
    #[schema(example = json!({"participants": 14, "users": 1}))]
    erased: ErasedRows,
    /// How many files of the archive held rows of the person.
    #[schema(example = 6)]
    files: u64,
    /// How many of these are still to be replaced.
    #[schema(example = 0)]
    files_left: u64,
}

impl From<rollcall_store::Erasure> for Erasure {
    fn from(erasure: rollcall_store::Erasure) -> Self {
        let complete = erasure.is_complete();
        let rollcall_store::Erasure { id, account: _, at, finished_at, rows, files, files_left } = erasure;
        let (at, finished_at) = (at.to_string(), finished_at.map(|at| at.to_string()));
        Self { id: id.0, at, finished_at, complete, erased: rows, files, files_left }
    }
}

/// Erasures, oldest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Erasures {
    /// Some of them.
    erasures: Vec<Erasure>,
    /// What `after` takes to go on; null where there are no more.
    next: Option<i64>,
}

/// Which erasures.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    /// The last erasure of the page before.
    #[param(example = 0, minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    #[serde(default)]
    after: i64,
    /// How many at most.
    #[param(example = 30, minimum = 1, maximum = 300)]
    limit: Option<usize>,
}

/// Looks for all that is stored of a person, and erases nothing.
///
/// What an erasure would be about: by what the person is named besides, and how many rows of which kind would go. Look at it
/// before you erase.
#[utoipa::path(
    post, path = op::PREVIEW_ERASURE.path, tag = "Erasures", operation_id = op::PREVIEW_ERASURE.id,
    request_body(content = Who),
    responses(
        (status = 200, description = "Whom it would be about, and what would go.", body = Preview),
        (status = 400, description = "Nobody is named, or in another way than it takes.", body = ErrorBody),
        (status = 415, description = "The request does not say that its body is JSON.", body = ErrorBody),
        (status = 401, description = "No access token, or one that has ended.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
    )
)]
pub(super) async fn preview_erasure(
    State(app): State<AppState>,
    caller: Caller,
    who: Result<Json<Who>, JsonRejection>,
) -> Result<Json<Preview>, ApiError> {
    let Json(who) = who?;
    let person = eraser(&app).find(caller.account, &persons(&who.persons)?).await?;
    let (persons, logins, links) = (spelled(&person.identifiers), spelled(&person.logins), links(&person));
    Ok(Json(Preview { persons, logins, links, would_be_erased: person.rows }))
}

/// Erases one person everywhere in the account, the archive included. There is no way back.
///
/// An erasure that would touch more than one login is refused with 409 until `confirm_logins` names all of them; the answer
/// says why they are taken for one person's.
///
/// The answer comes when the erasure is durably noted: from then on nothing of the person that is from before it comes in
/// any more, whatever is delivered or imported again. What is stored is erased right after that; ask for the erasure until
/// it is `complete`. How good meetings were, and how many took part, stays known.
#[utoipa::path(
    post, path = op::ERASE_PERSON.path, tag = "Erasures", operation_id = op::ERASE_PERSON.id,
    request_body(content = Erase),
    responses(
        (status = 202, description = "The erasure, which goes on; `Location` says where to ask for it.", body = Erasure),
        (status = 400, description = "Nobody is named, or in another way than it takes.", body = ErrorBody),
        (status = 415, description = "The request does not say that its body is JSON.", body = ErrorBody),
        (status = 401, description = "No access token, or one that has ended.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 409, description = "It would touch several logins; nothing was erased.", body = Unconfirmed),
        (status = 429, description = "Too many of the account's erasures are not finished yet.", body = ErrorBody),
    )
)]
pub(super) async fn erase_person(
    State(app): State<AppState>,
    caller: Caller,
    erase: Result<Json<Erase>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(erase) = erase?;
    let confirmed = identifiers("confirm_logins", &erase.confirm_logins)?;
    let person = eraser(&app).find(caller.account, &persons(&erase.persons)?).await?;
    if !person.unconfirmed(&confirmed).is_empty() {
        let message = "Nothing was erased: the names lead to several logins. If all of them are this person's, send the \
                       request again with these `logins` as `confirm_logins`.";
        let (logins, links) = (spelled(&person.logins), links(&person));
        let body = Unconfirmed { message: message.to_owned(), logins, links };
        return Ok((StatusCode::CONFLICT, Json(body)).into_response());
    }
    let mut key = [0; 32];
    app.entropy.fill(&mut key);
    let begun = eraser(&app).begin(caller.account, &person.identifiers, key).await;
    let id = begun.map_err(|error| match error {
        StoreError::LimitReached { what } => ApiError::busy(&format!("Try again later: {what}."), RETRY_SECONDS),
        error => error.into(),
    })?;
    app.erasing.notify_one();
    let erasure = app.store.find_erasure(caller.account, id).await?.ok_or_else(|| unknown(id.0))?;
    let mut response = (StatusCode::ACCEPTED, Json(Erasure::from(erasure))).into_response();
    if let Ok(location) = HeaderValue::try_from(format!("/api/v1/erasures/{}", id.0)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// Lists the account's erasures, oldest first.
///
/// None of them tells who was erased.
#[utoipa::path(
    get, path = op::LIST_ERASURES.path, tag = "Erasures", operation_id = op::LIST_ERASURES.id,
    params(Listed),
    responses(
        (status = 200, description = "Erasures.", body = Erasures),
        (status = 400, description = "A parameter is wrong.", body = ErrorBody),
        (status = 401, description = "No access token, or one that has ended.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
    )
)]
pub(super) async fn list_erasures(
    State(app): State<AppState>,
    caller: Caller,
    listed: Result<Query<Listed>, QueryRejection>,
) -> Result<Json<Erasures>, ApiError> {
    let Query(Listed { after, limit }) = listed?;
    let limit = limit.unwrap_or(30);
    if !(1..=MAX_LISTED).contains(&limit) {
        return Err(ApiError::new(StatusCode::BAD_REQUEST, format!("`limit` is 1 to {MAX_LISTED}.")));
    }
    if after < 0 {
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "`after` is 0 or the `next` of the page before."));
    }
    let found = app.store.erasures(Some(caller.account), ErasureId(after), limit).await?;
    let next = found.last().map(|last| last.id.0).filter(|_| found.len() == limit);
    Ok(Json(Erasures { erasures: found.into_iter().map(Erasure::from).collect(), next }))
}

/// Tells how far an erasure has come.
///
/// `complete` says that nothing is left of the person, in the database and in the archive.
#[utoipa::path(
    get, path = op::GET_ERASURE.path, tag = "Erasures", operation_id = op::GET_ERASURE.id,
    params(("erasureId" = i64, Path, description = "The erasure's id.", example = 1)),
    responses(
        (status = 200, description = "The erasure.", body = Erasure),
        (status = 401, description = "No access token, or one that has ended.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 400, description = "The id is no number.", body = ErrorBody),
        (status = 404, description = "There is no such erasure in the account.", body = ErrorBody),
    )
)]
pub(super) async fn get_erasure(
    State(app): State<AppState>,
    caller: Caller,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Json<Erasure>, ApiError> {
    let Path(id) = id?;
    let erasure = app.store.find_erasure(caller.account, ErasureId(id)).await?.ok_or_else(|| unknown(id))?;
    Ok(Json(erasure.into()))
}

fn eraser(app: &AppState) -> Eraser {
    Eraser::new(app.store.clone(), app.clock.clone())
}

fn unknown(id: i64) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, format!("There is no erasure {id} in this account."))
}
