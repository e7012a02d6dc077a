//! Sources that continuously send webhooks and lines to a server, and record what was acknowledged.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use rollcall_model::{Clock as _, SystemClock, Timestamp};
use rollcall_zoom::hook::sign;
use serde_json::{Value, json};

use crate::{
    folder::{Folder, Server},
    http::Client,
};

const SECRET: &str = "a-secret-of-zoom-2v8XzVDTsSNbKDhXQ0m9g";

/// Two that deliver webhooks, and one that sends lines.
pub(crate) const SOURCES: usize = 3;
const SENDS_LINES: u64 = 2;
/// How many of a source's latest instances are checked, and how many of all at the end.
pub(crate) const LOOKED_AT: u64 = 4;
pub(crate) const LOOKED_AT_LAST: u64 = 3_000;

/// Instances are sealed as soon as they have ended, two files are merged, and replaced files are deleted at once.
pub(crate) const SETTINGS: [(&str, &str); 6] = [
    ("ROLLCALL_ARCHIVE_SETTLE_SECS", "0"),
    ("ROLLCALL_ARCHIVE_ROUND_SECS", "1"),
    ("ROLLCALL_ARCHIVE_GRACE_SECS", "0"),
    ("ROLLCALL_ARCHIVE_MERGE_FILES", "2"),
    ("ROLLCALL_ARCHIVE_FULL_ROWS", "3000"),
    ("ROLLCALL_LOG_FILTER", "warn"),
];

/// What a source sends, and how results are read.
pub(crate) struct Stage {
    pub(crate) client: Client,
    pub(crate) token: String,
    pub(crate) hook: String,
    /// The time at which every instance begins.
    pub(crate) start: Timestamp,
}

/// How many requests of each source were acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Acknowledged([AtomicU64; SOURCES]);

impl Acknowledged {
    pub(crate) fn now(&self) -> [u64; SOURCES] {
        std::array::from_fn(|source| self.0[source].load(Ordering::SeqCst))
    }
}

/// The credentials of a data folder's sources.
#[derive(Clone)]
pub(crate) struct Doors {
    token: String,
    hook: String,
    start: Timestamp,
}

impl Doors {
    /// Creates a token and the secret of a webhook in a new data folder.
    pub(crate) fn make(folder: &Folder) -> Self {
        folder.begin();
        let token = folder.run(&["token", "create", "--scopes", "all"]).good().trim().to_owned();
        let hook = folder.run_with_input(&["hook", "create", "zoom"], SECRET).good().trim().to_owned();
        let start = Timestamp::from_seconds(SystemClock.now().as_seconds() / 60 * 60 - 3_600);
        Self { token, hook, start }
    }

    pub(crate) fn of(&self, server: &Server) -> Stage {
        let Self { token, hook, start } = self.clone();
        Stage { client: server.client, token, hook, start }
    }
}

/// A source's current instance.
pub(crate) fn newest(source: u64, acknowledged: u64) -> u64 {
    acknowledged / steps(source).len() as u64
}

/// The participants, each with the known minutes.
type People = BTreeMap<String, BTreeMap<String, String>>;

/// A source's report.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Started,
    Joined(u32),
    Quality(u32, u32),
    Left(u32),
    Ended,
    /// Minutes of everybody, as lines, of a live or of a past instance.
    Lines {
        from: u32,
        to: u32,
        past: bool,
    },
}

/// The reports of a source about an instance, in order: quality before its join, and leaves after the end.
fn steps(source: u64) -> Vec<Step> {
    use Step::*;
    if source == SENDS_LINES {
        return vec![
            Lines { from: 0, to: 12, past: false },
            Lines { from: 8, to: 20, past: true },
            // A late fact, which reopens a sealed instance.
            Lines { from: 19, to: 22, past: true },
        ];
    }
    let quality = |from: u32, to: u32| (from..to).flat_map(|minute| (0..3).map(move |user| Quality(user, minute)));
    let mut steps = vec![Started, Joined(0), Joined(1)];
    steps.extend(quality(0, 3));
    steps.push(Joined(2));
    steps.extend(quality(3, 6));
    steps.extend([Left(0), Ended, Left(1), Left(2)]);
    steps.push(Quality(0, 6));
    steps
}

fn uuid(source: u64, instance: u64) -> String {
    format!("Killed{source}x{instance}==")
}

/// A value that differs nearly everywhere.
fn latency(source: u64, instance: u64, user: u32, minute: u32) -> u64 {
    1 + (source * 313 + instance * 31 + u64::from(user) * 7 + u64::from(minute)) % 997
}

