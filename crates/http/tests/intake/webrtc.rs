//! What pages say of their calls: put together by the minute, however it comes, and nobody else's to write.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::{QOS, UUID, World, common::NOW};

const WEBRTC: &str = "/ingest/v1/webrtc";

/// The instant of a sample: so many seconds after the beginning of the minute 14:10.
fn at(seconds: f64) -> f64 {
    (NOW - 200) as f64 * 1000.0 + seconds * 1000.0
}

/// What one sends: counters that grow evenly, each second 1,000 bytes, 50 packets of which one is lost, 25 frames.
fn sample(seconds: f64, ssrc: u64, since: f64) -> Value {
    let counted = |rate: f64| (seconds - since) * rate;
    json!({"at": at(seconds), "reports": [
        {"id": "pc0/out", "type": "outbound-rtp", "kind": "video", "ssrc": ssrc, "bytesSent": counted(1_000.0),
         "retransmittedBytesSent": 0, "packetsSent": counted(50.0), "framesEncoded": counted(25.0),
         "frameWidth": 640, "frameHeight": 480, "active": true},
        {"id": "pc0/far", "type": "remote-inbound-rtp", "kind": "video", "ssrc": ssrc, "localId": "pc0/out",
         "packetsLost": counted(1.0), "jitter": 0.004, "totalRoundTripTime": counted(0.030),
         "roundTripTimeMeasurements": counted(1.0)},
        {"id": "pc0/in", "type": "inbound-rtp", "kind": "audio", "ssrc": 7, "bytesReceived": counted(500.0),
         "packetsReceived": counted(40.0), "packetsLost": 0, "jitter": 0.002},
        {"id": "pc0/screen", "type": "inbound-rtp", "kind": "video", "content": "share", "ssrc": 9,
         "bytesReceived": counted(2_000.0), "packetsReceived": counted(10.0), "packetsLost": 0},
        {"id": "pc0/pair", "type": "candidate-pair", "totalRoundTripTime": counted(0.010),
         "responsesReceived": counted(1.0)},
        {"id": "whatever", "type": "codec"}
    ]})
}

fn report(token: &str, samples: &[Value]) -> Value {
    json!({
        "token": token, "sent_at": NOW as f64 * 1000.0, "page": "abc", "instance_uuid": UUID, "meeting_id": 123_456_789,
        "topic": "Call", "user_id": "42", "user_name": "Ana", "joined_at": at(0.0), "samples": samples
    })
}

struct Page {
    world: World,
    token: String,
}

impl Page {
    async fn new() -> Self {
        let world = World::new().await;
        let token = world.server.token("ingest:webrtc", None).await;
        Self { world, token }
    }

    async fn post(&self, body: &Value) -> crate::Answer {
        self.world.send(None, WEBRTC, "", body.to_string()).await
    }

