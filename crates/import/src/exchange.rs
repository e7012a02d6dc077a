use std::{collections::BTreeMap, fmt, str::FromStr};

use rollcall_model::{Batch, Registrant, Text};
use rollcall_webex::read as webex;
use rollcall_zoom::read as zoom;

use crate::csv::Subject;

/// A supported request to a vendor.
#[derive(Debug, Clone)]
pub enum Request {
    /// To Zoom.
    Zoom(zoom::Request),
    /// To Webex.
    Webex(webex::Request),
}

/// A request with the body of its response.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The request.
    pub request: Request,
    /// The body.
    pub body: Vec<u8>,
}

/// Why an exchange cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// The request is not supported.
    #[error("{0}")]
    Request(String),
    /// The body does not answer the request.
    #[error("{0}")]
    Body(String),
}

/// Content of a response.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) batch: Batch,
    /// Registrants by the ids of Webex meetings.
    pub(crate) registrants: BTreeMap<Text, Vec<Registrant>>,
    pub(crate) defects: Vec<Defect>,
    /// Values that cannot be stored, with the number of entries that have them.
    pub(crate) unkept: BTreeMap<String, u64>,
}

/// A part of a body that was skipped, while the rest was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Defect {
    /// Path in the body, such as `participants[3].join_time`.
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

    /// Parses `GET /v2/metrics/webinars/123/participants?type=past`; the path may be a whole URL, and may be followed
    /// by HTTP's version. The path's version determines the vendor.
    fn from_str(text: &str) -> Result<Self, ExchangeError> {
        let text = without_http_version(text.trim());
        if path_of(text).starts_with("v1/") {
            webex::Request::parse(text).map(Self::Webex).map_err(|error| ExchangeError::Request(error.to_string()))
        } else {
            zoom::Request::parse(text).map(Self::Zoom).map_err(|error| ExchangeError::Request(error.to_string()))
        }
    }
}

/// Returns the request without the ` HTTP/1.1` at the end of its line.
fn without_http_version(request: &str) -> &str {
    match request.rsplit_once(char::is_whitespace) {
        Some((rest, version)) if version.starts_with("HTTP/") => rest.trim_end(),
        _ => request,
    }
}

/// Returns the path of a request, with its query and without its first slash.
fn path_of(request: &str) -> &str {
    let target = request.split_whitespace().last().unwrap_or_default();
    let path = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => target,
    };
    path.trim_start_matches('/')
}

impl Request {
    /// Returns what a CSV report that answers the request is about. `None` if no report does.
    pub(crate) fn report_subject(&self) -> Option<Subject> {
        let Self::Zoom(request) = self else { return None };
        match &request.operation {
            zoom::Operation::Participants(kind, instance) | zoom::Operation::ReportParticipants(kind, instance) => {
                Some(Subject::Attendance(*kind, instance.clone()))
            }
            zoom::Operation::Registrants(kind, number, false) => Some(Subject::Registration(*kind, *number)),
            _ => None,
        }
    }

    /// Parses a request in a recording that contains other requests, too. `None` if its responses are not supported, or
    /// if its path lacks the vendor's version and so may be anybody's.
    pub(crate) fn among_others(method: &str, url: &str) -> Option<Self> {
        let path = path_of(url);
        if !(path.starts_with("v2/") || path.starts_with("v1/")) {
            return None;
        }
        match format!("{method} {url}").parse().ok()? {
            // A view of data that other responses contain, which cannot be imported.
            Self::Webex(webex::Request::HostTrackingCodes) => None,
            request => Some(request),
        }
    }
}

impl Exchange {
    /// Returns whether the response is an empty list.
    pub(crate) fn is_empty_list(&self) -> bool {
        let body: Result<BTreeMap<String, serde_json::Value>, _> = serde_json::from_slice(&self.body);
        body.is_ok_and(|body| {
            let mut lists = body.values().filter_map(serde_json::Value::as_array).peekable();
            lists.peek().is_some() && lists.all(Vec::is_empty)
        })
    }

    /// Returns whether the response has ids for attendances that another response may name differently.
    pub(crate) const fn names_attendances_anew(&self) -> bool {
        use webex::Request::{Participant, Participants, Qualities};
        matches!(self.request, Request::Webex(Participant | Participants | Qualities))
    }

    /// Returns the response's facts, and skipped parts.
    pub(crate) fn read(&self) -> Result<Reading, ExchangeError> {
        match &self.request {
            Request::Zoom(request) => {
                let zoom::Reading { batch, defects, unkept } =
                    zoom::read(request, &self.body).map_err(|error| ExchangeError::Body(error.to_string()))?;
                let defects = defects.into_iter().map(|zoom::Defect { path, reason }| Defect { path, reason });
                Ok(Reading { batch, registrants: BTreeMap::new(), defects: defects.collect(), unkept })
            }
            Request::Webex(request) => {
                let webex::Reading { batch, registrants, defects, unkept } =
                    request.read(&self.body).map_err(|error| ExchangeError::Body(error.to_string()))?;
                let defects = defects.into_iter().map(|webex::Defect { path, reason }| Defect { path, reason });
                Ok(Reading { batch, registrants, defects: defects.collect(), unkept })
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
            ("GET", "https://api.zoom.us/v2/report/daily", true),
            ("GET", "https://api.zoom.us/v2/rooms", false),
            ("GET", "https://api.zoom.us/v2/report/meetings/1/participants", true),
            ("GET", "https://webexapis.com/v1/meetings/trackingCodes?service=All", false),
            ("GET", "data:text/plain,hello", false),
            ("GET", "", false),
        ] {
            assert_eq!(Request::among_others(method, url).is_some(), kept, "{method} {url}");
        }
    }
}