/// What is known of an instance after a source's first `requests`.
pub(crate) fn known(source: u64, instance: u64, requests: u64, start: Timestamp) -> People {
    let steps = steps(source);
    let taken = requests.saturating_sub(instance * steps.len() as u64).min(steps.len() as u64);
    let mut people = People::new();
    let mut measured = |user: u32, minute: u32| {
        let minutes = people.entry(user.to_string()).or_default();
        let at = start.plus_seconds(i64::from(minute) * 60).to_string();
        minutes.insert(at, format!("{} ms", latency(source, instance, user, minute)));
    };
    let mut seen = BTreeSet::new();
    for step in &steps[..taken as usize] {
        match *step {
            Step::Started | Step::Ended => {}
            Step::Joined(user) | Step::Left(user) => {
                seen.insert(user);
            }
            Step::Quality(user, minute) => measured(user, minute),
            Step::Lines { from, to, .. } => {
                (from..to).for_each(|minute| (0..3).for_each(|user| measured(user, minute)));
            }
        }
    }
    for user in seen {
        people.entry(user.to_string()).or_default();
    }
    people
}

impl Stage {
    fn at(&self, minute: u32) -> String {
        self.start.plus_seconds(i64::from(minute) * 60).to_string()
    }

    /// Sends a source's next request. Returns whether it was acknowledged. `None` if the server has stopped.
    pub(crate) fn send(&self, source: u64, number: u64) -> Option<bool> {
        let steps = steps(source);
        let (instance, step) = (number / steps.len() as u64, steps[(number % steps.len() as u64) as usize]);
        let id = 1_000_000_000 + source * 100_000_000 + instance;
        if let Step::Lines { from, to, past } = step {
            let line = |user: u32, minute: u32| {
                let line = json!({
                    "instance_uuid": uuid(source, instance), "meeting_id": id, "state": if past { "past" } else { "live" },
                    "user_id": user.to_string(), "join_time": self.at(0), "date_time": self.at(minute),
                    "audio_input": {"latency_ms": latency(source, instance, user, minute)},
                });
                format!("{line}\n")
            };
            let minutes = (0..3).flat_map(|user| (from..to).map(move |minute| (user, minute)));
            let body: String = minutes.map(|(user, minute)| line(user, minute)).collect();
            let (status, report) = self.client.try_post("/ingest/v1/qos", &self.token, &body).ok()?;
            assert_eq!((status, &report["refused"]), (200, &json!(0)), "{report}");
            return Some(report["complete"] == true);
        }
        let mut object = json!({"uuid": uuid(source, instance), "id": id, "topic": "Killed", "start_time": self.at(0)});
        let person = |user: u32, more: Value| {
            let mut person = json!({"user_id": user.to_string()});
            person.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            person
        };
        let (name, participant) = match step {
            Step::Started => ("meeting.started", None),
            Step::Ended => ("meeting.ended", None),
            Step::Joined(user) => {
                ("meeting.participant_joined", Some(person(user, json!({"user_name": "Ana", "join_time": self.at(0)}))))
            }
            Step::Left(user) => ("meeting.participant_left", Some(person(user, json!({"leave_time": self.at(10)})))),
            Step::Quality(user, minute) => {
                let details = json!({"latency": format!("{} ms", latency(source, instance, user, minute))});
                let qos = json!([{"date_time": self.at(minute), "type": "audio_input", "details": details}]);
                ("meeting.participant_qos", Some(person(user, json!({ "qos": qos }))))
            }
            Step::Lines { .. } => return None,
        };
        if step == Step::Ended {
            object["end_time"] = self.at(11).into();
        }
        if let Some(participant) = participant {
            object["participant"] = participant;
        }
        let body =
            json!({"event": name, "event_ts": self.start.as_millis(), "payload": {"object": object}}).to_string();
        let timestamp = SystemClock.now().as_seconds().to_string();
        let signature = sign(SECRET, &timestamp, body.as_bytes());
        let headers = [("x-zm-request-timestamp", timestamp.as_str()), ("x-zm-signature", signature.as_str())];
        let (status, answer) = self.client.try_send("POST", &self.hook, &headers, &body).ok()?;
        assert!(status == 204 || status == 503, "{status} {answer}: {body}");
        Some(status == 204)
    }

