use std::time::Instant;

use proptest::{collection::vec, prelude::*, sample::select};
use rollcall_model::{
    BitrateBps, CpuUsage, FrameRateCentiFps, LossPermyriad, MeetingNumber, Millis, Minute, Participant, Percent,
    QosMinute, Resolution, StreamQos, StreamState, Timestamp,
};
use serde_json::{Value, json};

use super::{samples, *};
use crate::{
    read::{Request, read},
    wire::{Paging, ParticipantsPage, QosPage, QosParticipant},
};

const KEYS: PageKeys<'static> = PageKeys { next_page_token: "a\"b", page_count: 3, page_size: 300, total_records: 777 };

fn view() -> impl Strategy<Value = View> {
    let kinds = select(vec![MeetingKind::Meeting, MeetingKind::Webinar]);
    let blankings = select(vec![Blanking::None, Blanking::LegacyBaa, Blanking::BaaWithAddendum]);
    (kinds, any::<i64>(), any::<bool>(), any::<bool>(), blankings).prop_map(
        |(kind, number, live, include_registrant_id, blanking)| View {
            kind,
            number: Some(MeetingNumber(number)),
            live,
            include_registrant_id,
            blanking,
        },
    )
}

fn parsed(out: &[u8]) -> Value {
    serde_json::from_slice(out).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(out)))
}

fn participants_page(view: &View, participants: &[Participant]) -> Value {
    let mut out = Vec::new();
    write_participants_page(&mut out, &KEYS, view, participants);
    parsed(&out)
}

fn qos_alone(view: View, participant: &Participant, minutes: &[QosMinute]) -> Value {
    parsed(&qos_alone_bytes(view, participant, minutes))
}

fn qos_alone_bytes(view: View, participant: &Participant, minutes: &[QosMinute]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = QosWriter::new(view);
    writer.begin_participant(&mut out, participant, QosForm::Single);
    for minute in minutes {
        writer.minute(&mut out, minute);
    }
    writer.end_participant(&mut out);
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_page_of_participants_is_what_its_type_serialises_to(
        view in view(),
        participants in vec(samples::participant(), 0..4),
    ) {
        let expected = ParticipantsPage::new(Paging::from(&KEYS), &view, &participants);
        prop_assert_eq!(participants_page(&view, &participants), serde_json::to_value(expected).unwrap());
    }

    #[test]
    fn a_page_of_quality_is_what_its_type_serialises_to(
        view in view(),
        participants in vec((samples::participant(), vec(samples::minute(), 0..4)), 0..3),
    ) {
        let mut out = Vec::new();
        let mut writer = QosWriter::new(view);
        writer.begin_page(&mut out, &KEYS);
        for (participant, minutes) in &participants {
            writer.begin_participant(&mut out, participant, QosForm::ListItem);
            for minute in minutes {
                writer.minute(&mut out, minute);
            }
            writer.end_participant(&mut out);
        }
        writer.end_page(&mut out);
        let items = participants
            .iter()
            .map(|(participant, minutes)| QosParticipant::new(participant, minutes, &view, QosForm::ListItem))
            .collect();
        let expected = QosPage::new(Paging::from(&KEYS), &view, items);
        prop_assert_eq!(parsed(&out), serde_json::to_value(expected).unwrap());
    }

    #[test]
    fn one_participants_quality_is_what_its_type_serialises_to(
        view in view(),
        participant in samples::participant(),
        minutes in vec(samples::minute(), 0..3),
    ) {
        let expected = QosParticipant::new(&participant, &minutes, &view, QosForm::Single);
        prop_assert_eq!(qos_alone(view, &participant, &minutes), serde_json::to_value(expected).unwrap());
    }
}

