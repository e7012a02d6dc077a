//! `POST /ingest/v1/webrtc`: call statistics of pages, and the script that sends them.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use rollcall_auth::{Denied, bearer};
use rollcall_formats::webrtc::{Calls, Report};
use rollcall_ingest::IngestError;
use rollcall_model::{Batch, SecretHash, Source, Trust};
use rollcall_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use super::new_instances::NewInstances;
use super::operations as op;
use super::{ApiError, ErrorBody};
use crate::{client::address_of, limits::FloodGate, settings::Settings, state::AppState, surface::Failure};

/// The script that pages include.
const SCRIPT: &str = include_str!("rollcall.js");

/// How long browsers cache the script.
const SCRIPT_CACHE: &str = "public, max-age=3600";

/// What is known of pages that report: their ongoing calls, and their limits.
pub(super) struct Pages {
    calls: Calls,
    /// Limits the reports of an account.
    reports: FloodGate,
    /// Limits the instances that pages create.
    new_instances: NewInstances,
}

impl Pages {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            calls: Calls::default(),
            reports: FloodGate::new(settings.webrtc_max_per_second),
            new_instances: NewInstances::new(settings.webrtc_new_instances_per_minute),
        }
    }
}

/// The result of a page's report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebrtcReport)]
pub(super) struct Taken {
    /// Number of the participant's minutes that it added to. They are on disk.
    #[schema(example = 1)]
    minutes: usize,
}

/// Stores call statistics of a page.
///
/// The format of `/rollcall.js`: samples of W3C `getStats()` with the participant and the meeting. The token needs only
/// the scope `ingest:webrtc`. Pages send it as `token` in the body, because `sendBeacon` sets no headers and URLs are
/// logged. With a token of that scope alone, a page writes only to instances that pages created, because everybody who
/// opens the page can read the token. The server combines the samples into minutes, which can be read while the call is
/// in progress. A repeated or late report does no harm.
#[utoipa::path(
    post, path = op::INGEST_WEBRTC.path, tag = "Ingest", operation_id = op::INGEST_WEBRTC.id,
    security(()),
    request_body(content = String, content_type = "text/plain", description = "A JSON object; `docs/ingest.md` describes it."),
    responses(
        (status = 200, description = "The report was accepted.", body = Taken),
        (status = 400, description = "A field is wrong; nothing was stored.", body = ErrorBody),
        (status = 401, description = "The token is missing, unknown, revoked or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 409, description = "The instance or the meeting belongs to a source other than pages.", body = ErrorBody),
        (status = 429, description = "Too many reports in this second, or too many new instances in this minute; `Retry-After` says when to retry.", body = ErrorBody),
    )
)]
pub(super) async fn ingest_webrtc(
    State(app): State<AppState>,
    Extension(pages): Extension<Arc<Pages>>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    // It was buffered before, up to the limit.
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return with_cors(crate::api::failure(Failure::BodyUnreadable));
    };
    with_cors(take(&app, &pages, &parts, &body).await.into_response())
}

async fn take(app: &AppState, pages: &Pages, parts: &Parts, body: &[u8]) -> Result<Json<Taken>, ApiError> {
    // Parsed first, because the token is in the body: an invalid body gets an error about the body, not about the
    // token.
    let report = Report::read(body).map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    let address = address_of(&parts.extensions);
    let token = report.token.as_deref().or_else(|| bearer(&parts.headers)).ok_or(Denied::InvalidToken)?;
    let caller = app.auth.authorize(&op::INGEST_WEBRTC, SecretHash::of(token), address).await?;
    // Pages report every few seconds: the audit records that their token is in use, not each response.
    app.auth.audit(&op::INGEST_WEBRTC, &caller, address, StatusCode::OK.as_u16()).await;
    if !pages.reports.admit(caller.account, app.now()) {
        return Err(ApiError::busy("Too many reports in this second.", 1));
    }
    // A token that can also write lines does not belong to a page: its holder could send the same data as lines.
    let source = if caller.scopes.contains(op::INGEST_SCOPE) { Source::Lines } else { Source::Page };
    let facts = pages.calls.take(caller.account, source, &report, app.now());
    let facts = facts.map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    let written = match source.trust() {
        Trust::Public => {
            let admit = || pages.new_instances.admit(caller.account, caller.token, app.now());
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
            tracing::error!(error = %error, "could not write a page's report");
            Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal error, try again later."))
        }
    }
}

/// Answers a browser's preflight request from a page of another origin.
pub(super) async fn allow_webrtc() -> Response {
    let mut response = with_cors(StatusCode::NO_CONTENT.into_response());
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// Any page may send: it needs a token, and cookies are ignored.
fn with_cors(mut response: Response) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// The script.
pub(super) async fn script() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, SCRIPT_CACHE)];
    with_cors((headers, SCRIPT).into_response())
}
