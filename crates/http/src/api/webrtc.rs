//! `POST /ingest/v1/webrtc`: what pages say of their calls, and the script that says it.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use rollcall_auth::{Denied, bearer};
use rollcall_formats::webrtc::Report;
use rollcall_ingest::IngestError;
use rollcall_model::{Batch, SecretHash, Source, Trust};
use rollcall_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use super::operations as op;
use super::{ApiError, ErrorBody};
use crate::{
    server::{Failure, address_of},
    state::AppState,
};

/// The script that pages include.
const SCRIPT: &str = include_str!("rollcall.js");

/// How long browsers keep the script.
const SCRIPT_CACHE: &str = "public, max-age=3600";

/// What came of a page's report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebrtcReport)]
pub(super) struct Taken {
    /// How many of the participant's minutes it added to. They are on disk.
    #[schema(example = 1)]
    minutes: usize,
}

/// Takes what a page says of its calls.
///
/// What `/rollcall.js` sends: samples of W3C `getStats()` with who and where. The token needs the scope `ingest:webrtc`
/// and nothing else; pages send it in the body's `token`, since `sendBeacon` sets no headers and a URL would be logged.
/// With a token of that scope alone, a page writes only to instances that pages have made: whoever opens the page can read
/// the token. A participant's minutes are put together here and are there to be asked for while the call goes on. Sending a report
/// again, or late, does no harm.
#[utoipa::path(
    post, path = op::INGEST_WEBRTC.path, tag = "Ingest", operation_id = op::INGEST_WEBRTC.id,
    security(()),
    request_body(content = String, content_type = "text/plain", description = "A JSON object; `docs/ingest.md` describes it."),
    responses(
        (status = 200, description = "The report was taken.", body = Taken),
        (status = 400, description = "A field is wrong; nothing was taken.", body = ErrorBody),
        (status = 401, description = "The token is missing, unknown, withdrawn or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 409, description = "The instance or the meeting belongs to another source than pages.", body = ErrorBody),
        (status = 429, description = "Too many reports in this second, or too many new instances in this minute; `Retry-After` says when to come again.", body = ErrorBody),
    )
)]
pub(super) async fn ingest_webrtc(State(app): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // It was read whole, up to the limit, before.
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return with_cors(crate::api::failure(Failure::BodyUnreadable));
    };
    with_cors(take(&app, &parts, &body).await.into_response())
}

async fn take(app: &AppState, parts: &Parts, body: &[u8]) -> Result<Json<Taken>, ApiError> {
    // Read first: the token is in the body, and one that cannot be read says so, not that its token is missing.
    let report = Report::read(body).map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    let address = address_of(&parts.extensions);
    let token = report.token.as_deref().or_else(|| bearer(&parts.headers)).ok_or(Denied::InvalidToken)?;
    let caller = app.auth.authorize(&op::INGEST_WEBRTC, SecretHash::of(token), address).await?;
    // Pages report every few seconds: what is noted is that their token is in use, not how each report was answered.
    app.auth.audit(&op::INGEST_WEBRTC, &caller, address, StatusCode::OK.as_u16()).await;
    if !app.webrtc_gate.admit(caller.account, app.now()) {
        return Err(ApiError::busy("Too many reports in this second.", 1));
    }
    // A token that may write lines is no page's: its holder could write the same as lines.
    let source = if caller.scopes.contains(op::INGEST_SCOPE) { Source::Lines } else { Source::Page };
    let facts = app.calls.take(caller.account, source, &report, app.now());
    let facts = facts.map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    let written = match source.trust() {
        Trust::Public => {
            let admit = || app.new_page_instances.admit(caller.account, caller.token, app.now());
            app.ingest.write_page(caller.account, facts, admit).await
        }
        Trust::Trusted => {
            let batch = Batch { instances: vec![facts], ..Batch::default() };
            app.ingest.write(caller.account, &batch).await
        }
    };
    match written {
        Ok(written) => Ok(Json(Taken { minutes: written.minutes })),
        Err(IngestError::TooManyInstances) => Err(ApiError::busy(
            "Too many new instances. Try again in a minute, or raise `ingest.webrtc_new_instances_per_minute`.",
            60,
        )),
        Err(error @ (IngestError::ForeignInstance { .. } | IngestError::Store(StoreError::Foreign { .. }))) => {
            Err(ApiError::new(StatusCode::CONFLICT, error.to_string()))
        }
        Err(error) if error.is_callers_fault() => Err(ApiError::new(StatusCode::BAD_REQUEST, error.to_string())),
        Err(error) => {
            tracing::error!(error = %error, "a page's report could not be written");
            Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal error, try again later."))
        }
    }
}

/// Answers a browser that asks whether a page of another origin may send.
pub(super) async fn allow_webrtc() -> Response {
    let mut response = with_cors(StatusCode::NO_CONTENT.into_response());
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// Any page may send: what it needs is a token, and no cookie stands for one.
fn with_cors(mut response: Response) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// The script.
pub(super) async fn script() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, SCRIPT_CACHE)];
    with_cors((headers, SCRIPT).into_response())
}
