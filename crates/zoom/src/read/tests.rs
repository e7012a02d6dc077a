use proptest::{collection::vec, prelude::*};
use rollcall_model::{
    BitrateBps, InstanceRef, InstanceState, MeetingKind, MeetingNumber, Participant, QosMinute, StreamState,
};
use serde_json::{Value, json};

use super::*;
use crate::{
    page::{PageKeys, QosForm, QosWriter, View, samples, write_participants_page},
    wire,
};

const UUID: &str = "gm8s9L+PTEC+FG3sFbd1Cw==";

fn read_text(request: &str, body: &str) -> Result<Reading, ReadError> {
    read(&Request::parse(request).unwrap(), body.as_bytes())
}

fn read_json(request: &str, body: &Value) -> (Batch, Vec<(String, String)>) {
    let Reading { batch, defects, .. } = read_text(request, &body.to_string()).unwrap();
    (batch, defects.into_iter().map(|defect| (defect.path, defect.reason)).collect())
}

#[test]
fn one_broken_participant_does_not_cost_the_others() {
    let body = json!({
        "webinar_number": "93201235621",
        "participants": [
            {"user_id": 16_778_240, "join_time": "2022-03-01T10:15:14Z", "leave_time": ""},
            {"user_name": "nobody"},
            {"user_id": "2", "join_time": "yesterday"},
            {"user_id": "3", "device": {"name": "phone"}},
            "participant",
            {"user_id": "4", "recording": 1, "share_desktop": null, "unheard_of": [1]},
        ]
    });
    let (batch, defects) = read_json("GET /v2/metrics/webinars/123/participants?type=past", &body);
    let [instance] = &batch.instances[..] else { panic!("{batch:?}") };
    assert_eq!(instance.instance, InstanceRef::Latest(MeetingNumber(123)));
    assert_eq!((instance.kind, instance.state), (MeetingKind::Webinar, Some(InstanceState::Past)));
    assert_eq!(instance.number, Some(MeetingNumber(93_201_235_621)));
    let read: Vec<&Participant> = instance.participants.iter().map(|facts| &facts.participant).collect();
    assert_eq!(read.iter().map(|p| p.user_id.as_str()).collect::<Vec<_>>(), ["16778240", "4"]);
    assert_eq!(read[0].leave_time, None);
    assert_eq!((read[1].recording, read[1].share_desktop, read[1].user_name.clone()), (Some(true), None, None));
    let expected = [
        ("participants[1].user_id", "missing or blank"),
        ("participants[2].join_time", "`yesterday` is not a time such as 2022-03-01T10:15:14Z"),
        ("participants[3].device", "invalid type: map, expected a text"),
        ("participants[4]", "invalid type: string \"participant\", expected struct Participant"),
    ];
    assert_eq!(defects, expected.map(|(path, reason)| (path.to_owned(), reason.to_owned())));
}

#[test]
fn broken_quality_costs_as_little_as_it_can() {
    let minute = |time: &str, bitrate: &str| json!({"date_time": time, "audio_input": {"bitrate": bitrate, "latency": "5 ms"}, "as_input": {"bitrate": ""}});
    let body = json!({
        "participants": [{
            "user_id": "1",
            "user_qos": [
                minute("2022-03-01T10:16:00Z", "fast"),
                minute("noon", "1 kbps"),
                minute("", "1 kbps"),
                minute("1969-03-01T10:16:00Z", "1 kbps"),
                {"date_time": "2022-03-01T10:17:00Z", "video_input": {"bitrate": ["1 kbps"]}},
                minute("2022-03-01T10:18:30Z", "1 kbps"),
            ]
        }, {
            "user_id": "2",
            "user_qos": {"date_time": "2022-03-01T10:16:00Z", "cpu_usage": {"zoom_min_cpu_usage": "8"}}
        }]
    });
    let (batch, defects) = read_json(&format!("GET /v2/metrics/meetings/{UUID}/participants/qos"), &body);
    let participants = &batch.instances[0].participants;
    let minutes: Vec<&QosMinute> = participants.iter().flat_map(|facts| &facts.minutes).collect();
    assert_eq!(
        minutes.iter().map(|minute| minute.minute.start().to_string()).collect::<Vec<_>>(),
        ["2022-03-01T10:16:00Z", "2022-03-01T10:18:00Z", "2022-03-01T10:16:00Z"]
    );
    let StreamState::Measured(qos) = minutes[0].streams[0] else { panic!("measured") };
    assert_eq!((qos.bitrate, qos.latency.map(|latency| latency.0)), (None, Some(5)));
    assert_eq!(minutes[0].streams[4], StreamState::Idle);
    assert_eq!(minutes[0].streams[2], StreamState::NotReported);
    assert_eq!(minutes[2].cpu_usage, Some(rollcall_model::CpuUsage::default()));
    let mut paths: Vec<&str> = defects.iter().map(|(path, _)| path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "participants[0].user_qos[0].audio_input.bitrate",
            "participants[0].user_qos[1].date_time",
            "participants[0].user_qos[2].date_time",
            "participants[0].user_qos[3].date_time",
            "participants[0].user_qos[4].video_input.bitrate",
            "participants[1].user_qos[0].cpu_usage.zoom_min_cpu_usage",
        ]
    );
}

