//! `/api/v1/persons/aliases`: which names belong to one person, as people declared it.

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::StatusCode,
};
use rollcall_auth::Caller;
use rollcall_model::Identifier;
use rollcall_store::PersonAlias;
use serde::{Deserialize, Serialize};

use super::operations as op;
use super::{ApiError, ErrorBody, done, page_size};
use crate::state::AppState;

/// Maximum number of aliases per page.
const MAX_LISTED: usize = 300;

/// Two names of one person.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Merge {
    /// The person, as in `persons` of SQL: `user:ID`, `email:ADDRESS`, `registrant:ID` or `device:NAME|DEVICE`.
    #[schema(example = "user:Zq3hUo2VQ8a0bS7mC1tXyw")]
    person: String,
    /// The name that is the same person.
    #[schema(example = "email:ana@home.example")]
    alias: String,
}

/// A name that stands for a person.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Alias {
    /// The name.
    #[schema(example = "email:ana@home.example")]
    alias: String,
    /// The person.
    #[schema(example = "user:Zq3hUo2VQ8a0bS7mC1tXyw")]
    person: String,
    /// When it was declared.
    #[schema(example = "2026-10-01T09:00:00Z")]
    created_at: String,
}

impl From<PersonAlias> for Alias {
    fn from(PersonAlias { alias, person, created_at }: PersonAlias) -> Self {
        Self { alias: alias.to_string(), person: person.to_string(), created_at: created_at.to_string() }
    }
}

/// Aliases, ordered by name.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Aliases {
    /// One page of them.
    aliases: Vec<Alias>,
    /// Value of `after` for the next page; null on the last page.
    #[schema(example = json!(null))]
    next: Option<String>,
}

/// Parameters of the list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    /// The last alias of the previous page.
    after: Option<String>,
    /// Maximum number.
    #[param(example = 30, minimum = 1, maximum = 300)]
    limit: Option<usize>,
}

/// Lists the account's aliases of persons.
#[utoipa::path(
    get, path = op::LIST_PERSON_ALIASES.path, tag = "Persons", operation_id = op::LIST_PERSON_ALIASES.id,
    params(Listed),
    responses(
        (status = 200, description = "A page of aliases.", body = Aliases),
        (status = 400, description = "A parameter is wrong.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
    )
)]
pub(super) async fn list_aliases(
    State(app): State<AppState>,
    caller: Caller,
    listed: Result<Query<Listed>, QueryRejection>,
) -> Result<Json<Aliases>, ApiError> {
    let Query(Listed { after, limit }) = listed?;
    let limit = page_size(limit, 30, MAX_LISTED)?;
    let found = app.store.person_aliases(caller.account, after.as_deref(), limit).await?;
    let next = found.last().map(|last| last.alias.to_string()).filter(|_| found.len() == limit);
    Ok(Json(Aliases { aliases: found.into_iter().map(Alias::from).collect(), next }))
}

/// Declares that two names belong to one person.
///
/// From then on, reports, SQL and erasures treat them as one. The names need not be known yet.
#[utoipa::path(
    post, path = op::MERGE_PERSONS.path, tag = "Persons", operation_id = op::MERGE_PERSONS.id,
    request_body(content = Merge),
    responses(
        (status = 200, description = "The alias. If a given name was an alias already, its person is meant.", body = Alias),
        (status = 400, description = "A name is not one.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 409, description = "Both are the same person already.", body = ErrorBody),
    )
)]
pub(super) async fn merge_persons(
    State(app): State<AppState>,
    caller: Caller,
    merge: Result<Json<Merge>, JsonRejection>,
) -> Result<Json<Alias>, ApiError> {
    let Json(merge) = merge?;
    let (person, alias) = (name("person", &merge.person)?, name("alias", &merge.alias)?);
    let merged = app.store.merge_persons(caller.account, &person, &alias, app.now()).await;
    Ok(Json(merged.map_err(ApiError::taken)?.into()))
}

/// Lifts an alias, so that the name is a person of its own again.
#[utoipa::path(
    delete, path = op::SPLIT_PERSON.path, tag = "Persons", operation_id = op::SPLIT_PERSON.id,
    params(("alias" = String, Path, description = "The alias, percent-encoded.", example = "email:ana@home.example")),
    responses(
        (status = 204, description = "It is lifted."),
        (status = 400, description = "The name is not one.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 404, description = "The account has no such alias.", body = ErrorBody),
    )
)]
pub(super) async fn split_person(
    State(app): State<AppState>,
    caller: Caller,
    alias: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(alias) = alias?;
    let found = app.store.split_person(caller.account, &name("alias", &alias)?).await?;
    done(found, || format!("The account has no alias {alias}."))
}

fn name(field: &str, text: &str) -> Result<Identifier, ApiError> {
    text.parse().map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, format!("`{field}`: {error}.")))
}
