//! `/api/v1/apps`: the account's OAuth apps.

use axum::{
    Json,
    extract::{
        Path, State,
        rejection::{JsonRejection, PathRejection},
    },
    http::StatusCode,
};
use rollcall_auth::{AppRequest, Caller, check_redirect, create_app};
use rollcall_model::{App, ClientId, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::operations as op;
use super::{
    ApiError, ErrorBody, done,
    tokens::{granted_scopes, scope_list},
};
use crate::state::AppState;

/// Maximum length of an app's name, in bytes.
const MAX_NAME_BYTES: usize = 200;
/// Maximum number of an app's redirect URIs.
const MAX_REDIRECTS: usize = 20;

/// An app without its secret.
#[derive(Debug, Serialize, ToSchema)]
struct ListedApp {
    #[schema(example = "Zq3hUo2VQ8a0bS7mC1tXyw")]
    client_id: String,
    #[schema(example = "Attendance export")]
    name: String,
    /// `active` or `revoked`.
    #[schema(example = "active")]
    state: &'static str,
    #[schema(example = "2026-10-01T09:00:00Z")]
    created_at: String,
    /// Whether it has no secret: it runs on people's own machines or in browsers.
    #[schema(example = false)]
    is_public: bool,
    /// Where people return to after they approved it. Empty if it only acts for the account.
    #[schema(example = json!([]))]
    redirect_uris: Vec<String>,
    /// Scopes of its tokens, or `all`.
    #[schema(example = json!(["rollcall:sql"]))]
    scopes: Vec<String>,
}

/// The account's apps, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Apps {
    apps: Vec<ListedApp>,
}

/// The app to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewApp {
    #[schema(example = "Attendance export", min_length = 1, max_length = 200)]
    name: String,
    /// Scopes of its tokens: at least one, and only those that the caller has.
    #[schema(example = json!(["rollcall:sql"]), min_items = 1)]
    scopes: Vec<String>,
    /// Addresses that people return to after the approval, exactly as the program sends them.
    #[serde(default)]
    #[schema(example = json!([]), max_items = 20)]
    redirect_uris: Vec<String>,
    /// Whether it cannot keep a secret. Such an app needs a redirect URI, and has to use PKCE (S256).
    #[serde(default)]
    #[schema(example = false)]
    is_public: bool,
}

/// The new app. Its secret is shown only here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CreatedApp {
    /// The account's id, which some grants need.
    #[schema(example = "hUo2VQ8a0bS7mC1tXywZq3")]
    account_id: String,
    #[schema(example = "Zq3hUo2VQ8a0bS7mC1tXyw")]
    client_id: String,
    /// Null for a public app.
    #[schema(example = "3f8Kq0b1yq4i5xk1Yp9J6p4b0m2c7w8e9r0t1y2u3i4")]
    client_secret: Option<String>,
}

impl From<App> for ListedApp {
    fn from(app: App) -> Self {
        Self {
            client_id: app.client_id.to_string(),
            name: app.name.to_string(),
            state: if app.revoked_at.is_some() { "revoked" } else { "active" },
            created_at: app.created_at.to_string(),
            is_public: app.is_public,
            redirect_uris: app.redirect_uris.iter().map(ToString::to_string).collect(),
            scopes: scope_list(&app.scopes),
        }
    }
}

/// Lists the account's OAuth apps, without their secrets.
#[utoipa::path(
    get, path = op::LIST_APPS.path, tag = "Access", operation_id = op::LIST_APPS.id,
    responses(
        (status = 200, description = "The apps.", body = Apps),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
    )
)]
pub(super) async fn list_apps(State(app): State<AppState>, caller: Caller) -> Result<Json<Apps>, ApiError> {
    let apps = app.store.apps(caller.account).await?.into_iter().map(ListedApp::from).collect();
    Ok(Json(Apps { apps }))
}

/// Creates an OAuth app.
///
/// The response is the only place where the secret can be read.
#[utoipa::path(
    post, path = op::CREATE_APP.path, tag = "Access", operation_id = op::CREATE_APP.id,
    request_body(content = NewApp),
    responses(
        (status = 201, description = "The app.", body = CreatedApp),
        (status = 400, description = "The name, a scope or a redirect URI is wrong.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The caller lacks the scope, or one that it would grant.", body = ErrorBody),
    )
)]
pub(super) async fn add_app(
    State(app): State<AppState>,
    caller: Caller,
    body: Result<Json<NewApp>, JsonRejection>,
) -> Result<(StatusCode, Json<CreatedApp>), ApiError> {
    let Json(NewApp { name, scopes, redirect_uris, is_public }) = body?;
    let wrong = |message: String| ApiError::new(StatusCode::BAD_REQUEST, message);
    let name = name.trim();
    if name.is_empty() || name.len() > MAX_NAME_BYTES {
        return Err(wrong(format!("`name` is 1 to {MAX_NAME_BYTES} bytes.")));
    }
    if redirect_uris.len() > MAX_REDIRECTS {
        return Err(wrong(format!("`redirect_uris` has at most {MAX_REDIRECTS} entries.")));
    }
    if is_public && redirect_uris.is_empty() {
        return Err(wrong("`redirect_uris` is empty: a public app needs one.".to_owned()));
    }
    for (place, uri) in redirect_uris.iter().enumerate() {
        check_redirect(uri).map_err(|error| wrong(format!("`redirect_uris[{place}]`: {error}.")))?;
    }
    let request = AppRequest {
        account: caller.account,
        name: name.into(),
        scopes: granted_scopes(&caller, &scopes)?,
        redirect_uris: redirect_uris.into_iter().map(Text::from).collect(),
        is_public,
    };
    let created = create_app(app.store.as_ref(), app.clock.as_ref(), app.entropy.as_ref(), request).await?;
    let account = app.store.account(caller.account).await?;
    let body = CreatedApp {
        account_id: account.map(|account| account.public_id.to_string()).unwrap_or_default(),
        client_id: created.client_id.to_string(),
        client_secret: created.client_secret.map(|secret| secret.expose().to_owned()),
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Revokes an OAuth app and all its tokens.
#[utoipa::path(
    delete, path = op::REVOKE_APP.path, tag = "Access", operation_id = op::REVOKE_APP.id,
    params(("clientId" = String, Path, description = "The app's client id.", example = "Zq3hUo2VQ8a0bS7mC1tXyw")),
    responses(
        (status = 204, description = "It is revoked."),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope.", body = ErrorBody),
        (status = 404, description = "The account has no such active app.", body = ErrorBody),
    )
)]
pub(super) async fn revoke_app(
    State(app): State<AppState>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(id) = id?;
    let found = app.store.revoke_app(caller.account, &ClientId::from(id.as_str()), app.now()).await?;
    done(found, || format!("The account has no active app {id}."))
}
