use crate::{
    DocumentFacts, Instance, InstanceRef, InstanceState, Meeting, MeetingKind, MeetingNumber, Participant, QosMinute,
    Registrant, SiteManager, Source, Text, Timestamp, TrackingCode, TrackingCodeMode, TrackingFieldDefinition,
    TrackingSource, User, UserId,
};

/// One delivery of a source: facts about one account, in any order, each idempotent.
///
/// Delivering a fact twice changes nothing; a richer delivery fills the gaps of an earlier one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Users.
    pub users: Vec<User>,
    /// Scheduled meetings and webinars.
    pub meetings: Vec<Meeting>,
    /// Instances with participants and minutes.
    pub instances: Vec<InstanceFacts>,
    /// Tracking sources of webinars.
    pub tracking_sources: Vec<TrackingSourceFacts>,
    /// Sites.
    pub sites: Vec<SiteFacts>,
    /// Tracking codes. A code of an unknown site creates that site.
    pub tracking_codes: Vec<TrackingCode>,
    /// Users' values of tracking codes.
    pub user_tracking_codes: Vec<UserTrackingCodeFacts>,
    /// Documents.
    pub documents: Vec<DocumentFacts>,
    /// Registrants of meetings and webinars.
    pub registrants: Vec<RegistrantFacts>,
    /// Tracking fields.
    pub tracking_fields: Vec<TrackingFieldDefinition>,
}

/// Registrants of one meeting or webinar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrantFacts {
    /// Meeting or webinar.
    pub kind: MeetingKind,
    /// Its number.
    pub number: MeetingNumber,
    /// Some of its registrants.
    pub registrants: Vec<Registrant>,
}

/// Facts about one instance.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceFacts {
    /// Who reported them.
    pub source: Source,
    /// Meeting or webinar.
    pub kind: MeetingKind,
    /// The instance. A number means the latest one; if there is none, one is created.
    pub instance: InstanceRef,
    /// Whether the source reported it as live or as past; `None` if the request does not tell.
    pub state: Option<InstanceState>,
    /// Whether to create an instance even if its meeting's number is unknown, because the meeting may follow.
    pub may_be_unnumbered: bool,
    /// The meeting's number, if the source reported it beside a UUID.
    pub number: Option<MeetingNumber>,
    /// When it began, if nothing else was reported (a list of past instances).
    pub start_time: Option<Timestamp>,
    /// The instance itself, if the source described it.
    pub details: Option<Instance>,
    /// The participants.
    pub participants: Vec<ParticipantFacts>,
}

impl InstanceFacts {
    /// Creates facts about `instance` without content, as reported by an operator.
    #[must_use]
    pub const fn new(kind: MeetingKind, instance: InstanceRef) -> Self {
        Self {
            source: Source::Operator,
            kind,
            instance,
            state: None,
            may_be_unnumbered: false,
            number: None,
            start_time: None,
            details: None,
            participants: Vec::new(),
        }
    }
}

/// Facts about one attendance.
#[derive(Debug, Clone, PartialEq)]
pub struct ParticipantFacts {
    /// The participant.
    pub participant: Participant,
    /// The minutes.
    pub minutes: Vec<QosMinute>,
}

/// The tracking sources of one webinar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingSourceFacts {
    /// The webinar.
    pub number: MeetingNumber,
    /// All its sources, with their counts at the time.
    pub sources: Vec<TrackingSource>,
}

/// Facts about one site. Absent values keep what is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFacts {
    /// Bare host name.
    pub url: Text,
    /// Whether it is the account's preferred site; `false` has no effect unless another one is.
    pub is_default: bool,
    /// Its manager.
    pub managed_by: Option<SiteManager>,
    /// Whether its codes can be changed.
    pub tracking_code_mode: Option<TrackingCodeMode>,
}

/// One user's values of a site's tracking codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserTrackingCodeFacts {
    /// The site.
    pub site_url: Text,
    /// The user's possible ids, likeliest first; the last is used for an unknown user.
    pub user_ids: Vec<UserId>,
    /// The user's email address; blank if not reported. It takes precedence over the ids.
    pub email: Text,
    /// Pairs of the code's name and the user's value.
    pub values: Vec<(Text, Text)>,
}
