use std::iter;

use rollcall_model::{
    DocumentOwner, DocumentOwnerRef, InstanceRef, InstanceState, InvalidId, MeetingKind, MeetingNumber,
    Operation as ApiOperation, ParticipantUserId, Text,
};

use crate::{
    kept::{Kept, Owner, Shape},
    operations as op, path,
};

/// Kind of request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// `metrics/meetings` and `metrics/webinars`.
    MetricsInstances(MeetingKind),
    /// `metrics/{meetings|webinars}/{id}`.
    MetricsInstance(MeetingKind, InstanceRef),
    /// `metrics/{meetings|webinars}/{id}/participants`.
    Participants(MeetingKind, InstanceRef),
    /// `metrics/{meetings|webinars}/{id}/participants/qos`.
    QosList(MeetingKind, InstanceRef),
    /// `metrics/{meetings|webinars}/{id}/participants/{participantId}/qos`.
    QosParticipant(MeetingKind, InstanceRef, ParticipantUserId),
    /// `report/{meetings|webinars}/{id}/participants` and `past_{meetings|webinars}/{id}/participants`.
    ReportParticipants(MeetingKind, InstanceRef),
    /// `webinars/{id}/tracking_sources`.
    TrackingSources(MeetingNumber),
    /// `{meetings|webinars}/{id}/registrants`, `past_webinars/{id}/absentees`, and one of them.
    Registrants(MeetingKind, MeetingNumber, bool),
    /// `tracking_fields`, and one of them.
    TrackingFields(bool),
    /// `users`.
    Users,
    /// `users/{userId}`.
    User(Text),
    /// `users/{userId}/meetings` and `users/{userId}/webinars`.
    UserMeetings(MeetingKind, Text),
    /// `meetings/{id}` and `webinars/{id}`.
    Meeting(MeetingKind, MeetingNumber),
    /// `past_meetings/{id}/instances` and `past_webinars/{id}/instances`.
    PastInstances(MeetingKind, InstanceRef),
    /// `past_meetings/{uuid}`.
    PastMeeting(InstanceRef),
    /// `report/{meetings|webinars}/{id}`.
    MeetingReport(MeetingKind, InstanceRef),
    /// `report/users/{userId}/meetings`.
    UserMeetingReports,
    /// `report/history_meetings`.
    HistoryMeetings,
    /// `report/users`.
    UserReports,
    /// Sums that are counted here, or entries that nothing identifies: under this key.
    Sums(&'static str),
    /// An operation whose entries are kept as they are.
    Kept(&'static Kept, DocumentOwnerRef),
}

impl Operation {
    /// Returns the keys of its response other than those of paging; `None` if the response is one entry.
    pub(super) const fn keys(&self) -> Option<&'static [&'static str]> {
        match self {
            Self::MetricsInstances(_) | Self::UserMeetings(..) | Self::PastInstances(..) => {
                Some(&["meetings", "webinars"])
            }
            Self::Participants(..) | Self::QosList(..) | Self::ReportParticipants(..) => Some(&[]),
            Self::TrackingSources(_) => Some(&["tracking_sources"]),
            Self::Registrants(_, _, false) => Some(&["registrants"]),
            Self::TrackingFields(false) => Some(&["tracking_fields"]),
            Self::Users => Some(&["users"]),
            Self::UserReports => Some(&["users", "total_meetings", "total_participants", "total_meeting_minutes"]),
            Self::UserMeetingReports => Some(&["meetings"]),
            Self::HistoryMeetings => Some(&["history_meetings"]),
            Self::Sums(_) => Some(&["year", "month"]),
            Self::Kept(..)
            | Self::MeetingReport(..)
            | Self::Registrants(_, _, true)
            | Self::TrackingFields(true)
            | Self::MetricsInstance(..)
            | Self::QosParticipant(..)
            | Self::User(_)
            | Self::Meeting(..)
            | Self::PastMeeting(_) => None,
        }
    }

    /// Describes its response, for messages.
    pub(super) const fn expects(&self) -> &'static str {
        match self {
            Self::MetricsInstances(MeetingKind::Meeting) => "a page of meetings: an object with a list `meetings`",
            Self::MetricsInstances(MeetingKind::Webinar) => "a page of webinars: an object with a list `webinars`",
            Self::MetricsInstance(..) => "one meeting or webinar: an object with `uuid` and `id`",
            Self::Participants(..) | Self::ReportParticipants(..) => {
                "a page of participants: an object with a list `participants`"
            }
            Self::QosList(..) => "a page of quality of service: an object with a list `participants`",
            Self::QosParticipant(..) => "one participant's quality of service: an object with a list `user_qos`",
            Self::TrackingSources(_) => "tracking sources: an object with a list `tracking_sources`",
            Self::Registrants(_, _, false) => "a page of registrants: an object with a list `registrants`",
            Self::TrackingFields(false) => "tracking fields: an object with a list `tracking_fields`",
            Self::TrackingFields(true) => "one tracking field: an object with `id` and `field`",
            Self::Registrants(_, _, true) => "one registrant: an object with `id`",
            Self::Users => "a page of users: an object with a list `users`",
            Self::User(_) => "one user: an object with `id`",
            Self::UserMeetings(MeetingKind::Meeting, _) => "a user's meetings: an object with a list `meetings`",
            Self::UserMeetings(MeetingKind::Webinar, _) => "a user's webinars: an object with a list `webinars`",
            Self::Meeting(..) => "one scheduled meeting or webinar: an object with `id`",
            Self::PastInstances(MeetingKind::Meeting, _) => "past instances: an object with a list `meetings`",
            Self::PastInstances(MeetingKind::Webinar, _) => "past instances: an object with a list `webinars`",
            Self::PastMeeting(_) => "one past meeting: an object with `uuid` and `id`",
            Self::MeetingReport(..) => "the report of one meeting or webinar: an object with `uuid` and `id`",
            Self::UserMeetingReports => "a user's meetings: an object with a list `meetings`",
            Self::HistoryMeetings => "past meetings: an object with a list `history_meetings`",
            Self::UserReports => "hosts: an object with a list `users`",
            Self::Sums(_) => "an object with a list",
            Self::Kept(kept, _) => match kept.shape {
                Shape::Object => "an object",
                _ => "an object with a list",
            },
        }
    }
}