#[test]
fn one_participants_quality_may_leave_its_name_to_the_path() {
    let request = format!("GET /v2/metrics/meetings/{UUID}/participants/33/qos?type=past");
    let body = json!({
        "meeting_number": "123",
        "camera": "FaceTime HD Camera",
        "user_qos": [{"date_time": "2022-03-01T10:16:00Z", "audio_output": {"bitrate": "27.15kbps"}}]
    });
    let (batch, defects) = read_json(&request, &body);
    assert_eq!(defects, []);
    let instance = &batch.instances[0];
    assert_eq!(instance.number, Some(MeetingNumber(123)));
    let [facts] = &instance.participants[..] else { panic!("{instance:?}") };
    assert_eq!((facts.participant.user_id.as_str(), facts.participant.camera.is_some()), ("33", true));
    let StreamState::Measured(qos) = facts.minutes[0].streams[1] else { panic!("measured") };
    assert_eq!(qos.bitrate, Some(BitrateBps(27_150)));
    assert_eq!(read_json(&request, &json!({})).0.instances[0].participants, []);
}

#[test]
fn reads_lists_and_details_of_the_dashboards() {
    let item = json!({
        "uuid": UUID, "id": "93201235621", "topic": "Share Now", "host": "Jill", "email": "jchill@example.com",
        "dept": "", "start_time": "2022-01-04T08:04:27Z", "end_time": "", "duration": "55:01", "participants": 2,
        "has_voip": true, "recording": 0, "avg_jointime_cost": 4.55, "audio_quality": "good",
        "tracking_fields": [{"field": "Cost center", "value": "4711"}], "custom_keys": [{"key": "a", "value": "b"}],
    });
    let body = json!({"from": "2022-01-01", "meetings": [item, {"uuid": "?", "id": 1}, {"uuid": UUID}]});
    let (batch, defects) = read_json("GET /v2/metrics/meetings?type=past&from=2022-01-01", &body);
    assert_eq!(
        defects,
        [
            ("meetings[1].uuid".to_owned(), "`?` is not an instance UUID".to_owned()),
            ("meetings[2].id".to_owned(), "missing or blank".to_owned()),
        ]
    );
    let [facts] = &batch.instances[..] else { panic!("{batch:?}") };
    let instance = facts.details.as_ref().unwrap();
    assert_eq!((facts.state, instance.state), (Some(InstanceState::Past), InstanceState::Past));
    assert_eq!((instance.end_time, instance.stated_participants), (None, Some(2)));
    assert_eq!((instance.has_voip, instance.has_recording), (Some(true), Some(false)));
    assert_eq!(instance.avg_join_time_ms, Some(4550));
    let printed =
        serde_json::to_value(wire::MetricsMeeting::new(instance, 5, wire::ListOptions { tracking_fields: true }))
            .unwrap();
    assert_eq!(printed["participants"], json!(5));
    assert_eq!(printed["duration"], json!(""));
    assert_eq!(printed["avg_jointime_cost"], json!(4.55));
    assert_eq!(printed["tracking_fields"], item["tracking_fields"]);

    let (batch, _) = read_json(&format!("GET /v2/metrics/webinars/{UUID}"), &item);
    assert_eq!(batch.instances[0].kind, MeetingKind::Webinar);
    assert_eq!(batch.instances[0].state, Some(InstanceState::Live));
    let error = read_text("GET /v2/metrics/meetings/1", r#"{"uuid": "gm8s9L+PTEC+FG3sFbd1Cw=="}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the body has an unexpected shape at `id` (missing or blank); expected one meeting or webinar: an object with \
         `uuid` and `id`"
    );
}

