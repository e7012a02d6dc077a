//! Webex's API: `/v1`.

mod admin_meetings;
mod attendee_reports;
mod csv_reports;
mod directory;
mod ended_runs;
mod error;
mod extract;
mod guard;
mod host_tracking_codes;
mod invitees;
mod meeting_changes;
mod meeting_filter;
mod meeting_participants;
mod meetings;
mod oauth;
mod paging;
mod people;
mod planned;
mod qualities;
mod registrants;
mod registration;
mod responses;
mod runs;
mod schedules;
mod sites;
mod tracking_codes;
mod usage_reports;
mod user_tracking_codes;
mod webhooks;

use std::sync::Arc;

use axum::{
    Extension, Router,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::MethodRouter,
};
use rollcall_model::Operation;
use rollcall_webex::operations as op;
use rollcall_webex::status::Status;

use crate::{
    authorize,
    routes::{Route, handle, route},
    state::AppState,
    surface::{Failure, Surface},
};
use error::WebexError;
pub(crate) use error::print_errors;
pub(crate) use oauth::AUTHORIZE;
pub use webhooks::WebhookSender;

/// The operations, each with its handler.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        route!(op::CREATE_ACCESS_TOKEN, oauth::create_token),
        route!(op::LIST_TRACKING_CODES, tracking_codes::list_tracking_codes),
        route!(op::CREATE_TRACKING_CODE, tracking_codes::create_tracking_code),
        route!(op::GET_TRACKING_CODE, tracking_codes::get_tracking_code),
        route!(op::UPDATE_TRACKING_CODE, tracking_codes::update_tracking_code),
        route!(op::DELETE_TRACKING_CODE, tracking_codes::delete_tracking_code),
        route!(op::GET_USER_TRACKING_CODES, user_tracking_codes::get_user_tracking_codes),
        route!(op::UPDATE_USER_TRACKING_CODES, user_tracking_codes::update_user_tracking_codes),
        route!(op::LIST_HOST_TRACKING_CODES, host_tracking_codes::list_host_tracking_codes),
        route!(op::LIST_SITES, sites::list_sites),
        route!(op::UPDATE_DEFAULT_SITE, sites::update_default_site),
        route!(op::LIST_MEETINGS, meetings::list_meetings),
        route!(op::GET_MEETING, meetings::get_meeting),
        route!(op::CREATE_MEETING, meeting_changes::create_meeting),
        route!(op::UPDATE_MEETING, meeting_changes::update_meeting),
        route!(op::PATCH_MEETING, meeting_changes::patch_meeting),
        route!(op::DELETE_MEETING, meeting_changes::delete_meeting),
        route!(op::LIST_MEETINGS_AS_ADMIN, admin_meetings::list_meetings_as_admin),
        route!(op::GET_MEETING_AS_ADMIN, admin_meetings::get_meeting_as_admin),
        route!(op::GET_REGISTRATION, registration::get_registration),
        route!(op::UPDATE_REGISTRATION, registration::update_registration),
        route!(op::DELETE_REGISTRATION, registration::delete_registration),
        route!(op::LIST_INVITATION_SOURCES, registration::list_invitation_sources),
        route!(op::CREATE_INVITATION_SOURCES, registration::create_invitation_sources),
        route!(op::LIST_REGISTRANTS, registrants::list_registrants),
        route!(op::CREATE_REGISTRANT, registrants::create_registrant),
        route!(op::CREATE_REGISTRANTS, registrants::create_registrants),
        route!(op::GET_REGISTRANT, registrants::get_registrant),
        route!(op::DELETE_REGISTRANT, registrants::delete_registrant),
        route!(op::QUERY_REGISTRANTS, registrants::query_registrants),
        route!(op::APPROVE_REGISTRANTS, registrants::approve_registrants),
        route!(op::REJECT_REGISTRANTS, registrants::reject_registrants),
        route!(op::CANCEL_REGISTRANTS, registrants::cancel_registrants),
        route!(op::DELETE_REGISTRANTS, registrants::delete_registrants),
        route!(op::LIST_INVITEES, invitees::list_invitees),
        route!(op::CREATE_INVITEE, invitees::create_invitee),
        route!(op::CREATE_INVITEES, invitees::create_invitees),
        route!(op::GET_INVITEE, invitees::get_invitee),
        route!(op::UPDATE_INVITEE, invitees::update_invitee),
        route!(op::DELETE_INVITEE, invitees::delete_invitee),
        route!(op::GET_PREFERENCES, admin_meetings::get_preferences),
        route!(op::LIST_MEETING_PARTICIPANTS, meeting_participants::list_meeting_participants),
        route!(op::QUERY_MEETING_PARTICIPANTS, meeting_participants::query_meeting_participants),
        route!(op::GET_MEETING_PARTICIPANT, meeting_participants::get_meeting_participant),
        route!(op::LIST_QUALITIES, qualities::list_meeting_qualities),
        route!(op::LIST_USAGE_REPORTS, usage_reports::list_usage_reports),
        route!(op::LIST_ATTENDEE_REPORTS, attendee_reports::list_attendee_reports),
        route!(op::LIST_REPORT_TEMPLATES, csv_reports::list_report_templates),
        route!(op::LIST_REPORTS, csv_reports::list_reports),
        route!(op::CREATE_REPORT, csv_reports::create_report),
        route!(op::GET_REPORT, csv_reports::get_report),
        route!(op::DELETE_REPORT, csv_reports::delete_report),
        route!(op::LIST_WEBHOOKS, webhooks::list_webhooks),
        route!(op::CREATE_WEBHOOK, webhooks::create_webhook),
        route!(op::GET_WEBHOOK, webhooks::get_webhook),
        route!(op::UPDATE_WEBHOOK, webhooks::update_webhook),
        route!(op::DELETE_WEBHOOK, webhooks::delete_webhook),
        route!(op::LIST_PEOPLE, directory::list_people),
        route!(op::GET_MYSELF, directory::get_myself),
        route!(op::GET_PERSON, directory::get_person),
        route!(op::LIST_ORGANIZATIONS, directory::list_organizations),
        route!(op::GET_ORGANIZATION, directory::get_organization),
    ]
}

