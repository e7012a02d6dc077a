//! Facts to write.

use rollcall_model::{
    Batch, BitrateBps, CodeType, DocumentFacts, DocumentOwner, DocumentOwnerRef, HostProfileCode, InputMode, Instance,
    InstanceFacts, InstanceRef, InstanceState, Meeting, MeetingKind, MeetingNumber, Minute, Participant,
    ParticipantFacts, QosMinute, Registrant, RegistrantFacts, ScheduleStartCode, Service, SiteFacts, SiteManager,
    StreamQos, StreamState, Timestamp, TrackingCode, TrackingCodeMode, TrackingFieldDefinition, TrackingSource,
    TrackingSourceFacts, User, UserTrackingCodeFacts,
};

/// The numbers that are used here.
pub(crate) const NUMBERS: [MeetingNumber; 3] =
    [MeetingNumber(123_456_789), MeetingNumber(987_654_321), MeetingNumber(555_555_555)];
pub(crate) const NUMBER: MeetingNumber = NUMBERS[0];
pub(crate) const UUID: &str = "gm8s9L+PTEC+FG3sFbd1Cw==";
pub(crate) const PERSON: &str = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8x";
pub(crate) const SITE: &str = "example.webex.com";

/// So many minutes after a certain morning.
pub(crate) fn time(minutes: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + minutes * 60)
}

pub(crate) fn details(uuid: &str, state: InstanceState) -> Instance {
    let mut instance = Instance::new(MeetingKind::Meeting, NUMBER, uuid.parse().unwrap(), state);
    instance.topic = Some("Weekly".into());
    instance
}

pub(crate) fn described(details: Instance) -> InstanceFacts {
    let mut facts = InstanceFacts::new(details.kind, InstanceRef::Uuid(details.uuid.clone()));
    facts.state = Some(details.state);
    facts.details = Some(details);
    facts
}

/// Facts about the run `uuid` of [`NUMBER`].
pub(crate) fn run(uuid: &str, state: InstanceState, participants: Vec<ParticipantFacts>) -> InstanceFacts {
    let mut facts = InstanceFacts::new(MeetingKind::Meeting, InstanceRef::Uuid(uuid.parse().unwrap()));
    facts.number = Some(NUMBER);
    facts.state = Some(state);
    facts.participants = participants;
    facts
}

/// Facts about the latest run of [`NUMBER`].
pub(crate) fn latest(state: Option<InstanceState>, participants: Vec<ParticipantFacts>) -> InstanceFacts {
    let mut facts = InstanceFacts::new(MeetingKind::Meeting, InstanceRef::Latest(NUMBER));
    facts.state = state;
    facts.participants = participants;
    facts
}

/// A person who joined and perhaps left so many minutes after a certain morning.
pub(crate) fn attendance(user_id: &str, join: i64, leave: Option<i64>) -> ParticipantFacts {
    let participant = Participant {
        user_id: user_id.into(),
        user_name: Some(format!("User {user_id}").into()),
        join_time: Some(time(join)),
        leave_time: leave.map(time),
        ..Participant::default()
    };
    ParticipantFacts { participant, minutes: Vec::new() }
}

pub(crate) fn minute(minute: u32, bitrate: u32) -> QosMinute {
    let mut qos = QosMinute::new(Minute(minute));
    qos.streams[0] = StreamState::Measured(StreamQos { bitrate: Some(BitrateBps(bitrate)), ..StreamQos::default() });
    qos
}

pub(crate) fn user(id: &str) -> User {
    User { id: id.into(), email: format!("{id}@example.com").into(), dept: Some("Sales".into()), ..User::default() }
}

pub(crate) fn source(id: &str) -> TrackingSource {
    TrackingSource {
        id: id.into(),
        source_name: format!("Link {id}").into(),
        tracking_url: format!("https://example.com/{id}").into(),
        visitor_count: 7,
        registration_count: 3,
    }
}

pub(crate) fn site(url: &str, is_default: bool) -> SiteFacts {
    SiteFacts {
        url: url.into(),
        is_default,
        managed_by: Some(SiteManager::ControlHub),
        tracking_code_mode: Some(TrackingCodeMode::Classic),
    }
}

pub(crate) fn code(site_url: &str, id: &str, name: &str) -> TrackingCode {
    TrackingCode {
        id: id.into(),
        name: name.into(),
        site_url: site_url.into(),
        input_mode: InputMode::Text,
        options: Vec::new(),
        host_profile_code: HostProfileCode::Optional,
        schedule_start_codes: vec![ScheduleStartCode { service: Service::All, code_type: CodeType::Optional }],
    }
}

pub(crate) fn values(site_url: &str, name: &str, value: &str) -> UserTrackingCodeFacts {
    UserTrackingCodeFacts {
        site_url: site_url.into(),
        user_ids: vec![PERSON.into()],
        email: "person@example.com".into(),
        values: vec![(name.into(), value.into())],
    }
}

/// Some facts of every kind.
pub(crate) fn everything() -> Batch {
    let mut past = described(Instance {
        start_time: Some(time(0)),
        end_time: Some(time(60)),
        ..details(UUID, InstanceState::Past)
    });
    past.participants = (0..1200).map(|n| attendance(&n.to_string(), n % 50, Some(n % 50 + 5))).collect();
    for facts in &mut past.participants {
        facts.minutes = (0..4).map(|n| minute(28_333_333 + n, n + 1)).collect();
    }
    let mut guessed = run("LiveRunLiveRunLiveRun1==", InstanceState::Live, vec![attendance("1", 3, None)]);
    guessed.kind = MeetingKind::Webinar;
    guessed.number = Some(NUMBERS[1]);
    let mut by_number = latest(Some(InstanceState::Past), vec![attendance("1", 3, Some(9)), attendance("2", 2, None)]);
    by_number.instance = InstanceRef::Latest(NUMBERS[2]);
    Batch {
        users: vec![user("ann"), user("bob")],
        meetings: vec![Meeting { agenda: Some("Talk".into()), ..Meeting::new(MeetingKind::Meeting, NUMBER) }],
        instances: vec![past, guessed, by_number],
        tracking_sources: vec![TrackingSourceFacts { number: NUMBERS[1], sources: vec![source("1"), source("2")] }],
        sites: vec![site("other.webex.com", true)],
        tracking_codes: vec![code(SITE, "1", "Department"), code(SITE, "2", "Project")],
        user_tracking_codes: vec![values(SITE, "Department", "Sales"), values(SITE, "Project", "Apollo")],
        documents: vec![
            document(DocumentOwnerRef::Known(DocumentOwner::Account), "sign_ins", "1"),
            document(DocumentOwnerRef::Instance(MeetingKind::Meeting, UUID.parse().unwrap()), "polls", "ann"),
            document(DocumentOwnerRef::Instance(MeetingKind::Webinar, InstanceRef::Latest(NUMBERS[1])), "polls", "bob"),
        ],
        registrants: vec![RegistrantFacts {
            kind: MeetingKind::Webinar,
            number: NUMBERS[1],
            registrants: vec![Registrant {
                id: "r1".into(),
                email: Some("ann@example.com".into()),
                ..Registrant::default()
            }],
        }],
        tracking_fields: vec![TrackingFieldDefinition {
            id: "f1".into(),
            label: "Cost centre".into(),
            recommended_values: vec!["42".into()],
            required: false,
            visible: true,
        }],
    }
}

pub(crate) fn document(owner: DocumentOwnerRef, kind: &str, key: &str) -> DocumentFacts {
    DocumentFacts { owner, kind: kind.into(), key: key.into(), time: Some(time(0)), json: "{}".to_owned() }
}
