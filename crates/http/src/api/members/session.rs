//! `/api/v1/session`: who is signed in, signing in and out.

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use rollcall_auth::{Auth, SignInError, Started, scope_names};
use rollcall_model::{Access, AccountId, Member, Scopes, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Named, SignedIn, Visitor, with_session, without_session};
use crate::{
    api::{ApiError, ErrorBody, operations as op},
    operations,
    state::AppState,
};

/// What the sign-in page offers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::api) struct SignInWays {
    /// Whether anybody may look at the demo.
    #[schema(example = false)]
    demo: bool,
    /// Whether members sign in with a password.
    #[schema(example = true)]
    password: bool,
    /// Providers that vouch for members.
    providers: Vec<Provider>,
    /// Whether there is no administrator yet: the server printed a link for the first one when it started.
    #[schema(example = false)]
    first_start: bool,
}

/// A provider that vouches for members.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SignInProvider)]
struct Provider {
    /// Its id: a browser begins at `/auth/{id}`.
    #[schema(example = "company")]
    id: String,
    #[schema(example = "Company account")]
    name: String,
}

/// Lists the ways to sign in.
#[utoipa::path(
    get, path = op::GET_SIGN_IN.path, tag = "Members", operation_id = op::GET_SIGN_IN.id, security(()),
    responses((status = 200, description = "What this server offers.", body = SignInWays))
)]
pub(in crate::api) async fn get_sign_in(State(app): State<AppState>) -> Result<Json<SignInWays>, ApiError> {
    let demo = app.demo.get().is_some();
    let first_start = !demo && !app.store.has_administrator(None).await?;
    let providers = app.auth.providers().map(|(id, name)| Provider { id: id.to_owned(), name: name.to_owned() });
    Ok(Json(SignInWays { demo, password: true, providers: providers.collect(), first_start }))
}

/// Who is signed in, and what they may do.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SessionInfo)]
pub(in crate::api) struct Current {
    /// The member; null if an access token was sent.
    member: Option<Named>,
    account: AccountName,
    /// viewer, analyst or administrator; null for a token, whose scopes decide.
    #[schema(example = "viewer")]
    role: Option<&'static str>,
    /// Whether names and addresses of participants, hosts and users are hidden.
    #[schema(example = false)]
    names_hidden: bool,
    /// Whether this is the demo, which everybody may read.
    #[schema(example = false)]
    demo: bool,
    /// When the session ends unless it is used; null if a token never expires.
    #[schema(example = "2026-10-01T21:00:00Z")]
    expires_at: Option<String>,
    /// The granted scopes.
    #[schema(example = json!(["queries:read", "rollcall:sql"]))]
    scopes: Vec<String>,
    /// The server's version.
    #[schema(example = "1.0.0")]
    version: &'static str,
}

/// An account.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(in crate::api) struct AccountName {
    /// Its public id.
    #[schema(example = "q6gBJVO5TzexKYTb_I2rpg")]
    id: String,
    #[schema(example = "main")]
    name: String,
}

impl AccountName {
    pub(super) async fn of(app: &AppState, account: AccountId) -> Result<Self, ApiError> {
        let account = app.store.account(account).await?;
        let (id, name) = account.map(|account| (account.public_id, account.name)).unwrap_or_default();
        Ok(Self { id: id.to_string(), name: name.to_string() })
    }
}

/// What a caller may do.
struct Allowed<'c> {
    account: AccountId,
    member: Option<(&'c Member, Access)>,
    scopes: &'c Scopes,
    expires_at: Option<Timestamp>,
}

impl Current {
    async fn of(app: &AppState, allowed: Allowed<'_>) -> Result<Self, ApiError> {
        let Allowed { account, member, scopes, expires_at } = allowed;
        Ok(Self {
            member: member.map(|(member, _)| Named::from(member)),
            account: AccountName::of(app, account).await?,
            role: member.map(|(_, access)| access.role().as_str()),
            names_hidden: !scopes.contains(op::SQL_SCOPE),
            demo: app.demo.get() == Some(&account),
            expires_at: expires_at.map(|end| end.to_string()),
            scopes: scope_names(scopes, &operations::ALL).split_ascii_whitespace().map(str::to_owned).collect(),
            version: env!("CARGO_PKG_VERSION"),
        })
    }
}