/// The request of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its kind.
    pub operation: Operation,
    /// Whether it requested live or past instances; `None` if the operation does not distinguish them.
    pub state: Option<InstanceState>,
}

/// Why a text is not a supported request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Only `GET` requests facts.
    #[error("only responses to GET requests can be imported, not to {0}")]
    Method(String),
    /// Responses to this path are not supported.
    #[error("responses to `{0}` cannot be imported")]
    Unknown(String),
    /// The path contains no valid id.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// The query lacks a parameter that says whose entries these are.
    #[error("the request needs the parameter `{0}`")]
    Parameter(&'static str),
    /// The query's `type` is invalid.
    #[error("`type={0}` must be live, past or pastOne")]
    Type(String),
}

impl Request {
    /// Parses a request such as `GET /v2/metrics/webinars/123/participants?type=past`.
    ///
    /// The method and `/v2` are optional; a whole URL is accepted, too. Ids may be raw, encoded once or twice. Without
    /// `type`, dashboards return live instances.
    ///
    /// # Errors
    /// [`RequestError`] if its responses are not supported.
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        let target = target(text.trim())?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let operation = operation(path, query)?;
        let state = match operation {
            Operation::MetricsInstances(_)
            | Operation::MetricsInstance(..)
            | Operation::Participants(..)
            | Operation::QosList(..)
            | Operation::QosParticipant(..) => Some(state(query)?),
            Operation::PastInstances(..)
            | Operation::PastMeeting(_)
            | Operation::ReportParticipants(..)
            | Operation::MeetingReport(..)
            | Operation::UserMeetingReports
            | Operation::HistoryMeetings => Some(InstanceState::Past),
            Operation::TrackingSources(_)
            | Operation::Registrants(..)
            | Operation::TrackingFields(_)
            | Operation::Users
            | Operation::User(_)
            | Operation::UserMeetings(..)
            | Operation::Meeting(..)
            | Operation::UserReports
            | Operation::Sums(_)
            | Operation::Kept(..) => None,
        };
        Ok(Self { operation, state })
    }

    /// Returns the state of the instances in a dashboard response.
    pub(super) fn metrics_state(&self) -> InstanceState {
        self.state.unwrap_or(InstanceState::Live)
    }
}

