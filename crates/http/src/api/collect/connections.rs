//! `/api/v1/collect/connections`.

use axum::{
    Json,
    extract::{
        Path, State,
        rejection::{JsonRejection, PathRejection},
    },
    http::StatusCode,
};
use rollcall_auth::Caller;
use rollcall_model::{AccountId, Connection, ConnectionId, Vendor};
use rollcall_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    settings::{ConnectionChange, NewConnection},
    shown::{ShownConnection, VendorApp},
};
use crate::{
    api::{ApiError, ErrorBody, done, operations as op},
    state::{App, AppState},
};

/// The account's connections, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Connections {
    connections: Vec<ShownConnection>,
    /// What an app at each vendor needs.
    vendors: Vec<VendorApp>,
    /// Whether `base_url` may lead to this machine and to private networks.
    #[schema(example = false)]
    private_addresses: bool,
}

async fn shown(app: &App, connection: Connection, gaps: &[(ConnectionId, u64)]) -> Result<ShownConnection, ApiError> {
    let progress = app.store.collect_progress(connection.id).await?;
    let gaps = gaps.iter().find(|(id, _)| *id == connection.id).map_or(0, |(_, gaps)| *gaps);
    Ok(ShownConnection::new(connection, progress, gaps, app.now()))
}

async fn find(app: &App, account: AccountId, id: i64) -> Result<Connection, ApiError> {
    let found = app.store.connection(account, ConnectionId(id)).await?;
    found.ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, no_connection(id)))
}

fn no_connection(id: i64) -> String {
    format!("The account has no connection {id}.")
}

fn refused(error: StoreError) -> ApiError {
    match error {
        StoreError::LimitReached { what } => {
            ApiError::new(StatusCode::CONFLICT, format!("The account has {what}: delete one first."))
        }
        error => ApiError::taken(error),
    }
}

