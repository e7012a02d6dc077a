//! What vendors deliver: `POST /hooks/{vendor}/{account}`.
//!
//! A delivery is checked against the account's secrets, held to the limit, read, and acknowledged when what it tells is
//! durable. Each way in which it can end is an [`Outcome`], which is counted.

mod flood;
mod webex;
mod zoom;

use std::time::Duration;

use axum::{
    Json, Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
pub(crate) use flood::FloodGate;
use rollcall_model::{AccountId, EventFacts, Hook, Vendor};
use serde_json::json;

use crate::state::{App, AppState};

/// How long a delivery may take to be written. Zoom waits for 3 seconds, and tries again later where it is told to.
const WRITE_TIMEOUT: Duration = Duration::from_millis(2_500);
/// What a vendor that should try again is told to wait.
const RETRY_AFTER_SECONDS: u16 = 60;

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/hooks/zoom/{account}", post(zoom::take_delivery))
        .route("/hooks/webex/{account}", post(webex::take_delivery))
}

/// How a delivery ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
    /// What it tells is written.
    Taken,
    /// Nothing of it is kept.
    NotNeeded,
    /// It asked whether the secret is known.
    Challenged,
    /// The account has no secret of the vendor.
    NoSecret,
    /// A header of the signature is missing, or is none.
    Unsigned,
    /// It was signed too long ago.
    Stale,
    /// It was signed at a time that is yet to come: this machine's clock is slow.
    Early,
    /// The signature is wrong.
    WronglySigned,
    /// The body is not what it should be.
    Malformed,
    /// There are too many.
    Flood,
    /// It could not be written in time.
    TooSlow,
    /// It could not be written.
    Failed,
}

impl Outcome {
    /// The word in metrics.
    pub(crate) const fn as_str(self) -> &'static str {
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
            // Zoom tries again after a 503, and never after a 429 or a 401.
            Self::Early | Self::Flood | Self::TooSlow | Self::Failed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Why a delivery is not taken.
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

/// Counts how a delivery ended, and answers it; `answer` says with what body where it was taken.
fn answer(app: &App, vendor: Vendor, ended: Result<(Outcome, Option<Response>), Refusal>) -> Response {
    let outcome = ended.as_ref().map_or_else(|refusal| refusal.outcome, |(outcome, _)| *outcome);
    app.telemetry.delivered(vendor, outcome);
    match ended {
        Ok((_, Some(response))) => response,
        Ok((outcome, None)) => outcome.status().into_response(),
        Err(Refusal { outcome, message, retry_after_seconds }) => {
            // Without the message, which may quote what was delivered.
            tracing::debug!(%vendor, outcome = outcome.as_str(), "a delivery was refused");
            let mut response = (outcome.status(), Json(json!({ "message": message }))).into_response();
            if let Some(seconds) = retry_after_seconds {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            response
        }
    }
}

/// The account's secrets of the vendor.
async fn secrets(app: &App, account: &str, vendor: Vendor) -> Result<Vec<Hook>, Refusal> {
    let hooks = app.store.active_hooks(account, vendor, app.now()).await.map_err(|error| {
        tracing::error!(error = %error, "the secrets of webhooks cannot be read");
        failed()
    })?;
    if hooks.is_empty() {
        let message = format!(
            "No secret for webhooks of {vendor} is known at this address: check the account in it, and give the secret to \
             `rollcall hook create {vendor}`."
        );
        return Err(Refusal::new(Outcome::NoSecret, message));
    }
    Ok(hooks)
}

/// The text of a header.
fn header_text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Lets a delivery that is signed rightly pass, unless its account has too many.
fn admit(app: &App, account: AccountId) -> Result<(), Refusal> {
    if app.flood_gate.admit(account, app.now()) {
        return Ok(());
    }
    let message = "Too many deliveries in this second: try again later, or raise `hooks.max_per_second`.";
    Err(Refusal::later(Outcome::Flood, message, 1))
}

/// Writes what a delivery tells.
async fn take(app: &App, account: AccountId, facts: &EventFacts) -> Result<(Outcome, Option<Response>), Refusal> {
    if *facts == EventFacts::Nothing {
        return Ok((Outcome::NotNeeded, None));
    }
    match tokio::time::timeout(WRITE_TIMEOUT, app.ingest.take(account, facts)).await {
        Ok(Ok(())) => Ok((Outcome::Taken, None)),
        Ok(Err(error)) => {
            tracing::error!(error = %error, "a delivery could not be written");
            Err(failed())
        }
        Err(_) => {
            tracing::warn!("a delivery could not be written in time");
            let message = "The delivery could not be written in time: deliver it again.";
            Err(Refusal::later(Outcome::TooSlow, message, RETRY_AFTER_SECONDS))
        }
    }
}

fn failed() -> Refusal {
    let message = "The delivery could not be written: deliver it again later.";
    Refusal::later(Outcome::Failed, message, RETRY_AFTER_SECONDS)
}
