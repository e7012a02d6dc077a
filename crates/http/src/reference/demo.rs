//! `POST /reference/demo-token`: a token for whoever reads the reference of a demo. There is nothing in a demo's account
//! that is anybody's, and the token opens no other, ends soon, and writes nothing in bulk.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rollcall_auth::{TokenRequest, create_token};
use rollcall_model::{AccountId, Scopes, Secret, Timestamp, TokenKind};
use serde_json::json;
use tokio::sync::Mutex;

use super::examples::{self, Examples};
use crate::{
    api::ApiError,
    operations,
    state::{App, AppState},
};

/// How long a token is good for.
const SECONDS: i64 = 3600;
/// What the scopes begin with that nobody is given.
const KEPT: [&str; 2] = ["ingest:", "erasures:"];

/// The demo's account, and the token that is given out at present: all readers share it, so that no number of them fills
/// the database.
pub(crate) struct Demo {
    account: AccountId,
    current: Mutex<Option<(Secret, Timestamp)>>,
    /// Values of the account for pages, with when they were read.
    examples: Mutex<Option<(Timestamp, Arc<Examples>)>>,
}

impl Demo {
    pub(crate) fn new(account: AccountId) -> Self {
        Self { account, current: Mutex::new(None), examples: Mutex::new(None) }
    }

    /// Values of the account for pages. `None` if the account cannot be read.
    pub(super) async fn examples(&self, app: &AppState) -> Option<Arc<Examples>> {
        let mut examples = self.examples.lock().await;
        let now = app.now();
        if let Some((_, known)) = examples.as_ref().filter(|(read, _)| read.plus_seconds(examples::SECONDS) > now) {
            return Some(Arc::clone(known));
        }
        let (token, _) = self.token(app).await.ok()?;
        let read = Arc::new(Examples::read(app, &token).await);
        *examples = Some((now, Arc::clone(&read)));
        Some(read)
    }

    /// A token that has at least half its time before it, with its end.
    async fn token(&self, app: &App) -> rollcall_store::Result<(Secret, Timestamp)> {
        let mut current = self.current.lock().await;
        let now = app.now();
        if let Some((secret, end)) = current.as_ref().filter(|(_, end)| *end > now.plus_seconds(SECONDS / 2)) {
            return Ok((secret.clone(), *end));
        }
        let end = now.plus_seconds(SECONDS);
        let request = TokenRequest {
            account: self.account,
            client_id: None,
            user_id: None,
            kind: TokenKind::Access,
            scopes: scopes(),
            expires_at: Some(end),
        };
        let created = create_token(app.store.as_ref(), app.clock.as_ref(), app.entropy.as_ref(), request).await?;
        *current = Some((created.secret.clone(), end));
        Ok((created.secret, end))
    }
}

/// Returns all scopes except those that take data in or erase them: everybody may use the demo.
fn scopes() -> Scopes {
    Scopes::listed(
        rollcall_auth::known_scopes(&operations::ALL)
            .into_iter()
            .filter(|scope| !KEPT.iter().any(|kept| scope.starts_with(kept))),
    )
}

/// Gives the token; 404 where the server shows no demo.
pub(super) async fn give_token(State(app): State<AppState>) -> Response {
    let Some(demo) = app.demo.get() else {
        return ApiError::new(
            StatusCode::NOT_FOUND,
            "There is no demo here: make a token with `rollcall token create`.",
        )
        .into_response();
    };
    match demo.token(&app).await {
        Ok((secret, end)) => {
            let expires_in = end.as_seconds() - app.now().as_seconds();
            let token = json!({"access_token": secret.expose(), "token_type": "bearer", "expires_in": expires_in});
            ([(header::CACHE_CONTROL, "no-store")], Json(token)).into_response()
        }
        Err(error) => ApiError::from(error).into_response(),
    }
}
