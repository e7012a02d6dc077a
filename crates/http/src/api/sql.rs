//! `POST /api/v1/sql`: SQL queries over one account's tables.

use std::io;

use axum::{
    Json,
    body::Body,
    extract::{
        Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream::{self, StreamExt as _};
use rollcall_auth::{Caller, least_access};
use rollcall_mail::Rights;
use rollcall_model::{Access, Scopes};
use rollcall_sql::{
    Answer as PrintedAnswer, Description, Format, Names, SqlError, Type, Value, describe, describe_table,
};
use serde::{Deserialize, Serialize};
use serde_json::Value as JsonValue;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{self, ObjectBuilder, RefOr, schema::SchemaType},
};

use super::operations as op;
use super::{ApiError, ErrorBody, accepts};
use crate::state::{App, AppState};

/// How much of a response is buffered before its status is sent. Up to there, an error has its own status; beyond, it
/// can only cut off the response.
const HELD_BYTES: usize = 1024 * 1024;
/// Retry interval, in seconds: the maximum run time of a query.
const RETRY_SECONDS: u32 = 10;

/// Format of a response.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Printing {
    /// In CSV, leave text as it is stored, even if a spreadsheet would run it as a formula.
    #[serde(default)]
    raw_csv: bool,
}

/// A query.
#[derive(Debug, ToSchema)]
pub(super) struct Question {
    /// One SELECT. `GET /api/v1/sql/schema` lists the tables, as does `rollcall sql --schema`.
    #[schema(example = "SELECT location, count(*) AS joins FROM participants WHERE join_time >= ? GROUP BY 1")]
    query: String,
    /// Values for its `?`, in order.
    #[schema(required = false, value_type = Vec<Cell>, example = json!(["2026-10-01"]))]
    values: Vec<Parameter>,
}

/// A value for a `?`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Parameter {
    Integer(i64),
    Real(f64),
    Text(String),
    Null(()),
}

/// Describes a value that SQL accepts or returns.
#[derive(Debug)]
struct Cell;

impl PartialSchema for Cell {
    fn schema() -> RefOr<openapi::Schema> {
        let types = [openapi::Type::String, openapi::Type::Number, openapi::Type::Null];
        let value = ObjectBuilder::new().schema_type(SchemaType::from_iter(types));
        value.description(Some("A string, a number or null. Responses contain blobs as hexadecimal strings.")).into()
    }
}

impl ToSchema for Cell {}

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

impl Question {
    /// Parses a body. An error names the invalid key.
    fn read(body: JsonValue) -> Result<Self, String> {
        let JsonValue::Object(keys) = body else {
            return Err(format!("Send a JSON object with the key `query`, not {}.", kind(&body)));
        };
        let (mut query, mut values) = (None, Vec::new());
        for (key, value) in keys {
            match (key.as_str(), value) {
                ("query", JsonValue::String(text)) => query = Some(text),
                ("query", other) => return Err(format!("`query` must be a string, not {}.", kind(&other))),
                ("values", JsonValue::Array(list)) => {
                    values = list.into_iter().enumerate().map(Parameter::read).collect::<Result<_, _>>()?;
                }
                ("values", other) => return Err(format!("`values` must be a list, not {}.", kind(&other))),
                _ => {
                    return Err(format!(
                        "Unknown key `{key}`. Send the SQL as `query`, and values for its `?` as the list `values`."
                    ));
                }
            }
        }
        let query = query.ok_or("The key `query` is missing: send the SQL as its value.")?;
        Ok(Self { query, values })
    }
}

impl Parameter {
    fn read((index, value): (usize, JsonValue)) -> Result<Self, String> {
        let found = kind(&value);
        serde_json::from_value(value)
            .map_err(|_| format!("`values[{index}]` must be a string, a number or null, not {found}."))
    }
}

/// Returns the name of a JSON value's type.
const fn kind(value: &JsonValue) -> &'static str {
    match value {
        JsonValue::Null => "null",
        JsonValue::Bool(_) => "a boolean",
        JsonValue::Number(_) => "a number",
        JsonValue::String(_) => "a string",
        JsonValue::Array(_) => "a list",
        JsonValue::Object(_) => "an object",
    }
}

