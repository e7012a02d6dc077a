//! `GET /auth/{provider}` and `GET /auth/{provider}/callback`: signing in through a provider. They are for browsers, so
//! they are no operations of the API.

use std::borrow::Cow;

use axum::{
    Router,
    extract::{Extension, Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use rollcall_auth::{
    ATTEMPT_SECONDS, Arrived, Browser, Departure, Params, ProviderError, Return, SignInError, Throttled, own_path,
};
use rollcall_model::SESSION_SECONDS;
use rollcall_reference::SignInFailure;

use crate::{
    client::ClientAddress,
    reference::uncached,
    state::{App, AppState},
    surface::{Failure, public_url},
};

pub(crate) fn router() -> Router<AppState> {
    Router::new().route("/auth/{provider}", get(begin)).route("/auth/{provider}/callback", get(finish))
}

/// Returns the address to which a provider sends browsers back. Each provider has its own.
fn redirect_uri(app: &App, provider: &str, headers: &HeaderMap) -> String {
    format!("{}/auth/{provider}/callback", public_url(&app.settings, headers))
}

/// Sends the browser to the provider.
async fn begin(State(app): State<AppState>, Path(provider): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    let params = Params::read(&uri, &[]);
    let next = own_path(params.get("next").unwrap_or_default());
    match app.auth.begin_at_provider(&provider, next, &redirect_uri(&app, &provider, &headers)).await {
        Ok(Departure { address, cookie }) => {
            see_other(&address, &[app.auth.site().set_attempt(&cookie, ATTEMPT_SECONDS)])
        }
        Err(error) => failed(&error, next),
    }
}

/// Signs in the member whom the provider vouches for.
async fn finish(
    State(app): State<AppState>,
    Path(provider): Path<String>,
    address: Option<Extension<ClientAddress>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let site = app.auth.site();
    let back = Return {
        provider: &provider,
        params: &Params::read(&uri, &[]),
        cookie: site.attempt(&headers),
        redirect_uri: &redirect_uri(&app, &provider, &headers),
        browser: Browser {
            address: address.map(|Extension(client)| client.ip),
            agent: headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()),
            former: site.session(&headers),
        },
    };
    let is_over = site.set_attempt("", 0);
    match app.auth.finish_at_provider(back).await {
        Ok(Arrived { started, next }) => {
            see_other(&next, &[site.set_session(started.secret.expose(), SESSION_SECONDS), is_over])
        }
        // Another site may have sent the browser here while the person is still at the provider.
        Err((error @ ProviderError::NoAttempt, next)) => failed(&error, &next),
        Err((error, next)) => with_cookies(failed(&error, &next), &[is_over]),
    }
}

fn see_other(address: &str, cookies: &[String]) -> Response {
    let Ok(address) = HeaderValue::from_str(address) else { return crate::api::failure(Failure::Internal) };
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(header::LOCATION, address);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    with_cookies(response, cookies)
}

fn with_cookies(mut response: Response, cookies: &[String]) -> Response {
    for cookie in cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Returns the page for a person who could not sign in, with a way back.
fn failed(error: &ProviderError, next: &str) -> Response {
    let (status, problem): (StatusCode, Cow<'static, str>) = match error {
        ProviderError::Unknown => (StatusCode::NOT_FOUND, "This server has no such provider.".into()),
        ProviderError::NoAttempt => (
            StatusCode::BAD_REQUEST,
            "This sign-in has expired, was used already, or began in another browser. Cookies have to be allowed.".into(),
        ),
        ProviderError::Declined => (StatusCode::FORBIDDEN, "The provider did not sign you in, or you cancelled.".into()),
        ProviderError::Failed => (
            StatusCode::BAD_GATEWAY,
            "The provider could not be reached, or its answer could not be verified. If this happens again, tell the \
             operator of this server: the log has the details."
                .into(),
        ),
        ProviderError::NoRole => (
            StatusCode::FORBIDDEN,
            "You are in none of the groups that may sign in here. Ask whoever manages them, then try again.".into(),
        ),
        ProviderError::NotAdmitted => (
            StatusCode::FORBIDDEN,
            "You are not a member here. Ask an administrator for an invitation.".into(),
        ),
        ProviderError::NoAddress => (
            StatusCode::FORBIDDEN,
            "The provider gave no email address of yours, or one that it has not verified.".into(),
        ),
        ProviderError::Taken => (
            StatusCode::CONFLICT,
            "Your email address already signs in to this server in another way. Sign in that way, or ask an \
             administrator to remove that member first."
                .into(),
        ),
        ProviderError::LastAdministrator => (
            StatusCode::CONFLICT,
            "The provider no longer makes you an administrator, but you are the last one of your account. The operator \
             of this server can invite another one."
                .into(),
        ),
        ProviderError::SignIn(error) => match error {
            SignInError::Throttled(Throttled { retry_after_seconds }) => {
                let problem = format!("Too many sign-ins failed. Try again in {retry_after_seconds} seconds.");
                let mut response = page(StatusCode::TOO_MANY_REQUESTS, problem, next);
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_seconds));
                return response;
            }
            SignInError::Suspended => (StatusCode::FORBIDDEN, "The account is suspended.".into()),
            SignInError::Full(limit) => (StatusCode::CONFLICT, format!("{limit}.").into()),
            error => {
                tracing::error!(?error, "a sign-in through a provider failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on this server.".into())
            }
        },
    };
    page(status, problem.into_owned(), next)
}

fn page(status: StatusCode, problem: String, next: &str) -> Response {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    uncached(status, SignInFailure { problem, back: format!("/signin?{query}") }.html())
}