    async fn samples(&self, samples: &[Value]) -> crate::Answer {
        let answer = self.post(&report(&self.token, samples)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer
    }

    async fn minutes(&self, state: &str) -> Vec<Value> {
        let path = format!("/v2/metrics/meetings/{UUID}/participants/42/qos?type={state}");
        self.world.get(&path).await["user_qos"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn counters_come_back_as_minutes_through_zooms_api() {
    let page = Page::new().await;
    // From 14:10:00 to 14:11:10, every five seconds, three samples a request.
    let all: Vec<Value> = (0..=14).map(|n| sample(f64::from(n) * 5.0, 1, -1.0)).collect();
    for some in all.chunks(3) {
        page.samples(some).await;
    }
    let minutes = page.minutes("live").await;
    assert_eq!(minutes.len(), 2, "{minutes:?}");
    for (minute, time) in minutes.iter().zip(["2026-09-21T14:10:00Z", "2026-09-21T14:11:00Z"]) {
        assert_eq!(minute["date_time"], time);
        let sent = json!({
            "bitrate": "8 kbps", "latency": "30 ms", "jitter": "4 ms", "avg_loss": "2.0%", "max_loss": "2.0%",
            "resolution": "640*480", "frame_rate": "25 fps"
        });
        assert_eq!(minute["video_input"], sent);
        let heard = json!({
            "bitrate": "4 kbps", "latency": "10 ms", "jitter": "2 ms", "avg_loss": "0.0%", "max_loss": "0.0%"
        });
        assert_eq!(minute["audio_output"], heard);
        assert_eq!(minute["as_output"]["bitrate"], "16 kbps");
        assert!(minute.get("video_output").is_none() && minute.get("cpu_usage").is_none(), "{minute}");
    }
    let meeting = page.world.get(&format!("/v2/metrics/meetings/{UUID}?type=live")).await;
    assert_eq!(meeting["topic"], "Call");
}

#[tokio::test]
async fn late_repeated_and_lost_samples_do_no_harm() {
    let (page, other) = (Page::new().await, Page::new().await);
    let all: Vec<Value> = (0..=24).map(|n| sample(f64::from(n) * 5.0, 1, -1.0)).collect();
    for some in all.chunks(5) {
        page.samples(some).await;
    }
    // The second request comes after the third, the third twice, the fourth is lost.
    for at in [0, 2, 1, 2, 4] {
        other.samples(&all[at * 5..at * 5 + 5]).await;
    }
    assert_eq!(other.minutes("live").await, page.minutes("live").await);
}

#[tokio::test]
async fn counters_that_begin_anew_count_from_there() {
    let page = Page::new().await;
    let mut all: Vec<Value> = (0..=6).map(|n| sample(f64::from(n) * 5.0, 1, -1.0)).collect();
    // Another source under the same id, then the same source with counters that fell.
    all.extend((7..=9).map(|n| sample(f64::from(n) * 5.0, 2, 34.0)));
    all.extend((10..=11).map(|n| sample(f64::from(n) * 5.0, 2, 49.0)));
    page.samples(&all).await;
    let minutes = page.minutes("live").await;
    assert_eq!(
        (&minutes[0]["video_input"]["frame_rate"], &minutes[0]["video_input"]["avg_loss"]),
        (&json!("25 fps"), &json!("2.0%"))
    );
    assert_eq!(minutes[0]["video_input"]["bitrate"], "8 kbps");
}

#[tokio::test]
async fn who_leaves_by_beacon_has_left_and_the_meeting_may_end_with_it() {
    let page = Page::new().await;
    page.samples(&[sample(0.0, 1, -1.0), sample(5.0, 1, -1.0)]).await;
    let mut leaving = report(&page.token, &[sample(10.0, 1, -1.0)]);
    leaving["left_at"] = json!(at(11.0));
    leaving["ended"] = json!(true);
    assert_eq!(page.post(&leaving).await.status, StatusCode::OK);
    let participants = page.world.get(&format!("/v2/metrics/meetings/{UUID}/participants?type=past")).await;
    assert_eq!(participants["participants"][0]["leave_time"], "2026-09-21T14:10:11Z");
    assert_eq!(participants["participants"][0]["user_name"], "Ana");
    assert_eq!(page.minutes("past").await.len(), 1);
}

#[tokio::test]
async fn only_a_token_for_it_opens_it_and_opens_nothing_else() {
    let page = Page::new().await;
    for (token, status) in [
        (Value::Null, StatusCode::UNAUTHORIZED),
        (json!("nonsense"), StatusCode::UNAUTHORIZED),
        (json!(page.world.token), StatusCode::FORBIDDEN),
    ] {
        let mut body = report(&page.token, &[]);
        body["token"] = token;
        assert_eq!(page.post(&body).await.status, status);
    }
    assert_eq!(page.world.send(Some(&page.token), QOS, "", "").await.status, StatusCode::FORBIDDEN);
    // A header does as well.
    let mut body = report(&page.token, &[]);
    body.as_object_mut().unwrap().remove("token");
    assert_eq!(page.world.send(Some(&page.token), WEBRTC, "", body.to_string()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_of_it_is_taken() {
    let page = Page::new().await;
    let with = |key: &str, value: Value| {
        let mut body = report(&page.token, &[sample(0.0, 1, -1.0)]);
        body[key] = value;
        body
    };
    let far = json!([{"at": at(1e7), "reports": []}]);
    for (body, field) in [
        (with("instance_uuid", json!("no uuid")), "instance_uuid"),
        (with("user_id", json!(" ")), "user_id"),
        (with("page", json!("x".repeat(300))), "page"),
        (with("samples", far), "samples[0].at"),
        (with("samples", json!(vec![json!({"at": at(0.0), "reports": []}); 121])), "samples"),
        (with("joined_at", json!(1e300)), "joined_at"),
        (with("surprise", json!(1)), "surprise"),
        (json!([]), ""),
    ] {
        let answer = page.world.send(Some(&page.token), WEBRTC, "", body.to_string()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{field}: {}", answer.body);
        assert!(answer.body["message"].as_str().unwrap().contains(field), "{field}: {}", answer.body);
    }
    let uuid = UUID.parse().unwrap();
    assert!(page.world.server.app.store.instance_by_uuid(page.world.server.account, &uuid).await.unwrap().is_none());
}

#[tokio::test]
async fn pages_of_other_origins_may_ask_and_the_script_is_served() {
    let page = Page::new().await;
    let request = Request::builder().method("OPTIONS").uri(WEBRTC).body(Body::empty()).unwrap();
    let (parts, _) = page.world.server.exchange(request).await;
    assert_eq!(parts.status, StatusCode::NO_CONTENT);
    assert_eq!(parts.headers["access-control-allow-origin"], "*");
    assert_eq!(parts.headers["access-control-allow-methods"], "POST");
    assert!(parts.headers.get("access-control-allow-credentials").is_none());
    let (parts, body) = page.world.server.exchange(Request::get("/rollcall.js").body(Body::empty()).unwrap()).await;
    assert_eq!(parts.headers["content-type"], "text/javascript; charset=utf-8");
    assert!(body.windows(10).any(|text| text == b"sendBeacon"));
}
