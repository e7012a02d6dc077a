//! Deliveries from Webex (Webex reference, section 10).

use std::sync::Arc;

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use rollcall_model::Vendor;
use rollcall_webex::hook::{self, Signatures};

use super::{Outcome, Refusal, admit, answer, header_text, secrets, take};
use crate::{
    limits::FloodGate,
    state::{App, AppState},
};

/// Receives a delivery.
pub(super) async fn take_delivery(
    State(app): State<AppState>,
    Extension(gate): Extension<Arc<FloodGate>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let ended = deliver(&app, &gate, &account, &headers, &body).await;
    answer(&app, Vendor::Webex, ended)
}

async fn deliver(
    app: &App,
    gate: &FloodGate,
    account: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Outcome, Option<Response>), Refusal> {
    let hooks = secrets(app, account, Vendor::Webex).await?;
    let signatures = Signatures {
        spark: header_text(headers, "x-spark-signature"),
        webex: header_text(headers, "x-webex-signature"),
    };
    if signatures.are_missing() {
        let message = "The headers X-Spark-Signature and X-Webex-Signature are missing. Set a `secret` on the webhook.";
        return Err(Refusal::new(Outcome::Unsigned, message));
    }
    let hook = hooks.iter().find(|hook| hook::is_signed(hook.secret.expose(), body, signatures)).ok_or_else(|| {
        let message =
            "The signature is wrong. Check that the webhook's `secret` is the one stored with `rollcall hook create webex`.";
        Refusal::new(Outcome::WronglySigned, message)
    })?;
    admit(app, gate, hook.account)?;
    let facts = hook::read(body).map_err(|error| Refusal::new(Outcome::Malformed, error.to_string()))?;
    take(app, hook.account, &facts).await
}