/// Returns the path with its query, without method, protocol version, scheme, host and fragment.
fn target(text: &str) -> Result<&str, RequestError> {
    let text = match text.split_once(char::is_whitespace) {
        Some((method, rest)) if method.bytes().all(|b| b.is_ascii_alphabetic()) => {
            if !method.eq_ignore_ascii_case("get") {
                return Err(RequestError::Method(method.to_owned()));
            }
            rest.trim_start()
        }
        _ => text,
    };
    let text = match text.rsplit_once(char::is_whitespace) {
        Some((rest, version)) if version.starts_with("HTTP/") => rest.trim_end(),
        _ => text,
    };
    let text = text.split('#').next().unwrap_or(text);
    let text = match text.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => text,
    };
    Ok(text)
}

fn operation(path: &str, query: &str) -> Result<Operation, RequestError> {
    use MeetingKind::{Meeting, Webinar};

    let segments = path::segments(path);
    let segments: Vec<&str> = iter::once("v2").chain(segments.iter().map(String::as_str)).collect();
    let unknown = || RequestError::Unknown(path.to_owned());
    let (operation, ids) = ApiOperation::find(op::ALL, "GET", &segments).ok_or_else(unknown)?;
    if let Some(kept) = Kept::of(operation) {
        return Ok(Operation::Kept(kept, owner(kept, &ids, query)?));
    }
    Ok(match (operation, ids.as_slice()) {
        (&op::DASHBOARD_MEETINGS, _) => Operation::MetricsInstances(Meeting),
        (&op::DASHBOARD_WEBINARS, _) => Operation::MetricsInstances(Webinar),
        (&op::DASHBOARD_MEETING_DETAIL, [id]) => Operation::MetricsInstance(Meeting, id.parse()?),
        (&op::DASHBOARD_WEBINAR_DETAIL, [id]) => Operation::MetricsInstance(Webinar, id.parse()?),
        (&op::DASHBOARD_MEETING_PARTICIPANTS, [id]) => Operation::Participants(Meeting, id.parse()?),
        (&op::DASHBOARD_WEBINAR_PARTICIPANTS, [id]) => Operation::Participants(Webinar, id.parse()?),
        (&op::DASHBOARD_MEETING_PARTICIPANTS_QOS, [id]) => Operation::QosList(Meeting, id.parse()?),
        (&op::DASHBOARD_WEBINAR_PARTICIPANTS_QOS, [id]) => Operation::QosList(Webinar, id.parse()?),
        (&op::DASHBOARD_MEETING_PARTICIPANT_QOS, [id, user_id]) => {
            Operation::QosParticipant(Meeting, id.parse()?, (*user_id).into())
        }
        (&op::DASHBOARD_WEBINAR_PARTICIPANT_QOS, [id, user_id]) => {
            Operation::QosParticipant(Webinar, id.parse()?, (*user_id).into())
        }
        (&op::REPORT_MEETING, [id]) => Operation::MeetingReport(Meeting, id.parse()?),
        (&op::REPORT_WEBINAR, [id]) => Operation::MeetingReport(Webinar, id.parse()?),
        (&op::REPORT_USER_MEETINGS, _) => Operation::UserMeetingReports,
        (&op::REPORT_HISTORY_MEETINGS, _) => Operation::HistoryMeetings,
        (&op::REPORT_USERS, _) => Operation::UserReports,
        (&op::REPORT_DAILY, _) => Operation::Sums("dates"),
        (&op::REPORT_UPCOMING_EVENTS, _) => Operation::Sums("upcoming_events"),
        (&(op::REPORT_MEETING_PARTICIPANTS | op::PAST_MEETING_PARTICIPANTS), [id]) => {
            Operation::ReportParticipants(Meeting, id.parse()?)
        }
        (&(op::REPORT_WEBINAR_PARTICIPANTS | op::PAST_WEBINAR_PARTICIPANTS), [id]) => {
            Operation::ReportParticipants(Webinar, id.parse()?)
        }
        (&op::LIST_TRACKING_SOURCES, [id]) => Operation::TrackingSources(id.parse()?),
        (&op::MEETING_REGISTRANTS, [id]) => Operation::Registrants(Meeting, id.parse()?, false),
        (&op::WEBINAR_REGISTRANTS, [id]) => Operation::Registrants(Webinar, id.parse()?, false),
        (&op::MEETING_REGISTRANT, [id, _]) => Operation::Registrants(Meeting, id.parse()?, true),
        (&op::WEBINAR_REGISTRANT, [id, _]) => Operation::Registrants(Webinar, id.parse()?, true),
        // Absentees are approved registrants. A UUID does not say of which webinar.
        (&op::WEBINAR_ABSENTEES, [id]) => Operation::Registrants(Webinar, id.parse()?, false),
        (&op::TRACKING_FIELDS, _) => Operation::TrackingFields(false),
        (&op::TRACKING_FIELD, _) => Operation::TrackingFields(true),
        (&op::USERS, _) => Operation::Users,
        (&op::USER, [user]) => Operation::User((*user).into()),
        (&op::USER_UPCOMING_MEETINGS, [user]) => Operation::UserMeetings(Meeting, (*user).into()),
        (&op::USER_MEETINGS, [user]) => Operation::UserMeetings(Meeting, (*user).into()),
        (&op::USER_WEBINARS, [user]) => Operation::UserMeetings(Webinar, (*user).into()),
        (&op::PAST_MEETING_INSTANCES, [id]) => Operation::PastInstances(Meeting, id.parse()?),
        (&op::PAST_WEBINAR_INSTANCES, [id]) => Operation::PastInstances(Webinar, id.parse()?),
        (&op::PAST_MEETING, [id]) => Operation::PastMeeting(id.parse()?),
        (&op::MEETING, [id]) => Operation::Meeting(Meeting, id.parse()?),
        (&op::WEBINAR, [id]) => Operation::Meeting(Webinar, id.parse()?),
        _ => return Err(unknown()),
    })
}

