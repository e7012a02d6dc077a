//! Faults under a running server are reported, lose no acknowledged data, and recover automatically once their cause is
//! gone: a full disk, a missing archive, a damaged file.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use rollcall_zoom::hook::sign;
use serde_json::{Value, json};

use crate::{
    folder::{Folder, Server},
    http::Answer,
};

const SECRET: &str = "a-secret-of-zoom-2v8XzVDTsSNbKDhXQ0m9g";
/// How long recovery may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Instances are sealed as soon as they have ended.
const AT_ONCE: [(&str, &str); 2] = [("ROLLCALL_ARCHIVE_SETTLE_SECS", "0"), ("ROLLCALL_ARCHIVE_ROUND_SECS", "1")];

/// A server, and the token and address of its sources.
struct Stage {
    server: Server,
    token: String,
    hook: String,
}

impl Stage {
    fn new(folder: &Folder, environment: &[(&str, &str)]) -> Self {
        folder.begin();
        let token = folder.run(&["token", "create", "--scopes", "all"]).good().trim().to_owned();
        let hook = folder.run_with_input(&["hook", "create", "zoom"], SECRET).good().trim().to_owned();
        Self { server: folder.serve_with(environment), token, hook }
    }

    /// Sends minutes of one participant of the `instance`th instance.
    fn send_minutes(&self, instance: u64, state: &str, minutes: std::ops::Range<u32>) -> Answer {
        let line = |minute: u32| {
            let line = json!({
                "instance_uuid": uuid(instance), "meeting_id": 1_000_000 + instance, "state": state, "user_id": "1",
                "join_time": "2026-03-01T10:00:00Z", "date_time": format!("2026-03-01T{:02}:{:02}:00Z", 10 + minute / 60, minute % 60),
                "audio_input": {"bitrate_bps": 20_000 + minute, "latency_ms": minute, "jitter_ms": instance},
            });
            format!("{line}\n")
        };
        self.server.client.post("/ingest/v1/qos", &self.token, &minutes.map(line).collect::<String>())
    }

    /// Delivers the start of a meeting.
    fn deliver_start(&self, instance: u64) -> Answer {
        let now = rollcall_model::Clock::now(&rollcall_model::SystemClock);
        let object = json!({"uuid": uuid(instance), "id": 1_000_000 + instance, "topic": "Delivered", "start_time": now.to_string()});
        let body =
            json!({"event": "meeting.started", "event_ts": now.as_seconds() * 1000, "payload": {"object": object}})
                .to_string();
        let timestamp = now.as_seconds().to_string();
        let signature = sign(SECRET, &timestamp, body.as_bytes());
        let headers = [("x-zm-request-timestamp", timestamp.as_str()), ("x-zm-signature", signature.as_str())];
        self.server.client.send("POST", &self.hook, &headers, &body)
    }

    fn get(&self, target: &str) -> Answer {
        self.server.client.get(target, &self.token)
    }

    /// The response of Zoom's API with the minutes of the instance, live or past.
    fn minutes(&self, instance: u64) -> Answer {
        let ask = |state| self.get(&format!("/v2/metrics/meetings/{}/participants/1/qos?type={state}", uuid(instance)));
        let past = ask("past");
        if past.0 == 404 { ask("live") } else { past }
    }

    /// The latencies of all minutes of the instance, in their order.
    #[track_caller]
    fn latencies(&self, instance: u64) -> Vec<String> {
        let (status, body) = self.minutes(instance);
        assert_eq!(status, 200, "{body}");
        let minutes = body["user_qos"].as_array().unwrap().iter();
        minutes.map(|minute| minute["audio_input"]["latency"].as_str().unwrap().to_owned()).collect()
    }

    /// A counter or gauge of the server.
    fn metric(&self, name: &str) -> u64 {
        let (_, text) = self.get("/metrics");
        let text = text.as_str().unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("rollcall_{name} ")));
        line.map_or(0, |value| value.parse().unwrap())
    }

    /// Waits until a condition holds.
    #[track_caller]
    fn wait_until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let started = Instant::now();
        while !is_so() {
            assert!(started.elapsed() < PATIENCE, "{what}: {}", self.server.logged());
            thread::sleep(Duration::from_millis(100));
        }
    }
}

fn uuid(instance: u64) -> String {
    format!("Fault{instance}==")
}

fn latencies(minutes: std::ops::Range<u32>) -> Vec<String> {
    minutes.map(|minute| format!("{minute} ms")).collect()
}

