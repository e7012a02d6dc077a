use std::{collections::BTreeMap, fmt, str::FromStr};

use rollcall_model::{Batch, InstanceRef, MeetingKind};
use rollcall_webex::read as webex;
use rollcall_zoom::read as zoom;

/// A request to one of the vendors whose answers are kept.
#[derive(Debug, Clone)]
pub enum Request {
    /// To Zoom.
    Zoom(zoom::Request),
    /// To Webex.
    Webex(webex::Request),
}

/// A request with the body that answered it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What was asked.
    pub request: Request,
    /// What was answered.
    pub body: Vec<u8>,
}

/// Why an exchange tells nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// The request is none whose answers are kept.
    #[error("{0}")]
    Request(String),
    /// The body is no answer to the request.
    #[error("{0}")]
    Body(String),
}

/// What an answer holds.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) batch: Batch,
    pub(crate) defects: Vec<Defect>,
    /// What there is no place for, with how many entries have it.
    pub(crate) unkept: BTreeMap<String, u64>,
}

/// Something in a body that was left out, while the rest was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Defect {
    /// Where in the body, such as `participants[3].join_time`.
    pub(crate) path: String,
    pub(crate) reason: String,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.reason)
    }
}

impl FromStr for Request {
    type Err = ExchangeError;

    /// Reads `GET /v2/metrics/webinars/123/participants?type=past`; a whole URL may stand for the path, and HTTP's
    /// version may follow it. The path's version tells the vendor.
    fn from_str(text: &str) -> Result<Self, ExchangeError> {
        let text = without_http_version(text.trim());
        if path_of(text).starts_with("v1/") {
            webex::Request::parse(text).map(Self::Webex).map_err(|error| ExchangeError::Request(error.to_string()))
        } else {
            zoom::Request::parse(text).map(Self::Zoom).map_err(|error| ExchangeError::Request(error.to_string()))
        }
    }
}

/// The request without the ` HTTP/1.1` that stands at the end of its line on the wire.
fn without_http_version(request: &str) -> &str {
    match request.rsplit_once(char::is_whitespace) {
        Some((rest, version)) if version.starts_with("HTTP/") => rest.trim_end(),
        _ => request,
    }
}

/// The path of a request, with its query and without its first slash.
fn path_of(request: &str) -> &str {
    let target = request.split_whitespace().last().unwrap_or_default();
    let path = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => target,
    };
    path.trim_start_matches('/')
}

impl Request {
    /// The instance whose participants are asked for.
    pub(crate) fn participants_of(&self) -> Option<(MeetingKind, InstanceRef)> {
        match self {
            Self::Zoom(request) => match &request.operation {
                zoom::Operation::Participants(kind, instance) | zoom::Operation::ReportParticipants(kind, instance) => {
                    Some((*kind, instance.clone()))
                }
                _ => None,
            },
            Self::Webex(_) => None,
        }
    }

    /// Reads a request that a recording of some program holds beside whatever else the program called: none where its
    /// answers are not kept, or where its path lacks the vendor's version and so may be anybody's.
    pub(crate) fn among_others(method: &str, url: &str) -> Option<Self> {
        let path = path_of(url);
        if !(path.starts_with("v2/") || path.starts_with("v1/")) {
            return None;
        }
        match format!("{method} {url}").parse().ok()? {
            // A view of data that other answers hold, which cannot be kept.
            Self::Webex(webex::Request::HostTrackingCodes) => None,
            request => Some(request),
        }
    }
}

impl Exchange {
    /// Whether the answer is a list without entries.
    pub(crate) fn is_empty_list(&self) -> bool {
        let body: Result<BTreeMap<String, serde_json::Value>, _> = serde_json::from_slice(&self.body);
        body.is_ok_and(|body| {
            let mut lists = body.values().filter_map(serde_json::Value::as_array).peekable();
            lists.peek().is_some() && lists.all(Vec::is_empty)
        })
    }

    /// The facts that the answer tells, and what of it was left out.
    pub(crate) fn read(&self) -> Result<Reading, ExchangeError> {
        match &self.request {
            Request::Zoom(request) => {
                let zoom::Reading { batch, defects, unkept } =
                    zoom::read(request, &self.body).map_err(|error| ExchangeError::Body(error.to_string()))?;
                let defects = defects.into_iter().map(|zoom::Defect { path, reason }| Defect { path, reason });
                Ok(Reading { batch, defects: defects.collect(), unkept })
            }
            Request::Webex(request) => {
                let webex::Reading { batch, defects, unkept } =
                    request.read(&self.body).map_err(|error| ExchangeError::Body(error.to_string()))?;
                let defects = defects.into_iter().map(|webex::Defect { path, reason }| Defect { path, reason });
                Ok(Reading { batch, defects: defects.collect(), unkept })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_in_the_path_tells_the_vendor() {
        for (text, webex) in [
            ("GET /v1/meetingPreferences/sites", true),
            ("GET https://webexapis.com/v1/meetingPreferences/sites?userEmail=a@example.com", true),
            ("GET /v2/users", false),
            ("GET https://api.zoom.us/v2/users?next=/v1/", false),
            ("GET /v1/meetingPreferences/sites HTTP/1.1", true),
            ("GET /v2/users HTTP/2", false),
        ] {
            let request: Request = text.parse().unwrap();
            assert_eq!(matches!(request, Request::Webex(_)), webex, "{text}");
        }
    }

    #[test]
    fn a_recording_holds_requests_of_other_kinds() {
        for (method, url, kept) in [
            ("GET", "https://api.zoom.us/v2/users?page_size=30", true),
            ("GET", "http://127.0.0.1:8480/v2/metrics/webinars/1/participants/qos?type=past", true),
            ("PUT", "https://webexapis.com/v1/admin/meeting/config/trackingCodes/1", true),
            ("GET", "https://shop.example.com/users", false),
            ("GET", "https://shop.example.com/meetings/123?next=/v2/users", false),
            ("POST", "https://api.zoom.us/v2/users", false),
            ("GET", "https://api.zoom.us/v2/report/daily", false),
            ("GET", "https://api.zoom.us/v2/report/meetings/1/participants", true),
            ("GET", "https://webexapis.com/v1/meetings/trackingCodes?service=All", false),
            ("GET", "data:text/plain,hello", false),
            ("GET", "", false),
        ] {
            assert_eq!(Request::among_others(method, url).is_some(), kept, "{method} {url}");
        }
    }
}
