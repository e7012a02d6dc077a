//! `GET /oauth/authorize` and `GET /v1/authorize`: the pages on which a browser waits until the operator has approved an
//! app, see `rollcall_auth`. They work without JavaScript: the page loads itself again until there is a decision.

use axum::{
    Router,
    extract::{Extension, Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use rollcall_auth::{
    AskingPerson, AuthorizeError, Continued, Params, Permission, Pkce, Site, Throttled, WAITING_SECONDS, Waiting,
    cookie, known_scopes, permissions, redirect_host,
};
use rollcall_model::{App, Authorization, Scopes, Vendor};
use rollcall_reference::{Approval, ApprovalLine, WaitingApproval};

use crate::{client::ClientAddress, operations, reference::uncached, state::AppState};

/// Seconds until the page loads again.
const RELOAD_SECONDS: u32 = 4;

/// The authorization endpoint of a surface.
pub(crate) struct Endpoint {
    /// Its path.
    pub(crate) path: &'static str,
    /// The surface's vendor.
    pub(crate) vendor: Vendor,
    /// The challenges that the vendor accepts.
    pub(crate) pkce: Pkce,
}

/// Returns the routes of an endpoint. They are for browsers, so they are no operations of the API.
pub(crate) fn router(endpoint: &'static Endpoint) -> Router<AppState> {
    let begin = async |State(app): State<AppState>, address: Option<Extension<ClientAddress>>, uri: Uri| {
        begin(endpoint, &app, address.map(|Extension(client)| client), &uri).await
    };
    let proceed = async |State(app): State<AppState>,
                         Path(request_code): Path<String>,
                         address: Option<Extension<ClientAddress>>,
                         headers: HeaderMap| {
        proceed(endpoint, &app, address.map(|Extension(client)| client), &request_code, &headers).await
    };
    Router::new().route(endpoint.path, get(begin)).route(&format!("{}/{{request_code}}", endpoint.path), get(proceed))
}

/// Stores the request of an app, and sends the browser to the page that waits.
async fn begin(endpoint: &Endpoint, app: &AppState, client: Option<ClientAddress>, uri: &Uri) -> Response {
    let params = Params::read(uri, &[]);
    let asking = AskingPerson {
        params: &params,
        address: client.map(|client| client.ip),
        vendor: endpoint.vendor,
        pkce: endpoint.pkce,
        is_scope: operations::is_scope,
    };
    match app.auth.request_authorization(asking).await {
        Ok(Waiting { request_code, browser }) => {
            let cookie = Cookie { endpoint, request_code: &request_code, site: app.auth.site() };
            let cookie = cookie.print(browser.expose(), WAITING_SECONDS);
            see_other(&format!("{}/{request_code}", endpoint.path), &cookie)
        }
        Err(error) => failed(error),
    }
}

/// Shows where a request stands, or sends the browser back to the app.
async fn proceed(
    endpoint: &Endpoint,
    app: &AppState,
    client: Option<ClientAddress>,
    request_code: &str,
    headers: &HeaderMap,
) -> Response {
    let cookie = Cookie { endpoint, request_code, site: app.auth.site() };
    let Some(browser) = cookie.find(headers) else { return page(StatusCode::NOT_FOUND, &Approval::Unknown) };
    match app.auth.continue_authorization(browser, request_code, client.map(|client| client.ip)).await {
        Ok(Continued::Waiting(authorization, client)) => {
            let seconds = authorization.request.expires_at.as_seconds() - app.now().as_seconds();
            page(StatusCode::OK, &waiting(&authorization, &client, seconds))
        }
        Ok(Continued::Return(address)) => see_other(&address, &cookie.print("", 0)),
        Ok(Continued::Done(client)) => page(StatusCode::OK, &Approval::Done { app: client.name.to_string() }),
        Ok(Continued::Unknown) => page(StatusCode::NOT_FOUND, &Approval::Unknown),
        Err(error) => failed(error),
    }
}

fn failed(error: AuthorizeError) -> Response {
    match error {
        AuthorizeError::Page(problem) => {
            page(StatusCode::BAD_REQUEST, &Approval::Refused { problem: problem.to_owned() })
        }
        AuthorizeError::Redirect(address) => see_other(&address, ""),
        AuthorizeError::Throttled(Throttled { retry_after_seconds }) => {
            let problem =
                format!("Too many wrong links came from your network. Try again in {retry_after_seconds} seconds.");
            let mut response = page(StatusCode::TOO_MANY_REQUESTS, &Approval::Refused { problem });
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after_seconds));
            response
        }
        AuthorizeError::Store(error) => {
            tracing::error!(error = %error, "an authorization request failed");
            crate::api::failure(crate::surface::Failure::Internal)
        }
    }
}

fn page(status: StatusCode, approval: &Approval) -> Response {
    let mut response = uncached(status, approval.html());
    // Apps open this page in a window that later reports to its opener, which this header would prevent.
    response.headers_mut().remove(HeaderName::from_static("cross-origin-opener-policy"));
    response
}

/// Redirects with 303, so that a browser never sends a form again (RFC 9700, section 4.12).
fn see_other(address: &str, cookie: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let Ok(address) = HeaderValue::from_str(address) else {
        return crate::api::failure(crate::surface::Failure::Internal);
    };
    response.headers_mut().insert(header::LOCATION, address);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(cookie) = HeaderValue::from_str(cookie)
        && !cookie.is_empty()
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// The cookie by which the browser that made a request is recognized. Each request has its own, which is sent only to its
/// page, so that several can wait in one browser.
struct Cookie<'r> {
    endpoint: &'r Endpoint,
    request_code: &'r str,
    site: &'r Site,
}

impl Cookie<'_> {
    fn name(&self) -> String {
        format!("authorize-{}", self.request_code)
    }

    /// Prints the header that sets it. A page of the app's site may lead the browser here, which `Lax` allows.
    fn print(&self, value: &str, seconds: i64) -> String {
        let path = format!("{}/{}", self.endpoint.path, self.request_code);
        self.site.set_cookie(&self.name(), value, &path, seconds)
    }

    /// Returns its value in a request.
    fn find<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        cookie(headers, &self.name())
    }
}

fn waiting(Authorization { request, .. }: &Authorization, client: &App, seconds: i64) -> Approval {
    let granted = match &request.scopes {
        Scopes::Listed(names) => permissions(names.iter()),
        Scopes::All => permissions(known_scopes(&operations::ALL)),
    };
    let lines = |is_change| {
        let these = granted.iter().filter(move |one| one.is_change == is_change);
        these.map(|one: &Permission| ApprovalLine { what: one.what(), is_own: one.is_own }).collect()
    };
    let vendor = match request.vendor {
        Vendor::Zoom => "Zoom",
        Vendor::Webex => "Webex",
    };
    Approval::Waiting(Box::new(WaitingApproval {
        app: client.name.to_string(),
        vendor,
        code: request.request_code.to_string(),
        needs_user: rollcall_auth::needs_user(&request.scopes),
        is_everything: request.scopes == Scopes::All,
        reads: lines(false),
        changes: lines(true),
        returns_to: redirect_host(&request.redirect_uri).to_owned(),
        minutes: (seconds + 59) / 60,
        reload_seconds: RELOAD_SECONDS,
    }))
}
