//! `rollcall import`: what it says, and with which status it ends.

use serde_json::json;

use crate::folder::Folder;

fn line(id: &str) -> String {
    let response = json!({"users": [{"id": id, "email": format!("{id}@example.com"), "status": "active"}]});
    json!({"request": "GET /v2/users", "response": response}).to_string()
}

#[test]
fn good_files_are_summed_up() {
    let folder = Folder::new();
    folder.write("lines.ndjson", format!("{}\n{}\n", line("ann"), line("bob")));
    folder.write("body.json", r#"{"participants": [{"user_id": "1", "user_name": "Ann"}]}"#);
    let har = json!({"log": {"entries": [
        {"request": {"method": "GET", "url": "https://api.zoom.us/v2/users"},
         "response": {"status": 200, "content": {"text": r#"{"users": [{"id": "cleo", "email": "c@example.com"}]}"#}}},
        {"request": {"method": "GET", "url": "https://example.com/"}, "response": {"status": 200, "content": {}}}
    ]}});
    folder.write("day.har", har.to_string());

    assert_eq!(
        folder.run(&["import", "lines.ndjson", "day.har"]).good(),
        "lines.ndjson: 2 answers imported (2 users)\n\
         day.har: 1 answer imported (1 user), 1 of other kinds passed over\n"
    );
    let request = "GET /v2/metrics/meetings/123456789/participants?type=past";
    assert_eq!(
        folder.run(&["import", "--request", request, "body.json"]).good(),
        "body.json: 1 answer imported (1 instance, 1 participant)\n"
    );
    assert_eq!(folder.run_with_input(&["import", "-"], &line("dora")).good(), "-: 1 answer imported (1 user)\n");
    assert_eq!(folder.run_with_input(&["import", "-"], "").good(), "-: 0 answers imported\n");

    let token = folder.run(&["token", "create"]).good();
    let server = folder.serve();
    let (_, users) = server.client.get("/v2/users", token.trim());
    assert_eq!(users["total_records"], 4, "{users}");
    server.stop();
}

#[test]
fn lines_of_participants_and_minutes_are_imported_also_compressed() {
    let folder = Folder::new();
    let who = r#""instance_uuid":"gm8s9L+PTEC+FG3sFbd1Cw==","meeting_id":123456789,"user_id":"1""#;
    let minute = |minute: u32| {
        format!("{{{who},\"date_time\":\"2026-09-21T13:0{minute}:00Z\",\"audio_input\":{{\"latency_ms\":5}}}}\n")
    };
    folder.write("who.ndjson", format!("{{{who},\"user_name\":\"Ana\"}}\n"));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, (minute(1) + &minute(2)).as_bytes()).unwrap();
    folder.write("minutes.gz", gzip.finish().unwrap());
    folder.write("minutes.zst", zstd::encode_all(minute(3).as_bytes(), 1).unwrap());
    assert_eq!(
        folder.run(&["import", "who.ndjson", "minutes.gz", "minutes.zst", "minutes.zst"]).good(),
        "who.ndjson: 1 participant imported, 0 known already\n\
         minutes.gz: 2 minutes imported, 0 known already\n\
         minutes.zst: 1 minute imported, 0 known already\n\
         minutes.zst: 1 minute imported, 1 known already\n"
    );
    let broken = minute(4) + &minute(5).replace("latency_ms", "latency") + &minute(6);
    let output = folder.run_with_input(&["import", "-"], &broken);
    assert_eq!((output.status, output.stdout.as_str()), (1, "-: 2 minutes imported, 0 known already, 1 problem\n"));
    assert!(output.stderr.starts_with("-: line 2: audio_input.latency: unknown field"), "{}", output.stderr);
}

#[test]
fn broken_lines_are_named_on_standard_error() {
    let folder = Folder::new();
    let no_user_id =
        r#"{"request": "GET /v2/metrics/meetings/123456789/participants", "response": {"participants": [{}]}}"#;
    folder.write("mixed.ndjson", format!("{}\nnonsense\n\n{no_user_id}\n{}\n", line("ann"), line("bob")));
    folder.write("good.ndjson", line("cleo"));
    let output = folder.run(&["import", "mixed.ndjson", "missing.ndjson", ".", "good.ndjson"]);
    assert_eq!(output.status, 1);
    assert_eq!(
        output.stdout,
        "mixed.ndjson: 3 answers imported (2 users, 1 instance), 2 problems\n\
         good.ndjson: 1 answer imported (1 user)\n"
    );
    let told: Vec<&str> = output.stderr.lines().collect();
    assert_eq!(told.len(), 4, "{}", output.stderr);
    assert!(told[0].starts_with("mixed.ndjson: line 2: not a pair"), "{}", told[0]);
    assert!(told[1].starts_with("mixed.ndjson: line 4: participants[0].user_id: "), "{}", told[1]);
    assert!(told[2].starts_with("rollcall: missing.ndjson: No such file or directory"), "{}", told[2]);
    assert!(told[3].starts_with("rollcall: .: "), "{}", told[3]);
}

#[test]
fn a_file_that_stops_is_told_with_what_came_before() {
    let folder = Folder::new();
    let entry = json!({
        "request": {"method": "GET", "url": "https://api.zoom.us/v2/users"},
        "response": {"status": 200, "content": {"text": r#"{"users": [{"id": "ann", "email": "a@example.com"}]}"#}}
    });
    let har = json!({"log": {"entries": [entry.clone(), entry]}}).to_string();
    folder.write("day.har", &har[..har.len() - 20]);
    let output = folder.run(&["import", "day.har"]);
    assert_eq!((output.status, output.stdout.as_str()), (1, "day.har: 1 answer imported (1 user)\n"));
    assert_eq!(output.stderr, "rollcall: day.har: stopped: the file is cut off at entry 2\n");

    folder.write("body.json", "{\n  \"users\": []\n}\n");
    let output = folder.run(&["import", "body.json"]);
    assert_eq!(output.status, 1);
    assert!(output.stderr.contains("a body by itself is imported by naming its request"), "{}", output.stderr);
}

#[test]
fn data_of_a_running_server_are_left_alone() {
    let folder = Folder::new();
    let server = folder.serve();
    folder.write("lines.ndjson", line("ann"));
    for arguments in [&["import", "lines.ndjson"][..], &["sim", "--days", "1"]] {
        let stderr = folder.run(arguments).failed(1);
        assert_eq!(
            stderr,
            "rollcall: the data folder data is in use by another rollcall (a running server, perhaps): stop it first, \
             or name another folder with --data\n"
        );
    }
    let stderr = folder.run(&["serve", "--listen", "127.0.0.1:0"]).failed(1);
    assert!(stderr.contains("is in use by another rollcall"), "{stderr}");
    server.stop();
    folder.run(&["import", "lines.ndjson"]).good();
}
