//! `POST /ingest/v1/participants` and `POST /ingest/v1/qos`: lines of any number, taken as they come.

use std::{io, time::Duration};

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rollcall_auth::Caller;
use rollcall_formats::{DecodeError, Encoding, End, Limits, Refusal, Taken, lines::Lines, take};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use super::operations as op;
use super::{
    ApiError, ErrorBody,
    body::{Pace, pipe},
};
use crate::state::AppState;

/// Of how many refused lines the reasons are told.
const MAX_REASONS: usize = 100;

/// How long one waits for others to end before being sent away.
const TURN_TIMEOUT: Duration = Duration::from_secs(5);

/// What came of the lines.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IngestReport)]
pub(super) struct Report {
    /// Whether the whole body was looked at.
    #[schema(example = true)]
    complete: bool,
    /// Why it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message: Option<String>,
    /// How many lines were taken. Each of them is on disk.
    #[schema(example = 998)]
    taken: u64,
    /// How many of these told of a participant or a minute that was known already, and were merged with it.
    #[schema(example = 12)]
    merged: u64,
    /// How many lines were refused. They cost themselves alone.
    #[schema(example = 2)]
    refused: u64,
    /// Why lines were refused: of the first hundred.
    reasons: Vec<Refusal>,
}

/// What both operations can answer besides.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers; the answers themselves are made of `ApiError` and `Report`")]
enum Errors {
    /// The body broke off, or is not encoded as it says. What came before that was taken, and is counted.
    #[response(status = 400)]
    BadRequest(#[to_schema] Report),
    /// The token is missing, unknown, withdrawn or expired.
    #[response(status = 401)]
    Unauthorized(#[to_schema] ErrorBody),
    /// The token lacks a scope.
    #[response(status = 403)]
    Forbidden(#[to_schema] ErrorBody),
    /// Nothing came for too long. What came before that was taken, and is counted.
    #[response(status = 408)]
    RequestTimeout(#[to_schema] Report),
    /// The body decompresses to far more than its size. What came before that was taken, and is counted.
    #[response(status = 413)]
    PayloadTooLarge(#[to_schema] Report),
    /// The content encoding is neither `gzip` nor `zstd`.
    #[response(status = 415)]
    UnsupportedMediaType(#[to_schema] ErrorBody),
    /// Too many bodies are being taken at the moment; `Retry-After` says when to come again.
    #[response(status = 429)]
    TooManyRequests(#[to_schema] ErrorBody),
    /// The server failed. What was taken before that is counted; sending all of it again does no harm.
    #[response(status = 500)]
    InternalServerError(#[to_schema] Report),
}

/// Takes participants.
///
/// NDJSON, one participant a line: the keys of a participant in Zoom's REST API, beside them what names the instance.
/// `instance_uuid` names the run, `meeting_id` its meeting's number; one that is not known yet needs both, and a number
/// alone means the meeting's latest run. `kind` is `meeting` or `webinar` (left out: `meeting`), `state` is `live` or
/// `past` (left out: as it is known, else `past`), `topic` the run's title. `user_id` and `join_time` name the
/// attendance. What is told again is merged: later values stand, absent ones keep what is known.
///
/// The body may be of any size, and encoded with gzip or zstd.
#[utoipa::path(
    post, path = op::INGEST_PARTICIPANTS.path, tag = "Ingest", operation_id = op::INGEST_PARTICIPANTS.id,
    request_body(content = Option<String>, content_type = "application/x-ndjson", description = "One participant a line.",
        example = json!("{\"instance_uuid\":\"gm8s9L+PTEC+FG3sFbd1Cw==\",\"meeting_id\":123456789,\"state\":\"live\",\"user_id\":\"16778240\",\"join_time\":\"2026-03-01T10:15:14Z\",\"user_name\":\"Ana\",\"email\":\"ana@example.com\",\"device\":\"Web\"}\n")),
    responses((status = 200, description = "What came of the lines.", body = Report), Errors)
)]
pub(super) async fn ingest_participants(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    ingest(&app, &caller, Lines::Participants, &headers, body).await
}

/// Takes quality of service.
///
/// NDJSON, one participant's minute a line. The instance is named as for participants, the attendance by `user_id` and
/// `join_time`; without a join time the one that joined last is meant. `date_time` is any instant of the minute.
/// Streams are `audio_input` (what the participant sends), `audio_output` (what it receives), `video_input`,
/// `video_output`, `as_input` and `as_output` (shared content), each with what was measured of `bitrate_bps`,
/// `latency_ms`, `jitter_ms`, `avg_loss_percent`, `max_loss_percent`, and for pictures `resolution_width_px`,
/// `resolution_height_px`, `frame_rate_fps`. A stream that is left out was not reported; `{}` says that nothing flowed.
/// `cpu_usage`, `cpu_pressure_level` and `wifi_rssi` may stand beside them. A key of another name refuses the line, so
/// that no value gets lost. A minute that is told again is merged: later values stand, absent ones keep what is known.
///
/// The body may be of any size, and encoded with gzip or zstd.
#[utoipa::path(
    post, path = op::INGEST_QOS.path, tag = "Ingest", operation_id = op::INGEST_QOS.id,
    request_body(content = Option<String>, content_type = "application/x-ndjson", description = "One participant's minute a line.",
        example = json!("{\"instance_uuid\":\"gm8s9L+PTEC+FG3sFbd1Cw==\",\"meeting_id\":123456789,\"user_id\":\"16778240\",\"join_time\":\"2026-03-01T10:15:14Z\",\"date_time\":\"2026-03-01T10:16:00Z\",\"audio_input\":{\"bitrate_bps\":27150,\"latency_ms\":126,\"jitter_ms\":6,\"avg_loss_percent\":0.3,\"max_loss_percent\":1.9},\"video_output\":{}}\n")),
    responses((status = 200, description = "What came of the lines.", body = Report), Errors)
)]
pub(super) async fn ingest_qos(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    ingest(&app, &caller, Lines::Qos, &headers, body).await
}

async fn ingest(
    app: &AppState,
    caller: &Caller,
    lines: Lines,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let encoding = encoding(headers)?;
    let Some(_turn) = app.ingest_turns.take_soon(caller.account, 1, TURN_TIMEOUT).await else {
        return Err(ApiError::busy("Too many bodies are being taken in. Retry later.", 5));
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
            (status, Some(format!("The body was not read to its end: {error}. The lines before were looked at.")))
        }
        End::Failed(error) => {
            tracing::error!(error = %error, "lines could not be written");
            let message = "Internal error, try again later: lines that are sent again are merged.";
            (StatusCode::INTERNAL_SERVER_ERROR, Some(message.to_owned()))
        }
    };
    let complete = message.is_none();
    (status, Json(Report { complete, message, taken, merged, refused, reasons })).into_response()
}
