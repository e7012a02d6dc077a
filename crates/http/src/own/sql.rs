//! `POST /api/v1/sql`: one account's tables, asked in SQL.

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rollcall_sql::{Format, Limits, Printer, SqlError, Value};
use serde::Deserialize;

use super::{ErrorBody, OwnError};
use crate::{auth::Caller, state::AppState};

/// A question.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    /// One SELECT. `rollcall sql --schema` prints the tables.
    #[schema(example = "SELECT location, count(*) AS joins FROM participants WHERE join_time >= ? GROUP BY 1")]
    query: String,
    /// Values for its `?`, in order.
    #[serde(default)]
    #[schema(example = json!(["2026-10-01"]))]
    values: Vec<Parameter>,
}

/// A value for a `?`.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
enum Parameter {
    Integer(i64),
    Real(f64),
    Text(String),
    Null(()),
}

impl From<Parameter> for Value {
    fn from(parameter: Parameter) -> Self {
        match parameter {
            Parameter::Null(()) => Self::Null,
            Parameter::Integer(number) => Self::Integer(number),
            Parameter::Real(number) => Self::Real(number),
            Parameter::Text(text) => Self::Text(text),
        }
    }
}

/// An answer.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "only described: rows are printed as they are read")]
pub(super) struct Answer {
    /// The names of the columns.
    columns: Vec<String>,
    /// A value for each column: text, a number, or null. Blobs are text in hexadecimal.
    rows: Vec<Vec<Option<String>>>,
}

/// Asks in SQL, read-only, over the account's meetings, instances, participants, tracking codes, …
///
/// At most 100,000 rows, 16 MiB of values, ten seconds, and 256 MiB of memory for what is sorted, grouped and joined: what
/// passes a limit is stopped with an error that says which.
/// `Accept: text/csv` and `Accept: application/x-ndjson` answer in those forms.
#[utoipa::path(
    post, path = "/api/v1/sql", tag = "SQL", operation_id = "askInSql",
    request_body(content = Question),
    responses(
        (status = 200, description = "The rows.", body = Answer),
        (status = 400, description = "The query cannot be run, would change something, or passed a limit.", body = ErrorBody),
        (status = 401, description = "No access token, or one that has ended.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
    )
)]
pub(super) async fn ask(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    question: Result<Json<Question>, JsonRejection>,
) -> Result<Response, OwnError> {
    let Json(Question { query, values }) = question?;
    let queries = app.queries.as_ref().ok_or_else(|| {
        OwnError::new(StatusCode::NOT_IMPLEMENTED, "This server's database is not in a file that SQL could read.")
    })?;
    let (format, content_type) = form(&headers);
    let values = values.into_iter().map(Value::from).collect();
    let printer = Printer::new(format, Vec::new());
    let printer = queries.run(caller.account, query, values, Limits::default(), printer).await?;
    let body = printer.finish().map_err(|error| SqlError::Internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, content_type)], body).into_response())
}

/// The form that the caller takes, and its name.
fn form(headers: &HeaderMap) -> (Format, &'static str) {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("text/csv") {
        (Format::Csv, "text/csv; charset=utf-8")
    } else if accept.contains("application/x-ndjson") {
        (Format::Ndjson, "application/x-ndjson")
    } else {
        (Format::Json, "application/json")
    }
}

impl From<SqlError> for OwnError {
    fn from(error: SqlError) -> Self {
        match error {
            SqlError::Internal(reason) => {
                tracing::error!(reason, "a query failed in the database");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal error, try again later.")
            }
            error => Self::new(StatusCode::BAD_REQUEST, error.to_string()),
        }
    }
}
