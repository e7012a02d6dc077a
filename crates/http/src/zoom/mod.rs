//! Zoom's API: `/v2` and `/oauth`.

mod absentees;
mod body;
mod describe;
mod error;
mod extract;
mod guard;
mod instances;
mod kept;
mod meetings;
mod oauth;
mod paging;
mod panelists;
mod participants;
mod past;
mod qos;
mod qos_summary;
mod quality;
mod query;
mod registrants;
mod reports;
mod resolve;
mod responses;
mod scheduling;
mod table;
mod tracking_fields;
mod tracking_sources;
mod users;
mod walk;

use axum::{
    Router,
    extract::Request,
    http::{StatusCode, Uri, uri::PathAndQuery},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use rollcall_zoom::operations as op;

use crate::{
    authorize,
    routes::{Route, route},
    state::AppState,
    surface::{Failure, Surface},
};
use error::ZoomError;
pub(crate) use oauth::AUTHORIZE;
pub use participants::ahead::{PrintAhead, PrintAheadSettings};

/// The operations, each with its handler.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes = vec![
        route!(op::CREATE_TOKEN, oauth::create_token),
        route!(op::REVOKE_TOKEN, oauth::revoke_token),
        route!(op::DASHBOARD_MEETINGS, instances::list_meetings),
        route!(op::DASHBOARD_MEETING_DETAIL, instances::get_meeting),
        route!(op::DASHBOARD_MEETING_PARTICIPANTS, participants::list_meeting_participants),
        route!(op::DASHBOARD_MEETING_PARTICIPANTS_QOS, qos::list_meeting_participants_qos),
        route!(op::DASHBOARD_MEETING_PARTICIPANTS_QOS_SUMMARY, qos_summary::list_meeting_participants_qos_summary),
        route!(op::DASHBOARD_MEETING_PARTICIPANT_QOS, qos::get_meeting_participant_qos),
        route!(op::DASHBOARD_WEBINARS, instances::list_webinars),
        route!(op::DASHBOARD_WEBINAR_DETAIL, instances::get_webinar),
        route!(op::DASHBOARD_WEBINAR_PARTICIPANTS, participants::list_webinar_participants),
        route!(op::DASHBOARD_WEBINAR_PARTICIPANTS_QOS, qos::list_webinar_participants_qos),
        route!(op::DASHBOARD_WEBINAR_PARTICIPANTS_QOS_SUMMARY, qos_summary::list_webinar_participants_qos_summary),
        route!(op::DASHBOARD_WEBINAR_PARTICIPANT_QOS, qos::get_webinar_participant_qos),
        route!(op::DASHBOARD_QUALITY, quality::get_quality),
        route!(op::LIST_TRACKING_SOURCES, tracking_sources::list_tracking_sources),
        route!(op::USERS, users::list_users),
        route!(op::USER_EMAIL, users::check_user_email),
        route!(op::USER_VANITY_NAME, users::check_user_vanity_name),
        route!(op::USER, users::get_user),
        route!(op::USER_MEETINGS, meetings::list_user_meetings),
        route!(op::USER_WEBINARS, meetings::list_user_webinars),
        route!(op::MEETING, meetings::get_meeting),
        route!(op::WEBINAR, meetings::get_webinar),
        route!(op::PAST_MEETING_INSTANCES, past::list_past_meeting_instances),
        route!(op::PAST_WEBINAR_INSTANCES, past::list_past_webinar_instances),
        route!(op::REPORT_MEETING_PARTICIPANTS, reports::participants::report_meeting_participants),
        route!(op::REPORT_WEBINAR_PARTICIPANTS, reports::participants::report_webinar_participants),
        route!(op::PAST_MEETING_PARTICIPANTS, reports::participants::list_past_meeting_participants),
        route!(op::PAST_WEBINAR_PARTICIPANTS, reports::participants::list_past_webinar_participants),
        route!(op::PAST_MEETING, past::get_past_meeting),
        route!(op::REPORT_DAILY, reports::usage::report_daily),
        route!(op::REPORT_USERS, reports::usage::report_users),
        route!(op::REPORT_USER_MEETINGS, reports::history::report_user_meetings),
        route!(op::REPORT_HISTORY_MEETINGS, reports::history::report_history_meetings),
        route!(op::REPORT_MEETING, reports::history::report_meeting),
        route!(op::REPORT_WEBINAR, reports::history::report_webinar),
        route!(op::REPORT_UPCOMING_EVENTS, reports::history::report_upcoming_events),
    ];
    routes.extend(kept::routes());
    routes.extend(registrants::routes());
    routes.extend(panelists::routes());
    routes.push(absentees::route());
    routes.extend(tracking_fields::routes());
    routes.extend(scheduling::routes());
    routes
}

/// All routes of this API.
pub(crate) fn router(app: &AppState) -> Router<AppState> {
    crate::routes::router(routes(), |operation, handler| {
        handler.route_layer(from_fn_with_state((app.clone(), operation), guard::guard))
    })
    .merge(authorize::router(&AUTHORIZE))
}

/// Zoom's surface.
pub(crate) struct Zoom;

impl Surface for Zoom {
    fn owns(&self, path: &str) -> bool {
        matches!(path.split('/').nth(1), Some("v2" | "oauth"))
    }

    fn tracking_header(&self) -> Option<&'static str> {
        Some("x-zm-trackingid")
    }

    fn failure(&self, failure: Failure) -> Response {
        self::failure(failure)
    }
}

/// The response to failures outside of operations.
fn failure(failure: Failure) -> Response {
    match failure {
        Failure::UnknownPath => ZoomError::unrecognized(),
        Failure::UnknownMethod => {
            ZoomError::new(StatusCode::METHOD_NOT_ALLOWED, 2300, "This API endpoint does not support this method.")
        }
        Failure::BodyTooLarge { max_bytes } => ZoomError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            300,
            format!("The request body is too large. Send at most {max_bytes} bytes."),
        ),
        Failure::BodyUnreadable => {
            ZoomError::new(StatusCode::BAD_REQUEST, 300, "The request body ended before it was complete.")
        }
        Failure::NoHost => ZoomError::new(StatusCode::BAD_REQUEST, 300, "Send a Host header."),
        Failure::TooManyRequests => ZoomError::new(
            StatusCode::TOO_MANY_REQUESTS,
            429,
            "You have too many requests or unread responses. Read the responses, then retry.",
        )
        .with_header("retry-after", "1"),
        Failure::TimedOut => {
            ZoomError::new(StatusCode::GATEWAY_TIMEOUT, 504, "The response took too long. Use a smaller page_size.")
        }
        Failure::Internal => ZoomError::new(StatusCode::INTERNAL_SERVER_ERROR, 500, "Internal error, try again later."),
    }
    .into_response()
}

/// Accepts paths as clients build them: a UUID with raw slashes, a trailing slash, two slashes between base URL and
/// path.
pub(crate) async fn tidy_path(mut request: Request, next: Next) -> Response {
    if let Some(canonical) = rollcall_zoom::path::tidy(request.uri().path()) {
        let path_and_query = match request.uri().query() {
            Some(query) => format!("{canonical}?{query}"),
            None => canonical,
        };
        if let Ok(path_and_query) = path_and_query.parse::<PathAndQuery>() {
            let mut parts = request.uri().clone().into_parts();
            parts.path_and_query = Some(path_and_query);
            if let Ok(uri) = Uri::from_parts(parts) {
                *request.uri_mut() = uri;
            }
        }
    }
    next.run(request).await
}
