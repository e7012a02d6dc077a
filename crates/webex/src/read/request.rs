use std::str::FromStr;

use rollcall_model::{Operation, Text};

use super::ReadError;
use crate::operations as op;

/// The example request in messages.
pub(super) const EXAMPLE: &str = "GET /v1/admin/meeting/config/trackingCodes?siteUrl=example.webex.com";

const MAX_ECHOED_CHARS: usize = 160;

/// A request of Webex's API whose responses can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// A site's tracking codes.
    ListTrackingCodes,
    /// One tracking code: the response to get, create and replace is the same.
    TrackingCode,
    /// A user's values of a site's codes, read or set.
    UserTrackingCodes {
        /// The user, if it is in the query.
        person_id: Option<Text>,
    },
    /// A host's tracking codes. These responses are partial and cannot be imported.
    HostTrackingCodes,
    /// The qualities of a run.
    Qualities,
    /// The participants of a run.
    Participants,
    /// One participant.
    Participant,
    /// Meetings, of which runs are imported.
    Meetings,
    /// One meeting.
    Meeting,
    /// People.
    People,
    /// One person.
    Person,
    /// Organizations.
    Organizations,
    /// One organization.
    Organization,
    /// Usage reports of a site.
    UsageReports {
        /// The site.
        site_url: Option<Text>,
    },
    /// Attendee reports.
    AttendeeReports,
    /// Invitees of a meeting.
    Invitees,
    /// One invitee.
    Invitee,
    /// The registration form of a meeting.
    Registration {
        /// The meeting's id.
        meeting_id: Text,
    },
    /// Registrants of a meeting.
    Registrants {
        /// The meeting's id.
        meeting_id: Text,
    },
    /// One registrant.
    Registrant {
        /// The meeting's id.
        meeting_id: Text,
    },
    /// Invitation sources of a webinar.
    InvitationSources {
        /// The webinar's id.
        meeting_id: Text,
    },
    /// Meeting preferences.
    Preferences {
        /// Address of another user.
        of_user: Option<Text>,
    },
    /// The sites of a user.
    ListSites {
        /// Whether it requests another user's sites.
        of_user: bool,
    },
    /// The default site, after it was set.
    DefaultSite {
        /// Whether it sets another user's default site.
        of_user: bool,
    },
}

impl Request {
    /// Parses a request line: the method (default: GET), and a path with its query, or a whole URL of any host.
    ///
    /// ```
    /// use rollcall_webex::read::Request;
    ///
    /// let request = Request::parse("GET /v1/admin/meeting/config/trackingCodes/1?siteUrl=example.webex.com")?;
    /// assert_eq!(request, Request::TrackingCode);
    /// # Ok::<(), rollcall_webex::read::ReadError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ReadError::UnknownRequest`] if it is not one of these.
    pub fn parse(text: &str) -> Result<Self, ReadError> {
        Self::parse_known(text).ok_or_else(|| ReadError::UnknownRequest {
            request: text.chars().take(MAX_ECHOED_CHARS).collect(),
            example: EXAMPLE,
        })
    }

    fn parse_known(text: &str) -> Option<Self> {
        let text = text.trim();
        let (method, target) = text.split_once(char::is_whitespace).unwrap_or(("GET", text));
        let method = method.to_ascii_uppercase();
        let target = target.trim_start();
        let path_and_query = match target.split_once("://") {
            Some((_scheme, rest)) => rest.find('/').map(|start| &rest[start..])?,
            None => target,
        };
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let parameter = |wanted: &str| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(name, value)| name == wanted && !value.is_empty())
                .map(|(_, value)| Text::from(value))
        };
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let (operation, ids) = Operation::find(op::ALL, &method, &segments)?;
        let id = || {
            let id = ids.first().copied().unwrap_or_default();
            Text::from(id)
        };
        let request = match *operation {
            op::LIST_TRACKING_CODES => Self::ListTrackingCodes,
            op::CREATE_TRACKING_CODE | op::GET_TRACKING_CODE | op::UPDATE_TRACKING_CODE => Self::TrackingCode,
            op::GET_USER_TRACKING_CODES | op::UPDATE_USER_TRACKING_CODES => {
                Self::UserTrackingCodes { person_id: parameter("personId") }
            }
            op::LIST_HOST_TRACKING_CODES => Self::HostTrackingCodes,
            op::LIST_QUALITIES => Self::Qualities,
            op::LIST_MEETING_PARTICIPANTS | op::QUERY_MEETING_PARTICIPANTS => Self::Participants,
            op::GET_MEETING_PARTICIPANT => Self::Participant,
            op::LIST_MEETINGS => Self::Meetings,
            op::GET_MEETING | op::CREATE_MEETING | op::UPDATE_MEETING | op::PATCH_MEETING => Self::Meeting,
            op::LIST_INVITEES | op::CREATE_INVITEES => Self::Invitees,
            op::GET_INVITEE | op::CREATE_INVITEE | op::UPDATE_INVITEE => Self::Invitee,
            op::GET_REGISTRATION | op::UPDATE_REGISTRATION => Self::Registration { meeting_id: id() },
            op::LIST_REGISTRANTS | op::QUERY_REGISTRANTS | op::CREATE_REGISTRANTS => {
                Self::Registrants { meeting_id: id() }
            }
            op::GET_REGISTRANT | op::CREATE_REGISTRANT => Self::Registrant { meeting_id: id() },
            op::LIST_INVITATION_SOURCES | op::CREATE_INVITATION_SOURCES => Self::InvitationSources { meeting_id: id() },
            op::GET_PREFERENCES => Self::Preferences { of_user: parameter("userEmail") },
            op::LIST_PEOPLE => Self::People,
            op::GET_PERSON | op::GET_MYSELF => Self::Person,
            op::LIST_ORGANIZATIONS => Self::Organizations,
            op::GET_ORGANIZATION => Self::Organization,
            op::LIST_USAGE_REPORTS => Self::UsageReports { site_url: parameter("siteUrl") },
            op::LIST_ATTENDEE_REPORTS => Self::AttendeeReports,
            op::LIST_SITES => Self::ListSites { of_user: parameter("userEmail").is_some() },
            op::UPDATE_DEFAULT_SITE => Self::DefaultSite { of_user: parameter("userEmail").is_some() },
            _ => return None,
        };
        Some(request)
    }
}

impl FromStr for Request {
    type Err = ReadError;

    fn from_str(text: &str) -> Result<Self, ReadError> {
        Self::parse(text)
    }
}