/// Which tables to describe.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Described {
    /// Only this table.
    #[param(example = "qos_minutes")]
    table: Option<String>,
}

/// The tables that queries read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Schema {
    tables: Vec<SchemaTable>,
}

/// A table.
#[derive(Debug, Serialize, ToSchema)]
struct SchemaTable {
    #[schema(example = "participants")]
    name: &'static str,
    /// Meaning of a row.
    #[schema(example = "one attendance, from join to leave")]
    meaning: &'static str,
    columns: Vec<SchemaColumn>,
}

/// A column of a table.
#[derive(Debug, Serialize, ToSchema)]
struct SchemaColumn {
    #[schema(example = "join_time")]
    name: &'static str,
    /// The type of its values: `text`, `integer`, `number`, `0 or 1`, `time, UTC` (text like `2026-10-01T09:00:00Z`),
    /// `JSON` (as text), or `sketch` (for `quantile`).
    #[schema(example = "time, UTC")]
    r#type: &'static str,
    /// Its meaning, with the unit.
    #[schema(example = "when they joined")]
    meaning: &'static str,
}

impl From<Description> for SchemaTable {
    fn from(Description { name, meaning, columns }: Description) -> Self {
        let column = |(name, kind, meaning): (_, Type, _)| SchemaColumn { name, r#type: kind.name(), meaning };
        Self { name, meaning, columns: columns.into_iter().map(column).collect() }
    }
}

/// Lists the tables that SQL queries can read.
///
/// Returns every table with its columns, their types, units and meanings, or one table with `table`.
#[utoipa::path(
    get, path = op::SQL_SCHEMA.path, tag = "SQL", operation_id = op::SQL_SCHEMA.id,
    params(Described),
    responses(
        (status = 200, description = "The tables.", body = Schema),
        (status = 400, description = "An unknown parameter.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 404, description = "No table has this name.", body = ErrorBody),
        (status = 429, description = "Too many wrong access tokens came from this address.", body = ErrorBody),
    )
)]
pub(super) async fn schema(described: Result<Query<Described>, QueryRejection>) -> Result<Json<Schema>, ApiError> {
    let Query(Described { table }) = described?;
    let tables = match table {
        None => describe(),
        Some(name) => {
            vec![describe_table(&name).map_err(|error| ApiError::new(StatusCode::NOT_FOUND, error.to_string()))?]
        }
    };
    Ok(Json(Schema { tables: tables.into_iter().map(SchemaTable::from).collect() }))
}

/// A response.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only a description: rows are printed as they are read")]
pub(super) struct Answer {
    /// Names of the columns.
    columns: Vec<String>,
    /// A value for each column.
    rows: Vec<Vec<Cell>>,
}

/// Runs a read-only SQL query over the account's meetings, instances, participants, tracking codes, …
///
/// By default, a query may return 100,000 rows and 16 MiB of values, run for ten seconds, and use 256 MiB of memory to
/// sort, group and join. A query that exceeds a limit is stopped with an error that says which. A response of more than
/// 1 MiB is sent while the query runs; if such a query is stopped, the connection closes before the end of the
/// response. `Accept: text/csv` and `Accept: application/x-ndjson` select those formats. In CSV, text that a
/// spreadsheet would run as a formula has a `'` in front, unless `raw_csv=true`.
///
/// With the scope `rollcall:sql:anonymous` instead of `rollcall:sql`, columns that identify a person are NULL.
#[utoipa::path(
    post, path = op::SQL.path, tag = "SQL", operation_id = op::SQL.id,
    params(Printing),
    request_body(content = Question),
    responses(
        (status = 200, description = "The rows.", body = Answer),
        (status = 400, description = "The query is invalid, would change something, or exceeded a limit.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 429, description = "The account has too many queries waiting.", body = ErrorBody),
        (status = 503, description = "Too many queries are waiting.", body = ErrorBody),
    )
)]
pub(super) async fn ask(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    printing: Result<Query<Printing>, QueryRejection>,
    body: Result<Json<JsonValue>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Query(Printing { raw_csv }) = printing?;
    let Json(body) = body?;
    let read = Question::read(body).map_err(|wrong| ApiError::new(StatusCode::BAD_REQUEST, wrong));
    let Question { query, values } = read?;
    let queries = app.queries.as_ref().ok_or_else(|| {
        ApiError::new(StatusCode::NOT_IMPLEMENTED, "This server's database is not a file that SQL can read.")
    })?;
    let (format, content_type) = form(&headers, raw_csv);
    let values = values.into_iter().map(Value::from).collect();
    let question = rollcall_sql::Question {
        account: caller.account,
        names: names_for(&caller),
        sql: query,
        values,
        format,
        limits: app.settings.sql_limits,
    };
    let body = body_of(queries.ask(question).await?).await?;
    Ok(([(header::CONTENT_TYPE, content_type)], body).into_response())
}

