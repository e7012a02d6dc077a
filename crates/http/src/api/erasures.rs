//! `/api/v1/erasures`: erasing one person everywhere.

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
use rollcall_model::{Identifier, draw};
use rollcall_store::{ErasedRows, ErasureId, IdentityLink, StoreError};
use serde::{Deserialize, Serialize};

use super::operations as op;
use super::{ApiError, ErrorBody, page_size};
use crate::state::AppState;

/// Maximum number of names of a person per request.
const MAX_NAMES: usize = 100;
/// Maximum number of erasures per page.
const MAX_LISTED: usize = 300;
/// Retry interval if there are too many unfinished erasures, in seconds.
const RETRY_SECONDS: u32 = 10;

/// The person.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Who {
    /// Identifiers of the person, as in `persons` of SQL: `email:ADDRESS`, `user:ID` with the id of a user or
    /// participant, `registrant:ID`. All of them belong to one person. A display name identifies nobody.
    #[schema(example = json!(["email:ana@example.com"]), min_items = 1, max_items = 100)]
    persons: Vec<String>,
}

/// The person to erase.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Erase {
    /// Identifiers of the person, as in `persons` of SQL: `email:ADDRESS`, `user:ID` with the id of a user or
    /// participant, `registrant:ID`. All of them belong to one person. A display name identifies nobody.
    #[schema(example = json!(["email:ana@example.com"]), min_items = 1, max_items = 100)]
    persons: Vec<String>,
    /// The logins that may be erased, if there are several: `logins` of the preview or of the 409 response.
    #[serde(default)]
    #[schema(example = json!([]), max_items = 100)]
    confirm_logins: Vec<String>,
}

/// Parses the identifiers in field `field` of the body.
fn identifiers(field: &str, texts: &[String]) -> Result<BTreeSet<Identifier>, ApiError> {
    let wrong = |message: String| ApiError::new(StatusCode::BAD_REQUEST, message);
    if texts.len() > MAX_NAMES {
        return Err(wrong(format!("`{field}` accepts at most {MAX_NAMES} names.")));
    }
    let parse =
        |(place, text): (usize, &String)| text.parse().map_err(|error| wrong(format!("`{field}[{place}]`: {error}.")));
    texts.iter().enumerate().map(parse).collect()
}

/// Parses the identifiers in `persons`.
fn persons(texts: &[String]) -> Result<BTreeSet<Identifier>, ApiError> {
    if texts.is_empty() {
        let message = format!("`persons` must contain 1 to {MAX_NAMES} names of one person.");
        return Err(ApiError::new(StatusCode::BAD_REQUEST, message));
    }
    identifiers("persons", texts)
}

/// Why an identifier is regarded as the person's.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Link {
    /// The identifier that was known before.
    #[schema(example = "email:ana@example.com")]
    known: String,
    /// The identifier that the record adds.
    #[schema(example = "user:Zq3hUo2VQ8a0bS7mC1tXyw")]
    learnt: String,
    /// The record that has both.
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

/// Why an erasure was rejected: it would erase several logins.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Unconfirmed {
    /// What to do.
    message: String,
    /// The logins that would be erased. Send them as `confirm_logins` if all of them belong to the person.
    #[schema(example = json!(["user:Zq3hUo2VQ8a0bS7mC1tXyw", "user:bB7mC1tXywZq3hUo2VQ8a0"]))]
    logins: Vec<String>,
    /// Why they are regarded as one person's.
    links: Vec<Link>,
}

fn spelled(identifiers: &BTreeSet<Identifier>) -> Vec<String> {
    identifiers.iter().map(ToString::to_string).collect()
}

fn links(person: &Person) -> Vec<Link> {
    person.links.iter().map(Link::from).collect()
}

/// A preview of an erasure.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Preview {
    /// All identifiers of the person: the given ones, and those linked to them by users, attendances and meetings.
    #[schema(example = json!(["email:ana@example.com", "user:Zq3hUo2VQ8a0bS7mC1tXyw"]))]
    persons: Vec<String>,
    /// Those that are logins. If there are several, the erasure must confirm them.
    #[schema(example = json!(["user:Zq3hUo2VQ8a0bS7mC1tXyw"]))]
    logins: Vec<String>,
    /// Why each identifier that was not given is regarded as the person's.
    links: Vec<Link>,
    /// Number of rows of each kind that would be blanked or deleted.
    #[schema(example = json!({"participants": 14, "users": 1}))]
    would_be_erased: ErasedRows,
}