    /// Sends a source's requests, one after the other, until the server has stopped or `stop` is set.
    pub(crate) fn feed(&self, source: u64, acknowledged: &Acknowledged, stop: impl Fn() -> bool) {
        let count = &acknowledged.0[source as usize];
        while !stop()
            && let Some(taken) = self.send(source, count.load(Ordering::SeqCst))
        {
            count.fetch_add(u64::from(taken), Ordering::SeqCst);
        }
    }

    /// Repeats every source's last request, which may have been in flight, until it is acknowledged.
    pub(crate) fn deliver_again(&self, acknowledged: &Acknowledged) {
        for (source, count) in (0..).zip(&acknowledged.0) {
            while self.send(source, count.load(Ordering::SeqCst)) != Some(true) {
                thread::sleep(Duration::from_millis(50));
            }
            count.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Compares the latest instances of every source with what was acknowledged.
    pub(crate) fn check_latest(&self, acknowledged: [u64; SOURCES], context: &str) {
        for (source, acknowledged) in (0..).zip(acknowledged) {
            let newest = newest(source, acknowledged);
            for instance in newest.saturating_sub(LOOKED_AT)..=newest {
                self.check(source, instance, acknowledged, context);
            }
        }
    }

    /// Compares the instances of every source with the acknowledged data: more may have arrived.
    pub(crate) fn check_least(&self, acknowledged: [u64; SOURCES], context: &str) {
        for (source, acknowledged) in (0..).zip(acknowledged) {
            let newest = newest(source, acknowledged);
            for instance in (0..=newest).step_by((newest / LOOKED_AT_LAST + 1) as usize) {
                self.find_known(source, instance, acknowledged, context);
            }
        }
    }

    /// Returns what the API reports about an instance. `None` if it does not know the instance.
    pub(crate) fn told(&self, source: u64, instance: u64, context: &str) -> Option<People> {
        let ask = |state: &str| {
            let path = format!("/v2/metrics/meetings/{}/participants/qos", uuid(source, instance));
            self.client.get(&format!("{path}?type={state}&page_size=10"), &self.token)
        };
        let mut answer = ask("past");
        if answer.0 == 404 {
            answer = ask("live");
        }
        let (status, body) = answer;
        if status == 404 {
            return None;
        }
        assert_eq!(status, 200, "{context}: {body}");
        let mut people = People::new();
        for participant in body["participants"].as_array().unwrap() {
            let mut minutes = BTreeMap::new();
            for minute in participant["user_qos"].as_array().unwrap() {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let twice = minutes.insert(text(&minute["date_time"]), text(&minute["audio_input"]["latency"]));
                assert_eq!(twice, None, "{context}: a minute is there twice: {body}");
            }
            let user = participant["user_id"].as_str().unwrap().to_owned();
            assert_eq!(people.insert(user, minutes), None, "{context}: somebody is there twice: {body}");
        }
        Some(people)
    }

    /// Checks what the API reports about an instance: everything that was acknowledged, and perhaps more.
    fn find_known(&self, source: u64, instance: u64, acknowledged: u64, context: &str) -> People {
        let context = format!("{context}, source {source}, instance {instance}");
        let least = known(source, instance, acknowledged, self.start);
        let told = self.told(source, instance, &context).unwrap_or_default();
        for (user, minutes) in &least {
            let found = told.get(user).unwrap_or_else(|| panic!("{context}: {user} was acknowledged and is missing"));
            for (minute, value) in minutes {
                assert_eq!(found.get(minute), Some(value), "{context}: {user} at {minute} was acknowledged");
            }
        }
        told
    }

    /// Compares an instance with the acknowledged data; a request in flight may be stored, or part of it.
    pub(crate) fn check(&self, source: u64, instance: u64, acknowledged: u64, context: &str) {
        let told = self.find_known(source, instance, acknowledged, context);
        let context = format!("{context}, source {source}, instance {instance}");
        let most = known(source, instance, acknowledged + 1, self.start);
        for (user, minutes) in &told {
            let expected = most.get(user).unwrap_or_else(|| panic!("{context}: nobody reported {user}"));
            for (minute, value) in minutes {
                assert_eq!(
                    expected.get(minute),
                    Some(value),
                    "{context}: nobody reported this about {user} at {minute}"
                );
            }
        }
    }
}

/// All problems that `doctor` reports for a folder, except the free space on this machine's disk.
pub(crate) fn problems(folder: &Folder, arguments: &[&str]) -> Vec<Value> {
    let findings = folder.json(&[&["doctor", "--json"], arguments].concat());
    let problems = findings.into_iter().filter(|finding| finding["ok"] == false);
    problems.filter(|finding| !finding["check"].as_str().unwrap().contains("disk space")).collect()
}
