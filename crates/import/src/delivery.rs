//! Recorded webhooks: bodies as sent by the vendors, one per line of NDJSON.

use rollcall_model::EventFacts;
use rollcall_webex::hook as webex;
use rollcall_zoom::hook::{self as zoom, Delivery};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The keys that distinguish a delivery from an exchange, and Zoom's from Webex's.
#[derive(Deserialize)]
struct Marks<'a> {
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
    /// The delivery in Zoom's webhook log: an object, or its text.
    #[serde(borrow, rename = "requestBody", alias = "request_body")]
    request_body: Option<&'a RawValue>,
}

/// Parses a line that may be a delivery. `None` if it is not. A recording is trusted like any other file, because it
/// has no signature to check.
pub(crate) fn read(line: &str) -> Option<Result<EventFacts, String>> {
    let marks: Marks<'_> = serde_json::from_str(line).ok()?;
    match marks {
        Marks { request_body: Some(body), .. } => {
            let text = serde_json::from_str::<String>(body.get());
            read(text.as_deref().unwrap_or_else(|_| body.get()))
        }
        Marks { event: Some(_), resource: Some(_), .. } => {
            Some(webex::read(line.as_bytes()).map_err(|error| error.to_string()))
        }
        Marks { event: Some(_), payload: Some(_), .. } => Some(match zoom::read(line.as_bytes()) {
            Ok(Delivery::Event { facts, .. }) => Ok(facts),
            Ok(Delivery::Challenge { .. }) => Ok(EventFacts::Nothing),
            Err(error) => Err(error.to_string()),
        }),
        _ => None,
    }
}
