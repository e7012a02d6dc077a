//! Pages' reports of their calls: combined into minutes, in any order, and isolated from others' records.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::common::NOW;
use crate::ingest::{QOS, UUID, World};

const WEBRTC: &str = "/ingest/v1/webrtc";

/// The instant of a sample: so many seconds after the beginning of the minute 14:10.
fn at(seconds: f64) -> f64 {
    (NOW - 200) as f64 * 1000.0 + seconds * 1000.0
}

/// A stream's counters, which grow evenly: each second 1,000 bytes, 50 packets of which one is lost, 25 frames.
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

    async fn post(&self, body: &Value) -> crate::ingest::Answer {
        self.world.send(None, WEBRTC, "", body.to_string()).await
    }

    async fn samples(&self, samples: &[Value]) -> crate::ingest::Answer {
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

/// Samples every ten seconds of the minute; each report is created from the number of the sample.
fn every_ten_seconds(reports: impl Fn(f64) -> Value) -> Vec<Value> {
    (0..=5).map(|n| json!({"at": at(1.0 + f64::from(n) * 10.0), "reports": reports(f64::from(n))})).collect()
}

/// The counters of an audio stream without loss.
fn heard(n: f64) -> Value {
    json!({"id": "in", "type": "inbound-rtp", "kind": "audio", "ssrc": 1, "bytesReceived": 8_000.0 * n,
        "packetsReceived": 500.0 * n, "packetsLost": 0, "jitter": 0.004})
}

/// The minute of an audio stream in whose samples these keys are replaced.
async fn heard_with(change: impl Fn(f64) -> Value) -> Value {
    let page = Page::new().await;
    let samples = every_ten_seconds(|n| {
        let mut stat = heard(n);
        for (key, value) in change(n).as_object().unwrap() {
            stat[key] = value.clone();
        }
        json!([stat])
    });
    page.samples(&samples).await;
    page.minutes("live").await[0]["audio_output"].clone()
}

#[tokio::test]
async fn latency_is_that_of_the_pair_in_use() {
    let pair = |id: &str, n: f64, millis: f64, flags: Value| {
        let mut pair = json!({"id": id, "type": "candidate-pair", "totalRoundTripTime": n * millis / 1000.0,
            "responsesReceived": n});
        pair.as_object_mut().unwrap().append(&mut flags.as_object().unwrap().clone());
        pair
    };
    let flags = |nominated: bool| json!({"state": "succeeded", "nominated": nominated});
    let selected = |selected: bool| json!({"state": "succeeded", "nominated": true, "selected": selected});
    let transport = json!({"id": "T", "type": "transport", "selectedCandidatePairId": "A"});
    type Reports<'a> = Box<dyn Fn(f64) -> Value + 'a>;
    let browsers: [Reports<'_>; 4] = [
        Box::new(|n| json!([heard(n), pair("A", n, 80.0, flags(true)), pair("B", n, 300.0, flags(false))])),
        Box::new(|n| json!([heard(n), pair("A", n, 80.0, selected(true)), pair("B", n, 900.0, selected(false))])),
        Box::new(|n| json!([heard(n), transport, pair("A", n, 80.0, flags(false)), pair("B", n, 900.0, flags(true))])),
        // No round-trip sums, as in Firefox.
        Box::new(|n| {
            let last = |id: &str, seconds: f64, flags: Value| {
                let mut pair = pair(id, n, 0.0, flags);
                pair.as_object_mut().unwrap().remove("totalRoundTripTime");
                pair["currentRoundTripTime"] = json!(seconds);
                pair
            };
            json!([heard(n), last("A", 0.08, selected(true)), last("B", 0.9, selected(false))])
        }),
    ];
    for (index, reports) in browsers.iter().enumerate() {
        let page = Page::new().await;
        page.samples(&every_ten_seconds(reports)).await;
        assert_eq!(page.minutes("live").await[0]["audio_output"]["latency"], "80 ms", "browser {index}");
    }
}

#[tokio::test]
async fn a_counter_that_says_nothing_gives_no_value() {
    for missing in [Value::Null, json!(-1)] {
        let minute = heard_with(|_| json!({"packetsReceived": missing})).await;
        assert_eq!((&minute["avg_loss"], &minute["max_loss"]), (&json!(""), &json!("")), "{minute}");
        let minute = heard_with(|_| json!({"bytesReceived": missing})).await;
        assert_eq!((&minute["bitrate"], &minute["avg_loss"]), (&json!(""), &json!("0.0%")), "{minute}");
        assert_eq!(heard_with(|_| json!({"jitter": missing})).await["jitter"], "");
    }
    let minute = heard_with(|_| json!({"packetsLost": null})).await;
    assert_eq!((&minute["avg_loss"], &minute["max_loss"]), (&json!(""), &json!("")), "{minute}");
}

#[tokio::test]
async fn counters_that_no_stream_can_reach_are_not_believed() {
    // -13 as an unsigned number.
    let minute = heard_with(|n| json!({"packetsLost": if n < 3.0 { 0_u64 } else { 4_294_967_283 }})).await;
    assert_eq!((&minute["avg_loss"], &minute["max_loss"]), (&json!("0.0%"), &json!("0.0%")), "{minute}");
    // Far more than the stream sends: only that interval is left out.
    let minute = heard_with(|n| json!({"packetsLost": if n < 3.0 { 0 } else { 50_000 }})).await;
    assert_eq!((&minute["avg_loss"], &minute["max_loss"]), (&json!("0.0%"), &json!("0.0%")), "{minute}");
    let minute = heard_with(|n| json!({"bytesReceived": if n < 3.0 { n * 8_000.0 } else { n * 8_000.0 + 1e15 }})).await;
    assert_eq!(minute["bitrate"], "6.4 kbps", "{minute}");
    assert_eq!(heard_with(|_| json!({"jitter": 86_400.0})).await["jitter"], "");
}

#[tokio::test]
async fn a_room_may_be_called_by_a_word() {
    let page = Page::new().await;
    let mut body = report(&page.token, &[]);
    body.as_object_mut().unwrap().remove("topic");
    body["meeting_id"] = json!("room-1");
    assert_eq!(page.post(&body).await.status, StatusCode::OK);
    let list = page.world.get("/v2/metrics/meetings?type=live&from=2026-09-20&to=2026-09-22").await;
    let found = &list["meetings"][0];
    assert_eq!((&found["topic"], &found["uuid"]), (&json!("room-1"), &json!(UUID)), "{list}");
    let detail = page.world.get(&format!("/v2/metrics/meetings/{}?type=live", found["id"])).await;
    assert_eq!(detail["topic"], "room-1");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_a_bad_request_whatever_its_token() {
    let page = Page::new().await;
    let mut wrong = report(&page.token, &[]);
    wrong["meeting_id"] = json!(["room-1"]);
    for (body, named) in
        [(wrong.to_string(), "meeting_id"), ("{\"token\":".to_owned(), "token"), (String::new(), "body")]
    {
        let answer = page.world.send(None, WEBRTC, "", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
        assert!(answer.body["message"].as_str().unwrap().contains(named), "{}", answer.body);
    }
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
