//! `/api/v1/queries`: SQL queries that people save and share within their account.

use axum::{
    Json,
    extract::{
        Path, State,
        rejection::{JsonRejection, PathRejection},
    },
    http::StatusCode,
};
use rollcall_auth::Caller;
use rollcall_store::{SavedQueryId, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::operations as op;
use super::{ApiError, ErrorBody, done};
use crate::state::AppState;

/// Maximum length of a name, in bytes.
const MAX_NAME_BYTES: usize = 200;
/// Maximum length of a query, in bytes: that of one that runs.
const MAX_QUERY_BYTES: usize = 64 * 1024;

/// A saved query.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedQuery {
    #[schema(example = 1)]
    id: i64,
    #[schema(example = "Joins by place")]
    name: String,
    #[schema(example = "SELECT location, count(*) AS joins FROM participants GROUP BY 1")]
    query: String,
    #[schema(example = "2026-10-01T09:00:00Z")]
    created_at: String,
}

/// The account's saved queries, by name.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedQueries {
    queries: Vec<SavedQuery>,
}

/// The query to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewQuery {
    /// Its name; unique in the account.
    #[schema(example = "Joins by place", min_length = 1, max_length = 200)]
    name: String,
    /// The SQL. It is checked when it is run.
    #[schema(example = "SELECT location, count(*) AS joins FROM participants GROUP BY 1", min_length = 1)]
    query: String,
}

/// Lists the account's saved queries.
#[utoipa::path(
    get, path = op::LIST_QUERIES.path, tag = "SQL", operation_id = op::LIST_QUERIES.id,
    responses(
        (status = 200, description = "The queries, at most 500.", body = SavedQueries),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
    )
)]
pub(super) async fn list_queries(State(app): State<AppState>, caller: Caller) -> Result<Json<SavedQueries>, ApiError> {
    let queries = app.store.saved_queries(caller.account).await?.into_iter().map(|saved| SavedQuery {
        id: saved.id.0,
        name: saved.name.to_string(),
        query: saved.query.to_string(),
        created_at: saved.created_at.to_string(),
    });
    Ok(Json(SavedQueries { queries: queries.collect() }))
}

/// Saves an SQL query, for everybody who may use SQL in the account.
#[utoipa::path(
    post, path = op::SAVE_QUERY.path, tag = "SQL", operation_id = op::SAVE_QUERY.id,
    request_body(content = NewQuery),
    responses(
        (status = 201, description = "The query.", body = SavedQuery),
        (status = 400, description = "The name or the query is blank or too long.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 409, description = "The name is taken, or the account has 500 saved queries.", body = ErrorBody),
    )
)]
pub(super) async fn save_query(
    State(app): State<AppState>,
    caller: Caller,
    body: Result<Json<NewQuery>, JsonRejection>,
) -> Result<(StatusCode, Json<SavedQuery>), ApiError> {
    let Json(NewQuery { name, query }) = body?;
    let (name, query, now) =
        (checked("name", &name, MAX_NAME_BYTES)?, checked("query", &query, MAX_QUERY_BYTES)?, app.now());
    let saved = app.store.save_query(caller.account, name, query, now).await;
    let SavedQueryId(id) = saved.map_err(|error| match error {
        StoreError::LimitReached { what } => {
            ApiError::new(StatusCode::CONFLICT, format!("The account has {what}: delete one first."))
        }
        error => ApiError::taken(error),
    })?;
    let saved = SavedQuery { id, name: name.into(), query: query.into(), created_at: now.to_string() };
    Ok((StatusCode::CREATED, Json(saved)))
}

fn checked<'t>(field: &str, text: &'t str, max_bytes: usize) -> Result<&'t str, ApiError> {
    let text = text.trim();
    if (1..=max_bytes).contains(&text.len()) {
        Ok(text)
    } else {
        Err(ApiError::new(StatusCode::BAD_REQUEST, format!("`{field}` is 1 to {max_bytes} bytes.")))
    }
}

/// Deletes a saved query.
#[utoipa::path(
    delete, path = op::DELETE_QUERY.path, tag = "SQL", operation_id = op::DELETE_QUERY.id,
    params(("queryId" = i64, Path, description = "The id of the query.", example = 1)),
    responses(
        (status = 204, description = "It is deleted."),
        (status = 400, description = "The id is not a number.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 404, description = "The account has no such query.", body = ErrorBody),
    )
)]
pub(super) async fn delete_query(
    State(app): State<AppState>,
    caller: Caller,
    id: Result<Path<i64>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(id) = id?;
    let found = app.store.delete_query(caller.account, SavedQueryId(id)).await?;
    done(found, || format!("The account has no saved query {id}."))
}
