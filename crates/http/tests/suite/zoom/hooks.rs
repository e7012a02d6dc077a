//! Webhooks through HTTP: refusals, and what the API returns about accepted events.

use axum::{body::Body, http::Request};
use rollcall_http::Settings;
use rollcall_model::{Secret, Vendor};
use rollcall_store::{Accounts as _, HookStore as _};
use serde_json::{Value, json};

use crate::common::{ACCOUNT_ID, NOW, Server};
use crate::zoom::{Answer, World};

pub(crate) const SECRET: &str = "2v8-XzVDTsSNbKDhXQ0m9g";
pub(crate) const UUID: &str = "Xk2VQeD8S8yVWzv0aGZ0Yg==";

impl World {
    /// A server whose account has only a secret for each vendor.
    pub(crate) async fn with_hooks(settings: Settings) -> Self {
        let server = Server::new(settings).await;
        for vendor in [Vendor::Zoom, Vendor::Webex] {
            let secret = Secret::new(SECRET.to_owned());
            server.store.create_hook(server.account, vendor, &secret, server.now()).await.unwrap();
        }
        Self::of(server).await
    }

    /// Delivers a body as Zoom does.
    pub(crate) async fn deliver(&self, body: &Value) -> Answer {
        let body = body.to_string();
        let timestamp = NOW.to_string();
        let signature = rollcall_zoom::hook::sign(SECRET, &timestamp, body.as_bytes());
        self.post("zoom", &body, &[("x-zm-request-timestamp", &timestamp), ("x-zm-signature", &signature)]).await
    }

    /// Delivers a body that is accepted.
    #[track_caller]
    pub(crate) fn taken<'a>(&'a self, body: &'a Value) -> impl Future<Output = ()> + 'a {
        let at = std::panic::Location::caller();
        async move {
            let answer = self.deliver(body).await;
            assert_eq!(answer.status, 204, "{at}: {body}: {:?}", answer.bytes);
        }
    }

