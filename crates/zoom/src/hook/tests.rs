//! Content of single deliveries. Signatures, responses and ordering are tested with the server.

use rollcall_model::{
    BitrateBps, EventFacts, LossPermyriad, Millis, Percent, ReportTime, Resolution, StreamState, Text,
};
use serde_json::{Value, json};

use super::*;

fn body(event: &str, object: &Value) -> Vec<u8> {
    json!({"event": event, "event_ts": 1_626_230_691_572_i64, "payload": {"account_id": "A", "object": object}})
        .to_string()
        .into_bytes()
}

fn told(event: &str, object: &Value) -> (rollcall_model::Event, Vec<Defect>) {
    match read(&body(event, object)) {
        Ok(Delivery::Event { facts: EventFacts::Instance(event), defects }) => (event, defects),
        other => panic!("{other:?}"),
    }
}

const UUID: &str = "4444AAAiAAAAAiAiAiiAii==";

#[test]
fn tall_rows_become_wide_minutes() {
    let row = |at: &str, kind: &str, details: Value| json!({"date_time": at, "type": kind, "details": details});
    let qos = [
        row(
            "2021-07-13T21:44:51Z",
            "audio_input",
            json!({"bitrate": "63 kbps", "latency": "134 ms", "max_loss": "1.5%"}),
        ),
        row("2021-07-13T21:44:51Z", "as_device_to_rwg", json!({"resolution": "640*360", "jitter": 7})),
        row("2021-07-13T21:44:51Z", "video_output", json!({"bitrate": "", "resolution": ""})),
        row("2021-07-13T21:44:51Z", "cpu_usage", json!({"zoom_max_cpu_usage": "5%"})),
        row("2021-07-13T21:44:02Z", "audio_input", json!({"latency": "140 ms"})),
        row("2021-07-13T21:45:51Z", "audio_input", json!({"latency": "soon"})),
        row("2021-07-13T21:45:51Z", "audio_quality", json!({"quality": "good", "quality_score": "3.65"})),
        json!({"type": "audio_output", "details": {}}),
    ];
    let (event, defects) =
        told("meeting.participant_qos", &json!({"uuid": UUID, "participant": {"user_id": 7, "qos": qos}}));
    let participant = event.participant.unwrap();
    assert_eq!((participant.user_id.as_str(), participant.minutes.len()), ("7", 2));
    let minute = &participant.minutes[0];
    let StreamState::Measured(audio) = minute.streams[0] else { panic!("{minute:?}") };
    let values = (audio.bitrate, audio.latency, audio.max_loss);
    assert_eq!(values, (Some(BitrateBps(63_000)), Some(Millis(140)), Some(LossPermyriad(150))));
    let StreamState::Measured(share) = minute.streams[17] else { panic!("{minute:?}") };
    assert_eq!(
        (share.resolution, share.jitter),
        (Some(Resolution { width: 640, height: 360 }), Some(Millis(7))),
        "a bare number"
    );
    assert_eq!((minute.streams[3], minute.streams[1]), (StreamState::Idle, StreamState::NotReported));
    assert_eq!(minute.cpu_usage.unwrap().client_max, Some(Percent(5)));
    let places: Vec<&str> = defects.iter().map(|defect| defect.path.as_str()).collect();
    let qos = "payload.object.participant.qos";
    assert_eq!(places, [format!("{qos}[5].details.latency"), format!("{qos}[7].date_time")]);
}

#[test]
fn a_leave_tells_when_and_why() {
    for (told_reason, sentence) in [
        ("Dojo left the meeting.<br>Reason: Host ended the meeting.", "Host ended the meeting."),
        ("Dojo left the meeting.<br>Reason: left the meeting.", "Dojo left the meeting."),
        ("Dojo left the meeting.", "Dojo left the meeting."),
    ] {
        let participant = json!({"user_id": "1", "leave_time": "2021-07-13T21:44:51Z", "leave_reason": told_reason});
        let (event, _) = told("webinar.participant_left", &json!({"uuid": UUID, "participant": participant}));
        let reports = event.participant.unwrap().reports;
        assert_eq!(reports.len(), 1);
        assert_eq!(reports[0].time, ReportTime::At("2021-07-13T21:44:51Z".parse().unwrap()));
        assert_eq!(reports[0].told.leave_reason, Some(Text::from(sentence)));
    }
}

#[test]
fn a_number_is_a_number_or_a_text_or_nothing() {
    for (id, number) in
        [(json!(93_201_235_621_i64), true), (json!("93201235621"), true), (json!("123456ABCDEF"), false)]
    {
        let (event, _) = told("meeting.started", &json!({"uuid": UUID, "id": id}));
        assert_eq!(event.instance.told.number.is_some(), number, "{id}");
    }
}

/// Made as in the reference with another program (`openssl dgst -sha256 -hmac`).
#[test]
fn signatures_are_those_that_zoom_makes() {
    let signature = "v0=685f9ef85f2d8dbe6d5dfcc938dbfe82bc029685ada68b0878ddfa4599e4d819";
    assert_eq!(sign("secret", "1626230691", b"{\"event\":\"a\"}"), signature);
    assert!(is_signed("secret", "1626230691", b"{\"event\":\"a\"}", signature));
    assert_eq!(encrypt_token("secret", "plain"), "a237566e044b73e6a1e54bd59974547487fa5f8143025ce0d04d82e7ee4c5e34");
}