/// Returns who is signed in, and what they may do.
#[utoipa::path(
    get, path = op::GET_SESSION.path, tag = "Members", operation_id = op::GET_SESSION.id,
    security(("session" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The caller.", body = Current),
        (status = 401, description = "The request has no valid session or token.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_session(
    State(app): State<AppState>,
    signed_in: SignedIn,
) -> Result<Json<Current>, ApiError> {
    let caller = &signed_in.caller;
    let member = match caller.member {
        Some((_, access)) => Some((signed_in.member(&app).await?, access)),
        None => None,
    };
    let current = Current::of(
        &app,
        Allowed {
            account: caller.account,
            member: member.as_ref().map(|(member, access)| (member, *access)),
            scopes: &caller.scopes,
            expires_at: caller.expires_at,
        },
    );
    let current = current.await?;
    signed_in.note(&app, &op::GET_SESSION, StatusCode::OK).await;
    Ok(Json(current))
}

/// Address and password of a member.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Credentials {
    #[schema(example = "ana@example.com")]
    email: String,
    #[schema(example = "correct horse battery")]
    password: String,
}

/// Signs in with address and password.
///
/// The response sets a cookie, by which the browser is recognized from then on; a session that the browser had ends. Wrong
/// passwords are limited for each address and each member.
#[utoipa::path(
    post, path = op::SIGN_IN.path, tag = "Members", operation_id = op::SIGN_IN.id, security(()),
    request_body(content = Credentials),
    responses(
        (status = 201, description = "The session.", body = Current),
        (status = 400, description = "A field is wrong.", body = ErrorBody),
        (status = 401, description = "The address or the password is wrong.", body = ErrorBody),
        (status = 403, description = "Another site's page sent the request.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 429, description = "Too many wrong passwords; `Retry-After` says when to retry.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn sign_in(
    State(app): State<AppState>,
    visitor: Visitor,
    credentials: Result<Json<Credentials>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(Credentials { email, password }) = credentials.map_err(without_values)?;
    let started = app.auth.sign_in(&email, &password, visitor.browser()).await?;
    begun(&app, &started).await
}

/// Signs in as the viewer of the demo.
#[utoipa::path(
    post, path = op::SIGN_IN_TO_DEMO.path, tag = "Members", operation_id = op::SIGN_IN_TO_DEMO.id, security(()),
    responses(
        (status = 201, description = "The session.", body = Current),
        (status = 403, description = "Another site's page sent the request.", body = ErrorBody),
        (status = 404, description = "This server shows no demo.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn sign_in_to_demo(
    State(app): State<AppState>,
    _visitor: Visitor,
) -> Result<Response, ApiError> {
    let Some(account) = app.demo.get() else {
        return Err(ApiError::new(StatusCode::NOT_FOUND, "This server shows no demo."));
    };
    let started = app.auth.demo_session(*account).await?;
    begun(&app, &started).await
}

/// Rejects a body that should contain a password, without repeating its values.
pub(super) fn without_values(rejection: JsonRejection) -> ApiError {
    let has_values = ["invalid type", "invalid value"].iter().any(|text| rejection.body_text().contains(text));
    if has_values {
        return ApiError::new(StatusCode::BAD_REQUEST, "Send a JSON object whose values are strings.");
    }
    rejection.into()
}

/// Answers somebody who has signed in.
pub(super) async fn begun(app: &AppState, started: &Started) -> Result<Response, ApiError> {
    let Started { member, expires_at, .. } = started;
    let scopes = app.auth.scopes_of(member.access);
    let expires_at = Some(rollcall_model::idle_until(app.now(), None, *expires_at));
    let member = Some((member, member.access));
    let current = Current::of(app, Allowed { account: started.member.account, member, scopes: &scopes, expires_at });
    let response = (StatusCode::CREATED, Json(current.await?)).into_response();
    Ok(with_session(app, started, response))
}

/// Signs out: the session ends, and its cookie is deleted.
#[utoipa::path(
    delete, path = op::SIGN_OUT.path, tag = "Members", operation_id = op::SIGN_OUT.id, security(("session" = [])),
    responses(
        (status = 204, description = "The session has ended."),
        (status = 401, description = "The request has no valid session or token.", body = ErrorBody),
        (status = 403, description = "An access token was sent, or another site's page sent the request.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn sign_out(State(app): State<AppState>, signed_in: SignedIn) -> Result<Response, ApiError> {
    let member = signed_in.member(&app).await?;
    // Other visitors of a demo share its session.
    if !Auth::is_demo_viewer(&member) {
        app.store.end_session(member.account, Some(member.id), signed_in.caller.token).await?;
    }
    signed_in.note(&app, &op::SIGN_OUT, StatusCode::NO_CONTENT).await;
    Ok(without_session(&app))
}

/// A new password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewPassword {
    /// The password so far.
    #[schema(example = "correct horse battery")]
    current: String,
    /// At least 12 characters.
    #[schema(example = "a much better password")]
    new: String,
}

/// Changes the password of the member who is signed in.
///
/// All their sessions end. The response sets the cookie of a new one.
#[utoipa::path(
    put, path = op::SET_PASSWORD.path, tag = "Members", operation_id = op::SET_PASSWORD.id,
    security(("session" = [])),
    request_body(content = NewPassword),
    responses(
        (status = 204, description = "It is changed."),
        (status = 400, description = "The new password is not good.", body = ErrorBody),
        (status = 401, description = "The request has no valid session or token.", body = ErrorBody),
        (status = 403, description = "The current password is wrong, or an access token was sent.", body = ErrorBody),
        (status = 409, description = "The member signs in through a provider.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 429, description = "Too many wrong passwords; `Retry-After` says when to retry.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn set_password(
    State(app): State<AppState>,
    signed_in: SignedIn,
    passwords: Result<Json<NewPassword>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(NewPassword { current, new }) = passwords.map_err(without_values)?;
    let member = signed_in.member(&app).await?;
    let browser = signed_in.visitor.browser();
    let started = app.auth.change_password(&member, &current, &new, browser).await.map_err(|error| match error {
        // 401 would send the browser to the sign-in page.
        SignInError::Wrong => ApiError::new(StatusCode::FORBIDDEN, "`current`: this is not your password."),
        SignInError::BadPassword(reason) => ApiError::new(StatusCode::BAD_REQUEST, format!("`new`: {reason}")),
        error => error.into(),
    })?;
    signed_in.note(&app, &op::SET_PASSWORD, StatusCode::NO_CONTENT).await;
    Ok(with_session(&app, &started, StatusCode::NO_CONTENT.into_response()))
}
