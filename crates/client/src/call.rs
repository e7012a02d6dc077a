use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rollcall_model::{Method, Operation, Vendor};
use serde_json::Value;

use crate::answer::Next;

/// What stays as it is in a segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// A request of one operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    operation: &'static Operation,
    /// The encoded path with the encoded query.
    target: String,
    body: Option<Value>,
}

/// Why a call cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCall {
    /// The path has another number of parameters.
    #[error("{path} needs {expected} ids, not {given}")]
    Ids {
        /// The template of the path.
        path: &'static str,
        /// The number of parameters that it has.
        expected: usize,
        /// The number of ids.
        given: usize,
    },
    /// The text is no request of a known operation.
    #[error("`{0}` is not a request of a known operation")]
    Unknown(String),
}

impl Call {
    /// Creates a call of `operation` with the ids in its path, which may contain any characters.
    ///
    /// Zoom wants UUIDs with slashes to be encoded twice (Zoom reference, section 5).
    ///
    /// # Errors
    /// [`InvalidCall::Ids`] if the path has another number of parameters.
    pub fn new(operation: &'static Operation, ids: &[&str]) -> Result<Self, InvalidCall> {
        let expected = operation.path.matches('{').count();
        if expected != ids.len() {
            return Err(InvalidCall::Ids { path: operation.path, expected, given: ids.len() });
        }
        let mut ids = ids.iter();
        let segments = operation.path.split('/').map(|segment| match segment.starts_with('{') {
            true => ids.next().map(|id| encoded(id)).unwrap_or_default(),
            false => segment.to_owned(),
        });
        let target = segments.collect::<Vec<_>>().join("/");
        Ok(Self { operation, target, body: None })
    }

    /// Parses a path with its query, as [`Self::target`] returns it.
    ///
    /// # Errors
    /// [`InvalidCall::Unknown`] if no operation that reads has such a path.
    pub fn parse(vendor: Vendor, target: &str) -> Result<Self, InvalidCall> {
        let table = match vendor {
            Vendor::Zoom => rollcall_zoom::operations::ALL,
            Vendor::Webex => rollcall_webex::operations::ALL,
        };
        let path = target.split('?').next().unwrap_or_default();
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let found = Operation::find(table, Method::Get.as_str(), &segments);
        let (operation, _) = found.ok_or_else(|| InvalidCall::Unknown(target.chars().take(200).collect()))?;
        Ok(Self { operation, target: target.to_owned(), body: None })
    }

    /// Adds a parameter to the query.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let separator = if self.target.contains('?') { '&' } else { '?' };
        self.target.push(separator);
        self.target.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        self.target.push('=');
        self.target.extend(form_urlencoded::byte_serialize(value.as_bytes()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Returns the call of the page that follows.
    #[must_use]
    pub fn at(&self, next: &Next) -> Self {
        match next {
            Next::Token(token) => self.clone().with("next_page_token", token),
            Next::Target(target) => Self { target: target.clone(), ..self.clone() },
        }
    }

    /// Returns the operation.
    #[must_use]
    pub const fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Returns the path with its query, both encoded.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    pub(crate) const fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operation.method.as_str(), self.target)
    }
}

fn encoded(id: &str) -> String {
    let once = utf8_percent_encode(id, SEGMENT).to_string();
    if id.contains('/') { utf8_percent_encode(&once, SEGMENT).to_string() } else { once }
}

#[cfg(test)]
mod tests {
    use rollcall_zoom::operations as op;

    use super::*;

    #[test]
    fn ids_are_encoded_and_twice_if_they_have_slashes() {
        let target = |id: &str| Call::new(&op::PAST_MEETING, &[id]).unwrap().target().to_owned();
        assert_eq!(target("123"), "/v2/past_meetings/123");
        assert_eq!(target("ab+c=="), "/v2/past_meetings/ab%2Bc%3D%3D");
        assert_eq!(target("/a//b=="), "/v2/past_meetings/%252Fa%252F%252Fb%253D%253D");
        let error = Call::new(&op::PAST_MEETING, &[]).unwrap_err();
        assert_eq!(error.to_string(), "/v2/past_meetings/{meetingId} needs 1 ids, not 0");
    }

    #[test]
    fn a_call_is_parsed_from_its_target() {
        let call =
            Call::new(&op::DASHBOARD_MEETINGS, &[]).unwrap().with("type", "past").with("from", "2026-11-01 00:00:00");
        assert_eq!(call.target(), "/v2/metrics/meetings?type=past&from=2026-11-01+00%3A00%3A00");
        assert_eq!(Call::parse(Vendor::Zoom, call.target()).unwrap(), call);
        assert!(Call::parse(Vendor::Webex, call.target()).is_err());
        let next = call.at(&Next::Token("a b".to_owned()));
        assert!(next.target().ends_with("&next_page_token=a+b"), "{next}");
    }
}
