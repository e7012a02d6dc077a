//! `rollcall sim`: the same flags give the same account.

use std::fs;

use serde_json::Value;

use crate::folder::Folder;

const TINY: [&str; 15] = [
    "sim",
    "--seed",
    "7",
    "--people",
    "6",
    "--days",
    "4",
    "--meetings-per-day",
    "3",
    "--webinars-per-week",
    "0",
    "--until",
    "2026-03-06T18:00:00Z",
    "--truth",
    "truth.ndjson",
];

/// Returns what the API reports about the account, except random keys.
fn answers(folder: &Folder) -> Vec<Value> {
    let token = folder.run(&["token", "create"]).good();
    let server = folder.serve();
    let get = |target: &str| {
        let (status, body) = server.client.get(target, token.trim());
        assert_eq!(status, 200, "{target}: {body}");
        body
    };
    let mut answers = vec![get("/v2/users?page_size=300")];
    let meetings = get("/v2/metrics/meetings?type=past&from=2026-03-01&to=2026-03-07&page_size=300");
    for meeting in meetings["meetings"].as_array().unwrap().iter().step_by(10) {
        let number = &meeting["id"];
        answers.push(get(&format!("/v2/metrics/meetings/{number}/participants?type=past&page_size=300")));
        let mut quality = get(&format!("/v2/metrics/meetings/{number}/participants/qos?type=past&page_size=2"));
        quality.as_object_mut().unwrap().remove("next_page_token");
        answers.push(quality);
    }
    answers.push(meetings);
    server.stop();
    answers
}

/// Compares responses without printing all of them if they differ.
#[track_caller]
fn assert_same(answers: &[Value], first: &[Value]) {
    assert_eq!(answers.len(), first.len());
    for (index, (answer, first)) in answers.iter().zip(first).enumerate() {
        let (answer, first) = (format!("{answer:#}"), format!("{first:#}"));
        let differs = answer.lines().zip(first.lines()).find(|(answer, first)| answer != first);
        assert_eq!(differs, None, "answer {index}");
        assert_eq!(answer.len(), first.len(), "answer {index}");
    }
}

/// The command's output, without its run time.
fn written(folder: &Folder, arguments: &[&str]) -> String {
    let output = folder.run(arguments);
    assert_eq!(output.status, 0, "{}", output.stderr);
    output.stdout.rsplit_once(" in ").unwrap().0.to_owned()
}

#[test]
fn the_same_flags_make_the_same_world_however_often() {
    let (one, other) = (Folder::new(), Folder::new());
    let told = written(&one, &TINY);
    assert!(told.starts_with("6 users, ") && told.contains(" minutes, "), "{told}");
    let first = answers(&one);
    assert!(first.len() > 6);

    assert_eq!(written(&one, &TINY), told);
    assert_same(&answers(&one), &first);

    assert_eq!(written(&other, &TINY), told);
    assert_same(&answers(&other), &first);
    let truth = |folder: &Folder| fs::read_to_string(folder.path("truth.ndjson")).unwrap();
    assert_eq!(truth(&one), truth(&other));
}

#[test]
fn an_instance_has_the_size_that_is_asked_for() {
    let folder = Folder::new();
    let told = written(&folder, &["sim", "--sized", "webinar:25:3", "--sized", "meeting:4:5:noqos"]);
    assert!(told.contains("2 instances, 29 participants, 75 minutes"), "{told}");
}

#[test]
fn a_simulation_is_not_written_among_real_meetings_by_mistake() {
    let folder = Folder::new();
    folder.write("users.json", r#"{"users": [{"id": "ann", "email": "ann@example.com"}]}"#);
    folder.run(&["import", "--request", "GET /v2/users", "users.json"]).good();
    let refused = folder.run(&TINY).failed(1);
    assert!(refused.contains("account default has data of real meetings"), "{refused}");
    assert!(refused.contains("--into-existing"), "{refused}");
    folder.run(&[&TINY[..], &["--into-existing"]].concat()).good();

    // A simulated account may be simulated further.
    let simulated = Folder::new();
    simulated.run(&TINY).good();
    simulated.run(&TINY).good();
}
