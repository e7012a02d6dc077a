//! `GET /oauth/authorize`, `POST /oauth/token` and `POST /oauth/revoke`, in Zoom's formats (Zoom reference, section 6).

use axum::{
    Json,
    body::Bytes,
    extract::{Extension, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use rollcall_auth::{Asking, Granted, Lifetimes, Params, Pkce, Refresh, Refused, SecretIn, Throttled, scope_names};
use rollcall_model::{SecretHash, Vendor};
use rollcall_zoom::operations as op;
use rollcall_zoom::wire;

use crate::{authorize::Endpoint, client::ClientAddress, state::AppState, surface::public_url};

/// The page on which people approve apps.
pub(crate) const AUTHORIZE: Endpoint =
    Endpoint { path: "/oauth/authorize", vendor: Vendor::Zoom, pkce: Pkce::S256OrPlain };

/// Creates an access token for an app.
#[utoipa::path(
    post, path = op::CREATE_TOKEN.path, operation_id = op::CREATE_TOKEN.id, tag = "OAuth",
    request_body(content = String, content_type = "application/x-www-form-urlencoded", description = "The parameters, if they are not in the query. JSON is accepted, too. `client_secret` is read here and from the Basic header, never from the query."),
    params(
        ("grant_type" = String, Query, description = "`account_credentials`, `client_credentials`, `authorization_code` or `refresh_token`. Every parameter may be in the query, in a form body or in a JSON body.", example = "account_credentials"),
        ("account_id" = Option<String>, Query, description = "With `account_credentials`: the account's id."),
        ("code" = Option<String>, Query, description = "With `authorization_code`: the code. It is valid once, for five minutes."),
        ("redirect_uri" = Option<String>, Query, description = "With `authorization_code`: the redirect URI of the authorization request."),
        ("code_verifier" = Option<String>, Query, description = "With `authorization_code`: the verifier, if the authorization request had a challenge."),
        ("refresh_token" = Option<String>, Query, description = "With `refresh_token`: the token to retire."),
        ("client_id" = Option<String>, Query, description = "The app, if there is no Basic header."),
    ),
    responses(
        (status = 200, description = "The token.", body = wire::AccessToken),
        (status = 400, description = "`invalid_request`, `invalid_grant` or `unsupported_grant_type`.", body = wire::OAuthError),
        (status = 401, description = "`invalid_client`.", body = wire::OAuthError),
    ),
    security(("basic" = []))
)]
pub(super) async fn create_token(
    State(app): State<AppState>,
    address: Option<Extension<ClientAddress>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, OAuthFailure> {
    let params = Params::read(&uri, &body);
    let asking = Asking {
        params: &params,
        headers: &headers,
        address: address.map(|Extension(client)| client.ip),
        secret_in: SecretIn::Body,
    };
    let lifetimes = Lifetimes {
        refresh: Refresh::Replaced,
        access_seconds: app.settings.zoom_access_token_seconds,
        refresh_seconds: app.settings.refresh_token_seconds,
    };
    let Granted { access_token, expires_in_seconds, refresh_token, scopes } = app.auth.grant(asking, lifetimes).await?;
    let answer = wire::AccessToken {
        access_token: access_token.expose().to_owned(),
        token_type: "bearer".to_owned(),
        expires_in: expires_in_seconds,
        refresh_token: refresh_token.map(|(secret, _)| secret.expose().to_owned()),
        scope: scope_names(&scopes, op::ALL),
        api_url: public_url(&app.settings, &headers),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// Revokes an access or refresh token of the app, and all tokens of the same authorization. Revoking an unknown token
/// succeeds.
#[utoipa::path(
    post, path = op::REVOKE_TOKEN.path, operation_id = op::REVOKE_TOKEN.id, tag = "OAuth",
    request_body(content = String, content_type = "application/x-www-form-urlencoded", description = "The parameters, if they are not in the query. JSON is accepted, too."),
    params(("token" = String, Query, description = "The token to revoke.")),
    responses(
        (status = 200, description = "Revoked.", body = wire::Revoked),
        (status = 400, description = "`invalid_request`.", body = wire::OAuthError),
        (status = 401, description = "`invalid_client`.", body = wire::OAuthError),
    ),
    security(("basic" = []))
)]
pub(super) async fn revoke_token(
    State(app): State<AppState>,
    address: Option<Extension<ClientAddress>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<wire::Revoked>, OAuthFailure> {
    let params = Params::read(&uri, &body);
    let asking = Asking {
        params: &params,
        headers: &headers,
        address: address.map(|Extension(client)| client.ip),
        secret_in: SecretIn::Body,
    };
    let client = app.auth.authenticate_client(asking).await?;
    let secret = params.get("token").ok_or(Refused::Missing("token"))?;
    if let Some(token) = app.store.find_token(&SecretHash::of(secret)).await.map_err(Refused::Store)?
        && token.client_id.as_ref() == Some(&client.client_id)
    {
        app.store.revoke_token_family(token.account, token.id, app.now()).await.map_err(Refused::Store)?;
    }
    Ok(Json(wire::Revoked { status: "success".to_owned() }))
}

/// An error in the format `{reason, error}`, which differs from Zoom's other errors.
pub(super) struct OAuthFailure(Refused);

impl From<Refused> for OAuthFailure {
    fn from(refused: Refused) -> Self {
        Self(refused)
    }
}

impl IntoResponse for OAuthFailure {
    fn into_response(self) -> Response {
        let (status, error, reason) = match self.0 {
            Refused::Missing(name) => (StatusCode::BAD_REQUEST, "invalid_request", format!("Missing {name}")),
            Refused::UnknownClient => {
                (StatusCode::UNAUTHORIZED, "invalid_client", "Invalid client_id or client_secret".to_owned())
            }
            Refused::Suspended => (StatusCode::UNAUTHORIZED, "invalid_client", "The account is suspended".to_owned()),
            Refused::UnsupportedGrant => {
                (StatusCode::BAD_REQUEST, "unsupported_grant_type", "unsupported grant type".to_owned())
            }
            Refused::WrongAccount => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "Invalid account_id: the app belongs to another account".to_owned(),
            ),
            Refused::PublicClient => (
                StatusCode::BAD_REQUEST,
                "unauthorized_client",
                "An app without a secret cannot act for the account: use authorization_code".to_owned(),
            ),
            Refused::NoRedirects => (
                StatusCode::BAD_REQUEST,
                "unauthorized_client",
                "The app has no redirect URI: create one with `rollcall app create --redirect-uri`".to_owned(),
            ),
            Refused::InvalidCode => (StatusCode::BAD_REQUEST, "invalid_grant", "Invalid authorization code".to_owned()),
            Refused::WrongRedirect => (
                StatusCode::BAD_REQUEST,
                "invalid_grant",
                "Redirect URI mismatch: send the redirect_uri of the authorization request".to_owned(),
            ),
            Refused::WrongVerifier => (
                StatusCode::BAD_REQUEST,
                "invalid_grant",
                "Invalid code_verifier: it does not match the code_challenge of the authorization request".to_owned(),
            ),
            Refused::InvalidRefreshToken => (StatusCode::BAD_REQUEST, "invalid_grant", "Invalid Token!".to_owned()),
            Refused::Throttled(Throttled { retry_after_seconds }) => {
                let reason = format!("Too many wrong client secrets. Try again in {retry_after_seconds} seconds");
                let body = wire::OAuthError { reason, error: "invalid_client".to_owned() };
                let headers = [
                    (header::CACHE_CONTROL, "no-store".to_owned()),
                    (header::RETRY_AFTER, retry_after_seconds.to_string()),
                ];
                return (StatusCode::TOO_MANY_REQUESTS, headers, Json(body)).into_response();
            }
            Refused::Store(error) => {
                tracing::error!(error = %error, "a token request failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "Internal error, try again later".to_owned())
            }
        };
        let body = wire::OAuthError { reason, error: error.to_owned() };
        (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
    }
}
