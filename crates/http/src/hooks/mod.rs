//! Webhooks of vendors: `POST /hooks/{vendor}/{account}`.
//!
//! A delivery's signature is checked against the account's secrets, then its rate limit; then it is parsed, and
//! acknowledged once it is durable. Each possible result is an [`Outcome`], which is counted.

mod webex;
mod zoom;

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json, Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use rollcall_model::{AccountId, EventFacts, Hook, Vendor};
use serde_json::json;

use crate::{
    limits::FloodGate,
    state::{App, AppState},
};

/// Time limit for writing a delivery. Zoom waits for 3 seconds, and retries later if the status asks for it.
const WRITE_TIMEOUT: Duration = Duration::from_millis(2_500);
/// Retry interval sent to the vendor.
const RETRY_AFTER_SECONDS: u16 = 60;

pub(crate) fn router(app: &AppState) -> Router<AppState> {
    let gate = Arc::new(FloodGate::new(app.settings.hooks_max_per_second));
    Router::new()
        .route("/hooks/zoom/{account}", post(zoom::take_delivery))
        .route("/hooks/webex/{account}", post(webex::take_delivery))
        .layer(Extension(gate))
}

/// The result of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Outcome {
    /// It was stored.
    Taken,
    /// It is of a kind that is not stored.
    NotNeeded,
    /// It was a challenge of the vendor.
    Challenged,
    /// The account has no secret for the vendor.
    NoSecret,
    /// A signature header is missing or malformed.
    Unsigned,
    /// It was signed too long ago.
    Stale,
    /// It was signed in the future: this machine's clock is slow.
    Early,
    /// The signature is wrong.
    WronglySigned,
    /// The body is malformed.
    Malformed,
    /// The rate limit was exceeded.
    Flood,
    /// It could not be written in time.
    TooSlow,
    /// It could not be written.
    Failed,
}

impl Outcome {
    /// Its name in metrics.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::NotNeeded => "not_needed",
            Self::Challenged => "challenged",
            Self::NoSecret => "no_secret",
            Self::Unsigned => "unsigned",
            Self::Stale => "stale",
            Self::Early => "early",
            Self::WronglySigned => "wrongly_signed",
            Self::Malformed => "malformed",
            Self::Flood => "flood",
            Self::TooSlow => "too_slow",
            Self::Failed => "failed",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::Taken | Self::NotNeeded => StatusCode::NO_CONTENT,
            Self::Challenged => StatusCode::OK,
            Self::NoSecret | Self::Unsigned | Self::Stale | Self::WronglySigned => StatusCode::UNAUTHORIZED,
            Self::Malformed => StatusCode::BAD_REQUEST,
            // Zoom retries after a 503, and never after a 429 or a 401.
            Self::Early | Self::Flood | Self::TooSlow | Self::Failed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Why a delivery is rejected.
struct Refusal {
    outcome: Outcome,
    message: String,
    retry_after_seconds: Option<u16>,
}

impl Refusal {
    fn new(outcome: Outcome, message: impl Into<String>) -> Self {
        Self { outcome, message: message.into(), retry_after_seconds: None }
    }

    fn later(outcome: Outcome, message: &str, retry_after_seconds: u16) -> Self {
        Self { retry_after_seconds: Some(retry_after_seconds), ..Self::new(outcome, message) }
    }
}

/// Counts a delivery's outcome, and answers it; `answer` returns the body if it was accepted.
fn answer(app: &App, vendor: Vendor, ended: Result<(Outcome, Option<Response>), Refusal>) -> Response {
    let outcome = ended.as_ref().map_or_else(|refusal| refusal.outcome, |(outcome, _)| *outcome);
    app.telemetry.delivered(vendor, outcome.as_str());
    match ended {
        Ok((_, Some(response))) => response,
        Ok((outcome, None)) => outcome.status().into_response(),
        Err(Refusal { outcome, message, retry_after_seconds }) => {
            // Without the message, which may quote the delivery.
            tracing::debug!(%vendor, outcome = outcome.as_str(), "rejected a delivery");
            let mut response = (outcome.status(), Json(json!({ "message": message }))).into_response();
            if let Some(seconds) = retry_after_seconds {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
    }
}

/// Returns the account's secrets for the vendor.
async fn secrets(app: &App, account: &str, vendor: Vendor) -> Result<Vec<Hook>, Refusal> {
    let hooks = app.store.active_hooks(account, vendor, app.now()).await.map_err(|error| {
        tracing::error!(error = %error, "could not read webhook secrets");
        failed()
    })?;
    if hooks.is_empty() {
        let message = format!(
            "There is no secret for {vendor} webhooks at this URL: check the account in it, and store the secret with \
             `rollcall hook create {vendor}`."
        );
        return Err(Refusal::new(Outcome::NoSecret, message));
    }
    Ok(hooks)
}

/// Returns the text of a header.
fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Admits a correctly signed delivery, unless its account has reached its limit.
fn admit(app: &App, gate: &FloodGate, account: AccountId) -> Result<(), Refusal> {
    if gate.admit(account, app.now()) {
        return Ok(());
    }
    let message = "Too many deliveries in this second: try again later, or raise `hooks.max_per_second`.";
    Err(Refusal::later(Outcome::Flood, message, 1))
}

/// Writes a delivery's facts.
async fn take(app: &App, account: AccountId, facts: &EventFacts) -> Result<(Outcome, Option<Response>), Refusal> {
    if *facts == EventFacts::Nothing {
        return Ok((Outcome::NotNeeded, None));
    }
    match tokio::time::timeout(WRITE_TIMEOUT, app.ingest.take(account, facts)).await {
        Ok(Ok(())) => Ok((Outcome::Taken, None)),
        Ok(Err(error)) => {
            tracing::error!(error = %error, "could not write a delivery");
            Err(failed())
        }
        Err(_) => {
            tracing::warn!("could not write a delivery in time");
            let message = "The delivery could not be written in time. Deliver it again.";
            Err(Refusal::later(Outcome::TooSlow, message, RETRY_AFTER_SECONDS))
        }
    }
}

fn failed() -> Refusal {
    let message = "The delivery could not be written. Deliver it again later.";
    Refusal::later(Outcome::Failed, message, RETRY_AFTER_SECONDS)
}
