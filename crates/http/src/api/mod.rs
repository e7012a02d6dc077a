//! Rollcall's own APIs: `/api/v1`, and `/ingest/v1` for sources that do not use a vendor's API.

mod apps;
mod attendance;
mod body;
mod collect;
mod erasures;
mod lines;
mod live;
mod members;
mod new_instances;
pub(crate) mod operations;
mod persons;
mod queries;
mod sql;
mod subscriptions;
mod system;
mod tokens;
mod webrtc;

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    extract::{
        Request, State,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use rollcall_auth::{CROSS_SITE, Denied, NOT_SIGNED_IN, Throttled, missing_role, wide_scopes};
use rollcall_model::{AccountId, Operation};
use rollcall_store::StoreError;
use serde::Serialize;

use self::operations as op;
use crate::{
    client::address_of,
    limits::Shares,
    routes::{Route, route},
    state::AppState,
    surface::{Failure, Surface},
};

/// The operations, each with its handler.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route!(op::SQL, sql::ask),
        route!(op::SQL_SCHEMA, sql::schema),
        route!(op::LIVE, live::live),
        route!(op::LIST_QUERIES, queries::list_queries),
        route!(op::SAVE_QUERY, queries::save_query),
        route!(op::DELETE_QUERY, queries::delete_query),
        route!(op::LIST_SUBSCRIPTIONS, subscriptions::list_subscriptions),
        route!(op::SUBSCRIBE, subscriptions::subscribe),
        route!(op::GET_SUBSCRIPTION, subscriptions::get_subscription),
        route!(op::CHANGE_SUBSCRIPTION, subscriptions::change_subscription),
        route!(op::DELETE_SUBSCRIPTION, subscriptions::delete_subscription),
        route!(op::SEND_SUBSCRIPTION, subscriptions::send_subscription),
        route!(op::LIST_TOKENS, tokens::list_tokens),
        route!(op::CREATE_TOKEN, tokens::add_token),
        route!(op::REVOKE_TOKEN, tokens::revoke_token),
        route!(op::LIST_APPS, apps::list_apps),
        route!(op::CREATE_APP, apps::add_app),
        route!(op::REVOKE_APP, apps::revoke_app),
        route!(op::SYSTEM, system::system),
        route!(op::LIST_CONNECTIONS, collect::connections::list_connections),
        route!(op::CREATE_CONNECTION, collect::connections::create_connection),
        route!(op::GET_CONNECTION, collect::connections::get_connection),
        route!(op::CHANGE_CONNECTION, collect::connections::change_connection),
        route!(op::DELETE_CONNECTION, collect::connections::delete_connection),
        route!(op::RUN_CONNECTION, collect::connections::run_connection),
        route!(op::LIST_GAPS, collect::findings::list_gaps),
        route!(op::LIST_DIFFERENCES, collect::findings::list_differences),
        route!(op::LIST_UNKNOWN_VALUES, collect::findings::list_unknown_values),
        route!(op::PREVIEW_ERASURE, erasures::preview_erasure),
        route!(op::ERASE_PERSON, erasures::erase_person),
        route!(op::LIST_ERASURES, erasures::list_erasures),
        route!(op::GET_ERASURE, erasures::get_erasure),
        route!(op::GET_ATTENDANCE, attendance::get_attendance),
        route!(op::LIST_PERSON_ALIASES, persons::list_aliases),
        route!(op::MERGE_PERSONS, persons::merge_persons),
        route!(op::SPLIT_PERSON, persons::split_person),
        route!(op::GET_SIGN_IN, members::session::get_sign_in),
        route!(op::GET_SESSION, members::session::get_session),
        route!(op::SIGN_IN, members::session::sign_in),
        route!(op::SIGN_OUT, members::session::sign_out),
        route!(op::SIGN_IN_TO_DEMO, members::session::sign_in_to_demo),
        route!(op::SET_PASSWORD, members::session::set_password),
        route!(op::LIST_SESSIONS, members::sessions::list_sessions),
        route!(op::END_SESSION, members::sessions::end_session),
        route!(op::GET_INVITATION, members::invitations::get_invitation),
        route!(op::ACCEPT_INVITATION, members::invitations::accept_invitation),
        route!(op::LIST_MEMBERS, members::manage::list_members),
        route!(op::INVITE_MEMBER, members::manage::invite_member),
        route!(op::CHANGE_MEMBER, members::manage::change_member),
        route!(op::REMOVE_MEMBER, members::manage::remove_member),
        route!(op::INGEST_PARTICIPANTS, lines::ingest_participants),
        route!(op::INGEST_QOS, lines::ingest_qos),
        route!(op::INGEST_WEBRTC, webrtc::ingest_webrtc),
    ]
}

