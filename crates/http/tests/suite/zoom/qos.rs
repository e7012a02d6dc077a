//! `GET /metrics/{meetings|webinars}/{id}/participants/qos` and `…/{participantId}/qos`.

use rollcall_model::{
    Batch, BitrateBps, CpuPressure, CpuPressureLevel, CpuUsage, FrameRateCentiFps, LossPermyriad, MeetingKind, Millis,
    Percent, QosMinute, Resolution, StreamQos, StreamState, WifiRssi,
};
use serde_json::{Value, json};

use crate::zoom::{
    World, column,
    data::{self, CROWDED_RUN, FIRST_RUN, MEETING, WEBINAR, attendance, crowd},
};

fn crowded(query: &str) -> String {
    format!("/v2/metrics/webinars/{CROWDED_RUN}/participants/qos?type=past{query}")
}

/// The time and the bitrate of the audio sent, of each of a participant's minutes.
fn audio(participant: &Value) -> Vec<(&str, &str)> {
    let minutes = participant["user_qos"].as_array().unwrap();
    minutes
        .iter()
        .map(|minute| (minute["date_time"].as_str().unwrap(), minute["audio_input"]["bitrate"].as_str().unwrap()))
        .collect()
}

/// The result of [`audio`] for so many minutes of [`data::minutes`].
fn expected_audio(from: &str, count: u32, kbps: u32) -> Vec<(String, String)> {
    let from = data::time(from);
    (0..count)
        .map(|index| (from.plus_seconds(i64::from(index) * 60).to_string(), format!("{} kbps", kbps + index)))
        .collect()
}

#[track_caller]
fn assert_audio(participant: &Value, from: &str, count: u32, kbps: u32) {
    let told = audio(participant);
    let expected = expected_audio(from, count, kbps);
    assert_eq!(told.len(), expected.len());
    for (told, expected) in told.into_iter().zip(&expected) {
        assert_eq!(told, (expected.0.as_str(), expected.1.as_str()));
    }
}

