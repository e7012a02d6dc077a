//! `/api/v1/collect/gaps`, `/differences` and `/unknown-values`.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use rollcall_auth::Caller;
use rollcall_model::{ConnectionId, Text};
use rollcall_sql::Names;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{ApiError, ErrorBody, operations as op, page_size, sql::names_for},
    state::AppState,
};

/// Maximum number of rows per page.
const MAX_LISTED: usize = 300;

/// Parameters of a list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Listed {
    /// The last row of the previous page.
    #[param(example = 0, minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    #[serde(default)]
    after: i64,
    /// Maximum number.
    #[param(example = 30, minimum = 1, maximum = 300)]
    limit: Option<usize>,
}

impl Listed {
    fn read(self) -> Result<(i64, usize), ApiError> {
        if self.after < 0 {
            return Err(ApiError::new(
                StatusCode::BAD_REQUEST,
                "`after` must be 0 or the `next` of the previous page.",
            ));
        }
        Ok((self.after, page_size(self.limit, 30, MAX_LISTED)?))
    }
}

/// Returns the cursor behind a page that may not be the last.
fn next<T>(found: &[(i64, ConnectionId, T)], limit: usize) -> Option<i64> {
    found.last().map(|(row, ..)| *row).filter(|_| found.len() == limit)
}

/// Something that is missing, and why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Gap)]
struct ShownGap {
    #[schema(example = 12)]
    id: i64,
    #[schema(example = 1)]
    connection_id: i64,
    /// The request; the template of a path if every request of the operation is refused. It may contain the id of a user:
    /// null if names are hidden from the caller.
    #[schema(example = "/v2/metrics/meetings")]
    request: Option<String>,
    /// `scope`, `plan`, `not found`, `too old`, `region`, `request`, `failing` or `content`.
    #[schema(example = "scope")]
    reason: String,
    /// What the vendor said, or what is wrong with its response. Null if names are hidden from the caller.
    #[schema(example = "Zoom refused it (status 400, code 4711): the access token lacks scopes")]
    detail: Option<String>,
    /// What would fill the gap.
    #[schema(example = "Add the scope dashboard:read:list_meetings:admin to the app.")]
    remedy: String,
    /// Lists that are missing for the same reason, in addition to this one.
    #[schema(example = 7)]
    waiting_lists: u64,
    /// How often it was found.
    #[schema(example = 3)]
    times: u64,
    #[schema(example = "2026-10-01T09:00:00Z")]
    first_at: String,
    #[schema(example = "2026-10-03T09:00:00Z")]
    last_at: String,
}

/// Gaps, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Gaps {
    gaps: Vec<ShownGap>,
    /// Value of `after` for the next page; null on the last page.
    #[schema(example = json!(null))]
    next: Option<i64>,
}

/// Lists what is missing of the vendors' data, why, and what would fill the gap.
#[utoipa::path(
    get, path = op::LIST_GAPS.path, tag = "Collecting", operation_id = op::LIST_GAPS.id,
    params(Listed),
    responses(
        (status = 200, description = "A page of gaps.", body = Gaps),
        (status = 400, description = "A parameter is wrong.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope, or the member the role.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn list_gaps(
    State(app): State<AppState>,
    caller: Caller,
    listed: Result<Query<Listed>, QueryRejection>,
) -> Result<Json<Gaps>, ApiError> {
    let Query(listed) = listed?;
    let (after, limit) = listed.read()?;
    let names = names_for(&caller);
    let found = app.store.gaps(caller.account, after, limit).await?;
    let next = next(&found, limit);
    let gaps = found.into_iter().map(|(id, connection, gap)| ShownGap {
        id,
        connection_id: connection.0,
        request: personal(gap.request, names),
        reason: gap.reason.into(),
        detail: personal(gap.detail, names),
        remedy: gap.remedy.into(),
        waiting_lists: gap.waiting,
        times: gap.times,
        first_at: gap.first_at.to_string(),
        last_at: gap.last_at.to_string(),
    });
    Ok(Json(Gaps { gaps: gaps.collect(), next }))
}

/// Returns a text that may name a person, unless names are hidden.
fn personal(text: Text, names: Names) -> Option<String> {
    (names == Names::Shown).then(|| text.into())
}

/// What a source says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DifferenceSource)]
struct Told {
    /// The source.
    #[schema(example = "dashboard participants")]
    source: String,
    /// What it says. Null if names are hidden from the caller.
    #[schema(example = "41")]
    value: Option<String>,
}

/// Two sources that do not agree on an instance.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Difference)]
struct ShownDifference {
    #[schema(example = 5)]
    id: i64,
    #[schema(example = 1)]
    connection_id: i64,
    /// The instance's UUID or id.
    #[schema(example = "gm8s9L+PTEC+FG3sFbd1Cw==")]
    instance: String,
    /// What they do not agree on.
    #[schema(example = "participants")]
    field: String,
    /// The two sources.
    sources: Vec<Told>,
    /// When it was last seen.
    #[schema(example = "2026-10-03T09:00:00Z")]
    seen_at: String,
}

/// Differences, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Differences {
    differences: Vec<ShownDifference>,
    /// Value of `after` for the next page; null on the last page.
    #[schema(example = json!(null))]
    next: Option<i64>,
}

