//! Rollcall's own APIs: `/api/v1`, and `/ingest/v1` for sources that do not use a vendor's API.

mod body;
mod erasures;
mod lines;
mod new_instances;
mod sql;
mod webrtc;

use axum::{
    Json, Router,
    extract::{
        Request, State,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
pub(crate) use new_instances::NewInstances;
use rollcall_store::StoreError;
use serde::Serialize;

use crate::{
    auth::{self, Denied, Effect, Operation, Subject, Throttled, wide_scopes},
    server::Failure,
    state::AppState,
};

/// The handlers of these APIs that describe themselves.
#[derive(utoipa::OpenApi)]
#[openapi(paths(
    sql::ask,
    sql::schema,
    erasures::preview_erasure,
    erasures::erase_person,
    erasures::list_erasures,
    erasures::get_erasure,
    lines::ingest_participants,
    lines::ingest_qos,
    webrtc::ingest_webrtc
))]
pub(crate) struct Description;

/// Running an SQL query.
const SQL: Operation = Operation {
    id: "askInSql",
    scopes: &["rollcall:sql"],
    effect: Effect::Export,
    subject: Subject::Account,
    label: None,
};

/// Listing the tables of SQL. They are the same for every account.
const SQL_SCHEMA: Operation = Operation {
    id: "getSqlSchema",
    scopes: &["rollcall:sql"],
    effect: Effect::Read,
    subject: Subject::Account,
    label: None,
};

/// Scopes that can read erasures; those that may erase may also read.
const READ_ERASURES: &[&str] = &["erasures:read", "erasures:write"];

/// Previewing an erasure.
const PREVIEW_ERASURE: Operation = Operation {
    id: "previewErasure",
    scopes: READ_ERASURES,
    effect: Effect::Read,
    subject: Subject::Account,
    label: None,
};

/// Erasing a person.
const ERASE_PERSON: Operation = Operation {
    id: "erasePerson",
    scopes: &["erasures:write"],
    effect: Effect::Erase,
    subject: Subject::Account,
    label: None,
};

/// Erasures.
const LIST_ERASURES: Operation = Operation {
    id: "listErasures",
    scopes: READ_ERASURES,
    effect: Effect::Read,
    subject: Subject::Account,
    label: None,
};

/// One erasure.
const GET_ERASURE: Operation =
    Operation { id: "getErasure", scopes: READ_ERASURES, effect: Effect::Read, subject: Subject::Account, label: None };

/// Scopes that can send lines.
const WRITE: &[&str] = &[INGEST_SCOPE];

/// The scope of programs that report for the whole account.
const INGEST_SCOPE: &str = "ingest:write";

/// Sending participants.
const INGEST_PARTICIPANTS: Operation = Operation {
    id: "ingestParticipants",
    scopes: WRITE,
    effect: Effect::Ingest,
    subject: Subject::Account,
    label: None,
};

/// Sending minutes.
const INGEST_QOS: Operation =
    Operation { id: "ingestQos", scopes: WRITE, effect: Effect::Ingest, subject: Subject::Account, label: None };

/// Sending call statistics of pages. The token may be in the body, so the handler checks it itself.
const INGEST_WEBRTC: Operation = Operation {
    id: "ingestWebrtc",
    scopes: &["ingest:webrtc"],
    effect: Effect::Ingest,
    subject: Subject::Account,
    label: None,
};

/// Every operation of these APIs.
pub(crate) const OPERATIONS: &[&Operation] = &[
    &SQL,
    &SQL_SCHEMA,
    &PREVIEW_ERASURE,
    &ERASE_PERSON,
    &LIST_ERASURES,
    &GET_ERASURE,
    &INGEST_PARTICIPANTS,
    &INGEST_QOS,
    &INGEST_WEBRTC,
];

/// All routes of these APIs.
pub(crate) fn router(app: &AppState) -> Router<AppState> {
    let guarded = |operation: &'static Operation| from_fn_with_state((app.clone(), operation), guard);
    Router::new()
        .route("/api/v1/sql", post(sql::ask).route_layer(guarded(&SQL)))
        .route("/api/v1/sql/schema", get(sql::schema).route_layer(guarded(&SQL_SCHEMA)))
        .route(
            "/api/v1/erasures",
            post(erasures::erase_person)
                .route_layer(guarded(&ERASE_PERSON))
                .merge(get(erasures::list_erasures).route_layer(guarded(&LIST_ERASURES))),
        )
        .route("/api/v1/erasures/preview", post(erasures::preview_erasure).route_layer(guarded(&PREVIEW_ERASURE)))
        .route("/api/v1/erasures/{erasureId}", get(erasures::get_erasure).route_layer(guarded(&GET_ERASURE)))
        .route("/ingest/v1/participants", post(lines::ingest_participants).route_layer(guarded(&INGEST_PARTICIPANTS)))
        .route("/ingest/v1/qos", post(lines::ingest_qos).route_layer(guarded(&INGEST_QOS)))
        .route("/ingest/v1/webrtc", post(webrtc::ingest_webrtc).options(webrtc::allow_webrtc))
        .route("/rollcall.js", get(webrtc::script))
}

