//! Zoom's API: `/v2` and `/oauth`.

mod describe;
mod error;
mod extract;
mod guard;
mod instances;
mod meetings;
mod oauth;
pub(crate) mod operations;
mod paging;
mod participants;
mod past;
mod qos;
mod qos_summary;
mod quality;
mod query;
mod report;
mod resolve;
mod responses;
mod tracking_sources;
mod users;
mod walk;

use axum::{
    Router,
    extract::Request,
    http::{StatusCode, Uri, uri::PathAndQuery},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use error::ZoomError;
pub use participants::ahead::{PrintAhead, PrintAheadError, PrintAheadSettings};

use crate::{auth::Operation, server::Failure, state::AppState};

/// The handlers of this API that describe themselves.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(
        oauth::create_token,
        oauth::revoke_token,
        instances::list_meetings,
        instances::get_meeting,
        instances::list_webinars,
        instances::get_webinar,
        participants::list_meeting_participants,
        participants::list_webinar_participants,
        qos::list_meeting_participants_qos,
        qos::get_meeting_participant_qos,
        qos_summary::list_meeting_participants_qos_summary,
        qos::list_webinar_participants_qos,
        qos::get_webinar_participant_qos,
        qos_summary::list_webinar_participants_qos_summary,
        quality::get_quality,
        tracking_sources::list_tracking_sources,
        users::list_users,
        users::check_user_email,
        users::check_user_vanity_name,
        users::get_user,
        meetings::list_user_meetings,
        meetings::list_user_webinars,
        meetings::get_meeting,
        meetings::get_webinar,
        past::list_past_meeting_instances,
        past::list_past_webinar_instances,
        past::get_past_meeting,
        report::report_meeting_participants,
        report::report_webinar_participants,
        report::list_past_meeting_participants,
        report::list_past_webinar_participants,
    ),
    components(schemas(rollcall_zoom::wire::FieldError))
)]
pub(crate) struct Description;

/// A route with the operation that guards it.
type Route = (&'static str, &'static Operation, MethodRouter<AppState>);

