//! Instances with incomplete webhooks, with the real program: each is still archived.

use std::{
    thread,
    time::{Duration, Instant},
};

use rollcall_model::{Clock as _, SystemClock, Timestamp};
use rollcall_zoom::hook::sign;
use serde_json::{Value, json};

use crate::{
    folder::{Folder, Server},
    http::Client,
};

const SECRET: &str = "a-secret-of-zoom-2v8XzVDTsSNbKDhXQ0m9g";
const UUID: &str = "OnlyTheUuidIsKnown1234==";
/// How long the sealer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Instances are sealed as soon as they have ended.
const SETTINGS: [(&str, &str); 3] =
    [("ROLLCALL_ARCHIVE_SETTLE_SECS", "0"), ("ROLLCALL_ARCHIVE_ROUND_SECS", "1"), ("ROLLCALL_LOG_FILTER", "warn")];

/// A server, with the secrets for deliveries and requests.
struct Stage {
    folder: Folder,
    server: Server,
    token: String,
    hook: String,
    /// When the meeting began.
    start: Timestamp,
}

impl Stage {
    fn new(ago_seconds: i64) -> Self {
        let folder = Folder::begun();
        let token = folder.run(&["token", "create"]).good().trim().to_owned();
        let hook = folder.run_with_input(&["hook", "create", "zoom"], SECRET).good().trim().to_owned();
        let start = Timestamp::from_seconds((SystemClock.now().as_seconds() - ago_seconds) / 60 * 60);
        let server = folder.serve_with(&SETTINGS);
        Self { folder, server, token, hook, start }
    }

    fn client(&self) -> Client {
        self.server.client
    }

    fn at(&self, minute: i64) -> String {
        self.start.plus_seconds(minute * 60).to_string()
    }

    fn deliver(&self, event: &str, mut object: Value) {
        object["uuid"] = UUID.into();
        let at = self.start.plus_seconds(3_600).as_millis();
        let body = json!({"event": event, "event_ts": at, "payload": {"object": object}}).to_string();
        let timestamp = SystemClock.now().as_seconds().to_string();
        let signature = sign(SECRET, &timestamp, body.as_bytes());
        let headers = [("x-zm-request-timestamp", timestamp.as_str()), ("x-zm-signature", signature.as_str())];
        let answer = self.client().send("POST", &self.hook, &headers, &body);
        assert_eq!(answer, (204, Value::Null), "{body}");
    }

    /// Quality of two people in an instance of which only the UUID is reported.
    fn deliver_quality(&self, minutes: std::ops::Range<i64>) {
        for (user, minute) in ["1", "2"].into_iter().flat_map(|user| minutes.clone().map(move |minute| (user, minute)))
        {
            let details = json!({"latency": format!("{} ms", minute + 1)});
            let qos = json!([{"date_time": self.at(minute), "type": "audio_input", "details": details}]);
            self.deliver("meeting.participant_qos", json!({"participant": {"user_id": user, "qos": qos}}));
        }
    }

    /// The instance's quality through Zoom's API, in this state.
    fn quality(&self, state: &str) -> (u16, Value) {
        let path = format!("/v2/metrics/meetings/{UUID}/participants/qos?type={state}&page_size=10");
        self.client().get(&path, &self.token)
    }

    /// The rows of a query's result.
    fn sql(&self, query: &str) -> Value {
        let authorization = format!("Bearer {}", self.token);
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
        let (status, body) =
            self.client().send("POST", "/api/v1/sql", &headers, &json!({ "query": query }).to_string());
        assert_eq!(status, 200, "{body}");
        body["rows"].clone()
    }