    pub(crate) async fn post(&self, vendor: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method("POST").uri(format!("/hooks/{vendor}/{ACCOUNT_ID}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send_unchecked(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// The number of deliveries with this outcome, by the server's own count.
    /// The number of deliveries, of both vendors, with this outcome.
    pub(crate) async fn counted(&self, outcome: &str) -> u64 {
        let request = Request::builder().uri("/metrics").body(Body::empty()).unwrap();
        let (_, body) = self.exchange(request).await;
        let text = String::from_utf8(body.to_vec()).unwrap();
        let ending = format!("outcome=\"{outcome}\"}} ");
        text.lines().filter_map(|line| line.split_once(&ending)?.1.parse::<u64>().ok()).sum()
    }
}

/// A time of the meeting, so many seconds after it began.
pub(crate) fn at(seconds: i64) -> String {
    rollcall_model::Timestamp::from_seconds(NOW - 3600 + seconds).to_string()
}

fn millis(seconds: i64) -> i64 {
    (NOW - 3600 + seconds) * 1000
}

/// An event of a meeting, sent so many seconds after the meeting began.
pub(crate) fn event(name: &str, seconds: i64, more: Value) -> Value {
    let mut object = json!({
        "uuid": UUID, "id": 98_765_432_101_i64, "host_id": "z8yCxTTTTSiw02QgCAp8uQ", "topic": "Weekly", "type": 2,
        "start_time": at(0), "duration": 60, "timezone": "UTC",
    });
    if let (Value::Object(object), Value::Object(mut more)) = (&mut object, more) {
        object.append(&mut more);
    }
    json!({"event": name, "event_ts": millis(seconds), "payload": {"account_id": "abc", "object": object}})
}

/// Quality of service, with only the instance and the participant.
pub(crate) fn qos(user_id: &str, seconds: i64, latency: &str) -> Value {
    let row = |kind: &str, details: Value| json!({"date_time": at(seconds), "type": kind, "details": details});
    let rows = [
        row(
            "audio_input",
            json!({"bitrate": "63 kbps", "latency": latency, "jitter": "6 ms", "avg_loss": "0.0%", "max_loss": "0.1%"}),
        ),
        row(
            "video_output",
            json!({"bitrate": "", "latency": "", "jitter": "", "avg_loss": "", "max_loss": "", "resolution": "", "frame_rate": ""}),
        ),
        row(
            "cpu_usage",
            json!({"zoom_min_cpu_usage": "1%", "zoom_avg_cpu_usage": "2%", "zoom_max_cpu_usage": "5%", "system_max_cpu_usage": "23%"}),
        ),
        row("wifi_rssi", json!({"min_rssi": "-56", "avg_rssi": -50, "max_rssi": "-44", "rssi_unit": "dBm"})),
        row("audio_quality", json!({"quality": "good", "quality_score": "3.65"})),
        row("notification", json!({"network_notification": "network bandwidth low"})),
    ];
    let participant = json!({"user_id": user_id, "participant_user_id": "", "email": "ana@example.com", "qos": rows});
    json!({"event": "meeting.participant_qos", "event_ts": millis(seconds + 5),
        "payload": {"account_id": "abc", "object": {"uuid": UUID, "participant": participant}}})
}

pub(crate) fn joined(user_id: &str, name: &str, seconds: i64) -> Value {
    let participant = json!({"user_id": user_id, "user_name": name, "id": "", "join_time": at(seconds)});
    event("meeting.participant_joined", seconds, json!({ "participant": participant }))
}

pub(crate) fn left(user_id: &str, name: &str, seconds: i64) -> Value {
    let reason = format!("{name} left the meeting.<br>Reason: Host ended the meeting.");
    let participant = json!({"user_id": user_id, "user_name": name, "leave_time": at(seconds), "leave_reason": reason});
    event("meeting.participant_left", seconds, json!({ "participant": participant }))
}

pub(crate) fn started() -> Value {
    event("meeting.started", 0, json!({}))
}

pub(crate) fn ended(seconds: i64) -> Value {
    event("meeting.ended", seconds, json!({"end_time": at(seconds)}))
}

#[tokio::test]
async fn a_meeting_that_is_told_by_webhooks_is_answered_by_the_api() {
    let world = World::with_hooks(Settings::default()).await;
    world.taken(&started()).await;
    world.taken(&joined("16778240", "Ana", 10)).await;
    let device = json!({"participant": {"participant_id": 16_778_240, "email": "", "data": [{
        "device": "WIN", "Location": "Trento", "network_type": "Wifi", "microphone": "Mic", "mac_addr": "",
        "signaling_ip_address": "192.0.2.1", "audio_internal_ip_address": "10.0.0.2", "video_internal_ip_address": "10.0.0.2",
        "audio_internal_ip_port": "5060"}]}});
    world.taken(&event("meeting.participant_data", 30, device)).await;
    world.taken(&qos("16778240", 61, "134 ms")).await;

    let today = &at(0)[..10];
    let live = world.ok(&format!("/v2/metrics/meetings?type=live&from={today}&to={today}")).await;
    assert_eq!(
        (&live["meetings"][0]["id"], &live["meetings"][0]["participants"]),
        (&json!(98_765_432_101_i64), &json!(1))
    );
    world.taken(&left("16778240", "Ana", 600)).await;
    world.taken(&ended(610)).await;

    let path = format!("/v2/metrics/meetings/{}", UUID.replace('/', "%252F"));
    let meeting = world.ok(&format!("{path}?type=past")).await;
    assert_eq!((&meeting["topic"], &meeting["duration"]), (&json!("Weekly"), &json!("10:10")));
    let participants = world.ok(&format!("{path}/participants?type=past")).await;
    let ana = &participants["participants"][0];
    let told = ["user_name", "email", "device", "location", "ip_address", "join_time", "leave_time", "leave_reason"];
    assert_eq!(
        told.map(|key| ana[key].as_str().unwrap()),
        ["Ana", "ana@example.com", "WIN", "Trento", "192.0.2.1", &at(10), &at(600), "Host ended the meeting."]
    );
    assert_eq!(ana["internal_ip_addresses"], json!(["10.0.0.2"]));
    let qos = world.ok(&format!("{path}/participants/qos?type=past")).await;
    let minute = &qos["participants"][0]["user_qos"][0];
    assert_eq!(
        (
            &minute["audio_input"]["latency"],
            &minute["video_output"]["bitrate"],
            &minute["cpu_usage"]["system_max_cpu_usage"]
        ),
        (&json!("134 ms"), &json!(""), &json!("23%"))
    );
    assert_eq!((&minute["wifi_rssi"]["min_rssi"], &minute["wifi_rssi"]["max_rssi"]), (&json!(-56), &json!(-44)));
    assert!(minute.get("as_input").is_none(), "{minute}");
    assert_eq!((world.counted("taken").await, world.counted("malformed").await), (6, 0));
}

#[tokio::test]
async fn a_challenge_is_answered() {
    let world = World::with_hooks(Settings::default()).await;
    let body = json!({"event": "endpoint.url_validation", "event_ts": millis(0), "payload": {"plainToken": "qgg8vlvZRS6UYooatFL8Aw"}});
    let answer = world.deliver(&body).await;
    assert_eq!(answer.status, 200);
    let encrypted = rollcall_zoom::hook::encrypt_token(SECRET, "qgg8vlvZRS6UYooatFL8Aw");
    assert_eq!(answer.body, json!({"plainToken": "qgg8vlvZRS6UYooatFL8Aw", "encryptedToken": encrypted}));
    assert_eq!(world.counted("challenged").await, 1);
}

#[tokio::test]
async fn signatures_that_are_missing_wrong_stale_or_from_the_future_are_refused_and_counted() {
    let world = World::with_hooks(Settings::default()).await;
    let body = started().to_string();
    let sign = |secret: &str, timestamp: i64, body: &str| {
        (timestamp.to_string(), rollcall_zoom::hook::sign(secret, &timestamp.to_string(), body.as_bytes()))
    };
    let send = async |body: &str, (timestamp, signature): (String, String)| {
        world.post("zoom", body, &[("x-zm-request-timestamp", &timestamp), ("x-zm-signature", &signature)]).await
    };
    let (timestamp, signature) = sign(SECRET, NOW, &body);
    for headers in
        [&[][..], &[("x-zm-signature", signature.as_str())], &[("x-zm-request-timestamp", timestamp.as_str())]]
    {
        let answer = world.post("zoom", &body, headers).await;
        assert_eq!(answer.status, 401);
        assert!(answer.body["message"].as_str().unwrap().ends_with("is missing."), "{}", answer.body);
    }
    assert_eq!(send(&body, ("soon".to_owned(), signature.clone())).await.status, 401);
    assert_eq!(world.counted("unsigned").await, 4);

    let mut altered = body.clone().into_bytes();
    for position in 0..altered.len() {
        altered[position] ^= 1;
        let Ok(text) = std::str::from_utf8(&altered) else { continue };
        assert_eq!(send(text, sign(SECRET, NOW, &body)).await.status, 401, "byte {position}");
        altered[position] ^= 1;
    }
    for signature in ["", "v0=", "v0=zz", &signature[3..], &signature.to_uppercase(), &format!("{signature}00")] {
        assert_eq!(send(&body, (timestamp.clone(), signature.to_owned())).await.status, 401, "{signature}");
    }
    assert_eq!(send(&body, sign("another", NOW, &body)).await.status, 401);
    let (_, of_another_time) = sign(SECRET, NOW - 1, &body);
    assert_eq!(send(&body, (NOW.to_string(), of_another_time)).await.status, 401);
    assert!(world.counted("wrongly_signed").await > 100);

    // An event ahead of the clock may be correct: the vendor must retry it.
    for (age, status) in [(6_000, 204), (6_001, 401), (-300, 204), (-301, 503)] {
        assert_eq!(send(&body, sign(SECRET, NOW - age, &body)).await.status, status, "{age}");
    }
    let stale = send(&body, sign(SECRET, i64::MIN, &body)).await;
    assert_eq!(stale.status, 401);
    assert!(stale.body["message"].as_str().unwrap().contains("hooks.window_secs"), "{}", stale.body);
    assert_eq!((world.counted("stale").await, world.counted("early").await), (2, 1));
    assert_eq!(send(&body, sign("another", NOW + 301, &body)).await.status, 401, "nobody else is asked to retry");
}

#[tokio::test]
async fn secrets_are_changed_without_a_delivery_being_refused() {
    let world = World::with_hooks(Settings::default()).await;
    let deliver = async |secret: &str| {
        let (body, timestamp) = (started().to_string(), NOW.to_string());
        let signature = rollcall_zoom::hook::sign(secret, &timestamp, body.as_bytes());
        world
            .post("zoom", &body, &[("x-zm-request-timestamp", &timestamp), ("x-zm-signature", &signature)])
            .await
            .status
    };
    let next = Secret::new("next".to_owned());
    assert_eq!([deliver(SECRET).await, deliver("next").await], [204, 401]);
    world.store.create_hook(world.account, Vendor::Zoom, &next, world.now()).await.unwrap();
    assert_eq!([deliver(SECRET).await, deliver("next").await], [204, 204]);
    let hooks = world.store.hooks(world.account).await.unwrap();
    let first = hooks.iter().find(|hook| hook.vendor == Vendor::Zoom).unwrap();
    assert!(world.store.revoke_hook(world.account, first.id).await.unwrap());
    assert_eq!([deliver(SECRET).await, deliver("next").await], [401, 204]);
}

#[tokio::test]
async fn an_account_takes_nothing_that_was_signed_for_another() {
    let world = World::with_hooks(Settings::default()).await;
    let other = world.store.create_account("other", "other-account", world.now()).await.unwrap();
    let body = started().to_string();
    let deliver = async |secret: &str| {
        let timestamp = NOW.to_string();
        let request = Request::post("/hooks/zoom/other-account")
            .header("x-zm-request-timestamp", &timestamp)
            .header("x-zm-signature", rollcall_zoom::hook::sign(secret, &timestamp, body.as_bytes()))
            .body(Body::from(body.clone()));
        world.send_unchecked(request.unwrap()).await
    };
    let unknown = deliver(SECRET).await;
    assert_eq!(unknown.status, 401, "no secret yet");
    assert!(unknown.body["message"].as_str().unwrap().contains("rollcall hook create zoom"), "{}", unknown.body);
    world.store.create_hook(other.id, Vendor::Zoom, &Secret::new("theirs".to_owned()), world.now()).await.unwrap();
    assert_eq!([deliver(SECRET).await.status, deliver("theirs").await.status], [401, 204]);
    world
        .refused(
            &format!("/v2/metrics/meetings/{UUID}?type=live"),
            404,
            3001,
            "Meeting ID is invalid or the meeting has not ended yet.",
        )
        .await;
}

#[tokio::test]
async fn a_flood_is_refused_and_the_rest_unharmed() {
    let world = World::with_hooks(Settings { hooks_max_per_second: 5, ..Settings::default() }).await;
    let other = world.store.create_account("other", "other-account", world.now()).await.unwrap();
    world.store.create_hook(other.id, Vendor::Zoom, &Secret::new("theirs".to_owned()), world.now()).await.unwrap();
    // Deliveries with an invalid signature do not count towards the account's limit.
    for _ in 0..20 {
        assert_eq!(world.post("zoom", "{}", &[]).await.status, 401);
    }
    let mut statuses = Vec::new();
    for seconds in 0..8 {
        let answer = world.deliver(&joined("1", "Ana", seconds)).await;
        if answer.status == 503 {
            assert_eq!(answer.header("retry-after"), Some("1"));
        }
        statuses.push(answer.status);
    }
    assert_eq!(statuses, [204, 204, 204, 204, 204, 503, 503, 503]);
    let body = started().to_string();
    let theirs = Request::post("/hooks/zoom/other-account")
        .header("x-zm-request-timestamp", NOW)
        .header("x-zm-signature", rollcall_zoom::hook::sign("theirs", &NOW.to_string(), body.as_bytes()))
        .body(Body::from(body));
    assert_eq!(world.send_unchecked(theirs.unwrap()).await.status, 204);
    world.clock.advance_seconds(1);
    assert_eq!(world.deliver(&joined("1", "Ana", 7)).await.status, 204);
    assert_eq!((world.counted("flood").await, world.counted("taken").await), (3, 7));
}

#[tokio::test]
async fn what_is_not_kept_is_acknowledged_and_what_is_broken_is_named() {
    let world = World::with_hooks(Settings::default()).await;
    for name in ["meeting.live_streaming_started", "user.created", "recording.completed", "phone.callee_ended"] {
        world.taken(&event(name, 1, json!({}))).await;
    }
    assert_eq!(world.counted("not_needed").await, 4);
    let broken = [
        (json!([]), "`.`"),
        (json!({"payload": {}}), "`event`"),
        (json!({"event": "meeting.started"}), "`payload`"),
        (json!({"event": "meeting.started", "event_ts": 1, "payload": {}}), "`payload.object`"),
        (
            json!({"event": "meeting.started", "event_ts": 1, "payload": {"object": {"uuid": ""}}}),
            "`payload.object.uuid`",
        ),
        (json!({"event": "meeting.started", "payload": {"object": {"uuid": UUID}}}), "`event_ts`"),
        (
            json!({"event": "meeting.started", "event_ts": 1, "payload": {"object": {"uuid": UUID, "start_time": 3}}}),
            "`payload.object.start_time`",
        ),
        (event("meeting.participant_joined", 1, json!({})), "`payload.object.participant`"),
        (
            event("meeting.participant_left", 1, json!({"participant": {"leave_time": at(1)}})),
            "`payload.object.participant.user_id`",
        ),
        (
            event("meeting.participant_qos", 1, json!({"participant": {"user_id": "1", "qos": [{"details": 7}]}})),
            "`payload.object.participant.qos[0].details`",
        ),
        (json!({"event": "endpoint.url_validation", "payload": {}}), "`payload.plainToken`"),
        (event("webinar.registration_created", 1, json!({"registrant": {}})), "`payload.object.registrant.id`"),
    ];
    for (body, field) in &broken {
        let answer = world.deliver(body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.body["message"].as_str().unwrap().starts_with(field), "{field}: {}", answer.body);
    }
    assert_eq!(world.counted("malformed").await, broken.len() as u64);
}

#[tokio::test]
async fn quality_is_taken_before_anything_else_is_known_of_its_meeting() {
    let world = World::with_hooks(Settings::default()).await;
    world.taken(&qos("1", 61, "134 ms")).await;
    let today = &at(0)[..10];
    let list = format!("/v2/metrics/meetings?type=live&from={today}&to={today}");
    assert_eq!(world.ok(&list).await["meetings"], json!([]), "no list shows a meeting without a number");
    let path = format!("/v2/metrics/meetings/{UUID}/participants/qos?type=live");
    let early = world.ok(&path).await;
    assert_eq!(early["participants"][0]["user_qos"][0]["audio_input"]["latency"], "134 ms");
    assert!(early.get("meeting_number").is_none(), "{early}");
    world.taken(&joined("1", "Ana", 10)).await;
    let known = world.ok(&path).await;
    assert_eq!((&known["meeting_number"], &known["total_records"]), (&json!("98765432101"), &json!(1)));
    assert_eq!(known["participants"][0]["user_name"], "Ana");
    assert_eq!(world.ok(&list).await["meetings"][0]["topic"], "Weekly");
}

#[tokio::test]
async fn a_registration_counts_once_for_its_tracking_source() {
    let world = World::with_hooks(Settings::default()).await;
    let registered = |registrant: &str, source: &str| {
        let registrant = json!({"id": registrant, "email": "r@example.com", "first_name": "R", "status": "approved",
            "tracking_source": {"id": source, "source_name": format!("{source}!"), "tracking_url": ""}});
        event("webinar.registration_created", 1, json!({"id": "91234567890", "registrant": registrant}))
    };
    for (registrant, source) in [("a", "1"), ("b", "1"), ("a", "1"), ("c", "2"), ("b", "1"), ("a", "2")] {
        world.taken(&registered(registrant, source)).await;
    }
    let without = event(
        "webinar.registration_created",
        1,
        json!({"id": 91_234_567_890_i64, "registrant": {"email": "x@example.com"}}),
    );
    world.taken(&without).await;
    let answer = world.ok("/v2/webinars/91234567890/tracking_sources").await;
    let counts: Vec<_> = answer["tracking_sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| (source["source_name"].as_str().unwrap(), source["registration_count"].as_i64().unwrap()))
        .collect();
    assert_eq!(counts, [("1!", 2), ("2!", 2)]);
}
