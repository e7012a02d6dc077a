//! A small account, and parts for larger ones.

use rollcall_model::{
    Batch, BitrateBps, Instance, InstanceFacts, InstanceRef, InstanceState, KeyValue, Meeting, MeetingKind,
    MeetingNumber, Millis, Minute, Participant, ParticipantFacts, QosMinute, Registrant, RegistrantFacts, StreamQos,
    StreamState, Timestamp, TrackingFieldDefinition, TrackingSource, TrackingSourceFacts, User, UserId, UserStatus,
};

/// Ana hosts most of it, and may host webinars.
pub(crate) const ANA: &str = "KDcuGIm1QgePTO8WbOqwIQ";
/// Ben may not host webinars.
pub(crate) const BEN: &str = "bGVuZ3RoMTZieXRlcy1iZQ";
/// It is not known whether Cho may.
pub(crate) const CHO: &str = "Y2hvLWlzLXVua25vd24tMQ";
/// Dee is inactive.
pub(crate) const DEE: &str = "ZGVlLWlzLWluYWN0aXZlMQ";

/// A meeting that ran twice.
pub(crate) const MEETING: i64 = 93_201_235_621;
pub(crate) const FIRST_RUN: &str = "gm8s9L+PTEC+FG3sFbd1Cw==";
/// Its latest run. The UUID is one that Zoom requires to be encoded twice.
pub(crate) const LATEST_RUN: &str = "/m8s//PTEC+FG3sFbd1Cw0==";
/// A meeting with a single attendee.
pub(crate) const ALONE: i64 = 92_000_000_002;
/// A meeting in progress.
pub(crate) const LIVE: i64 = 91_000_000_001;
pub(crate) const LIVE_RUN: &str = "bGl2ZS1tZWV0aW5nLTAxMg==";
/// A webinar that has ended.
pub(crate) const WEBINAR: i64 = 95_000_000_003;
pub(crate) const WEBINAR_RUN: &str = "Wab/cdefghijklmnopqrst==";
/// A run of that webinar with the number of attendees given to [`crowd`].
pub(crate) const CROWDED_RUN: &str = "Y3Jvd2RlZC13ZWJpbmFyMQ==";
/// A webinar in progress.
pub(crate) const LIVE_WEBINAR: i64 = 96_000_000_004;

/// A person who registered for the past meeting and the past webinar.
pub(crate) const REGISTRANT: &str = "cmVnaXN0cmFudC1lbGlz";
/// A tracking field.
pub(crate) const FIELD: &str = "a32CJji-weJ92";

/// All users and meetings above.
pub(crate) fn account() -> Batch {
    let mut meeting_runs = [
        run(MeetingKind::Meeting, MEETING, FIRST_RUN, "2026-09-14T09:00:00Z", Some(47)),
        run(MeetingKind::Meeting, MEETING, LATEST_RUN, "2026-09-21T09:00:00Z", Some(33)),
    ];
    meeting_runs[0].participants = vec![attendance("16778240", "2026-09-14T09:00:05Z", Some(40))];
    meeting_runs[1].participants = vec![
        attendance("16778240", "2026-09-21T09:00:05Z", Some(10)),
        attendance("33554432", "2026-09-21T09:01:00Z", Some(32)),
        // Returned under the same name.
        attendance("16778240", "2026-09-21T09:20:30Z", Some(12)),
    ];
    let mut alone = run(MeetingKind::Meeting, ALONE, "YWxvbmUtbWVldGluZy0wMQ==", "2026-09-10T08:00:00Z", Some(5));
    hosted_by_ben(&mut alone);
    alone.participants = vec![attendance("16778240", "2026-09-10T08:00:00Z", Some(5))];
    let mut live = run(MeetingKind::Meeting, LIVE, LIVE_RUN, "2026-09-21T14:00:00Z", None);
    live.participants = vec![
        attendance("16778240", "2026-09-21T14:00:00Z", None),
        attendance("33554432", "2026-09-21T14:02:00Z", Some(3)),
    ];
    let mut webinar = run(MeetingKind::Webinar, WEBINAR, WEBINAR_RUN, "2026-09-15T16:00:00Z", Some(60));
    webinar.participants = vec![attendance("16778240", "2026-09-15T16:00:00Z", Some(60))];
    let mut live_webinar =
        run(MeetingKind::Webinar, LIVE_WEBINAR, "bGl2ZS13ZWJpbmFyLTAxMg==", "2026-09-21T14:10:00Z", None);
    live_webinar.participants = vec![attendance("16778240", "2026-09-21T14:10:00Z", None)];
    let [first, latest] = meeting_runs;
    Batch {
        users: users(),
        meetings: vec![
            scheduled(MeetingKind::Meeting, MEETING, "2026-09-28T09:00:00Z"),
            scheduled(MeetingKind::Meeting, LIVE, "2026-09-21T14:00:00Z"),
            scheduled(MeetingKind::Webinar, WEBINAR, "2026-09-15T16:00:00Z"),
            scheduled(MeetingKind::Webinar, LIVE_WEBINAR, "2026-09-21T14:10:00Z"),
        ],
        instances: vec![first, latest, alone, live, webinar, live_webinar],
        tracking_sources: vec![tracking_sources()],
        registrants: [(MeetingKind::Meeting, MEETING), (MeetingKind::Webinar, WEBINAR)].map(registrants).into(),
        tracking_fields: vec![TrackingFieldDefinition {
            id: FIELD.into(),
            label: "Region".into(),
            recommended_values: vec!["EMEA".into(), "APAC".into()],
            required: false,
            visible: true,
        }],
        ..Batch::default()
    }
}