/// Returns the query's `type`. A blank one counts as absent.
/// Returns whose documents a request is about.
fn owner(kept: &Kept, ids: &[&str], query: &str) -> Result<DocumentOwnerRef, RequestError> {
    let id = ids.first().copied().unwrap_or_default();
    let known = match kept.owner {
        Owner::Past(kind) | Owner::Instance(kind) => return Ok(DocumentOwnerRef::Instance(kind, id.parse()?)),
        Owner::Account => DocumentOwner::Account,
        Owner::Meeting(kind) => DocumentOwner::Meeting(kind, id.parse()?),
        Owner::User | Owner::Record(_) => DocumentOwner::Record(id.into()),
        Owner::Parameter(name) => {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            let value = pairs.find(|(key, value)| key == name && !value.is_empty());
            let (_, value) = value.ok_or(RequestError::Parameter(name))?;
            DocumentOwner::Record(value.into())
        }
    };
    Ok(DocumentOwnerRef::Known(known))
}

fn state(query: &str) -> Result<InstanceState, RequestError> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix("type="));
    match value.unwrap_or_default() {
        "" | "live" => Ok(InstanceState::Live),
        "past" | "pastOne" => Ok(InstanceState::Past),
        other => Err(RequestError::Type(other.chars().take(64).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "/m8s9L+PT/C+FG3sFbd1Cw==";

    fn operation_of(text: &str) -> Operation {
        Request::parse(text).unwrap().operation
    }

    #[test]
    fn reads_methods_urls_and_prefixes() {
        let expected = Operation::Participants(MeetingKind::Webinar, "123".parse().unwrap());
        for text in [
            "GET /v2/metrics/webinars/123/participants?type=past",
            "get https://api.zoom.us/v2/metrics/webinars/123/participants?type=past#x",
            "/metrics/webinars/123/participants/?page_size=300&type=past",
            "metrics/webinars/123/participants?type=pastOne&next_page_token=quis officia",
            "GET /v2/metrics/webinars/123/participants?type=past HTTP/1.1",
        ] {
            let request = Request::parse(text).unwrap();
            assert_eq!((request.operation, request.state), (expected.clone(), Some(InstanceState::Past)), "{text}");
        }
    }

    #[test]
    fn knows_every_operation() {
        let meeting = InstanceRef::Latest(MeetingNumber(123));
        let number = MeetingNumber(123);
        for (path, expected) in [
            ("metrics/meetings", Operation::MetricsInstances(MeetingKind::Meeting)),
            ("metrics/meetings/123", Operation::MetricsInstance(MeetingKind::Meeting, meeting.clone())),
            ("metrics/meetings/123/participants/qos", Operation::QosList(MeetingKind::Meeting, meeting.clone())),
            (
                "metrics/webinars/123/participants/33/qos",
                Operation::QosParticipant(MeetingKind::Webinar, meeting.clone(), "33".into()),
            ),
            ("webinars/123/tracking_sources", Operation::TrackingSources(number)),
            ("users", Operation::Users),
            ("users/jchill%40example.com", Operation::User("jchill@example.com".into())),
            ("users/me/webinars", Operation::UserMeetings(MeetingKind::Webinar, "me".into())),
            ("meetings/123", Operation::Meeting(MeetingKind::Meeting, number)),
            ("webinars/123", Operation::Meeting(MeetingKind::Webinar, number)),
            ("past_webinars/123/instances", Operation::PastInstances(MeetingKind::Webinar, meeting.clone())),
            ("past_meetings/123", Operation::PastMeeting(meeting)),
        ] {
            assert_eq!(operation_of(path), expected, "{path}");
        }
    }

    #[test]
    fn finds_a_uuid_however_it_is_encoded() {
        let expected = Operation::QosList(MeetingKind::Meeting, UUID.parse().unwrap());
        let once = UUID.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
        let twice = once.replace('%', "%25");
        for id in [UUID, &once, &twice] {
            assert_eq!(operation_of(&format!("/v2/metrics/meetings/{id}/participants/qos")), expected, "{id}");
        }
        assert_eq!(operation_of(&format!("past_meetings/{UUID}")), Operation::PastMeeting(UUID.parse().unwrap()));
    }

    #[test]
    fn tells_live_from_past() {
        let state = |text| Request::parse(text).unwrap().state;
        assert_eq!(state("metrics/meetings"), Some(InstanceState::Live));
        assert_eq!(state("metrics/meetings?type=live"), Some(InstanceState::Live));
        assert_eq!(state("past_meetings/1/instances"), Some(InstanceState::Past));
        assert_eq!(state("users"), None);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for (text, message) in [
            ("POST /v2/users", "only responses to GET requests can be imported, not to POST"),
            ("GET /v2/metrics/quality", "responses to `/v2/metrics/quality` cannot be imported"),
            ("GET /v2/webinars/abc", "`abc` is not a meeting number"),
            ("GET /v2/metrics/meetings/:id", "`:id` is not a meeting number or UUID"),
            ("GET /v2/metrics/meetings?type=all", "`type=all` must be live, past or pastOne"),
            ("", "responses to `` cannot be imported"),
        ] {
            assert_eq!(Request::parse(text).unwrap_err().to_string(), message, "{text}");
        }
    }
}
