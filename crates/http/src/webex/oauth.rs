//! `GET /v1/authorize` and `POST /v1/access_token` (Webex reference, section 9).

use axum::{
    Json,
    body::Bytes,
    extract::{Extension, State},
    http::{HeaderMap, Uri, header},
    response::{IntoResponse, Response},
};
use rollcall_auth::{Asking, Granted, Lifetimes, Params, Pkce, Refresh, Refused, SecretIn, Throttled, scope_names};
use rollcall_model::Vendor;
use rollcall_webex::operations as op;
use rollcall_webex::{status::Status, wire};

use super::error::{WebexError, WebexResult};
use crate::{authorize::Endpoint, client::ClientAddress, state::AppState};

/// The page on which people approve apps.
pub(crate) const AUTHORIZE: Endpoint = Endpoint { path: "/v1/authorize", vendor: Vendor::Webex, pkce: Pkce::S256 };

/// Creates an access token for an app.
#[utoipa::path(
    post, path = op::CREATE_ACCESS_TOKEN.path, operation_id = op::CREATE_ACCESS_TOKEN.id, tag = "OAuth",
    request_body(content = String, content_type = "application/x-www-form-urlencoded", description = "The parameters, if they are not in the query. JSON is accepted, too."),
    params(
        ("grant_type" = String, Query, description = "`authorization_code`, `refresh_token`, or `client_credentials` for an app that acts for its account. Every parameter may be in a form body, in a JSON body or in the query.", example = "refresh_token"),
        ("client_id" = String, Query, description = "The app."),
        ("client_secret" = String, Query, description = "The app's secret."),
        ("code" = Option<String>, Query, description = "With `authorization_code`: the code. It is valid once, for five minutes."),
        ("redirect_uri" = Option<String>, Query, description = "With `authorization_code`: the redirect URI of the authorization request."),
        ("code_verifier" = Option<String>, Query, description = "With `authorization_code`: the verifier, if the authorization request had a challenge."),
        ("refresh_token" = Option<String>, Query, description = "With `refresh_token`: the token. Using it extends its lifetime."),
    ),
    responses(
        (status = 200, description = "The token.", body = wire::AccessToken),
        (status = 400, description = "A parameter is missing or the refresh token is invalid.", body = wire::Error),
        (status = 401, description = "The client is unknown or its secret is wrong.", body = wire::Error),
    )
)]
pub(super) async fn create_token(
    State(app): State<AppState>,
    address: Option<Extension<ClientAddress>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> WebexResult<Response> {
    let params = Params::read(&uri, &body);
    let asking = Asking {
        params: &params,
        headers: &headers,
        address: address.map(|Extension(client)| client.ip),
        secret_in: SecretIn::BodyOrQuery,
    };
    let lifetimes = Lifetimes {
        refresh: Refresh::Extended,
        access_seconds: app.settings.webex_access_token_seconds,
        refresh_seconds: app.settings.refresh_token_seconds,
    };
    let Granted { access_token, expires_in_seconds, refresh_token, scopes } = app.auth.grant(asking, lifetimes).await?;
    let (refresh_token, refresh_token_expires_in) =
        refresh_token.map(|(secret, seconds)| (secret.expose().to_owned(), seconds)).unzip();
    let answer = wire::AccessToken {
        access_token: access_token.expose().to_owned(),
        expires_in: expires_in_seconds,
        refresh_token,
        refresh_token_expires_in,
        token_type: "Bearer".to_owned(),
        scope: scope_names(&scopes, op::ALL),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

impl From<Refused> for WebexError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Missing(name) => Self::bad_request(format!("'{name}' cannot be empty")),
            Refused::UnknownClient => {
                Self::new(Status::Unauthorized, "'client_id' or 'client_secret' is wrong, or the app was revoked")
            }
            Refused::Suspended => Self::new(Status::Unauthorized, "the account is suspended"),
            Refused::UnsupportedGrant => {
                let uses = "use authorization_code, refresh_token or client_credentials";
                Self::bad_request(format!("unsupported 'grant_type': {uses}"))
            }
            Refused::WrongAccount => Self::bad_request("'account_id' is not the app's account"),
            Refused::PublicClient => Self::bad_request("an app without a secret cannot use client_credentials"),
            Refused::NoRedirects => Self::bad_request("the app has no redirect URI"),
            Refused::InvalidCode => Self::bad_request("'code' is invalid, used or has expired"),
            Refused::WrongRedirect => Self::bad_request("'redirect_uri' is not that of the authorization request"),
            Refused::WrongVerifier => {
                Self::bad_request("'code_verifier' does not match the challenge of the authorization request")
            }
            Refused::InvalidRefreshToken => Self::bad_request("'refresh_token' is invalid, used up or has expired"),
            Refused::Throttled(Throttled { retry_after_seconds }) => {
                Self::new(Status::TooManyRequests, "too many wrong client secrets were sent")
                    .retry_after(retry_after_seconds)
            }
            Refused::Store(error) => error.into(),
        }
    }
}