#[tokio::test]
async fn one_participant_a_page_and_ten_at_most() {
    let world = World::new().await;
    world.ingest(&crowd(25, 2)).await;
    for (query, size, pages) in [("", 1, 25), ("&page_size=10", 10, 3), ("&page_size=300", 10, 3)] {
        let walked = world.walk(&crowded(query)).await;
        assert_eq!(walked.len(), pages);
        let participants: Vec<&Value> =
            walked.iter().flat_map(|page| page["participants"].as_array().unwrap()).collect();
        assert_eq!(participants.len(), 25);
        for (index, participant) in participants.into_iter().enumerate() {
            assert_eq!(participant["user_id"], (16_778_240 + index).to_string());
            assert_audio(participant, "2026-09-20T10:00:00Z", 2, index as u32 + 1);
        }
        for page in &walked {
            assert_eq!((&page["page_size"], &page["page_count"]), (&json!(size), &json!(pages)));
            assert_eq!((&page["total_records"], &page["webinar_number"]), (&json!(25), &json!("95000000003")));
        }
    }
    let message = "Invalid field. Use a whole number from 1 to 10.";
    world.invalid(&crowded("&page_size=0"), "page_size", message).await;
    let target = format!("/v2/metrics/meetings/{MEETING}/participants/qos?type=pastOne");
    assert_eq!(world.get(&target).await.status, 404, "it had more than one attendee");
    let alone = format!("/v2/metrics/meetings/{FIRST_RUN}/participants/qos?type=pastOne");
    assert_eq!(world.ok(&alone).await["participants"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_longer_than_one_read_is_streamed_whole() {
    let world = World::new().await;
    // One short, one of more than two reads, one that ends with the last row of a read, one empty.
    let lengths = [3, 2_500, 3 * 1_024 - 2_503, 0];
    let mut batch = crowd(4, 0);
    for (index, (participant, count)) in batch.instances[0].participants.iter_mut().zip(lengths).enumerate() {
        participant.minutes = data::minutes("2026-09-20T10:00:00Z", count, index as u32);
    }
    world.ingest(&batch).await;
    let answer = world.get(&crowded("&page_size=10")).await;
    assert_eq!((answer.status, answer.header("content-length")), (200, None), "it is sent as it is read");
    for (index, (participant, count)) in answer.body["participants"].as_array().unwrap().iter().zip(lengths).enumerate()
    {
        assert_audio(participant, "2026-09-20T10:00:00Z", count, index as u32);
    }
    let one = world.ok(&format!("/v2/metrics/webinars/{CROWDED_RUN}/participants/16778241/qos?type=past")).await;
    assert_audio(&one, "2026-09-20T10:00:00Z", 2_500, 1);
    let short = world.get(&format!("/v2/metrics/webinars/{CROWDED_RUN}/participants/16778240/qos?type=past")).await;
    assert_eq!(short.header("content-length"), Some(short.bytes.len().to_string().as_str()));
}

#[tokio::test]
async fn who_has_no_minutes_has_an_empty_list_of_them() {
    let world = World::new().await;
    let body = world.ok(&format!("/v2/metrics/meetings/{MEETING}/participants/qos?type=past&page_size=10")).await;
    assert_eq!(column(&body, "participants", "user_id"), ["16778240", "33554432", "16778240"]);
    for participant in body["participants"].as_array().unwrap() {
        assert_eq!(participant["user_qos"], json!([]));
    }
    let one = world.ok(&format!("/v2/metrics/webinars/{WEBINAR}/participants/16778240/qos?type=past")).await;
    assert_eq!(one["user_qos"], json!([]));
}

#[tokio::test]
async fn one_participant_alone_carries_the_number_and_in_meetings_the_devices() {
    let world = World::new().await;
    let listed = world.ok(&format!("/v2/metrics/meetings/{MEETING}/participants/qos?type=past")).await;
    let meeting = world.ok(&format!("/v2/metrics/meetings/{MEETING}/participants/16778240/qos?type=past")).await;
    let webinar = world.ok(&format!("/v2/metrics/webinars/{WEBINAR}/participants/16778240/qos?type=past")).await;
    let told = |body: &Value| ["meeting_number", "webinar_number", "microphone"].map(|key| body.get(key).cloned());
    assert_eq!(told(&listed["participants"][0]), [None, None, None]);
    assert_eq!(told(&meeting), [Some(json!("93201235621")), None, Some(json!("Headset"))]);
    assert_eq!(told(&webinar), [None, Some(json!("95000000003")), None]);
    assert_eq!(meeting["join_time"], "2026-09-21T09:20:30Z", "of two attendances the later one");
}

#[tokio::test]
async fn an_unknown_participant_is_not_found() {
    let world = World::new().await;
    for id in ["1", "abc", "%20", "me"] {
        let decoded = id.replace("%20", " ");
        let hint = format!("It has no participant {decoded}: use the `user_id` of its participant list.");
        let target = format!("/v2/metrics/meetings/{MEETING}/participants/{id}/qos?type=past");
        let message = format!("This meeting has not ended yet or the Meeting ID is invalid. {hint}");
        world.refused(&target, 404, 3001, &message).await;
        let target = format!("/v2/metrics/webinars/{WEBINAR}/participants/{id}/qos?type=past");
        let message = format!("This webinar's detail info is not available or ID is not valid. {hint}");
        world.refused(&target, 404, 3001, &message).await;
    }
}

/// `minute` with a loss of so many hundredths of a percent.
fn lossy(minute: &mut QosMinute, loss: u16) {
    let qos = StreamQos { avg_loss: Some(LossPermyriad(loss)), latency: Some(Millis(40)), ..StreamQos::default() };
    minute.streams[1] = StreamState::Measured(qos);
}

#[tokio::test]
async fn health_is_made_out_of_the_minutes_where_no_source_told_it() {
    let world = World::new().await;
    let mut batch = crowd(6, 20);
    let participants = &mut batch.instances[0].participants;
    // A tenth of the time, less than a tenth of it, and a value that a source reported.
    for (index, spoilt) in [(1, 2), (2, 1), (3, 20), (4, 20)] {
        participants[index].minutes.iter_mut().take(spoilt).for_each(|minute| lossy(minute, 900));
    }
    participants[3].participant.health = Some("Good".into());
    participants[4].participant.health = Some("Warning".into());
    participants[4].participant.issue_list = Some(vec!["told".into()]);
    participants[5].minutes.clear();
    world.ingest(&batch).await;
    let page = world.ok(&crowded("&page_size=10")).await;
    let told: Vec<(Option<&Value>, Option<&Value>)> = page["participants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|participant| (participant.get("health"), participant.get("issue_list")))
        .collect();
    assert_eq!(
        told,
        [
            (Some(&json!("Good")), Some(&json!([]))),
            (Some(&json!("Critical")), Some(&json!(["audio"]))),
            (Some(&json!("Good")), Some(&json!([]))),
            (Some(&json!("Good")), None),
            (Some(&json!("Warning")), Some(&json!(["told"]))),
            (None, None),
        ]
    );
    let one = world.ok(&format!("/v2/metrics/webinars/{CROWDED_RUN}/participants/16778241/qos?type=past")).await;
    assert_eq!((&one["health"], &one["issue_list"]), (&json!("Critical"), &json!(["audio"])));
}

/// A minute with one measured stream, one idle, and the rest not reported.
fn minute() -> QosMinute {
    let mut minute = data::minutes("2026-09-21T14:00:00Z", 1, 23).remove(0);
    minute.streams[3] = StreamState::Measured(StreamQos {
        bitrate: Some(BitrateBps(27_150)),
        latency: Some(Millis(0)),
        jitter: None,
        avg_loss: Some(LossPermyriad(30)),
        max_loss: Some(LossPermyriad(490)),
        resolution: Some(Resolution { width: 1280, height: 720 }),
        frame_rate: Some(FrameRateCentiFps(1200)),
    });
    minute.streams[4] = StreamState::Idle;
    minute.cpu_usage = Some(CpuUsage {
        client_min: Some(Percent(4)),
        client_avg: Some(Percent(8)),
        client_max: None,
        system_max: Some(Percent(40)),
    });
    minute.cpu_pressure = Some(CpuPressure { max: Some(CpuPressureLevel::Serious), ..CpuPressure::default() });
    minute.wifi_rssi = Some(WifiRssi { min_dbm: Some(-75), avg_dbm: Some(-56), max_dbm: Some(-35) });
    minute
}

#[tokio::test]
async fn a_minute_tells_what_was_measured_what_was_idle_and_nothing_else() {
    let world = World::new().await;
    let mut live = data::run(MeetingKind::Meeting, data::LIVE, data::LIVE_RUN, "2026-09-21T14:00:00Z", None);
    let mut participant = attendance("16778240", "2026-09-21T14:00:00Z", None);
    participant.minutes.push(minute());
    live.participants.push(participant);
    world.ingest(&Batch { instances: vec![live], ..Batch::default() }).await;
    let body = world.ok(&format!("/v2/metrics/meetings/{}/participants/16778240/qos", data::LIVE)).await;
    let idle_picture = json!({
        "bitrate": "", "latency": "", "jitter": "", "avg_loss": "", "max_loss": "", "resolution": "", "frame_rate": ""
    });
    let expected = json!([{
        "date_time": "2026-09-21T14:00:00Z",
        "audio_input": {"bitrate": "23 kbps", "latency": "126 ms", "jitter": "", "avg_loss": "", "max_loss": ""},
        "video_input": idle_picture,
        "video_output": {
            "bitrate": "27.15 kbps", "latency": "0 ms", "jitter": "", "avg_loss": "0.3%", "max_loss": "4.9%",
            "resolution": "1280*720", "frame_rate": "12 fps"
        },
        "as_input": idle_picture,
        "cpu_usage": {
            "zoom_min_cpu_usage": "4%", "zoom_avg_cpu_usage": "8%", "zoom_max_cpu_usage": "", "system_max_cpu_usage": "40%"
        },
        "cpu_pressure_level": {
            "system_min_cpu_pressure_level": "", "system_avg_cpu_pressure_level": "",
            "system_max_cpu_pressure_level": "serious"
        },
        "wifi_rssi": {"rssi_unit": "dBm", "max_rssi": -35, "avg_rssi": -56, "min_rssi": -75}
    }]);
    assert_eq!(body["user_qos"], expected);
    assert!(body.get("leave_time").is_none());
}
