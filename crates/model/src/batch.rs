use crate::{
    Instance, InstanceRef, InstanceState, Meeting, MeetingKind, MeetingNumber, Participant, QosMinute, SiteManager,
    Source, Text, Timestamp, TrackingCode, TrackingCodeMode, TrackingSource, User, UserId,
};

/// What a source hands over in one go: facts about one account, in any order, each repeatable.
///
/// Delivering a fact twice changes nothing; a richer delivery fills the gaps of a poorer one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Users.
    pub users: Vec<User>,
    /// Scheduled meetings and webinars.
    pub meetings: Vec<Meeting>,
    /// Instances with who was there and how good it was.
    pub instances: Vec<InstanceFacts>,
    /// Tracking sources of webinars.
    pub tracking_sources: Vec<TrackingSourceFacts>,
    /// Sites.
    pub sites: Vec<SiteFacts>,
    /// Tracking codes. A code of an unknown site makes that site known.
    pub tracking_codes: Vec<TrackingCode>,
    /// Users' values of tracking codes.
    pub user_tracking_codes: Vec<UserTrackingCodeFacts>,
}

/// Facts about one instance.
#[derive(Debug, Clone, PartialEq)]
pub struct InstanceFacts {
    /// Who reported them.
    pub source: Source,
    /// Meeting or webinar.
    pub kind: MeetingKind,
    /// Which instance. A number means the latest one, or a first one where there is none yet.
    pub instance: InstanceRef,
    /// Whether the source spoke of it as live or as past; none where the request did not tell.
    pub state: Option<InstanceState>,
    /// Whether an instance whose meeting's number is not known is made all the same: the meeting may follow.
    pub may_be_unnumbered: bool,
    /// The meeting's number, where the source told it beside a UUID.
    pub number: Option<MeetingNumber>,
    /// When it began, where nothing but that was told (a list of past instances).
    pub start_time: Option<Timestamp>,
    /// The instance itself, where the source described it.
    pub details: Option<Instance>,
    /// Who was there.
    pub participants: Vec<ParticipantFacts>,
}

impl InstanceFacts {
    /// Facts about `instance` of which nothing is known yet, as an operator reports them.
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
    /// Who, from when to when, from where, with what.
    pub participant: Participant,
    /// How good it was, minute by minute.
    pub minutes: Vec<QosMinute>,
}

/// The tracking sources of one webinar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingSourceFacts {
    /// The webinar.
    pub number: MeetingNumber,
    /// All its sources, as counted at the time.
    pub sources: Vec<TrackingSource>,
}

/// Facts about one site. What the source did not tell keeps what is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFacts {
    /// Bare host name.
    pub url: Text,
    /// Whether it is the account's preferred site; `false` is no news where another one is not told to be.
    pub is_default: bool,
    /// Who administers it.
    pub managed_by: Option<SiteManager>,
    /// Whether its codes can be changed.
    pub tracking_code_mode: Option<TrackingCodeMode>,
}

/// One user's values of a site's tracking codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserTrackingCodeFacts {
    /// The site.
    pub site_url: Text,
    /// The ids that the user may have, likeliest first; the last is taken for somebody whom nobody knows yet.
    pub user_ids: Vec<UserId>,
    /// The user's address; blank where it was not told. It goes before the ids.
    pub email: Text,
    /// Pairs of the code's name and the user's value.
    pub values: Vec<(Text, Text)>,
}