/// A disk of a few megabytes, which only root can create.
struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    #[expect(clippy::print_stdout, reason = "says that a test is skipped, and why")]
    fn mount(at: &Path, megabytes: u32) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let size = format!("size={megabytes}m,mode=700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self { at: at.to_owned() });
        }
        println!("skipped: this user may not mount a small disk, which root may");
        None
    }

    fn ballast(&self) -> PathBuf {
        self.at.join("ballast")
    }

    /// Uses up the remaining space.
    fn fill(&self) {
        let mut file = fs::File::options().append(true).create(true).open(self.ballast()).unwrap();
        for size in [1 << 20, 4096, 1] {
            while file.write_all(&vec![7; size]).is_ok() {}
        }
    }

    /// Frees the space again.
    fn clear(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, in case a failed test still has files open.
        let _ = Command::new("umount").arg("--lazy").arg(&self.at).status();
    }
}

#[test]
fn a_full_disk_refuses_what_it_cannot_hold_and_is_well_again_with_room() {
    let folder = Folder::new();
    let Some(disk) = SmallDisk::mount(&folder.path("data"), 32) else { return };
    let stage = Stage::new(&folder, &AT_ONCE);
    assert_eq!(stage.send_minutes(1, "live", 0..50).0, 200);
    assert_eq!(stage.deliver_start(2).0, 204);

    disk.fill();
    // Data that fit into the last page of a journal are still accepted.
    let mut taken = 50;
    let refused = loop {
        match stage.send_minutes(1, "live", taken..taken + 50) {
            (200, _) => taken += 50,
            refused => break refused,
        }
        assert!(taken < 5_000, "the disk is not full");
    };
    assert_eq!(
        (refused.0, &refused.1["complete"], &refused.1["taken"]),
        (500, &json!(false), &json!(0)),
        "{}",
        refused.1
    );
    let message = refused.1["message"].as_str().unwrap();
    assert!(message.starts_with("Internal error, try again later"), "{message}");
    stage.wait_until("the delivery is refused", || {
        let (status, body) = stage.deliver_start(3);
        assert!(status == 204 || status == 503, "{status} {body}");
        status == 503
    });
    // Acknowledged minutes are served meanwhile, and the operator sees the cause.
    assert_eq!(stage.latencies(1), latencies(0..taken));
    assert_eq!(stage.get("/healthz").0, 200);
    assert!(stage.server.logged().contains("No space left on device"), "{}", stage.server.logged());
    let found = folder.run(&["doctor"]);
    assert_eq!(found.status, 1);
    let told = "PROBLEM data folder: data is not writable: No space left on device";
    assert!(found.stdout.contains(told), "{}", found.stdout);
    assert!(found.stdout.contains("PROBLEM disk space: 0 MB are free in data"), "{}", found.stdout);
    assert!(found.stdout.contains("fix: free up space;"), "{}", found.stdout);

    disk.clear();
    stage.wait_until("minutes are taken again", || stage.send_minutes(1, "live", taken..taken + 50).0 == 200);
    taken += 50;
    assert_eq!(stage.deliver_start(3).0, 204);
    assert_eq!(stage.latencies(1), latencies(0..taken));
    assert_eq!(stage.send_minutes(1, "past", taken..taken + 50).0, 200);
    stage.wait_until("it is sealed", || stage.metric("sealed_instances_total") > 0);
    assert_eq!(stage.latencies(1), latencies(0..taken + 50));
    assert!(!folder.run(&["doctor"]).stdout.contains("is not writable"));
    stage.server.stop();
}

#[test]
fn while_the_archives_disk_is_full_minutes_stay_hot_and_are_sealed_with_room() {
    let folder = Folder::new();
    let Some(disk) = SmallDisk::mount(&folder.path("years"), 4) else { return };
    let location = folder.path("years/archive");
    let environment = [AT_ONCE[0], AT_ONCE[1], ("ROLLCALL_ARCHIVE_LOCATION", location.to_str().unwrap())];
    let stage = Stage::new(&folder, &environment);
    disk.fill();
    assert_eq!(stage.send_minutes(1, "past", 0..600).0, 200);
    stage.wait_until("sealing fails", || stage.metric("seal_failed_rounds_total") > 0);
    assert!(stage.server.logged().contains("background job failed; no data is lost, retrying"));
    assert_eq!(stage.latencies(1), latencies(0..600));
    assert_eq!(stage.send_minutes(2, "past", 0..10).0, 200);
    let mut doctor = folder.command(&["doctor"]);
    let found = doctor.env("ROLLCALL_ARCHIVE_LOCATION", &location).output().unwrap();
    let found = String::from_utf8(found.stdout).unwrap();
    assert!(found.contains("PROBLEM archive: ") && found.contains("No space left on device"), "{found}");

    disk.clear();
    stage.wait_until("both are sealed", || stage.metric("sealed_instances_total") == 2);
    assert_eq!(stage.latencies(1), latencies(0..600));
    assert!(stage.server.stop().contains("background job works again"));
    let verified = folder.command(&["archive", "verify"]).env("ROLLCALL_ARCHIVE_LOCATION", &location).output().unwrap();
    assert!(String::from_utf8(verified.stdout).unwrap().ends_with(" intact, 0 damaged\n"));
}