/// All routes of this API.
pub(crate) fn router(app: &AppState) -> Router<AppState> {
    let guarded = |operation: &'static Operation, handler: MethodRouter<AppState>| {
        handler.route_layer(from_fn_with_state((app.clone(), operation), guard::guard))
    };
    let download = handle(&op::DOWNLOAD_REPORT, csv_reports::download_report);
    crate::routes::router(routes(), guarded)
        .route(op::DOWNLOAD_REPORT.path, guarded(&op::DOWNLOAD_REPORT, download))
        .layer(Extension(Arc::new(qualities::Asked::default())))
        .merge(authorize::router(&AUTHORIZE))
}

/// Webex's surface.
pub(crate) struct Webex;

impl Surface for Webex {
    fn owns(&self, path: &str) -> bool {
        path == "/v1" || path.starts_with("/v1/")
    }

    fn tracking_header(&self) -> Option<&'static str> {
        Some("trackingid")
    }

    fn failure(&self, failure: Failure) -> Response {
        self::failure(failure)
    }
}

/// The response to failures outside of operations.
fn failure(failure: Failure) -> Response {
    let (status, description) = match failure {
        Failure::UnknownPath => (Status::NotFound, "Unknown resource.".to_owned()),
        Failure::UnknownMethod => (Status::MethodNotAllowed, "The resource does not support this method.".to_owned()),
        Failure::BodyTooLarge { max_bytes } => {
            (Status::PayloadTooLarge, format!("The body is too large. Send at most {max_bytes} bytes."))
        }
        Failure::BodyUnreadable => (Status::BadRequest, "The body ended before it was complete.".to_owned()),
        Failure::NoHost => (Status::BadRequest, "Send a Host header.".to_owned()),
        Failure::TooManyRequests => (
            Status::TooManyRequests,
            "You have too many requests or unread responses. Read the responses, then retry.".to_owned(),
        ),
        Failure::TimedOut => (Status::GatewayTimeout, "The response took too long. Use a smaller max.".to_owned()),
        Failure::Internal => (Status::InternalServerError, "Internal error, try again later.".to_owned()),
    };
    WebexError::new(status, description).into_response()
}
