use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rollcall_model::{
    InstanceFacts, InstanceRef, InstanceState, MeetingKind, Participant, QosMinute, STREAMS, StreamState, Timestamp,
};
use rollcall_sim::{World, WorldConfig};

use crate::{now, tiny};

/// Checks that one minute's numbers are consistent.
pub(crate) fn check_minute(minute: &QosMinute, participant: &Participant) {
    for (stream, state) in STREAMS.iter().zip(&minute.streams) {
        match state {
            StreamState::NotReported => panic!("{stream:?} is not reported"),
            StreamState::Idle => {}
            StreamState::Measured(qos) => {
                assert!(qos.avg_loss.unwrap() <= qos.max_loss.unwrap(), "{qos:?}");
                assert!(qos.max_loss.unwrap().0 <= 10_000);
                assert!(qos.bitrate.unwrap().0 > 0 && qos.latency.unwrap().0 > 0 && qos.jitter.is_some());
                assert_eq!(stream.has_picture(), qos.resolution.is_some() && qos.frame_rate.is_some());
                assert!(qos.frame_rate.is_none_or(|rate| rate.0 <= 3_000));
            }
        }
    }
    if let Some(cpu) = minute.cpu_usage {
        assert!(cpu.client_min <= cpu.client_avg && cpu.client_avg <= cpu.client_max, "{cpu:?}");
        assert!(cpu.client_max <= cpu.system_max && cpu.client_max.unwrap().0 <= 100, "{cpu:?}");
    }
    if let Some(pressure) = minute.cpu_pressure {
        assert!(pressure.min <= pressure.avg && pressure.avg <= pressure.max, "{pressure:?}");
    }
    assert_eq!(minute.wifi_rssi.is_some(), participant.network_type.as_deref() == Some("Wifi"));
    if let Some(rssi) = minute.wifi_rssi {
        assert!(rssi.min_dbm <= rssi.avg_dbm && rssi.avg_dbm <= rssi.max_dbm && rssi.max_dbm < Some(0), "{rssi:?}");
    }
}

/// Checks that the minutes follow one another inside the attendance.
pub(crate) fn check_minutes(minutes: &[QosMinute], participant: &Participant, until: Timestamp) {
    let join = participant.join_time.unwrap();
    for minute in minutes {
        assert!(minute.minute.start() >= join && minute.minute.start() < until);
        check_minute(minute, participant);
    }
    assert!(minutes.windows(2).all(|pair| pair[0].minute.next() == pair[1].minute));
}

fn check_participants(facts: &InstanceFacts, user_ids: &mut BTreeSet<String>, end: Timestamp) {
    for one in &facts.participants {
        let participant = &one.participant;
        assert!(participant.user_id.bytes().all(|byte| byte.is_ascii_digit()));
        assert!(user_ids.insert(participant.user_id.to_string()), "{} twice", participant.user_id);
        let (join, leave) = (participant.join_time.unwrap(), participant.leave_time.unwrap());
        assert!(join <= leave && leave <= end, "{join} {leave} {end}");
        assert_eq!((join.as_millis() % 1000, leave.as_millis() % 1000), (0, 0));
        assert!(!participant.leave_reason.as_deref().unwrap().is_empty());
        check_minutes(&one.minutes, participant, leave);
        // Fields that the vendor hides for people outside the account.
        let role = participant.role.as_deref();
        if participant.id.as_deref() == Some("") {
            assert_eq!(participant.participant_user_id.as_deref(), Some(""));
            assert_eq!(participant.mac_addr.as_deref(), Some(""));
            assert!(role != Some("host"));
        }
    }
}