/// Returns whether a path's operation streams its body, under its own limits.
pub(crate) fn reads_body_as_it_comes(path: &str) -> bool {
    matches!(path, "/ingest/v1/participants" | "/ingest/v1/qos")
}

/// Lets a request through to `operation`, or answers it with an error.
async fn guard(
    State((app, operation)): State<(AppState, &'static Operation)>,
    request: Request,
    next: Next,
) -> Response {
    match auth::admit(&app, operation, request).await {
        Ok((request, caller)) => auth::run(&app, operation, &caller, request, next).await,
        Err(denied) => ApiError::from(denied).into_response(),
    }
}

/// The error of an operation.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    message: String,
    retry_after_seconds: Option<u32>,
}

/// The body of an error.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ErrorBody {
    /// What is wrong, and what to do.
    message: String,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), retry_after_seconds: None }
    }

    /// The request is malformed. JSON with a wrong key or value is a bad request like any other, not a 422.
    fn unreadable(status: StatusCode, message: String) -> Self {
        let is_wrong = status == StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(if is_wrong { StatusCode::BAD_REQUEST } else { status }, message)
    }

    /// The server is busy.
    fn busy(message: &str, retry_after_seconds: u32) -> Self {
        Self { retry_after_seconds: Some(retry_after_seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, message) }
    }
}

/// Turns axum's rejections into error responses.
macro_rules! from_rejections {
    ($($rejection:ty),+) => {
        $(impl From<$rejection> for ApiError {
            fn from(rejection: $rejection) -> Self {
                Self::unreadable(rejection.status(), rejection.body_text())
            }
        })+
    };
}

from_rejections!(JsonRejection, PathRejection, QueryRejection);

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %error, "a store operation of a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal error, try again later.")
    }
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::InvalidToken => {
                Self::new(StatusCode::UNAUTHORIZED, "Send an access token: Authorization: Bearer TOKEN.")
            }
            Denied::ExpiredToken => Self::new(StatusCode::UNAUTHORIZED, "The access token has expired."),
            Denied::Suspended => Self::new(StatusCode::UNAUTHORIZED, "The account is suspended."),
            Denied::MissingScope(scopes) => {
                Self::new(StatusCode::FORBIDDEN, format!("The access token lacks the scope {}.", scopes.join(" or ")))
            }
            Denied::NotOwn(scopes) => Self::new(
                StatusCode::FORBIDDEN,
                format!("The access token lacks the scope {}.", wide_scopes(scopes).join(" or ")),
            ),
            Denied::Throttled(Throttled { retry_after_seconds }) => {
                Self::busy("Too many wrong access tokens came from this address.", retry_after_seconds)
            }
            Denied::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(ErrorBody { message: self.message })).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The response to failures outside of operations.
pub(crate) fn failure(failure: Failure) -> Response {
    let (status, message) = match failure {
        Failure::UnknownPath => (StatusCode::NOT_FOUND, "Unknown path.".to_owned()),
        Failure::UnknownMethod => {
            (StatusCode::METHOD_NOT_ALLOWED, "This path does not support this method.".to_owned())
        }
        Failure::BodyTooLarge { max_bytes } => {
            (StatusCode::PAYLOAD_TOO_LARGE, format!("The body is too large: send at most {max_bytes} bytes."))
        }
        Failure::BodyUnreadable => (StatusCode::BAD_REQUEST, "The body ended before it was complete.".to_owned()),
        Failure::NoHost => (StatusCode::BAD_REQUEST, "Send a Host header.".to_owned()),
        Failure::TooManyRequests => {
            let message = "You have too many requests or unread responses. Read the responses, then retry.";
            return ApiError::busy(message, 1).into_response();
        }
        Failure::TimedOut => (StatusCode::GATEWAY_TIMEOUT, "The response took too long.".to_owned()),
        Failure::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Internal error, try again later.".to_owned()),
    };
    ApiError::new(status, message).into_response()
}
