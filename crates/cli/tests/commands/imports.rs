//! `rollcall import`: its output and its exit status.

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
         day.har: 1 answer imported (1 user), 1 of other kinds skipped\n"
    );
    let request = "GET /v2/metrics/meetings/123456789/participants?type=past";
    assert_eq!(
        folder.run(&["import", "--request", request, "body.json"]).good(),
        "body.json: 1 answer imported (1 instance, 1 participant)\n"
    );
    assert_eq!(folder.run_with_input(&["import", "-"], &line("dora")).good(), "-: 1 answer imported (1 user)\n");

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
        "who.ndjson: 1 participant imported, 0 already known\n\
         minutes.gz: 2 minutes imported, 0 already known\n\
         minutes.zst: 1 minute imported, 0 already known\n\
         minutes.zst: 1 minute imported, 1 already known\n"
    );
    let broken = minute(4) + &minute(5).replace("latency_ms", "latency") + &minute(6);
    let output = folder.run_with_input(&["import", "-"], &broken);
    assert_eq!((output.status, output.stdout.as_str()), (1, "-: 2 minutes imported, 0 already known, 1 problem\n"));
    assert!(output.stderr.starts_with("-: line 2: audio_input.latency: unknown field"), "{}", output.stderr);
}

#[test]
fn a_file_of_which_nothing_is_imported_is_an_error() {
    let folder = Folder::new();
    let empty = folder.run_with_input(&["import", "-"], "");
    assert_eq!(empty.stdout, "-: 0 answers imported: the file contains nothing that can be imported\n");
    let har = json!({"log": {"entries": [
        {"request": {"method": "GET", "url": "https://example.com/"}, "response": {"status": 200, "content": {}}}
    ]}});
    let other = folder.run_with_input(&["import", "-"], &har.to_string());
    let told = "0 answers imported, 1 of other kinds skipped: the file contains nothing that can be imported\n";
    assert_eq!((empty.status, other.status, other.stdout.as_str()), (1, 1, format!("-: {told}").as_str()));
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
    assert!(output.stderr.contains("to import a single body, pass its request with --request"), "{}", output.stderr);
}