/// Lists what sources of an instance do not agree on.
#[utoipa::path(
    get, path = op::LIST_DIFFERENCES.path, tag = "Collecting", operation_id = op::LIST_DIFFERENCES.id,
    params(Listed),
    responses(
        (status = 200, description = "A page of differences.", body = Differences),
        (status = 400, description = "A parameter is wrong.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope, or the member the role.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn list_differences(
    State(app): State<AppState>,
    caller: Caller,
    listed: Result<Query<Listed>, QueryRejection>,
) -> Result<Json<Differences>, ApiError> {
    let Query(listed) = listed?;
    let (after, limit) = listed.read()?;
    let names = names_for(&caller);
    let found = app.store.differences(caller.account, after, limit).await?;
    let next = next(&found, limit);
    let differences = found.into_iter().map(|(id, connection, difference)| ShownDifference {
        id,
        connection_id: connection.0,
        instance: difference.about.into(),
        field: difference.field.into(),
        sources: difference
            .sources
            .into_iter()
            .map(|(source, value)| Told { source: source.into(), value: personal(value, names) })
            .collect(),
        seen_at: difference.seen_at.to_string(),
    });
    Ok(Json(Differences { differences: differences.collect(), next }))
}

/// A value in a vendor's responses that Rollcall does not know.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnknownValue)]
struct ShownUnknownValue {
    #[schema(example = 3)]
    id: i64,
    #[schema(example = 1)]
    connection_id: i64,
    /// The operation's id.
    #[schema(example = "dashboardMeetings")]
    operation: String,
    /// The path in its responses, without indices.
    #[schema(example = "meetings.custom_fields")]
    path: String,
    /// Entries that have it.
    #[schema(example = 420)]
    entries: u64,
    #[schema(example = "2026-10-01T09:00:00Z")]
    first_at: String,
    #[schema(example = "2026-10-03T09:00:00Z")]
    last_at: String,
}

/// Unknown values, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct UnknownValues {
    unknown_values: Vec<ShownUnknownValue>,
    /// Value of `after` for the next page; null on the last page.
    #[schema(example = json!(null))]
    next: Option<i64>,
}

/// Lists values in the vendors' responses that Rollcall does not know. They are stored as they are.
#[utoipa::path(
    get, path = op::LIST_UNKNOWN_VALUES.path, tag = "Collecting", operation_id = op::LIST_UNKNOWN_VALUES.id,
    params(Listed),
    responses(
        (status = 200, description = "A page of unknown values.", body = UnknownValues),
        (status = 400, description = "A parameter is wrong.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope, or the member the role.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn list_unknown_values(
    State(app): State<AppState>,
    caller: Caller,
    listed: Result<Query<Listed>, QueryRejection>,
) -> Result<Json<UnknownValues>, ApiError> {
    let Query(listed) = listed?;
    let (after, limit) = listed.read()?;
    let found = app.store.unknown_values(caller.account, after, limit).await?;
    let next = next(&found, limit);
    let unknown_values = found.into_iter().map(|(id, connection, value)| ShownUnknownValue {
        id,
        connection_id: connection.0,
        operation: value.operation.into(),
        path: value.path.into(),
        entries: value.entries,
        first_at: value.first_at.to_string(),
        last_at: value.last_at.to_string(),
    });
    Ok(Json(UnknownValues { unknown_values: unknown_values.collect(), next }))
}