#[test]
fn reads_past_instances() {
    let body = json!({"webinars": [{"uuid": UUID, "start_time": "2022-03-01T10:15:14Z"}, {"uuid": ""}]});
    let (batch, defects) = read_json("GET /v2/past_webinars/123/instances", &body);
    assert_eq!(defects[0].0, "webinars[1].uuid");
    let facts = &batch.instances[0];
    assert_eq!((facts.state, facts.number), (Some(InstanceState::Past), Some(MeetingNumber(123))));
    assert_eq!((facts.start_time.is_some(), facts.details.is_none()), (true, true));

    let body = json!({
        "uuid": UUID, "id": 123, "host_id": "h", "user_name": "Jill", "user_email": "j@example.com", "type": 9,
        "start_time": "2022-03-01T10:15:14Z", "end_time": "2022-03-01T10:17:35Z", "duration": 3,
        "total_minutes": 5, "participants_count": 2, "dept": "", "source": "Zoom", "topic": "t"
    });
    let (batch, _) = read_json(&format!("GET /v2/past_meetings/{UUID}"), &body);
    assert_eq!(batch.instances[0].kind, MeetingKind::Webinar);
    let instance = batch.instances[0].details.as_ref().unwrap();
    let printed = wire::PastMeeting::new(instance, 0, Some(9), Some(5));
    assert_eq!(serde_json::to_value(printed).unwrap(), body);
}

#[test]
fn reads_users_meetings_and_sources_and_prints_them_back() {
    let user = json!({
        "id": "KDcuGIm1QgePTO8WbOqwIQ", "email": "jchill@example.com", "first_name": "Jill", "last_name": "Chill",
        "type": 2, "status": "pending", "pmi": 3_542_471_135_i64, "verified": 1, "group_ids": ["a"],
        "created_at": "2018-10-31T04:32:37Z", "login_types": [101], "account_id": "acc",
        "phone_numbers": [{"code": "+1", "country": "US", "label": "Mobile", "number": "8", "verified": true}],
        "license_info_list": [{"license_type": "MEETING", "license_option": 16}],
        "custom_attributes": [{"key": "k", "name": "n", "value": "v"}],
    });
    let (batch, _) = read_json("GET /v2/users/me", &user);
    assert_eq!(serde_json::to_value(wire::UserDetail::new(&batch.users[0], "acc", false)).unwrap(), user);
    let (batch, defects) = read_json("GET /v2/users", &json!({"users": [user, {"email": "x@example.com"}]}));
    assert_eq!((batch.users.len(), defects[0].0.as_str()), (1, "users[1].id"));

    let meeting = json!({
        "uuid": UUID, "id": 123, "host_id": "h", "topic": "t", "type": 8, "duration": 60, "agenda": "",
        "start_time": "2022-03-25T07:29:29Z", "settings": {"host_video": true, "b": 1.50}, "occurrences": [{"a": 1}],
        "tracking_fields": [{"field": "f", "value": "v"}], "status": "waiting",
    });
    let (batch, _) = read_json("GET /v2/meetings/123", &meeting);
    assert_eq!(serde_json::to_value(wire::Meeting::from(&batch.meetings[0])).unwrap(), meeting);
    let hosted = |user: &str| {
        let body = json!({"webinars": [{"id": 123}]});
        read_json(&format!("GET /v2/users/{user}/webinars"), &body).0.meetings.remove(0)
    };
    assert_eq!(hosted("h").host_id, Some("h".into()));
    assert_eq!(hosted("j%40example.com").host_email.as_deref(), Some("j@example.com"));
    assert_eq!(hosted("me").host_id, None);

    let body = json!({"tracking_sources": [
        {"id": 7, "source_name": "a", "visitor_count": "2", "registration_count": 1},
        {"id": "8", "registrationr_count": 3},
        {"id": ""},
    ]});
    let (batch, defects) = read_json("GET /v2/webinars/123/tracking_sources", &body);
    let sources = &batch.tracking_sources[0].sources;
    assert_eq!(sources.iter().map(|s| (s.id.as_str(), s.registration_count)).collect::<Vec<_>>(), [("7", 1), ("8", 3)]);
    assert_eq!(defects[0].0, "tracking_sources[2].id");
}

