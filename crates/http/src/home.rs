//! `GET /`: a page for people who open the server's address. It shows what Rollcall is, whether data is coming in, and
//! what to do next.

use std::time::Duration;

use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use rollcall_reference::Home;

use crate::{reference::uncached, state::AppState};

pub(crate) fn router() -> Router<AppState> {
    Router::new().route("/", get(home))
}

async fn home(State(app): State<AppState>) -> Response {
    let since = app.ingest.since_last_write();
    let state = if app.demo.get().is_some() {
        "demo"
    } else if since.is_some() {
        "fresh"
    } else {
        match app.store.has_instances().await {
            Ok(true) => "quiet",
            Ok(false) => "empty",
            Err(error) => {
                tracing::error!(error = %error, "could not render the page at /");
                return crate::api::failure(crate::surface::Failure::Internal);
            }
        }
    };
    let ago = since.map(in_words).unwrap_or_default();
    uncached(StatusCode::OK, Home { state, ago, version: env!("CARGO_PKG_VERSION") }.html())
}

/// Returns a duration in its largest unit: `12 seconds`, `3 hours`.
fn in_words(span: Duration) -> String {
    let seconds = span.as_secs();
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_its_largest_unit() {
        for (seconds, words) in
            [(0, "0 seconds"), (1, "1 second"), (60, "1 minute"), (7_300, "2 hours"), (90_000, "1 day")]
        {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }
}