#[test]
fn beside_a_running_server_that_server_imports() {
    let folder = Folder::begun();
    let token = folder.run(&["token", "create"]).good();
    let server = folder.serve();
    folder.write("lines.ndjson", format!("{}\nnonsense\n", line("ann")));
    let beside = folder.run(&["import", "lines.ndjson", "missing.ndjson"]);
    assert_eq!(beside.status, 1);
    assert_eq!(beside.stdout, "lines.ndjson: 1 answer imported (1 user), 1 problem\n");
    assert!(beside.stderr.starts_with("lines.ndjson: line 2: not a pair"), "{}", beside.stderr);
    assert!(beside.stderr.contains("rollcall: missing.ndjson: No such file"), "{}", beside.stderr);
    assert_eq!(folder.run_with_input(&["import", "-"], &line("bob")).good(), "-: 1 answer imported (1 user)\n");
    let request = "GET /v2/users/cleo";
    folder.write("body.json", r#"{"id": "cleo", "email": "cleo@example.com"}"#);
    folder.run(&["import", "--request", request, "body.json"]).good();
    let (_, users) = server.client.get("/v2/users", token.trim());
    assert_eq!(users["total_records"], 3, "{users}");

    let stderr = folder.run(&["import", "--offline", "lines.ndjson"]).failed(1);
    assert!(stderr.contains("is in use by another rollcall process. Omit --offline"), "{stderr}");
    let stderr = folder.run(&["serve", "--listen", "127.0.0.1:0"]).failed(1);
    assert!(stderr.contains("is in use by another rollcall"), "{stderr}");
    server.stop();
    // The same output without a server.
    let alone = folder.run(&["import", "lines.ndjson", "missing.ndjson"]);
    assert_eq!((alone.status, alone.stdout, alone.stderr), (beside.status, beside.stdout, beside.stderr));
    folder.run(&["import", "--offline", "--request", request, "body.json"]).good();
}

#[test]
fn an_attendance_report_is_read() {
    let folder = Folder::begun();
    let report = "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\n\
        860 0000 0013,Algebra,11/20/2026 10:00:00 AM,11/20/2026 11:05:00 AM,ada@example.com,65,2\n\n\
        Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent,In Waiting Room\n\
        Will N (Student),will@example.com,11/20/2026 10:02:00 AM,11/20/2026 11:03:00 AM,61,No,,No\n\
        Shaun T,,11/20/2026 10:00:00 AM,11/20/2026 11:00:00 AM,60,Yes,,No\n";
    folder.write("report.csv", report);
    let told = "report.csv: 1 answer imported (1 instance, 2 participants)\nreport.csv: not stored: Guest (2)\n";
    let assumed = folder.run(&["import", "report.csv"]);
    assert_eq!((assumed.status, assumed.stdout.as_str()), (0, told));
    assert!(
        assumed.stderr.starts_with("report.csv: its times have no time zone and were read as UTC."),
        "{}",
        assumed.stderr
    );
    assert!(assumed.stderr.contains("--time-zone America/New_York"), "{}", assumed.stderr);
    assert_eq!(folder.run(&["import", "--time-zone", "UTC", "report.csv"]).good(), told);
    let unknown = folder.run(&["import", "--time-zone", "Mars/Olympus", "report.csv"]).failed(2);
    assert!(unknown.contains("unknown time zone `Mars/Olympus`"), "{unknown}");
    let elsewhere = Folder::begun();
    let server = elsewhere.serve();
    elsewhere.write("report.csv", report);
    assert_eq!(elsewhere.run(&["import", "--time-zone", "America/New_York", "report.csv"]).good(), told);
    server.stop();
    let start = elsewhere.run(&["sql", "SELECT start_time FROM instances"]).good();
    assert!(start.contains("2026-11-20T15:00:00Z"), "{start}");
    let sql = "SELECT i.meeting_id, p.user_name, p.duration_seconds AS s FROM participants AS p
               JOIN instances AS i ON i.uuid = p.instance_uuid ORDER BY 2";
    let rows = "meeting_id,user_name,s\n86000000013,Shaun T,3600\n86000000013,Will N (Student),3660\n";
    assert_eq!(folder.run(&["sql", sql]).good().replace("\r\n", "\n"), rows);

    // The plain report does not contain the meeting.
    let plain = report.split("\n\n").nth(1).unwrap();
    folder.write("plain.csv", plain);
    let output = folder.run(&["import", "plain.csv"]);
    assert_eq!(output.status, 1);
    assert!(output.stderr.contains("--request"), "{}", output.stderr);
    let request = "GET /v2/report/meetings/86000000014/participants";
    folder.run(&["import", "--time-zone", "UTC", "--request", request, "plain.csv"]).good();
    let sql = "SELECT count(*) AS n FROM participants WHERE meeting_id = 86000000014";
    assert_eq!(folder.run(&["sql", sql]).good().replace("\r\n", "\n"), "n\n2\n");
}

#[test]
fn participants_and_minutes_may_stand_in_one_file() {
    let folder = Folder::begun();
    let who = r#""instance_uuid":"gm8s9L+PTEC+FG3sFbd1Cw==","meeting_id":123456789,"user_id":"1""#;
    let minute = format!("{{{who},\"date_time\":\"2026-09-21T13:01:00Z\",\"audio_input\":{{\"latency_ms\":5}}}}\n");
    let participant = format!("{{{who},\"user_name\":\"Ana\"}}\n");
    for lines in [[&participant, &minute], [&minute, &participant]] {
        let broken = format!("{}{}{{}}\n", lines[0], lines[1]);
        let output = folder.run_with_input(&["import", "-"], &broken);
        assert!(output.stdout.contains("1 participant and 1 minute imported"), "{}", output.stdout);
        assert!(output.stderr.starts_with("-: line 3: "), "{}", output.stderr);
    }
}

#[test]
fn plain_text_that_a_browser_labels_as_base64_is_read() {
    let folder = Folder::begun();
    let entry = |text: &str| {
        json!({"request": {"method": "GET", "url": "https://api.zoom.us/v2/users"},
               "response": {"status": 200, "content": {"text": text, "encoding": "base64"}}})
    };
    let plain = r#"{"users": [{"id": "ann", "email": "a@example.com"}]}"#;
    // With line breaks, and without padding.
    let encoded = "eyJ1c2VycyI6IFt7ImlkIjogImJvYiIsICJlbWFpbCI6\nICJiQGV4YW1wbGUuY29tIn1dfQ";
    folder.write("day.har", json!({"log": {"entries": [entry(plain), entry(encoded)]}}).to_string());
    assert_eq!(folder.run(&["import", "day.har"]).good(), "day.har: 2 answers imported (2 users)\n");
}

#[test]
fn the_examples_about_csv_in_the_documentation_work() {
    let document = include_str!("../../../../docs/ingest.md");
    let (_, section) = document.split_once("## CSV reports").unwrap();
    let (section, _) = section.split_once("## NDJSON lines").unwrap();
    let folder = Folder::begun();
    let (mut files, mut commands) = (0, 0);
    let mut before = "";
    for (index, block) in section.split("```").enumerate() {
        match block.split_once('\n') {
            Some(("csv", content)) => {
                // The last name in backticks before the block.
                let name = before.split('`').rev().find(|word| word.ends_with(".csv")).unwrap();
                folder.write(name, content);
                files += 1;
            }
            Some(("console", content)) => {
                for example in content.split("$ rollcall ").skip(1) {
                    let (command, output) = example.split_once('\n').unwrap();
                    let words = words(command);
                    let words: Vec<&str> = words.iter().map(String::as_str).collect();
                    assert_eq!(folder.run(&words).good().replace("\r\n", "\n"), output, "{command}");
                    commands += 1;
                }
            }
            _ => {}
        }
        if index % 2 == 0 {
            before = block;
        }
    }
    assert_eq!((files, commands), (4, 5));
}

/// Splits a command line whose words may have quotes.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quote) = (vec![String::new()], None);
    for c in line.chars() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, ' ') => words.push(String::new()),
            (_, c) => words.last_mut().unwrap().push(c),
        }
    }
    words
}

