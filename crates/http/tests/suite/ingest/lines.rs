//! Lines of participants and minutes: valid ones can be read back, and an invalid line affects only itself.

use axum::http::StatusCode;
use serde_json::json;

use crate::ingest::{PARTICIPANTS, QOS, UUID, World, gzip, qos_line};

#[tokio::test]
async fn minutes_come_back_through_zooms_api_with_every_value() {
    let world = World::new().await;
    let line = json!({
        "instance_uuid": UUID, "meeting_id": 123_456_789, "kind": "meeting", "user_id": "16778240",
        "join_time": "2026-09-21T13:00:00Z", "date_time": "2026-09-21T13:05:42.5Z",
        "audio_input": {
            "bitrate_bps": 27150, "latency_ms": 126, "jitter_ms": 6, "avg_loss_percent": 0.3, "max_loss_percent": 1.95
        },
        "audio_output": {},
        "video_input": {
            "bitrate_bps": 1_055_000.4, "latency_ms": 129, "jitter_ms": 11.0, "avg_loss_percent": 0,
            "max_loss_percent": 100, "resolution_width_px": 1280, "resolution_height_px": 720, "frame_rate_fps": 29.97
        },
        "video_output": null,
        "as_output": {"frame_rate_fps": 5},
        "audio_device_from_crc": {"latency_ms": 1},
        "video_device_to_rwg": {"latency_ms": 2},
        "cpu_usage": {
            "zoom_min_cpu_usage_percent": 1, "zoom_avg_cpu_usage_percent": 2, "zoom_max_cpu_usage_percent": 3,
            "system_max_cpu_usage_percent": 140
        },
        "cpu_pressure_level": {"system_avg_cpu_pressure_level": "fair"},
        "wifi_rssi": {"min_rssi_dbm": -75, "avg_rssi_dbm": -69, "max_rssi_dbm": -35},
    });
    let answer = world.post(QOS, line.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, json!({"complete": true, "taken": 1, "merged": 0, "refused": 0, "reasons": []}));

    let path = format!("/v2/metrics/meetings/{UUID}/participants/16778240/qos?type=past");
    let minutes = world.get(&path).await["user_qos"].clone();
    let blank = json!({"bitrate": "", "latency": "", "jitter": "", "avg_loss": "", "max_loss": ""});
    let mut only_latency = [blank.clone(), blank.clone()];
    only_latency[0]["latency"] = "1 ms".into();
    only_latency[1] = json!({
        "bitrate": "", "latency": "2 ms", "jitter": "", "avg_loss": "", "max_loss": "", "resolution": "",
        "frame_rate": ""
    });
    let expected = json!([{
        "date_time": "2026-09-21T13:05:00Z",
        "audio_input": {
            "bitrate": "27.15 kbps", "latency": "126 ms", "jitter": "6 ms", "avg_loss": "0.3%", "max_loss": "1.95%"
        },
        "audio_output": blank,
        "video_input": {
            "bitrate": "1055 kbps", "latency": "129 ms", "jitter": "11 ms", "avg_loss": "0.0%", "max_loss": "100.0%",
            "resolution": "1280*720", "frame_rate": "30 fps"
        },
        "as_output": {
            "bitrate": "", "latency": "", "jitter": "", "avg_loss": "", "max_loss": "", "resolution": "",
            "frame_rate": "5 fps"
        },
        "audio_device_from_crc": only_latency[0],
        "video_device_to_rwg": only_latency[1],
        "cpu_usage": {
            "zoom_min_cpu_usage": "1%", "zoom_avg_cpu_usage": "2%", "zoom_max_cpu_usage": "3%",
            "system_max_cpu_usage": "140%"
        },
        "cpu_pressure_level": {
            "system_min_cpu_pressure_level": "", "system_avg_cpu_pressure_level": "fair",
            "system_max_cpu_pressure_level": ""
        },
        "wifi_rssi": {"max_rssi": -35, "avg_rssi": -69, "min_rssi": -75, "rssi_unit": "dBm"},
    }]);
    assert_eq!(minutes, expected);
}

#[tokio::test]
async fn participants_come_back_through_zooms_api_and_their_minutes_find_them() {
    let world = World::new().await;
    let line = |more: serde_json::Value| {
        let mut line = json!({"instance_uuid": UUID, "meeting_id": "123456789", "state": "live", "user_id": "1"});
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        format!("{line}\n")
    };
    // The minute comes first, and creates the instance and the participant.
    assert_eq!(world.post(QOS, qos_line(1, 5, 1000)).await.counts(), [1, 0, 0]);
    let joined = json!({"join_time": "2026-09-21T13:00:00Z", "user_name": "Ana", "email": "ana@example.com"});
    assert_eq!(world.post(PARTICIPANTS, line(joined)).await.counts(), [1, 1, 0]);
    let left = json!({"leave_time": "2026-09-21T13:30:00Z", "topic": "Weekly", "state": "past"});
    assert_eq!(world.post(PARTICIPANTS, line(left)).await.counts(), [1, 1, 0]);

    let page = world.get(&format!("/v2/metrics/meetings/{UUID}/participants?type=past")).await;
    let participants = page["participants"].as_array().unwrap();
    assert_eq!(participants.len(), 1);
    for (key, value) in [
        ("user_id", "1"),
        ("user_name", "Ana"),
        ("email", "ana@example.com"),
        ("join_time", "2026-09-21T13:00:00Z"),
        ("leave_time", "2026-09-21T13:30:00Z"),
    ] {
        assert_eq!(participants[0][key], value, "{key}");
    }
    assert_eq!(world.minutes().await, [("1".into(), "2026-09-21T13:05:00Z".into(), "1 kbps".into())]);
    let meeting = world.get(&format!("/v2/metrics/meetings/{UUID}?type=past")).await;
    assert_eq!((&meeting["topic"], &meeting["start_time"]), (&json!("Weekly"), &json!("2026-09-21T13:00:00Z")));
}