    /// Waits until files that are not in `former` contain so many minutes and people. Returns their paths.
    fn archived(&self, minutes: u64, people: u64, former: &[String]) -> Vec<String> {
        let started = Instant::now();
        loop {
            let mut files = self.folder.json(&["archive", "list", "--json"]);
            let path = |file: &Value| file["path"].as_str().unwrap().to_owned();
            files.retain(|file| !former.contains(&path(file)));
            let rows = |table: &str| {
                let files = files.iter().filter(|file| file["table"] == table);
                files.map(|file| file["referenced_rows"].as_u64().unwrap()).sum::<u64>()
            };
            if (rows("qos_minutes"), rows("participants")) == (minutes, people) {
                return files.iter().map(path).collect();
            }
            assert!(started.elapsed() < PATIENCE, "{files:#?}");
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// The number of each person's minutes, with the latency of the last.
    fn told(&self) -> Vec<(String, usize, String)> {
        let (status, body) = self.quality("past");
        assert_eq!(status, 200, "{body}");
        let people = body["participants"].as_array().unwrap().iter().map(|one| {
            let minutes = one["user_qos"].as_array().unwrap();
            let latency = minutes.last().and_then(|last| last["audio_input"]["latency"].as_str());
            (one["user_id"].as_str().unwrap().to_owned(), minutes.len(), latency.unwrap_or_default().to_owned())
        });
        people.collect()
    }
}

#[test]
fn an_instance_without_a_number_is_archived_and_gets_the_number_that_is_told_later() {
    let stage = Stage::new(3_600);
    stage.deliver_quality(0..5);
    assert_eq!(stage.quality("live").1.get("meeting_number"), None);
    // Published samples have letters instead of the number.
    stage.deliver("meeting.ended", json!({"id": "1234ABCD", "end_time": stage.at(30)}));
    let files = stage.archived(10, 2, &[]);
    let expected = [("1".to_owned(), 5, "5 ms".to_owned()), ("2".to_owned(), 5, "5 ms".to_owned())];
    assert_eq!(stage.told(), expected);
    assert_eq!(stage.quality("past").1.get("meeting_number"), None);
    let counted = "SELECT i.meeting_id, count(*), sum(q.audio_input_latency_ms)
                   FROM qos_minutes AS q JOIN instances AS i ON i.uuid = q.instance_uuid GROUP BY 1";
    assert_eq!(stage.sql(counted), json!([[null, 10, 30]]));
    assert!(stage.folder.run(&["archive", "verify"]).good().ends_with("intact, 0 damaged\n"));

    stage.deliver("meeting.started", json!({"id": 98_765_432_101_i64, "topic": "Weekly", "start_time": stage.at(0)}));
    assert_eq!(stage.quality("past").1["meeting_number"], "98765432101");
    let today = &stage.at(0)[..10];
    let list = format!("/v2/metrics/meetings?type=past&from={today}&to={today}");
    let listed = stage.client().get(&list, &stage.token).1;
    assert_eq!((&listed["meetings"][0]["uuid"], &listed["meetings"][0]["topic"]), (&json!(UUID), &json!("Weekly")));
    // Its changes are archived too.
    stage.archived(10, 2, &files);
    assert_eq!(stage.told(), expected);
    assert_eq!(stage.sql(counted), json!([[98_765_432_101_i64, 10, 30]]));
    assert!(stage.folder.run(&["archive", "verify"]).good().ends_with("intact, 0 damaged\n"));
    stage.server.stop();
}

#[test]
fn an_instance_whose_end_is_never_told_is_archived_and_lives_again_when_it_is_heard_of() {
    // Longer ago than any vendor allows a meeting to last.
    let stage = Stage::new(48 * 3_600);
    stage.deliver_quality(0..5);
    stage.deliver(
        "meeting.participant_joined",
        json!({
            "id": 98_765_432_101_i64, "start_time": stage.at(0),
            "participant": {"user_id": "3", "user_name": "Ana", "join_time": stage.at(2)},
        }),
    );
    let files = stage.archived(10, 3, &[]);
    let (status, answer) = stage.quality("live");
    assert_eq!((status, &answer["code"]), (404, &json!(3001)), "{answer}");
    let minutes = |told: Vec<(String, usize, String)>| told.into_iter().map(|(user, minutes, _)| (user, minutes));
    let detail = |state: &str| stage.client().get(&format!("/v2/metrics/meetings/{UUID}?type={state}"), &stage.token);
    assert_eq!(detail("past").1["end_time"], stage.at(5), "at its last sign of life");
    let listed = |state: &str| {
        let (from, to) = (&stage.at(0)[..10], &SystemClock.now().to_string()[..10]);
        let list = format!("/v2/metrics/meetings?type={state}&from={from}&to={to}");
        let answer = stage.client().get(&list, &stage.token).1;
        answer["meetings"].as_array().unwrap().len()
    };
    assert_eq!((listed("live"), listed("past")), (0, 1));
    let states = "SELECT state, end_time FROM instances";
    assert_eq!(stage.sql(states), json!([["past", stage.at(5)]]));
    let told = stage.folder.json(&["doctor", "--json"]);
    let ends = told.iter().find(|finding| finding["check"] == "ends of meetings").unwrap();
    assert!(
        ends["found"].as_str().unwrap().starts_with("1 instance is presumed ended after 30 hours without events"),
        "{ends}"
    );

    let now = (SystemClock.now().as_seconds() - stage.start.as_seconds()) / 60;
    stage.deliver_quality(now..now + 1);
    let started = Instant::now();
    while detail("live").0 == 404 {
        assert!(started.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!((listed("live"), listed("past")), (1, 0));
    assert_eq!(stage.sql(states), json!([["live", null]]));
    // Archived and hot minutes are read together.
    let (status, body) = stage.quality("live");
    assert_eq!((status, body["participants"][0]["user_qos"].as_array().unwrap().len()), (200, 6), "{body}");
    stage.deliver("meeting.ended", json!({"id": 98_765_432_101_i64, "end_time": stage.at(now + 1)}));
    stage.archived(12, 3, &files);
    let expected = [("1".to_owned(), 6), ("2".to_owned(), 6), ("3".to_owned(), 0)];
    assert_eq!(minutes(stage.told()).collect::<Vec<_>>(), expected);
    assert_eq!(detail("past").1["end_time"], stage.at(now + 1));
    assert!(stage.folder.run(&["archive", "verify"]).good().ends_with("intact, 0 damaged\n"));
    stage.server.stop();
}