#[test]
fn what_a_report_lacks_can_be_given() {
    let folder = Folder::begun();
    let request = ["import", "--request", "GET /v2/report/meetings/86000000014/participants", "--time-zone", "UTC"];
    let import = |folder: &Folder, options: &[&str]| folder.run(&[&request[..], options, &["r.csv"]].concat());
    folder.write("r.csv", "Nimi;Liittyi\nAda;11/10/2026 13:00\n");
    let stderr = |options: &[&str]| {
        let output = import(&folder, options);
        assert_eq!(output.status, 1, "{}", output.stdout);
        output.stderr
    };
    let unknown = stderr(&[]);
    assert!(
        unknown.contains("r.csv: stopped: no row has known column names. Line 1 has `Nimi`, `Liittyi`."),
        "{unknown}"
    );
    let columns = ["--column", "name=Nimi", "--column", "join=Liittyi"];
    let unclear = stderr(&columns);
    assert!(unclear.contains("line 2: `11/10/2026 13:00` may begin with the month or with the day"), "{unclear}");
    // With a server, too.
    let server = folder.serve();
    import(&folder, &[&columns[..], &["--date-order", "day-first"]].concat()).good();
    server.stop();
    let joined = folder.run(&["sql", "SELECT join_time FROM participants"]).good();
    assert!(joined.contains("2026-10-11T13:00:00Z"), "{joined}");
    for (option, value, told) in [
        ("--column", "nome=Nimi", "NAME is one of name, first-name"),
        ("--date-order", "year-first", "write month-first or day-first"),
    ] {
        let wrong = import(&folder, &[option, value]).failed(2);
        assert!(wrong.contains(told), "{wrong}");
    }
    folder.write("r.csv", "Name,Join Time\nAda,2026-11-20 13:00:00\n\"Ben");
    let cut = stderr(&[]);
    assert!(cut.contains("r.csv: line 3: the quote before column 1 is never closed"), "{cut}");
}