fn registrants((kind, number): (MeetingKind, i64)) -> RegistrantFacts {
    let registrant = Registrant {
        id: REGISTRANT.into(),
        email: Some("eli@example.com".into()),
        first_name: Some("Eli".into()),
        status: Some("approved".into()),
        create_time: Some(time("2026-09-01T08:00:00Z")),
        ..Registrant::default()
    };
    RegistrantFacts { kind, number: MeetingNumber(number), registrants: vec![registrant] }
}

/// The account's users.
fn users() -> Vec<User> {
    let user = |id: &str, email: &str, group: &str, has_webinar_license| User {
        id: id.into(),
        email: email.into(),
        group_ids: vec![group.into()],
        license_type: Some(2),
        has_webinar_license,
        ..User::default()
    };
    vec![
        User { host_key: Some("299492".into()), ..user(ANA, "ana@example.com", "developers", Some(true)) },
        User { role_id: Some("1".into()), ..user(BEN, "ben@example.com", "operations", Some(false)) },
        user(CHO, "cho@example.com", "sales", None),
        User { status: UserStatus::Inactive, ..user(DEE, "dee@example.com", "sales", None) },
    ]
}

fn scheduled(kind: MeetingKind, number: i64, start: &str) -> Meeting {
    Meeting {
        host_id: Some(ANA.into()),
        topic: Some("Weekly review".into()),
        start_time: Some(time(start)),
        duration_minutes: Some(60),
        ..Meeting::new(kind, MeetingNumber(number))
    }
}

fn tracking_sources() -> TrackingSourceFacts {
    let source = |id: &str, name: &str, visitor_count, registration_count| TrackingSource {
        id: id.into(),
        source_name: name.into(),
        tracking_url: format!("https://example.com/webinar/register/{id}/WN_abc").into(),
        visitor_count,
        registration_count,
    };
    TrackingSourceFacts {
        number: MeetingNumber(WEBINAR),
        sources: vec![source("5516482804110", "newsletter", 12, 3), source("5516482804111", "social", 4, 0)],
    }
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A run, hosted by Ana, of this many minutes; live if it has not ended.
pub(crate) fn run(kind: MeetingKind, number: i64, uuid: &str, start: &str, minutes: Option<i64>) -> InstanceFacts {
    let uuid: rollcall_model::InstanceUuid = uuid.parse().unwrap();
    let state = if minutes.is_some() { InstanceState::Past } else { InstanceState::Live };
    let start = time(start);
    let details = Instance {
        topic: Some("Weekly review".into()),
        host_id: Some(UserId::from(ANA)),
        host_name: Some("Ana".into()),
        host_email: Some("ana@example.com".into()),
        start_time: Some(start),
        end_time: minutes.map(|minutes| start.plus_seconds(minutes * 60)),
        tracking_fields: vec![KeyValue { key: "Region".into(), value: "EMEA".into() }],
        ..Instance::new(kind, MeetingNumber(number), uuid.clone(), state)
    };
    let mut facts = InstanceFacts::new(kind, InstanceRef::Uuid(uuid));
    facts.state = Some(state);
    facts.details = Some(details);
    facts
}

fn hosted_by_ben(facts: &mut InstanceFacts) {
    let details = facts.details.as_mut().unwrap();
    details.host_id = Some(BEN.into());
    details.host_name = Some("Ben".into());
    details.host_email = Some("ben@example.com".into());
}

/// An attendance of this many minutes; still present if it has not ended.
pub(crate) fn attendance(user_id: &str, join: &str, minutes: Option<i64>) -> ParticipantFacts {
    let join = time(join);
    let participant = Participant {
        user_id: user_id.into(),
        user_name: Some(format!("Person {user_id}").into()),
        email: Some(format!("{user_id}@example.com").into()),
        registrant_id: Some(format!("r{user_id}").into()),
        ip_address: Some("192.0.2.7".into()),
        internal_ip_addresses: Some(vec!["10.0.0.7".into()]),
        location: Some("Oslo (NO)".into()),
        microphone: Some("Headset".into()),
        join_time: Some(join),
        leave_time: minutes.map(|minutes| join.plus_seconds(minutes * 60)),
        leave_reason: minutes.map(|_| "Left the meeting.".into()),
        ..Participant::default()
    };
    ParticipantFacts { participant, minutes: Vec::new() }
}

/// [`CROWDED_RUN`] with so many attendees, each with so many minutes of quality.
pub(crate) fn crowd(attendees: u32, minutes: u32) -> Batch {
    let mut facts = run(MeetingKind::Webinar, WEBINAR, CROWDED_RUN, "2026-09-20T10:00:00Z", Some(60));
    facts.participants = (0..attendees)
        .map(|index| ParticipantFacts {
            minutes: self::minutes("2026-09-20T10:00:00Z", minutes, index + 1),
            ..attendance(&(16_778_240 + index).to_string(), "2026-09-20T10:00:00Z", Some(60))
        })
        .collect();
    Batch { instances: vec![facts], ..Batch::default() }
}

/// Minutes in which audio was sent at so many kbps, one more each minute, and video was idle.
pub(crate) fn minutes(from: &str, count: u32, kbps: u32) -> Vec<QosMinute> {
    let first = time(from).minute().0;
    let minute = |index| {
        let mut minute = QosMinute::new(Minute(first + index));
        let bitrate = Some(BitrateBps((kbps + index) * 1000));
        minute.streams[0] =
            StreamState::Measured(StreamQos { bitrate, latency: Some(Millis(126)), ..StreamQos::default() });
        minute.streams[2] = StreamState::Idle;
        minute
    };
    (0..count).map(minute).collect()
}
