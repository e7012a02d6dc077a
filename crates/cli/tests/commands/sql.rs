//! `rollcall sql`: the same query in every format, and what the command and a running server refuse.

use serde_json::json;

use crate::folder::Folder;

const WORLD: [&str; 9] =
    ["sim", "--seed", "7", "--sized", "meeting:12:5", "--until", "2026-03-06T18:00:00Z", "--truth", "truth.ndjson"];
const QUESTION: &str = "SELECT kind, participants, topic IS NULL AS untitled FROM instances WHERE kind = ?";

#[test]
fn a_question_is_answered_in_every_format() {
    let folder = Folder::new();
    folder.run(&WORLD);
    let ask = |format| folder.run(&["sql", QUESTION, "--value", "meeting", "--format", format]).good();
    assert_eq!(ask("csv"), "kind,participants,untitled\r\nmeeting,12,0\r\n");
    assert_eq!(ask("ndjson"), "{\"kind\":\"meeting\",\"participants\":12,\"untitled\":0}\n");
    assert_eq!(ask("json"), "{\"columns\":[\"kind\",\"participants\",\"untitled\"],\"rows\":[[\"meeting\",12,0]]}\n");
    assert_eq!(ask("table"), "kind     participants  untitled\nmeeting  12            0\n(1 row)\n");
    // Standard output is not a terminal here.
    assert_eq!(folder.run(&["sql", QUESTION, "--value", "meeting"]).good(), ask("csv"));
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_printed() {
    let folder = Folder::new();
    assert!(folder.run(&["sql", "SELECT 1"]).failed(1).contains("no installation"));
    folder.run(&WORLD);
    let fails = |query: &str| folder.run(&["sql", query]).failed(1);
    assert!(fails("SELECT titel FROM instances").contains("no such column: titel"));
    assert!(fails("DELETE FROM instances").contains("cannot modify"));
    assert!(fails("SELECT * FROM tokens").contains("only the tables of `--schema`"));
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) AS m FROM n";
    let stopped = folder.run(&["sql", endless, "--seconds", "1", "--format", "table"]).failed(1);
    assert!(stopped.contains("stopped after 1 seconds"), "{stopped}");
    folder.run(&["sql"]).failed(2);
}

/// A server refuses or stops every hostile query, says which of the two, and continues to serve.
#[test]
fn what_no_query_may_do_leaves_a_server_unharmed() {
    let folder = Folder::new();
    let world = ["sim", "--seed", "7", "--people", "6", "--days", "4", "--until", "2026-03-06T18:00:00Z"];
    assert_eq!(folder.run(&world).status, 0);
    folder.run(&["archive", "seal"]).good();
    let token = folder.run(&["token", "create"]).good();
    let server = folder.serve();
    let ask = |query: &str| {
        let body = json!({"query": query}).to_string();
        let authorization = format!("Bearer {}", token.trim());
        let headers = [("Authorization", &*authorization), ("Content-Type", "application/json")];
        server.client.send("POST", "/api/v1/sql", &headers, &body)
    };
    let counts = "SELECT (SELECT count(*) FROM instances), (SELECT count(*) FROM participants),
        (SELECT count(*) FROM qos_minutes), (SELECT count(*) FROM users)";
    let before = ask(counts);
    assert!(before.0 == 200 && before.1["rows"][0][2].as_u64().unwrap() > 1_000, "{before:?}");
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)";
    let refused = "only the tables of `--schema` can be read";
    let pairs = "FROM qos_minutes AS one, qos_minutes AS two";
    for (query, told) in [
        // Writes.
        ("DELETE FROM instances".to_owned(), "cannot modify instances"),
        ("UPDATE main.participant_rows SET user_id = 'x'".to_owned(), refused),
        ("INSERT INTO main.accounts (public_id, name, created_at_ms) VALUES ('x', 'x', 0)".to_owned(), refused),
        ("WITH x AS (SELECT 1) INSERT INTO meetings SELECT * FROM x".to_owned(), "nothing can be changed"),
        ("DROP TABLE main.instances".to_owned(), refused),
        ("CREATE TEMP TABLE kept (x)".to_owned(), refused),
        ("PRAGMA writable_schema = 1".to_owned(), refused),
        ("VACUUM INTO 'copy.db'".to_owned(), refused),
        ("BEGIN EXCLUSIVE".to_owned(), refused),
        // Attaches and loads.
        ("ATTACH 'data/rollcall.db' AS other".to_owned(), refused),
        ("SELECT load_extension('evil.so')".to_owned(), "not authorized"),
        ("SELECT readfile('/etc/passwd')".to_owned(), "no such function"),
        // Reads internal tables.
        ("SELECT hash FROM main.tokens".to_owned(), refused),
        // Recurses endlessly.
        (format!("{endless} SELECT max(x) FROM n"), "stopped after 10 seconds"),
        // Sorts a self-join of the archive, which is small here: up to the limit of memory or time.
        (format!("SELECT one.date_time, two.user_id, hex(zeroblob(5000)) AS x {pairs} ORDER BY random()"), "stopped "),
        // Returns a gigabyte.
        ("SELECT zeroblob(1000000000)".to_owned(), "too big"),
        (format!("{endless} SELECT group_concat(printf('%.*c', 900000, x)) FROM (SELECT x FROM n LIMIT 3)"), "too big"),
        (format!("{endless} SELECT x FROM n LIMIT 1000000000"), "stopped after 100000 rows"),
    ] {
        let (status, answer) = ask(&query);
        assert_eq!(status, 400, "{query}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains(told), "{query}: {answer}");
        // On the same connection, if it is kept.
        assert_eq!(ask("SELECT 1 AS one"), (200, json!({"columns": ["one"], "rows": [[1]]})), "after {query}");
    }
    assert_eq!(ask(counts), before);
    assert_eq!(server.client.get("/healthz", "").0, 200);
    let (_, metrics) = server.client.get("/metrics", "");
    assert!(metrics.as_str().unwrap().contains("route=\"/api/v1/sql\",status=\"400\"} 18"), "{metrics}");
    if let Some(most) = server.most_memory() {
        assert!(most < 600 << 20, "{most} bytes");
    }
    let log = server.stop();
    assert!(!log.contains("\"ERROR\"") && !log.contains("panicked"), "{log}");
    assert_eq!(folder.run(&["doctor"]).status, 0);
}

