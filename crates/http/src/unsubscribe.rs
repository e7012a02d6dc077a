//! `/unsubscribe/{code}`: the link in each mail, for people who are not signed in. Opening it only asks: programs that look
//! at mail open links. Mail programs send the form without opening it (RFC 8058), so no origin is asked for.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
    routing::get,
};
use rollcall_mail::UNSUBSCRIBE_PATH;
use rollcall_model::SecretHash;
use rollcall_reference::Unsubscribing;
use rollcall_store::{Pause, StoreError, Subscription, SubscriptionChange};

use crate::{
    reference::uncached,
    state::{App, AppState},
    surface::Failure,
};

pub(crate) fn router() -> Router<AppState> {
    Router::new().route(&format!("{UNSUBSCRIBE_PATH}{{code}}"), get(ask).post(unsubscribe))
}

async fn ask(State(app): State<AppState>, Path(code): Path<String>) -> Response {
    match find(&app, &code).await {
        Ok(None) => page(StatusCode::NOT_FOUND, &Unsubscribing::Unknown),
        Ok(Some(found)) if found.paused == Some(Pause::Unsubscribed) => done(&found),
        Ok(Some(found)) => page(StatusCode::OK, &Unsubscribing::Ask { name: found.name.into() }),
        Err(error) => failed(&error),
    }
}

async fn unsubscribe(State(app): State<AppState>, Path(code): Path<String>) -> Response {
    let found = match find(&app, &code).await {
        Ok(Some(found)) => found,
        Ok(None) => return page(StatusCode::NOT_FOUND, &Unsubscribing::Unknown),
        Err(error) => return failed(&error),
    };
    let change = SubscriptionChange { paused: Some(Some(Pause::Unsubscribed)), ..SubscriptionChange::default() };
    match app.store.change_subscription(found.account, found.id, &change).await {
        Ok(_) => {
            tracing::info!(id = found.id.0, account = found.account.0, "a recipient unsubscribed");
            done(&found)
        }
        Err(error) => failed(&error),
    }
}

async fn find(app: &App, code: &str) -> Result<Option<Subscription>, StoreError> {
    app.store.find_subscription(&SecretHash::of(code)).await
}

fn done(found: &Subscription) -> Response {
    page(StatusCode::OK, &Unsubscribing::Done { name: found.name.to_string() })
}

fn page(status: StatusCode, shown: &Unsubscribing) -> Response {
    let mut response = uncached(status, shown.html());
    let headers = response.headers_mut();
    // The address is a secret.
    headers.insert(HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("cache-control"), HeaderValue::from_static("no-store"));
    response
}

fn failed(error: &StoreError) -> Response {
    tracing::error!(%error, "could not unsubscribe a recipient");
    crate::api::failure(Failure::Internal)
}