#[test]
fn what_is_made_out_of_minutes_stands_where_the_told_would() {
    let view = View::new(MeetingKind::Meeting, MeetingNumber(1));
    let participant = Participant { user_id: "1".into(), ..Participant::default() };
    let judged = |health, issues: Option<&[&'static str]>| {
        let mut out = Vec::new();
        let mut writer = QosWriter::new(view);
        writer.begin_participant(&mut out, &participant, QosForm::ListItem);
        writer.end_judged_participant(&mut out, health, issues.map(|issues| issues.iter().copied()));
        parsed(&out)
    };
    for (health, issues) in
        [(Some("Critical"), Some(&["audio", "cpu"][..])), (Some("Good"), Some(&[][..])), (None, None)]
    {
        let expected = Participant {
            health: health.map(Into::into),
            issue_list: issues.map(|issues| issues.iter().copied().map(Into::into).collect()),
            ..participant.clone()
        };
        let expected = QosParticipant::new(&expected, &[], &view, QosForm::ListItem);
        assert_eq!(judged(health, issues), serde_json::to_value(expected).unwrap());
    }
}

fn dojo() -> Participant {
    Participant {
        user_id: "20162560".into(),
        id: Some("zJKyaiAyTNC-MWjiWC18KQ".into()),
        participant_user_id: Some("zJKyaiAyTNC-MWjiWC18KQ".into()),
        participant_uuid: Some("D444CD06-2ABB-2FCC-019B-39E41D8DADF7".into()),
        user_name: Some("Jill Chill".into()),
        email: Some("jchill@example.com".into()),
        registrant_id: Some("fdgsfh2ey82fuh".into()),
        role: Some("host".into()),
        device: Some("Windows".into()),
        version: Some("5.9.1.2581".into()),
        ip_address: Some("192.0.2.1".into()),
        internal_ip_addresses: Some(vec!["10.0.0.12".into()]),
        location: Some("San Jose (US)".into()),
        network_type: Some("Wired".into()),
        connection_type: Some("UDP".into()),
        microphone: Some("Microphone (2- High Definition Audio Device)".into()),
        speaker: Some("Speaker (2- High Definition Audio Device)".into()),
        camera: Some("FaceTime HD Camera".into()),
        data_center: Some("United States (SC Top)".into()),
        full_data_center: Some("United States;United States (US03_SC CRC)".into()),
        join_time: "2022-03-01T10:15:14Z".parse().ok(),
        leave_time: "2022-03-01T10:17:35Z".parse().ok(),
        leave_reason: Some("Host ended the meeting.".into()),
        share_application: Some(false),
        share_desktop: Some(true),
        share_whiteboard: Some(false),
        recording: Some(false),
        pc_name: Some("HW0010449".into()),
        domain: Some("example.com".into()),
        mac_addr: Some("f85e-a012-92d8".into()),
        harddisk_id: Some("Disk01".into()),
        join_time_cost_ms: Some(3980),
        ..Participant::default()
    }
}

fn full_minute(index: u32) -> QosMinute {
    let mut minute = QosMinute::new(Minute(27_435_496 + index));
    for (stream, state) in minute.streams.iter_mut().enumerate() {
        let seed = index * 31 + stream as u32 * 7;
        *state = StreamState::Measured(StreamQos {
            bitrate: Some(BitrateBps(20_000 + seed * 1000)),
            latency: Some(Millis(100 + seed % 90)),
            jitter: Some(Millis(seed % 40)),
            avg_loss: Some(LossPermyriad((seed % 30) as u16 * 10)),
            max_loss: Some(LossPermyriad((seed % 90) as u16 * 10)),
            resolution: Some(Resolution { width: 1280, height: 720 }),
            frame_rate: Some(FrameRateCentiFps(100 * (seed % 30) as u16)),
        });
    }
    let load = |percent| Some(Percent(percent));
    minute.cpu_usage =
        Some(CpuUsage { client_min: load(8), client_avg: load(12), client_max: load(18), system_max: load(40) });
    minute
}

#[test]
fn registrant_ids_are_shown_where_asked_for_and_ended() {
    for (live, include_registrant_id, shown) in
        [(false, true, true), (true, true, false), (false, false, false), (true, false, false)]
    {
        let view = View { live, include_registrant_id, ..View::new(MeetingKind::Webinar, MeetingNumber(1)) };
        let page = participants_page(&view, &[dojo()]);
        assert_eq!(page["participants"][0].get("registrant_id").is_some(), shown);
    }
}

