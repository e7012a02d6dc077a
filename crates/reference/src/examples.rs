//! Values that exist in the demo's account and replace the examples of the descriptions, so that pages, Try-it and
//! downloads work immediately.

use std::collections::HashMap;

use rollcall_codegen::{Operation, export::encoded_uuid};
use rollcall_model::Timestamp;
use serde_json::Value;

use crate::{catalog::Catalog, postman};

const DAY: i64 = 86_400;

/// A request, and where the values of variables are in its response. Later requests use earlier variables.
type Ask = (&'static str, &'static [(&'static str, &'static str)]);

const ASKS: &[Ask] = &[
    ("/v2/users?page_size=1", &[("userId", "/users/0/id"), ("userEmail", "/users/0/email")]),
    (
        "/v2/metrics/meetings?type=past&from={from}&to={to}&page_size=1",
        &[("meetingUuid", "/meetings/0/uuid"), ("meetingNumber", "/meetings/0/id")],
    ),
    (
        "/v2/metrics/meetings/{meetingUuid}/participants?type=past&page_size=1",
        &[("meetingParticipantId", "/participants/0/user_id")],
    ),
    (
        "/v2/metrics/webinars?type=past&from={from}&to={to}&page_size=1",
        &[
            ("webinarUuid", "/webinars/0/uuid"),
            ("webinarNumber", "/webinars/0/id"),
            ("webinarHost", "/webinars/0/email"),
        ],
    ),
    (
        "/v2/metrics/webinars/{webinarUuid}/participants?type=past&page_size=1",
        &[("webinarParticipantId", "/participants/0/user_id")],
    ),
    ("/v2/groups", &[("groupId", "/groups/0/id")]),
    ("/v2/metrics/zoomrooms", &[("zoomroomId", "/zoom_rooms/0/id")]),
    ("/v2/metrics/client/feedback", &[("feedbackId", "/client_feedbacks/0/feedback_id")]),
    ("/v2/report/billing", &[("billingId", "/billing_reports/0/id")]),
    (
        "/v1/meetings?meetingType=meeting&state=ended&from={from}&to={to}&max=1",
        &[("runId", "/items/0/id"), ("personId", "/items/0/hostUserId"), ("hostEmail", "/items/0/hostEmail")],
    ),
    ("/v1/meetingParticipants?meetingId={runId}&max=1", &[("participantId", "/items/0/id")]),
    ("/v1/meetingPreferences/sites", &[("siteUrl", "/sites/0/siteUrl")]),
    ("/v1/organizations", &[("orgId", "/items/0/id")]),
    ("/v1/admin/meeting/config/trackingCodes?siteUrl={siteUrl}", &[("trackingCodeId", "/items/0/id")]),
];

/// The demo's values by the variable names of the collections.
#[derive(Debug, Default)]
pub struct Examples(HashMap<&'static str, String>);

impl Examples {
    /// Reads them from the server's own responses: `ask` returns the body of the response to a GET of a path.
    pub async fn read<A: Future<Output = Value>>(now: Timestamp, ask: impl Fn(String) -> A) -> Self {
        let mut values = HashMap::from([
            ("from", day(now.plus_seconds(-27 * DAY))),
            ("to", day(now)),
            ("$timestamp", now.as_seconds().to_string()),
        ]);
        for (path, found) in ASKS {
            let Some(path) = filled(path, "{", "}", &|name| values.get(name).map(|value| encoded_uuid(value))) else {
                continue;
            };
            let answer = ask(path).await;
            for (name, pointer) in *found {
                match answer.pointer(pointer) {
                    Some(Value::String(text)) if !text.is_empty() => values.insert(*name, text.clone()),
                    Some(Value::Number(number)) => values.insert(*name, number.to_string()),
                    _ => None,
                };
            }
        }
        Self(values)
    }

    /// Returns the demo's values for an operation's parameters.
    #[must_use]
    pub fn of(&self, operation_id: &str) -> Vec<(&'static str, String)> {
        let set = postman::values(operation_id);
        set.iter().filter_map(|(name, text)| Some((*name, self.fill(text)?))).collect()
    }

    /// Replaces an operation's parameters and body by the demo's values.
    pub(crate) fn apply(&self, operation: &mut Operation) {
        for (name, value) in self.of(&operation.id) {
            operation.set(name, &value);
        }
        if let Some(text) = postman::body_of(&operation.id).and_then(|text| self.fill(text)) {
            postman::set_body(operation, text);
        }
    }

    /// Returns the variables of an API's collection, except those that each run sets itself.
    pub(crate) fn variables(&self, catalog: &Catalog) -> Vec<(&'static str, String)> {
        let own = |name: &str| match catalog.id {
            "zoom" => {
                ["user", "meeting", "webinar"].iter().any(|prefix| name.starts_with(prefix))
                    || ["groupId", "zoomroomId", "feedbackId", "billingId"].contains(&name)
            }
            _ => ["orgId", "runId", "personId", "hostEmail", "participantId", "siteUrl", "trackingCodeId"]
                .contains(&name),
        };
        let mut variables: Vec<(&'static str, String)> = self
            .0
            .iter()
            .filter(|(name, _)| own(name))
            // Collections contain UUIDs as encoded for URLs.
            .map(|(name, value)| (*name, if name.ends_with("Uuid") { encoded_uuid(value) } else { value.clone() }))
            .collect();
        variables.sort_unstable();
        variables
    }

    /// Returns the text with values for its variables. `None` if the demo has no value for one.
    fn fill(&self, text: &str) -> Option<String> {
        filled(text, "{{", "}}", &|name| self.0.get(name).cloned())
    }
}

fn filled(text: &str, open: &str, close: &str, value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut pieces = text.split(open);
    let mut whole = pieces.next()?.to_owned();
    for piece in pieces {
        // A brace that is not part of a variable belongs to JSON.
        match piece.split_once(close).filter(|(name, _)| !name.contains(['"', ' ', '\n'])) {
            Some((name, after)) => {
                whole.push_str(&value(name)?);
                whole.push_str(after);
            }
            None => {
                whole.push_str(open);
                whole.push_str(piece);
            }
        }
    }
    Some(whole)
}

fn day(time: Timestamp) -> String {
    time.to_string().chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in_or_the_text_is_left_out() {
        let examples = Examples(HashMap::from([("siteUrl", "a.example".to_owned())]));
        assert_eq!(examples.fill("{\"siteUrl\": \"{{siteUrl}}\"}").as_deref(), Some("{\"siteUrl\": \"a.example\"}"));
        assert_eq!(examples.fill("past").as_deref(), Some("past"));
        assert_eq!(examples.fill("{{accountId}}"), None);
        assert_eq!(encoded_uuid("/a+b=="), "%252Fa%252Bb%253D%253D");
        assert_eq!(encoded_uuid("a+b=="), "a%2Bb%3D%3D");
    }
}