/// An erasure. It does not identify the person.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Erasure {
    /// Its id.
    #[schema(example = 1)]
    id: i64,
    /// When it was requested. Data from before that time is erased, and stays erased even if it is reported again.
    #[schema(example = "2026-10-01T09:00:00Z")]
    at: String,
    /// When the data stored at that time had been erased from the database; null until then.
    #[schema(example = "2026-10-01T09:00:04Z")]
    finished_at: Option<String>,
    /// Whether nothing is left, in the database and in the archive.
    complete: bool,
    /// Number of rows of each kind that have been blanked or deleted.
    #[schema(example = json!({"participants": 14, "users": 1}))]
    erased: ErasedRows,
    /// Number of archive files that contained rows of the person.
    #[schema(example = 6)]
    files: u64,
    /// Number of these files that remain to be replaced.
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
    /// One page of them.
    erasures: Vec<Erasure>,
    /// Value of `after` for the next page; null on the last page.
    next: Option<i64>,
}

/// Parameters of the list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    /// The last erasure of the previous page.
    #[param(example = 0, minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    #[serde(default)]
    after: i64,
    /// Maximum number.
    #[param(example = 30, minimum = 1, maximum = 300)]
    limit: Option<usize>,
}

/// Previews an erasure, and erases nothing.
///
/// Returns all identifiers of the person, and the number of rows of each kind that would be erased. Check it before you
/// erase.
#[utoipa::path(
    post, path = op::PREVIEW_ERASURE.path, tag = "Erasures", operation_id = op::PREVIEW_ERASURE.id,
    request_body(content = Who),
    responses(
        (status = 200, description = "Who and what would be erased.", body = Preview),
        (status = 400, description = "No person is specified, or in an invalid form.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
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

/// Erases one person everywhere in the account, including the archive. This cannot be undone.
///
/// An erasure that covers more than one login is rejected with 409 until `confirm_logins` lists all of them; the
/// response says why they are regarded as one person's.
///
/// The response is sent when the erasure is recorded durably. From then on, no data about the person from before it is
/// stored, even if it is delivered or imported again. Stored data is erased right after that; poll the erasure until it
/// is `complete`. Quality and numbers of participants are kept.
#[utoipa::path(
    post, path = op::ERASE_PERSON.path, tag = "Erasures", operation_id = op::ERASE_PERSON.id,
    request_body(content = Erase),
    responses(
        (status = 202, description = "The erasure, which continues in the background; `Location` is its URL.", body = Erasure),
        (status = 400, description = "No person is specified, or in an invalid form.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 409, description = "Several logins would be erased; nothing was erased.", body = Unconfirmed),
        (status = 429, description = "The account has too many unfinished erasures.", body = ErrorBody),
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
    let begun = eraser(&app).begin(caller.account, &person.identifiers, draw(&*app.entropy)).await;
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
/// They do not identify the erased persons.
#[utoipa::path(
    get, path = op::LIST_ERASURES.path, tag = "Erasures", operation_id = op::LIST_ERASURES.id,
    params(Listed),
    responses(
        (status = 200, description = "Erasures.", body = Erasures),
        (status = 400, description = "A parameter is wrong.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
    )
)]
pub(super) async fn list_erasures(
    State(app): State<AppState>,
    caller: Caller,
    listed: Result<Query<Listed>, QueryRejection>,
) -> Result<Json<Erasures>, ApiError> {
    let Query(Listed { after, limit }) = listed?;
    let limit = page_size(limit, 30, MAX_LISTED)?;
    if after < 0 {
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "`after` must be 0 or the `next` of the previous page."));
    }
    let found = app.store.erasures(Some(caller.account), ErasureId(after), limit).await?;
    let next = found.last().map(|last| last.id.0).filter(|_| found.len() == limit);
    Ok(Json(Erasures { erasures: found.into_iter().map(Erasure::from).collect(), next }))
}

/// Returns the progress of an erasure.
///
/// `complete` means that nothing is left of the person, in the database and in the archive.
#[utoipa::path(
    get, path = op::GET_ERASURE.path, tag = "Erasures", operation_id = op::GET_ERASURE.id,
    params(("erasureId" = i64, Path, description = "The erasure's id.", example = 1)),
    responses(
        (status = 200, description = "The erasure.", body = Erasure),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 400, description = "The id is not a number.", body = ErrorBody),
        (status = 404, description = "The account has no such erasure.", body = ErrorBody),
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
    ApiError::new(StatusCode::NOT_FOUND, format!("The account has no erasure {id}."))
}
