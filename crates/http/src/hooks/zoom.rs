//! Deliveries from Zoom (Zoom reference, section 8).

use std::sync::Arc;

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use rollcall_model::{Hook, Vendor};
use rollcall_zoom::hook::{self, Delivery};

use super::{Outcome, RETRY_AFTER_SECONDS, Refusal, admit, answer, header_text, secrets, take};
use crate::{
    limits::FloodGate,
    state::{App, AppState},
};

/// Maximum lead of Zoom's clock over ours.
const FUTURE_SECONDS: i64 = 300;

/// Receives a delivery, or answers the challenge with which Zoom checks the URL.
pub(super) async fn take_delivery(
    State(app): State<AppState>,
    Extension(gate): Extension<Arc<FloodGate>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let ended = deliver(&app, &gate, &account, &headers, &body).await;
    answer(&app, Vendor::Zoom, ended)
}

async fn deliver(
    app: &App,
    gate: &FloodGate,
    account: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Outcome, Option<Response>), Refusal> {
    let hooks = secrets(app, account, Vendor::Zoom).await?;
    let hook = check_signature(app, &hooks, headers, body)?;
    admit(app, gate, hook.account)?;
    match hook::read(body).map_err(|error| Refusal::new(Outcome::Malformed, error.to_string()))? {
        Delivery::Challenge { plain_token } => {
            let encrypted_token = hook::encrypt_token(hook.secret.expose(), &plain_token);
            let answer = serde_json::json!({ "plainToken": plain_token, "encryptedToken": encrypted_token });
            Ok((Outcome::Challenged, Some(axum::Json(answer).into_response())))
        }
        Delivery::Event { facts, defects } => {
            for defect in &defects {
                tracing::debug!(path = defect.path, "skipped a value of a delivery");
            }
            take(app, hook.account, &facts).await
        }
    }
}

/// Returns the secret that the delivery was signed with.
fn check_signature<'k>(app: &App, hooks: &'k [Hook], headers: &HeaderMap, body: &[u8]) -> Result<&'k Hook, Refusal> {
    let unsigned = |name: &str| Refusal::new(Outcome::Unsigned, format!("The header {name} is missing."));
    let timestamp = header_text(headers, "x-zm-request-timestamp").ok_or_else(|| unsigned("x-zm-request-timestamp"))?;
    let signature = header_text(headers, "x-zm-signature").ok_or_else(|| unsigned("x-zm-signature"))?;
    let signed_at: i64 = timestamp.parse().map_err(|_| {
        Refusal::new(Outcome::Unsigned, "The header x-zm-request-timestamp is not a number of seconds since 1970.")
    })?;
    let hook = hooks.iter().find(|hook| hook::is_signed(hook.secret.expose(), timestamp, body, signature));
    let hook = hook.ok_or_else(|| {
        let message =
            "The signature is wrong. Check that the secret that Zoom shows is the one stored with `rollcall hook create zoom`.";
        Refusal::new(Outcome::WronglySigned, message)
    })?;
    let age_seconds = app.now().as_seconds().saturating_sub(signed_at);
    let window_seconds = app.settings.hooks_window_seconds;
    if age_seconds > window_seconds {
        let message = format!(
            "The delivery was signed {age_seconds} seconds ago, and at most {window_seconds} are allowed \
             (`hooks.window_secs`)."
        );
        return Err(Refusal::new(Outcome::Stale, message));
    }
    if age_seconds < -FUTURE_SECONDS {
        let seconds = age_seconds.saturating_neg();
        tracing::error!(seconds, "a Zoom delivery is signed in the future: this machine's clock is slow");
        // The signer knows the secret. A retry may find the clock correct.
        let message = "The delivery is signed in the future. Check this machine's clock.";
        return Err(Refusal::later(Outcome::Early, message, RETRY_AFTER_SECONDS));
    }
    Ok(hook)
}