fn check(config: WorldConfig, now: Timestamp) {
    let world = World::new(config, now);
    // Number, start, end and the user_ids of each instance.
    let mut instances: BTreeMap<String, (Timestamp, Timestamp, BTreeSet<String>)> = BTreeMap::new();
    let mut numbers = BTreeMap::new();
    for labelled in world.batches() {
        for meeting in &labelled.batch.meetings {
            let digits = meeting.number.0.to_string().len();
            assert!((9..=11).contains(&digits));
            assert_eq!(numbers.entry(meeting.number).or_insert(meeting.topic.clone()), &meeting.topic);
        }
        for source in labelled.batch.tracking_sources.iter().flat_map(|facts| &facts.sources) {
            assert!(source.visitor_count >= source.registration_count && source.registration_count >= 0);
            assert!(source.tracking_url.contains(&format!("/{}/WN_", source.id)));
        }
        let mut uuids = BTreeSet::new();
        for facts in &labelled.batch.instances {
            let InstanceRef::Uuid(uuid) = &facts.instance else { panic!("a UUID") };
            assert_eq!((uuid.as_str().len(), &uuid.as_str()[22..]), (24, "=="));
            assert_eq!(facts.state, Some(InstanceState::Past));
            if let Some(details) = &facts.details {
                let (start, end) = (details.start_time.unwrap(), details.end_time.unwrap());
                assert!(start < end && end < now);
                let new = instances.insert(uuid.to_string(), (start, end, BTreeSet::new())).is_none();
                assert!(new, "{uuid} twice");
            }
            let (_, end, user_ids) = instances.get_mut(uuid.as_str()).unwrap();
            check_participants(facts, user_ids, *end);
            uuids.insert(uuid.clone());
        }
        for truth in &labelled.truth {
            assert!(truth.from < truth.to && !truth.streams.is_empty());
            assert!(uuids.contains(&truth.instance));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn worlds_are_sound(
        seed in any::<u64>(),
        people in 0_u32..40,
        days in 0_u32..9,
        meetings_per_day in 0_u32..12,
        webinars_per_week in 0_u32..4,
        webinar_attendees in 0_u32..40,
        round_the_clock_hours in 0_u32..4,
        qos: bool,
        incidents: bool,
        hour in 0_i64..10_000,
    ) {
        let config = WorldConfig {
            seed,
            people,
            days,
            meetings_per_day,
            webinars_per_week,
            webinar_attendees,
            round_the_clock_hours,
            qos,
            incidents,
            sized: Vec::new(),
        };
        check(config, now().plus_seconds(hour * 3_607));
    }
}

#[test]
fn the_demo_is_sound_and_nobody_is_in_two_scheduled_meetings_at_once() {
    check(WorldConfig::demo(), now());
    let mut busy: BTreeMap<String, Vec<(Timestamp, Timestamp)>> = BTreeMap::new();
    for labelled in World::new(WorldConfig { round_the_clock_hours: 0, ..WorldConfig::demo() }, now()).batches() {
        for facts in labelled.batch.instances.iter().filter(|facts| facts.kind == MeetingKind::Meeting) {
            for one in &facts.participants {
                let who = &one.participant;
                if let Some(id) =
                    who.id.as_ref().filter(|id| !id.is_empty() && who.device.as_deref() != Some("Zoom Rooms"))
                {
                    let span = (who.join_time.unwrap(), who.leave_time.unwrap());
                    let others = busy.entry(id.to_string()).or_default();
                    others.push(span);
                }
            }
        }
    }
    for (id, mut spans) in busy {
        spans.sort_unstable();
        let overlaps = spans.windows(2).filter(|pair| pair[1].0 < pair[0].1).count();
        // A series' host keeps the appointment although another meeting lasted too long.
        assert!(overlaps * 20 <= spans.len(), "{id} overlaps {overlaps} of {}", spans.len());
    }
}

#[test]
fn some_uuids_need_double_encoding() {
    let (mut leading, mut double) = (0, 0);
    for labelled in World::new(WorldConfig { qos: false, ..WorldConfig::demo() }, now()).batches() {
        for facts in &labelled.batch.instances {
            let uuid = facts.instance.to_string();
            leading += usize::from(uuid.starts_with('/'));
            double += usize::from(uuid.contains("//"));
        }
    }
    assert!(leading > 20 && double > 20, "{leading} {double}");
}

#[test]
fn every_kind_of_attendance_occurs() {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut count = |kind, occurs: bool| *kinds.entry(kind).or_default() += usize::from(occurs);
    for labelled in World::new(WorldConfig::demo(), now()).batches() {
        for facts in &labelled.batch.instances {
            count("alone", facts.details.is_some() && facts.participants.len() == 1);
            let mut met = BTreeSet::new();
            for one in &facts.participants {
                let who = &one.participant;
                let device = who.device.as_deref().unwrap();
                let crc = one.minutes.iter().any(|minute| matches!(minute.streams[7], StreamState::Measured(_)));
                let rwg = one.minutes.iter().any(|minute| matches!(minute.streams[13], StreamState::Measured(_)));
                assert!(!crc || device == "H.323/SIP");
                assert!(!rwg || who.browser_name.is_some());
                count("room system with its leg", crc);
                count("browser with its leg", rwg);
                count("telephone without minutes", device == "Phone" && one.minutes.is_empty());
                count("Zoom Room", who.in_room_participants.is_some());
                count("breakout room", who.bo_mtg_id.is_some());
                count("SDK", who.customer_key.is_some());
                count("waiting room", who.status.as_deref() == Some("in_waiting_room"));
                count("registrant", who.registrant_id.is_some());
                count("panelist", who.role.as_deref() == Some("panelist"));
                count("guest without an address", who.email.as_deref() == Some(""));
                let name = who.user_name.clone().unwrap();
                count("rejoin", !met.insert((name, who.ip_address.clone())));
            }
        }
    }
    for (kind, times) in kinds {
        assert!(times >= 5, "{kind}: {times}");
    }
}

#[test]
fn names_are_of_all_sorts() {
    let world = World::new(WorldConfig { people: 300, ..tiny() }, now());
    let names: Vec<String> = world
        .batches()
        .flat_map(|labelled| labelled.batch.users)
        .map(|user| user.display_name.unwrap().to_string())
        .collect();
    for (sort, occurs) in [
        ("quotes", &(|c| c == '"') as &dyn Fn(char) -> bool),
        ("apostrophes", &|c| c == '\''),
        ("accents", &|c| c == 'ü'),
        ("Chinese or Japanese", &|c| ('一'..='鿿').contains(&c)),
        ("right to left", &|c| ('א'..='ي').contains(&c)),
        ("emoji", &|c| c >= '\u{1F300}'),
    ] {
        assert!(names.iter().any(|name| name.chars().any(occurs)), "{sort}");
    }
}

#[test]
fn who_hosts_a_webinar_holds_the_licence_for_it() {
    let batches: Vec<_> = World::new(WorldConfig { qos: false, ..WorldConfig::demo() }, now()).batches().collect();
    let users = batches.iter().flat_map(|labelled| &labelled.batch.users);
    let licensed: BTreeSet<&str> =
        users.filter(|user| user.has_webinar_license == Some(true)).map(|user| user.id.as_str()).collect();
    let webinars = batches.iter().flat_map(|labelled| &labelled.batch.meetings);
    let hosts: BTreeSet<&str> = webinars
        .filter(|meeting| meeting.kind == MeetingKind::Webinar)
        .filter_map(|webinar| webinar.host_id.as_ref().map(|id| id.as_str()))
        .collect();
    assert!(!hosts.is_empty() && hosts.is_subset(&licensed), "{:?}", hosts.difference(&licensed));
}