/// Returns whether a caller sees names in SQL.
pub(super) fn names_for(caller: &Caller) -> Names {
    names_with(&caller.scopes)
}

fn names_with(scopes: &Scopes) -> Names {
    if scopes.contains(op::SQL_SCOPE) { Names::Shown } else { Names::Hidden }
}

/// A mailed query runs with the rights of the member who gets its result.
impl Rights for App {
    fn names(&self, access: Access) -> Option<Names> {
        let is_allowed = least_access(&op::SQL).is_some_and(|least| least <= access);
        is_allowed.then(|| names_with(&self.auth.member_scopes(access)))
    }
}

/// Returns the body of a response: all of it if it is short, otherwise a stream.
async fn body_of(mut answer: PrintedAnswer) -> Result<Body, SqlError> {
    let (mut pieces, mut held) = (Vec::new(), 0);
    while held < HELD_BYTES {
        match answer.next().await.transpose()? {
            Some(piece) => {
                held += piece.len();
                pieces.push(piece);
            }
            None => return Ok(Body::from(pieces.concat())),
        }
    }
    let begun = stream::iter(pieces).map(Ok::<Bytes, io::Error>);
    let rest = stream::unfold(answer, |mut answer| async {
        let piece = answer.next().await?;
        Some((piece.map_err(broken_off), answer))
    });
    // Fused, because the compression of a body asks again after its end.
    Ok(Body::from_stream(begun.chain(rest).fuse()))
}

/// Why a response ends early: the connection is closed, because its status has been sent.
fn broken_off(error: SqlError) -> io::Error {
    match &error {
        SqlError::Internal(reason) => tracing::error!(reason, "a query failed after its response had begun"),
        error => tracing::info!(%error, "a response was cut off"),
    }
    io::Error::other(error)
}

/// Returns the format that the caller accepts, and its name.
fn form(headers: &HeaderMap, raw_csv: bool) -> (Format, &'static str) {
    if accepts(headers, "text/csv") {
        (if raw_csv { Format::RawCsv } else { Format::Csv }, "text/csv; charset=utf-8")
    } else if accepts(headers, "application/x-ndjson") {
        (Format::Ndjson, "application/x-ndjson")
    } else {
        (Format::Json, "application/json")
    }
}

impl From<SqlError> for ApiError {
    fn from(error: SqlError) -> Self {
        match error {
            SqlError::Internal(reason) => {
                tracing::error!(reason, "a query failed in the database");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal error, try again later.")
            }
            SqlError::Unavailable(reason) => {
                tracing::error!(reason, "could not run a query");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "Queries cannot be run at the moment, try again later.")
            }
            SqlError::AccountBusy(_) => Self::busy(&error.to_string(), RETRY_SECONDS),
            SqlError::Busy => Self {
                retry_after_seconds: Some(RETRY_SECONDS),
                ..Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
            },
            error => Self::new(StatusCode::BAD_REQUEST, error.to_string()),
        }
    }
}
