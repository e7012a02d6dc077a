//! `POST /reference/demo-token`: a token for every reader of a demo's reference. A demo's account contains no real
//! data; the token covers no other account, expires soon, and cannot write in bulk.

use std::{ops::Deref, sync::Arc};

use axum::{
    Json, Router,
    body::{self, Body},
    extract::State,
    http::{Request, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use rollcall_auth::{TokenRequest, create_token};
use rollcall_model::{AccountId, Scopes, Secret, Timestamp, TokenKind};
use rollcall_reference::Examples;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tower::ServiceExt as _;

use crate::{
    api::ApiError,
    operations,
    state::{App, AppState},
};

/// Lifetime of a token.
const SECONDS: i64 = 3600;
/// Examples are read again after this many seconds, because the demo's meetings continue.
const EXAMPLES_SECONDS: i64 = 600;
/// Maximum size that is read of a response.
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;
/// Prefixes of scopes that are never granted.
const KEPT: [&str; 7] = ["ingest:", "erasures:", "tokens:", "apps:", "members:", "queries:", "subscriptions:"];

/// What pages of the reference are made from beside the descriptions.
#[derive(Clone)]
pub(crate) struct Context {
    app: AppState,
    server: fn(AppState) -> Router,
    demo: Arc<Demo>,
}

impl Context {
    /// `server` builds the server that answers the requests for examples. It is built when they are read: a router kept
    /// here would hold itself, and never be dropped.
    pub(crate) fn new(app: AppState, server: fn(AppState) -> Router) -> Self {
        Self { app, server, demo: Arc::default() }
    }

    /// Returns values of the demo's account, if this server shows a demo.
    pub(crate) async fn examples(&self) -> Option<Arc<Examples>> {
        let account = *self.app.demo.get()?;
        self.demo.examples(&self.app, self.server, account).await
    }
}

impl Deref for Context {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

/// The demo's account, and the current token. All readers share it, so that they cannot fill the database.
#[derive(Default)]
struct Demo {
    current: Mutex<Option<(Secret, Timestamp)>>,
    /// Values of the account for pages, with the time when they were read.
    examples: Mutex<Option<(Timestamp, Arc<Examples>)>>,
}

impl Demo {
    /// Returns values of the account for pages. `None` if the account cannot be read.
    async fn examples(
        &self,
        app: &AppState,
        server: fn(AppState) -> Router,
        account: AccountId,
    ) -> Option<Arc<Examples>> {
        let mut examples = self.examples.lock().await;
        let now = app.now();
        if let Some((_, known)) = examples.as_ref().filter(|(read, _)| read.plus_seconds(EXAMPLES_SECONDS) > now) {
            return Some(Arc::clone(known));
        }
        let (token, _) = self.token(app, account).await.ok()?;
        let server = server(Arc::clone(app));
        let read = Arc::new(Examples::read(now, |path| ask(server.clone(), path, &token)).await);
        *examples = Some((now, Arc::clone(&read)));
        Some(read)
    }

    /// Returns a token with at least half its lifetime left, and its expiry.
    async fn token(&self, app: &App, account: AccountId) -> rollcall_store::Result<(Secret, Timestamp)> {
        let mut current = self.current.lock().await;
        let now = app.now();
        if let Some((secret, end)) = current.as_ref().filter(|(_, end)| *end > now.plus_seconds(SECONDS / 2)) {
            return Ok((secret.clone(), *end));
        }
        let end = now.plus_seconds(SECONDS);
        let request = TokenRequest {
            account,
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

/// Returns the body of the server's own response to a GET; null if it has none.
async fn ask(server: Router, path: String, token: &Secret) -> Value {
    let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {}", token.expose()));
    let Ok(request) = request.body(Body::empty()) else { return Value::Null };
    let Ok(answer) = server.oneshot(request).await;
    let bytes = body::to_bytes(answer.into_body(), LONGEST_ANSWER).await.unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Returns all scopes except those that store or erase data or give access, because everybody may use the demo.
fn scopes() -> Scopes {
    Scopes::listed(
        rollcall_auth::known_scopes(&operations::ALL)
            .into_iter()
            .filter(|scope| !KEPT.iter().any(|kept| scope.starts_with(kept))),
    )
}

/// Returns the token; 404 if the server runs no demo.
pub(super) async fn give_token(State(context): State<Context>) -> Response {
    let Some(account) = context.app.demo.get() else {
        return ApiError::new(
            StatusCode::NOT_FOUND,
            "This server runs no demo. Create a token with `rollcall token create`.",
        )
        .into_response();
    };
    match context.demo.token(&context, *account).await {
        Ok((secret, end)) => {
            let expires_in = end.as_seconds() - context.now().as_seconds();
            let token = json!({"access_token": secret.expose(), "token_type": "bearer", "expires_in": expires_in});
            ([(header::CACHE_CONTROL, "no-store")], Json(token)).into_response()
        }
        Err(error) => ApiError::from(error).into_response(),
    }
}