#[tokio::test]
async fn a_broken_line_costs_itself_alone_and_is_named() {
    let world = World::new().await;
    let long = format!(r#"{{"user_id":"{}"}}"#, "x".repeat(300 * 1024));
    let mut nameless = qos_line(1, 9, 1);
    nameless = nameless.replace(UUID, "NobodyKnowsMe").replace(r#""meeting_id":123456789,"#, "");
    let broken = [
        ("", "nonsense".to_owned(), "expected ident"),
        ("", "{".to_owned(), "EOF while parsing"),
        ("", "[]".to_owned(), "not an object"),
        ("", r#"{"date_time":"2026-09-21T13:05:00Z"}"#.to_owned(), "missing field `user_id`"),
        ("audio_input.latency", qos_line(1, 1, 1).replace("bitrate_bps", "latency"), "unknown field `latency`"),
        ("audio_input.bitrate_bps", qos_line(1, 1, 1).replace(":1}}", r#":"1 kbps"}}"#), "expected a number"),
        ("audio_input.bitrate_bps", qos_line(1, 1, 1).replace(":1}}", ":-1}}"), "expected a number from 0"),
        ("audio_input.bitrate_bps", qos_line(1, 1, 1).replace(":1}}", ":1e300}}"), "expected a number from 0"),
        ("date_time", qos_line(1, 1, 1).replace("13:01:30Z", "25:00:00Z"), "is not a time"),
        ("date_time", qos_line(1, 1, 1).replace("2026-09-21T13:01:30Z", "1969-01-01T00:00:00Z"), "before 1970"),
        ("kind", qos_line(1, 1, 1).replace(r#""meeting_id""#, r#""kind":"party","meeting_id""#), "neither `meeting`"),
        ("instance_uuid", qos_line(1, 1, 1).replace(UUID, "not a uuid"), "is not an instance UUID"),
        ("user_id", qos_line(1, 1, 1).replace(r#""user_id":"1""#, r#""user_id":"""#), "blank"),
        ("meeting_id", nameless, "add its meeting's `number`"),
        ("", long, "longer than"),
        (
            "video_input.resolution_height_px",
            qos_line(1, 1, 1)
                .replace(r#""audio_input":{"bitrate_bps":1}"#, r#""video_input":{"resolution_width_px":1}"#),
            "missing, although there is a width",
        ),
        ("", "\u{0}".to_owned(), "expected value"),
    ];
    let mut body = String::new();
    for (index, (_, line, _)) in broken.iter().enumerate() {
        body.push_str(&format!("{line}\n\n{}\r\n", qos_line(7, index as u32, 1)));
    }
    let answer = world.post(QOS, body).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.counts(), [broken.len() as u64, 0, broken.len() as u64], "{}", answer.body);
    let reasons = answer.body["reasons"].as_array().unwrap();
    for (index, ((field, _, expected), told)) in broken.iter().zip(reasons).enumerate() {
        assert_eq!((&told["line"], &told["field"]), (&json!(index * 3 + 1), &json!(field)), "{told}");
        assert!(told["reason"].as_str().unwrap().contains(expected), "{told}");
    }
    assert_eq!(world.minutes().await.len(), broken.len());
}

#[tokio::test]
async fn what_is_sent_again_is_merged_and_counted() {
    let world = World::new().await;
    let body: String = (0..50).map(|minute| qos_line(1, minute, minute) + "\n").collect();
    assert_eq!(world.post(QOS, body.clone()).await.counts(), [50, 0, 0]);
    let minutes = world.minutes().await;
    assert_eq!(world.post(QOS, body.clone()).await.counts(), [50, 50, 0]);
    assert_eq!(world.minutes().await, minutes);
    // Twice in one body, too; the later of two values counts.
    let twice = format!("{}\n{}\n{}", qos_line(1, 51, 1), qos_line(1, 51, 2000), qos_line(1, 0, 3000));
    assert_eq!(world.post(QOS, twice).await.counts(), [3, 2, 0]);
    let minutes = world.minutes().await;
    assert_eq!((minutes.len(), &*minutes[0].2, &*minutes[50].2), (51, "3 kbps", "2 kbps"));
}

#[tokio::test]
async fn bodies_come_compressed_and_larger_than_other_bodies_may_be() {
    let world = World::new().await;
    let users = 4_000;
    let lines = |from: u32| -> String { (0..users).map(|user| qos_line(from + user, 1, user) + "\n").collect() };
    let (one, two, three) = (lines(0), lines(users), lines(2 * users));
    assert!(one.len() + two.len() > world.server.app.settings.max_body_bytes);
    // Two members and two frames in a row are one body.
    let gzipped = [gzip(one.as_bytes()), gzip(two.as_bytes())].concat();
    assert_eq!(world.post_encoded(QOS, "gzip", gzipped).await.counts(), [8_000, 0, 0]);
    let zstd = |text: &str| zstd::encode_all(text.as_bytes(), 3).unwrap();
    let zipped = [zstd(&three), zstd(&one)].concat();
    assert_eq!(world.post_encoded(QOS, "zstd", zipped).await.counts(), [8_000, 4_000, 0]);
    let page = world.get(&format!("/v2/metrics/meetings/{UUID}/participants?type=past&page_size=1")).await;
    assert_eq!(page["total_records"], 3 * users);
}
