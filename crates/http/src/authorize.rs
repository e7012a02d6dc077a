//! `/oauth/authorize` and `/v1/authorize`: the pages on which a browser waits until the operator has approved an app, or
//! on which a signed-in administrator decides, see `rollcall_auth`. They work without JavaScript: the page loads itself
//! again until there is a decision.

use std::net::IpAddr;

use axum::{
    Router,
    body::Bytes,
    extract::{Extension, Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rollcall_auth::{
    AskingPerson, AuthorizeError, CODE_SECONDS, Continued, DecideError, Deciding, Params, Permission, Pkce, Site,
    Standing, Throttled, WAITING_SECONDS, Waiting, cookie, known_scopes, permissions, redirect_host,
};
use rollcall_model::{Authorization, Scopes, Vendor};
use rollcall_reference::{Approval, ApprovalLine, Approver, WaitingApproval};

use crate::{
    client::ClientAddress,
    operations,
    reference::uncached,
    state::{App, AppState},
};

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
        let visit = Visit { endpoint, app: &app, address, request_code: &request_code, headers: &headers };
        visit.proceed().await
    };
    let decide = async |State(app): State<AppState>,
                        Path(request_code): Path<String>,
                        address: Option<Extension<ClientAddress>>,
                        headers: HeaderMap,
                        body: Bytes| {
        let visit = Visit { endpoint, app: &app, address, request_code: &request_code, headers: &headers };
        visit.decide(&body).await
    };
    let page = format!("{}/{{request_code}}", endpoint.path);
    Router::new().route(endpoint.path, get(begin)).route(&page, get(proceed).post(decide))
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

/// A visit of a request's page.
struct Visit<'v> {
    endpoint: &'v Endpoint,
    app: &'v App,
    address: Option<Extension<ClientAddress>>,
    request_code: &'v str,
    headers: &'v HeaderMap,
}

impl Visit<'_> {
    fn ip(&self) -> Option<IpAddr> {
        self.address.as_ref().map(|Extension(client)| client.ip)
    }

    fn cookie(&self) -> Cookie<'_> {
        Cookie { endpoint: self.endpoint, request_code: self.request_code, site: self.app.auth.site() }
    }

    /// Shows where a request stands, or sends the browser back to the app.
    async fn proceed(&self) -> Response {
        self.show(StatusCode::OK, None).await.unwrap_or_else(failed)
    }

    async fn show(&self, status: StatusCode, problem: Option<String>) -> Result<Response, AuthorizeError> {
        let (auth, cookie) = (&self.app.auth, self.cookie());
        let unknown = || page(StatusCode::NOT_FOUND, &Approval::Unknown);
        let Some(browser) = cookie.find(self.headers) else { return Ok(unknown()) };
        Ok(match auth.continue_authorization(browser, self.request_code, self.ip()).await? {
            Continued::Waiting(authorization, client) => {
                let standing = auth.standing(&authorization, self.headers, self.ip()).await?;
                let seconds = authorization.request.expires_at.as_seconds() - self.app.now().as_seconds();
                page(status, &self.waiting(&authorization, &client, seconds, standing, problem))
            }
            Continued::Return(address) => see_other(&address, &cookie.print("", 0)),
            Continued::Done(client) => page(StatusCode::OK, &Approval::Done { app: client.name.to_string() }),
            Continued::Unknown => unknown(),
        })
    }

    /// Takes the decision of a member.
    async fn decide(&self, body: &[u8]) -> Response {
        let params = Params::read(&Uri::default(), body);
        let approve = match params.get_once("decision") {
            Ok(Some("approve")) => true,
            Ok(Some("deny")) => false,
            _ => return self.refuse(StatusCode::BAD_REQUEST, "Choose Approve or Deny.").await,
        };
        let cookie = self.cookie();
        let deciding = Deciding {
            headers: self.headers,
            address: self.ip(),
            browser: cookie.find(self.headers).unwrap_or_default(),
            request_code: self.request_code,
            approve,
            user: params.get("user"),
        };
        match self.app.auth.decide(deciding).await {
            Ok(decided) => {
                let outcome = if approve { "is approved" } else { "gets no access" };
                let mut response = self.decided(format!("{} {outcome}", decided.app.name));
                if let Ok(cookie) = HeaderValue::from_str(&cookie.print(decided.browser.expose(), CODE_SECONDS)) {
                    response.headers_mut().insert(header::SET_COOKIE, cookie);
                }
                response
            }
            // After a second click, for example. The page says how the request stands.
            Err(DecideError::Unknown) => self.decided("This request was decided".to_owned()),
            Err(DecideError::Forbidden(problem)) => self.refuse(StatusCode::FORBIDDEN, problem).await,
            Err(DecideError::User(problem)) => self.refuse(StatusCode::BAD_REQUEST, &problem).await,
            Err(DecideError::Other(error)) => failed(error),
        }
    }

    fn decided(&self, outcome: String) -> Response {
        page(StatusCode::OK, &Approval::Decided { outcome, page: self.path() })
    }

    async fn refuse(&self, status: StatusCode, problem: &str) -> Response {
        self.show(status, Some(problem.to_owned())).await.unwrap_or_else(failed)
    }

    /// Returns the path of the page, as the browser has it.
    fn path(&self) -> String {
        let code = utf8_percent_encode(self.request_code, NON_ALPHANUMERIC).to_string().replace("%2D", "-");
        format!("{}/{code}", self.endpoint.path)
    }

    fn waiting(
        &self,
        Authorization { request, .. }: &Authorization,
        client: &rollcall_model::App,
        seconds: i64,
        standing: Standing,
        problem: Option<String>,
    ) -> Approval {
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
        let has_field = matches!(standing, Standing::Decide(_));
        Approval::Waiting(Box::new(WaitingApproval {
            app: client.name.to_string(),
            vendor,
            code: request.request_code.to_string(),
            needs_user: rollcall_auth::needs_user(&request.scopes),
            approver: self.approver(standing),
            problem,
            is_everything: request.scopes == Scopes::All,
            reads: lines(false),
            changes: lines(true),
            returns_to: redirect_host(&request.redirect_uri).to_owned(),
            minutes: (seconds + 59) / 60,
            // A page that loads again would lose what somebody types.
            reload_seconds: (!has_field).then_some(RELOAD_SECONDS),
        }))
    }

    fn approver(&self, standing: Standing) -> Approver {
        let name = |member: rollcall_model::Member| member.name.to_string();
        match standing {
            Standing::Stranger => {
                let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", &self.path()).finish();
                Approver::Nobody { sign_in: format!("/signin?{query}") }
            }
            Standing::Barred(member) => Approver::Nothing { name: name(member) },
            Standing::Deny(member) => Approver::Deny { name: name(member) },
            Standing::Decide(member) => Approver::Decide { name: name(member) },
        }
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
    // With `no-referrer`, a browser would not say from which origin a form comes.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
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