#[test]
fn the_schema_names_every_table() {
    let schema = Folder::new().run(&["sql", "--schema"]).good();
    for table in [
        "meetings: ",
        "instances: ",
        "participants: ",
        "persons: ",
        "qos_minutes: ",
        "quality_hourly: ",
        "quality_daily: ",
        "registrants: ",
        "tracking_sources: ",
        "tracking_codes: ",
    ] {
        assert!(schema.lines().any(|line| line.starts_with(table)), "{table}");
    }
    for column in
        ["duration_seconds", "audio_input_latency_ms", "video_output_bitrate_bps", "as_input_avg_loss_percent"]
    {
        assert!(schema.contains(column), "{column}");
    }
    assert!(schema.contains("audio_output_latency_p95_ms"));
}

#[test]
fn the_schema_of_one_table_can_be_asked_for() {
    let folder = Folder::new();
    let schema = folder.run(&["sql", "--schema", "users"]).good();
    assert!(schema.starts_with("users: ") && schema.contains("cost_center"), "{schema}");
    assert!(!schema.contains("qos_minutes"), "{schema}");
    let wrong = folder.run(&["sql", "--schema", "user"]).failed(1);
    assert!(wrong.contains("no such table: user") && wrong.contains("Did you mean users"), "{wrong}");
}

/// Minutes may be used several times in a query, and while a server has them open.
#[test]
fn a_query_is_answered_alike_beside_a_server() {
    let folder = Folder::new();
    assert_eq!(folder.run(&WORLD).status, 0);
    let questions = [
        "SELECT (SELECT count(*) FROM qos_minutes) AS minutes, (SELECT max(date_time) FROM qos_minutes) AS latest",
        "SELECT one.user_id, two.date_time FROM qos_minutes AS one JOIN qos_minutes AS two ON two.instance_uuid = \
         one.instance_uuid AND two.user_id = one.user_id AND two.date_time = one.date_time ORDER BY 1, 2 LIMIT 5",
        "SELECT user_name, '=1+1' AS formula, NULL AS absent FROM participants ORDER BY 1 LIMIT 3",
        "SELECT x FROM (SELECT 1 AS x) WHERE x = 2",
        "SELECT n.value AS x FROM json_each('[' || substr(replace(hex(zeroblob(1200)), '00', ',1'), 2) || ']') AS n",
    ];
    let arguments = [
        &["--format", "csv"][..],
        &["--format", "csv", "--raw-csv"],
        &["--format", "json"],
        &["--format", "ndjson"],
        &["--format", "table"],
    ];
    let ask = || -> Vec<_> {
        let asked = questions.iter().flat_map(|question| arguments.map(|more| [&["sql", question], more].concat()));
        asked.map(|arguments| folder.run(&arguments).good()).collect()
    };
    let alone = ask();
    let server = folder.serve();
    let beside = ask();
    for (alone, beside) in alone.iter().zip(&beside) {
        assert_eq!(alone, beside);
    }
    let wrong = folder.run(&["sql", "SELECT topics FROM instances"]).failed(1);
    assert!(wrong.contains("Did you mean topic"), "{wrong}");
    let log = server.stop();
    assert!(!log.contains("\"ERROR\""), "{log}");
}

#[test]
fn nothing_is_printed_before_a_failure_and_the_failure_says_what_to_do() {
    let folder = Folder::new();
    folder.run(&WORLD);
    for (query, hint) in [
        ("SELECT abs(-9223372036854775808) AS n", "integer overflow"),
        ("SELECT audio_latency FROM qos_minutes", "audio_input_latency_ms"),
        ("SELECT audio_latency FROM qos_minutes", "--schema qos_minutes"),
        ("SELECT * FROM minutes", "qos_minutes"),
        ("SELECT now()", "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"),
        ("SELECT date_trunc('day', start_time) FROM instances", "substr(date_time, 1, 10)"),
        ("SELECT * FROM instances WHERE start_time > now() - interval '7 days'", "'-7 days'"),
        ("SELECT * FROM users WHERE email ILIKE 'a%'", "LIKE"),
    ] {
        let told = folder.run(&["sql", query]).failed(1);
        assert!(told.contains(hint), "{query}: {told}");
    }
}