/// Lists the account's connections to Zoom and Webex, and how far each is.
#[utoipa::path(
    get, path = op::LIST_CONNECTIONS.path, tag = "Collecting", operation_id = op::LIST_CONNECTIONS.id,
    responses(
        (status = 200, description = "The connections; an account has at most 50.", body = Connections),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope, or the member the role.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn list_connections(
    State(app): State<AppState>,
    caller: Caller,
) -> Result<Json<Connections>, ApiError> {
    let gaps = app.store.gap_counts(caller.account).await?;
    let mut connections = Vec::new();
    for connection in app.store.connections(caller.account).await? {
        connections.push(shown(&app, connection, &gaps).await?);
    }
    let vendors = [Vendor::Zoom, Vendor::Webex].map(VendorApp::of).into();
    Ok(Json(Connections { connections, vendors, private_addresses: app.settings.collect_to_private }))
}

/// Creates a connection to Zoom or Webex.
///
/// With `every_minutes`, the server collects at once and then regularly; otherwise if it is asked to. The secrets are
/// encrypted, and never returned.
#[utoipa::path(
    post, path = op::CREATE_CONNECTION.path, tag = "Collecting", operation_id = op::CREATE_CONNECTION.id,
    request_body(content = NewConnection),
    responses(
        (status = 201, description = "The connection.", body = ShownConnection),
        (status = 400, description = "A field is missing or wrong.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope, or the member the role.", body = ErrorBody),
        (status = 409, description = "The name is taken, or the account has 50 connections.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn create_connection(
    State(app): State<AppState>,
    caller: Caller,
    body: Result<Json<NewConnection>, JsonRejection>,
) -> Result<(StatusCode, Json<ShownConnection>), ApiError> {
    let Json(new) = body?;
    let (settings, secrets) = new.read(app.settings.collect_to_private)?;
    let created = app.store.create_connection(caller.account, &settings, Some(&secrets), app.now()).await;
    let ConnectionId(id) = created.map_err(refused)?;
    let connection = find(&app, caller.account, id).await?;
    Ok((StatusCode::CREATED, Json(shown(&app, connection, &[]).await?)))
}

/// Gets a connection, and how far it is.
#[utoipa::path(
    get, path = op::GET_CONNECTION.path, tag = "Collecting", operation_id = op::GET_CONNECTION.id,
    params(("connectionId" = i64, Path, description = "The connection.", example = 1)),
    responses(
        (status = 200, description = "The connection.", body = ShownConnection),
        (status = 400, description = "The id is not a number.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope, or the member the role.", body = ErrorBody),
        (status = 404, description = "The account has no such connection.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_connection(
    State(app): State<AppState>,
    caller: Caller,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Json<ShownConnection>, ApiError> {
    let Path(id) = id?;
    let connection = find(&app, caller.account, id).await?;
    let gaps = app.store.gap_counts(caller.account).await?;
    Ok(Json(shown(&app, connection, &gaps).await?))
}

/// Changes a connection. If the server runs it regularly, it runs at once.
#[utoipa::path(
    patch, path = op::CHANGE_CONNECTION.path, tag = "Collecting", operation_id = op::CHANGE_CONNECTION.id,
    params(("connectionId" = i64, Path, description = "The connection.", example = 1)),
    request_body(content = ConnectionChange),
    responses(
        (status = 200, description = "The changed connection.", body = ShownConnection),
        (status = 400, description = "A field is wrong.", body = ErrorBody),
        (status = 415, description = "The request's Content-Type is not JSON.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope, or the member the role.", body = ErrorBody),
        (status = 404, description = "The account has no such connection.", body = ErrorBody),
        (status = 409, description = "The name is taken.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn change_connection(
    State(app): State<AppState>,
    caller: Caller,
    id: Result<Path<i64>, PathRejection>,
    change: Result<Json<ConnectionChange>, JsonRejection>,
) -> Result<Json<ShownConnection>, ApiError> {
    let Path(id) = id?;
    let Json(change) = change?;
    let former = find(&app, caller.account, id).await?;
    let (settings, secrets) = change.apply(former.settings, app.settings.collect_to_private)?;
    let (account, now) = (caller.account, app.now());
    app.store.change_connection(account, former.id, &settings, secrets.as_ref(), now).await.map_err(refused)?;
    let connection = find(&app, account, id).await?;
    let gaps = app.store.gap_counts(account).await?;
    Ok(Json(shown(&app, connection, &gaps).await?))
}

/// Deletes a connection, its secrets, gaps and differences. Collected data stay.
#[utoipa::path(
    delete, path = op::DELETE_CONNECTION.path, tag = "Collecting", operation_id = op::DELETE_CONNECTION.id,
    params(("connectionId" = i64, Path, description = "The connection.", example = 1)),
    responses(
        (status = 204, description = "It is deleted."),
        (status = 400, description = "The id is not a number.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope, or the member the role.", body = ErrorBody),
        (status = 404, description = "The account has no such connection.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn delete_connection(
    State(app): State<AppState>,
    caller: Caller,
    id: Result<Path<i64>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(id) = id?;
    done(app.store.delete_connection(caller.account, ConnectionId(id)).await?, || no_connection(id))
}

/// Runs a connection within seconds, also without a schedule. If it runs already, it runs again after that.
#[utoipa::path(
    post, path = op::RUN_CONNECTION.path, tag = "Collecting", operation_id = op::RUN_CONNECTION.id,
    params(("connectionId" = i64, Path, description = "The connection.", example = 1)),
    responses(
        (status = 202, description = "It runs soon."),
        (status = 400, description = "The id is not a number.", body = ErrorBody),
        (status = 401, description = "The access token is missing, invalid or expired.", body = ErrorBody),
        (status = 403, description = "The token lacks the scope, or the member the role.", body = ErrorBody),
        (status = 404, description = "The account has no such connection.", body = ErrorBody),
        (status = 409, description = "Its secrets are not stored.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn run_connection(
    State(app): State<AppState>,
    caller: Caller,
    id: Result<Path<i64>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path(id) = id?;
    let connection = find(&app, caller.account, id).await?;
    if !connection.has_secrets {
        let message = "The connection's secrets are not stored: change it with `client_secret` first.";
        return Err(ApiError::new(StatusCode::CONFLICT, message));
    }
    done(app.store.run_soon(caller.account, connection.id, app.now()).await?, || no_connection(id))?;
    Ok(StatusCode::ACCEPTED)
}
