//! Why a vendor refused a call, as its response says it.

use std::fmt;

use rollcall_model::Vendor;
use serde::Deserialize;

/// Maximum length of a vendor's message that is kept, in characters.
const MAX_MESSAGE_CHARS: usize = 500;

/// A response that says that the call cannot succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is in the way.
    pub kind: RefusalKind,
    /// The HTTP status.
    pub status: u16,
    /// The vendor's own code, if the body has one.
    pub code: Option<i64>,
    /// The vendor's message, shortened; blank if there is none.
    pub message: String,
}

/// What is in the way of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RefusalKind {
    /// The token is not valid, even after it was renewed.
    Token,
    /// The app lacks a scope, or its owner a role.
    Scope,
    /// The account's plan, an add-on or a user's licence.
    Plan,
    /// The vendor does not know the record, or does not have its data yet.
    NotFound,
    /// The vendor no longer has the data.
    TooOld,
    /// The page token is not valid any more: the list must be begun again.
    PageToken,
    /// The data are in another region.
    Region,
    /// Something else about the request.
    Request,
}

impl RefusalKind {
    /// Returns its name in tables and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Scope => "scope",
            Self::Plan => "plan",
            Self::NotFound => "not found",
            Self::TooOld => "too old",
            Self::PageToken => "page token",
            Self::Region => "region",
            Self::Request => "request",
        }
    }
}

/// The fields that vendors' errors have.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    code: Option<serde_json::Value>,
    message: Option<String>,
    errors: Option<Vec<Described>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Described {
    description: Option<String>,
    message: Option<String>,
}

impl Refusal {
    /// Reads a response with an error. `None` if it is not one.
    pub(crate) fn read(vendor: Vendor, status: u16, body: &[u8]) -> Option<Self> {
        let is_success = (200..300).contains(&status);
        let parsed = serde_json::from_slice::<ErrorBody>(body).unwrap_or_default();
        let code = parsed.code.as_ref().and_then(|code| code.as_i64().or_else(|| code.as_str()?.parse().ok()));
        // Zoom sends some errors with status 200 (Zoom reference, section 3).
        if is_success && !(vendor == Vendor::Zoom && code.is_some_and(|code| code != 0) && parsed.message.is_some()) {
            return None;
        }
        let details =
            parsed.errors.unwrap_or_default().into_iter().filter_map(|error| error.description.or(error.message));
        let message: Vec<String> = parsed.message.into_iter().chain(details).collect();
        let mut message = message.join(" ");
        if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE_CHARS) {
            message.truncate(end);
        }
        let kind = match vendor {
            Vendor::Zoom => zoom_kind(status, code.unwrap_or_default(), &message),
            Vendor::Webex => webex_kind(status),
        };
        Some(Self { kind, status, code, message })
    }
}

/// Zoom reference, section 3. Some codes stand for several causes, which only the message distinguishes.
fn zoom_kind(status: u16, code: i64, message: &str) -> RefusalKind {
    let says = |words: &str| message.to_ascii_lowercase().contains(words);
    match (status, code) {
        (_, 124) => RefusalKind::Token,
        (_, 4711 | 4700 | 104) => RefusalKind::Scope,
        (_, 12_702) => RefusalKind::TooOld,
        (_, 300) if says("next page token") => RefusalKind::PageToken,
        (_, 3001 | 1001) => RefusalKind::NotFound,
        (_, 200 | 400 | 3161) if says("plan") || says("only available") || says("capabilit") || says("subscri") => {
            RefusalKind::Plan
        }
        (_, 200) => RefusalKind::Scope,
        (401, _) => RefusalKind::Token,
        (403, _) => RefusalKind::Scope,
        (404, _) => RefusalKind::NotFound,
        _ => RefusalKind::Request,
    }
}

/// Webex reference, section 11.
const fn webex_kind(status: u16) -> RefusalKind {
    match status {
        401 => RefusalKind::Token,
        403 => RefusalKind::Scope,
        404 | 410 => RefusalKind::NotFound,
        451 => RefusalKind::Region,
        _ => RefusalKind::Request,
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status)?;
        if let Some(code) = self.code {
            write!(f, ", code {code}")?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooms_errors_are_told_apart() {
        let kind =
            |status, body: &str| Refusal::read(Vendor::Zoom, status, body.as_bytes()).map(|refusal| refusal.kind);
        for (status, body, expected) in [
            (200, r#"{"code":0,"message":"fine"}"#, None),
            (200, r#"{"code":200,"message":"x","id":1}"#, Some(RefusalKind::Scope)),
            (200, r#"{"page_size":30,"code":3}"#, None),
            (401, r#"{"code":124,"message":"Access token is expired."}"#, Some(RefusalKind::Token)),
            (400, r#"{"code":4711,"message":"does not contain scopes:[a, b]."}"#, Some(RefusalKind::Scope)),
            (400, r#"{"code":200,"message":"Webinar plan is missing."}"#, Some(RefusalKind::Plan)),
            (400, r#"{"code":400,"message":"This API is only available for ZMP"}"#, Some(RefusalKind::Plan)),
            (400, r#"{"code":200,"message":"No permission."}"#, Some(RefusalKind::Scope)),
            (
                400,
                r#"{"code":300,"message":"The next page token is either invalid or has expired."}"#,
                Some(RefusalKind::PageToken),
            ),
            (404, r#"{"code":3001,"message":"Meeting does not exist: 1."}"#, Some(RefusalKind::NotFound)),
            (400, r#"{"code":12702,"message":"Can not access a meeting a year ago."}"#, Some(RefusalKind::TooOld)),
            (400, r#"{"code":300,"message":"Validation Failed.","errors":[]}"#, Some(RefusalKind::Request)),
            (400, "<html>", Some(RefusalKind::Request)),
        ] {
            assert_eq!(kind(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn webexs_message_includes_its_descriptions() {
        let body =
            r#"{"message":"The requested resource could not be found.","errors":[{"description":"No meeting."}]}"#;
        let refusal = Refusal::read(Vendor::Webex, 404, body.as_bytes()).unwrap();
        let expected = "status 404: The requested resource could not be found. No meeting.";
        assert_eq!((refusal.kind, refusal.to_string().as_str()), (RefusalKind::NotFound, expected));
    }
}