/// All routes that return data. There is no other way into the router, so each of them has a guard.
fn guarded_routes() -> Vec<Route> {
    use operations as op;
    vec![
        ("/v2/metrics/meetings", &op::DASHBOARD_MEETINGS, get(instances::list_meetings)),
        ("/v2/metrics/meetings/{id}", &op::DASHBOARD_MEETING_DETAIL, get(instances::get_meeting)),
        (
            "/v2/metrics/meetings/{id}/participants",
            &op::DASHBOARD_MEETING_PARTICIPANTS,
            get(participants::list_meeting_participants),
        ),
        (
            "/v2/metrics/meetings/{id}/participants/qos",
            &op::DASHBOARD_MEETING_PARTICIPANTS_QOS,
            get(qos::list_meeting_participants_qos),
        ),
        (
            "/v2/metrics/meetings/{id}/participants/qos_summary",
            &op::DASHBOARD_MEETING_PARTICIPANTS_QOS_SUMMARY,
            get(qos_summary::list_meeting_participants_qos_summary),
        ),
        (
            "/v2/metrics/meetings/{id}/participants/{participant_id}/qos",
            &op::DASHBOARD_MEETING_PARTICIPANT_QOS,
            get(qos::get_meeting_participant_qos),
        ),
        ("/v2/metrics/webinars", &op::DASHBOARD_WEBINARS, get(instances::list_webinars)),
        ("/v2/metrics/webinars/{id}", &op::DASHBOARD_WEBINAR_DETAIL, get(instances::get_webinar)),
        (
            "/v2/metrics/webinars/{id}/participants",
            &op::DASHBOARD_WEBINAR_PARTICIPANTS,
            get(participants::list_webinar_participants),
        ),
        (
            "/v2/metrics/webinars/{id}/participants/qos",
            &op::DASHBOARD_WEBINAR_PARTICIPANTS_QOS,
            get(qos::list_webinar_participants_qos),
        ),
        (
            "/v2/metrics/webinars/{id}/participants/qos_summary",
            &op::DASHBOARD_WEBINAR_PARTICIPANTS_QOS_SUMMARY,
            get(qos_summary::list_webinar_participants_qos_summary),
        ),
        (
            "/v2/metrics/webinars/{id}/participants/{participant_id}/qos",
            &op::DASHBOARD_WEBINAR_PARTICIPANT_QOS,
            get(qos::get_webinar_participant_qos),
        ),
        ("/v2/metrics/quality", &op::DASHBOARD_QUALITY, get(quality::get_quality)),
        (
            "/v2/webinars/{id}/tracking_sources",
            &op::LIST_TRACKING_SOURCES,
            get(tracking_sources::list_tracking_sources),
        ),
        ("/v2/users", &op::USERS, get(users::list_users)),
        ("/v2/users/email", &op::USER_EMAIL, get(users::check_user_email)),
        ("/v2/users/vanity_name", &op::USER_VANITY_NAME, get(users::check_user_vanity_name)),
        ("/v2/users/{user_id}", &op::USER, get(users::get_user)),
        ("/v2/users/{user_id}/meetings", &op::USER_MEETINGS, get(meetings::list_user_meetings)),
        ("/v2/users/{user_id}/webinars", &op::USER_WEBINARS, get(meetings::list_user_webinars)),
        ("/v2/meetings/{id}", &op::MEETING, get(meetings::get_meeting)),
        ("/v2/webinars/{id}", &op::WEBINAR, get(meetings::get_webinar)),
        ("/v2/past_meetings/{id}/instances", &op::PAST_MEETING_INSTANCES, get(past::list_past_meeting_instances)),
        ("/v2/past_webinars/{id}/instances", &op::PAST_WEBINAR_INSTANCES, get(past::list_past_webinar_instances)),
        (
            "/v2/report/meetings/{id}/participants",
            &op::REPORT_MEETING_PARTICIPANTS,
            get(report::report_meeting_participants),
        ),
        (
            "/v2/report/webinars/{id}/participants",
            &op::REPORT_WEBINAR_PARTICIPANTS,
            get(report::report_webinar_participants),
        ),
        (
            "/v2/past_meetings/{id}/participants",
            &op::PAST_MEETING_PARTICIPANTS,
            get(report::list_past_meeting_participants),
        ),
        (
            "/v2/past_webinars/{id}/participants",
            &op::PAST_WEBINAR_PARTICIPANTS,
            get(report::list_past_webinar_participants),
        ),
        ("/v2/past_meetings/{id}", &op::PAST_MEETING, get(past::get_past_meeting)),
    ]
}

/// All routes of this API.
pub(crate) fn router(app: &AppState) -> Router<AppState> {
    let tokens = Router::new()
        .route("/oauth/token", post(oauth::create_token))
        .route("/oauth/revoke", post(oauth::revoke_token));
    guarded_routes().into_iter().fold(tokens, |router, (path, operation, handler)| {
        router.route(path, handler.route_layer(from_fn_with_state((app.clone(), operation), guard::guard)))
    })
}

/// The response to failures outside of operations.
pub(crate) fn failure(failure: Failure) -> Response {
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_operation_guards_one_route_and_is_described_there() {
        // Parameters have other names in the documents than in the routes.
        let shape = |path: &str| -> String {
            let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
            segments.collect::<Vec<_>>().join("/")
        };
        let routed: BTreeSet<(String, &str)> =
            guarded_routes().iter().map(|(path, operation, _)| (shape(path), operation.id)).collect();
        let document = crate::zoom_document();
        let described: BTreeSet<(String, &str)> = document
            .paths
            .paths
            .iter()
            .filter_map(|(path, item)| Some((shape(path), item.get.as_ref()?.operation_id.as_deref()?)))
            .collect();
        assert_eq!(routed, described);
        let known: BTreeSet<&str> = operations::ALL.iter().map(|operation| operation.id).collect();
        assert_eq!(routed.iter().map(|(_, id)| *id).collect::<BTreeSet<_>>(), known);
        assert_eq!((guarded_routes().len(), operations::ALL.len()), (known.len(), known.len()));
    }
}