#[test]
fn a_body_that_is_no_answer_is_refused_in_words() {
    let request = "GET /v2/metrics/meetings/123/participants";
    let expected = "expected a page of participants: an object with a list `participants`";
    for (body, message) in [
        ("<html>", format!("the body is not JSON (expected value at line 1 column 1); {expected}")),
        ("", format!("the body is not JSON (EOF while parsing a value at line 1 column 0); {expected}")),
        ("{\"users\": []}", format!("the body has an unexpected shape at `participants` (missing); {expected}")),
        (
            "{\"participants\": {}}",
            format!(
                "the body has an unexpected shape at `participants` (invalid type: map, expected a sequence); {expected}"
            ),
        ),
        (
            "{\"code\": 3001, \"message\": \"Not found.\"}",
            "the body is an error response: code 3001, Not found.".to_owned(),
        ),
        (&"[".repeat(100_000), format!("the body is nested more than 64 levels deep; {expected}")),
    ] {
        assert_eq!(read_text(request, body).unwrap_err().to_string(), message);
    }
    let error = read(&Request::parse(request).unwrap(), b"{\"participants\": [\xff]}").unwrap_err();
    assert_eq!(error.to_string(), format!("the body is not UTF-8; {expected}"));
    assert!(matches!(read_text(request, "[1]"), Err(ReadError::Shape { .. })));
    assert!(read_text(request, "\u{feff}{\"participants\": []}").is_ok());
}

const KEYS: PageKeys<'static> = PageKeys { next_page_token: "", page_count: 1, page_size: 30, total_records: 1 };

fn named(index: usize, mut participant: Participant) -> Participant {
    participant.user_id = format!("u{index}").into();
    participant
}

fn participants_page(participants: &[Participant]) -> Vec<u8> {
    let mut out = Vec::new();
    let view = View { include_registrant_id: true, ..View::new(MeetingKind::Meeting, MeetingNumber(123)) };
    write_participants_page(&mut out, &KEYS, &view, participants);
    out
}

fn qos_page<'a>(participants: impl IntoIterator<Item = (&'a Participant, &'a Vec<QosMinute>)>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = QosWriter::new(View::new(MeetingKind::Webinar, MeetingNumber(123)));
    writer.begin_page(&mut out, &KEYS);
    for (participant, minutes) in participants {
        writer.begin_participant(&mut out, participant, QosForm::ListItem);
        for minute in minutes {
            writer.minute(&mut out, minute);
        }
        writer.end_participant(&mut out);
    }
    writer.end_page(&mut out);
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_written_reads_and_prints_the_same(participants in vec(samples::participant(), 0..4)) {
        let participants: Vec<_> = participants.into_iter().enumerate().map(|(i, p)| named(i, p)).collect();
        let body = participants_page(&participants);
        let request = Request::parse("GET /v2/metrics/meetings/123/participants?type=past").unwrap();
        let Reading { batch, defects, .. } = read(&request, &body).unwrap();
        prop_assert_eq!(defects, vec![]);
        let again: Vec<_> = batch.instances[0].participants.iter().map(|facts| facts.participant.clone()).collect();
        prop_assert_eq!(String::from_utf8(participants_page(&again)), String::from_utf8(body));
    }

    #[test]
    fn quality_that_is_written_reads_and_prints_the_same(
        participants in vec((samples::participant(), vec(samples::minute(), 0..4)), 0..3),
    ) {
        let participants: Vec<_> = participants
            .into_iter()
            .enumerate()
            .map(|(index, (participant, mut minutes))| {
                // Strongest and weakest are sorted when parsed.
                for rssi in minutes.iter_mut().filter_map(|minute| minute.wifi_rssi.as_mut()) {
                    if let (Some(min), Some(max)) = (rssi.min_dbm, rssi.max_dbm) {
                        (rssi.min_dbm, rssi.max_dbm) = (Some(min.min(max)), Some(min.max(max)));
                    }
                }
                (named(index, participant), minutes)
            })
            .collect();
        let body = qos_page(participants.iter().map(|(participant, minutes)| (participant, minutes)));
        let request = Request::parse("GET /v2/metrics/webinars/123/participants/qos?type=past").unwrap();
        let Reading { batch, defects, .. } = read(&request, &body).unwrap();
        prop_assert_eq!(defects, vec![]);
        let facts = &batch.instances[0].participants;
        let again = qos_page(facts.iter().map(|facts| (&facts.participant, &facts.minutes)));
        prop_assert_eq!(String::from_utf8(again), String::from_utf8(body));
    }

    #[test]
    fn no_damage_makes_the_reader_panic(
        participants in vec((samples::participant(), vec(samples::minute(), 0..3)), 0..3),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut: prop::sample::Index,
    ) {
        let mut body = qos_page(participants.iter().map(|(participant, minutes)| (participant, minutes)));
        for (at, byte) in &damage {
            let at = at.index(body.len());
            body[at] = *byte;
        }
        for request in [
            "metrics/webinars/123/participants/qos",
            "metrics/webinars/123/participants/1/qos",
            "metrics/webinars/123/participants",
            "metrics/webinars/123",
            "users/1",
        ] {
            let request = Request::parse(request).unwrap();
            let _ = read(&request, &body);
            let _ = read(&request, &body[..cut.index(body.len())]);
        }
    }
}
