//! `POST /ingest/v1/participants` and `POST /ingest/v1/qos`: any number of NDJSON lines, processed as they arrive.

use std::sync::Arc;
use std::{io, time::Duration};

use axum::{
    Extension, Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rollcall_auth::Caller;
use rollcall_formats::{
    DecodeError, Encoding,
    lines::{Lines, Refusal},
};
use rollcall_ingest::lines::{End, Limits, Taken, take};
use rollcall_model::AccountId;
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use super::operations as op;
use super::{
    ApiError, ErrorBody,
    body::{Pace, pipe},
};
use crate::{limits::Shares, state::AppState};

/// Number of rejected lines that are reported with reasons.
const MAX_REASONS: usize = 100;

/// How long a body waits for a free slot before it is rejected.
const TURN_TIMEOUT: Duration = Duration::from_secs(5);

/// The result of sending lines.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IngestReport)]
pub(super) struct Report {
    /// Whether the whole body was processed.
    #[schema(example = true)]
    complete: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message: Option<String>,
    /// Number of lines that were stored. Each of them is on disk.
    #[schema(example = 998)]
    taken: u64,
    /// Number of these that were merged with a participant or a minute that was already stored.
    #[schema(example = 12)]
    merged: u64,
    /// Number of rejected lines. They do not affect other lines.
    #[schema(example = 2)]
    refused: u64,
    /// Why lines were rejected, for the first hundred.
    reasons: Vec<Refusal>,
}

/// Errors that both operations share.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes responses, which are built from `ApiError` and `Report`")]
enum Errors {
    /// The body was cut off, or its encoding is invalid. The lines before that were stored, and are counted.
    #[response(status = 400)]
    BadRequest(#[to_schema] Report),
    /// The token is missing, unknown, revoked or expired.
    #[response(status = 401)]
    Unauthorized(#[to_schema] ErrorBody),
    /// The token lacks a scope.
    #[response(status = 403)]
    Forbidden(#[to_schema] ErrorBody),
    /// No data arrived for too long. The lines before that were stored, and are counted.
    #[response(status = 408)]
    RequestTimeout(#[to_schema] Report),
    /// The body decompresses to far more than its size. The lines before that were stored, and are counted.
    #[response(status = 413)]
    PayloadTooLarge(#[to_schema] Report),
    /// The content encoding is neither `gzip` nor `zstd`.
    #[response(status = 415)]
    UnsupportedMediaType(#[to_schema] ErrorBody),
    /// Too many bodies are being processed; `Retry-After` says when to retry.
    #[response(status = 429)]
    TooManyRequests(#[to_schema] ErrorBody),
    /// The server failed. The lines stored before that are counted; you can safely send all of them again.
    #[response(status = 500)]
    InternalServerError(#[to_schema] Report),
}

/// Stores participants.
///
/// NDJSON, one participant per line: the keys of a participant in Zoom's REST API, and keys that identify the instance.
/// `instance_uuid` is the run's id, `meeting_id` its meeting's number. A new run needs both; a number alone means the
/// meeting's latest run. `kind` is `meeting` (default) or `webinar`, `state` is `live` or `past` (default: unchanged,
/// or `past` for a new run), `topic` is the run's title. `user_id` and `join_time` identify the attendance. Repeated
/// reports are merged: later values replace earlier ones, absent values change nothing.
///
/// The body can have any size, and can be encoded with gzip or zstd.
#[utoipa::path(
    post, path = op::INGEST_PARTICIPANTS.path, tag = "Ingest", operation_id = op::INGEST_PARTICIPANTS.id,
    request_body(content = Option<String>, content_type = "application/x-ndjson", description = "One participant per line.",
        example = json!("{\"instance_uuid\":\"gm8s9L+PTEC+FG3sFbd1Cw==\",\"meeting_id\":123456789,\"state\":\"live\",\"user_id\":\"16778240\",\"join_time\":\"2026-03-01T10:15:14Z\",\"user_name\":\"Ana\",\"email\":\"ana@example.com\",\"device\":\"Web\"}\n")),
    responses((status = 200, description = "The result for the lines.", body = Report), Errors)
)]
pub(super) async fn ingest_participants(
    State(app): State<AppState>,
    Extension(turns): Extension<Arc<Shares<AccountId>>>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    ingest(&app, &turns, &caller, Lines::Participants, &headers, body).await
}

/// Stores quality of service.
///
/// NDJSON, one participant's minute per line. The instance is identified as for participants, the attendance by
/// `user_id` and `join_time`; without a join time, it is the one that joined last. `date_time` is any time within the
/// minute. Streams are `audio_input` (what the participant sends), `audio_output` (what it receives), `video_input`,
/// `video_output`, `as_input` and `as_output` (shared content), each with the measured values among `bitrate_bps`,
/// `latency_ms`, `jitter_ms`, `avg_loss_percent`, `max_loss_percent`, and for pictures `resolution_width_px`,
/// `resolution_height_px`, `frame_rate_fps`. An absent stream was not reported; `{}` means that the stream was idle.
/// `cpu_usage`, `cpu_pressure_level` and `wifi_rssi` are optional. A line with an unknown key is rejected, so that a
/// misspelt key loses no value. Repeated minutes are merged: later values replace earlier ones, absent values change
/// nothing.
///
/// The body can have any size, and can be encoded with gzip or zstd.
#[utoipa::path(
    post, path = op::INGEST_QOS.path, tag = "Ingest", operation_id = op::INGEST_QOS.id,
    request_body(content = Option<String>, content_type = "application/x-ndjson", description = "One participant's minute per line.",
        example = json!("{\"instance_uuid\":\"gm8s9L+PTEC+FG3sFbd1Cw==\",\"meeting_id\":123456789,\"user_id\":\"16778240\",\"join_time\":\"2026-03-01T10:15:14Z\",\"date_time\":\"2026-03-01T10:16:00Z\",\"audio_input\":{\"bitrate_bps\":27150,\"latency_ms\":126,\"jitter_ms\":6,\"avg_loss_percent\":0.3,\"max_loss_percent\":1.9},\"video_output\":{}}\n")),
    responses((status = 200, description = "The result for the lines.", body = Report), Errors)
)]
pub(super) async fn ingest_qos(
    State(app): State<AppState>,
    Extension(turns): Extension<Arc<Shares<AccountId>>>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    ingest(&app, &turns, &caller, Lines::Qos, &headers, body).await
}

async fn ingest(
    app: &AppState,
    turns: &Arc<Shares<AccountId>>,
    caller: &Caller,
    lines: Lines,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let encoding = encoding(headers)?;
    let Some(_turn) = turns.take_soon(caller.account, 1, TURN_TIMEOUT).await else {
        return Err(ApiError::busy("Too many bodies are being processed. Retry later.", 5));
    };
    let pace = Pace {
        idle_timeout: app.settings.ingest_idle_timeout,
        min_bytes_per_second: app.settings.ingest_min_bytes_per_second,
    };
    let (feeder, reader) = pipe(body, pace);
    let taking = take(&app.ingest, caller.account, lines, reader, encoding, Limits { reasons: MAX_REASONS });
    let (taken, ()) = tokio::join!(taking, feeder.run());
    app.telemetry.took_lines(taken.taken, taken.merged, taken.refused);
    Ok(report(taken))
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, ApiError> {
    let Some(value) = headers.get(header::CONTENT_ENCODING) else { return Ok(Encoding::Identity) };
    value
        .to_str()
        .map_err(|error| error.to_string())
        .and_then(str::parse)
        .map_err(|reason| ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason))
}

fn report(taken: Taken) -> Response {
    let Taken { taken, merged, refused, reasons, end } = taken;
    let (status, message) = match end {
        End::Whole => (StatusCode::OK, None),
        End::Broken(error) => {
            let error = error.0;
            let is_bomb = error.get_ref().is_some_and(|inner| inner.is::<DecodeError>());
            let status = match error.kind() {
                _ if is_bomb => StatusCode::PAYLOAD_TOO_LARGE,
                io::ErrorKind::TimedOut => StatusCode::REQUEST_TIMEOUT,
                _ => StatusCode::BAD_REQUEST,
            };
            (status, Some(format!("The body was not read to its end: {error}. The lines before that were processed.")))
        }
        End::Failed(error) => {
            tracing::error!(error = %error, "could not write lines");
            let message = "Internal error, try again later: repeated lines are merged.";
            (StatusCode::INTERNAL_SERVER_ERROR, Some(message.to_owned()))
        }
    };
    let complete = message.is_none();
    (status, Json(Report { complete, message, taken, merged, refused, reasons })).into_response()
}