/// All routes of these APIs.
pub(crate) fn router(app: &AppState) -> Router<AppState> {
    let guarded = |operation: &'static Operation, handler: MethodRouter<AppState>| {
        // Its token may be in the body, so the handler asks the guard.
        if operation == &op::INGEST_WEBRTC {
            return handler.options(webrtc::allow_webrtc);
        }
        handler.route_layer(from_fn_with_state((app.clone(), operation), guard))
    };
    let turns = app.settings.max_ingest_bodies as u64;
    crate::routes::router(routes(), guarded)
        .route("/rollcall.js", get(webrtc::script))
        .layer(Extension(Shares::<AccountId>::new(turns, turns.div_ceil(2))))
        .layer(Extension(Arc::new(webrtc::Pages::new(&app.settings))))
        .layer(Extension(Arc::<attendance::Recent>::default()))
        .layer(Extension(Arc::<live::Feeds>::default()))
}

/// Returns the size of a page that the parameter `limit` asks for.
fn page_size(limit: Option<usize>, default: usize, max: usize) -> Result<usize, ApiError> {
    let limit = limit.unwrap_or(default);
    if (1..=max).contains(&limit) {
        Ok(limit)
    } else {
        Err(ApiError::new(StatusCode::BAD_REQUEST, format!("`limit` is 1 to {max}.")))
    }
}

/// Answers a change that a record was found for, or not.
fn done(found: bool, unknown: impl FnOnce() -> String) -> Result<StatusCode, ApiError> {
    if found { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::new(StatusCode::NOT_FOUND, unknown())) }
}

/// Returns whether a caller accepts a media type by its name.
fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains(media_type))
}

/// Lets a request through to `operation`, or answers it with an error.
async fn guard(
    State((app, operation)): State<(AppState, &'static Operation)>,
    request: Request,
    next: Next,
) -> Response {
    let address = address_of(request.extensions());
    match app.auth.admit(operation, request, address).await {
        Ok((request, caller)) => app.auth.run(operation, &caller, address, request, next).await,
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

    /// The store failed; it may be that a name is taken.
    fn taken(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { what } => Self::new(StatusCode::CONFLICT, format!("There is already {what}.")),
            error => error.into(),
        }
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
            Denied::NotSignedIn => Self::new(StatusCode::UNAUTHORIZED, NOT_SIGNED_IN),
            Denied::MissingRole(least) => Self::new(StatusCode::FORBIDDEN, missing_role(least)),
            Denied::CrossSite => Self::new(StatusCode::FORBIDDEN, CROSS_SITE),
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

/// Rollcall's own surface, and whatever belongs to no other.
pub(crate) struct Api;

impl Surface for Api {
    fn owns(&self, _path: &str) -> bool {
        true
    }

    fn tracking_header(&self) -> Option<&'static str> {
        None
    }

    fn streams_body(&self, path: &str) -> bool {
        [op::INGEST_PARTICIPANTS.path, op::INGEST_QOS.path].contains(&path)
    }

    fn failure(&self, failure: Failure) -> Response {
        self::failure(failure)
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