#[test]
fn while_the_archive_is_away_what_is_hot_is_served_and_sealing_goes_on_when_it_is_back() {
    let folder = Folder::new();
    let stage = Stage::new(&folder, &AT_ONCE);
    assert_eq!(stage.send_minutes(1, "past", 0..30).0, 200);
    stage.wait_until("it is sealed", || stage.metric("sealed_instances_total") == 1);

    let (archive, away) = (folder.path("data/archive"), folder.path("away"));
    fs::rename(&archive, &away).unwrap();
    assert_eq!(stage.send_minutes(2, "past", 0..30).0, 200);
    stage.wait_until("sealing fails", || stage.metric("seal_failed_rounds_total") > 0);
    assert_eq!(stage.latencies(2), latencies(0..30), "hot");
    let (status, body) = stage.minutes(1);
    assert!(status >= 500 && body["code"].is_number() && body["message"].is_string(), "{status} {body}");
    let found = folder.json(&["doctor", "--json"]);
    let problem = found.iter().find(|finding| finding["ok"] == false).unwrap();
    assert_eq!(problem["check"], "archive", "{found:?}");
    assert_eq!(problem["found"], "the archive folder data/archive is missing, but the index lists files in it");
    assert_eq!(
        problem["fix"],
        "make sure that its disk is mounted and `archive.location` is right; until then nothing is sealed, and no data is lost"
    );
    assert!(!archive.exists(), "nothing takes its place");

    fs::rename(&away, &archive).unwrap();
    stage.wait_until("sealing goes on", || stage.metric("sealed_instances_total") == 2);
    assert_eq!([stage.latencies(1), stage.latencies(2)], [latencies(0..30), latencies(0..30)]);
    stage.server.stop();
    assert!(folder.run(&["doctor", "--deep"]).good().contains("ok      archive's files: "));
}

#[test]
fn a_damaged_file_costs_its_own_instances_and_is_served_again_once_it_is_put_back() {
    let folder = Folder::sealed();
    let token = folder.run(&["token", "create", "--scopes", "all"]).good();
    let (damaged, file) = folder.archived(600);
    let whole = fs::read(&file).unwrap();
    let server = folder.serve();
    let get = |target: &str| server.client.get(target, token.trim());
    let past = |kind: &str| -> String {
        let (_, list) = get(&format!("/v2/metrics/{kind}?type=past&from=2026-02-08&to=2026-03-08"));
        list[kind].as_array().unwrap().iter().find(|run| run["participants"] != 5).unwrap()["uuid"]
            .as_str()
            .unwrap()
            .replace('/', "%252F")
    };
    let webinar = format!("/v2/metrics/webinars/{}/participants/qos?type=past&page_size=10", past("webinars"));
    let meeting = format!("/v2/metrics/meetings/{}/participants/qos?type=past&page_size=10", past("meetings"));
    let before = get(&webinar);
    assert_eq!((before.0, get(&meeting).0), (200, 200));

    let mut bytes = whole.clone();
    // Every column's pages, but not the footer.
    let pages = 4..whole.len() - whole.len() / 3;
    bytes[pages].iter_mut().step_by(64).for_each(|byte| *byte ^= 1);
    fs::write(&file, &bytes).unwrap();
    let (status, body): (u16, Value) = get(&webinar);
    assert_eq!(status, 500, "{body}");
    assert!(body["code"].is_number() && body["message"].is_string(), "{body}");
    assert!(server.logged().contains(&damaged), "the log names the file");
    assert_eq!(get(&meeting).0, 200);
    assert_eq!(get(&webinar.replace("/qos?", "?")).0, 200, "participants are still known");
    let verified = folder.run(&["archive", "verify"]);
    assert!(verified.status == 1 && verified.stdout.contains(&damaged), "{verified:?}");
    let doctor = folder.run(&["doctor", "--deep"]);
    assert!(
        doctor.stdout.contains(&damaged) && doctor.stdout.contains("fix: restore an identical copy of it"),
        "{doctor:?}"
    );

    fs::write(&file, &whole).unwrap();
    let after = get(&webinar);
    assert_eq!((after.0, &after.1["participants"]), (200, &before.1["participants"]));
    server.stop();
}