#[test]
fn agreements_on_health_data_blank_names_and_places() {
    let shown = |blanking| {
        let view = View { blanking, ..View::new(MeetingKind::Meeting, MeetingNumber(1)) };
        let page = participants_page(&view, &[dojo()]);
        let qos = qos_alone(view, &dojo(), &[]);
        for key in ["user_name", "ip_address", "location", "email", "internal_ip_addresses"] {
            assert_eq!(page["participants"][0].get(key), qos.get(key), "{key}");
        }
        ["user_name", "email", "ip_address", "location", "internal_ip_addresses"]
            .map(|key| qos.get(key).map_or("none".to_owned(), Value::to_string))
    };
    assert_eq!(shown(Blanking::LegacyBaa), ["\"\"", "\"\"", "\"\"", "\"\"", "none"]);
    assert_eq!(
        shown(Blanking::BaaWithAddendum),
        ["\"Jill Chill\"", "\"jchill@example.com\"", "\"\"", "\"\"", "[\"10.0.0.12\"]"]
    );
}

#[test]
fn one_meeting_participant_alone_carries_number_and_devices() {
    let alone = |kind| qos_alone(View::new(kind, MeetingNumber(93_201_235_621)), &dojo(), &[full_minute(0)]);
    let meeting = alone(MeetingKind::Meeting);
    assert_eq!(meeting["meeting_number"], json!("93201235621"));
    assert_eq!(meeting["camera"], json!("FaceTime HD Camera"));
    assert_eq!(meeting["user_qos"][0]["as_device_to_rwg"]["resolution"], json!("1280*720"));
    let webinar = alone(MeetingKind::Webinar);
    assert_eq!(webinar["webinar_number"], json!("93201235621"));
    assert_eq!(webinar.get("camera"), None);
}

#[test]
fn times_keep_a_fraction_and_unknown_ones_are_blank_or_absent() {
    let view = View::new(MeetingKind::Meeting, MeetingNumber(1));
    let mut participant = dojo();
    participant.join_time = Some(Timestamp::from_millis(1_567_862_102_837));
    participant.leave_time = None;
    let page = participants_page(&view, &[participant, Participant::default()]);
    assert_eq!(page["participants"][0]["join_time"], json!("2019-09-07T13:15:02.837Z"));
    assert_eq!(page["participants"][0].get("leave_time"), None);
    assert_eq!(page["participants"][1]["join_time"], json!(""));
}

/// Measures the speed of the writers. Run with `--release -- --ignored --nocapture`.
#[test]
#[ignore = "measures"]
fn speed() {
    let view = View::new(MeetingKind::Meeting, MeetingNumber(93_201_235_621));
    let report = |what: &str, write: &mut dyn FnMut(&mut Vec<u8>)| {
        let mut out = Vec::new();
        write(&mut out);
        let bytes = out.len();
        let best = (0..200)
            .map(|_| {
                out.clear();
                let start = Instant::now();
                write(&mut out);
                start.elapsed()
            })
            .min()
            .unwrap();
        println!("{what}: {bytes} bytes in {best:?}, {:.0} MB/s", bytes as f64 / best.as_secs_f64() / 1e6);
    };
    let participants: Vec<_> = (0..300).map(|_| dojo()).collect();
    report("300 participants", &mut |out| write_participants_page(out, &KEYS, &view, &participants));
    let minutes: Vec<_> = (0..60).map(full_minute).collect();
    report("10 participants by 60 minutes", &mut |out| {
        let mut writer = QosWriter::new(view);
        writer.begin_page(out, &KEYS);
        for participant in &participants[..10] {
            writer.begin_participant(out, participant, QosForm::ListItem);
            for minute in &minutes {
                writer.minute(out, minute);
            }
            writer.end_participant(out);
        }
        writer.end_page(out);
    });
    let mut body = Vec::new();
    write_participants_page(&mut body, &KEYS, &view, &participants);
    let request = Request::parse("metrics/meetings/1/participants").unwrap();
    report("reading 300 participants", &mut |out| {
        out.extend_from_slice(&body);
        read(&request, out).unwrap();
    });
    let qos = qos_alone_bytes(view, &participants[0], &minutes);
    let request = Request::parse("metrics/meetings/1/participants/1/qos").unwrap();
    report("reading one participant by 60 minutes", &mut |out| {
        out.extend_from_slice(&qos);
        read(&request, out).unwrap();
    });
}
